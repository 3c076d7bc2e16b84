"""Who turns somebody to a service by a link, how often, what the service may answer, and until when."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import digest_of
from prevenance.domains.directory.models import (
    OrientationAnswer,
    OrientationKey,
    OrientationLink,
    Service,
    closed_list,
    orientation_terms,
)
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.governance.rules.meetings import has_address

# Said aloud and written by hand: no vowel, so that no word is made; no letter or figure that is taken for another.
LETTERS, FIGURES = "BCDFGHJKLMNPQRTVWXZ", "23456789"


@dataclass(frozen=True)
class Asked:
    """What is said of somebody turned to a service: words of closed lists, "" when nothing is said."""

    need: str = ""
    audience: str = ""
    wish: str = "semaine"
    assessment: bool = False


@dataclass(frozen=True)
class Given:
    """What a service answers: `day` with accepted and assessed, `wait` with waiting, `reason` with refused."""

    answer: str
    day: date | None = None
    wait: str = ""
    reason: str = ""


def new_code() -> str:
    """« BKT-482 », drawn at random: it says nothing of the person, the service or the day."""
    letters = "".join(secrets.choice(LETTERS) for _place in range(3))
    return f"{letters}-{''.join(secrets.choice(FIGURES) for _place in range(3))}"


def orientation_of(token: str) -> OrientationLink | None:
    """The orientation that a link opens, or None: expired, withdrawn and unknown links are told apart by nothing."""
    digest = digest_of(token)
    key = OrientationKey.objects.filter(digest=digest).first()
    if key is None or not hmac.compare_digest(key.digest, digest):
        return None
    found: OrientationLink | None = (
        OrientationLink.objects.open()
        .filter(pk=key.orientation_id)
        .select_related("service__commune", "service__structure__commune", "sender", "organisation", "scope")
        .first()
    )
    return found


def check_can_orient(actor: Actor) -> None:
    if not actor.can("orient"):
        raise Refused(_("Seuls les professionnels qui accompagnent des personnes les orientent vers un service."))


def check_can_see_figures(actor: Actor) -> None:
    """Counts alone, and none that is small: whoever oversees a territory sees no orientation."""
    if not (actor.can("oversee") and actor.can("see_coverage")):
        raise Refused(_("Le nombre des orientations se lit à la préfecture et au niveau national."))


def check_can_receive(service: Service) -> None:
    """Whether a professional may turn somebody to it today."""
    if not service.is_open:
        raise Refused(_("Ce service n’est pas ouvert : choisissez-en un autre."))
    if service.reached_by and "professionnels" not in service.reached_by:
        raise Refused(_("Ce service se joint sans intermédiaire : donnez son numéro à la personne."))


def check_can_send(service: Service, asked: Asked, mailed: bool, actor: Actor) -> None:
    check_can_orient(actor)
    check_can_receive(service)
    check_asked(asked)
    if mailed:
        check_can_be_mailed(service)
    today = timezone.localdate()
    terms = orientation_terms(today)
    mine = OrientationLink.objects.filter(sender=actor.person_id, made_at__date=today)
    if mine.count() >= terms["sent_a_day"]:
        raise Refused(_("Vous avez fait beaucoup d’orientations aujourd’hui : les suivantes se font demain."))
    if mine.filter(service=service).count() >= terms["to_one_service_a_day"]:
        raise Refused(_("Vous avez déjà beaucoup écrit à ce service aujourd’hui : appelez-le."))


def check_asked(asked: Asked) -> None:
    for name, value in (("needs", asked.need), ("publics", asked.audience), ("wishes", asked.wish)):
        if (value or name == "wishes") and value not in closed_list(name):
            raise Refused(_("Une valeur n’est pas de la liste : rechargez la page et choisissez à nouveau."))


def check_can_be_mailed(service: Service) -> None:
    if not service.reached_at:
        raise Refused(_("Ce service n’a pas d’adresse électronique ici : affichez le lien, et donnez-le-lui."))


def check_can_follow(orientation: OrientationLink, actor: Actor) -> None:
    """Send its link again, show another, withdraw it: whoever sees it, while it is open."""
    check_can_orient(actor)
    if not OrientationLink.objects.visible_to(actor).filter(pk=orientation.pk).exists():
        raise Refused(_("Cette orientation a été faite par d’autres."))
    if orientation.withdrawn_at is not None:
        raise Stale(_("Cette orientation est déjà retirée."))
    if not orientation.is_open:
        raise Refused(_("Le lien de cette orientation a expiré : faites-en une autre."))


def check_can_tell_link(orientation: OrientationLink, mailed: bool, actor: Actor) -> None:
    check_can_follow(orientation, actor)
    if mailed:
        check_can_receive(orientation.service)
        check_can_be_mailed(orientation.service)
    today = timezone.localdate()
    if orientation.keys.made_on(today).count() >= orientation_terms(today)["links_a_day"]:
        raise Refused(_("Assez de liens ont été faits aujourd’hui pour cette orientation : appelez le service."))


def check_can_answer(orientation: OrientationLink, given: Given) -> None:
    """Changed as often as needed until the link expires; so many times a day, whoever opens it."""
    today = timezone.localdate()
    if given.answer not in OrientationAnswer.Answer.values:
        raise Refused(_("Choisissez une réponse dans la liste."))
    if given.answer == "accepted" and (given.day is None or given.day < today):
        raise Refused(_("Donnez le jour à partir duquel vous recevrez la personne : aujourd’hui ou plus tard."))
    if given.answer == "accepted" and given.day is not None and (given.day - today).days > 366:
        raise Refused(_("Cette date est dans plus d’un an : vérifiez-la."))
    if given.answer == "waiting" and given.wait not in closed_list("waits"):
        raise Refused(_("Dites dans la liste combien de temps il faut attendre."))
    if given.answer == "refused" and given.reason not in closed_list("reasons"):
        raise Refused(_("Dites dans la liste pourquoi vous ne pouvez pas recevoir la personne."))
    if given.answer == "assessed":
        _check_assessed(orientation, given, today)
    if orientation.answers.made_on(today).count() >= orientation_terms(today)["answers_a_day"]:
        raise Refused(_("La réponse a déjà beaucoup changé aujourd’hui : appelez qui vous a écrit."))


def _check_assessed(orientation: OrientationLink, given: Given, today: date) -> None:
    if not orientation.assessment:
        raise Refused(_("Cette orientation ne demande pas d’évaluation."))
    if given.day is None or not timezone.localdate(orientation.made_at) <= given.day <= today:
        raise Refused(_("Donnez le jour de l’évaluation : entre celui de l’orientation et aujourd’hui."))


def check_can_remind(orientation: OrientationLink) -> None:
    """Once, of a service that was written to and says nothing."""
    if orientation.reminded_on is not None or orientation.answered_at is not None:
        raise Refused(_("Il n’y a rien à rappeler : le service a répondu, ou a déjà été relancé."))
    if not orientation.is_open:
        raise Refused(_("Le lien de cette orientation a expiré."))
    check_can_be_mailed(orientation.service)


def silent_since(today: date) -> date:
    """Orientations made that day or before, and unanswered, are late."""
    return date.fromordinal(today.toordinal() - int(orientation_terms(today)["remind_after_days"]))


def services_to_remind(today: date) -> list[int]:
    """Orientations of which the service, written to, is to be reminded."""
    late = OrientationLink.objects.unanswered_since(silent_since(today))
    found = late.filter(mailed=True, mailed_at__isnull=False, reminded_on=None)
    return list(found.order_by("pk").values_list("pk", flat=True))


def senders_to_tell(today: date) -> list[int]:
    """People of whom an orientation stays without an answer, which they were not told yet."""
    late = OrientationLink.objects.unanswered_since(silent_since(today)).filter(told_on=None, sender__is_active=True)
    return sorted(set(late.values_list("sender", flat=True)))


def silent_of(sender: int, today: date) -> list[OrientationLink]:
    """Those of a person that stay without an answer and of which they were not told, locked."""
    late = OrientationLink.objects.unanswered_since(silent_since(today)).filter(sender=sender, told_on=None)
    rows = late.select_for_update(of=("self",)).select_related(
        "service__structure__commune", "service__commune", "sender"
    )
    return [row for row in rows.order_by("made_at", "pk") if has_address(row.sender)]
