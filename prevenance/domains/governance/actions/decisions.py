"""Decisions: written in draft minutes, then followed row after row."""

from datetime import date

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import ANYBODY, Actor
from prevenance.domains.accounts.models import Person
from prevenance.domains.governance.actions.minutes import _locked as _locked_minutes
from prevenance.domains.governance.models import (
    Decision,
    DecisionProgress,
    DecisionReminder,
    MinutesSection,
)
from prevenance.domains.governance.rules import decisions as rules
from prevenance.domains.governance.rules.confidential import check_body_names_nobody
from prevenance.domains.governance.rules.meetings import Changed, day_of


def _locked(decision: Decision) -> Decision:
    rows = Decision.objects.select_for_update(of=("self",))
    return rows.select_related("council", "minutes__meeting__council", "minutes__meeting__body", "owner").get(
        pk=decision.pk
    )


def _check_names_nobody(decision: Decision, *texts: str) -> None:
    if decision.minutes is not None:
        check_body_names_nobody(decision.minutes.meeting.body, *texts)


@action(_("Décision écrite"))
def add_decision(
    *,
    section: MinutesSection,
    text: str,
    owner: Person | None = None,
    owner_label: str = "",
    due_on: date | None = None,
    replaces: Decision | None = None,
    by: Actor,
) -> Decision:
    """On a point of draft minutes; its number comes with the approval."""
    minutes = _locked_minutes(section.minutes)
    rules.check_can_draft_decision(minutes, by)
    check_body_names_nobody(minutes.meeting.body, text, owner_label)
    if replaces is not None:
        _check_replaceable(replaces, minutes)
    decision = Decision.objects.create(
        council=minutes.meeting.council,
        minutes=minutes,
        section=section,
        year=day_of(minutes.meeting).year,
        text=text,
        owner=owner,
        owner_label="" if owner else owner_label,
        due_on=due_on,
        replaces=replaces,
    )
    audit.record(by=by, scope=minutes.meeting.council.scope_id, subject=decision)
    return decision


def _check_replaceable(decision: Decision, minutes) -> None:
    earlier = decision.minutes is not None and decision.minutes.meeting_id == minutes.meeting_id
    if not earlier or decision.minutes_id == minutes.pk:
        raise Refused(_now("Seule une décision de la version approuvée de ce compte rendu peut être rectifiée."))
    if Decision.objects.filter(replaces=decision).exists():
        raise Refused(_now("Cette décision est déjà rectifiée par une autre."))


@action(_("Décision modifiée"))
def edit_decision(
    *, decision: Decision, seen: str, text: str, owner: Person | None, owner_label: str, due_on: date | None, by: Actor
) -> None:
    """Before approval only. Raises Changed when `seen` is not the stamp of the decision as it is now."""
    decision = _locked(decision)
    rules.check_can_change_decision(decision, by)
    if rules.stamp(decision) != seen:
        raise Changed(
            text=decision.text,
            owner=decision.owner,
            owner_label=decision.owner_label,
            due_on=decision.due_on,
            seen=rules.stamp(decision),
        )
    _check_names_nobody(decision, text, owner_label)
    decision.text, decision.due_on = text, due_on
    decision.owner, decision.owner_label = owner, "" if owner else owner_label
    decision.save(update_fields=["text", "owner", "owner_label", "due_on"])
    audit.record(by=by, scope=decision.council.scope_id, subject=decision)


@action(_("Décision retirée d’un projet de compte rendu"))
def remove_decision(*, decision: Decision, by: Actor) -> None:
    decision = _locked(decision)
    rules.check_can_change_decision(decision, by)
    audit.record(by=by, scope=decision.council.scope_id, subject=decision)
    decision.delete()


@action(_("Avancement d’une décision noté"))
def record_progress(*, decision: Decision, state: str, note: str, by: Actor) -> DecisionProgress:
    """A row that stays, and the state that lists read."""
    decision = _locked(decision)
    rules.check_can_record_progress(decision, by)
    rules.check_progress(decision, state, note)
    _check_names_nobody(decision, note)
    progress = DecisionProgress.objects.create(decision=decision, state=state, note=note.strip(), by=by.person)
    decision.state = state
    decision.save(update_fields=["state"])
    audit.record(by=by, scope=decision.council.scope_id, subject=decision, state=state)
    return progress


@action(_("Rappel de décisions envoyé"))
def record_reminder(*, person: Person, week: date, decisions: int, by: Actor = ANYBODY) -> DecisionReminder:
    """One a week a person, which the database holds: Refused, and nothing is sent, when it was done already.

    Called by the job, in the transaction that sends the mail.
    """
    try:
        with transaction.atomic():
            reminder = DecisionReminder.objects.create(person=person, week=week, sent_at=timezone.now())
    except IntegrityError as error:
        raise Refused(_now("Cette personne a déjà reçu son rappel de la semaine.")) from error
    audit.record(by=by, scope="platform", subject=person, week=week, decisions=decisions)
    return reminder
