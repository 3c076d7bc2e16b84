"""A plan kept in a spreadsheet becomes sheets: columns recognised, bad rows explained, nothing half-imported."""

import datetime as dt

import pytest
from django.db import ProgrammingError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from prevenance.core.documents.spreadsheet import read_table
from prevenance.core.refusals import Refused
from prevenance.core.row_security import act_as
from prevenance.domains.accounts.roles import ROLES
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.strategy import jobs
from prevenance.domains.strategy.actions import sheet_imports as actions
from prevenance.domains.strategy.models import Change, Sheet, TableImport
from prevenance.domains.strategy.rules import sheet_imports as rules
from prevenance.domains.strategy.rules.sheets import part
from tests.factories import CouncilFactory, MembershipFactory, PersonFactory, actor, coordinator_of, territory
from tests.factories.strategy import PlanFactory, SheetFactory, in_force

pytestmark = pytest.mark.django_db

HEADERS = ["N°", "Intitulé de l’action", "Constats", "Objectifs", "Pilote", "Partenaires", "Avancement", "Échéance",
           "Mesure SNDPD", "Modalités de mise en œuvre"]  # fmt: skip
GOOD = [2, "1", "Accueil d’été", "Rixes.\nPeu d’offre.", "Occuper l’été.", "L’Étape", "Ville ; CCAS", "Engagée",
        "31/08/2027", "3.1 et 4.2", "- Recruter\n- Ouvrir"]  # fmt: skip


@pytest.fixture
def council():
    return CouncilFactory()


@pytest.fixture
def holder(council):
    holding = coordinator_of(council)
    act_as(holding.mandate_id)
    return holding


@pytest.fixture
def plan(council):
    return PlanFactory(territory=council.territory, scope=council.scope.holder, council=council)


def brought(plan, holder, *rows):
    return actions.start_sheet_import(plan=plan, headers=HEADERS, rows=list(rows), by=holder)


def but(line, **cells):
    """The good row on another line, with other cells by place."""
    row = list(GOOD)
    row[0] = line
    for place, text in cells.items():
        row[int(place[1:])] = text
    return row


def test_usual_headings_are_recognised():
    assert rules.guess(HEADERS) == {
        "1": "title", "2": "problem", "3": "objective", "4": "lead", "5": "partners", "6": "state", "7": "ends",
        "8": "serves", "9": "steps",
    }  # fmt: skip


def test_a_row_becomes_a_sheet_with_its_words_its_steps_and_what_it_serves(plan, holder):
    draft = brought(plan, holder, GOOD)
    assert actions.run_sheet_import(draft=draft, consent=1, by=holder) == 1
    sheet = Sheet.objects.get()
    assert (sheet.title, sheet.state, sheet.ends) == ("Accueil d’été", "under_way", dt.date(2027, 8, 31))
    assert sheet.lead.name == "L’Étape"
    assert {partner.name for partner in sheet.partners.all()} == {"Ville", "CCAS"}
    assert [action.number for action in sheet.serves.all()] == ["3.1", "4.2"]
    assert [step.label for step in sheet.steps.all()] == ["Recruter", "Ouvrir"]
    texts = Change.objects.filter(part=part(1, "problem")).order_by("position")
    assert [change.text for change in texts] == ["Rixes.", "Peu d’offre."]
    draft.refresh_from_db()
    assert (draft.rows, draft.imported_count, draft.left_count) == ([], 1, 0)


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({"_2": ""}, "L’intitulé manque"),
        ({"_2": "x" * 201}, "dépasse 200"),
        ({"_7": "à peu près"}, "État inconnu"),
        ({"_8": "bientôt"}, "n’est pas une date"),
        ({"_9": "99.9"}, "n’est pas une action de la stratégie"),
        ({"_10": "y" * 201}, "une étape par ligne"),
        ({"_3": "Le jeune K. Z. y va"}, "semble désigner"),
    ],
)
def test_a_bad_cell_is_explained_and_keeps_its_row_out(plan, holder, cells, sentence):
    draft = brought(plan, holder, GOOD, but(3, _2="Autre", **cells) if "_2" not in cells else but(3, **cells))
    good, bad = rules.verdicts(draft, holder)
    assert good.good
    assert bad.outcome == "bad"
    assert sentence in bad.problems[0].sentence
    assert actions.run_sheet_import(draft=draft, consent=1, by=holder) == 1
    draft.refresh_from_db()
    assert [row[0] for row in draft.rows] == [3]


def test_a_sheet_already_there_and_a_title_twice(plan, holder):
    SheetFactory(plan=plan, title="ACCUEIL D'ETE")
    draft = brought(plan, holder, GOOD, but(3, _2="Deux"), but(4, _2="deux"))
    same, once, twice = rules.verdicts(draft, holder)
    assert (same.outcome, once.outcome, twice.outcome) == ("same", "add", "bad")
    assert "ligne 3" in twice.problems[0].sentence


def test_somebody_of_the_council_is_recognised(plan, council, holder):
    seated = PersonFactory(given_name="Alix", family_name="L’Inventée")
    MembershipFactory(body=council.bodies.get(), person=seated)
    headers = ["Intitulé", "Référent"]
    rows = [[2, "Un", "L'INVENTEE Alix"], [3, "Deux", "Quelqu’un"]]
    draft = actions.start_sheet_import(plan=plan, headers=headers, rows=rows, by=holder)
    known, unknown = rules.verdicts(draft, holder)
    assert known.values["lead_person"] == seated
    assert unknown.values["lead_person"] is None
    assert "n’est pas connu ici" in unknown.notes[0]


@pytest.mark.parametrize("heading", ["Nom du jeune", "Date de naissance", "Né(e) le"])
def test_a_table_of_persons_helped_is_not_kept(plan, holder, heading):
    with pytest.raises(Refused, match="n’a pas été gardé"):
        actions.start_sheet_import(plan=plan, headers=["Intitulé", heading], rows=[[2, "A", "B"]], by=holder)
    with pytest.raises(Refused, match="n’a pas été gardé"):
        actions.start_sheet_import(
            plan=plan, headers=["Intitulé", "Note"], rows=[[2, "A", "1 85 05 78 006 084 36"]], by=holder
        )
    assert not TableImport.objects.exists()


def test_consent_is_to_a_number_of_rows_and_a_second_click_writes_nothing(plan, holder):
    draft = brought(plan, holder, GOOD)
    with pytest.raises(Stale, match="Relisez"):
        actions.run_sheet_import(draft=draft, consent=2, by=holder)
    assert not Sheet.objects.exists()
    actions.run_sheet_import(draft=draft, consent=1, by=holder)
    with pytest.raises(Stale, match="déjà importé"):
        actions.run_sheet_import(draft=draft, consent=1, by=holder)
    assert Sheet.objects.count() == 1


def test_a_plan_in_force_needs_an_amendment_and_a_stranger_nothing(plan, council, holder):
    stranger = coordinator_of(CouncilFactory(territory=territory("commune", "42187")))
    for one in (stranger, actor("group_member", council.scope)):
        with pytest.raises(Refused):
            brought(plan, one, GOOD)
    draft = brought(plan, holder, GOOD)
    for one in (actor("group_member", council.scope), stranger):
        act_as(one.mandate_id)
        assert not TableImport.objects.exists()
    with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        TableImport.objects.create(plan=plan, subject="sheets", headers=[], rows=[], created_by=holder.person)
    act_as(holder.mandate_id)
    in_force(plan)
    with pytest.raises(Refused, match="ouvrez d’abord un avenant"):
        actions.run_sheet_import(draft=draft, consent=1, by=holder)


def test_the_database_shows_tables_to_the_roles_that_hold_plans():
    with connection.cursor() as cursor:
        cursor.execute("SELECT qual FROM pg_policies WHERE policyname = 'acting_mandate' AND tablename = %s",
                       ["strategy_tableimport"])  # fmt: skip
        (condition,) = cursor.fetchone()
    assert {key for key in ROLES if f"'{key}'" in condition} == {
        key for key, role in ROLES.items() if "hold_plan" in role.abilities
    }


def test_old_tables_are_erased_each_night_and_recent_ones_stay(plan, holder):
    old, recent = brought(plan, holder, GOOD), brought(plan, holder, GOOD)
    TableImport.objects.filter(pk=old.pk).update(created_at=timezone.now() - dt.timedelta(days=8))
    act_as(None)
    jobs.purge_imports(timestamp=0)
    act_as(holder.mandate_id)
    assert list(TableImport.objects.all()) == [recent]


def test_from_a_pasted_table_to_sheets_in_three_screens(plan, holder, sign_in):
    client = sign_in(holder)
    start = reverse("strategy:sheets_import", args=[plan.pk])
    assert client.get(start).status_code == 200
    assert client.post(start, {"pasted": ""}).status_code == 422
    pasted = "Action\tPilote\tAvancement\nL’accueil d’été\tVille\tEn cours\nL’écoute\tVille\tOn verra\n"
    columns = client.post(start, {"pasted": pasted})
    assert columns.status_code == 302
    assert client.post(columns.url, {"column_1": "lead"}).status_code == 422
    chosen = {"column_0": "title", "column_1": "lead", "column_2": "state"}
    preview = client.post(columns.url, chosen)
    page = client.get(preview.url).content.decode().replace("\u00a0", " ")
    assert "État inconnu" in page
    assert "Importer la ligne correcte, laisser les autres" in page
    for _click in range(2):
        assert client.post(preview.url, {"rows": 1}).status_code == 302
    assert Sheet.objects.get().title == "L’accueil d’été"
    left = client.get(reverse("strategy:sheets_import_left", args=[plan.pk, TableImport.objects.get().pk]))
    assert read_table(left.content, "lignes.xlsx").rows[0][0] == "L’écoute"
    discard = reverse("strategy:sheets_import_discard", args=[plan.pk, TableImport.objects.get().pk])
    assert client.get(discard).status_code == 200
    assert client.post(discard).status_code == 302
    assert not TableImport.objects.exists()
