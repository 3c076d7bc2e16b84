"""The strategy on screen and on the command line, and what it calls built."""

import json

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse, reverse_lazy

from prevenance.domains.strategy.models import StrategyAction
from prevenance.domains.strategy.rules import catalogue
from tests import journeys
from tests.factories import CouncilFactory, coordinator_of

pytestmark = pytest.mark.django_db


def told(capsys):
    call_command("measures", "--json")
    return json.loads(capsys.readouterr().out)


def test_the_command_tells_each_of_the_121_actions(capsys):
    lines = told(capsys)
    assert len(lines) == 121
    assert set(lines[0]) == {"number", "measure", "label", "domain", "state", "link"}
    assert lines[0]["number"] == "1.1"
    assert {line["state"] for line in lines} <= {"built", "not built"}


def test_built_is_what_the_marked_journeys_say_on_the_page_and_in_the_command(capsys, client):
    numbers = {line["number"] for line in told(capsys) if line["state"] == "built"}
    assert numbers == set(journeys.marked())
    page = client.get(reverse("strategy:measures"))
    assert (page.context["built"], page.context["not_built"]) == (len(numbers), 121 - len(numbers))
    assert f"<strong>{len(numbers)}</strong>" in page.content.decode()


def test_the_file_of_journeys_names_marked_journeys_of_known_actions():
    assert journeys.said() == journeys.marked()
    known = set(StrategyAction.objects.values_list("number", flat=True))
    assert set(journeys.said()) <= known
    assert set(catalogue.where()) <= {f"2020-2024/{number}" for number in known}


def test_what_is_done_somewhere_leads_there(capsys):
    links = {line["number"]: line["link"] for line in told(capsys)}
    assert links["28.1"] == reverse("governance:councils")
    assert all(links[number.split("/")[1]] for number in catalogue.where())


def test_a_signed_out_visitor_reads_the_strategy_and_no_figure_of_a_territory(client):
    page = client.get(reverse("strategy:measures")).content.decode()
    assert "Axe 1" in page
    assert "Pas encore bâtie" in page
    one = client.get(reverse("strategy:measure", args=[34]))
    assert one.status_code == 200
    assert one.context["progress"] is None
    assert client.get(reverse("strategy:measure", args=[41])).status_code == 404
    assert client.get(reverse("strategy:measures") + "?strategie=1999").status_code == 404


@pytest.mark.parametrize("address", [reverse_lazy("strategy:measures"), reverse_lazy("strategy:measure", args=[10])])
def test_a_page_of_the_strategy_takes_at_most_twelve_queries(sign_in, address):
    client = sign_in(coordinator_of(CouncilFactory()))
    client.get(reverse("pages:my_day"))  # the session's first page writes it
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    assert len([query for query in asked.captured_queries if "SAVEPOINT" not in query["sql"]]) <= 12
