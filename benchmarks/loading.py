"""Loading the whole of France into an empty database: under fifteen seconds (issue « The real France »).

Absolute seconds depend on the machine: they are reported and decide nothing. The baseline is the same rows sent by one
bare COPY a table into tables without index or key: what the driver and the server cost when nothing is checked.
"""

import os
import subprocess
import sys
import time
import uuid

import psycopg
from psycopg import sql

from benchmarks._measuring import Report, machine
from prevenance.config import postgres
from prevenance.config.paths import ROOT
from tests import database

MOST_SECONDS = 15
TABLES = ["territory", "containment", "postalcode", "formercode", "population", "contour"]


def main() -> int:
    report = Report()
    with postgres.running(), psycopg.connect(postgres.url("owner"), autocommit=True) as owner:
        name = f"prevenance_bench_load_{uuid.uuid4().hex[:8]}"
        owner.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            prevenance(name, "migrate", "--verbosity", "0")
            first = prevenance(name, "load_territories")
            again = prevenance(name, "load_territories")
            bare, rows = copies(name)
        finally:
            owner.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
    print(machine())
    report.title(f"Chargement de la France, {rows} lignes")
    report.fact("premier chargement, commande entière", f"{first:.1f} s", f"au plus {MOST_SECONDS} s")
    report.fact("chargement de ce qui est déjà là", f"{again:.1f} s")
    report.fact("les mêmes lignes par COPY, sans index ni clé", f"{bare:.1f} s")
    return report.end()


def prevenance(name: str, *arguments: str) -> float:
    """Seconds of a command on database `name`."""
    begin = time.perf_counter()
    environment = database.environment(name) | {"PREVENANCE_DATABASE_ROLE": "owner"}
    subprocess.run([sys.executable, "-m", "prevenance", *arguments], cwd=ROOT, env=environment, check=True)
    return time.perf_counter() - begin


def copies(name: str) -> tuple[float, int]:
    """Seconds to send what was loaded once more, into tables without index; and the number of rows."""
    seconds, rows = 0.0, 0
    with psycopg.connect(database.url("owner", name)) as connection:
        for table in (sql.Identifier(f"territories_{table}") for table in TABLES):
            with connection.cursor() as cursor, cursor.copy(sql.SQL("COPY {} TO STDOUT").format(table)) as copy:
                content = b"".join(copy)
            connection.execute(sql.SQL("CREATE TEMP TABLE bare AS SELECT * FROM {} LIMIT 0").format(table))
            begin = time.perf_counter()
            with connection.cursor() as cursor, cursor.copy("COPY bare FROM STDIN") as copy:
                copy.write(content)
            seconds += time.perf_counter() - begin
            rows += connection.execute("SELECT count(*) FROM bare").fetchone()[0]  # type: ignore[index]
            connection.execute("DROP TABLE bare")
    return seconds, rows


if __name__ == "__main__":
    os.environ.pop("PREVENANCE_DATABASE_ROLE", None)
    sys.exit(main())
