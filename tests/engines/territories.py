"""Invented territories for the roll-up: communes in départements, intercommunal bodies that may cross them, regions."""

from dataclasses import dataclass, field

from hypothesis import strategies as st

NATION = 9000


@dataclass
class Country:
    """{territory: its communes} by level; identifiers tell the level: communes below 100, départements 100…"""

    communes: list[int]
    held: dict[int, frozenset[int]] = field(default_factory=dict)
    levels: dict[int, int] = field(default_factory=dict)

    def add(self, level, groups):
        for rank, members in groups.items():
            name = level * 100 + rank
            self.held[name], self.levels[name] = frozenset(members), level

    def links(self):
        """(container, contained, partial): a territory lies in those of a higher level that share its communes."""
        order = {0: 0, 3: 1, 1: 2, 2: 3, 90: 4}  # commune, body, département, region, nation
        rows = [(name, name, False) for name in self.held]
        for outer, theirs in self.held.items():
            for inner, mine in self.held.items():
                if order[self.levels[inner]] < order[self.levels[outer]] and mine & theirs:
                    rows.append((outer, inner, not mine <= theirs))
        return rows

    def of_level(self, level):
        return sorted(name for name, found in self.levels.items() if found == level)

    def departements_of(self, name):
        return [place for place in self.of_level(1) if self.held[place] & self.held[name]]


def grouped(communes, places):
    found = {}
    for commune, place in zip(communes, places, strict=True):
        found.setdefault(place, []).append(commune)
    return found


@st.composite
def countries(draw):
    count = draw(st.integers(1, 8))
    country = Country(list(range(count)))
    country.held = {name: frozenset([name]) for name in country.communes}
    country.levels = dict.fromkeys(country.communes, 0)
    place = st.integers(0, 2)
    country.add(1, grouped(country.communes, draw(st.lists(place, min_size=count, max_size=count))))
    departements = country.of_level(1)
    regions = dict(zip(departements, draw(st.lists(st.integers(0, 1), min_size=3, max_size=3)), strict=False))
    country.add(2, grouped(country.communes, [regions[country.departements_of(name)[0]] for name in country.communes]))
    country.add(3, grouped(country.communes, draw(st.lists(place, min_size=count, max_size=count))))
    country.add(90, {0: country.communes})
    return country
