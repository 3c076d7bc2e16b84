"""The archive of the groups that somebody coordinates: what may be told of a file there is its number, no more."""

from django.db.models import QuerySet

from prevenance.domains.accounts.acting import Actor
from prevenance.domains.followup.models import FollowUp


def archived(actor: Actor) -> QuerySet[FollowUp]:
    found: QuerySet[FollowUp] = FollowUp.objects.in_archive_of(actor)
    return found.select_related("body__council").order_by("purge_on", "pk")
