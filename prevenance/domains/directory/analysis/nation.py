"""Coverage of each département, for each need and audience at once: what its page would say of its whole.

Ways are found once for all the services of a département; needs and audiences that the same services answer are
computed once.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from prevenance.core.travel import decay_on
from prevenance.domains.directory.analysis.coverage import (
    Place,
    Seen,
    communes_of,
    counted_of,
    figures,
    hours_of,
    reach,
    services_of,
)
from prevenance.domains.directory.models import CoverageRun, DepartementCoverage, Door, Service, closed_list
from prevenance.domains.directory.rules.coverage import terms_on
from prevenance.domains.territories.models import Territory
from prevenance.engines.coverage import Coverage, Given, cover
from prevenance.engines.coverage.points import Floats

EVERYTHING = {"kind": "", "need": "", "audience": "", "language": ""}
EVERYBODY = "tous-publics"


@dataclass(frozen=True)
class Told:
    """Of a département, for a need and an audience."""

    inhabitants: int
    places: int
    beyond: tuple[int, ...]
    median: float | None
    hours: float


def pairs_of_words() -> list[tuple[str, str]]:
    """(need, audience), "" for all."""
    return [(need, audience) for need in ("", *closed_list("needs")) for audience in ("", *closed_list("publics"))]


def counted(departement: Territory, run: CoverageRun) -> Iterator[DepartementCoverage]:
    """A line for each need and audience, not saved."""
    day = run.day
    terms = terms_on(day)
    every = communes_of(departement, None)
    communes = counted_of(every)
    services = services_of(Seen(Service.objects.all(), Door.objects.shown()), departement, EVERYTHING, day)
    _demand, pairs = reach(communes, services, terms, day, choosing=True)
    ways, decay, hours = Given(pairs), decay_on(day, terms.decay, terms.catchment), hours_of(services, terms)
    weight = np.array([commune.inhabitants for commune in communes], dtype=np.float64)
    known: dict[bytes, Told] = {}
    for need, audience in pairs_of_words():
        kept = np.array([answers(service, need, audience) for service in services], dtype=np.bool_)
        told = known.get(kept.tobytes())
        if told is None:
            told = known[kept.tobytes()] = told_of(
                cover(weight, np.where(kept, hours, 0.0), ways, decay, terms.bands), int(kept.sum())
            )
        yield DepartementCoverage(
            departement=departement, run=run, need=need, audience=audience, bands=list(terms.bands),
            inhabitants=told.inhabitants, places=told.places, beyond=list(told.beyond), median=told.median,
            hours=told.hours,
        )  # fmt: skip


def answers(service: Place, need: str, audience: str) -> bool:
    """As `services_of` filters."""
    return (not need or need in service.needs) and (
        not audience or audience in service.audiences or EVERYBODY in service.audiences
    )


def told_of(found: Coverage, places: int) -> Told:
    whole = figures(found)
    return Told(whole.weight, places, whole.beyond, median_of(found.minutes, found.weight), whole.hours)


def median_of(minutes: Floats, weight: Floats) -> float | None:
    """Minutes that half of the weight needs at most; None when half has nothing within reach, or nothing weighs."""
    order = np.argsort(minutes, kind="stable")
    half = np.searchsorted(np.cumsum(weight[order]), weight.sum() / 2)
    if not weight.sum() or not np.isfinite(minutes[order[half]]):
        return None
    return float(minutes[order[half]])
