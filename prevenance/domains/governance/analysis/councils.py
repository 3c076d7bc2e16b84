"""Councils as their list shows them."""

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from prevenance.core.composed import composed
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.governance.models import Council
from prevenance.domains.governance.rules.kinds import with_plenary
from prevenance.domains.territories.models import Territory

# Rows and not models: fifty councils and as many territories took longer to make than to read.
LISTED = ["pk", "name", "kind", "territory_id", "territory__name", "scope_id", "ended_on", "last_plenary_on"]


@composed
def listed_councils(
    actor: Actor, departement: int | None, late_before: date | None, *, words: str, kind: str, state: str
) -> Any:
    """Rows of the councils that the filters of the list leave, in the order of names."""
    return chosen_councils(actor, departement, late_before, words=words, kind=kind, state=state).values(*LISTED)


@composed
def counted_councils(
    actor: Actor, departement: int | None, late_before: date | None, *, words: str, kind: str, state: str
) -> Any:
    """The same councils, to count them: without what a row says of the territory, which another table holds."""
    return chosen_councils(actor, departement, late_before, words=words, kind=kind, state=state)


def chosen_councils(
    actor: Actor, departement: int | None, late_before: date | None, *, words: str, kind: str, state: str
) -> QuerySet[Council]:
    """`departement` is a territory; `late_before`, the day before which a last plenary is late."""
    councils = Council.objects.visible_to(actor)
    # The name of a council begins with its kind: what people type is the town.
    if words:
        councils = councils.filter(Q(sort_name__startswith=words) | Q(territory__sort_name__startswith=words))
    if kind:
        councils = councils.filter(kind=kind)
    if departement is not None:
        councils = councils.inside(departement)
    if state != "all":
        councils = councils.filter(ended_on__isnull=state != "ended")
    if late_before is not None:
        older = Q(last_plenary_on=None) | Q(last_plenary_on__lt=late_before)
        councils = councils.filter(older, kind__in=with_plenary())
    found: QuerySet[Council] = councils.order_by("sort_name", "id")
    return found


def departements_of(actor: Actor) -> list[Any]:
    """Départements to choose among, (id, code, name): those of the region or nation that one sees; a département sees
    itself only."""
    return departements_seen(actor) if actor.scope_kind in ("region", "nation") else []


@composed
def departements_seen(actor: Actor) -> Any:
    places = Territory.objects.visible_to(actor).existing().filter(kind=Territory.Kind.DEPARTEMENT)
    if actor.scope_kind == "region":
        places = places.filter(containers__container_id=actor.territory_id)
    return places.order_by("code").values_list("pk", "code", "name")


@composed
def departements_around(actor: Actor, territories: list[int]) -> Any:
    """(territory, name of a département that contains it or part of it)"""
    around = Territory.objects.visible_to(actor).filter(kind=Territory.Kind.DEPARTEMENT)
    pairs = around.filter(contents__contained__in=territories)
    return pairs.order_by("code", "contents__contained").values_list("contents__contained", "name")
