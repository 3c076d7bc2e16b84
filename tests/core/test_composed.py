"""A query put together once finds what Django's finds, and is refused where it could find anything else."""

import datetime as dt

import pytest
import time_machine
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404
from django.utils import timezone

from prevenance.core.composed import Listed, composed, one_of
from prevenance.core.stand_ins import Places, Unfit
from prevenance.domains.accounts.acting import ANYBODY, actor_of
from prevenance.domains.accounts.models import Mandate, Person, Scope
from prevenance.domains.accounts.roles import ROLES
from prevenance.domains.governance.analysis import my_day
from prevenance.domains.governance.models import Council, Meeting
from tests.factories import CouncilFactory, PersonFactory, actor, coordinator_of, scope_of, territory

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
TODAY = timezone.localdate()
EVERY = sorted({ability for role in ROLES.values() for ability in role.abilities})

pytestmark = pytest.mark.django_db


@composed
def people(numbers: list[int], on: dt.date):
    return Mandate.objects.filter(person_id__in=numbers, valid_from__lte=on).select_related("person").order_by("pk")


@composed
def councils(who):
    return Council.objects.visible_to(who).order_by("pk")


@composed
def named(name: str, *, reverse: bool):
    return Scope.objects.filter(label=name).order_by("-pk" if reverse else "pk").values_list("pk", flat=True)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 9])
def test_lists_of_any_length_find_their_rows(count):
    today = timezone.localdate()
    council = CouncilFactory()
    some = [coordinator_of(council).person for _index in range(5)]
    numbers = [person.pk for person in some][:count] + [9_000_000 + index for index in range(count - 5)]
    rows = people(numbers, today)
    assert rows == list(people.uncomposed(numbers, today))
    assert [row.person.name for row in rows] == [person.name for person in some[:count]]
    assert people(numbers, today - dt.timedelta(days=4000)) == []


def test_a_text_is_put_together_once_for_all_values(django_assert_num_queries):
    people.kept.cache_clear()
    today = timezone.localdate()
    with django_assert_num_queries(4):
        for number in (1, 2, 3, 4):
            people([number], today)
    assert people.kept.cache_info().misses == 1


def test_actors_of_one_shape_see_each_their_own():
    ours = CouncilFactory()
    theirs = CouncilFactory(territory=territory("commune", "62041"))
    councils.kept.cache_clear()
    for council in (ours, theirs, ours):
        assert councils(coordinator_of(council)) == [council]
    assert councils.kept.cache_info().misses == 1
    office = actor("prefect_office", scope=scope_of(territory("departement", "62")))
    assert councils(office) == list(councils.uncomposed(office))
    assert councils.kept.cache_info().misses == 2
    assert councils(actor_of(PersonFactory())) == []


def test_texts_and_named_arguments_decide_the_query():
    found = [named(name, reverse=way) for name in ("France", "Rien") for way in (False, True)]
    plain = [list(named.uncomposed(name, reverse=way)) for name in ("France", "Rien") for way in (False, True)]
    assert found == plain
    assert found[0] == found[1][::-1]


@pytest.mark.parametrize("typed", ["910000000", "le 9100-01-01", "910 000 000", "%s", "100 %"])
def test_any_text_may_be_typed(typed):
    assert named(typed, reverse=False) == []


def test_what_is_read_may_be_changed_without_changing_what_is_read_next():
    person = coordinator_of(CouncilFactory()).person
    (one,) = people([person.pk], timezone.localdate())
    one.person.given_name = "Autre"
    (again,) = people([person.pk], timezone.localdate())
    assert again.person.given_name == person.given_name


@pytest.mark.parametrize(
    "query",
    [
        lambda number, day: Person.objects.filter(pk=number, created_at__gt=timezone.now(), created_at__date=day),
        lambda number, day: Mandate.objects.current(TODAY + DAY).filter(pk=number, valid_from=day),
        lambda number, day: Mandate.objects.filter(pk=number, valid_from__lte=day + dt.timedelta(days=21)),
        lambda number, day: Mandate.objects.filter(pk=number + 1, valid_from=day),
        lambda number, day: Mandate.objects.filter(Q(pk=number) | Q(pk=number + 1), valid_from=day),
        lambda number, day: Mandate.objects.filter(pk=number),
        lambda number, day: Mandate.objects.filter(pk=number, valid_from=day)[:number],
        lambda number, day: Mandate.objects.filter(act=f"n° {number}", pk=number, valid_from=day),
        lambda number, day: Mandate.objects.filter(pk=number, valid_from=day, scope_id__in=[Scope.objects.first().pk]),
    ],
    ids=["now", "tomorrow", "later", "next", "half next", "forgotten", "limit", "written", "queried"],
)
def test_a_query_that_depends_on_more_than_shapes_is_refused(query):
    with pytest.raises(Unfit):
        composed(query)(7, timezone.localdate())


def test_a_stand_in_has_the_shape_of_who_it_stands_for():
    council = CouncilFactory()
    source = coordinator_of(council).mandate
    who = coordinator_of(council, delegated_from=source, allows=["see_council", "hold_council"])
    for real in (who, coordinator_of(council), actor_of(PersonFactory()), ANYBODY):
        stand_in = real.shape.stand_in(Places())
        assert stand_in.shape == real.shape
        assert [stand_in.can(ability) for ability in EVERY] == [real.can(ability) for ability in EVERY]
        assert (stand_in.mandate and stand_in.mandate.scope.pk) is stand_in.scope_id


def test_scopes_in_reach_are_no_part_of_a_shape():
    held = composed(lambda who: Mandate.objects.visible_to(who))
    with pytest.raises(Unfit):
        held(actor("mayor", scope=scope_of(territory("commune", "62041"))))


def test_my_day_reads_what_its_queries_say():
    council = CouncilFactory()
    who, today, now = coordinator_of(council), timezone.localdate(), timezone.now()
    Meeting.objects.create(
        council=council, body=council.bodies.get(), title="À venir", starts_at=now, ends_at=now + HOUR
    )
    asked = [
        (my_day.meetings_unfinished, ([council.pk],), {"approving": True}),
        (my_day.decisions_of, ([council.pk], today), {}),
        (my_day.decisions_carried, (who.person_id, [council.pk, 1, 2], [council.pk], today), {}),
        (my_day.convocations_to_answer, (who.person_id, [council.pk], now), {}),
    ]
    for query, values, options in asked:
        assert query(*values, **options) == list(query.uncomposed(*values, **options))
    assert len(my_day.meetings_unfinished([council.pk], approving=False)) == 1


@pytest.mark.parametrize("role", ROLES)
def test_queries_of_actors_are_put_together_for_every_role(role):
    scope = CouncilFactory().scope if "council" in ROLES[role].scopes else scope_of(territory("departement", "42"))
    who = actor(role, scope=scope)
    for query, values in ((my_day.councils_of, ()), (my_day.councils_watched, (timezone.localdate(),)),
                          (my_day.signed_or_answered, ([1, 2], timezone.now()))):  # fmt: skip
        assert query(who, *values) == list(query.uncomposed(who, *values))


def test_a_query_is_put_together_again_the_day_after():
    held = composed(lambda number: Mandate.objects.current().filter(person_id=number))
    mandate = coordinator_of(CouncilFactory(), valid_to=TODAY + DAY).mandate
    for days, found in ((0, [mandate]), (1, [mandate]), (2, []), (0, [mandate])):
        with time_machine.travel(dt.datetime.combine(TODAY + days * DAY, dt.time(12), dt.UTC)):
            assert held(mandate.person_id) == found
    assert held.kept.cache_info().misses == 3


@composed
def by_number(who, number: int):
    return Council.objects.visible_to(who).filter(pk=number)


def test_one_thing_is_found_or_is_not():
    council = CouncilFactory()
    who = coordinator_of(council)
    assert one_of(by_number(who, council.pk)) == council
    for number in (0, 2**31, 2**63, 10**30):  # addresses may be typed
        with pytest.raises(Http404):
            one_of(by_number(who, number))


def test_pages_are_those_of_django():
    council = CouncilFactory()
    numbers = [coordinator_of(council).person_id for _index in range(7)]
    for size in (2, 3, 7, 10):
        ours = Paginator(Listed(people, numbers, TODAY), size)
        django = Paginator(people.uncomposed(numbers, TODAY), size)
        assert ours.count == django.count == 7
        assert [list(page) for page in ours] == [list(page) for page in django]
    assert Paginator(Listed(people, [], TODAY), 5).count == 0
