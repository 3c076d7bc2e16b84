"""Who informs the person, notes what they ask and answers; by when, and what each answer needs."""

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.followup.models import FollowUp, Line, Notice, Representative, RightsRequest
from prevenance.domains.followup.rules import lists
from prevenance.domains.followup.rules.endings import check_can_follow, running_hold
from prevenance.domains.followup.rules.files import check_is_open
from prevenance.domains.governance.rules.councils import Stale

ENDS = ("objection", "erasure")  # requests that end the follow-up when they are granted
WHOLE_OR_NOT = (*ENDS, "restriction")  # nothing between granted and refused
NOT_YET = "waiting"  # code of the list objections


def addressees(followup: FollowUp) -> list[str]:
    """Codes of the list `addressees` that the file has somebody for."""
    ranks = Representative.objects.filter(followup=followup).values_list("rank", flat=True)
    return ["person", *(code for rank, code in ((1, "first"), (2, "second")) if rank in set(ranks))]


def check_addressee(followup: FollowUp, addressee: str) -> None:
    lists.check_code("addressees", addressee)
    if addressee not in addressees(followup):
        raise Refused(_("Ce représentant n’est pas inscrit au dossier : inscrivez-le d’abord."))


def check_past(day: date) -> None:
    if day > timezone.localdate():
        raise Refused(_("Cette date est à venir : notez ce qui a eu lieu."))


def check_can_inform(followup: FollowUp, actor: Actor) -> None:
    """Print the notice and note that it was handed over: the referent and the coordination, while it goes on."""
    check_can_follow(followup, actor)
    check_is_open(followup)


def check_can_hand(notice: Notice, followup: FollowUp, actor: Actor) -> None:
    check_can_inform(followup, actor)
    if notice.handed_on is not None:
        raise Stale(_("La remise de cette information est déjà notée."))


def check_handed_on(notice: Notice, day: date) -> None:
    check_past(day)
    if day < notice.printed_on:
        raise Refused(_("L’information est remise après avoir été imprimée : corrigez la date."))


def check_can_note_objection(notice: Notice, followup: FollowUp, actor: Actor) -> None:
    check_can_inform(followup, actor)
    if notice.objected_on is not None:
        raise Stale(_("Une opposition est déjà notée pour cette information."))


def check_can_receive(followup: FollowUp, actor: Actor) -> None:
    """Note a request, also once the follow-up has ended: rights last as long as the file."""
    check_can_follow(followup, actor)


def check_can_answer(demand: RightsRequest, followup: FollowUp, actor: Actor) -> None:
    check_can_follow(followup, actor)
    if demand.answered_on is not None:
        raise Stale(_("Cette demande a déjà reçu sa réponse."))


def answers(kind: str) -> list[tuple[str, str]]:
    """What may be answered to a kind of request."""
    return [one for one in lists.choices("request_answers") if not (one[0] == "partly" and kind in WHOLE_OR_NOT)]


def check_answer(followup: FollowUp, kind: str, answer: str, refusal: str, outcome: str) -> None:
    """A refusal says why; granting what ends the follow-up says the situation that day."""
    if answer not in dict(answers(kind)):
        raise Refused(_("Ce choix n’est pas dans la liste : reprenez-le."))
    if answer in ("refused", "partly"):
        lists.check_code("request_refusals", refusal)
    if answer == "granted" and kind in ENDS and followup.is_open and outcome not in Line.Outcome.values:
        raise Refused(_("Accepter met fin au suivi : dites la situation de la personne à ce jour."))
    if answer == "granted" and kind == "erasure" and running_hold(followup):
        raise Refused(_("Une conservation est imposée à ce dossier : il ne s’efface pas avant qu’elle soit levée."))


def check_can_copy(kind: str, followup: FollowUp, actor: Actor) -> None:
    check_can_follow(followup, actor)
    if kind != "access":
        raise Refused(_("La copie du dossier répond à une demande de copie : notez-la d’abord."))


def check_can_rectify(demand: RightsRequest, kind: str, followup: FollowUp, actor: Actor) -> None:
    """Correct the identity of a file that ended, for a request of rectification that waits for its answer."""
    check_can_answer(demand, followup, actor)
    if kind != "rectification":
        raise Refused(_("Seule une demande de rectification permet de corriger un dossier terminé."))
    if followup.is_open:
        raise Stale(_("Ce suivi est en cours : corrigez l’identité sur la page « Situation »."))
