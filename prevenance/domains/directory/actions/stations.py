"""Keep the register of social workers in police and gendarmerie stations."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.directory.models import (
    Service,
    StationAgreement,
    StationFunding,
    StationPost,
    StationRegister,
)
from prevenance.domains.directory.rules import stations as rules
from prevenance.domains.governance.actions.uploads import Storing
from prevenance.domains.governance.rules.confidential import check_names_nobody
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.territories.models import Territory


@dataclass(frozen=True)
class Told:
    """What is said of a post. Nobody's name: the station, the employer, the service that reaches it."""

    commune: Territory
    station: str
    force: str
    employer_kind: str
    employer: str
    opened_on: date
    weekly_hours: Decimal | None = None
    vacant_since: date | None = None
    service: Service | None = None


@action(_("Poste d’intervenant social inscrit"))
def add_post(*, told: Told, by: Actor) -> StationPost:
    departement = rules.departement_of(told.commune)
    rules.check_can_keep(departement, by)
    _check(told)
    post = StationPost.objects.create(**_values(told), departement=departement, created_by=by.person)
    audit.record(by=by, subject=post, departement=departement.code, commune=told.commune.code, force=told.force)
    return post


@action(_("Poste d’intervenant social modifié"))
def edit_post(*, post: StationPost, told: Told, seen: int, by: Actor) -> StationPost:
    """Correct a post. Raises Stale when it changed since the form showed it."""
    post = _locked(post)
    rules.check_can_edit(post, by)
    if post.edit != seen:
        raise Stale(_now("Ce poste a été modifié ailleurs : vérifiez, puis enregistrez à nouveau."))
    departement = rules.departement_of(told.commune)
    rules.check_can_keep(departement, by)
    _check(told)
    for name, value in _values(told).items():
        setattr(post, name, value)
    post.departement = departement
    _write(post)
    audit.record(by=by, subject=post, departement=departement.code, commune=told.commune.code, force=told.force)
    return post


@action(_("Poste d’intervenant social fermé"))
def close_post(*, post: StationPost, on: date, by: Actor) -> StationPost:
    post = _locked(post)
    rules.check_can_close(post, by)
    rules.check_closing(on, post.opened_on)
    post.closed_on = on
    _write(post)
    audit.record(by=by, subject=post, on=on)
    return post


@action(_("Convention d’un poste d’intervenant social inscrite"))
def add_agreement(*, post: StationPost, signed_on: date, starts_on: date, ends_on: date, by: Actor) -> StationAgreement:
    post = _locked(post)
    rules.check_can_edit(post, by)
    rules.check_agreement(post, starts_on, ends_on)
    agreement = StationAgreement.objects.create(post=post, signed_on=signed_on, starts_on=starts_on, ends_on=ends_on)
    audit.record(by=by, subject=post, agreement=agreement.pk, starts_on=starts_on, ends_on=ends_on)
    return agreement


@action(_("Convention d’un poste d’intervenant social retirée"))
def remove_agreement(*, agreement: StationAgreement, by: Actor) -> None:
    """What was inscribed by mistake, with its document. Raises Stale when it is no longer there."""
    post = _locked(agreement.post)
    found = StationAgreement.objects.select_related("document").filter(pk=agreement.pk).first()
    if found is None:
        raise Stale(_now("Cette convention est déjà retirée."))
    rules.check_can_edit(post, by)
    audit.record(by=by, subject=post, agreement=found.pk, starts_on=found.starts_on, ends_on=found.ends_on)
    document = found.document
    found.delete()
    if document is not None:
        Storing.erase(document)


@action(_("Financement d’un poste d’intervenant social inscrit"))
def set_funding(
    *, post: StationPost, year: int, total: Decimal | None, state: Decimal | None, by: Actor
) -> StationFunding:
    """What is said of a year replaces what was."""
    post = _locked(post)
    rules.check_can_edit(post, by)
    rules.check_funding(year, total, state, timezone.localdate())
    funding, _new = StationFunding.objects.update_or_create(
        post=post, year=year, defaults={"total": total, "state": state}
    )
    audit.record(by=by, subject=post, year=year)
    return funding


@action(_("Registre des intervenants sociaux dit complet"))
def confirm_register(*, departement: Territory, by: Actor) -> StationRegister:
    """Say that every post of the département is inscribed today. Of two who say so at once, the second waits."""
    rules.check_can_keep(departement, by)
    register, _new = StationRegister.objects.update_or_create(
        departement=departement, defaults={"confirmed_on": timezone.localdate(), "confirmed_by": by.person}
    )
    audit.record(by=by, subject=register, departement=departement.code)
    return register


def _check(told: Told) -> None:
    rules.check_days(told.opened_on, told.vacant_since)
    check_names_nobody(told.station, told.employer, titles=True)


def _values(told: Told) -> dict[str, object]:
    return {name: getattr(told, name) for name in told.__dataclass_fields__}


def _locked(post: StationPost) -> StationPost:
    rows = StationPost.objects.select_for_update(of=("self",)).select_related("departement", "commune")
    return rows.get(pk=post.pk)


def _write(post: StationPost) -> None:
    post.updated_on = timezone.localdate()
    post.edit += 1
    post.save()
