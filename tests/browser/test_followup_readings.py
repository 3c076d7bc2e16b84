"""The officer's review of readings: who read how much, why outside their own files, and no file; then the figures."""

import datetime as dt
import io
import re

import pypdf
import pytest

from tests.browser.conftest import PHONE, WIDE, enter_as
from tests.browser.followups import filled
from tests.browser.hands import Finger, Keyboard, Mouse
from tests.browser.looks import check_focus_is_seen, check_look

pytestmark = pytest.mark.timeout(300)

HANDS = {"mouse": (Mouse, {}), "finger": (Finger, {"viewport": PHONE, "has_touch": True}), "keyboard": (Keyboard, {})}
GROUP = "Suivi des jeunes exposés"


def count_of(page, reader):
    """(readings, outside their own files) of a reader in the group, as the officer's table says."""
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=reader)).filter(has_text=GROUP)
    cells = row.get_by_role("cell").all_inner_texts()
    return int(cells[-3].replace("\u202f", "")), int(cells[-1].replace("\u202f", ""))


def asked_of(hand, begins):
    page, today = hand.page, dt.date.today().isoformat()
    hand.moment(page.get_by_label("Du", exact=True), begins)
    hand.moment(page.get_by_label("Au", exact=True), today)
    hand.press(page.get_by_role("button", name="Compter"))
    page.wait_for_url(f"**begins={begins}**")
    page.get_by_role("heading", name="Par lecteur").wait_for()


@pytest.mark.parametrize("how", HANDS)
def test_the_officer_sees_what_was_just_read_and_why_without_any_file(own_server, pages, how):
    world = filled(own_server, files=2)
    number, today = world["own"][0], dt.date.today().isoformat()
    kind, options = HANDS[how]
    hand = kind(pages(**options))
    officer = hand.page
    enter_as(officer, "data_protection_officer")
    hand.menu("Lectures")
    officer.get_by_role("heading", name="Par lecteur").wait_for()
    check_look(officer)
    asked_of(hand, today)
    keeper = pages(WIDE)
    enter_as(keeper, "coordinator")
    name = keeper.locator("header").inner_text()
    reader = next(words for words in officer.get_by_role("rowheader").all_inner_texts() if words in name)
    before = count_of(officer, reader)

    # Outside her own files, the coordinator says why, then reads two parts.
    keeper.goto("/suivis/")
    keeper.get_by_role("link", name=number, exact=True).click()
    keeper.get_by_label("Vérifier la tenue du dossier").check(force=True)
    keeper.get_by_role("button", name="Lire le dossier").click()
    keeper.get_by_text("Chaque lecture de ce dossier est enregistrée").wait_for()
    keeper.get_by_role("link", name="Plan", exact=True).click()
    keeper.wait_for_url("**/plan/")

    asked_of(hand, today)
    after = count_of(officer, reader)
    assert (after[0] - before[0], after[1] - before[1]) == (2, 2)
    officer.get_by_text("Vérifier la tenue du dossier").wait_for()
    check_look(officer)
    if how == "keyboard":
        check_focus_is_seen(officer)
    words = officer.locator("main").inner_text()
    assert not re.search(r"[0-9]{4}-[0-9]{3}\b", words)
    assert "Inventée-" not in words
    table = officer.request.get(f"{officer.url}&format=csv").text()
    assert reader in table
    assert number not in table
    officer.watch.expected.add("404 (Not Found)")
    assert officer.goto(keeper.url).status == 404

    # The person followed may be told: the referent prints who read, by function and reason.
    referent = pages(WIDE)
    enter_as(referent, "referent")
    referent.goto("/suivis/")
    referent.get_by_role("link", name=number, exact=True).click()
    referent.get_by_role("navigation", name="Parties du dossier").get_by_role("link", name="Lectures").click()
    referent.get_by_role("cell", name="Vérifier la tenue du dossier").first.wait_for()
    printed = referent.request.get(f"{referent.url}?format=pdf")
    text = " ".join(" ".join(o.extract_text() for o in pypdf.PdfReader(io.BytesIO(printed.body())).pages).split())
    assert "Vérifier la tenue du dossier" in text
    assert reader not in text  # a function, not the professional's own name


def test_girls_and_boys_are_counted_and_the_country_beside_its_aim(page):
    enter_as(page, "coordinator")
    page.goto("/suivis/chiffres/")
    page.get_by_role("heading", level=1, name="Chiffres des suivis").wait_for()
    groups = page.get_by_role("table")
    groups.get_by_role("rowheader", name=GROUP).first.wait_for()
    assert {"Féminin", "Masculin"} <= set(groups.get_by_role("cell").all_inner_texts())
    facts = re.sub(r"\s", "", page.locator(".pv-facts").inner_text())
    assert "11000" in facts
    assert "22000" in facts
    check_look(page)
    check_focus_is_seen(page)
