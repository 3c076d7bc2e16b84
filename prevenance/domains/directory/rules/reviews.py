"""What may be reported of a service by whoever sees an error, and to whom reminders go."""

from collections import defaultdict
from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused
from prevenance.domains.accounts.models import Mandate, Person
from prevenance.domains.directory.models import ErrorReport, Service, in_force
from prevenance.domains.directory.rules.services import all_to_confirm


class NotThere(Exception):
    """No such service is offered: it does not exist for a visitor."""


def reportable(key: UUID) -> Service:
    """The open service of a public key. Raises NotThere."""
    found: Service | None = Service.objects.open().filter(key=key).first()
    if found is None:
        raise NotThere
    return found


def check_can_report(service: Service, what: str, today: date) -> None:
    """A word of the list; so many a day of one service, so many a day in all, whoever they come from."""
    if what not in ErrorReport.What.values:
        raise Refused(_("Choisissez dans la liste ce qui n’est pas juste."))
    most = in_force("reports", today)
    of_today = ErrorReport.objects.filter(reported_on=today)
    if of_today.filter(service=service).count() >= most["a_service_a_day"]:
        raise Refused(_("Des erreurs ont déjà été signalées aujourd’hui pour ce service : il sera vérifié. Merci."))
    if of_today.count() >= most["the_site_a_day"]:
        raise Refused(_("Trop de signalements sont arrivés aujourd’hui : revenez demain. Merci."))


def to_confirm_by(today: date) -> dict[int, list[int]]:
    """{person: services to confirm that they keep}: members of the organisation that keeps it under a mandate in force,
    or whoever confirmed it last, or inscribed it. What comes from a source is kept by its source, unless it is said."""
    late = all_to_confirm(Service.objects.all(), today).exclude(source__gt="", owner=None)
    rows = list(late.order_by("pk").values_list("pk", "owner", "verified_by", "created_by"))
    owners = {owner for _pk, owner, _verified, _created in rows if owner}
    members: defaultdict[int, set[int]] = defaultdict(set)
    for owner, person in (
        Mandate.objects.current(today).filter(organisation__in=owners).values_list("organisation", "person")
    ):
        members[owner].add(person)
    found: defaultdict[int, list[int]] = defaultdict(list)
    for pk, owner, verified, created in rows:
        for person in members[owner] if owner else {verified or created}:
            found[person].append(pk)
    active = set(Person.objects.filter(pk__in=found, is_active=True).values_list("pk", flat=True))
    return {person: services for person, services in found.items() if person in active}
