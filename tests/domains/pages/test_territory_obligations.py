"""The page of a territory says what the texts expect of it."""

import datetime as dt

import pytest

from tests.factories import CouncilFactory, territory

pytestmark = pytest.mark.django_db


def said(client, kind, code):
    response = client.get(f"/territoires/{kind}/{code}/")
    assert response.status_code == 200
    return response


def answers(response):
    return {found.rule: found.answer.label for found in response.context["obligations"]}


def test_a_commune_shows_each_rule_with_its_answer_and_why(client):
    page = said(client, "commune", "22187")  # Plérin, 15,002 inhabitants
    assert answers(page)["council_local"] == "non déclaré ici"
    words = page.content.decode()
    assert "15\u00a0002\u00a0habitants" in words
    assert "ne veut pas dire que cela n’existe pas" in words
    CouncilFactory(territory=territory("commune", "22187"), founded_on=dt.date(2019, 1, 1))
    assert answers(said(client, "commune", "22187"))["council_local"] == "satisfait"


def test_a_departement_shows_its_own_rules(client):
    assert "council_local" not in answers(said(client, "departement", "42"))
    assert answers(said(client, "departement", "42"))
