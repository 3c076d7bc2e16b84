"""Keep the problems of a police group, and hand one to a thematic group."""

from collections.abc import Collection
from dataclasses import dataclass, field

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Organisation
from prevenance.domains.governance.actions.proposals import propose_item
from prevenance.domains.governance.models import AgendaItem, Body, Council, HandOver, Problem
from prevenance.domains.governance.rules import problems as rules
from prevenance.domains.governance.rules.confidential import check_names_nobody
from prevenance.domains.governance.rules.councils import Stale


@dataclass(frozen=True)
class Told:
    """What is said of a problem: never a name, which the form guards."""

    theme: str
    place: str
    description: str
    response: str = ""
    partners: Collection[Organisation] = field(default=())


@action(_("Problème inscrit"))
def add_problem(*, council: Council, told: Told, by: Actor) -> Problem:
    """A problem with the next number of the year."""
    council = Council.objects.select_for_update(of=("self",)).select_related("scope").get(pk=council.pk)
    rules.check_can_keep_problems(council, by)
    check_names_nobody(told.place, told.description, told.response, titles=True)
    today = timezone.localdate()
    last = Problem.objects.filter(council=council, year=today.year).aggregate(last=Max("rank"))["last"] or 0
    problem = Problem.objects.create(
        council=council, year=today.year, rank=last + 1, theme=told.theme, place=told.place,
        description=told.description, response=told.response, opened_on=today,
    )  # fmt: skip
    problem.partners.set(told.partners)
    audit.record(by=by, scope=council.scope_id, subject=problem, theme=told.theme)
    return problem


@action(_("Problème modifié"))
def edit_problem(*, problem: Problem, told: Told, seen: int, by: Actor) -> Problem:
    """Correct a problem. Raises councils.Stale when it changed since the form showed it."""
    problem = _locked(problem)
    rules.check_can_change_problem(problem, by)
    if problem.edit != seen:
        raise Stale(_now("Ce problème a été modifié ailleurs : vérifiez, puis enregistrez à nouveau."))
    check_names_nobody(told.place, told.description, told.response, titles=True)
    problem.theme, problem.place = told.theme, told.place
    problem.description, problem.response = told.description, told.response
    problem.edit += 1
    problem.save()
    problem.partners.set(told.partners)
    audit.record(by=by, scope=problem.council.scope_id, subject=problem, theme=told.theme)
    return problem


@action(_("État d’un problème"))
def move_problem(*, problem: Problem, state: str, by: Actor) -> Problem:
    problem = _locked(problem)
    rules.check_can_move(problem, state, by)
    problem.state = Problem.State(state)
    problem.closed_on = timezone.localdate() if state in rules.CLOSED else None
    problem.edit += 1
    problem.save()
    audit.record(by=by, scope=problem.council.scope_id, subject=problem, state=state)
    return problem


@action(_("Problème transmis à un groupe thématique"))
def hand_over(*, problem: Problem, body: Body, by: Actor) -> HandOver:
    """Tell a thematic group that something is to be looked at, a point that waits for its next agenda: neither the
    place nor the facts go with it."""
    problem = _locked(problem)
    rules.check_can_hand_over(problem, body, by)
    handover = HandOver.objects.create(problem=problem, body=body, by=by.person)
    propose_item(
        body=body,
        kind=AgendaItem.Kind.DEBATE,
        title=_now("Situation signalée par un groupe de partenariat opérationnel, à examiner"),
        origin=_now("Groupe de partenariat opérationnel"),
        key=f"handover-{handover.pk}",
        by=by,
    )
    audit.record(by=by, scope=problem.council.scope_id, subject=handover, body=body.pk)
    return handover


def _locked(problem: Problem) -> Problem:
    rows = Problem.objects.select_for_update(of=("self",)).select_related("council__scope", "council__territory")
    return rows.get(pk=problem.pk)
