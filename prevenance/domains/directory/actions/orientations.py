"""Turn somebody to a service by a link, tell the link again, answer it, withdraw it; what the clock does of them."""

import secrets
from collections.abc import Collection
from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.core.refusals import Refused
from prevenance.core.retention import oldest_day_kept
from prevenance.domains.accounts.acting import ANYBODY, Actor
from prevenance.domains.accounts.models import Person, digest_of
from prevenance.domains.directory.models import (
    OrientationAnswer,
    OrientationKey,
    OrientationLink,
    Service,
    orientation_terms,
)
from prevenance.domains.directory.rules import orientations as rules
from prevenance.domains.governance.rules.councils import Stale

TRIES = 20  # codes drawn before one is free: a million are


@action(_("Personne orientée vers un service"))
def orient(*, service: Service, asked: rules.Asked, mailed: bool, by: Actor) -> OrientationLink:
    """Keep what is asked, under a new code. `mailed`: a job then writes to the service; else its link is to be told."""
    # Two sent at once by one person are counted one after the other.
    Person.objects.select_for_update(no_key=True).get(pk=by.person_id)
    service = (
        Service.objects.select_for_update(of=("self",), no_key=True).select_related("structure").get(pk=service.pk)
    )
    rules.check_can_send(service, asked, mailed, by)
    now = timezone.now()
    days = orientation_terms(timezone.localdate())["open_days"]
    assert by.mandate is not None
    orientation = _coded(
        OrientationLink(
            service=service, scope_id=by.scope_id, organisation_id=by.mandate.organisation_id, sender=by.person,
            need=asked.need, audience=asked.audience, wish=asked.wish, assessment=asked.assessment, mailed=mailed,
            made_at=now, expires_at=now + timedelta(days=days),
        )
    )  # fmt: skip
    audit.record(by=by, subject=orientation, service=service.pk, mailed=mailed)
    if mailed:
        _write(orientation)
    return orientation


def _coded(orientation: OrientationLink) -> OrientationLink:
    """Saved under a code that no other has."""
    for _try in range(TRIES):
        orientation.code = rules.new_code()
        try:
            with transaction.atomic():
                orientation.save(force_insert=True)
        except IntegrityError:
            if not OrientationLink.objects.filter(code=orientation.code).exists():
                raise
        else:
            return orientation
    raise Refused(_now("Aucun code n’est libre : réessayez."))


@action(_("Lien d’une orientation affiché"))
def tell_link(*, orientation: OrientationLink, by: Actor) -> str:
    """The token of another link, told this once: only its digest is kept. Those told before stay good."""
    orientation = _locked(orientation)
    rules.check_can_tell_link(orientation, False, by)
    audit.record(by=by, subject=orientation)
    return _key(orientation)


@action(_("Orientation envoyée à nouveau par courriel"))
def mail_again(*, orientation: OrientationLink, by: Actor) -> OrientationLink:
    """The job writes to the service again."""
    orientation = _locked(orientation)
    rules.check_can_tell_link(orientation, True, by)
    orientation.mailed, orientation.mailed_at = True, None
    orientation.save(update_fields=["mailed", "mailed_at"])
    audit.record(by=by, subject=orientation)
    _write(orientation)
    return orientation


@action(_("Orientation retirée"))
def withdraw(*, orientation: OrientationLink, by: Actor) -> OrientationLink:
    """Its links open nothing any more."""
    orientation = _locked(orientation)
    rules.check_can_follow(orientation, by)
    orientation.withdrawn_at = timezone.now()
    orientation.save(update_fields=["withdrawn_at"])
    orientation.keys.all().delete()
    audit.record(by=by, subject=orientation)
    return orientation


@action(_("Orientation répondue par le service"))
def answer(*, token: str, given: rules.Given, by: audit.Identity = ANYBODY) -> OrientationAnswer:
    """What whoever holds the link answers for the service. Raises Stale when it is good no more."""
    found = rules.orientation_of(token)
    if found is None:
        raise Stale(_now("Ce lien n’est plus valable."))
    orientation = _locked(found)
    if not orientation.is_open:
        raise Stale(_now("Ce lien n’est plus valable."))
    rules.check_can_answer(orientation, given)
    told: OrientationAnswer = orientation.answers.create(
        answer=given.answer, day=given.day, wait=given.wait, reason=given.reason
    )
    if given.answer == "assessed":
        orientation.assessed_on = given.day
    if given.answer != "assessed" or orientation.state == "sent":
        # Whom a service assessed, it received.
        orientation.state = "accepted" if given.answer == "assessed" else given.answer
    orientation.answered_at = orientation.answered_at or told.answered_at
    orientation.save(update_fields=["assessed_on", "state", "answered_at"])
    # In the trail too, nobody: whoever is signed in answers as the holder of the link.
    audit.record(by=ANYBODY, scope=orientation.scope_id, subject=orientation, answer=given.answer)
    from prevenance.domains.directory import jobs

    jobs.tell_answer.defer(answer=told.pk)
    return told


@action(_("Courriel d’une orientation parti"))
def record_mail(*, orientation: OrientationLink, by: audit.Identity) -> str:
    """The token of the link that the mail holds. Called by the job, in the transaction that sends; Refused when it was
    sent already, or is good no more."""
    orientation = _locked(orientation)
    if not orientation.mailed or orientation.mailed_at is not None or not orientation.is_open:
        raise Refused(_now("Ce courriel est déjà parti, ou n’a plus lieu d’être."))
    rules.check_can_be_mailed(orientation.service)
    orientation.mailed_at = timezone.now()
    orientation.save(update_fields=["mailed_at"])
    audit.record(by=by, scope=orientation.scope_id, subject=orientation)
    return _key(orientation)


@action(_("Service relancé sur une orientation"))
def record_reminder(*, orientation: OrientationLink, by: audit.Identity) -> str:
    """As `record_mail`, once, for who did not answer."""
    orientation = _locked(orientation)
    rules.check_can_remind(orientation)
    orientation.reminded_on = timezone.localdate()
    orientation.save(update_fields=["reminded_on"])
    audit.record(by=by, scope=orientation.scope_id, subject=orientation)
    return _key(orientation)


@action(_("Orientations sans réponse signalées"))
def record_silence(*, sender: int, on: date, by: audit.Identity) -> list[OrientationLink]:
    """Those of a person that a mail of today tells as unanswered; Refused when there is nothing new to tell."""
    silent = rules.silent_of(sender, on)
    if not silent:
        raise Refused(_now("Il n’y a rien de nouveau à signaler."))
    OrientationLink.objects.filter(pk__in=[one.pk for one in silent]).update(told_on=on)
    audit.record(by=by, scope="platform", subject=silent[0].sender, orientations=len(silent))
    return silent


@action(_("Orientations anciennes effacées"))
def purge_orientations(*, on: date, by: audit.Identity = audit.MACHINE) -> int:
    """Erase links that are good no more at once, orientations once their days have passed; how many of these."""
    OrientationKey.objects.filter(orientation__expires_at__lt=timezone.now()).delete()
    due = OrientationLink.objects.filter(expires_at__date__lt=oldest_day_kept("orientations", on))
    count = _erase(list(due.values_list("pk", flat=True)))
    audit.record(by=by, scope="platform", orientations=count)
    return count


def _erase(ids: Collection[int]) -> int:
    OrientationAnswer.objects.filter(orientation__in=ids).delete()
    return OrientationLink.objects.filter(pk__in=ids).delete()[1].get("directory.OrientationLink", 0)


def _locked(orientation: OrientationLink) -> OrientationLink:
    rows = OrientationLink.objects.select_for_update(of=("self",)).select_related(
        "service__structure", "service__commune"
    )
    found: OrientationLink = rows.get(pk=orientation.pk)
    return found


def _write(orientation: OrientationLink) -> None:
    """The mail is for a job, which makes the link that it holds: the queue knows none."""
    from prevenance.domains.directory import jobs

    jobs.send_orientation.defer(orientation=orientation.pk)


def _key(orientation: OrientationLink) -> str:
    token = secrets.token_urlsafe(32)
    OrientationKey.objects.create(orientation=orientation, digest=digest_of(token))
    return token
