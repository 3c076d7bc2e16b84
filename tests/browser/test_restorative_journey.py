"""Restorative justice: consent to each stage, then somebody withdraws and nothing is left. Alert devices, counted."""

import psycopg
import pytest
from playwright.sync_api import expect

from tests import database
from tests.browser.conftest import PHONE, WIDE, enter_as, new_page
from tests.browser.hands import Finger, Keyboard
from tests.browser.looks import check_focus_is_seen, check_look

pytestmark = pytest.mark.timeout(600)


def rows_of(server, code):
    """What the database holds of a code and how many rows in each table, under the mandate that sees them all."""
    with psycopg.connect(database.url("owner", server.database)) as connection:
        connection.execute(
            "SELECT set_config('prevenance.mandate', id::text, false) FROM accounts_mandate"
            " WHERE role = 'victim_support' AND organisation_id IS NOT NULL"
        )
        found = connection.execute("SELECT id FROM directory_participant WHERE code = %s", [code]).fetchall()
        counts = [
            connection.execute(f"SELECT count(*) FROM directory_{table}").fetchone()[0]
            for table in ("participant", "consent", "stageheld", "withdrawal")
        ]
    return found, counts


@pytest.mark.journey("21.1")
def test_a_consent_is_withdrawn_and_nothing_is_left(chromium, own_server):
    page = new_page(chromium, own_server, WIDE)
    hand = Keyboard(page)
    enter_as(page, "victim_support")
    page.goto("/annuaire/")
    hand.press(page.get_by_role("link", name="Registres", exact=True))
    hand.press(page.get_by_role("link", name="Justice restaurative", exact=True))
    page.get_by_role("heading", level=1, name="Justice restaurative").wait_for()
    check_look(page)
    hand.press(page.get_by_role("link", name="Ouvrir un programme"))
    page.get_by_role("heading", level=1, name="Ouvrir un programme").wait_for()
    service = page.locator("#id_service option", has_text="justice restaurative").first.get_attribute("value")
    hand.choose(page.get_by_label("Service qui le rend"), service)
    hand.choose(page.get_by_label("Mesure"), "conference")
    hand.write(page.locator("#id_court"), "42218")
    hand.moment(page.locator("#id_ends_on"), "2027-11-30")
    check_look(page)
    hand.press(page.get_by_role("button", name="Ouvrir", exact=True))
    page.get_by_text("Le programme est ouvert").wait_for()
    hand.choose(page.get_by_label("Qualité"), "victim")
    hand.press(page.get_by_role("button", name="Inscrire, et tirer un code"))
    page.get_by_text("La personne est inscrite").wait_for()
    code = page.locator("main table code").inner_text()
    # No stage without consent to it.
    hand.press(page.get_by_role("link", name="Noter une étape tenue"))
    hand.choose(page.get_by_label("Code de la personne"), code)
    hand.choose(page.locator("#id_stage"), "information")
    hand.press(page.get_by_role("button", name="Noter l’étape"))
    page.get_by_text("n’avait pas consenti à cette étape").first.wait_for()
    check_look(page)
    hand.press(page.get_by_role("link", name="Annuler"))
    hand.press(page.get_by_role("link", name="Noter un consentement"))
    hand.choose(page.get_by_label("Code de la personne"), code)
    hand.choose(page.get_by_label("Étape à laquelle elle consent"), "information")
    hand.choose(page.get_by_label("Forme"), "signed")
    hand.press(page.get_by_role("button", name="Noter le consentement"))
    page.get_by_text("Le consentement est noté").wait_for()
    hand.press(page.get_by_role("link", name="Noter une étape tenue"))
    hand.choose(page.get_by_label("Code de la personne"), code)
    hand.choose(page.locator("#id_stage"), "information")
    hand.press(page.get_by_role("button", name="Noter l’étape"))
    page.get_by_text("L’étape est notée").wait_for()
    check_look(page)
    check_focus_is_seen(page)
    found, before = rows_of(own_server, code)
    assert len(found) == 1
    # Asked once, with what is lost; then nothing.
    hand.press(page.get_by_role("link", name="Une personne se retire"))
    page.get_by_text("quelqu’un s’est retiré ce mois-ci").wait_for()
    check_look(page)
    hand.choose(page.get_by_label("Code de la personne"), code)
    hand.press(page.get_by_role("button", name="Effacer tout ce qui la concerne"))
    page.get_by_text("Tout ce qui concernait cette personne est effacé").wait_for()
    assert code not in page.content()
    expect(page.get_by_text("1 personne s’est retirée")).to_be_visible()
    check_look(page)
    found, after = rows_of(own_server, code)
    assert found == []
    assert after == [before[0] - 1, before[1] - 1, before[2] - 1, before[3] + 1]
    address = page.url
    page.watch.expected.add("422")  # the stage without consent
    assert page.watch.real_problems() == []
    page.context.close()
    page = new_page(chromium, own_server, WIDE)
    enter_as(page, "coordinator")
    assert page.goto(address).status == 404
    page.goto("/annuaire/")
    page.get_by_role("link", name="Registres", exact=True).click()
    page.get_by_role("link", name="Justice restaurative", exact=True).click()
    page.get_by_role("heading", level=1, name="Justice restaurative, comptes annuels").wait_for()
    check_look(page)


@pytest.mark.journey("17.5", "17.6")
def test_a_month_of_devices_is_stated_corrected_and_read_by_others(chromium, own_server):
    page = new_page(chromium, own_server, PHONE, has_touch=True)
    hand = Finger(page)
    enter_as(page, "prosecutor_office")
    page.goto("/annuaire/dispositifs/")
    check_look(page)
    hand.press(page.get_by_role("link", name="Toutes les déclarations de mon département"))
    page.get_by_role("heading", level=1, name="Déclarations de dispositifs d’alerte").wait_for()
    check_look(page)
    hand.press(page.get_by_role("link", name="Corriger").first)
    page.get_by_role("heading", level=1, name="Corriger une déclaration").wait_for()
    check_look(page)
    hand.write(page.get_by_label("Attribués"), "900")
    hand.press(page.get_by_role("button", name="Déclarer"))
    page.get_by_text("sont de ceux attribués").first.wait_for()
    hand.write(page.get_by_label("Attribués"), "14")
    hand.write(page.get_by_label("Demandes en attente"), "5")
    hand.press(page.get_by_role("button", name="Déclarer"))
    page.get_by_text("La déclaration est enregistrée").wait_for()
    expect(page.get_by_text("Corrigée depuis").first).to_be_visible()
    page.watch.expected.add("422")
    assert page.watch.real_problems() == []
    page.context.close()
    page = new_page(chromium, own_server, WIDE)
    enter_as(page, "mediator")
    page.goto("/annuaire/dispositifs/")
    page.get_by_role("heading", name="Besoins outre-mer").wait_for()
    overseas = page.get_by_role("table", name="Appareils qui manquent outre-mer")
    expect(overseas.get_by_role("row", name="Mayotte")).to_contain_text("25")
    expect(page.get_by_role("row", name="Ain").first).to_contain_text("–")  # three persons wait: not shown
    check_look(page)
    check_focus_is_seen(page)
    assert page.watch.real_problems() == []
