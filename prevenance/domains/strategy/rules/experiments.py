"""Experiments: an action sheet led with a hypothesis and an end, and what is decided of it then."""

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.governance.models import Decision
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.strategy.models import Experiment, Indicator, Sheet
from prevenance.domains.strategy.rules.plans import holds_plan

Outcome = Experiment.Outcome

# From what was decided last to what may be decided next; generalised or stopped, an experiment is over.
NEXT: dict[str, tuple[str, ...]] = {
    Outcome.NONE: (Outcome.EXTENDED, Outcome.GENERALISED, Outcome.STOPPED),
    Outcome.EXTENDED: (Outcome.EXTENDED, Outcome.GENERALISED, Outcome.STOPPED),
    Outcome.GENERALISED: (),
    Outcome.STOPPED: (),
}
GOING_ON = tuple(outcome for outcome, following in NEXT.items() if following)
OVER = (Sheet.State.DONE, Sheet.State.DROPPED)


def waits_for_a_decision(experiment: Experiment, today: date) -> bool:
    """Its end has passed and nothing says what follows."""
    return experiment.outcome in GOING_ON and experiment.ends_on < today


def check_holds(experiment: Experiment, actor: Actor) -> None:
    if not holds_plan(experiment.sheet.plan, actor):
        raise Refused(_("Seul qui tient ce plan suit son expérimentation."))


def check_can_lead(sheet: Sheet, actor: Actor) -> None:
    if not holds_plan(sheet.plan, actor):
        raise Refused(_("Seul qui tient ce plan mène une de ses actions en expérimentation."))
    if Experiment.objects.filter(sheet=sheet).exists():
        raise Stale(_("Cette action est déjà menée en expérimentation."))
    if sheet.state in OVER:
        raise Refused(_("Cette action est terminée ou abandonnée : une expérimentation se prépare avant le départ."))


def check_protocol(indicator: Indicator | None, measured_by: str, ends_on: date) -> None:
    """What makes it an experiment: a measure, and an end that is still to come."""
    if indicator is None and not measured_by:
        raise Refused(_("Choisissez un indicateur, ou dites comment l’effet sera mesuré."))
    if ends_on <= timezone.localdate():
        raise Refused(_("La fin de l’expérimentation est à venir : choisissez un jour après aujourd’hui."))


def check_can_change(experiment: Experiment, actor: Actor) -> None:
    """Its protocol is written before anything is decided, not adjusted to it."""
    if not holds_plan(experiment.sheet.plan, actor):
        raise Refused(_("Seul qui tient ce plan change le protocole de son expérimentation."))
    if experiment.outcome != Outcome.NONE:
        raise Refused(_("Une suite a été décidée : le protocole reste tel qu’il était."))


def check_can_decide(experiment: Experiment, actor: Actor) -> None:
    if not holds_plan(experiment.sheet.plan, actor):
        raise Refused(_("Seul qui tient ce plan décide de la suite de son expérimentation."))
    if not NEXT[experiment.outcome]:
        raise Stale(
            _("Cette expérimentation est close : %(outcome)s.") % {"outcome": Outcome(experiment.outcome).label.lower()}
        )


def check_outcome(
    experiment: Experiment, outcome: str, until: date | None, decided_on: date, decision: Decision | None
) -> None:
    if outcome not in NEXT[experiment.outcome]:
        raise Refused(_("Choisissez une suite : prolongée, généralisée ou arrêtée."))
    if outcome == Outcome.EXTENDED and (until is None or until <= experiment.ends_on):
        raise Refused(_("Prolongez jusqu’à un jour qui vient après la fin prévue."))
    if outcome != Outcome.EXTENDED and until is not None:
        raise Refused(_("Un nouveau terme ne se donne qu’à une expérimentation prolongée."))
    if decided_on > timezone.localdate():
        raise Refused(_("Une suite s’inscrit une fois décidée : ce jour est à venir."))
    if decision is not None and decision.council_id != experiment.sheet.plan.council_id:
        raise Refused(_("Cette décision est d’un autre conseil que celui de ce plan."))
