"""Where what a nominative group may do ends: with its text, and never in a document that the council reads."""

import datetime as dt

import pytest
from django.db import ProgrammingError, transaction
from django.utils import timezone

from prevenance.core.refusals import Refused
from prevenance.domains.governance.actions import agenda, bodies, convocations, meetings
from prevenance.domains.governance.actions.uploads import share_upload
from prevenance.domains.governance.models import AgendaItem, ExchangeText, Upload
from tests.factories import MembershipFactory
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
