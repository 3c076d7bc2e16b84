"""Coming in, proving it, leaving: sessions, passwords, second factor."""

from datetime import timedelta

import django_otp
from django.contrib.auth import login, logout, update_session_auth_hash
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_totp.models import TOTPDevice

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.core.refusals import Refused
from prevenance.domains.accounts import jobs, rules, sessions
from prevenance.domains.accounts.acting import CHOSEN, DEMONSTRATED
from prevenance.domains.accounts.models import Person, RecoveryCode, Session

BACKEND = "prevenance.domains.accounts.backends.Mandated"


@action(_("Entrée"))
def enter(*, by, request, how):
    """Open a session for `by`'s person in this browser, under a new key. `how`: password, invitation, demonstration."""
    if how == "demonstration":
        rules.check_is_invented(by.person)
    login(request, by.person, backend=BACKEND)
    sessions.begin(request.session, request.headers.get("User-Agent", ""))
    if how == "demonstration":
        request.session[DEMONSTRATED] = True
        request.session[CHOSEN] = by.mandate_id
    audit.record(by=by, subject=by.person, how=how)


@action(_("Sortie"))
def leave(*, by, request):
    """Close this session."""
    audit.record(by=by, subject=by.person or "")
    logout(request)


@action(_("Changement de rôle ou de territoire"))
def switch_mandate(*, by, request, mandate):
    """Act from now on under another of one's own mandates in force."""
    if mandate.person_id != by.person_id or mandate.state != mandate.State.CURRENT:
        raise Refused(_("Ce mandat n’est pas le vôtre, ou n’est plus en cours."))
    request.session[CHOSEN] = mandate.pk
    audit.record(by=by, subject=mandate, scope=mandate.scope_id)


# ------------------------------------------------------------------------------------------------ second factor


def _device(person):
    """The confirmed device, locked until the end of the transaction: two codes are never checked at once."""
    return TOTPDevice.objects.select_for_update().filter(user=person, confirmed=True).order_by("pk").first()


def _print_codes(person):
    """Replace the recovery codes; the only moment when they exist in clear."""
    RecoveryCode.objects.filter(person=person).delete()
    codes = [rules.new_recovery_code() for _number in range(rules.delay("recovery_codes"))]
    RecoveryCode.objects.bulk_create(
        [RecoveryCode(person=person, digest=rules.recovery_digest(person, code)) for code in codes]
    )
    return codes


def _proved(request, device):
    """The session is now worth more: its key changes, so that an earlier copy of it opens nothing."""
    request.session.cycle_key()
    django_otp.login(request, device)


@action(_("Second facteur installé"))
def set_up_second_factor(*, by, request, key, code):
    """Confirm the `key` (hexadecimal) that was shown by a first `code`; replaces any earlier device.

    Returns the recovery codes, or None when the code does not match. Raises Refused when a second factor is there
    and was not given.
    """
    rules.check_may_set_up_second_factor(by.person, request.user.is_verified())
    step = rules.matching_step(key, code)
    if step is None:
        audit.record(by=by, subject=by.person, outcome="refused")
        return None
    TOTPDevice.objects.filter(user=by.person).delete()
    # The code that confirms has served: last_t refuses it at the next sign-in.
    device = TOTPDevice.objects.create(user=by.person, name="totp", confirmed=True, key=key, last_t=step)
    codes = _print_codes(by.person)
    _proved(request, device)
    audit.record(by=by, subject=by.person, outcome="accepted", codes=len(codes))
    return codes


@action(_("Second facteur donné"))
def prove_second_factor(*, by, request, code):
    """Check a one-time `code`. Returns "accepted", "refused" or "throttled"; a code serves once.

    Failures make the next attempt wait 1, 2, 4, 8… seconds (django-otp).
    """
    device = _device(by.person)
    if device is None or not device.verify_is_allowed()[0]:
        outcome = "throttled"
    else:
        outcome = "accepted" if device.verify_token(code) else "refused"
    if outcome == "accepted":
        _proved(request, device)
    audit.record(by=by, subject=by.person, outcome=outcome)
    return outcome


@action(_("Code de secours donné"))
def prove_recovery_code(*, by, request, code):
    """Check a recovery `code`, which serves once. Same answers and same waiting as `prove_second_factor`."""
    device = _device(by.person)
    if device is None or not device.verify_is_allowed()[0]:
        outcome = "throttled"
    elif RecoveryCode.objects.filter(person=by.person, digest=rules.recovery_digest(by.person, code)).delete()[0]:
        device.throttle_reset()
        outcome = "accepted"
        _proved(request, device)
    else:
        device.throttle_increment()
        outcome = "refused"
    audit.record(by=by, subject=by.person, outcome=outcome, left=by.person.recovery_codes.count())
    return outcome


@action(_("Codes de secours renouvelés"))
def renew_recovery_codes(*, by):
    """New recovery codes; the earlier ones open nothing any more. Returns them, for this one time."""
    codes = _print_codes(by.person)
    audit.record(by=by, subject=by.person, codes=len(codes))
    return codes


# ------------------------------------------------------------------------------------------------ passwords


def _close_sessions(person, but=None):
    return Session.objects.filter(person=person).exclude(session_key=but).delete()[0]


@action(_("Mot de passe changé"))
def change_password(*, by, request, password):
    """Set one's own password; every other session ends."""
    person = by.person
    person.set_password(password)
    person.save(update_fields=["password"])
    update_session_auth_hash(request, person)
    closed = _close_sessions(person, but=request.session.session_key)
    jobs.send_password_changed.defer(person_id=person.pk)
    audit.record(by=by, subject=person, sessions=closed)


@action(_("Nouveau mot de passe demandé"))
def request_password_reset(*, by, email):
    """Have a link sent to the holder of an address, if there is one. Takes the same path when there is none.

    The mail is the worker's business, so that neither the answer nor its time tells who has an account.
    """
    person = Person.objects.filter(email=email.strip().lower(), is_active=True).first()
    known = person is not None and person.has_usable_password()
    jobs.send_password_reset.defer(person_id=person.pk if known else None)
    audit.record(by=by, scope="platform", subject=person if known else "")


@action(_("Mot de passe choisi par lien"))
def reset_password(*, by, person, password):
    """Set a password from a link sent by mail; every session ends and the second factor stays required."""
    person.set_password(password)
    person.reset_sent_at = None
    person.save(update_fields=["password", "reset_sent_at"])
    closed = _close_sessions(person)
    jobs.send_password_changed.defer(person_id=person.pk)
    audit.record(by=by, scope="platform", subject=person, sessions=closed)


# ------------------------------------------------------------------------------------------------ sessions


@action(_("Session fermée à distance"))
def close_session(*, by, session):
    """Close one of one's own sessions."""
    if session.person_id != by.person_id:
        raise Refused(_("Cette session n’est pas la vôtre."))
    age = timezone.now() - session.created_at
    session.delete()
    audit.record(by=by, subject=by.person, hours=int(age / timedelta(hours=1)))


@action(_("Autres sessions fermées"))
def close_other_sessions(*, by, request):
    """Close all of one's sessions but this one. Returns how many."""
    closed = _close_sessions(by.person, but=request.session.session_key)
    audit.record(by=by, subject=by.person, sessions=closed)
    return closed
