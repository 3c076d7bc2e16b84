"""A country's worth of invented rows, around the demonstration: what the benchmarks measure on."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection
from django_otp.plugins.otp_totp.models import TOTPDevice

from prevenance.domains.accounts.models import Session
from prevenance.domains.pages.seeds import directory
from prevenance.domains.pages.seeds.acts import write_more
from prevenance.domains.pages.seeds.councils import Sitting, finish, group_scope, more_groups, sit
from prevenance.domains.pages.seeds.followups import Group, open_group
from prevenance.domains.pages.seeds.loading import Loader, Shape
from prevenance.domains.pages.seeds.meetings import Planned, coordinator, hold
from prevenance.domains.pages.seeds.offices import police_group, write_letters
from prevenance.domains.pages.seeds.people import People, Place, of, places
from prevenance.domains.pages.seeds.rulebooks import govern

COUNCILS, MEETINGS, PEOPLE, AUDIT_ROWS = 1_200, 30_000, 200_000, 10_000_000
FILES, READINGS = 100_000, 2_000_000  # open files of people followed, and how many times they were read
PLENARY, YEARS = 34, 8  # members of a plenary: with the smaller bodies, near seventy memberships a council
INTERCOMMUNAL = 4  # one council in four
GROUPS = 2  # thematic groups beside the first one
POLICE, PROBLEMS = 4, 60  # one council in four has a police group in its commune, with so many problems
BATCH = 60  # councils written at once: keeps memory flat

# One group a council holds files: seven members, so that there are 8,000 in all.
FOLLOWING: dict[str, Any] = {
    "name": "Suivi des jeunes",
    "seats": ["coordinator", "pjj", "spip", "integration", "prevention", "social", "school_board"],
    "categories": ["exposed", "exposed", "exposed", "reoffending", "victim"],
    "files": 0,  # shared out once the groups are known
}
LARGEST = 200  # files of the first of these groups: a name is looked for in a group so large

DEVICE = Shape(TOTPDevice, "id user name confirmed key")
SESSION = Shape(Session, "session_key session_data expire_date person browser created_at last_seen_at")

# Roles held by the people who sit in no council: role -> (kind of scope, share).
OTHERS = {
    "mediator": ("commune", 45),
    "victim_support": ("departement", 10),
    "referent": ("body", 25),
    "data_protection_officer": ("commune", 10),
    "trainer": ("region", 4),
    "evaluator": ("departement", 3),
    "deputy": ("council", 3),
}


@dataclass(frozen=True)
class Size:
    """How much of the nation to invent; `part` is 1 for all of it."""

    part: float
    audit_rows: int

    def __call__(self, whole: int) -> int:
        return max(1, round(whole * self.part))


def build(
    people: People, size: Size, already: list[Sitting], controllers: set[int], say: Callable[[str], None]
) -> tuple[list[tuple[int, int]], list[Group]]:
    """Write the rest of the nation; the chains (scope, person) that its audit rows belong to, and the groups that will
    hold files."""
    loader, last_shown = people.loader, people.last
    everywhere = places("t.kind <> 'ept'")
    communes = [place for place in everywhere if place.kind == "commune"]
    governed = communes[: size(len(communes))]
    for place in [*governed, *(place for place in everywhere if place.kind != "commune")]:
        people.scope(place.kind, place.pk, place.name)
    chains = [(council.scope, coordinator(council)) for council in already]
    scopes: dict[str, list[int]] = {"council": [council.scope for council in already], "body": []}
    chosen = _chosen(loader, everywhere, already[0].place.departement, size(COUNCILS) - len(already))
    by_departement: dict[int, list[Sitting]] = defaultdict(list)
    groups, allowed = [], _exchanging()
    for index, place in enumerate(chosen, 1):
        calendar = _calendar(loader)
        name = f"{'CLSPD' if place.kind == 'commune' else 'CISPD'} {of(place.name)}"
        council = sit(people, place, name[:200], PLENARY, loader.days(calendar[0].days - 90))
        history = hold(loader, council, calendar, papers_by=coordinator(council))
        more_groups(loader, council, GROUPS)
        govern(people, council, history.plenaries)
        if history.plenaries and place.pk in allowed:
            entry = FOLLOWING if groups else FOLLOWING | {"files": LARGEST}
            groups.append(open_group(people, council, history.plenaries[-1], entry, controllers)[0])
        write_more(people, council)
        finish(loader, council)
        by_departement[place.departement].append(council)
        if place.kind == "commune" and index % POLICE == 0:
            police_group(people, council, PROBLEMS)
        chains.append((council.scope, coordinator(council)))
        scopes["council"].append(council.scope)
        scopes["body"].append(group_scope(people, council))
        if index % BATCH == 0:
            loader.flush()
            say(f"{index + len(already)} conseils")
    for index, group in enumerate(groups):
        group.count = size(FILES) // len(groups) + (index < size(FILES) % len(groups))
    for departement, councils in by_departement.items():
        write_letters(people, departement, councils, YEARS)
    for place in governed:
        people.chair(place)
    # The demonstration département keeps its directory and no more, like its councils.
    elsewhere = [place for place in communes if place.departement != already[0].place.departement]
    directory.write_nation(people, elsewhere, size(directory.SERVICES))
    loader.flush()
    say(f"{people.count} personnes")
    _others(people, governed, everywhere, scopes, size(PEOPLE))
    loader.flush()
    _accounts(loader, last_shown + 1, people.last)
    loader.flush()
    say(f"{people.count} personnes")
    return chains, groups


def _exchanging() -> set[int]:
    """Territories where a text lets a group of their council exchange facts about named persons."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.id FROM territories_territory t WHERE EXISTS (SELECT FROM governance_exchangetext x"
            " WHERE x.council_kind = CASE t.kind WHEN 'epci' THEN 'CISPD' ELSE 'CLSPD' END AND x.body_kind = 'group'"
            " AND t.zone = ANY (x.zones))"
        )
        return {row[0] for row in cursor.fetchall()}


def _accounts(loader: Loader, first: int, last: int) -> None:
    """A second factor for every person of these identifiers, and an open session for one in ten.

    They open nothing: no password leads to the second factor, and these sessions name nobody.
    """
    chance = loader.chance
    for person in range(first, last + 1):
        loader.add(DEVICE, loader.new_id(TOTPDevice), person, "application", True, f"{chance.getrandbits(160):040x}")
        if person % 10 == 0:
            ends = loader.now + timedelta(hours=chance.randint(1, 10))
            key = f"{chance.getrandbits(160):040x}"
            loader.add(SESSION, key, "-", ends, person, "Firefox, Linux", loader.now, loader.now)


def _chosen(loader: Loader, everywhere: list[Place], departement: int, count: int) -> Iterator[Place]:
    """Territories that will have a council: drawn among the larger communes and EPCI.

    The demonstration département keeps its councils and no more, so that its pages are the same at every size.
    """
    if count < 1:
        return
    elsewhere = [place for place in everywhere if place.departement != departement]
    epci = [place for place in elsewhere if place.kind == "epci"]
    communes = [place for place in elsewhere if place.kind == "commune"]
    intercommunal = count // INTERCOMMUNAL
    # The larger ones, twice as many as needed: some large towns have no council, as in life.
    yield from loader.chance.sample(epci[: intercommunal * 2], intercommunal)
    yield from loader.chance.sample(communes[: (count - intercommunal) * 2], count - intercommunal)


def _calendar(loader: Loader) -> list[Planned]:
    """Meetings of eight years and of the coming weeks; some councils stopped meeting long ago."""
    chance = loader.chance
    count = MEETINGS // COUNCILS
    stopped = -500 if chance.random() < 0.08 else 1000
    step = (YEARS * 365 + 60) / count
    planned = []
    for index in range(count):
        days = round(60 - step * (count - 1 - index) + chance.randint(-20, 20))
        body = ("plenary", "restricted", "group")[index % 3]
        if days > stopped:
            state = "cancelled"
        elif days > 20:
            state = "draft"
        elif days > 0:
            state = "convened"
        elif days > -25:
            state = "held"
        else:
            state = "cancelled" if chance.random() < 0.03 else "approved"
        planned.append(Planned(days, body, state, corrected=chance.random() < 0.02))
    return planned


def _others(
    people: People, governed: list[Place], everywhere: list[Place], scopes: dict[str, list[int]], target: int
) -> None:
    """People who work with the councils without sitting there, until there are `target` people."""
    loader = people.loader
    for kind in ("departement", "region"):
        scopes[kind] = [people.scope(kind, place.pk, place.name) for place in everywhere if place.kind == kind]
    scopes["commune"] = [people.scope("commune", place.pk, place.name) for place in governed]
    roles = [role for role, (kind, _share) in OTHERS.items() if scopes[kind]]
    shares = [OTHERS[role][1] for role in roles]
    for index, role in enumerate(loader.chance.choices(roles, shares, k=max(0, target - people.count)), 1):
        scope = loader.chance.choice(scopes[OTHERS[role][0]])
        people.mandate(people.person(), role, scope, loader.days(-loader.chance.randint(30, 2000)))
        if index % 20_000 == 0:
            loader.flush()
