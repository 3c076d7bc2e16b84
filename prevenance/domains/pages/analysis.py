"""From counts and facts to what the national view shows."""

import datetime
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.domains.governance.analysis import load_law, neighbourhood_vintages, place
from prevenance.domains.pages.models import ExpectationCount, ExpectationReading
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
