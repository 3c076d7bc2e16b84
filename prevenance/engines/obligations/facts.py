"""What is known of a territory on a day. What is not known is None, never false."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Figure:
    """Inhabitants in one definition of population, in one year (None when the source does not say)."""

    value: int
    year: int | None = None


@dataclass(frozen=True)
class Council:
    """A council declared here: its kind (CLSPD, CISPD, CDDF, CDPDR), first and last day when known, and whose it is."""

    kind: str
    since: datetime.date | None = None
    until: datetime.date | None = None
    holder: str = ""

    def exists_on(self, day: datetime.date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


@dataclass(frozen=True)
class Facts:
    """Facts of one territory.

    `populations` maps a definition (`total`, `municipal`, `unspecified`) to its figure. Declarations are what this
    platform holds, so an empty tuple or False reads « not declared here »: `councils` of the territory itself,
    `intercommunal_councils` of the bodies that contain it, `coordinator`, `last_plenary` of its council, `members`
    (keys of members of right, None when the composition was not entered). The other facts are None when unknown:
    `qpv` (a priority neighbourhood lies in it), `competence` (the intercommunal body holds local prevention),
    `opposition` (communes with half the population oppose an intercommunal council).
    """

    code: str
    kind: str
    place: str
    name: str = ""
    populations: Mapping[str, Figure] = field(default_factory=dict)
    qpv: bool | None = None
    councils: tuple[Council, ...] = ()
    intercommunal_councils: tuple[Council, ...] = ()
    coordinator: bool | None = False
    last_plenary: datetime.date | None = None
    members: frozenset[str] | None = None
    competence: bool | None = None
    opposition: bool | None = None

    def council(self, kind: str, on: datetime.date) -> Council | None:
        """The council of this kind that exists on the day, the longest known first."""
        if not self.councils:
            return None
        there = [council for council in self.councils if council.kind == kind and council.exists_on(on)]
        return min(there, key=lambda council: council.since or datetime.date.min, default=None)

    def intercommunal(self, on: datetime.date) -> Council | None:
        """An intercommunal council that covers the territory on the day."""
        return next(
            (council for council in self.intercommunal_councils if council.exists_on(on)),
            None,
        )
