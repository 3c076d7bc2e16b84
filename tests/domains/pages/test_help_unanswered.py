"""Counts of searches that found nothing: one grain, finished quarters, no small figure, no difference to take."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from prevenance.core.dates import quarters
from prevenance.core.models import AuditRow
from prevenance.domains.pages import jobs
from prevenance.domains.pages.analysis import unanswered
from prevenance.domains.pages.models import UnansweredSearch
from tests.factories import CouncilFactory, coordinator_of, territory

pytestmark = pytest.mark.django_db

PAGE = reverse("pages:help_unanswered")
QUARTER = dt.date(2026, 7, 1)


def counted(code, searches, need="haine", month=dt.date(2026, 8, 1)):
    UnansweredSearch.objects.create(month=month, commune=territory("commune", code), need=need, searches=searches)


def test_finished_quarters_only():
    assert quarters(dt.date(2026, 11, 28))[:4] == [
        dt.date(2026, 7, 1), dt.date(2026, 4, 1), dt.date(2026, 1, 1), dt.date(2025, 10, 1),
    ]  # fmt: skip
    assert quarters(dt.date(2027, 1, 1))[0] == dt.date(2026, 10, 1)


def test_small_figures_are_neither_shown_nor_found_by_difference():
    loire = territory("departement", "42")
    counted("42218", 6)
    counted("42218", 6, month=dt.date(2026, 9, 1))
    counted("42187", 7)
    counted("42207", 3)
    (haine,) = unanswered(loire, QUARTER, 11)
    assert haine.communes == [("42218", "Saint-Étienne", 12)]
    assert (haine.others, haine.untold) == (0, True)  # ten in all: too few to be said
    counted("42095", 1)
    (haine,) = unanswered(loire, QUARTER, 11)
    assert (haine.others, haine.untold) == (11, False)
    counted("42218", 50, month=dt.date(2026, 10, 1))
    assert unanswered(loire, QUARTER, 11) == [haine]


@time_machine.travel(dt.datetime(2026, 11, 28, 12, tzinfo=dt.UTC), tick=False)
def test_the_page_and_its_file_show_what_may_be(sign_in):
    counted("42218", 12)
    counted("42187", 4, need="traite")
    client = sign_in(coordinator_of(CouncilFactory()))
    page = client.get(PAGE, {"departement": "42", "quarter": "2026-07-01"}).content.decode()
    assert "Saint-Étienne" in page
    assert "Crimes de haine" in page
    assert "Traite des êtres humains" not in page
    assert "trop peu nombreuses" in page
    file = client.get(PAGE, {"departement": "42", "format": "csv"}).content.decode()
    assert "42218" in file
    assert "42187" not in file
    assert "Choisissez un département" in client.get(PAGE).content.decode()
    assert client.get(PAGE, {"departement": "zz", "quarter": "x", "page": "y"}).status_code == 200


def test_counts_end():
    counted("42218", 12, month=dt.date(2023, 1, 1))
    counted("42218", 12)
    with time_machine.travel(dt.datetime(2026, 11, 28, 12, tzinfo=dt.UTC), tick=False):
        assert ("searches", 1) in list(jobs.erase_due())
    assert UnansweredSearch.objects.get().month == dt.date(2026, 8, 1)
    assert AuditRow.objects.filter(action="pages.erase_searches").count() == 1
