"""State how many alert devices a département has; a correction is a new statement."""

from datetime import date

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Scope
from prevenance.domains.directory.models import DeviceStatement
from prevenance.domains.directory.rules import devices as rules
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.territories.models import Territory


@action(_("Dispositifs d’alerte déclarés"))
def state_devices(
    *, departement: Territory, court: Territory | None, kind: str, month: date, counts: rules.Counts,
    seen: int | None, by: Actor,
) -> DeviceStatement:  # fmt: skip
    """`seen`: the statement that this one corrects, as it was read; None for the first of a month."""
    rules.check_can_state(departement, by)
    rules.check_statement(departement, court, kind, month, counts, timezone.localdate())
    Scope.objects.select_for_update().get(pk=by.scope_id)  # those of a département wait for one another
    same = DeviceStatement.objects.filter(departement=departement, court=court, kind=kind, month=month)
    last = same.latest_told().first()
    rules.check_last(last, seen)
    rules.check_one_level(departement, court, kind, month)
    try:
        with transaction.atomic():
            told = DeviceStatement.objects.create(
                departement=departement, court=court, kind=kind, month=month, corrects=last, stated_by=by.person,
                **vars(counts),
            )  # fmt: skip
    except IntegrityError as error:
        raise Stale(_now("Ce mois vient d’être déclaré : relisez la déclaration.")) from error
    audit.record(
        by=by, subject=told, departement=departement.code, kind=kind, month=month, corrects=last.pk if last else None
    )
    return told
