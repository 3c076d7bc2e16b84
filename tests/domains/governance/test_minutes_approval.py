"""Approval locks: by rule, and by the database itself as the application role. Corrections are new versions."""

import io

import pypdf
import pytest
from django.db import DatabaseError, connection, transaction

from prevenance.core.refusals import Refused, reason
from prevenance.domains.governance.actions import attendance, decisions
from prevenance.domains.governance.actions import minutes as actions
from prevenance.domains.governance.models import Decision, Meeting
from prevenance.domains.governance.rules import minutes as rules
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.governance.rules.meetings import Changed
from tests.domains.governance.council_that_meets import CouncilThatMeets
from tests.factories import actor, coordinator_of, scope_of, territory

pytestmark = pytest.mark.django_db


LOCKED = [
    "UPDATE governance_minutes SET opening = 'autre' WHERE id = %(minutes)s",
    "UPDATE governance_minutes SET approved_at = NULL, approved_by_id = NULL WHERE id = %(minutes)s",
    "UPDATE governance_minutes SET attendance = 'autre' WHERE id = %(minutes)s",
    "DELETE FROM governance_minutes WHERE id = %(minutes)s",
    "UPDATE governance_minutessection SET text = 'autre' WHERE minutes_id = %(minutes)s",
    "UPDATE governance_minutessection SET title = 'autre' WHERE minutes_id = %(minutes)s",
    "DELETE FROM governance_minutessection WHERE minutes_id = %(minutes)s",
    "INSERT INTO governance_minutessection (minutes_id, position, title, text, edit)"
    " VALUES (%(minutes)s, 9, 'x', '', 1)",
    "UPDATE governance_decision SET text = 'autre' WHERE id = %(decision)s",
    "UPDATE governance_decision SET due_on = NULL WHERE id = %(decision)s",
    "UPDATE governance_decision SET owner_id = NULL WHERE id = %(decision)s",
    "UPDATE governance_decision SET rank = 99 WHERE id = %(decision)s",
    "UPDATE governance_decision SET minutes_id = NULL WHERE id = %(decision)s",
    "DELETE FROM governance_decision WHERE id = %(decision)s",
    "UPDATE governance_decision SET minutes_id = %(minutes)s, section_id = NULL WHERE id = %(drafted)s",
    "UPDATE governance_decision SET minutes_id = NULL, rank = 99 WHERE id = %(drafted)s",
    "UPDATE governance_minutes SET meeting_id = %(meeting)s, version = 9 WHERE id = %(draft)s",
    "UPDATE governance_meeting SET starts_at = starts_at - interval '1 day' WHERE id = %(meeting)s",
    "UPDATE governance_meeting SET title = 'autre' WHERE id = %(meeting)s",
    "UPDATE governance_meeting SET state = 'held' WHERE id = %(meeting)s",
    "UPDATE governance_decisionprogress SET note = 'autre' WHERE decision_id = %(decision)s",
    "DELETE FROM governance_decisionprogress WHERE decision_id = %(decision)s",
    "TRUNCATE governance_decisionprogress",
    "ALTER TABLE governance_minutes DISABLE TRIGGER governance_minutes_locked",
]


@pytest.mark.parametrize("sql", LOCKED)
def test_the_application_role_cannot_change_what_is_approved(sql):
    ours = CouncilThatMeets()
    minutes = ours.approved()
    decision = minutes.decisions.get()
    decisions.record_progress(decision=decision, state="started", note="Commencé.", by=ours.coordinator)
    draft = ours.written()
    ids = {"minutes": minutes.pk, "decision": decision.pk, "meeting": minutes.meeting_id, "draft": draft.pk}
    ids["drafted"] = draft.decisions.get().pk
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        role = cursor.fetchone()[0]
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = %s", [role])
        assert cursor.fetchone()[0] is False
    with (
        pytest.raises(DatabaseError, match=r"cannot change|append-only|permission denied|must be owner"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql, ids)


def test_before_approval_the_same_statements_pass():
    minutes = CouncilThatMeets().written()
    ids = {"minutes": minutes.pk, "decision": minutes.decisions.get().pk, "meeting": minutes.meeting_id}
    for sql in LOCKED[:6] + LOCKED[8:11]:
        if "approved_at" in sql or sql.startswith("DELETE"):
            continue
        with connection.cursor() as cursor:
            cursor.execute(sql, ids)
            assert cursor.rowcount, sql


def test_progress_is_the_only_thing_that_moves_once_approved():
    ours = CouncilThatMeets()
    decision = ours.approved().decisions.get()
    decisions.record_progress(decision=decision, state="done", note="", by=ours.coordinator)
    decision.refresh_from_db()
    assert decision.state == "done"


# ------------------------------------------------------------------------------------------- who, and when


@pytest.mark.parametrize("role", ["coordinator", "deputy"])
def test_those_who_write_do_not_approve(role):
    ours = CouncilThatMeets()
    minutes = ours.written()
    with pytest.raises(Refused) as refused:
        actions.approve(minutes=minutes, seen=rules.digest(minutes), by=actor(role, ours.council.scope))
    assert refused.value.reason == "Seule la présidence de ce conseil approuve ses comptes rendus."


def test_a_mayor_of_elsewhere_or_a_president_above_does_not_approve():
    ours = CouncilThatMeets(surroundings=[scope_of(territory("epci", "244200770"))])
    minutes = ours.written()
    for who in (
        actor("mayor", scope_of(territory("commune", "42187"))),
        actor("epci_president", scope_of(territory("epci", "244200770"))),
    ):
        assert (
            reason(rules.check_can_approve, minutes, who)
            == "Seule la présidence de ce conseil approuve ses comptes rendus."
        )


def test_the_president_of_the_epci_approves_the_minutes_of_the_cispd():
    where = territory("epci", "244200770")
    ours = CouncilThatMeets(kind="CISPD", territory=where)
    minutes = ours.written()
    actions.approve(minutes=minutes, seen=rules.digest(minutes), by=actor("epci_president", scope_of(where)))
    minutes.meeting.refresh_from_db()
    assert minutes.meeting.state == Meeting.State.APPROVED


def test_what_is_missing_is_said_one_thing_at_a_time():
    ours = CouncilThatMeets()
    meeting = ours.held()
    meeting.attendances.update(presence="", marked_by=None)
    minutes = actions.start_minutes(meeting=meeting, by=ours.coordinator)
    assert (
        rules.incomplete(minutes) == "Aucune présence n’est pointée\u00a0: pointez les présences avant l’approbation."
    )
    attendance.mark(attendance=meeting.attendances.first(), presence="present", by=ours.coordinator)
    assert rules.incomplete(minutes) == "Le compte rendu est vide\u00a0: écrivez-le avant l’approbation."
    actions.save_texts(minutes=minutes, texts={"opening": (1, "Ouverte.")}, by=ours.coordinator)
    minutes.refresh_from_db()
    assert rules.incomplete(minutes) == ""
    decisions.add_decision(section=minutes.sections.first(), text="Sans personne.", by=ours.coordinator)
    assert rules.incomplete(minutes).startswith("Une décision n’a pas de responsable ou pas d’échéance")


def test_what_was_not_read_is_not_approved(sign_in):
    ours = CouncilThatMeets()
    minutes = ours.written()
    client = sign_in(ours.mayor)
    seen = client.get(f"/conseils/comptes-rendus/{minutes.pk}/").context["seen"]
    actions.save_texts(
        minutes=minutes, texts={"closing": (minutes.edit, "Ajout de dernière minute.")}, by=ours.coordinator
    )
    page = client.post(f"/conseils/comptes-rendus/{minutes.pk}/approuver/", {"seen": seen}, follow=True)
    assert "relisez-le avant d’approuver" in page.content.decode()
    minutes.refresh_from_db()
    assert minutes.approved_at is None
    with pytest.raises(Changed):
        actions.approve(minutes=minutes, seen="", by=ours.mayor)


def test_approving_twice_is_stale():
    ours = CouncilThatMeets()
    minutes = ours.approved()
    with pytest.raises(Stale):
        actions.approve(minutes=minutes, seen=rules.digest(minutes), by=ours.mayor)


def test_attendance_is_frozen_with_the_text():
    ours = CouncilThatMeets()
    minutes = ours.approved()
    assert minutes.attendance.startswith("Présents (3)\u00a0: ")
    assert ours.person(2).name in minutes.attendance


# ----------------------------------------------------------------------------------------------- numbering


def test_decisions_are_numbered_by_council_and_year_without_a_hole():
    ours = CouncilThatMeets()
    minutes = ours.written()
    section = minutes.sections.last()
    owner = {"owner": ours.person(1), "due_on": minutes.decisions.get().due_on, "by": ours.coordinator}
    dropped = decisions.add_decision(section=section, text="Retirée du projet.", **owner)
    decisions.add_decision(section=section, text="Gardée.", **owner)
    assert dropped.number == "numéro à l’approbation"
    decisions.remove_decision(decision=dropped, by=ours.coordinator)
    actions.approve(minutes=minutes, seen=rules.digest(minutes), by=ours.mayor)
    again = ours.approved()
    year = again.meeting.starts_at.year
    numbers = [d.number for d in Decision.objects.filter(council=ours.council).order_by("rank")]
    assert numbers == [f"{year}-01", f"{year}-02", f"{year}-03"]
    other = CouncilThatMeets(territory=territory("commune", "42187"))
    assert other.approved().decisions.get().number == f"{year}-01"


def test_numbering_waits_for_the_councils_row(django_assert_num_queries):
    ours = CouncilThatMeets()
    minutes = ours.written()
    seen = rules.digest(minutes)
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        actions.approve(minutes=minutes, seen=seen, by=ours.mayor)
    locks = [q["sql"] for q in queries if "FOR UPDATE" in q["sql"]]
    assert 'FROM "governance_council"' in locks[0]


# --------------------------------------------------------------------------------------------- corrections


def corrected(ours, minutes, **texts):
    version = actions.correct(minutes=minutes, reason="Nom mal écrit.", by=ours.coordinator)
    for name, text in texts.items():
        version.refresh_from_db()
        actions.save_texts(minutes=version, texts={name: (version.edit, text)}, by=ours.coordinator)
    version.refresh_from_db()
    return version


def test_a_correction_is_a_new_version_and_the_earlier_one_stays(sign_in):
    ours = CouncilThatMeets()
    first = ours.approved()
    second = corrected(ours, first, opening="La séance est ouverte à dix heures.")
    assert [s.text for s in second.sections.all()] == [s.text for s in first.sections.all()]
    actions.approve(minutes=second, seen=rules.digest(second), by=ours.mayor)
    page = sign_in(ours.mayor).get(f"/conseils/comptes-rendus/{first.pk}/").content.decode()
    assert "Une version plus récente existe" in page
    assert "La séance est ouverte." in page
    assert f"/conseils/comptes-rendus/{second.pk}/" in page
    page = sign_in(ours.mayor).get(f"/conseils/comptes-rendus/{second.pk}/").content.decode()
    assert "Nom mal écrit." in page
    assert "Éclairer le passage inventé." in page, "decisions of the first version stay in the second"


def test_the_pdf_of_each_version_says_what_that_version_says(sign_in):
    ours = CouncilThatMeets()
    first = ours.approved()
    second = corrected(ours, first, opening="Ouverte à dix heures.")
    actions.approve(minutes=second, seen=rules.digest(second), by=ours.mayor)
    client = sign_in(actor("group_member", ours.council.scope))

    def text(minutes):
        response = client.get(f"/conseils/comptes-rendus/{minutes.pk}/compte-rendu.pdf")
        assert response["Content-Type"] == "application/pdf"
        document = pypdf.PdfReader(io.BytesIO(response.content))
        assert document.trailer["/Root"]["/MarkInfo"]["/Marked"]
        assert document.trailer["/Root"]["/Lang"] == "fr"
        return " ".join(" ".join(page.extract_text() for page in document.pages).split())

    assert "La séance est ouverte." in text(first)
    assert "Motif : Nom mal écrit." in text(second).replace("\u00a0", " ")
    assert "Ouverte à dix heures." in text(second)
    assert "Éclairer le passage inventé." in text(second)
    assert "Présents (3)" in text(second)


def test_one_correction_at_a_time_from_the_last_version():
    ours = CouncilThatMeets()
    first = ours.approved()
    second = corrected(ours, first)
    with pytest.raises(Stale):
        actions.correct(minutes=first, reason="Encore.", by=ours.coordinator)
    actions.approve(minutes=second, seen=rules.digest(second), by=ours.mayor)
    assert reason(rules.check_can_correct, first, ours.coordinator).startswith("Une version plus récente existe")


def test_a_correction_without_a_reason_is_refused():
    ours = CouncilThatMeets()
    with pytest.raises(Refused):
        actions.correct(minutes=ours.approved(), reason="  ", by=ours.coordinator)


def test_a_correction_begun_may_be_given_up_but_not_the_first_minutes():
    ours = CouncilThatMeets()
    first = ours.approved()
    second = corrected(ours, first)
    decisions.add_decision(section=second.sections.first(), text="De trop.", by=ours.coordinator)
    actions.discard_correction(minutes=second, by=ours.coordinator)
    assert list(first.meeting.minutes.all()) == [first]
    draft = ours.written()
    assert reason(rules.check_can_discard, draft, ours.coordinator)


def test_a_rectified_decision_ends_the_earlier_one_whose_text_stays(sign_in):
    ours = CouncilThatMeets()
    first = ours.approved()
    old = first.decisions.get()
    second = corrected(ours, first)
    client = sign_in(ours.coordinator)
    section = second.sections.first()
    address = f"/conseils/comptes-rendus/{second.pk}/parties/{section.pk}/decider/?rectifie={old.pk}"
    assert old.text in client.get(address).content.decode()
    client.post(
        address,
        {
            "text": "Éclairer les deux passages.",
            "owner": ours.person(0).pk,
            "due_on": old.due_on.isoformat(),
            "replaces": old.pk,
        },
    )
    actions.approve(minutes=second, seen=rules.digest(second), by=ours.mayor)
    new = second.decisions.get()
    old.refresh_from_db()
    assert (old.state, old.text) == ("dropped", "Éclairer le passage inventé.")
    assert old.progress.get().note == f"Rectifiée par la décision {new.number}."
    page = client.get(f"/conseils/comptes-rendus/{second.pk}/").content.decode()
    assert "Éclairer les deux passages." in page
    assert "Éclairer le passage inventé." not in page
    assert (
        f"Elle est rectifiée par\u00a0: {new.number}" in client.get(f"/conseils/decisions/{old.pk}/").content.decode()
    )


def test_a_member_reads_approved_minutes_and_no_correction_in_progress(sign_in):
    ours = CouncilThatMeets()
    first = ours.approved()
    second = corrected(ours, first)
    client = sign_in(actor("group_member", ours.council.scope))
    assert client.get(f"/conseils/comptes-rendus/{first.pk}/").status_code == 200
    assert client.get(f"/conseils/comptes-rendus/{second.pk}/").status_code == 404
    stranger = sign_in(coordinator_of(CouncilThatMeets(territory=territory("commune", "42187")).council))
    assert stranger.get(f"/conseils/comptes-rendus/{first.pk}/").status_code == 404
