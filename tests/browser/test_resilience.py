"""What goes wrong between a person and the server: each time one French sentence, and nothing typed is lost."""

import contextlib
import re

import psycopg
import pytest
from psycopg import sql

from prevenance.config import postgres
from tests.browser import council
from tests.browser.conftest import WIDE, enter_as, new_page
from tests.browser.hands import Mouse

pytestmark = pytest.mark.timeout(300)

TYPED = "Réunion sur la tranquillité de la gare"
SAID = "Le conseil partage ses constats sur la gare routière."


@contextlib.contextmanager
def database_stopped(server):
    """Nobody can reach the server's database, and those who were connected are cut."""
    name = sql.Identifier(server.database)
    with (
        psycopg.connect(postgres.url("owner"), autocommit=True) as owner,
        psycopg.connect(postgres.url("application"), autocommit=True) as application,  # may cut its own connections
    ):
        owner.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(name))
        application.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [server.database]
        )
        try:
            yield
        finally:
            owner.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(name))


def count(server, query, *values):
    with psycopg.connect(postgres.url("owner").rsplit("/", 1)[0] + "/" + server.database) as owner:
        return owner.execute(query, values).fetchone()[0]


@pytest.fixture
def page(chromium, own_server):
    page = new_page(chromium, own_server, WIDE)
    enter_as(page, "coordinator")
    yield page
    page.context.close()
    assert page.watch.real_problems() == []


def add_point(page):
    """The form that adds a point to the agenda of a meeting in preparation, filled in."""
    page.goto("/conseils/reunions/?etat=draft")
    page.locator("tbody th a").first.click()
    page.get_by_role("link", name="Écrire l’ordre du jour").first.click()
    page.get_by_label("Intitulé du point").fill(TYPED)
    return page.get_by_role("button", name="Ajouter le point")


def points(server):
    return count(server, "SELECT count(*) FROM governance_agendaitem WHERE title = %s", TYPED)


def minutes_being_written(page):
    """The editor of minutes of a meeting that was held."""
    page.goto("/conseils/reunions/?etat=held")
    page.locator("tbody th a").first.click()
    page.get_by_role("link", name=re.compile("^(Écrire|Écrire le compte rendu|Continuer)")).or_(
        page.get_by_role("button", name="Ouvrir le compte rendu")
    ).first.click()
    page.get_by_role("heading", level=1, name="Écrire le compte rendu").wait_for()
    return page.get_by_label("Ouverture de la séance")


def test_the_database_stopped_while_a_form_is_sent_loses_nothing(page, own_server):
    page.watch.expected.add("status of 503")
    button = add_point(page)
    with database_stopped(own_server):
        button.click()
        page.get_by_role("heading", name="La base de données ne répond pas").wait_for()
        assert page.get_by_text(TYPED).is_visible()
        page.get_by_role("button", name="Renvoyer").click()
        page.get_by_role("heading", name="La base de données ne répond pas").wait_for()
        assert page.get_by_text(TYPED).is_visible()
    assert points(own_server) == 0
    page.get_by_role("button", name="Renvoyer").click()
    page.locator(".pv-agenda__title", has_text=TYPED).wait_for()
    assert points(own_server) == 1


def test_minutes_typed_while_the_database_is_away_are_saved_once_it_is_back(page, own_server):
    page.watch.expected.add("status of 503")
    opening = minutes_being_written(page)
    with database_stopped(own_server):
        opening.fill(SAID)
        page.locator("#etat-general", has_text="gardé sur cet appareil").wait_for()
        with page.expect_response(lambda answer: answer.status == 503):
            pass
    council.saved(page)
    assert count(own_server, "SELECT count(*) FROM governance_minutes WHERE opening = %s", SAID) == 1


def test_minutes_typed_without_a_network_are_saved_once_it_is_back(page, own_server):
    page.watch.expected.add("ERR_INTERNET_DISCONNECTED")
    opening = minutes_being_written(page)
    page.context.set_offline(True)
    opening.fill(SAID)
    page.locator("#etat-general", has_text="gardé sur cet appareil").wait_for()
    page.wait_for_timeout(1500)
    page.context.set_offline(False)
    council.saved(page)
    assert count(own_server, "SELECT count(*) FROM governance_minutes WHERE opening = %s", SAID) == 1


def test_a_tab_signed_out_elsewhere_gives_back_what_was_typed(page, own_server):
    page.watch.expected |= {"status of 401", "status of 403"}
    button = add_point(page)
    other = page.context.new_page()
    other.goto("/ma-journee/")
    other.locator(".pv-drop--person summary").click()
    other.get_by_role("button", name="Se déconnecter").click()
    other.wait_for_load_state()
    button.click()
    page.get_by_role("heading", name="Vous êtes déconnecté").wait_for()
    assert page.get_by_text(TYPED).is_visible()
    enter_as(other, "coordinator")
    page.get_by_role("button", name="Renvoyer").click()
    renewed = page.get_by_role("heading", name="Cette page était ouverte depuis trop longtemps")
    renewed.or_(page.locator(".pv-agenda__title", has_text=TYPED)).first.wait_for()
    if renewed.is_visible():  # the key of the former session: what was typed is still there
        assert page.get_by_text(TYPED).is_visible()
        page.get_by_role("button", name="Renvoyer").click()
    page.locator(".pv-agenda__title", has_text=TYPED).wait_for()
    assert points(own_server) == 1


def test_two_tabs_writing_the_same_passage_lose_nothing(page, own_server):
    page.watch.expected.add("status of 409")
    opening = minutes_being_written(page)
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_label("Ouverture de la séance").fill("Texte du premier onglet.")
    council.saved(other)
    opening.fill("Texte du second onglet.")
    box = page.get_by_role("alert").filter(has_text="Ce passage a été modifié ailleurs")
    box.get_by_text("Texte du premier onglet.").wait_for()
    assert opening.input_value() == "Texte du second onglet."
    stored = "SELECT count(*) FROM governance_minutes WHERE opening = %s"
    assert count(own_server, stored, "Texte du premier onglet.") == 1
    opening.fill("Texte du premier onglet.\nTexte du second onglet.")
    box.get_by_role("button", name="Enregistrer mon texte à la place").click()
    council.saved(page)
    assert count(own_server, stored, "Texte du premier onglet.\nTexte du second onglet.") == 1


def upload_page(page):
    council.open_council(Mouse(page))
    page.get_by_role("link", name="Déposer un document").click()
    page.get_by_role("heading", level=1, name="Déposer un document").wait_for()
    return page.get_by_label("Fichier", exact=False).first


@pytest.mark.parametrize(
    "name, content, sentence",
    [
        ("vide.pdf", b"", "Ce fichier est vide"),
        ("programme.pdf", b"MZ\x90\x00\x03" + b"\x00" * 4096, "son contenu est abîmé ou d’un autre type"),
        ("programme.exe", b"MZ\x90\x00\x03" + b"\x00" * 4096, "Ce type de fichier n’est pas accepté"),
    ],
    ids=["empty", "a program named .pdf", "a program"],
)
def test_a_file_that_cannot_be_taken_is_said_in_a_sentence(page, own_server, name, content, sentence):
    page.watch.expected.add("status of 422")
    upload_page(page).set_input_files({"name": name, "mimeType": "application/pdf", "buffer": content})
    page.get_by_role("button", name="Déposer").click()
    page.get_by_text(sentence).first.wait_for()
    assert count(own_server, "SELECT count(*) FROM governance_upload") == 0


def test_a_file_of_200_megabytes_is_said_too_large(page, own_server, tmp_path):
    """Said before it leaves where there is a script, and by the server where there is none."""
    page.watch.expected |= {"status of 422", "status of 413"}
    heavy = tmp_path / "film.pdf"
    with open(heavy, "wb") as file:
        file.write(b"%PDF-1.7\n")
        file.truncate(200 * 1024 * 1024)
    chooser = upload_page(page)
    chooser.set_input_files(heavy)
    page.get_by_text("la limite est de 10 Mo").wait_for()
    page.evaluate("document.querySelector('form[enctype]').submit()")  # as a browser without our script would
    page.get_by_text("Ce fichier dépasse 10 Mo").first.wait_for(timeout=60_000)
    assert count(own_server, "SELECT count(*) FROM governance_upload") == 0


def test_a_double_click_on_send_does_the_act_once(page, own_server):
    add_point(page).dblclick()
    page.locator(".pv-agenda__title", has_text=TYPED).first.wait_for()
    page.reload()
    assert points(own_server) == 1
    title = "Plénière du double clic"
    council.open_council(Mouse(page))
    meeting = council.prepare(Mouse(page), title)
    reached = council.preview(Mouse(page))
    council.send_button(page).dblclick()
    page.wait_for_url(meeting)
    own_server.run_jobs()
    sent = [mail for mail in own_server.mails() if title in mail.get_body(("plain",)).get_content()]
    assert len(sent) == len({mail["To"] for mail in sent}) == reached
