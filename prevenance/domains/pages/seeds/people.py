"""Invented people, organisations, scopes and mandates."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

import yaml
from django.conf import settings
from django.db import connection

from prevenance.core.text import sort_key
from prevenance.domains.accounts.models import Mandate, Organisation, Person, Scope
from prevenance.domains.pages.seeds.loading import Loader, Shape
from prevenance.domains.territories.models import Territory

PERSON = Shape(
    Person, "id password email given_name family_name sort_name phone is_active created_at"
)  # fmt: skip
ORGANISATION = Shape(Organisation, "id name sort_name kind")
SCOPE = Shape(Scope, "id kind territory label holder")
MANDATE = Shape(Mandate, "id person role scope organisation valid_from act created_at")

NO_PASSWORD = "!demonstration"  # noqa: S105  (begins with "!": no password opens the account)
# An EPT is chaired like an EPCI: mandates bear on it under that kind.
SCOPE_KINDS = {Territory.Kind.EPT.value: Scope.Kind.EPCI.value}
BEFORE_VOWEL = "aeiouyhàâéèêëîïôûœ"


@cache
def data(name: str) -> Any:
    """Content of data/demonstration/NAME.yaml."""
    return yaml.safe_load((settings.DATA / "demonstration" / f"{name}.yaml").read_text())


def of(name: str) -> str:
    """A place's name with its preposition: « du Coteau », « d’Unieux », « des Monts du Lyonnais »."""
    for title in ("CC ", "CA ", "CU "):
        name = name.removeprefix(title)
    for article, contracted in (("Le ", "du "), ("Les ", "des "), ("La ", "de La "), ("L'", "de L’"), ("L’", "de L’")):
        if name.startswith(article):
            return contracted + name[len(article) :]
    first = name.split(" ")[0].lower()
    if first in ("de", "du", "des", "la", "les", "le") or first.startswith(("d'", "d’", "l'", "l’")):
        return name if first.startswith("d") else f"de {name}"
    return f"d’{name}" if name[0].lower() in BEFORE_VOWEL else f"de {name}"


@dataclass(frozen=True)
class Place:
    """A territory, and the département to which its councils belong first."""

    pk: int
    kind: str
    code: str
    name: str
    departement: int
    departement_name: str
    epci: int | None

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.code}"

    @property
    def words(self) -> dict[str, str]:
        return {"place": self.name, "of": of(self.name), "departement": self.departement_name}


PLACES = """
SELECT t.id, t.kind, t.code, t.name, d.id, d.name, e.id
FROM territories_territory t
LEFT JOIN LATERAL (
    SELECT o.id, o.name FROM territories_containment c
    JOIN territories_territory o ON o.id = c.container_id AND o.kind = 'departement'
    WHERE c.contained_id = t.id ORDER BY o.code LIMIT 1
) d ON true
LEFT JOIN LATERAL (
    SELECT o.id FROM territories_containment c
    JOIN territories_territory o ON o.id = c.container_id AND o.kind = 'epci'
    WHERE c.contained_id = t.id AND t.kind = 'commune' LIMIT 1
) e ON true
WHERE t.until IS NULL AND {condition}
ORDER BY t.weight DESC, t.id
"""


def places(condition: str = "true", values: Iterable[Any] = ()) -> list[Place]:
    """Territories that exist today, the most populated first."""
    with connection.cursor() as cursor:
        cursor.execute(PLACES.format(condition=condition), list(values))
        return [
            Place(pk, kind, code, name, d or 0, d_name or "", epci) for pk, kind, code, name, d, d_name, epci in cursor
        ]


@dataclass
class People:
    """Who was invented so far, and where they hold mandates."""

    loader: Loader
    scopes: dict[tuple[str, int | None], int] = field(default_factory=dict)
    organisations: dict[str, int] = field(default_factory=dict)
    chairs: dict[int, int] = field(default_factory=dict)  # territory -> mayor or president
    shared: dict[tuple[str, int], int] = field(default_factory=dict)  # (seat, département) -> person
    count: int = 0
    last: int = 0  # identifier of the last person

    def name(self) -> tuple[str, str]:
        names, chance = data("people"), self.loader.chance
        first, second = chance.choice(names["family"]), chance.choice(names["family"])
        return chance.choice(names["given"]), first if first == second else f"{first}-{second}"

    def person(self, given: str = "", family: str = "", email: str = "") -> int:
        """A new person; invented whole unless told. Nobody can sign in by password."""
        if not given:
            given, family = self.name()
        self.count += 1
        pk = self.last = self.loader.new_id(Person)
        phone = f"01 99 00 {self.count // 100 % 100:02d} {self.count % 100:02d}"  # 01 99 00 is kept for fiction
        email = email or f"personne.{pk}@demonstration.invalid"
        self.loader.add(
            PERSON, pk, NO_PASSWORD, email, given, family, sort_key(family, given), phone, True, self.loader.now
        )
        return pk

    def organisation(self, name: str, kind: str) -> int:
        name = name[:160]
        if name not in self.organisations:
            self.organisations[name] = self.loader.new_id(Organisation)
            self.loader.add(ORGANISATION, self.organisations[name], name, sort_key(name), kind)
        return self.organisations[name]

    def scope(self, kind: str, territory: int | None, label: str) -> int:
        """The scope of a territory (one each) or of the platform."""
        key = (SCOPE_KINDS.get(kind, kind), territory)
        if key not in self.scopes:
            self.scopes[key] = self.new_scope(*key, label)
        return self.scopes[key]

    def new_scope(self, kind: str, territory: int | None, label: str, holder: int | None = None) -> int:
        """A scope of its own; a council's or a body's is held by another."""
        pk = self.loader.new_id(Scope)
        self.loader.add(SCOPE, pk, kind, territory, label[:200], holder)
        return pk

    def mandate(self, person: int, role: str, scope: int, since: date, organisation: int | None = None) -> int:
        pk = self.loader.new_id(Mandate)
        act = "Délibération inventée" if role in ("mayor", "epci_president") else "Lettre de mission inventée"
        self.loader.add(MANDATE, pk, person, role, scope, organisation, since, act, self.loader.now)
        return pk

    def chair(self, place: Place, person: int | None = None) -> int:
        """Who presides over a territory: one mayor a commune, one president an EPCI."""
        if place.pk not in self.chairs:
            role = "mayor" if place.kind == "commune" else "epci_president"
            self.chairs[place.pk] = person or self.person()
            if person is None:
                scope = self.scope(place.kind, place.pk, place.name)
                self.mandate(self.chairs[place.pk], role, scope, self.loader.days(-1500))
        return self.chairs[place.pk]
