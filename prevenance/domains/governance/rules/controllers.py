"""The controller's record: whose it is, what it lacks, who keeps it."""

from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Scope
from prevenance.domains.governance.models import Body, Controller

REQUIRED = ("basis", "officer_name", "officer_email", "register_reference", "registered_on", "impact_assessed_on")
HOSTING = ("host_name", "processor_agreement_on")


def holder_of(actor: Actor) -> Scope | None:
    """The commune, EPCI or département that answers for what the actor's mandate prepares, if there is one."""
    if actor.mandate is None or not actor.can("see_register"):
        return None
    scope: Scope = actor.mandate.scope
    while scope.holder is not None:
        scope = scope.holder
    return scope if scope.kind in (Scope.Kind.COMMUNE, Scope.Kind.EPCI, Scope.Kind.DEPARTEMENT) else None


def missing_in(controller: Controller | None) -> list[str]:
    """Names of what the record lacks, in its own order; the database checks the same (migration 0004)."""
    record = controller or Controller()

    def label(name: str) -> str:
        return str(Controller._meta.get_field(name).verbose_name)  # type: ignore[union-attr]

    missing = [label(name) for name in REQUIRED if not getattr(record, name)]
    if record.hosted_elsewhere is None:
        missing.append(_("où les données sont hébergées"))
    elif record.hosted_elsewhere:
        missing += [label(name) for name in HOSTING if not getattr(record, name)]
    return missing


def check_can_keep_record(scope: Scope, actor: Actor) -> None:
    """Whoever chairs, coordinates, or is the officer of this controller."""
    if holder_of(actor) != scope:
        raise Refused(_("Cette fiche est tenue par la présidence, la coordination et le délégué de ce responsable."))


def bodies_exchanging(scope: Scope) -> list[Body]:
    """Bodies for whose files this controller answers today."""
    found = Body.objects.filter(council__scope__holder=scope, nominative=True, closed_on=None)
    return list(found.select_related("council").order_by("pk"))


def check_stays_complete(after: Controller) -> None:
    """While one of its bodies exchanges names, a record stays complete."""
    if missing_in(after) and (body := next(iter(bodies_exchanging(after.scope)), None)):
        raise Refused(
            _("L’échange nominatif est ouvert dans « %(body)s » : la fiche doit rester complète.") % {"body": body.name}
        )
