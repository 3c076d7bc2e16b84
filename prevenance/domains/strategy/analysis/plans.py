"""A plan seen from where it stands: its children, its counts, what to do next."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from prevenance.core.composed import composed
from prevenance.core.dates import date_format
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.strategy.models import (
    Amendment,
    Change,
    Indicator,
    Plan,
    PlanIndicator,
    Provision,
    Sheet,
    dropped,
    held_plan,
)
from prevenance.domains.strategy.rules import amendments as rules
from prevenance.domains.strategy.rules.plan_kinds import PlanKind, kind_of

State = Amendment.State


@dataclass(frozen=True)
class Step:
    """Something to do: done already, or doable at `url` ("" where another must do it); `why` says more."""

    label: str
    done: bool
    url: str = ""
    why: str = ""


def ordered(plans: QuerySet[Plan], actor: Actor) -> QuerySet[Plan]:
    """The actor's own first, then by title."""
    own = Case(When(held_plan(actor, path=""), then=Value(0)), default=Value(1))
    return plans.annotate(own=own).order_by("own", "sort_title", "pk")


def listed(plans: QuerySet[Plan], actor: Actor) -> QuerySet[Plan]:
    """Plans as the list shows them, in order, with their sheets counted."""
    counted = Sheet.objects.filter(plan=OuterRef("pk"), brought_by__state=State.IN_FORCE).standing()
    sheets = counted.order_by().values("plan").annotate(n=Count("pk")).values("n")
    return ordered(plans, actor).annotate(
        dropped=dropped(),
        sheets_count=Coalesce(Subquery(sheets), 0),
        amended=being_amended(),
    )


def being_amended() -> Exists:
    """Condition of a plan: a later text is in preparation."""
    return Exists(Amendment.objects.filter(plan=OuterRef("pk"), state=State.DRAFT, number__gt=0))


@composed
def first_going_on(actor: Actor, *, rows: int) -> Any:
    """Plans in preparation or in force that the actor reads, in order: the keys of the first ones. What is shown of
    them is joined afterwards, else it would be joined for all of France to be sorted."""
    return ordered(Plan.objects.visible_to(actor).going_on(), actor).values_list("pk", flat=True)[:rows]


@composed
def going_on(actor: Actor) -> Any:
    """How many there are."""
    plans = Plan.objects.visible_to(actor).going_on().order_by()
    return plans.annotate(one=Value(1)).values("one").annotate(n=Count("*")).values_list("n", flat=True)


# What a line of the list shows of a plan: rows and not models, which took longer to make than to read.
LINE = (
    "pk", "title", "kind", "begins", "ends", "in_force_from", "ended_on", "territory__name", "own", "dropped",
    "amended",
)  # fmt: skip


@composed
def lines(plans: list[int], actor: Actor) -> Any:
    """Plans that the actor was found to read, as the list shows them, in order."""
    rows = ordered(Plan.objects.filter(pk__in=plans), actor)
    return rows.annotate(dropped=dropped(), amended=being_amended()).values_list(*LINE, named=True)


@composed
def sheets_of(plans: list[int]) -> Any:
    """(plan, its sheets in force), counted together: plan by plan, each sheet was looked up by itself."""
    sheets = Sheet.objects.filter(plan__in=plans, brought_by__state=State.IN_FORCE).standing()
    return sheets.order_by().values("plan").annotate(n=Count("*")).values_list("plan", "n")


@composed
def found(pk: int, actor: Actor, *, related: tuple[str, ...]) -> QuerySet[Plan]:
    """The plan, if the actor reads it, with what the page names of it: each takes time to be planned."""
    return Plan.objects.visible_to(actor).select_related(*related).filter(pk=pk)[:1]


@composed
def around(plan: int, parent: int | None, actor: Actor) -> QuerySet[Plan]:
    """The plan that it stands under and those that stand under it, as far as the actor reads them."""
    plans = Plan.objects.visible_to(actor).filter(Q(pk=parent) | Q(parent=plan)).select_related("territory")
    return plans.only("title", "kind", "parent", "territory__name").order_by("sort_title", "pk")[:100]


@composed
def amendments_of(plan: int, *, held: bool) -> QuerySet[Amendment]:
    """Of a plan that somebody was found to read, the last first: those in force; for who holds it, drafts too."""
    rows = Amendment.objects.filter(plan=plan).select_related("act").order_by("-number")
    return rows if held else rows.filter(state=State.IN_FORCE)


def state_of(in_force_from: date | None, ended_on: date | None, given_up: bool, on: date) -> str:
    """A `Plan.State`, from the columns of a row."""
    if in_force_from is None:
        return Plan.State.DROPPED if given_up else Plan.State.DRAFT
    return Plan.State.ENDED if ended_on is not None and ended_on < on else Plan.State.IN_FORCE


def address(*names: str, **arguments: object) -> str:
    """The first of these addresses that is served; "" when none is yet."""
    for name in names:
        try:
            return reverse(f"strategy:{name}", kwargs=arguments)
        except NoReverseMatch:
            continue
    return ""


def counts(plan: Plan, actor: Actor) -> dict[str, int]:
    """Sheets in force and in draft, indicators of its own and followed, as the actor sees them: two queries."""
    sheets = dict(_sheets_by_state(plan.pk))
    return {
        "sheets": sheets.get(State.IN_FORCE, 0),
        "draft_sheets": sheets.get(State.DRAFT, 0) if plan.is_held_by(actor) else 0,
        "indicators": len(_indicators_of(plan.pk)),
    }


@composed
def _sheets_by_state(plan: int) -> Any:
    rows = Sheet.objects.standing().filter(plan=plan).order_by().values("brought_by__state")
    return rows.annotate(n=Count("*")).values_list("brought_by__state", "n")


@composed
def _indicators_of(plan: int) -> Any:
    own = Indicator.objects.filter(plan=plan).order_by().values_list("pk")
    return own.union(PlanIndicator.objects.filter(plan=plan).order_by().values_list("indicator"))


@composed
def _parts_written(draft: int, plan: int) -> Any:
    written = Change.objects.filter(amendment=draft).order_by().values_list("part")
    return written.union(Provision.objects.filter(plan=plan, until=None).order_by().values_list("part"))


def next_steps(plan: Plan, kind: PlanKind, draft: Amendment | None, sheets: int) -> list[Step]:
    """From a draft to its taking effect, in order; none when nothing is in preparation."""
    if draft is None:
        return []
    at = {"plan": plan.pk, "amendment": draft.number}
    parts = {part for (part,) in _parts_written(draft.pk, plan.pk)}
    missing = [part.label for part in kind.outline if part.key not in parts]
    act, form = draft.act, rules.form_of(plan)
    steps = [
        Step(
            _("Écrire le texte"), not missing, reverse("strategy:amendment", kwargs=at),
            _("Reste à écrire : %(parts)s.") % {"parts": ", ".join(missing)} if missing else "",
        ),
        Step(_("Décrire les fiches action"), sheets > 0, address("sheets", plan=plan.pk)),
    ]  # fmt: skip
    if kind.parents:
        compatible = plan.parent_id is not None and bool(plan.compatibility or not kind.says_compatibility)
        why = "" if compatible else _("Le plan dont il relève, et en quoi il est compatible avec lui.")
        steps.append(
            Step(
                _("Le rattacher et dire sa compatibilité"),
                compatible,
                reverse("strategy:plan_edit", args=[plan.pk]),
                why,
            )
        )
    if form is not None:
        there = reverse("governance:act", args=[act.pk]) if act else ""
        signed = act is not None and act.signed_on is not None
        steps += [
            Step(_("Préparer l’acte"), act is not None, there or reverse("strategy:amendment", kwargs=at), form.label),
            Step(_("Recueillir les avis et la signature"), signed, there, waited(draft) if act and not signed else ""),
        ]
    steps.append(Step(_("Constater l’entrée en vigueur"), False, reverse("strategy:amendment", kwargs=at)))
    return steps


def waited(amendment: Amendment) -> str:
    """Which opinions and signatures its act waits for, in words."""
    if amendment.act is None:
        return ""
    lines = [line.label for line in amendment.act.consultations.all() if line.required and line.answered_on is None]
    lines += [line.capacity for line in amendment.act.signatures.all() if line.signed_on is None]
    return _("Attendus : %(who)s.") % {"who": ", ".join(lines)} if lines else ""


def took_effect_by(amendment: Amendment) -> str:
    """« Acte approuvant …, n° 2026-12, signé le 3 mars 2026 », or the publication that was named."""
    act = amendment.act
    if act is None or act.signed_on is None:
        return amendment.published_as
    said = _("%(title)s, signé le %(day)s") % {"title": act.title, "day": date_format(act.signed_on, "j F Y")}
    return ", ".join(part for part in (said, act.reference, amendment.published_as) if part)


def changed_words(amendment: Amendment) -> str:
    """« 3 paragraphes, 2 fiches »: how much an amendment changes."""
    paragraphs, sheets = amendment.changes.count(), amendment.sheets.count() + amendment.withdrawn.count()
    words = []
    if paragraphs:
        words.append(ngettext("%(n)d paragraphe", "%(n)d paragraphes", paragraphs) % {"n": paragraphs})
    if sheets:
        words.append(ngettext("%(n)d fiche", "%(n)d fiches", sheets) % {"n": sheets})
    return ", ".join(words)


def outline_of(plan: Plan) -> list[str]:
    return [part.label for part in kind_of(plan).outline]
