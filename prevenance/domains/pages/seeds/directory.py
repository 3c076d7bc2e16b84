"""The directory: the demonstration's structures and services, and a nation's worth of them."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from prevenance.core.text import sort_key
from prevenance.domains.directory.models import Service, Structure, closed_list, kind_label, kinds, search_key
from prevenance.domains.pages.seeds import stations
from prevenance.domains.pages.seeds.loading import Shape
from prevenance.domains.pages.seeds.people import People, Place, data
from prevenance.domains.territories.models import Territory

STRUCTURE = Shape(
    Structure,
    "id name sort_name kind commune address address_hidden longitude latitude phone email updated_on created_by",
)  # fmt: skip
SERVICE = Shape(
    Service, "id structure name sort_name search_key kind description audiences cost modes commune address_hidden"
    " reached_by reach_modes reach_note hours needs ways languages closed_on updated_on verified_on verified_by"
    " created_by",
)  # fmt: skip
ZONE = Shape(Service.zones.through, "id service territory")

SERVICES, PER_STRUCTURE = 4_000, 2
FICTION = "019900{:04d}"  # 01 99 00 is kept for fiction
KINDS = ("association", "health", "integration", "justice", "police", "commune")
Point = tuple[float | None, ...]  # longitude, latitude
NOWHERE: Point = (None, None)
HOURS = ("Mo-Fr 09:00-12:00,14:00-17:00; PH off", "Tu 14:00-17:00", "24/7", "")
AUDIENCES = (["tous-publics"], ["jeunes"], ["femmes"], ["familles", "jeunes"])


class Writer:
    """Rows of the directory, numbered; `author` inscribed and confirmed them all."""

    def __init__(self, people: People, author: int) -> None:
        self.people, self.loader, self.author = people, people.loader, author
        self.count = 0

    def structure(
        self, name: str, kind: str, place: Place, address: str, *, hidden: bool, on: date, point: Point = NOWHERE
    ) -> int:
        self.count += 1
        pk = self.loader.new_id(Structure)
        self.loader.add(
            STRUCTURE, pk, name, sort_key(name), kind, place.pk, "" if hidden else address, hidden,
            *(NOWHERE if hidden else point), FICTION.format(self.count % 10_000),
            f"structure.{self.count}@demonstration.invalid", on, self.author,
        )  # fmt: skip
        return pk

    def service(self, structure: tuple[int, str], place: Place, zones: Sequence[int], told: Mapping[str, Any]) -> int:
        """`told`: name, kind, description, audiences, reach, by, note, hours, needs, ways, languages; verified and
        closed are days before the seed."""
        pk, (owner, owner_name) = self.loader.new_id(Service), structure
        verified = None if told.get("verified") is None else self.loader.days(-told["verified"])
        closed = None if told.get("closed") is None else self.loader.days(-told["closed"])
        self.loader.add(
            SERVICE, pk, owner, told["name"], sort_key(told["name"]),
            search_key(told["name"], owner_name, told["kind"], place.name), told["kind"], told["description"],
            told["audiences"], "gratuit", ["en-presentiel"], place.pk, kinds()[told["kind"]].secret,
            told.get("by", ["usagers", "professionnels"]), told["reach"], told.get("note", ""),
            told.get("hours", ""), told.get("needs", []), told.get("ways", []), told.get("languages", []), closed,
            closed or verified or self.loader.today, verified, verified and self.author, self.author,
        )  # fmt: skip
        self.loader.extend(ZONE, [(self.loader.new_id(ZONE.model), pk, zone) for zone in dict.fromkeys(zones)])
        return pk


def write(people: People, known: Mapping[str, Place], author: int) -> dict[str, int]:
    """The demonstration's (data/demonstration/services.yaml); `known` has the places that it names. {name: service}."""
    writer, nation, written = Writer(people, author), known["nation:FR"].pk, {}
    for told in data("services")["structures"]:
        at = known[told["place"]]
        hidden = told.get("hidden", False)
        on = people.loader.days(-60)
        pk = writer.structure(
            told["name"], told["kind"], at, told.get("address", ""), hidden=hidden, on=on,
            point=tuple(told.get("point", NOWHERE)),
        )  # fmt: skip
        for service in told["services"]:
            where = known[service.get("place", told["place"])]
            around = {"commune": where.pk, "epci": where.epci or where.pk, "departement": where.departement}
            zones = [(around | {"nation": nation})[zone] for zone in service["zones"]]
            rendered = writer.service((pk, told["name"]), where, zones, service)
            stations.write_doors(people, known, rendered, service, author)
            written[service["name"]] = rendered
    stations.write(people, known, author)
    return written


def town_halls(communes: Sequence[Place]) -> dict[int, tuple[float, float]]:
    """{id: (longitude, latitude)} of those that have a point."""
    found = Territory.objects.filter(pk__in=[place.pk for place in communes], longitude__isnull=False)
    return {pk: (x, y) for pk, x, y in found.values_list("pk", "longitude", "latitude")}


def write_nation(people: People, communes: Sequence[Place], count: int) -> None:
    """`count` services in the larger of `communes`: for the commune, its intercommunal body or its département."""
    if not communes:
        return
    chance, writer, every = people.loader.chance, Writer(people, people.last), list(kinds())
    needs = [[], [], *([need] for need in closed_list("needs"))]
    larger = communes[: max(1, count // 3)]
    points = town_halls(larger)
    larger = [place for place in larger if place.pk in points]
    for index in range(count // PER_STRUCTURE):
        at = chance.choice(larger)
        name, kind = f"Structure inventée {index + 1} de {at.name}"[:150], chance.choice(KINDS)
        on = people.loader.days(-chance.randint(1, 700))
        pk = writer.structure(
            name, kind, at, f"{index % 90 + 1}, rue des Essais", hidden=index % 40 == 0, on=on,
            point=(points[at.pk][0] + chance.uniform(-0.02, 0.02), points[at.pk][1] + chance.uniform(-0.02, 0.02)),
        )  # fmt: skip
        for _turn in range(PER_STRUCTURE):
            what = chance.choice(every)
            told = {
                "name": f"{kind_label(what)} de {at.name}"[:150], "kind": what, "description": "Un service inventé.",
                "audiences": chance.choice(AUDIENCES), "reach": ["telephoner"], "hours": chance.choice(HOURS),
                "needs": chance.choice(needs), "ways": chance.choice(([], ["sur-place"], ["telephone"])),
                "verified": chance.choice([None, 20, 90, 150, 240, 400]),
                "closed": 30 if chance.random() < 0.05 else None,
            }  # fmt: skip
            writer.service((pk, name), at, [chance.choice([at.pk, at.epci or at.pk, at.departement])], told)
