"""Finding territories as one types: a name without its accents, a postal code, a code of today or of before.

Each answer is a territory with three more attributes: `found_by`, a French sentence when something else than its
name was recognised; `departement`, the name of the one that it lies in, or None; `rank`, for order only.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.contrib.postgres.lookups import TrigramSimilar
from django.contrib.postgres.search import TrigramSimilarity
from django.db import models
from django.db.models import Case, Q, Value, When
from django.utils.translation import gettext as _

from prevenance.core.text import plain

if TYPE_CHECKING:
    from prevenance.domains.territories.models.territories import Territory, TerritoryQuerySet

models.CharField.register_lookup(TrigramSimilar)  # what the application django.contrib.postgres would do

SHORTENED = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes"}
BODIES = {"cc": "communaute de communes", "ca": "communaute d agglomeration", "cu": "communaute urbaine"}
CODE = re.compile(r"\d{2,9}|2[ab]\d{0,3}")
PLACE = re.compile(r"(.+) (\d{2,3}|2[ab]|\d{5})")  # « saint denis 93 », « bron 69500 »
SHORTEST_WORD = 3  # letters before words inside names are looked for, and not only beginnings
SHORTEST_POSTAL = 3  # digits: with two, the code of the commune says the same
SHORTEST_GUESS = 5  # letters before a misspelling is guessed


def searchable(name: str, *, of_body: bool = False) -> str:
    """`name` without accents, hyphens or apostrophes, with its usual abbreviations opened.

    `of_body`: the name is that of an intercommunal body, which may begin with « CC », « CA » or « CU ».
    """
    words = [SHORTENED.get(word, word) for word in plain(name).split()]
    if of_body and words and words[0] in BODIES:
        words[0] = BODIES[words[0]]
    return " ".join(words)


def matching(territories: TerritoryQuerySet, text: str, limit: int) -> list[Territory]:
    """At most `limit` existing territories for what was typed, best first; none for an empty text."""
    typed = plain(text[:100])
    territories = territories.existing()
    code = typed.replace(" ", "")
    if CODE.fullmatch(code):
        found = _by_code(territories, code.upper(), limit)
    elif typed:
        place = PLACE.fullmatch(typed)
        if place:
            territories = _within(territories, place[2].upper())
            typed = place[1]
        found = _by_name(territories, typed, limit) or _by_likeness(territories, typed, limit)
    else:
        found = []
    _say_departement(found)
    return found


def _within(territories: TerritoryQuerySet, code: str) -> TerritoryQuerySet:
    if len(code) == 5:
        return territories.filter(postal_codes__code=code)
    return territories.filter(containers__container__kind="departement", containers__container__code=code)


def _by_name(territories: TerritoryQuerySet, typed: str, limit: int) -> list[Territory]:
    beginnings = {searchable(typed)}
    if typed.split()[-1] in SHORTENED:
        beginnings.add(typed)  # « st » may be the start of « Strasbourg » as well as « Saint »
    if " " in typed:
        beginnings.add(searchable(typed, of_body=True))
    exact, first, later = Q(), Q(), Q()
    for beginning in beginnings:
        exact |= Q(search_name=beginning)
        first |= Q(search_name__startswith=beginning)
        later |= Q(search_name__contains=f" {beginning}")
    best = territories.filter(first).annotate(rank=Case(When(exact, then=Value(0)), default=Value(1)))
    found = list(best.order_by("rank", "-weight", "sort_name", "pk")[:limit])
    # Words inside names come after every beginning: most searches never pay for them.
    if len(found) < limit and len(typed) >= SHORTEST_WORD:
        others = territories.filter(later).exclude(pk__in=[t.pk for t in found]).annotate(rank=Value(2))
        found += others.order_by("-weight", "sort_name", "pk")[: limit - len(found)]
    return [_found(territory, "") for territory in found]


def _by_likeness(territories: TerritoryQuerySet, typed: str, limit: int) -> list[Territory]:
    """Names that look alike, when none is spelt so: a letter missed, or two exchanged."""
    if len(typed) < SHORTEST_GUESS:
        return []
    wanted = searchable(typed)
    alike = territories.filter(search_name__trigram_similar=wanted).annotate(
        rank=TrigramSimilarity("search_name", wanted)
    )
    return [_found(territory, _("nom proche")) for territory in alike.order_by("-rank", "-weight", "pk")[:limit]]


def _by_code(territories: TerritoryQuerySet, code: str, limit: int) -> list[Territory]:
    """A whole code, its own or postal, comes first: 42100 is La Gimond's and a postal code of Saint-Étienne."""
    from prevenance.domains.territories.models.territories import PostalCode

    whole = len(code) == 5
    own = territories.filter(code__startswith=code).annotate(
        rank=Case(When(code=code, then=Value(0)), default=Value(3))
    )
    found = [_found(t, _("code %(code)s") % {"code": t.code}) for t in own.order_by("rank", "-weight", "pk")[:limit]]
    if whole:
        for nature, by in (("former", _("ancien code %(code)s")), ("arrondissement", _("arrondissement %(code)s"))):
            led_to = territories.filter(former_codes__code=code, former_codes__nature=nature)
            found += [_found(territory, by % {"code": code}, 2) for territory in led_to]
    if SHORTEST_POSTAL <= len(code) <= 5 and code.isdigit():
        postal = PostalCode.objects.filter(code__startswith=code)
        served = territories.filter(pk__in=postal.values("territory")).annotate(rank=Value(0 if whole else 4))
        by = _("code postal %(code)s") % {"code": code if whole else f"{code}…"}
        found += [_found(territory, by) for territory in served.order_by("-weight", "pk")[:limit]]
    best: dict[int, Territory] = {}
    for territory in sorted(found, key=lambda t: (t.rank, -t.weight)):
        best.setdefault(territory.pk, territory)
    return list(best.values())[:limit]


def _found(territory: Territory, by: str, rank: int | None = None) -> Territory:
    territory.found_by = by
    if rank is not None:
        territory.rank = rank
    return territory


def _say_departement(found: list[Territory]) -> None:
    from prevenance.domains.territories.models.territories import Containment

    links = Containment.objects.filter(
        contained__in=[t.pk for t in found], container__kind="departement", partial=False
    ).exclude(contained__kind="departement")
    names = dict(links.values_list("contained_id", "container__name")) if found else {}
    for territory in found:
        territory.departement = names.get(territory.pk)
