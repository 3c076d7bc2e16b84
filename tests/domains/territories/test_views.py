"""Search, maps and the page of a territory, as anybody reads them."""

import csv
import gzip
import io
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from prevenance.domains.territories.forms import TerritoryField
from prevenance.domains.territories.models import Territory

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


def text(response):
    return response.content.decode().replace("\u00a0", " ").replace("\u202f", " ").replace("&#x27;", "'")


def page(client, kind, code, **query):
    return client.get(f"/territoires/{kind}/{code}/", query)


# Search -----------------------------------------------------------------------------------------------------------


def test_a_partial_search_gives_a_listbox_of_at_most_ten_options(client):
    response = client.get("/territoires/chercher/", {"q": "saint e", "liste": "chercher-liste"}, **HTMX)
    shown = text(response)
    assert shown.lstrip().startswith("<ul")
    assert 'role="listbox"' in shown
    assert shown.count('role="option"') == 10
    assert 'id="chercher-liste-1"' in shown
    assert 'data-url="/territoires/commune/42218/"' in shown
    assert "HX-Request" in response["Vary"]


def test_without_script_the_same_search_is_a_page_with_links(client):
    shown = text(client.get("/territoires/chercher/", {"q": "01144"}))
    assert "<h1>" in shown
    assert 'href="/territoires/commune/01025/"' in shown
    assert "ancien code 01144" in shown


def test_a_search_that_finds_nothing_says_what_to_try(client):
    assert "essayez le code postal" in text(client.get("/territoires/chercher/", {"q": "zzzzqqxx"}))
    assert "Aucun territoire pour « zzzzqqxx »" in text(client.get("/territoires/chercher/", {"q": "zzzzqqxx"}, **HTMX))


def test_a_search_can_be_kept_to_some_kinds(client):
    shown = text(client.get("/territoires/chercher/", {"q": "saint etienne", "kind": ["epci"]}, **HTMX))
    assert "/epci/244200770/" in shown
    assert "/commune/" not in shown


def test_what_is_typed_comes_back_as_text_not_as_markup(client):
    for options in ({}, HTMX):
        shown = client.get("/territoires/chercher/", {"q": "<script>x", "liste": '"><b'}, **options).content.decode()
        assert "<script>x" not in shown
        assert '"><b' not in shown


# The page of a territory ------------------------------------------------------------------------------------------


def test_the_page_of_a_commune_names_its_figures_its_containers_and_its_codes(client):
    shown = text(page(client, "commune", "42218"))
    for said in ("Saint-Étienne Métropole", "Loire", "Auvergne-Rhône-Alpes", "codes postaux"):
        assert said in shown
    assert "Population totale" in shown
    assert "Population municipale" in shown
    assert "Population jointe au code officiel géographique" in shown
    assert shown.count("millésime non précisé") == 3
    assert "Liste des quartiers prioritaires non chargée" in shown


def test_the_page_of_a_departement_says_which_epci_are_only_partly_in_it(client):
    shown = text(page(client, "departement", "35", nature="epci", nom="redon"))
    assert "CA Redon Agglomération" in shown
    assert "en partie" in shown
    assert "1 territoire" in shown


def test_a_sum_that_lacks_a_commune_says_so(client):
    assert "sans 2 communes dont le chiffre manque" in text(page(client, "departement", "29"))


def test_a_commune_without_epci_is_told_and_one_without_contour_has_no_map(client):
    assert "n’appartient à aucune intercommunalité" in text(page(client, "commune", "22016"))
    saint_martin = text(page(client, "commune", "97801"))
    assert "data-map" not in saint_martin
    assert "Population totale" not in saint_martin
    assert "31 160 habitants" in saint_martin


def test_a_former_code_leads_to_the_commune_of_today_and_says_so(client):
    response = client.get("/territoires/commune/01144/", follow=True)
    assert response.redirect_chain == [("/territoires/commune/01025/", 302)]
    assert "Le code 01144 mène aujourd’hui à la commune de Bâgé-Dommartin (01025)." in text(response)


def test_an_address_in_small_letters_leads_to_the_right_one(client):
    response = client.get("/territoires/commune/2a004/", follow=True)
    assert response.redirect_chain == [("/territoires/commune/2A004/", 302)]
    assert "mène aujourd’hui" not in text(response)


@pytest.mark.parametrize("address", ["commune/99999", "planete/42218", "departement/42218"])
def test_an_unknown_code_is_404_with_a_sentence_and_a_search(client, address):
    response = client.get(f"/territoires/{address}/")
    assert response.status_code == 404
    assert "Aucun territoire n’a le code" in text(response)
    assert 'action="/territoires/chercher/"' in text(response)


def test_the_list_is_in_pages_sorted_and_filtered_by_the_address(client):
    first = page(client, "departement", "42").context["contents"]
    assert first.paginator.count == 320
    assert len(first) == 50
    names = [t.sort_name for t in first]
    assert names == sorted(names)
    largest = page(client, "departement", "42", tri="population").context["contents"]
    assert [t.name for t in largest][:2] == ["Saint-Étienne", "Roanne"]
    some = page(client, "departement", "42", nom="st-just").context["contents"]
    assert {t.name for t in some} >= {"Saint-Just-Saint-Rambert", "Saint-Just-en-Chevalet"}
    assert page(client, "departement", "42", tri="nimporte", nature="x", page="99").status_code == 200


def test_overseas_collectivities_come_last_by_population_and_are_said_not_published(client):
    shown = page(client, "nation", "FR", nature="departement", tri="population")
    departements = list(shown.context["contents"])
    assert departements[0].name == "Nord"
    last = page(client, "nation", "FR", nature="departement", tri="population", page="3")
    assert "non publié" in text(last)


@pytest.mark.parametrize("extension", ["csv", "xlsx", "ods"])
def test_the_whole_list_leaves_as_a_file(client, extension):
    response = page(client, "epci", "244200770", format=extension)
    assert response.status_code == 200
    assert f'filename="epci-244200770.{extension}"' in response["Content-Disposition"]
    assert len(response.content) > 1_000


def test_the_file_has_every_row_of_the_filter_and_every_figure_under_its_name(client):
    response = page(client, "departement", "42", format="csv", nom="saint just")
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=";"))
    assert len(rows) == page(client, "departement", "42", nom="saint just").context["contents"].paginator.count
    row = next(row for row in rows if row["Code"] == "42279")
    assert row["Nom"] == "Saint-Just-Saint-Rambert"
    named = {key.replace("\u00a0", " "): value for key, value in row.items()}
    saint_just = Territory.objects.get(kind="commune", code="42279")
    for population in saint_just.populations.select_related("series"):
        assert named[f"{population.series.name} (millésime non précisé)"] == str(population.value)


def test_a_format_that_does_not_exist_is_404(client):
    assert page(client, "departement", "42", format="exe").status_code == 404
    assert page(client, "commune", "42218", format="csv").status_code == 404


@pytest.mark.parametrize(("kind", "code"), [("commune", "42218"), ("departement", "62"), ("nation", "FR")])
def test_the_page_costs_few_queries_whatever_its_size(client, kind, code):
    page(client, kind, code)
    with CaptureQueriesContext(connection) as queries:
        page(client, kind, code)
    ours = [query["sql"] for query in queries.captured_queries if "territories_" in query["sql"]]
    assert len(ours) <= 14, "\n".join(ours)


# Maps -------------------------------------------------------------------------------------------------------------


def contours(client, kind, code, **headers):
    return client.get(f"/territoires/{kind}/{code}/contours.geojson?v=x", **headers)


def test_a_map_has_every_commune_that_has_an_outline_or_a_point(client):
    drawn = json.loads(contours(client, "departement", "42").content)
    assert drawn["type"] == "FeatureCollection"
    assert len(drawn["features"]) == 320
    assert {f["properties"]["c"] for f in drawn["features"]} >= {"42218", "42187"}
    assert {f["geometry"]["type"] for f in drawn["features"]} <= {"Polygon", "MultiPolygon", "Point"}


def test_the_map_of_france_is_made_of_departements(client):
    drawn = json.loads(contours(client, "nation", "FR").content)
    assert len(drawn["features"]) == 101


def test_a_commune_is_its_own_only_piece(client):
    (only,) = json.loads(contours(client, "commune", "42218").content)["features"]
    assert only["properties"] == {"c": "42218", "n": "Saint-Étienne", "k": "commune", "z": "metro"}


@pytest.mark.parametrize("code", ["62", "02", "21"])
def test_the_heaviest_departements_travel_in_less_than_400_kilobytes(client, code):
    response = contours(client, "departement", code, HTTP_ACCEPT_ENCODING="gzip")
    assert response["Content-Encoding"] == "gzip"
    assert len(response.content) < 400_000
    assert json.loads(gzip.decompress(response.content))["features"]


def test_a_map_is_kept_for_ever_under_its_vintage_and_answers_304(client):
    response = contours(client, "departement", "42")
    assert "immutable" in response["Cache-Control"]
    again = contours(client, "departement", "42", HTTP_IF_NONE_MATCH=response["ETag"])
    assert again.status_code == 304
    assert "2026" in response["ETag"]
    unversioned = client.get("/territoires/departement/42/contours.geojson")
    assert "immutable" not in unversioned["Cache-Control"]


@pytest.mark.parametrize("address", ["commune/99999", "departement/999", "planete/1"])
def test_what_has_no_map_is_404(client, address):
    assert client.get(f"/territoires/{address}/contours.geojson").status_code == 404


# A territory in a form --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Saint-Étienne (commune 42218)", "42218"),
        ("42218", "42218"),
        ("saint-étienne", "42218"),
        ("l’hay-les-roses", "94038"),
        ("01144", "01025"),
        ("Loire (departement 42)", "42"),
        ("Loire (département 42)", "42"),
    ],
)
def test_a_form_field_takes_a_suggestion_a_code_or_a_name_that_is_alone(typed, code):
    field = TerritoryField(kinds=("commune", "departement"))
    assert field.clean(typed).code == code


def test_what_is_chosen_is_shown_again_as_it_was_chosen():
    field = TerritoryField()
    chosen = Territory.objects.get(kind="commune", code="42218")
    assert field.prepare_value(chosen) == "Saint-Étienne (commune 42218)"
    assert field.clean(field.prepare_value(chosen)) == chosen


@pytest.mark.parametrize(("typed", "said"), [("montreuil", "Plusieurs territoires"), ("zzzzqqxx", "Aucun territoire")])
def test_what_is_not_one_territory_is_explained(typed, said):
    from django.core.exceptions import ValidationError

    with pytest.raises(ValidationError, match=said):
        TerritoryField(kinds=("commune",)).clean(typed)


def test_the_field_is_a_labelled_combobox_that_works_as_plain_text():
    from django import forms

    class Form(forms.Form):
        place = TerritoryField(kinds=("commune", "epci"), label="Territoire")

    drawn = str(Form(initial={"place": "Bron"})["place"])
    assert 'role="combobox"' in drawn
    assert 'name="place"' in drawn
    assert 'value="Bron"' in drawn
    assert 'id="id_place"' in drawn
    assert "kind=commune&amp;kind=epci" in drawn
