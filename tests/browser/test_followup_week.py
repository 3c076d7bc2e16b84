"""A referent's week: a contact in four taps on a phone, a goal, a step done, a point, words that are questioned."""

import datetime

import pytest

from tests.browser.conftest import PHONE, WIDE, enter_as, new_page
from tests.browser.followups import filled
from tests.browser.hands import Finger, Keyboard, Mouse
from tests.browser.looks import check_focus_is_seen, check_look

pytestmark = pytest.mark.timeout(300)


class CountedTaps(Finger):
    """A finger whose taps are counted."""

    taps = 0

    def press(self, target):
        self.taps += 1
        target.tap()


@pytest.fixture
def world(own_server):
    return filled(own_server, files=2)


@pytest.fixture
def pages(chromium, own_server, world):
    """pages(viewport, **options): at the end nothing may have gone wrong in any."""
    opened = []

    def another(viewport=WIDE, **options):
        page = new_page(chromium, own_server, viewport, **options)
        opened.append(page)
        return page

    yield another
    for page in opened:
        page.context.close()
    assert [page.watch.real_problems() for page in opened] == [[]] * len(opened)


def own_files(page):
    """Files of one's day: touching one opens its contact."""
    return page.get_by_role("region", name="Mes suivis").get_by_role("link", name="noter un contact")


def contact(hand):
    """From one's day: the file, how, with whom, and the outcome, which saves."""
    page = hand.page
    hand.press(own_files(page).first)
    page.get_by_text("Toucher une réponse enregistre").wait_for()
    hand.press(page.locator("label", has_text="Appel"))
    hand.press(page.locator("label", has_text="La personne"))
    hand.press(page.get_by_role("button", name="Joint", exact=True))
    page.wait_for_url("**/ma-journee/")
    page.get_by_text("Contact noté, Dossier").wait_for()


@pytest.mark.journey("6.1")
def test_a_contact_takes_four_taps_on_a_phone_even_without_script(pages, world):
    for script in (True, False):
        page = pages(PHONE, has_touch=True, java_script_enabled=script)
        enter_as(page, "referent")
        hand = CountedTaps(page)
        contact(hand)
        assert hand.taps <= 4
    page = pages(PHONE, has_touch=True)
    enter_as(page, "referent")
    check_look(page)
    own_files(page).first.tap()
    page.get_by_text("Toucher une réponse enregistre").wait_for()
    check_look(page)
    assert " – " in page.get_by_role("heading", level=1).inner_text()  # the person, named to their referent
    assert page.get_by_role("button", name="Joint", exact=True).bounding_box()["height"] >= 44
    page.goto("/suivis/contact/")
    check_look(page)


def test_a_contact_is_noted_with_the_keyboard_and_enter_never_presumes(pages, world):
    page = pages()
    enter_as(page, "referent")
    hand = Keyboard(page)
    hand.press(own_files(page).nth(1))
    page.get_by_text("Toucher une réponse enregistre").wait_for()
    check_focus_is_seen(page)
    page.reload()
    hand.pick(page.get_by_label("Rencontre", exact=True))
    hand.pick(page.get_by_label("La famille"))
    page.watch.expected.add("422")
    page.keyboard.press("Enter")
    page.get_by_text("Touchez la suite du contact").first.wait_for()
    assert page.get_by_label("Rencontre", exact=True).is_checked()
    hand.press(page.get_by_role("button", name="Rendez-vous fixé"))
    page.wait_for_url("**/ma-journee/")


@pytest.mark.journey("6.1")
@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["1280", "320"])
def test_a_week_from_a_goal_to_a_point(pages, world, viewport):
    page = pages(viewport)
    enter_as(page, "referent")
    hand = Mouse(page)
    hand.menu("Suivis")
    page.get_by_role("link", name=world["own"][0], exact=True).click()
    page.get_by_role("link", name="Plan", exact=True).click()
    check_look(page)
    page.get_by_role("link", name="Fixer le premier objectif").click()
    page.get_by_label("Thème").select_option("work")
    page.get_by_label("Ce que l’on vise").fill("Trouver un stage, malgré sa condamnation")
    page.watch.expected.add("422")  # the words are questioned once
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_text("À relire avant d’enregistrer").wait_for()
    page.get_by_text("« condamnation »").wait_for()
    assert page.get_by_label("Ce que l’on vise").input_value() == "Trouver un stage, malgré sa condamnation"
    check_look(page)
    page.get_by_label("Ce que l’on vise").fill("Trouver un stage en cuisine")
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_text("L’objectif est fixé").wait_for()
    page.get_by_role("link", name="Ajouter une étape").click()
    page.get_by_label("Nature").select_option("visit")
    page.get_by_label("Portée par").select_option(label="Noa Témoin")
    soon = datetime.date.today() + datetime.timedelta(days=2)
    page.get_by_label("Pour le").fill(soon.isoformat())
    check_look(page)
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_text("L’étape est ajoutée").wait_for()
    check_look(page)
    page.goto("/ma-journee/")
    page.get_by_role("region", name="Mes suivis").get_by_role("listitem").filter(has_text=world["own"][0]).get_by_role(
        "link", name="Étape pour le"
    ).click()
    page.get_by_role("link", name="Noter le résultat").click()
    page.get_by_label("Fait", exact=True).check(force=True)
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_text("Le résultat de l’étape est noté").wait_for()
    page.get_by_role("link", name="Points", exact=True).click()
    page.get_by_role("link", name="Noter un point").click()
    page.get_by_label("Poursuivre").check(force=True)
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_text("Le point est noté").wait_for()
    check_look(page)
    page.get_by_role("button", name="Proposer à la prochaine réunion").click()
    page.get_by_text("proposé à la prochaine réunion").wait_for()
    page.get_by_role("link", name="Pièces", exact=True).click()
    page.get_by_label("Nature").select_option("agreement")
    page.locator("input[type=file]").set_input_files(
        {"name": "accord.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n% invented\n"}
    )
    page.get_by_role("button", name="Joindre").click()
    page.get_by_text("Le document est joint").wait_for()
    check_look(page)
    page.get_by_role("link", name="Contacts", exact=True).click()
    check_look(page)
    page.get_by_role("link", name="Noter une obligation d’alerte accomplie").click()
    check_look(page)
    page.get_by_role("link", name="Orientations", exact=True).click()
    check_look(page)
    page.get_by_role("link", name="Préparer une orientation").click()
    check_look(page)
