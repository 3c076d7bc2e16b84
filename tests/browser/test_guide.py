"""The guide's pictures: the screens of its first two journeys, walked each time (how: tests/browser/guide.py)."""

import datetime
import re

import pytest

from tests.browser import council, guide
from tests.browser.conftest import PHONE
from tests.browser.hands import Mouse

pytestmark = pytest.mark.timeout(300)

look, pictures = guide.look, guide.pictures

TITLE = "Séance plénière de démonstration"
SHEET = (
    "Nom\tPrénom\tFonction\tCourriel\n"
    "Exemple\tLéa\tDirectrice du centre social\tlea.exemple@exemple.invalid\n"
    "Modèle\tNoé\tPrincipal du collège\tnoe.modele\n"
    "Spécimen\tIris\tCheffe d’agence\tiris.specimen@exemple.invalid\n"
)


def test_the_guide_shows_the_screens_as_they_are(own_server, look, pictures):
    picture = pictures(guide.JOURNEY)
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
    picture = pictures(guide.YEAR)
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
    pages = list(guide.GUIDE.glob("*.md"))
    named = guide.images_of(pages)
    assert named
    assert sum(len(guide.pages_of(part)) for part in guide.PARTS) == len(pages) == sum(map(len, guide.PARTS))
    assert {path.name for path in guide.IMAGES.iterdir()} == named
    assert [path.name for path in guide.IMAGES.iterdir() if path.stat().st_size > guide.HEAVIEST] == []
    contents = re.findall(r"\]\(([^)/]+\.md)\)", (guide.GUIDE / "README.md").read_text())
    assert set(contents) == {path.name for path in pages} - {"README.md"}
    assert [text.name for text in pages if len(text.read_text().splitlines()) > 60] == []
