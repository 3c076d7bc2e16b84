"""A quarter is entered with the keyboard alone, accepted by the préfet's office, added up, then corrected."""

import re

import psycopg
import pytest
from playwright.sync_api import expect

from tests import database
from tests.browser import council
from tests.browser.conftest import PHONE, WIDE, new_page
from tests.browser.hands import Keyboard, Mouse
from tests.browser.looks import check_look

pytestmark = pytest.mark.timeout(300)

FIRST = "Jeunes accompagnés vers l’emploi"
SECOND = "Logements suivis sur cent"

# What other journeys do on screen: a national plan with its indicators, and a plan of the town, both in force.
PLANS = """
import datetime as dt
from prevenance.domains.governance.models import Council
from tests.factories.strategy import IndicatorFactory, PlanFactory, PlanIndicatorFactory, in_force, national_plan
national = national_plan()
first = IndicatorFactory(plan=national, label="Jeunes accompagnés vers l’emploi", unit="jeunes", due_days=30)
second = IndicatorFactory(
    plan=national, label="Logements suivis sur cent", unit="%", nature="ratio", numerator_label="logements suivis",
    denominator_label="logements", territory_rule="mean",
)
council = Council.objects.get(name="CLSPD de Saint-Chamond")
plan = in_force(
    PlanFactory(
        title="Stratégie de Saint-Chamond", territory=council.territory, scope=council.scope.holder, council=council
    )
)
PlanIndicatorFactory(plan=plan, indicator=second)
print(plan.pk, first.pk)
"""


@pytest.fixture
def plans(own_server):
    """(plan of the town, indicator of the nation)."""
    own_server.prevenance("shell", "--no-imports", "-c", PLANS)
    with psycopg.connect(database.url("owner", own_server.database)) as owner:
        plan = owner.execute("SELECT max(id) FROM strategy_plan WHERE kind <> 'national'").fetchone()[0]
        indicator = owner.execute("SELECT id FROM strategy_indicator WHERE label = %s", [FIRST]).fetchone()[0]
    return plan, indicator


def total_of_the_loire(page, indicator):
    """The figure of the département, "" while nothing is accepted."""
    page.goto(f"/indicateurs/{indicator}/totaux/?niveau=departement&periode=2025-01-01")
    row = page.get_by_role("row", name=re.compile("^Loire 42"))
    return row.get_by_role("cell").first.inner_text() if row.count() else ""


def accept_all(hand):
    page = hand.page
    page.goto("/indicateurs/a-accepter/")
    hand.press(page.get_by_role("link", name="Stratégie de Saint-Chamond"))
    page.get_by_role("heading", level=1, name="Stratégie de Saint-Chamond").wait_for()
    check_look(page)
    hand.press(page.get_by_role("button", name="Accepter les valeurs cochées"))
    page.get_by_text(re.compile("acceptée")).first.wait_for()


def follow(hand, plan):
    """The town's plan takes up an indicator of the nation, with its target."""
    page = hand.page
    page.goto(f"/plans/{plan}/indicateurs/")
    hand.press(page.get_by_role("link", name="Suivre un indicateur"))
    page.get_by_role("heading", level=1, name="Suivre un indicateur").wait_for()
    check_look(page)
    choice = page.get_by_label("Indicateur", exact=False).first
    hand.choose(choice, choice.locator("option", has_text=FIRST).get_attribute("value"))
    hand.write(page.get_by_label("Cible"), "40")
    hand.moment(page.get_by_label("Pour le"), "2026-12-31")
    hand.press(page.get_by_role("button", name="Suivre"))
    page.get_by_text("Ce plan suit l’indicateur").wait_for()
    check_look(page)


def type_the_quarter(hand, plan):
    """Only keys: Enter goes down the column, Tab across, and the last Enter sends."""
    page = hand.page
    page.goto(f"/plans/{plan}/indicateurs/saisie/quarter/2025-01-01/")
    page.get_by_role("heading", level=1, name=re.compile("1er trimestre 2025")).wait_for()
    check_look(page)
    hand.tab_to(page.get_by_label(re.compile(f"^Valeur – {FIRST}")))
    page.keyboard.type("12")
    page.keyboard.press("Enter")
    expect(page.get_by_label(re.compile(f"^Valeur – {SECOND}"))).to_be_focused()
    page.keyboard.type("douze")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Enregistrer", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_text("n’est pas un nombre").first.wait_for()
    check_look(page)
    expect(page.get_by_label(re.compile(f"^Valeur – {FIRST}"))).to_have_value("12")  # nothing typed is lost
    hand.write(page.get_by_label(re.compile(f"^Valeur – {SECOND}")), "30")
    hand.write(page.get_by_label(re.compile(f"^Rapportée à – {SECOND}")), "1 200")
    hand.press(page.get_by_role("button", name="Enregistrer et transmettre la période"))
    page.get_by_text("2 valeurs transmises").wait_for()
    check_look(page)


def test_a_quarter_is_typed_accepted_added_up_and_corrected(chromium, own_server, plans, tmp_path_factory):
    plan, indicator = plans
    shots = tmp_path_factory.mktemp("indicateurs")
    desk = Keyboard(new_page(chromium, own_server, WIDE))
    desk.page.watch.expected |= {"422"}
    council.enter(Mouse(desk.page), "coordinator")
    follow(desk, plan)
    assert total_of_the_loire(desk.page, indicator) == ""
    type_the_quarter(desk, plan)
    desk.page.screenshot(path=shots / "saisie-1280.png", full_page=True)

    office = Mouse(new_page(chromium, own_server, WIDE))
    council.enter(office, "prefect_office")
    accept_all(office)
    own_server.run_jobs()
    assert total_of_the_loire(office.page, indicator) == "12"
    check_look(office.page)

    desk.page.goto(f"/plans/{plan}/indicateurs/saisie/quarter/2025-01-01/")
    desk.press(desk.page.get_by_role("link", name=f"Corriger : {FIRST}"))
    desk.page.get_by_role("heading", level=1, name="Corriger une valeur").wait_for()
    check_look(desk.page)
    desk.write(desk.page.get_by_label("Nouvelle valeur"), "15")
    desk.write(desk.page.get_by_label("Pourquoi"), "Un oubli de mars")
    desk.press(desk.page.get_by_role("button", name="Proposer la correction"))
    desk.page.get_by_text("corrige 12").wait_for()
    desk.press(desk.page.get_by_role("button", name="Enregistrer et transmettre la période"))
    desk.page.get_by_text("1 valeur transmise").wait_for()
    assert total_of_the_loire(office.page, indicator) == "12"  # until it is accepted
    accept_all(office)
    own_server.run_jobs()
    assert total_of_the_loire(office.page, indicator) == "15"
    for hand in (desk, office):
        assert hand.page.watch.real_problems() == []

    walk(chromium, own_server, plan, indicator, shots)
    for hand in (desk, office):
        hand.page.context.close()


def walk(chromium, server, plan, indicator, shots):
    """The same pages on a phone, and in the width of a desk."""
    for name, viewport in (("320", PHONE), ("1280", WIDE)):
        hand = Mouse(new_page(chromium, server, viewport))
        council.enter(hand, "coordinator")
        for label, address in (
            ("suivis", f"/plans/{plan}/indicateurs/"),
            ("grille", f"/plans/{plan}/indicateurs/saisie/quarter/2025-04-01/"),
            ("indicateur", f"/indicateurs/{indicator}/"),
            ("totaux", f"/indicateurs/{indicator}/totaux/"),
            ("liste", "/indicateurs/"),
            ("definir", f"/plans/{plan}/indicateurs/definir/"),
            ("importer", f"/plans/{plan}/indicateurs/importer/"),
        ):
            hand.page.goto(address)
            if label == "totaux":  # one town reported: too little for others than who accepts it
                hand.page.get_by_text("non montré").first.wait_for()
            check_look(hand.page)
            hand.page.screenshot(path=shots / f"{label}-{name}.png", full_page=True)
        assert hand.page.watch.real_problems() == []
        hand.page.context.close()
        above = Mouse(new_page(chromium, server, viewport))
        council.enter(above, "prefect_office")
        above.page.goto(f"/indicateurs/{indicator}/totaux/")
        above.page.locator("[data-drawn]").wait_for()
        check_look(above.page)
        assert above.page.watch.real_problems() == []
        above.page.context.close()
