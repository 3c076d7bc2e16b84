"""A hand-over between two towns: proposed with a written agreement, no name told, taken, ended where it was."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, WIDE, enter_as, new_page
from tests.browser.followups import enter_with, filled, neighbours
from tests.browser.hands import Finger, Keyboard, Mouse
from tests.browser.looks import check_look

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def world(own_server):
    return filled(own_server, files=2)


@pytest.fixture
def pages(chromium, own_server, world):
    """pages(viewport, **options): at the end nothing may have gone wrong in any."""
    opened = []

    def another(viewport=WIDE, **options):
        page = new_page(chromium, own_server, viewport, **options)
        opened.append(page)
        return page

    yield another
    for page in opened:
        page.context.close()
    assert [page.watch.real_problems() for page in opened] == [[]] * len(opened)


@pytest.mark.parametrize("how", ["wide", "narrow", "keyboard"])
def test_a_file_passes_from_a_town_to_another(own_server, pages, world, how):
    there = neighbours(own_server)
    number = world["own"][0]
    make = {"wide": Mouse, "narrow": Finger, "keyboard": Keyboard}[how]
    options = {"viewport": PHONE, "has_touch": True} if how == "narrow" else {}
    hand = make(pages(**options))
    page = hand.page
    enter_as(page, "referent")
    hand.menu("Suivis")
    hand.press(page.get_by_role("link", name=number, exact=True))
    hand.press(page.get_by_role("link", name="Partages", exact=True))
    page.get_by_role("heading", name="Partages dans le groupe").wait_for()
    check_look(page)
    hand.press(page.get_by_role("link", name="Proposer un relais"))
    hand.write(page.get_by_label("Commune où la personne s’installe"), "roanne")
    hand.press(page.get_by_role("button", name="Chercher", exact=True).last)
    hand.press(page.get_by_role("link", name="Roanne (42187)"))
    page.get_by_role("heading", name="Groupes de Roanne").wait_for()
    check_look(page)
    hand.pick(page.get_by_label(f"Groupe inventé, {there['council']}"))
    hand.pick(page.get_by_label("La personne", exact=True))
    hand.moment(page.get_by_label("Signé le"), "2026-11-02")
    hand.pick(page.get_by_label("En scolarité ou en formation"))
    hand.press(page.get_by_role("button", name="Proposer le relais"))
    page.get_by_text("Le passage de relais est proposé").wait_for()
    page.get_by_text("Réponse attendue avant le").wait_for()
    check_look(page)

    other = make(pages(**options))
    enter_with(other.page, own_server, there["session"])
    other.page.goto("/suivis/")
    other.press(other.page.get_by_role("link", name="Passages de relais"))
    other.page.get_by_role("heading", name="Passages de relais").wait_for()
    check_look(other.page)
    other.press(other.page.locator("main .pv-rows a").first)
    other.page.get_by_text("Jeune exposé à la délinquance").wait_for()
    assert "Inventée-" not in other.page.content()
    assert number not in other.page.locator("main").inner_text()
    check_look(other.page)
    other.press(other.page.get_by_role("link", name="Reprendre ce suivi"))
    other.page.get_by_role("heading", name="Reprendre ce suivi").wait_for()
    check_look(other.page)
    other.press(other.page.get_by_role("button", name="Reprendre ce suivi"))
    other.page.get_by_text("Le suivi est repris sous le numéro").wait_for()
    other.page.get_by_role("heading", name="Inès Inventée-Zéphyr").wait_for()
    check_look(other.page)

    own_server.run_jobs()
    page.reload()
    page.get_by_text("Accepté le").wait_for()
    expect(page.get_by_text("plus rien ne s’y écrit").first).to_be_visible()
    hand.press(page.get_by_role("link", name="Droits", exact=True))
    page.get_by_text("Départ, suivi repris ailleurs").wait_for()
    check_look(page)


def test_a_part_is_shared_for_a_time_and_withdrawn(own_server, pages, world):
    page = pages()
    enter_as(page, "referent")
    hand = Mouse(page)
    hand.menu("Suivis")
    hand.press(page.get_by_role("link", name=world["own"][1], exact=True))
    hand.press(page.get_by_role("link", name="Partages", exact=True))
    hand.press(page.get_by_role("link", name="Partager des parties"))
    page.get_by_role("heading", name="Partager des parties du dossier").wait_for()
    check_look(page)
    with_whom = page.get_by_label("Avec", exact=False).first
    with_whom.select_option(index=1)
    name = with_whom.locator("option:checked").inner_text()
    page.get_by_label("Identité").check(force=True)
    page.get_by_label("Finalité").select_option("plan")
    page.get_by_label("Jusqu’au").fill(page.get_by_label("Jusqu’au").get_attribute("max"))
    hand.press(page.get_by_role("button", name="Enregistrer"))
    page.get_by_text("C’est partagé").wait_for()
    page.get_by_text(name).first.wait_for()
    check_look(page)
    hand.press(page.get_by_role("link", name="Retirer", exact=True))
    page.get_by_text("dès maintenant").locator("visible=true").first.wait_for()
    hand.press(page.get_by_role("button", name="Retirer", exact=True))
    page.get_by_text("Le partage est retiré").wait_for()
    check_look(page)
