"""A country's worth of what the directory's registers hold, around services seeded before: all invented.

Only what is in the database is needed, and chance has a thread of its own: it is written with the rest of the nation,
or alone on a nation seeded before, and is the same. The demonstration département keeps its registers and no more, so
that its pages are the same at every size.
"""

import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, time
from functools import lru_cache
from itertools import product

from django.db import connection
from psycopg import sql

from prevenance.core.refusals import Refused
from prevenance.core.row_security import act_as
from prevenance.domains.accounts.models import Mandate, Organisation, Person
from prevenance.domains.directory.models import Door, Programme, Round, Service, StationPost
from prevenance.domains.directory.rules.restorative import KIND
from prevenance.domains.directory.rules.rhythms import Rhythm, weekly_mean
from prevenance.domains.pages.seeds import national_agreements, national_turning
from prevenance.domains.pages.seeds.database import without_trigger
from prevenance.domains.pages.seeds.demonstration import EMAIL
from prevenance.domains.pages.seeds.directory import Writer, town_halls
from prevenance.domains.pages.seeds.followups import without_wall
from prevenance.domains.pages.seeds.loading import Loader
from prevenance.domains.pages.seeds.people import People, Place, of, places
from prevenance.domains.pages.seeds.recheck import Unsound, recheck
from prevenance.domains.pages.seeds.stations import DOOR, ROUND
from prevenance.domains.territories.models import Territory

# No source known here says how many: these are assumptions of ours, of the right order.
CLINICS = 2_500  # half as many as services: two dozen a département
ROUNDS, STOPS = 100, 8  # a vehicle a département
HELPERS = 5  # of an association of victim support, a département
OWN = 0.6  # of the clinics are of the association of victim support

TOWNS = 40  # larger communes of a département, where clinics are
RHYTHMS = [
    Rhythm(every, day, time(starts), time(starts + 3)).syntax
    for every, day, starts in product(("weekly", "odd", "even", "1", "2", "3"), range(5), (9, 14))
]
TABLES = "directory_%"


@dataclass
class Helpers:
    """Who turns people to services in a département, for one organisation; `services`: its own, by kind."""

    organisation: int
    scope: int
    people: list[tuple[int, int]]  # (person, mandate)
    services: dict[str, int] = field(default_factory=dict)


@dataclass
class Country:
    """Départements but the demonstration's, with what is there."""

    loader: Loader
    people: People
    author: int
    departements: list[Place]
    towns: dict[int, list[Place]]  # département: its communes, the most populated first
    services: dict[
        int, list[tuple[int, int]]
    ]  # département: (service, its structure), of those that tell where they are
    weights: list[int] = field(default_factory=list)
    helpers: dict[int, Helpers] = field(default_factory=dict)

    def drawn(self, count: int, among: list[Place] | None = None) -> list[Place]:
        """So many départements, by their population; of `among` when given."""
        known = dict(zip([one.pk for one in self.departements], self.weights, strict=True))
        every = self.departements if among is None else among
        return self.loader.chance.choices(every, [known[one.pk] for one in every], k=count) if every else []


def fill(today: date, seed: int, size: Callable[[int], int], say: Callable[[str], None]) -> int:
    """Write all of it as the owner, in the running transaction, and check a thousandth; how many rows were checked.

    Raises Refused where it was done before.
    """
    loader = Loader(today, random.Random(f"registers {seed}"))  # noqa: S311  (invented data)
    country = read(loader)
    if StationPost.objects.filter(departement__in=[one.pk for one in country.departements]).exists():
        raise Refused("Les registres de la nation sont déjà dans cette base : rien n’y a été ajouté.")
    with without_trigger("directory_circuitstep", "directory_circuitstep_locked"):
        organise(country)
        clinics(country, size(CLINICS))
        rounds(country, size(ROUNDS))
        national_agreements.write(country, size)
        national_turning.write_orientations(country, size)
        loader.flush()
    with without_wall(TABLES):
        national_turning.write_programmes(country, size)
        loader.finish()
        checked = recheck(loader)
    check_wall(country)
    with connection.cursor() as cursor:
        for table in sorted({model._meta.db_table for model in loader.written}):
            cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table)))
    say(f"{sum(loader.written.values())} lignes aux registres de l’annuaire")
    return checked


def read(loader: Loader) -> Country:
    """What the directory of the nation is, as it is in the database."""
    home = Mandate.objects.get(person__email=EMAIL.format(role="prefect_office")).scope.territory_id
    everywhere = places("t.kind IN ('departement', 'commune')")
    departements = [one for one in everywhere if one.kind == "departement" and one.pk != home]
    towns, where = defaultdict(list), {}
    for one in everywhere:
        if one.kind == "commune" and one.departement and one.departement != home:
            towns[one.departement].append(one)
            where[one.pk] = one.departement
    services = defaultdict(list)
    found = Service.objects.open(loader.today).filter(address_hidden=False, commune__in=where).order_by("pk")
    for pk, structure, commune in found.values_list("pk", "structure", "commune"):
        services[where[commune]].append((pk, structure))
    departements = [one for one in departements if one.pk in towns]
    author = Person.objects.order_by("pk").values_list("pk", flat=True)[0]
    found = Territory.objects.filter(pk__in=[one.pk for one in departements])
    weights = dict(found.values_list("pk", "weight"))
    return Country(
        loader, People(loader), author, departements, towns, services, [weights[one.pk] for one in departements]
    )


def organise(country: Country) -> None:
    """An association of victim support a département where somebody helps, with the two services that it renders, and
    for which a few of these people act from now on."""
    loader = country.loader
    held = Mandate.objects.current(loader.today).filter(role="victim_support", organisation=None)
    found = held.filter(scope__territory__in=[one.pk for one in country.departements], scope__kind="departement")
    known: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for departement, scope, person, mandate in found.order_by("pk").values_list(
        "scope__territory", "scope", "person", "pk"
    ):
        known[departement].append((scope, person, mandate))
    writer = Writer(country.people, country.author)
    seats = [country.towns[one.pk][0] for one in country.departements if one.pk in known]
    points = town_halls(seats)
    acting = []
    for place in country.departements:
        if place.pk not in known:
            continue
        seat, since, some = country.towns[place.pk][0], loader.days(-900), known[place.pk][:HELPERS]
        name = f"Aide aux victimes inventée {of(place.name)}"[:150]
        pk = country.people.organisation(name, Organisation.Kind.ASSOCIATION)
        helpers = Helpers(pk, some[0][0], [(person, mandate) for _scope, person, mandate in some])
        structure = writer.structure(
            name, "association", seat, "1, rue des Essais", hidden=False, on=since,
            **({"point": points[seat.pk]} if seat.pk in points else {}),
        )  # fmt: skip
        for kind in ("victim_support", KIND):
            told = {
                "name": f"{name}, {'accueil' if kind != KIND else 'justice restaurative'}"[:150], "kind": kind,
                "description": "Un service inventé.", "audiences": ["tous-publics"], "reach": ["telephoner"],
                "hours": "Mo-Fr 09:00-12:00,14:00-17:00; PH off", "verified": 60,
            }  # fmt: skip
            helpers.services[kind] = writer.service((structure, name), seat, [place.pk], told)
        country.services[place.pk].append((helpers.services["victim_support"], structure))
        country.helpers[place.pk] = helpers
        acting += [(pk, mandate) for _person, mandate in helpers.people]
    loader.flush()
    with connection.cursor() as cursor:
        cursor.executemany("UPDATE accounts_mandate SET organisation_id = %s WHERE id = %s", acting)


def clinics(country: Country, count: int) -> None:
    """In larger communes, by population of the département; most by its association of victim support."""
    chance = country.loader.chance
    for place in country.drawn(count, [one for one in country.departements if country.services[one.pk]]):
        helpers = country.helpers.get(place.pk)
        if helpers and chance.random() < OWN:
            service = helpers.services["victim_support"]
        else:
            service = chance.choice(country.services[place.pk])[0]
        door(country, place, chance.choice(country.towns[place.pk][:TOWNS]), service, None, 0)


def rounds(country: Country, count: int) -> None:
    """In the smaller communes of a département, in an order."""
    loader, chance = country.loader, country.loader.chance
    able = [one for one in country.departements if country.services[one.pk] and country.towns[one.pk][TOWNS:]]
    for rank in range(count if able else 0):
        place = able[rank % len(able)]
        pk, since = loader.new_id(Round), loader.days(-chance.randint(30, 900))
        service = chance.choice(country.services[place.pk])[0]
        name = f"Tournée inventée {rank + 1} {of(place.name)}"[:120]
        loader.add(ROUND, pk, service, name, "Camping-car inventé", since, since, country.author)
        small = country.towns[place.pk][TOWNS:]
        for stop, at in enumerate(chance.sample(small, min(STOPS, len(small))), start=1):
            door(country, place, at, service, pk, stop)


def door(country: Country, departement: Place, at: Place, service: int, round: int | None, rank: int) -> None:
    loader, chance = country.loader, country.loader.chance
    hours, since = chance.choice(RHYTHMS), loader.days(-chance.randint(30, 900))
    loader.add(
        DOOR, loader.new_id(Door), service, round, rank, f"Mairie inventée {of(at.name)}"[:150], at.pk, "", hours,
        mean(hours, country.towns[departement.pk][0].code, loader.today), since, since, country.author,
    )  # fmt: skip


@lru_cache(maxsize=20_000)
def mean(hours: str, commune: str, first: date) -> float:
    """One commune stands for its département: days off are the same in both, and reading hours is slow."""
    return weekly_mean(hours, commune, first)


def check_wall(country: Country) -> None:
    """Who acts for an organisation reads its programmes and no other's; nobody acting reads none."""
    for helpers in [*country.helpers.values()][:: max(1, len(country.helpers) // 10)]:
        act_as(helpers.people[0][1])
        found = set(Programme.objects.values_list("organisation", flat=True))
        act_as(None)
        if not found <= {helpers.organisation}:
            raise Unsound(f"organisation {helpers.organisation}: it reads programmes of {found}")
    if Programme.objects.exists():
        raise Unsound("programmes are read by nobody acting")
