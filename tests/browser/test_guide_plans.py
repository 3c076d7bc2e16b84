"""The guide's pictures of plans, sheets, indicators and tools (how: tests/browser/guide.py)."""

import re

import pytest

from tests.browser import guide
from tests.browser.hands import Keyboard

pytestmark = pytest.mark.timeout(300)

look, pictures = guide.look, guide.pictures

PLAN = "Stratégie territoriale de sécurité et de prévention de la délinquance de Saint-Chamond (démonstration)"
SEEN = "Personnes reçues par l’aide aux victimes"  # the figure that the demonstration lacks for one quarter


def test_the_guide_shows_a_plan_its_sheets_its_figures_and_tools(look, pictures):
    picture = pictures(guide.PLANS)
    page = look("coordinator")
    page.get_by_role("link", name="Plans", exact=True).click()
    page.get_by_role("link", name=PLAN, exact=True).click()
    page.get_by_role("heading", level=1, name=PLAN).wait_for()
    plan = page.url
    page.get_by_role("link", name=re.compile("Avenant n°.2")).last.click()
    page.get_by_role("link", name="Comparer avant et après").click()
    picture(page, "comparer", "Ce qui change")
    page.goto(plan)
    page.get_by_role("link", name="Lire le texte").click()
    picture(page, "texte-du-plan", PLAN, top=page.get_by_role("heading", level=2, name="Axes et objectifs"))

    page.goto(plan)
    page.get_by_role("link", name=re.compile("fiches? action")).first.click()
    page.get_by_role("link", name="1. Médiation de la vie nocturne au centre").click()
    picture(page, "fiche", "1. Médiation de la vie nocturne", top=page.get_by_role("heading", name="Étapes"))
    page.get_by_role("link", name="Fiches action").click()
    page.get_by_role("link", name="Par état", exact=True).click()
    picture(page, "par-etat", "Fiches action", top=page.locator(".pv-board"))

    page.goto(plan)
    page.get_by_role("link", name=re.compile("indicateurs?$")).last.click()
    picture(page, "indicateurs", "Indicateurs suivis", top=page.locator(".pv-listbar"))
    page.get_by_role("link", name=re.compile(f"^Saisir : {SEEN}")).click()
    page.get_by_role("heading", level=1, name="Saisie, ").wait_for()
    keys = Keyboard(page)
    keys.write(page.get_by_label(f"Valeur – {SEEN}"), "41")
    picture(page, "saisie", "Saisie, ", top=page.locator("#aide-saisie"))

    page.get_by_role("link", name="Mesures", exact=True).click()
    page.get_by_role("heading", level=1).wait_for()
    page.locator("summary", has_text=re.compile(r"^\s*3\. ")).click()
    picture(page, "mesures", re.compile("2020-2024"))
    page.get_by_role("link", name="Boîte à outils").first.click()
    page.get_by_label("Ce que vous cherchez").fill("marches exploratoires")
    page.get_by_role("button", name="Chercher une fiche").click()
    page.get_by_role("link", name="Marche exploratoire").first.click()
    picture(page, "outil", "Marche exploratoire", top=page.get_by_role("heading", name="Ce que l’on en sait"))
