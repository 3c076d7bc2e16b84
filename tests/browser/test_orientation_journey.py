"""A victim-support worker turns somebody to the right open door on a telephone; the service answers by its link."""

import datetime as dt
import re
import time

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, WIDE, enter_as
from tests.browser.hands import Finger, Keyboard, Mouse
from tests.browser.looks import check_focus_is_seen, check_look

pytestmark = pytest.mark.timeout(300)

SERVICE = "Consultation de psychotraumatisme"
CODE = re.compile(r"[B-Z]{3}-[2-9]{3}")
MOST_TAPS, MOST_SECONDS = 7, 30


class Counted(Finger):
    """A finger that counts its taps; a choice in a list is two, one that opens it and one that picks."""

    taps = 0

    def press(self, target):
        self.taps += 1
        super().press(target)

    def choose(self, field, value):
        self.taps += 2
        super().choose(field, value)


def link_of(mail):
    return re.search(r"https?://\S+/annuaire/reponse/\S+", mail.get_content())[0]


@pytest.mark.journey("17.3")
def test_on_a_phone_a_victim_is_turned_to_care_in_half_a_minute_and_the_service_answers(pages, own_server):
    page = pages(PHONE, has_touch=True)
    hand = Counted(page)
    enter_as(page, "victim_support")
    hand.taps, begun = 1, time.monotonic()  # the button that signs in
    hand.press(page.get_by_role("link", name="Orienter une personne"))
    hand.choose(page.get_by_label("Victime de"), "sexuelles")
    hand.press(page.get_by_role("button", name="Chercher", exact=True))
    hand.press(page.get_by_role("link", name=f"Orienter vers {SERVICE}"))
    page.get_by_role("heading", level=1, name=f"Orienter vers « {SERVICE} »").wait_for()
    expect(page.get_by_label("Victime de")).to_have_value("sexuelles")
    hand.press(page.get_by_role("button", name="Envoyer par courriel"))
    heading = page.get_by_role("heading", level=1, name=re.compile("Orientation"))
    heading.wait_for()
    seconds = time.monotonic() - begun
    code = CODE.search(heading.inner_text())[0]
    expect(page.get_by_text("Donnez le code à la personne")).to_be_visible()
    assert hand.taps <= MOST_TAPS, f"{hand.taps} taps"
    assert seconds < MOST_SECONDS, f"{seconds:.0f} s"
    check_look(page)
    following = page.url

    own_server.run_jobs()
    mail = own_server.mails()[-1]
    assert code in mail["Subject"]
    service = pages(WIDE)
    service.goto(link_of(mail))
    service.get_by_role("heading", level=1, name=f"Orientation {code}").wait_for()
    check_look(service)
    service.locator("#accepted_day").fill((dt.date.today() + dt.timedelta(days=3)).isoformat())
    service.get_by_role("button", name="Nous la recevrons").click()
    service.get_by_text("Elle est transmise").wait_for()
    check_look(service)

    page.goto(following)
    page.get_by_text("La personne est attendue à partir du").wait_for()
    check_look(page)
    hand.press(page.get_by_role("link", name="Mes orientations").first)
    page.get_by_role("heading", level=1, name="Mes orientations").wait_for()
    expect(page.get_by_role("link", name=code)).to_be_visible()
    check_look(page)


@pytest.mark.journey("16.1")
@pytest.mark.parametrize("how", ["keyboard", "without script"])
def test_the_personalised_assessment_is_asked_and_said_done_without_its_content(pages, how):
    page = pages(WIDE, java_script_enabled=how == "keyboard")
    hand = Keyboard(page) if how == "keyboard" else Mouse(page)
    enter_as(page, "victim_support")
    page.goto("/annuaire/?q=ecoute+accompagnement&where=")
    page.get_by_role("link", name="Écoute et accompagnement des victimes").click()
    hand.press(page.get_by_role("link", name="Orienter une personne"))
    box = page.get_by_label("Pour l’évaluation personnalisée de ses besoins")
    if how == "keyboard":
        hand.tab_to(box)
        page.keyboard.press("Space")
        check_look(page)
    else:
        box.check(force=True)
    hand.press(page.get_by_role("button", name="Obtenir un lien à transmettre"))
    told = page.get_by_label("À copier, puis à donner au service")
    told.wait_for()
    if how == "keyboard":
        check_look(page)
    address = told.input_value()
    code = CODE.search(page.locator("h1").inner_text())[0]

    service = pages(PHONE, has_touch=True, java_script_enabled=how == "keyboard")
    service.goto(address)
    service.get_by_role("heading", level=1, name=f"Orientation {code}").wait_for()
    assert service.locator("main textarea, main input[type=text]").count() == 0, "nothing can be written of a person"
    service.get_by_role("button", name="Dire qu’elle a eu lieu").tap()
    service.get_by_text("L’évaluation personnalisée a eu lieu le").first.wait_for()
    if how == "keyboard":
        check_look(service)
    page.goto("/annuaire/orientations/?state=assessed")
    expect(page.get_by_role("link", name=code)).to_be_visible()
    expect(page.get_by_text("L’évaluation personnalisée a eu lieu le").first).to_be_visible()


def test_a_link_that_is_not_good_says_so_plainly(pages):
    page = pages(PHONE)
    page.watch.expected.add("410")
    page.goto("/annuaire/reponse/inconnu/")
    page.get_by_role("heading", level=1, name="Ce lien n’est plus valable").wait_for()
    check_look(page)


@pytest.mark.parametrize(
    "role, address",
    [
        ("victim_support", "/annuaire/orienter/?now=on"),
        ("victim_support", "/annuaire/orientations/?state=late"),
        ("prefect_office", "/annuaire/orientations/chiffres/"),
    ],
)
def test_pages_of_orientations_are_whole_at_both_widths(page, role, address):
    enter_as(page, role)
    page.goto(address)
    check_look(page)
    check_focus_is_seen(page)
