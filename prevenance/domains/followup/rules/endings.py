"""Who ends a follow-up, holds or opens an ended file, and when."""

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.followup.models import FollowUp, Hold, Involvement, Line, Terms
from prevenance.domains.followup.rules.files import check_is_open, opens, parts_today
from prevenance.domains.governance.models import Rulebook
from prevenance.domains.governance.rules.councils import Stale


def is_referent(followup: FollowUp, actor: Actor) -> bool:
    """The referent, or who covers their absence."""
    kinds = (Involvement.Kind.REFERENT, Involvement.Kind.COVER)
    return any(part.person_id == actor.person_id and part.kind in kinds for part in parts_today(followup))


def holds(followup: FollowUp, actor: Actor) -> bool:
    """Who coordinates the group of the file."""
    return actor.can("hold_files") and opens(followup.body, actor)


def check_can_hold(followup: FollowUp, actor: Actor) -> None:
    if not holds(followup, actor):
        raise Refused(_("Seule la coordination du groupe peut le faire."))


def check_can_follow(followup: FollowUp, actor: Actor) -> None:
    """The referent and the coordination write the plan and the end; other members add contacts and facts."""
    if not (is_referent(followup, actor) or holds(followup, actor)):
        raise Refused(_("Seuls le référent de parcours et la coordination du groupe peuvent le faire."))


def check_can_end(followup: FollowUp, actor: Actor) -> None:
    check_can_follow(followup, actor)
    check_is_open(followup)


def check_outcome(reason: str, outcome: str) -> None:
    if reason not in Line.Reason.values or outcome not in Line.Outcome.values:
        raise Refused(_("Choisissez un motif de fin et une situation dans les listes."))


def check_can_tell_later(followup: FollowUp, actor: Actor) -> None:
    """The situation three months after is asked from the end to the purge, once."""
    check_can_follow(followup, actor)
    if followup.is_open:
        raise Refused(_("Ce suivi n’est pas terminé : sa situation trois mois après se dira plus tard."))
    if Line.objects.filter(followup=followup).exclude(outcome_later="").exists():
        raise Stale(_("La situation après la sortie est déjà dite."))


def running_hold(followup: FollowUp) -> Hold | None:
    today = timezone.localdate()
    return Hold.objects.filter(followup=followup, lifted_on=None, until__gt=today).first()


def check_can_set_hold(followup: FollowUp, until: date, actor: Actor) -> None:
    check_can_hold(followup, actor)
    if until <= timezone.localdate():
        raise Refused(_("Une conservation imposée finit plus tard qu’aujourd’hui : corrigez sa date."))
    if Hold.objects.filter(followup=followup, lifted_on=None).exists():
        raise Stale(_("Une conservation est déjà imposée à ce dossier : levez-la d’abord."))


def check_can_open_archive(followup: FollowUp, actor: Actor) -> None:
    check_can_hold(followup, actor)
    if not followup.is_archived:
        raise Refused(_("Ce dossier n’est pas archivé."))


def archive_months(followup: FollowUp) -> int:
    """How long the rulebook in force keeps an archive; none where it says nothing."""
    terms = Terms.objects.filter(
        rulebook__body=followup.body_id, rulebook__kind=Rulebook.Kind.RULES, rulebook__state=Rulebook.State.ADOPTED
    ).first()
    return terms.archive_months if terms is not None else 0
