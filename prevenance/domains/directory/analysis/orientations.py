"""What is counted of orientations: how long services usually take to answer, never of a few answers; how many people
were turned to a service, never a small figure."""

import math
from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Aggregate, Count, DurationField, ExpressionWrapper, F

from prevenance.core.dates import quarter_after
from prevenance.domains.directory.models import OrientationLink, orientation_terms
from prevenance.domains.strategy.rules.small_counts import Threshold
from prevenance.domains.territories.models import Territory

DAY = timedelta(days=1)


class Median(Aggregate):
    """The middle of values, the mean of the two of the middle when they are even: PostgreSQL's `percentile_cont`."""

    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"


@dataclass(frozen=True)
class Usual:
    """The median of `answers` delays, in days begun: a service that answers the same day has 1."""

    days: int
    answers: int


def usual_delays(services: Collection[int], on: date) -> dict[int, Usual]:
    """{service: its usual delay} of those that answered often enough of late, whoever sent, in one query."""
    terms = orientation_terms(on)
    since = on - timedelta(days=round(terms["median_months"] * 30.44))
    answered = OrientationLink.objects.filter(service__in=services, answered_at__isnull=False, made_at__date__gte=since)
    took = ExpressionWrapper(F("answered_at") - F("made_at"), output_field=DurationField())
    rows = (
        answered.order_by()
        .values("service")
        .annotate(median=Median(took, output_field=DurationField()), answers=Count("pk"))
        .filter(answers__gte=terms["median_from"])
    )
    return {row["service"]: Usual(max(1, math.ceil(row["median"] / DAY)), row["answers"]) for row in rows}


@dataclass(frozen=True)
class ByNeed:
    """What is counted for a need: by commune where there are enough, the others together, or untold."""

    need: str
    communes: list[tuple[str, str, int]]  # (Insee code, name, count)
    others: int  # of the communes that are not named; 0 when there are none or too few to be said
    untold: bool


def turned(departement: Territory, quarter: date, small: Threshold) -> list[ByNeed]:
    """Orientations by need, for the one grain that is ever shown: a département and a finished quarter. A commune that
    fewer than `small.units` people turned somebody to is among the others, whatever its count: one of them would know
    the rest."""
    made = OrientationLink.objects.filter(
        made_at__date__gte=quarter, made_at__date__lt=quarter_after(quarter),
        service__commune__containers__container=departement,
    )  # fmt: skip
    rows = made.values_list("need", "service__commune__code", "service__commune__name", "sender").annotate(Count("pk"))
    totals: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    senders: dict[tuple[str, tuple[str, str]], set[int]] = defaultdict(set)
    for need, code, name, sender, count in rows.order_by("need", "service__commune__sort_name", "sender"):
        totals[need][code, name] += count
        senders[need, (code, name)].add(sender)
    found = []
    for need, places in totals.items():
        hidden = [one for one, total in places.items() if _small(total, senders[need, one], small)]
        others = sum(places[one] for one in hidden)
        # One commune alone behind « the others » would be told by them.
        alone = len(hidden) == 1 or _small(others, set().union(*(senders[need, one] for one in hidden)), small)
        named = [(*one, total) for one, total in places.most_common() if one not in hidden]
        found.append(ByNeed(need, named, 0 if alone else others, bool(hidden) and alone))
    return found


def _small(count: int, senders: set[int], small: Threshold) -> bool:
    return count < small.least or len(senders) < small.units
