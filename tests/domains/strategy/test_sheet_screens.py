"""Screens of action sheets: what each shows to whom, what is kept when it is refused, what they cost."""

import datetime as dt
import json

import pytest
from django.urls import reverse

from prevenance.domains.strategy.models import (
    Amendment,
    BudgetLine,
    PreventionSession,
    Sheet,
    SheetNote,
    SheetResource,
    SheetSite,
    SheetStep,
    StrategyAction,
)
from prevenance.domains.strategy.rules import sheets as rules
from tests.factories import CouncilFactory, OrganisationFactory, PersonFactory, actor, coordinator_of, territory
from tests.factories.strategy import PlanFactory, SheetFactory, in_force, write

pytestmark = pytest.mark.django_db

TODAY = dt.date.today()
SAVEPOINT = 2  # two queries open and close the request's savepoint in a test


@pytest.fixture
def council():
    return CouncilFactory()


@pytest.fixture
def plan(council):
    draft = PlanFactory(territory=council.territory, scope=council.scope.holder, council=council)
    write(draft, "sheet:1:problem", "L’entrée du collège est bruyante.")
    plan = in_force(draft)
    Amendment.objects.create(plan=plan, number=1, title="Avenant inventé", prepared_by=PersonFactory())
    return plan


@pytest.fixture
def desk(council, sign_in):
    """The browser of the plan's coordination."""
    return sign_in(coordinator_of(council))


@pytest.fixture
def as_stranger(sign_in):
    """The same browser, once another town's coordination has signed in."""
    return lambda: sign_in(coordinator_of(CouncilFactory(territory=territory("commune", "42187"))))


def url(name, plan, *rest):
    return reverse(f"strategy:{name}", args=[plan.pk, *rest])


def text(response):
    return response.content.decode().replace("\u00a0", " ")


def fill(sheet, council, times=1):
    """A sheet with one of each thing, `times` over."""
    for turn in range(times):
        SheetStep.objects.create(
            sheet=sheet, position=turn + 1, label=f"Étape {turn}", due_on=TODAY - dt.timedelta(days=3),
            owner=PersonFactory(),
        )  # fmt: skip
        SheetSite.objects.create(sheet=sheet, territory=council.territory, label=f"L’îlot {turn}", longitude=4.3,
                                 latitude=45.4)  # fmt: skip
        SheetResource.objects.create(sheet=sheet, kind="human", label=f"Médiateur {turn}", quantity="1.5")
        SheetResource.objects.create(sheet=sheet, kind="technology", label=f"Caméra {turn}")
        BudgetLine.objects.create(sheet=sheet, year=2026, side="expense", label=f"Salaire {turn}", planned=1200)
        BudgetLine.objects.create(sheet=sheet, year=2026, side="income", label=f"FIPD {turn}", planned=1000, actual=900)
        PreventionSession.objects.create(
            sheet=sheet, held_on=TODAY, setting="school", theme="citizenship", age_band="6-11", attended=12,
            recorded_by=PersonFactory(),
        )  # fmt: skip
        SheetNote.objects.create(sheet=sheet, text=f"Note {turn}", by=PersonFactory())
        sheet.partners.add(OrganisationFactory())
        sheet.serves.add(StrategyAction.objects.order_by("rank")[turn])


@pytest.mark.parametrize("name", ["sheets", "sheets_board", "sheets_calendar", "sheets_timeline", "sessions"])
def test_each_way_of_looking_shows_the_sheets_at_a_constant_cost(
    name, plan, council, desk, as_stranger, django_assert_max_num_queries
):
    fill(SheetFactory(plan=plan, title="L’accueil d’été", ends=TODAY), council)
    page = text(desk.get(url(name, plan)))
    assert "L’accueil d’été" in page
    with django_assert_max_num_queries(12 + SAVEPOINT) as few:
        desk.get(url(name, plan))
    for _turn in range(19):
        fill(SheetFactory(plan=plan, ends=TODAY), council)
    with django_assert_max_num_queries(len(few)):
        desk.get(url(name, plan))
    assert as_stranger().get(url(name, plan)).status_code == 404


def test_a_sheets_page_says_everything_in_twelve_queries(plan, council, desk, django_assert_max_num_queries):
    sheet = SheetFactory(plan=plan, title="L’accueil d’été", lead=OrganisationFactory(name="L’Étoile"))
    fill(sheet, council)
    page = text(desk.get(url("sheet", plan, 1)))
    for said in ("L’entrée du collège est bruyante.", "Étape 0", "En retard", "Présence humaine", "Technologie",
                 "1 200,00", "-200,00", "L’îlot 0", "Note 0", "12 présents", "L’Étoile", "demandée à"):  # fmt: skip
        assert said in page, said
    with django_assert_max_num_queries(12 + SAVEPOINT) as few:
        desk.get(url("sheet", plan, 1))
    fill(sheet, council, 20)
    with django_assert_max_num_queries(len(few)):
        desk.get(url("sheet", plan, 1))


def test_who_reads_sees_no_button(plan, council, sign_in):
    sheet = SheetFactory(plan=plan)
    fill(sheet, council)
    page = text(sign_in(actor("group_member", council.scope)).get(url("sheet", plan, 1)))
    assert "Étape 0" in page
    for word in ("C’est fait", "Ajouter une étape", "Modifier", "Retirer la fiche"):
        assert word not in page


def test_the_list_narrows_and_leaves_as_a_file(plan, council, desk):
    lead = OrganisationFactory(name="Mission locale")
    served = SheetFactory(plan=plan, title="Servie", lead=lead, state="under_way")
    served.serves.set(StrategyAction.objects.filter(number__in=["3.1", "3.2"]))
    SheetFactory(plan=plan, title="Passée", ends=TODAY - dt.timedelta(days=1))
    measure = StrategyAction.objects.get(number="3.1").measure_id
    for query, shown, hidden in (
        (f"measure={measure}", "Servie", "Passée"), (f"lead={lead.pk}", "Servie", "Passée"),
        ("late=on", "Passée", "Servie"), ("state=under_way", "Servie", "Passée"), ("q=PASSEE", "Passée", "Servie"),
    ):  # fmt: skip
        page = text(desk.get(url("sheets", plan) + "?" + query))
        assert f". {shown}" in page, query
        assert f". {hidden}" not in page, query
    assert "Aucune fiche ne répond" in text(desk.get(url("sheets", plan) + "?q=introuvable"))
    for format in ("csv", "xlsx", "ods"):
        assert desk.get(url("sheets", plan) + f"?format={format}").status_code == 200
    assert "Servie" in desk.get(url("sheets", plan) + "?format=csv&state=under_way").content.decode()


def test_a_sheet_is_added_and_edited_and_keeps_what_was_typed(plan, desk, as_stranger):
    add = url("sheet_add", plan)
    page = text(desk.get(add))
    assert "Actions de la stratégie servies" in page
    action = StrategyAction.objects.get(number="4.1")
    values = {
        "title": "Ateliers d’écoute", "problem": "Peu d’écoute.", "objective": "Écouter.", "serves": [action.pk],
        "partners": "Foyer de l’Étang\nfoyer de l'etang", "begins": "2026-09-01", "ends": "2026-08-01",
    }  # fmt: skip
    refused = desk.post(add, values)
    assert refused.status_code == 422
    assert "Ateliers d’écoute" in text(refused)
    assert "avant d’avoir commencé" in text(refused)
    key = desk.get(add).context["form"]["key"].value()
    good = values | {"ends": "2027-06-30", "key": key, "expected_girls": "12", "expected_boys": "0"}
    for _click in range(2):
        assert desk.post(add, good).status_code == 302
    sheet = Sheet.objects.get()
    assert sheet.expected == 12
    assert [partner.name for partner in sheet.partners.all()] == ["foyer de l'etang"]
    edit = url("sheet_edit", plan, sheet.number)
    form = desk.get(edit).context["form"]
    assert form["problem"].value() == "Peu d’écoute."
    assert desk.post(edit, good | {"title": "Autre", "seen": sheet.edit}).status_code == 302
    stale = desk.post(edit, good | {"title": "Troisième", "seen": sheet.edit})
    assert stale.status_code == 409
    assert "Troisième" in text(stale)
    again = stale.context["form"]["seen"].value()
    assert desk.post(edit, good | {"title": "Troisième", "seen": again}).status_code == 302
    assert as_stranger().get(edit).status_code == 404


def test_a_sheet_in_force_no_longer_asks_its_texts(plan, desk):
    SheetFactory(plan=plan)
    page = text(desk.get(url("sheet_edit", plan, 1)))
    assert "un avenant les change" in page
    assert 'name="problem"' not in page


def test_without_an_amendment_the_button_is_not_there_and_says_why(plan, desk):
    plan.amendments.filter(number=1).delete()
    page = text(desk.get(url("sheets", plan)))
    assert "ouvrez d’abord un avenant" in page
    assert url("sheet_add", plan) not in page
    assert desk.get(url("sheet_add", plan)).status_code == 403


PARTS = {
    "step": (SheetStep, {"label": "L’ouverture", "due_on": "2026-12-01"}, {"label": ""}),
    "site": (SheetSite, {"territory": "Saint-Étienne (commune 42218)", "label": "L’Étang", "latitude": "45,4",
                         "longitude": "4,4"}, {"latitude": "45,4", "longitude": ""}),
    "resource": (SheetResource, {"kind": "human", "label": "L’éducateur", "quantity": "1,5"}, {"label": ""}),
    "line": (BudgetLine, {"year": "2026", "side": "income", "label": "L’État", "planned": "1200,50"},
             {"planned": "-1"}),
    "session": (PreventionSession, {"held_on": "2026-03-04", "setting": "school", "theme": "drugs",
                                    "age_band": "12-15", "girls": "12", "boys": "0"},
                {"held_on": "2199-01-01"}),
}  # fmt: skip


@pytest.mark.parametrize("kind", PARTS)
def test_each_line_is_added_edited_and_removed(kind, plan, desk, as_stranger):
    SheetFactory(plan=plan)
    model, good, wrong = PARTS[kind]
    if kind == "site":
        good = good | {"territory": plan.territory.choice}
    add = url(f"{kind}_add", plan, 1)
    assert desk.get(add).status_code == 200
    refused = desk.post(add, good | wrong)
    assert refused.status_code == 422, text(refused)
    for _click in range(2):
        assert desk.post(add, good).status_code == 302
    piece = model.objects.get()
    edit = url(f"{kind}_edit", plan, 1, piece.pk)
    form = desk.get(edit).context["form"]
    seen = form["seen"].value()
    assert desk.post(edit, good | {"seen": seen}).status_code == 302
    assert desk.post(edit, good | {"seen": seen}).status_code == 409
    remove = url(f"{kind}_remove", plan, 1, piece.pk)
    assert "sans retour" in text(desk.get(remove))
    for _click in range(2):
        assert desk.post(remove).status_code == 302
    assert not model.objects.exists()
    assert as_stranger().post(remove).status_code == 404


def test_a_session_counts_and_refuses_what_does_not_add_up(plan, desk):
    SheetFactory(plan=plan)
    _model, good, _wrong = PARTS["session"]
    add = url("session_add", plan, 1)
    refused = desk.post(add, good | {"girls": "12", "boys": "10", "attended": "20"})
    assert "plus petit que ses parties" in text(refused)
    assert desk.post(add, good | {"girls": "", "boys": ""}).status_code == 422
    assert desk.post(add, good | {"boys": "8", "attended": "30"}).status_code == 422
    desk.post(add, good | {"boys": "", "attended": "30", "peers": "2"})
    session = PreventionSession.objects.get()
    assert (session.girls, session.boys, session.attended, session.peers) == (12, None, 30, 2)
    page = text(desk.get(url("sessions", plan) + "?peers=on"))
    assert "2 pairs formés" in page
    assert desk.get(url("sessions", plan) + "?format=ods").status_code == 200


def test_steps_are_done_once_reordered_and_reopened(plan, desk):
    sheet = SheetFactory(plan=plan)
    first, second = (SheetStep.objects.create(sheet=sheet, position=n, label=f"Étape {n}") for n in (1, 2))
    finish = url("step_finish", plan, 1, first.pk)
    desk.post(finish)
    assert "déjà faite" in text(desk.post(finish, follow=True))
    desk.post(url("step_reopen", plan, 1, first.pk))
    first.refresh_from_db()
    assert first.done_on is None
    desk.post(url("step_move", plan, 1, second.pk), {"sense": "up"})
    assert [step.label for step in sheet.steps.all()] == ["Étape 2", "Étape 1"]
    assert "déjà à cette place" in text(desk.post(url("step_move", plan, 1, second.pk), {"sense": "up"}, follow=True))


def test_a_site_is_in_the_plans_territory(plan, desk):
    SheetFactory(plan=plan)
    elsewhere = territory("commune", "69123").choice
    refused = desk.post(url("site_add", plan, 1), {"territory": elsewhere})
    assert refused.status_code == 422
    assert "du territoire du plan" in text(refused)


def test_the_map_holds_outlines_and_points(plan, council, desk, as_stranger):
    sheet = SheetFactory(plan=plan)
    site = SheetSite.objects.create(sheet=sheet, territory=council.territory, longitude=4.3, latitude=45.4)
    features = json.loads(desk.get(url("sheet_map", plan, 1)).content)["features"]
    points = [feature for feature in features if feature["geometry"]["type"] == "Point"]
    assert [point["properties"]["c"] for point in points] == [str(site.pk)]
    assert as_stranger().get(url("sheet_map", plan, 1)).status_code == 404


def test_a_move_asks_its_reason_and_keeps_it(plan, desk):
    SheetFactory(plan=plan, state="under_way")
    move = url("sheet_move", plan, 1)
    assert "Motif" in text(desk.get(move + "?state=paused&back=board"))
    refused = desk.post(move, {"state": "paused", "back": "board"})
    assert refused.status_code == 422
    done = desk.post(move, {"state": "paused", "reason": "L’été", "back": "board"})
    assert done.url == url("sheets_board", plan)
    assert "a changé d’état" in text(desk.post(move, {"state": "paused", "reason": "L’été"}, follow=True))


def test_a_note_is_typed_on_the_page_and_stays_when_refused(plan, desk):
    SheetFactory(plan=plan)
    add = url("note_add", plan, 1)
    assert desk.post(add, {"text": ""}).status_code == 422
    refused = desk.post(add, {"text": "chez K. Z. hier"})
    assert refused.status_code == 422
    assert "chez K. Z. hier" in text(refused)
    for _click in range(2):
        assert desk.post(add, {"text": "L’atelier a ouvert."}).status_code == 302
    assert SheetNote.objects.count() == 1


def test_withdrawing_asks_once_and_can_be_taken_back(plan, desk):
    SheetFactory(plan=plan)
    withdraw = url("sheet_withdraw", plan, 1)
    assert "quand l’avenant prendra effet" in text(desk.get(withdraw))
    for _click in range(2):
        assert desk.post(withdraw).status_code == 302
    assert "la retire du plan" in text(desk.get(url("sheet", plan, 1)))
    for _click in range(2):
        assert desk.post(url("sheet_keep", plan, 1)).status_code == 302
    assert Sheet.objects.get().withdrawn_by is None


def test_dates_are_previewed_then_shifted_once(plan, desk, as_stranger):
    sheet = SheetFactory(plan=plan, ends=dt.date(2026, 11, 30), title="L’été")
    shift = url("sheets_shift", plan)
    assert desk.get(shift + "?days=0").status_code == 422
    asked = f"{shift}?days=31&sheets={sheet.pk}"
    assert "31/12/2026" in text(desk.get(asked))
    refused = desk.post(asked, {"seen": rules.stamp([sheet])})
    assert refused.status_code == 422
    good = {"seen": rules.stamp([sheet]), "reason": "L’appel d’offres a glissé"}
    assert desk.post(asked, good).status_code == 302
    second = desk.post(asked, good)
    assert second.status_code == 409
    assert "L’appel d’offres a glissé" in text(second)
    sheet.refresh_from_db()
    assert sheet.ends == dt.date(2026, 12, 31)
    assert as_stranger().get(shift).status_code == 404


def test_documents_of_the_council_are_joined(plan, council, desk):
    from django.core.files.uploadedfile import SimpleUploadedFile

    SheetFactory(plan=plan)
    documents = url("sheet_documents", plan, 1)
    file = SimpleUploadedFile("l’évaluation.pdf", b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF")
    assert desk.post(documents, {"file": file}).status_code == 302
    assert "évaluation.pdf" in text(desk.get(url("sheet", plan, 1)))
    assert desk.post(documents, {"documents": []}).status_code == 302
    assert not Sheet.objects.get().documents.exists()


def test_months_and_addresses_that_mean_nothing_show_today(plan, desk):
    for month in ("", "2026-13", "x", "0001-01", "2026-02"):
        assert desk.get(url("sheets_calendar", plan) + f"?mois={month}").status_code == 200


def test_my_sheets_are_those_that_i_follow_or_was_asked_for(plan, council, sign_in, django_assert_max_num_queries):
    me = actor("group_member", council.scope)
    followed = SheetFactory(plan=plan, title="L’accueil", lead_person=me.person)
    other = SheetFactory(plan=plan, title="L’autre")
    SheetStep.objects.create(sheet=other, position=1, label="L’étape à moi", owner=me.person, due_on=TODAY)
    SheetFactory(plan=plan, title="Sans lien")
    desk = sign_in(me)
    page = text(desk.get(reverse("strategy:my_sheets")))
    assert followed.title in page
    assert "L’étape à moi" in page
    assert "Sans lien" not in page
    with django_assert_max_num_queries(12 + SAVEPOINT):
        desk.get(reverse("strategy:my_sheets"))
    nobody = sign_in(actor("evaluator", council.scope.holder))
    assert "Aucune fiche ne vous attend" in text(nobody.get(reverse("strategy:my_sheets")))
