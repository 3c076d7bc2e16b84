"""Open, correct and close a body; open and close nominative exchange in it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Scope
from prevenance.domains.governance.models import Body, Controller, Council, CouncilReach
from prevenance.domains.governance.rules import bodies as rules
from prevenance.domains.governance.rules.confidential import check_names_nobody
from prevenance.domains.territories.models import Territory


@dataclass(frozen=True)
class Described:
    """What is said of a body. `theme` is a key of data/governance/group_themes.yaml."""

    name: str
    theme: str = ""
    purpose: str = ""
    meetings_per_year: int | None = None
    areas: Iterable[Territory] = field(default=())


@action(_("Formation ouverte"))
def open_body(
    *, council: Council, described: Described, by: Actor, kind: str = Body.Kind.GROUP, on: date | None = None
) -> Body:
    """A group, or the restricted body, with a scope of its own for its members' mandates."""
    # The council row is kept, so that a second click waits and then finds what the first one made.
    council = Council.objects.select_for_update(of=("self",)).select_related("scope").get(pk=council.pk)
    rules.check_can_open_body(council, by, kind)
    check_names_nobody(described.name, described.purpose)
    scope = None
    if kind == Body.Kind.GROUP:
        label = f"{described.name}, {council.name}"[:200]
        scope = Scope.objects.create(
            kind=Scope.Kind.BODY, territory_id=council.territory_id, label=label, holder=council.scope
        )
        CouncilReach.objects.create(council=council, scope=scope)
    body = Body.objects.create(
        council=council, kind=kind, scope=scope, name=described.name, theme=described.theme, purpose=described.purpose,
        meetings_per_year=described.meetings_per_year, opened_on=on or timezone.localdate(),
    )  # fmt: skip
    body.areas.set(described.areas)
    audit.record(by=by, scope=council.scope_id, subject=body, kind=str(kind), theme=described.theme)
    return body


@action(_("Formation corrigée"))
def edit_body(*, body: Body, described: Described, by: Actor) -> Body:
    body = _locked(body)
    rules.check_can_change_body(body, by)
    check_names_nobody(described.name, described.purpose)
    body.name, body.theme, body.purpose = described.name, described.theme, described.purpose
    body.meetings_per_year = described.meetings_per_year
    body.save()
    body.areas.set(described.areas)
    audit.record(by=by, scope=body.council.scope_id, subject=body)
    return body


@action(_("Groupe fermé"))
def close_body(*, body: Body, on: date, by: Actor) -> Body:
    """The group stays readable, by those who could read it. Closing it closes nominative exchange in it."""
    body = _locked(body)
    rules.check_can_close_body(body, by)
    rules.check_closing_day(body, on)
    body.closed_on, body.nominative, body.nominative_since = on, False, None
    body.save()
    audit.record(by=by, scope=body.council.scope_id, subject=body, on=on)
    return body


@action(_("Échange nominatif ouvert"))
def open_exchange(*, body: Body, by: Actor) -> Body:
    """Names may be exchanged in this body from now on; the database checks the text and the record again."""
    body = _locked(body)
    controller = Controller.objects.select_for_update().filter(scope=body.council.scope.holder_id).first()
    rules.check_can_open_exchange(body, by, controller)
    body.nominative, body.nominative_since, body.exchanged = True, timezone.localdate(), True
    body.save()
    audit.record(by=by, scope=body.council.scope_id, subject=body)
    return body


@action(_("Échange nominatif fermé"))
def close_exchange(*, body: Body, by: Actor) -> Body:
    body = _locked(body)
    rules.check_can_close_exchange(body, by)
    body.nominative, body.nominative_since = False, None
    body.save()
    audit.record(by=by, scope=body.council.scope_id, subject=body)
    return body


def _locked(body: Body) -> Body:
    rows = Body.objects.select_for_update(of=("self",)).select_related("council__scope", "council__territory")
    return rows.get(pk=body.pk)
