"""A préfecture's what-if: two scenarios of posts in a département, among 100,000 services: 300 ms at the server.

The median of the whole answer, through every layer but the network, in a département of the demonstration and in the
one of most communes; the pages beside it are reported: coverage as it is, the same empty layout. Each request computes
anew: nothing of coverage is kept between two. The count of the nation, which a job does at night, is reported too, for
a few départements. Times are reported; queries decide.
"""

import argparse
import os
import statistics
import subprocess
import sys

from benchmarks._measuring import Report, machine
from benchmarks._sites import ROOT, Site, site
from benchmarks.aide import SERVICES, filled
from prevenance.config import postgres
from tests import database

MOST_MILLISECONDS, MOST_QUERIES = 300.0, 12
ROLE = "national_secretariat"  # reads every département
PLACES = {"Loire": ("42", "42187:14", "42207:7"), "Pas-de-Calais": ("62", "62160:14", "62498:7")}
COUNTED = ("42", "62", "75", "48")
COUNT = """
import django, os, time
os.environ["DJANGO_SETTINGS_MODULE"] = "prevenance.config.settings"
django.setup()
from django.utils import timezone
from prevenance.domains.directory.analysis.nation import counted
from prevenance.domains.directory.models import CoverageRun
from prevenance.domains.territories.models import Territory
run = CoverageRun(day=timezone.localdate())
for code in {codes}:
    begin = time.perf_counter()
    lines = list(counted(Territory.objects.get(kind="departement", code=code), run))
    print(code, time.perf_counter() - begin, len(lines), lines[0].places)
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", type=float, default=1.0, help="part of the 100 000 services")
    parser.add_argument("--rounds", type=int, default=20, help="how often each page is asked for")
    chosen = parser.parse_args()
    report = Report()
    with postgres.running():
        template = database.demonstration()
        print(machine())
        with database.copy_of(template) as name:
            filled(name, round(SERVICES * chosen.part))
            with site(database.environment(name)) as whole:
                whole("enter", role=ROLE)
                for place, (code, first, second) in PLACES.items():
                    address = f"?departement={code}&a={first}&b={second}"
                    measure(report, place, whole, address, chosen.rounds)
            counting(report, name)
    return report.end()


def measure(report: Report, place: str, whole: Site, address: str, rounds: int) -> None:
    report.title(f"Essai de permanences, {place}")
    path = f"/couverture/essai/{address}"
    seen = whole("look", role=ROLE, path=path)
    if not seen["status"].startswith("200"):
        report.none(f"la page répond {seen['status']}", [path])
        return
    report.promise("requêtes", len(seen["queries"]), MOST_QUERIES, "")
    whole("page", role=ROLE, path=path, times=3)
    taken = [1000 * seconds for seconds in whole("page", role=ROLE, path=path, times=rounds)]
    wanted = f"{MOST_MILLISECONDS:.0f} ms au plus, visés ; la plus rapide {min(taken):.0f} ms"
    report.fact("médiane à la réponse", f"{statistics.median(taken):.0f} ms", wanted)
    for said, other in (("la couverture telle qu’elle est", f"/couverture/{address}"), ("page vide", "/vide/")):
        report.fact(said, f"{1000 * statistics.median(whole('page', role=ROLE, path=other, times=rounds)):.0f} ms")


def counting(report: Report, name: str) -> None:
    report.title("Compte national, un département après l’autre")
    environment = os.environ | database.environment(name)
    done = subprocess.run(
        [sys.executable, "-c", COUNT.format(codes=COUNTED)],
        cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    for line in done.stdout.splitlines():
        code, seconds, lines, services = line.split()
        report.fact(f"{code} : {services} services, {lines} lignes", f"{float(seconds):.2f} s")


if __name__ == "__main__":
    sys.exit(main())
