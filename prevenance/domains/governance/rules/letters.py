"""Writing to the councils of one's département: who may, and to whom a letter goes."""

from collections.abc import Collection

from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Mandate, Person
from prevenance.domains.governance.models import Council, Membership
from prevenance.domains.governance.rules.meetings import has_address

CHAIRS = ("mayor", "epci_president", "prefect_office")


def check_can_see_round(actor: Actor) -> None:
    if not actor.can("oversee"):
        raise Refused(_("Cette vue d’ensemble est celle du cabinet du préfet, du parquet et du niveau national."))


def check_can_write(actor: Actor) -> None:
    if not actor.can("write_to_councils"):
        raise Refused(_("Seul le cabinet du préfet écrit aux conseils depuis cette page."))


def addressees(councils: Collection[Council]) -> dict[int, list[Person]]:
    """{council: whom to write to}: its coordinators and whoever chairs by mandate, else the chair among its members.

    Three queries, whatever the number of councils (their scopes must be loaded). A council may have nobody.
    """
    scopes = {council.scope_id: council.pk for council in councils}
    holders: dict[int, list[int]] = {}
    for council in councils:
        holders.setdefault(council.scope.holder_id or 0, []).append(council.pk)
    found: dict[int, dict[int, Person]] = {council.pk: {} for council in councils}
    current = Mandate.objects.current().select_related("person").order_by("pk")
    for mandate in current.filter(role="coordinator", scope_id__in=scopes):
        found[scopes[mandate.scope_id]][mandate.person_id] = mandate.person
    for mandate in current.filter(role__in=CHAIRS, scope_id__in=holders):
        for pk in holders[mandate.scope_id]:
            found[pk][mandate.person_id] = mandate.person
    alone = [pk for pk, people in found.items() if not people]
    chairs = Membership.objects.current().filter(body__council__in=alone, quality=Membership.Quality.CHAIR)
    for chair in chairs.select_related("person", "body"):
        found[chair.body.council_id][chair.person_id] = chair.person
    return {pk: [person for person in people.values() if has_address(person)] for pk, people in found.items()}
