"""Lists by page: Django's pages, with the count left out where the first page is all there is."""

import pytest
from django.core.paginator import Paginator

from prevenance.core.paging import Pages
from prevenance.domains.accounts.models import Person
from tests.factories import PersonFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    for _index in range(5):
        PersonFactory()
    return Person.objects.order_by("pk")


@pytest.mark.parametrize("asked", [None, "", "1", "2", "3", "9", "0", "-1", "x"])
@pytest.mark.parametrize("per_page", [1, 2, 4, 5, 6, 50])
def test_a_page_is_the_one_that_django_finds(people, per_page, asked):
    ours, theirs = Pages(people, per_page).get_page(asked), Paginator(people, per_page).get_page(asked)
    for page in (ours, theirs):
        page.rows = list(page.object_list)
    for name in ("rows", "number"):
        assert getattr(ours, name) == getattr(theirs, name)
    assert ours.has_next() == theirs.has_next()
    assert ours.paginator.count == theirs.paginator.count == people.count()
    assert ours.paginator.num_pages == theirs.paginator.num_pages


def test_a_list_of_one_page_is_read_once(people, django_assert_num_queries):
    with django_assert_num_queries(1):
        page = Pages(people, 50).get_page(None)
        assert len(page.object_list) == page.paginator.count
    with django_assert_num_queries(2):
        assert Pages(people, 2).get_page(None).paginator.num_pages == 3


def test_an_empty_list_has_one_page_without_rows(people):
    page = Pages(people.none(), 2).get_page("1")
    assert list(page.object_list) == []
    assert (page.paginator.count, page.paginator.num_pages) == (0, 1)


def test_ready_queries_are_asked_instead_of_the_list_and_only_for_the_first_page():
    def never():
        raise AssertionError

    rows = list(range(7))
    page = Pages(never, 3, first=lambda most: rows[:most], counted=lambda: 7).get_page(None)
    assert (page.object_list, page.paginator.count) == ([0, 1, 2], 7)
    short = Pages(never, 9, first=lambda most: rows[:most], counted=lambda: 7).get_page(None)
    assert (short.object_list, short.paginator.count) == (rows, 7)
    second = Pages(lambda: rows, 3, first=never, counted=never).get_page("2")
    assert (second.object_list, second.paginator.count) == ([3, 4, 5], 7)
