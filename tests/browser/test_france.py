"""The national view on screen: table, map and the communes behind a number, in both widths."""

from tests.browser.conftest import enter_as
from tests.browser.looks import check_look


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
