"""The steps of a plan, from its opening to its taking effect, each by a hand (tests/browser/hands.py)."""

import datetime
import re

import psycopg

from tests import database
from tests.browser.looks import check_look

DAY = datetime.date.today()
LAST_YEAR = DAY - datetime.timedelta(400)  # more than a year ago, whatever the year


def plans_are_over(server, *kinds):
    """The demonstration's own plans of these kinds ended long ago: their places are free for others."""
    with psycopg.connect(database.url("owner", server.database)) as owner:
        done = owner.execute("UPDATE strategy_plan SET ended_on = in_force_from WHERE kind = ANY(%s)", [list(kinds)])
        assert done.rowcount == len(kinds)


def open_plan(hand, kind, title, begins=None):
    """From the list to a plan in preparation, which begins today unless told otherwise; its address."""
    page = hand.page
    page.goto("/plans/")
    check_look(page)
    hand.press(page.get_by_role("link", name="Ouvrir un plan").first)
    check_look(page)
    hand.press(page.get_by_role("link", name=kind, exact=True))
    page.get_by_role("heading", level=1, name=kind).wait_for()
    hand.write(page.get_by_label("Intitulé"), title)
    if begins:
        hand.moment(page.locator("#id_begins"), begins.isoformat())
    check_look(page)
    hand.press(page.get_by_role("button", name="Ouvrir ce plan"))
    page.get_by_role("heading", level=1, name=title).wait_for()
    check_look(page)
    return page.url


def write(hand, part, text):
    """From the amendment's page, write a part and come back."""
    page = hand.page
    hand.press(page.get_by_role("link", name=f"Écrire : {part}"))
    page.get_by_role("heading", level=1, name=part).wait_for()
    page.locator("#id_text").fill(text)
    check_look(page)
    hand.press(page.get_by_role("button", name="Enregistrer"))
    page.get_by_text(re.compile("paragraphes? .*dans cette partie")).wait_for()


def prepare_act(hand, day=DAY):
    """Prepare the act from the amendment's page, note each opinion that it needs, transmit it; its address."""
    page = hand.page
    check_look(page)
    hand.press(page.get_by_role("button", name="Préparer l’acte"))
    page.get_by_text("L’acte est préparé").wait_for()
    act = page.url
    for _opinion in range(page.get_by_text("nécessaire avant la signature").count()):
        waiting = page.locator("li", has_text="nécessaire avant la signature").filter(has_text="Rien n’est noté")
        hand.press(waiting.first.get_by_role("link", name="Noter l’avis"))
        hand.moment(page.get_by_label("Demandé le"), day.isoformat())
        hand.moment(page.get_by_label("Rendu le"), day.isoformat())
        page.locator("#id_opinion").select_option("favourable")
        hand.press(page.get_by_role("button", name="Noter l’avis"))
        page.wait_for_url(act)
    hand.press(page.get_by_role("button", name="Transmettre à la signature"))
    page.get_by_text("L’acte est transmis").wait_for()
    return act


def sign(hand, act, reference, day=DAY):
    """Whoever chairs reports what the paper says."""
    page = hand.page
    page.goto(act)
    page.get_by_label("Signataire").fill("Dominique Modèle")
    page.get_by_label("Référence de l’acte").fill(reference)
    page.get_by_label("Signé le").fill(day.isoformat())
    hand.press(page.get_by_role("button", name="Déclarer la signature"))
    page.get_by_text("En vigueur", exact=True).first.wait_for()


def take_effect(hand, amendment, plan):
    page = hand.page
    page.goto(amendment)
    hand.press(page.get_by_role("link", name="Constater l’entrée en vigueur"))
    page.get_by_role("heading", level=1, name="Constater l’entrée en vigueur").wait_for()
    check_look(page)
    hand.press(page.get_by_role("button", name="Constater"))
    page.wait_for_url(plan)
    page.get_by_text("Le texte consolidé et ses fiches sont à jour").wait_for()
