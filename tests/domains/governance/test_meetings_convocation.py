"""Convening: one mail a member, once, in words that say everything; changes and cancellations follow."""

import datetime as dt
import io
import smtplib

import icalendar
import pypdf
import pytest
from django.core import mail
from django.utils import timezone

from prevenance.core.documents import pdf
from prevenance.domains.governance import jobs
from prevenance.domains.governance.actions import agenda, convocations, meetings, uploads
from prevenance.domains.governance.analysis import papers
from prevenance.domains.governance.analysis.papers import meeting_file, moment
from prevenance.domains.governance.models import Meeting
from prevenance.domains.governance.rules import links
from tests.domains.governance.council_that_meets import CouncilThatMeets
from tests.domains.governance.jobs import run_jobs, waiting
from tests.factories import MembershipFactory, actor

pytestmark = pytest.mark.django_db


def event_of(message):
    part = next(p for p in message.attachments if not isinstance(p, tuple))
    assert part.get_content_type() == "text/calendar"
    calendar = icalendar.Calendar.from_ical(part.get_payload(decode=True))
    assert part.get_param("method") == calendar["method"]
    return calendar["method"], calendar.walk("VEVENT")[0]


def test_each_member_receives_one_mail_that_shows_no_other_address():
    ours = CouncilThatMeets()
    meeting = ours.convened()
    run_jobs()
    assert sorted(message.to[0] for message in mail.outbox) == sorted(m.person.email for m in ours.members)
    for message in mail.outbox:
        others = [m.person.email for m in ours.members if m.person.email != message.to[0]]
        raw = message.message().as_string()
        assert len(message.to) == 1
        assert not message.cc
        assert not message.bcc
        assert not any(address in raw for address in others)
        assert message.reply_to == [ours.coordinator.person.email]
        for words in (meeting.council.name, moment(meeting), meeting.place, "1. Point inventé 1 (débat)"):
            assert words in message.body
        assert "&#" not in message.body


def test_the_calendar_entry_asks_and_the_pdf_is_tagged():
    ours = CouncilThatMeets()
    meeting = ours.convened()
    run_jobs()
    message = mail.outbox[0]
    method, event = event_of(message)
    assert method == "REQUEST"
    assert event["sequence"] == 0
    assert event["uid"] == f"{meeting.uid}@prevenance"
    assert event["dtstart"].dt == meeting.starts_at.replace(microsecond=0)
    assert event["attendee"] == f"mailto:{message.to[0]}"
    name, content, kind = next(p for p in message.attachments if isinstance(p, tuple))
    assert (name, kind) == ("convocation.pdf", "application/pdf")
    document = pypdf.PdfReader(io.BytesIO(content))
    assert document.trailer["/Root"]["/MarkInfo"]["/Marked"]
    text = " ".join(page.extract_text() for page in document.pages)
    assert "Point inventé 2" in text
    assert not any(member.person.name in text for member in ours.members)


def test_a_job_that_runs_again_sends_nothing_more():
    ours = CouncilThatMeets()
    meeting = ours.convened()
    run_jobs()
    sent = set(meeting.attendances.values_list("sent_at", flat=True))
    assert None not in sent
    assert run_jobs(again=True) == 1
    assert len(mail.outbox) == 3
    assert set(meeting.attendances.values_list("sent_at", flat=True)) == sent


def test_a_second_click_queues_nothing(sign_in):
    ours = CouncilThatMeets()
    meeting = ours.prepared()
    client = sign_in(ours.coordinator)
    address = f"/conseils/reunions/{meeting.pk}/convocation/"
    client.post(address)
    assert len(waiting()) == 1
    page = client.post(address, follow=True).content.decode()
    assert "Rien n’a été envoyé une seconde fois." in page
    assert len(waiting()) == 1


def test_a_mail_server_that_is_away_leaves_the_line_to_send_again(monkeypatch):
    ours = CouncilThatMeets()
    meeting = ours.convened()

    def away(self, *args, **kwargs):
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.EmailMessage.send", away)
        for job in waiting():
            with pytest.raises(ConnectionRefusedError):
                jobs.send_convocations.func(**job.args)
    assert not meeting.attendances.exclude(sent_at=None).exists()
    assert jobs.send_convocations.retry_strategy.max_attempts == 6
    run_jobs(again=True)
    assert len(mail.outbox) == 3


def test_forty_mails_draw_their_pdf_once(monkeypatch):
    ours = CouncilThatMeets()
    ours.members += [MembershipFactory(body=ours.plenary) for _ in range(37)]
    drawn = []

    def drawing(*args, **options):
        drawn.append(options["title"])
        return b"%PDF-1.7 de la convocation"

    monkeypatch.setattr(papers, "render_pdf", drawing)
    ours.convened()
    assert run_jobs() == 1
    assert len(drawn) == 1
    assert len(mail.outbox) == 40
    assert {tuple(message.to) for message in mail.outbox} == {(m.person.email,) for m in ours.members}
    assert len({link_in(message) for message in mail.outbox}) == 40, "each member answers by a link of their own"
    for message in mail.outbox:
        assert ("convocation.pdf", b"%PDF-1.7 de la convocation", "application/pdf") in message.attachments


def test_an_address_that_is_refused_holds_back_nobody_else(monkeypatch):
    ours = CouncilThatMeets()
    meeting = ours.convened()
    refused = ours.person(0).email
    send = mail.EmailMessage.send

    def refusing(message, *args, **options):
        if message.to == [refused]:
            raise smtplib.SMTPRecipientsRefused({refused: (550, b"inconnu")})
        return send(message, *args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(mail.EmailMessage, "send", refusing)
        for _attempt in range(2):
            with pytest.raises(ExceptionGroup, match="1 convocations"):
                run_jobs(again=True)
            assert len(mail.outbox) == 2, "a new attempt writes again to nobody"
    assert meeting.attendances.get(sent_at=None).membership == ours.members[0]
    run_jobs(again=True)
    assert [message.to[0] for message in mail.outbox].count(refused) == 1
    assert len(mail.outbox) == 3


def test_a_mail_server_lost_on_the_way_is_taken_up_where_it_stopped(monkeypatch):
    ours = CouncilThatMeets()
    ours.convened()
    send = mail.EmailMessage.send

    def falling(message, *args, **options):
        if len(mail.outbox) == 2:
            raise TimeoutError
        return send(message, *args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(mail.EmailMessage, "send", falling)
        with pytest.raises(TimeoutError):
            run_jobs()
    assert len(mail.outbox) == 2
    run_jobs(again=True)
    assert sorted(message.to[0] for message in mail.outbox) == sorted(m.person.email for m in ours.members)


def test_a_mandate_that_ended_meanwhile_sends_nothing():
    ours = CouncilThatMeets()
    ours.convened()
    mandate = ours.coordinator.mandate
    mandate.valid_to = timezone.localdate() - dt.timedelta(days=1)
    mandate.save()
    run_jobs()
    assert mail.outbox == []


def test_a_member_without_address_is_listed_to_be_told_otherwise(sign_in):
    ours = CouncilThatMeets()
    meeting = ours.prepared()
    person = ours.person(1)
    type(person).objects.filter(pk=person.pk).update(email="")
    client = sign_in(ours.coordinator)
    page = client.get(f"/conseils/reunions/{meeting.pk}/convocation/").content.decode()
    assert "À prévenir autrement" in page
    assert page.index("À prévenir autrement") < page.index(person.name)
    client.post(f"/conseils/reunions/{meeting.pk}/convocation/")
    run_jobs()
    assert len(mail.outbox) == 2
    assert "À prévenir autrement" in client.get(f"/conseils/reunions/{meeting.pk}/").content.decode()


def test_a_new_date_is_sent_as_a_new_version_and_forgets_the_answers():
    ours = CouncilThatMeets()
    meeting = ours.convened()
    run_jobs()
    meeting.attendances.update(answer="yes", answered_at=timezone.now())
    later = meeting.starts_at + dt.timedelta(days=7)
    told = meetings.edit_meeting(
        meeting=meeting,
        seen=meeting.version,
        title=meeting.title,
        starts_at=later,
        ends_at=later + dt.timedelta(hours=1),
        place=meeting.place,
        by=ours.coordinator,
    )
    assert told
    assert run_jobs() == 1
    assert len(mail.outbox) == 6
    method, event = event_of(mail.outbox[-1])
    assert (method, event["sequence"]) == ("REQUEST", 1)
    assert mail.outbox[-1].subject.startswith("Convocation modifiée")
    assert set(meeting.attendances.values_list("answer", flat=True)) == {""}


def test_a_mail_still_waiting_is_void_once_the_date_changes():
    ours = CouncilThatMeets()
    meeting = ours.convened()
    convocations.notify_changes(meeting=meeting, by=ours.coordinator)
    assert run_jobs() == 2
    assert len(mail.outbox) == 3
    assert event_of(mail.outbox[0])[1]["sequence"] == 1


def test_a_member_who_joined_since_is_called_with_the_next_sending():
    ours = CouncilThatMeets()
    meeting = ours.convened()
    newcomer = MembershipFactory(body=ours.plenary)
    convocations.notify_changes(meeting=meeting, by=ours.coordinator)
    assert meeting.attendances.filter(membership=newcomer).exists()


def test_documents_of_the_agenda_are_communicated_by_the_convocation_which_says_so(sign_in):
    ours = CouncilThatMeets()
    meeting = ours.prepared(items=0)
    joined, kept = (
        uploads.add_upload(
            council=ours.council, content=b"%PDF-1.7", name=name, content_type="application/pdf", by=ours.coordinator
        )
        for name in ("bilan.pdf", "brouillon.pdf")
    )
    agenda.add_item(meeting=meeting, kind="information", title="Bilan", documents=[joined], by=ours.coordinator)
    preview = sign_in(ours.coordinator).get(f"/conseils/reunions/{meeting.pk}/convocation/").content.decode()
    assert "Documents communiqués aux membres" in preview
    assert "bilan.pdf" in preview
    convocations.convene(meeting=meeting, by=ours.coordinator)
    joined.refresh_from_db()
    kept.refresh_from_db()
    assert (joined.shared, kept.shared) == (True, False)
    page = sign_in(actor("group_member", ours.council.scope)).get(f"/conseils/reunions/{meeting.pk}/").content.decode()
    assert f"/documents/{joined.key}/" in page


def test_a_document_joined_since_is_not_shown_before_members_are_told(sign_in):
    ours = CouncilThatMeets()
    meeting = ours.convened()
    late = uploads.add_upload(
        council=ours.council,
        content=b"%PDF-1.7",
        name="tardif.pdf",
        content_type="application/pdf",
        by=ours.coordinator,
    )
    agenda.add_item(meeting=meeting, kind="information", title="Ajout", documents=[late], by=ours.coordinator)
    member = actor("group_member", ours.council.scope)
    address = f"/conseils/reunions/{meeting.pk}/"
    assert "tardif.pdf" not in sign_in(member).get(address).content.decode()
    assert "tardif.pdf" in sign_in(ours.coordinator).get(address).content.decode()
    convocations.notify_changes(meeting=meeting, by=ours.coordinator)
    assert "tardif.pdf" in sign_in(member).get(address).content.decode()


def test_cancelling_takes_the_entry_out_of_calendars():
    ours = CouncilThatMeets()
    meeting = ours.convened()
    run_jobs()
    convocations.cancel(meeting=meeting, by=ours.coordinator)
    run_jobs()
    method, event = event_of(mail.outbox[-1])
    assert method == "CANCEL"
    assert event["status"] == "CANCELLED"
    assert event["sequence"] == 1
    assert "annulée" in mail.outbox[-1].body
    assert not any(isinstance(p, tuple) for p in mail.outbox[-1].attachments)


def test_cancelling_a_draft_writes_to_nobody():
    ours = CouncilThatMeets()
    assert convocations.cancel(meeting=ours.prepared(), by=ours.coordinator) == 0
    assert waiting() == []


def test_without_pango_the_mail_leaves_without_its_pdf(monkeypatch):
    def missing(*args, **kwargs):
        raise pdf.PdfUnavailable("Pango manque.")

    monkeypatch.setattr("prevenance.domains.governance.analysis.papers.render_pdf", missing)
    ours = CouncilThatMeets()
    ours.convened()
    run_jobs()
    assert len(mail.outbox) == 3
    assert len(mail.outbox[0].attachments) == 1


def test_a_title_of_several_lines_cannot_write_a_header():
    ours = CouncilThatMeets()
    meeting = ours.prepared()
    Meeting.objects.filter(pk=meeting.pk).update(title="Plénière\r\nBcc: quelqu.un@exemple.invalid")
    meeting.refresh_from_db()
    convocations.convene(meeting=meeting, by=ours.coordinator)
    run_jobs()
    assert "Bcc" not in mail.outbox[0].message()


def test_the_published_calendar_names_no_member():
    ours = CouncilThatMeets()
    text = meeting_file(ours.convened(), stamp=timezone.now()).decode()
    assert "METHOD:PUBLISH" in text
    assert "ATTENDEE" not in text


# -------------------------------------------------------------------------------------------------- answers


def link_in(message):
    return next(line for line in message.body.splitlines() if "/reponse/" in line).split("127.0.0.1:8000", 1)[1]


def test_the_link_of_the_mail_answers_without_an_account(client):
    ours = CouncilThatMeets()
    meeting = ours.convened()
    run_jobs()
    message = mail.outbox[0]
    line = meeting.attendances.get(membership__person__email=message.to[0])
    address = link_in(message)
    assert line.membership.person.name in client.get(address).content.decode()
    line.refresh_from_db()
    assert line.answer == "", "opening the link records nothing"
    page = client.post(address, {"answer": "no"}, follow=True).content.decode()
    assert "Votre réponse\u00a0: je ne viendrai pas" in page
    line.refresh_from_db()
    assert (line.answer, line.answered_at is not None) == ("no", True)


def test_the_link_dies_with_the_meeting_and_cannot_be_forged(client):
    ours = CouncilThatMeets()
    meeting = ours.convened()
    line = meeting.attendances.first()
    token = links.answer_token(line)
    assert client.get(f"/conseils/reponse/{token}/").status_code == 200
    assert client.get(f"/conseils/reponse/{token[:-1]}x/").status_code in (410, 404)
    past = timezone.now() - dt.timedelta(hours=5)
    Meeting.objects.filter(pk=meeting.pk).update(starts_at=past, ends_at=past + dt.timedelta(hours=1))
    assert client.get(f"/conseils/reponse/{token}/").status_code == 410
    assert client.post(f"/conseils/reponse/{token}/", {"answer": "yes"}).status_code == 410


def test_a_coordinator_notes_an_answer_given_by_telephone(sign_in):
    ours = CouncilThatMeets()
    meeting = ours.convened()
    line = meeting.attendances.first()
    sign_in(ours.coordinator).post(f"/conseils/reunions/{meeting.pk}/reponses/{line.pk}/", {"answer": "yes"})
    line.refresh_from_db()
    assert line.answer == "yes"
