"""What governance does later or by the clock. A job carries identifiers, and asks again who acts when it runs."""

import hashlib
import io
import logging
import zipfile
from datetime import timedelta
from email.mime.text import MIMEText
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from prevenance.core.audit import MACHINE
from prevenance.core.documents.calendar import one_line
from prevenance.core.documents.pdf import PdfUnavailable
from prevenance.core.refusals import Refused
from prevenance.core.row_security import act_as
from prevenance.domains.accounts.acting import ANYBODY, actor_of
from prevenance.domains.accounts.models import Mandate, Person
from prevenance.domains.accounts.roles import ROLES
from prevenance.domains.governance.actions import convocations as convocation_actions
from prevenance.domains.governance.actions import decisions as decision_actions
from prevenance.domains.governance.actions import exports as export_actions
from prevenance.domains.governance.actions import imports as import_actions
from prevenance.domains.governance.actions import letters as letter_actions
from prevenance.domains.governance.actions import rulebooks as rulebook_actions
from prevenance.domains.governance.analysis import archive, everything, papers
from prevenance.domains.governance.analysis.rulebooks import to_sign, unsigned_people
from prevenance.domains.governance.models import (
    Attendance,
    ControllerExport,
    Decision,
    LetterRecipient,
    Meeting,
    Membership,
    Rulebook,
)
from prevenance.domains.governance.rules import controllers as controller_rules
from prevenance.domains.governance.rules import councils, links
from prevenance.domains.governance.rules.decisions import lateness
from prevenance.domains.governance.rules.meetings import has_address

logger = logging.getLogger(__name__)

# A mail server that is away is tried again after a minute, then less and less often, for five hours.
RETRY = RetryStrategy(max_attempts=6, exponential_wait=5, wait=55)
HOLDERS = [key for key, role in ROLES.items() if "hold_council" in role.abilities]
SOON = timedelta(days=7)  # decisions due within a week are recalled with those that are late


@app.task(name="governance.send_convocations", retry=RETRY)
def send_convocations(meeting: int, sequence: int, person: int, mandate: int) -> None:
    """Write to each member: called, told of a change, or told that the meeting is off. Their PDF is drawn once.

    Safe to run again: each mail leaves in a transaction of its own, which locks the line and sets `sent_at`, so that
    a new run takes up only what has not left. A mail that is refused does not hold back the others: it fails the job
    once they have left. A mail server that is away fails it at once.
    """
    waiting = Attendance.objects.filter(meeting=meeting, sent_at=None).exclude(membership=None)
    lines = list(waiting.order_by("pk").values_list("pk", flat=True))
    pdf = convocation_file(meeting, sequence, mandate) if lines else None
    failures: list[Exception] = []
    with get_connection() as connection:
        for line in lines:
            try:
                send_convocation(line, sequence, person, mandate, pdf, connection)
            except Exception as problem:
                if isinstance(problem, OSError) and not isinstance(problem, SMTPException):
                    raise
                logger.exception("convocation %s not sent", line)
                failures.append(problem)
                connection.close()  # it may be broken: the next mail opens another
    if failures:
        raise ExceptionGroup(f"{len(failures)} convocations of meeting {meeting} not sent", failures)


def convocation_file(meeting: int, sequence: int, mandate: int | None) -> bytes | None:
    """The PDF that goes with every mail; None where it cannot be drawn, or for a meeting called off or changed."""
    current = Meeting.objects.filter(pk=meeting, sequence=sequence, state=Meeting.State.CONVENED)
    found = current.select_related("council", "body").first()
    if found is None:
        return None
    try:
        with transaction.atomic():
            act_as(mandate)  # the points about files are behind the outer wall
            return papers.convocation_pdf(found)
    except PdfUnavailable:
        # The mail says everything that the PDF says: better without it than not at all.
        logger.warning("convocations of meeting %s sent without their PDF", meeting)
        return None


def send_convocation(
    attendance: int, sequence: int, person: int, mandate: int, pdf: bytes | None, connection: BaseEmailBackend
) -> None:
    """Write to one member, once. A job of an earlier sequence, or of a mandate that has ended, sends nothing."""
    with transaction.atomic():
        actor = actor_of(Person.objects.get(pk=person), mandate)
        act_as(actor.mandate_id)
        lines = Attendance.objects.select_for_update(of=("self",))
        line = (
            lines.select_related("meeting__council", "meeting__body", "membership__person")
            .filter(pk=attendance)
            .first()
        )
        if line is None or line.sent_at is not None or line.meeting.sequence != sequence:
            return
        if actor.mandate_id != mandate or not councils.holds(line.meeting.council, actor):
            logger.warning("convocation %s not sent: the mandate that called it is no longer in force", attendance)
            return
        if line.meeting.state not in (Meeting.State.CONVENED, Meeting.State.CANCELLED):
            return
        if not has_address(line.membership.person):
            return
        mail = convocation(line, reply_to=[actor.person.email], pdf=pdf)
        mail.connection = connection
        mail.send()
        convocation_actions.record_sending(attendance=line, by=actor)


def convocation(line: Attendance, *, reply_to: list[str], pdf: bytes | None, alternate: str = "") -> EmailMessage:
    """The mail for one member, who sees no other address. `alternate`: "called" or "freed", for whoever stands in."""
    meeting, person = line.meeting, line.membership.person
    postponed = None
    if meeting.state == Meeting.State.CANCELLED:
        kind, subject = "cancelled", _("Réunion annulée : %(title)s, %(day)s")
    elif alternate == "freed":
        kind, subject = "alternate_freed", _("Suppléance sans objet : %(title)s, %(day)s")
    elif alternate:
        kind, subject = "alternate", _("Convocation comme suppléant : %(title)s, %(day)s")
    elif postponed := meeting.postponements.filter(sequence=meeting.sequence).first():
        kind, subject = "postponed", _("Réunion reportée : %(title)s, %(day)s")
    elif meeting.sequence:
        kind, subject = "changed", _("Convocation modifiée : %(title)s, %(day)s")
    else:
        kind, subject = "convocation", _("Convocation : %(title)s, %(day)s")
    cancelled = kind in ("cancelled", "alternate_freed")
    context = {
        "postponed": postponed,
        "meeting": meeting,
        "person": person,
        "moment": papers.moment(meeting),
        "agenda": list(papers.agenda_lines(meeting)),
        "meeting_url": papers.address("meeting", meeting.pk),
        "answer_url": papers.address("answer", links.answer_token(line)) if line.pk else "",
        "member": line.membership.alternate_of.person if alternate else None,
    }
    mail = EmailMessage(
        subject=one_line(subject % {"title": meeting.title, "day": papers.moment(meeting)}),
        body=render_to_string(f"governance/meetings/mails/{kind}.txt", context),
        to=[person.email],
        reply_to=reply_to,
    )
    invitation = MIMEText(
        papers.meeting_file(meeting, stamp=timezone.now(), attendee=person, off=cancelled).decode(), "calendar", "utf-8"
    )
    invitation.set_param("method", "CANCEL" if cancelled else "REQUEST")
    invitation.add_header("Content-Disposition", "attachment", filename="reunion.ics")
    mail.attach(invitation)
    if pdf and not cancelled:
        mail.attach("convocation.pdf", pdf, "application/pdf")
    return mail


@app.task(name="governance.write_to_alternate", retry=RETRY)
def write_to_alternate(meeting: int, membership: int) -> None:
    """Call an alternate whose line waits for its mail; tell one whose line was taken away that the member will come.

    An answer calls, not a mandate: the council convened the meeting already. Run again, it calls nobody twice.
    """
    with transaction.atomic():
        lines = Attendance.objects.select_for_update(of=("self",)).select_related("meeting__council", "meeting__body")
        member = Membership.objects.select_related("person", "alternate_of__person").get(pk=membership)
        line = lines.filter(meeting=meeting, membership=membership).first()
        sitting = line.meeting if line else Meeting.objects.select_related("council", "body").get(pk=meeting)
        if (line and line.sent_at) or sitting.state != Meeting.State.CONVENED or not has_address(member.person):
            return
        coordinators = Mandate.objects.current().filter(role="coordinator", scope=sitting.council.scope_id)
        replies = list(coordinators.order_by("pk").values_list("person__email", flat=True))
        if line is None:
            freed = Attendance(meeting=sitting, membership=member)
            convocation(freed, reply_to=replies, pdf=None, alternate="freed").send()
            return
        line.membership = member
        # Nobody asks: the points about files are read as whoever holds the council would.
        holding = Mandate.objects.current().filter(
            Q(scope=sitting.council.scope_id) | Q(scope__held=sitting.council.scope_id), role__in=HOLDERS
        )
        mandate = holding.order_by("pk").values_list("pk", flat=True).first()
        act_as(mandate)
        pdf = convocation_file(meeting, sitting.sequence, mandate)
        convocation(line, reply_to=replies, pdf=pdf, alternate="called").send()
        convocation_actions.record_sending(attendance=line, by=MACHINE)


@app.task(name="governance.send_letter", retry=RETRY)
def send_letter(letter: int, person: int, mandate: int) -> None:
    """Send a letter to each of its recipients, one mail a person. Run again, it takes up only what has not left."""
    waiting = LetterRecipient.objects.filter(letter=letter, sent_at=None)
    people = list(waiting.order_by("person").values_list("person", flat=True).distinct())
    failures: list[Exception] = []
    for recipient in people:
        try:
            send_letter_to(letter, recipient, person, mandate)
        except SMTPException as problem:  # one refused address does not hold back the others
            logger.exception("letter %s to person %s not sent", letter, recipient)
            failures.append(problem)
    if failures:
        raise ExceptionGroup(f"{len(failures)} mails of letter {letter} not sent", failures)


def send_letter_to(letter: int, recipient: int, person: int, mandate: int) -> None:
    """The mail of one person, for all their councils. A mandate that has ended sends nothing."""
    with transaction.atomic():
        actor = actor_of(Person.objects.get(pk=person), mandate)
        act_as(actor.mandate_id)
        if actor.mandate_id != mandate or not actor.can("write_to_councils"):
            logger.warning("letter %s not sent: the mandate that wrote it is no longer in force", letter)
            return
        rows = LetterRecipient.objects.select_for_update(of=("self",)).select_related("letter", "council", "person")
        lines = list(rows.filter(letter=letter, person=recipient, sent_at=None).order_by("council__sort_name"))
        if not lines or not has_address(lines[0].person):
            return
        context = {
            "letter": lines[0].letter,
            "sender": actor,
            "councils": [(line.council, papers.address("council", line.council_id)) for line in lines],
        }
        EmailMessage(
            subject=one_line(lines[0].letter.subject),
            body=render_to_string("governance/letters/mails/letter.txt", context),
            to=[lines[0].person.email],
            reply_to=[actor.person.email],
        ).send()
        letter_actions.record_letter_sent(recipients=lines, by=actor)


@app.periodic(cron="10 7 * * 1")
@app.task(queueing_lock="governance.remind_owners", name="governance.remind_owners")
def remind_owners(timestamp: int) -> None:
    """Each Monday morning, one job for each person who carries a decision late or due within the week."""
    for person in owners_to_remind():
        send_reminder.defer(person=person)


def owners_to_remind() -> list[int]:
    due = Decision.objects.open().followed().filter(due_on__lte=timezone.localdate() + SOON)
    return sorted(set(due.exclude(owner=None).filter(owner__is_active=True).values_list("owner_id", flat=True)))


@app.task(name="governance.send_reminder", retry=RETRY)
def send_reminder(person: int) -> None:
    """One mail for all that a person carries; a second run in the same week sends nothing."""
    today = timezone.localdate()
    with transaction.atomic():
        owner = Person.objects.get(pk=person)
        due = Decision.objects.open().followed().filter(owner=owner, due_on__lte=today + SOON)
        decisions = list(due.select_related("council").order_by("due_on", "pk"))
        if not decisions or not has_address(owner):
            return
        week = today - timedelta(days=today.weekday())
        try:
            decision_actions.record_reminder(person=owner, week=week, decisions=len(decisions), by=ANYBODY)
        except Refused:
            return
        reminder(owner, decisions).send()


def reminder(owner: Person, decisions: list[Decision]) -> EmailMessage:
    today = timezone.localdate()
    lines = [{"decision": d, "late": lateness(d, today), "url": papers.address("decision", d.pk)} for d in decisions]
    subject = ngettext("Une décision à suivre", "%(count)d décisions à suivre", len(lines)) % {"count": len(lines)}
    context = {"person": owner, "lines": lines, "address": settings.PUBLIC_ADDRESS}
    return EmailMessage(
        subject=subject, body=render_to_string("governance/decisions/mails/reminder.txt", context), to=[owner.email]
    )


@app.periodic(cron="20 7 * * 1")
@app.task(queueing_lock="governance.remind_signatories", name="governance.remind_signatories")
def remind_signatories(timestamp: int) -> None:
    """Each Monday morning, one job for each person who has not signed a text in force of a group they sit in."""
    living = Rulebook.objects.in_force().filter(body__council__ended_on=None)
    for person in unsigned_people(list(living.only("pk", "body_id"))):
        ask_signature.defer(person=person)


@app.task(name="governance.ask_signature", retry=RETRY)
def ask_signature(person: int) -> None:
    """One mail for all that a person has to sign; a second run in the same week sends nothing."""
    with transaction.atomic():
        signatory = Person.objects.get(pk=person)
        books = [book for book in to_sign(person) if book.body.council.ended_on is None]
        if not (books and signatory.is_active and has_address(signatory)):
            return
        today = timezone.localdate()
        week = today - timedelta(days=today.weekday())
        try:
            rulebook_actions.record_request(person=signatory, week=week, texts=len(books), by=ANYBODY)
        except Refused:
            return
        signature_request(signatory, books).send()


def signature_request(signatory: Person, books: list[Rulebook]) -> EmailMessage:
    subject = ngettext("Un texte à signer", "%(count)d textes à signer", len(books)) % {"count": len(books)}
    context = {
        "person": signatory,
        "lines": [{"rulebook": book, "url": papers.address("rulebook_sign", book.pk)} for book in books],
    }
    body = render_to_string("governance/rulebooks/mails/signature.txt", context)
    return EmailMessage(subject=subject, body=body, to=[signatory.email])


@app.periodic(cron="35 2 * * *")
@app.task(queueing_lock="governance.purge_imports", name="governance.purge_imports")
def purge_imports(timestamp: int) -> None:
    """Each night, erase the tables brought in that are kept longer than their retention, imported or not."""
    import_actions.purge_imports()


# ------------------------------------------------------------------------------------------------------- exports


@app.task(name="governance.build_export", queueing_lock=None)
def build_export(export: int, person: int, mandate: int) -> None:
    """Make the file of a controller's export, noting how far it is. Run again, it starts over and replaces the file."""
    try:
        build_file(export, person, mandate)
    except Exception:
        with transaction.atomic():
            found = ControllerExport.objects.select_related("controller").get(pk=export)
            export_actions.fail_export(export=found, by=MACHINE)
        raise


def build_file(export: int, person: int, mandate: int) -> None:
    """Tables, pages, minutes and documents, as the mandate that asked; one that ended meanwhile gets nothing."""
    with transaction.atomic():
        actor = actor_of(Person.objects.get(pk=person), mandate)
        act_as(actor.mandate_id)
        found = ControllerExport.objects.select_related("controller__scope").get(pk=export)
        if actor.mandate_id != mandate:
            raise Refused(_("Le mandat qui a demandé cet export n’est plus en vigueur."))
        scope = found.controller.scope
        controller_rules.check_can_export(scope, actor)
        tables = list(everything.tables(scope))
        minutes, files = list(everything.approved_minutes(scope)), list(everything.files(scope))
        total, done, output = len(tables) + len(minutes) + len(files) + 2, 0, io.BytesIO()
        missing: list[str] = []
        export_actions.note_progress(export=found, done=0, total=total, by=actor)
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as file:
        for step in archive.steps(scope, tables, minutes, files, missing):
            with transaction.atomic():
                act_as(mandate)
                for name, content in step():
                    file.writestr(name, content)
            done += 1
            if done % 10 == 0 or done == total:
                with transaction.atomic():
                    export_actions.note_progress(export=found, done=done, total=total, by=actor)
    content = output.getvalue()
    with transaction.atomic():
        found.refresh_from_db()
        export_actions.finish_export(
            export=found, content=content, sha256=hashlib.sha256(content).hexdigest(), missing=len(missing), by=actor
        )


@app.periodic(cron="35 4 * * *")
@app.task(queueing_lock="governance.erase_exports", name="governance.erase_exports")
def erase_exports(timestamp: int) -> None:
    """Each night, erase the files whose days have passed."""
    for export in controller_rules.exports_due(timezone.localdate()):
        with transaction.atomic():
            export_actions.erase_export(export=export, by=MACHINE)
