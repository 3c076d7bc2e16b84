"""Councils with their bodies, members and composition acts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection

from prevenance.core.text import sort_key
from prevenance.domains.governance.models import Act, ActSignature, Body, Council, CouncilReach, Membership
from prevenance.domains.pages.seeds.loading import Loader, Shape
from prevenance.domains.pages.seeds.people import People, Place, data

COUNCIL = Shape(Council, "id kind name sort_name territory scope founded_on ended_on last_plenary_on created_at")
BODY = Shape(Body, "id council kind name")
GROUPS = Shape(Body, "id council kind name opened_on closed_on")
MEMBERSHIP = Shape(Membership, "id body person organisation title quality of_right_as valid_from valid_to")
REACH = Shape(CouncilReach, "council scope")
ACT = Shape(
    Act, "id council scope kind form version title values text reference signed_on signed_by in_force_from "
    "end_reason submitted_at created_at",
)  # fmt: skip
ACT_SIGNATURE = Shape(ActSignature, "id act rank capacity scope personal name signed_on")

RESTRICTED = ("chair", "prefect", "prosecutor", "coordinator", "police", "municipal_police", "school_board", "housing")
GROUP = ("coordinator", "police", "school_board", "pjj", "integration", "housing", "prevention", "mediation", "victims")
ROLES = {"coordinator": "coordinator", "prefect": "prefect_office", "prosecutor": "prosecutor_office"}
OVERSEERS = ("prefect_office", "prosecutor_office")  # their mandate bears on the département, not on a council

REACHES = """
INSERT INTO governance_councilreach (council_id, scope_id)
SELECT c.id, c.scope_id FROM governance_council c
UNION
SELECT c.id, s.id FROM governance_council c
JOIN territories_containment around ON around.contained_id = c.territory_id
JOIN accounts_scope s ON s.territory_id = around.container_id AND s.kind NOT IN ('council', 'body')
UNION
SELECT c.id, s.id FROM governance_council c
JOIN territories_containment inside ON inside.container_id = c.territory_id
JOIN accounts_scope s ON s.territory_id = inside.contained_id AND s.kind = 'commune'
WHERE c.kind = 'CISPD'
ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True)
class Member:
    membership: int
    person: int
    seat: str
    title: str
    organisation: str


@dataclass
class Sitting:
    """A council under construction: `bodies` gives, by kind, the body's id and who sits there."""

    pk: int
    kind: str
    name: str
    place: Place
    scope: int
    founded_on: date
    members: list[Member] = field(default_factory=list)
    bodies: dict[str, tuple[int, list[Member]]] = field(default_factory=dict)
    group: str = ""
    last_plenary_on: date | None = None

    def holder(self, seat: str) -> Member | None:
        return next((member for member in self.members if member.seat == seat), None)


def sit(
    people: People, place: Place, name: str, size: int, founded_on: date, given: Mapping[str, int] | None = None
) -> Sitting:
    """A council whose plenary has `size` members, with a restricted body and a group drawn from them.

    `given` names the person of some seats; the others are invented, shared seats once per département.
    """
    loader = people.loader
    kind = "CLSPD" if place.kind == "commune" else "CISPD"
    scope = people.new_scope("council", place.pk, name, people.scope(place.kind, place.pk, place.name))
    council = Sitting(loader.new_id(Council), kind, name, place, scope, founded_on)
    plenary = loader.new_id(Body)
    loader.add(BODY, plenary, council.pk, Body.Kind.PLENARY, "Formation plénière")
    seats = [seat for seat in data("seats") if seat.get("only") in (None, kind)]
    for seat in seats[:size]:
        council.members.append(_seated(people, council, plenary, seat, (given or {}).get(seat["key"])))
    _predecessors(people, council, plenary)
    council.bodies["plenary"] = (plenary, council.members)
    council.group = loader.chance.choice(data("topics")["groups"])
    _smaller_body(loader, council, "restricted", "Formation restreinte", RESTRICTED)
    _smaller_body(loader, council, "group", council.group, GROUP)
    _composition_acts(people, council)
    return council


def more_groups(loader: Loader, council: Sitting, count: int) -> None:
    """Other thematic groups, drawn among the plenary's members; one in three is closed."""
    names = [name for name in data("topics")["groups"] if name != council.group]
    for name in loader.chance.sample(names, min(count, len(names))):
        body, opened_on = loader.new_id(Body), loader.days(-loader.chance.randint(400, 1_500))
        closed_on = loader.days(-loader.chance.randint(10, 300)) if loader.chance.random() < 0.33 else None
        loader.add(GROUPS, body, council.pk, Body.Kind.GROUP, name, opened_on, closed_on)
        for member in loader.chance.sample(council.members, min(8, len(council.members))):
            loader.add(
                MEMBERSHIP, loader.new_id(Membership), body, member.person, None, member.title, "designated", "",
                opened_on, closed_on,
            )  # fmt: skip


def finish(loader: Loader, council: Sitting) -> None:
    """Write the council's own row, once its meetings are known."""
    loader.add(
        COUNCIL, council.pk, council.kind, council.name, sort_key(council.name), council.place.pk, council.scope,
        council.founded_on, None, council.last_plenary_on, loader.now,
    )  # fmt: skip


def group_scope(people: People, council: Sitting, name: str = "") -> int:
    """A scope for a group of the council, its first one unless another is named, which reaches the council."""
    scope = people.new_scope("body", council.place.pk, f"{name or council.group}, {council.name}", council.scope)
    people.loader.add(REACH, council.pk, scope)
    return scope


def write_reaches() -> None:
    """Let every scope that should see a council see it, as `governance.actions.create_council` does for one."""
    with connection.cursor() as cursor:
        cursor.execute(REACHES)


def _seated(people: People, council: Sitting, body: int, seat: dict[str, Any], person: int | None) -> Member:
    loader, place = people.loader, council.place
    name = seat["organisation"].format(**place.words)
    organisation = people.organisation(name, seat["kind"])
    key, role, given = (seat["key"], place.departement), ROLES.get(seat["key"], "group_member"), person is not None
    if seat["key"] == "chair":
        person = people.chair(place, person)
    elif person is None and seat.get("shared"):
        person = people.shared.get(key)
    if person is None:
        person = people.person()
        if role in OVERSEERS:
            scope = people.scope("departement", place.departement, place.departement_name)
            people.mandate(person, role, scope, council.founded_on, organisation)
    if not given and role not in OVERSEERS and seat["key"] != "chair":
        people.mandate(person, role, council.scope, council.founded_on, organisation)
    if seat.get("shared") and (not given or role in OVERSEERS):
        people.shared.setdefault(key, person)
    membership = loader.new_id(Membership)
    loader.add(
        MEMBERSHIP, membership, body, person, organisation, seat["title"], seat.get("quality", "designated"),
        seat.get("of_right_as", ""), council.founded_on, None,
    )  # fmt: skip
    return Member(membership, person, seat["key"], seat["title"], name)


def _predecessors(people: People, council: Sitting, body: int) -> None:
    """One seat in a dozen changed hands: who left has a membership that ended."""
    left = people.loader.days(-420)
    for member in council.members[11::12] if council.founded_on < left else []:
        people.loader.add(
            MEMBERSHIP, people.loader.new_id(Membership), body, people.person(), None, member.title,
            "designated", "", council.founded_on, left,
        )  # fmt: skip


def _smaller_body(loader: Loader, council: Sitting, kind: str, name: str, seats: tuple[str, ...]) -> None:
    """A body of some members of the plenary: they sit there under memberships of their own."""
    body, opened_on = loader.new_id(Body), council.founded_on if kind == "group" else None
    loader.add(GROUPS, body, council.pk, kind, name, opened_on, None)
    chosen = []
    for member in (member for member in council.members if member.seat in seats):
        membership = loader.new_id(Membership)
        quality = "chair" if member.seat == "chair" else "designated"
        loader.add(
            MEMBERSHIP, membership, body, member.person, None, member.title, quality, "", council.founded_on, None
        )
        chosen.append(Member(membership, member.person, member.seat, member.title, member.organisation))
    council.bodies[kind] = (body, chosen)


def _composition_acts(people: People, council: Sitting) -> None:
    """The first act, signed, and a new version that waits for its signature in some councils."""
    loader, place = people.loader, council.place
    lines = "\n".join(f"- {member.title}, {member.organisation}" for member in council.members)
    title = f"Arrêté fixant la composition du {council.name}"
    text = f"# {title}\n{lines}"
    signed, chair = council.founded_on, f"{council.members[0].title} (signature inventée)"
    holder = people.scope(place.kind, place.pk, place.name)
    versions = [(1, f"INV-{signed.year}-{council.pk}", signed, chair, loader.at(signed, 9))]
    if loader.chance.random() < 0.3:
        versions.append((2, "", None, "", loader.at(loader.days(-4), 9)))
    for version, reference, signed_on, signed_by, at in versions:
        act = loader.new_id(Act)
        # Before its act: the database takes no signature for an act that it knows signed.
        loader.add(
            ACT_SIGNATURE, loader.new_id(ActSignature), act, 1, "La présidence du conseil", holder, False, signed_by,
            signed_on,
        )  # fmt: skip
        loader.add(
            ACT, act, council.pk, holder, "composition", f"composition-{place.kind}", version, title, "{}", text,
            reference, signed_on, signed_by, signed_on, "", at, at,
        )  # fmt: skip
