"""Truth of conditions and of what meets a duty: True, False, or None when a missing fact would decide (Kleene)."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from prevenance.engines.obligations.facts import Facts
from prevenance.engines.obligations.law import (
    AllOf,
    Always,
    AnyOf,
    Asks,
    Condition,
    Declared,
    Intercommunal,
    Known,
    MoreThan,
)


def truth(condition: Condition, facts: Facts, on: datetime.date) -> bool | None:
    """Does the condition hold for these facts on this day?"""
    if isinstance(condition, MoreThan):
        figure = facts.populations.get(condition.population.definition)
        return None if figure is None else figure.value > condition.threshold
    if isinstance(condition, Known):
        value: bool | None = getattr(facts, condition.fact)
        return None if value is None else value is condition.wanted
    if isinstance(condition, Declared):
        return (facts.council(condition.council, on) is not None) is condition.wanted
    if isinstance(condition, Intercommunal):
        return facts.intercommunal(on) is not None
    if isinstance(condition, AnyOf):
        return _any(truth(part, facts, on) for part in condition.parts)
    if isinstance(condition, AllOf):
        refuted = _any(_not(truth(part, facts, on)) for part in condition.parts)
        return _not(refuted)
    return isinstance(condition, Always)


def _any(values: Iterable[bool | None]) -> bool | None:
    unknown = False
    for value in values:
        if value:
            return True
        unknown = unknown or value is None
    return None if unknown else False


def _not(value: bool | None) -> bool | None:
    return None if value is None else not value


def fulfilled(asks: Asks, facts: Facts, on: datetime.date) -> bool | None:
    """Is what the text asks for declared here? None when it cannot be known from the facts."""
    if asks.what == "council":
        return facts.council(asks.council, on) is not None
    if asks.what == "coordinator":
        return facts.coordinator
    if asks.what == "plenary":
        last = facts.last_plenary
        return last is not None and months_before(on, asks.months) <= last <= on
    return _members(asks, facts)


def _members(asks: Asks, facts: Facts) -> bool | None:
    if facts.members is None:
        return None
    absent = [member for member in asks.members if member.key not in facts.members]
    if any(not member.if_competence for member in absent):
        return False
    if absent and facts.competence is not False:
        return None if facts.competence is None else False
    return True


def not_yet(asks: Asks, facts: Facts, on: datetime.date) -> bool:
    """Is it too early to expect a plenary, every council being younger than the period?"""
    if asks.what != "plenary":
        return False
    young = [council.since for council in facts.councils if council.exists_on(on)]
    start = months_before(on, asks.months)
    return bool(young) and all(since is not None and since > start for since in young)


def months_before(day: datetime.date, months: int) -> datetime.date:
    """The same day `months` earlier; the last day of the month where that day does not exist."""
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    after = datetime.date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(
        datetime.date(year, month + 1, 1) + datetime.timedelta(days=day.day - 1),
        after - datetime.timedelta(1),
    )
