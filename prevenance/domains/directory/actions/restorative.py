"""Run a restorative-justice programme. What is done to people leaves a row of audit without their code, their stage or
their programme, nor a date that is corrected: it would say, after a withdrawal, what the platform forgot."""

from datetime import date

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.core.row_security import CLOCK, as_role
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Scope
from prevenance.domains.directory.models import (
    Consent,
    Participant,
    Programme,
    Service,
    StageHeld,
    Withdrawal,
    YearlyCount,
)
from prevenance.domains.directory.rules import restorative as rules
from prevenance.domains.directory.statistics import counted
from prevenance.domains.territories.models import Territory


@action(_("Programme de justice restaurative ouvert"))
def open_programme(
    *, service: Service, kind: str, court: Territory, starts_on: date, ends_on: date, by: Actor
) -> Programme:
    today = timezone.localdate()
    departement = rules.check_can_open(service, kind, court, starts_on, ends_on, today, by)
    Scope.objects.select_for_update().get(pk=by.scope_id)  # a second click waits for the first
    told = {
        "organisation_id": by.mandate.organisation_id, "service": service, "kind": kind, "court": court,
        "starts_on": starts_on, "ends_on": ends_on,
    }  # fmt: skip
    rules.check_not_twice(by, **told)
    programme = Programme.objects.create(
        scope_id=by.scope_id, departement=departement, purge_on=rules.purged_on(ends_on, today), opened_by=by.person,
        **told,
    )  # fmt: skip
    audit.record(by=by, subject=programme, kind=kind)
    return programme


@action(_("Fin d’un programme de justice restaurative changée"))
def extend_programme(*, programme: Programme, ends_on: date, seen: int, by: Actor) -> Programme:
    programme = _locked(programme)
    today = timezone.localdate()
    rules.check_can_extend(programme, ends_on, today, by)
    rules.check_seen(programme, seen)
    programme.ends_on, programme.purge_on = ends_on, rules.purged_on(ends_on, today)
    programme.edit += 1
    programme.save()
    audit.record(by=by, subject=programme, on=ends_on)
    return programme


@action(_("Programme de justice restaurative lu"), savepoint=False)
def record_programme_reading(*, programme: Programme, by: Actor) -> None:
    rules.check_can_run(by)
    audit.record(by=by, subject=programme)


@action(_("Personne inscrite à un programme de justice restaurative"))
def add_participant(*, programme: Programme, role: str, seen: int, by: Actor) -> Participant:
    programme = _locked(programme)
    rules.check_can_write(programme, timezone.localdate(), by)
    rules.check_seen(programme, seen)
    rules.check_room(programme, role)
    taken = set(programme.participants.values_list("code", flat=True))
    code = rules.drawn_code()
    while code in taken:
        code = rules.drawn_code()
    participant = Participant.objects.create(programme=programme, code=code, role=role)
    programme.edit += 1
    programme.save(update_fields=["edit"])
    audit.record(by=by)
    return participant


@action(_("Consentement à une étape de justice restaurative noté"))
def record_consent(*, participant: Participant, stage: str, given_on: date, form: str, by: Actor) -> Consent:
    found = _writing(participant, by)
    rules.check_consent(found, stage, form, given_on, timezone.localdate())
    consent = Consent.objects.create(participant=found, stage=stage, given_on=given_on, form=form)
    audit.record(by=by)
    return consent


@action(_("Étape de justice restaurative notée"))
def record_stage(*, participant: Participant, stage: str, held_on: date, by: Actor) -> StageHeld:
    found = _writing(participant, by)
    rules.check_stage(found, stage, held_on, timezone.localdate())
    held = StageHeld.objects.create(participant=found, stage=stage, held_on=held_on)
    audit.record(by=by)
    return held


@action(_("Date d’une étape de justice restaurative corrigée"))
def correct_day(*, participant: Participant, noted: rules.Noted, on: date, by: Actor) -> None:
    """Put right a mistyped date of the last stage of somebody who is still there: whoever may note dates in the
    programme does, since who noted which is written nowhere. Raises Stale when it is no longer the last.

    Rows of consents and stages are never changed in place: the wall gives no right to. They are written anew, and pass
    again what the database asks of them.
    """
    found = _writing(participant, by)
    rules.check_correction(found, noted, on, timezone.localdate())
    consent = found.consents.get(stage=noted.stage)
    days = list(found.stages.filter(stage=noted.stage).values_list("held_on", flat=True))
    found.stages.filter(stage=noted.stage).delete()
    if noted.is_held:
        days = [on if day == noted.day else day for day in days]
    else:
        consent.delete()
        Consent.objects.create(participant=found, stage=noted.stage, given_on=on, form=consent.form)
    StageHeld.objects.bulk_create(StageHeld(participant=found, stage=noted.stage, held_on=day) for day in days)
    audit.record(by=by)


@action(_("Retrait d’une mesure de justice restaurative"))
def withdraw(*, participant: Participant, by: Actor) -> Withdrawal:
    """At any time, even once the programme is over. Of the person nothing is left: neither code, consent nor stage.

    Raises Stale the second time: there is nobody to be told from nobody.
    """
    rules.check_can_run(by)
    found = _person(participant)
    programme = found.programme
    found.delete()
    told = Withdrawal.objects.create(programme=programme, month=timezone.localdate().replace(day=1))
    audit.record(by=by)
    return told


@action(_("Programmes de justice restaurative finis effacés"))
def purge_programmes(*, on: date, by: audit.Identity = audit.MACHINE) -> int:
    """As the clock, whose policy in the database decides alone what is due; all that is of a programme goes with it.
    What has stages of a year that is still to be counted waits for it."""
    until = rules.erased_until(on)
    with as_role(CLOCK), connection.cursor() as cursor:
        cursor.execute("DELETE FROM directory_programme WHERE purge_on <= %s", [until])
        gone = cursor.rowcount
    audit.record(by=by, scope="platform", programmes=gone)
    return gone


@action(_("Année de justice restaurative comptée"))
def count_year(*, year: int, by: audit.Identity = audit.MACHINE) -> int:
    """Keep the counts of a year, once: what is erased or noted later changes none. Raises Stale the second time."""
    rules.check_to_count(year)
    found = counted(year)
    YearlyCount.objects.bulk_create(found)
    audit.record(by=by, scope="platform", year=year, counts=len(found))
    return len(found)


def _locked(programme: Programme) -> Programme:
    return Programme.objects.select_for_update().get(pk=programme.pk)


def _person(participant: Participant) -> Participant:
    """The participant, their programme locked: who withdraws and who writes wait for one another."""
    _locked(participant.programme)
    found = Participant.objects.select_related("programme").filter(pk=participant.pk).first()
    rules.check_there(found)
    return found


def _writing(participant: Participant, by: Actor) -> Participant:
    found = _person(participant)
    rules.check_can_write(found.programme, timezone.localdate(), by)
    return found
