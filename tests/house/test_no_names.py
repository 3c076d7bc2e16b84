"""What leaves a group that speaks of persons helped carries file numbers: no name, no initials, by any door.

Each way of naming somebody is pushed through each action that writes, then all that leaves is read: mails with their
calendar and PDF, agenda, minutes, pages. An action that takes a text and is not tried here fails the last test.
"""

import datetime as dt
import inspect
import io
import itertools

import pypdf
import pytest
from django.core import mail
from django.db import IntegrityError, ProgrammingError, transaction
from django.urls import reverse
from django.utils import timezone

from prevenance.core.refusals import Refused
from prevenance.core.row_security import act_as
from prevenance.domains.governance.actions import (
    agenda,
    attendance,
    bodies,
    controllers,
    convocations,
    decisions,
    meetings,
    minutes,
)
from prevenance.domains.governance.analysis import papers
from prevenance.domains.governance.analysis.record import decided_in
from prevenance.domains.governance.models import (
    AgendaItem,
    AgendaProposal,
    Body,
    CouncilReach,
    Decision,
    Meeting,
    Minutes,
    MinutesSection,
    Upload,
)
from prevenance.domains.governance.rules.minutes import digest
from tests.domains.governance.council_that_meets import CouncilThatMeets
from tests.domains.governance.jobs import run_jobs
from tests.domains.governance.test_bodies import COMPLETE
from tests.factories import MembershipFactory, actor, scope_of, territory

pytestmark = pytest.mark.django_db

GIVEN, FAMILY = "Kévin", "Suivi-Inventé"  # a person helped, in whatever form somebody would write them
FORMS = (
    "K. S.", "K.S.", "Kévin S.", "Kévin Suivi-Inventé", "M. Suivi-Inventé", "Mme Suivi-Inventé",
    "la situation de K. S. au collège", "Kévin Suivi-Inventé, 15 ans", "famille de Monsieur Suivi-Inventé",
)  # fmt: skip
TRACES = ("K. S.", "K.S.", "Kévin", "Suivi-Inventé")


class NominativeGroup(CouncilThatMeets):
    """The same council; the group that meets may speak of files."""

    def __init__(self):
        super().__init__()
        group = bodies.open_body(
            council=self.council, described=bodies.Described("Jeunes exposés"), by=self.coordinator
        )
        controllers.keep_record(scope=self.council.scope.holder, record=COMPLETE, seen=0, by=self.coordinator)
        bodies.open_exchange(body=group, by=self.mayor)
        group.refresh_from_db()
        assert group.nominative
        self.sits = self.members[0].person
        self.plenary, self.members = group, [MembershipFactory(body=group) for _ in range(3)]
        act_as(self.coordinator.mandate_id)  # as a request of theirs would: points about files are walled

    def member(self):
        """Of the group, acting in the council."""
        return actor("group_member", self.council.scope, person=self.person(0))

    def council_member(self):
        """Of the plenary, and not of the group."""
        return actor("group_member", self.council.scope, person=self.sits)


@pytest.fixture
def ours():
    return NominativeGroup()


def doors(ours):
    """{action: writes(text)} for each action that takes a free text of a meeting, each in a state where it may run."""
    by, soon = ours.coordinator, timezone.now() + dt.timedelta(days=9)
    times = {"starts_at": soon, "ends_at": soon + dt.timedelta(hours=1)}
    future, written, called = ours.prepared(), ours.written(), ours.convened()
    item, section = future.items.first(), written.sections.first()
    kept = {"kind": "debate", "presenter": "", "minutes": None, "seen": "", "by": by}
    drafted = Decision.objects.get(minutes=written)

    def stamped(**changes):
        from prevenance.domains.governance.rules.meetings import item_stamp

        now = AgendaItem.objects.get(pk=item.pk)
        agenda.edit_item(item=now, **{**kept, "title": now.title, "seen": item_stamp(now), **changes})

    def decided(**changes):
        from prevenance.domains.governance.rules.decisions import stamp

        now = Decision.objects.get(pk=drafted.pk)
        fields = {"text": now.text, "owner": None, "owner_label": "Mairie", "due_on": None, "seen": stamp(now)}
        decisions.edit_decision(decision=now, by=by, **{**fields, **changes})

    def edited(**changes):
        now = Meeting.objects.get(pk=future.pk)
        fields = {"title": now.title, "place": now.place, **times, "seen": now.version}
        meetings.edit_meeting(meeting=now, by=by, **{**fields, **changes})

    def saved(part):
        def write(text):
            now = MinutesSection.objects.get(pk=section.pk).edit if "-" in part else Minutes.objects.get().edit
            minutes.save_texts(minutes=written, texts={part: (now, text)}, by=by)

        return write

    new = {"body": ours.plenary, **times, "by": by}
    return {
        (meetings.create_meeting, "title"): lambda t: meetings.create_meeting(title=t, place="Mairie", **new),
        (meetings.create_meeting, "place"): lambda t: meetings.create_meeting(title="Réunion", place=t, **new),
        (meetings.edit_meeting, "title"): lambda t: edited(title=t),
        (meetings.edit_meeting, "place"): lambda t: edited(place=t),
        (agenda.add_item, "title"): lambda t: agenda.add_item(meeting=future, kind="debate", title=t, by=by),
        (agenda.add_item, "presenter"): lambda t: agenda.add_item(
            meeting=future, kind="debate", title="Point", presenter=t, by=by
        ),
        (agenda.edit_item, "title"): lambda t: stamped(title=t),
        (agenda.edit_item, "presenter"): lambda t: stamped(presenter=t),
        (convocations.postpone, "reason"): lambda t: convocations.postpone(
            meeting=called, seen=called.version, reason=t, **times, by=by
        ),
        (minutes.save_texts, "texts"): saved("opening"),
        (minutes.save_texts, "closing"): saved("closing"),
        (minutes.save_texts, "section"): saved(f"section-{section.pk}"),
        (minutes.add_section, "title"): lambda t: minutes.add_section(minutes=written, title=t, by=by),
        (decisions.add_decision, "text"): lambda t: decisions.add_decision(
            section=section, text=t, owner_label="Mairie", by=by
        ),
        (decisions.add_decision, "owner_label"): lambda t: decisions.add_decision(
            section=section, text="Agir", owner_label=t, by=by
        ),
        (decisions.edit_decision, "text"): lambda t: decided(text=t),
        (decisions.edit_decision, "owner_label"): lambda t: decided(owner_label=t),
    }


def everything_that_leaves(ours, client):
    """Mails with their parts, calendars, PDFs, pages and lists, as one text."""
    said = []
    for message in mail.outbox:
        said.append(message.subject)
        said.append(message.body)
        for attachment in message.attachments:
            said.append(_words(attachment[1] if isinstance(attachment, tuple) else attachment.get_payload(decode=True)))
    for meeting in Meeting.objects.all():
        said += [papers.meeting_file(meeting, stamp=timezone.now()).decode(), _words(papers.convocation_pdf(meeting))]
        said += [client.get(reverse(f"governance:{name}", args=[meeting.pk])).content.decode() for name in PAGES]
    for version in Minutes.objects.all():
        said.append(_words(papers.minutes_pdf(version)))
        said.append(client.get(reverse("governance:minutes", args=[version.pk])).content.decode())
    for name in ("meetings", "decisions"):
        said.append(client.get(reverse(f"governance:{name}")).content.decode())
    return "\n".join(said).replace("\r\n ", "")


PAGES = ("meeting", "meeting_calendar")


def _words(content):
    if isinstance(content, bytes) and content.startswith(b"%PDF"):
        return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)
    return content.decode() if isinstance(content, bytes) else str(content)


def test_no_form_of_a_name_goes_through_any_door_and_nothing_that_leaves_shows_one(ours, sign_in):
    for write, form in itertools.product(doors(ours).values(), FORMS):
        with pytest.raises(Refused, match="semble désigner une personne"):
            write(form)
    meeting = ours.prepared()
    agenda.add_item(meeting=meeting, kind="debate", title="point d’étape", file_number="2026-014", by=ours.coordinator)
    convocations.convene(meeting=meeting, by=ours.coordinator)
    draft = Minutes.objects.get()
    minutes.approve(minutes=draft, seen=digest(draft), by=ours.mayor)
    run_jobs()
    assert len(mail.outbox) >= len(ours.members)
    read = everything_that_leaves(ours, sign_in(ours.coordinator))
    assert "2026-014" in read  # the reading does reach what is said of files
    assert not [trace for trace in TRACES if trace in read]


def test_every_action_that_takes_a_text_of_a_meeting_is_tried(ours):
    tried = {action.__wrapped__.__qualname__ for action, _field in doors(ours)}
    words = {"title", "place", "text", "texts", "presenter", "reason", "note", "owner_label", "name", "represented_by"}
    apart = {"correct", "record_progress", "mark", "add_guest"}  # the two tests below
    for module in (agenda, attendance, convocations, decisions, meetings, minutes):
        for name, function in inspect.getmembers(module, callable):
            if getattr(function, "__module__", "") == module.__name__ and not name.startswith("_"):
                takes = words & set(inspect.signature(function).parameters)
                assert not takes or name in tried | apart, f"{name} takes {takes}: try it here"


@pytest.mark.parametrize("form", ["K. S.", "K.S.", "Kévin S.", "la situation de K. S. au collège"])
def test_a_group_without_exchange_is_neither_named_after_somebody_nor_speaks_of_them_by_initials(form, sign_in):
    ours = CouncilThatMeets()
    by = ours.coordinator
    for described in (bodies.Described(form), bodies.Described("Groupe", purpose=form)):
        with pytest.raises(Refused, match="semble désigner une personne"):
            bodies.open_body(council=ours.council, described=described, by=by)
    page = sign_in(by).post(reverse("governance:body_open", args=[ours.council.pk]), {"kind": "group", "name": form})
    assert page.status_code == 422
    assert "Écrivez le numéro du dossier" in page.content.decode()
    group = bodies.open_body(council=ours.council, described=bodies.Described("Abords du collège"), by=by)
    with pytest.raises(Refused, match="semble désigner une personne"):
        bodies.edit_body(body=group, described=bodies.Described(form), by=by)
    ours.plenary = group
    with pytest.raises(Refused, match="semble désigner une personne"):
        agenda.add_item(meeting=ours.prepared(), kind="debate", title=form, by=by)
    agenda.add_item(meeting=ours.prepared(), kind="debate", title="Accueil", presenter="Mme Exemple", by=by)


def test_what_was_proposed_before_the_exchange_opened_is_read_again_when_it_is_taken_up(ours):
    waiting = AgendaProposal.objects.create(
        body=ours.plenary, title="Kévin Suivi-Inventé", proposed_by=ours.coordinator.person
    )
    with pytest.raises(Refused, match="semble désigner une personne"):
        agenda.carry_over(meeting=ours.prepared(), proposals=[waiting], by=ours.coordinator)


def test_after_approval_a_correction_and_a_note_name_nobody_either(ours):
    approved = ours.approved()
    decision = Decision.objects.get(minutes=approved)
    for form in FORMS:
        with pytest.raises(Refused, match="semble désigner une personne"):
            minutes.correct(minutes=approved, reason=form, by=ours.coordinator)
        with pytest.raises(Refused, match="semble désigner une personne"):
            decisions.record_progress(decision=decision, state="started", note=form, by=ours.coordinator)


def test_nobody_but_the_members_sits_there_and_no_document_is_joined(ours):
    meeting = ours.held()
    with pytest.raises(Refused, match="seuls ses membres siègent"):
        attendance.add_guest(meeting=meeting, name="Kévin Suivi-Inventé", by=ours.coordinator)
    line = meeting.attendances.first()
    with pytest.raises(Refused, match="seuls ses membres siègent"):
        attendance.mark(attendance=line, presence="represented", represented_by="Une tante", by=ours.coordinator)
    joined = Upload.objects.create(
        council=ours.council, name="note.pdf", content_type="application/pdf", size=1, sha256="0" * 64,
        added_by=ours.coordinator.person,
    )  # fmt: skip
    with pytest.raises(Refused, match="Aucun document"):
        agenda.add_item(meeting=ours.prepared(), kind="debate", title="Point", documents=[joined], by=ours.coordinator)


def test_a_member_may_be_named_and_a_place_too(ours):
    name = ours.members[0].person.family_name
    agenda.add_item(
        meeting=ours.prepared(), kind="debate", title="Abords du collège Jean Moulin", presenter=f"Mme {name}",
        by=ours.coordinator,
    )  # fmt: skip


@pytest.mark.parametrize("role", ["prefect_office", "epci_president"])
def test_what_the_group_says_is_for_its_members_and_whoever_holds_the_council(ours, role):
    approved = ours.approved()
    meeting, decision = approved.meeting, Decision.objects.get(minutes=approved)
    place = {"prefect_office": ("departement", "42"), "epci_president": ("epci", "244200770")}[role]
    around, plenary_member = actor(role, scope_of(territory(*place))), ours.council_member()
    CouncilReach.objects.get_or_create(council=ours.council, scope_id=around.scope_id)
    member = ours.member()
    for rows in (Meeting.objects.filter(pk=meeting.pk), Minutes.objects.filter(pk=approved.pk),
                 Decision.objects.filter(pk=decision.pk)):  # fmt: skip
        assert rows.visible_to(around).count() == 0
        assert rows.visible_to(plenary_member).count() == 0
        assert rows.visible_to(member).count() == 1
        assert rows.visible_to(ours.coordinator).count() == 1
        assert rows.visible_to(ours.mayor).count() == 1


@pytest.mark.parametrize("how", ["exchange", "group"])
def test_what_the_group_said_stays_with_its_members_once_it_is_closed(ours, how):
    approved = ours.approved()
    member, outsider = ours.member(), ours.council_member()
    around = actor("prefect_office", scope_of(territory("departement", "42")))
    CouncilReach.objects.get_or_create(council=ours.council, scope_id=around.scope_id)
    if how == "exchange":
        bodies.close_exchange(body=ours.plenary, by=ours.mayor)
    else:
        bodies.close_body(body=ours.plenary, on=timezone.localdate(), by=ours.mayor)
    for model in (Meeting, Minutes, Decision):
        assert model.objects.visible_to(around).count() == 0
        assert model.objects.visible_to(outsider).count() == 0
        assert model.objects.visible_to(member).count() == 1
        assert model.objects.visible_to(ours.mayor).count() == 1
    assert decided_in(outsider, ours.council, timezone.localdate().year)[:] == []
    meeting = Meeting.objects.select_related("council", "body").get(pk=approved.meeting_id)
    assert meeting.title not in papers.meeting_file(meeting, stamp=timezone.now()).decode()
    with pytest.raises(Refused, match="semble désigner une personne"):
        minutes.correct(minutes=approved, reason="Kévin S. y était", by=ours.coordinator)
    with pytest.raises(ProgrammingError, match="stays with those who sat there"), transaction.atomic():
        Body.objects.filter(pk=ours.plenary.pk).update(exchanged=False)


def test_a_decision_of_the_group_does_not_come_back_before_the_plenary(ours):
    decision = Decision.objects.get(minutes=ours.approved())
    start = timezone.now() + dt.timedelta(days=5)
    plenary = Body.objects.get(council=ours.council, kind="plenary")
    sitting = meetings.create_meeting(
        body=plenary, title="Plénière", starts_at=start, ends_at=start + dt.timedelta(hours=1), place="",
        by=ours.coordinator,
    )  # fmt: skip
    with pytest.raises(Refused, match="ne revient que devant ce groupe"):
        agenda.carry_over(meeting=sitting, decisions=[decision], by=ours.coordinator)
    assert agenda.carry_over(meeting=ours.prepared(), decisions=[decision], by=ours.coordinator) == 1


def test_a_file_is_spoken_of_in_a_nominative_body_only_whoever_asks(ours):
    start = timezone.now() + dt.timedelta(days=5)
    other = meetings.create_meeting(
        body=Body.objects.get(council=ours.council, kind="plenary"), title="Plénière", starts_at=start,
        ends_at=start + dt.timedelta(hours=1), place="", by=ours.coordinator,
    )  # fmt: skip
    with pytest.raises(Refused, match="n’échange rien de nominatif"):
        agenda.add_item(meeting=other, kind="debate", title="", file_number="2026-014", by=ours.coordinator)
    agenda.add_item(meeting=other, kind="debate", title="Point", by=ours.coordinator)
    with pytest.raises(ProgrammingError, match="no file is spoken of"), transaction.atomic():
        AgendaItem.objects.filter(meeting=other).update(file_number="2026-014")
    item = ours.prepared().items.first()
    with pytest.raises(IntegrityError, match="item_file_number"), transaction.atomic():
        AgendaItem.objects.filter(pk=item.pk).update(file_number="Kévin")


def test_a_point_about_a_file_is_not_taken_up_again_once_the_exchange_is_closed(ours):
    off, meeting = ours.prepared(items=0), ours.prepared()
    agenda.add_item(meeting=off, kind="debate", title="", file_number="2026-014", by=ours.coordinator)
    bodies.close_exchange(body=ours.plenary, by=ours.mayor)
    with pytest.raises(Refused, match="n’échange rien de nominatif"):
        agenda.carry_over(meeting=meeting, items=off.items.all(), by=ours.coordinator)


def test_the_form_of_a_point_keeps_what_was_typed_and_says_what_to_write(ours, sign_in):
    client, meeting = sign_in(ours.coordinator), ours.prepared(items=0)
    page = reverse("governance:agenda", args=[meeting.pk])
    refused = client.post(page, {"title": "Point sur K. S.", "kind": "debate", "presenter": "PJJ"})
    assert refused.status_code == 422
    assert "Écrivez le numéro du dossier" in refused.content.decode()
    assert 'value="Point sur K. S."' in refused.content.decode()
    assert client.post(page, {"file_number": "2026-014", "kind": "debate"}).status_code == 302
    item = meeting.items.get()
    assert (item.title, item.file_number) == ("Dossier\u00a02026-014", "2026-014")
    edit = reverse("governance:item_edit", args=[meeting.pk, item.pk])
    shown = client.get(edit).context["form"].initial
    client.post(edit, {**shown, "minutes": "", "file_number": "2026-015", "documents": []})
    item.refresh_from_db()
    assert (item.title, item.file_number) == ("Dossier\u00a02026-015", "2026-015")
    assert client.post(page, {"kind": "debate"}).status_code == 422
