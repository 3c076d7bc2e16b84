"""The guide's pictures: the screens of the journey, walked each time, photographed when PREVENANCE_GUIDE=1.

./dev test tests/browser/test_guide.py -n 0 with PREVENANCE_GUIDE=1 writes docs/guide/images again. Dates follow the
day of the demonstration: they are hidden behind one day, so that a picture changes when its screen does.
"""

import os
import re

import pytest

from prevenance.config.paths import ROOT
from tests.browser import council
from tests.browser.conftest import PHONE, WIDE, new_page
from tests.browser.hands import Mouse

pytestmark = pytest.mark.timeout(300)

GUIDE = ROOT / "docs" / "guide"
IMAGES = GUIDE / "images"
WRITING = os.environ.get("PREVENANCE_GUIDE") == "1"
HEAVIEST = 150 * 1024  # bytes
TITLE = "Séance plénière de démonstration"
SHEET = (
    "Nom\tPrénom\tFonction\tCourriel\n"
    "Exemple\tLéa\tDirectrice du centre social\tlea.exemple@exemple.invalid\n"
    "Modèle\tNoé\tPrincipal du collège\tnoe.modele\n"
    "Spécimen\tIris\tCheffe d’agence\tiris.specimen@exemple.invalid\n"
)
# Whatever says a day on screen, in figures or in words, and the day that pictures say instead.
SAME_DAY = """() => {
    const days = "lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche";
    const months = "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre";
    const short = "jan|fév|mars|avr|mai|juin|juil|août|sep|oct|nov|déc";
    const rules = [[new RegExp(`(${days}) `, "gi"), "mardi "],
                   [new RegExp(`\\\\d{1,2}(er)? (${months})`, "gi"), "15 septembre"],
                   [new RegExp(`, (${months}) \\\\d{4}`, "gi"), ", septembre 2026"],
                   [new RegExp(`\\\\d{1,2} (${short})\\\\.? \\\\d{4}`, "gi"), "15 sept. 2026"],
                   [/\\d{2}\\/\\d{2}\\/\\d{4}/g, "15/09/2026"], [/\\b20\\d{2}\\b/g, "2026"],
                   [/de .{1,3}h.\\d{2} à .{1,3}h.\\d{2}/g, "de 14\\u00a0h\\u00a030 à 16\\u00a0h\\u00a030"],
                   [/Enregistré à .{1,3}h.\\d{2}/g, "Enregistré à 14\\u00a0h\\u00a052"]];
    const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (words.nextNode()) for (const [from, to] of rules) {
        const text = words.currentNode.data.replace(from, to);
        if (text !== words.currentNode.data) words.currentNode.data = text;
    }
}"""


@pytest.fixture
def look(chromium, own_server):
    """look(role): a page where that role has entered; nothing may have gone wrong in any."""
    opened = []

    def another(role, viewport=WIDE):
        page = new_page(chromium, own_server, viewport, has_touch=viewport == PHONE)
        opened.append(page)
        if role:
            council.enter(Mouse(page), role)
        return page

    yield another
    for page in opened:
        page.context.close()
    assert [page.watch.real_problems() for page in opened] == [[]] * len(opened)


@pytest.fixture
def picture():
    """picture(page, name, heading): the heading is there, and the picture taken when asked; the guide names each."""
    taken = set()

    def take(page, name, heading):
        page.get_by_role("heading", level=1, name=heading).wait_for()
        taken.add(f"{name}.png")
        if not WRITING:
            return
        page.evaluate("document.activeElement?.blur()")
        page.wait_for_timeout(300)
        page.evaluate(SAME_DAY)
        frame = {"x": 0, "y": 0, "width": page.viewport_size["width"], "height": min(760, page.viewport_size["height"])}
        page.screenshot(path=IMAGES / f"{name}.png", animations="disabled", clip=frame)

    yield take
    named = {image for text in GUIDE.glob("*.md") for image in re.findall(r"\]\(images/([^)]+)\)", text.read_text())}
    assert taken == named


def test_the_guide_shows_the_screens_as_they_are(own_server, look, picture):
    entering = look(None)
    entering.goto("/compte/entrer/")
    picture(entering, "entrer", "Entrer dans Prévenance")

    mayor = look("mayor")
    mayor.get_by_role("link", name="Personnes").click()
    mayor.get_by_role("link", name="Inviter une personne").click()
    picture(mayor, "inviter", "Inviter une personne")

    page = look("coordinator")
    hand = Mouse(page)
    picture(page, "ma-journee", "Ma journée")
    council.open_council(hand)
    page.get_by_role("link", name="Importer des membres").click()
    page.get_by_label("Coller le tableau").fill(SHEET)
    page.get_by_role("button", name="Lire le tableau").click()
    picture(page, "colonnes", "Faire correspondre les colonnes")
    page.get_by_role("button", name="Vérifier les lignes").click()
    picture(page, "verification", "Vérifier les lignes")

    council.open_council(hand)
    meeting = council.prepare(hand, TITLE)
    council.preview(hand)
    picture(page, "convoquer", "Relire avant de convoquer")
    council.send_button(page).click()
    page.get_by_text("La réunion est convoquée").wait_for()

    council.the_day_comes(own_server, TITLE)
    council.mark_attendance(hand, meeting)
    phone = look("coordinator", PHONE)
    phone.goto(f"{meeting}presences/")
    phone.locator(".pv-attendance__line").first.scroll_into_view_if_needed()
    picture(phone, "presences", "Présences")

    council.open_minutes(hand, meeting)
    page.get_by_label("Ouverture de la séance").fill("La séance est ouverte. L’ordre du jour est adopté.")
    council.saved(page)
    decided = "Ouvrir une permanence de médiation aux abords du collège, de 16 h à 18 h."
    council.decide(hand, "Abords du collège", decided)
    page.get_by_role("textbox", name="Abords du collège").fill(
        "Les services présents partagent leurs constats, sans nom."
    )
    council.saved(page)
    page.get_by_role("textbox", name="Abords du collège").scroll_into_view_if_needed()
    picture(page, "ecrire", "Écrire le compte rendu")
    council.read_again(hand)
    council.approve(Mouse(mayor), TITLE)
    picture(mayor, "approuve", "Compte rendu, version 1")
    council.carry_out(hand, meeting, decided, "La permanence est ouverte.")
    picture(page, "decision", "Décision")

    page.goto("/territoires/commune/42207/")
    page.wait_for_load_state("networkidle")
    picture(page, "territoire", "Saint-Chamond")
    prefect = look("prefect_office")
    picture(prefect, "ma-journee-prefet", "Ma journée")


def test_every_picture_of_the_guide_is_there_and_light():
    """And every page is reached from the table of contents."""
    named = {image for text in GUIDE.glob("*.md") for image in re.findall(r"\]\(images/([^)]+)\)", text.read_text())}
    assert named
    assert {path.name for path in IMAGES.iterdir()} == named
    assert [path.name for path in IMAGES.iterdir() if path.stat().st_size > HEAVIEST] == []
    pages = {path.name for path in GUIDE.glob("*.md")} - {"README.md"}
    assert set(re.findall(r"\]\(([^)/]+\.md)\)", (GUIDE / "README.md").read_text())) == pages
    assert [text.name for text in GUIDE.glob("*.md") if len(text.read_text().splitlines()) > 60] == []
