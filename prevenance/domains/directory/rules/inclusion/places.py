"""Territories by the codes and names that files use, all of them read once: a file names thousands."""

from dataclasses import dataclass
from functools import cached_property

from prevenance.core.text import plain
from prevenance.domains.territories.models import Containment, FormerCode, PostalCode, Territory

Kind = Territory.Kind
NATION = ("france", "99100")


@dataclass(frozen=True)
class Commune:
    pk: int
    code: str
    name: str


class Places:
    """Today's territories. `within`: the territory outside which nothing is written; None for the whole country."""

    def __init__(self, within: int | None) -> None:
        existing = Territory.objects.existing()
        rows = existing.filter(kind=Kind.COMMUNE).values_list("pk", "code", "name")
        self.communes = {code: Commune(pk, code, name) for pk, code, name in rows}
        self.by_pk = {commune.pk: commune for commune in self.communes.values()}
        others = existing.exclude(kind__in=[Kind.COMMUNE, Kind.REGION]).values_list("pk", "code", "kind")
        self._zones = {code: pk for pk, code, _kind in others}
        nation = next(pk for pk, _code, kind in others if kind == Kind.NATION)
        self._zones |= dict.fromkeys(NATION, nation)
        self._codes = {pk: code for code, pk in self._zones.items()} | {nation: NATION[0]}
        self._codes |= {commune.pk: code for code, commune in self.communes.items()}
        self._around: dict[str, dict[int, int]] = {}
        self._within = within

    @cached_property
    def former(self) -> dict[str, int]:
        return dict(FormerCode.objects.values_list("code", "territory"))

    @cached_property
    def inside(self) -> set[int] | None:
        if self._within is None:
            return None
        return set(Containment.objects.filter(container_id=self._within).values_list("contained_id", flat=True))

    def allows(self, commune: Commune) -> bool:
        return self.inside is None or commune.pk in self.inside

    def by_code(self, code: str) -> Commune | None:
        """The commune of a code of today or of before; an arrondissement is its commune."""
        return self.communes.get(code) or self.by_pk.get(self.former.get(code, 0))

    @cached_property
    def _named(self) -> dict[tuple[str, str], list[int]]:
        found: dict[tuple[str, str], list[int]] = {}
        for code, pk in PostalCode.objects.values_list("code", "territory"):
            if pk in self.by_pk:
                found.setdefault((code, plain(self.by_pk[pk].name)), []).append(pk)
        return found

    def by_name(self, name: str, postcode: str) -> Commune | None:
        """The only commune of this name that has this postal code; « St » is written « Saint »."""
        words = ["saint" if word == "st" else "sainte" if word == "ste" else word for word in plain(name).split()]
        found = self._named.get((postcode, " ".join(words)), [])
        return self.by_pk[found[0]] if len(found) == 1 else None

    def zone(self, code: str) -> int | None:
        commune = self.by_code(code) if len(code) == 5 and code not in NATION else None
        return commune.pk if commune else self._zones.get(code)

    def around(self, commune: Commune, kind: str) -> int:
        """What a commune lies in, of this kind; itself when nothing does."""
        if kind not in self._around:
            found = Containment.objects.filter(container__kind=kind, contained__kind=Kind.COMMUNE)
            self._around[kind] = dict(found.order_by("-container_id").values_list("contained_id", "container_id"))
        return self._around[kind].get(commune.pk, commune.pk)

    def codes(self, zones: list[int]) -> list[str]:
        """How zones are written in a file, always in the same order."""
        return sorted(self._codes[pk] for pk in zones if pk in self._codes)
