"""Where what a nominative group may do ends: with its text, and never in a document that the council reads."""

import datetime as dt

import pytest
from django.core import mail
from django.db import ProgrammingError, transaction
from django.utils import timezone

from prevenance.core.refusals import Refused
from prevenance.core.row_security import act_as
from prevenance.domains.governance.actions import agenda, bodies, convocations, meetings
from prevenance.domains.governance.actions.uploads import share_upload
from prevenance.domains.governance.models import AgendaItem, ExchangeText, Upload
from tests.domains.governance.jobs import run_jobs
from tests.factories import CouncilFactory, MembershipFactory, actor, coordinator_of, scope_of, territory
from tests.house.test_no_names import NominativeGroup

pytestmark = pytest.mark.django_db


@pytest.fixture
def ours():
    return NominativeGroup()


def test_a_text_that_ends_by_date_stops_the_bodies_it_had_opened(ours, as_owner):
    meeting = ours.prepared()
    spoken = agenda.add_item(meeting=meeting, kind="debate", title="", file_number="2026-014", by=ours.coordinator)
    yesterday, texts = timezone.localdate() - dt.timedelta(days=1), ExchangeText.objects.all()
    before = list(texts.values_list("pk", "valid_to"))
    as_owner.execute("UPDATE governance_exchangetext SET valid_to = %s", [yesterday])
    as_owner.commit()  # the owner's own transaction: put back at the end
    try:
        with pytest.raises(Refused, match="n’est plus en vigueur"):
            agenda.add_item(meeting=meeting, kind="debate", title="", file_number="2026-015", by=ours.coordinator)
        with pytest.raises(ProgrammingError, match="no file is spoken of"), transaction.atomic():
            AgendaItem.objects.create(meeting=meeting, position=9, title="x", file_number="2026-015")
        with pytest.raises(ProgrammingError, match="no file is spoken of"), transaction.atomic():
            AgendaItem.objects.filter(pk=spoken.pk).update(file_number="2026-016")
        agenda.move_item(item=spoken, up=True, by=ours.coordinator)  # what is there keeps its number
        spoken.refresh_from_db()
        assert spoken.file_number == "2026-014"
    finally:
        for pk, end in before:
            as_owner.execute("UPDATE governance_exchangetext SET valid_to = %s WHERE id = %s", [end, pk])
        as_owner.commit()


def test_a_document_joined_before_the_exchange_opened_is_not_shared_with_the_council(ours):
    """Joined while the group spoke of nobody; convened once it does, or did: the plenary must not read it."""
    group = bodies.open_body(council=ours.council, described=bodies.Described("Autre groupe"), by=ours.coordinator)
    MembershipFactory(body=group)
    paper = Upload.objects.create(
        council=ours.council, name="note.pdf", content_type="application/pdf", size=8, sha256="0" * 64,
        added_by=ours.coordinator.person,
    )  # fmt: skip
    start = timezone.now() + dt.timedelta(days=5)
    meeting = meetings.create_meeting(
        body=group, title="Réunion", starts_at=start, ends_at=start + dt.timedelta(hours=1), place="Salle",
        by=ours.coordinator,
    )  # fmt: skip
    agenda.add_item(meeting=meeting, kind="debate", title="Point", documents=[paper], by=ours.coordinator)
    bodies.open_exchange(body=group, by=ours.mayor)
    convocations.convene(meeting=meeting, by=ours.coordinator)
    convocations.notify_changes(meeting=meeting, by=ours.coordinator)
    paper.refresh_from_db()
    assert not paper.shared
    assert not Upload.objects.visible_to(ours.council_member()).filter(pk=paper.pk).exists()
    with pytest.raises(Refused, match="il y reste"):
        share_upload(upload=paper, shared=True, by=ours.coordinator)
    bodies.close_exchange(body=group, by=ours.mayor)
    with pytest.raises(Refused, match="Aucun document ne se joint"):
        agenda.add_item(meeting=meeting, kind="debate", title="Autre", documents=[paper], by=ours.coordinator)


def seen_by(who, item):
    """Whether the database shows a point to a mandate, whatever our own code would ask."""
    act_as(who.mandate_id if who else None)
    return AgendaItem.objects.filter(pk=item.pk).exists()


def test_the_database_itself_hides_a_point_about_a_file(ours):
    meeting = ours.prepared()
    spoken = agenda.add_item(meeting=meeting, kind="debate", title="", file_number="2026-014", by=ours.coordinator)
    plain = meeting.items.filter(file_number="").first()
    convocations.convene(meeting=meeting, by=ours.coordinator)
    office = actor("prefect_office", scope_of(territory("departement", "42")))
    elsewhere = coordinator_of(CouncilFactory(territory=territory("commune", "42187")))
    member = ours.member()
    for who in (ours.coordinator, ours.mayor, member):
        assert seen_by(who, spoken)
    for who in (ours.council_member(), office, elsewhere, None):
        assert not seen_by(who, spoken)
        assert seen_by(who, plain)
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            AgendaItem.objects.create(meeting=meeting, position=9, title="x", file_number="2026-015")
        assert AgendaItem.objects.filter(pk=spoken.pk).update(title="autre") == 0
        assert AgendaItem.objects.filter(pk=spoken.pk).delete()[0] == 0
    left = ours.members[0]
    left.valid_to = timezone.localdate() - dt.timedelta(days=1)
    left.save()
    assert not seen_by(member, spoken)


def test_mails_to_the_members_carry_the_number_all_the_same(ours):
    meeting = ours.prepared()
    agenda.add_item(meeting=meeting, kind="debate", title="", file_number="2026-014", by=ours.coordinator)
    convocations.convene(meeting=meeting, by=ours.coordinator)
    act_as(None)  # a worker begins as nobody
    run_jobs()
    assert len(mail.outbox) == len(ours.members)
    assert all("2026-014" in sent.body for sent in mail.outbox)
