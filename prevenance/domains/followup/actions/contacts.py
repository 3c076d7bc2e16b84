"""Contacts with the person and around them; duties of alert fulfilled."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.followup.actions.plan import _guard
from prevenance.domains.followup.analysis.reading import key_of, sealed
from prevenance.domains.followup.models import Alert, Contact, FollowUp
from prevenance.domains.followup.rules import lists, work


def _checked(day: date, kind: str, whom: str, outcome: str) -> None:
    work.check_day(day)
    lists.check_code("contact_kinds", kind)
    lists.check_code("contact_with", whom)
    lists.check_code("contact_outcomes", outcome)


@action(_("Contact noté"))
def add_contact(
    *,
    followup: FollowUp,
    day: date,
    kind: str,
    whom: str,
    outcome: str,
    words: str = "",
    guard: str = "",
    by: Actor,
) -> Contact:
    """A contact: how, with whom, what came of it. Raises Refused, Stale."""
    file = FollowUp.objects.locked(followup)
    work.check_can_note(file, by)
    _checked(day, kind, whom, outcome)
    contact = Contact(followup=file, body=file.body, day=day, by=by.person)
    sealed(contact, key_of(file), kind=kind, whom=whom, outcome=outcome, words=words).save()
    audit.record(by=by, scope=file.trail, subject=contact, day=day, **_guard(guard))
    return contact


@action(_("Contact corrigé"))
def correct_contact(
    *,
    contact: Contact,
    day: date,
    kind: str,
    whom: str,
    outcome: str,
    words: str = "",
    guard: str = "",
    by: Actor,
) -> Contact:
    """Correct one's own contact the day it was noted. Raises Refused, Stale."""
    file = FollowUp.objects.locked(contact.followup)
    contact = Contact.objects.select_for_update().get(pk=contact.pk, followup=file)
    work.check_can_correct_contact(contact, file, by)
    _checked(day, kind, whom, outcome)
    contact.day = day
    sealed(contact, key_of(file), kind=kind, whom=whom, outcome=outcome, words=words).save()
    audit.record(by=by, scope=file.trail, subject=contact, day=day, **_guard(guard))
    return contact


@action(_("Obligation d’alerte accomplie"))
def record_alert(*, followup: FollowUp, duty: str, done_on: date, by: Actor) -> Alert:
    """Which duty one fulfilled, and when. What was said stays with whom it was said to. Raises Refused, Stale."""
    file = FollowUp.objects.locked(followup)
    work.check_can_note(file, by)
    work.check_day(done_on)
    lists.check_code("duties", duty)
    alert = Alert(followup=file, body=file.body, done_on=done_on, done_by=by.person)
    sealed(alert, key_of(file), duty=duty).save()
    audit.record(by=by, scope=file.trail, subject=alert, done_on=done_on)
    return alert
