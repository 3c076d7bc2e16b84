"""The database itself keeps what took effect, whatever our own code asks of it: texts, and the sheets they speak of."""

import datetime as dt

import psycopg
import pytest
from django.db import ProgrammingError, transaction

from prevenance.domains.strategy.actions import amendments as actions
from prevenance.domains.strategy.models import Provision, Sheet
from tests.factories.strategy import PlanFactory, SheetFactory, in_force, write

pytestmark = pytest.mark.django_db

TODAY = dt.date.today()


def test_the_database_refuses_a_text_that_no_amendment_in_force_brings(plan):
    write(plan, "preamble", "Un préambule.")
    with pytest.raises(ProgrammingError) as refused, transaction.atomic():
        Provision.objects.create(
            plan=plan, part="preamble", position=1, text="Glissé", brought_by=plan.amendments.get(), since=TODAY
        )
    assert isinstance(refused.value.__cause__, psycopg.errors.InsufficientPrivilege)
    in_force(plan)
    with pytest.raises(ProgrammingError), transaction.atomic():
        Provision.objects.update(text="Réécrit")


def test_the_database_lets_nothing_slip_into_a_text_of_before(plan):
    written = write(plan, "preamble", "Un préambule.")
    in_force(plan)
    first = plan.amendments.get()
    told = {"plan": plan, "part": "preamble", "brought_by": first, "since": first.in_force_from}
    for slipped in (
        {"position": 2, "text": "Glissé après coup."},
        {"position": 1, "text": written.text, "anchor": written.anchor, "until": TODAY, "replaced_by": first},
        {"position": 1, "text": "Autrement dit.", "anchor": written.anchor},
    ):
        with pytest.raises(ProgrammingError) as refused, transaction.atomic():
            Provision.objects.create(**told, **slipped)
        assert isinstance(refused.value.__cause__, psycopg.errors.InsufficientPrivilege)


def test_the_database_keeps_a_sheet_under_its_number_and_its_amendments(plan, mayor):
    sheet = SheetFactory(plan=in_force(plan), number=1)
    draft = actions.open_amendment(plan=plan, title="Un autre", reason="", by=mayor)
    for change in ({"number": 2}, {"brought_by": draft}, {"plan": in_force(PlanFactory())}, {"withdrawn_by": draft}):
        rows = Sheet.objects.filter(pk=sheet.pk)
        if "withdrawn_by" in change:
            assert rows.update(**change) == 1  # a draft may yet keep it
            continue
        with pytest.raises(ProgrammingError) as refused, transaction.atomic():
            rows.update(**change)
        assert isinstance(refused.value.__cause__, psycopg.errors.InsufficientPrivilege)
