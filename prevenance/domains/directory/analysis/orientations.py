"""How long services usually take to answer an orientation: of services, never of a person, and not of a few answers."""

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Aggregate, Count, DurationField, ExpressionWrapper, F

from prevenance.domains.directory.models import OrientationLink, orientation_terms

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
