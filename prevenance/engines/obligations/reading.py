"""Reading of the law from plain data (what a YAML file gives), with every field checked; nothing is opened here."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any, cast

from prevenance.engines.obligations.law import (
    EFFECTS,
    KINDS,
    AllOf,
    Always,
    AnyOf,
    Asks,
    Condition,
    Declared,
    Intercommunal,
    Kind,
    Known,
    LawError,
    Member,
    MoreThan,
    Place,
    Population,
    Record,
)

FIELDS = {
    "rule": str, "rank": int, "article": str, "title": str, "text": str, "valid_from": datetime.date,
    "valid_to": (datetime.date, type(None)), "kinds": list, "places": list, "effect": str, "condition": dict,
    "unless": dict, "unsure": dict, "doubt": dict, "population": dict, "asks": dict, "missing": str, "source": dict,
    "note": str,
}  # fmt: skip
OPTIONAL = {"condition", "unless", "unsure", "doubt", "population", "missing", "note"}


def records_from(rows: Iterable[Any], origin: str) -> tuple[Record, ...]:
    """Records of one file. Raises LawError naming `origin`, the position of the record (from 1) and the fault."""
    records = []
    for position, row in enumerate(rows, start=1):
        try:
            records.append(_record(row))
        except LawError as fault:
            raise LawError(f"{origin}, record {position}: {fault}") from None
    return tuple(records)


def places_from(rows: Iterable[Any], origin: str) -> tuple[Place, ...]:
    """Places of one file. Raises LawError for a missing or an unknown field, or a key met twice."""
    places: list[Place] = []
    for row in rows:
        fields = _fields(
            row,
            {
                "key": str,
                "name": str,
                "locative": str,
                "codes": list,
                "departements": list,
                "zones": list,
            },
            {"codes", "departements", "zones"},
        )
        if any(place.key == fields["key"] for place in places):
            raise LawError(f"{origin}: place {fields['key']} met twice")
        lists = {name: frozenset(_words(fields.get(name, []), name)) for name in ("codes", "departements", "zones")}
        places.append(
            Place(
                key=fields["key"],
                name=fields["name"],
                locative=fields["locative"],
                **lists,
            )
        )
    return tuple(places)


def _record(row: Any) -> Record:
    fields = _fields(row, FIELDS, OPTIONAL)
    if fields["valid_to"] is not None and fields["valid_to"] < fields["valid_from"]:
        raise LawError("valid_to comes before valid_from")
    if fields["effect"] not in EFFECTS:
        raise LawError(f"effect must be one of {', '.join(EFFECTS)}")
    kinds = frozenset(_words(fields["kinds"], "kinds"))
    if not kinds or kinds - set(KINDS):
        raise LawError(f"kinds must be among {', '.join(KINDS)}")
    places = frozenset(_words(fields["places"], "places"))
    if not places:
        raise LawError("places is empty")
    missing = fields.get("missing", "")
    if (fields["effect"] == "unknown" or {"unsure", "doubt"} & fields.keys()) and not missing:
        raise LawError("missing must say which fact or text is missing")
    population = _population(fields["population"]) if "population" in fields else None
    source = _fields(fields["source"], {"publication": str, "consulted": datetime.date}, set())
    return Record(
        rule=fields["rule"],
        rank=fields["rank"],
        article=fields["article"],
        title=fields["title"],
        text=fields["text"],
        valid_from=fields["valid_from"],
        valid_to=fields["valid_to"],
        kinds=cast(frozenset[Kind], kinds),
        places=places,
        effect=fields["effect"],
        condition=_condition(fields.get("condition", {"always": True}), population),
        unless=_optional(fields.get("unless"), population),
        unsure=_optional(fields.get("unsure"), population),
        doubt=_optional(fields.get("doubt"), population),
        asks=_asks(fields["asks"]),
        missing=missing,
        population=population,
        source=source["publication"],
        consulted=source["consulted"],
        note=fields.get("note", ""),
    )


def _fields(row: Any, types: Mapping[str, Any], optional: set[str]) -> dict[str, Any]:
    if not isinstance(row, Mapping):
        raise LawError("a mapping of fields is expected")
    unknown, absent = row.keys() - types.keys(), types.keys() - optional - row.keys()
    if unknown or absent:
        raise LawError(f"unknown fields {sorted(map(str, unknown))}, absent fields {sorted(absent)}")
    for name, value in row.items():
        whole = isinstance(value, bool) and types[name] is int  # in Python, True is an int
        if whole or not isinstance(value, types[name]) or value == "":
            raise LawError(f"field {name} has the wrong type or is empty: {value!r}")
    return dict(row)


def _words(values: Any, name: str) -> list[str]:
    if not all(isinstance(value, str) for value in values):
        raise LawError(f"{name} must be words: {values!r}")
    return cast(list[str], values)


def _population(row: Any) -> Population:
    fields = _fields(row, {"definition": str, "name": str, "article": str, "fallback": str}, set())
    if fields["fallback"] != "none":
        raise LawError("no other figure may replace a population: fallback must be none")
    return Population(fields["definition"], fields["name"], fields["article"])


def _condition(row: Any, population: Population | None) -> Condition:
    if not isinstance(row, Mapping) or len(row) != 1:
        raise LawError(f"a condition has one word: {row!r}")
    word, value = next(iter(row.items()))
    if word in ("any", "all"):
        if not isinstance(value, list) or len(value) < 2:
            raise LawError(f"{word} takes a list of at least two conditions")
        parts = tuple(_condition(part, population) for part in value)
        return AnyOf(parts) if word == "any" else AllOf(parts)
    if word == "more_than" and isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        if population is None:
            raise LawError("more_than needs a population")
        return MoreThan(value, population)
    if word in ("qpv", "competence", "opposition") and isinstance(value, bool):
        return Known(word, value)
    if word in ("declared", "not_declared") and isinstance(value, str):
        return Declared(value, wanted=word == "declared")
    if word == "intercommunal" and value is True:
        return Intercommunal()
    if word == "always" and value is True:
        return Always()
    raise LawError(f"condition not understood: {row!r}")


def _optional(row: Any, population: Population | None) -> Condition | None:
    return None if row is None else _condition(row, population)


def _asks(row: Any) -> Asks:
    if not isinstance(row, Mapping) or len(row) != 1:
        raise LawError(f"asks has one word: {row!r}")
    word, value = next(iter(row.items()))
    if word == "council" and isinstance(value, str):
        return Asks("council", council=value)
    if word == "coordinator" and value is True:
        return Asks("coordinator")
    if word == "plenary":
        return Asks("plenary", months=_fields(value, {"months": int}, set())["months"])
    if word == "members" and isinstance(value, list) and value:
        types = {"key": str, "title": str, "if_competence": bool}
        rows = [_fields(member, types, {"if_competence"}) for member in value]
        return Asks("members", members=tuple(Member(**member) for member in rows))
    raise LawError(f"asks not understood: {row!r}")
