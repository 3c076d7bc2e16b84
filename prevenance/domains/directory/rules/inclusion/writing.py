"""Our rows as data.inclusion writes them. What came with a row goes back with it, unless it was changed here since."""

from typing import Any

from prevenance.domains.directory.models import Service, Structure, kinds
from prevenance.domains.directory.rules.inclusion.fields import (
    BY_NAME,
    DOORS,
    FIELDS,
    PREFIX,
    SERVICES,
    STRUCTURES,
    Field,
)
from prevenance.domains.directory.rules.inclusion.reading import APART, AT, FOR, nothing
from prevenance.domains.directory.rules.inclusion.values import Wrong, closures_written

OURS = "prevenance"  # the source of what is inscribed here


def identifier(row: Structure | Service) -> str:
    return row.source_id or f"{OURS}--{row.key}"


def structure_record(structure: Structure, closures: list[Any]) -> dict[str, Any]:
    return _record(STRUCTURES, structure, closures)


def service_record(
    service: Service, zones: list[str], closures: list[Any], doors: list[dict[str, Any]]
) -> dict[str, Any]:
    """`zones`: codes of whom it is for, in the order of `Places.codes`. `doors`: its other places, as written."""
    record = _record(SERVICES, service, closures)
    record["structure_id"] = identifier(service.structure)
    if not service.source and not service.themes and service.kind in kinds():
        record["thematiques"] = list(kinds()[service.kind].themes) or None
    record["zone_eligibilite"] = service.kept["zone_eligibilite"] if service.kept.get(FOR) == zones else zones
    record[DOORS] = _with_what_came(doors, service.kept.get(DOORS)) if not service.address_hidden else []
    return record


def _with_what_came(doors: list[dict[str, Any]], came: Any) -> Any:
    """Places that could not be taken go back after those that are here."""
    if isinstance(came, list):
        return doors + came
    return doors if doors or nothing(came) else came


def _record(kind: str, row: Any, closures: list[Any]) -> dict[str, Any]:
    known, kept = BY_NAME[kind], row.kept
    record = {spec.name: None if spec.name in APART else spec.write(getattr(row, spec.column)) for spec in FIELDS[kind]}
    there = kept.get(AT) == row.commune.code
    record |= {
        "source": row.source or OURS, "id": identifier(row), PREFIX + "fermetures": closures_written(closures),
        "commune": kept["commune"] if there and "commune" in kept else row.commune.name,
        "code_insee": kept["code_insee"] if there and "code_insee" in kept else row.commune.code,
    }  # fmt: skip
    for name, raw in kept.items():
        if name in (AT, FOR) or (name in APART and name in known and name != PREFIX + "fermetures"):
            continue
        spec = known.get(name)
        if spec is None or (not closures if name in APART else _still(spec, raw, getattr(row, spec.column))):
            record[name] = raw
    return record


def _still(spec: Field, raw: Any, value: Any) -> bool:
    """Whether what came says what the column holds, or nobody has said anything else since."""
    if value == spec.empty:
        return True
    try:
        return not nothing(raw) and bool(spec.read(raw) == value)
    except Wrong:
        return False
