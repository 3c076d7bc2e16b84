"""Who proposes a file to a group elsewhere, who takes it, and what becomes of the file left behind."""

from django.utils import timezone
from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Mandate
from prevenance.domains.followup.models import FollowUp, Handover, Line, Share
from prevenance.domains.followup.models.files import COORDINATION
from prevenance.domains.followup.models.sharing import WHOLE
from prevenance.domains.followup.rules.endings import check_can_follow
from prevenance.domains.followup.rules.files import check_category, check_is_open, mandates_opening, opens
from prevenance.domains.followup.rules.rights import check_addressee, check_past
from prevenance.domains.followup.rules.sharing import seated
from prevenance.domains.governance.models import Body
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.territories.models import Territory


def receivers(body: Body) -> list[Mandate]:
    """Mandates of coordination that open a group: those who may take a file for it. `body` with its council."""
    held = mandates_opening(body.pk, seated(body.pk)).filter(role__in=COORDINATION, scope=body.council.scope_id)
    return list(held.order_by("pk"))


def groups_of(commune: Territory, followup: FollowUp) -> list[Body]:
    """Groups elsewhere that cover a commune, may hold such a file, and have somebody to take it."""
    found = Body.objects.open().filter(
        nominative=True, council__ended_on=None, council__territory__contents__contained=commune.pk
    )
    found = found.exclude(pk=followup.body_id).select_related("council").order_by("council__sort_name", "name", "pk")
    return [body for body in found.distinct() if suits(body, followup) and receivers(body)]


def suits(body: Body, followup: FollowUp) -> bool:
    try:
        check_category(body, followup.category)
    except Refused:
        return False
    return True


def waiting(followup: FollowUp) -> Handover | None:
    """The proposal that was neither answered nor withdrawn, over or not."""
    rows = Handover.objects.filter(followup=followup, accepted_at=None, declined_at=None, withdrawn_at=None)
    return rows.select_related("to_body__council").first()


def accepted(followup: FollowUp) -> Handover | None:
    rows = Handover.objects.filter(followup=followup, accepted_at__isnull=False)
    return rows.select_related("to_body__council").first()


def is_over(handover: Handover) -> bool:
    return handover.until <= timezone.now()


def check_can_propose(followup: FollowUp, actor: Actor) -> None:
    check_can_follow(followup, actor)
    check_is_open(followup)
    if accepted(followup):
        raise Stale(_("Un autre groupe a déjà repris ce suivi : il reste à le terminer ici."))
    proposed = waiting(followup)
    if proposed is not None and not is_over(proposed):
        raise Stale(
            _("Ce dossier est déjà proposé à un autre groupe : attendez sa réponse, ou retirez la proposition.")
        )


def check_proposal(followup: FollowUp, body: Body, agreed_by: str, outcome: str) -> None:
    if body.pk == followup.body_id or not body.nominative or not suits(body, followup) or not receivers(body):
        raise Refused(_("Ce groupe ne peut pas reprendre ce suivi : choisissez-en un autre."))
    check_addressee(followup, agreed_by)
    if outcome not in Line.Outcome.values:
        raise Refused(_("Dites la situation de la personne à ce jour, dans la liste."))


check_agreed_on = check_past


def check_can_withdraw(handover: Handover, followup: FollowUp, actor: Actor) -> None:
    check_can_follow(followup, actor)
    check_unanswered(handover)


def check_unanswered(handover: Handover) -> None:
    if handover.accepted_at:
        raise Stale(_("Ce passage de relais est déjà accepté."))
    if handover.declined_at:
        raise Stale(_("Ce passage de relais est déjà décliné."))
    if handover.withdrawn_at:
        raise Stale(_("Le groupe qui proposait ce passage de relais l’a retiré."))


def check_can_answer(handover: Handover, actor: Actor) -> None:
    """Whoever coordinates the group asked, before the deadline."""
    if not (actor.can("hold_files") and opens(handover.to_body, actor)):
        raise Refused(_("Seule la coordination du groupe destinataire répond à un passage de relais."))
    check_unanswered(handover)
    if is_over(handover):
        raise Stale(_("Le délai pour répondre est passé : demandez au groupe d’origine de proposer à nouveau."))


def share_for(handover: Handover, actor: Actor) -> Share | None:
    """What lets the actor copy the file; none for who came to coordinate after the proposal."""
    rows = Share.objects.filter(
        followup=handover.followup_id, to_person=actor.person_id, as_body=handover.to_body_id, parts__contains=[WHOLE]
    )
    found: Share | None = rows.filter(withdrawn_at=None, until__gt=timezone.now()).first()
    return found


def check_can_accept(handover: Handover, actor: Actor) -> None:
    check_can_answer(handover, actor)
    if share_for(handover, actor) is None:
        raise Refused(
            _("Ce passage de relais a été proposé avant votre arrivée : demandez au groupe d’origine de le refaire.")
        )


def check_can_finish(handover: Handover, followup: FollowUp, actor: Actor) -> None:
    """End the file left behind, once another group has taken it."""
    check_can_follow(followup, actor)
    if handover.accepted_at is None:
        raise Refused(_("Aucun groupe n’a encore accepté ce passage de relais."))
    check_is_open(followup)
