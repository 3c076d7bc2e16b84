"""A plenary of twenty points and forty members, prepared and convened: clicks, keys, minutes.

A browser walks it on the demonstration as whoever coordinates would, counting each click and each key. Minutes are the
time that the pages took, measured, plus what a person takes, by the keystroke-level model (Card, Moran and Newell, "The
keystroke-level model for user performance time with interactive systems", Communications of the ACM 23(7), 1980): the
average typist's key 0.28 s, pointing 1.10 s, a click 0.20 s, moving the hand between mouse and keys 0.40 s, thinking of
the next step 1.35 s; no person was timed. What is read before sending is added at 195 words a minute, the mean measured
for French (Trauzettel-Klosinski and Dietz, "Standardized assessment of reading performance: the new international
reading speed texts IReST", Investigative Ophthalmology and Visual Science 53(9), 2012). Points that wait for the
meeting are ticked together; the others are typed one a line.
"""

import re
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from benchmarks._measuring import Report, machine
from prevenance.config import postgres
from tests import database
from tests.browser import conftest, council
from tests.browser.hands import Mouse

MEMBERS, SEATED, POINTS, MOST_MINUTES = 40, 32, 20, 5.0  # seated: in data/demonstration/councils.yaml
KEY, POINT, CLICK, HAND, THINK, WORDS_PER_MINUTE = 0.28, 1.10, 0.20, 0.40, 1.35, 195
TITLE = "Plénière d’hiver"
WRITTEN = [
    "Bilan des groupes", "Médiation de soirée", "Abords des collèges", "Aide aux victimes", "Éclairage public",
    "Marche exploratoire", "Transports du soir", "Rappels à l’ordre", "Chantiers éducatifs", "Parentalité",
    "Harcèlement en ligne", "Sécurité routière", "Prévention des rixes", "Commerces", "Bailleurs sociaux",
    "Animations d’été", "Budget", "Formation des membres", "Calendrier", "Questions diverses",
]  # fmt: skip


class Counted(Mouse):
    """A mouse and a keyboard that count: clicks, keys, moves of the hand between them."""

    def __init__(self, page):
        super().__init__(page)
        self.clicks = self.keys = self.moves = 0
        self.typing = False

    def _reach(self, typing):
        self.moves += typing != self.typing
        self.typing = typing

    def press(self, target):
        self._reach(False)
        self.clicks += 1
        super().press(target)

    def write(self, field, text):
        self._reach(False)
        self.clicks += 1  # into the field
        self._reach(True)
        self.keys += len(text)
        super().write(field, text)

    def moment(self, field, iso):
        self.write(field, iso)

    def seconds(self):
        """What a person takes, by the model: each click is thought of, pointed at and made."""
        return self.clicks * (THINK + POINT + CLICK) + self.keys * KEY + self.moves * HAND


def main() -> int:
    if not conftest.CHROMIUM:
        print("Chromium n’est pas installé : rien n’est mesuré (apt-get install chromium).")
        return 1
    from playwright.sync_api import sync_playwright

    report = Report()
    print(machine())
    with postgres.running(), tempfile.TemporaryDirectory() as folder:
        conftest.collect_static("neutral")
        with (
            database.copy_of(database.demonstration()) as name,
            conftest.serving(name, Path(folder)) as server,
            sync_playwright() as playwright,
        ):
            browser = playwright.chromium.launch(executable_path=conftest.CHROMIUM, args=conftest.OPTIONS)
            page = conftest.new_page(browser, server, conftest.WIDE)
            council.enter(Mouse(page), "coordinator")
            complete(page)
            walk(report, page)
            browser.close()
    return report.end()


def complete(page) -> None:
    """Before the clock starts: as many members as the claim says, brought in from a table."""
    council.open_council(Mouse(page))
    page.get_by_role("link", name="Importer des membres").click()
    lines = [f"Complément {n}\tAlix\tMembre\talix.{n}@exemple.invalid" for n in range(MEMBERS - SEATED)]
    page.get_by_label("Coller le tableau").fill("\n".join(["Nom\tPrénom\tFonction\tCourriel", *lines]))
    page.get_by_role("button", name="Lire le tableau").click()
    page.get_by_role("button", name="Vérifier les lignes").click()
    page.get_by_role("button", name=f"Importer les {len(lines)} lignes").click()
    page.get_by_role("heading", name="Tableau importé").wait_for()


def walk(report: Report, page) -> None:
    hand, begin = Counted(page), time.perf_counter()
    hand.menu("Conseils")
    hand.press(page.get_by_role("link", name="CLSPD de Saint-Chamond", exact=True))
    hand.press(page.get_by_role("link", name="Préparer une réunion"))
    hand.write(page.get_by_label("Intitulé"), TITLE)
    hand.moment(page.get_by_label("Jour"), (date.today() + timedelta(days=21)).isoformat())
    proposed = [page.get_by_label(name).input_value() for name in ("Formation réunie", "Début", "Fin", "Lieu")]
    report.none("champs non proposés d’après la dernière plénière", [] if all(proposed) else [str(proposed)])
    hand.press(page.get_by_role("button", name="Préparer l’ordre du jour"))
    hand.press(page.get_by_role("link", name=re.compile("en attente")).first)
    page.get_by_role("heading", level=1, name="Préparer l’ordre du jour").wait_for()
    waiting = page.locator("form input[type=checkbox]:checked").count()
    hand.write(page.get_by_label("Autres points, un par ligne"), "\n".join(WRITTEN[: POINTS - waiting]))
    hand.press(page.get_by_role("button", name="Ajouter à l’ordre du jour"))
    hand.press(page.get_by_role("button", name="Enregistrer").last)
    page.locator(".pv-agenda__title").nth(POINTS - 1).wait_for()
    hand.press(page.get_by_role("link", name="L’ordre du jour est prêt"))
    hand.press(page.get_by_role("link", name="Relire et convoquer"))
    page.get_by_role("heading", level=1, name="Relire avant de convoquer").wait_for()
    words = len(page.locator("main").inner_text().split())
    reached = council.send_button(page).inner_text()
    hand.press(council.send_button(page))
    page.get_by_text("La réunion est convoquée").wait_for()
    machine_seconds = time.perf_counter() - begin
    reading = 60 * words / WORDS_PER_MINUTE
    minutes = (machine_seconds + hand.seconds() + reading) / 60
    report.title(f"Une plénière de {POINTS} points et {MEMBERS} membres, jusqu’à sa convocation")
    report.none("membres non convoqués", [] if f" {MEMBERS} " in reached else [reached])
    report.fact("points qui attendaient, points tapés", f"{waiting} et {POINTS - waiting}")
    report.fact("clics", str(hand.clicks))
    report.fact("touches", str(hand.keys))
    report.fact("pages servies et dessinées", f"{machine_seconds:.0f} s")
    report.fact("relecture avant l’envoi", f"{words} mots, {reading:.0f} s")
    report.promise("minutes, selon le modèle", minutes, MOST_MINUTES, "min")


if __name__ == "__main__":
    sys.exit(main())
