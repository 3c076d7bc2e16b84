"""Whether enough members are there, where the rulebook in force asks for it."""

from collections.abc import Collection
from dataclasses import dataclass

from prevenance.domains.governance.models import Attendance, Meeting, Membership
from prevenance.domains.governance.rules.meetings import day_of
from prevenance.domains.governance.rules.rulebooks import Quorum, quorum_of

THERE = (Attendance.Presence.PRESENT, Attendance.Presence.REPRESENTED)


@dataclass(frozen=True)
class Count:
    """Members counted in a meeting, how many of them are there, and what the rulebook asks."""

    quorum: Quorum
    members: int
    there: int

    @property
    def needed(self) -> int:
        return self.quorum.needed(self.members)

    @property
    def reached(self) -> bool:
        return self.there >= self.needed


def count(meeting: Meeting, lines: Collection[Attendance]) -> Count | None:
    """The count of a meeting from its lines of attendance, None where no rulebook in force that day has a quorum.

    A seat is there when its member is present or represented, or when an alternate of that member is present. Permanent
    guests, and whoever came without being convened, are neither counted nor needed.
    """
    quorum = quorum_of(meeting.body, day_of(meeting))
    if quorum is None:
        return None
    members, there = set(), set()
    for line in lines:
        seat = line.membership
        if seat is None or seat.quality == Membership.Quality.INVITED:
            continue
        if seat.alternate_of_id is None:
            members.add(seat.pk)
        if line.presence in THERE:
            there.add(seat.alternate_of_id or seat.pk)
    return Count(quorum, len(members), len(there & members))
