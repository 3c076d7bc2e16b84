"""A committee reads who has help within reach, tries two sets of posts, keeps one and takes the paper of both."""

import io

import pypdf
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, WIDE, enter_as, new_page
from tests.browser.hands import Keyboard, Mouse
from tests.browser.looks import check_focus_is_seen, check_look

pytestmark = pytest.mark.timeout(600)

TABLE = "Minutes jusqu’au service le plus proche, choix et heures, par commune, Loire"
COMPARED = "Ce que chaque essai change, Loire"


@pytest.mark.journey("16.2")
def test_a_committee_tries_two_sets_of_posts_by_the_keyboard(chromium, own_server):
    page = new_page(chromium, own_server, WIDE)
    hand = Keyboard(page)
    enter_as(page, "coordinator")
    page.goto("/annuaire/")
    hand.press(page.get_by_role("link", name="Couverture", exact=True))
    page.get_by_role("heading", level=1, name="Couverture, Loire").wait_for()
    # What a screen reader announces: the map has a name, and so has the table that says the same.
    expect(page.get_by_role("group", name="Carte : minutes jusqu’au service le plus proche, Loire")).to_be_visible()
    table = page.get_by_role("table", name=TABLE)
    expect(table.get_by_role("columnheader", name="Choix à 15 min")).to_be_visible()
    expect(table.get_by_role("rowheader").first).to_be_visible()
    hand.tab_to(page.get_by_role("region", name=TABLE))  # it scrolls by the arrows
    page.locator("[data-drawn]").wait_for()
    check_look(page)
    hand.press(page.get_by_role("link", name="Essayer des permanences"))
    page.get_by_role("heading", level=1, name="Essayer des permanences, Loire").wait_for()
    hand.choose(page.get_by_label("Commune", exact=True), "42003")
    hand.write(page.get_by_label("Heures par semaine"), "14")
    hand.press(page.get_by_role("button", name="Ajouter"))
    page.wait_for_url("**a=42003*")
    hand.choose(page.get_by_role("combobox", name="Dans"), "b")
    hand.choose(page.get_by_label("Commune", exact=True), "42006")
    hand.write(page.get_by_label("Heures par semaine"), "7")
    hand.press(page.get_by_role("button", name="Ajouter"))
    page.wait_for_url("**b=42006*")
    compared = page.get_by_role("table", name=COMPARED)
    expect(compared.get_by_role("columnheader", name="Essai B")).to_be_visible()
    expect(compared.get_by_role("row", name="Habitants à plus de 30 minutes")).to_be_visible()
    page.locator("[data-drawn]").wait_for()
    check_look(page)
    check_focus_is_seen(page)
    hand.write(page.get_by_label("Nom pour enregistrer l’Essai A"), "Une permanence au nord")
    hand.press(page.get_by_role("button", name="Enregistrer").first)
    page.get_by_text("L’essai est enregistré").wait_for()
    expect(page.get_by_role("heading", name="Une permanence au nord")).to_be_visible()
    paper = page.request.get(page.get_by_role("link", name="PDF pour le comité").get_attribute("href"))
    words = " ".join(one.extract_text() for one in pypdf.PdfReader(io.BytesIO(paper.body())).pages)
    assert "Essai B" in words
    hand.press(page.get_by_role("link", name="Supprimer : Une permanence au nord"))
    page.get_by_role("heading", level=1, name="Supprimer l’essai").wait_for()
    check_look(page)
    hand.press(page.get_by_role("button", name="Supprimer"))
    page.get_by_text("L’essai est supprimé").wait_for()
    assert page.watch.real_problems() == []


def test_a_post_is_dropped_on_the_map(chromium, own_server):
    page = new_page(chromium, own_server, WIDE)
    hand = Mouse(page)
    enter_as(page, "prefect_office")
    page.goto("/couverture/essai/")
    box = page.locator("[data-drawn]")
    box.wait_for()
    box.click()  # in its middle
    place = page.get_by_label("Ou point de la carte")
    expect(place).to_be_focused()
    latitude, longitude = (float(part) for part in place.input_value().split(","))
    assert 45 < latitude < 46.5
    assert 3.5 < longitude < 5
    hand.press(page.get_by_role("button", name="Ajouter"))
    page.wait_for_url("**a=*")
    page.locator("[data-drawn]").wait_for()
    expect(page.locator(".pv-place")).to_have_count(1)
    assert page.watch.real_problems() == []


def test_it_works_without_script_on_a_narrow_screen(chromium, own_server):
    page = new_page(chromium, own_server, PHONE, java_script_enabled=False)
    enter_as(page, "mayor")
    page.goto("/couverture/placement/?within=15&number=2")
    page.get_by_role("link", name="Essayer ces permanences").click()
    page.get_by_role("heading", level=1, name="Essayer des permanences, Loire").wait_for()
    page.get_by_label("Commune", exact=True).select_option("42003")
    page.get_by_role("button", name="Ajouter").click()
    expect(page.get_by_role("link", name="Retirer Ambierle")).to_be_visible()
    assert page.watch.real_problems() == []


@pytest.mark.parametrize(
    "address", ["/couverture/", "/couverture/placement/?number=2", "/couverture/essai/?a=42003:14"]
)
def test_screens_are_whole_at_both_widths(page, address):
    enter_as(page, "coordinator")
    page.goto(address)
    check_look(page)
    check_focus_is_seen(page)


@pytest.mark.journey("16.2")
def test_the_national_level_reads_where_there_is_no_help_and_opens_a_departement(chromium, own_server):
    page = new_page(chromium, own_server, WIDE)
    hand = Keyboard(page)
    enter_as(page, "national_secretariat")
    page.goto("/annuaire/")
    hand.press(page.get_by_role("link", name="Couverture", exact=True))
    hand.press(page.get_by_role("link", name="Toute la France"))
    page.get_by_role("heading", level=1, name="Couverture de la France").wait_for()
    expect(page.get_by_role("group", name="Carte : part des habitants au-delà du seuil")).to_be_visible()
    table = page.get_by_role("table", name="Habitants au-delà du seuil, temps médian et heures, par département")
    expect(table.get_by_role("columnheader", name="À plus de 30 min")).to_be_visible()
    page.locator("[data-drawn]").wait_for()
    check_look(page)
    check_focus_is_seen(page)
    hand.choose(page.get_by_label("Région", exact=True), "84")
    hand.choose(page.get_by_label("À plus de", exact=True), "45")
    hand.press(page.get_by_role("button", name="Afficher"))
    page.wait_for_url("**region=84*")
    expect(table.get_by_role("row")).to_have_count(13)  # twelve départements and the headers
    expect(page.get_by_role("button", name="Compter maintenant")).to_be_disabled()
    expect(page.get_by_text("elle l’est une fois par jour au plus")).to_be_visible()
    hand.press(table.get_by_role("link", name="Loire", exact=True))
    page.get_by_role("heading", level=1, name="Couverture, Loire").wait_for()
    expect(page.get_by_label("À plus de", exact=True)).to_have_value("45")
    series = page.locator("option", has_text="chiffres inventés pour la démonstration, 2025").get_attribute("value")
    hand.choose(page.get_by_label("Communes pesées par", exact=True), series)
    hand.press(page.get_by_role("button", name="Afficher"))
    page.wait_for_url("**weight=*")
    expect(page.get_by_text("victimes enregistrées à plus de 45 minutes")).to_be_visible()
    assert page.watch.real_problems() == []


def test_the_coverage_of_france_is_read_on_a_phone(chromium, own_server):
    page = new_page(chromium, own_server, PHONE)
    enter_as(page, "national_secretariat")
    page.goto("/couverture/france/")
    page.locator("[data-drawn]").wait_for()
    check_look(page)
    assert page.watch.real_problems() == []
