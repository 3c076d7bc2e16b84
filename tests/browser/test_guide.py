"""The guide's pictures: the screens of its two journeys, walked each time, photographed when PREVENANCE_GUIDE=1.

./dev test tests/browser/test_guide.py -n 0 with PREVENANCE_GUIDE=1 writes docs/guide/images again. Dates follow the
day of the demonstration: they are hidden behind one day, so that a picture changes when its screen does.
"""

import datetime
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
JOURNEY, YEAR = range(9), range(9, 16)  # pages of the guide by number; its README is 0
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
                   [new RegExp(`\\\\d{1,2}(er)?[ \\u00a0](${months})`, "gi"), "15 septembre"],
                   [new RegExp(`, (${months}) \\\\d{4}`, "gi"), ", septembre 2026"],
                   [new RegExp(`\\\\d{1,2} (${short})\\\\.? \\\\d{4}`, "gi"), "15 sept. 2026"],
                   [/\\d{2}\\/\\d{2}\\/\\d{4}/g, "15/09/2026"], [/\\b20\\d{2}\\b/g, "2026"],
                   [/de .{1,3}h.\\d{2} à .{1,3}h.\\d{2}/g, "de 14\\u00a0h\\u00a030 à 16\\u00a0h\\u00a030"],
                   [/Enregistré à .{1,3}h.\\d{2}/g, "Enregistré à 14\\u00a0h\\u00a052"]];
    const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const same = text => rules.reduce((said, [from, to]) => said.replace(from, to), text);
    while (words.nextNode()) {  // but where a law says its sources: those days are its own
        const text = words.currentNode.data, said = /^\\s*Sources/.test(text) ? text : same(text);
        if (said !== text) words.currentNode.data = said;
    }
    for (const field of document.querySelectorAll("input[type=text], input[type=date], input[type=time]")) {
        const {type, value} = field;  // drawn as a browser in French draws them
        if (type === "text") field.value = same(value);
        else [field.type, field.value] = ["text", type === "time" ? value : value ? "15/09/2026" : "jj/mm/aaaa"];
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


def pages_of(numbers):
    """Paths of the guide's pages of these numbers."""
    return [path for path in GUIDE.glob("*.md") if int(path.name.split("-")[0].replace("README.md", "0")) in numbers]


def images_of(paths):
    """Names of the pictures that these pages show."""
    return {image for path in paths for image in re.findall(r"\]\(images/([^)]+)\)", path.read_text())}


@pytest.fixture
def pictures():
    """pictures(numbers) takes those of these pages of the guide, which name each picture taken, and no other.

    picture(page, name, heading, top): the heading is there, and the picture taken when asked, from `top` down.
    """
    taken, covered = set(), []

    def take(page, name, heading, top=None):
        page.get_by_role("heading", level=1, name=heading).wait_for()
        taken.add(f"{name}.png")
        if not WRITING:
            return
        page.evaluate("document.activeElement?.blur()")
        if top is not None:
            top.evaluate("e => scrollTo({top: e.getBoundingClientRect().top + scrollY - 12, behavior: 'instant'})")
        page.wait_for_timeout(300)
        page.evaluate(SAME_DAY)
        frame = {"x": 0, "y": 0, "width": page.viewport_size["width"], "height": min(760, page.viewport_size["height"])}
        page.screenshot(path=IMAGES / f"{name}.png", animations="disabled", clip=frame)

    def of(numbers):
        covered.extend(pages_of(numbers))
        return take

    yield of
    assert taken == images_of(covered)


def test_the_guide_shows_the_screens_as_they_are(own_server, look, pictures):
    picture = pictures(JOURNEY)
    entering = look(None)
    entering.goto("/compte/entrer/")
    picture(entering, "entrer", "Entrer dans Prévenance")

    mayor = look("mayor")
    picture(mayor, "ma-journee-maire", "Ma journée")
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
    picture(prefect, "ma-journee-prefet", "Ma journée", top=prefect.locator("#conseils"))


def test_the_guide_shows_the_coordinator_s_year(own_server, look, pictures):
    picture = pictures(YEAR)
    page = look("coordinator")
    hand = Mouse(page)
    council.open_council(hand)
    page.get_by_role("link", name="Proposer le calendrier de l’année").click()
    page.goto(f"{page.url.split('?')[0]}?annee={datetime.date.today().year + 1}")
    picture(page, "calendrier", "Calendrier de", top=page.get_by_role("heading", level=2).first)
    page.goto("/conseils/reunions/?etat=draft&quand=avenir")
    page.get_by_role("link", name=re.compile("plénière")).first.click()
    page.get_by_role("link", name="Écrire l’ordre du jour").click()
    page.get_by_role("link", name=re.compile("points en attente")).click()
    picture(page, "points-en-attente", "Préparer l’ordre du jour")

    mayor = look("mayor")
    council.open_council(Mouse(mayor))
    mayor.locator("#formations ~ div tbody th a").last.click()
    mayor.wait_for_url("**/formations/**")
    below = mayor.get_by_role("link", name="Désigner parmi le conseil")
    picture(mayor, "groupe", "Prévention de la récidive", top=below)
    phone = look("group_member", PHONE)
    phone.get_by_role("region", name="Textes à signer").get_by_role("link", name=re.compile("récidive")).click()
    picture(phone, "signer", "Signer : ", top=phone.locator("#changements"))

    council.open_council(hand)
    page.get_by_role("link", name="Préparer un autre acte").click()
    picture(page, "choisir-un-acte", "Préparer un acte")
    mayor.get_by_role("link", name="Ma journée").click()
    mayor.get_by_role("region", name="Actes à signer").get_by_role("link").first.click()
    picture(mayor, "declarer-une-signature", "Arrêté portant délégation", top=mayor.locator("#signatures"))

    council.open_council(hand)
    page.get_by_role("link", name="Partenaires et engagements écrits").click()
    page.get_by_label("Engagement écrit").select_option("yes")
    page.get_by_role("button", name="Filtrer").click()
    picture(page, "partenaires", "Partenaires et engagements")

    prefect = look("prefect_office")
    prefect.goto("/conseils/?kind=GPO")
    prefect.locator("table tbody th a").first.click()
    prefect.get_by_role("link", name="Voir et tenir les problèmes du groupe").click()
    prefect.get_by_label("État").select_option("answered")
    prefect.get_by_role("button", name="Filtrer").click()
    prefect.locator("table tbody th a").first.click()
    prefect.get_by_role("link", name="Modifier", exact=True).click()
    prefect.get_by_label("Réponse apportée").fill("Médiation à la fermeture des commerces, deux soirs par semaine.")
    prefect.get_by_role("button", name="Enregistrer").click()
    prefect.get_by_role("button", name="Prévenir ce groupe").wait_for()
    picture(prefect, "probleme", re.compile("."), top=prefect.locator("dl"))
    prefect.get_by_role("link", name="Ma journée").click()
    prefect.get_by_role("link", name="Faire la tournée des conseils et leur écrire").click()
    picture(prefect, "tournee", "Tournée des conseils")
    prefect.get_by_label("À regarder").select_option("plenary")
    prefect.get_by_role("button", name="Filtrer").click()
    prefect.wait_for_url("**lacks=plenary**")
    prefect.get_by_role("checkbox").first.check()
    prefect.get_by_role("button", name="Écrire aux conseils cochés").click()
    prefect.get_by_label("Objet").fill("Date de votre prochaine plénière")
    picture(prefect, "lettre", "Écrire aux conseils")

    council.open_council(Mouse(mayor))
    mayor.get_by_role("link", name="Voir et tenir la fiche du responsable de traitement").click()
    picture(mayor, "responsable", "Responsable de traitement")


def test_every_picture_of_the_guide_is_there_and_light():
    """And every page is reached from the table of contents."""
    named = images_of(GUIDE.glob("*.md"))
    assert named
    assert len(pages_of(JOURNEY)) + len(pages_of(YEAR)) == len(list(GUIDE.glob("*.md"))) == len(JOURNEY) + len(YEAR)
    assert {path.name for path in IMAGES.iterdir()} == named
    assert [path.name for path in IMAGES.iterdir() if path.stat().st_size > HEAVIEST] == []
    pages = {path.name for path in GUIDE.glob("*.md")} - {"README.md"}
    assert set(re.findall(r"\]\(([^)/]+\.md)\)", (GUIDE / "README.md").read_text())) == pages
    assert [text.name for text in GUIDE.glob("*.md") if len(text.read_text().splitlines()) > 60] == []
