"""Who acts in a request: a person under one of their mandates, said to the database before anything else.

`Actor` is what `visible_to` and `by=` receive. It is built once per request, from the session's mandate when that
one is still in force, and carries what rules ask: role, scope, abilities, and the scopes that it reaches.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url

from prevenance.core import audit
from prevenance.core.errors import page
from prevenance.core.public import public as public  # other domains take it from here
from prevenance.core.row_security import act_as
from prevenance.core.stand_ins import Places, Unfit
from prevenance.domains.accounts import sessions
from prevenance.domains.accounts.models import Mandate, Person, Scope
from prevenance.domains.accounts.roles import ROLES

CHOSEN = "mandate"  # session key: the mandate the person chose to act under
DEMONSTRATED = "demonstrated"  # session key: entered by a demonstration button, where nobody has a telephone
INVENTED = ".invalid"  # a domain that cannot exist (RFC 2606): how the address of an invented person ends


@dataclass(frozen=True)
class Actor:
    """A person acting under a mandate; `ANYBODY` when signed out."""

    person: Person | None = None
    mandate: Mandate | None = None
    mandates: tuple[Mandate, ...] = ()  # all those in force, the one above included

    @property
    def signed_in(self) -> bool:
        return self.mandate is not None

    @property
    def person_id(self) -> int | None:
        return self.person.pk if self.person else None

    @property
    def mandate_id(self) -> int | None:
        return self.mandate.pk if self.mandate else None

    @property
    def scope_id(self) -> int | None:
        return self.mandate.scope_id if self.mandate else None

    @property
    def scope_kind(self) -> str:
        return self.mandate.scope.kind if self.mandate else ""

    @property
    def territory_id(self) -> int | None:
        return self.mandate.scope.territory_id if self.mandate else None

    @property
    def role(self) -> str:
        return self.mandate.role if self.mandate else ""

    @property
    def is_delegate(self) -> bool:
        """Whether the mandate comes from another one, whose holder answers for it."""
        return self.mandate is not None and self.mandate.delegated_from_id is not None

    @property
    def person_name(self) -> str:
        return self.person.name if self.person else ""

    @property
    def role_label(self) -> str:
        return ROLES[self.role].label if self.role else ""

    @property
    def scope_label(self) -> str:
        return self.mandate.scope.label if self.mandate else ""

    @cached_property
    def reach(self) -> list[int]:
        """Scopes whose people the mandate looks after: its own; with it, the councils held from a territory, and their
        groups, or the groups of a council."""
        if self.mandate is None:
            return []
        own = self.mandate.scope_id
        if not self.can("manage_people"):
            return [own]
        held = Scope.objects.filter(Q(holder_id=own) | Q(holder__holder_id=own))
        return [own, *held.order_by("pk").values_list("pk", flat=True)]

    def can(self, ability: str) -> bool:
        """Whether the mandate has an ability of the table; where it applies is the rule's business."""
        return self.mandate is not None and ability in self.mandate.abilities

    @property
    def choices(self) -> list[tuple[int, str]]:
        """Every current mandate of the person, for the switch at the top: (id, « rôle · périmètre »)."""
        return [(mandate.pk, str(mandate)) for mandate in self.mandates]

    @property
    def shape(self) -> "Shape":
        """All that decides how a query about the actor is written (core.composed): what it says besides is refused."""
        known = tuple(value is not None for value in self.identifiers)
        allows = self.mandate.allows if self.mandate else None
        return Shape(self.role, None if allows is None else tuple(sorted(allows)), self.scope_kind, known)

    @property
    def identifiers(self) -> tuple[int | None, ...]:
        """What such a query is told of them, in the order in which `Shape` gives their places."""
        source = self.mandate.delegated_from_id if self.mandate else None
        return self.person_id, self.mandate_id, self.scope_id, self.territory_id, source


class StandIn(Actor):
    """Anybody of one shape, while a query is put together for all of them: what differs among them is not told."""

    def __getattribute__(self, name: str) -> Any:
        if name in UNTOLD:
            raise Unfit(f"{name} of an actor is in no key: give the query what it needs of it")
        return super().__getattribute__(name)

    def __eq__(self, other: object) -> bool:
        raise Unfit("an actor is compared")

    def __hash__(self) -> int:
        raise Unfit("an actor is looked up")


UNTOLD = {"reach", "mandates", "choices", "person_name", "scope_label"}


@dataclass(frozen=True)
class Shape:
    """Actors for whom queries are written alike: the same abilities in the same kind of scope."""

    role: str
    allows: tuple[str, ...] | None
    scope_kind: str
    known: tuple[bool, ...]  # which of the identifiers there are

    def stand_in(self, places: Places) -> Actor:
        person, mandate, scope, territory, source = [
            places.number() if known else places.nothing() for known in self.known
        ]
        if person is None and mandate is None:
            return ANYBODY
        # As rows read without their other columns: asking for one would be a query, which is refused.
        who = None if person is None else partly(Person, id=person)
        if mandate is None:
            return StandIn(who)
        held = partly(
            Mandate, id=mandate, person_id=person, role=self.role, scope_id=scope, delegated_from_id=source,
            allows=None if self.allows is None else [*self.allows],
        )  # fmt: skip
        held.scope = partly(Scope, id=scope, kind=self.scope_kind, territory_id=territory)
        return StandIn(who, held)


def partly(model: Any, **columns: Any) -> Any:
    """A row of which only some columns were read."""
    names = [column.attname for column in model._meta.concrete_fields if column.attname in columns]
    return model.from_db("default", names, [columns[name] for name in names])


ANYBODY = Actor()


def actor_of(person: Person, mandate_id: int | None = None) -> Actor:
    """The actor for a person: under the mandate asked if it is theirs and in force, else their first one.

    Jobs and commands call this when they run, so that a mandate ended meanwhile no longer acts.
    """
    # One query for the mandate acted under and for the switch at the top, which every page shows.
    current = Mandate.objects.current().filter(person=person).select_related("scope").order_by("pk")
    mandates = tuple(current)
    asked = next((mandate for mandate in mandates if mandate.pk == mandate_id), None)
    return Actor(person, asked or next(iter(mandates), None), mandates)


def second_factor_done(request: HttpRequest) -> bool:
    """Whether the session proved more than a password; a demonstration button stands for it, for invented people."""
    if request.user.is_verified():
        return True
    demonstrated = settings.DEMONSTRATION and request.session.get(DEMONSTRATED)
    return bool(demonstrated and request.user.email.endswith(INVENTED))


def before_second_factor(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a view as open with the password alone: proving the second factor, and leaving."""
    view.before_second_factor = True  # type: ignore[attr-defined]
    return view


class ActingMandate:
    """Identify the actor, tell the database, and keep the door: sign-in, second factor, mandate."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = self.identify(request)
        # A password alone opens nothing: until the second factor, the database is asked under no mandate.
        request.half_signed_in = (
            request.actor.signed_in and ROLES[request.actor.role].second_factor and not second_factor_done(request)
        )
        act_as(None if request.half_signed_in else request.actor.mandate_id)
        response = self.get_response(request)
        # Nothing personal stays in a browser that others may open; a view that may be cached says so itself.
        ours = request.resolver_match and request.resolver_match.app_name == "accounts"
        if (request.actor.person or ours) and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store"
        return response

    def identify(self, request: HttpRequest) -> Actor:
        if not request.user.is_authenticated:
            return ANYBODY
        sessions.see(request.session)
        return actor_of(request.user, request.session.get(CHOSEN))

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        request.on_refusal = partial(audit.record_refusal, by=request.actor, path=request.resolver_match.view_name)
        if getattr(view, "public", False):
            if request.half_signed_in:
                request.actor = ANYBODY
            return None
        if not request.user.is_authenticated:
            if request.method == "POST":
                # Signed out in another tab, or expired: nothing typed is lost.
                return page(request, "signed_out", 401)
            if request.headers.get("HX-Request") == "true":
                # A part of a page: the whole browser goes to the door, not the part.
                return HttpResponse(headers={"HX-Redirect": resolve_url(settings.LOGIN_URL)})
            return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
        allowed_early = getattr(view, "before_second_factor", False)
        if request.half_signed_in:
            return None if allowed_early else redirect("accounts:second_factor")
        if not request.actor.signed_in and not allowed_early:
            return page(request, "no_mandate", 403)
        return None
