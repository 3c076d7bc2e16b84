"""Support of a family in a CDDF (CASF, articles L141-1 and L141-2): in which order, by whom, and when it may not be."""

from datetime import date

from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.followup.models import FamilyPath, FollowUp
from prevenance.domains.followup.rules import registers
from prevenance.domains.followup.rules.files import check_is_open, opens
from prevenance.domains.governance.rules.councils import Stale

FAMILIES = "families"
ORDER = ("consultation", "proposition", "avis", "information", "attestation", "fin")


def check_is_family(followup: FollowUp) -> None:
    if followup.category != FollowUp.Category.FAMILY or followup.body.council.kind != "CDDF":
        raise Refused(_("L’accompagnement de la famille se suit dans un CDDF, et lui seul."))


def check_writes(followup: FollowUp, actor: Actor) -> None:
    check_is_open(followup)
    check_is_family(followup)
    if not opens(followup.body, actor):
        raise Refused(_("Signez d’abord les textes en vigueur de ce conseil, sous le mandat que vous y exercez."))


def check_is_mayor(actor: Actor) -> None:
    """The council gives an opinion and decides nothing."""
    if actor.role != "mayor":
        raise Refused(_("Le conseil donne un avis et ne décide rien : le maire propose et atteste."))


def check_begins(origin: str, measure: bool, checked_on: date) -> None:
    """Raises Refused where a judge already assists the family."""
    if measure:
        raise Refused(
            _("Une mesure d’assistance éducative est en cours : l’accompagnement parental ne peut pas être proposé.")
        )
    registers.check_code(FAMILIES, "origins", origin)
    registers.check_past(checked_on)


def next_stage(path: FamilyPath, origin: str) -> str:
    """The stage that comes next, as a word of ORDER; "" once ended. Parents who ask need no prior consultation."""
    if path.ended_on:
        return ""
    if path.proposed_on is None:
        return "proposition" if path.consulted_on or origin == "parents" else "consultation"
    for stage, done in (
        ("avis", path.opinion_on),
        ("information", path.informed_on),
        ("attestation", path.attested_on),
    ):
        if done is None:
            return stage
    return "fin"


def check_moves(path: FamilyPath, stage: str, origin: str, seen: int | None) -> None:
    """Raises Stale when that stage is done, or somebody wrote since the page was shown. It may end at any stage."""
    if path.ended_on or stage not in (next_stage(path, origin), "fin"):
        raise Stale(_("Cette étape est déjà faite, ou ne l’est pas encore : voyez où en est l’accompagnement."))
    if path.edit != seen:
        raise Stale(_("Quelqu’un a modifié ceci entre-temps : relisez-le, puis reprenez votre saisie."))


def check_codes(name: str, codes: list[str], least: int = 1) -> None:
    if len(codes) < least:
        raise Refused(_("Cochez au moins une ligne."))
    for code in codes:
        registers.check_code(FAMILIES, name, code)


def check_all_informed(codes: list[str]) -> None:
    """Each of the services that the law names is told."""
    check_codes("informed", codes)
    if set(codes) != set(dict(registers.choices(FAMILIES, "informed"))):
        raise Refused(_("Le DASEN, le chef d’établissement, la CAF et le préfet sont tous informés."))
