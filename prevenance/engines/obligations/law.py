"""The law: records valid between two days, in places, for kinds of territory, each with a small condition."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["commune", "epci", "ept", "departement"]
KINDS: tuple[Kind, ...] = ("commune", "epci", "ept", "departement")
Effect = Literal["duty", "option", "none", "unknown"]
EFFECTS: tuple[Effect, ...] = ("duty", "option", "none", "unknown")


class LawError(ValueError):
    """The records of the law are not well formed; the message says which one and why, in English."""


@dataclass(frozen=True)
class Always:
    """Holds for every territory that the record covers."""


@dataclass(frozen=True)
class MoreThan:
    """Strictly more inhabitants than `threshold`, in the definition of population of the record."""

    threshold: int
    population: Population


@dataclass(frozen=True)
class Known:
    """A yes-or-no fact of the territory has the value `wanted`."""

    fact: Literal["qpv", "competence", "opposition"]
    wanted: bool


@dataclass(frozen=True)
class Declared:
    """A council of this kind is declared (or, with `wanted` false, is not) by the territory itself."""

    council: str
    wanted: bool = True


@dataclass(frozen=True)
class Intercommunal:
    """A council is declared by an intercommunal body of which the territory is a member."""


@dataclass(frozen=True)
class AllOf:
    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class AnyOf:
    parts: tuple[Condition, ...]


Condition = Always | MoreThan | Known | Declared | Intercommunal | AllOf | AnyOf


@dataclass(frozen=True)
class Population:
    """A definition of population: its key among facts, its French name, where the law defines it. No fallback."""

    definition: str
    name: str
    article: str


@dataclass(frozen=True)
class Member:
    """A member of right. With `if_competence`, only where the intercommunal body holds the competence."""

    key: str
    title: str
    if_competence: bool = False


@dataclass(frozen=True)
class Asks:
    """What meets a duty: a council, a coordinator, a plenary within `months`, or members of right."""

    what: Literal["council", "coordinator", "plenary", "members"]
    council: str = ""
    months: int = 0
    members: tuple[Member, ...] = ()


@dataclass(frozen=True)
class Place:
    """A part of the Republic with its own application of the texts; `locative` completes a French sentence."""

    key: str
    name: str
    locative: str
    codes: frozenset[str] = frozenset()
    departements: frozenset[str] = frozenset()
    zones: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Record:
    """One version of one text. Days are inclusive; `valid_to` None means still in force. Texts are in French."""

    rule: str
    rank: int
    article: str
    title: str
    text: str
    valid_from: datetime.date
    valid_to: datetime.date | None
    kinds: frozenset[Kind]
    places: frozenset[str]
    effect: Effect
    condition: Condition
    unless: Condition | None
    unsure: Condition | None
    doubt: Condition | None
    asks: Asks
    missing: str
    population: Population | None
    source: str
    consulted: datetime.date
    note: str

    def holds_on(self, day: datetime.date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def distance(self, day: datetime.date) -> int:
        """Days between `day` and the nearest day of validity; 0 inside."""
        if day < self.valid_from:
            return (self.valid_from - day).days
        return max(0, (day - self.valid_to).days) if self.valid_to else 0


@dataclass(frozen=True)
class InForce:
    """A rule as it stands for one kind of territory in one place on one day.

    `record` is None when no text is registered for that day there; `nearest` is then the closest version known.
    """

    rule: str
    record: Record | None
    nearest: Record


class Law:
    """A consistent set of records: one version at most of a rule on a day, for a kind of territory, in a place.

    Raises LawError when two versions overlap, when the ranks or the places do not agree, or when there is none.
    """

    def __init__(self, records: Iterable[Record], places: Iterable[Place] = ()) -> None:
        ordered = sorted(
            records,
            key=lambda r: (r.rank, r.rule, r.valid_from, r.article, sorted(r.places)),
        )
        self.records = tuple(ordered)
        self.places = {place.key: place for place in places}
        self._by_rule: dict[str, list[Record]] = defaultdict(list)
        for record in ordered:
            self._by_rule[record.rule].append(record)
        if not ordered:
            raise LawError("no record of the law")
        self._check()

    def _check(self) -> None:
        ranks: dict[int, str] = {}
        for rule, versions in self._by_rule.items():
            for record in versions:
                if ranks.setdefault(record.rank, rule) != rule or record.rank != versions[0].rank:
                    raise LawError(f"{rule}: rank {record.rank} is not its own everywhere")
                unknown = record.places - self.places.keys()
                if self.places and unknown:
                    raise LawError(f"{rule}: unknown places {sorted(unknown)}")
            for index, one in enumerate(versions):
                for other in versions[index + 1 :]:
                    overlap = other.holds_on(one.valid_from) or one.holds_on(other.valid_from)
                    if overlap and one.kinds & other.kinds and one.places & other.places:
                        raise LawError(
                            f"{rule}: {one.article} from {one.valid_from} and {other.article} from "
                            f"{other.valid_from} hold together in {sorted(one.places & other.places)}"
                        )

    def in_force(self, kind: str, place: str, on: datetime.date) -> tuple[InForce, ...]:
        """The rules that concern a kind of territory, by rank, as they stand in `place` on a day."""
        found = []
        for rule, versions in self._by_rule.items():
            concerned = [record for record in versions if kind in record.kinds]
            if not concerned:
                continue
            record = next((r for r in concerned if place in r.places and r.holds_on(on)), None)
            nearest = record or min(concerned, key=lambda r: (place not in r.places, r.distance(on)))
            found.append(InForce(rule, record, nearest))
        return tuple(found)


def place_of(places: Iterable[Place], code: str, departement: str, zone: str) -> str:
    """Key of the place of a territory, from its code, then its département, then its zone; "" when none is known."""
    known = tuple(places)
    for place in known:
        if code in place.codes:
            return place.key
    for place in known:
        if departement and departement in place.departements:
            return place.key
    return next((place.key for place in known if zone and zone in place.zones), "")
