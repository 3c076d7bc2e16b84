"""A file opens from a report, its referent accepts on a phone, its name is found; the officer counts readings."""

import datetime as dt
import re

import pytest

from tests.browser import council
from tests.browser.conftest import PHONE, WIDE, enter_as, new_page
from tests.browser.hands import Finger, Keyboard, Mouse
from tests.browser.looks import check_focus_is_seen, check_look

pytestmark = pytest.mark.timeout(300)

GROUP = "Suivi des jeunes exposés"
REFERENT = "Noa Témoin"


def years_ago(years):
    today = dt.date.today()
    return dt.date(today.year - years, 3, 2).isoformat()


def choose_first_with(hand, field, text):
    hand.choose(field, field.locator("option", has_text=text).first.get_attribute("value"))


def open_file(hand, family, *, again=False):
    """From the list to an open file; its number."""
    page = hand.page
    page.watch.expected.add("422")  # what was forgotten is said
    hand.menu("Suivis")
    hand.press(page.get_by_role("link", name="Ouvrir un dossier").first)
    choose_first_with(hand, page.get_by_label("Groupe"), GROUP)
    hand.pick(page.get_by_label("Jeune exposé à la délinquance"))
    check_look(page)
    hand.press(page.get_by_role("button", name="Continuer"))
    hand.pick(page.get_by_label("Établissement scolaire ou GPDS"))
    hand.write(page.locator("#id_given_name"), "Éliott")
    hand.write(page.locator("#id_family_name"), family)
    hand.moment(page.get_by_label("Date de naissance"), years_ago(15))
    hand.choose(page.get_by_label("Sexe"), "m")
    hand.choose(page.get_by_label("Situation observée 1"), "public_space")
    hand.press(page.get_by_role("button", name="Ouvrir le dossier"))
    # The day of the observation was forgotten: it is said, and nothing is lost.
    page.get_by_text("Datez l’observation").first.wait_for()
    assert page.locator("#id_given_name").input_value() == "Éliott"
    check_look(page)
    hand.moment(page.get_by_label("Observée le (situation 1)"), dt.date.today().isoformat())
    hand.press(page.get_by_role("button", name="Ouvrir le dossier"))
    page.wait_for_load_state()
    if again:
        page.get_by_text("peut-être déjà suivie").wait_for()
        check_look(page)
        hand.pick(page.get_by_label("J’ai vérifié"))
        hand.press(page.get_by_role("button", name="Ouvrir le dossier"))
    page.get_by_text(re.compile("est ouvert. Proposez maintenant son référent")).wait_for()
    check_look(page)
    return re.search(r"[0-9]{4}-[0-9]{3}", page.locator("h1").inner_text()).group()


@pytest.mark.journey("1.1", "6.1")
def test_a_file_opens_its_referent_accepts_on_a_phone_and_its_name_is_found(chromium, own_server):
    desk = Keyboard(new_page(chromium, own_server, WIDE))
    council.enter(desk, "coordinator")
    number = open_file(desk, "Imaginaire-Inventé")
    page = desk.page
    choose_first_with(desk, page.get_by_label("Membre du groupe").first, REFERENT)
    desk.press(page.get_by_role("button", name="Proposer", exact=True))
    page.get_by_text("la personne accepte ou décline").wait_for()
    check_look(page)

    phone = Finger(new_page(chromium, own_server, PHONE, has_touch=True, is_mobile=True))
    council.enter(phone, "referent")
    phone.menu("Suivis")
    phone.page.get_by_role("heading", level=1, name="Suivis").wait_for()
    check_look(phone.page)
    phone.press(phone.page.get_by_role("region", name="On vous propose").get_by_role("link", name=re.compile(number)))
    phone.page.get_by_role("button", name="Accepter").wait_for()
    check_look(phone.page)
    assert "Imaginaire" not in phone.page.content()
    phone.press(phone.page.get_by_role("button", name="Accepter"))
    phone.page.get_by_role("heading", name="Éliott Imaginaire-Inventé").wait_for()
    check_look(phone.page)
    choose_first_with(phone, phone.page.get_by_label("Situation observée"), "Entourage")
    phone.press(phone.page.get_by_role("button", name="Noter cette situation"))
    phone.page.get_by_text("La situation observée est notée").wait_for()

    # Who holds the group looks for a name, without its accents, and says why.
    desk.menu("Suivis")
    desk.press(page.get_by_role("link", name="Chercher un nom"))
    choose_first_with(desk, page.get_by_label("Groupe"), GROUP)
    desk.write(page.get_by_label("Nom ou prénom"), "eliott imag")
    desk.choose(page.get_by_label("Motif"), "meeting")
    desk.press(page.locator("#contenu").get_by_role("button", name="Chercher", exact=True))
    desk.press(page.get_by_role("link", name="Éliott Imaginaire-Inventé"))
    page.get_by_role("heading", name="Éliott Imaginaire-Inventé").wait_for()
    check_look(page)
    desk.press(page.get_by_role("navigation", name="Parties du dossier").get_by_role("link", name="Lectures"))
    page.get_by_role("cell", name="Nom, par une recherche").wait_for()
    check_look(page)
    for hand in (desk, phone):
        assert hand.page.watch.real_problems() == []
        hand.page.context.close()


def test_the_same_person_again_is_shown_before_a_second_file(chromium, own_server):
    hand = Mouse(new_page(chromium, own_server, PHONE))
    council.enter(hand, "coordinator")
    open_file(hand, "Double-Inventé")
    open_file(hand, "Double-Inventé", again=True)
    assert hand.page.watch.real_problems() == []
    hand.page.context.close()


def test_the_list_and_the_reason_are_walked_by_keyboard(page):
    enter_as(page, "coordinator")
    page.goto("/suivis/")
    page.get_by_role("heading", level=1, name="Suivis").wait_for()
    check_look(page)
    check_focus_is_seen(page)
    links = page.get_by_role("rowheader").get_by_role("link")
    for address in links.evaluate_all("links => links.map(link => link.href)"):
        page.goto(address)  # until one that is not the reader's own
        if page.url.startswith(f"{address}motif/"):
            break
    page.get_by_text("Vous n’intervenez pas dans ce suivi").wait_for()
    check_look(page)
    page.get_by_label("Vérifier la tenue du dossier").check(force=True)
    page.get_by_role("button", name="Lire le dossier").click()
    page.get_by_text("Chaque lecture de ce dossier est enregistrée").wait_for()
    check_look(page)
    for tab in ("Référent et intervenants", "Lectures"):
        page.get_by_role("navigation", name="Parties du dossier").get_by_role("link", name=tab).click()
        page.wait_for_load_state()
        check_look(page)
    page.goto("/suivis/")
    page.get_by_label("Motif").select_option("meeting")
    page.get_by_role("button", name="Afficher les noms").click()
    page.get_by_role("columnheader", name="Nom", exact=True).wait_for()
    check_look(page)
    page.get_by_role("link", name=re.compile(f"^{GROUP}")).click()
    page.get_by_text("la règle la plus stricte").wait_for()
    check_look(page)


def test_the_officer_counts_readings_and_sees_no_file(page):
    enter_as(page, "data_protection_officer")
    page.goto("/suivis/lectures/")
    page.get_by_role("heading", name="Par lecteur").wait_for()
    check_look(page)
    check_focus_is_seen(page)
    assert not re.search(r"[0-9]{4}-[0-9]{3}\b", page.locator("main").inner_text())
