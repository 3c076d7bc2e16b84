"""What a council decided in a year, with where each decision stands."""

from django.db.models import Prefetch, Q, QuerySet

from prevenance.domains.accounts.acting import Actor
from prevenance.domains.governance.models import Body, Council, Decision, DecisionProgress


def recorded(actor: Actor, council: Council) -> QuerySet[Decision]:
    """Numbered decisions of a council, those that another one rectified left out."""
    rectified = Decision.objects.filter(council=council, replaces__isnull=False, rank__isnull=False).values("replaces")
    return Decision.objects.visible_to(actor).filter(council=council, rank__isnull=False).exclude(pk__in=rectified)


def years_of(actor: Actor, council: Council) -> list[int]:
    """Years with a decision, the last one first."""
    return list(recorded(actor, council).order_by("-year").values_list("year", flat=True).distinct())


def decided_in(actor: Actor, council: Council, year: int, body: Body | None = None) -> QuerySet[Decision]:
    """Of one body, or of all those that never exchanged names: what such a group decided mixes with nothing.

    Each row carries its last progress in `last`, a list of one or none.
    """
    whose = Q(minutes__meeting__body=body) if body else Q(minutes=None) | Q(minutes__meeting__body__exchanged=False)
    progress = DecisionProgress.objects.order_by("decision_id", "-at", "-pk").distinct("decision_id")
    return (
        recorded(actor, council)
        .filter(whose, year=year)
        .select_related("owner", "minutes__meeting__body")
        .prefetch_related(Prefetch("progress", progress, to_attr="last"))
        .order_by("rank")
    )
