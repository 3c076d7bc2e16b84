"""The mayor's registers in a real browser: a call to order and a transaction, each to its end."""

import datetime
import io
import re

import pypdf
import pytest

from tests.browser.conftest import PHONE, WIDE, enter_as, new_page
from tests.browser.hands import Finger, Keyboard, Mouse
from tests.browser.looks import check_focus_is_seen, check_look

pytestmark = pytest.mark.timeout(420)

HANDS = {"mouse": (Mouse, WIDE, {}), "finger": (Finger, PHONE, {"has_touch": True}), "keyboard": (Keyboard, WIDE, {})}


@pytest.fixture
def pages(chromium, own_server):
    """pages(viewport, **options): pages each in a browser of its own; at the end nothing may have gone wrong in any."""
    opened = []

    def another(viewport=WIDE, **options):
        page = new_page(chromium, own_server, viewport, **options)
        opened.append(page)
        return page

    yield another
    for page in opened:
        page.context.close()
    for page in opened:
        page.watch.expected.add("422 (Unprocessable Entity)")
    assert [page.watch.real_problems() for page in opened] == [[]] * len(opened)


@pytest.fixture(params=HANDS)
def hand(request, pages):
    kind, viewport, options = HANDS[request.param]
    hand = kind(pages(viewport, **options))
    enter_as(hand.page, "mayor")
    return hand


def registers(hand):
    hand.menu("Registres")
    hand.page.get_by_role("heading", level=1, name="Registres du maire").wait_for()


def link(hand, name):
    with hand.page.expect_navigation():
        hand.press(hand.page.get_by_role("link", name=name, exact=True))


def press(hand, name):
    with hand.page.expect_navigation():
        hand.press(hand.page.get_by_role("button", name=name, exact=True))


def told(page, words):
    page.get_by_text(words).first.wait_for()
    check_look(page)


def letter(page, name):
    """The words of a letter of the page."""
    paper = page.request.get(page.get_by_role("link", name=name).get_attribute("href"))
    assert paper.status == 200
    return re.sub(r"\s+", " ", " ".join(one.extract_text() for one in pypdf.PdfReader(io.BytesIO(paper.body())).pages))


def who(hand, given, family, born):
    page = hand.page
    hand.write(page.locator("#id_family_name"), family)
    hand.write(page.locator("#id_given_name"), given)
    hand.moment(page.locator("#id_birth_date"), born)
    hand.write(page.locator("#id_address"), "3, rue de l’Exemple")


@pytest.mark.journey("32.3")
def test_a_call_to_order_to_its_end(hand):
    """Barred by a complaint, then possible; the prosecutor first, as the protocol says; the parents with the minor."""
    page, today = hand.page, datetime.date.today()
    registers(hand)
    check_look(page)
    assert "Le procureur est consulté avant chaque rappel à l’ordre" in page.locator("main").inner_text()
    link(hand, "Ouvrir un rappel à l’ordre")
    check_look(page)
    for name in ("crime", "procedure"):
        hand.pick(page.locator(f"[name={name}][value=no]"))
    hand.pick(page.locator("[name=complaint][value=yes]"))
    hand.choose(page.locator("#id_facts"), "near_school")
    hand.moment(page.locator("#id_facts_on"), today.isoformat())
    who(hand, "Céleste", "Brouillon", f"{today.year - 13}-01-15")
    hand.write(page.locator("#id_parents"), "Axelle et Ange Brouillon")
    press(hand, "Ouvrir la fiche")
    told(page, "Une plainte a été déposée")
    assert page.locator("#id_parents").input_value() == "Axelle et Ange Brouillon"
    hand.pick(page.locator("[name=complaint][value=no]"))
    press(hand, "Ouvrir la fiche")
    told(page, "est ouverte")
    assert page.get_by_role("button", name="Convoquer").is_disabled()
    link(hand, "Consulter le procureur")
    press(hand, "Noter la consultation")
    told(page, "La consultation est notée")
    assert "Céleste Brouillon" in letter(page, "Lettre de consultation du procureur")
    link(hand, "Réponse du procureur")
    hand.pick(page.locator("[name=answer][value=clear]"))
    hand.moment(page.locator("#id_day"), today.isoformat())
    press(hand, "Noter la réponse")
    told(page, "La réponse est notée")
    link(hand, "Convoquer")
    check_look(page)
    hand.moment(page.locator("#id_day"), today.isoformat())
    hand.moment(page.locator("#id_hour"), "17:30")
    press(hand, "Convoquer")
    told(page, "La convocation est prête")
    convocation = letter(page, "Convocation")
    assert "Axelle et Ange Brouillon" in convocation
    assert "17 h 30" in convocation
    link(hand, "Entretien tenu")
    check_look(page)
    hand.pick(page.locator("[name=presence][value=parents]"))
    box = page.locator("[name=reminded][value=conduct]")
    if isinstance(hand, Keyboard):
        hand.tab_to(box)
        page.keyboard.press("Space")
    else:
        box.check(force=True)
    hand.choose(page.locator("#id_follow_up"), "mediation")
    press(hand, "Enregistrer la fiche")
    told(page, "La fiche de l’entretien est enregistrée")
    assert "Médiation proposée" in letter(page, "Fiche de l’entretien")
    link(hand, "Informer le procureur")
    press(hand, "Noter l’information")
    told(page, "Le procureur est informé")
    link(hand, "Terminer ce rappel à l’ordre")
    told(page, "ne pourra plus être modifiée ni rouverte")
    press(hand, "Terminer")
    told(page, "elle ne change plus")
    assert page.get_by_role("heading", name="Faire avancer").count() == 0
    page.goto("/registres/rappels/?state=ended")
    check_look(page)
    assert "Brouillon" not in page.locator("main").inner_text()  # by number, never by name


@pytest.mark.journey("32.3")
def test_a_transaction_to_its_end(hand):
    """Thirty-one hours are refused; twenty are offered in two copies, accepted, homologated by the judge, done."""
    page, today = hand.page, datetime.date.today()
    registers(hand)
    link(hand, "Inscrire une transaction")
    check_look(page)
    hand.pick(page.locator("[name=prosecuted][value=no]"))
    hand.choose(page.locator("#id_contravention"), "R635-1")
    hand.choose(page.locator("#id_property"), "green")
    hand.moment(page.locator("#id_facts_on"), today.isoformat())
    hand.moment(page.locator("#id_pv_on"), today.isoformat())
    who(hand, "Yaël", "Maquette", "1990-10-10")
    press(hand, "Ouvrir la fiche")
    told(page, "Offre à faire")
    link(hand, "Proposer la transaction")
    check_look(page)
    hand.write(page.locator("#id_hours"), "31")
    hand.choose(page.locator("#id_work"), "gardens")
    hand.pick(page.locator("[name=delivery][value=receipt]"))
    press(hand, "Enregistrer l’offre")
    told(page, "ne peut dépasser 30 heures")
    hand.write(page.locator("#id_hours"), "20")
    press(hand, "Enregistrer l’offre")
    told(page, "imprimez les deux exemplaires")
    offer = letter(page, "Offre, en deux exemplaires")
    assert "Exemplaire 1 sur 2" in offer
    assert "Exemplaire 2 sur 2" in offer
    assert "20 heures de travail non rémunéré" in offer
    assert "avocat" in offer
    link(hand, "Réponse de la personne")
    hand.pick(page.locator("[name=answer][value=yes]"))
    hand.moment(page.locator("#id_day"), today.isoformat())
    press(hand, "Noter la réponse")
    told(page, "La réponse est notée")
    link(hand, "Demander l’homologation")
    press(hand, "Noter la demande")
    told(page, "La demande d’homologation est notée")
    assert "juge du tribunal de police" in letter(page, "Demande d’homologation")
    link(hand, "Décision d’homologation")
    hand.pick(page.locator("[name=decision][value=yes]"))
    hand.moment(page.locator("#id_day"), today.isoformat())
    press(hand, "Noter la décision")
    told(page, "La décision est notée")
    link(hand, "Exécution constatée")
    press(hand, "Noter l’exécution")
    told(page, "L’exécution est notée")
    link(hand, "Informer le procureur de l’exécution")
    press(hand, "Noter et terminer")
    told(page, "la transaction est terminée")
    page.goto("/ma-journee/")
    assert "Maquette" not in page.locator("main").inner_text()
    page.goto("/registres/transactions/")
    check_look(page)


def test_the_registers_are_seen_by_the_mayor_alone(pages):
    page = pages()
    enter_as(page, "mayor")
    assert page.get_by_role("heading", name="Registres du maire").is_visible()
    check_look(page)
    check_focus_is_seen(page)
    for role in ("coordinator", "prefect_office", "administrator"):
        other = pages()
        other.watch.expected.add("404 (Not Found)")
        enter_as(other, role)
        assert other.get_by_role("link", name="Registres", exact=True).count() == 0
        assert other.goto("/registres/").status == 404
