"""Plans at national size: what pages.py promises of councils, promised of plans, sheets, indicators and the toolbox.

1,200 plans, 40 sheets each, 12 national indicators followed by every sheet, 20 quarters: 11.5 million values. Promises
and their limits are those of pages.py, and so is the seeded database. Beside them, reported: the roll-up of one
indicator and one period over France by the engine against one plain GROUP BY over containment, and how long the
database took to prepare when it was made for this run (territories, strategies, councils and plans).
"""

import argparse
import sys
import time

from benchmarks._measuring import Report, interleaved, machine
from benchmarks._sites import Site, site
from benchmarks.pages import LARGE_ENOUGH, Page, measure, nation
from prevenance.config import postgres
from tests import database

PAGES = [
    Page("Une mesure, département par département", "progress", "national_secretariat",
         "/mesures/avancement/?mesure=10", same=False),
    Page("Mesures d’un territoire", "measures", "coordinator", "/mesures/"),
    Page("Plans de France, 50 par page", "plans", "national_secretariat", "/plans/", same=False),
    Page("Plan d’un conseil", "plan", "coordinator", "/plans/{plan}/", about="plan"),
    Page("Plan de quarante fiches", "plan", "national_secretariat", "/plans/{big_plan}/", same=False, about="big_plan"),
    Page("Texte d’un plan à une date", "plan_text", "coordinator", "/plans/{plan}/texte/?le={first_day}", about="plan"),
    Page("Fiches d’un plan", "sheets", "national_secretariat", "/plans/{big_plan}/fiches/", same=False,
         about="big_plan"),
    Page("Fiche action", "sheet", "coordinator", "/plans/{plan}/fiches/{sheet_number}/", about="sheet"),
    Page("Indicateurs suivis par un plan", "followed", "national_secretariat", "/plans/{big_plan}/indicateurs/",
         same=False, about="big_plan"),
    Page("Saisie d’un trimestre", "entry", "coordinator", "/plans/{plan}/indicateurs/saisie/quarter/{quarter}/",
         about="plan"),
    Page("Totaux d’un indicateur par département", "totals", "national_secretariat", "/indicateurs/{indicator}/totaux/",
         same=False, about="indicator"),
    Page("Indicateur", "indicator", "national_secretariat", "/indicateurs/{indicator}/", same=False, about="indicator"),
    Page("Boîte à outils, recherche", "tools", "coordinator", "/outils/?q=jeunes"),
    Page("Valeurs à accepter", "waiting", "prefect_office", "/indicateurs/a-accepter/"),
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
        with (
            database.copy_of(database.demonstration()) as small,
            site(database.environment(national)) as large_site,
            site(database.environment(small)) as small_site,
        ):
            try:
                for role in sorted({page.role for page in PAGES}):
                    large_site("enter", role=role)
                    small_site("enter", role=role)
                for running in (large_site, small_site):
                    running("submit")
                for page in PAGES:
                    measure(report, page, large_site, small_site, chosen.rounds, chosen.part >= LARGE_ENOUGH)
                rolling_up(report, large_site, chosen.rounds)
            finally:
                large_site("leave")
    return report.end()


def rolling_up(report: Report, large: Site, rounds: int) -> None:
    """One indicator and one period over the whole country, as the job that follows an acceptance does it."""
    report.title("Totaux d’un indicateur et d’un trimestre sur la France (moteur, sans les écrire)")
    indicator = large("subjects")["indicator"]
    found = large("rolled", indicator=indicator)
    report.fact("valeurs de la base", f"{found['values']}")
    report.fact("valeurs du trimestre, territoires", f"{found['cells']} {found['territories']}")
    report.none("totaux qui diffèrent du GROUP BY", found["differences"])
    engine, plain = interleaved(
        max(3, rounds // 4),
        lambda: large("roll_up", indicator=indicator),
        lambda: large("group_by", indicator=indicator),
    )
    report.fact("moteur, GROUP BY (ms)", f"{engine * 1e3:.0f} {plain * 1e3:.0f}")
    report.fact("moteur / GROUP BY", f"{engine / plain:.2f}")


if __name__ == "__main__":
    sys.exit(main())
