"""A school reports in, the coordination opens a file; a mayor holds an entry and reads the year: in real browsers."""

import datetime

import pytest

from tests.browser.conftest import PHONE, WIDE, enter_as
from tests.browser.hands import Finger, Mouse
from tests.browser.looks import check_focus_is_seen, check_look

pytestmark = pytest.mark.timeout(420)


def link(hand, name):
    with hand.page.expect_navigation():
        hand.press(hand.page.get_by_role("link", name=name).first)


def press(hand, name):
    with hand.page.expect_navigation():
        hand.press(hand.page.get_by_role("button", name=name, exact=True).first)


def told(page, words):
    page.get_by_text(words).first.wait_for()
    check_look(page)


def test_a_school_reports_in_and_a_file_opens_without_its_reading_anything(own_server, pages):
    today = datetime.date.today()
    desk, school = Mouse(pages(WIDE)), Finger(pages(PHONE, has_touch=True))
    desk.page.watch.expected.add("404 (Not Found)")
    school.page.watch.expected.add("404 (Not Found)")
    enter_as(desk.page, "coordinator")
    enter_as(school.page, "mediator")
    assert school.page.goto("/suivis/signaler/").status == 404
    desk.page.goto("/suivis/")
    link(desk, "circuits de signalement")
    check_look(desk.page)
    link(desk, "Ouvrir un circuit")
    check_look(desk.page)
    desk.write(desk.page.locator("#id_name"), "GPDS du collège de l’Exemple")
    desk.pick(desk.page.locator("[name=purpose][value=dropout]"))
    desk.moment(desk.page.locator("#id_agreed_on"), today.isoformat())
    desk.moment(desk.page.locator("#id_until"), (today + datetime.timedelta(days=120)).isoformat())
    press(desk, "Enregistrer")
    told(desk.page, "Dites maintenant qui signale")
    link(desk, "Ajouter une personne")
    desk.write(desk.page.locator("#id_email"), "mediator@demonstration.invalid")
    press(desk, "Enregistrer")
    told(desk.page, "signale désormais par ce circuit")
    channel = desk.page.url

    school.page.goto("/suivis/signaler/")
    check_look(school.page)
    link(school, "GPDS du collège de l’Exemple")
    check_look(school.page)
    check_focus_is_seen(school.page)
    school.write(school.page.locator("#id_given_name"), "Lou")
    school.write(school.page.locator("#id_family_name"), "Figurant-Absent")
    school.moment(school.page.locator("#id_birth_date"), f"{today.year - 14}-03-09")
    school.choose(school.page.locator("#id_sex"), "u")
    school.choose(school.page.locator("#id_schooling"), "middle")
    school.pick(school.page.locator("[name=told][value=family]"))
    school.choose(school.page.locator("#id_situation_1"), "absent")
    school.moment(school.page.locator("#id_observed_1"), today.isoformat())
    press(school, "Transmettre")
    told(school.page, "Vous ne la relirez pas")
    assert "Figurant-Absent" not in school.page.locator("main").inner_text()

    desk.page.goto("/ma-journee/")
    link(desk, "Un signalement à examiner")
    check_look(desk.page)
    assert "Figurant-Absent" not in desk.page.locator("main").inner_text()
    desk.page.locator("main .pv-rows a").first.click()
    told(desk.page, "Figurant-Absent")
    link(desk, "Ouvrir un dossier")
    check_look(desk.page)
    press(desk, "Ouvrir le dossier")
    told(desk.page, "est ouvert")
    assert "/suivis/" in desk.page.url
    school.page.goto(desk.page.url)
    assert "Figurant-Absent" not in school.page.content()
    school.page.goto("/suivis/signaler/")
    assert "Transmis" in school.page.locator("main").inner_text()

    desk.page.goto(channel)
    link(desk, "Fermer le circuit")
    press(desk, "Fermer le circuit")
    told(desk.page, "Ce circuit est fermé")


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_a_mayor_holds_an_entry_and_reads_the_figures_of_the_year(own_server, pages, viewport):
    hand = Mouse(pages(viewport)) if viewport == WIDE else Finger(pages(viewport, has_touch=True))
    page, until = hand.page, datetime.date.today() + datetime.timedelta(days=200)
    enter_as(page, "mayor")
    page.goto("/registres/rappels/")
    page.locator("main tbody a").first.click()
    check_look(page)
    link(hand, "Imposer la conservation")
    check_look(page)
    hand.pick(page.locator("[name=reason][value=court]"))
    hand.moment(page.locator("#id_until"), until.isoformat())
    press(hand, "Enregistrer")
    told(page, "Réquisition ou demande d’un juge")
    link(hand, "Lever la conservation")
    told(page, "sans retour")
    press(hand, "Lever la conservation")
    told(page, "levée le")
    page.goto("/registres/chiffres/")
    check_look(page)
    assert "Faits portés à la connaissance du maire" in page.locator("main").inner_text()
