"""What governance keeps for a time only (data/retention.yaml), and is due."""

from datetime import date, datetime, time

from django.db.models import QuerySet
from django.utils import timezone

from prevenance.domains.governance.models import Attendance, DecisionReminder, SignatureReminder

Reminder = DecisionReminder | SignatureReminder
REMINDERS: tuple[type[Reminder], ...] = (DecisionReminder, SignatureReminder)


def attendances_due(before: date) -> QuerySet[Attendance]:
    """Lines of meetings that ended before a day. Approved minutes keep in their own text who was there."""
    return Attendance.objects.filter(meeting__ends_at__lt=beginning(before))


def reminders_due(model: type[Reminder], before: date) -> QuerySet[Reminder]:
    """Those of one of the tables of `REMINDERS` that left before a day."""
    return model._default_manager.filter(sent_at__lt=beginning(before))


def beginning(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
