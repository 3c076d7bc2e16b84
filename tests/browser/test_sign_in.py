"""From the invitation to the second sign-in with the keyboard alone; every screen of accounts is looked at."""

import base64
import re
import time

import pytest
from django_otp.oath import totp

from tests.browser.conftest import enter_as, new_page
from tests.browser.looks import check_focus_is_seen, check_look

PASSWORD = "une longue phrase inventée"
STOPS = 90


def tab_to(page, selector):
    """Press Tab until the focus is on the element, as somebody without a mouse does."""
    target = page.locator(selector).first
    target.wait_for()
    for _stop in range(STOPS):
        if target.evaluate("e => e === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} is not reached with Tab")


def type_in(page, selector, text):
    tab_to(page, selector)
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(text)


def press(page, selector):
    tab_to(page, selector)
    page.keyboard.press("Enter")


def code(key, step=0):
    """The digits that the application shows, `step` times 30 seconds from now."""
    return f"{totp(key, t0=-30 * step):06d}"


def link_in(mail, kind="invitation"):
    """The address that the mail leads to, on this server: whoever runs the jobs does not know its port."""
    return re.search(rf"https?://[^/\s]+(/compte/{kind}/\S+)", mail.get_content()).group(1)


@pytest.fixture
def guest(chromium, own_server, viewport):
    page = new_page(chromium, own_server, viewport)
    yield page
    page.context.close()
    assert page.watch.real_problems() == []


def invite(page, server, email):
    """As the demonstration's coordinator, by keyboard: invite a deputy; the link that the mail brings."""
    page.goto("/compte/entrer/")
    press(page, "button[name=role][value=coordinator]")
    page.wait_for_url("**/ma-journee/")
    page.goto("/compte/personnes/")
    press(page, "a[href='/compte/personnes/inviter/']")
    page.wait_for_url("**/inviter/")
    type_in(page, "#id_email", email)
    type_in(page, "#id_given_name", "Alix")
    type_in(page, "#id_family_name", "Fictif")
    press(page, "main button[type=submit]")
    page.get_by_text("Invitation envoyée").first.wait_for()
    check_look(page)
    press(page, ".pv-drop--person summary")
    press(page, "form[action='/compte/sortir/'] button")
    page.wait_for_url("**/compte/entrer/")
    server.run_jobs()
    return link_in(server.mails()[-1])


def test_from_the_invitation_to_the_second_sign_in_with_the_keyboard_alone(guest, own_server):
    page = guest
    page.goto(invite(page, own_server, "alix.fictif@exemple.invalid"))
    check_look(page)
    type_in(page, "#id_password", PASSWORD)
    type_in(page, "#id_again", PASSWORD)
    press(page, "main button[type=submit]")

    page.wait_for_url("**/second-facteur/installer/")
    check_look(page)
    key = base64.b32decode(page.locator("#cle").inner_text().replace(" ", ""))
    image = page.locator("main img")
    assert image.evaluate("e => e.complete && e.naturalWidth > 100"), "the image to scan is drawn"
    type_in(page, "#id_code", code(key))
    page.keyboard.press("Enter")

    page.locator("#codes li").first.wait_for()
    codes = page.locator("#codes code").all_inner_texts()
    assert len(set(codes)) == 10
    check_look(page)
    press(page, "a:has-text('Je les ai notés')")
    page.wait_for_url("**/ma-journee/")

    press(page, ".pv-drop--person summary")
    press(page, "form[action='/compte/sortir/'] button")
    page.wait_for_url("**/compte/entrer/")
    page.goto("/compte/")  # asked for without being signed in: it is where one lands afterwards
    page.wait_for_url("**/compte/entrer/?next=/compte/")
    type_in(page, "#id_username", "alix.fictif@exemple.invalid")
    type_in(page, "#id_password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/second-facteur/")
    check_look(page)
    type_in(page, "#id_code", code(key, step=1))  # the one just given does not serve again
    page.keyboard.press("Enter")
    page.wait_for_url("**/compte/")
    assert page.locator("h1").inner_text() == "Mon compte"

    press(page, ".pv-drop--person summary")
    press(page, "form[action='/compte/sortir/'] button")
    page.wait_for_url("**/compte/entrer/")
    type_in(page, "#id_username", "alix.fictif@exemple.invalid")
    type_in(page, "#id_password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/second-facteur/")
    press(page, "a[href='/compte/second-facteur/secours/']")
    page.wait_for_url("**/secours/")
    check_look(page)
    type_in(page, "#id_code", codes[0])
    page.keyboard.press("Enter")
    page.wait_for_url("**/ma-journee/")
    assert page.get_by_text("Il vous reste 9 codes de secours.").is_visible()


def test_a_forgotten_password_is_chosen_anew_with_the_keyboard_alone(guest, own_server):
    page = guest
    email, another = "sacha.fictif@exemple.invalid", "une autre phrase inventée"
    page.goto(invite(page, own_server, email))
    type_in(page, "#id_password", PASSWORD)
    type_in(page, "#id_again", PASSWORD)
    press(page, "main button[type=submit]")
    page.wait_for_url("**/second-facteur/installer/")
    page.context.clear_cookies()

    page.goto("/compte/entrer/")
    press(page, "a[href='/compte/mot-de-passe/oublie/']")
    page.wait_for_url("**/oublie/")
    type_in(page, "#id_email", email)
    press(page, "main button[type=submit]")
    page.locator("#id_email").wait_for(state="detached")
    check_look(page)
    assert email not in page.locator("main").inner_text(), "the answer is the same for an unknown address"

    own_server.run_jobs()
    link = link_in(own_server.mails()[-1], "mot-de-passe/nouveau")
    page.goto(link)
    check_look(page)
    type_in(page, "#id_password", "trop court")
    type_in(page, "#id_again", "trop court")
    press(page, "main button[type=submit]")
    page.locator("#erreurs").wait_for()
    assert page.locator("#id_password").input_value() == ""
    check_look(page)
    type_in(page, "#id_password", another)
    type_in(page, "#id_again", another)
    press(page, "main button[type=submit]")
    page.wait_for_url("**/compte/entrer/")
    assert page.get_by_text("Votre mot de passe est changé. Vous pouvez entrer.").is_visible()

    type_in(page, "#id_username", email)
    type_in(page, "#id_password", PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "n’est pas le bon" in page.locator("#erreurs").inner_text()
    type_in(page, "#id_username", email)
    type_in(page, "#id_password", another)
    page.keyboard.press("Enter")
    page.wait_for_url("**/second-facteur/installer/")

    page.watch.expected.add("410")
    page.context.clear_cookies()
    assert page.goto(link).status == 410, "the link serves once"
    check_look(page)


def test_five_wrong_passwords_close_the_door_and_the_page_says_until_when(guest):
    page = guest
    page.watch.expected.add("429")
    page.goto("/compte/entrer/")
    for _failure in range(5):
        type_in(page, "#id_username", "personne@exemple.invalid")
        type_in(page, "#id_password", "ce n’est pas le bon")
        with page.expect_navigation():
            page.keyboard.press("Enter")
    assert "L’entrée est fermée jusqu’à" in page.locator("[data-reason]").inner_text()
    check_look(page)


def test_a_wrong_answer_leads_back_to_the_form_with_the_address_kept(page):
    page.goto("/compte/entrer/")
    type_in(page, "#id_username", f"personne.{time.time_ns()}@exemple.invalid")
    type_in(page, "#id_password", "ce n’est pas le bon")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "n’est pas le bon" in page.locator("#erreurs").inner_text()
    assert page.locator("#id_username").input_value().startswith("personne.")
    assert page.locator("#id_password").input_value() == ""
    check_look(page)


def test_the_sign_in_page_shows_where_the_focus_is(page):
    page.goto("/compte/entrer/")
    check_look(page)
    check_focus_is_seen(page, stops=40)


@pytest.mark.parametrize(
    ("role", "paths"),
    [
        (
            "coordinator",
            [
                "", "sessions/", "donnees/", "roles/", "personnes/", "personnes/?name=zzzz", "personnes/inviter/",
                "mot-de-passe/", "second-facteur/remplacer/", "second-facteur/codes/",
            ],
        ),
        ("administrator", ["personnes/?name=a", "personnes/inviter/perimetre/?q=saint"]),
        ("group_member", [""]),
    ],
)  # fmt: skip
def test_every_screen_of_the_account_is_styled_fits_and_is_accessible(page, role, paths):
    enter_as(page, role)
    for path in paths:
        page.goto(f"/compte/{path}")
        check_look(page)


def test_a_person_s_page_and_the_end_of_their_mandate(page):
    enter_as(page, "coordinator")
    page.goto("/compte/personnes/?role=group_member&state=current")
    page.locator("main tbody a").first.click()
    page.wait_for_url("**/personnes/*/")
    check_look(page)
    end = page.locator("a:has-text('Mettre fin')")
    if end.count():
        end.first.click()
        page.locator("#id_last_day").wait_for()
        check_look(page)


def test_the_pages_of_forgotten_passwords_and_dead_links(page):
    page.watch.expected.add("410")
    for path in ("mot-de-passe/oublie/", "mot-de-passe/nouveau/x/y/", "invitation/inconnu/"):
        page.goto(f"/compte/{path}")
        check_look(page)
