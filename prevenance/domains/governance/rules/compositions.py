"""The composition act: its text from the members, and who records its signature."""

import hashlib
from datetime import date
from functools import cache
from typing import Any

import yaml
from django.conf import settings
from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused
from prevenance.core.text import sort_key
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.governance.models import CompositionAct, Council, Membership
from prevenance.domains.governance.rules.councils import Stale, check_can_hold

# Marks at the start of a line of the text; the others are paragraphs. views/compositions.py draws them.
HEADING, ITEM = "# ", "- "
ORDER = [
    (Membership.Quality.CHAIR, "Présidence"),
    (Membership.Quality.OF_RIGHT, "Membres de droit"),
    (Membership.Quality.DESIGNATED, "Membres désignés"),
    (Membership.Quality.INVITED, "Invités permanents"),
]


@cache
def forms() -> list[dict[str, Any]]:
    """The dated forms of data/governance/composition_acts.yaml."""
    loaded: list[dict[str, Any]] = yaml.safe_load((settings.DATA / "governance" / "composition_acts.yaml").read_text())
    return loaded


def form_for(kind: str, on: date) -> dict[str, Any]:
    """The form of act in use for a kind of council on a day. Raises Refused when there was none."""
    for form in forms():
        if form["kind"] == kind and form["valid_from"] <= on and (form["valid_to"] is None or on < form["valid_to"]):
            return form
    raise Refused(_("Aucun modèle d’acte n’est connu pour ce conseil à cette date."))


def wording(council: Council, members: list[Membership], on: date) -> str:
    """The act as it would be signed: title, preamble, first article, members by quality, last articles."""
    form = form_for(council.kind, on)
    names = {"council": council.name, "territory": council.territory.name}
    first, *others = (article.format(**names) for article in form["articles"])
    lines = [HEADING + form["title"].format(**names), *(line.format(**names) for line in form["preamble"])]
    lines += [HEADING + _("Article 1"), first]
    for quality, title in ORDER:
        of_quality = [member for member in members if member.quality == quality]
        if of_quality:
            lines += [f"{title}\u00a0:"] + [ITEM + line_of(member) for member in in_order(of_quality)]
    for number, article in enumerate(others, start=2):
        lines += [HEADING + _("Article %(number)d") % {"number": number}, article]
    return "\n".join(lines)


def in_order(members: list[Membership]) -> list[Membership]:
    return sorted(members, key=lambda member: (sort_key(str(member.organisation or "")), member.person.sort_name))


def line_of(member: Membership) -> str:
    """« Camille Exemple, directrice, Mission locale »; an order names functions, never addresses."""
    return ", ".join(part for part in (member.person.name, member.title, str(member.organisation or "")) if part)


def digest(act: CompositionAct) -> str:
    """What tells one text from another on a form."""
    return hashlib.sha256(act.text.encode()).hexdigest()[:20]


def check_same_text(act: CompositionAct, seen: str) -> None:
    if digest(act) != seen:
        raise Stale(
            _("Le texte a été préparé à nouveau depuis cet affichage : relisez-le avant de déclarer sa signature.")
        )


def check_can_sign_composition(act: CompositionAct, actor: Actor) -> None:
    """Recorded by whoever chairs; the signature itself is given outside, on the printed act."""
    check_can_hold(act.council, actor)
    if not actor.can("approve"):
        raise Refused(_("Seule la présidence de ce conseil peut déclarer un acte signé."))
    if act.signed_on is not None:
        raise Stale(_("Cet acte est déjà signé : il ne change plus. Préparez une nouvelle version."))
