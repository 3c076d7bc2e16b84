"""Create, correct and end a council."""

from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Scope
from prevenance.domains.governance.models import Body, Council, CouncilReach
from prevenance.domains.governance.rules import councils as rules
from prevenance.domains.governance.rules.kinds import families, latest
from prevenance.domains.territories.models import Territory

# An EPT is chaired like an EPCI: its president's mandate bears on a scope of that kind.
SCOPE_KINDS = {Territory.Kind.EPT: Scope.Kind.EPCI}


@action(_("Conseil créé"))
def create_council(*, territory: Territory, name: str, kind: str, by: Actor, founded_on: date | None = None) -> Council:
    """A council with its own scope, its first body and the scopes that reach it.

    Raises Refused when the territory already has a live council of that kind, even if it came a moment ago.
    """
    rules.check_can_create_council(territory, by, kind)
    record = latest()[kind]
    holder = Scope.objects.get(pk=by.scope_id)
    scope = Scope.objects.create(kind=Scope.Kind.COUNCIL, territory=territory, label=name, holder=holder)
    council = Council(kind=kind, name=name, territory=territory, scope=scope, founded_on=founded_on)
    try:
        with transaction.atomic():
            council.save()
    except IntegrityError as error:
        raise Refused(rules.already_there(kind)) from error
    first = Body.Kind(record.bodies[0])
    Body.objects.create(council=council, kind=first, name=record.short if first == Body.Kind.COMMITTEE else first.label)
    _write_reaches(council)
    audit.record(by=by, scope=scope.pk, subject=council, kind=kind.lower(), territory=territory.pk)
    return council


def _write_reaches(council: Council) -> None:
    """Let the scopes of every territory around the council, and of a CISPD's communes, see it.

    A territory's scope is made when it is the first time that one is needed.
    """
    around = list(Territory.objects.filter(contents__contained=council.territory_id))
    if families()[council.kind] == Council.Kind.CISPD:
        around += Territory.objects.filter(containers__container=council.territory_id, kind=Territory.Kind.COMMUNE)
    wanted = {(SCOPE_KINDS.get(place.kind, place.kind), place.pk): place for place in [*around, council.territory]}
    Scope.objects.bulk_create(
        [Scope(kind=kind, territory=place, label=place.name) for (kind, _pk), place in wanted.items()],
        ignore_conflicts=True,
    )
    kinds = {kind for kind, _pk in wanted}
    scopes = Scope.objects.filter(kind__in=kinds, territory__in=[place.pk for place in wanted.values()])
    CouncilReach.objects.bulk_create(
        [CouncilReach(council=council, scope_id=pk) for pk in {council.scope_id, *scopes.values_list("pk", flat=True)}],
        ignore_conflicts=True,
    )


@action(_("Conseil corrigé"))
def edit_council(*, council: Council, name: str, founded_on: date | None, by: Actor) -> Council:
    """Correct a council's name and founding day; its scope is renamed with it."""
    council = Council.objects.select_for_update(of=("self",)).select_related("scope").get(pk=council.pk)
    rules.check_can_hold(council, by)
    council.name, council.founded_on = name, founded_on
    council.save()
    council.scope.label = name
    council.scope.save(update_fields=["label"])
    audit.record(by=by, scope=council.scope_id, subject=council)
    return council


@action(_("Fin du conseil déclarée"))
def end_council(*, council: Council, on: date, by: Actor) -> Council:
    """The council remains readable; nothing in it changes afterwards. Ending it closes nominative exchange in it."""
    council = Council.objects.select_for_update().get(pk=council.pk)
    rules.check_can_end_council(council, by)
    council.ended_on = on
    council.save(update_fields=["ended_on", "sort_name"])
    council.bodies.filter(nominative=True).update(nominative=False, nominative_since=None)
    audit.record(by=by, scope=council.scope_id, subject=council, on=on)
    return council
