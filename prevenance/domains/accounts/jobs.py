"""Mails, and what the accounts do by the clock. Jobs carry identifiers only, and look again when they run."""

from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django import app

from prevenance.core.audit import MACHINE
from prevenance.domains.accounts import rules
from prevenance.domains.accounts.acting import actor_of
from prevenance.domains.accounts.models import Invitation, Mandate, Person

RETRIES = 5  # a mail server that is away is tried again, later and later


def _send(person, name, **context):
    """Send templates/accounts/mails/NAME.txt to a person; its first line is the subject."""
    context |= {"person": person, "site": {"name": "Prévenance", "address": settings.PUBLIC_ADDRESS}}
    subject, _rule, body = render_to_string(f"accounts/mails/{name}.txt", context).partition("\n")
    EmailMessage(subject.strip(), body.strip() + "\n", to=[person.email]).send()


def _address(name, *args):
    return settings.PUBLIC_ADDRESS + reverse(name, args=args)


@app.task(retry=RETRIES)
def send_invitation(invitation_id: int, person_id: int, mandate_id: int) -> None:
    """Make the link and send it, under the mandate of who invites, checked again now."""
    from prevenance.domains.accounts import actions

    invitation = Invitation.objects.select_related("mandate__person", "mandate__scope", "invited_by").get(
        pk=invitation_id
    )
    if not invitation.is_pending:
        return
    by = actor_of(Person.objects.get(pk=person_id), mandate_id)
    token = actions.renew_invitation(by=by, invitation=invitation)
    _send(
        invitation.mandate.person, "invitation", invitation=invitation, mandate=invitation.mandate,
        link=_address("accounts:accept_invitation", token),
    )  # fmt: skip


@app.task(retry=RETRIES)
def send_mandate_added(mandate_id: int) -> None:
    mandate = Mandate.objects.select_related("person", "scope", "granted_by").get(pk=mandate_id)
    _send(mandate.person, "mandate_added", mandate=mandate, link=_address("accounts:sign_in"))


@app.task(retry=RETRIES)
def send_password_reset(person_id: int | None) -> None:
    """Send a link, unless one left a moment ago; nothing for nobody."""
    person = Person.objects.filter(pk=person_id, is_active=True).first() if person_id else None
    if person is None:
        return
    pause = timedelta(minutes=rules.delay("reset_minutes_between_mails"))
    if person.reset_sent_at and timezone.now() - person.reset_sent_at < pause:
        return
    person.reset_sent_at = timezone.now()
    person.save(update_fields=["reset_sent_at"])
    _send(
        person,
        "password_reset",
        minutes=rules.reset_minutes(),
        link=_address("accounts:reset_password", *rules.reset_link(person)),
    )


@app.task(retry=RETRIES)
def send_password_changed(person_id: int) -> None:
    _send(Person.objects.get(pk=person_id), "password_changed", link=_address("accounts:ask_password_reset"))


@app.task(retry=RETRIES)
def send_second_factor_taken(person_id: int) -> None:
    _send(Person.objects.get(pk=person_id), "second_factor_taken", link=_address("accounts:sign_in"))


@app.periodic(cron="10 0 * * *")
@app.task(queueing_lock="close_accounts_without_mandate")
def close_accounts_without_mandate(timestamp: int) -> None:
    """Close the accounts whose last mandate ended the day before."""
    from prevenance.domains.accounts import actions

    actions.close_accounts_without_mandate(by=MACHINE)


@app.periodic(cron="40 3 * * *")
@app.task(queueing_lock="clear_old_traces")
def clear_old_traces(timestamp: int) -> None:
    from prevenance.domains.accounts import actions

    actions.clear_old_traces(by=MACHINE)
