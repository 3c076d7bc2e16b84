"""A local strategy is written, approved, amended and read as it was; a département's plan follows its own act."""

import datetime
import io
import re

import pypdf
import pytest

from tests.browser import council
from tests.browser.conftest import PHONE
from tests.browser.hands import Finger, Keyboard, Mouse
from tests.browser.looks import check_look
from tests.browser.plans import DAY, LAST_YEAR, open_plan, plans_are_over, prepare_act, sign, take_effect, write

pytestmark = pytest.mark.timeout(300)

PRIORITIES = (
    "# Les jeunes\n\nLe conseil écoute les jeunes du quartier. Il leur répond.\n\nUn bilan paraît chaque année."
)
STEERING = "Le comité de pilotage se réunit deux fois par an."


@pytest.fixture(autouse=True)
def places_are_free(own_server):
    plans_are_over(own_server, "departement", "local_strategy")


@pytest.mark.journey("32.2")
def test_a_local_strategy_is_approved_amended_and_read_as_it_was_last_year(own_server, pages):
    desk = Mouse(pages())
    council.enter(desk, "coordinator")
    page = desk.page
    plan = open_plan(
        desk, "Stratégie territoriale de sécurité et de prévention de la délinquance", "La stratégie d’ici"
    )
    desk.press(page.get_by_role("link", name="Écrire : texte initial"))
    amendment = page.url
    write(desk, "Axes et objectifs", PRIORITIES)
    write(desk, "Pilotage et instances", STEERING)
    assert page.get_by_role("button", name="Constater l’entrée en vigueur").is_disabled()
    # Its paper was signed more than a year ago: what is declared today.
    act = prepare_act(desk, LAST_YEAR)
    # What is transmitted is not written again.
    page.goto(amendment)
    page.get_by_text("Son acte est transmis à la signature").first.wait_for()

    phone = Finger(pages(PHONE, has_touch=True))
    council.enter(phone, "mayor")
    sign(phone, act, "2025-41", LAST_YEAR)
    take_effect(desk, amendment, plan)
    check_look(page)

    desk.press(page.get_by_role("link", name="Préparer un avenant"))
    desk.write(page.get_by_label("Objet"), "Écoute au collège")
    desk.write(page.get_by_label("Pourquoi"), "Demande du conseil de la vie collégienne")
    desk.press(page.get_by_role("button", name="Enregistrer"))
    page.get_by_role("heading", level=1, name=re.compile("Écoute au collège")).wait_for()
    second = page.url
    write(desk, "Axes et objectifs", PRIORITIES.replace("Il leur répond.", "Il leur répond au collège.") + "\n\nFin.")
    desk.press(page.get_by_role("link", name="Comparer avant et après"))
    page.get_by_role("heading", level=1, name="Ce qui change").wait_for()
    assert page.locator("ins").count() == 2
    assert "Il leur répond" in page.locator("main").inner_text()
    check_look(page)
    page.goto(second)
    act = prepare_act(desk)
    sign(phone, act, "2026-42")
    take_effect(desk, second, plan)

    desk.press(page.get_by_role("link", name="Lire le texte"))
    page.get_by_text("Il leur répond au collège.").first.wait_for()
    page.get_by_text("texte initial, avenant n°").first.click()
    assert page.get_by_text("« Le conseil écoute les jeunes du quartier.").is_visible()
    check_look(page)
    desk.moment(page.get_by_label("Texte en vigueur le"), (DAY - datetime.timedelta(365)).isoformat())
    desk.press(page.get_by_role("button", name="Lire à cette date"))
    page.wait_for_url("**/texte/?le=*")
    assert "Il leur répond au collège." not in page.locator("main").inner_text()
    assert "Il leur répond." in page.locator("main").inner_text()

    page.goto(plan)
    desk.press(page.get_by_role("link", name="Tout le plan en PDF"))
    desk.press(page.get_by_role("button", name="Préparer ce document"))
    page.get_by_text("en attente de son tour").wait_for()
    own_server.run_jobs()
    # The page asks again by itself.
    link = page.get_by_role("link", name="Télécharger")
    link.wait_for()
    check_look(page)
    file = page.request.get(link.get_attribute("href")).body()
    words = " ".join(sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(file)).pages)
    assert "Il leur répond au collège." in words
    assert "2026-42" in words
    # On a phone, everything fits.
    for address in (plan, second, plan + "texte/", second + "comparer/", plan + "documents/", "/plans/"):
        phone.page.goto(address)
        check_look(phone.page)


@pytest.mark.journey("31.1")
def test_a_departement_s_plan_and_its_victims_scheme_take_effect_by_the_prefet_s_order(own_server, pages):
    office = Mouse(pages())
    council.enter(office, "prefect_office")
    page = office.page
    plan = open_plan(office, "Plan départemental de prévention de la délinquance", "Le plan de l’État ici")
    office.press(page.get_by_role("link", name="Écrire : texte initial"))
    amendment = page.url
    write(office, "Priorités retenues", "Les jeunes d’abord.")
    act = prepare_act(office)
    assert "procureur" in page.locator("main").inner_text().lower()
    sign(office, act, "42-2026-01")
    take_effect(office, amendment, plan)

    scheme = open_plan(office, "Schéma départemental d’aide aux victimes", "Le schéma d’aide aux victimes d’ici")
    office.press(page.get_by_role("link", name="Écrire : texte initial"))
    amendment = page.url
    write(office, "Orientations", "Une permanence dans chaque canton.")
    sign(office, prepare_act(office), "42-2026-02")
    take_effect(office, amendment, scheme)
    assert page.get_by_role("link", name="Le plan de l’État ici").is_visible()

    # The town below reads the département's plan and stands under it, by the keyboard alone.
    town = Keyboard(pages())
    council.enter(town, "coordinator")
    town.page.goto("/plans/ouvrir/?nature=local_strategy")
    above = town.page.get_by_label("Plan dont il relève")
    assert "Le plan de l’État ici" in above.locator("option:checked").inner_text()
    town.write(town.page.get_by_label("En quoi il est compatible"), "Il reprend sa première priorité.")
    town.press(town.page.get_by_role("button", name="Ouvrir ce plan"))
    town.page.get_by_text("Il reprend sa première priorité.").wait_for()
    town.press(town.page.get_by_role("link", name="Le plan de l’État ici"))
    town.page.get_by_role("heading", level=1, name="Le plan de l’État ici").wait_for()
    check_look(town.page)
