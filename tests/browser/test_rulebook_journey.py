"""A group is created, its rulebook proposed, adopted in plenary, and signed by five members on phones."""

import re

import psycopg
import pytest
from playwright.sync_api import expect

from tests import database
from tests.browser import council
from tests.browser.conftest import PHONE, WIDE, new_page
from tests.browser.hands import Finger, Mouse
from tests.browser.looks import check_look

pytestmark = pytest.mark.timeout(300)

GROUP = "Groupe des abords du collège"
# Those whose demonstration buttons sign; all sit in the plenary of the main council.
SIGNATORIES = ("mayor", "prefect_office", "prosecutor_office", "group_member", "referent")
TEXT = (
    "# Objet\nLe groupe travaille sur les abords du collège.\n"
    "# Confidentialité\n- Rien de nominatif ne sort du groupe.\n- Chacun signe avant d’y prendre part."
)


def people_of(server, roles):
    """Names of the people of these roles, as the demonstration invented them."""
    with psycopg.connect(database.url("owner", server.database)) as owner:
        rows = owner.execute(
            "SELECT given_name || ' ' || family_name FROM accounts_person WHERE email = ANY(%s)",
            [[f"{role}@demonstration.invalid" for role in roles]],
        ).fetchall()
    assert len(rows) == len(roles)
    return [name for (name,) in rows]


def a_plenary_was_held(server):
    """The next plenary of the council took place this morning."""
    with psycopg.connect(database.url("owner", server.database)) as owner:
        done = owner.execute(
            """UPDATE governance_meeting SET state = 'held', convened_at = now() - interval '20 days',
               title = 'Plénière du jour', starts_at = now() - interval '3 hours', ends_at = now() - interval '1 hour'
               WHERE id = (SELECT m.id FROM governance_meeting m
                           JOIN governance_body b ON b.id = m.body_id AND b.kind = 'plenary'
                           JOIN governance_council c ON c.id = m.council_id AND c.name = 'CLSPD de Saint-Chamond'
                           WHERE m.state IN ('draft', 'convened') LIMIT 1)"""
        )
        assert done.rowcount == 1


def open_group(hand):
    page = hand.page
    council.open_council(hand)
    page.goto(page.url + "formations/ouvrir/")
    hand.write(page.get_by_label("Nom", exact=False).first, GROUP)
    hand.press(page.get_by_role("button", name=re.compile("Ouvrir")))
    page.get_by_role("heading", level=1, name=GROUP).wait_for()


def designate(hand, names):
    page = hand.page
    hand.press(page.get_by_role("link", name="Désigner parmi le conseil"))
    for name in names:
        page.get_by_label(name).check(force=True)
    check_look(page)
    hand.press(page.get_by_role("button", name="Désigner"))
    page.get_by_text("5 membres sont désignés").wait_for()


def write_and_propose(hand):
    """From the group's members to a proposed text; its address."""
    page = hand.page
    page.go_back()
    page.goto(re.sub(r"membres/.*", "", page.url))
    hand.press(page.get_by_role("link", name="Règlement intérieur, charte et signatures"))
    hand.press(page.get_by_role("link", name="Rédiger un texte").first)
    group = page.get_by_label("Formation").locator("option", has_text=GROUP).get_attribute("value")
    hand.choose(page.get_by_label("Formation"), group)
    hand.press(page.get_by_role("button", name="Ouvrir le projet"))
    expect(page.get_by_label("Texte")).to_have_value(re.compile("L. 132-5|L. 132-5"))
    check_look(page)
    hand.write(page.get_by_label("Texte"), TEXT)
    hand.choose(page.get_by_label("Quorum"), "half_passed")
    hand.press(page.get_by_role("button", name="Enregistrer"))
    hand.press(page.get_by_role("link", name="Proposer ce texte"))
    hand.press(page.get_by_role("button", name="Déclarer la proposition"))
    page.get_by_text("Le texte est proposé").wait_for()
    check_look(page)
    return page.url


def sign_on_a_phone(chromium, server, role):
    """From the day of a member to the signature, at 320 px, with a finger."""
    page = new_page(chromium, server, PHONE, has_touch=True, is_mobile=True)
    hand = Finger(page)
    council.enter(hand, role)
    hand.press(page.get_by_role("region", name="Textes à signer").get_by_role("link", name=re.compile(GROUP)))
    page.get_by_role("heading", level=1, name=re.compile("^Signer")).wait_for()
    check_look(page)
    page.get_by_label("J’ai lu ce texte").check(force=True)
    hand.press(page.get_by_role("button", name="Signer", exact=True))
    page.get_by_text("Votre signature est enregistrée").wait_for()
    page.get_by_text("Vous avez signé ce texte le").wait_for()
    check_look(page)
    assert page.watch.real_problems() == []
    page.context.close()


def test_a_group_s_rulebook_is_proposed_adopted_and_signed_by_five_members_on_phones(chromium, own_server):
    a_plenary_was_held(own_server)
    desk = Mouse(new_page(chromium, own_server, WIDE))
    council.enter(desk, "coordinator")
    open_group(desk)
    designate(desk, people_of(own_server, SIGNATORIES))
    rulebook = write_and_propose(desk)

    chair = Mouse(new_page(chromium, own_server, WIDE))
    council.enter(chair, "mayor")
    chair.press(
        chair.page.get_by_role("region", name="Règlements et chartes à faire adopter").get_by_role(
            "link", name=re.compile(GROUP)
        )
    )
    chair.press(chair.page.get_by_role("link", name="Déclarer l’adoption"))
    chair.page.get_by_label(re.compile("Plénière du jour")).check(force=True)
    check_look(chair.page)
    chair.press(chair.page.get_by_role("button", name="Déclarer l’adoption"))
    chair.page.get_by_text("5 membres sont invités à le signer").wait_for()
    chair.page.get_by_role("heading", name="Signé par 0 sur 5").wait_for()

    for role in SIGNATORIES:
        sign_on_a_phone(chromium, own_server, role)

    desk.page.goto(rulebook)
    desk.page.get_by_role("heading", name="Signé par 5 sur 5").wait_for()
    assert desk.page.get_by_text("Signé", exact=True).count() == 5
    check_look(desk.page)
    for hand in (desk, chair):
        assert hand.page.watch.real_problems() == []
        hand.page.context.close()
