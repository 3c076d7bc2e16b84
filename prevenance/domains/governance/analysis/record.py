"""What a council decided in a year, with where each decision stands."""

from typing import Any

from django.db.models import Q, QuerySet

from prevenance.core.composed import Listed, composed
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.governance.models import Body, Council, Decision, DecisionProgress
from prevenance.domains.governance.models.councils import is_held_by

RECORDED = [
    "year", "rank", "text", "owner_label", "due_on", "state", "owner__given_name", "owner__family_name",
    "minutes__meeting__starts_at", "minutes__meeting__body__name",
]  # fmt: skip


def recorded(actor: Actor, council: int, *, held: bool) -> QuerySet[Decision]:
    """Numbered decisions of a council, those that another one rectified left out. `held`: the actor, who was found to
    see the council, prepares for it, and sees them all by no join."""
    rectified = Decision.objects.filter(council=council, replaces__isnull=False, rank__isnull=False).values("replaces")
    seen = Decision.objects.all() if held else Decision.objects.visible_to(actor)
    return seen.filter(council=council, rank__isnull=False).exclude(pk__in=rectified)


def years_of(actor: Actor, council: Council) -> list[int]:
    """Years with a decision, the last one first."""
    return _years(actor, council.pk, held=is_held_by(council, actor))


@composed
def _years(actor: Actor, council: int, *, held: bool) -> Any:
    return recorded(actor, council, held=held).order_by("-year").values_list("year", flat=True).distinct()


def decided_in(actor: Actor, council: Council, year: int, body: Body | None = None) -> Listed:
    """Of one body, or of all those that never exchanged names: what such a group decided mixes with nothing."""
    return Listed(decided, actor, council.pk, body and body.pk, year=year, held=is_held_by(council, actor))


@composed
def decided(actor: Actor, council: int, body: int | None, *, year: int, held: bool) -> QuerySet[Decision]:
    """Each with what the record says of it."""
    outside = Q(minutes=None) | Q(minutes__meeting__body__exchanged=False)
    whose = outside if body is None else Q(minutes__meeting__body=body)
    return (
        recorded(actor, council, held=held)
        .filter(whose, year=year)
        .select_related("owner", "minutes__meeting__body")
        .only(*RECORDED)
        .order_by("rank")
    )


def last_notes(decisions: list[Decision]) -> dict[int, str]:
    """{decision: what was last noted of its progress}. One query."""
    return dict(_notes([decision.pk for decision in decisions]))


@composed
def _notes(decisions: list[int]) -> Any:
    progress = DecisionProgress.objects.filter(decision__in=decisions).distinct("decision_id")
    return progress.order_by("decision_id", "-at", "-pk").values_list("decision_id", "note")
