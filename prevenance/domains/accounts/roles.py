"""The table of roles, read from data/accounts/roles.yaml: one readable table, no permission elsewhere."""

from dataclasses import dataclass
from functools import cache

import yaml
from django.conf import settings

TERRITORIAL = frozenset({"nation", "region", "departement", "epci", "commune"})


@dataclass(frozen=True)
class Role:
    """What a role is, where it is held and what it allows there."""

    key: str
    label: str
    description: str
    scopes: frozenset[str]
    abilities: frozenset[str]
    second_factor: bool
    nominative: bool


@cache
def table() -> tuple[dict[str, str], dict[str, Role]]:
    """(sentence of each ability, role by key). Raises ValueError for a role that names an unknown ability."""
    data = yaml.safe_load((settings.DATA / "accounts" / "roles.yaml").read_text())
    abilities: dict[str, str] = data["abilities"]
    roles = {}
    for key, fields in data["roles"].items():
        unknown = set(fields["abilities"]) - set(abilities)
        if unknown:
            raise ValueError(f"role {key}: unknown abilities {sorted(unknown)}")
        roles[key] = Role(
            key=key,
            label=fields["label"],
            description=fields["description"],
            scopes=frozenset(fields["scopes"]),
            abilities=frozenset(fields["abilities"]),
            second_factor=fields["second_factor"],
            nominative=fields["nominative"],
        )
    return abilities, roles


ABILITIES, ROLES = table()


def role(key: str) -> Role:
    return ROLES[key]
