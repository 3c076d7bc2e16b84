"""A group's meeting of thirty situations: put on the agenda by number, gone through with the keyboard, nothing lost."""

import pytest

from tests.browser.conftest import PHONE, WIDE, enter_as, new_page
from tests.browser.followups import filled
from tests.browser.hands import Keyboard
from tests.browser.looks import check_look

pytestmark = pytest.mark.timeout(420)

SITUATIONS = 30


@pytest.fixture
def world(own_server):
    return filled(own_server, files=SITUATIONS)


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


@pytest.mark.journey("36.1")
def test_thirty_situations_are_listed_read_and_decided_by_the_keyboard(pages, world):
    sheet = f"/suivis/reunions/{world['meeting']}/"
    page = pages()
    enter_as(page, "coordinator")
    page.goto(sheet)
    check_look(page)
    assert page.locator("input[name=files]").count() == SITUATIONS
    for box in page.locator("input[name=files]").all():
        box.check(force=True)
    page.get_by_role("button", name="Inscrire à l’ordre du jour").click()
    page.get_by_text(f"{SITUATIONS} situations à l’ordre du jour").wait_for()
    content = page.content()
    assert all(f"{number}" in content for number in world["numbers"])
    assert "Inventée" not in content
    check_look(page)
    hand = Keyboard(page)
    hand.press(page.get_by_role("link", name="Commencer par la première"))
    page.get_by_text(f"Situation 1 sur {SITUATIONS}").wait_for()
    check_look(page)
    # A choice saves itself: the page is closed before the button, and nothing is lost.
    page.keyboard.press("Space")
    page.get_by_text("Enregistré à").wait_for()
    page.goto(sheet)
    page.get_by_text(f"{SITUATIONS - 1} restent à voir").wait_for()
    hand.press(page.get_by_role("link", name="Reprendre à la suivante"))
    for rank in range(2, SITUATIONS + 1):
        page.get_by_text(f"Situation {rank} sur {SITUATIONS}").wait_for()
        page.keyboard.press("Space")  # the keyboard begins at the choices
        if rank % 3 == 0:
            page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
    page.wait_for_url(f"**{sheet}")
    page.get_by_text("Toutes celles que vous lisez sont vues").wait_for()
    assert page.get_by_text("Noté", exact=True).count() == SITUATIONS

    phone = pages(PHONE, has_touch=True)
    enter_as(phone, "referent")
    phone.goto(sheet)
    check_look(phone)
    phone.get_by_role("link", name=f"Dossier {world['own'][0]}").tap()
    phone.get_by_text("Noté. Changer un choix l’enregistre.").wait_for()
    check_look(phone)
