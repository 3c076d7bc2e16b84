"""Who looks at coverage, what a what-if may hold, and the dated parameters of both."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import yaml
from django.conf import settings
from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.directory.models import Scenario

POST = re.compile(r"(?:(\d[0-9AB]\d{3})|(-?\d{1,3}(?:\.\d{1,5})?),(-?\d{1,2}(?:\.\d{1,5})?)):(\d{1,4}(?:\.\d{1,2})?)")


@dataclass(frozen=True)
class Terms:
    """Parameters of a day: see data/coverage/screens.yaml. Minutes, hundredths, hours a week."""

    bands: tuple[int, ...]
    shares: tuple[int, ...]
    catchment: int
    decay: str
    longest: int
    hours_unsaid: float
    most_posts: int
    most_hours: int
    most_chosen: int
    seconds: float


@cache
def _records() -> list[dict[str, Any]]:
    text = (settings.DATA / "coverage" / "screens.yaml").read_text(encoding="utf-8")
    records: list[dict[str, Any]] = yaml.safe_load(text)
    return sorted(records, key=lambda record: record["from"])


def terms_on(day: date) -> Terms:
    record = next(record for record in reversed(_records()) if record["from"] <= day)
    several = ("bands", "shares")
    named = {name: record[name] for name in Terms.__dataclass_fields__ if name not in several}
    return Terms(bands=tuple(record["bands"]), shares=tuple(record["shares"]), **named)


@dataclass(frozen=True)
class Post:
    """A post that one tries: in a commune, or at a point of the map; so many hours a week."""

    hours: float
    commune: str = ""
    longitude: float = math.nan
    latitude: float = math.nan

    @property
    def word(self) -> str:
        """As an address and a scenario hold it: « 42207:14 », « 4.51234,45.43211:3.5 »."""
        where = self.commune or f"{self.longitude:.5f},{self.latitude:.5f}"
        return f"{where}:{self.hours:g}"


def post_of(word: str) -> Post:
    """The post that a word says. Raises ValueError for any other word."""
    found = POST.fullmatch(word)
    if found is None:
        raise ValueError(word)
    commune, longitude, latitude, hours = found.groups()
    if commune:
        return Post(float(hours), commune)
    east, north = float(longitude), float(latitude)
    if abs(east) > 180 or abs(north) > 90:
        raise ValueError(word)
    return Post(float(hours), longitude=east, latitude=north)


def check_can_see_coverage(actor: Actor) -> None:
    if not actor.can("see_coverage"):
        raise Refused(_("La couverture se lit à la coordination, à la mairie, à la préfecture et au niveau national."))


def check_posts(posts: Sequence[Post], terms: Terms) -> None:
    if not posts:
        raise Refused(_("Ajoutez au moins une permanence avant d’enregistrer."))
    if len(posts) > terms.most_posts:
        raise Refused(_("Un essai porte au plus sur %(most)d permanences.") % {"most": terms.most_posts})
    if any(not 0 < post.hours <= terms.most_hours for post in posts):
        raise Refused(_("Une permanence ouvre de 1 à %(most)d heures par semaine.") % {"most": terms.most_hours})


def check_can_save(name: str, posts: Sequence[Post], terms: Terms, actor: Actor) -> None:
    check_can_see_coverage(actor)
    check_posts(posts, terms)
    if Scenario.objects.filter(scope=actor.scope_id, name=name).exists():
        raise Refused(_("Un essai porte déjà ce nom : choisissez-en un autre, ou supprimez l’ancien."))


def check_can_delete(scenario: Scenario, actor: Actor) -> None:
    check_can_see_coverage(actor)
    if scenario.scope_id != actor.scope_id:
        raise Refused(_("Cet essai est à un autre périmètre : lui seul le supprime."))
