"""The demonstration: a real département, its councils, one person per role (data/demonstration)."""

from dataclasses import dataclass, field
from typing import Any

from prevenance.domains.accounts.roles import ROLES
from prevenance.domains.pages.seeds import acts, directory, followups, orientations, plans
from prevenance.domains.pages.seeds.councils import OVERSEERS, Sitting, finish, sit
from prevenance.domains.pages.seeds.followups import Group
from prevenance.domains.pages.seeds.meetings import History, Planned, hold
from prevenance.domains.pages.seeds.offices import police_group, write_letters
from prevenance.domains.pages.seeds.people import People, Place, data, places
from prevenance.domains.pages.seeds.rulebooks import govern

EMAIL = "{role}@demonstration.invalid"
# Seats that a person of a role takes in the councils of the demonstration: in the main one, or wherever they chair.
SEATS = {
    "coordinator": "coordinator",
    "prefect_office": "prefect",
    "prosecutor_office": "prosecutor",
    "group_member": "integration",
    "referent": "prevention",
    "victim_support": "victims",
    "mediator": "mediation",
}


@dataclass
class Built:
    """What was written, for the audit trail: each council with what happened there, groups that hold files."""

    councils: list[tuple[Sitting, History]] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    controllers: set[int] = field(default_factory=set)


def build(people: People) -> Built:
    """Write people, councils, meetings and the groups that will hold files."""
    known = {place.key: place for place in _places()}
    for place in known.values():
        people.scope(place.kind, place.pk, place.name)
    people.scope("platform", None, "Plateforme")
    cast = {role: people.person(fields["given"], fields["family"], EMAIL.format(role=role))
            for role, fields in data("people")["roles"].items()}  # fmt: skip
    own: dict[str, Sitting] = {}
    built = Built()
    for entry in data("councils")["councils"]:
        council, history = _council(people, known[entry["place"]], entry, cast)
        own["council" if entry.get("main") else f"council:{entry['place']}"] = council
        if entry.get("main"):
            plans.write(people, known, council, history, cast)
            scope = _groups(people, council, history, built)
        built.councils.append((council, history))
    _mandates(people, known, own, cast, scope)
    police_group(people, own["council"], problems=12)
    departement = own["council"].place.departement
    write_letters(people, departement, [council for council, _history in built.councils], years=1)
    services = directory.write(people, known, cast["victim_support"])
    place = known[data("people")["roles"]["victim_support"]["where"][0]]
    orientations.write(people, services, cast["victim_support"], people.scope(place.kind, place.pk, place.name))
    return built


def _groups(people: People, council: Sitting, history: History, built: Built) -> int:
    """The groups that hold files in the main council; the scope of the first, where the referent's mandate bears."""
    scopes = []
    for entry in data("followups")["groups"]:
        group, scope = followups.open_group(people, council, history.plenaries[-1], entry, built.controllers)
        built.groups.append(group)
        scopes.append(scope)
    return scopes[0]


def _places() -> list[Place]:
    """The councils' territories, all that contains them, the communes of a CISPD, and where the roles are held."""
    wanted = {entry["place"] for entry in data("councils")["councils"]}
    held = {where for fields in data("people")["roles"].values() for where in fields["where"] if where.count(":") == 1}
    return places(
        """t.id IN (
            SELECT c.container_id FROM territories_containment c JOIN territories_territory o ON o.id = c.contained_id
            WHERE o.kind || ':' || o.code = ANY(%s)
            UNION SELECT c.contained_id FROM territories_containment c
            JOIN territories_territory o ON o.id = c.container_id
            WHERE o.kind = 'epci' AND o.kind || ':' || o.code = ANY(%s)
            UNION SELECT o.id FROM territories_territory o WHERE o.kind || ':' || o.code = ANY(%s)
        )""",
        [list(wanted), list(wanted), list(held)],
    )


def _council(people: People, place: Place, entry: dict[str, Any], cast: dict[str, int]) -> tuple[Sitting, History]:
    calendar = [Planned(**planned) for planned in data("councils")["calendars"][entry["calendar"]]]
    founded_on = people.loader.days(min(planned.days for planned in calendar) - 120)
    council = sit(people, place, entry["name"], entry["members"], founded_on, _given(place, entry, cast))
    history = hold(people.loader, council, calendar)
    govern(people, council, history.plenaries)
    finish(people.loader, council)
    return council, history


def _given(place: Place, entry: dict[str, Any], cast: dict[str, int]) -> dict[str, int]:
    """Seat -> person, for the people of the roles who sit in this council."""
    roles = data("people")["roles"]
    given = {}
    for role, seat in SEATS.items():
        if entry.get("main") or role in OVERSEERS or f"council:{entry['place']}" in roles[role]["where"]:
            given[seat] = cast[role]
    for role in ("mayor", "epci_president"):
        if place.key in roles[role]["where"]:
            given["chair"] = cast[role]
    return given


def _mandates(
    people: People, known: dict[str, Place], own: dict[str, Sitting], cast: dict[str, int], group: int
) -> None:
    """Give each person of a role their mandates, in the order of the file: the first is taken at sign-in. Then the
    acts that found some of them."""
    given: dict[tuple[str, int], int] = {}
    since = people.loader.days(-900)
    main = own["council"]
    for role, fields in data("people")["roles"].items():
        if role not in ROLES:
            raise ValueError(f"data/demonstration/people.yaml: unknown role {role}")
        acts_for = people.organisation(fields["organisation"], "association") if "organisation" in fields else None
        for where in fields["where"]:
            if where == "platform":
                scope = people.scope("platform", None, "Plateforme")
            elif where == "body":
                scope = group
            elif where in own:
                scope = own[where].scope
            else:
                scope = people.scope(known[where].kind, known[where].pk, known[where].name)
            given[role, scope] = people.mandate(cast[role], role, scope, since, acts_for)
    holder = people.scope(main.place.kind, main.place.pk, main.place.name)
    chair = (cast["mayor"], given["mayor", holder])
    acts.write(people, main, holder, chair, (cast["coordinator"], given["coordinator", main.scope]))
