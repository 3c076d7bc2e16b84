"""prevenance coverage: who reaches which post, in how long, and who reaches none. From tables to a table.

Needs no database and no server. The table goes to the file asked for, its totals to standard output.
"""

import argparse
import sys
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from prevenance.core import travel
from prevenance.core.table_files import ID, PLACE, BadTable, Column, check_extension, read, unknown, write
from prevenance.core.travel import decay_on, places
from prevenance.engines.coverage import Coverage, Given, Pairs, Ways, cover

DEMAND = (ID, *PLACE, Column("weight", least=0))
SUPPLY = (ID, *PLACE, Column("capacity", least=0))
TIMES = (Column("demand", number=False), Column("supply", number=False), Column("minutes", least=0))
BANDS = "15,30,45,60"
ABOUT = """\
Dit, pour chaque point de demande, la permanence la plus proche, en combien de minutes, combien il y en a à portée,
les heures dont chaque habitant dispose une fois partagées (aire flottante en deux étapes), et qui n’a rien.

Tableaux CSV ou Parquet, selon leur extension, avec exactement ces colonnes :
  demande   id, longitude, latitude, weight      (degrés ; habitants, ou ce qu’il faut joindre)
  offre     id, longitude, latitude, capacity    (heures ; 0 : fermée, ne compte pour rien)
  temps     demand, supply, minutes              (remplace le modèle ; une paire absente ne se parcourt pas)
  résultat  id, nearest, minutes, choices_15…, accessibility, served_weight
"""


def main(arguments: list[str]) -> int:
    options = parser().parse_args(arguments)
    try:
        run(options)
    except BadTable as fault:
        print(fault, file=sys.stderr)
        return 2
    return 0


def parser() -> argparse.ArgumentParser:
    known = argparse.ArgumentParser(
        prog="prevenance coverage", description=ABOUT, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    known.add_argument("--demand", type=Path, required=True, metavar="D", help="tableau des points de demande")
    known.add_argument("--supply", type=Path, required=True, metavar="S", help="tableau des permanences")
    known.add_argument("--times", type=Path, metavar="T", help="tableau des temps de trajet")
    known.add_argument("--catchment", type=minutes, default=60.0, metavar="MINUTES", help="aire de chacun (60)")
    known.add_argument("--bands", type=bands, default=bands(BANDS), metavar="MINUTES,…", help=f"seuils ({BANDS})")
    known.add_argument(
        "--decay", choices=("step", "gaussian", "none"), default="step", help="ce que vaut l’éloignement"
    )
    known.add_argument("--out", type=Path, required=True, metavar="O", help="tableau à écrire")
    return known


def minutes(text: str) -> float:
    """A positive number of minutes."""
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 0 < found < np.inf:
        raise argparse.ArgumentTypeError(f"« {text} » n’est pas un nombre de minutes")
    return found


def bands(text: str) -> tuple[float, ...]:
    found = tuple(minutes(part) for part in text.split(","))
    if len(set(found)) < len(found):
        raise argparse.ArgumentTypeError(f"« {text} » donne deux fois le même seuil")
    return found


def run(options: argparse.Namespace) -> None:
    """Read, compute, write. Raises BadTable before anything is written."""
    check_extension(options.out)
    for path in filter(None, (options.demand, options.supply, options.times)):
        if path.resolve() == options.out.resolve():
            raise BadTable(f"{options.out} : le résultat prendrait la place d’un tableau donné.")
    # By identifier, so that the order of rows changes nothing, to the last digit of sums.
    given = read(options.demand, DEMAND)
    demand = given.sort("id")
    supply = read(options.supply, SUPPLY).sort("id")
    found = cover(
        demand["weight"].to_numpy(),
        supply["capacity"].to_numpy(),
        ways(options, demand, supply),
        decay_on(date.today(), options.decay, options.catchment),
        options.bands,
    )
    table = result(demand["id"], supply["id"], found)
    write(options.out, given.select("id").join(table, on="id", how="left", maintain_order="left"))
    print(totals(found))


def ways(options: argparse.Namespace, demand: pl.DataFrame, supply: pl.DataFrame) -> Ways:
    """The table of times if there is one, else straight lines."""
    if not options.times:
        today = date.today()
        points = [
            places(table["longitude"].to_numpy(), table["latitude"].to_numpy(), on=today) for table in (demand, supply)
        ]
        return travel.ways(*points, on=today)
    table = read(options.times, TIMES, key=("demand", "supply"))
    unknown(options.times, table, "demand", demand["id"], f"dans {options.demand}")
    unknown(options.times, table, "supply", supply["id"], f"dans {options.supply}")
    return Given(
        Pairs(
            ranks(table["demand"], demand["id"]),
            ranks(table["supply"], supply["id"]),
            table["minutes"].to_numpy(),
            len(demand),
            len(supply),
        )
    )


def ranks(names: pl.Series, among: pl.Series) -> np.ndarray:
    """Where each name is among those, which are sorted."""
    return among.search_sorted(names).cast(pl.Int64).to_numpy()


def result(demand: pl.Series, supply: pl.Series, found: Coverage) -> pl.DataFrame:
    """One row a demand point. No post that a path leads to: `nearest` and `minutes` are empty, all else is 0."""
    reached = pl.Series(found.nearest >= 0)
    nearest = supply.gather(np.maximum(found.nearest, 0)) if len(supply) else pl.repeat(None, len(demand), eager=True)
    return pl.DataFrame(
        {"id": demand, "nearest": nearest, "minutes": found.minutes}
        | {f"choices_{band:g}": found.choices[:, rank] for rank, band in enumerate(found.bands)}
        | {"accessibility": found.accessibility, "served_weight": found.served},
        schema_overrides={"nearest": pl.String},
    ).with_columns(pl.when(reached).then(pl.col("nearest", "minutes")))


def totals(found: Coverage) -> str:
    """Weight beyond each band, and without any way."""
    whole = found.weight.sum()
    lines = [("aucun chemin", found.weight[np.isinf(found.minutes)].sum())]
    lines[:0] = [(f"au-delà de {band:g} min", weight) for band, weight in zip(found.bands, found.beyond(), strict=True)]
    lines.append(("poids servi dans l’aire", found.served.sum()))
    return "\n".join(f"{said:26} {weight:16.2f}  {weight / whole if whole else 0:7.2%}" for said, weight in lines)
