"""Finding help among 100,000 services: queries, their time against hand-written SQL, page time against an empty page.

Claims, of design.md (Speed): at most 12 queries; their time at most 1.5 times that of hand-written SQL through the same
driver; the page at most 3 times an empty signed-in page, and at most 1.3 times itself where only services of the Loire
and of Île-de-France are known, as many there; no large table read from end to end. Searches are sent by POST and nobody
is signed in. Ratios of this run decide the exit status. Reported: the page beside an empty one of its own layout, which
has no session, no menu and no query.

Below half of the size, times say nothing and are reported only; queries and plans decide.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence

import psycopg

from benchmarks._measuring import Report, interleaved, machine
from benchmarks._sites import ROOT, Site, site
from prevenance.config import postgres
from tests import database

SERVICES = 100_000
MOST_QUERIES, MOST_SQL, MOST_EMPTY, MOST_GROWTH = 12, 1.5, 3.0, 1.3
LARGE_ENOUGH = 0.5
NOBODY, SOMEBODY = "", "coordinator"
PAGE, EMPTY, OWN_EMPTY = "/aide/", "/vide/", "/aide/traces/"
# Of these towns, with those around Paris: what serves a region comes from all of it.
DEPARTEMENTS = ("42", "75", "77", "78", "91", "92", "93", "94", "95")
TOWNS = {"Saint-Étienne": "42218", "Paris": "75056", "Une petite commune": "42001"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", type=float, default=1.0, help="part of the 100 000 services")
    parser.add_argument("--rounds", type=int, default=20, help="how often each measure is taken")
    chosen = parser.parse_args()
    report = Report()
    count = round(SERVICES * chosen.part)
    with postgres.running():
        france = database.france()
        print(machine())
        with database.copy_of(france) as national, database.copy_of(france) as small:
            for name, where in ((national, ()), (small, DEPARTEMENTS)):
                print(f"{filled(name, count, where)} services…", file=sys.stderr)
            with site(database.environment(national)) as large_site, site(database.environment(small)) as small_site:
                large_site("enter", role=SOMEBODY)
                for town, code in TOWNS.items():
                    measure(report, town, code, large_site, small_site, chosen.rounds, chosen.part >= LARGE_ENOUGH)
    return report.end()


def filled(name: str, services: int, departements: Sequence[str] = ()) -> int:
    """Services of France, or of some départements as densely, written as the owner besides those of a database: how
    many it has."""
    environment = database.environment(name) | {"PREVENANCE_DATABASE_ROLE": "owner"}
    environment["DATABASE_URL"] = database.url("owner", name)
    before = known(name)
    subprocess.run(
        [sys.executable, "-m", "benchmarks._services", str(services), *departements],
        cwd=ROOT,
        env=os.environ | environment,
        check=True,
    )
    found = known(name)
    if found - before != services and not departements:
        raise RuntimeError(f"{services} services were asked, {found - before} were written")
    return found


def known(name: str) -> int:
    with psycopg.connect(database.url("owner", name)) as owner:
        found = owner.execute("SELECT count(*) FROM directory_service").fetchone()
    assert found
    return int(found[0])


def measure(report: Report, town: str, code: str, large: Site, small: Site, rounds: int, timed: bool) -> None:
    report.title(f"Chercher de l’aide, {town}")
    at = {"role": NOBODY, "path": PAGE, "sent": f"commune={code}&need=haine"}
    seen, few = large("look", **at), small("look", **at)
    if not seen["status"].startswith("200"):
        report.none(f"la page répond {seen['status']}", [PAGE])
        return
    report.promise("requêtes", len(seen["queries"]), MOST_QUERIES, "")
    report.fact("requêtes, Loire et Île-de-France seules", str(len(few["queries"])))
    report.none("tables lues en entier", large("plans", path=PAGE, unless_index=not timed))
    large("page", times=6, **at)
    small("page", times=6, **at)
    hand = {"name": "help", "role": NOBODY, "subject": code}
    large("page", path=EMPTY, role=SOMEBODY, times=6)
    whole, empty, bare, own, written, before = interleaved(
        rounds,
        lambda: large("page", times=2, **at),
        lambda: large("page", path=EMPTY, role=SOMEBODY, times=2),
        lambda: large("page", path=OWN_EMPTY, role=NOBODY, times=2),
        lambda: large("replay", path=PAGE, times=3),
        lambda: large("hand", times=3, **hand),
        lambda: small("page", times=2, **at),
    )
    ratio = report.promise if timed else report.hope
    ratio("temps des requêtes / SQL écrit à la main", own / written, MOST_SQL)
    ratio("temps de la page / page vide de qui est connecté", whole / empty, MOST_EMPTY)
    report.fact("temps de la page / page vide de son gabarit", f"{whole / bare:.1f} ×")
    ratio("temps de la page / Loire et Île-de-France seules", whole / before, MOST_GROWTH)
    report.fact("la page", f"{1000 * whole:.1f} ms, {seen['bytes'] / 1000:.0f} ko")
    report.fact("une page vide, connecté", f"{1000 * empty:.1f} ms")
    report.fact("une page vide de son gabarit", f"{1000 * bare:.1f} ms")
    report.fact("ses requêtes", f"{1000 * own:.1f} ms")


if __name__ == "__main__":
    sys.exit(main())
