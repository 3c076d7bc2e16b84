"""What a row of data.inclusion says: values of our columns, what is kept to be given back, what is wrong with it.

A row without what it takes is left. Anything else that cannot be understood is kept aside and given back as it came,
and the rest of the row is taken. A value that says where a hidden place is is never kept, nor repeated.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import yaml
from django.conf import settings
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused
from prevenance.domains.directory.models import kinds
from prevenance.domains.directory.rules.inclusion.doors import MOST, Doors, read_doors, refuse_unserved
from prevenance.domains.directory.rules.inclusion.fields import (
    DOORS,
    FIELDS,
    PREFIX,
    SERVICES,
    WHERE,
    WHERE_A_STRUCTURE,
    Field,
)
from prevenance.domains.directory.rules.inclusion.places import Commune, Places
from prevenance.domains.directory.rules.inclusion.values import Wrong
from prevenance.domains.directory.rules.services import check_place_not_told

AT, FOR = "prevenance:commune", "prevenance:zones"  # in `kept`: while the row is there, and for them, its words hold
APART = {"source", "id", "structure_id", "commune", "code_insee", "zone_eligibilite", PREFIX + "fermetures", DOORS}
TOLD = ("nom", "description", "publics_precisions", "conditions_acces", "frais_precisions", "mobilisation_precisions")


@cache
def choices() -> Any:
    """data/directory/inclusion.yaml."""
    return yaml.safe_load((settings.DATA / "directory" / "inclusion.yaml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Problem:
    """`left`: the row is not taken for it; otherwise the field alone was kept aside."""

    field: str
    sentence: str
    left: bool = False


@dataclass
class Owner:
    """The structure of a service, as it is here when the row is read."""

    pk: int
    name: str
    commune: Commune
    hidden: bool


@dataclass
class Reading:
    """A row understood. `columns` are those that it says; `said` the names of its fields."""

    number: int
    id: str = ""
    owner: Owner | None = None
    columns: dict[str, Any] = field(default_factory=dict)
    commune: Commune | None = None
    zones: list[int] = field(default_factory=list)
    closures: list[Any] | None = None
    doors: Doors | None = None  # None: the row says nothing of them
    kept: dict[str, Any] = field(default_factory=dict)
    said: set[str] = field(default_factory=set)
    received: str = ""
    problems: list[Problem] = field(default_factory=list)

    @property
    def taken(self) -> bool:
        return not any(problem.left for problem in self.problems)

    def leave(self, name: str, sentence: str) -> None:
        self.problems.append(Problem(name, sentence, left=True))

    def aside(self, name: str, sentence: str) -> None:
        self.problems.append(Problem(name, sentence))


def nothing(value: Any) -> bool:
    return value is None or value == "" or value == []


def read(number: int, row: Any, kind: str, places: Places, owners: Mapping[str, Owner], source: str) -> Reading:
    """`owners`: structures of the source by their id, for a service. Never raises for what a row may hold."""
    reading = Reading(number)
    if not isinstance(row, dict):
        reading.leave("", _("L’enregistrement n’est pas un objet."))
        return reading
    if None in row or "" in row:
        reading.leave("", _("La ligne a plus de cases que de colonnes, ou une colonne sans nom."))
        return reading
    try:
        written = _written(row)
    except UnicodeEncodeError:
        written = b"\\u0000"
    if b"\\u0000" in written:
        reading.leave("", _("L’enregistrement contient un caractère qui ne s’écrit pas."))
        return reading
    reading.received = _print_of(written)
    reading.said = set(row)
    _identify(reading, row, kind, owners, source)
    if not reading.taken:
        return reading
    for spec in FIELDS[kind]:
        if spec.name not in APART:
            _take(reading, spec, row)
    _place(reading, row, places)
    if kind == SERVICES:
        _kind(reading)
        _serve(reading, row, places)
        _open(reading, row, places)
    _close(reading, row)
    for name, value in row.items():
        if name not in _names(kind) and not nothing(value):
            reading.kept[name] = value
    return reading


def _written(row: Mapping[str, Any]) -> bytes:
    return json.dumps(row, ensure_ascii=False, sort_keys=True).encode()


def _print_of(written: bytes) -> str:
    """Under a key that the database does not hold: whoever has a dump cannot try addresses one after the other."""
    return salted_hmac("prevenance.directory.received", written, algorithm="sha256").hexdigest()[:32]


@cache
def _names(kind: str) -> frozenset[str]:
    return frozenset(spec.name for spec in FIELDS[kind])


def _identify(reading: Reading, row: dict[str, Any], kind: str, owners: Mapping[str, Owner], source: str) -> None:
    for name in ("source", "id", *(["structure_id"] if kind == SERVICES else [])):
        value = row.get(name)
        if not isinstance(value, str) or not value.strip():
            reading.leave(name, _("Ce champ est obligatoire."))
        elif len(value) > 250:
            reading.leave(name, _("Cet identifiant dépasse 250 caractères."))
    reading.id = str(row.get("id") or "")[:250]
    if not reading.taken:
        return
    if row["source"] != source:
        reading.leave("source", _("La ligne est d’une autre source que « %(source)s ».") % {"source": source})
    elif not reading.id.startswith(f"{source}--"):
        reading.leave("id", _("L’identifiant doit commencer par « %(source)s-- ».") % {"source": source})
    elif kind == SERVICES:
        reading.owner = owners.get(row["structure_id"])
        if reading.owner is None:
            reading.leave("structure_id", _("Aucune structure de cette source n’a cet identifiant."))


def _take(reading: Reading, spec: Field, row: dict[str, Any]) -> None:
    raw = row.get(spec.name)
    if nothing(raw):
        if spec.required:
            reading.leave(spec.name, _("Ce champ est obligatoire."))
        elif spec.name in row or not spec.name.startswith(PREFIX):
            reading.columns[spec.column] = spec.empty
        return
    try:
        value = spec.read(raw)
    except Wrong as wrong:
        if spec.required:
            reading.leave(spec.name, _("Ligne laissée : %(why)s.") % {"why": wrong})
            return
        reading.aside(spec.name, _("Laissé de côté : %(why)s.") % {"why": wrong})
        value = spec.empty
    reading.columns[spec.column] = value
    if spec.write(value) != raw:
        reading.kept[spec.name] = raw


def _place(reading: Reading, row: dict[str, Any], places: Places) -> None:
    """Where it is: by its code, else by its commune's name and postal code, else where its structure is."""
    code, name = row.get("code_insee"), row.get("commune")
    found = None if nothing(code) else places.by_code(str(code))
    if found is None and not nothing(code):
        reading.aside("code_insee", _("Aucune commune n’a ce code : le nom et le code postal ont servi."))
    if found is None and isinstance(name, str) and name.strip():
        found = places.by_name(name, str(row.get("code_postal") or ""))
    if found is None and reading.owner is not None:
        found = reading.owner.commune
    if found is None:
        reading.leave(
            "code_insee", _("La commune n’est pas trouvée : donnez son code Insee, ou son nom et son code postal.")
        )
        return
    reading.commune = found
    for field_name, raw, ours in (("code_insee", code, found.code), ("commune", name, found.name)):
        if raw != ours:
            reading.kept[field_name] = None if nothing(raw) else raw
            reading.kept[AT] = found.code
    if (reading.columns.get("longitude") is None) != (reading.columns.get("latitude") is None):
        for one in ("longitude", "latitude"):
            reading.columns[one] = None
            if not nothing(row.get(one)):
                reading.kept[one] = row[one]
        if not {problem.field for problem in reading.problems} & {"longitude", "latitude"}:
            reading.aside("longitude", _("Laissé de côté : il manque l’une des deux coordonnées."))


def _kind(reading: Reading) -> None:
    """What the service is, when the row does not say it; a shelter is known by its themes."""
    if reading.columns.get("kind"):
        return
    reading.columns.pop("kind", None)
    themes = reading.columns["themes"]
    if any(set(shelter) <= set(themes) for shelter in choices()["shelters"]):
        reading.columns["kind"] = "shelter"
        return
    known = choices()["kind_of_theme"]
    reading.columns["kind"] = next((known[theme] for theme in themes if theme in known), "other")


def _serve(reading: Reading, row: dict[str, Any], places: Places) -> None:
    raw = row.get("zone_eligibilite")
    if not isinstance(raw, list | None):
        reading.aside("zone_eligibilite", _("Laissé de côté : ce n’est pas une liste."))
    codes = [str(code) for code in raw] if isinstance(raw, list) else []
    unknown = [code for code in codes if places.zone(code) is None]
    if unknown:
        reading.aside(
            "zone_eligibilite",
            _("Aucun territoire n’a ces codes, qui sont laissés de côté : %(codes)s.")
            % {"codes": ", ".join(code[:9] for code in unknown[:5])},
        )
    zones = [zone for zone in map(places.zone, codes) if zone is not None]
    if not zones and reading.commune is not None:
        zones = [places.around(reading.commune, choices()["zone_unsaid"])]
    reading.zones = list(dict.fromkeys(zones))
    ours = places.codes(reading.zones)
    if raw != ours:
        reading.kept["zone_eligibilite"] = None if nothing(raw) else raw
        reading.kept[FOR] = ours


def _close(reading: Reading, row: dict[str, Any]) -> None:
    name = PREFIX + "fermetures"
    if name not in row:
        return
    spec = next(spec for spec in FIELDS[SERVICES] if spec.name == name)
    try:
        reading.closures = [] if nothing(row[name]) else spec.read(row[name])
    except Wrong as wrong:
        reading.kept[name] = row[name]
        reading.aside(name, _("Laissé de côté : %(why)s.") % {"why": wrong})


def _open(reading: Reading, row: dict[str, Any], places: Places) -> None:
    """Its other places; what is wrong with them is said by `settle_doors`."""
    raw = row.get(DOORS)
    if raw is None or raw == "":
        return
    owner_hides = reading.owner is not None and reading.owner.hidden
    if not isinstance(raw, list) or len(raw) > MOST:
        if not owner_hides and not isinstance(raw, list):
            reading.kept[DOORS] = raw
        reading.aside(
            DOORS,
            _("Laissé de côté : ce n’est pas une liste de lieux, de %(most)d au plus. Donnez un objet pour chacun.")
            % {"most": MOST},
        )
        return
    reading.doors = read_doors(raw, places, owner_hides=owner_hides)


def settle_doors(reading: Reading, row: Mapping[str, Any], around: Mapping[int, Collection[int]]) -> None:
    """Say which of its places are not taken, and keep them as they came. `around`: what their communes lie in."""
    if reading.doors is None:
        return
    refuse_unserved(reading.doors, row[DOORS], around, reading.zones)
    for sentence in reading.doors.sentences:
        reading.aside(DOORS, sentence)
    if reading.doors.back:
        reading.kept[DOORS] = [raw for _number, raw in sorted(reading.doors.back.items())]


def ages_refused(columns: Mapping[str, Any]) -> bool:
    low, high = columns.get("age_from"), columns.get("age_to")
    return low is not None and high is not None and high < low


# ------------------------------------------------------------------------------------------------ hidden places


def is_hidden(reading: Reading, before: bool, kind: str) -> bool:
    """Whether the place protects people: it was so before, the row says so, its kind is such, or its structure is
    hidden and the row does not say that this place is not. What was hidden once is not shown again by a file."""
    said = reading.columns.get("address_hidden")
    known = kinds().get(kind)
    by_owner = reading.owner is not None and reading.owner.hidden and said is not True and not _denied(reading)
    return bool(before or said or by_owner or (known is not None and known.secret))


def _denied(reading: Reading) -> bool:
    return PREFIX + "adresse_masquee" in reading.said and reading.columns.get("address_hidden") is False


def hide(reading: Reading, row: dict[str, Any], empty: Mapping[str, Any], *, structure: bool) -> None:
    """Forget all that says where it is, saying that it was; leave the row when a text says it too."""
    where, known = WHERE_A_STRUCTURE if structure else WHERE, _names("structures" if structure else SERVICES)
    said = [name for name in row if name in where - {DOORS} and not nothing(row[name])]
    unknown = [name for name in row if name not in known]
    texts = [str(row[name]) for name in TOLD if not nothing(row.get(name))]
    try:
        check_place_not_told(True, str(row.get("adresse") or ""), texts)
    except Refused:
        reading.leave("description", _("L’adresse à tenir secrète est écrite aussi dans un texte : retirez-la de là."))
    if said:
        reading.aside(min(said), _("Lieu qui protège des personnes : ce qui dit où il est n’est pas gardé."))
    if not structure and not nothing(row.get(DOORS)):
        reading.problems = [problem for problem in reading.problems if problem.field != DOORS]
        reading.aside(
            DOORS,
            _("L’adresse de ce service est tenue secrète : ses autres lieux d’accueil ne s’inscrivent pas, ôtez-les."),
        )
    if any(not nothing(row[name]) for name in unknown):
        reading.aside("", _("Lieu qui protège des personnes : les champs inconnus ne sont pas gardés."))
    reading.columns |= {**empty, "address_hidden": True}
    reading.kept, reading.doors = {}, None
    # Not even a print of where it is.
    reading.received = _print_of(_written({name: row[name] for name in row if name in known and name not in where}))
