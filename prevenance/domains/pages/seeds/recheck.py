"""One row in a thousand goes through what the seed went round: the model's own checks, and the reader's door."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, models

from prevenance.core.audit.verify import COLUMNS, Link, Row, first_break, stored_heads
from prevenance.domains.accounts.acting import Actor, actor_of
from prevenance.domains.accounts.models import Mandate
from prevenance.domains.governance.models import Council
from prevenance.domains.pages.seeds.loading import Loader

ONE_IN = 1_000
# From a row to its council.
COUNCIL_OF = {
    "governance.council": "",
    "governance.body": "council",
    "governance.membership": "body.council",
    "governance.act": "council",
    "governance.rulebook": "body.council",
    "governance.signature": "rulebook.body.council",
    "governance.commitment": "council",
    "governance.problem": "council",
    "governance.actconsultation": "act.council",
    "governance.actsignature": "act.council",
    "governance.meeting": "council",
    "governance.agendaitem": "meeting.council",
    "governance.attendance": "meeting.council",
    "governance.minutes": "meeting.council",
    "governance.minutessection": "minutes.meeting.council",
    "governance.decision": "council",
    "governance.decisionprogress": "decision.council",
}


class Unsound(Exception):
    """The seed wrote a row that the application would have refused, or that its readers would not find."""


def recheck(loader: Loader) -> int:
    """Check one written row in a thousand, one of each table at least; how many were checked.

    Raises Unsound at the first that fails.
    """
    seen = 0
    for model, count in loader.written.items():
        for row in _some(loader, model, max(1, count // ONE_IN)):
            seen += 1
            try:
                row.full_clean()
            except ValidationError as problem:
                raise Unsound(f"{model._meta.label} {row.pk}: {problem}") from problem
            if model._meta.label_lower in COUNCIL_OF:
                _check_doors(row, model)
    return seen


def recheck_chains(scopes: list[str], rows: int) -> int:
    """Recompute whole chains until a thousandth of `rows` was read, one at least; how many rows were."""
    heads, seen = stored_heads(), 0
    with connection.cursor() as cursor:
        for scope in scopes:
            cursor.execute(f"SELECT {COLUMNS} FROM core_auditrow WHERE scope = %s ORDER BY seq", [scope])  # noqa: S608
            chain = [Row(*fields, bytes(previous), bytes(digest)) for *fields, previous, digest in cursor]
            broken = first_break(chain, {scope: heads.get(scope, Link(0, b""))}, {}, {})
            if broken:
                raise Unsound(f"{broken.scope} n° {broken.seq} : {broken.problem}")
            seen += len(chain)
            if seen >= rows // ONE_IN:
                break
    return seen


def _some(loader: Loader, model: type[models.Model], count: int) -> Iterator[models.Model]:
    """Rows spread over the identifiers of the table."""
    bounds = model._default_manager.aggregate(first=models.Min("pk"), last=models.Max("pk"))
    for _index in range(count):
        if isinstance(bounds["last"], int):
            wanted = loader.chance.randint(bounds["first"], bounds["last"])
        else:
            wanted = min(bounds["last"], f"{loader.chance.getrandbits(160):040x}")  # keys of sessions
        yield model._default_manager.filter(pk__gte=wanted).order_by("pk")[:1].get()


def _check_doors(row: Any, model: type[models.Model]) -> None:
    """Whoever keeps the council finds the row; whoever keeps another one sees only what is public there."""
    council = row
    for step in COUNCIL_OF[model._meta.label_lower].split("."):
        council = getattr(council, step) if step else council
    if council is None:
        return  # an act of a territory, for no council
    keeper = _keeper(council)
    if not Council.objects.visible_to(keeper).filter(pk=council.pk).exists():
        raise Unsound(f"{council}: its keeper does not see it")
    if not hasattr(model._default_manager, "visible_to"):
        return
    if not model._default_manager.visible_to(keeper).filter(pk=row.pk).exists():
        raise Unsound(f"{model._meta.label} {row.pk}: the council's keeper does not see it")
    if model._default_manager.visible_to(Actor()).filter(pk=row.pk).exists():
        raise Unsound(f"{model._meta.label} {row.pk}: anybody sees it")


def _keeper(council: Council) -> Actor:
    """The coordinator of the council, or who chairs the territory that holds it where nobody coordinates."""
    coordinates = models.Q(scope=council.scope_id, role="coordinator")
    chairs = models.Q(scope=council.scope.holder_id, role__in=["mayor", "epci_president", "prefect_office"])
    mandate = Mandate.objects.filter(coordinates | chairs).select_related("person").order_by("role").first()
    if mandate is None:
        raise Unsound(f"{council}: nobody keeps it")
    return actor_of(mandate.person, mandate.pk)
