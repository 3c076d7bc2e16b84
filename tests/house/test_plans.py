"""At a twentieth of national size, an index serves every read of a large table.

What the planner chooses at national size itself is checked by benchmarks/pages.py.
"""

import pytest
from django.db import connection, transaction
from django.urls import reverse

from prevenance.core.row_security import act_as
from prevenance.domains.followup.models import Involvement
from prevenance.domains.governance.models import Council, Decision, Meeting, Minutes
from tests import database
from tests.plans import LARGE, whole_reads
from tests.seeded import invented, sealed_with, using

NATION = ["seed", "--size", "national", "--part", "0.05", "--audit-rows", "5000"]
ROLES = ["coordinator", "mayor", "prefect_office", "group_member", "national_secretariat"]
LISTS = [
    "pages:my_day", "governance:councils", "governance:meetings", "governance:decisions", "accounts:account",
    "directory:services", "directory:structures",
]  # fmt: skip
SEARCHES = ["saint e", "42", "69100", "villeneuve d", "strasbuorg"]


@pytest.fixture(scope="module")
def nation(django_db_setup, django_db_blocker):
    """Sign-ins are written to it: a copy, so that the next run finds it as it was."""
    commands = [["migrate", "--verbosity", "0"], ["load_territories"], ["load_strategies"], NATION]
    with (
        database.copy_of(database.template("plans", commands, database.FILLING)) as name,
        using(name, django_db_blocker),
    ):
        yield name


@pytest.fixture
def reads(nation, sign_in, settings):
    """reads(role, address): what the page of a role reads from end to end."""
    sealed_with(settings, nation)

    def look(role, address, sent=None):
        """`sent`: what is posted there."""
        client = sign_in(invented(role))
        queries = []

        def note(execute, sql, parameters, many, context):
            queries.append((sql, parameters))
            return execute(sql, parameters, many, context)

        with connection.execute_wrapper(note):
            response = client.get(address) if sent is None else client.post(address, sent)
        assert response.status_code == 200, address
        assert len(queries) > 4
        with connection.cursor() as cursor:
            return [
                line for sql, parameters in queries for line in whole_reads(cursor, sql, parameters, unless_index=True)
            ]

    return look


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", LISTS)
def test_an_index_serves_every_list(reads, role, name):
    assert reads(role, reverse(name)) == []


@pytest.mark.parametrize(
    "query", ["?q=ecoute+vil", "?where=69123", "?where=&kind=shelter", "structures/?q=inventee+12&where=69"]
)
def test_the_directory_is_searched_by_indexes(reads, query):
    assert reads("victim_support", reverse("directory:services") + query) == []


@pytest.mark.parametrize(
    "query", ["", "?need=femmes", "?where=42218&need=sexuelles&stage=immediat", "?where=&q=ecoute"]
)
def test_somebody_to_turn_to_is_found_by_indexes(reads, query):
    assert reads("victim_support", reverse("directory:orient_search") + query) == []


@pytest.mark.parametrize(
    "asked", [{}, {"need": "femmes"}, {"audience": "jeunes", "language": "ara"}, {"when": "now"}, {"page": "3"}]
)
def test_help_is_found_by_indexes(reads, asked):
    """By whoever is signed in or not: the page does not look at it."""
    assert reads("victim_support", reverse("pages:help"), {"commune": "69123"} | asked) == []


@pytest.mark.parametrize("role", ["coordinator", "referent"])
@pytest.mark.parametrize("name", ["followup:files", "followup:figures", "followup:meetings", "pages:my_day"])
def test_an_index_serves_the_lists_of_files(reads, role, name):
    assert reads(role, reverse(name)) == []


@pytest.mark.parametrize("tab", ["file", "people", "plan", "contacts", "reviews", "orientations", "readings"])
def test_an_index_serves_the_pages_of_a_file(reads, tab):
    """A file that the referent follows: the wall lets it be found under their mandate alone."""
    referent = invented("referent")
    with transaction.atomic():
        act_as(referent.mandate_id)
        mine = Involvement.objects.visible_to(referent).current().filter(person_id=referent.person_id, kind="referent")
        file = mine.order_by("pk").values_list("followup_id", flat=True)[0]
    assert reads("referent", reverse(f"followup:{tab}", args=[file])) == []


@pytest.mark.parametrize("typed", SEARCHES)
def test_a_search_finds_territories_by_an_index(reads, typed):
    assert reads("coordinator", reverse("territories:search") + f"?q={typed}") == []


@pytest.mark.parametrize(
    "model, name, wanted",
    [
        (Council, "governance:council", {}),
        (Meeting, "governance:meeting", {"state": "approved", "body__kind": "plenary"}),
        (Meeting, "governance:meeting", {"state": "convened"}),
        (Minutes, "governance:minutes", {"approved_at__isnull": False}),
        (Decision, "governance:decision", {"minutes__approved_at__isnull": False}),
    ],
)
def test_a_page_finds_what_it_shows_by_an_index(reads, model, name, wanted):
    row = model.objects.visible_to(invented("coordinator")).filter(**wanted).order_by("-pk").first()
    assert reads("coordinator", reverse(name, args=[row.pk])) == []


def test_reading_a_large_table_whole_is_noticed(nation):
    with connection.cursor() as cursor:
        found = whole_reads(
            cursor, "SELECT count(*) FROM governance_attendance WHERE answer = %s", ["yes"], unless_index=True
        )
        by_index = whole_reads(cursor, "SELECT answer FROM governance_attendance WHERE id = %s", [1])
        hidden = whole_reads(cursor, "SELECT 1 WHERE EXISTS (SELECT FROM accounts_person WHERE phone = %s)", ["x"])
    assert [line.split(":")[0] for line in found] == ["governance_attendance"]
    assert by_index == []
    assert [line.split(":")[0] for line in hidden] == ["accounts_person"]


def test_every_large_table_exists(nation):
    assert sorted(LARGE - set(connection.introspection.table_names())) == []
