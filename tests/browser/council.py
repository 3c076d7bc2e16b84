"""The steps of a council that meets, each by a hand (tests/browser/hands.py) and checked where it leads."""

import datetime
import re

import psycopg

from tests import database

POINTS = ("Bilan du semestre", "Abords du collège", "Questions diverses")


def enter(hand, role):
    """Sign in by the demonstration's button."""
    hand.page.goto("/compte/entrer/")
    hand.press(hand.page.locator(f"button[name=role][value={role}]"))
    hand.page.wait_for_url("**/ma-journee/")


def open_council(hand, name="CLSPD de Saint-Chamond"):
    hand.menu("Conseils")
    hand.press(hand.page.get_by_role("link", name=name, exact=True))
    hand.page.get_by_role("heading", level=1, name=name).wait_for()


def prepare(hand, title, points=POINTS):
    """From the council's page to a meeting of three points; its address."""
    page = hand.page
    hand.press(page.get_by_role("link", name="Préparer une réunion"))
    page.get_by_role("heading", level=1, name="Préparer une réunion").wait_for()
    plenary = page.get_by_label("Formation réunie").locator("option", has_text="lénière").first
    hand.choose(page.get_by_label("Formation réunie"), plenary.get_attribute("value"))
    hand.write(page.get_by_label("Intitulé"), title)
    day = datetime.date.today() + datetime.timedelta(days=21)
    hand.moment(page.get_by_label("Jour"), day.isoformat())
    hand.moment(page.get_by_label("Début"), "14:30")
    hand.moment(page.get_by_label("Fin"), "16:30")
    hand.write(page.get_by_label("Lieu"), "Salle du conseil, 1 place inventée")
    hand.press(page.get_by_role("button", name="Préparer l’ordre du jour"))
    page.wait_for_url("**/ordre-du-jour/")
    for point in points:
        hand.write(page.get_by_label("Intitulé du point"), point)
        hand.press(page.get_by_role("button", name="Ajouter le point"))
        page.locator(".pv-agenda__title", has_text=point).wait_for()
    assert page.locator(".pv-agenda__title").all_inner_texts() == list(points)
    hand.press(page.get_by_role("link", name="L’ordre du jour est prêt"))
    page.get_by_role("heading", level=1, name=title).wait_for()
    return page.url


def preview(hand):
    """The page that shows who will receive what; how many members."""
    page = hand.page
    hand.press(page.get_by_role("link", name="Relire et convoquer"))
    page.get_by_role("heading", level=1, name="Relire avant de convoquer").wait_for()
    return int(re.search(r"\d+", send_button(page).inner_text())[0])


def send_button(page):
    return page.get_by_role("button", name=re.compile(r"^Convoquer \d+ membre")).first


def convene(hand):
    reached = preview(hand)
    hand.press(send_button(hand.page))
    hand.page.get_by_text("La réunion est convoquée").wait_for()
    return reached


def the_day_comes(server, title):
    """Weeks pass: the meeting began a moment ago."""
    with psycopg.connect(database.url("owner", server.database)) as owner:
        done = owner.execute(
            "UPDATE governance_meeting SET starts_at = now() - interval '1 minute',"
            " ends_at = now() + interval '2 hours' WHERE title = %s",
            [title],
        )
        assert done.rowcount == 1


def mark_attendance(hand, meeting, places=3):
    """Mark the first members present, then say that the meeting took place."""
    page = hand.page
    page.goto(meeting)
    hand.press(page.get_by_role("link", name="Pointer les présences").first)
    page.get_by_role("heading", level=1, name="Présences").wait_for()
    for place in range(places):
        button = page.locator(".pv-attendance__line").nth(place).get_by_role("button", name="Présent", exact=True)
        hand.press(button)
        page.locator(".pv-attendance__line").nth(place).locator("[aria-pressed=true]").wait_for()
    hand.press(page.get_by_role("link", name="Terminer"))
    hand.press(page.get_by_role("button", name="La réunion a eu lieu"))
    page.get_by_role("button", name="Ouvrir le compte rendu").wait_for()


def open_minutes(hand, meeting):
    page = hand.page
    page.goto(meeting)
    hand.press(page.get_by_role("button", name="Ouvrir le compte rendu"))
    page.get_by_role("heading", level=1, name="Écrire le compte rendu").wait_for()
    return page.url


def saved(page):
    page.locator("#etat-general", has_text="Enregistré à").wait_for()


def decide(hand, point, text, owner="Service prévention inventé"):
    """A decision on a point, with who carries it and for when."""
    page = hand.page
    hand.press(page.get_by_role("button", name=f"Ajouter une décision {point}"))
    page.get_by_role("heading", level=1, name="Ajouter une décision").wait_for()
    hand.write(page.get_by_label("Décision", exact=False).first, text)
    hand.write(page.get_by_label("Ou structure chargée"), owner)
    hand.moment(page.get_by_label("Échéance"), (datetime.date.today() + datetime.timedelta(days=90)).isoformat())
    hand.press(page.get_by_role("button", name="Ajouter la décision"))
    page.get_by_role("heading", level=1, name="Écrire le compte rendu").wait_for()
    assert page.get_by_text(text).is_visible()


def read_again(hand):
    """From the editor to the reading page; its address."""
    hand.press(hand.page.get_by_role("button", name="Relire"))
    hand.page.get_by_role("heading", level=1, name="Compte rendu, version 1").wait_for()
    return hand.page.url


def approve(hand, title):
    """From the day of whoever chairs."""
    page = hand.page
    hand.menu("Ma journée")
    hand.press(page.get_by_role("region", name="Comptes rendus à approuver").get_by_role("link", name=title))
    hand.press(page.get_by_role("button", name="Approuver ce compte rendu"))
    page.get_by_text("Compte rendu approuvé").wait_for()


def carry_out(hand, meeting, text, note):
    """Mark the meeting's decision done, with a note."""
    page = hand.page
    page.goto(meeting)
    page.get_by_text(text).first.wait_for()
    hand.press(page.get_by_role("region", name="Décisions").get_by_role("link").first)
    page.get_by_role("heading", level=1, name="Décision").wait_for()
    hand.pick(page.locator("input[name=state][value=done]"))
    hand.write(page.get_by_label("Ce qui a avancé"), note)
    hand.press(page.get_by_role("button", name="Noter", exact=True))
    page.get_by_text("Avancement noté").wait_for()
    assert page.locator(".pv-timeline", has_text=note).is_visible()
