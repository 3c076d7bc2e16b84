"""Who corrects who the person is, and who says what was observed."""

from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.followup.models import Fact, FollowUp, Involvement
from prevenance.domains.followup.rules.endings import holds, is_referent
from prevenance.domains.followup.rules.files import check_is_open, parts_today
from prevenance.domains.governance.rules.councils import Stale


def takes_part(followup: FollowUp, actor: Actor) -> bool:
    return any(part.person_id == actor.person_id for part in parts_today(followup))


def has_referent(followup: FollowUp) -> bool:
    return any(part.kind == Involvement.Kind.REFERENT and part.valid_to is None for part in parts_today(followup))


def check_can_correct(followup: FollowUp, actor: Actor) -> None:
    """The referent and the coordination; until there is a referent, who opened the file or reported."""
    check_is_open(followup)
    if is_referent(followup, actor) or holds(followup, actor):
        return
    if takes_part(followup, actor) and not has_referent(followup):
        return
    raise Refused(_("Seuls le référent de parcours et la coordination du groupe corrigent l’identité."))


def check_can_observe(followup: FollowUp, actor: Actor) -> None:
    """Whoever takes part says what they observed, and the coordination."""
    check_is_open(followup)
    if not (takes_part(followup, actor) or holds(followup, actor)):
        raise Refused(_("Seuls ceux qui interviennent dans ce suivi y notent une situation."))


def check_can_end_fact(fact: Fact, actor: Actor) -> None:
    check_can_observe(fact.followup, actor)
    if fact.ended_on is not None:
        raise Stale(_("La fin de cette situation est déjà notée."))
