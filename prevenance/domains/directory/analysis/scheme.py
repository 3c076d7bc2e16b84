"""What the directory and its registers bring to a département's victim-support scheme: what there is, what lacks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import yaml
from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from prevenance.core.composed import composed
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.directory.analysis import coverage, rounds, stations
from prevenance.domains.directory.models import (
    AgreementParty,
    Door,
    PartnersAgreement,
    kind_label,
)
from prevenance.domains.directory.rules.agreements import ending_before, subjects
from prevenance.domains.directory.rules.rhythms import in_words
from prevenance.domains.strategy.models import Plan
from prevenance.domains.territories.models import Territory


@dataclass(frozen=True)
class Gap:
    """Inhabitants farther than so many minutes from a service of a nature, of all those counted."""

    kind: str
    places: int
    beyond: int
    inhabitants: int
    minutes: int


@dataclass(frozen=True)
class Brought:
    """Of a département, on a day."""

    place: Territory
    day: date
    whole: stations.Departement
    posts: list[stations.Line]
    stops: list[rounds.Stop]
    agreements: list[tuple[PartnersAgreement, str, bool]]  # what it is about; whether it ends soon; its `signed_by`
    gaps: list[Gap]
    plans: list[Plan]


@cache
def _records() -> list[dict[str, Any]]:
    text = (settings.DATA / "directory" / "scheme.yaml").read_text(encoding="utf-8")
    records: list[dict[str, Any]] = yaml.safe_load(text)
    return sorted(records, key=lambda record: record["from"])


def kinds_on(day: date) -> list[str]:
    """Natures of service whose gaps are counted on a day; none before the first record."""
    found = next((record for record in reversed(_records()) if record["from"] <= day), None)
    return list(found["kinds"]) if found else []


def brought(actor: Actor, departement: Territory, complete_on: date | None, day: date) -> Brought:
    """`complete_on`: when somebody last said that its register of posts is complete."""
    lines = stations.lines_of(stations.posts_of(actor, departement.pk, day.year - 1), day)
    lines = [line for line in lines if stations.open_on(line.post, day)]
    stops = [rounds.Stop(door, in_words(door.hours), []) for door in doors_of(actor, departement.pk, day)]
    return Brought(
        place=departement,
        day=day,
        whole=stations.whole(departement, lines, complete_on, day),
        posts=lines,
        stops=stops,
        agreements=agreements_of(actor, departement, day),
        gaps=gaps_of(actor, departement, kinds_on(day), day),
        plans=list(
            Plan.objects.visible_to(actor).filter(kind=Plan.Kind.VICTIMS, territory=departement).order_by("-pk")
        ),
    )


@composed
def doors_of(actor: Actor, departement: int, day: date) -> Any:
    found = Door.objects.visible_to(actor).open(day).filter(commune__containers__container=departement)
    found = found.select_related("commune", "round", "service")
    return found.order_by("commune__sort_name", "service__sort_name", "rank", "pk")


@composed
def agreements_signed(actor: Actor, departement: int, day: date) -> Any:
    """With the names of who signed each."""
    found = PartnersAgreement.objects.visible_to(actor).in_force(day).filter(departement=departement)
    signed = AgreementParty.objects.filter(agreement=OuterRef("pk")).order_by("pk").values("name")
    return found.annotate(signed_by=ArraySubquery(signed)).order_by("object", "ends_on", "pk")


def agreements_of(actor: Actor, departement: Territory, day: date) -> list[tuple[PartnersAgreement, str, bool]]:
    labels, soon = subjects(), ending_before(day)
    return [
        (one, labels.get(one.object, one.object), one.ends_on is not None and one.ends_on <= soon)
        for one in agreements_signed(actor, departement.pk, day)
    ]


def gaps_of(actor: Actor, departement: Territory, kinds: Sequence[str], day: date) -> list[Gap]:
    """One a nature, at the second threshold of the screens of coverage; communes and services are read once."""
    asked = dict.fromkeys(("kind", "need", "audience", "language"), "")
    every = coverage.communes_of(departement, None)
    services = coverage.services_of(coverage.seen_by(actor), departement, asked, day)
    found = []
    for kind in kinds:
        here = coverage.ground_of(every, [one for one in services if one.kind == kind], day)
        figures = coverage.figures(here.today)
        found.append(Gap(kind_label(kind), len(here.services), figures.beyond[1], figures.weight, here.terms.bands[1]))
    return found
