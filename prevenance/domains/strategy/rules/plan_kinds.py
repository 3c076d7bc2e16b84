"""Kinds of plan: who holds one, what it stands under, by which act it takes effect, its outline. Dated data
(data/strategies/plan_kinds.yaml, whose head says what each field means)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import yaml
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from prevenance.domains.governance.rules.act_forms import Form, forms_on
from prevenance.domains.strategy.models import Plan

# CSI L132-6: what a local plan says of its compatibility with the one above it.
COMPATIBLE = "L132-6"


@dataclass(frozen=True)
class Part:
    """A part of a plan's text."""

    key: str
    label: str
    help: str = ""


@dataclass(frozen=True)
class PlanKind:
    """A kind of plan between two days."""

    kind: str
    label: str
    short: str
    holders: tuple[str, ...]
    parents: tuple[str, ...]
    act: Mapping[str, str]
    years: int
    several: bool
    article: str
    valid_from: date
    valid_to: date | None
    outline: tuple[Part, ...]
    source: str
    note: str

    def holds_on(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)

    @property
    def says_compatibility(self) -> bool:
        return COMPATIBLE in self.article and bool(self.parents)


@cache
def every_kind() -> tuple[PlanKind, ...]:
    """All records, in the order of the file. Raises TypeError for an unknown field."""
    text = (settings.DATA / "strategies" / "plan_kinds.yaml").read_text(encoding="utf-8")
    lines: list[dict[str, Any]] = yaml.safe_load(text)
    return tuple(
        PlanKind(
            **{
                **line,
                "holders": tuple(line["holders"]),
                "parents": tuple(line["parents"]),
                "outline": tuple(Part(**part) for part in line["outline"]),
            }
        )
        for line in lines
    )


def kinds_on(on: date) -> dict[str, PlanKind]:
    """The record of each kind in force on a day."""
    return {one.kind: one for one in every_kind() if one.holds_on(on)}


@cache
def latest() -> dict[str, PlanKind]:
    """The last record of each kind, for labels."""
    return {one.kind: one for one in every_kind()}


def kind_of(plan: Plan) -> PlanKind:
    """The record that a plan is made by: that of the day when it took effect, today's for a draft."""
    return kinds_on(plan.in_force_from or timezone.localdate()).get(plan.kind) or latest()[plan.kind]


def act_form(kind: PlanKind, holder: str, on: date) -> Form | None:
    """The form of the act that gives effect to such a plan, for a kind of holder; None when no act of ours does."""
    return forms_on(on).get(kind.act.get(holder, ""))


def part_label(kind: PlanKind, part: str) -> str:
    """The heading of a part: of the outline, or of a sheet's words ("sheet:4:objective")."""
    for one in kind.outline:
        if one.key == part:
            return one.label
    pieces = part.split(":")
    if len(pieces) == 3 and pieces[0] == "sheet":
        words = {"problem": _("problème"), "objective": _("objectif")}
        return _("Fiche %(number)s, %(words)s") % {"number": pieces[1], "words": words.get(pieces[2], pieces[2])}
    return part
