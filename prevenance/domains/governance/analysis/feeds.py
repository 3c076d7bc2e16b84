"""The meetings of a person, as a calendar reads them."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _

from prevenance.core.documents import calendar
from prevenance.domains.accounts.acting import Actor, actor_of
from prevenance.domains.accounts.models import Person
from prevenance.domains.governance.analysis.papers import event_of
from prevenance.domains.governance.models import Meeting, Membership
from prevenance.domains.governance.models.councils import held_by

PAST = timedelta(days=365)
MOST = 500  # entries: several a day for a year


def meetings_of(person: Person, now: datetime) -> list[Meeting]:
    """Meetings convened, held or called off since a year: of the bodies where one sits, of the councils one holds."""
    seats = Membership.objects.current().filter(person=person).values("body_id")
    theirs = Q(body__in=seats)
    first = actor_of(person)
    for mandate in first.mandates:
        theirs |= held_by(Actor(person, mandate, first.mandates))
    meetings = Meeting.objects.filter(theirs, starts_at__gte=now - PAST).exclude(state=Meeting.State.DRAFT)
    return list(
        meetings.select_related("council", "body").prefetch_related("items").order_by("-starts_at", "pk")[:MOST]
    )


def feed_of(person: Person, now: datetime) -> bytes:
    """The calendar file. Nothing of a nominative group but when and where: calendars are read by others."""
    events = [event_of(meeting) for meeting in meetings_of(person, now)]
    return calendar.calendar(events, name=_("Réunions, Prévenance"), stamp=now)
