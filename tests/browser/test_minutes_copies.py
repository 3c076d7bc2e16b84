"""What autosave keeps on a device is the person's own, and leaves with them."""

import re

import pytest

from tests.browser.conftest import WIDE, enter_as, new_page

KEPT = "Object.entries(localStorage).filter(([name]) => name.startsWith('prevenance:texte:'))"
SAID = "La séance est ouverte par la présidence."

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def page(chromium, own_server):
    page = new_page(chromium, own_server, WIDE)
    page.watch.expected |= {"ERR_INTERNET_DISCONNECTED", "ERR_FAILED"}
    enter_as(page, "coordinator")
    page.goto("/conseils/reunions/?etat=held")
    page.locator("tbody th a").first.click()
    page.get_by_role("link", name=re.compile("^Écrire")).or_(
        page.get_by_role("button", name="Ouvrir le compte rendu")
    ).first.click()
    page.get_by_label("Ouverture de la séance").wait_for()
    yield page
    page.context.close()
    assert page.watch.real_problems() == []


def type_without_network(page):
    """Type while nothing can be saved; the copy kept on the device."""
    page.route("**/enregistrer/", lambda route: route.abort())
    page.get_by_label("Ouverture de la séance").fill(SAID)
    page.locator("#etat-general", has_text="gardé sur cet appareil").wait_for()
    kept = page.evaluate(KEPT)
    assert [text for _name, text in kept] == [SAID]
    return kept[0][0]


def test_a_copy_is_under_the_person_the_part_and_its_edit_number_and_goes_once_saved(page):
    name = type_without_network(page)
    assert re.fullmatch(r"prevenance:texte:\d+:\d+:opening:\d+", name)
    page.unroute("**/enregistrer/")
    page.get_by_label("Ouverture de la séance").press("End")
    page.get_by_label("Ouverture de la séance").type(" Fin.")
    page.locator("#etat-general", has_text="Enregistré à").wait_for()
    assert page.evaluate(KEPT) == []


def test_a_tab_closed_before_anything_was_sent_gives_its_text_to_the_next(page):
    type_without_network(page)
    address = page.url
    other = page.context.new_page()  # the first tab stays without network until it is closed
    page.close()
    other.goto(address)
    assert other.get_by_label("Ouverture de la séance").input_value() == SAID
    other.locator("#etat-general", has_text="Enregistré à").wait_for()
    assert other.evaluate(KEPT) == []


def test_signing_out_leaves_nothing_on_the_device(page):
    type_without_network(page)
    page.locator(".pv-drop--person summary").click()
    page.get_by_role("button", name="Se déconnecter").click()
    page.wait_for_load_state()
    assert page.evaluate(KEPT) == []


def test_the_next_person_on_the_device_finds_no_text_of_the_former(page):
    name = type_without_network(page)
    address = page.url
    page.context.clear_cookies()  # a session that expired: no sign-out
    enter_as(page, "mayor")
    page.unroute("**/enregistrer/")
    page.goto(address)
    assert page.get_by_label("Ouverture de la séance").input_value() != SAID
    assert name not in [kept for kept, _text in page.evaluate(KEPT)]
