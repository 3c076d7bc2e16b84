"""People, organisations, and how a mandate or an account ends."""

from datetime import timedelta

from axes.models import AccessAttempt
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_totp.models import TOTPDevice

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.core.refusals import Refused
from prevenance.core.text import sort_key
from prevenance.domains.accounts import jobs, rules, sessions
from prevenance.domains.accounts.models import (
    Invitation,
    Mandate,
    Organisation,
    Person,
    RecoveryCode,
    Scope,
    Session,
)


def _organisation(name, kind, siret=""):
    """The organisation of that name and kind, found or made; None without a name."""
    name = " ".join(name.split())
    if not name:
        return None
    if siret and (known := Organisation.objects.filter(siret=siret).first()):
        return known
    kind = kind or Organisation.Kind.OTHER
    same = Organisation.objects.filter(sort_name=sort_key(name), kind=kind).order_by("pk").first()
    return same or Organisation.objects.create(name=name, kind=kind, siret=siret)


@action(_("Organisme inscrit"))
def add_organisation(*, by, name, kind="", siret=""):
    """The organisation of that name and kind (or SIRET), made when missing. Raises Refused without a name."""
    rules.check_can_keep_contacts(by)
    organisation = _organisation(name, kind, siret)
    if organisation is None:
        raise Refused(now_("Donnez le nom de l’organisme."))
    audit.record(by=by, subject=organisation)
    return organisation


@action(_("Personne inscrite"))
def add_person(*, by, email, given_name, family_name, phone=""):
    """The professional of that address, made when missing, without an account. A known person is not changed."""
    rules.check_can_keep_contacts(by)
    person, new = Person.objects.get_or_create(
        email=email.strip().lower(), defaults={"given_name": given_name, "family_name": family_name, "phone": phone}
    )
    if new:
        person.set_unusable_password()
        person.save(update_fields=["password"])
    audit.record(by=by, subject=person, new=new)
    return person


@action(_("Coordonnées corrigées"))
def correct_person(*, by, person, given_name, family_name, phone):
    """Correct one's own names and telephone, or those of somebody who has no account yet."""
    rules.check_can_correct(by, person)
    person.given_name, person.family_name, person.phone = given_name, family_name, phone
    person.save(update_fields=["given_name", "family_name", "phone", "sort_name"])
    audit.record(by=by, subject=person)


@action(_("Périmètre ouvert"))
def open_scope(*, by, territory):
    """The scope of a territory, made when missing, so that roles can be granted there."""
    rules.check_can_open_scope(by, territory)
    scope, new = Scope.objects.get_or_create(
        kind=territory.kind, territory=territory, defaults={"label": territory.name}
    )
    audit.record(by=by, subject=scope, new=new)
    return scope


# ------------------------------------------------------------------------------------------------ endings


def _close(person):
    """Close an account: nothing that opened it works again, even if a role is granted later."""
    person.is_active, person.deactivated_at = False, timezone.now()
    person.set_unusable_password()
    person.save(update_fields=["is_active", "deactivated_at", "password"])
    TOTPDevice.objects.filter(user=person).delete()
    RecoveryCode.objects.filter(person=person).delete()
    Session.objects.filter(person=person).delete()


def _has_account(person):
    return person.is_active and person.has_usable_password()


def _withdraw(mandate):
    """Cut a mandate now, with its pending invitation. Whether the account was closed, being the last."""
    now = timezone.now()
    mandate.withdrawn_at = now
    mandate.save(update_fields=["withdrawn_at"])
    Invitation.objects.filter(mandate=mandate, accepted_at=None, cancelled_at=None).update(cancelled_at=now)
    person = mandate.person
    left = person.mandates.in_state(Mandate.State.CURRENT) | person.mandates.in_state(Mandate.State.FUTURE)
    if left.exists() or not _has_account(person):
        return False
    _close(person)
    return True


def _end_delegations(by, mandate, last_day=None):
    """End what was delegated from a mandate: now, or on the last day of that mandate at the latest.

    The database does the same by itself (migration 0004), so that no other path keeps one alive; done first here, so
    that each is recorded, its pending invitation cancelled and its account closed when it was the last.
    """
    for child in mandate.delegations.filter(withdrawn_at=None).select_for_update(of=("self",)).order_by("pk"):
        if last_day is None or child.valid_from > last_day:
            closed = _withdraw(child)
            audit.record(by=by, scope=child.scope_id, subject=child, from_mandate=mandate.pk, account_closed=closed)
        elif child.valid_to is None or child.valid_to > last_day:
            child.valid_to = last_day
            child.save(update_fields=["valid_to"])
            audit.record(by=by, scope=child.scope_id, subject=child, from_mandate=mandate.pk, last_day=last_day)


@action(_("Fin de mandat fixée"))
def end_mandate(*, by, mandate, last_day):
    """Set the last day of a mandate, today or later, and so of what was delegated from it.

    The account closes the day after, when it was the last.
    """
    rules.check_can_end(by, mandate)
    if last_day < max(timezone.localdate(), mandate.valid_from):
        raise Refused(now_("Le dernier jour du mandat ne peut être passé, ni précéder son début."))
    source = mandate.delegated_from
    if source is not None and rules.delegation_end(source, last_day) != last_day:
        raise Refused(now_("Une délégation ne dure pas plus que le mandat de qui l’a donnée."))
    _end_delegations(by, mandate, last_day)
    mandate.valid_to = last_day
    mandate.save(update_fields=["valid_to"])
    audit.record(by=by, scope=mandate.scope_id, subject=mandate, last_day=last_day)


@action(_("Mandat retiré"))
def withdraw_mandate(*, by, mandate):
    """End a mandate at once, with what was delegated from it. Without another one, the account is closed and its
    sessions end."""
    rules.check_can_end(by, mandate)
    _end_delegations(by, mandate)
    closed = _withdraw(mandate)
    audit.record(by=by, scope=mandate.scope_id, subject=mandate, account_closed=closed)


@action(_("Mandats d’un périmètre terminés"))
def end_scope(*, by, scope):
    """Withdraw every mandate in a scope that comes to its end, the council's being decided elsewhere. How many."""
    mandates = Mandate.objects.filter(scope=scope, withdrawn_at=None).exclude(
        pk__in=Mandate.objects.in_state(Mandate.State.ENDED)
    )
    ended = 0
    for mandate in mandates.select_for_update(of=("self",)).select_related("person").order_by("pk"):
        _end_delegations(by, mandate)
        closed = _withdraw(mandate)
        audit.record(by=by, scope=scope.pk, subject=mandate, account_closed=closed)
        ended += 1
    audit.record(by=by, scope=scope.pk, subject=scope, mandates=ended)
    return ended


@action(_("Compte fermé"))
def close_account(*, by, person):
    """Withdraw every mandate of a person and close their account."""
    rules.check_can_administer(by, person)
    now = timezone.now()
    for mandate in person.mandates.exclude(pk__in=person.mandates.in_state(Mandate.State.ENDED)).order_by("pk"):
        _end_delegations(by, mandate)
    withdrawn = person.mandates.exclude(pk__in=person.mandates.in_state(Mandate.State.ENDED)).update(withdrawn_at=now)
    Invitation.objects.filter(mandate__person=person, accepted_at=None, cancelled_at=None).update(cancelled_at=now)
    _close(person)
    audit.record(by=by, subject=person, mandates=withdrawn)


@action(_("Second facteur retiré"))
def take_second_factor_away(*, by, person):
    """For a lost telephone and lost codes: sessions end, and the next sign-in installs a new second factor."""
    rules.check_can_administer(by, person)
    devices = TOTPDevice.objects.filter(user=person).delete()[0]
    RecoveryCode.objects.filter(person=person).delete()
    Session.objects.filter(person=person).delete()
    jobs.send_second_factor_taken.defer(person_id=person.pk)
    audit.record(by=by, subject=person, devices=devices)


@action(_("Comptes sans mandat fermés"))
def close_accounts_without_mandate(*, by):
    """Close every account whose last mandate has ended. Returns how many."""
    live = Mandate.objects.filter(person=OuterRef("pk")).exclude(pk__in=Mandate.objects.in_state(Mandate.State.ENDED))
    people = Person.objects.filter(~Exists(live), is_active=True).exclude(
        Q(password="") | Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)  # nobody’s password
    )
    closed = 0
    for person in people.order_by("pk").iterator():
        _close(person)
        audit.record(by=by, subject=person, scope="platform")
        closed += 1
    audit.record(by=by, scope="platform", closed=closed)
    return closed


@action(_("Traces échues effacées"))
def clear_old_traces(*, by):
    """Delete ended sessions and old failed attempts. Returns how many of each."""
    limit = timezone.now() - timedelta(days=rules.delay("ended_attempts_days"))
    attempts = AccessAttempt.objects.filter(attempt_time__lt=limit).delete()[0]
    ended = sessions.clear_expired()
    audit.record(by=by, scope="platform", sessions=ended, attempts=attempts)
    return ended, attempts
