"""Councils in full: an intercommunal council over two départements, a police group's problem, a préfet's round."""

import re

import pytest

from tests.browser.conftest import enter_as, new_page
from tests.browser.looks import check_look

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def page(chromium, own_server, viewport):
    page = new_page(chromium, own_server, viewport)
    yield page
    page.context.close()
    assert page.watch.real_problems() == []


def sign_out(page):
    page.context.clear_cookies()


def save(page, name):
    page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_load_state()


@pytest.mark.journey("32.1")
def test_a_territorial_group_of_an_intercommunal_council_spans_two_departements(page):
    enter_as(page, "epci_president")
    page.goto("/conseils/?kind=CISPD")
    page.get_by_role("link", name=re.compile("Monts du Lyonnais")).first.click()
    page.get_by_role("link", name="Ouvrir un groupe").click()
    page.get_by_label("Nom du groupe").fill("Villages de l’Est")
    page.get_by_label("Thème").select_option("territorial")
    for commune in ("Chevrières", "Haute-Rivoire"):  # in the Loire, in the Rhône
        page.get_by_label(commune, exact=True).check(force=True)
    check_look(page)
    save(page, "Ouvrir")
    assert page.locator("h1").inner_text() == "Villages de l’Est"
    assert page.get_by_text("Chevrières, Haute-Rivoire").count() == 1
    check_look(page)
    address = page.url
    sign_out(page)
    enter_as(page, "prefect_office")
    page.goto(address)
    assert page.locator("h1").inner_text() == "Villages de l’Est"
    assert page.get_by_role("link", name="Modifier").count() == 0


@pytest.mark.journey("28.1")
def test_a_police_group_hands_a_problem_to_a_thematic_group_without_a_word_of_it(page):
    enter_as(page, "prefect_office")
    page.goto("/conseils/creer/")
    page.get_by_role("link", name="Groupe de partenariat opérationnel de la police nationale").click()
    page.get_by_label("Commune").fill("Saint-Chamond (commune 42207)")
    page.get_by_label("Nom du conseil").fill("Groupe opérationnel du centre")
    check_look(page)
    save(page, "Créer le conseil")
    page.get_by_role("link", name="Voir et tenir les problèmes du groupe").click()
    page.get_by_role("link", name="Inscrire un problème").click()
    page.get_by_label("Nature").select_option("gathering")
    page.get_by_role("textbox", name="Lieu obligatoire").fill("Place de la Fontaine")
    page.get_by_label("Ce qui se passe").fill("Kévin B. y fait du bruit")
    page.watch.expected.add("status of 422")
    save(page, "Enregistrer")
    assert page.get_by_text("semble désigner une personne").first.is_visible()
    assert page.get_by_role("textbox", name="Lieu obligatoire").input_value() == "Place de la Fontaine"
    page.get_by_label("Ce qui se passe").fill("Bruit après 22 h")
    check_look(page)
    save(page, "Enregistrer")
    check_look(page)
    save(page, "Réponse engagée")
    save(page, "Prévenir ce groupe")
    assert page.get_by_text(re.compile("prévenu le")).is_visible()
    sign_out(page)
    enter_as(page, "coordinator")
    page.goto("/conseils/")
    page.get_by_role("link", name="CLSPD de Saint-Chamond").first.click()
    page.locator("#formations ~ div tbody th a").last.click()
    page.wait_for_url("**/formations/**")
    assert page.get_by_text("Une situation signalée par un groupe de partenariat opérationnel").is_visible()
    assert page.get_by_text("Fontaine").count() == 0
    check_look(page)


def test_a_prefets_office_goes_round_its_departement_and_writes(page, own_server):
    enter_as(page, "prefect_office")
    page.get_by_role("link", name="Faire la tournée des conseils et leur écrire").click()
    check_look(page)
    page.get_by_label("À regarder").select_option("plenary")
    page.get_by_role("button", name="Filtrer").click()
    page.wait_for_url("**lacks=plenary**")
    assert page.locator("tbody tr").count() == 1
    page.get_by_label("Écrire au CLSPD d’Andrézieux").check()
    save(page, "Écrire aux conseils cochés")
    assert "séance plénière" in page.get_by_label("Texte").input_value()
    page.get_by_label("Objet").fill("Prochaine plénière")
    check_look(page)
    save(page, "Envoyer à 1 conseil")
    assert page.locator("h1").inner_text() == "Prochaine plénière"
    own_server.run_jobs()
    sent = [mail for mail in own_server.mails() if mail["Subject"] == "Prochaine plénière"]
    assert len(sent) >= 1
    assert "Andrézieux" in sent[0].get_content()
    page.reload()
    assert page.get_by_text("pas encore parti").count() == 0
    check_look(page)


@pytest.mark.journey("6.2", "36.1")
def test_who_chairs_opens_nominative_exchange_once_the_record_is_complete(page):
    enter_as(page, "epci_president")
    page.goto("/conseils/?kind=CISPD")
    page.get_by_role("link", name=re.compile("Monts du Lyonnais")).first.click()
    page.get_by_role("link", name="Ouvrir un groupe").click()
    page.get_by_label("Nom du groupe").fill("Suivi des jeunes des Monts")
    page.get_by_label("Thème").select_option("youth")
    save(page, "Ouvrir")
    group = page.url
    assert page.get_by_role("button", name="Ouvrir l’échange nominatif").is_disabled()
    page.get_by_role("link", name="Compléter la fiche du responsable de traitement").click()
    check_look(page)
    page.get_by_label("Fondement").fill("Délibération du 3 février 2026 et CSI L132-13")
    page.get_by_label("Délégué à la protection des données", exact=True).fill("Alix Exemple")
    page.get_by_label("Adresse électronique du délégué").fill("dpd@exemple.invalid")
    page.get_by_label("Référence au registre des traitements").fill("R-12")
    page.get_by_label("Inscrit au registre le").fill("2026-01-05")
    page.get_by_label("Analyse d’impact").fill("2026-02-03")
    page.get_by_label("hébergées par un autre organisme").select_option("no")
    save(page, "Enregistrer")
    assert page.get_by_text("Fiche complète").is_visible()
    page.goto(group)
    page.get_by_role("link", name="Ouvrir l’échange nominatif").click()
    check_look(page)
    save(page, "Ouvrir l’échange nominatif")
    assert page.get_by_text("Fondement : CSI L132-13, III").is_visible()
    check_look(page)
