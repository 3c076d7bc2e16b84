"""A delegation given, used, closed by the end of the mandate that it came from, in a real browser."""

import datetime
import io
import re

import psycopg
import pypdf
import pytest
from django_otp.oath import totp

from tests import database
from tests.browser import council
from tests.browser.conftest import PHONE, enter_as
from tests.browser.hands import Finger, Mouse
from tests.browser.looks import check_look

pytestmark = pytest.mark.timeout(300)

ADDRESS, PASSWORD = "alix.deleguee@exemple.invalid", "Trois vélos bleus sous la pluie"
TITLE = "Arrêté portant délégation de fonctions à Alix Déléguée"


def prepare(page):
    """The coordinator, from the council's page: the form, the paper, the signature asked."""
    hand = Mouse(page)
    council.enter(hand, "coordinator")
    council.open_council(hand)
    page.get_by_role("link", name="Préparer un autre acte").click()
    page.get_by_role("link", name="Délégation à un élu").click()
    page.get_by_label("Prénom").fill("Alix")
    page.locator("#id_family_name").fill("Déléguée")
    page.get_by_label("Adresse électronique").fill(ADDRESS)
    page.get_by_label("Qualité").select_option("Adjointe au maire")
    page.get_by_label(re.compile("^Présider le conseil et")).check(force=True)
    check_look(page)
    page.get_by_role("button", name="Préparer le document").click()
    page.get_by_role("heading", level=1, name=TITLE).wait_for()
    paper = page.request.get(page.url + "acte.pdf")
    words = " ".join(sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(paper.body())).pages)
    assert "Alix Déléguée" in words
    assert "projet" in words
    assert page.get_by_text("Cet acte ne se signe pas").count() == 0
    page.get_by_role("button", name="Transmettre à la signature").click()
    page.get_by_text("L’acte est transmis").wait_for()
    return page.url


def sign(page):
    """The mayor, on a phone, from their day: what the paper says, then its copy."""
    council.enter(Finger(page), "mayor")
    page.get_by_role("link", name=TITLE).tap()
    page.get_by_label("Signataire").fill("Dominique Modèle")
    page.get_by_label("Référence de l’acte").fill("2026-117")
    page.get_by_label("Signé le").fill(datetime.date.today().isoformat())
    check_look(page)
    page.get_by_role("button", name="Déclarer la signature").tap()
    page.get_by_text("la délégation est ouverte").wait_for()
    page.get_by_role("link", name="Déposer l’exemplaire signé").tap()
    page.get_by_label("Exemplaire signé").set_input_files(
        {"name": "arrete-signe.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n% signed on paper\n"}
    )
    page.get_by_role("button", name="Déposer").tap()
    page.get_by_text("L’exemplaire signé est déposé").wait_for()
    check_look(page)


def open_account(page, link):
    page.goto(link)
    page.get_by_label("Nouveau mot de passe").fill(PASSWORD)
    page.get_by_label("Le même, une seconde fois").fill(PASSWORD)
    page.get_by_role("button", name="Ouvrir mon compte").tap()
    page.get_by_role("heading", name="Installer le second facteur").wait_for()
    page.get_by_label("Code à six chiffres").fill(code_from(page.locator("#cle").inner_text()))
    page.get_by_role("button", name="Confirmer").tap()
    page.get_by_role("link", name="Je les ai notés").tap()
    page.wait_for_url("**/ma-journee/")


def code_from(secret):
    """What the telephone's application computes from the key written on screen (RFC 6238, base 32)."""
    import base64

    return f"{totp(base64.b32decode(re.sub(chr(92) + 's', '', secret).upper()), t0=0, step=30):06}"


def value(server, query, *values):
    with psycopg.connect(database.url("owner", server.database)) as connection:
        return connection.execute(query, values).fetchone()[0]


def test_a_delegation_is_given_used_and_closed_by_the_end_of_the_mandate(own_server, pages):
    coordinator = pages()
    act = prepare(coordinator)
    sign(pages(PHONE, has_touch=True))

    own_server.run_jobs()
    mail = [mail for mail in own_server.mails() if ADDRESS in mail["To"]][-1]
    link = re.search(r"http://\S*/compte/invitation/\S+", mail.get_body(("plain",)).get_content())[0]
    delegate = pages(PHONE, has_touch=True)
    open_account(delegate, link)
    hand = Finger(delegate)
    council.open_council(hand)
    assert delegate.get_by_role("link", name="Préparer une réunion").is_visible()
    council.prepare(hand, "Réunion préparée par délégation")
    assert value(own_server, "SELECT count(*) FROM governance_meeting WHERE title = 'Réunion préparée par délégation'")
    # What was not delegated is not there: the other act awaits the mayor, not her.
    delegate.goto("/ma-journee/")
    assert delegate.get_by_role("heading", name="Actes à signer").count() == 0
    delegate.goto(act)
    assert "En vigueur" in delegate.locator("main").inner_text()
    assert delegate.get_by_role("link", name="Rapporter la délégation").count() == 0

    administrator = pages()
    enter_as(administrator, "administrator")
    mandate = value(
        own_server,
        "SELECT m.id FROM accounts_mandate m JOIN accounts_person p ON p.id = m.person_id"
        " WHERE m.role = 'mayor' AND p.email = 'mayor@demonstration.invalid'",
    )
    administrator.goto(f"/compte/mandats/{mandate}/fin/")
    assert "Alix Déléguée" in administrator.locator("main").inner_text()
    administrator.get_by_label(re.compile("maintenant", re.IGNORECASE)).check(force=True)
    administrator.get_by_role("button", name="Mettre fin au mandat").click()
    administrator.get_by_text("Le mandat est retiré").wait_for()

    delegate.goto("/conseils/")
    assert delegate.get_by_role("link", name="CLSPD de Saint-Chamond").count() == 0
    coordinator.goto(act)
    assert "Terminé" in coordinator.locator("main").inner_text()
    assert "arrete-signe.pdf" in coordinator.locator("main").inner_text()


@pytest.mark.parametrize("role", ["mayor", "coordinator", "prefect_office"])
def test_lists_forms_and_acts_fit_and_are_accessible(page, role):
    enter_as(page, role)
    check_look(page)
    page.goto("/conseils/actes/")
    check_look(page)
    page.locator("table th a").first.click()
    page.get_by_role("heading", level=1).wait_for()
    check_look(page)
    if role != "prefect_office":
        page.goto("/conseils/actes/preparer/")
        check_look(page)
        page.get_by_role("link", name="Délégation à un élu").click()
        check_look(page)
