"""A council meets: from an invitation to a decision carried out, in a real browser on a real server."""

import io
import re

import pypdf
import pytest
import xlsxwriter
from django_otp.oath import totp

from tests.browser import council
from tests.browser.conftest import PHONE, WIDE
from tests.browser.hands import Finger, Keyboard, Mouse

pytestmark = pytest.mark.timeout(300)

ADDRESS, PASSWORD = "nouvelle.coordination@exemple.invalid", "Trois vélos bleus sous la pluie"
MEMBERS = (
    "Nom\tPrénom\tFonction\tOrganisme\tCourriel\tLigne directe\n"
    "Exemple\tLéa\tDirectrice\tCentre social inventé\tlea.exemple@exemple.invalid\t04 00 00 00 01\n"
    "Modèle\tNoé\tPrincipal\tCollège inventé\tsans arobase\t04 00 00 00 02\n"
    "Spécimen\tIris\tCheffe de service\tBailleur inventé\tiris.specimen@exemple.invalid\t04 00 00 00 03\n"
)
OPEN_DECISIONS = [
    ("Décision", "Qui suit", "Échéance", "État"),
    ("Éclairer le passage de la gare", "Services techniques inventés", "31/03/2027", "à faire"),
    ("Ouvrir une permanence d’aide aux victimes", "Association inventée", "30/06/2027", "en cours"),
]
DECIDED = "Installer une médiation aux abords du collège de 16 h à 18 h."


def link_in(mails, address, path):
    """The link under `path` in the last mail to `address`."""
    mail = [mail for mail in mails if address in mail["To"]][-1]
    return re.search(rf"http://\S*{path}\S+", mail.get_body(("plain",)).get_content())[0]


def invite(page):
    council.enter(Mouse(page), "mayor")
    page.get_by_role("link", name="Personnes").click()
    page.get_by_role("link", name="Inviter une personne").click()
    page.get_by_label("Adresse électronique").fill(ADDRESS)
    page.get_by_label("Prénom").fill("Sol")
    page.get_by_label("Nom", exact=True).or_(page.locator("#id_family_name")).first.fill("Inventaire")
    page.get_by_label("Rôle").last.select_option("coordinator")
    page.get_by_label("Périmètre").select_option(label="CLSPD de Saint-Chamond (conseil)")
    page.get_by_role("button", name="Accorder et inviter").click()
    page.get_by_text("Un message est parti").wait_for()


def open_account(page, link):
    """Name and password, then the second factor from the key shown; the recovery codes."""
    page.goto(link)
    assert page.get_by_label("Prénom").input_value() == "Sol"
    page.get_by_label("Nouveau mot de passe").fill(PASSWORD)
    page.get_by_label("Le même, une seconde fois").fill(PASSWORD)
    page.get_by_role("button", name="Ouvrir mon compte").click()
    page.get_by_role("heading", name="Installer le second facteur").wait_for()
    page.get_by_label("Code à six chiffres").fill(one_time_code(page.locator("#cle").inner_text()))
    page.get_by_role("button", name="Confirmer").click()
    page.get_by_role("heading", name="Vos codes de secours").wait_for()
    codes = page.locator("#codes li").all_inner_texts()
    assert len(set(codes)) == len(codes) >= 8
    page.get_by_role("link", name="Je les ai notés").click()
    page.wait_for_url("**/ma-journee/")
    assert "Coordonnateur" in page.locator("main").inner_text()
    return codes


def one_time_code(secret):
    """What the telephone's application computes from the key written on screen (RFC 6238, base 32)."""
    import base64

    key = base64.b32decode(re.sub(r"\s", "", secret).upper())
    return f"{totp(key, t0=0, step=30):06}"


def import_members(page):
    """Pasted; the column that nothing tells is matched by hand; the row that cannot come in is explained and left."""
    page.get_by_role("link", name="Importer des membres").click()
    page.get_by_label("Coller le tableau").fill(MEMBERS)
    page.get_by_role("button", name="Lire le tableau").click()
    page.get_by_role("heading", name="Faire correspondre les colonnes").wait_for()
    assert page.get_by_label("Courriel").input_value() == "email"
    page.get_by_label("Ligne directe").select_option("phone")
    page.get_by_role("button", name="Vérifier les lignes").click()
    page.get_by_role("heading", name="Vérifier les lignes").wait_for()
    assert page.get_by_text("Ce n’est pas une adresse électronique").is_visible()
    page.get_by_role("button", name="Importer les 2 lignes correctes, laisser les autres").click()
    page.get_by_role("heading", name="Tableau importé").wait_for()
    assert page.get_by_text("1 ligne laissée de côté").is_visible()
    page.get_by_role("link", name="Continuer").click()
    page.get_by_role("heading", level=1, name="Membres").wait_for()
    page.goto(page.url + "?q=specimen")
    assert "sans arobase" not in page.content()


def import_decisions(page):
    """Sent as an XLSX file."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate(OPEN_DECISIONS):
            sheet.write_row(place, 0, row)
    council.open_council(Mouse(page))
    page.get_by_role("link", name="Importer des décisions").click()
    page.get_by_label("ou envoyer un fichier").set_input_files(
        {"name": "décisions.xlsx", "mimeType": "application/octet-stream", "buffer": content.getvalue()}
    )
    page.get_by_role("button", name="Lire le tableau").click()
    page.get_by_role("button", name="Vérifier les lignes").click()
    page.get_by_role("button", name="Importer les 2 lignes").click()
    page.get_by_role("heading", name="Tableau importé").wait_for()
    page.get_by_role("link", name="Continuer").click()
    page.get_by_role("heading", level=1, name="CLSPD de Saint-Chamond").wait_for()


def check_mails(mails, title, reached):
    """One mail for each member, with the calendar entry and the paper; and none in double."""
    convocations = [mail for mail in mails if title in mail.get_body(("plain",)).get_content()]
    assert len(convocations) == reached
    assert len({mail["To"] for mail in convocations}) == reached
    for mail in convocations:
        kinds = sorted(part.get_content_type() for part in mail.iter_attachments())
        assert kinds == ["application/pdf", "text/calendar"]
    return convocations


def test_a_coordinator_carries_a_council_from_invitation_to_a_decision_done(own_server, pages):
    title = "Plénière de la rentrée"
    mayor = pages()
    invite(mayor)
    own_server.run_jobs()
    page = pages()
    hand = Mouse(page)
    codes = open_account(page, link_in(own_server.mails(), ADDRESS, "/compte/invitation/"))

    council.open_council(hand)
    import_members(page)
    import_decisions(page)

    meeting = council.prepare(hand, title)
    reached = council.preview(hand)
    other_tab = page.context.new_page()
    other_tab.goto(page.url)
    council.send_button(page).click()
    page.get_by_text("La réunion est convoquée").wait_for()
    council.send_button(other_tab).click()
    other_tab.get_by_text("Rien n’a été envoyé une seconde fois").wait_for()
    other_tab.close()
    own_server.run_jobs()
    check_mails(own_server.mails(), title, reached)

    member = pages(PHONE, has_touch=True)
    member.goto(link_in(own_server.mails(), "lea.exemple@exemple.invalid", "/reponse/"))
    member.get_by_role("button", name="Je viendrai").tap()
    member.get_by_role("heading", name="Votre réponse : je viendrai").wait_for()

    council.the_day_comes(own_server, title)
    attendance_on_a_phone(pages(PHONE, has_touch=True), meeting, codes[0])

    text = "La séance est ouverte à 14 h 30. Le conseil partage ses constats."
    address = write_and_close(hand, meeting, text)
    council.decide(hand, "Abords du collège", DECIDED)
    read = council.read_again(hand)
    assert page.get_by_role("button", name="Approuver ce compte rendu").is_disabled()

    council.approve(Mouse(mayor), title)
    page.watch.expected.add("status of 403")
    page.goto(address)
    assert "son texte ne change plus" in page.locator("main").inner_text()
    page.goto(read)
    assert page.get_by_text(text).is_visible()
    check_pdf(page, read, text)

    council.carry_out(hand, meeting, DECIDED, "Médiation en place depuis lundi.")


def attendance_on_a_phone(page, meeting, recovery_code):
    """Signed in with a recovery code: the telephone is new, and so is its browser."""
    hand = Finger(page)
    page.goto("/compte/entrer/")
    page.locator("#id_username").fill(ADDRESS)
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("region", name="Entrer avec mon compte").get_by_role("button", name="Entrer").tap()
    page.get_by_role("link", name="Je n’ai pas mon téléphone").tap()
    page.get_by_label("Code de secours").fill(recovery_code)
    page.get_by_role("button", name="Continuer").tap()
    page.wait_for_url("**/ma-journee/")
    council.mark_attendance(hand, meeting, places=4)
    page.goto(meeting)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def write_and_close(hand, meeting, text):
    """Type, and close the tab without saving: opened again, the text is there. The editor's address."""
    address = council.open_minutes(hand, meeting)
    tab = hand.page.context.new_page()
    tab.goto(address)
    tab.get_by_label("Ouverture de la séance").press_sequentially(text)
    tab.close()
    hand.page.goto(address)
    opening = hand.page.get_by_label("Ouverture de la séance")
    assert opening.input_value() == text
    hand.page.get_by_role("textbox", name="Bilan du semestre").press_sequentially(
        "Les chiffres publics sont présentés."
    )
    council.saved(hand.page)
    return address


def check_pdf(page, read, text):
    """The minutes as a paper that a screen reader can read."""
    answer = page.request.get(read + "compte-rendu.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    paper = pypdf.PdfReader(io.BytesIO(answer.body()))
    assert paper.root_object["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in paper.root_object
    assert paper.root_object["/Lang"].startswith("fr")
    words = " ".join(" ".join(sheet.extract_text() for sheet in paper.pages).split())
    assert "Le conseil partage ses constats" in words
    assert DECIDED[:40] in words


@pytest.mark.parametrize(
    "kind, viewport", [(Keyboard, WIDE), (Finger, PHONE)], ids=["by keyboard alone", "by touch at 320 px"]
)
def test_a_council_meets(own_server, pages, kind, viewport):
    title = "Plénière de printemps"
    page = pages(viewport, has_touch=kind is Finger)
    hand = kind(page)
    council.enter(hand, "coordinator")
    council.open_council(hand)
    meeting = council.prepare(hand, title)
    council.convene(hand)
    council.the_day_comes(own_server, title)
    council.mark_attendance(hand, meeting, places=2)
    council.open_minutes(hand, meeting)
    hand.write(page.get_by_label("Ouverture de la séance"), "La séance est ouverte.")
    council.saved(page)
    council.decide(hand, "Abords du collège", DECIDED)
    council.read_again(hand)
    presiding = kind(pages(viewport, has_touch=kind is Finger))
    council.enter(presiding, "mayor")
    council.approve(presiding, title)
    council.carry_out(hand, meeting, DECIDED, "Fait.")
