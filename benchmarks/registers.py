"""The directory's registers at national size: what pages.py promises of councils, promised of them.

450 posts of social workers in stations, a hundred rounds of eight stops, 2,500 clinics, 1,200 agreements of partners,
600 reporting circuits, 50,000 orientations, among 4,000 services (prevenance/domains/pages/seeds/national_registers.py
says which of these sizes have a source). Promises and their limits are those of pages.py, and so is the seeded
database.

The page for a département's victim-support scheme reads six registers and counts who is too far from four natures of
service, as what_if.py's does: how it compares with an empty page is reported and decides nothing.
"""

import argparse
import sys

from benchmarks._measuring import Report, machine
from benchmarks._sites import site
from benchmarks._subjects import HELPER
from benchmarks.pages import LARGE_ENOUGH, Page, measure, nation
from prevenance.config import postgres
from tests import database

PAGES = [
    Page("Intervenants sociaux d’un département", "stations", "prefect_office", "/annuaire/intervenants-sociaux/"),
    Page("Intervenants sociaux, tous les départements", "stations_of_france", "national_secretariat",
         "/annuaire/intervenants-sociaux/france/", same=False),
    Page("Tournées de France, 50 par page", "rounds", "coordinator", "/annuaire/tournees/", same=False),
    Page("Permanences et arrêts d’un département", "doors", "prefect_office",
         "/annuaire/permanences/?where=42"),
    Page("Conventions d’un département", "agreements", "prefect_office", "/annuaire/conventions/"),
    Page("Conventions de France, 50 par page", "agreements", "national_secretariat", "/annuaire/conventions/",
         same=False),
    Page("Circuits d’un département", "circuits", "victim_support", "/annuaire/circuits/"),
    Page("Circuits de France, 50 par page", "circuits", "national_secretariat", "/annuaire/circuits/", same=False),
    Page("Orientations d’une association", "orientations", HELPER, "/annuaire/orientations/"),
    Page("Schéma d’un département", "scheme", "prefect_office", "/annuaire/schema/", computes=True),
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
        national = nation(chosen.part, chosen.audit_rows)
        print(f"{machine()} ; base {national}")
        with (
            database.copy_of(database.demonstration()) as small,
            site(database.environment(national)) as large_site,
            site(database.environment(small)) as small_site,
        ):
            try:
                for role in sorted({page.role for page in PAGES}):
                    large_site("enter", role=role)
                    small_site("enter", role=role)
                for page in PAGES:
                    measure(report, page, large_site, small_site, chosen.rounds, chosen.part >= LARGE_ENOUGH)
            finally:
                large_site("leave")
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
