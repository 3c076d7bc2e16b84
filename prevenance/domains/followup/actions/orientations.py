"""Turning somebody to a service: what is sent is what they were shown and agreed to in writing."""

from collections.abc import Collection
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.directory.models import Service
from prevenance.domains.followup.analysis.orientation import LONGEST, composed, digest
from prevenance.domains.followup.analysis.reading import key_of, sealed
from prevenance.domains.followup.models import FollowUp, Orientation
from prevenance.domains.followup.rules import lists, work
from prevenance.domains.governance.rules.councils import Stale


@action(_("Orientation transmise"))
def send_orientation(
    *,
    followup: FollowUp,
    service: Service,
    fields: Collection[str],
    seen: str,
    agreed_by: str,
    agreed_on: date,
    by: Actor,
) -> Orientation:
    """Keep what goes to a service, once agreed to in writing. `seen`: the digest of what was shown and signed.

    Raises Refused, and Stale when the file says something else than what was signed.
    """
    file = FollowUp.objects.locked(followup)
    work.check_can_plan(file, by)
    work.check_agreement(agreed_on)
    work.check_something_sent(fields)
    lists.check_code("addressees", agreed_by)
    if not service.is_open:
        raise Refused(_now("Ce service n’est plus ouvert : choisissez-en un autre."))
    text = composed(file, fields, by)
    work.check_something_sent(text)
    if len(text) > LONGEST:
        raise Refused(_now("C’est trop long : cochez moins d’informations."))
    if digest(service.pk, text) != seen:
        raise Stale(_now("Le dossier a changé depuis : imprimez à nouveau ce qui sera transmis, et faites-le signer."))
    orientation = Orientation(
        followup=file, body=file.body, agreed_on=agreed_on, sent_on=timezone.localdate(), sent_by=by.person
    )
    sealed(
        orientation, key_of(file), service=str(service.pk), service_name=service.name, sent=text, agreed_by=agreed_by
    ).save()
    audit.record(by=by, scope=file.trail, subject=orientation, agreed_on=agreed_on)
    return orientation


@action(_("Réponse d’un service notée"))
def answer_orientation(*, orientation: Orientation, answer: str, answered_on: date, by: Actor) -> Orientation:
    """What the service answered. Raises Refused, Stale."""
    file, orientation = _locked(orientation)
    work.check_can_answer(orientation, file, by)
    work.check_day(answered_on, orientation.sent_on)
    lists.check_code("answers", answer)
    orientation.answered_on = answered_on
    sealed(orientation, key_of(file), answer=answer).save()
    audit.record(by=by, scope=file.trail, subject=orientation, answered_on=answered_on)
    return orientation


@action(_("Résultat d’une orientation noté"))
def conclude_orientation(*, orientation: Orientation, result: str, ended_on: date, by: Actor) -> Orientation:
    """What came of it. Raises Refused, Stale."""
    file, orientation = _locked(orientation)
    work.check_can_conclude(orientation, file, by)
    work.check_day(ended_on, orientation.sent_on)
    lists.check_code("orientation_results", result)
    orientation.ended_on = ended_on
    sealed(orientation, key_of(file), result=result).save()
    audit.record(by=by, scope=file.trail, subject=orientation, ended_on=ended_on)
    return orientation


def _locked(orientation: Orientation) -> tuple[FollowUp, Orientation]:
    file = FollowUp.objects.locked(orientation.followup)
    return file, Orientation.objects.select_for_update().get(pk=orientation.pk, followup=file)
