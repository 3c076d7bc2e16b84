"""prevenance placement: where the next posts or stops serve most, and what is proved of it. From tables to a table.

Needs no database and no server. The table goes to the file asked for, the answer to standard output.
"""

import argparse
import json
import sys
import time
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from prevenance.core import travel
from prevenance.core.table_files import ID, PLACE, BadTable, Column, bad_row, check_extension, read, unknown, write
from prevenance.core.travel import places
from prevenance.engines.coverage import Pairs
from prevenance.engines.placement import EXISTING, FORBIDDEN, FORCED, FREE, MODELS, Aim, Placement, Problem, place

DEMAND = (ID, *PLACE, Column("weight", least=0))
CAPACITY = Column("capacity", least=0, optional=True)
EXISTING_POSTS = (ID, *PLACE, CAPACITY)
CANDIDATES = (
    *EXISTING_POSTS,
    Column("cost", least=0, optional=True),
    Column("state", number=False, optional=True),
)
TIMES = (Column("demand", number=False), Column("supply", number=False), Column("minutes", least=0))
STATES = {"free": FREE, "forced": FORCED, "forbidden": FORBIDDEN}
MOST_PAIRS = 20_000_000  # beyond, every pair of points and sites would not fit in memory
SECONDS = 60.0
ABOUT = """\
Dit où ouvrir les prochaines permanences ou les prochains arrêts, et ce qui est prouvé de la réponse.

  mclp      la plus grande population à moins de --within minutes
  lscp      le moins d’ouvertures pour que tous ceux qui peuvent l’être soient à moins de --within minutes
  pmedian   le temps moyen le plus court ; qui n’a rien à moins de --within minutes (le plus long temps du tableau
            si l’option manque) compte pour ce temps

Tableaux CSV ou Parquet, selon leur extension, avec exactement ces colonnes :
  demande     id, longitude, latitude, weight
  candidats   id, longitude, latitude, et s’il y a lieu capacity, cost, state (free, forced : à ouvrir, forbidden)
  existants   id, longitude, latitude, et s’il y a lieu capacity ; toujours ouverts, sans coût
  temps       demand, supply, minutes (remplace le modèle ; une paire absente ne se parcourt pas)
  résultat    id, site, minutes, served_weight ; sans site ouvert à portée, site et minutes sont vides

capacity est le poids qu’un lieu peut servir ; sans cette colonne, rien ne le limite.
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
        prog="prevenance placement", description=ABOUT, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    known.add_argument("--model", choices=MODELS, required=True, help="ce qui est cherché")
    known.add_argument("--demand", type=Path, required=True, metavar="D", help="tableau des points de demande")
    known.add_argument("--candidates", type=Path, required=True, metavar="C", help="tableau des lieux possibles")
    known.add_argument("--existing", type=Path, metavar="E", help="tableau des lieux déjà ouverts")
    known.add_argument("--times", type=Path, metavar="T", help="tableau des temps de trajet")
    known.add_argument("--k", type=count, help="nombre d’ouvertures, au plus")
    known.add_argument("--within", type=amount, metavar="MINUTES", help="temps de trajet, au plus")
    known.add_argument("--budget", type=amount, help="coût des ouvertures, au plus (colonne cost des candidats)")
    known.add_argument("--seed", type=count, default=0, help="graine des tirages (0)")
    known.add_argument(
        "--method", choices=("exact", "fast"), default="exact", help="jusqu’à la preuve, ou vite (exact)"
    )
    known.add_argument("--seconds", type=amount, default=SECONDS, metavar="S", help=f"au-delà, s’arrêter ({SECONDS:g})")
    known.add_argument("--out", type=Path, required=True, metavar="O", help="tableau à écrire")
    known.add_argument("--json", action="store_true", help="la réponse en JSON")
    return known


def count(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"« {text} » n’est pas un nombre entier")
    return int(text)


def amount(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if not 0 <= found < np.inf:
        raise argparse.ArgumentTypeError(f"« {text} » n’est pas un nombre positif")
    return found


def run(options: argparse.Namespace) -> None:
    """Read, compute, write. Raises BadTable before anything is written."""
    check_extension(options.out)
    for path in filter(None, (options.demand, options.candidates, options.existing, options.times)):
        if path.resolve() == options.out.resolve():
            raise BadTable(f"{options.out} : le résultat prendrait la place d’un tableau donné.")
    check_options(options)
    # By identifier, so that the order of rows changes nothing.
    given = read(options.demand, DEMAND)
    demand = given.sort("id")
    sites = all_sites(options)
    check_spending(options, sites)
    pairs = travelled(options, demand, sites)
    problem = Problem.of(
        demand["weight"].to_numpy(), pairs.demand, pairs.supply, pairs.minutes, sites=len(sites),
        state=sites["state"].to_numpy(), cost=sites["cost"].to_numpy(), capacity=sites["capacity"].to_numpy(),
    )  # fmt: skip
    aim = Aim(options.model, options.within, options.k, options.budget)
    begun = time.monotonic()
    found = place(problem, aim, method=options.method, seed=options.seed, clock=time.monotonic, seconds=options.seconds)
    seconds = time.monotonic() - begun
    table = result(demand, sites["id"], pairs, found)
    write(options.out, given.select("id").join(table, on="id", how="left", maintain_order="left"))
    answer = said(options, demand["id"], sites["id"], found, seconds)
    print(json.dumps(answer, ensure_ascii=False) if options.json else lines(answer))


def check_options(options: argparse.Namespace) -> None:
    """Raises BadTable for options that say no problem."""
    if options.model != "pmedian" and options.within is None:
        raise BadTable(f"--model {options.model} demande --within : le temps de trajet, au plus.")
    if options.model != "lscp" and options.k is None and options.budget is None:
        raise BadTable(f"--model {options.model} demande --k ou --budget : sans limite, on ouvrirait tout.")


def all_sites(options: argparse.Namespace) -> pl.DataFrame:
    """Candidates then existing posts: id, longitude, latitude, capacity, cost, state as the engine says it."""
    found = read(options.candidates, CANDIDATES)
    if options.budget is not None and "cost" not in found.columns:
        raise BadTable(f"{options.candidates} : --budget demande une colonne « cost ».")
    if "state" in found.columns:
        strange = found.with_row_index("row").filter(~pl.col("state").is_in(list(STATES)))
        if len(strange):
            sentence = f"« {strange['state'][0]} » n’est ni {', ni '.join(STATES)} (state)"
            raise bad_row(options.candidates, strange["row"][0], sentence)
        found = found.with_columns(pl.col("state").replace_strict(STATES, return_dtype=pl.Int64))
    tables = [complete(found, FREE)]
    if options.existing is not None:
        posts = read(options.existing, EXISTING_POSTS)
        twice = posts.with_row_index("row").filter(pl.col("id").is_in(found["id"].to_list()))
        if len(twice):
            sentence = f"« {twice['id'][0]} » (id) est aussi dans {options.candidates}"
            raise bad_row(options.existing, twice["row"][0], sentence)
        tables.append(complete(posts, EXISTING))
    return pl.concat(tables)


def complete(sites: pl.DataFrame, state: int) -> pl.DataFrame:
    """The table with every column, in order of identifiers."""
    defaults = {"capacity": pl.lit(np.inf), "cost": pl.lit(1.0), "state": pl.lit(state, dtype=pl.Int64)}
    columns = ["id", "longitude", "latitude", *defaults]
    missing = [value.alias(name) for name, value in defaults.items() if name not in sites.columns]
    return sites.with_columns(missing).select(columns).sort("id")


def check_spending(options: argparse.Namespace, sites: pl.DataFrame) -> None:
    """Raises BadTable when the sites to open are too many or too dear."""
    forced = sites.filter(pl.col("state") == FORCED)
    if options.k is not None and len(forced) > options.k:
        raise BadTable(f"{options.candidates} : {len(forced)} lieux à ouvrir (forced), plus que --k {options.k}.")
    if options.budget is not None and forced["cost"].sum() > options.budget * (1 + 1e-12):
        cost = f"{forced['cost'].sum():g}"
        raise BadTable(f"{options.candidates} : les lieux à ouvrir (forced) coûtent {cost}, plus que --budget.")


def travelled(options: argparse.Namespace, demand: pl.DataFrame, sites: pl.DataFrame) -> Pairs:
    """Pairs of the table of times if there is one, else of straight lines."""
    if options.times is None:
        if options.within is None and len(demand) * len(sites) > MOST_PAIRS:
            raise BadTable(f"{options.demand} : trop de points pour tous les trajets ; donnez --within.")
        today = date.today()
        points = [
            places(table["longitude"].to_numpy(), table["latitude"].to_numpy(), on=today) for table in (demand, sites)
        ]
        return travel.ways(*points, on=today).pairs(1e6 if options.within is None else options.within)
    table = read(options.times, TIMES, key=("demand", "supply"))
    where = " ou ".join(str(path) for path in (options.candidates, options.existing) if path is not None)
    unknown(options.times, table, "demand", demand["id"], f"dans {options.demand}")
    unknown(options.times, table, "supply", sites["id"], f"dans {where}")
    ranks = [
        table.select(column).join(known.select(pl.col("id").alias(column)).with_row_index("rank"), on=column,
                                  how="left", maintain_order="left")["rank"].cast(pl.Int64).to_numpy()
        for column, known in (("demand", demand), ("supply", sites))
    ]  # fmt: skip
    return Pairs(*ranks, table["minutes"].to_numpy(), len(demand), len(sites))


def result(demand: pl.DataFrame, sites: pl.Series, pairs: Pairs, found: Placement) -> pl.DataFrame:
    """One row a demand point. Nothing open within the time: `site` and `minutes` are empty, `served_weight` is 0."""
    served = found.serving >= 0
    minutes = np.full(len(demand), np.nan)
    mine = found.serving[pairs.demand] == pairs.supply
    minutes[pairs.demand[mine]] = pairs.minutes[mine]
    names = sites.gather(np.maximum(found.serving, 0)) if len(sites) else pl.repeat(None, len(demand), eager=True)
    return pl.DataFrame(
        {
            "id": demand["id"],
            "site": names,
            "minutes": minutes,
            "served_weight": found.part * demand["weight"].to_numpy(),
        },
        schema_overrides={"site": pl.String},
    ).with_columns(pl.when(pl.Series(served)).then(pl.col("site", "minutes")))


def said(
    options: argparse.Namespace, demand: pl.Series, sites: pl.Series, found: Placement, seconds: float
) -> dict[str, object]:
    whole = options.model == "lscp"
    return {
        "model": options.model,
        "objective": int(found.objective) if whole else found.objective,
        "bound": int(found.bound) if whole else found.bound,
        "gap": found.gap,
        "proof": found.proof,
        "seconds": round(seconds, 3),
        "chosen": sites.gather(found.chosen).to_list(),
        "served": found.served,
        "unserved": found.unserved,
        "unreached": demand.gather(found.unreached).to_list(),
    }


def lines(answer: dict[str, object]) -> str:
    words = {
        "objective": {"mclp": "poids servi", "lscp": "ouvertures", "pmedian": "temps moyen (min)"}[
            str(answer["model"])
        ],
        "bound": "rien ne fait mieux que",
        "gap": "écart, au plus",
        "seconds": "secondes",
        "served": "poids servi",
        "unserved": "poids non servi",
    }
    shown = [f"{word:24} {answer[key]:.6g}" for key, word in words.items()]
    shown.append(f"{'hors d’atteinte':24} {len(answer['unreached'])} point(s)")  # type: ignore[arg-type]
    return "\n".join([*shown, "", *map(str, answer["chosen"])])  # type: ignore[call-overload]
