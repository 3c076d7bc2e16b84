"""All that a controller has in governance, table by table and as pages readable without the platform."""

import csv
import io
import json
from collections import deque
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import timezone

from prevenance.core.documents.tables import not_computed
from prevenance.core.models import AuditRow
from prevenance.domains.accounts.models import Mandate, Organisation, Person, Scope
from prevenance.domains.governance.models import (
    Act,
    AgendaItem,
    Attendance,
    CalendarFeed,
    Controller,
    Council,
    Decision,
    DecisionReminder,
    ExchangeText,
    Letter,
    Meeting,
    Membership,
    Minutes,
    SignatureReminder,
    Upload,
)

# Tables of governance that are nobody's own, each with its reason. Any other one must lead to a council.
NOT_THEIRS: dict[type[models.Model], str] = {
    ExchangeText: "reference data, published with the platform",
    DecisionReminder: "mails to a person, across the councils of several controllers",
    CalendarFeed: "the address of a person's own calendar, across councils",
    SignatureReminder: "mails to a person, across the councils of several controllers",
}
# Tables that lead to the controller otherwise than by their council.
OTHERWISE: dict[str, tuple[str, ...]] = {
    "governance.act": ("scope",),  # an agreement between communes has no council
    "governance.actconsultation": ("act__scope",),
    "governance.actsignature": ("act__scope",),
    "governance.controller": ("scope",),
    "governance.controllerexport": ("controller__scope",),
    # Both sides have these: who wrote and who received, who handed over and who was told.
    "governance.handover": ("problem__council__scope__holder", "body__council__scope__holder"),
    "governance.letter": ("scope", "recipients__council__scope__holder"),
    "governance.letterrecipient": ("letter__scope", "council__scope__holder"),
}
Table = tuple[str, models.QuerySet[Any], tuple[str, ...]]  # name, rows, columns
TRAIL = ("scope", "seq", "at", "person", "mandate", "action", "subject", "detail")
PEOPLE = ("id", "given_name", "family_name", "email", "phone")


def path_to_controller(model: type[models.Model]) -> str | None:
    """The shortest chain of foreign keys from a table to the scope of whoever answers for it, None without one.

    It goes through the council, or through the act, which may be of no council (an agreement between communes).
    """
    ends: dict[type[models.Model], str] = {Act: "scope", Council: "scope__holder"}
    waiting: deque[tuple[type[models.Model], str]] = deque([(model, "")])
    seen = {model}
    while waiting:
        current, path = waiting.popleft()
        if current in ends:
            return path + ends[current]
        for field in current._meta.concrete_fields:
            target = field.related_model
            if isinstance(target, type) and target._meta.app_label == "governance" and target not in seen:
                seen.add(target)
                waiting.append((target, f"{path}{field.name}__"))
    return None


def owned(scope: Scope) -> Iterator[tuple[type[models.Model], models.QuerySet[Any]]]:
    """(table, rows) of all that a controller has in governance.

    Raises LookupError for a table of governance that leads nowhere: a new one must say whose its rows are.
    """
    for model in apps.get_app_config("governance").get_models(include_auto_created=True):
        if model in NOT_THEIRS:
            continue
        label = model._meta.label_lower
        if model is Upload:
            rows = files(scope)
        elif label in OTHERWISE:
            ways = Q()
            for way in OTHERWISE[label]:
                ways |= Q(**{way: scope})
            rows = model._default_manager.filter(pk__in=model._default_manager.filter(ways).order_by().values("pk"))
        elif (path := path_to_controller(model)) is not None:
            rows = model._default_manager.filter(**{path: scope})
        else:
            raise LookupError(f"{label}: nothing says to which controller its rows belong")
        yield model, rows.order_by("pk")


def tables(scope: Scope) -> Iterator[Table]:
    """(name, rows, columns) of every table that holds something of the controller, people and trail included."""
    for model, rows in owned(scope):
        yield model._meta.db_table, rows, tuple(f.attname for f in model._meta.concrete_fields)
    yield from _around(scope, Council.objects.filter(scope__holder=scope))


def _around(
    scope: Scope, councils: models.QuerySet[Council]
) -> Iterator[tuple[str, models.QuerySet[Any], tuple[str, ...]]]:
    """Scopes, mandates, people and organisations of these councils, and the trail of what was done there."""
    scopes = Scope.objects.filter(Q(pk=scope.pk) | Q(holder=scope) | Q(holder__holder=scope))
    yield "accounts_scope", scopes.order_by("pk"), tuple(f.attname for f in Scope._meta.concrete_fields)
    mandates = Mandate.objects.filter(scope__in=scopes)
    yield "accounts_mandate", mandates.order_by("pk"), tuple(f.attname for f in Mandate._meta.concrete_fields)
    sitting = Membership.objects.filter(body__council__in=councils)
    people = Person.objects.filter(
        Q(pk__in=sitting.values("person"))
        | Q(pk__in=mandates.values("person"))
        | Q(pk__in=Act.objects.filter(scope=scope).values("person"))
        | Q(pk__in=Decision.objects.filter(council__in=councils).values("owner"))
    )
    yield "accounts_person", people.order_by("pk"), PEOPLE
    organisations = Organisation.objects.filter(
        Q(pk__in=sitting.values("organisation")) | Q(pk__in=mandates.values("organisation"))
    )
    columns = ("id", "name", "kind", "siret")
    yield "accounts_organisation", organisations.order_by("pk"), columns
    trail = AuditRow.objects.filter(scope__in=[f"scope:{pk}" for pk in scopes.values_list("pk", flat=True)])
    yield (
        "core_auditrow",
        trail.order_by("scope", "seq"),
        ("scope", "seq", "at", "person", "mandate", "action", "subject", "detail"),
    )


def table_csv(rows: models.QuerySet[Any], columns: tuple[str, ...]) -> bytes:
    """UTF-8, comma, one line a row; dates and times as ISO 8601, nothing as an empty cell."""
    output = io.StringIO(newline="")
    writer = csv.writer(output)
    writer.writerow(columns)
    for row in rows.values_list(*columns).iterator(chunk_size=2000):
        writer.writerow([written(value) for value in row])
    return output.getvalue().encode()


def written(value: Any) -> str:
    """A cell: what the database holds, as text that a program reads back. A text that a spreadsheet would compute is
    preceded by an apostrophe, as in every table that leaves (core.documents.tables)."""
    if value is None:
        return ""
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return not_computed(value) if isinstance(value, str) else str(value)


def approved_minutes(scope: Scope) -> models.QuerySet[Minutes]:
    found = Minutes.objects.filter(meeting__council__scope__holder=scope, approved_at__isnull=False)
    return found.select_related("meeting__council", "meeting__body").order_by("meeting__starts_at", "version")


def files(scope: Scope) -> models.QuerySet[Upload]:
    """Documents of the councils, and the signed copies of acts that have none."""
    copies = Act.objects.filter(scope=scope, scan__isnull=False).values("scan")
    return Upload.objects.filter(Q(council__scope__holder=scope) | Q(pk__in=copies)).order_by("pk")


def pages(scope: Scope) -> Iterator[tuple[str, bytes]]:
    """(name, content) of a home page, one page a council and their style: no script, no link outside the file."""
    councils = list(Council.objects.filter(scope__holder=scope).select_related("territory").order_by("sort_name", "pk"))
    controller = Controller.objects.filter(scope=scope).first()
    context = {"scope": scope, "councils": councils, "controller": controller, "now": timezone.localtime()}
    letters = Letter.objects.filter(Q(scope=scope) | Q(recipients__council__in=councils))
    context["letters"] = letters.distinct().order_by("written_at")
    context["acts"] = Act.objects.filter(scope=scope, council=None).select_related("mandate").order_by("pk")
    yield "style.css", render_to_string("governance/controllers/export.css").encode()
    yield "index.html", render_to_string("governance/controllers/export_home.html", context).encode()
    for council in councils:
        meetings = Meeting.objects.filter(council=council).select_related("body").order_by("starts_at", "pk")
        context = {
            "council": council,
            "bodies": council.bodies.prefetch_related("memberships__person", "memberships__organisation", "rulebooks"),
            "meetings": meetings.prefetch_related(
                models.Prefetch("items", AgendaItem.objects.order_by("position")),
                models.Prefetch("attendances", Attendance.objects.select_related("membership__person").order_by("pk")),
                models.Prefetch("minutes", Minutes.objects.prefetch_related("sections").order_by("version")),
            ),
            "decisions": Decision.objects.filter(council=council)
            .select_related("owner")
            .prefetch_related("progress__by")
            .order_by("year", "rank", "pk"),
            "acts": Act.objects.filter(council=council).select_related("mandate").order_by("kind", "version"),
            "uploads": files(scope).filter(council=council),
        }
        yield (
            f"conseil-{council.pk}.html",
            render_to_string("governance/controllers/export_council.html", context).encode(),
        )
