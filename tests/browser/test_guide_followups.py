"""The guide's pictures of follow-ups, registers, families, the directory and rights (how: tests/browser/guide.py)."""

import datetime
import re

import pytest

from tests.browser import guide
from tests.browser.conftest import PHONE, WIDE, new_page
from tests.browser.followups import enter_with, family_council, filled
from tests.browser.hands import Mouse
from tests.browser.test_followup_family import open_family, stage, started
from tests.browser.test_registers_journey import link, press, who

pytestmark = pytest.mark.timeout(420)

look, pictures = guide.look, guide.pictures


@pytest.fixture
def world(own_server):
    return filled(own_server, files=2)


@pytest.fixture
def opened(chromium, own_server):
    """opened(session): a page of who has that session."""
    pages = []

    def another(session, viewport=WIDE):
        page = new_page(chromium, own_server, viewport)
        pages.append(page)
        enter_with(page, own_server, session)
        return page

    yield another
    for page in pages:
        page.context.close()
    assert [page.watch.real_problems() for page in pages] == [[]] * len(pages)


def test_the_guide_shows_follow_ups_registers_and_rights(own_server, world, look, opened, pictures):
    picture = pictures(guide.FOLLOWUPS)
    number = world["own"][0]
    of_a_referent(picture, look, number)
    of_a_coordinator(picture, look, world["meeting"])
    of_a_mayor(picture, look)
    of_a_family(picture, opened, family_council(own_server))
    of_the_directory_and_rights(picture, look, number)


def of_a_referent(picture, look, number):
    phone = look("referent", PHONE)
    picture(phone, "journee-referent", "Ma journée", top=phone.get_by_role("heading", name="Mes suivis"))
    phone.get_by_role("region", name="Mes suivis").get_by_role("link", name="noter un contact").first.tap()
    phone.get_by_text("Toucher une réponse enregistre").wait_for()
    picture(phone, "contact", re.compile(" – "), top=phone.locator("h1"))

    page = look("referent")
    page.goto("/suivis/")
    page.get_by_role("link", name=number, exact=True).click()
    page.get_by_role("link", name="Plan", exact=True).click()
    page.get_by_role("link", name="Fixer le premier objectif").click()
    page.get_by_label("Thème").select_option("training")
    page.get_by_label("Ce que l’on vise").fill("Choisir une formation et s’y inscrire")
    page.get_by_label("Part de la famille").fill("Un parent vient au premier rendez-vous")
    page.get_by_role("button", name="Enregistrer").click()
    for kind, days in (("visit", 6), ("enrolment", 20)):
        page.get_by_role("link", name="Ajouter une étape").click()
        page.get_by_label("Nature").select_option(kind)
        page.get_by_label("Portée par").select_option(label="Noa Témoin")
        day = datetime.date.today() + datetime.timedelta(days=days)
        page.get_by_label("Pour le").fill(day.isoformat())
        page.get_by_role("button", name="Enregistrer").click()
        page.get_by_text("L’étape est ajoutée").wait_for()
    page.get_by_role("link", name="Plan", exact=True).click()
    picture(page, "plan-du-suivi", f"Dossier {number}", top=page.get_by_role("navigation", name="Parties du dossier"))
    page.get_by_role("link", name="Orientations", exact=True).click()
    page.get_by_role("link", name="Préparer une orientation").click()
    page.get_by_role("button", name=re.compile("^Choisir Accompagnement des 16 à 25")).click()
    page.get_by_label(re.compile("^Prénom et nom")).check(force=True)
    page.get_by_label(re.compile("^Objectif, formation")).check(force=True)
    page.get_by_role("button", name="Relire avec la personne").click()
    said = page.get_by_role("heading", name="Ce qui sera transmis")
    said.wait_for()
    picture(page, "orientation", f"Dossier {number}", top=said)


def of_a_coordinator(picture, look, meeting):
    page = look("coordinator")
    page.goto("/suivis/")
    picture(page, "dossiers", "Suivis", top=page.locator(".pv-listbar"))
    page.goto(f"/suivis/reunions/{meeting}/")
    for box in page.locator("input[name=files]").all():
        box.check(force=True)
    page.get_by_role("button", name="Inscrire à l’ordre du jour").click()
    page.get_by_text("situations à l’ordre du jour").wait_for()
    page.get_by_role("link", name="Commencer par la première").click()
    page.get_by_text(re.compile("Situation 1 sur")).wait_for()
    picture(page, "point", re.compile("Dossier"))


def of_a_mayor(picture, look):
    page = look("mayor")
    hand, today = Mouse(page), datetime.date.today()
    page.goto("/registres/")
    link(hand, "Ouvrir un rappel à l’ordre")
    for name in ("crime", "procedure", "complaint"):
        hand.pick(page.locator(f"[name={name}][value=no]"))
    hand.choose(page.locator("#id_facts"), "near_school")
    hand.moment(page.locator("#id_facts_on"), today.isoformat())
    who(hand, "Céleste", "Brouillon", f"{today.year - 13}-01-15")
    hand.write(page.locator("#id_parents"), "Axelle et Ange Brouillon")
    press(hand, "Ouvrir la fiche")
    link(hand, "Consulter le procureur")
    press(hand, "Noter la consultation")
    picture(page, "rappel", re.compile("Rappel à l’ordre"))


def of_a_family(picture, opened, council):
    page = opened(council["coordinator"])
    hand = Mouse(page)
    file = open_family(hand)
    page.goto(f"{file}famille/")
    started(hand)
    stage(hand, "Consulter le conseil")
    picture(page, "famille", re.compile("Dossier"), top=page.get_by_role("navigation", name="Parties du dossier"))


def of_the_directory_and_rights(picture, look, number):
    page = look("coordinator")
    page.get_by_role("link", name="Annuaire", exact=True).click()
    picture(page, "annuaire", "Annuaire des services", top=page.locator(".pv-listbar"))

    referent = look("referent")
    referent.goto("/suivis/")
    referent.get_by_role("link", name=number, exact=True).click()
    referent.get_by_role("link", name="Droits", exact=True).click()
    referent.get_by_label("La personne", exact=True).check(force=True)
    referent.get_by_role("button", name="Préparer l’information à imprimer").click()
    referent.get_by_text("L’information est prête").wait_for()
    referent.get_by_role("link", name="Noter une demande").click()
    referent.get_by_label("Copie du dossier").check(force=True)
    referent.get_by_label("La personne", exact=True).check(force=True)
    referent.get_by_role("button", name="Enregistrer").click()
    referent.get_by_text("La demande est notée, avec son délai").wait_for()
    referent.get_by_role("link", name="Droits", exact=True).click()
    picture(
        referent, "droits", f"Dossier {number}", top=referent.get_by_role("heading", name="Information individuelle")
    )

    officer = look("data_protection_officer")
    officer.goto("/suivis/lectures/")
    officer.get_by_role("heading", name="Par lecteur").wait_for()
    picture(officer, "lectures", "Lectures des dossiers de suivi")
