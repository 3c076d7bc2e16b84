"""The fields of data.inclusion v1 and ours: which column each is, how it is read and written.

https://github.com/gip-inclusion/data-inclusion-schema, version 1.0.10. Ours begin with `prevenance_`: others, who do
not know them, leave them aside.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from prevenance.domains.directory.models import EXTENSION
from prevenance.domains.directory.rules.inclusion import values
from prevenance.domains.directory.rules.inclusion.values import Reader

PREFIX = "prevenance_"
STRUCTURES, SERVICES = "structures", "services"


def same(value: Any) -> Any:
    """Nothing for an empty value, as data.inclusion writes it; no, and zero, are values."""
    return None if value in ("", []) else value


@dataclass(frozen=True)
class Field:
    """`shape`: what a CSV cell of it holds. `column`: of our row; none for what is written apart (place, zones)."""

    name: str
    column: str = ""
    read: Reader = values.LINE
    empty: Any = ""
    write: Callable[[Any], Any] = same
    required: bool = False
    shape: str = "text"  # or list, number, yes


def texts(*pairs: tuple[str, str, Reader]) -> list[Field]:
    return [Field(name, column, read) for name, column, read in pairs]


def several(name: str, column: str, of: str) -> Field:
    return Field(name, column, values.some_of(of), [], shape="list")


def figure(name: str, column: str, read: Reader, write: Callable[[Any], Any] = same) -> Field:
    return Field(name, column, read, None, write, shape="number")


def yes(name: str, column: str) -> Field:
    return Field(PREFIX + name, column, values.yes, False, shape="yes")


DATED = Field("date_maj", "updated_on", values.updated, None, str, required=True)
PLACE = [
    Field("commune"), Field("code_postal", "postcode", values.postcode), Field("code_insee"),
    Field("adresse", "address", values.LONG), Field("complement_adresse", "address_more", values.LONG),
    figure("longitude", "longitude", values.number(-180, 180)), figure("latitude", "latitude", values.number(-90, 90)),
]  # fmt: skip
REACHED = [
    Field("telephone", "phone", values.phone, write=values.phone_written), Field("courriel", "email", values.email),
]  # fmt: skip
NAMED = [Field("source", required=True), Field("id", required=True)]
HIDDEN = yes("adresse_masquee", "address_hidden")
CLOSED = Field(PREFIX + "fermetures", "", values.closures, [], shape="list")
DOORS = PREFIX + "permanences"  # what it holds: `doors`

STRUCTURE = [
    *NAMED,
    Field("nom", "name", values.text(150, 3), required=True), DATED,
    *texts(("description", "description", values.text(10_000, 5)), ("lien_source", "source_link", values.url),
           ("siret", "siret", values.siret)),
    *PLACE, *REACHED,
    *texts(("site_web", "website", values.url), ("horaires_accueil", "hours", values.opening_hours),
           ("accessibilite_lieu", "access_link", values.url)),
    several("reseaux_porteurs", "networks", "reseaux_porteurs"),
    Field(PREFIX + "nature", "kind", values.structure_kind), HIDDEN, CLOSED,
]  # fmt: skip
SERVICE = [
    NAMED[0], Field("structure_id", required=True), NAMED[1],
    Field("nom", "name", values.text(150, 3), required=True),
    Field("description", "description", values.text(10_000, 5), required=True),
    Field("lien_source", "source_link", values.url), DATED,
    Field("type", "type", values.one_of("types")), several("thematiques", "themes", "thematiques"),
    Field("frais", "cost", values.one_of("frais")), Field("frais_precisions", "cost_note", values.LONG),
    several("publics", "audiences", "publics"),
    *texts(("publics_precisions", "audience_note", values.LONG), ("conditions_acces", "conditions", values.LONG)),
    *PLACE, *REACHED,
    several("modes_accueil", "modes", "modes_accueil"), Field("zone_eligibilite", shape="list"),
    *texts(("contact_nom_prenom", "contact", values.text(200)), ("lien_mobilisation", "reach_link", values.url)),
    several("modes_mobilisation", "reach_modes", "modes_mobilisation"),
    several("mobilisable_par", "reached_by", "mobilisable_par"),
    Field("mobilisation_precisions", "reach_note", values.LONG),
    figure("volume_horaire_hebdomadaire", "weekly_hours", values.number(0, 168)),
    figure("nombre_semaines", "weeks", values.whole(1, 10_000)),
    Field("horaires_accueil", "hours", values.opening_hours),
    Field(PREFIX + "nature", "kind", values.kind), HIDDEN,
    *(several(PREFIX + name, column, column) for name, column in zip(
        ("besoins", "dispositifs", "etapes", "modes", "accessibilite", "langues"), EXTENSION, strict=True)),
    yes("lsf", "sign_language"),
    figure(PREFIX + "age_min", "age_from", values.whole(0, 120)),
    figure(PREFIX + "age_max", "age_to", values.whole(0, 120)),
    figure(PREFIX + "capacite_heures", "capacity_hours", values.hours_a_week,
           lambda hours: None if hours is None else float(hours)),
    yes("depot_plainte", "takes_complaints"), yes("numerique", "digital_mediation"),
    Field(PREFIX + "ouvert_le", "opened_on", values.day, None, lambda day: day and str(day)), CLOSED,
    Field(DOORS, shape="list"),
]  # fmt: skip
FIELDS = {STRUCTURES: STRUCTURE, SERVICES: SERVICE}
BY_NAME = {kind: {field.name: field for field in fields} for kind, fields in FIELDS.items()}
# What would say where a hidden place is.
WHERE = {"adresse", "complement_adresse", "code_postal", "longitude", "latitude", "lien_source", DOORS}
WHERE_A_STRUCTURE = WHERE | {"siret", "accessibilite_lieu"}
CELLS = {"list": values.list_of_cell, "number": values.number_of_cell, "yes": values.yes_of_cell}


def typed(row: dict[str, Any], kind: str) -> dict[str, Any]:
    """A row of a CSV as its JSON would have it: lists and numbers where they belong; in a field that nobody here knows,
    what `flat` writes."""
    fields, found = BY_NAME[kind], {}
    for name, cell in row.items():
        field = fields.get(name)
        if field is None:
            found[name] = json.loads(cell) if is_json(cell) else cell
        else:
            found[name] = CELLS[field.shape](cell) if field.shape in CELLS and cell.strip() else cell
    return found


def flat(record: dict[str, Any], kind: str) -> dict[str, Any]:
    """A record for a CSV: a text that would be taken for a number or a list is written with its quotes, in fields that
    nobody here knows, so that it comes back a text."""
    known = BY_NAME[kind]
    return {
        name: json.dumps(value, ensure_ascii=False) if name not in known and is_json(value) else value
        for name, value in record.items()
    }


def is_json(value: Any) -> bool:
    """Whether a text is JSON as it is written here."""
    try:
        return isinstance(value, str) and json.dumps(json.loads(value), ensure_ascii=False) == value
    except ValueError:
        return False
