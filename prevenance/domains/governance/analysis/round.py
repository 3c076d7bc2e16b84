"""The councils of a département seen from the préfet's office: last plenary, coordination, rulebook, groups."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet

from prevenance.domains.accounts.models import Mandate
from prevenance.domains.governance.models import Body, Council, Meeting, Rulebook

# What the round shows of a council: rows rather than models, of which a page made a hundred.
LISTED = ["pk", "name", "kind", "territory__name", "territory__code", "scope_id", "last_plenary_on"]


def lines(councils: Collection[dict[str, Any]], since: date, coordinators: Mapping[int, list[str]]) -> None:
    """Add to each council (LISTED) what the round says of it; two queries, whatever their number.

    `late`; `coordinators`, by name; `rulebook_on`, the day of adoption of the one in force; `groups` that are open, and
    `active`, those of them that met since the day asked.
    """
    keys = [council["pk"] for council in councils]
    held = Q(meetings__state__in=[Meeting.State.HELD, Meeting.State.APPROVED], meetings__starts_at__date__gte=since)
    groups = {
        pk: (total, active)
        for pk, total, active in Body.objects.open()
        .filter(council__in=keys, kind=Body.Kind.GROUP)
        .order_by()
        .values_list("council")
        .annotate(total=Count("pk", distinct=True), active=Count("pk", filter=held, distinct=True))
    }
    in_force = Rulebook.objects.in_force().filter(body__council__in=keys, kind=Rulebook.Kind.RULES)
    adopted = dict(in_force.order_by("adopted_on").values_list("body__council", "adopted_on"))
    for council in councils:
        last = council["last_plenary_on"]
        council["late"] = last is None or last < since
        council["coordinators"] = ", ".join(coordinators.get(council["scope_id"], []))
        council["rulebook_on"] = adopted.get(council["pk"])
        council["groups"], council["active"] = groups.get(council["pk"], (0, 0))


def lacking(councils: QuerySet[Council], what: str, since: date) -> QuerySet[Council]:
    """Those that lack one thing; `what` is a key of forms.letters.LACKS. No correlated subquery."""
    if what == "plenary":
        return councils.filter(Q(last_plenary_on=None) | Q(last_plenary_on__lt=since))
    if what == "coordinator":
        held = Mandate.objects.current().filter(role="coordinator").values("scope")
        return councils.exclude(scope__in=held)
    if what == "rulebook":
        in_force = Rulebook.objects.in_force().filter(kind=Rulebook.Kind.RULES)
        return councils.exclude(pk__in=in_force.values("body__council"))
    if what == "group":
        met = Body.objects.open().filter(
            kind=Body.Kind.GROUP,
            meetings__state__in=[Meeting.State.HELD, Meeting.State.APPROVED],
            meetings__starts_at__date__gte=since,
        )
        return councils.exclude(pk__in=met.values("council"))
    return councils
