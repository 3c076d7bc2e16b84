"""From a report of the justice to a service that answers: a referent, a duty of training, an orientation to its end."""

import datetime as dt
import io
import re

import pypdf
import pytest

from tests.browser.conftest import PHONE, WIDE, enter_as
from tests.browser.hands import Finger, Keyboard, Mouse
from tests.browser.looks import check_look

pytestmark = pytest.mark.timeout(300)

SERVICE = "Conseiller référent justice"
HANDS = {"mouse": (Mouse, {}), "finger": (Finger, {"viewport": PHONE, "has_touch": True}), "keyboard": (Keyboard, {})}


def choose_first_with(hand, field, text):
    hand.choose(field, field.locator("option", has_text=text).first.get_attribute("value"))


def reported_by_the_justice(hand):
    """The coordination opens the file of a minor who leaves an educative centre; its number."""
    page, today = hand.page, dt.date.today()
    page.goto("/suivis/ouvrir/")
    choose_first_with(hand, page.get_by_label("Groupe"), "Suivi des jeunes exposés")
    hand.pick(page.get_by_label("Prévention de la récidive (prévention tertiaire)"))
    hand.press(page.get_by_role("button", name="Continuer"))
    hand.pick(page.get_by_label("Protection judiciaire de la jeunesse"))
    hand.write(page.locator("#id_given_name"), "Isidore")
    hand.write(page.locator("#id_family_name"), "Ébauche-Inventé")
    hand.moment(page.get_by_label("Date de naissance"), dt.date(today.year - 17, 1, 2).isoformat())
    hand.choose(page.get_by_label("Sexe"), "m")
    hand.choose(page.get_by_label("Situation observée 1"), "placement_ended")
    hand.moment(page.get_by_label("Observée le (situation 1)"), today.isoformat())
    hand.press(page.get_by_role("button", name="Ouvrir le dossier"))
    page.get_by_text(re.compile("est ouvert. Proposez maintenant son référent")).wait_for()
    # The natural referent of a minor is said, and is a proposal.
    page.get_by_text("est le référent naturel d’un mineur en prévention de la récidive").first.wait_for()
    check_look(page)
    choose_first_with(hand, page.get_by_label("Membre du groupe").first, "Noa Témoin")
    hand.press(page.get_by_role("button", name="Proposer", exact=True))
    page.get_by_text("la personne accepte ou décline").wait_for()
    return re.search(r"[0-9]{4}-[0-9]{3}", page.locator("h1").inner_text()).group()


@pytest.mark.parametrize("how", HANDS)
def test_a_young_person_who_leaves_a_centre_is_turned_to_a_service_that_answers(pages, how):
    desk = Mouse(pages(WIDE))
    enter_as(desk.page, "coordinator")
    number = reported_by_the_justice(desk)

    kind, options = HANDS[how]
    hand = kind(pages(**options))
    page = hand.page
    enter_as(page, "referent")
    hand.press(
        page.get_by_role("region", name="Suivis qu’on vous propose").get_by_role("link", name=re.compile(number))
    )
    hand.press(page.get_by_role("button", name="Accepter"))
    page.get_by_role("heading", name="Isidore Ébauche-Inventé").wait_for()
    # From 16 to 18 one is trained: a goal, and the step that the duty is.
    hand.press(page.get_by_role("link", name="Plan", exact=True))
    hand.press(page.get_by_role("link", name="Fixer le premier objectif"))
    hand.choose(page.get_by_label("Thème"), "training")
    hand.write(page.get_by_label("Ce que l’on vise"), "Choisir une formation et s’y inscrire")
    hand.press(page.get_by_role("button", name="Enregistrer"))
    hand.press(page.get_by_role("link", name="Ajouter une étape"))
    hand.choose(page.get_by_label("Nature"), "training_duty")
    hand.moment(page.get_by_label("Pour le"), (dt.date.today() + dt.timedelta(days=30)).isoformat())
    hand.press(page.get_by_role("button", name="Enregistrer"))
    page.get_by_text("Obligation de formation de 16 à 18 ans").wait_for()
    # The service: found, told what was ticked and nothing else, after a signature.
    hand.press(page.get_by_role("link", name="Orientations", exact=True))
    hand.press(page.get_by_role("link", name="Préparer une orientation"))
    hand.write(page.get_by_label("Chercher un service"), "referent justice")
    hand.press(page.locator("#contenu").get_by_role("button", name="Chercher", exact=True))
    page.get_by_text(SERVICE).first.wait_for()
    check_look(page)
    hand.press(page.get_by_role("button", name=f"Choisir {SERVICE}"))
    page.get_by_role("heading", name=SERVICE).wait_for()
    check_look(page)
    page.watch.expected.add("422")
    hand.press(page.get_by_role("button", name="Relire avec la personne"))  # nothing ticked: it is said
    page.locator(".fr-alert--error").first.wait_for()
    for label in ("Prénom et nom", "Objectif, formation"):
        box = page.get_by_label(re.compile(f"^{label}"))
        if isinstance(hand, Keyboard):
            hand.tab_to(box)
            page.keyboard.press("Space")
        else:
            box.check(force=True)
    hand.press(page.get_by_role("button", name="Relire avec la personne"))
    page.get_by_role("heading", name="Ce qui sera transmis").wait_for()
    check_look(page)
    told = page.locator(".pv-typed").inner_text()
    assert "Isidore Ébauche-Inventé" in told
    assert "centre éducatif" not in told
    assert "naissance" not in told
    with page.expect_download() as paper:
        hand.press(page.get_by_role("button", name="Imprimer pour signature (PDF)"))
    assert number in paper.value.suggested_filename
    assert "Ébauche" not in paper.value.suggested_filename
    text = " ".join(one.extract_text() for one in pypdf.PdfReader(io.BytesIO(paper.value.path().read_bytes())).pages)
    assert "Vous pouvez refuser" in text
    hand.pick(page.get_by_label("La personne", exact=True))
    hand.moment(page.get_by_label("Signé le"), dt.date.today().isoformat())
    hand.press(page.get_by_role("button", name="Noter l’accord et transmettre"))
    page.get_by_text("L’orientation est notée").wait_for()
    check_look(page)
    hand.press(page.get_by_role("link", name="Noter la réponse"))
    hand.pick(page.get_by_label("Accueil proposé", exact=True))
    hand.press(page.get_by_role("button", name="Enregistrer"))
    page.get_by_text("La réponse est notée").wait_for()
    hand.press(page.get_by_role("link", name="Noter le résultat"))
    hand.pick(page.get_by_label("Accompagnement engagé", exact=True))
    hand.press(page.get_by_role("button", name="Enregistrer"))
    page.get_by_text("Le résultat est noté").wait_for()
    page.get_by_text("Accompagnement engagé").wait_for()
    check_look(page)
