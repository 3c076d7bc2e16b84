"""A finished action becomes a tool of everybody, or comes back with reasons; an experiment ends by a decision."""

import datetime as dt

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.urls import reverse
from django.utils import timezone

from prevenance.core.refusals import Refused, reason
from prevenance.domains.governance.models import Decision
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.strategy.actions import experiments, successes
from prevenance.domains.strategy.actions.experiments import Outcome, Protocol
from prevenance.domains.strategy.actions.successes import Story
from prevenance.domains.strategy.analysis import toolbox as analysis
from prevenance.domains.strategy.forms.toolbox import ToolForm
from prevenance.domains.strategy.models import (
    Experiment,
    ExperimentDecision,
    SheetStep,
    StrategyAction,
    Success,
    ToolEvidence,
    ToolSheet,
)
from prevenance.domains.strategy.rules import experiments as experiment_rules
from prevenance.domains.strategy.rules import successes as rules
from tests.factories import CouncilFactory, OrganisationFactory, actor, coordinator_of, scope_of, territory
from tests.factories.strategy import (
    ExperimentFactory,
    IndicatorFactory,
    PlanFactory,
    SheetFactory,
    SuccessFactory,
    in_force,
    write,
)

pytestmark = pytest.mark.django_db

STORY = Story(what_worked="Des horaires d’été", conditions="Une salle ouverte", proof="Le relevé d’août")
TODAY = timezone.localdate()
LATER = TODAY + dt.timedelta(days=200)
PROTOCOL = Protocol("Moins d’appels le soir", "Le quartier voisin", LATER, measured_by="Relevé des appels")


@pytest.fixture
def secretariat():
    return actor("national_secretariat", scope_of(territory("nation", "FR")))


@pytest.fixture
def council():
    return CouncilFactory()


@pytest.fixture
def coordinator(council):
    return coordinator_of(council)


@pytest.fixture
def plan(council):
    plan = PlanFactory(council=council, territory=council.territory, scope=council.scope.holder, title="Plan d’ici")
    write(plan, "sheet:1:problem", "Le soir, l’ennui.")
    return in_force(plan)


@pytest.fixture
def sheet(plan):
    sheet = SheetFactory(plan=plan, state="done", title="Soirées d’août", audiences=["adolescents"])
    sheet.serves.add(StrategyAction.objects.get(number="23.2"))
    SheetStep.objects.create(sheet=sheet, position=1, label="Ouvrir la salle")
    sheet.partners.add(OrganisationFactory(name="Club d’ici"))
    return sheet


@pytest.fixture
def stranger():
    return coordinator_of(CouncilFactory(territory=territory("commune", "42187")))


def as_tool(success):
    initial = analysis.as_tool(success)
    numbers = {action.number: action for action in StrategyAction.objects.all()}
    levels = {f"{heading}_level": "unknown" for heading in ToolEvidence.Heading.values}
    form = ToolForm(levels | initial, actions=numbers)
    assert form.is_valid(), form.errors
    return form.told()


# ---------------------------------------------------------------------------------------------------- successes


def test_a_finished_action_is_proposed_published_and_found(coordinator, secretariat, sheet):
    success = successes.propose_success(sheet=sheet, told=STORY, by=coordinator)
    assert (success.state, success.proposed_by) == ("proposed", coordinator.person)
    published = successes.publish_success(success=success, told=as_tool(success), seen=1, by=secretariat)
    assert published.state == "published"
    tool = ToolSheet.objects.get(success=success)
    assert (tool.title, tool.state, tool.problem) == ("Soirées d’août", "published", "Le soir, l’ennui.")
    assert tool.source == "Saint-Étienne, Plan d’ici"
    assert tool.steps == ["Ouvrir la salle"]
    assert tool.partners == "Club d’ici"
    assert [action.number for action in tool.serves.all()] == ["23.2"]
    effect = tool.evidence.get(heading="effect")
    assert (effect.level, effect.text, effect.source) == ("practice", "Le relevé d’août", tool.source)
    assert tool.evidence.get(heading="economy").level == "unknown"
    assert ToolSheet.objects.visible_to(coordinator).matching("soiree aout").get() == tool


def test_it_is_answered_once_and_proposed_once(coordinator, secretariat, sheet):
    success = successes.propose_success(sheet=sheet, told=STORY, by=coordinator)
    with pytest.raises(Stale, match="déjà proposée"):
        successes.propose_success(sheet=sheet, told=STORY, by=coordinator)
    told = as_tool(success)
    successes.publish_success(success=success, told=told, seen=success.edit, by=secretariat)
    with pytest.raises(Stale, match="déjà été répondu"):
        successes.publish_success(success=success, told=told, seen=success.edit, by=secretariat)
    with pytest.raises(Stale, match="déjà été répondu"):
        successes.return_success(success=success, why="Non", seen=success.edit, by=secretariat)
    with pytest.raises(Stale, match="déjà publiée"):
        successes.propose_success(sheet=sheet, told=STORY, by=coordinator)
    assert ToolSheet.objects.filter(success=success).count() == 1


def test_what_is_returned_has_reasons_and_is_proposed_again(coordinator, secretariat, sheet):
    success = successes.propose_success(sheet=sheet, told=STORY, by=coordinator)
    with pytest.raises(Refused, match="Dites pourquoi"):
        successes.return_success(success=success, why="", seen=success.edit, by=secretariat)
    returned = successes.return_success(success=success, why="Il manque un relevé", seen=success.edit, by=secretariat)
    assert (returned.state, returned.settled_by) == ("returned", secretariat.person)
    again = successes.propose_success(sheet=sheet, told=STORY, by=coordinator)
    assert (again.pk, again.state, again.settled_at, again.reason) == (
        success.pk, "proposed", None, "Il manque un relevé"
    )  # fmt: skip
    with pytest.raises(Stale, match="proposée à nouveau entre-temps"):
        successes.return_success(success=again, why="Non", seen=success.edit, by=secretariat)


def test_only_a_finished_action_in_force_of_ones_own_plan(coordinator, stranger, secretariat, sheet, plan, council):
    for state in ("planned", "under_way", "dropped"):
        with pytest.raises(Refused, match="Seule une action terminée"):
            successes.propose_success(sheet=SheetFactory(plan=plan, state=state), told=STORY, by=coordinator)
    draft = SheetFactory(plan=PlanFactory(council=council), state="done")
    with pytest.raises(Refused, match="d’un plan en vigueur"):
        successes.propose_success(sheet=draft, told=STORY, by=coordinator)
    for someone in (stranger, secretariat, actor("group_member", council.scope)):
        with pytest.raises(Refused, match="Seul qui tient ce plan"):
            successes.propose_success(sheet=sheet, told=STORY, by=someone)
    success = SuccessFactory(sheet=sheet)
    for someone in (coordinator, stranger, actor("prefect_office", scope_of(territory("departement", "42")))):
        with pytest.raises(Refused, match="secrétariat général"):
            successes.return_success(success=success, why="Non", seen=1, by=someone)
    assert reason(rules.check_can_answer, success, secretariat) == ""


@pytest.mark.parametrize("field", ["what_worked", "conditions", "proof"])
def test_a_success_names_nobody(coordinator, sheet, field):
    with pytest.raises(Refused, match="semble désigner une personne"):
        told = Story(**{**vars(STORY), field: "Avec Kévin B. surtout"})
        successes.propose_success(sheet=sheet, told=told, by=coordinator)


def test_a_returned_success_has_a_reason_even_by_sql(sheet):
    success = SuccessFactory(sheet=sheet)
    with pytest.raises(IntegrityError), transaction.atomic():
        Success.objects.filter(pk=success.pk).update(state="returned", settled_at=timezone.now())


def test_the_screens_of_a_success(coordinator, secretariat, stranger, sheet, sign_in):
    client = sign_in(coordinator)
    assert "Soirées d’août" in client.get(reverse("strategy:success_choose")).content.decode()
    url = reverse("strategy:success_propose", args=[sheet.plan_id, sheet.number])
    refused = client.post(url, {"what_worked": "Des horaires d’été", "conditions": ""})
    assert refused.status_code == 422
    assert "Des horaires d’été" in refused.content.decode()
    assert client.post(url, vars(STORY)).status_code == 302
    success = Success.objects.get()
    detail = reverse("strategy:success", args=[success.pk])
    assert client.post(url, vars(STORY), follow=True).redirect_chain[-1][0] == detail  # a second click
    assert client.get(reverse("strategy:success_publish", args=[success.pk])).status_code == 403
    listed = reverse("strategy:successes")
    assert "Soirées d’août" in client.get(listed).content.decode()
    assert "Soirées d’août" in client.get(listed + "?format=csv").content.decode()
    assert "Soirées d’août" not in client.get(listed + "?etat=returned").content.decode()
    assert sign_in(stranger).get(detail).status_code == 404
    assert sign_in(stranger).get(url).status_code == 404
    assert "Soirées d’août" not in sign_in(stranger).get(listed).content.decode()
    client = sign_in(secretariat)
    back = reverse("strategy:success_return", args=[success.pk])
    assert client.post(back, {"reason": "", "seen": 1}).status_code == 422
    assert client.post(back, {"reason": "Trop court", "seen": 9}).status_code == 409
    assert client.post(back, {"reason": "Trop court", "seen": 1}).status_code == 302
    assert client.post(back, {"reason": "Trop court", "seen": 1}).status_code == 302  # answered already
    client = sign_in(coordinator)
    assert "Trop court" in client.get(detail).content.decode()
    assert "Trop court" in client.get(url).content.decode()
    assert client.post(url, vars(STORY)).status_code == 302
    client = sign_in(secretariat)
    publish = reverse("strategy:success_publish", args=[success.pk])
    shown = client.get(publish)
    assert "Saint-Étienne, Plan d’ici" in shown.content.decode()
    typed = {bound.name: bound.value() for bound in shown.context["form"] if bound.value() is not None}
    assert client.post(publish, typed | {"title": ""}).status_code == 422
    assert client.post(publish, typed | {"seen": 1}).status_code == 409
    assert client.post(publish, typed).status_code == 302
    assert "Soirées d’août" in client.get(reverse("strategy:tools"), {"q": "soiree aout"}).content.decode()
    assert "Publiée" in client.get(listed).content.decode()


def test_the_list_of_successes_costs_the_same(secretariat, plan, sign_in, django_assert_max_num_queries):
    client = sign_in(secretariat)
    client.get(reverse("accounts:account"))  # the session is noted as seen
    for _turn in range(20):
        SuccessFactory(sheet=SheetFactory(plan=plan, state="done"))
    with django_assert_max_num_queries(12):
        assert client.get(reverse("strategy:successes")).status_code == 200


# -------------------------------------------------------------------------------------------------- experiments


@pytest.fixture
def experiment(plan, coordinator):
    return experiments.lead_as_experiment(sheet=SheetFactory(plan=plan), told=PROTOCOL, by=coordinator)


def outcome(word="generalised", **told):
    return Outcome(**{"outcome": word, "reason": "Les appels ont baissé", "decided_on": TODAY} | told)


def test_an_action_is_led_once_with_a_measure_and_an_end_to_come(plan, coordinator, stranger):
    sheet = SheetFactory(plan=plan)
    for changes, words in (({"measured_by": ""}, "Choisissez un indicateur"), ({"ends_on": TODAY}, "est à venir"),
                           ({"hypothesis": "Que Kévin B. vienne"}, "désigner une personne")):  # fmt: skip
        with pytest.raises(Refused, match=words):
            told = Protocol(**{**vars(PROTOCOL), **changes})
            experiments.lead_as_experiment(sheet=sheet, told=told, by=coordinator)
    with pytest.raises(Refused, match="Seul qui tient ce plan"):
        experiments.lead_as_experiment(sheet=sheet, told=PROTOCOL, by=stranger)
    with pytest.raises(Refused, match="terminée ou abandonnée"):
        experiments.lead_as_experiment(sheet=SheetFactory(plan=plan, state="done"), told=PROTOCOL, by=coordinator)
    told = Protocol(**{**vars(PROTOCOL), "measured_by": "", "indicator": IndicatorFactory(plan=plan)})
    experiments.lead_as_experiment(sheet=sheet, told=told, by=coordinator)
    with pytest.raises(Stale, match="déjà menée"):
        experiments.lead_as_experiment(sheet=sheet, told=told, by=coordinator)


def test_past_its_end_it_waits_for_a_decision(plan):
    past = ExperimentFactory(sheet=SheetFactory(plan=plan), ends_on=TODAY - dt.timedelta(days=1))
    today = ExperimentFactory(sheet=SheetFactory(plan=plan), ends_on=TODAY)
    over = ExperimentFactory(sheet=SheetFactory(plan=plan), ends_on=past.ends_on, outcome="stopped")
    extended = ExperimentFactory(sheet=SheetFactory(plan=plan), ends_on=past.ends_on, outcome="extended")
    waits = [experiment_rules.waits_for_a_decision(one, TODAY) for one in (past, today, over, extended)]
    assert waits == [True, False, False, True]
    assert set(Experiment.objects.waiting(TODAY)) == {past, extended}


def test_it_is_extended_then_generalised_and_is_over(experiment, coordinator, council):
    decision = Decision.objects.create(council=council, year=2026, rank=1, text="Prolonger")
    until = LATER + dt.timedelta(days=90)
    told = outcome("extended", until=until, decision=decision)
    experiments.decide(experiment=experiment, told=told, seen=1, by=coordinator)
    experiment.refresh_from_db()
    assert (experiment.outcome, experiment.ends_on) == ("extended", until)
    with pytest.raises(Stale, match="a changé ailleurs"):
        experiments.decide(experiment=experiment, told=outcome(), seen=1, by=coordinator)
    with pytest.raises(Refused, match="le protocole reste"):
        experiments.edit_experiment(experiment=experiment, told=PROTOCOL, seen=2, by=coordinator)
    experiments.decide(experiment=experiment, told=outcome(), seen=2, by=coordinator)
    with pytest.raises(Stale, match=r"est close.: généralisée"):
        experiments.decide(experiment=experiment, told=outcome("stopped"), seen=3, by=coordinator)
    assert list(experiment.decisions.values_list("outcome", flat=True)) == ["extended", "generalised"]


def test_an_outcome_is_whole(experiment, coordinator, stranger):
    elsewhere = Decision.objects.create(council=CouncilFactory(kind="CDDF"), year=2026, rank=1, text="Ailleurs")
    for told, words in (
        (outcome("extended"), "après la fin prévue"),
        (outcome("extended", until=LATER), "après la fin prévue"),
        (outcome(until=LATER), "qu’à une expérimentation prolongée"),
        (outcome(decided_on=TODAY + dt.timedelta(days=1)), "ce jour est à venir"),
        (outcome(decision=elsewhere), "un autre conseil"),
        (outcome(reason=""), "Dites pourquoi"),
        (outcome(reason="Avec Kévin B. surtout"), "désigner une personne"),
        (outcome(""), "Choisissez une suite"),
    ):
        with pytest.raises(Refused, match=words):
            experiments.decide(experiment=experiment, told=told, seen=1, by=coordinator)
    with pytest.raises(Refused, match="Seul qui tient ce plan"):
        experiments.decide(experiment=experiment, told=outcome(), seen=1, by=stranger)
    assert ExperimentDecision.objects.count() == 0


def test_what_was_decided_is_never_rewritten_even_by_sql(experiment, coordinator):
    decided = experiments.decide(experiment=experiment, told=outcome(), seen=1, by=coordinator)
    for write_again in (lambda rows: rows.update(reason="Autre"), lambda rows: rows.delete()):
        with pytest.raises(ProgrammingError), transaction.atomic():
            write_again(ExperimentDecision.objects.filter(pk=decided.pk))


def test_the_screens_of_an_experiment(plan, coordinator, stranger, secretariat, sign_in):
    sheet = SheetFactory(plan=plan, title="Soirées d’essai")
    client = sign_in(coordinator)
    assert "Soirées d’essai" in client.get(reverse("strategy:experiment_choose")).content.decode()
    lead = reverse("strategy:experiment_lead", args=[plan.pk, sheet.number])
    typed = {"hypothesis": "L’essai", "comparison": "Avant", "measured_by": "", "ends_on": LATER.isoformat()}
    refused = client.post(lead, typed)
    assert refused.status_code == 422
    assert "L’essai" in refused.content.decode()
    indicator = IndicatorFactory(plan=plan)
    assert client.post(lead, typed | {"indicator": indicator.pk}).status_code == 302
    experiment = Experiment.objects.get()
    detail = reverse("strategy:experiment", args=[experiment.pk])
    assert client.post(lead, typed, follow=True).redirect_chain[-1][0] == detail
    edit = reverse("strategy:experiment_edit", args=[experiment.pk])
    assert client.post(edit, typed | {"measured_by": "Relevé", "seen": 1}).status_code == 302
    assert client.post(edit, typed | {"measured_by": "Relevé", "seen": 1}).status_code == 409
    Experiment.objects.update(ends_on=TODAY - dt.timedelta(days=3))
    assert "Une suite est à décider" in client.get(detail).content.decode()
    listed = reverse("strategy:experiments")
    assert "Soirées d’essai" in client.get(listed + "?etat=waiting&ou=own").content.decode()
    assert "Soirées d’essai" not in client.get(listed + "?etat=going").content.decode()
    assert "Suite à décider" in client.get(listed + "?format=csv").content.decode()
    decide = reverse("strategy:experiment_decide", args=[experiment.pk])
    told = {"outcome": "stopped", "reason": "L’essai n’a rien changé", "decided_on": TODAY.isoformat()}
    assert client.post(decide, told | {"reason": "", "seen": 2}).status_code == 422
    assert client.post(decide, told | {"seen": 1}).status_code == 409
    assert client.post(decide, told | {"seen": 2}).status_code == 302
    assert client.post(decide, told | {"seen": 2}, follow=True).redirect_chain[-1][0] == detail
    page = client.get(detail).content.decode()
    assert "L’essai n’a rien changé" in page
    assert "Décider de la suite" not in page
    assert sign_in(stranger).get(detail).status_code == 404
    client = sign_in(secretariat)
    assert "Soirées d’essai" in client.get(listed).content.decode()
    assert client.get(detail).status_code == 200
    assert client.get(decide).status_code == 403


def test_the_list_of_experiments_costs_the_same(secretariat, plan, sign_in, django_assert_max_num_queries):
    client = sign_in(secretariat)
    client.get(reverse("accounts:account"))  # the session is noted as seen
    for _turn in range(20):
        ExperimentFactory(sheet=SheetFactory(plan=plan))
    with django_assert_max_num_queries(12):
        assert client.get(reverse("strategy:experiments")).status_code == 200
