"""A resident, without an account, finds a territory with the keyboard alone and reads its page."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests import database
from tests.browser.conftest import new_page, serving


@pytest.fixture(scope="module")
def server(tmp_path_factory, collected_static):
    """France without any demonstration: these pages are open to all."""
    with database.copy_of(database.france()) as name, serving(name, tmp_path_factory.mktemp("france")) as running:
        yield running


@pytest.fixture
def page(chromium, server, viewport):
    page = new_page(chromium, server, viewport)
    yield page
    page.context.close()
    assert page.watch.real_problems() == [], "nothing blocked by the security policy, nothing fetched elsewhere"


def accessible(page):
    assert page.evaluate("getComputedStyle(document.querySelector('main')).fontFamily") != "", "the stylesheet is there"
    assert page.evaluate("document.styleSheets.length") >= 2
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1], f"the page scrolls sideways: {width}"


def test_searching_with_the_keyboard_alone_leads_to_the_page(page):
    page.goto("/territoires/chercher/")
    field = page.locator("#chercher-page")
    field.focus()
    page.keyboard.type("st etienne", delay=20)
    options = page.locator("#chercher-page-liste [role=option]")
    options.first.wait_for()
    page.wait_for_load_state("networkidle")
    assert field.get_attribute("aria-expanded") == "true"
    assert options.first.inner_text().startswith("Saint-Étienne")
    accessible(page)

    page.keyboard.press("ArrowDown")
    assert field.get_attribute("aria-activedescendant") == options.nth(0).get_attribute("id")
    page.keyboard.press("ArrowUp")
    last = options.last
    assert field.get_attribute("aria-activedescendant") == last.get_attribute("id"), "it goes round"
    assert last.get_attribute("aria-selected") == "true"

    page.keyboard.press("Escape")
    assert field.get_attribute("aria-expanded") == "false"
    assert field.get_attribute("aria-activedescendant") is None
    assert field.input_value() == "st etienne", "what was typed stays"

    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/territoires/**/")
    assert "Saint-Étienne" in page.locator("h1").inner_text()


def test_pointing_at_a_suggestion_leads_to_it_too(page):
    page.goto("/territoires/chercher/")
    page.locator("#chercher-page").press_sequentially("01144", delay=20)
    page.wait_for_load_state("networkidle")  # a request cut by leaving would be told in the console
    page.locator("[role=option]", has_text="ancien code").click()
    page.wait_for_url("**/territoires/commune/01025/")


@pytest.mark.parametrize(
    ("address", "pieces"), [("departement/42", 320), ("commune/42218", 53), ("region/84", 12), ("nation/FR", 101)]
)
def test_the_map_is_drawn_and_the_page_is_accessible(page, address, pieces):
    page.goto(f"/territoires/{address}/")
    page.locator("[data-map][data-drawn]").wait_for()
    assert page.locator("[data-map] path.pv-piece").count() == pieces
    assert page.locator("[data-map] .pv-piece--current").count() == (1 if address.startswith("commune") else 0)
    accessible(page)


def test_the_map_moves_with_the_keyboard(page):
    page.goto("/territoires/departement/42/")
    page.locator("[data-map][data-drawn]").wait_for()
    page.locator("[data-map]").focus()
    pane = page.locator(".leaflet-map-pane")
    before = pane.evaluate("e => getComputedStyle(e).transform")
    page.keyboard.press("ArrowRight")
    expect(pane).not_to_have_css("transform", before)


def test_without_script_everything_but_the_map_is_there(chromium, server, viewport):
    page = new_page(chromium, server, viewport, java_script_enabled=False)
    page.goto("/territoires/chercher/")
    page.locator("#chercher-page").fill("roanne")
    page.keyboard.press("Enter")
    page.locator("main a", has_text="Roanne").first.click()
    assert page.url.endswith("/territoires/commune/42187/")
    page.goto("/territoires/departement/42/")
    page.get_by_label("Nom contenant").fill("saint just")
    page.get_by_role("button", name="Filtrer").click()
    rows = page.locator("tbody th").all_inner_texts()
    assert rows
    assert [name for name in rows if "Saint-Just" not in name] == []
    page.context.close()


def test_an_unknown_address_offers_to_search(page):
    page.watch.expected.add("404")
    page.goto("/territoires/commune/99999/")
    assert page.locator("h1").inner_text() == "Territoire inconnu"
    accessible(page)
