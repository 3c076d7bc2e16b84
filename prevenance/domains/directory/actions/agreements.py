"""Inscribe an agreement between partners, correct it, remove one that was wrong."""

from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.core.text import sort_key
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.directory.models import AgreementParty, PartnersAgreement, Structure
from prevenance.domains.directory.rules import agreements as rules
from prevenance.domains.directory.rules.stations import check_can_keep
from prevenance.domains.governance.actions.uploads import Storing
from prevenance.domains.governance.rules.confidential import check_names_nobody
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.territories.models import Territory


@dataclass(frozen=True)
class Told:
    """What is said of an agreement; `parties` are names of organisations, never of a person."""

    object: str
    name: str
    signed_on: date
    starts_on: date
    ends_on: date | None
    parties: tuple[str, ...]

    def values(self) -> dict[str, object]:
        """Fields of the row. Raises Refused."""
        rules.check_told(self.object, self.starts_on, self.ends_on, self.parties)
        check_names_nobody(self.name, *self.parties, titles=True)
        return {name: getattr(self, name) for name in ("object", "name", "signed_on", "starts_on", "ends_on")}


@action(_("Convention de partenaires inscrite"))
def add_partners_agreement(*, departement: Territory, told: Told, by: Actor) -> PartnersAgreement:
    check_can_keep(departement, by)
    agreement = PartnersAgreement.objects.create(departement=departement, created_by=by.person, **told.values())
    _sign(agreement, told)
    audit.record(by=by, subject=agreement, departement=departement.code, object=told.object, parties=len(told.parties))
    return agreement


@action(_("Convention de partenaires modifiée"))
def edit_partners_agreement(*, agreement: PartnersAgreement, told: Told, seen: int, by: Actor) -> PartnersAgreement:
    """Correct an agreement. Raises Stale when it changed since the form showed it."""
    agreement = _locked(agreement)
    rules.check_can_edit(agreement, by)
    if agreement.edit != seen:
        raise Stale(_now("Cette convention a été modifiée ailleurs : vérifiez, puis enregistrez à nouveau."))
    for name, value in told.values().items():
        setattr(agreement, name, value)
    agreement.updated_on = timezone.localdate()
    agreement.edit += 1
    agreement.save()
    _sign(agreement, told)
    audit.record(by=by, subject=agreement, object=told.object, parties=len(told.parties))
    return agreement


@action(_("Convention de partenaires retirée"))
def remove_partners_agreement(*, agreement: PartnersAgreement, by: Actor) -> None:
    """With its document. Raises Stale when it is no longer there."""
    found = PartnersAgreement.objects.select_for_update(of=("self",)).select_related("departement", "document")
    row = found.filter(pk=agreement.pk).first()
    if row is None:
        raise Stale(_now("Cette convention est déjà retirée."))
    rules.check_can_edit(row, by)
    audit.record(by=by, subject=row, departement=row.departement.code, object=row.object)
    document = row.document
    row.delete()
    if document is not None:
        Storing.erase(document)


def _locked(agreement: PartnersAgreement) -> PartnersAgreement:
    rows = PartnersAgreement.objects.select_for_update(of=("self",)).select_related("departement")
    return rows.get(pk=agreement.pk)


def _sign(agreement: PartnersAgreement, told: Told) -> None:
    """Its parties are these and no others; one that the directory of the département knows leads to its structure."""
    wanted = {sort_key(name): name for name in told.parties}
    near = Structure.objects.filter(
        commune__containers__container=agreement.departement_id, sort_name__in=list(wanted), closed_on=None
    )
    known = {structure.sort_name: structure for structure in near.order_by("-pk")}
    agreement.parties.all().delete()
    AgreementParty.objects.bulk_create(
        AgreementParty(agreement=agreement, name=name, structure=known.get(key)) for key, name in wanted.items()
    )
