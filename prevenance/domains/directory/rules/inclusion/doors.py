"""Other open doors of a service in a file: `prevenance_permanences`, a list in which each object is a place.

    {"lieu": "Mairie annexe", "commune": "Roanne", "code_insee": "42187", "adresse": null, "longitude": null,
     "latitude": null, "horaires": "Tu[1] 14:00-17:00; PH off", "debut": "2026-01-05", "fin": null,
     "tournee": {"nom": "Tournée du Gier", "vehicule": "minibus", "debut": "2026-01-05", "fin": null, "rang": 1}}

`commune` is there for whoever reads: `code_insee` decides. `tournee`: the place is a stop of it, of this rank; stops
whose rounds say the same are of one round. A round of which no stop is said is an object with `tournee` alone.

The list says all the places of its service: one that is not in it goes, as a closure does, whoever wrote it, and []
says that there is none. No field, null or an empty cell say nothing of places: those that are here stay. And as for the
other fields, a row that its source did not change changes nothing here, so that a place added by hand stays too.

A place that cannot be taken is said, kept beside the row and given back as it came; never one that names somebody, nor
one that would say where a place that hides is.
"""

import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from prevenance.domains.directory.models import Door, Round
from prevenance.domains.directory.rules.doors import MOST_STOPS
from prevenance.domains.directory.rules.inclusion import values
from prevenance.domains.directory.rules.inclusion.places import Places
from prevenance.domains.directory.rules.inclusion.values import Wrong
from prevenance.domains.directory.rules.rhythms import weekly_mean
from prevenance.domains.governance.rules.confidential import names_somebody

MOST = 1_000  # places of one service: beyond, a file is wrong
KEYS = {
    "lieu", "commune", "code_insee", "adresse", "longitude", "latitude", "horaires", "debut", "fin", "tournee",
}  # fmt: skip
ROUND_KEYS = {"nom", "vehicule", "debut", "fin", "rang"}
FIRST, LAST = date(1900, 1, 1), date(2100, 12, 31)


@dataclass(frozen=True)
class RoundSaid:
    name: str
    vehicle: str
    starts_on: date
    ends_on: date | None

    @classmethod
    def of(cls, round: Round) -> "RoundSaid":
        return cls(round.name, round.vehicle, round.starts_on, round.ends_on)


@dataclass(frozen=True)
class DoorSaid:
    """Columns of the row, but for its round. `weekly_hours` follows from the others."""

    place: str
    commune_id: int
    address: str
    longitude: float | None
    latitude: float | None
    hours: str
    starts_on: date
    ends_on: date | None
    round: RoundSaid | None = None
    rank: int = 0
    weekly_hours: float = field(default=0.0, compare=False)

    @classmethod
    def of(cls, door: Door) -> "DoorSaid":
        told = (door.place, door.commune_id, door.address, door.longitude, door.latitude, door.hours)
        round = RoundSaid.of(door.round) if door.round else None
        return cls(*told, door.starts_on, door.ends_on, round, door.rank, door.weekly_hours)


class NotTaken(Exception):
    """Why a place is not taken. `kept`: it is given back as it came."""

    def __init__(self, key: str, why: str, *, kept: bool = True) -> None:
        super().__init__(why)
        self.key, self.why, self.kept = key, why, kept


@dataclass
class Doors:
    """What a list says: places by their rank in it, rounds without a stop, what is given back as it came."""

    doors: dict[int, DoorSaid] = field(default_factory=dict)
    alone: list[RoundSaid] = field(default_factory=list)
    back: dict[int, Any] = field(default_factory=dict)
    sentences: list[str] = field(default_factory=list)

    @property
    def rounds(self) -> list[RoundSaid]:
        """Each once."""
        return list(dict.fromkeys([*self.alone, *(door.round for door in self.doors.values() if door.round)]))

    def refuse(self, number: int, raw: Any, refusal: NotTaken) -> None:
        self.doors.pop(number, None)
        told = {"number": number, "key": refusal.key, "why": refusal.why}
        if refusal.kept:
            self.back[number] = raw
            sentence = _("Lieu %(number)d laissé de côté, %(key)s : %(why)s. Corrigez-le et renvoyez le fichier.")
        else:
            sentence = _("Lieu %(number)d refusé et non gardé, %(key)s : %(why)s. Corrigez-le et renvoyez le fichier.")
        self.sentences.append(sentence % told)


def read_doors(raw: list[Any], places: Places, *, owner_hides: bool) -> Doors:
    """`owner_hides`: the structure is hidden, and what it says of its other places is their name and commune."""
    found, stops, ranks = Doors(), Counter[RoundSaid](), set[tuple[RoundSaid, int]]()
    for number, one in enumerate(raw, 1):
        try:
            if not isinstance(one, dict):
                raise NotTaken("lieu", _("ce n’est pas un objet"))
            door = _read(one, places, owner_hides=owner_hides)
            if door is None or isinstance(door, RoundSaid):
                found.alone += [door] if door else []
                continue
            if door.round is not None:
                if (door.round, door.rank) in ranks:
                    raise NotTaken("rang", _("un autre arrêt de cette tournée a ce rang : numérotez-les de un en un"))
                if stops[door.round] >= MOST_STOPS:
                    raise NotTaken("tournee", _("une tournée a au plus %(most)d arrêts") % {"most": MOST_STOPS})
                ranks.add((door.round, door.rank))
                stops[door.round] += 1
            found.doors[number] = door
        except NotTaken as refusal:
            # Whatever is wrong with it, nothing that a hidden structure may not say is given back.
            found.refuse(number, one, NotTaken(refusal.key, refusal.why, kept=refusal.kept and not owner_hides))
        else:
            unknown = set(one) - KEYS
            if any(one[key] not in (None, "", []) for key in unknown):
                found.sentences.append(
                    _("Lieu %(number)d : ses champs inconnus ne sont pas gardés.") % {"number": number}
                )
    return found


def refuse_unserved(
    found: Doors, raw: list[Any], around: Mapping[int, Collection[int]], zones: Collection[int]
) -> None:
    """A door is for those whom its service is for. `around`: what each commune lies in, itself too."""
    why = _("ce service n’est pas pour les habitants de cette commune : ajoutez-la à zone_eligibilite, ou ôtez ce lieu")
    for number, door in list(found.doors.items()):
        if not set(around.get(door.commune_id, ())) & set(zones):
            found.refuse(number, raw[number - 1], NotTaken("code_insee", why))


def _read(one: dict[str, Any], places: Places, *, owner_hides: bool) -> DoorSaid | RoundSaid | None:
    """Raises NotTaken."""
    round, rank = (None, 0) if _nothing(one, "tournee") else _round(one["tournee"])
    if all(_nothing(one, key) for key in KEYS - {"tournee"}):
        if round is None:
            raise NotTaken("lieu", _("rien n’y est dit : donnez au moins lieu, code_insee, horaires et debut"))
        return round
    if round is not None and rank == 0:
        raise NotTaken("rang", _("le rang de l’arrêt dans sa tournée manque"))
    place = _value(one, "lieu", values.text(150, 3), needed=True)
    address = _value(one, "adresse", values.text(200)) or ""
    if names_somebody(place) or names_somebody(address):
        raise NotTaken("lieu", _("ce texte semble désigner une personne : ôtez ce passage"), kept=False)
    commune = places.by_code(str(one.get("code_insee") or ""))
    if commune is None:
        raise NotTaken("code_insee", _("aucune commune n’a ce code : donnez le code Insee de la commune du lieu"))
    longitude = _value(one, "longitude", values.number(-180, 180))
    latitude = _value(one, "latitude", values.number(-90, 90))
    if (longitude is None) != (latitude is None):
        raise NotTaken("longitude", _("il manque l’une des deux coordonnées : donnez les deux, ou aucune"))
    if owner_hides and _says_where(one):
        why = _("l’adresse de la structure est tenue secrète : dites le lieu et la commune, sans rue ni position")
        raise NotTaken("adresse", why, kept=False)
    hours = _value(one, "horaires", _hours, needed=True)
    starts_on, ends_on = _season(one)
    mean = _mean(hours, commune.code, starts_on)
    if mean <= 0:
        raise NotTaken("horaires", _("à ces horaires, ce lieu n’ouvre jamais dans l’année : vérifiez-les"))
    return DoorSaid(place, commune.pk, address, longitude, latitude, hours, starts_on, ends_on, round, rank, mean)


def _round(raw: Any) -> tuple[RoundSaid, int]:
    """With the rank of the stop, 0 when it is not said. Raises NotTaken."""
    if not isinstance(raw, dict):
        raise NotTaken("tournee", _("ce n’est pas un objet : donnez son nom, ses jours et le rang de l’arrêt"))
    name = _value(raw, "nom", values.text(120, 3), needed=True)
    vehicle = _value(raw, "vehicule", values.text(80)) or ""
    if names_somebody(name, titles=True) or names_somebody(vehicle, titles=True):
        raise NotTaken("tournee", _("ce nom ou ce véhicule semble désigner une personne : ôtez ce passage"), kept=False)
    starts_on, ends_on = _season(raw)
    return RoundSaid(name, vehicle, starts_on, ends_on), _value(raw, "rang", values.whole(1, 32_767)) or 0


def _season(raw: dict[str, Any]) -> tuple[date, date | None]:
    starts_on, ends_on = _value(raw, "debut", _day, needed=True), _value(raw, "fin", _day)
    if ends_on is not None and ends_on < starts_on:
        raise NotTaken("fin", _("le dernier jour précède le premier : échangez-les"))
    return starts_on, ends_on


def _day(raw: Any) -> date:
    found = values.day(raw)
    if not FIRST <= found <= LAST:
        raise Wrong(_("cette date est trop lointaine"))
    return found


def _hours(raw: Any) -> str:
    values.text(300)(raw)
    try:
        return values.opening_hours(raw)
    except Wrong as wrong:
        raise Wrong(_("%(why)s : écrivez par exemple Tu 14:00-17:00; PH off") % {"why": wrong}) from wrong


@lru_cache(maxsize=20_000)
def _mean(hours: str, commune: str, first: date) -> float:
    """A year is gone through: many places of a file have the same hours, and a file is sent again."""
    return weekly_mean(hours, commune, first)


def _nothing(raw: dict[str, Any], key: str) -> bool:
    return raw.get(key) in (None, "", [])


def _says_where(raw: dict[str, Any]) -> bool:
    return not all(_nothing(raw, key) for key in ("adresse", "longitude", "latitude"))


def _value(raw: dict[str, Any], key: str, read: values.Reader, *, needed: bool = False) -> Any:
    if _nothing(raw, key):
        if needed:
            raise NotTaken(key, _("ce champ est obligatoire"))
        return None
    try:
        return read(raw[key])
    except Wrong as wrong:
        raise NotTaken(key, str(wrong)) from wrong


# ------------------------------------------------------------------------------------------------ going out


def doors_written(doors: list[Door], alone: list[Round]) -> list[dict[str, Any]]:
    """In an order that what they say decides, so that the same places are written the same. Ranks follow one another,
    and rounds that say the same are one."""
    found = [_written(door) for door in doors]
    found += [{"tournee": _round_written(RoundSaid.of(round))} for round in alone]
    found.sort(key=_order)
    last: Counter[str] = Counter()
    for one in found:
        if "lieu" in one and one["tournee"] is not None:
            key = _said(one["tournee"], "rang")
            last[key] += 1
            one["tournee"]["rang"] = last[key]
    return found


def _written(door: Door) -> dict[str, Any]:
    return {
        "lieu": door.place, "commune": door.commune.name, "code_insee": door.commune.code,
        "adresse": door.address or None, "longitude": door.longitude, "latitude": door.latitude, "horaires": door.hours,
        "debut": str(door.starts_on), "fin": door.ends_on and str(door.ends_on),
        "tournee": _round_written(RoundSaid.of(door.round)) | {"rang": door.rank} if door.round else None,
    }  # fmt: skip


def _round_written(said: RoundSaid) -> dict[str, Any]:
    return {
        "nom": said.name, "vehicule": said.vehicle or None, "debut": str(said.starts_on),
        "fin": said.ends_on and str(said.ends_on),
    }  # fmt: skip


def _order(one: dict[str, Any]) -> tuple[str, int, str]:
    round = one["tournee"] or {}
    return _said(round, "rang") if round else "", round.get("rang", 0), _said(one, "tournee")


def _said(one: dict[str, Any], but: str) -> str:
    return json.dumps({key: value for key, value in one.items() if key != but}, ensure_ascii=False, sort_keys=True)
