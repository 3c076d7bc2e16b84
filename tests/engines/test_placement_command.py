"""`prevenance placement`: tables in, one answer and a table out, without a database; a fault is one sentence."""

import json
import os
import subprocess
import sys

import polars as pl
import pytest

from prevenance.config import placement
from prevenance.config.paths import ROOT

DEMAND = (
    "id,longitude,latitude,weight\n"
    "a,4.3873,45.4397,100\n"
    "b,4.5149,45.4747,60\n"
    "c,4.0700,46.0400,50\n"
    "d,3.4983,44.5177,10\n"
    "ajaccio,8.7369,41.9187,70\n"
)
CANDIDATES = "id,longitude,latitude\nnord,4.0700,46.0400\nsud,4.3873,45.4397\nloin,3.4983,44.5177\n"
RICH = (
    "id,longitude,latitude,cost,state,capacity\n"
    "nord,4.0700,46.0400,3,free,1000\n"
    "sud,4.3873,45.4397,5,forbidden,1000\n"
    "loin,3.4983,44.5177,1,forced,1000\n"
    "petit,4.3873,45.4397,1.5,free,40\n"
)
EXISTING = "id,longitude,latitude,capacity\nancien,4.5149,45.4747,30\n"
TIMES = "demand,supply,minutes\na,sud,10\nb,sud,12\nc,nord,0\nb,nord,31\nd,loin,0\n"
KEYS = {"model", "objective", "bound", "gap", "seconds", "chosen", "proof", "served", "unserved", "unreached"}


@pytest.fixture
def folder(tmp_path):
    for name, text in (("d", DEMAND), ("c", CANDIDATES), ("e", EXISTING), ("t", TIMES)):
        (tmp_path / f"{name}.csv").write_text(text)
    return tmp_path


def arguments(folder, *options, out="o.csv"):
    tables = ["--demand", str(folder / "d.csv"), "--candidates", str(folder / "c.csv"), "--out", str(folder / out)]
    return [*tables, "--json", *options]


@pytest.fixture
def run(folder, capsys):
    def once(*options, out="o.csv"):
        status = placement.main(arguments(folder, *options, out=out))
        said = capsys.readouterr()
        assert status == 0, said.err
        answer = json.loads(said.out)
        assert answer.keys() == KEYS
        return answer

    return once


def written(folder, name="o.csv"):
    return {
        row["id"]: row for row in pl.read_csv(folder / name, schema_overrides={"id": pl.String}).iter_rows(named=True)
    }


def test_covering_says_who_is_served_by_what_and_who_is_not(folder, run):
    answer = run("--model", "mclp", "--within", "30", "--k", "2")
    assert answer["chosen"] == ["nord", "sud"]
    assert answer["objective"] == answer["bound"] == answer["served"] == 210
    assert (answer["gap"], answer["unserved"], answer["unreached"]) == (0, 80, ["ajaccio"])
    assert answer["seconds"] >= 0
    table = written(folder)
    assert list(table) == ["a", "b", "c", "d", "ajaccio"]
    assert table["a"] == {"id": "a", "site": "sud", "minutes": 0, "served_weight": 100}
    assert table["b"]["site"] == "sud"
    assert 5 < table["b"]["minutes"] <= 30
    assert table["ajaccio"] == {"id": "ajaccio", "site": None, "minutes": None, "served_weight": 0}


def test_the_fewest_for_everyone_whom_something_reaches(run):
    answer = run("--model", "lscp", "--within", "30")
    assert sorted(answer["chosen"]) == ["loin", "nord", "sud"]
    assert (answer["objective"], answer["bound"], answer["unreached"]) == (3, 3, ["ajaccio"])
    assert isinstance(answer["objective"], int)


def test_the_least_mean_time_over_a_table_of_times(folder, run):
    answer = run("--model", "pmedian", "--k", "2", "--times", str(folder / "t.csv"))
    # Longest time of the table: 31. Served: a in 10, b in 12, c in 0; d and ajaccio count for 31.
    assert answer["chosen"] == ["nord", "sud"]
    assert answer["objective"] == pytest.approx((100 * 10 + 60 * 12 + 80 * 31) / 290, rel=1e-15)
    assert answer["gap"] < 1e-9
    assert answer["unreached"] == ["ajaccio"]


def test_existing_posts_costs_states_and_capacities(folder, run):
    (folder / "c.csv").write_text(RICH)
    answer = run("--model", "mclp", "--within", "30", "--budget", "5.5", "--existing", str(folder / "e.csv"))
    # Forced: loin (1); nord (3) and petit (1.5) use up the rest. The old post serves 30, petit 40, of a and b.
    assert answer["chosen"] == ["loin", "nord", "petit"]
    assert answer["objective"] == pytest.approx(10 + 50 + 30 + 40)
    assert answer["proof"] == "solver"
    table = written(folder)
    assert sum(row["served_weight"] for row in table.values()) == pytest.approx(130)
    assert {row["site"] for row in table.values()} <= {"loin", "nord", "petit", "ancien", None}


def test_the_order_of_rows_changes_nothing(folder, run):
    options = ("--model", "pmedian", "--within", "120", "--k", "2", "--method", "fast")
    one = run(*options, out="one.csv")
    for name in ("d.csv", "c.csv"):
        head, *rows = (folder / name).read_text().splitlines()
        (folder / name).write_text("\n".join([head, *reversed(rows)]))
    other = run(*options, out="other.csv")
    assert one | {"seconds": 0} == other | {"seconds": 0}
    assert written(folder, "one.csv") == written(folder, "other.csv")


def test_parquet_in_and_out(folder, run):
    answer = run("--model", "mclp", "--within", "30", "--k", "1")
    for name in ("d", "c"):
        pl.read_csv(folder / f"{name}.csv").write_parquet(folder / f"{name}.parquet")
    again = ["--demand", str(folder / "d.parquet"), "--candidates", str(folder / "c.parquet")]
    found = run("--model", "mclp", "--within", "30", "--k", "1", *again, out="o.parquet")
    assert found | {"seconds": 0} == answer | {"seconds": 0}
    assert pl.read_parquet(folder / "o.parquet").to_dicts() == list(written(folder).values())


def test_lines_for_people(folder, capsys):
    options = arguments(folder, "--model", "pmedian", "--within", "60", "--k", "1")
    options.remove("--json")
    assert placement.main(options) == 0
    said = capsys.readouterr().out
    assert "temps moyen (min)" in said
    assert said.splitlines()[-1] == "sud"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("d.csv", DEMAND.replace("weight", "poids"), "d.csv, ligne 1 : colonne inconnue « poids »"),
        ("d.csv", DEMAND.replace("8.7369", ""), "d.csv, ligne 6 : longitude manque."),
        ("d.csv", DEMAND.replace(",60", ",-60"), "d.csv, ligne 3 : weight vaut -60, moins que 0."),
        ("d.csv", DEMAND.replace("\nb,", "\na,"), "d.csv, ligne 3 : « a » (id) est déjà à la ligne 2."),
        ("c.csv", CANDIDATES.replace("sud,4.3873", "sud,"), "c.csv, ligne 3 : longitude manque."),
        ("c.csv", RICH.replace(",3,", ",-3,"), "c.csv, ligne 2 : cost vaut -3, moins que 0."),
        ("c.csv", RICH.replace("free,40", "libre,40"), "c.csv, ligne 5 : « libre » n’est ni free, ni forced, ni"),
        ("c.csv", RICH.replace(",state,", ",etat,"), "c.csv, ligne 1 : colonne inconnue « etat »"),
        ("e.csv", EXISTING.replace("ancien", "sud"), "e.csv, ligne 2 : « sud » (id) est aussi dans"),
        ("e.csv", EXISTING.replace(",30", ",x"), "e.csv, ligne 2 : « x » n’est pas un nombre (capacity)."),
        ("t.csv", TIMES.replace("c,nord", "c,nulle"), "t.csv, ligne 4 : « nulle » n’est pas dans"),
        ("t.csv", TIMES.replace("31", "-31"), "t.csv, ligne 5 : minutes vaut -31, moins que 0."),
        ("t.csv", TIMES.replace("b,nord", "a,sud"), "t.csv, ligne 5 : « a sud » (demand, supply) est déjà"),
    ],
)
def test_a_fault_names_file_and_row_and_writes_nothing(folder, capsys, name, content, said):
    (folder / name).write_text(content)
    options = ["--model", "mclp", "--within", "30", "--k", "1", "--existing", str(folder / "e.csv")]
    if name == "t.csv":
        options += ["--times", str(folder / "t.csv")]
    refused(folder, capsys, options, said)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--model", "mclp", "--k", "1"], "--model mclp demande --within"),
        (["--model", "lscp"], "--model lscp demande --within"),
        (["--model", "mclp", "--within", "30"], "--model mclp demande --k ou --budget"),
        (["--model", "pmedian"], "--model pmedian demande --k ou --budget"),
        (["--model", "mclp", "--within", "30", "--budget", "3"], "c.csv : --budget demande une colonne « cost »."),
    ],
)
def test_options_that_say_no_problem(folder, capsys, options, said):
    refused(folder, capsys, options, said)


@pytest.mark.parametrize(
    ("options", "said"),
    [(["--k", "0"], "1 lieux à ouvrir (forced), plus que --k 0."), (["--budget", "0.5"], "coûtent 1, plus que")],
)
def test_forced_sites_too_many_or_too_dear(folder, capsys, options, said):
    (folder / "c.csv").write_text(RICH)
    refused(folder, capsys, ["--model", "mclp", "--within", "30", *options], said)


def refused(folder, capsys, options, said):
    before = sorted(path.name for path in folder.iterdir())
    assert placement.main(arguments(folder, *options)) == 2
    heard = capsys.readouterr()
    assert said in heard.err
    assert heard.err.count("\n") == 1
    assert heard.out == ""
    assert sorted(path.name for path in folder.iterdir()) == before


def test_a_result_never_takes_the_place_of_a_table(folder, capsys):
    (folder / "o.csv").write_text(EXISTING)
    refused_options = ["--model", "mclp", "--within", "30", "--k", "1", "--existing", str(folder / "o.csv")]
    refused(folder, capsys, refused_options, "prendrait la place d’un tableau donné")
    assert (folder / "o.csv").read_text() == EXISTING


@pytest.mark.parametrize("wrong", [["--k", "-1"], ["--k", "1.5"], ["--within", "x"], ["--model", "best"]])
def test_options_that_mean_nothing(folder, capsys, wrong):
    with pytest.raises(SystemExit) as stopped:
        placement.main(arguments(folder, "--model", "mclp", "--within", "30", "--k", "1", *wrong))
    assert stopped.value.code == 2
    assert not (folder / "o.csv").exists()


def test_the_command_says_one_object_and_needs_no_database(folder):
    """The solver's banner and anything else stay out of standard output, where the answer goes."""
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    environment["PREVENANCE_VAR"] = str(folder / "nothing-there")
    (folder / "c.csv").write_text(RICH)
    options = arguments(folder, "--model", "mclp", "--within", "30", "--k", "2", "--existing", str(folder / "e.csv"))
    done = subprocess.run(
        [sys.executable, "-m", "prevenance", "placement", *options], cwd=ROOT, env=environment, capture_output=True,
        text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["proof"] == "solver"
    assert not (folder / "nothing-there").exists()
