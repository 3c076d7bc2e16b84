"""Loading again: the same vintage changes nothing, the next one keeps every identifier."""

import datetime
import io

import polars as pl
import pytest
import yaml
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from prevenance.domains.territories.models import Territory

FOLDER = settings.DATA / "territories"


def load(*options):
    said = io.StringIO()
    call_command("load_territories", *map(str, options), stderr=said)
    return said.getvalue()


def rows(query, *values):
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()


@pytest.fixture(scope="module")
def next_vintage(tmp_path_factory):
    """An invented 2027: L’Abergement-de-Varey joins L’Abergement-Clémenciat, one commune appears."""
    folder = tmp_path_factory.mktemp("vintage")
    for path in FOLDER.glob("*.parquet"):
        (folder / path.name).symlink_to(path)
    communes = pl.read_parquet(FOLDER / "communes.parquet")
    merged = communes.filter(pl.col("code") != "01002").with_columns(
        former_codes=pl.when(pl.col("code") == "01001").then(pl.lit(["01002"])).otherwise(pl.col("former_codes"))
    )
    new = communes.filter(pl.col("code") == "01004").with_columns(
        code=pl.lit("01999"),
        name=pl.lit("Inventée-sur-Essai"),
        former_codes=pl.lit([], pl.List(pl.String)),
        epci=pl.lit(None),
    )
    (folder / "communes.parquet").unlink()
    pl.concat([merged, new]).write_parquet(folder / "communes.parquet")
    about = yaml.safe_load((FOLDER / "reference.yaml").read_text(encoding="utf-8"))
    for series in about["populations"]:
        series["year"] = 2024
    (folder / "reference.yaml").write_text(yaml.safe_dump(about | {"vintage": 2027}), encoding="utf-8")
    bodies = pl.read_parquet(FOLDER / "epci.parquet").with_columns(
        members=pl.col("members").list.set_difference(pl.lit(["01002"]))
    )
    (folder / "epci.parquet").unlink()
    bodies.write_parquet(folder / "epci.parquet")
    return folder


TABLES = ("territory", "containment", "population", "postalcode", "formercode", "contour", "populationseries")


def state():
    return {
        table: rows(f"SELECT count(*), sum(hashtext(t::text)::bigint) FROM territories_{table} t") for table in TABLES
    }


def test_loading_the_same_vintage_again_changes_no_row(owned_france):
    before = state()
    assert "0 ajoutés, 0 modifiés" in load()
    assert state() == before


def test_the_next_vintage_keeps_identifiers_closes_what_is_gone_and_dates_what_appears(owned_france, next_vintage):
    before = dict(rows("SELECT kind || code, id FROM territories_territory"))
    load("--folder", next_vintage)
    after = dict(rows("SELECT kind || code, id FROM territories_territory"))
    assert {key: after[key] for key in before} == before
    assert set(after) - set(before) == {"commune01999"}

    day = datetime.date(2027, 1, 1)
    assert rows("SELECT kind, code FROM territories_territory WHERE until = %s", day) == [("commune", "01002")]
    assert rows("SELECT code FROM territories_territory WHERE since = %s", day) == [("01999",)]
    led_to = rows("SELECT territory_id FROM territories_formercode WHERE code = '01002'")
    assert led_to == [(before["commune01001"],)]
    assert Territory.objects.at("commune", "01002").code == "01001"
    still = rows("SELECT count(*) FROM territories_containment WHERE contained_id = %s", before["commune01002"])
    assert still[0][0] >= 4, "its council must stay within reach of its département"
    years = "SELECT DISTINCT year FROM territories_population JOIN territories_populationseries s ON s.id = series_id"
    assert set(rows(years)) == {(None,), (2024,)}, "older figures stay beside the new ones"
    assert not Territory.objects.existing().filter(kind="commune", code="01002").exists()
    assert Territory.objects.existing(datetime.date(2026, 6, 1)).filter(kind="commune", code="01002").exists()
    assert not Territory.objects.existing(datetime.date(2026, 6, 1)).filter(kind="commune", code="01999").exists()


def test_an_older_vintage_is_refused_in_one_sentence(owned_france, next_vintage):
    load("--folder", next_vintage)  # whichever test came before: each may run on a worker of its own
    with pytest.raises(CommandError, match="Un millésime plus récent que 2026 est déjà chargé"):
        load()


def test_a_missing_folder_is_said_plainly(owned_france, tmp_path):
    with pytest.raises(CommandError, match="Le dossier doit contenir"):
        load("--folder", tmp_path / "rien")
