"""Granting a role, and the link that opens an account with it."""

import secrets
from datetime import timedelta

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.core.refusals import Refused
from prevenance.domains.accounts import jobs, rules
from prevenance.domains.accounts.acting import actor_of
from prevenance.domains.accounts.actions.people import _organisation, _withdraw
from prevenance.domains.accounts.models import Invitation, Mandate, Person, digest_of


@action(_("Rôle accordé"))
def invite(
    *, by, email, given_name, family_name, role, scope, valid_from, valid_to=None, act="", organisation="", kind=""
):
    """Grant `role` in `scope` to the holder of an address, from a day to another, under an act.

    Somebody without an account is sent a link that opens one; somebody with an account is told by mail. The answer
    is the same, so that nobody learns here who has an account. Names of a known person are not changed.
    Returns the mandate. Raises Refused when the table of roles does not allow it, or when it is granted already.
    """
    rules.check_can_grant(by, role, scope, email)
    mandate = Mandate(
        role=role, scope=scope, valid_from=valid_from, valid_to=valid_to, act=act,
        organisation=_organisation(organisation, kind),
    )  # fmt: skip
    return _grant(by, email, given_name, family_name, mandate)


@action(_("Fonctions déléguées"))
def delegate(*, by, email, given_name, family_name, valid_from, valid_to=None, allows=None, act=""):
    """Open the mandate of an elected member to whom the actor delegates a part of their own, under a signed act.

    It has the actor's role and scope, allows no more than `allows` (keys of the table of roles; None: all), and ends
    with the actor's mandate at the latest. Returns it. Raises Refused when the actor's mandate no longer acts, is
    itself delegated, or begins after `valid_from`.
    """
    rules.check_can_delegate(by, email)
    # Read again and kept: a mandate withdrawn in another tab a moment ago delegates nothing.
    source = Mandate.objects.select_for_update(of=("self",)).current().filter(pk=by.mandate_id).first()
    if source is None:
        raise Refused(now_("Votre mandat a pris fin : vous ne pouvez plus déléguer."))
    if valid_from < source.valid_from:
        raise Refused(now_("Une délégation ne commence pas avant le mandat de qui la donne."))
    last_day = rules.delegation_end(source, valid_to)
    if last_day is not None and last_day < valid_from:
        raise Refused(now_("Votre mandat finit avant le début de cette délégation."))
    mandate = Mandate(
        role=source.role, scope_id=source.scope_id, valid_from=valid_from, valid_to=last_day, act=act,
        delegated_from=source, allows=None if allows is None else sorted(allows),
    )  # fmt: skip
    return _grant(by, email, given_name, family_name, mandate)


def _grant(by, email, given_name, family_name, mandate):
    """Give `mandate`, still without a person, to the holder of an address, and have them told."""
    person, new = Person.objects.get_or_create(
        email=email.strip().lower(),
        defaults={"given_name": given_name, "family_name": family_name, "password": make_password(None)},
    )
    if not person.is_active:
        person.is_active, person.deactivated_at = True, None
        person.save(update_fields=["is_active", "deactivated_at"])
    mandate.person, mandate.granted_by = person, by.person
    try:
        mandate.full_clean()
    except ValidationError as problem:
        raise Refused(" ".join(problem.messages)) from problem
    mandate.save()
    if person.has_usable_password():
        jobs.send_mandate_added.defer(mandate_id=mandate.pk)
    else:
        invitation = Invitation.objects.create(
            email=person.email, given_name=given_name, family_name=family_name, mandate=mandate,
            invited_by=by.person, **_unsent(),
        )  # fmt: skip
        jobs.send_invitation.defer(invitation_id=invitation.pk, person_id=by.person_id, mandate_id=by.mandate_id)
    audit.record(by=by, scope=mandate.scope_id, subject=mandate, role=mandate.role, person_id=person.pk, new=new)
    return mandate


def _unsent():
    """Of a link that nobody holds yet: the token is made, and forgotten, when the mail is written."""
    return {"digest": digest_of(secrets.token_urlsafe(32)), "expires_at": timezone.now()}


@action(_("Lien d’invitation envoyé"))
def renew_invitation(*, by, invitation):
    """Make a new link, which replaces any earlier one. Returns its token: only its digest is kept."""
    rules.check_can_handle(by, invitation)
    token = secrets.token_urlsafe(32)
    invitation.digest = digest_of(token)
    invitation.expires_at = timezone.now() + timedelta(days=rules.delay("invitation_days"))
    invitation.save(update_fields=["digest", "expires_at"])
    audit.record(by=by, scope=invitation.mandate.scope_id, subject=invitation)
    return token


@action(_("Invitation renvoyée"))
def resend_invitation(*, by, invitation):
    """Have a new link sent; the earlier one stops working at once."""
    rules.check_can_handle(by, invitation)
    for name, value in _unsent().items():
        setattr(invitation, name, value)
    invitation.save(update_fields=["digest", "expires_at"])
    jobs.send_invitation.defer(invitation_id=invitation.pk, person_id=by.person_id, mandate_id=by.mandate_id)
    audit.record(by=by, scope=invitation.mandate.scope_id, subject=invitation)


@action(_("Invitation annulée"))
def cancel_invitation(*, by, invitation):
    """The link stops working and the role that it brought is withdrawn."""
    rules.check_can_handle(by, invitation)
    closed = _withdraw(invitation.mandate)
    audit.record(by=by, scope=invitation.mandate.scope_id, subject=invitation, account_closed=closed)


@action(_("Invitation acceptée"))
def accept_invitation(*, by, invitation, given_name, family_name, password):
    """Open the account: names confirmed by their bearer, password chosen. Returns the person.

    `by` is nobody yet; the row names the person whose account it opens. Raises Refused when the link has served,
    expired or was cancelled, even a moment ago in another tab.
    """
    invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
    person = invitation.mandate.person
    if not invitation.is_open or person.has_usable_password():
        raise Refused(now_("Ce lien ne sert plus."))
    person.given_name, person.family_name = given_name, family_name
    person.set_password(password)
    person.save()
    # One account, one opening: the links of other invitations of the same person have nothing left to open.
    waiting = Invitation.objects.filter(mandate__person=person, accepted_at=None, cancelled_at=None)
    waiting.update(accepted_at=timezone.now())
    audit.record(by=actor_of(person, invitation.mandate_id), scope=invitation.mandate.scope_id, subject=invitation)
    return person
