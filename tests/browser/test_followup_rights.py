"""Rights of the person from end to end: informed, a copy asked and given, what ends announced and told."""

import io

import pypdf
import pytest

from tests.browser.conftest import PHONE, WIDE, enter_as, new_page
from tests.browser.followups import filled
from tests.browser.hands import Finger, Keyboard, Mouse
from tests.browser.looks import check_focus_is_seen, check_look

pytestmark = pytest.mark.timeout(300)

NAME = "Inès Inventée-Zéphyr"
# The file ends in three weeks, as if it had ended some time ago; then the mails of a Monday.
SOON = """
import datetime as dt
from django.db import transaction
from django.utils import timezone
from prevenance.core.row_security import act_as
from prevenance.domains.accounts.rules import invented_people
from prevenance.domains.followup import jobs
from prevenance.domains.followup.models import FollowUp
with transaction.atomic():
    act_as(invented_people()["referent"].pk)
    soon = timezone.localdate() + dt.timedelta(days=21)
    print(FollowUp.objects.filter(number="{number}").update(purge_on=soon))
jobs.announce_ends.func(timestamp=0)
"""


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


def text_of(page, link):
    """Words of the PDF behind a link, asked by the same browser."""
    answer = page.context.request.get(page.url.split("/suivis/")[0] + link.get_attribute("href"))
    assert answer.headers["content-type"] == "application/pdf"
    assert "no-store" in answer.headers["cache-control"]
    return " ".join(" ".join(one.extract_text() for one in pypdf.PdfReader(io.BytesIO(answer.body())).pages).split())


def rights_of(hand, number):
    page = hand.page
    hand.menu("Suivis")
    hand.press(page.get_by_role("link", name=number, exact=True))
    hand.press(page.get_by_role("link", name="Droits", exact=True))
    page.get_by_role("heading", name="Demandes de la personne").wait_for()


@pytest.mark.parametrize("how", ["mouse", "finger", "keyboard"])
def test_a_request_for_a_copy_from_end_to_end(pages, world, how):
    page = pages(PHONE, has_touch=True) if how == "finger" else pages(WIDE)
    hand = {"mouse": Mouse, "finger": Finger, "keyboard": Keyboard}[how](page)
    enter_as(page, "referent")
    rights_of(hand, world["own"][0])
    check_look(page)
    hand.pick(page.get_by_label("La personne", exact=True))
    hand.press(page.get_by_role("button", name="Préparer l’information à imprimer"))
    page.get_by_text("L’information est prête").wait_for()
    paper = text_of(page, page.get_by_role("link", name="Information : La personne (PDF)"))
    assert "CNIL" in paper
    assert NAME not in paper
    hand.press(page.get_by_role("link", name="Noter la remise"))
    page.get_by_role("heading", name="Noter la remise de l’information").wait_for()
    check_look(page)
    hand.press(page.get_by_role("button", name="Enregistrer"))
    page.get_by_text("La remise est notée").wait_for()
    hand.press(page.get_by_role("link", name="Noter une demande"))
    page.get_by_role("heading", name="Noter une demande").wait_for()
    check_look(page)
    page.watch.expected.add("422")
    hand.press(page.get_by_role("button", name="Enregistrer"))  # nothing chosen: what is missing is said
    page.locator(".fr-alert--error").first.wait_for()
    check_look(page)
    hand.pick(page.get_by_label("Copie du dossier"))
    hand.pick(page.get_by_label("La personne", exact=True))
    hand.press(page.get_by_role("button", name="Enregistrer"))
    page.get_by_text("La demande est notée, avec son délai").wait_for()
    check_look(page)
    copy = text_of(page, page.get_by_role("link", name="Copie complète du dossier (PDF)"))
    assert NAME in copy
    assert "Établissement scolaire ou GPDS" in copy
    hand.pick(page.get_by_label("Satisfaite", exact=True))
    if how == "keyboard":
        page.reload()
        check_focus_is_seen(page)
        hand.pick(page.get_by_label("Satisfaite", exact=True))
    hand.press(page.get_by_role("button", name="Noter la réponse"))
    page.get_by_text("La réponse est notée").wait_for()
    page.get_by_text("Satisfaite,").wait_for()
    check_look(page)


def test_a_purge_is_announced_by_number_and_told_on_the_file(own_server, pages, world):
    number = world["own"][1]
    page = pages()
    enter_as(page, "referent")
    hand = Mouse(page)
    rights_of(hand, number)
    hand.press(page.get_by_role("link", name="Terminer le suivi"))
    page.get_by_text("il est détruit avec ses pièces et sa clé, sans retour").wait_for()
    check_look(page)
    hand.pick(page.get_by_label("Objectifs atteints"))
    hand.pick(page.get_by_label("En emploi ou en insertion"))
    hand.press(page.get_by_role("button", name="Terminer le suivi"))
    page.get_by_text("Le suivi est terminé. Le dossier s’efface le").wait_for()
    check_look(page)
    assert own_server.prevenance("shell", "--no-imports", "-c", SOON.format(number=number)).strip() == "1"
    own_server.run_jobs()
    mails = [mail for mail in own_server.mails() if number in mail.get_content()]
    assert len(mails) == 1
    said = mails[0]["Subject"] + mails[0].get_content()
    assert "effacé" in said
    assert "Inventée" not in said
    narrow = pages(PHONE)
    enter_as(narrow, "referent")
    narrow.goto(page.url)
    narrow.get_by_text("le dossier, ses pièces et sa clé sont détruits, sans retour").wait_for()
    check_look(narrow)
    thumb = Mouse(narrow)
    thumb.press(narrow.get_by_role("link", name="Dire la situation trois mois après"))
    narrow.get_by_role("heading", name="Situation trois mois après").wait_for()
    check_look(narrow)
    thumb.pick(narrow.get_by_label("Sans réponse", exact=True))
    thumb.press(narrow.get_by_role("button", name="Enregistrer"))
    narrow.get_by_text("La situation après la sortie est notée").wait_for()
