"""The toolbox by a hand (tests/browser/hands.py): find a sheet, take it up into a plan."""

import re

from tests.browser.looks import check_look


def find(hand, words, title):
    """Search in the toolbox and open a sheet."""
    page = hand.page
    page.goto("/outils/")
    hand.write(page.get_by_label("Ce que vous cherchez"), words)
    hand.press(page.get_by_role("button", name="Chercher une fiche"))
    page.wait_for_url("**/outils/?*q=*")
    page.get_by_role("link", name=title).wait_for()
    check_look(page)
    hand.press(page.get_by_role("link", name=title))
    page.get_by_role("heading", level=1, name=title).wait_for()


def take_up(hand, plan):
    """From a sheet of the toolbox, into the plan of that title."""
    page = hand.page
    hand.press(page.get_by_role("link", name="Reprendre dans un plan"))
    hand.pick(page.get_by_label(re.compile(re.escape(plan))))
    check_look(page)
    hand.press(page.get_by_role("button", name="Reprendre cette fiche"))
