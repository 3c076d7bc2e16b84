"""From records on disk and rows of the database to what the engine of obligations reads."""

from functools import cache
from pathlib import Path

import yaml
from django.conf import settings

from prevenance.engines.obligations import Law, place_of, places_from, records_from


@cache
def load_law() -> Law:
    """The law of data/law, checked. Raises `LawError` naming the file, the record and the fault."""
    return read_law(settings.DATA / "law")


def read_law(folder: Path) -> Law:
    """The law of a folder: `places.yaml`, and records in every other YAML file."""
    contents = {
        path.name: yaml.safe_load(path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("*.yaml"))
    }
    places = places_from(contents.pop("places.yaml"), "places.yaml")
    records = [
        record for name, rows in contents.items() for record in records_from(rows, name)
    ]
    return Law(records, places)


def place(code: str, departement: str, zone: str) -> str:
    """Where a territory is in the sense of the law (a key of data/law/places.yaml), "" when nothing says it."""
    return place_of(load_law().places.values(), code, departement, zone)
