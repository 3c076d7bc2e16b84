"""The nation's posts of social workers in stations, partners' agreements, reporting circuits and alert devices."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import product
from typing import TYPE_CHECKING

from prevenance.core.text import sort_key
from prevenance.domains.directory.models import (
    AgreementParty,
    Circuit,
    CircuitStep,
    DeviceStatement,
    PartnersAgreement,
    StationAgreement,
    StationFunding,
    StationPost,
    StationRegister,
)
from prevenance.domains.directory.models.circuits import circuit_list
from prevenance.domains.directory.rules.agreements import subjects
from prevenance.domains.pages.seeds.loading import Shape
from prevenance.domains.pages.seeds.people import Place, of
from prevenance.domains.pages.seeds.stations import AGREEMENT, FUNDING, POST, POST_AGREEMENT
from prevenance.domains.territories.models import Territory

if TYPE_CHECKING:
    from prevenance.domains.pages.seeds.national_registers import Country

# The State's aim for 2022, after 357 posts at the end of 2020: General inspection of administration, report 20107-R.
# Of them two a département at least: strategy 2020-2024, measure 20; agreements of three years: action 20.1.
POSTS, LEAST, LASTING = 450, 2, 3 * 365
CONFIRMED = 0.8  # of the registers of départements were said complete: an assumption, as all that follows
AGREEMENTS = 1_200  # a dozen a département
CIRCUITS = 600  # half a dozen a département, of the 24 that there may be
MONTHS = 24  # of counts of devices
PER_DEVICE = 12_000  # inhabitants, of a département, for one device in stock

REGISTER = Shape(StationRegister, "id departement confirmed_on confirmed_by")
PARTY = Shape(AgreementParty, "id agreement name structure")
CIRCUIT = Shape(
    Circuit, "id departement situation people version valid_from valid_to prepared_by decided_by created_at"
)  # fmt: skip
STEP = Shape(CircuitStep, "id circuit rank who after number institution means delay basis")
STATEMENT = Shape(
    DeviceStatement, "id departement kind month stock allocated in_use waiting overseas_need corrects stated_on"
    " stated_by",
)  # fmt: skip

HOURS = (35, 35, 35, 28, 17.5, None)
EMPLOYERS = (
    ("association", "Association inventée"), ("departement", "Département inventé"), ("commune", "Ville inventée"),
    ("epci", "Communauté inventée"),
)  # fmt: skip
PARTIES = ("Hôpital inventé", "Tribunal inventé", "Commissariat inventé", "Gendarmerie inventée", "Barreau inventé")
# (who, or the place of the step that it follows; whom; means; delay; text).
STEPS = (
    ("teacher", "institution:superior", "in_person", "same_day", ""),
    ("doctor", "institution:crip", "written", "at_once", "casf226-2-1"),
    (2, "institution:prosecutor", "secure_mail", "same_day", "casf226-4"),
    ("municipal_police", "institution:police_unit", "phone", "at_once", "cpp40"),
    ("anyone", "number:119", "phone", "at_once", "cp434-3"),
)


def write(country: "Country", size: Callable[[int], int]) -> None:
    posts(country, size(POSTS))
    agreements(country, size(AGREEMENTS))
    circuits(country, size(CIRCUITS))
    devices(country)
    country.loader.flush()


def posts(country: "Country", count: int) -> None:
    """As many as are asked in each département first, then where more people live."""
    loader, chance = country.loader, country.loader.chance
    first = country.departements * LEAST
    for place in [*first, *country.drawn(max(0, count - len(first)))][:count]:
        at, pk = chance.choice(country.towns[place.pk][:20]), loader.new_id(StationPost)
        force = chance.choice(("police", "gendarmerie", "gendarmerie", "both"))
        station = f"{'Brigade inventée' if force == 'gendarmerie' else 'Commissariat inventé'} {of(at.name)}"[:150]
        kind, employer = chance.choice(EMPLOYERS)
        opened = chance.randint(200, 5_000)
        vacant = loader.days(-chance.randint(10, 150)) if chance.random() < 0.08 else None
        loader.add(
            POST, pk, place.pk, at.pk, station, sort_key(station), force, kind, f"{employer} {of(at.name)}"[:160],
            chance.choice(HOURS), loader.days(-opened), vacant, loader.days(-30), country.author,
        )  # fmt: skip
        lapsed = LASTING if chance.random() < 0.1 else 0
        for days in range(-opened, -lapsed, LASTING + 1):
            starts = loader.days(days)
            loader.add(
                POST_AGREEMENT, loader.new_id(StationAgreement), pk, starts - timedelta(days=15), starts,
                loader.days(days + LASTING),
            )  # fmt: skip
        for year in range(max(loader.days(-opened).year, loader.today.year - 3), loader.today.year):
            total = chance.randint(38, 52) * 1_000
            paid = None if chance.random() < 0.15 else total * chance.choice((5, 10, 10, 30, 50)) // 100
            loader.add(FUNDING, loader.new_id(StationFunding), pk, year, total, paid)
    for place in country.departements:
        if chance.random() < CONFIRMED:
            day = loader.days(-chance.randint(10, 500))
            loader.add(REGISTER, loader.new_id(StationRegister), place.pk, day, country.author)


def agreements(country: "Country", count: int) -> None:
    loader, chance, words = country.loader, country.loader.chance, list(subjects().items())
    for place in country.drawn(count):
        word, label = chance.choice(words)
        starts, pk = loader.days(-chance.randint(30, 1_500)), loader.new_id(PartnersAgreement)
        ends = None if chance.random() < 0.2 else starts + timedelta(days=LASTING)
        loader.add(
            AGREEMENT, pk, place.pk, word, f"{label}, convention inventée {of(place.name)}"[:200], starts, starts, ends,
            starts, country.author,
        )  # fmt: skip
        known = country.services[place.pk]
        signed = [(f"{who} {of(place.name)}"[:160], None) for who in chance.sample(PARTIES, chance.randint(2, 4))]
        if known:
            signed.append((f"Structure inventée {of(place.name)}"[:160], chance.choice(known)[1]))
        for name, structure in signed:
            loader.add(PARTY, loader.new_id(AgreementParty), pk, name, structure)


def circuits(country: "Country", count: int) -> None:
    """Most in force, some for the second time; some being prepared."""
    loader, chance = country.loader, country.loader.chance
    every = list(product(country.departements, circuit_list("situations"), circuit_list("people")))
    for place, situation, people in chance.sample(every, min(count, len(every))):
        alike, since = (place, situation, people), loader.days(-chance.randint(30, 900))
        if chance.random() < 0.3:
            circuit(country, *alike, 1, since - timedelta(days=400), since)
            circuit(country, *alike, 2, since, None)
        else:
            circuit(country, *alike, 1, since if chance.random() < 0.85 else None, None)


def circuit(
    country: "Country", place: Place, situation: str, people: str, version: int, since: date | None, until: date | None
) -> None:
    loader, pk = country.loader, country.loader.new_id(Circuit)
    decided = None if since is None else country.author
    made = loader.at(since or loader.today, 9)
    loader.add(CIRCUIT, pk, place.pk, situation, people, version, since, until, country.author, decided, made)
    steps: list[int] = []
    for rank, (who, whom, means, delay, basis) in enumerate(STEPS[: loader.chance.randint(3, 5)], start=1):
        kind, _colon, word = whom.partition(":")
        told = {"number": "", "institution": ""} | {kind: word}
        steps.append(loader.new_id(CircuitStep))
        loader.add(
            STEP, steps[-1], pk, rank, who if isinstance(who, str) else "",
            steps[who - 1] if isinstance(who, int) else None, told["number"], told["institution"], means, delay, basis,
        )  # fmt: skip


def devices(country: "Country") -> None:
    """Two kinds, month by month, where nothing was stated before; one statement in twenty was corrected."""
    loader, chance = country.loader, country.loader.chance
    keys = [place.pk for place in country.departements]
    stated = set(DeviceStatement.objects.values_list("departement", "kind", "month"))
    zones = dict(Territory.objects.filter(pk__in=keys).values_list("pk", "zone"))
    for (place, weight), kind in product(zip(country.departements, country.weights, strict=True), ("tgd", "bar")):
        stock = 10 + weight // PER_DEVICE
        overseas = zones[place.pk] != Territory.Zone.METROPOLE
        for month in months(loader.today):
            allocated = round(stock * chance.uniform(0.7, 1))
            in_use, need = round(allocated * chance.uniform(0.4, 1)), chance.randint(5, 30) if overseas else None
            corrects, told = None, (place.pk, kind, month) not in stated
            for _turn in range((1 + (chance.random() < 0.05)) * told):
                pk = loader.new_id(DeviceStatement)
                loader.add(
                    STATEMENT, pk, place.pk, kind, month, stock, allocated, in_use, chance.randint(0, 20), need,
                    corrects, min(month + timedelta(days=35), loader.today), country.author,
                )  # fmt: skip
                corrects = pk


def months(today: date) -> Iterator[date]:
    """The last ones, the oldest first."""
    for back in range(MONTHS - 1, -1, -1):
        year, month = divmod(today.year * 12 + today.month - 1 - back, 12)
        yield date(year, month + 1, 1)
