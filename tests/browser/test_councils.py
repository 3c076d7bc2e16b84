"""A council's screens in a real browser: they fit, they are accessible, and a spreadsheet becomes members."""

import re

from tests.browser.conftest import enter_as
from tests.browser.looks import check_look

TABLE = (
    "Nom\tPrénom\tFonction\tStructure\tCourriel\tQualité\n"
    "EXEMPLE\tAnne\tDirectrice de l’accueil\tMission locale d’Ici\tanne.WIDTH@exemple.invalid\tMembre de droit\n"
    "L'INVENTÉ\tBruno\tDélégué\tBailleur d’Ici\tbruno.WIDTH@exemple.invalid\t\n"
    "SANS-ADRESSE\tChloé\t\t\t\t\n"
)


def test_a_spreadsheet_becomes_members(page):
    width = str(page.viewport_size["width"])  # both sizes share the demonstration: each brings its own people
    enter_as(page, "coordinator")
    page.goto("/conseils/")
    check_look(page)
    page.locator("table th a").first.click()
    page.wait_for_url(re.compile(r"/conseils/\d+/$"))
    council = page.url
    page.get_by_text("Réponses au").wait_for()  # the law comes by itself
    check_look(page)
    page.goto(f"{council}importer/membres/")
    check_look(page)
    page.get_by_label("Coller le tableau").fill(TABLE.replace("WIDTH", width))
    page.get_by_role("button", name="Lire le tableau").click()
    page.get_by_role("heading", name="Faire correspondre les colonnes", level=1).wait_for()
    check_look(page)
    page.get_by_role("button", name="Vérifier les lignes").click()
    page.get_by_role("heading", name="Vérifier les lignes").wait_for()
    check_look(page)
    page.get_by_role("button", name=re.compile("Importer")).click()
    page.get_by_role("heading", name="Tableau importé").wait_for()
    check_look(page)
    page.get_by_role("link", name="Continuer").click()
    page.get_by_role("heading", level=1, name="Membres").wait_for()
    assert page.locator(f"a[href='mailto:anne.{width}@exemple.invalid']:visible").count() == 1
    check_look(page)


def test_members_documents_and_the_composition_act_fit_and_are_accessible(page):
    enter_as(page, "coordinator")
    page.goto("/conseils/")
    page.locator("table th a").first.click()
    page.wait_for_url(re.compile(r"/conseils/\d+/$"))
    council = page.url
    for address in ("membres/ajouter/", "documents/deposer/", "obligations/", "modifier/"):
        page.goto(council + address)
        check_look(page)
    page.goto(council + "membres/")
    page.get_by_role("link", name=re.compile("^Départ")).first.click()
    check_look(page)
    page.goto(council)
    page.get_by_role("button", name="Préparer la composition à partir des membres").click()
    page.get_by_role("heading", level=1, name="Arrêté fixant la composition").wait_for()
    check_look(page)


def test_a_prefet_s_office_and_a_mayor_see_their_screens(page):
    enter_as(page, "prefect_office")
    page.goto("/conseils/")
    check_look(page)
    page.goto("/conseils/creer/")
    page.watch.expected.add("403")
    check_look(page)
