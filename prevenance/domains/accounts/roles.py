"""The table of roles, read from data/accounts/roles.yaml: one readable table, no permission elsewhere."""

from dataclasses import dataclass
from functools import cache

import yaml
from django.conf import settings

TERRITORIAL = frozenset({"nation", "region", "departement", "epci", "commune"})

WHERE = frozenset({"own", "councils", "anywhere"})


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


@dataclass(frozen=True)
class Grant:
    """Which roles a role may grant, and where: "own", "councils" or "anywhere"."""

    where: str
    roles: frozenset[str]


@cache
def table() -> tuple[dict[str, str], dict[str, Role], dict[str, Grant], frozenset[str]]:
    """(sentence of each ability, role by key, grants by role, roles delegated in part).

    Raises ValueError for an unknown ability or role.
    """
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
    grants = {}
    for key, fields in data["grants"].items():
        granted = frozenset(roles if fields["roles"] == "every" else fields["roles"])
        unknown = ({key} | granted) - set(roles)
        if unknown or "manage_people" not in roles[key].abilities or fields["where"] not in WHERE:
            raise ValueError(f"grants of {key}: unknown roles {sorted(unknown)}, or a role that manages nobody")
        grants[key] = Grant(fields["where"], granted)
    delegated = frozenset(data["delegated"])
    if delegated - set(roles):
        raise ValueError(f"delegated: unknown roles {sorted(delegated - set(roles))}")
    return abilities, roles, grants, delegated


ABILITIES, ROLES, GRANTS, DELEGATED = table()


def role(key: str) -> Role:
    return ROLES[key]
