"""Loading again: the same vintage changes nothing, the next one keeps every identifier."""

import datetime
import subprocess
import sys

import polars as pl
import psycopg
import pytest
import yaml
from django.conf import settings

from prevenance.config.paths import ROOT
from tests import database

FOLDER = settings.DATA / "territories"


@pytest.fixture(scope="module")
def instance(django_db_setup):
    """A database of its own, holding France as it is delivered."""
    with database.copy_of(database.france()) as name:
        yield name


def load(instance, *options):
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "prevenance", "load_territories", *map(str, options)],
        cwd=ROOT, env=database.environment(instance), capture_output=True, text=True,
    )  # fmt: skip


def rows(instance, query, *values):
    with psycopg.connect(database.url("owner", instance)) as connection:
        return connection.execute(query, values).fetchall()


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


def state(instance):
    return {
        table: rows(instance, f"SELECT count(*), sum(hashtext(t::text)::bigint) FROM territories_{table} t")
        for table in TABLES
    }


def test_loading_the_same_vintage_again_changes_no_row(instance):
    before = state(instance)
    done = load(instance)
    assert done.returncode == 0, done.stderr
    assert "0 ajoutés, 0 modifiés" in done.stderr
    assert done.stdout == "", "progress goes to standard error"
    assert state(instance) == before


def test_the_next_vintage_keeps_identifiers_closes_what_is_gone_and_dates_what_appears(instance, next_vintage):
    before = dict(rows(instance, "SELECT kind || code, id FROM territories_territory"))
    done = load(instance, "--folder", next_vintage)
    assert done.returncode == 0, done.stderr
    after = dict(rows(instance, "SELECT kind || code, id FROM territories_territory"))
    assert {key: after[key] for key in before} == before
    assert set(after) - set(before) == {"commune01999"}

    day = datetime.date(2027, 1, 1)
    assert rows(instance, "SELECT kind, code FROM territories_territory WHERE until = %s", day) == [
        ("commune", "01002")
    ]
    assert rows(instance, "SELECT code FROM territories_territory WHERE since = %s", day) == [("01999",)]
    assert rows(instance, "SELECT territory_id FROM territories_formercode WHERE code = '01002'") == [
        (before["commune01001"],)
    ]
    still = "SELECT count(*) FROM territories_containment WHERE contained_id = %s"
    assert rows(instance, still, before["commune01002"])[0][0] >= 4, (
        "its council must stay within reach of its département"
    )
    years = "SELECT DISTINCT year FROM territories_population JOIN territories_populationseries s ON s.id = series_id"
    assert set(rows(instance, years)) == {(None,), (2024,)}, "older figures stay beside the new ones"


def test_an_older_vintage_is_refused_in_one_sentence(instance, next_vintage):
    load(instance, "--folder", next_vintage)
    done = load(instance)
    assert done.returncode == 1
    assert "Un millésime plus récent que 2026 est déjà chargé." in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_folder_is_said_plainly(instance, tmp_path):
    done = load(instance, "--folder", tmp_path / "rien")
    assert done.returncode == 1
    assert "Le dossier doit contenir reference.yaml" in done.stderr
