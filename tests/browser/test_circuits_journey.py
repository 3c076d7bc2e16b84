"""A reporting circuit is prepared by the coordination, put in force by the préfecture, read and printed by others."""

import io
import re

import pypdf
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, WIDE, enter_as, new_page
from tests.browser.hands import Keyboard
from tests.browser.looks import check_focus_is_seen, check_look

pytestmark = pytest.mark.timeout(600)


def step(hand, who, whom, means, delay, basis=""):
    page = hand.page
    hand.press(page.get_by_role("link", name="Ajouter une étape"))
    page.get_by_role("heading", level=1, name="Ajouter une étape").wait_for()
    hand.choose(page.get_by_label("Qui signale"), who)
    hand.choose(page.locator("#id_whom"), whom)
    hand.choose(page.get_by_label("Par quel moyen"), means)
    hand.choose(page.get_by_label("Dans quel délai"), delay)
    hand.choose(page.locator("#id_basis"), basis)
    hand.press(page.get_by_role("button", name="Enregistrer"))
    page.get_by_text("L’étape est enregistrée").wait_for()


@pytest.mark.journey("15.7")
def test_a_circuit_is_drawn_and_printed_by_the_keyboard(chromium, own_server):
    page = new_page(chromium, own_server, WIDE)
    hand = Keyboard(page)
    enter_as(page, "coordinator")
    page.goto("/annuaire/")
    hand.press(page.get_by_role("link", name="Registres", exact=True))
    page.get_by_role("heading", level=1, name="Circuits de signalement").wait_for()
    check_look(page)
    hand.press(page.get_by_role("link", name="Préparer un circuit"))
    hand.choose(page.get_by_label("Situation"), "cyber")
    hand.choose(page.get_by_label("Personne concernée"), "minors")
    check_look(page)
    hand.press(page.get_by_role("button", name="Préparer"))
    page.get_by_text("La version est en préparation").wait_for()
    step(hand, "who:teacher", "institution:crip", "written", "at_once", "casf226-2-1")
    follows = page.url
    # The one who was told tells in turn, a service that words find in the directory.
    hand.press(page.get_by_role("link", name="Ajouter une étape"))
    after = page.locator("#id_who option", has_text="1. Cellule de recueil").get_attribute("value")
    hand.choose(page.get_by_label("Qui signale"), after)
    hand.write(page.get_by_label("Mots pour chercher"), "ecoute victimes")
    hand.press(page.get_by_role("button", name="Chercher dans l’annuaire"))
    page.get_by_text("est proposé dans").wait_for()
    check_look(page)
    service = page.locator("#id_whom option", has_text="Écoute et accompagnement").get_attribute("value")
    hand.choose(page.locator("#id_whom"), service)
    hand.choose(page.get_by_label("Par quel moyen"), "phone")
    hand.choose(page.get_by_label("Dans quel délai"), "two_days")
    hand.press(page.get_by_role("button", name="Enregistrer"))
    page.get_by_text("L’étape est enregistrée").wait_for()
    step(hand, "who:anyone", "number:3018", "phone", "same_day")
    # Drawn, and said in a table; whoever only writes does not put it in force.
    drawing = page.get_by_role("img", name=re.compile("Circuit de signalement"))
    expect(drawing).to_be_visible()
    expect(page.get_by_role("table", name="Étapes du circuit").get_by_role("row")).to_have_count(4)
    expect(page.get_by_role("button", name="Mettre en vigueur")).to_be_disabled()
    hand.tab_to(page.get_by_role("region", name="Dessin du circuit"))
    check_look(page)
    check_focus_is_seen(page)
    page.context.close()

    page = new_page(chromium, own_server, WIDE)
    hand = Keyboard(page)
    enter_as(page, "prefect_office")
    page.goto(follows)
    hand.press(page.get_by_role("link", name="Mettre en vigueur"))
    page.get_by_role("heading", level=1, name="Mettre en vigueur").wait_for()
    check_look(page)
    hand.press(page.get_by_role("button", name="Mettre en vigueur"))
    page.get_by_text("Le circuit est mis en vigueur").wait_for()
    assert page.watch.real_problems() == []
    page.context.close()

    page = new_page(chromium, own_server, PHONE)
    hand = Keyboard(page)
    enter_as(page, "mediator")
    page.goto("/annuaire/circuits/")
    hand.press(page.get_by_role("link", name="Cyberdélinquance"))
    page.get_by_role("heading", level=1, name="Cyberdélinquance").wait_for()
    check_look(page)
    expect(page.get_by_role("link", name="Ajouter une étape")).to_have_count(0)
    link = page.get_by_role("link", name="Imprimer (PDF)")
    hand.tab_to(link)
    paper = page.request.get(link.get_attribute("href"))
    reader = pypdf.PdfReader(io.BytesIO(paper.body()))
    words = " ".join(" ".join(one.extract_text() for one in reader.pages).split())
    assert "Écoute et accompagnement des victimes" in words
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert page.watch.real_problems() == []


@pytest.mark.parametrize("address", ["/annuaire/circuits/", "/annuaire/circuits/?state=all&situation=haine"])
def test_lists_are_whole_at_both_widths(page, address):
    enter_as(page, "victim_support")
    page.goto(address)
    check_look(page)
    check_focus_is_seen(page)
