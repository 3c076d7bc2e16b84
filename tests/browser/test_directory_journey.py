"""A coordinator finds a service, corrects it, confirms it; adds a structure and a shelter; closes a service."""

import pytest
from playwright.sync_api import expect

from tests.browser import council
from tests.browser.conftest import PHONE, WIDE, enter_as, new_page
from tests.browser.hands import Finger, Keyboard, Mouse
from tests.browser.looks import check_focus_is_seen, check_look

pytestmark = pytest.mark.timeout(300)

SERVICE = "Conseiller référent justice"
SECRET = "7, impasse Zibeline"


@pytest.mark.parametrize("device", ["mouse", "finger", "without script"])
def test_a_service_is_found_changed_and_confirmed(chromium, own_server, device):
    options = {"mouse": {}, "finger": {"has_touch": True}, "without script": {"java_script_enabled": False}}[device]
    page = new_page(chromium, own_server, PHONE if device == "finger" else WIDE, **options)
    hand = Finger(page) if device == "finger" else Mouse(page)
    scripted = device != "without script"
    council.enter(hand, "coordinator")
    hand.menu("Annuaire")
    page.get_by_role("heading", level=1, name="Annuaire des services").wait_for()
    expect(page.get_by_label("Pour les habitants de")).to_have_value("Saint-Chamond (commune 42207)")
    if scripted:
        check_look(page)
    hand.write(page.get_by_label("Mots"), "referent gier")
    hand.press(page.get_by_role("button", name="Chercher un service"))
    page.wait_for_url("**q=referent*")
    hand.press(page.get_by_role("link", name=SERVICE))
    page.get_by_role("heading", level=1, name=SERVICE).wait_for()
    if scripted:
        check_look(page)
    hand.press(page.get_by_role("link", name="Modifier"))
    page.locator("#id_phone").wait_for()
    if scripted:
        check_look(page)
    hand.write(page.locator("#id_phone"), "12")
    hand.write(page.get_by_label("Conditions d’accès"), "Avoir une convocation")
    hand.press(page.get_by_role("button", name="Enregistrer"))
    page.get_by_text("Ce numéro n’est pas celui d’un téléphone").first.wait_for()
    expect(page.get_by_label("Conditions d’accès")).to_have_value("Avoir une convocation")
    if scripted:
        check_look(page)
    hand.write(page.locator("#id_phone"), "01 99 00 98 76")
    hand.press(page.get_by_role("button", name="Enregistrer"))
    page.get_by_text("Le service est enregistré").wait_for()
    expect(page.get_by_role("link", name="01 99 00 98 76")).to_have_attribute("href", "tel:0199009876")
    hand.press(page.get_by_role("button", name="Tout est encore vrai aujourd’hui"))
    page.get_by_text("Merci : le service est vérifié").wait_for()
    if scripted:
        check_look(page)
    page.watch.expected.add("422")  # the number that is none
    assert page.watch.real_problems() == []


def test_a_shelter_is_added_by_the_keyboard_and_its_address_goes_nowhere(chromium, own_server):
    page = new_page(chromium, own_server, WIDE)
    hand = Keyboard(page)
    enter_as(page, "victim_support")
    page.goto("/annuaire/structures/ajouter/")
    hand.write(page.get_by_label("Nom"), "Refuge d’essai")
    hand.choose(page.get_by_label("Nature"), "association")
    hand.write(page.locator("#id_commune"), "42187")
    hand.tab_to(page.get_by_label("Adresse tenue secrète"))
    page.keyboard.press("Space")
    hand.write(page.locator("#id_address"), SECRET)
    hand.press(page.get_by_role("button", name="Enregistrer"))
    page.get_by_role("heading", level=1, name="Refuge d’essai").wait_for()
    check_look(page)
    assert "Zibeline" not in page.content()
    hand.press(page.get_by_role("link", name="Ajouter un service"))
    page.get_by_role("heading", level=1, name="Ajouter un service").wait_for()
    hand.write(page.get_by_label("Nom du service"), "Accueil de nuit d’essai")
    hand.choose(page.get_by_label("Nature"), "shelter")
    hand.write(page.get_by_label("Ce qui est proposé"), "Un hébergement inventé.")
    hand.write(page.locator("#id_address"), SECRET)
    check_look(page)
    hand.press(page.get_by_role("button", name="Enregistrer"))
    page.get_by_role("heading", level=1, name="Accueil de nuit d’essai").wait_for()
    expect(page.get_by_text("Adresse tenue secrète")).to_be_visible()
    assert "Zibeline" not in page.content()
    hand.press(page.get_by_role("link", name="Déclarer sa fermeture"))
    page.get_by_role("heading", level=1, name="Déclarer la fermeture").wait_for()
    check_look(page)
    hand.press(page.get_by_role("button", name="Déclarer la fermeture"))
    page.get_by_text("n’y orientez plus personne").wait_for()
    check_look(page)
    assert page.watch.real_problems() == []


@pytest.mark.parametrize("address", ["/annuaire/?where=", "/annuaire/structures/", "/annuaire/?q=introuvable"])
def test_lists_are_whole_at_both_widths(page, address):
    enter_as(page, "mediator")
    page.goto(address)
    check_look(page)
    check_focus_is_seen(page)
