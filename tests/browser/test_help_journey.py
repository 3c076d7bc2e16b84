"""Somebody in need finds help: on a telephone with the keyboard alone, without script, and leaves at once."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests import database
from tests.browser.conftest import PHONE, new_page, serving

SEARCH = "Chercher de l’aide"
NEUTRAL = "https://meteofrance.com/"


@pytest.fixture(scope="module")
def server(tmp_path_factory, collected_static):
    """The demonstration's directory."""
    with database.copy_of(database.demonstration()) as name, serving(name, tmp_path_factory.mktemp("help")) as running:
        yield running


def visiting(chromium, server, viewport, **options):
    page = new_page(chromium, server, viewport, **options)
    # The page that one leaves for is elsewhere: answered here, so that nothing is asked outside.
    page.route(f"{NEUTRAL}**", lambda route: route.fulfill(body="<title>M</title>", content_type="text/html"))
    return page


def accessible(page):
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1], f"the page scrolls sideways: {width}"


@pytest.fixture
def page(chromium, server, viewport):
    page = visiting(chromium, server, viewport)
    yield page
    page.context.close()


def test_help_is_found_and_the_map_shows_what_the_list_says(page):
    page.goto("/aide/")
    accessible(page)
    page.get_by_label("Votre commune").fill("Saint-Étienne")
    page.get_by_role("button", name=SEARCH).click()
    page.get_by_role("heading", name=re.compile("services pour Saint-Étienne")).wait_for()
    assert page.url.endswith("/aide/#resultats"), "nothing of the search is in the address"
    expect(page.locator("[data-drawn]")).to_be_attached()
    points = page.locator("#carte-points").evaluate("one => JSON.parse(one.textContent).length")
    assert page.locator(".pv-point").count() == points >= 1
    accessible(page)
    assert page.context.cookies() == []
    assert page.watch.real_problems() == [], "nothing blocked by the security policy, nothing fetched elsewhere"


@pytest.mark.parametrize("scripted", [True, False])
def test_an_error_is_reported_and_the_address_does_not_say_on_which_service(chromium, server, scripted):
    page = visiting(chromium, server, PHONE, java_script_enabled=scripted)
    page.goto("/aide/")
    page.get_by_label("Votre commune").fill("42218")
    page.get_by_role("button", name=SEARCH).click()
    page.get_by_role("button", name=re.compile("Signaler une erreur")).first.click()
    page.get_by_role("heading", level=1, name="Signaler une erreur").wait_for()
    assert page.url.endswith("/aide/signaler/")
    if scripted:
        accessible(page)
    page.get_by_label("Les horaires ne sont pas les bons").check(force=True)
    page.get_by_role("button", name="Signaler", exact=True).click()
    page.get_by_text("Rien n’est gardé de vous").wait_for()
    if scripted:
        accessible(page)
    assert page.context.cookies() == []
    page.context.close()


def test_the_position_stays_in_the_browser(chromium, server):
    page = visiting(chromium, server, PHONE)
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"longitude": 4.3872, "latitude": 45.4397})
    sent = []
    page.on("request", lambda request: sent.append((request.url, request.post_data or "")))
    page.goto("/aide/")
    page.get_by_role("button", name="Près de moi").click()
    expect(page.get_by_label("Votre commune")).to_have_value("Saint-Étienne (commune 42218)")
    page.get_by_role("button", name=SEARCH).click()
    page.get_by_role("heading", name=re.compile("services pour Saint-Étienne")).wait_for()
    assert not [one for one in sent if "45.4" in "".join(one) or "4.38" in "".join(one)]
    page.context.close()


def test_on_a_telephone_with_the_keyboard_alone(chromium, server):
    page = visiting(chromium, server, PHONE)
    page.goto("/aide/")
    field = page.get_by_label("Votre commune")
    for _turn in range(60):
        page.keyboard.press("Tab")
        if field.evaluate("one => one === document.activeElement"):
            break
    page.keyboard.type("42218")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=re.compile("services pour Saint-Étienne")).wait_for()
    call = page.locator("#resultats a[href^='tel:']").first
    for _turn in range(60):
        page.keyboard.press("Tab")
        if call.evaluate("one => one === document.activeElement"):
            break
    assert call.evaluate("one => one === document.activeElement")
    box, bar = call.bounding_box(), page.locator(".pv-exit").bounding_box()
    assert box["height"] >= 44
    assert box["y"] >= bar["y"] + bar["height"] - 1, "the bar that one leaves by hides what has the focus"
    page.context.close()


def test_without_script(chromium, server):
    page = visiting(chromium, server, PHONE, java_script_enabled=False)
    page.goto("/aide/facile/")
    assert page.get_by_role("button", name="Près de moi").count() == 0
    page.get_by_label("Où habitez-vous").fill("Saint-Denis")
    page.get_by_label("Quelqu’un de ma famille me fait du mal").check()
    page.get_by_role("button", name="Chercher", exact=True).click()
    page.get_by_role("button", name=re.compile(r"Saint-Denis \(La Réunion\)")).click()
    page.get_by_text("Nous ne connaissons pas de service").wait_for()
    assert page.get_by_role("link", name="39 19").count() == 1
    page.get_by_role("link", name="Quitter vite").click()
    page.wait_for_url(NEUTRAL)
    page.context.close()


@pytest.mark.parametrize("how", ["button", "Escape twice"])
def test_leaving_replaces_the_page(page, how):
    page.goto("/aide/traces/")
    page.goto("/aide/")
    page.get_by_label("Votre commune").fill("Roanne")
    if how == "button":
        page.get_by_role("link", name="Quitter vite").click()
    else:
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
    page.wait_for_url(NEUTRAL)
    page.go_back()
    assert page.url.endswith("/aide/traces/"), "the page left is not in the history of the tab"


def test_a_leaflet_is_made(page):
    page.goto("/aide/affiche/")
    accessible(page)
    page.get_by_label("Commune", exact=False).first.fill("42218")
    page.get_by_label("Dépliant").check()
    with page.expect_response(lambda response: response.request.method == "POST") as answered:
        page.get_by_role("button", name="Faire le document").click()
    assert answered.value.headers["content-type"] == "application/pdf"
    assert answered.value.headers["cache-control"] == "no-store"
