"""The guide's pictures of orientations, registers, coverage and the public page (how: tests/browser/guide.py)."""

import re

import pytest

from tests.browser import guide
from tests.browser.conftest import PHONE, WIDE

pytestmark = pytest.mark.timeout(300)

look, pictures = guide.look, guide.pictures

CODE = "BKT-482"  # of data/demonstration/orientations.yaml: no answer yet


def test_the_guide_shows_who_helps_where_and_who_goes_without(look, pictures):
    picture = pictures(guide.HELP)
    of_a_victim_support_worker(picture, look)
    of_a_prefecture(picture, look)
    of_an_inhabitant(picture, look(None, PHONE))


def of_a_victim_support_worker(picture, look):
    page = look("victim_support")
    page.get_by_role("link", name="Orienter une personne").click()
    for label in ("Victime de", "Habite", "Ouverts en ce moment"):
        page.get_by_label(label).wait_for()
    page.get_by_role("link", name="Mes orientations").click()
    page.get_by_role("link", name=CODE, exact=True).click()
    picture(page, "orientation-code", f"Orientation {CODE}", top=page.locator("h1"))
    page.get_by_role("link", name="Retirer cette orientation").wait_for()
    page.get_by_role("button", name="Obtenir un lien à transmettre").click()
    told = page.get_by_label("À copier, puis à donner au service")
    told.wait_for()
    service = look(None, WIDE)
    service.goto(told.input_value())
    for answer in ("Nous la recevrons", "Il faut attendre", "Nous ne pouvons pas la recevoir"):
        service.get_by_role("button", name=answer).wait_for()
    picture(service, "orientation-reponse", f"Orientation {CODE}", top=service.locator("h1"))

    page.goto("/annuaire/tournees/1/")
    for name in ("Imprimer les horaires", "Ajouter un arrêt"):
        page.get_by_role("link", name=name).wait_for()
    page.goto("/annuaire/justice-restaurative/")
    page.get_by_role("link", name="Médiation restaurative").click()
    for name in ("Noter un consentement", "Noter une étape tenue", "Une personne se retire"):
        page.get_by_role("link", name=name).wait_for()


def of_a_prefecture(picture, look):
    page = look("prefect_office")
    page.goto("/annuaire/intervenants-sociaux/")
    page.get_by_role("button", name="Tous les postes y sont").wait_for()
    picture(page, "intervenants", "Intervenants sociaux, Loire", top=page.locator(".pv-figures"))
    page.get_by_role("link", name="Conventions", exact=True).click()
    page.get_by_text("Finit bientôt").wait_for()
    page.get_by_role("link", name="Schéma", exact=True).click()
    page.get_by_role("link", name="PDF à joindre au schéma").wait_for()
    page.get_by_role("link", name="Orientations, en nombre").click()
    page.get_by_role("heading", level=1, name="Orientations, en nombre").wait_for()
    page.get_by_role("link", name="Circuits de signalement").click()
    page.get_by_role("link", name=re.compile("intrafamiliales")).click()
    picture(page, "circuit", re.compile("intrafamiliales"), top=page.get_by_role("heading", name="Le dessin"))

    page.get_by_role("link", name="Annuaire", exact=True).click()
    page.get_by_role("link", name="Couverture", exact=True).click()
    page.get_by_label("Communes pesées par").wait_for()
    page.locator("[data-drawn]").wait_for()
    picture(page, "couverture", "Couverture, Loire", top=page.locator(".pv-figures"))
    page.get_by_role("link", name="Où placer les prochaines").click()
    page.get_by_role("heading", name="Communes choisies").wait_for()
    page.goto("/couverture/essai/?a=42003:14&b=42006:7")
    page.get_by_role("link", name="PDF pour le comité").wait_for()
    picture(page, "essai", "Essayer des permanences, Loire", top=page.get_by_role("heading", name="Avant, après"))


def of_an_inhabitant(picture, page):
    page.goto("/aide/")
    page.get_by_role("link", name="Quitter vite").wait_for()
    page.get_by_role("link", name="Imprimer l’affiche ou le dépliant d’une commune").wait_for()
    picture(page, "aide", "Trouver de l’aide")
    page.get_by_label("Votre commune").fill("42218")
    page.get_by_role("button", name="Chercher de l’aide").tap()
    page.get_by_role("button", name=re.compile("Signaler une erreur")).first.wait_for()
    picture(page, "aide-resultat", "Trouver de l’aide", top=page.get_by_role("heading", name="Où aller"))
