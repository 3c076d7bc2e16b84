"""Who may do what to a council. Each refusal is one sentence, shown beforehand on the disabled button."""

import re
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from prevenance.core.dates import date_format
from prevenance.core.refusals import Refused, reason
from prevenance.core.text import plain
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.roles import ROLES
from prevenance.domains.governance.analysis import load_law
from prevenance.domains.governance.analysis.law import departement_code, place
from prevenance.domains.governance.models import Act, AgendaItem, Council, Upload
from prevenance.domains.governance.rules.controllers import check_has_not_left
from prevenance.domains.governance.rules.kinds import Kind, kinds_on, latest, of_family
from prevenance.domains.territories.models import Territory


class Stale(Refused):
    """The thing changed or was done since the page was shown: the screen shows it as it is now."""


def place_key(territory: Territory) -> str:
    return place(territory.code, departement_code(territory.kind, territory.code), territory.zone)


def why_not_here(kind: Kind, territory: Territory, on: date) -> str:
    """The sentence that says, with its article, why this kind of council may not exist there; "" when it may."""
    if territory.kind not in kind.territories:
        return _("Un %(kind)s ne se crée pas dans ce type de territoire (%(article)s).") % {
            "kind": kind.short,
            "article": kind.article,
        }
    if kind.legal_kinds and territory.legal_kind not in kind.legal_kinds:
        return kind.elsewhere
    here = place_key(territory)
    if here in kind.not_in:
        return kind.not_in[here]
    if kind.places and here not in kind.places:
        return kind.elsewhere
    if kind.rule:
        for one in load_law().in_force(territory.kind, here, on):
            if one.rule == kind.rule and one.record is not None and one.record.effect == "none":
                return _("%(text)s (%(article)s).") % {
                    "text": one.record.text.rstrip(". "),
                    "article": one.record.article,
                }
    return ""


def not_verified(kind: Kind, territory: Territory, on: date) -> str:
    """What the register of the law does not know of this kind there, said to whoever creates it; "" when it knows."""
    for one in load_law().in_force(territory.kind, place_key(territory), on):
        if one.rule == kind.rule and one.record is not None and one.record.effect == "unknown":
            return one.record.missing
    return ""


def holds(council: Council, actor: Actor) -> bool:
    """Whether the council is the actor's own to prepare: models.councils.held_by, for one council in hand."""
    if not actor.can("hold_council"):
        return False
    if actor.scope_kind == "council":
        return actor.scope_id == council.scope_id
    return actor.scope_id == council.scope.holder_id


def chair_scope_kind(territory: Territory) -> str:
    """The kind of scope that bears on a territory: an EPT is chaired like an EPCI."""
    return "epci" if territory.kind == Territory.Kind.EPT else str(territory.kind)


def kinds_for(territory: Territory, actor: Actor, on: date) -> list[tuple[Kind, str]]:
    """The kinds that the actor's role may create for such a territory, each with the refusal, "" when there is none."""
    kinds = [kind for kind in kinds_on(on).values() if actor.role in kind.created_by]
    return [
        # A council inside the territory: where is asked on the next screen.
        (kind, "" if kind.within else reason(check_can_create_council, territory, actor, kind.kind, on))
        for kind in kinds
    ]


def check_can_create_council(territory: Territory, actor: Actor, kind: str, on: date | None = None) -> None:
    """Whoever the text names, in their own territory, where the text applies, once."""
    day = on or timezone.localdate()
    wanted = kinds_on(day).get(kind)
    if wanted is None:
        raise Refused(_("Cette nature de conseil n’est pas connue à cette date."))
    if not (actor.can("hold_council") and actor.can("approve") and actor.role in wanted.created_by):
        raise Refused(
            _("Un %(kind)s est créé par : %(roles)s.")
            % {"kind": wanted.short, "roles": ", ".join(ROLES[role].label.lower() for role in wanted.created_by)}
        )
    if refusal := why_not_here(wanted, territory, day):
        raise Refused(refusal)
    check_has_not_left(actor.scope_id)
    inside = (
        territory.containers.filter(container_id=actor.territory_id).exists()
        if wanted.within
        else territory.pk == actor.territory_id
    )
    if not inside:
        raise Refused(_("Ce territoire n’est pas le vôtre : un conseil se crée dans le périmètre de son mandat."))
    if territory.until is not None:
        raise Refused(_("Ce territoire n’existe plus : choisissez celui qui l’a remplacé."))
    alike = Council.objects.filter(kind__in=of_family(wanted.family), territory=territory, ended_on=None)
    if not wanted.several and (other := alike.first()):
        raise Refused(already_there(other.kind))


def already_there(kind: str) -> str:
    return _("Ce territoire a déjà un %(kind)s. Pour en créer un autre, déclarez d’abord la fin de celui-ci.") % {
        "kind": latest()[kind].short
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


def check_can_share_upload(upload: Upload, actor: Actor, *, shared: bool) -> None:
    """Shared, the whole council reads it: not what a body that exchanges names, or did, had joined to an agenda."""
    if upload.council is not None:
        check_can_hold(upload.council, actor)
    if shared and AgendaItem.objects.filter(documents=upload, meeting__body__exchanged=True).exists():
        raise Refused(_("Ce document est joint à l’ordre du jour d’un groupe à échange nominatif : il y reste."))


def check_can_remove_upload(upload: Upload, actor: Actor) -> None:
    """A document that an agenda names stays with it, and the copy of an act with the act."""
    council = upload.council
    if council is not None:
        check_can_hold(council, actor)
    if council is None or Act.objects.filter(scan=upload).exists():
        raise Refused(_("Ce document est l’exemplaire signé d’un acte : il reste avec lui."))
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
