"""Keep a controller's record."""

from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Scope
from prevenance.domains.governance.models import Controller
from prevenance.domains.governance.rules import controllers as rules
from prevenance.domains.governance.rules.councils import Stale


@dataclass(frozen=True)
class Record:
    """What a controller states; empty where it is not known yet."""

    basis: str = ""
    officer_name: str = ""
    officer_email: str = ""
    register_reference: str = ""
    registered_on: date | None = None
    impact_assessed_on: date | None = None
    hosted_elsewhere: bool | None = None
    host_name: str = ""
    processor_agreement_on: date | None = None


@action(_("Fiche du responsable de traitement enregistrée"))
def keep_record(*, scope: Scope, record: Record, seen: int, by: Actor) -> Controller:
    """Write the record. `seen` is its edit number when the form was shown (0 for none).

    Raises councils.Stale when it changed since, Refused when a body that exchanges names would lose it.
    """
    rules.check_can_keep_record(scope, by)
    Scope.objects.select_for_update().get(pk=scope.pk)  # two first saves wait for each other
    found = Controller.objects.select_for_update().filter(scope=scope).first()
    if (found.edit if found else 0) != seen:
        raise Stale(_now("Cette fiche a été enregistrée ailleurs depuis son affichage : vérifiez-la, puis reprenez."))
    controller = found or Controller(scope=scope, edit=0)
    for name, value in vars(record).items():
        setattr(controller, name, value)
    if not record.hosted_elsewhere:
        controller.host_name, controller.processor_agreement_on = "", None
    rules.check_stays_complete(controller)
    controller.edit += 1
    controller.updated_at, controller.updated_by = timezone.now(), by.person
    controller.save()
    audit.record(by=by, scope=scope.pk, subject=controller, missing=len(rules.missing_in(controller)))
    return controller
