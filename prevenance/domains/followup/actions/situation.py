"""Who the person is, and what was observed. The audit says that it changed, never what it says."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.followup.analysis.reading import key_of, opened_values, sealed
from prevenance.domains.followup.models import Fact, FollowUp, Identity, Line, Representative
from prevenance.domains.followup.rules import clocks, files, opening, situation
from prevenance.domains.governance.rules.councils import Stale


@action(_("Identité corrigée"))
def correct_identity(
    *,
    followup: FollowUp,
    category: str,
    sex: str,
    birth_date: date,
    identity: Mapping[str, str],
    seen: int,
    by: Actor,
) -> FollowUp:
    """Correct who the person is; the age band and the clock follow the birth date. Raises Refused, Stale."""
    file, row = _locked(followup, seen, by)
    today = timezone.localdate()
    files.check_category(file.body, category)
    clocks.check_age(birth_date, today)
    key = key_of(file)
    if not clocks.is_minor(birth_date, today) and Representative.objects.filter(followup=file).exists():
        raise Refused(_now("La personne est majeure à cette date : retirez d’abord ses représentants légaux."))
    sealed(row, key, birth_date=birth_date.isoformat(), **identity)
    row.edit += 1
    row.save()
    file.category, file.sex, file.age_band = category, sex, clocks.band_on(birth_date, today)
    file.purge_on = clocks.last_month(birth_date, today)
    file.edit += 1
    file.save(update_fields=["category", "sex", "age_band", "purge_on", "edit"])
    entry = clocks.band_on(birth_date, file.opened_on)
    Line.objects.filter(followup=file).update(category=category, sex=sex, age_band=entry)
    audit.record(by=by, scope=file.trail, subject=file, category=category)
    return file


@action(_("Représentants légaux enregistrés"))
def keep_representatives(
    *, followup: FollowUp, representatives: Sequence[Mapping[str, str]], seen: int, by: Actor
) -> FollowUp:
    """The legal representatives as they are now, none to two, in order. Raises Refused, Stale."""
    file, row = _locked(followup, seen, by)
    key = key_of(file)
    birth = date.fromisoformat(opened_values(row, key, ["birth_date"])["birth_date"])
    opening.check_representatives(birth, representatives, timezone.localdate())
    kept = {one.rank: one for one in Representative.objects.select_for_update().filter(followup=file)}
    for rank, values in enumerate(representatives, start=1):
        one = kept.pop(rank, None) or Representative(followup=file, body=file.body, rank=rank)
        sealed(one, key, **values).save()
    Representative.objects.filter(pk__in=[one.pk for one in kept.values()]).delete()
    row.edit += 1
    row.save(update_fields=["edit"])
    audit.record(by=by, scope=file.trail, subject=file, count=len(representatives))
    return file


@action(_("Situation observée"))
def add_fact(*, followup: FollowUp, situation_code: str, observed_on: date, by: Actor) -> Fact:
    """Say that a situation of the list was observed on a day. Raises Refused, Stale when it is already said."""
    file = FollowUp.objects.locked(followup)
    situation.check_can_observe(file, by)
    key = key_of(file)
    identity = Identity.objects.get(followup=file)
    birth = date.fromisoformat(opened_values(identity, key, ["birth_date"])["birth_date"])
    opening.check_situations([(situation_code, observed_on)], file.category, birth, timezone.localdate())
    for fact in Fact.objects.filter(followup=file, ended_on=None):
        if opened_values(fact, key)["situation"] == situation_code:
            raise Stale(_now("Cette situation est déjà notée et n’a pas pris fin."))
    fact = Fact(followup=file, body=file.body, observed_on=observed_on, observed_by=by.person)
    sealed(fact, key, situation=situation_code).save()
    audit.record(by=by, scope=file.trail, subject=fact)
    return fact


@action(_("Fin d’une situation notée"))
def end_fact(*, fact: Fact, ended_on: date, by: Actor) -> Fact:
    """Say since when a situation is no longer so. Raises Refused, Stale."""
    file = FollowUp.objects.locked(fact.followup)
    row = Fact.objects.select_for_update(of=("self",)).get(pk=fact.pk)
    row.followup = file
    situation.check_can_end_fact(row, by)
    if not row.observed_on <= ended_on <= timezone.localdate():
        raise Refused(_now("Cette fin se date entre le jour de l’observation et aujourd’hui."))
    row.ended_on = ended_on
    row.save(update_fields=["ended_on"])
    audit.record(by=by, scope=file.trail, subject=row, ended_on=ended_on)
    return row


def _locked(followup: FollowUp, seen: int, by: Actor) -> tuple[FollowUp, Identity]:
    file = FollowUp.objects.locked(followup)
    situation.check_can_correct(file, by)
    row = Identity.objects.select_for_update(of=("self",)).get(followup=file)
    files.check_seen(row, seen)
    return file, row
