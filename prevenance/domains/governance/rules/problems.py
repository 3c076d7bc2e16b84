"""Problems of a police group: where they are kept, who changes them, to whom they are handed."""

from functools import cache

import yaml
from django.conf import settings
from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Organisation
from prevenance.domains.governance.models import Body, Council, Problem
from prevenance.domains.governance.rules.councils import Stale, check_can_hold
from prevenance.domains.governance.rules.kinds import of_family

State = Problem.State

# From a state to those that it may become. What is closed may be opened again: places relapse.
NEXT: dict[str, tuple[str, ...]] = {
    State.OPEN: (State.ANSWERED, State.SOLVED, State.DROPPED),
    State.ANSWERED: (State.SOLVED, State.DROPPED, State.OPEN),
    State.SOLVED: (State.OPEN,),
    State.DROPPED: (State.OPEN,),
}
CLOSED = (State.SOLVED, State.DROPPED)


@cache
def themes() -> dict[str, str]:
    """{key: label} of what a group works on."""
    text = (settings.DATA / "governance" / "problem_themes.yaml").read_text(encoding="utf-8")
    lines: list[dict[str, str]] = yaml.safe_load(text)
    return {line["key"]: line["label"] for line in lines}


def check_can_keep_problems(council: Council, actor: Actor) -> None:
    if council.kind != Council.Kind.GPO:
        raise Refused(_("Seul un groupe de partenariat opérationnel tient des problèmes de tranquillité."))
    check_can_hold(council, actor)


def check_can_change_problem(problem: Problem, actor: Actor) -> None:
    check_can_keep_problems(problem.council, actor)
    if problem.state in CLOSED:
        raise Refused(_("Ce problème est clos : rouvrez-le pour le modifier."))


def check_can_move(problem: Problem, state: str, actor: Actor) -> None:
    check_can_keep_problems(problem.council, actor)
    if state not in NEXT[problem.state]:
        raise Stale(_("Ce problème a changé d’état entre-temps : vérifiez où il en est."))


def groups_around(council: Council) -> list[Body]:
    """Open thematic groups of the local councils that cover the group's commune: all that it may hand to."""
    local = of_family(Council.Kind.CLSPD) + of_family(Council.Kind.CISPD)
    found = Body.objects.open().filter(
        kind=Body.Kind.GROUP,
        council__kind__in=local,
        council__ended_on=None,
        council__territory__contents__contained=council.territory_id,
    )
    return list(found.select_related("council__scope").order_by("council__sort_name", "name", "pk"))


def partners_of(council: Council) -> list[Organisation]:
    """Organisations that sit in the group today."""
    today = council.bodies.filter(kind__in=Body.MAIN).values("memberships__organisation")
    return list(Organisation.objects.filter(pk__in=today).order_by("sort_name", "pk"))


def check_can_hand_over(problem: Problem, body: Body | None, actor: Actor) -> None:
    check_can_change_problem(problem, actor)
    if body is None or body not in groups_around(problem.council):
        raise Refused(_("Choisissez un groupe thématique ouvert du conseil qui couvre cette commune."))
    if problem.handovers.filter(body=body).exists():
        raise Stale(_("Ce problème a déjà été transmis à ce groupe."))
