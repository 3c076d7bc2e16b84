"""Both looks, at both widths: styled, inside the screen, accessible, by keyboard, and nothing asked from elsewhere."""

import re

import pytest

from tests.browser.conftest import PHONE, WIDE, collect_static, new_page, serving
from tests.browser.looks import check_focus_is_seen, check_look

PAGES = ["/style/", "/style/?incorrect=1", "/style/?page=12&q=gare", "/page-qui-nexiste-pas/"]


@pytest.fixture(scope="module")
def state_server(server, tmp_path_factory):
    """The same demonstration under the State's design system."""
    collect_static("state")
    with serving(server.database, tmp_path_factory.mktemp("state"), PREVENANCE_BRAND="state") as running:
        yield running


@pytest.fixture(params=["neutral", "state"])
def brand(request):
    return request.param


@pytest.fixture
def look(chromium, server, brand, viewport, request):
    """A page in one of the four looks; at the end nothing may have gone wrong in it."""
    page = new_page(chromium, server if brand == "neutral" else request.getfixturevalue("state_server"), viewport)
    page.watch.expected.add("status of 404")  # the browser says aloud that a missing page is missing
    yield page
    page.context.close()
    assert page.watch.real_problems() == []


def test_every_component_is_styled_fits_and_is_accessible(look, brand):
    for address in PAGES:
        look.goto(address)
        assert look.locator("html").get_attribute("data-brand") == brand
        check_look(look)


def test_opened_menus_and_dialogs_are_accessible_too(look):
    look.goto("/style/")
    look.get_by_text("Ce que dit la loi").click()
    look.locator(".pv-export summary").click()
    check_look(look)
    look.keyboard.press("Escape")
    look.get_by_role("link", name="Supprimer le brouillon").click()
    check_look(look)


def test_only_the_state_gets_the_state_s_design_system(look, brand):
    look.goto("/style/")
    look.evaluate("document.fonts.ready")
    of_the_state = [url for url in look.watch.requests if "dsfr" in url]
    marianne = look.evaluate("getComputedStyle(document.body).fontFamily").startswith("Marianne")
    assert len(look.watch.requests) > 3
    assert (bool(of_the_state), marianne) == ((True, True) if brand == "state" else (False, False))
    assert not [url for url in of_the_state if url.endswith(".js")]
    assert look.locator(".fr-logo").count() == 0  # no State logo in a demonstration


def test_the_first_tab_stop_skips_to_the_content(look):
    look.goto("/style/")
    look.keyboard.press("Tab")
    skip = look.get_by_role("link", name="Contenu", exact=True)
    assert skip.evaluate("e => e === document.activeElement")
    box = skip.bounding_box()
    assert box["y"] >= 0
    look.keyboard.press("Enter")
    assert look.evaluate("document.activeElement.id") == "contenu"


def test_the_focus_is_always_seen(look):
    look.goto("/style/")
    check_focus_is_seen(look, stops=60)


def test_escape_closes_the_dialog_and_gives_the_focus_back(look):
    look.goto("/style/")
    opener = look.get_by_role("link", name="Supprimer le brouillon")
    opener.focus()
    look.keyboard.press("Enter")
    dialog = look.get_by_role("dialog", name="Supprimer ce brouillon")
    assert dialog.get_by_text("sera perdu").is_visible()
    assert dialog.get_by_role("button", name="Annuler").evaluate("e => e === document.activeElement")
    look.keyboard.press("Escape")
    assert dialog.is_hidden()
    assert opener.evaluate("e => e === document.activeElement")
    opener.press("Enter")
    dialog.get_by_role("button", name="Annuler").click()
    assert dialog.is_hidden()


def test_a_refused_form_says_what_to_correct_and_leads_there(look):
    look.goto("/style/?incorrect=1")
    summary = look.get_by_role("alert").filter(has_text="points sont à corriger")
    assert summary.evaluate("e => e === document.activeElement")
    summary.get_by_role("link", name=re.compile("Adresse électronique")).click()
    email = look.get_by_label("Adresse électronique")
    assert email.evaluate("e => e === document.activeElement")
    assert email.input_value() == "sans-arobase"
    error = look.locator(f"#{email.get_attribute('aria-describedby').split()[-1]}")
    assert "adresse" in error.inner_text()
    summary.get_by_role("link", name=re.compile("Tenue de la séance")).click()
    assert look.get_by_role("radio", name="En salle").evaluate("e => e === document.activeElement")


def test_a_disabled_button_says_why(look):
    look.goto("/style/")
    button = look.get_by_role("button", name="Approuver le compte rendu")
    assert button.is_disabled()
    assert "après la séance" in look.locator(f"#{button.get_attribute('aria-describedby')}").inner_text()


def test_page_links_and_exports_keep_the_filters(look):
    look.goto("/style/?page=12&q=gare")
    assert look.get_by_role("link", name="Page suivante").get_attribute("href") == "?page=13&q=gare"
    look.locator(".pv-export summary").click()
    assert look.get_by_role("link", name="ODS").get_attribute("href") == "?q=gare&format=ods"
    look.keyboard.press("Escape")
    assert look.get_by_role("link", name="ODS").is_hidden()


# What the small script adds is the same in both brands: checked in one.


@pytest.fixture
def scripted(chromium, server):
    page = new_page(chromium, server, WIDE, permissions=["clipboard-read", "clipboard-write"])
    page.goto("/style/")
    yield page
    page.context.close()
    assert page.watch.real_problems() == []


def test_a_second_click_sends_nothing_more(scripted):
    sent = []

    def answer_nothing(route):
        if route.request.method != "POST":
            return route.continue_()
        sent.append(route.request.url)
        return route.fulfill(status=204)  # the browser stays on the page, the form still waiting

    scripted.route("**/style/", answer_nothing)
    button = scripted.get_by_role("button", name="Enregistrer")
    for _ in range(3):
        button.click()
    scripted.locator("#formulaire form[data-sending]").wait_for()
    scripted.wait_for_timeout(300)
    assert len(sent) == 1


def test_leaving_with_unsent_typing_asks_first(scripted):
    questions = []
    scripted.on("dialog", lambda dialog: (questions.append(dialog.type), dialog.accept()))
    scripted.get_by_label("Intitulé").type("Plénière")
    with scripted.expect_event("dialog"):
        scripted.close(run_before_unload=True)
    assert questions == ["beforeunload"]


def test_a_file_too_large_is_said_before_it_is_sent(scripted):
    chooser = scripted.get_by_label("Acte de composition")
    chooser.set_input_files({"name": "acte.pdf", "mimeType": "application/pdf", "buffer": b"%" * (11 * 1024 * 1024)})
    error = scripted.locator("#id_act_error")
    assert "« acte.pdf » pèse 11 Mo ; la limite est de 10 Mo" in error.inner_text().replace("\u00a0", " ")
    assert chooser.evaluate("e => e.validity.customError")
    chooser.set_input_files({"name": "acte.pdf", "mimeType": "application/pdf", "buffer": b"%PDF"})
    assert error.inner_text() == ""


def test_a_partial_request_that_fails_says_the_sentence_of_its_error_page(scripted):
    scripted.watch.expected |= {"status of 404", "Response Status Error Code 404", "ERR_INTERNET_DISCONNECTED", "htmx:"}
    scripted.evaluate("() => { htmx.ajax('GET', '/page-qui-nexiste-pas/', '#contenu').catch(() => {}) }")
    alert = scripted.locator("#alertes")
    alert.get_by_text("Vérifiez l’adresse").wait_for()
    alert.get_by_role("button", name="Fermer").click()
    scripted.context.set_offline(True)
    scripted.evaluate("() => { htmx.ajax('GET', '/style/', '#contenu').catch(() => {}) }")
    alert.get_by_text("Votre texte est toujours là").wait_for()
    assert scripted.get_by_role("heading", name="Composants de l’interface").is_visible()


def test_a_link_is_copied(scripted):
    scripted.get_by_role("button", name="Copier").click()
    scripted.get_by_role("button", name="Copié").wait_for()
    assert scripted.evaluate("navigator.clipboard.readText()") == "https://exemple.invalid/invitation/abc"


def test_without_script_menus_open_and_destructive_acts_still_have_their_page(chromium, server):
    page = new_page(chromium, server, PHONE, java_script_enabled=False)
    page.goto("/style/")
    page.locator(".pv-export summary").click()
    assert page.get_by_role("link", name="ODS").is_visible()
    assert page.get_by_role("link", name="Supprimer le brouillon").get_attribute("href")
    assert page.locator("dialog").is_hidden()
    page.context.close()


def test_print_leaves_the_words_and_removes_the_controls(chromium, server):
    page = new_page(chromium, server, WIDE)
    page.goto("/style/")
    page.emulate_media(media="print")
    assert page.locator("#contenu .fr-btn").first.is_hidden()
    assert page.get_by_role("heading", name="Composants de l’interface").is_visible()
    page.emulate_media(media="screen", reduced_motion="reduce")
    assert page.locator(".fr-btn").first.evaluate("e => getComputedStyle(e).transitionDuration") == "0s"
    page.context.close()
