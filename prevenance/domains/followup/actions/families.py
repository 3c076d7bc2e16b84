"""Support of a family, step by step. What is sealed never goes into the audit."""

from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.followup.analysis.reading import key_of, opened_values, sealed
from prevenance.domains.followup.models import FamilyPath, FollowUp
from prevenance.domains.followup.rules import families as rules
from prevenance.domains.followup.rules import registers
from prevenance.domains.governance.rules.councils import Stale


@action(_("Accompagnement d’une famille commencé"))
def begin_path(*, followup: FollowUp, origin: str, measure: bool, checked_on: date, by: Actor) -> FamilyPath:
    """After checking that no educational assistance is in progress; with one, nothing is written. Raises Refused."""
    followup = FollowUp.objects.select_for_update(of=("self",)).select_related("body__council").get(pk=followup.pk)
    rules.check_writes(followup, by)
    rules.check_begins(origin, measure, checked_on)
    if FamilyPath.objects.visible_to(by, of=followup).filter(ended_on=None).exists():
        raise Stale(_now("Un accompagnement est déjà en cours pour cette famille."))
    path = FamilyPath(followup=followup, body=followup.body, checked_on=checked_on)
    sealed(path, key_of(followup), origin=origin)
    path.save()
    audit.record(by=by, scope=followup.trail, subject=followup, stage="begin")
    return path


@action(_("Étape de l’accompagnement d’une famille"))
def move_path(*, path: FamilyPath, stage: str, day: date, codes: list[str], seen: int | None, by: Actor) -> FamilyPath:
    """One stage of rules.ORDER on a day. `codes`: the opinion, the services informed, the commitments, or the reason
    of the end, from closed lists. Raises Refused, councils.Stale."""
    path = FamilyPath.objects.select_for_update(of=("self",)).select_related("followup__body__council").get(pk=path.pk)
    rules.check_writes(path.followup, by)
    key = key_of(path.followup)
    rules.check_moves(path, stage, opened_values(path, key, ("origin",))["origin"], seen)
    before = [value for name in FamilyPath.DAYS if (value := getattr(path, name))]
    registers.check_past(day, max(before))
    fields = _written(path, stage, day, codes, key, by)
    path.edit += 1
    path.save(update_fields=["edit", *fields])
    audit.record(by=by, scope=path.followup.trail, subject=path.followup, stage=stage)
    return path


def _written(path: FamilyPath, stage: str, day: date, codes: list[str], key: Any, by: Actor) -> list[str]:
    """Put what a stage says on the row; names of the fields written."""
    if stage == "consultation":
        path.consulted_on = day
        return ["consulted_on"]
    if stage == "proposition":
        rules.check_is_mayor(by)
        path.proposed_on, path.proposed_by = day, by.person
        return ["proposed_on", "proposed_by"]
    if stage == "avis":
        rules.check_codes("opinions", codes)
        path.opinion_on = day
        sealed(path, key, opinion=codes[0])
        return ["opinion_on", "opinion"]
    if stage == "information":
        rules.check_all_informed(codes)
        path.informed_on = day
        sealed(path, key, informed=" ".join(codes))
        return ["informed_on", "informed"]
    if stage == "attestation":
        rules.check_is_mayor(by)
        rules.check_codes("commitments", codes)
        path.attested_on, path.attested_by = day, by.person
        sealed(path, key, commitments=" ".join(codes))
        return ["attested_on", "attested_by", "commitments"]
    rules.check_codes("ends", codes)
    path.ended_on = timezone.localdate()
    sealed(path, key, end_reason=codes[0])
    return ["ended_on", "end_reason"]
