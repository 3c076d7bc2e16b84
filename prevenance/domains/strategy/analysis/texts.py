"""The text of a plan for engines and screens: on a day, as a draft would make it, with what brought each sentence."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from prevenance.core.composed import composed
from prevenance.domains.strategy.models import Amendment, Change, Plan, Provision
from prevenance.domains.strategy.rules.plan_kinds import kind_of, part_label
from prevenance.engines.amending import Edit, Paragraph, Traced, Version, join, order, traced


@dataclass(frozen=True)
class PartText:
    """A part with its heading and what it holds; `lines` are paragraphs, or paragraphs with their sentences traced."""

    key: str
    label: str
    lines: tuple[Paragraph, ...] | tuple[Traced, ...] = ()
    help: str = ""

    @property
    def text(self) -> str:
        return join(line.paragraph if isinstance(line, Traced) else line for line in self.lines)


def paragraph_of(provision: Provision) -> Paragraph:
    return Paragraph(provision.anchor, provision.part, provision.position, provision.text)


def standing(plan: Plan) -> list[Provision]:
    """The last text in force, whatever its day: what an amendment is written on."""
    if plan.in_force_from is None:
        return []
    return list(Provision.objects.filter(plan=plan, until=None).order_by("part", "position", "pk"))


def on_day(plan: Plan, day: date) -> tuple[Paragraph, ...]:
    """The consolidated text of a day: one reading of the stored intervals."""
    return order(paragraph_of(row) for row in Provision.objects.filter(plan=plan).on(day))


def versions_of(plan: Plan) -> list[Version]:
    """Every version that a paragraph of the plan has had."""
    return [
        Version(Paragraph(anchor, part, position, text), brought, since, replaced, until)
        for anchor, part, position, text, brought, since, replaced, until in _versions(plan.pk)
    ]


@composed
def _versions(plan: int) -> Any:
    rows = Provision.objects.filter(plan=plan).order_by("part", "position", "id")
    return rows.values_list(
        "anchor", "part", "position", "text", "brought_by__number", "since", "replaced_by__number", "until"
    )


def traced_on(plan: Plan, day: date) -> tuple[Traced, ...]:
    return traced(versions_of(plan), day)


def edit_of(change: Change) -> Edit:
    return Edit(change.kind, change.anchor, change.part, change.position, change.text)


def drafted(before: Iterable[Paragraph], changes: Iterable[Change]) -> tuple[Paragraph, ...]:
    """What a draft would make of the text in force.

    Where another amendment has changed the same paragraph meanwhile, the draft's words are shown all the same: the
    person compares, and saves again on the text of today. `engines.amending.apply` would refuse.
    """
    found = {one.anchor: one for one in before}
    for change in changes:
        if change.kind == Change.Kind.REMOVE:
            found.pop(change.anchor, None)
        else:
            found[change.anchor] = Paragraph(change.anchor, change.part, change.position, change.text)
    return order(found.values())


def draft_text(amendment: Amendment) -> tuple[Paragraph, ...]:
    """The whole text as a draft would make it; an amendment in force gives the text of its day."""
    return before_and_after(amendment)[1]


def before_and_after(amendment: Amendment) -> tuple[tuple[Paragraph, ...], tuple[Paragraph, ...]]:
    """The text that an amendment changes and what it makes of it: the last text in force and the draft's, or those just
    before and just after it took effect, others of the same day left out."""
    if amendment.state != Amendment.State.IN_FORCE:
        old = order(paragraph_of(row) for row in standing(amendment.plan))
        return old, drafted(old, amendment.changes.all())
    reached = _reached(amendment)
    return (
        order(version.paragraph for version in reached if version.brought_by != amendment.number),
        order(version.paragraph for version in reached if version.replaced_by != amendment.number),
    )


def _reached(amendment: Amendment) -> list[Version]:
    """Versions that stood just before the amendment, or that it brought.

    Amendments are told apart by day, then number (rules.amendments.check_effect_day keeps that order).
    """
    days = dict(
        Amendment.objects.filter(plan=amendment.plan_id, state=Amendment.State.IN_FORCE).values_list(
            "number", "in_force_from"
        )
    )
    rank = {number: place for place, number in enumerate(sorted(days, key=lambda number: (days[number], number)))}
    mine = rank[amendment.number]
    return [
        version
        for version in versions_of(amendment.plan)
        if rank[version.brought_by] <= mine and (version.replaced_by is None or rank[version.replaced_by] >= mine)
    ]


def parts_of(plan: Plan, lines: Iterable[Paragraph] | Iterable[Traced], *, empty: bool = False) -> list[PartText]:
    """Lines by part: the outline's in order, its empty ones too with `empty`, then those of sheets by number."""
    kind = kind_of(plan)
    by_part: dict[str, list] = {part.key: [] for part in kind.outline}
    for line in lines:
        paragraph = line.paragraph if isinstance(line, Traced) else line
        by_part.setdefault(paragraph.part, []).append(line)
    helps = {part.key: part.help for part in kind.outline}
    places = {key: rank for rank, key in enumerate(helps)}
    keys = sorted(by_part, key=lambda key: (places.get(key, len(places)), *sheet_place(key)))
    return [
        PartText(key, part_label(kind, key), tuple(by_part[key]), helps.get(key, ""))
        for key in keys
        if by_part[key] or empty
    ]


def sheet_place(part: str) -> tuple[int, bool, str]:
    """Where the words of a sheet come: by its number, the problem first."""
    pieces = part.split(":")
    number = int(pieces[1]) if len(pieces) == 3 and pieces[1].isdecimal() else 0
    return number, not part.endswith("problem"), part


def part_label_of(plan: Plan, part: str) -> str:
    return part_label(kind_of(plan), part)
