"""The whole life of one plan: tools, act, amendment, text of a year ago, a quarter, its total, its print, a success."""

import datetime as dt
import io
import re

import pypdf
import pytest
import python_calamine
from playwright.sync_api import expect

from prevenance.engines.rollup import label, period_start
from tests.browser import council
from tests.browser.conftest import PHONE
from tests.browser.hands import Finger, Keyboard, Mouse
from tests.browser.looks import check_look
from tests.browser.plans import DAY, LAST_YEAR, open_plan, plans_are_over, prepare_act, sign, take_effect, write
from tests.browser.toolbox import find, take_up

pytestmark = pytest.mark.timeout(300)

KIND = "Stratégie territoriale de sécurité et de prévention de la délinquance"
PLAN = "La stratégie de toute une vie"
TOOLS = {
    "mediations nuit": "Médiation de la vie nocturne",
    "MARCHES exploratoires": "Marche exploratoire",
    "chantier educatif": "Chantiers éducatifs",
}
OWN_TITLE = "Des veilleurs devant les bars"
# Three paragraphs, each with its anchor: one is rewritten in its middle, one is dropped, one stays.
PRIORITIES = (
    "Le conseil écoute les jeunes. Il leur répond chaque mois.",
    "Un bilan paraît en mai.",
    "Les parents y ont part.",
)
AMENDED = (
    "Le conseil écoute les jeunes. Il leur répond au collège.",
    "Les parents y ont part.",
    "Un relais ouvre en ville.",
)

QUARTER = period_start(period_start(DAY, "quarter") - dt.timedelta(1), "quarter")  # the last that is over
PERIOD = label(QUARTER, "quarter")
INDICATOR = "Soirées de médiation tenues"
A_YEAR_AGO = DAY - dt.timedelta(365)

# What three other towns of the département reported, as their own screens would have had it: 90 in all.
OTHERS = f"""
import datetime as dt
from prevenance.domains.strategy.jobs import roll_up
from prevenance.domains.strategy.models import Indicator, Plan
from tests.factories import scope_of, territory
from tests.factories.strategy import PlanFactory, PlanIndicatorFactory, ValueFactory, accepted, in_force
indicator = Indicator.objects.get(label={INDICATOR!r})
for code in ("42218", "42187", "42147"):
    place = territory("commune", code)
    plan = in_force(PlanFactory(territory=place, scope=scope_of(place), parent=indicator.plan))
    PlanIndicatorFactory(plan=plan, indicator=indicator)
    accepted(ValueFactory(indicator=indicator, plan=plan, starts_on=dt.date.fromisoformat("{QUARTER}"), numerator=30))
roll_up(indicator=indicator.pk)
"""


@pytest.mark.journey("32.2", "39.2")
def test_a_plan_lives_from_three_tools_to_its_print_and_its_success(own_server, pages):
    plans_are_over(own_server, "local_strategy")
    desk, office, phone = Mouse(pages()), Mouse(pages()), Finger(pages(PHONE, has_touch=True, is_mobile=True))
    council.enter(desk, "coordinator")
    council.enter(office, "prefect_office")
    council.enter(phone, "mayor")

    plan = drafted(desk)
    in_force_since_last_year(desk, phone, plan)
    amended(desk, phone, plan)
    read_as_of_a_year_ago(phone, plan)

    an_indicator_of_the_departement(office)
    own_server.prevenance("shell", "--no-imports", "-c", OTHERS)
    follow(desk, plan)
    assert total_of_the_loire(office) == "90"
    quarter_by_keyboard(Keyboard(pages()))
    assert total_of_the_loire(office) == "90"  # until it is accepted
    accept(office)
    own_server.run_jobs()
    assert total_of_the_loire(office) == "102"
    for hand in (desk, phone):
        assert total_of_the_loire(hand) == "102"

    progress(desk, plan)
    printed(desk, own_server, plan)
    for hand in (desk, phone):
        walk(hand, plan)
    propose(desk, plan)
    secretariat = Mouse(pages())
    council.enter(secretariat, "national_secretariat")
    publish(secretariat)
    find(desk, "veilleur bars", OWN_TITLE)
    expect(desk.page.get_by_text("Les plaintes pour bruit", exact=False)).to_be_visible()


# ------------------------------------------------------------------------------------------- draft, act, amendment


def drafted(hand):
    """A plan with its words and three sheets of the toolbox, one of them in the town's own words; its address."""
    page = hand.page
    plan = open_plan(hand, KIND, PLAN, begins=LAST_YEAR)
    hand.press(page.get_by_role("link", name="Écrire : texte initial"))
    write(hand, "Axes et objectifs", "\n\n".join(PRIORITIES))
    for number, (words, title) in enumerate(TOOLS.items(), 1):
        find(hand, words, title)
        take_up(hand, PLAN)
        page.get_by_text(f"C’est la fiche n° {number} de", exact=False).wait_for()
    page.goto(plan)
    hand.press(page.get_by_role("link", name=re.compile("fiches? action")).first)
    hand.press(page.get_by_role("link", name="1. Médiation de la vie nocturne"))
    hand.press(page.get_by_role("link", name="Modifier", exact=True).first)
    hand.write(page.locator("#id_title"), OWN_TITLE)
    hand.write(page.locator("#id_objective"), "Des nuits calmes au centre.")
    check_look(page)
    hand.press(page.get_by_role("button", name="Enregistrer"))
    page.get_by_role("heading", level=1, name=OWN_TITLE).wait_for()
    page.goto(plan)
    check_look(page)
    return plan


def in_force_since_last_year(hand, mayor, plan):
    """Its paper was signed more than a year ago: what is declared today."""
    page = hand.page
    page.goto(plan)
    hand.press(page.get_by_role("link", name="Écrire : texte initial"))
    first = page.url
    sign(mayor, prepare_act(hand, LAST_YEAR), "2025-41", LAST_YEAR)
    take_effect(hand, first, plan)
    expect(page.get_by_text("En vigueur", exact=True).first).to_be_visible()


def amended(hand, mayor, plan):
    """Paragraphs of the text and of a sheet are edited where they stand; the others are left alone."""
    page = hand.page
    page.goto(plan)
    hand.press(page.get_by_role("link", name="Préparer un avenant"))
    hand.write(page.get_by_label("Objet"), "Réponses au collège")
    hand.write(page.get_by_label("Pourquoi"), "Demande du conseil de la vie collégienne")
    hand.press(page.get_by_role("button", name="Enregistrer"))
    page.get_by_role("heading", level=1, name=re.compile("Réponses au collège")).wait_for()
    amendment = page.url
    write(hand, "Axes et objectifs", "\n\n".join(AMENDED))
    write(hand, "Fiche 1, objectif", "Des nuits calmes au centre et à la gare.")
    hand.press(page.get_by_role("link", name="Comparer avant et après"))
    page.get_by_role("heading", level=1, name="Ce qui change").wait_for()
    assert "Un bilan paraît en mai." in " ".join(page.locator("del").all_inner_texts())
    assert "Un relais ouvre en ville." in " ".join(page.locator("ins").all_inner_texts())
    assert "Les parents" not in " ".join(page.locator("ins, del").all_inner_texts())
    check_look(page)
    page.goto(amendment)
    sign(mayor, prepare_act(hand), "2026-42")
    take_effect(hand, amendment, plan)


def read_as_of_a_year_ago(hand, plan):
    """On a phone: the text of today with what brought each sentence, then the text of a year ago."""
    page, main = hand.page, hand.page.locator("main")
    page.goto(plan)
    hand.press(page.get_by_role("link", name="Lire le texte"))
    page.get_by_text("Il leur répond au collège.").first.wait_for()
    assert "Un bilan paraît en mai." not in main.inner_text()
    hand.press(page.get_by_text("texte initial, avenant n°").first)
    expect(page.get_by_text("« Le conseil écoute les jeunes.")).to_be_visible()
    check_look(page)
    hand.moment(page.get_by_label("Texte en vigueur le"), A_YEAR_AGO.isoformat())
    hand.press(page.get_by_role("button", name="Lire à cette date"))
    page.wait_for_url(f"**/texte/?le={A_YEAR_AGO}")
    for words in PRIORITIES:
        assert words in main.inner_text()
    assert "au collège" not in main.inner_text()
    assert "gare" not in main.inner_text()
    check_look(page)
    link = page.get_by_role("link", name="Ce texte et les fiches de ce jour en tableur")
    book = python_calamine.load_workbook(io.BytesIO(page.request.get(link.get_attribute("href")).body()))
    rows = book.get_sheet_by_name("Texte du plan").to_python()
    assert [row[2] for row in rows[1:]] == list(PRIORITIES)


# ---------------------------------------------------------------------------------------------------- figures


def an_indicator_of_the_departement(hand):
    """The préfecture's plan defines what the towns under it will count."""
    page = hand.page
    hand.menu("Plans")
    hand.press(page.get_by_role("link", name=re.compile("^Plan départemental")).first)
    hand.press(page.get_by_role("link", name=re.compile("indicateurs?$")).last)
    hand.press(page.get_by_role("link", name="En définir un"))
    hand.write(page.locator("#id_label"), INDICATOR)
    hand.write(page.locator("#id_unit"), "soirées")
    hand.write(page.locator("#id_source"), "Carnets des médiateurs (inventés)")
    for field, value in {
        "nature": "flow", "period": "quarter", "level": "local", "time_rule": "sum", "territory_rule": "sum",
        "direction": "up",
    }.items():  # fmt: skip
        hand.choose(page.locator(f"#id_{field}"), value)
    hand.moment(page.locator("#id_begins"), QUARTER.isoformat())
    hand.press(page.get_by_role("button", name="Enregistrer"))
    page.get_by_text("L’indicateur est défini").wait_for()
    check_look(page)


def follow(hand, plan):
    """The town's plan takes it up, with its aim."""
    page = hand.page
    page.goto(plan)
    hand.press(page.get_by_role("link", name=re.compile("indicateurs?$")).last)
    hand.press(page.get_by_role("link", name="Suivre un indicateur").first)
    choice = page.locator("#id_indicator")
    hand.choose(choice, choice.locator("option", has_text=INDICATOR).get_attribute("value"))
    hand.write(page.get_by_label("Cible"), "40")
    hand.moment(page.get_by_label("Pour le"), (DAY + dt.timedelta(300)).isoformat())
    hand.press(page.get_by_role("button", name="Suivre", exact=True))
    page.get_by_text("Ce plan suit l’indicateur").wait_for()
    check_look(page)


def quarter_by_keyboard(hand):
    """From the sign-in to the period sent, nothing but keys."""
    page = hand.page
    council.enter(hand, "coordinator")
    hand.menu("Plans")
    hand.press(page.get_by_role("link", name=PLAN, exact=True))
    hand.press(page.get_by_role("link", name=re.compile("indicateurs?$")).last)
    hand.press(page.get_by_role("link", name=re.compile(f"^Saisir : {INDICATOR}, {PERIOD}")))
    page.get_by_role("heading", level=1, name=PERIOD).wait_for()
    check_look(page)
    hand.write(page.get_by_label(f"Valeur – {INDICATOR}"), "12")
    page.keyboard.press("Enter")  # past the last row, to the button that saves
    expect(page.get_by_role("button", name="Enregistrer", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_text("1 valeur enregistrée").wait_for()
    hand.press(page.get_by_role("button", name="Enregistrer et transmettre la période"))
    page.get_by_text("1 valeur transmise").wait_for()
    check_look(page)


def all_indicators(hand):
    hand.menu("Mesures")
    hand.press(hand.page.get_by_role("link", name="Indicateurs", exact=True))
    hand.page.get_by_role("heading", level=1, name="Indicateurs", exact=True).wait_for()


def accept(hand):
    """The level that accepts: the préfecture."""
    page = hand.page
    all_indicators(hand)
    hand.press(page.get_by_role("link", name="Valeurs à accepter"))
    page.get_by_role("heading", level=1, name="Valeurs à accepter").wait_for()
    check_look(page)
    hand.press(page.get_by_role("link", name=PLAN))
    page.get_by_role("heading", level=1, name=PLAN).wait_for()
    check_look(page)
    hand.press(page.get_by_role("button", name="Accepter les valeurs cochées"))
    page.get_by_text(re.compile("acceptée")).first.wait_for()


def total_of_the_loire(hand):
    """The département's figure for the quarter, on the page of totals."""
    page = hand.page
    all_indicators(hand)
    hand.press(page.get_by_role("link", name=INDICATOR, exact=True).first)
    hand.press(page.get_by_role("link", name="Totaux par territoire"))
    hand.choose(page.get_by_label("Niveau"), "departement")
    hand.choose(page.get_by_label("Période", exact=True), QUARTER.isoformat())
    hand.press(page.get_by_role("button", name="Afficher"))
    page.wait_for_url("**/totaux/?*niveau=departement*")
    check_look(page)
    return page.get_by_role("row", name=re.compile("^Loire 42")).get_by_role("cell").first.inner_text()


# ------------------------------------------------------------------------------------------- progress, print, success


def progress(hand, plan):
    """The first action ends, its first step done."""
    page = hand.page
    page.goto(f"{plan}fiches/1/")
    hand.press(page.get_by_role("button", name="C’est fait").first)
    page.get_by_text("faite le").first.wait_for()
    hand.press(page.get_by_role("button", name="En cours", exact=True))
    page.get_by_text("« En cours »").wait_for()
    hand.press(page.get_by_role("button", name="Terminée", exact=True))
    page.get_by_text("« Terminée »").wait_for()
    check_look(page)


def printed(hand, server, plan):
    """The whole plan of today as one tagged PDF."""
    page = hand.page
    page.goto(plan)
    hand.press(page.get_by_role("link", name="Tout le plan en PDF"))
    hand.press(page.get_by_role("button", name="Préparer ce document"))
    page.get_by_text("en attente de son tour").wait_for()
    server.run_jobs()
    link = page.get_by_role("link", name="Télécharger")  # the page asks again by itself
    link.wait_for()
    check_look(page)
    reader = pypdf.PdfReader(io.BytesIO(page.request.get(link.get_attribute("href")).body()))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/StructTreeRoot"]["/K"]
    assert root["/Lang"] == "fr"
    words = " ".join(" ".join(sheet.extract_text() for sheet in reader.pages).split())
    for said in (
        PLAN, *AMENDED, "2025-41", "2026-42", f"Fiche 1. {OWN_TITLE}", "Fiche 2. Marche exploratoire",
        "Fiche 3. Chantiers éducatifs", "Des nuits calmes au centre et à la gare.", "Terminée", INDICATOR,
        "cible 40",
    ):  # fmt: skip
        assert said in words, said
    assert re.search(r"\d\d/\d\d/\d{4}", words), "no step is said to be done"
    assert "Un bilan paraît en mai." not in words


def propose(hand, plan):
    page = hand.page
    page.goto(f"{plan}fiches/1/")
    hand.press(page.get_by_role("link", name="Proposer comme réussite"))
    hand.write(page.get_by_label("Ce qui a marché"), "Deux tournées par soirée, toujours les mêmes veilleurs.")
    hand.write(page.get_by_label("À quelles conditions"), "Un local prêté au centre et un accord des gérants.")
    hand.write(page.get_by_label("Ce qui le montre"), "Les plaintes pour bruit relevées par la commune ont baissé.")
    check_look(page)
    hand.press(page.get_by_role("button", name="Proposer cette réussite"))
    page.get_by_text("le secrétariat général va répondre").wait_for()


def publish(hand):
    page = hand.page
    page.goto("/outils/reussites/?etat=proposed")
    hand.press(page.get_by_role("link", name=OWN_TITLE))
    hand.press(page.get_by_role("link", name="Publier dans la boîte à outils"))
    check_look(page)
    hand.press(page.get_by_role("button", name="Publier dans la boîte à outils"))
    page.get_by_text("La réussite est publiée").wait_for()


def walk(hand, plan):
    """The pages that one reads, in the width of this hand's screen."""
    page = hand.page
    for part in (
        "", "texte/", f"texte/?le={A_YEAR_AGO}", "avenants/0/", "avenants/1/", "avenants/1/comparer/", "fiches/",
        "fiches/1/", "fiches/2/", "indicateurs/", f"indicateurs/saisie/quarter/{QUARTER}/", "documents/",
    ):  # fmt: skip
        page.goto(plan + part)
        check_look(page)
