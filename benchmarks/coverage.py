"""Accessibility of all of France: at most 1.5 × a bare SciPy computation, 8 × faster than PySAL `access`, in 200 MB.

The real communes with their inhabitants; services drawn among inhabitants with a seed, their hours too; an hour's
catchment in three zones. Each way runs in a process of its own (`_catchments.py`), in turn, from coordinates to
figures; all give the same figures. The bare computation goes at one pace, that of most communes, and so does ours
beside it; paces by density and lands are measured beside what one would write by hand for them. Every output of the
command, its points' lands and densities found first, takes at most 3 × the bare one; a post more or less, at most a
fifth of the whole, equal within 1e-12.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars

from benchmarks._catchments import WAYS
from benchmarks._measuring import Report, machine
from prevenance.config.paths import DATA, ROOT
from prevenance.core.travel import pace_on, places

DAY = date(2026, 11, 28)
SERVICES = 2_000
MEGABYTES = 200.0


def country(part: float) -> dict[str, np.ndarray]:
    """Columns of a part of the communes that have a point, and of as small a part of the services."""
    table = polars.read_parquet(DATA / "territories" / "communes.parquet").drop_nulls(["longitude"])
    drawn = np.random.default_rng(6)
    weight = table["population"].fill_null(0).cast(polars.Float64).to_numpy()
    kept = np.sort(drawn.choice(len(table), round(len(table) * part), replace=False))
    longitude, latitude, weight = table["longitude"].to_numpy()[kept], table["latitude"].to_numpy()[kept], weight[kept]
    services = round(SERVICES * part)
    where = drawn.choice(len(kept), services, p=weight / weight.sum())
    # Within a kilometre or so of the point of their commune.
    near = drawn.normal(0, 0.005, (2, services))
    posts = longitude[where] + near[0], latitude[where] + near[1]
    found = {"weight": weight, "capacity": drawn.integers(4, 71, services).astype(np.float64)}
    for before, columns in (("", (longitude, latitude)), ("post_", posts)):
        points = places(*columns, on=DAY)
        found |= {before + name: column for name, column in vars(points).items()}
    road = pace_on(DAY).road
    return found | {"flat_pace": np.median(found["pace"]), "near": road.near, "open_road": road.pace}


class Way:
    """A process that waits to be asked for a round."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.folder, self.rounds = name, folder, list[dict[str, float]]()
        self.found: Any = None
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks._catchments", name, str(folder)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def ask(self) -> dict[str, float]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit(f"{self.name} n’a pas répondu : voyez son message ci-dessus.")
        return dict(json.loads(answer))

    def measure(self) -> None:
        self.rounds.append(self.ask())

    def median(self, figure: str = "seconds") -> float:
        return statistics.median(answer[figure] for answer in self.rounds)

    def megabytes(self) -> float:
        return self.rounds[-1]["megabytes"]

    def __enter__(self) -> "Way":
        return self

    def __exit__(self, *_raised: object) -> None:
        self.process.communicate()


def measured(case: dict[str, np.ndarray], rounds: int) -> dict[str, Way]:
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        np.savez(folder / "case.npz", **case)
        ways = {name: stack.enter_context(Way(name, folder)) for name in [*WAYS, "changed"]}
        for way in ways.values():
            way.ask()  # imports and first touch of memory are not counted
        for rank in range(rounds):
            for way in ways.values():
                # Many times as long as the others, which it must not outweigh: three rounds are enough.
                if way.name != "by_access" or rank < 3:
                    way.measure()
        for way in ways.values():
            if way.name != "changed":
                way.found = np.load(folder / f"{way.name}.npy")
    return ways


def command(case: dict[str, np.ndarray]) -> float:
    """Seconds of `prevenance coverage` on this country, as a researcher waits for it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, before, figure in (("demand", "", "weight"), ("supply", "post_", "capacity")):
            columns = {place: case[before + place] for place in ("longitude", "latitude")} | {figure: case[figure]}
            polars.DataFrame(columns).with_row_index("id").write_csv(folder / f"{file}.csv")
        asked = [f"--{file}={folder / file}.csv" for file in ("demand", "supply")]
        begin = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "prevenance", "coverage", *asked, f"--out={folder / 'out.csv'}"],
            cwd=ROOT, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        return time.perf_counter() - begin


def furthest(one: np.ndarray, other: np.ndarray) -> float:
    """The largest difference, as a part of the figure."""
    return float(np.max(np.abs(one - other) / np.where(other == 0, 1, other)))


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("--rounds", type=int, default=15)
    options.add_argument("--part", type=float, default=1.0)
    asked = options.parse_args()
    case = country(asked.part)
    ways = measured(case, asked.rounds)
    report = Report()
    decided = report.promise if asked.part == 1 else report.hope
    print(machine())
    report.title(f"{len(case['weight'])} communes, {len(case['capacity'])} services, une heure, {asked.rounds} tours")
    for name, said in SAID.items():
        report.fact(said, f"{ways[name].median() * 1000:.0f} ms", f"{ways[name].megabytes():.0f} Mo")
    changed = ways["changed"]
    report.fact("une permanence de plus", f"{changed.median('added') * 1000:.1f} ms")
    report.fact("une permanence fermée", f"{changed.median() * 1000:.1f} ms")

    def ratio(one: str, other: str) -> float:
        return ways[one].median() / ways[other].median()

    report.fact("la commande, de ses tableaux CSV au sien", f"{command(case):.1f} s", "démarrage de Python compris")

    report.title("Les mêmes chiffres")
    for one, other in (("alone", "bare"), ("alone", "by_access"), ("alone_by_density", "bare_by_density"),
                       ("every", "alone"), ("every_by_density", "alone_by_density")):  # fmt: skip
        apart = furthest(ways[one].found, ways[other].found)
        report.none(f"{SAID[one]} : loin de {SAID[other]}", [f"{apart:.1e}"] if apart > 1e-9 else [])
    worst = max(answer["difference"] for answer in changed.rounds)
    report.none("une de plus ou de moins : loin du tout, au-delà de 1e-12", [f"{worst:.1e}"] if worst > 1e-12 else [])

    report.title("Temps et mémoire")
    decided("accessibilité / calcul nu", ratio("alone", "bare"), 1.5)
    decided("accessibilité par densité / calcul nu par densité", ratio("alone_by_density", "bare_by_density"), 1.5)
    decided("accessibilité / access", ratio("alone", "by_access"), 1 / 8)
    decided("toutes les sorties / calcul nu", ratio("every", "bare"), 3)
    decided("toutes les sorties par densité / calcul nu par densité", ratio("every_by_density", "bare_by_density"), 3)
    both = ways["placed"].median() + ways["every_by_density"].median()
    decided("terre, densité, toutes les sorties / calcul nu", both / ways["bare"].median(), 3)
    whole = ways["every_by_density"].median()
    decided("une permanence de plus / le tout", changed.median("added") / whole, 0.2)
    decided("une permanence fermée / le tout", changed.median() / whole, 0.2)
    decided("mémoire de l’accessibilité seule", ways["alone"].megabytes(), MEGABYTES, "Mo")
    decided("mémoire de l’accessibilité par densité", ways["alone_by_density"].megabytes(), MEGABYTES, "Mo")
    return report.end()


SAID = {
    "bare": "calcul nu",
    "alone": "accessibilité",
    "every": "toutes les sorties",
    "by_access": "access",
    "bare_by_density": "calcul nu par densité",
    "alone_by_density": "accessibilité par densité",
    "every_by_density": "toutes les sorties par densité",
    "placed": "terre et densité des points, d’abord",
}

if __name__ == "__main__":
    sys.exit(main())
