"""A family helped by a CDDF, from its parents' asking to the mayor's certificate; closed to everybody else."""

import datetime as dt
import io
import re

import pypdf
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, enter_as
from tests.browser.followups import enter_with, family_council
from tests.browser.hands import Finger, Keyboard, Mouse
from tests.browser.looks import check_look

pytestmark = pytest.mark.timeout(300)

NAME = "Maquette-Inventée"
HANDS = {"mouse": (Mouse, {}), "finger": (Finger, {"viewport": PHONE, "has_touch": True}), "keyboard": (Keyboard, {})}


@pytest.fixture
def council(own_server):
    return family_council(own_server)


def open_family(hand):
    """From the list to the file of a child, whose mother is named; its address."""
    page, today = hand.page, dt.date.today()
    page.goto("/suivis/ouvrir/")
    hand.pick(page.get_by_label("Accompagnement de la famille (CDDF)"))
    check_look(page)
    hand.press(page.get_by_role("button", name="Continuer"))
    hand.pick(page.get_by_label("Établissement scolaire ou GPDS"))
    hand.write(page.locator("#id_given_name"), "Zélie")
    hand.write(page.locator("#id_family_name"), NAME)
    hand.moment(page.get_by_label("Date de naissance"), dt.date(today.year - 11, 4, 3).isoformat())
    hand.choose(page.get_by_label("Sexe"), "f")
    hand.choose(page.get_by_label("Situation observée 1"), "parents_ask")
    hand.moment(page.get_by_label("Observée le (situation 1)"), today.isoformat())
    hand.choose(page.locator("#id_representant1-link"), "mother")
    hand.write(page.locator("#id_representant1-given_name"), "Olga")
    hand.write(page.locator("#id_representant1-family_name"), NAME)
    hand.press(page.get_by_role("button", name="Ouvrir le dossier"))
    page.get_by_text(re.compile("est ouvert. Proposez maintenant son référent")).wait_for()
    return re.sub("intervenants/$", "", page.url)


def stage(hand, name, *, day=True, codes=()):
    """The next stage, as the page of the family offers it."""
    page = hand.page
    hand.press(page.get_by_role("link", name=name, exact=True))
    page.get_by_role("heading", level=2, name=name).wait_for()
    check_look(page)
    for label in codes:
        tick(hand, page.get_by_label(label, exact=True))
    if day:
        hand.moment(page.get_by_label("Date", exact=True), dt.date.today().isoformat())
    hand.press(page.get_by_role("button", name="Enregistrer"))
    page.get_by_text("L’étape est enregistrée").wait_for()
    check_look(page)


def tick(hand, box):
    if box.get_attribute("type") == "radio":
        hand.pick(box)
    elif isinstance(hand, Keyboard):
        hand.tab_to(box)
        hand.page.keyboard.press("Space")
    else:
        box.check(force=True)


@pytest.mark.parametrize("how", HANDS)
def test_a_family_is_helped_from_the_consultation_to_the_certificate(own_server, pages, council, how):
    kind, options = HANDS[how]
    hand = kind(pages(**options))
    page = hand.page
    enter_with(page, own_server, council["coordinator"])
    file = open_family(hand)
    # The family's part is in the plan, beside what the child does.
    page.goto(f"{file}plan/")
    hand.press(page.get_by_role("link", name="Fixer le premier objectif"))
    hand.choose(page.get_by_label("Thème"), "family")
    hand.write(page.get_by_label("Ce que l’on vise"), "Rentrer avant le dîner en semaine")
    hand.write(page.get_by_label("Part de la famille"), "La mère appelle à la sortie du collège")
    hand.press(page.get_by_role("button", name="Enregistrer"))
    page.get_by_text("L’objectif est fixé").wait_for()
    page.get_by_text("La mère appelle à la sortie du collège").wait_for()
    hand.press(page.get_by_role("link", name="Famille", exact=True))
    page.get_by_text("le maire propose, et atteste").wait_for()
    check_look(page)
    # A judge who assists the family already keeps it out; what was typed stays.
    page.watch.expected.add("422")
    hand.press(page.get_by_role("link", name="Commencer un accompagnement"))
    hand.pick(page.locator("[name=measure][value=yes]"))
    hand.choose(page.get_by_label("Origine"), "order")
    hand.moment(page.get_by_label("Vérifié le"), dt.date.today().isoformat())
    hand.press(page.get_by_role("button", name="Enregistrer"))
    page.get_by_text("Une mesure d’assistance éducative est en cours").first.wait_for()
    assert page.get_by_label("Origine").input_value() == "order"
    check_look(page)
    hand.pick(page.locator("[name=measure][value=no]"))
    hand.press(page.get_by_role("button", name="Enregistrer"))
    page.get_by_text("L’accompagnement est commencé").wait_for()
    stage(hand, "Consulter le conseil")
    # The council decides nothing: the coordination cannot propose, and the page says why.
    propose = page.get_by_role("button", name="Proposer l’accompagnement")
    expect(propose).to_be_disabled()
    page.get_by_text("le maire propose et atteste").first.wait_for()

    mayor = Mouse(pages(PHONE))
    enter_as(mayor.page, "mayor")
    mayor.page.goto(f"{file}famille/")
    mayor.pick(mayor.page.get_by_label("Préparer une réunion du groupe"))
    mayor.press(mayor.page.get_by_role("button", name="Lire le dossier"))
    stage(mayor, "Proposer l’accompagnement")
    page.reload()
    stage(hand, "Noter l’avis du président du conseil départemental", codes=["Favorable"])
    services = ["Directeur académique (DASEN)", "Chef d’établissement", "Caisse d’allocations familiales", "Préfet"]
    stage(hand, "Informer les services", codes=services)
    mayor.page.reload()
    stage(mayor, "Remettre l’attestation", codes=["Présence d’un parent le soir", "Lien régulier avec l’établissement"])
    paper = mayor.page.request.get(mayor.page.get_by_role("link", name="Attestation (PDF)").get_attribute("href"))
    text = " ".join(" ".join(one.extract_text() for one in pypdf.PdfReader(io.BytesIO(paper.body())).pages).split())
    assert "Attestation d’accompagnement parental" in text
    assert "présence d’un parent le soir" in text
    assert NAME in text
    page.reload()
    stage(hand, "Terminer l’accompagnement", codes=["Accompagnement mené à son terme"])
    page.get_by_text("Accompagnement mené à son terme").wait_for()


def test_nobody_outside_the_council_for_families_finds_the_family(own_server, pages, council):
    page = pages()
    enter_with(page, own_server, council["coordinator"])
    hand = Mouse(page)
    file = open_family(hand)
    member = pages()
    enter_with(member, own_server, council["member"])
    member.watch.expected.add("404 (Not Found)")
    assert member.goto(f"{file}famille/").status == 404  # the rulebook says: each reads where they take part
    for role in ("coordinator", "referent", "prefect_office", "administrator"):
        other = pages()
        other.watch.expected.add("404 (Not Found)")
        enter_as(other, role)
        assert other.goto(f"{file}famille/").status == 404
        other.goto("/ma-journee/")
        assert NAME not in other.content()
