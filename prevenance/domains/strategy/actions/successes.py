"""Propose a finished action as a success; publish it in the toolbox, or return it with reasons."""

from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.governance.rules.confidential import check_names_nobody
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.strategy.actions.toolbox import Tool, add_tool, publish_tool
from prevenance.domains.strategy.models import Sheet, Success
from prevenance.domains.strategy.rules import successes as rules


@dataclass(frozen=True)
class Story:
    """What is told of a success: never a name of a person helped."""

    what_worked: str
    conditions: str
    proof: str = ""


@action(_("Action proposée comme réussite"))
def propose_success(*, sheet: Sheet, told: Story, by: Actor) -> Success:
    """The first time, or again after it was returned: the reasons then stay beside it."""
    rows = Sheet.objects.select_for_update(of=("self",)).select_related("plan__council", "brought_by")
    sheet = rows.get(pk=sheet.pk)
    rules.check_can_propose(sheet, by)
    check_names_nobody(told.what_worked, told.conditions, told.proof, titles=True)
    success = Success.objects.select_for_update().filter(sheet=sheet).first() or Success(sheet=sheet)
    success.what_worked, success.conditions, success.proof = told.what_worked, told.conditions, told.proof
    success.state, success.settled_at, success.settled_by = Success.State.PROPOSED, None, None
    success.proposed_at, success.proposed_by = timezone.now(), by.person
    if success.pk:
        success.edit += 1
    success.save()
    audit.record(by=by, scope=sheet.plan.trail, subject=success, sheet=sheet.pk)
    return success


@action(_("Réussite publiée dans la boîte à outils"))
def publish_success(*, success: Success, told: Tool, seen: int, by: Actor) -> Success:
    """Make a published tool sheet of it, whose source names the territory."""
    success = _answered(success, seen, by)
    tool = publish_tool(tool=add_tool(told=told, by=by), by=by)
    tool.success = success
    tool.save()
    return _settled(success, Success.State.PUBLISHED, by, tool=tool.pk)


@action(_("Réussite rendue avec ses motifs"))
def return_success(*, success: Success, why: str, seen: int, by: Actor) -> Success:
    success = _answered(success, seen, by)
    if not why:
        raise Refused(_now("Dites pourquoi : qui a proposé cette réussite peut la proposer à nouveau."))
    success.reason = why
    return _settled(success, Success.State.RETURNED, by)


def _answered(success: Success, seen: int, by: Actor) -> Success:
    rows = Success.objects.select_for_update(of=("self",)).select_related("sheet__plan__council")
    success = rows.get(pk=success.pk)
    rules.check_can_answer(success, by)
    if success.edit != seen:
        raise Stale(_now("Cette réussite a été proposée à nouveau entre-temps : relisez-la."))
    return success


def _settled(success: Success, state: Success.State, by: Actor, **detail: int) -> Success:
    success.state, success.settled_at, success.settled_by = state, timezone.now(), by.person
    success.edit += 1
    success.save()
    audit.record(by=by, scope=success.sheet.plan.trail, subject=success, state=str(state), **detail)
    return success
