"""Functions whose rows depend on more than where their values go: each is refused, and finds what Django finds.

Every one is asked for several values in turn, so that what was put together for the first is used for the others.
"""

import datetime as dt

import pytest
import time_machine
from django.db.models import Count, F, Prefetch, Q, Value
from django.utils import timezone

from prevenance.core.composed import Listed, composed
from prevenance.core.stand_ins import Unfit
from prevenance.domains.accounts.acting import ANYBODY, Actor
from prevenance.domains.accounts.models import Mandate, Person, Scope
from prevenance.domains.governance.models import AgendaItem, Body, Council, Meeting
from tests.factories import CouncilFactory, MeetingFactory, actor, coordinator_of, scope_of, territory

TODAY = timezone.localdate()
DAY = dt.timedelta(days=1)

pytestmark = pytest.mark.django_db


def asked_in_turn(query, *values, **options):
    """Whether every answer is Django's; Unfit where one was refused."""
    held = composed(query)
    return [held(*each, **options) == list(query(*each, **options)) for each in values]


@pytest.fixture
def refused(settings):
    """Refused where queries are checked; elsewhere, and asked of Django each time, nothing else is ever found."""

    def both(query, *values, **options):
        settings.QUERIES_CHECKED = True
        with pytest.raises(Unfit):
            asked_in_turn(query, *values, **options)
        settings.QUERIES_CHECKED = False
        assert all(asked_in_turn(query, *values, **options))

    return both


@pytest.fixture
def people():
    council = CouncilFactory()
    return [coordinator_of(council).person_id for _index in range(3)]


def meeting_with_a_point():
    meeting = MeetingFactory(body=CouncilFactory(territory=territory("commune", "42187")).bodies.get())
    AgendaItem.objects.create(meeting=meeting, position=1, title="Bilan", minutes=20)
    AgendaItem.objects.create(meeting=meeting, position=2, title="Sans durée")


def those(numbers):
    return Person.objects.filter(pk__in=numbers).order_by("pk")


def someone(number):
    return Person.objects.filter(pk=number)


NUMBER_TRAPS = {
    "truth": lambda number: someone(number) if number else Person.objects.order_by("pk"),
    "negation": lambda number: Person.objects.order_by("pk") if not number else someone(number),
    "equal to a literal": lambda number: someone(number) if number != 0 else Person.objects.order_by("pk"),
    "greater": lambda number: someone(number) if number > 0 else Person.objects.order_by("pk"),
    "in a list": lambda number: Person.objects.order_by("pk") if number in [0, 1] else someone(number),
    "in a set": lambda number: Person.objects.order_by("pk") if number in {0, 1} else someone(number),
    "key of a dictionary": lambda number: someone({0: 1}.get(number, number)),
    "parity": lambda number: someone(number).order_by("pk" if number % 2 else "-pk"),
    "size": lambda number: someone(number).order_by("pk" if number.bit_length() > 8 else "-pk"),
    "as a float": lambda number: someone(number).filter(pk__lt=float(number) + 1),
    "as a text": lambda number: someone(number).exclude(family_name=str(number)),
    "old formatting": lambda number: someone(number).exclude(family_name="%d" % number),  # noqa: UP031
    "an index": lambda number: someone(number)[: [5, 6][number > 10]],
    "a half": lambda number: someone(number).filter(pk__gte=number // 2),
    "a year": lambda number: Person.objects.filter(created_at__year=min(max(number, 1), 9000)),
    "truth in a condition": lambda number: someone(number).filter(Q(pk=number) if number else Q()),
    "in a range": lambda number: Person.objects.filter(pk__range=(number, number + 1)),
}


@pytest.mark.parametrize("trap", NUMBER_TRAPS)
def test_a_number_decides_nothing_but_its_place(refused, people, trap):
    refused(NUMBER_TRAPS[trap], *[(number,) for number in (*people, 0, 1, 2026, -1, 40_000, 2**40)])


TWO_NUMBERS = {
    "equal": lambda one, other: someone(one) if one == other else Person.objects.none(),
    "different": lambda one, other: someone(one).filter(pk=other) if one != other else Person.objects.order_by("pk"),
    "the greater": lambda one, other: Person.objects.filter(pk__gte=max(one, other)).filter(pk__gte=min(one, other)),
    "in order": lambda one, other: Person.objects.filter(pk__range=sorted((one, other))),
    "sum": lambda one, other: Person.objects.filter(pk__in=[one, other], pk__lt=one + other),
    "once each": lambda one, other: Person.objects.filter(pk__in={one, other}),
}


@pytest.mark.parametrize("trap", TWO_NUMBERS)
def test_two_numbers_are_never_compared(refused, people, trap):
    first, second, third = people
    refused(TWO_NUMBERS[trap], (first, second), (second, second), (third, first))


def test_equal_numbers_find_what_django_finds(people):
    first, second, _third = people
    either = lambda one, other: Person.objects.filter(Q(pk=one) | Q(pk=other)).order_by("pk")  # noqa: E731
    assert all(asked_in_turn(either, (first, second), (second, second), (first, first)))
    neither = lambda one, other: Person.objects.exclude(pk__in=[one, other]).order_by("pk")  # noqa: E731
    assert all(asked_in_turn(neither, (first, second), (second, second)))


LIST_TRAPS = {
    "length": lambda numbers: those(numbers)[: len(numbers)],
    "one by one": lambda numbers: those(numbers).annotate(n=sum((Value(1) for _one in numbers), Value(0))).values("n"),
    "the first": lambda numbers: those(numbers).exclude(pk=numbers[0]),
    "membership": lambda numbers: those(numbers) if 1 in numbers else Person.objects.none(),
    "as a set": lambda numbers: those(set(numbers)),
    "an array": lambda numbers: those(numbers).filter(Q(pk__in=numbers) | Q(mandates__allows=numbers)),
    "a range": lambda numbers: Person.objects.filter(pk__range=numbers),
}


@pytest.mark.parametrize("trap", LIST_TRAPS)
def test_a_list_is_only_a_list_of_a_query(refused, people, trap):
    refused(LIST_TRAPS[trap], (people[:2],), (people[1:],), (people[::2],))


@pytest.mark.parametrize("wrong", [[1, None], [True], ["1"], [1.0], [TODAY]], ids=str)
def test_a_list_holds_numbers_only(refused, wrong):
    refused(lambda numbers: Person.objects.exclude(family_name__in=numbers), (wrong,))


@pytest.mark.parametrize("wrong", [1.5, b"x", (1, 2), {1}, Person, dt.datetime(2026, 1, 1)], ids=str)
def test_what_has_no_place_is_refused(refused, wrong):
    refused(lambda given: Person.objects.exclude(family_name=str(given)), (wrong,))


DAY_TRAPS = {
    "year": lambda day: Mandate.objects.filter(valid_from__year=day.year, valid_from__lte=day),
    "weekday": lambda day: Mandate.objects.filter(valid_from__lte=day).order_by("pk" if day.weekday() else "-pk"),
    "first of the month": lambda day: Mandate.objects.filter(valid_from__range=(day.replace(day=1), day)),
    "earlier": lambda day: Mandate.objects.filter(valid_from__range=(day - DAY, day)),
    "past": lambda day: Mandate.objects.filter(valid_from__lte=day) if day < TODAY else Mandate.objects.none(),
    "today": lambda day: Mandate.objects.filter(valid_from__lte=day) if day == TODAY else Mandate.objects.none(),
    "written": lambda day: Mandate.objects.filter(valid_from__lte=day).exclude(act=f"{day}"),
    "at midnight": lambda day: Mandate.objects.filter(created_at__lt=day, valid_from__lt=day),
    "combined": lambda day: Meeting.objects.filter(starts_at__gte=dt.datetime.combine(day, dt.time(), dt.UTC)),
}


@pytest.mark.parametrize("trap", DAY_TRAPS)
def test_a_day_decides_nothing_but_its_place(refused, people, trap):
    refused(DAY_TRAPS[trap], (TODAY,), (TODAY - 400 * DAY,), (TODAY + DAY,))


MOMENT_TRAPS = {
    "day": lambda at: Meeting.objects.filter(starts_at__lte=at, starts_at__date=timezone.localtime(at).date()),
    "evening": lambda at: Meeting.objects.filter(starts_at__lte=at).order_by("pk" if at.hour > 12 else "-pk"),
    "local day": lambda at: Meeting.objects.exclude(starts_at=at, pk__gt=10 if timezone.localdate(at) > TODAY else 20),
    "a day in a column of days": lambda at: Mandate.objects.filter(valid_from__lte=at, created_at__lte=at),
    "zone": lambda at: Meeting.objects.all() if at.tzinfo is dt.UTC else Meeting.objects.filter(starts_at__lte=at),
    "offset": lambda at: Meeting.objects.filter(starts_at__lte=at) if at.utcoffset() else Meeting.objects.none(),
}  # fmt: skip


@pytest.mark.parametrize("trap", MOMENT_TRAPS)
def test_a_moment_decides_nothing_but_its_place(refused, trap):
    meeting_with_a_point()
    refused(MOMENT_TRAPS[trap], (timezone.now(),), (timezone.now() + 3 * DAY,))


CLOCK_TRAPS = {
    "hour": lambda number: someone(number).order_by("pk" if timezone.now().hour < 12 else "-pk"),
    "hour by the library": lambda number: someone(number).exclude(pk=dt.datetime.now(dt.UTC).hour),
    "today by the library": lambda number: someone(number).exclude(pk=dt.date.today().day),
    "since": lambda number: someone(number).filter(created_at__lte=timezone.now()),
}


@pytest.mark.parametrize("trap", CLOCK_TRAPS)
def test_the_clock_is_read_for_its_day_only(refused, trap):
    with time_machine.travel(dt.datetime.combine(TODAY, dt.time(9), dt.UTC), tick=False):
        refused(CLOCK_TRAPS[trap], (1,))


def test_the_hour_changes_nothing(settings, people):
    settings.QUERIES_CHECKED = False
    way = lambda: "pk" if timezone.now().hour < 12 else "-pk"  # noqa: E731
    held = composed(lambda number: Person.objects.filter(pk__gte=number).order_by(way()))
    for hour in (9, 15, 10):
        with time_machine.travel(dt.datetime.combine(TODAY, dt.time(hour), dt.UTC), tick=False):
            assert held(people[0]) == list(held.uncomposed(people[0]))


ACTOR_TRAPS = {
    "own scope": lambda who: Council.objects.all() if who.scope_id == 1 else Council.objects.none(),
    "own territory": lambda who: Council.objects.all() if who.scope_id == who.territory_id else Council.objects.none(),
    "nobody": lambda who: Council.objects.none() if who == ANYBODY else Council.objects.visible_to(who),
    "reach": lambda who: Council.objects.filter(scope_id__in=who.reach),
    "other mandates": lambda who: Council.objects.filter(scope__in=[held.scope_id for held in who.mandates]),
    "their number": lambda who: Council.objects.all() if len(who.mandates) > 1 else Council.objects.none(),
    "choices": lambda who: Council.objects.all() if who.choices else Council.objects.none(),
    "name": lambda who: Council.objects.filter(name=who.person_name),
    "label": lambda who: Council.objects.filter(name=who.scope_label),
    "a column": lambda who: Council.objects.filter(founded_on__gte=who.mandate.valid_from),
    "an act": lambda who: Council.objects.filter(name=who.mandate.act),
    "holder": lambda who: Council.objects.filter(scope=who.mandate.scope.holder_id),
    "person": lambda who: Council.objects.all() if who.person == who.mandate.person else Council.objects.none(),
    "same person": lambda who: Council.objects.all() if who.person in {who.person} else Council.objects.none(),
    "account": lambda who: Council.objects.all() if who.person.is_active else Council.objects.none(),
}


@pytest.mark.parametrize("trap", ACTOR_TRAPS)
def test_an_actor_is_known_by_what_the_key_holds(refused, trap):
    council = CouncilFactory()
    ours, theirs = coordinator_of(council), coordinator_of(CouncilFactory(territory=territory("commune", "62041")))
    refused(ACTOR_TRAPS[trap], (ours,), (theirs,))


def test_what_an_actor_says_is_in_the_key_or_is_refused():
    """Every attribute, so that one added later is thought of."""
    who = coordinator_of(CouncilFactory())
    said = {}
    for name in sorted(name for name in dir(Actor) if not name.startswith("_")):

        def ask(one, name=name):
            said[name] = getattr(one, name)
            return Council.objects.filter(scope=one.scope_id)

        try:
            composed(ask)(who)
        except Unfit:
            said[name] = Unfit
    assert {name for name, value in said.items() if value is Unfit} == {
        "choices", "mandates", "person_name", "reach", "scope_label",
    }  # fmt: skip
    decided = {"is_delegate", "role", "role_label", "scope_kind", "signed_in"}
    assert {name: said[name] for name in decided} == {name: getattr(who, name) for name in decided}


def test_nobody_stands_for_nobody():
    seen = lambda who: Council.objects.all() if who is ANYBODY else Council.objects.none()  # noqa: E731
    council = CouncilFactory()
    assert council in composed(seen)(ANYBODY)


def test_a_delegate_is_told_by_what_they_may_do():
    council = CouncilFactory()
    mayor = actor("mayor", scope=council.scope.holder)
    own = composed(lambda who: Mandate.objects.filter(pk=who.mandate.delegated_from_id))
    seen = Council.objects
    narrowed = composed(lambda who: seen.filter(scope__holder=who.scope_id) if who.can("approve") else seen.none())
    given = [actor("mayor", scope=council.scope.holder, delegated_from=mayor.mandate, allows=allows)
             for allows in (["approve"], ["see_council"], [], None)]  # fmt: skip
    for one in (mayor, *given):
        for query in (own, narrowed):
            assert query(one) == list(query.uncomposed(one))


def test_what_is_given_by_name_is_plain(refused):
    who = coordinator_of(CouncilFactory())
    for wrong in (who, who.person, TODAY, timezone.now(), [1], {"a": 1}, 1.5, ("a", [1])):
        refused(lambda *, given: Council.objects.exclude(name=str(given)), (), given=wrong)


def test_one_and_yes_are_told_apart():
    CouncilFactory()
    held = composed(lambda *, given: Scope.objects.values_list(Value(str(given)), flat=True)[:1])
    assert [held(given=value) for value in (1, True, 0, False, ("1",), (1,), (True,))] == [
        ["1"], ["True"], ["0"], ["False"], ["('1',)"], ["(1,)"], ["(True,)"],
    ]  # fmt: skip


QUERY_TRAPS = {
    "what is fetched afterwards": lambda number: Council.objects.filter(pk=number).prefetch_related(
        Prefetch("bodies", queryset=Body.objects.filter(council=number))
    ),
    "locked": lambda number: Council.objects.select_for_update().filter(pk=number),
    "already read": lambda number: [Council(pk=number)],
    "written by hand": lambda number: Council.objects.raw("SELECT id FROM governance_council WHERE id = %s", [number]),
    "a part of SQL": lambda number: Council.objects.extra(where=[f"id = {int(number)}"]),  # noqa: S610
    "of one person": lambda number: Person.from_db("default", ["id"], [number]).mandates.all(),
}


@pytest.mark.parametrize("trap", QUERY_TRAPS)
def test_only_a_plain_query_is_put_together(refused, trap):
    council = CouncilFactory()
    refused(QUERY_TRAPS[trap], (council.pk,), (council.pk + 1,))


def test_what_is_fetched_afterwards_is_what_django_fetches(settings):
    settings.QUERIES_CHECKED = False
    council = CouncilFactory()
    (found,) = composed(QUERY_TRAPS["what is fetched afterwards"])(council.pk)
    assert list(found.bodies.all()) == list(council.bodies.all()) != []


COUNT_TRAPS = {
    "distinct": lambda number: Person.objects.filter(pk__gte=number).order_by("pk").values_list("is_active").distinct(),
    "grouped": lambda number: Person.objects.filter(pk__gte=number).values("is_active").annotate(n=Count("pk")),
    "cut": lambda number: Person.objects.filter(pk__gte=number).order_by("pk")[:2],
    "joined lists": lambda number: Person.objects.filter(pk__gte=number).union(Person.objects.filter(pk=number)),
}


@pytest.mark.parametrize("trap", COUNT_TRAPS)
def test_what_cannot_be_counted_by_its_rows_is_refused(settings, people, trap):
    listed = Listed(composed(COUNT_TRAPS[trap]), people[0])
    with pytest.raises(Unfit):
        listed.count()
    settings.QUERIES_CHECKED = False
    assert listed.count() == COUNT_TRAPS[trap](people[0]).count()


def test_numbers_that_a_column_cannot_hold_are_asked_of_django():
    either = lambda number: AgendaItem.objects.filter(Q(minutes=number) | Q(pk=number)).order_by("pk")  # noqa: E731
    besides = lambda number: AgendaItem.objects.exclude(minutes=number).order_by("pk")  # noqa: E731
    after = lambda number: AgendaItem.objects.filter(minutes__gte=number).order_by("pk")  # noqa: E731
    meeting_with_a_point()
    for query in (either, besides, after):
        assert all(asked_in_turn(query, (20,), (-1,), (0,), (2**15,), (2**31,), (2**63,), (10**30,)))


def test_what_a_query_computes_from_a_value_is_put_in_its_place(people):
    first, second, _third = people
    after = lambda number: Person.objects.order_by("pk").annotate(n=F("pk") + number).filter(n__gt=first)  # noqa: E731
    assert all(asked_in_turn(after, (0,), (1,), (second,)))
    month = lambda number: Mandate.objects.filter(valid_from__month=number).order_by("pk")  # noqa: E731
    assert all(asked_in_turn(month, (1,), (2,), (13,)))


def test_scopes_of_every_kind_find_their_own():
    for code in ("42218", "42187", "62041"):
        CouncilFactory(territory=territory("commune", code))
    seen = lambda who: Council.objects.visible_to(who).order_by("pk")  # noqa: E731
    actors = [actor("mayor", scope=scope_of(territory("commune", code))) for code in ("42218", "42187")]
    actors += [actor("prefect_office", scope=scope_of(territory("departement", code))) for code in ("42", "62")]
    assert all(asked_in_turn(seen, *[(one,) for one in actors]))
