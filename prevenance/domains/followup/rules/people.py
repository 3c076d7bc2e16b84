"""Who follows: proposed, accepted or declined by the person, handed over, covered, ended."""

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.followup.models import FollowUp, Involvement
from prevenance.domains.followup.rules.endings import check_can_follow, holds
from prevenance.domains.followup.rules.files import check_is_open, opening
from prevenance.domains.governance.models import Membership
from prevenance.domains.governance.rules.councils import Stale

Kind = Involvement.Kind


def check_can_name(followup: FollowUp, actor: Actor) -> None:
    """The referent and the coordination propose who follows, covers or takes part."""
    check_is_open(followup)
    check_can_follow(followup, actor)


def check_member(followup: FollowUp, person: int) -> None:
    """A present member, who signed all that is in force: without it they could not open the file."""
    if not Membership.objects.filter(body=followup.body_id, person=person).current().exists():
        raise Refused(_("Choisissez un membre actuel du groupe."))
    if person not in opening(followup.body_id, [person]):
        raise Refused(_("Cette personne n’a pas signé tous les textes en vigueur du groupe : demandez-lui de signer."))


def check_not_twice(followup: FollowUp, person: int, kind: str) -> None:
    running = Involvement.objects.filter(followup=followup, kind=kind, declined_at=None)
    if kind == Kind.REFERENT and running.waiting().exists():
        raise Stale(_("Un référent est déjà proposé : attendez sa réponse, ou retirez la proposition."))
    today = timezone.localdate()
    if running.filter(person=person).exclude(valid_to__lt=today).exclude(valid_to=today, kind=Kind.CONCERNED).exists():
        raise Stale(_("Cette personne a déjà cette qualité dans ce suivi, ou elle lui est proposée."))


def check_cover(followup: FollowUp, person: int, begins: date, ends: date) -> None:
    today = timezone.localdate()
    if ends < begins or ends < today or begins < today:
        raise Refused(_("Un remplacement commence aujourd’hui ou plus tard, et finit après avoir commencé."))
    referent = referent_of(followup)
    if referent is None:
        raise Refused(_("Il n’y a pas de référent à remplacer : proposez d’abord un référent."))
    if referent.person_id == person:
        raise Refused(_("Le référent ne se remplace pas lui-même : choisissez un autre membre."))


def referent_of(followup: FollowUp) -> Involvement | None:
    """Who follows today, and goes on."""
    rows = Involvement.objects.filter(followup=followup, kind=Kind.REFERENT, valid_to=None).current()
    found: Involvement | None = rows.select_related("person").first()
    return found


def check_can_answer(part: Involvement, actor: Actor) -> None:
    """Who is proposed answers, in their own name, while the follow-up goes on."""
    check_is_open(part.followup)
    if part.person_id != actor.person_id:
        raise Refused(_("Seule la personne proposée accepte ou décline."))
    if part.accepted_at or part.declined_at:
        raise Stale(_("Cette proposition a déjà reçu une réponse, ou elle a été retirée."))
    if part.valid_to is not None and part.valid_to < timezone.localdate():
        raise Stale(_("Cette période de remplacement est passée."))


def check_can_withdraw(part: Involvement, actor: Actor) -> None:
    check_can_name(part.followup, actor)
    if part.accepted_at or part.declined_at:
        raise Stale(_("Cette proposition a déjà reçu une réponse, ou elle a été retirée."))


def check_can_end(part: Involvement, actor: Actor) -> None:
    """The coordination ends any part; the referent those of others; each member ends their own, but the referent's
    own, which is handed over."""
    check_is_open(part.followup)
    if part.accepted_at is None:
        raise Stale(_("Cette personne n’a pas commencé : retirez la proposition."))
    today = timezone.localdate()
    if part.valid_to is not None and part.valid_to <= today:
        raise Stale(_("Cette participation a déjà pris fin."))
    if holds(part.followup, actor):
        return
    if part.kind == Kind.REFERENT:
        raise Refused(_("Un référent passe la main à un autre ; seule la coordination y met fin sans relève."))
    if part.person_id != actor.person_id:
        check_can_follow(part.followup, actor)
