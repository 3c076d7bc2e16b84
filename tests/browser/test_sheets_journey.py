"""A plan followed: a sheet and its steps, sessions counted on a phone, what is late, dates that slip, a board."""

import datetime
import re

import psycopg
import pytest
from playwright.sync_api import expect

from tests import database
from tests.browser import council
from tests.browser.conftest import PHONE, WIDE, new_page
from tests.browser.hands import Finger, Keyboard, Mouse
from tests.browser.looks import check_look

pytestmark = pytest.mark.timeout(300)

TITLE = "Prévenir l’engrenage des trafics"
YESTERDAY = datetime.date.today() - datetime.timedelta(days=1)
# Setting, theme, ages, girls, boys, peers: what measures 4 and 5 of the strategy ask to be led and counted.
SESSIONS = (
    ("wednesday", "trafficking", "6-11", 9, 11, ""),
    ("holiday", "digital", "12-15", 8, 6, ""),
    ("after_school", "media", "6-11", 10, 0, ""),
    ("national_service", "citizenship", "16-17", 14, 15, ""),
    ("school", "violence", "12-15", 12, 13, "2"),
)


def a_plan_is_prepared(server):
    """The main council's coordination has opened a plan; its address."""
    with psycopg.connect(database.url("owner", server.database)) as owner:
        (plan,) = owner.execute(
            """INSERT INTO strategy_plan (kind, title, sort_title, territory_id, scope_id, council_id, strategy_id,
                   compatibility, begins, ends, created_by_id, created_at, edit)
               SELECT 'local_strategy', 'Stratégie de Saint-Chamond', 'strategie de saint chamond', c.territory_id,
                   s.holder_id, c.id, (SELECT id FROM strategy_strategy WHERE key = '2020-2024'), '',
                   current_date - 30, current_date + 900, p.id, now(), 1
               FROM governance_council c JOIN accounts_scope s ON s.id = c.scope_id, accounts_person p
               WHERE c.name = 'CLSPD de Saint-Chamond' AND p.email = 'coordinator@demonstration.invalid'
               RETURNING id"""
        ).fetchone()
        owner.execute(
            """INSERT INTO strategy_amendment (plan_id, number, title, reason, state, published_as, prepared_by_id,
                   created_at, edit)
               SELECT id, 0, 'Texte initial', '', 'draft', '', created_by_id, now(), 1 FROM strategy_plan
               WHERE id = %s""",
            [plan],
        )
    return f"/plans/{plan}/fiches/"


def add_sheet(hand, sheets):
    page = hand.page
    page.goto(sheets)
    check_look(page)
    hand.press(page.get_by_role("link", name="Ajouter une fiche").first)
    page.get_by_role("heading", level=1, name="Ajouter une fiche action").wait_for()
    hand.write(page.locator("#id_title"), TITLE)
    hand.write(page.locator("#id_problem"), "Des enfants sont approchés.\n\nLes familles s’inquiètent.")
    hand.write(page.locator("#id_objective"), "Que chacun sache dire non, et à qui parler.")
    hand.write(page.locator("#id_lead"), "Service jeunesse inventé")
    hand.write(page.locator("#id_partners"), "Collège de l’Étang\nAssociation d’habitants inventée")
    for measure, action in (("3", "3.1"), ("4", "4.1"), ("5", "5.1")):
        page.locator("summary", has_text=re.compile(rf"^\s*{measure}\. ")).click()
        page.get_by_label(re.compile(rf"^{re.escape(action)} ")).check(force=True)
    check_look(page)
    hand.press(page.get_by_role("button", name="Ajouter la fiche"))
    page.get_by_role("heading", level=1, name=TITLE).wait_for()
    return page.url


def add_line(hand, link, fields, choices=()):
    """One line of the sheet's page, by its form."""
    page = hand.page
    hand.press(page.get_by_role("link", name=link, exact=True))
    for label, text in fields.items():
        hand.write(page.get_by_label(label, exact=False).first, text)
    for label, value in choices:
        hand.choose(page.get_by_label(label, exact=False).first, value)
    check_look(page)
    hand.press(page.get_by_role("button", name="Enregistrer", exact=True))
    page.get_by_role("heading", level=1, name=TITLE).wait_for()


def fill_sheet(hand):
    page = hand.page
    own = page.locator("#id_owner option", has_text=re.compile("."))
    hand.press(page.get_by_role("link", name="Ajouter une étape", exact=True))
    hand.write(page.locator("#id_label"), "Signer l’accord avec le collège")
    hand.moment(page.get_by_label("Pour le"), YESTERDAY.isoformat())
    hand.choose(page.get_by_label("Qui s’en charge"), own.nth(1).get_attribute("value"))
    hand.press(page.get_by_role("button", name="Enregistrer, puis en ajouter"))
    hand.write(page.locator("#id_label"), "Ouvrir les séances")
    hand.press(page.get_by_role("button", name="Enregistrer", exact=True))
    page.get_by_role("heading", level=1, name=TITLE).wait_for()
    assert page.locator("#etapes ~ ol > li").count() == 2
    add_line(hand, "Ajouter un moyen", {"Moyen": "Pairs formés et agréés", "Quantité": "4"}, [("Nature", "human")])
    add_line(hand, "Ajouter un lieu", {"Lieu": "Place de l’Étang", "Latitude": "45,47", "Longitude": "4,51"})
    add_line(hand, "Ajouter une ligne de budget", {"Intitulé": "Salaires", "Prévu": "12000"}, [("Sens", "expense")])
    page.locator(".pv-map[data-drawn]").wait_for()
    check_look(page)


def count_sessions_on_a_phone(chromium, server, sheets):
    """Five sessions, at 320 px, with a finger; nobody is named."""
    page = new_page(chromium, server, PHONE, has_touch=True, is_mobile=True)
    hand = Finger(page)
    council.enter(hand, "coordinator")
    page.goto(sheets + "1/")
    check_look(page)
    hand.press(page.get_by_role("link", name="Inscrire une séance"))
    page.get_by_role("heading", level=1, name="Inscrire une séance").wait_for()
    for place, (setting, theme, ages, girls, boys, peers) in enumerate(SESSIONS):
        hand.choose(page.get_by_label("Cadre"), setting)
        hand.choose(page.get_by_label("Thème"), theme)
        hand.choose(page.get_by_label("Âges"), ages)
        hand.write(page.get_by_label("Filles et femmes"), str(girls))
        hand.write(page.get_by_label("Garçons et hommes"), str(boys))
        hand.write(page.get_by_label("Pairs formés"), peers)
        check_look(page)
        last = place == len(SESSIONS) - 1
        name = "Enregistrer" if last else "Enregistrer, puis en ajouter"
        hand.press(page.get_by_role("button", name=name, exact=True))
        if not last:  # the same form again, empty
            expect(page.get_by_label("Filles et femmes")).to_have_value("")
        page.get_by_text("La séance est inscrite").wait_for()
    page.get_by_text("5 séances, 98 présents, dont 1 avec des pairs formés").wait_for()
    hand.press(page.get_by_role("link", name="Voir les séances du plan"))
    page.get_by_role("link", name="Séances", exact=True).wait_for()
    check_look(page)
    for label in ("Plan mercredi", "Vacances", "Périscolaire", "Service national universel"):
        assert page.get_by_role("row", name=re.compile(label)).count() >= 1
    page.goto(sheets + "seances/?theme=trafficking")
    assert page.get_by_text("1 séance", exact=True).count() == 1
    for part in ("", "par-etat/", "calendrier/", "frise/", "decaler/", "1/modifier/"):
        page.goto(sheets + part)
        check_look(page)
    assert page.watch.real_problems() == []
    page.context.close()


@pytest.mark.journey("3.1", "4.1", "4.2", "4.3", "4.4", "4.5", "5.1", "5.2")
def test_a_sheet_is_followed_its_sessions_counted_its_dates_shifted_and_its_state_moved_by_keyboard(
    chromium, own_server
):
    sheets = a_plan_is_prepared(own_server)
    desk = Mouse(new_page(chromium, own_server, WIDE))
    council.enter(desk, "coordinator")
    add_sheet(desk, sheets)
    fill_sheet(desk)
    count_sessions_on_a_phone(chromium, own_server, sheets)

    # What is late is in the day of whoever holds the plan, with who was asked.
    page = desk.page
    desk.menu("Ma journée")
    late = page.get_by_role("region", name="Fiches action en retard")
    expect(late).to_contain_text("Signer l’accord avec le collège")
    expect(late).to_contain_text("demandée à")
    check_look(page)
    desk.press(late.get_by_role("link", name="Toutes mes fiches"))
    page.get_by_role("heading", level=1, name="Mes fiches").wait_for()
    check_look(page)

    # The plan slips by a month: seen first, then done once, with a reason.
    page.goto(sheets)
    desk.press(page.get_by_role("link", name="Décaler des dates"))
    desk.write(page.get_by_label("Décaler de (jours)"), "31")
    page.get_by_label(re.compile(TITLE)).check(force=True)
    desk.press(page.get_by_role("button", name="Voir ce qui changerait"))
    moved = (YESTERDAY + datetime.timedelta(days=31)).strftime("%d/%m/%Y")
    page.get_by_role("cell", name=moved).wait_for()
    check_look(page)
    desk.write(page.get_by_label("Motif"), "Le collège signe en retard")
    desk.press(page.get_by_role("button", name="Décaler ces dates"))
    page.get_by_text("Dates décalées").wait_for()
    check_look(page)
    desk.menu("Ma journée")
    page.get_by_role("heading", level=1, name="Ma journée").wait_for()
    assert page.get_by_text("Signer l’accord avec le collège").count() == 0

    # From one state to the next with the keyboard alone.
    page.goto(sheets + "par-etat/")
    check_look(page)
    keys = Keyboard(page)
    keys.press(page.locator("summary", has_text="Changer d’état"))
    keys.press(page.get_by_role("button", name="En cours", exact=True))
    page.get_by_text("« En cours »").wait_for()
    column = page.get_by_role("region", name=re.compile("^En cours"))
    expect(column).to_contain_text(TITLE)
    page.goto(sheets + "calendrier/")
    check_look(page)
    assert page.watch.real_problems() == []
    page.context.close()
