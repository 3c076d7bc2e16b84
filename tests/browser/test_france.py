"""The national view on screen: table, map and the communes behind a number, in both widths."""

import pytest

from tests.browser.conftest import enter_as
from tests.browser.hands import Keyboard
from tests.browser.looks import check_focus_is_seen, check_look


def test_the_national_view_leads_to_the_communes_behind_a_number(page):
    enter_as(page, "national_secretariat")
    page.goto("/territoires/")
    page.locator("[data-map][data-drawn]").wait_for()
    check_look(page)
    assert page.locator("[data-map] path.pv-piece").count() > 90
    assert page.locator("[data-map] path.pv-piece--level-4").count() > 10

    page.get_by_label("Région").select_option("84")
    page.get_by_role("button", name="Afficher").click()
    page.wait_for_url("**region=84**")
    assert page.locator("tbody tr").count() == 12
    page.get_by_role("link", name="Non déclaré ici").click()
    page.wait_for_url("**tri=-not_declared**")
    assert page.locator("th[aria-sort=descending]").inner_text().startswith("Non déclaré ici")
    page.locator("[data-map][data-drawn]").wait_for()

    behind = page.locator("tbody tr").filter(has_text="Loire 42").locator("td a").nth(1)
    number = behind.inner_text()
    behind.click()
    page.wait_for_url("**/attendus/**")
    assert page.locator("h1").inner_text().startswith("Loire")
    assert page.get_by_text(f"{number} communes").count()
    check_look(page)
    page.goto("/territoires/attendus/")
    check_look(page)
    page.goto("/territoires/?date=2020-06-30&regle=plenary")
    page.locator("[data-map][data-drawn]").wait_for()
    check_look(page)


@pytest.mark.parametrize("role", ["prefect_office", "national_secretariat"])
def test_a_departement_is_found_with_the_keyboard_alone(page, role):
    hand = Keyboard(page)
    page.goto("/compte/entrer/")
    hand.press(page.locator(f"button[name=role][value={role}]"))
    page.wait_for_url("**/ma-journee/")
    hand.menu("Territoires")
    page.locator("[data-map][data-drawn]").wait_for()
    current = page.locator("nav[aria-label='Menu principal'] [aria-current=page]")  # folded on a phone
    assert current.first.text_content().strip() == "Territoires"
    check_look(page)
    check_focus_is_seen(page, stops=40)

    hand.choose(page.get_by_label("Région"), "84")
    hand.choose(page.get_by_label("Réponse montrée par la carte"), "cannot_tell")
    hand.press(page.get_by_role("button", name="Afficher"))
    page.wait_for_url("**region=84**")
    assert page.locator("tbody tr").count() == 12
    page.locator(".fr-table__content").evaluate("e => e.scrollTo(e.scrollWidth, 0)")
    whose = page.locator("tbody th").first.bounding_box()
    assert whose["x"] >= 0, "the name of a département stays in sight beside its figures"
    assert page.locator("#carte").inner_text().endswith("«\u00a0impossible à dire\u00a0»")
    page.locator("[data-map][data-drawn]").wait_for()

    map_ = page.locator("[data-map]")
    hand.tab_to(map_)
    place = "e => e.querySelector('.leaflet-map-pane').style.transform"
    before = map_.evaluate(place)
    page.keyboard.press("ArrowRight")
    page.wait_for_function("([e, before]) => e.querySelector('.leaflet-map-pane').style.transform !== before",
                           arg=[map_.element_handle(), before])  # fmt: skip
    in_legend = page.locator(".pv-legend li").count()
    on_map = page.locator("[data-map] path").evaluate_all(
        "paths => new Set(paths.map(p => [...p.classList].find(c => c.includes('--level-')))).size"
    )
    assert in_legend == on_map > 1, "each shade of the map is explained"

    page.reload()  # the keyboard goes on from the top
    hand.press(page.locator("tbody th a", has_text="Loire").and_(page.get_by_role("link", name="Loire", exact=True)))
    page.wait_for_url("**/territoires/departement/42/")
    assert "Loire" in page.locator("h1").inner_text()
    check_look(page)
