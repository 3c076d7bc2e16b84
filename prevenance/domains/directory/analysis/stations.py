"""Registers of social workers in stations, counted by département: what each screen and paper shows of them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Subquery, TextField
from django.db.models.functions import Cast, JSONObject
from django.utils import timezone

from prevenance.core.composed import Listed, composed, prepared
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.directory.models import StationAgreement, StationFunding, StationPost, StationRegister
from prevenance.domains.directory.rules import stations as rules
from prevenance.domains.directory.rules.stations import Answer
from prevenance.domains.territories.models import Territory


@dataclass(frozen=True, slots=True)
class Agreed:
    """What a list reads of an agreement."""

    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class Funded:
    """What a list reads of a year's funding, in euros."""

    total: Decimal | None
    state: Decimal | None


@dataclass(frozen=True)
class Line:
    """A post as a list shows it. `percent`: of a full-time post; `agreement`: in force, or the last; `ending`: it ends
    soon, or has ended; `pays`: whether the State pays what is asked, the year before."""

    post: StationPost
    percent: int | None
    agreement: Agreed | None
    ending: bool
    pays: Answer
    funding: Funded | None


@dataclass(frozen=True)
class Departement:
    """Posts of a département on a day; `complete_on`: when somebody last said that all of them are inscribed."""

    place: Territory
    posts: int
    filled: int
    vacant: int
    full_time: Decimal  # of the filled posts whose hours are known
    unsaid: int  # filled posts whose hours nobody said
    ending: int
    complete_on: date | None
    answer: Answer
    pays: Counter[str]


def lines_of(posts: Sequence[StationPost], on: date) -> list[Line]:
    """Of `posts_of` or `posts_open`, in their order."""
    soon = rules.ending_before(on)
    return [line_of(post, agreements_of(post), funding_of(post), on, soon) for post in posts]


@composed
def posts_of(actor: Actor, departement: int, year: int) -> Any:
    """Every post of a département, closed ones too, by name."""
    found = StationPost.objects.visible_to(actor).filter(departement=departement).select_related("commune")
    return with_terms(found, year).order_by("sort_name", "pk")


@composed
def posts_open(actor: Actor, departements: list[int], on: date, year: int) -> Any:
    """Those of some départements that are open on a day."""
    found = StationPost.objects.visible_to(actor).open(on).filter(departement__in=departements)
    counted = ("departement", "weekly_hours", "opened_on", "vacant_since", "closed_on")
    return with_terms(found.only(*counted), year).order_by("pk")


def with_terms(posts: Any, year: int) -> Any:
    """What employs and pays each beside it: `agreements_told`, and `funding_told` of a year."""
    days = {name: name for name in ("starts_on", "ends_on")}
    agreements = StationAgreement.objects.filter(post=OuterRef("pk")).order_by("starts_on", "pk")
    euros = {name: Cast(name, TextField()) for name in ("total", "state")}  # as numbers of JSON, cents would be lost
    funding = StationFunding.objects.filter(post=OuterRef("pk"), year=year)
    return posts.annotate(
        agreements_told=ArraySubquery(agreements.values(json=JSONObject(**days))),
        funding_told=Subquery(funding.values(json=JSONObject(**euros))[:1]),
    )


def agreements_of(post: StationPost) -> list[Agreed]:
    return [
        Agreed(date.fromisoformat(told["starts_on"]), date.fromisoformat(told["ends_on"]))
        for told in post.agreements_told
    ]


def funding_of(post: StationPost) -> Funded | None:
    told = post.funding_told
    if told is None:
        return None
    return Funded(*(None if told[name] is None else Decimal(told[name]) for name in ("total", "state")))


def line_of(post: StationPost, agreements: Sequence[Agreed], funding: Funded | None, on: date, soon: date) -> Line:
    current = rules.current_agreement(agreements, on)
    return Line(
        post=post,
        percent=rules.full_time_share(post.weekly_hours, on),
        agreement=current,
        ending=current is not None and current.ends_on <= soon,
        pays=rules.state_pays(funding, on.year - 1, agreements),
        funding=funding,
    )


def departements(actor: Actor, places: Iterable[Territory], on: date) -> list[Departement]:
    """One a place, in their order, in two queries whatever their number."""
    places = list(places)
    keys = [place.pk for place in places]
    by_place: dict[int, list[Line]] = defaultdict(list)
    for line in lines_of(posts_open(actor, keys, on, on.year - 1), on):
        by_place[line.post.departement_id].append(line)
    said = StationRegister.objects.visible_to(actor).filter(departement__in=keys)
    complete = dict(said.values_list("departement", "confirmed_on"))
    return [whole(place, by_place[place.pk], complete.get(place.pk), on) for place in places]


def whole(place: Territory, lines: Sequence[Line], complete_on: date | None, on: date) -> Departement:
    """Of the lines of a département, those that are open on the day."""
    lines = [line for line in lines if open_on(line.post, on)]
    filled = [line for line in lines if line.post.vacant_since is None or line.post.vacant_since > on]
    vacant = len(lines) - len(filled)
    hours = [line.percent for line in filled if line.percent is not None]
    return Departement(
        place=place, posts=len(lines), filled=len(filled), vacant=vacant,
        full_time=Decimal(sum(hours)) / 100, unsaid=len(filled) - len(hours),
        ending=sum(line.ending for line in lines), complete_on=complete_on,
        answer=rules.enough(place.code, len(filled), vacant, complete_on, on),
        pays=Counter(line.pays.state for line in lines),
    )  # fmt: skip


def open_on(post: StationPost, on: date) -> bool:
    """As `StationPostQuerySet.open`, for one in hand."""
    return post.opened_on <= on and (post.closed_on is None or post.closed_on > on)


@prepared
@composed
def to_renew(actor: Actor, on: date, before: date) -> Any:
    """Agreements of open posts that end before a day, or have ended, without another that follows: the first to end
    first."""
    found = StationAgreement.objects.visible_to(actor).filter(ends_on__lte=before)
    later = StationAgreement.objects.filter(starts_on__gt=on).values("post")
    running = StationAgreement.objects.filter(ends_on__gt=before).values("post")
    found = found.filter(post__in=StationPost.objects.open(on).values("pk"))
    found = found.exclude(post__in=later).exclude(post__in=running).select_related("post__commune")
    return found.order_by("ends_on", "pk")


def renewals(actor: Actor, most: int) -> list[StationAgreement]:
    """Those that wait for whoever keeps the register, at most so many. One query; none for others."""
    if not actor.can("keep_stations"):
        return []
    today = timezone.localdate()
    return list(Listed(to_renew, actor, today, rules.ending_before(today))[0:most])
