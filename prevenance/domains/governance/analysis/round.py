"""The councils of a département seen from the préfet's office: last plenary, coordination, rulebook, groups."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet

from prevenance.domains.accounts.models import Mandate
from prevenance.domains.governance.models import Body, Council, Meeting, Rulebook


@dataclass(frozen=True)
class Line:
    """A council of the round. `groups` are open; `active` of them met since the day asked."""

    council: Council
    late: bool
    coordinators: list[str]
    rulebook_on: date | None
    groups: int
    active: int


def lines(councils: Collection[Council], since: date, coordinators: Mapping[int, list[str]]) -> list[Line]:
    """One line a council, in their order; two queries, whatever their number."""
    keys = [council.pk for council in councils]
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
    return [
        Line(
            council=council,
            late=council.last_plenary_on is None or council.last_plenary_on < since,
            coordinators=coordinators.get(council.pk, []),
            rulebook_on=adopted.get(council.pk),
            groups=groups.get(council.pk, (0, 0))[0],
            active=groups.get(council.pk, (0, 0))[1],
        )
        for council in councils
    ]


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
