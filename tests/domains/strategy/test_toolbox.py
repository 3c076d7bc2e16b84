"""The toolbox is searched in French, read by whoever reads plans, and taken up into a plan that remembers it."""

import datetime as dt
import io

import psycopg
import pypdf
import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from prevenance.core.refusals import Refused, reason
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.strategy.actions import toolbox as actions
from prevenance.domains.strategy.actions.toolbox import Tool
from prevenance.domains.strategy.analysis import toolbox as analysis
from prevenance.domains.strategy.models import (
    Amendment,
    Change,
    Correspondence,
    Sheet,
    Strategy,
    StrategyAction,
    ToolEvidence,
    ToolSheet,
)
from prevenance.domains.strategy.rules import toolbox as rules
from prevenance.domains.strategy.views.toolbox import cost_of
from tests.factories import CouncilFactory, actor, coordinator_of, scope_of, territory
from tests.factories.strategy import PlanFactory, SheetFactory, ToolSheetFactory, in_force

pytestmark = pytest.mark.django_db

UNKNOWN = {"level": "unknown", "text": "", "source": ""}
TOLD = Tool(
    title="Accueil de l’été", problem="L’été, rien n’est ouvert.", audience="Jeunes d’ici", source="Inventée",
    audiences=["adolescents"], steps=["Ouvrir.", "Fermer."],
    evidence={heading: dict(UNKNOWN) for heading in ToolEvidence.Heading.values},
)  # fmt: skip


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
    return PlanFactory(council=council, territory=council.territory, scope=council.scope.holder)


@pytest.fixture
def tool():
    return ToolSheet.objects.get(key="mediation_nocturne")


def warm(sign_in, someone):
    """A client whose session was just noted as seen: that is written once in a while, not at each page."""
    client = sign_in(someone)
    client.get(reverse("accounts:account"))
    return client


def keys(text):
    return [tool.key for tool in ToolSheet.objects.matching(text)]


# ------------------------------------------------------------------------------------------------------ search


def test_the_twenty_first_sheets_are_published():
    assert ToolSheet.objects.filter(state="published").count() == 20


@pytest.mark.parametrize(
    "text",
    [
        "médiation nocturne", "mediations nuit", "MÉDIATIONS de la nuit", "mediation de nuit", "riverain fêtes",
        "bruits de bars", "l’attroupement", "\"vie nocturne\"",
    ],
)  # fmt: skip
def test_accents_plurals_capitals_and_small_words_do_not_matter(text):
    # « médiation nocturne » is the title’s first and last words; « nuit » comes from the problem.
    assert "mediation_nocturne" in keys(text)


def test_every_word_counts_and_the_title_first():
    assert keys("médiation nocturne")[0] == "mediation_nocturne"
    assert "mediation_sociale" in keys("médiation")
    assert "mediation_sociale" not in keys("médiation nocturne")
    assert "mediation_nocturne" not in keys("médiation -nocturne")
    assert keys("chaussette") == []


def test_when_no_sheet_matches_those_that_begin_alike_are_shown(tool):
    assert keys("médiateur zzz") == []
    assert ToolSheet.objects.close_to("nocturn zzz").first() == tool
    assert not ToolSheet.objects.close_to("zz a ' & | !").exists()
    assert not ToolSheet.objects.close_to("").exists()


def test_a_word_spelt_nearly_so_is_shown_and_another_is_not(tool):
    assert keys("mediasion") == []
    assert tool in ToolSheet.objects.close_to("mediasion")
    assert tool in ToolSheet.objects.close_to("nocturme")
    assert not ToolSheet.objects.close_to("chaussette").exists()


def test_the_page_searches_filters_and_advises(coordinator, sign_in):
    client = sign_in(coordinator)
    url = reverse("strategy:tools")
    page = client.get(url, {"q": "mediations nuit"}).content.decode()
    assert "Médiation de la vie nocturne" in page
    near = client.get(url, {"q": "nocturne d’autrefois"}).content.decode()
    assert "Aucune fiche ne contient tous les mots" in near
    assert "Médiation de la vie nocturne" in near
    none = client.get(url, {"q": "chaussette"}).content.decode()
    assert "Essayez un mot plus courant" in none
    assert client.get(url, {"q": "'); DROP TABLE x; -- & | ! :* <-> \\"}).status_code == 200
    assert client.get(url, {"q": "\x00"}).status_code == 200
    for asked, expected in (({"public": "night_public"}, True), ({"public": "elderly"}, False)):
        assert ("vie nocturne" in client.get(url, asked).content.decode()) is expected
    measure = StrategyAction.objects.get(number="23.2").measure_id
    assert "vie nocturne" in client.get(url, {"mesure": measure}).content.decode()
    ToolEvidence.objects.filter(tool__key="mediation_nocturne", heading="effect").update(
        level="study", text="Vu", source="Une étude"
    )
    found = client.get(url, {"preuve": "study"})
    assert found.context["page"].paginator.count == 1
    assert client.get(url, {"public": "inconnu", "mesure": "x", "page": "x"}).status_code == 200
    for format in ("csv", "xlsx", "ods"):
        assert client.get(url, {"q": "médiation", "format": format}).status_code == 200
    assert "vie nocturne" in client.get(url, {"q": "nocturne", "format": "csv"}).content.decode()


def test_pages_keep_the_search_and_cost_the_same(coordinator, sign_in, django_assert_max_num_queries):
    client = warm(sign_in, coordinator)
    for _turn in range(25):
        ToolSheetFactory(problem="Des flâneries inventées.").serves.add(StrategyAction.objects.first())
    with django_assert_max_num_queries(12):
        assert client.get(reverse("strategy:tools"), {"q": "nocturne"}).status_code == 200
    with django_assert_max_num_queries(12):
        page = client.get(reverse("strategy:tools"), {"q": "flanerie"})
    assert len(page.context["rows"]) == 20
    assert "q=flanerie&amp;page=2" in page.content.decode()


# -------------------------------------------------------------------------------------------------------- keep


def test_evidence_needs_a_source_even_by_sql(tool, secretariat):
    for field, value in (("source", ""), ("text", "")):
        known = {"level": "study", "text": "Vu", "source": "Là"} | {field: value}
        with pytest.raises(Refused, match="dites ce que l’on sait et sa source"):
            actions.edit_tool(
                tool=tool, told=Tool(**{**vars(TOLD), "evidence": {"effect": known}}), seen=1, by=secretariat
            )
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            ToolEvidence.objects.filter(tool=tool, heading="effect").update(**known)
        assert isinstance(refused.value.__cause__, psycopg.errors.CheckViolation)


def test_the_secretariat_writes_publishes_edits_and_withdraws(secretariat, coordinator):
    tool = actions.add_tool(told=TOLD, by=secretariat)
    assert (tool.key, tool.state, tool.evidence.count()) == ("accueil-de-lete", "draft", 5)
    assert actions.add_tool(told=TOLD, by=secretariat).key == "accueil-de-lete-2"
    assert not ToolSheet.objects.visible_to(coordinator).filter(pk=tool.pk).exists()
    tool = actions.publish_tool(tool=tool, by=secretariat)
    assert ToolSheet.objects.visible_to(coordinator).filter(pk=tool.pk).exists()
    with pytest.raises(Stale):
        actions.publish_tool(tool=tool, by=secretariat)
    edited = actions.edit_tool(tool=tool, told=TOLD, seen=tool.edit, by=secretariat)
    with pytest.raises(Stale, match="modifiée ailleurs"):
        actions.edit_tool(tool=tool, told=TOLD, seen=tool.edit, by=secretariat)
    assert actions.withdraw_tool(tool=edited, by=secretariat).state == "withdrawn"
    with pytest.raises(Stale):
        actions.withdraw_tool(tool=edited, by=secretariat)
    assert not ToolSheet.objects.visible_to(coordinator).filter(pk=tool.pk).exists()
    assert actions.publish_tool(tool=edited, by=secretariat).state == "published"


@pytest.mark.parametrize("changes", [{"problem": "Kévin B. fait du bruit"}, {"steps": ["Voir avec M. Exemple"]}])
def test_a_sheet_names_nobody(secretariat, changes):
    with pytest.raises(Refused, match="semble désigner une personne"):
        actions.add_tool(told=Tool(**{**vars(TOLD), **changes}), by=secretariat)


def test_a_sheet_without_a_step_is_not_published(secretariat):
    tool = actions.add_tool(told=Tool(**{**vars(TOLD), "steps": []}), by=secretariat)
    with pytest.raises(Refused, match="au moins une étape"):
        actions.publish_tool(tool=tool, by=secretariat)


@pytest.mark.parametrize("role", ["coordinator", "mayor", "prefect_office"])
def test_nobody_else_keeps_the_toolbox(role, tool, council):
    where = {"coordinator": council.scope, "mayor": council.scope.holder}.get(
        role, scope_of(territory("departement", "42"))
    )
    someone = actor(role, where)
    for write in (
        lambda: actions.add_tool(told=TOLD, by=someone),
        lambda: actions.edit_tool(tool=tool, told=TOLD, seen=tool.edit, by=someone),
        lambda: actions.publish_tool(tool=tool, by=someone),
        lambda: actions.withdraw_tool(tool=tool, by=someone),
    ):
        with pytest.raises(Refused, match="secrétariat général"):
            write()


def form(**changes):
    told = {"title": "Fiche d’été", "problem": "Un problème", "audience": "Tous", "source": "Ici"}
    told["steps"] = "Un\n\nDeux"
    levels = {f"{heading}_level": "unknown" for heading in ToolEvidence.Heading.values}
    return told | levels | changes


def test_the_form_keeps_what_was_typed_and_says_what_is_wrong(secretariat, sign_in):
    client = sign_in(secretariat)
    url = reverse("strategy:tool_add")
    refused = client.post(url, form(effect_level="study", effect_text="On l’a vu", serves="23.2, 99.9"))
    assert refused.status_code == 422
    page = refused.content.decode()
    assert "On l’a vu" in page
    assert "ou répondez" in page
    assert "Numéro inconnu de la stratégie\xa0: 99.9" in page
    assert client.post(url, form(cost_low="20", cost_high="10")).status_code == 422
    assert client.post(url, form(steps="x" * 201)).status_code == 422
    assert client.post(url, form(serves="23.2 ; 23.2")).status_code == 302
    tool = ToolSheet.objects.get(title="Fiche d’été")
    assert tool.steps == ["Un", "Deux"]
    assert [action.number for action in tool.serves.all()] == ["23.2"]
    edit = reverse("strategy:tool_edit", args=[tool.key])
    assert "Fiche d’été" in client.get(edit).content.decode()
    assert client.post(edit, form(title="Fiche d’hiver", seen=tool.edit)).status_code == 302
    stale = client.post(edit, form(title="Fiche d’avril", seen=tool.edit))
    assert stale.status_code == 409
    assert "Fiche d’avril" in stale.content.decode()
    assert client.post(reverse("strategy:tool_publish", args=[tool.key])).status_code == 302
    withdraw = reverse("strategy:tool_withdraw", args=[tool.key])
    assert "Retirer «\xa0Fiche d’hiver\xa0»" in client.get(withdraw).content.decode()
    for _click in range(2):
        assert client.post(withdraw).status_code == 302
    tool.refresh_from_db()
    assert tool.state == "withdrawn"


def test_an_edit_leaves_the_closed_list_of_partners_and_the_sheet_is_printed(secretariat, tool, sign_in):
    client = sign_in(secretariat)
    roles = list(tool.partner_roles)
    assert roles
    actions.edit_tool(tool=tool, told=TOLD, seen=tool.edit, by=secretariat)
    tool.refresh_from_db()
    assert tool.partner_roles == roles
    pdf = client.get(reverse("strategy:tool_leaflet", args=[tool.key]))
    paper = pypdf.PdfReader(io.BytesIO(pdf.content))
    assert "/StructTreeRoot" in paper.root_object  # tagged
    text = "".join(page.extract_text() for page in paper.pages)
    assert "Accueil de l’été" in text
    assert "Inconnu" in text


def test_a_sheet_says_unknown_and_where_it_is_used(coordinator, tool, sign_in, django_assert_max_num_queries):
    SheetFactory(origin=tool)
    far = in_force(PlanFactory(territory=territory("commune", "42187")))
    SheetFactory(plan=far, origin=tool)
    SheetFactory(plan=PlanFactory(), origin=tool)  # a draft counts nowhere
    assert [(code, plans) for code, _name, plans in analysis.used_by_departement(tool)] == [("42", 2)]
    assert [len(found) for found in analysis.used_near(tool, coordinator)] == [0, 1]
    client = warm(sign_in, coordinator)
    with django_assert_max_num_queries(12):
        page = client.get(reverse("strategy:tool", args=[tool.key])).content.decode()
    assert "Inconnu" in page
    assert "Loire (42)" in page
    for heading in ToolEvidence.Heading.labels:
        assert f"<dt>{heading}</dt>" in page


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({}, "Inconnu."),
        ({"cost_note": "Inconnu\xa0: à demander"}, "Inconnu\xa0: à demander"),
        ({"cost_note": "Salaire compris"}, "Inconnu. Salaire compris"),
        ({"cost_low": 1500}, "À partir de 1\xa0500\xa0€ par an."),
        ({"cost_high": 900, "cost_unit": "séance"}, "Jusqu’à 900\xa0€ par séance."),
        (
            {"cost_low": 0, "cost_high": 12000, "cost_note": "Local."},
            "De 0 à 12\xa0000\xa0€ par an. Local.",
        ),
    ],
)
def test_a_cost_is_said_in_words_and_unknown_is_an_answer(told, words):
    assert cost_of(ToolSheetFactory(**told)) == words


# ------------------------------------------------------------------------------------------------------- adopt


def test_a_tool_taken_up_brings_its_words_and_remembers_its_origin(coordinator, plan, tool):
    sheet = actions.adopt(tool=tool, plan=plan, by=coordinator)
    assert (sheet.number, sheet.title, sheet.origin, sheet.state) == (1, tool.title, tool, "idea")
    assert sheet.brought_by == plan.amendments.get(number=0)
    assert sheet.audiences == tool.audiences
    taken_up = list(sheet.steps.order_by("position").values_list("label", flat=True))
    assert taken_up == [step.removesuffix(".") for step in tool.steps]  # a list of steps, no longer sentences
    assert [action.number for action in sheet.serves.all()] == ["23.2"]
    change = Change.objects.get(amendment=sheet.brought_by)
    assert (change.part, change.kind, change.text) == ("sheet:1:problem", "insert", tool.problem)


def test_a_second_click_adds_nothing_and_another_tool_takes_the_next_number(coordinator, plan, tool, sign_in):
    client = sign_in(coordinator)
    url = reverse("strategy:tool_adopt", args=[tool.key])
    draft = plan.amendments.get()
    assert "Texte initial" in client.get(url).content.decode()
    assert client.post(url, {}).status_code == 422
    assert client.post(url, {"amendment": draft.pk}).status_code == 302
    again = client.post(url, {"amendment": draft.pk}, follow=True).content.decode()
    assert "a déjà cette fiche outil\xa0: c’est sa fiche n° 1" in again
    assert "Reprise dans" in again
    assert Sheet.objects.count() == 1
    other = actions.adopt(tool=ToolSheetFactory(), plan=plan, by=coordinator)
    assert other.number == 2


def test_a_plan_in_force_takes_it_in_an_open_amendment_only(coordinator, plan, tool, sign_in):
    in_force(plan)
    with pytest.raises(Refused, match="ouvrez d’abord un avenant"):
        actions.adopt(tool=tool, plan=plan, by=coordinator)
    page = sign_in(coordinator).get(reverse("strategy:tool_adopt", args=[tool.key])).content.decode()
    assert "ouvrez d’abord un avenant" in page
    amendment = Amendment.objects.create(plan=plan, number=1, title="Avenant", prepared_by=coordinator.person)
    assert actions.adopt(tool=tool, plan=plan, by=coordinator).brought_by == amendment
    with pytest.raises(Stale, match="plus en préparation"):
        actions.adopt(tool=tool, plan=plan, amendment=plan.amendments.get(number=0), by=coordinator)
    plan.ended_on = dt.date(2026, 1, 1)
    plan.save()
    with pytest.raises(Refused, match="Ce plan est terminé"):
        actions.adopt(tool=ToolSheetFactory(), plan=plan, by=coordinator)


def test_only_whoever_holds_the_plan_takes_up_a_published_tool(coordinator, plan, tool, council, secretariat):
    with pytest.raises(Refused, match="Ce plan n’est pas le vôtre"):
        actions.adopt(tool=tool, plan=plan, by=secretariat)
    with pytest.raises(Refused, match="revient à qui prépare un plan"):
        actions.adopt(tool=tool, plan=plan, by=actor("group_member", council.scope))
    draft = plan.amendments.get()
    for state in ("draft", "withdrawn"):
        refusal = reason(rules.check_can_adopt, ToolSheetFactory(state=state), plan, draft, coordinator)
        assert "n’est pas publiée" in refusal
    assert actions.adopt(tool=tool, plan=plan, by=actor("mayor", council.scope.holder)).number == 1


def test_another_amendment_of_the_same_plan_may_take_it_again(coordinator, plan, tool):
    actions.adopt(tool=tool, plan=plan, by=coordinator)
    in_force(plan)
    Amendment.objects.create(plan=plan, number=1, title="Avenant", prepared_by=coordinator.person)
    assert actions.adopt(tool=tool, plan=plan, by=coordinator).number == 2


def test_long_steps_and_several_paragraphs_fit(coordinator, plan):
    tool = ToolSheetFactory(steps=["é" * 300], problem="Un premier.\n\nUn second, d’ici.")
    sheet = actions.adopt(tool=tool, plan=plan, by=coordinator)
    assert len(sheet.steps.get().label) == 200
    assert [change.text for change in Change.objects.order_by("position")] == ["Un premier.", "Un second, d’ici."]


def test_a_stranger_sees_no_draft_to_take_it_into(plan, tool, sign_in):
    other = coordinator_of(CouncilFactory(territory=territory("commune", "42187")))
    client = sign_in(other)
    url = reverse("strategy:tool_adopt", args=[tool.key])
    assert "Vous ne tenez aucun plan" in client.get(url).content.decode()
    assert client.post(url, {"amendment": plan.amendments.get().pk}).status_code == 422
    assert Sheet.objects.count() == 0


def test_a_plan_of_another_strategy_serves_what_the_action_became(coordinator, tool, plan):
    before = StrategyAction.objects.get(number="23.2")
    assert actions._served(tool, plan.strategy) == [before]
    assert actions._served(tool, Strategy(pk=0)) == []
    assert Correspondence.objects.filter(before=before).count() == 0


def test_a_withdrawn_sheet_is_not_found_by_others(coordinator, secretariat, sign_in):
    tool = ToolSheetFactory(state="withdrawn")
    url = reverse("strategy:tool", args=[tool.key])
    assert sign_in(coordinator).get(url).status_code == 404
    assert sign_in(secretariat).get(url).status_code == 200
    assert "Retirée" in sign_in(secretariat).get(url).content.decode()
