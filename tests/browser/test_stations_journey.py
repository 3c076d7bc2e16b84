"""The préfecture's office registers a second social worker and sees what is asked met; a round is built and printed."""

import io

import pypdf
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, WIDE, enter_as, new_page
from tests.browser.hands import Finger, Keyboard, Mouse
from tests.browser.looks import check_focus_is_seen, check_look

pytestmark = pytest.mark.timeout(600)


@pytest.mark.journey("20.1", "20.2")
def test_a_second_post_is_registered_and_what_is_asked_is_met(chromium, own_server):
    page = new_page(chromium, own_server, WIDE)
    hand = Keyboard(page)
    enter_as(page, "prefect_office")
    page.goto("/annuaire/")
    hand.press(page.get_by_role("link", name="Registres", exact=True))
    hand.press(page.get_by_role("link", name="Intervenants sociaux", exact=True))
    page.get_by_role("heading", level=1, name="Intervenants sociaux, Loire").wait_for()
    expect(page.get_by_text("personne n’a dit ce registre complet")).to_be_visible()
    check_look(page)
    hand.press(page.get_by_role("button", name="Tous les postes y sont"))
    page.get_by_text("Le registre est dit complet").wait_for()
    expect(page.get_by_text("Pas atteint", exact=True).first).to_be_visible()
    hand.press(page.get_by_role("link", name="Inscrire un poste"))
    page.get_by_role("heading", level=1, name="Inscrire un poste").wait_for()
    hand.write(page.get_by_label("Commissariat ou brigade"), "Commissariat inventé de Roanne")
    hand.write(page.locator("#id_commune"), "42187")
    hand.choose(page.get_by_label("Force"), "police")
    hand.choose(page.get_by_label("Nature de l’employeur"), "epci")
    hand.write(page.locator("#id_employer"), "Agglomération inventée")
    check_look(page)
    hand.press(page.get_by_role("button", name="Enregistrer"))
    expect(page.get_by_label("Commissariat ou brigade")).to_have_value("Commissariat inventé de Roanne")
    hand.moment(page.get_by_label("Premier jour"), "2026-01-05")
    hand.press(page.get_by_role("button", name="Enregistrer"))
    page.get_by_text("Le poste est inscrit").wait_for()
    check_look(page)
    hand.press(page.get_by_role("link", name="Inscrire une convention"))
    page.get_by_role("heading", level=1, name="Inscrire une convention").wait_for()
    for label, day in (("Signée le", "2026-01-02"), ("À compter du", "2026-01-05"), ("Jusqu’au", "2029-01-04")):
        hand.moment(page.get_by_label(label), day)
    hand.press(page.get_by_role("button", name="Inscrire"))
    page.get_by_text("La convention est inscrite").wait_for()
    hand.press(page.get_by_role("link", name="Inscrire une année"))
    page.get_by_role("heading", level=1, name="Inscrire un financement").wait_for()
    hand.write(page.get_by_label("Coût du poste"), "42000")
    hand.write(page.get_by_label("Part de l’État"), "21000")
    hand.press(page.get_by_role("button", name="Enregistrer"))
    page.get_by_text("Le financement est inscrit").wait_for()
    expect(page.get_by_text("La première convention court encore")).to_be_visible()
    check_look(page)
    check_focus_is_seen(page)
    page.goto("/annuaire/intervenants-sociaux/")
    expect(page.get_by_text("2 postes pourvus, pour au moins 2 demandés")).to_be_visible()
    page.watch.expected.add("422")  # the first day that was missing
    assert page.watch.real_problems() == []


@pytest.mark.journey("17.2")
def test_a_round_is_built_on_a_phone_and_its_timetable_printed(chromium, own_server):
    page = new_page(chromium, own_server, PHONE, has_touch=True)
    hand = Finger(page)
    enter_as(page, "victim_support")
    page.goto("/annuaire/?q=ecoute&where=")
    hand.press(page.get_by_role("link", name="Écoute et accompagnement des victimes"))
    hand.press(page.get_by_role("link", name="Ajouter une tournée"))
    hand.write(page.get_by_label("Nom de la tournée"), "Tournée d’essai")
    hand.write(page.get_by_label("Véhicule"), "minibus d’essai")
    hand.press(page.get_by_role("button", name="Enregistrer"))
    page.get_by_text("La tournée est inscrite").wait_for()
    for place, commune in (("Place d’essai", "42187"), ("Salle d’essai", "42095")):
        hand.press(page.get_by_role("link", name="Ajouter un arrêt"))
        page.get_by_role("heading", level=1, name="Ajouter un arrêt").wait_for()
        hand.write(page.get_by_label("Lieu d’accueil"), place)
        hand.write(page.locator("#id_commune"), commune)
        hand.choose(page.locator("#id_every"), "1")
        hand.choose(page.locator("#id_day"), "1")
        hand.moment(page.locator("#id_begins"), "14:00")
        hand.moment(page.locator("#id_ends"), "17:00")
        hand.press(page.get_by_role("button", name="Enregistrer"))
        page.get_by_text("L’arrêt est ajouté").wait_for()
    check_look(page)
    hand.press(page.get_by_role("button", name="Passer avant"))
    page.wait_for_url("**#arret-*")
    stops = page.locator("ol.pv-rows > li strong")
    expect(stops.first).to_have_text("Salle d’essai")
    paper = page.request.get(page.url.split("#")[0] + "?format=pdf")
    words = " ".join(one.extract_text() for one in pypdf.PdfReader(io.BytesIO(paper.body())).pages)
    assert "premier mardi du mois" in words.replace("\u00a0", " ")
    assert "Place d’essai" in words
    # Whoever looks for help in Roanne is told of it, on the public page.
    page.goto("/aide/")
    hand.write(page.locator("#id_commune"), "42187")
    hand.press(page.get_by_role("button", name="Chercher"))
    expect(page.get_by_text("Le service vient en tournée").first).to_be_visible()
    assert page.watch.real_problems() == []


@pytest.mark.journey("18.2")
def test_a_clinic_in_another_commune_is_added_then_told_to_its_inhabitants(chromium, own_server):
    page = new_page(chromium, own_server, WIDE)
    hand = Mouse(page)
    enter_as(page, "victim_support")
    page.goto("/annuaire/?q=psychotraumatisme&where=")
    hand.press(page.get_by_role("link", name="Consultation de psychotraumatisme"))
    hand.press(page.get_by_role("link", name="Ajouter une permanence"))
    hand.write(page.get_by_label("Lieu d’accueil"), "Maison de santé d’essai")
    hand.write(page.locator("#id_commune"), "42187")
    hand.choose(page.locator("#id_every"), "even")
    hand.choose(page.locator("#id_day"), "4")
    hand.moment(page.locator("#id_begins"), "09:00")
    hand.moment(page.locator("#id_ends"), "12:00")
    check_look(page)
    hand.press(page.get_by_role("button", name="Enregistrer"))
    page.get_by_text("La permanence est inscrite").wait_for()
    expect(page.get_by_text("Le vendredi des semaines paires, de 9 h à 12 h")).to_be_visible()
    check_look(page)
    page.goto("/aide/")
    hand.write(page.locator("#id_commune"), "42187")
    hand.press(page.get_by_role("button", name="Chercher"))
    expect(page.get_by_text("Maison de santé d’essai").first).to_be_visible()
    assert page.watch.real_problems() == []


@pytest.mark.journey("19.5")
def test_an_agreement_is_inscribed_and_goes_into_the_paper_of_the_scheme(chromium, own_server):
    page = new_page(chromium, own_server, WIDE)
    hand = Mouse(page)
    enter_as(page, "prefect_office")
    page.goto("/annuaire/conventions/")
    expect(page.get_by_text("Finit bientôt").first).to_be_visible()
    check_look(page)
    hand.press(page.get_by_role("link", name="Inscrire une convention"))
    hand.choose(page.get_by_label("Objet"), "post_emergency")
    hand.write(page.get_by_label("Intitulé"), "Consultations gratuites d’essai")
    hand.write(page.get_by_label("Signataires"), "Hôpital d’essai\nMaison des adolescents inventée")
    for label in ("Signée le", "À compter du"):
        hand.moment(page.get_by_label(label), "2026-01-05")
    check_look(page)
    hand.press(page.get_by_role("button", name="Enregistrer"))
    page.get_by_text("La convention est inscrite").wait_for()
    expect(page.get_by_role("link", name="Maison des adolescents inventée")).to_be_visible()
    hand.press(page.get_by_role("link", name="Schéma", exact=True))
    page.get_by_role("heading", level=1, name="Ce que l’annuaire apporte au schéma, Loire").wait_for()
    check_look(page)
    link = page.get_by_role("link", name="PDF à joindre au schéma").get_attribute("href")
    paper = page.request.get(page.url.split("?")[0] + link)
    words = " ".join(one.extract_text() for one in pypdf.PdfReader(io.BytesIO(paper.body())).pages)
    assert "Consultations gratuites d’essai" in words
    assert page.watch.real_problems() == []


@pytest.mark.parametrize(
    "role, address",
    [
        ("coordinator", "/annuaire/permanences/?where="), ("coordinator", "/annuaire/tournees/"),
        ("national_secretariat", "/annuaire/intervenants-sociaux/france/"),
        ("mayor", "/annuaire/intervenants-sociaux/"), ("mayor", "/annuaire/tournees/1/"),
        ("coordinator", "/annuaire/tournees/1/couverture/"), ("mayor", "/annuaire/schema/"),
    ],
)  # fmt: skip
def test_screens_are_whole_at_both_widths(page, role, address):
    enter_as(page, role)
    page.goto(address)
    check_look(page)
    check_focus_is_seen(page)
