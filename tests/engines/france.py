"""Facts of real territories, as the reference files give them: what tests of engines need without a database."""

from functools import cache

import polars

from prevenance.config.paths import PACKAGE
from prevenance.domains.governance.analysis import place
from prevenance.engines.obligations import Facts, Figure

FOLDER = PACKAGE / "data" / "territories"
DEFINITIONS = {"population_total": "total", "population_municipal": "municipal", "population": "unspecified"}


@cache
def communes():
    """{code: Facts} of the 34,969 communes; the source gives no year for their three figures."""
    found = {}
    for row in polars.read_parquet(FOLDER / "communes.parquet").iter_rows(named=True):
        figures = {key: Figure(row[column]) for column, key in DEFINITIONS.items() if row[column] is not None}
        where = place(row["code"], row["departement"], row["zone"])
        found[row["code"]] = Facts(row["code"], "commune", where, row["name"], figures)
    return found


@cache
def groupings():
    """{SIREN: (Facts, départements of its communes)} of EPCI and EPT."""
    departements = dict(polars.read_parquet(FOLDER / "communes.parquet", columns=["code", "departement"]).iter_rows())
    found = {}
    for kind in ("epci", "ept"):
        for row in polars.read_parquet(FOLDER / f"{kind}.parquet").iter_rows(named=True):
            crossed = {departements[code] for code in row["members"]}
            zone = "drom" if min(crossed).startswith("97") else "metro"
            found[row["code"]] = (Facts(row["code"], kind, place("", min(crossed), zone), row["name"]), crossed)
    return found


@cache
def departements():
    rows = polars.read_parquet(FOLDER / "departements.parquet").iter_rows(named=True)
    return {
        row["code"]: Facts(row["code"], "departement", place(row["code"], row["code"], row["zone"]), row["name"])
        for row in rows
    }
