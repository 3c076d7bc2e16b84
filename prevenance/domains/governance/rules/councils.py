"""Who may do what to a council. Each refusal is one sentence, shown beforehand on the disabled button."""

import re

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused
from prevenance.core.text import plain
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.governance.models import AgendaItem, Council, Upload
from prevenance.domains.territories.models import Territory

# Which kinds of territory a kind of council is made for, and which kind of scope its chair's mandate bears on.
TERRITORIES = {
    Council.Kind.CLSPD: (Territory.Kind.COMMUNE,),
    Council.Kind.CISPD: (Territory.Kind.EPCI, Territory.Kind.EPT),
}


class Stale(Refused):
    """The thing changed or was done since the page was shown: the screen shows it as it is now."""


def kind_for(territory: Territory) -> str:
    """The kind of council that a territory can have, or "" for none."""
    return next((kind for kind, kinds in TERRITORIES.items() if territory.kind in kinds), "")


def holds(council: Council, actor: Actor) -> bool:
    """Whether the council is the actor's own to prepare: models.councils.held_by, for one council in hand."""
    if not actor.can("hold_council"):
        return False
    if actor.scope_kind == "council":
        return actor.scope_id == council.scope_id
    return actor.scope_kind in ("commune", "epci") and actor.territory_id == council.territory_id


def check_can_create_council(territory: Territory, actor: Actor, kind: str = "") -> None:
    """The mayor for the commune, the president for the EPCI: nobody else creates a council."""
    expected = kind_for(territory)
    if not expected or (kind and kind != expected):
        raise Refused(
            _("Un conseil est créé par le maire dans sa commune, ou par le président dans son intercommunalité.")
            if not expected
            else _("Dans ce territoire, le conseil à créer est un %(kind)s.") % {"kind": expected}
        )
    chairs = actor.can("approve") and actor.scope_kind in ("commune", "epci")
    if not (chairs and actor.can("hold_council") and actor.territory_id == territory.pk):
        raise Refused(
            _("Seul le maire de la commune, ou l’élu qu’il délègue, peut y créer un CLSPD.")
            if expected == Council.Kind.CLSPD
            else _("Seul le président de l’intercommunalité peut y créer un CISPD.")
        )
    if territory.until is not None:
        raise Refused(_("Ce territoire n’existe plus : choisissez celui qui l’a remplacé."))
    if Council.objects.filter(kind=expected, territory=territory, ended_on=None).exists():
        raise Refused(already_there(expected))


def already_there(kind: str) -> str:
    return _("Ce territoire a déjà un %(kind)s. Pour en créer un autre, déclarez d’abord la fin de celui-ci.") % {
        "kind": kind
    }


def check_can_hold(council: Council, actor: Actor) -> None:
    """Prepare anything in the council: its coordination, its deputy, whoever chairs it."""
    if not holds(council, actor):
        raise Refused(_("Seules la coordination et la présidence de ce conseil peuvent le modifier."))
    if council.ended_on is not None:
        raise Refused(
            _("Ce conseil a pris fin le %(day)s : il se lit, mais ne change plus.")
            % {"day": date_format(council.ended_on, "j F Y")}
        )


def check_can_end_council(council: Council, actor: Actor) -> None:
    """Ending is an act of whoever chairs."""
    check_can_hold(council, actor)
    if not actor.can("approve"):
        raise Refused(_("Seule la présidence de ce conseil peut déclarer sa fin."))


def check_can_remove_upload(upload: Upload, actor: Actor) -> None:
    """A document that an agenda names stays with it."""
    check_can_hold(upload.council, actor)
    if AgendaItem.documents.through.objects.filter(upload=upload).exists():
        raise Refused(_("Ce document est joint à un ordre du jour : retirez-le d’abord de ce point."))


def place_of(upload: Upload) -> str:
    """Where its file is in the storage: a key of ours, nothing of the name that was given."""
    return str(upload.key)


def default_name(kind: str, territory: str) -> str:
    """« CLSPD du Havre », « CLSPD d’Annecy », « CISPD des Monts du Lyonnais »: French contracts the article."""
    # An intercommunal body is listed with its legal form before, and sometimes its initials after.
    place = re.sub(r"^(?:CA|CC|CU|EPT)\s+(?=\S)|\s*\([^)]*\)$", "", territory)
    for article, contracted in (("Le ", "du "), ("Les ", "des "), ("La ", "de la "), ("L’", "de l’"), ("L'", "de l’")):
        if place.startswith(article):
            return f"{kind} {contracted}{place.removeprefix(article)}"
    if place.startswith(("de ", "du ", "des ", "d’", "d'")):
        return f"{kind} {place}"
    # An h may be mute or aspirate: no rule tells, so the full form is left, which the person corrects.
    return f"{kind} {'d’' if plain(place)[:1] in tuple('aeiouy') else 'de '}{place}"
