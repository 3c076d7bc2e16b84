"""Members and decisions brought in from a table: all the good rows once, or nothing."""

import datetime as dt

import pytest
from django.db import connection

from prevenance.core.refusals import Refused
from prevenance.core.row_security import act_as
from prevenance.domains.accounts.models import Person
from prevenance.domains.governance import jobs
from prevenance.domains.governance.actions.imports import (
    discard_import,
    match_columns,
    run_import,
    start_import,
)
from prevenance.domains.governance.models import Decision, Import, Meeting, Membership, Minutes, MinutesSection
from prevenance.domains.governance.rules import imports as rules
from prevenance.domains.governance.rules.councils import Stale
from tests.factories import (
    CouncilFactory,
    MandateFactory,
    MembershipFactory,
    PersonFactory,
    actor,
    coordinator_of,
    scope_of,
    territory,
)

pytestmark = pytest.mark.django_db

HEADERS = ["Nom", "Prénom", "Fonction", "Structure", "Courriel", "Tél.", "Qualité"]
ANNE = [
    "EXEMPLE",
    "Anne",
    "Directrice de l’accueil",
    "Mission locale d’Ici",
    "anne@exemple.invalid",
    "06 00 00 00 00",
    "Membre de droit",
]
BRUNO = ["Inventé", "Bruno", "Délégué", "Bailleur d’Ici", "bruno@exemple.invalid", "", ""]
WRONG = ["Sans-Adresse", "Chloé", "", "", "", "", "chef"]


@pytest.fixture
def council():
    return CouncilFactory()


@pytest.fixture
def coordinator(council):
    by = coordinator_of(council)
    act_as(by.mandate_id)
    return by


def table(*rows, first=2):
    return [[number, *row] for number, row in enumerate(rows, start=first)]


def brought(council, by, *rows, headers=HEADERS, subject="members"):
    return start_import(council=council, subject=subject, headers=headers, rows=table(*rows), by=by)


def test_good_rows_come_in_and_the_others_stay_aside(council, coordinator):
    draft = brought(council, coordinator, ANNE, BRUNO, WRONG)
    assert [v.outcome for v in rules.verdicts(draft)] == ["add", "add", "bad"]
    assert run_import(draft=draft, consent=2, by=coordinator) == 2
    anne = Membership.objects.select_related("person", "organisation").get(person__email="anne@exemple.invalid")
    assert (anne.person.name, anne.title, anne.quality) == ("Anne EXEMPLE", "Directrice de l’accueil", "of_right")
    assert (anne.organisation.name, anne.organisation.kind) == ("Mission locale d’Ici", "integration")
    assert not anne.person.has_usable_password()
    draft.refresh_from_db()
    assert draft.rows == [[4, *WRONG]]
    assert draft.imported_count == 2


def test_a_bad_row_says_its_line_its_cell_and_what_to_do(council, coordinator):
    verdict = rules.verdicts(brought(council, coordinator, ANNE, BRUNO, WRONG))[2]
    assert verdict.line == 4
    assert [(p.column, p.cell) for p in verdict.problems] == [("Courriel", ""), ("Qualité", "chef")]
    assert "sans elle, aucune convocation" in verdict.problems[0].sentence
    assert "« de droit »" in verdict.problems[1].sentence.replace("\u00a0", " ")


def test_a_second_click_imports_once(council, coordinator):
    draft = brought(council, coordinator, ANNE, BRUNO)
    run_import(draft=draft, consent=2, by=coordinator)
    with pytest.raises(Stale, match="déjà importé"):
        run_import(draft=draft, consent=2, by=coordinator)
    assert Membership.objects.count() == 2


def test_the_same_table_brought_again_changes_nothing(council, coordinator):
    run_import(draft=brought(council, coordinator, ANNE, BRUNO), consent=2, by=coordinator)
    again = brought(council, coordinator, ANNE, BRUNO)
    assert [v.outcome for v in rules.verdicts(again)] == ["same", "same"]
    with pytest.raises(Refused, match="Aucune ligne"):
        run_import(draft=again, consent=0, by=coordinator)


def test_a_known_member_is_updated_and_empty_cells_keep_what_is_there(council, coordinator):
    run_import(draft=brought(council, coordinator, ANNE), consent=1, by=coordinator)
    changed = ["EXEMPLE", "Anne", "Présidente", "", "ANNE@exemple.invalid", "", ""]
    draft = brought(council, coordinator, changed)
    (verdict,) = rules.verdicts(draft)
    assert verdict.outcome == "update"
    assert [note.replace("\u00a0", " ") for note in verdict.notes] == [
        "Fonction : « Directrice de l’accueil » devient « Présidente »"
    ]
    run_import(draft=draft, consent=1, by=coordinator)
    member = Membership.objects.select_related("person", "organisation").get()
    assert (member.title, member.quality, member.person.phone) == ("Présidente", "of_right", "06 00 00 00 00")
    assert member.organisation.name == "Mission locale d’Ici"


def test_nothing_is_half_imported(council, coordinator, monkeypatch):
    from prevenance.domains.governance.actions import imports as module

    real, calls = module.add_member, []

    def failing(**kwargs):
        calls.append(kwargs)
        if len(calls) == 2:
            raise RuntimeError("the connection was cut")
        return real(**kwargs)

    monkeypatch.setattr(module, "add_member", failing)
    draft = brought(council, coordinator, ANNE, BRUNO)
    with pytest.raises(RuntimeError):
        run_import(draft=draft, consent=2, by=coordinator)
    assert not Membership.objects.exists()
    assert not Person.objects.filter(email="anne@exemple.invalid").exists()
    draft.refresh_from_db()
    assert draft.imported_at is None
    assert len(draft.rows) == 2


def test_consent_to_another_number_of_rows_imports_nothing(council, coordinator):
    draft = brought(council, coordinator, ANNE, BRUNO)
    with pytest.raises(Stale, match="changé depuis"):
        run_import(draft=draft, consent=3, by=coordinator)
    assert not Membership.objects.exists()


def test_the_same_address_twice_is_explained(council, coordinator):
    rows = rules.verdicts(brought(council, coordinator, ANNE, [*BRUNO[:4], "anne@exemple.invalid", "", ""]))
    assert [row.outcome for row in rows] == ["add", "bad"]
    assert "ligne 2" in rows[1].problems[0].sentence


def test_a_person_known_elsewhere_is_not_renamed(council, coordinator):
    PersonFactory(email="anne@exemple.invalid", given_name="Anna", family_name="Ailleurs")
    draft = brought(council, coordinator, ANNE)
    assert "Anna Ailleurs" in rules.verdicts(draft)[0].notes[0]
    run_import(draft=draft, consent=1, by=coordinator)
    assert Membership.objects.get().person.name == "Anna Ailleurs"


@pytest.mark.parametrize(
    "heading", ["Né(e) le", "Date de naissance", "Jeune suivi", "MINEUR", "Âge", "Responsables légaux"]
)
def test_a_column_about_persons_helped_is_refused_and_nothing_is_kept(council, coordinator, heading):
    with pytest.raises(Refused, match="personnes accompagnées") as refusal:
        brought(council, coordinator, [*ANNE, "12/03/2010"], headers=[*HEADERS, heading])
    assert heading in refusal.value.reason
    assert not Import.objects.exists()


def test_a_social_security_number_is_refused_whatever_its_heading(council, coordinator):
    with pytest.raises(Refused, match="personnes accompagnées"):
        brought(council, coordinator, [*ANNE, "1 84 12 76 451 089 46"], headers=[*HEADERS, "Réf."])


def test_a_birthday_like_town_or_a_follow_up_column_of_decisions_is_no_alarm(council, coordinator):
    brought(council, coordinator, [*ANNE, "Nérac"], headers=[*HEADERS, "Ville"])
    brought(council, coordinator, ["Ouvrir un local", "en cours"], headers=["Décision", "Suivi"], subject="decisions")
    assert Import.objects.count() == 2


def test_open_decisions_are_numbered_by_year_and_their_text_is_final(council, coordinator):
    MembershipFactory(body=council.bodies.get(), person=PersonFactory(given_name="Anne", family_name="Exemple"))
    headers = ["Décision prise", "Date", "Responsable", "Échéance", "Avancement"]
    draft = brought(
        council, coordinator,
        ["Ouvrir l’accueil du soir", "12/03/2025", "Anne EXEMPLE", "31/12/2026", "en cours"],
        ["Installer l’éclairage", "2025", "Services techniques", "", ""],
        ["Publier la charte", "1er septembre 2026", "", "2027-01-15", "À faire"],
        ["Déjà terminée", "2025", "", "", "fait"],
        headers=headers, subject="decisions",
    )  # fmt: skip
    assert draft.mapping == {"0": "text", "1": "decided_on", "2": "owner", "3": "due_on", "4": "state"}
    assert run_import(draft=draft, consent=3, by=coordinator) == 3
    found = {d.number: d for d in Decision.objects.select_related("owner")}
    assert set(found) == {"2025-01", "2025-02", "2026-01"}
    assert found["2025-01"].owner.name == "Anne Exemple"
    assert found["2025-01"].due_on == dt.date(2026, 12, 31)
    assert found["2025-01"].progress.get().state == "started"
    assert found["2025-02"].owner_label == "Services techniques"
    assert found["2026-01"].minutes_id is None
    draft.refresh_from_db()
    assert "close" in rules.verdicts(draft)[0].problems[0].sentence


def test_a_decision_still_without_number_does_not_stop_the_numbering(council, coordinator):
    when = dt.datetime(2026, 3, 2, 14, tzinfo=dt.UTC)
    meeting = Meeting.objects.create(
        council=council,
        body=council.bodies.get(),
        title="Plénière",
        starts_at=when,
        ends_at=when + dt.timedelta(hours=1),
    )
    minutes = Minutes.objects.create(meeting=meeting, version=1)
    section = MinutesSection.objects.create(minutes=minutes, position=1, title="Bilan")
    Decision.objects.create(council=council, minutes=minutes, section=section, year=2026, text="En projet")
    draft = brought(
        council, coordinator, ["Publier la charte", "1er septembre 2026"], ["Rouvrir la salle", "2026"],
        headers=["Décision", "Date"], subject="decisions",
    )  # fmt: skip
    run_import(draft=draft, consent=2, by=coordinator)
    assert sorted(Decision.objects.exclude(rank=None).values_list("year", "rank")) == [(2026, 1), (2026, 2)]


def test_a_column_may_be_ignored_and_another_named(council, coordinator):
    draft = brought(
        council, coordinator, ["EXEMPLE Anne", "x", "anne@exemple.invalid"], headers=["Qui", "Divers", "Écrire à"]
    )
    assert draft.mapping == {"2": "email"}
    assert rules.missing_columns(draft) == ["Nom"]
    with pytest.raises(Refused, match="quelle colonne"):
        run_import(draft=draft, consent=1, by=coordinator)
    match_columns(draft=draft, mapping={"0": "full_name", "2": "email"}, by=coordinator)
    draft.refresh_from_db()
    assert run_import(draft=draft, consent=1, by=coordinator) == 1
    assert Person.objects.get(email="anne@exemple.invalid").name == "Anne EXEMPLE"


def test_verdicts_cost_the_same_for_ten_times_the_rows(council, coordinator, django_assert_num_queries):
    def rows(count):
        return [["N", "P", "", "", f"p{n}@exemple.invalid", "", ""] for n in range(count)]

    small, large = brought(council, coordinator, *rows(3)), brought(council, coordinator, *rows(40))
    for draft in (small, large):
        with django_assert_num_queries(2):
            rules.verdicts(draft)


def visible_rows():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM governance_import")
        return cursor.fetchone()[0]


def test_the_database_shows_the_table_to_the_holders_of_that_council_only(council, coordinator):
    brought(council, coordinator, ANNE)
    other = CouncilFactory(territory=territory("commune", "42187"))
    loire = scope_of(territory("departement", "42"))
    council.reaches.create(scope=loire)
    expected = {
        coordinator: 1,
        actor("deputy", council.scope): 1,
        actor("mayor", scope_of(council.territory)): 1,
        coordinator_of(other): 0,
        actor("mayor", scope_of(other.territory)): 0,
        actor("group_member", council.scope): 0,
        actor("prefect_office", loire): 0,
        actor("mediator", scope_of(council.territory)): 0,
    }
    assert {who.role: n for who, n in expected.items() if (act_as(who.mandate_id), visible_rows())[1] != n} == {}
    act_as(None)
    assert visible_rows() == 0


def test_an_ended_mandate_sees_nothing(council, coordinator):
    brought(council, coordinator, ANNE)
    ended = MandateFactory(role="deputy", scope=council.scope, valid_to=dt.date(2024, 6, 1))
    act_as(ended.pk)
    assert visible_rows() == 0


def test_another_mandate_cannot_write_into_the_council_by_sql(council, coordinator):
    from django.db import ProgrammingError, transaction

    act_as(coordinator_of(CouncilFactory(territory=territory("commune", "42187"))).mandate_id)
    with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        Import.objects.create(council=council, subject="members", headers=[], rows=[], created_by=coordinator.person)


def test_old_tables_are_erased_and_recent_ones_stay(council, coordinator):
    from django.utils import timezone

    old, recent = brought(council, coordinator, ANNE), brought(council, coordinator, BRUNO)
    Import.objects.filter(pk=old.pk).update(created_at=timezone.now() - dt.timedelta(days=8))
    act_as(None)
    jobs.purge_imports(timestamp=0)
    act_as(coordinator.mandate_id)
    assert list(Import.objects.all()) == [recent]


def test_a_table_is_discarded_by_its_holders(council, coordinator):
    draft = brought(council, coordinator, ANNE)
    discard_import(draft=draft, by=coordinator)
    assert not Import.objects.exists()
    with pytest.raises(Stale, match="n’est plus là"):
        run_import(draft=draft, consent=1, by=coordinator)


def test_the_audit_trail_counts_rows_and_names_nobody(council, coordinator):
    from prevenance.core.models import AuditRow

    run_import(draft=brought(council, coordinator, ANNE, WRONG), consent=1, by=coordinator)
    rows = AuditRow.objects.filter(scope=f"scope:{council.scope_id}").order_by("seq")
    assert [row.action for row in rows] == ["governance.start_import", "governance.add_member", "governance.run_import"]
    assert "xemple" not in " ".join(row.detail for row in rows)
