"""The real France is there, whole."""

import polars as pl
import pytest
from django.conf import settings
from django.db import connection
from django.db.models import Sum

from prevenance.domains.territories.models import (
    Containment,
    Contour,
    FormerCode,
    Population,
    PopulationSeries,
    PostalCode,
    ReferenceImport,
    Territory,
)

pytestmark = pytest.mark.django_db
FOLDER = settings.DATA / "territories"


def territory(kind, code):
    return Territory.objects.get(kind=kind, code=code)


def names(queryset):
    return set(queryset.values_list("name", flat=True))


@pytest.mark.parametrize(
    ("kind", "count"),
    [("commune", 34_969), ("epci", 1_255), ("ept", 11), ("departement", 109), ("region", 26), ("nation", 1)],
)
def test_every_territory_of_the_files_is_loaded(kind, count):
    assert Territory.objects.existing().filter(kind=kind).count() == count


def test_postal_and_former_codes_and_contours_are_those_of_the_files():
    communes = pl.read_parquet(FOLDER / "communes.parquet")
    assert PostalCode.objects.count() == communes["postal_codes"].list.unique().list.len().sum()
    former = FormerCode.objects.filter(nature=FormerCode.Nature.FORMER)
    assert former.count() == communes["former_codes"].list.len().sum() == 4_240
    assert FormerCode.objects.filter(nature=FormerCode.Nature.ARRONDISSEMENT).count() == 45
    assert Contour.objects.filter(territory__kind="commune").count() == 34_867
    assert Contour.objects.filter(territory__kind="departement").count() == 101


@pytest.mark.parametrize(
    ("definition", "column", "lacking"),
    [("total", "population_total", 98), ("municipal", "population_municipal", 98), ("unspecified", "population", 6)],
)
def test_each_population_keeps_its_definition_and_the_nation_is_the_sum_of_its_communes(definition, column, lacking):
    expected = pl.read_parquet(FOLDER / "communes.parquet")[column].sum()
    series = PopulationSeries.objects.get(definition=definition)
    figures = Population.objects.filter(series=series)
    assert figures.filter(territory__kind="commune").aggregate(total=Sum("value"))["total"] == expected
    nation = figures.get(territory__kind="nation")
    assert (nation.value, nation.missing) == (expected, lacking)
    assert series.year is None, "the files do not say the year: none may be invented"


def test_the_municipal_figure_of_an_epci_is_the_one_that_its_own_file_gives():
    epci = pl.read_parquet(FOLDER / "epci.parquet").select("code", "population")
    ours = Population.objects.filter(series__definition="municipal", territory__kind="epci")
    assert dict(ours.values_list("territory__code", "value")) == dict(epci.iter_rows())


def test_an_epci_across_two_departements_is_partly_in_each():
    redon = Territory.objects.get(kind="epci", name__icontains="Redon")
    links = Containment.objects.filter(contained=redon, container__kind="departement")
    assert set(links.values_list("container__code", "partial", "direct")) == {
        ("35", True, True), ("44", True, True), ("56", True, True),
    }  # fmt: skip
    regions = Containment.objects.filter(contained=redon, container__kind="region")
    assert set(regions.values_list("container__name", "partial")) == {("Bretagne", True), ("Pays de la Loire", True)}
    assert not Containment.objects.get(contained=redon, container__kind="nation").partial


def test_a_departement_contains_only_its_own_communes_even_of_an_epci_that_goes_beyond():
    inside = Territory.objects.inside(territory("departement", "35")).filter(kind="commune")
    assert inside.count() == 332
    assert all(code.startswith("35") for code in inside.values_list("code", flat=True))


def test_a_commune_is_at_once_in_its_epci_its_ept_its_departement_its_region_and_the_nation():
    around = Territory.objects.around(territory("commune", "93066"))
    assert names(around) == {
        "Métropole du Grand Paris", "Plaine Commune", "Seine-Saint-Denis", "Île-de-France", "France",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("code", "name", "postal"),
    [("75056", "Paris", "75020"), ("69123", "Lyon", "69009"), ("13055", "Marseille", "13016")],
)
def test_paris_lyon_and_marseille_are_one_commune_with_all_their_postal_codes(code, name, postal):
    commune = territory("commune", code)
    assert commune.name == name
    assert commune.postal_codes.filter(code=postal).exists()


def test_a_former_code_leads_to_the_commune_of_today():
    # Dommartin, in the Ain, joined Bâgé-la-Ville in 2018.
    assert FormerCode.objects.get(pk="01144").territory.name == "Bâgé-Dommartin"


def test_some_communes_have_no_epci_no_contour_no_point():
    brehat = territory("commune", "22016")
    assert not Territory.objects.around(brehat).filter(kind="epci").exists()
    saint_martin = territory("commune", "97801")
    assert not Contour.objects.filter(territory=saint_martin).exists()
    assert saint_martin.longitude is None
    assert names(Territory.objects.around(saint_martin)) == {"Saint-Martin", "France"}


def test_order_is_french():
    listed = Territory.objects.filter(kind="departement").order_by("sort_name").values_list("name", flat=True)
    position = list(listed).index
    assert (
        position("Drôme") < position("Essonne") < position("Eure") < position("Hérault") < position("Île de Clipperton")
    )


def test_the_application_may_only_read():
    with pytest.raises(Exception, match="permission denied"), connection.cursor() as cursor:
        cursor.execute("UPDATE territories_territory SET name = 'Ailleurs'")


def test_where_it_comes_from_is_kept():
    loaded = ReferenceImport.objects.get(kind=ReferenceImport.Kind.TERRITORIES)
    assert loaded.vintage == 2026
    assert loaded.rows == 36_371
    assert "GPL-3.0" in loaded.licence
