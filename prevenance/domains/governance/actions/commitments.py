"""What partners commit to in writing: recorded, corrected, ended."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Organisation
from prevenance.domains.governance.models import Body, Commitment, Council, Upload
from prevenance.domains.governance.rules import commitments as rules
from prevenance.domains.governance.rules.councils import check_can_hold
from prevenance.domains.governance.rules.meetings import Changed


@dataclass(frozen=True)
class Committed:
    """What is typed about a commitment."""

    text: str
    valid_from: date
    valid_to: date | None = None
    body: Body | None = None
    document: Upload | None = None

    def fields(self) -> dict[str, Any]:
        return vars(self)


def _check(council: Council, committed: Committed, by: Actor) -> None:
    check_can_hold(council, by)
    rules.check_own(council, committed.body, committed.document)
    if committed.valid_to is not None and committed.valid_to < committed.valid_from:
        raise Refused(_now("Un engagement ne peut finir avant d’avoir commencé."))


@action(_("Engagement de partenaire inscrit"))
def record_commitment(*, council: Council, organisation: Organisation, committed: Committed, by: Actor) -> Commitment:
    """Refused when the organisation has nobody in the council, or when group or document are another council's."""
    _check(council, committed, by)
    rules.check_partner(council, organisation)
    commitment = Commitment.objects.create(
        council=council, organisation=organisation, recorded_by=by.person, **committed.fields()
    )
    audit.record(by=by, scope=council.scope_id, subject=commitment, organisation=organisation.pk)
    return commitment


@action(_("Engagement de partenaire corrigé"))
def edit_commitment(*, commitment: Commitment, edit: int, committed: Committed, by: Actor) -> Commitment:
    """Correct or end it. Raises Changed, saving nothing, when it was saved elsewhere since `edit`."""
    rows = Commitment.objects.select_for_update(of=("self",)).select_related("council__scope", "organisation")
    commitment = rows.get(pk=commitment.pk)
    _check(commitment.council, committed, by)
    if commitment.edit != edit:
        raise Changed(edit=commitment.edit)
    for name, value in committed.fields().items():
        setattr(commitment, name, value)
    commitment.edit += 1
    commitment.save()
    audit.record(by=by, scope=commitment.council.scope_id, subject=commitment, edit=commitment.edit)
    return commitment


@action(_("Engagement de partenaire retiré"))
def remove_commitment(*, commitment: Commitment, by: Actor) -> None:
    """One recorded by mistake; one that is over is ended instead, and stays readable."""
    rows = Commitment.objects.select_for_update(of=("self",)).select_related("council__scope")
    commitment = rows.get(pk=commitment.pk)
    check_can_hold(commitment.council, by)
    audit.record(by=by, scope=commitment.council.scope_id, subject=commitment)
    commitment.delete()
