"""Pages at national size: queries, their time against hand-written SQL, page time against an empty page and itself.

Claims, all of design.md (Speed): at most 12 queries, as many at any size; their time at most 1.5 times that of
hand-written SQL through the same driver; a page at most 3 times an empty signed-in page of the same layout, and at most
1.3 times itself at demonstration size; no large table read from end to end. Ratios of this run decide the exit status;
seconds, and the requests per second of a bare page, are reported.

Below half the national size, times say nothing of the nation and are reported only; queries and plans decide, a table
read whole counting where no index could serve: small, it is rightly read so.
"""

import argparse
import sys
from dataclasses import dataclass

from benchmarks._measuring import Report, interleaved, machine
from benchmarks._sites import Site, site
from prevenance.config import postgres
from tests import database

MOST_QUERIES, MOST_SQL, MOST_EMPTY, MOST_GROWTH = 12, 1.5, 3.0, 1.3
LARGE_ENOUGH = 0.5  # part of the national size from which times are promises
EMPTY = "/vide/"


@dataclass(frozen=True)
class Page:
    """A page to measure. `same` says that it shows the same rows at both sizes, so that its time may be compared."""

    title: str
    hand: str
    role: str
    path: str
    same: bool = True
    partial: bool = False
    about: str = ""  # which subject (Inside.subjects) the hand-written SQL is about
    computes: bool = False  # besides what it reads: how it compares with an empty page is reported and decides nothing
    sent: str = ""  # a form's body, sent by POST: what is looked for there stays out of addresses


PAGES = [
    Page("Conseils d’un département", "councils", "prefect_office", "/conseils/"),
    Page("Conseils de France, 50 par page", "councils", "national_secretariat", "/conseils/", same=False),
    Page("Réunion, plénière approuvée", "meeting", "coordinator", "/conseils/reunions/{meeting}/", about="meeting"),
    Page("Ma journée, coordination", "coordinator_day", "coordinator", "/ma-journee/"),
    Page("Ma journée, préfecture", "prefect_day", "prefect_office", "/ma-journee/"),
    Page("Recherche d’un territoire, page", "search", "coordinator", "/territoires/chercher/?q=saint+e"),
    Page("Recherche d’un territoire, au fil des lettres", "suggest", "coordinator",
         "/territoires/chercher/?q=saint+e&liste=m", partial=True),
    Page("Tournée des conseils", "tour", "prefect_office", "/conseils/tournee/"),
    Page("Formations d’un conseil", "bodies", "coordinator", "/conseils/{council}/formations/", about="council"),
    Page("Membres d’un groupe", "members", "coordinator", "/conseils/{council}/formations/{group}/membres/",
         about="group"),
    Page("Actes d’un conseil", "acts", "coordinator", "/conseils/actes/"),
    Page("Actes d’un département", "office_acts", "prefect_office", "/conseils/actes/"),
    Page("Règlements et chartes d’un conseil", "rulebooks", "coordinator", "/conseils/{council}/reglements/",
         about="council"),
    Page("Lettres d’un cabinet de préfet", "letters", "prefect_office", "/conseils/lettres/"),
    Page("Problèmes d’un groupe de police", "problems", "prefect_office", "/conseils/{police}/problemes/?state=all",
         about="police"),
    Page("Relevé des décisions d’un conseil", "record", "coordinator", "/conseils/{council}/releve-des-decisions/",
         about="council"),
    Page("Partenaires d’un conseil", "partners", "coordinator", "/conseils/{council}/partenaires/", about="council"),
    Page("Calendrier d’une année, proposé", "year", "coordinator", "/conseils/{council}/calendrier/", about="council"),
    Page("Ordre du jour, ce qui attend", "preparing", "coordinator",
         "/conseils/reunions/{draft}/ordre-du-jour/reprendre/", about="draft"),
    Page("Signatures d’un règlement", "signatures", "coordinator", "/conseils/reglements/{rulebook}/",
         about="rulebook"),
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
                searching(report, large_site)
            finally:
                large_site("leave")
    return report.end()


def nation(part: float, audit_rows: int | None) -> str:
    """The seeded database, kept from one run to the next while code and data stay the same."""
    seed = ["seed", "--size", "national", "--part", str(part)]
    seed += ["--audit-rows", str(audit_rows)] if audit_rows is not None else []
    commands = [["migrate", "--verbosity", "0"], ["load_territories"], ["load_strategies"], seed]
    return database.template(f"bench_{round(part * 1000)}", commands, database.FILLING)


def measure(report: Report, page: Page, large: Site, small: Site, rounds: int, timed: bool) -> None:
    """Every promise of one page. `timed`: times are promises too."""
    report.title(f"{page.title} ({page.role})")
    subjects = {True: large("subjects"), False: small("subjects")}
    paths = {here: page.path.format(**found) for here, found in subjects.items()}
    at = {"role": page.role, "partial": page.partial, "sent": page.sent.format(**subjects[True])}
    at_few = at | {"sent": page.sent.format(**subjects[False])}
    seen = large("look", path=paths[True], **at)
    if not seen["status"].startswith("200"):
        report.none(f"la page répond {seen['status']}", [paths[True]])
        return
    few = small("look", path=paths[False], **at_few)
    warm = {"times": 6}
    for one, path, where in ((large, paths[True], at), (small, paths[False], at_few)):
        one("page", path=path, **where, **warm)
        one("page", path=EMPTY, role=page.role, **warm)
    queries, few_queries = len(seen["queries"]), len(few["queries"])
    report.promise("requêtes", queries, MOST_QUERIES, "")
    report.promise("requêtes de plus qu’à la taille de la démonstration", queries - few_queries, 0, "")
    report.none("tables lues en entier", large("plans", path=paths[True], unless_index=not timed))
    hand = {"name": page.hand, "role": page.role, "subject": subjects[True][page.about]}
    whole, empty, own, written, bare, before = interleaved(
        rounds,
        lambda: large("page", path=paths[True], times=2, **at),
        lambda: large("page", path=EMPTY, role=page.role, times=2),
        lambda: large("replay", path=paths[True], times=3),
        lambda: large("hand", times=3, **hand),
        lambda: large("bare", times=2, **hand),
        lambda: small("page", path=paths[False], times=2, **at_few),
    )
    ratio = report.promise if timed else report.hope
    ratio("temps des requêtes / SQL écrit à la main", own / written, MOST_SQL)
    told = report.hope if page.computes else ratio
    told("temps de la page / page vide de même gabarit", whole / empty, MOST_EMPTY)
    if page.same:
        ratio("temps de la page / elle-même en démonstration", whole / before, MOST_GROWTH)
    report.fact("page, requêtes, SQL à la main (ms)", f"{whole * 1e3:.1f} {own * 1e3:.1f} {written * 1e3:.1f}")
    report.fact("pages par seconde / page nue WSGI et psycopg", f"{bare / whole:.2f}", "souhait : 0,33")


def searching(report: Report, large: Site) -> None:
    """As one types, on many beginnings of names and codes."""
    report.title("Recherche au fil des lettres, sans compte")
    large("search_times", times=22)
    (median,) = interleaved(10, lambda: large("search_times", times=22))
    report.fact("médiane au serveur", f"{median * 1e3:.1f} ms", "au plus 50 ms")


if __name__ == "__main__":
    sys.exit(main())
