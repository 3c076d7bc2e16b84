"""The list of people: who sees whom, how it is narrowed, what it costs."""

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from prevenance.domains.accounts.models import Mandate, Person, Scope
from tests.factories import MandateFactory, actor, scope_of, territory

pytestmark = pytest.mark.django_db
LIST = "/compte/personnes/"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC), tick=False) as travelled:
        yield travelled


def names(response):
    return [mandate.person.family_name for mandate in response.context["page"].object_list]


@pytest.fixture
def people(council, coordinator):
    Person.objects.filter(pk=coordinator.person_id).update(family_name="Zéphyr", sort_name="zephyr camille")
    for name in ("Œuvrard", "Élan", "Fabre", "Etalon", "de La Fontaine"):
        MandateFactory(scope=council.scope, role="group_member", person__family_name=name)
    ended = MandateFactory(scope=council.scope, role="deputy", person__family_name="Ancien")
    Mandate.objects.filter(pk=ended.pk).update(valid_to=dt.date(2025, 1, 1))
    return coordinator


def test_it_is_in_french_order(people, sign_in):
    found = names(sign_in(people).get(LIST))
    assert found == ["Ancien", "de La Fontaine", "Élan", "Etalon", "Fabre", "Œuvrard", "Zéphyr"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("el", ["Élan"]),
        ("É", ["Élan", "Etalon"]),
        ("OEUV", ["Œuvrard"]),
        ("de la", ["de La Fontaine"]),
        ("x", []),
        ("%", None),
    ],
)
def test_the_beginning_of_a_name_finds_it(people, sign_in, typed, found):
    response = sign_in(people).get(LIST, {"name": typed})
    assert names(response) == found if found is not None else len(names(response)) == 7


def test_role_and_state_narrow_it(people, sign_in):
    client = sign_in(people)
    assert names(client.get(LIST, {"role": "coordinator"})) == ["Zéphyr"]
    assert names(client.get(LIST, {"state": "ended"})) == ["Ancien"]
    assert "Ancien" not in names(client.get(LIST, {"state": "current"}))
    assert names(client.get(LIST, {"state": "future"})) == []


def test_nothing_found_says_what_to_do(people, sign_in):
    assert "Élargissez la recherche" in sign_in(people).get(LIST, {"name": "zzz"}).content.decode()


def test_a_filter_that_does_not_exist_is_said(people, sign_in):
    assert sign_in(people).get(LIST, {"role": "emperor"}).context["form"].errors


@pytest.mark.parametrize("format", ["csv", "xlsx", "ods"])
def test_the_same_list_leaves_as_a_file(people, sign_in, format):
    response = sign_in(people).get(LIST, {"format": format, "role": "group_member"})
    assert response["Content-Disposition"] == f'attachment; filename="personnes.{format}"'
    if format == "csv":
        lines = response.content.decode("utf-8-sig").splitlines()
        assert len(lines) == 6
        assert lines[0].startswith('"Nom";"Prénom";"Adresse électronique";')
        assert lines[2].startswith('"Élan";')


def test_it_costs_the_same_with_many_rows(people, council, sign_in):
    client = sign_in(people)
    client.get(LIST)
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(LIST)
    for _row in range(45):
        MandateFactory(scope=council.scope, role="group_member")
    with CaptureQueriesContext(connection) as many:
        assert len(names(client.get(LIST))) == 50
    assert len(many) == len(few) <= 12


def test_it_comes_in_pages(people, council, sign_in):
    for _row in range(60):
        MandateFactory(scope=council.scope, role="group_member")
    client = sign_in(people)
    page = client.get(LIST, {"page": 2, "role": "group_member"})
    assert len(names(page)) == 15
    assert "role=group_member" in page.content.decode()


class TestWhoSeesWhom:
    @pytest.fixture
    def both(self, council, other_council):
        here = MandateFactory(scope=council.scope, role="group_member", person__family_name="Ici")
        there = MandateFactory(scope=other_council.scope, role="group_member", person__family_name="Là-bas")
        return here.person, there.person

    def test_a_coordinator_sees_the_people_of_the_council_and_no_others(self, coordinator, both, sign_in):
        here, there = both
        client = sign_in(coordinator)
        assert "Ici" in names(client.get(LIST))
        assert "Là-bas" not in names(client.get(LIST))
        assert client.get(reverse("accounts:person", args=[here.pk])).status_code == 200
        assert client.get(reverse("accounts:person", args=[there.pk])).status_code == 404

    def test_a_mayor_sees_those_of_the_councils_of_the_commune(self, mayor, both, sign_in):
        assert "Ici" in names(sign_in(mayor).get(LIST))
        assert "Là-bas" not in names(sign_in(mayor).get(LIST))

    def test_a_person_s_other_mandates_stay_out_of_sight(self, coordinator, both, other_council, sign_in):
        here, _there = both
        MandateFactory(person=here, scope=other_council.scope, role="deputy")
        rows = sign_in(coordinator).get(reverse("accounts:person", args=[here.pk])).context["rows"]
        assert [row["mandate"].role for row in rows] == ["group_member"]

    def test_an_administrator_sees_everybody_s_account(self, administrator, both, sign_in):
        assert {"Ici", "Là-bas"} <= set(names(sign_in(administrator).get(LIST)))

    def test_a_member_is_told_why_not(self, council, sign_in):
        response = sign_in(actor("group_member", council.scope)).get(LIST)
        assert response.status_code == 403
        assert "Votre rôle ne donne pas accès à la liste des personnes." in response.content.decode()

    def test_signed_out_nobody_is_visible(self):
        from prevenance.domains.accounts.acting import ANYBODY

        for model in (Person, Mandate):
            assert not model.objects.visible_to(ANYBODY).exists()
        assert not Scope.objects.visible_to(ANYBODY).exists()

    def test_a_prefect_s_office_sees_its_colleagues(self, both, sign_in):
        office = actor("prefect_office", scope_of(territory("departement", "42")))
        assert names(sign_in(office).get(LIST)) == [office.person.family_name]


def test_a_national_list_is_read_from_an_index(administrator, sign_in, council):
    """200,000 rows cannot be made here: ask PostgreSQL how it would read them."""
    from prevenance.domains.accounts.views.people import found

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")  # of a few rows, sorting costs nothing
        query, params = found(administrator, {"name": "fab"})[:50].query.sql_with_params()
        cursor.execute(f"EXPLAIN {query}", params)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "accounts_person_sort_name" in plan or "person_order" in plan
