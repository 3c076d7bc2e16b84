"""Errors that visitors report, and reminders of what is to be confirmed."""

from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.core.refusals import Refused
from prevenance.core.retention import oldest_day_kept
from prevenance.domains.accounts.acting import ANYBODY
from prevenance.domains.accounts.models import Person
from prevenance.domains.directory.models import ErrorReport, ReviewReminder
from prevenance.domains.directory.rules import reviews as rules


@action(_("Erreur de l’annuaire signalée"))
def report_error(*, key: UUID, what: str, by: audit.Identity = ANYBODY) -> ErrorReport:
    """Keep the word and the day, and nothing of who says it. Raises Refused past what one day bears."""
    service = rules.reportable(key)
    rules.check_can_report(service, what, timezone.localdate())
    report = ErrorReport.objects.create(service=service, what=what)
    # In the trail too, nobody: whoever is signed in reports as a visitor.
    audit.record(by=ANYBODY, scope="platform", subject=service, what=what)
    return report


@action(_("Rappel de services à confirmer envoyé"))
def record_review_reminder(*, person: Person, week: date, services: int, by: audit.Identity) -> ReviewReminder:
    """One a week a person, which the database holds: Refused, and nothing is sent, when it was done already.

    Called by the job, in the transaction that sends the mail.
    """
    try:
        with transaction.atomic():
            reminder = ReviewReminder.objects.create(person=person, week=week)
    except IntegrityError as error:
        raise Refused(_now("Cette personne a déjà reçu son rappel de la semaine.")) from error
    audit.record(by=by, scope="platform", subject=person, week=week, services=services)
    return reminder


@action(_("Signalements et rappels anciens de l’annuaire effacés"))
def purge_reviews(*, on: date, by: audit.Identity = audit.MACHINE) -> int:
    """Erase reports once settled for long, and what says that reminders were sent; how many."""
    reports = ErrorReport.objects.filter(settled_on__lt=oldest_day_kept("error_reports", on)).delete()[0]
    reminders = ReviewReminder.objects.filter(sent_at__date__lt=oldest_day_kept("reminders", on)).delete()[0]
    audit.record(by=by, scope="platform", reports=reports, reminders=reminders)
    return reports + reminders
