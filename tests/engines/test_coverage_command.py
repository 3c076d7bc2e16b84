"""`prevenance coverage`: tables in, a table out, without a database; a fault is one sentence and nothing is written."""

import os
import subprocess
import sys

import polars as pl
import pytest

from prevenance.config import coverage
from prevenance.config.paths import ROOT

DEMAND = (
    "id,longitude,latitude,weight\n"
    "42218,4.3873,45.4397,172000\n"
    "42207,4.5149,45.4747,34000\n"
    "2A004,8.7369,41.9187,71000\n"
    "48095,3.4983,44.5177,12000\n"
)
SUPPLY = "id,longitude,latitude,capacity\npost-b,4.3873,45.4397,30\npost-a,4.3873,45.4397,5\nfar,3.4983,44.5177,0\n"
TIMES = "demand,supply,minutes\n42207,post-a,12\n42207,post-b,31\n2A004,post-b,200\n"
COLUMNS = ["id", "nearest", "minutes", "choices_15", "choices_30", "choices_45", "choices_60", "accessibility",
           "served_weight"]  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "d.csv").write_text(DEMAND)
    (tmp_path / "s.csv").write_text(SUPPLY)
    (tmp_path / "t.csv").write_text(TIMES)
    return tmp_path


def run(folder, *options, out="o.csv"):
    arguments = ["--demand", str(folder / "d.csv"), "--supply", str(folder / "s.csv"), "--out", str(folder / out)]
    return coverage.main([*arguments, *options])


def written(folder, name="o.csv"):
    path = folder / name
    table = pl.read_parquet(path) if name.endswith("parquet") else pl.read_csv(path, schema_overrides={"id": pl.String})
    return {row["id"]: row for row in table.iter_rows(named=True)}


def test_each_place_has_its_row_and_its_gap(folder, capsys):
    assert run(folder) == 0
    assert (folder / "o.csv").read_text().splitlines()[0].split(",") == COLUMNS
    found = written(folder)
    assert list(found) == ["42218", "42207", "2A004", "48095"]
    here = found["42218"]
    # Two posts at one address: the first identifier is named, whatever the order of rows.
    assert (here["nearest"], here["minutes"], here["choices_15"], here["served_weight"]) == ("post-a", 0, 2, 172_000)
    assert found["42207"]["minutes"] > 5
    gap = {"nearest": None, "minutes": None, "accessibility": 0, "served_weight": 0} | dict.fromkeys(COLUMNS[3:7], 0)
    assert found["2A004"] == {"id": "2A004"} | gap
    # Its own post is closed: the next one is far, beyond the catchment, yet there is a way to it.
    assert found["48095"]["nearest"] == "post-a"
    assert found["48095"]["minutes"] > 60
    assert found["48095"]["accessibility"] == found["48095"]["served_weight"] == 0
    weights = (172_000, 34_000, 71_000, 12_000)
    hours = [row["accessibility"] * weight for row, weight in zip(found.values(), weights, strict=True)]
    assert sum(hours) == pytest.approx(35)
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 6
    assert said[4].split() == ["aucun", "chemin", "71000.00", "24.57%"]


def test_the_order_of_rows_changes_no_digit(folder):
    run(folder, out="one.csv")
    for name in ("d.csv", "s.csv"):
        head, *rows = (folder / name).read_text().splitlines()
        (folder / name).write_text("\n".join([head, *reversed(rows)]))
    run(folder, out="other.csv")
    assert written(folder, "other.csv") == written(folder, "one.csv")
    assert list(written(folder, "other.csv")) == list(written(folder, "one.csv"))[::-1]


def test_parquet_in_and_out_is_the_same(folder):
    run(folder)
    for name in ("d", "s"):
        pl.read_csv(folder / f"{name}.csv", schema_overrides={"id": pl.String}).write_parquet(
            folder / f"{name}.parquet"
        )
    arguments = ["--demand", str(folder / "d.parquet"), "--supply", str(folder / "s.parquet")]
    assert coverage.main([*arguments, "--out", str(folder / "o.parquet")]) == 0
    assert written(folder, "o.parquet") == written(folder)


def test_a_table_of_times_replaces_the_model(folder):
    assert run(folder, "--times", str(folder / "t.csv"), "--decay", "none", "--bands", "12,31.5") == 0
    found = written(folder)
    one = found["42207"]
    assert (one["nearest"], one["minutes"], one["choices_12"], one["choices_31.5"]) == ("post-a", 12, 1, 2)
    assert one["accessibility"] == pytest.approx(35 / 34_000, rel=1e-15)
    assert (found["42218"]["nearest"], found["42218"]["accessibility"]) == (None, 0)
    assert (found["2A004"]["nearest"], found["2A004"]["minutes"], found["2A004"]["served_weight"]) == ("post-b", 200, 0)


@pytest.mark.parametrize(("decay", "worth"), [("none", 1.0), ("step", 0.68), ("gaussian", 0.4868)])
def test_a_decay_is_that_of_the_parameters(folder, decay, worth):
    """No minute and 14.4 of a catchment of 36: the first zone, then the second; 0 and 1.2 widths."""
    (folder / "t.csv").write_text("demand,supply,minutes\n42207,post-a,0\n42218,post-a,14.4\n")
    run(folder, "--times", str(folder / "t.csv"), "--decay", decay, "--catchment", "36")
    found = written(folder)
    assert found["42218"]["accessibility"] / found["42207"]["accessibility"] == pytest.approx(worth, rel=1e-3)


def test_without_any_post_everyone_is_in_a_gap(folder):
    (folder / "s.csv").write_text("id,longitude,latitude,capacity\n")
    assert run(folder) == 0
    found = written(folder)
    assert len(found) == 4
    assert {(row["nearest"], row["accessibility"], row["choices_60"]) for row in found.values()} == {(None, 0, 0)}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("d.csv", DEMAND.replace("weight", "poids"), "ligne 1 : colonne inconnue « poids »"),
        ("d.csv", DEMAND.replace("8.7369", ""), "ligne 4 : longitude manque."),
        ("d.csv", DEMAND.replace("2A004", "42218"), "ligne 4 : « 42218 » (id) est déjà à la ligne 2."),
        ("d.csv", DEMAND.replace("71000", "-1"), "ligne 4 : weight vaut -1, moins que 0."),
        ("s.csv", SUPPLY.replace(",5\n", ",-5\n"), "ligne 3 : capacity vaut -5, moins que 0."),
        ("s.csv", SUPPLY.replace("post-a", "post-b"), "ligne 3 : « post-b » (id) est déjà à la ligne 2."),
        ("t.csv", TIMES.replace("2A004", "2A999"), "ligne 4 : « 2A999 » n’est pas dans"),
        ("t.csv", TIMES.replace("post-a", "post-z"), "ligne 2 : « post-z » n’est pas dans"),
        ("t.csv", TIMES.replace(",12\n", ",-12\n"), "ligne 2 : minutes vaut -12, moins que 0."),
        ("t.csv", TIMES.replace("post-b", "post-a"), "ligne 3 : « 42207 post-a » (demand, supply) est déjà"),
    ],
)  # fmt: skip
def test_a_fault_is_one_sentence_and_nothing_is_written(folder, capsys, name, content, said):
    (folder / name).write_text(content)
    (folder / "o.csv").write_text("before")
    assert run(folder, "--times", str(folder / "t.csv")) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"{folder / name}, {said}")
    assert told.err.count("\n") == 1
    assert (folder / "o.csv").read_text() == "before"
    assert sorted(path.name for path in folder.iterdir()) == ["d.csv", "o.csv", "s.csv", "t.csv"]


def test_a_table_given_is_not_written_over(folder, capsys):
    assert run(folder, out="d.csv") == 2
    assert "prendrait la place" in capsys.readouterr().err
    assert (folder / "d.csv").read_text() == DEMAND


@pytest.mark.parametrize("options", ["--bands 15,x", "--bands 15,15", "--catchment 0", "--decay no"])
def test_an_option_that_means_nothing_is_refused(folder, options):
    with pytest.raises(SystemExit) as told:
        run(folder, *options.split())
    assert told.value.code == 2
    assert not (folder / "o.csv").exists()


def test_no_database_and_no_framework_are_needed(folder):
    """As a researcher runs it, with an address where no database answers."""
    arguments = ["--demand", "d.csv", "--supply", "s.csv", "--out", "o.csv"]
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "prevenance", "coverage", *arguments], cwd=folder, text=True,
        capture_output=True, env=os.environ | {"PYTHONPATH": str(ROOT), "DATABASE_URL": "postgresql://127.0.0.1:1/none"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert len(written(folder)) == 4
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert {"polars", "prevenance", "scipy"} <= imported
    assert imported & {"django", "psycopg"} == set()
