"""From counts and facts to what the national view shows."""

import datetime
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from django.conf import settings
from django.db import connection, models
from django.db.models import Sum
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from prevenance.core.composed import composed
from prevenance.core.dates import quarter_after
from prevenance.domains.directory.analysis.orientations import ByNeed
from prevenance.domains.governance.analysis import load_law, neighbourhood_vintages, place
from prevenance.domains.pages.models import ExpectationCount, ExpectationReading, UnansweredSearch
from prevenance.domains.territories.models import Containment, ReferenceImport, Territory
from prevenance.engines.obligations import Answer

# For France the words are those of declarations: what is counted is what was declared here, nothing else.
WORDS = {
    Answer.MET: _("déclaré"),
    Answer.NOT_DECLARED: _("non déclaré ici"),
    Answer.NOT_REQUIRED: _("non requis"),
    Answer.CANNOT_TELL: _("impossible à dire"),
}
READING_LOCK = 7_300_101  # any number of our own: PostgreSQL's advisory locks are told apart by it
LISTED_ZONES = (Territory.Zone.METROPOLE, Territory.Zone.DROM)


@dataclass
class Line:
    """A département, its region and its communes by answer."""

    code: str
    name: str
    sort_name: str
    region: str = ""
    region_name: str = ""
    counts: dict[Answer, int] = field(default_factory=lambda: dict.fromkeys(Answer, 0))

    @property
    def communes(self) -> int:
        return sum(self.counts.values())


# --- Counts of France -----------------------------------------------------------------------------------------------


@cache
def _state_of_law() -> str:
    files = sorted((settings.DATA / "law").glob("*.yaml"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def state_of_references() -> str:
    """A fingerprint that changes with the reference lists loaded and with the records of the law."""
    lists = ReferenceImport.objects.order_by("kind", "vintage").values_list("kind", "vintage", "zones", "digest")
    return hashlib.sha256(repr((list(lists), _state_of_law())).encode()).hexdigest()


def kept_reading(on: datetime.date) -> ExpectationReading | None:
    """The reading to show for a day; None when France has to be counted.

    Then nobody else counts until the end of the transaction: ten visitors of midnight cost one count, not ten.
    """
    found = _kept(on)
    if found is None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [READING_LOCK])
        found = _kept(on)
    return found


def _kept(on: datetime.date) -> ExpectationReading | None:
    found = ExpectationReading.objects.filter(day=on, state=state_of_references()).first()
    return found if found and timezone.localdate(found.computed_at) == timezone.localdate() else None


def lines_of(reading: ExpectationReading, rule: str) -> list[Line]:
    """Every département counted, by name, in two queries."""
    lines: dict[int, Line] = {}
    rows = ExpectationCount.objects.filter(reading=reading, rule=rule).order_by("departement__sort_name")
    columns = ("departement_id", "departement__code", "departement__name", "departement__sort_name")
    for pk, code, name, sort_name, answer, communes in rows.values_list(*columns, "answer", "communes"):
        lines.setdefault(pk, Line(code, name, sort_name)).counts[Answer(answer)] = communes
    links = Containment.objects.filter(container__kind="region", contained__kind="departement", contained__in=lines)
    for pk, code, name in links.values_list("contained_id", "container__code", "container__name"):
        lines[pk].region, lines[pk].region_name = code, name
    return list(lines.values())


def ranges(numbers: Sequence[int], at_most: int = 4) -> list[tuple[int, int]]:
    """(lowest, highest) of groups that hold about as many numbers each, at most so many besides that of zero."""
    above = sorted(number for number in numbers if number)
    ends = sorted({above[len(above) * part // at_most - 1] for part in range(1, at_most + 1)}) if above else []
    lows = [above[0], *(end + 1 for end in ends)] if above else []
    return [(0, 0)] * (len(above) < len(numbers)) + list(zip(lows, ends, strict=False))


def lists_missing(on: datetime.date) -> list[str]:
    """Where the list of priority neighbourhoods in force on the day was not loaded, in words; empty when it was."""
    loaded = neighbourhood_vintages(on)
    return [str(zone.label) for zone in LISTED_ZONES if zone not in loaded]


def rules_on(on: datetime.date) -> dict[str, str]:
    """{rule: title} of what the texts say of communes, as worded for the mainland on the day."""
    mainland = place("", "", Territory.Zone.METROPOLE)
    found = load_law().in_force("commune", mainland, on)
    return {rule.rule: (rule.record or rule.nearest).title for rule in found}


# --- Finding help ---------------------------------------------------------------------------------------------------


def state_of_communes() -> str:
    """What communes are read from: changes when other lists are loaded."""
    return ReferenceImport.objects.state_of_territories()


@lru_cache(maxsize=2)
def communes_points(state: str) -> bytes:
    """Every commune of `state`: codes, names, and points in thousandths of a degree (longitude, latitude, …)."""
    found = Territory.objects.existing().filter(kind="commune", longitude__isnull=False).order_by("code")
    rows = list(found.values_list("code", "name", "longitude", "latitude"))
    points = [round(degrees * 1000) for _code, _name, x, y in rows for degrees in (x, y)]
    said = {"codes": [row[0] for row in rows], "names": [row[1] for row in rows], "points": points}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def help_map(commune: Territory, around: Mapping[int, str], found: Iterable[Any]) -> dict[str, Any]:
    """Outlines of the communes around one, in the page itself (an address would say which), and services on them.

    A service known by its commune only is not put on the map: its point would be taken for a door.
    """
    # Every territory contains itself: its own outline is there where it has no intercommunality.
    near = [commune.pk, *(pk for pk, kind in around.items() if kind in ("ept", "epci"))]
    # Outlines are texts of numbers: read and written again, they cost more than the rest of the page.
    pieces = {
        code: f'{{"type":"Feature","properties":{_in_page({"c": code, "n": name, "k": "commune", "z": zone})},'
        f'"geometry":{geometry}}}'
        for code, name, zone, geometry in outlines_in(near)
    }
    points: dict[tuple[float, float], dict[str, Any]] = {}
    for one in found:
        if not one.near.own or one.service.address_hidden:
            continue
        x, y = one.point
        place = points.setdefault((x, y), {"x": x, "y": y, "names": [], "to": one.anchor})
        place["names"].append(one.service.name)
    outlines = '{"type":"FeatureCollection","features":[' + ",\n".join(pieces.values()) + "]}"
    return {"pieces": mark_safe(outlines), "points": list(points.values())}  # noqa: S308  (names escaped by _in_page)


@composed
def outlines_in(around: list[int]) -> Any:
    """(code, name, zone, geometry) of the communes inside territories."""
    inside = Containment.objects.filter(container__in=around).values("contained").order_by()
    rows = Territory.objects.existing().filter(pk__in=inside, kind="commune", contour__isnull=False).order_by("code")
    return rows.values_list("code", "name", "zone", "contour__geometry")


def _in_page(said: dict[str, str]) -> str:
    """JSON that may lie in a script element, as `json_script` writes it."""
    text = json.dumps(said, ensure_ascii=False)
    return text.replace("<", "\\u003C").replace(">", "\\u003E").replace("&", "\\u0026")


def unanswered(departement: Territory, quarter: datetime.date, least: int) -> list[ByNeed]:
    """Searches by need, for the one grain that is ever shown: a département and a quarter. No other sum is given, since
    what is hidden would be found by difference."""
    rows = UnansweredSearch.objects.filter(
        month__gte=quarter, month__lt=quarter_after(quarter), commune__containers__container=departement
    )
    counted = rows.values("need", "commune__code", "commune__name", "commune__sort_name").annotate(
        total=Sum("searches")
    )
    by_need: dict[str, list[tuple[str, str, int]]] = {}
    for row in counted.order_by("need", "-total", "commune__sort_name"):
        by_need.setdefault(row["need"], []).append((row["commune__code"], row["commune__name"], row["total"]))
    found = []
    for need, communes in by_need.items():
        others = sum(total for *_commune, total in communes if total < least)
        named = [commune for commune in communes if commune[2] >= least]
        found.append(ByNeed(need, named, others if others >= least else 0, 0 < others < least))
    return found


def searches_due(before: datetime.date) -> models.QuerySet[UnansweredSearch]:
    return UnansweredSearch.objects.filter(month__lt=before)
