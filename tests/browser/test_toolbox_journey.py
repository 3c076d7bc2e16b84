"""Three tools are taken up into a plan, a finished action becomes a tool of everybody, an experiment is concluded."""

import datetime as dt
import re

import pytest
from playwright.sync_api import expect

from tests.browser import council
from tests.browser.conftest import PHONE, WIDE, new_page
from tests.browser.hands import Finger, Mouse
from tests.browser.looks import check_look
from tests.browser.toolbox import find, take_up

pytestmark = pytest.mark.timeout(300)

PLAN = "Stratégie d’essai de Saint-Chamond"
# A plan in preparation, as its own screens would open it.
OPEN_A_PLAN = f"""
from prevenance.domains.accounts.models import Person
from prevenance.domains.governance.models import Council
from prevenance.domains.strategy.models import Amendment, Plan, Strategy
council = Council.objects.select_related("scope__holder").get(name="CLSPD de Saint-Chamond")
person = Person.objects.get(email="coordinator@demonstration.invalid")
plan = Plan.objects.create(
    kind="local_plan", title={PLAN!r}, territory=council.territory, scope=council.scope.holder, council=council,
    strategy=Strategy.objects.get(key="2020-2024"), begins="2026-01-01", ends="2029-12-31", created_by=person,
)
Amendment.objects.create(plan=plan, number=0, title="Texte initial", prepared_by=person)
"""
# Months later: the plan took effect, with the words of its sheets, and its first action is over.
MONTHS_LATER = f"""
import datetime as dt
from prevenance.domains.strategy.models import Plan, Provision
plan = Plan.objects.get(title={PLAN!r})
first, day = plan.amendments.get(number=0), dt.date(2026, 1, 5)
changes = list(first.changes.all())
first.state, first.in_force_from, first.published_as = "in_force", day, "Acte inventé"
first.save()
for change in changes:
    Provision.objects.create(plan=plan, anchor=change.anchor, part=change.part, position=change.position,
                             text=change.text, brought_by=first, since=day)
plan.in_force_from = day
plan.save()
plan.sheets.filter(number=1).update(state="done", title="Des veilleurs devant les bars")
"""
TIME_PASSES = """
import datetime as dt
from prevenance.domains.strategy.models import Experiment
Experiment.objects.update(ends_on=dt.date.today() - dt.timedelta(days=2))
"""


@pytest.mark.journey("39.2")
def test_tools_are_taken_up_and_a_finished_action_becomes_one(chromium, own_server):
    own_server.prevenance("shell", "-c", OPEN_A_PLAN)
    desk = Mouse(new_page(chromium, own_server, WIDE))
    council.enter(desk, "coordinator")
    page = desk.page
    for number, (words, title) in enumerate(
        (
            ("mediations nuit", "Médiation de la vie nocturne"),
            ("MARCHES exploratoires", "Marche exploratoire"),
            ("chantier educatif", "Chantiers éducatifs"),
        ),
        1,
    ):
        find(desk, words, title)
        check_look(page)
        take_up(desk, PLAN)
        page.get_by_text(f"C’est la fiche n° {number} de", exact=False).wait_for()
        expect(page.get_by_text("Reprise dans")).to_be_visible()
    take_up(desk, PLAN)  # again
    page.get_by_text("a déjà cette fiche outil", exact=False).wait_for()

    own_server.prevenance("shell", "-c", MONTHS_LATER)
    page.goto("/outils/reussites/")
    check_look(page)
    desk.press(page.get_by_role("link", name="Proposer une réussite"))
    desk.press(page.get_by_role("link", name="Des veilleurs devant les bars"))
    desk.write(page.get_by_label("Ce qui a marché"), "Deux tournées par soirée, toujours les mêmes veilleurs.")
    desk.write(page.get_by_label("À quelles conditions"), "Un local prêté au centre et un accord des gérants.")
    desk.write(page.get_by_label("Ce qui le montre"), "Les plaintes pour bruit relevées par la commune ont baissé.")
    desk.press(page.get_by_role("button", name="Proposer cette réussite"))
    page.get_by_text("le secrétariat général va répondre").wait_for()
    check_look(page)

    phone = Finger(new_page(chromium, own_server, PHONE, has_touch=True, is_mobile=True))
    council.enter(phone, "national_secretariat")
    phone.page.goto("/outils/reussites/?etat=proposed")
    check_look(phone.page)
    phone.press(phone.page.get_by_role("link", name="Des veilleurs devant les bars"))
    phone.page.get_by_role("heading", level=1, name="Des veilleurs devant les bars").wait_for()
    check_look(phone.page)
    phone.press(phone.page.get_by_role("link", name="Publier dans la boîte à outils"))
    expect(phone.page.get_by_label("Problème")).to_have_value(re.compile("peu de services"))
    expect(phone.page.get_by_label("Source", exact=False).first).to_have_value(re.compile("^Saint-Chamond"))
    check_look(phone.page)
    phone.press(phone.page.get_by_role("button", name="Publier dans la boîte à outils"))
    phone.page.get_by_text("La réussite est publiée").wait_for()

    find(desk, "veilleur bars", "Des veilleurs devant les bars")
    expect(page.get_by_text("Les plaintes pour bruit", exact=False)).to_be_visible()
    check_look(page)
    for hand in (desk, phone):
        assert hand.page.watch.real_problems() == []
        hand.page.context.close()


@pytest.mark.journey("39.1")
def test_an_experiment_has_a_protocol_an_end_and_a_decision(chromium, own_server):
    own_server.prevenance("shell", "-c", OPEN_A_PLAN)
    desk = Mouse(new_page(chromium, own_server, WIDE))
    council.enter(desk, "coordinator")
    page = desk.page
    find(desk, "marche exploratoire", "Marche exploratoire")
    take_up(desk, PLAN)
    own_server.prevenance("shell", "-c", MONTHS_LATER.replace('state="done"', 'state="under_way"'))
    page.goto("/outils/experimentations/")
    desk.press(page.get_by_role("link", name="Ouvrir une expérimentation"))
    desk.press(page.get_by_role("link", name="Des veilleurs devant les bars"))
    desk.write(page.get_by_label("Hypothèse"), "Les demandes suivies de travaux font revenir les habitantes.")
    desk.write(page.get_by_label("Comparée à"), "Le quartier voisin, sans marche.")
    desk.write(page.get_by_label("Ou mesurée par"), "Une enquête de passage avant et après.")
    desk.moment(page.get_by_label("Se termine le"), (dt.date.today() + dt.timedelta(days=90)).isoformat())
    check_look(page)
    desk.press(page.get_by_role("button", name="Ouvrir l’expérimentation"))
    page.get_by_text("L’expérimentation est ouverte").wait_for()
    check_look(page)
    own_server.prevenance("shell", "-c", TIME_PASSES)
    page.goto("/outils/experimentations/?etat=waiting")
    check_look(page)
    desk.press(page.get_by_role("link", name="Des veilleurs devant les bars"))
    expect(page.get_by_text("Une suite est à décider")).to_be_visible()
    desk.press(page.get_by_role("link", name="Décider de la suite"))
    desk.pick(page.get_by_label("Généralisée"))
    desk.write(page.get_by_label("Motif"), "Les passages ont augmenté ici et pas dans le quartier voisin.")
    check_look(page)
    desk.press(page.get_by_role("button", name="Inscrire cette suite"))
    expect(page.locator(".pv-timeline")).to_contain_text("Généralisée")

    far = Finger(new_page(chromium, own_server, PHONE, has_touch=True, is_mobile=True))
    council.enter(far, "national_secretariat")
    far.page.goto("/outils/experimentations/")
    check_look(far.page)
    far.press(far.page.get_by_role("link", name="Des veilleurs devant les bars"))
    expect(far.page.get_by_text("Les passages ont augmenté")).to_be_visible()
    check_look(far.page)
    for hand in (desk, far):
        assert hand.page.watch.real_problems() == []
        hand.page.context.close()
