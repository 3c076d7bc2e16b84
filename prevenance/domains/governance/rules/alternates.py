"""Who is called when a member answers that they will not come."""

from collections.abc import Collection

from prevenance.domains.governance.models import Attendance, Membership
from prevenance.domains.governance.rules.meetings import day_of

Answer = Attendance.Answer


def alternate_to_call(line: Attendance, seat: Collection[Attendance]) -> Membership | None:
    """The next alternate of the member of `line`, of which `seat` holds the lines of all who may sit in their place.

    One at a time, in the order in which they were designated: nobody while someone said yes or has not answered yet.
    """
    member = line.membership
    if member is None or any(one.answer != Answer.NO for one in seat):
        return None
    called = [one.membership_id for one in seat if one.membership_id]
    left = Membership.objects.filter(alternate_of=member.alternate_of_id or member.pk).exclude(pk__in=called)
    return left.current(day_of(line.meeting)).select_related("person").order_by("pk").first()


def no_longer_needed(line: Attendance, seat: Collection[Attendance]) -> list[Attendance]:
    """Lines of alternates called for a member who will come after all. Who said no, or is marked at the door, stays."""
    if line.membership is None or line.membership.alternate_of_id is not None:
        return []
    return [one for one in seat if one.pk != line.pk and not one.presence and one.answer != Answer.NO]
