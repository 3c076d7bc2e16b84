"""Files of people followed at national size: what pages.py promises, and what the wall around them costs.

100,000 open files in 1,200 groups of seven members, 2 million rows of readings. Promises and limits are those of
pages.py, and so is the seeded database; beside them, the page's own queries as the tables' owner with the wall of files
up and down (row-level security forced, then not, in a transaction that is given back): at most 1.5 times. A search
opens every name of a group of 200 files. Reported: counting the follow-ups of a quarter, against one query.

Pages that show what is sealed record that they were read, here as always. The database is kept for other runs: these
rows are taken back at the end, or one file would be the most read of the nation.
"""

import argparse
import contextlib
import sys
import time
from collections.abc import Iterator

import psycopg

from benchmarks._measuring import Report, interleaved, machine
from benchmarks._sites import Site, site
from benchmarks._subjects import LARGE_GROUP
from benchmarks.pages import LARGE_ENOUGH, Page, measure, nation
from prevenance.config import postgres
from tests import database

MOST_WALL = 1.5

PAGES = [
    Page("Dossiers d’un groupe, coordination", "files_held", "coordinator", "/suivis/"),
    Page("Dossiers d’un groupe de 200, 50 par page", "files_held", LARGE_GROUP, "/suivis/", same=False),
    Page("Dossiers d’un membre du groupe", "files_read", "referent", "/suivis/"),
    Page("Dossier, situation", "situation", "referent", "/suivis/{file}/", about="file"),
    Page("Dossier, plan", "file_plan", "referent", "/suivis/{file}/plan/", about="file"),
    Page("Dossier, contacts", "contacts", "referent", "/suivis/{file}/contacts/", about="file"),
    Page("Dossier, qui l’a lu", "readings", "referent", "/suivis/{file}/lectures/", about="file"),
    Page("Recherche d’un nom dans un groupe de 200 dossiers", "searched", LARGE_GROUP, "/suivis/chercher/", same=False,
         about="searched", sent="group={large_group}&name={name}&why=meeting"),
    Page("Chiffres de ses groupes", "own_figures", "coordinator", "/suivis/chiffres/"),
    Page("Chiffres de la France", "all_figures", "national_secretariat", "/suivis/chiffres/", same=False),
    Page("Ma journée, référent", "referent_day", "referent", "/ma-journee/"),
    Page("Ma journée, coordination", "coordinator_day", "coordinator", "/ma-journee/"),
]  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", type=float, default=1.0, help="part of the national size (1: all of it)")
    parser.add_argument("--audit-rows", type=int, help="rows of the audit trail (a tenth of the nation's, times part)")
    parser.add_argument("--rounds", type=int, default=40, help="how often each measure is taken")
    chosen = parser.parse_args()
    report = Report()
    with postgres.running():
        print(f"Préparation de la base à {chosen.part:g} de la taille nationale…", file=sys.stderr)
        begin = time.monotonic()
        national = nation(chosen.part, chosen.audit_rows)
        print(f"{machine()} ; base {national}, prête en {time.monotonic() - begin:.0f} s")
        timed = chosen.part >= LARGE_ENOUGH
        with (
            trail_given_back(national),
            database.copy_of(database.demonstration()) as small,
            site(database.environment(national)) as large_site,
            site(database.environment(small)) as small_site,
        ):
            try:
                for running in (large_site, small_site):
                    for role in sorted({page.role for page in PAGES}):
                        running("enter", role=role)
                    running("tally")
                for page in PAGES:
                    measure(report, page, large_site, small_site, chosen.rounds, timed)
                    walled(report, page, large_site, chosen.rounds, timed)
                counting(report, large_site, chosen.rounds)
            finally:
                large_site("leave")
    return report.end()


@contextlib.contextmanager
def trail_given_back(name: str) -> Iterator[None]:
    """Take away, as the tables' owner, the rows that the trail of a database was given meanwhile."""
    with psycopg.connect(database.url("owner", name), autocommit=True) as owner:
        heads = owner.execute("SELECT scope, seq, hash FROM core_audithead").fetchall()
        try:
            yield
        finally:
            with owner.transaction(), owner.cursor() as cursor:
                cursor.execute("CREATE TEMPORARY TABLE known (scope text PRIMARY KEY, seq bigint, hash bytea)")
                cursor.executemany("INSERT INTO known VALUES (%s, %s, %s)", heads)
                cursor.execute("ALTER TABLE core_auditrow DISABLE TRIGGER USER")
                cursor.execute(
                    "DELETE FROM core_auditrow AS told USING core_audithead AS head LEFT JOIN known USING (scope)"
                    " WHERE told.scope = head.scope AND told.seq > coalesce(known.seq, 0) AND told.seq <= head.seq"
                    " AND head.seq > coalesce(known.seq, 0)"
                )
                cursor.execute("ALTER TABLE core_auditrow ENABLE TRIGGER USER")
                cursor.execute("DELETE FROM core_audithead WHERE scope NOT IN (SELECT scope FROM known)")
                cursor.execute(
                    "UPDATE core_audithead AS head SET seq = known.seq, hash = known.hash FROM known"
                    " WHERE known.scope = head.scope AND known.seq <> head.seq"
                )


def walled(report: Report, page: Page, large: Site, rounds: int, timed: bool) -> None:
    """What the wall costs to the page's own queries, which ask the same of both."""
    path = page.path.format(**large("subjects"))
    up, down = interleaved(
        rounds,
        lambda: large("walled", path=path, times=2, wall=True),
        lambda: large("walled", path=path, times=2, wall=False),
    )
    ratio = report.promise if timed else report.hope
    ratio("temps des requêtes, mur dressé / mur baissé", up / down, MOST_WALL)


def counting(report: Report, large: Site, rounds: int) -> None:
    """The follow-ups of a quarter over France, as the nightly job counts them."""
    report.title("Compte des suivis d’un trimestre sur la France (moteur, sans l’écrire)")
    found = large("counted")
    report.fact("lignes, comptes", f"{found['lines']} {found['cells']}")
    report.none("comptes qui diffèrent de la requête", found["differences"])
    engine, plain = interleaved(
        max(3, rounds // 4), lambda: large("count", engine=True), lambda: large("count", engine=False)
    )
    report.fact("moteur, requête (ms)", f"{engine * 1e3:.0f} {plain * 1e3:.0f}")
    report.fact("moteur / requête", f"{engine / plain:.2f}")


if __name__ == "__main__":
    sys.exit(main())
