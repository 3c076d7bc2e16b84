"""Search as one types: what is typed finds the territory, and from an index."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from prevenance.core.text import plain
from prevenance.domains.territories.models import Territory
from prevenance.domains.territories.models.matching import searchable

pytestmark = pytest.mark.django_db


def search(text, limit=10):
    return Territory.objects.visible_to(None).matching(text, limit)


def first(text):
    found = search(text)
    assert found, f"nothing for {text!r}"
    return found[0]


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("l’hay", "L'Haÿ-les-Roses"),
        ("L'Haÿ-les-Roses", "L'Haÿ-les-Roses"),
        ("l hay les ro", "L'Haÿ-les-Roses"),
        ("LHAY LES ROSES", "L'Haÿ-les-Roses"),
        ("st etienne", "Saint-Étienne"),
        ("saint-étienne", "Saint-Étienne"),
        ("Ste Genevieve des bois", "Sainte-Geneviève-des-Bois"),
        ("abergement clem", "L'Abergement-Clémenciat"),
        ("bron 69500", "Bron"),
        ("saint denis 93", "Saint-Denis"),
        ("CC des portes de romilly", "CC des Portes de Romilly sur Seine"),
        ("communauté de communes des portes de rom", "CC des Portes de Romilly sur Seine"),
        ("plaine commune", "Plaine Commune"),
        ("seine-st-denis", "Seine-Saint-Denis"),
        ("provence alpes", "Provence-Alpes-Côte d'Azur"),
        ("oeting", "Œting"),
        ("strasbuorg", "Strasbourg"),
    ],
)
def test_a_name_is_found_without_accents_hyphens_apostrophes_or_spelling(typed, name):
    assert first(typed).name == name


@pytest.mark.parametrize(
    ("typed", "name", "found_by"),
    [
        ("42218", "Saint-Étienne", "code 42218"),
        ("42100", "Saint-Étienne", "code postal 42100"),
        ("01144", "Bâgé-Dommartin", "ancien code 01144"),
        ("75110", "Paris", "arrondissement 75110"),
        ("2a004", "Ajaccio", "code 2A004"),
        ("200069193", "CC de la Dombes", "code 200069193"),
        ("strasbuorg", "Strasbourg", "nom proche"),
        ("Strasbourg", "Strasbourg", ""),
    ],
)
def test_any_code_is_found_and_the_answer_says_which(typed, name, found_by):
    found = first(typed)
    assert (found.name, found.found_by) == (name, found_by)


def test_the_exact_name_comes_first_then_beginnings_the_largest_first():
    montreuil = search("montreuil")
    assert montreuil[0].code == "93048", "the largest Montreuil"
    exact = [t.name == "Montreuil" for t in montreuil]
    assert exact == sorted(exact, reverse=True)
    beginnings = search("saint e")
    assert all(searchable(t.name).startswith("saint e") for t in beginnings)
    assert [t.weight for t in beginnings] == sorted((t.weight for t in beginnings), reverse=True)


def test_an_unfinished_st_is_as_much_strasbourg_as_saint():
    assert {"Strasbourg", "Saint-Étienne"} <= {t.name for t in search("st")}


def test_homonyms_are_told_apart_by_their_departement():
    found = {(t.name, t.departement) for t in search("saint denis")}
    assert {("Saint-Denis", "La Réunion"), ("Saint-Denis", "Seine-Saint-Denis")} <= found


@pytest.mark.parametrize("nothing", ["", "   ", "’", "%", "_", "zzzzqqxx", "99999", "\\", "a" * 5_000])
def test_what_matches_nothing_gives_nothing_and_no_error(nothing):
    assert search(nothing) == []


def test_wildcards_are_letters_like_others():
    assert search("100%") == search("100")


def test_at_most_ten_answers_and_at_most_four_queries():
    for typed in ("saint", "l’hay", "42", "42100", "01144", "strasbuorg", "saint denis 93"):
        with CaptureQueriesContext(connection) as queries:
            assert len(search(typed)) <= 10
        assert len(queries) <= 5, typed


@pytest.mark.parametrize(
    "typed", ["p", "saint et", "st etienne", "hay les roses", "42", "42100", "01144", "strasbuorg"]
)
def test_no_search_reads_the_whole_table_of_territories(typed):
    with CaptureQueriesContext(connection) as queries:
        search(typed)
    plans = []
    with connection.cursor() as cursor:
        for query in queries.captured_queries:
            cursor.execute("EXPLAIN " + query["sql"])
            plans.append("\n".join(row[0] for row in cursor.fetchall()))
    assert plans
    assert [plan for plan in plans if "Seq Scan on territories_" in plan] == []


@given(st.text(max_size=40))
def test_a_search_key_is_stable_and_made_of_plain_words(text):
    key = searchable(text)
    assert searchable(key) == key
    assert plain(key) == key
