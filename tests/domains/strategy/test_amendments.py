"""An amendment is written on the text in force, takes effect by its act, and every sentence says which brought it."""

import datetime as dt

import psycopg
import pytest
from django.db import ProgrammingError, transaction

from prevenance.core.refusals import Refused, reason
from prevenance.domains.governance.actions import acts as governance
from prevenance.domains.governance.models import Act
from prevenance.domains.governance.rules.acts import digest
from prevenance.domains.governance.rules.confidential import NamesSomebody
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.strategy.actions import amendments as actions
from prevenance.domains.strategy.actions import plans as plan_actions
from prevenance.domains.strategy.analysis import texts
from prevenance.domains.strategy.models import Amendment, Change, Plan, Provision, Sheet
from prevenance.domains.strategy.rules import amendments as rules
from prevenance.domains.strategy.rules import plans as plan_rules
from prevenance.domains.strategy.rules import sheets as sheet_rules
from prevenance.domains.strategy.rules import values as value_rules
from tests.domains.strategy.acts import put_in_force, sign
from tests.factories import CouncilFactory, actor, coordinator_of, scope_of, territory
from tests.factories.strategy import PlanFactory, SheetFactory, in_force, write

pytestmark = pytest.mark.django_db

TODAY = dt.date.today()
FIRST = "Le conseil écoute les habitants. Il répond à chacun.\n\nUn bilan paraît chaque année."


def seen(amendment, part="preamble"):
    lines = [one for one in texts.draft_text(amendment) if one.part == part]
    return rules.digest(texts.join(lines))


def written(amendment, text, by, part="preamble"):
    return actions.write_part(amendment=amendment, part=part, text=text, seen=seen(amendment, part), by=by)


def amending(plan, text, by, part="preamble", title="Écoles d’Outreau"):
    amendment = actions.open_amendment(plan=plan, title=title, reason="Un besoin nouveau", by=by)
    written(amendment, text, by, part)
    return amendment


def reads(plan, day=TODAY, part="preamble"):
    return [one.text for one in texts.on_day(plan, day) if one.part == part]


# ------------------------------------------------------------------------------------------------ the whole way


def test_a_plan_is_written_signed_in_force_amended_and_read_as_it_was(plan, mayor, council):
    lead, yesterday = coordinator_of(council), TODAY - dt.timedelta(1)
    first = plan.amendments.get()
    assert written(first, FIRST, lead) == 2
    act = actions.prepare_act(amendment=first, by=lead)
    assert act.title == f"Acte approuvant : {plan.title}"
    assert (act.kind, act.council, act.scope) == (Act.Kind.PLAN, council, plan.scope)
    sign(act, mayor, yesterday)
    first.refresh_from_db()
    actions.take_effect(amendment=first, by=lead)
    plan.refresh_from_db()
    assert plan.in_force_from == yesterday
    assert reads(plan, yesterday) == FIRST.split("\n\n")
    assert reads(plan, yesterday - dt.timedelta(1)) == []

    second = amending(plan, FIRST.replace("Il répond à chacun.", "Il répond à tous."), lead)
    assert second.number == 1
    assert [(one.kind, one.base.text) for one in second.changes.all()] == [("replace", FIRST.split("\n\n")[0])]
    put_in_force(second, mayor)
    assert reads(plan)[0] == "Le conseil écoute les habitants. Il répond à tous."
    assert reads(plan, yesterday) == FIRST.split("\n\n")
    lines = texts.traced_on(plan, TODAY)
    assert [[one.brought_by for one in line.sentences] for line in lines] == [[0, 1], [0]]
    assert texts.on_day(plan, TODAY) == tuple(line.paragraph for line in lines)
    before, after = texts.before_and_after(second)
    assert [one.text for one in before] == FIRST.split("\n\n")
    assert [one.text for one in after] == reads(plan)


def test_amendments_one_by_one_equal_what_is_stored_at_every_date(plan, mayor):
    """As the engine's property, through the actions and the database."""
    first = plan.amendments.get()
    written(first, "Un.\n\nDeux.\n\nTrois.", mayor)
    put_in_force(first, mayor, TODAY - dt.timedelta(9))
    plan.refresh_from_db()
    history = {TODAY - dt.timedelta(9): ["Un.", "Deux.", "Trois."]}
    for days, text in ((6, "Un.\n\nTrois."), (6, "Trois.\n\nUn."), (2, "Zéro.\n\nTrois. Encore.\n\nUn.")):
        amendment = amending(plan, text, mayor)
        put_in_force(amendment, mayor, TODAY - dt.timedelta(days))
        history[TODAY - dt.timedelta(days)] = text.split("\n\n")
        assert [one.text for one in texts.draft_text(amendment)] == text.split("\n\n")
    for ahead in range(12):
        day = TODAY - dt.timedelta(11 - ahead)
        known = [text for since, text in sorted(history.items()) if since <= day]
        assert reads(plan, day) == (known[-1] if known else [])
        assert [line.paragraph for line in texts.traced_on(plan, day)] == list(texts.on_day(plan, day))


def test_removing_a_paragraph_twice_said_is_one_change(plan, mayor):
    first = plan.amendments.get()
    written(first, "Un.\n\nDeux.", mayor)
    written(first, "Un.", mayor)
    assert [change.text for change in first.changes.all()] == ["Un."]
    written(first, "", mayor)
    assert not first.changes.exists()


# ------------------------------------------------------------------------------------------------ refusals of writing


def test_a_stale_tab_writes_nothing(plan, mayor):
    first = plan.amendments.get()
    before = seen(first)
    written(first, FIRST, mayor)
    with pytest.raises(Stale, match="modifiée ailleurs"):
        actions.write_part(amendment=first, part="preamble", text="Autre chose.", seen=before, by=mayor)
    assert first.changes.count() == 2
    # Another part is another text: two people write at once.
    actions.write_part(amendment=first, part="diagnosis", text="Un constat.", seen=rules.digest(""), by=mayor)


def test_a_part_that_the_outline_does_not_have_is_refused(plan, mayor):
    first = plan.amendments.get()
    for part in ("unknown", "sheet:7:problem", "sheet:x:objective"):
        with pytest.raises(Refused, match="n’existe pas dans ce plan"):
            actions.write_part(amendment=first, part=part, text="X", seen=rules.digest(""), by=mayor)
    SheetFactory(plan=plan, number=7)
    actions.write_part(amendment=first, part="sheet:7:problem", text="Un problème.", seen=rules.digest(""), by=mayor)


def test_a_text_that_names_somebody_is_not_written(plan, mayor):
    first = plan.amendments.get()
    with pytest.raises(NamesSomebody):
        written(first, "Le suivi de Kévin B. a bien commencé.", mayor)
    with pytest.raises(NamesSomebody):
        actions.edit_amendment(amendment=first, title="Pour K. Z.", reason="", seen=first.edit, by=mayor)
    in_force(plan)
    with pytest.raises(NamesSomebody):
        amending(plan, "Un texte.", mayor, title="Pour K. Z.")
    assert not Change.objects.exists()


def test_the_words_of_a_sheet_that_will_not_be_there_are_not_written(plan, mayor):
    kept = SheetFactory(plan=in_force(plan), number=1)
    first, second = (actions.open_amendment(plan=plan, title=f"Projet {n}", reason="", by=mayor) for n in (1, 2))
    SheetFactory(plan=plan, number=2, brought_by=first)
    Sheet.objects.filter(pk=kept.pk).update(withdrawn_by=first)
    written(first, "Un problème.", mayor, part="sheet:2:problem")
    written(second, "Un autre.", mayor, part="sheet:1:problem")
    for amendment, part in ((first, "sheet:1:problem"), (second, "sheet:2:problem")):
        with pytest.raises(Refused, match="n’existe pas dans ce plan"):
            written(amendment, "Sans sa fiche.", mayor, part=part)


def test_only_those_who_hold_it_write(plan, mayor, council):
    first = plan.amendments.get()
    strangers = [
        coordinator_of(CouncilFactory(territory=territory("commune", "42187"))),
        actor("prefect_office", scope_of(territory("departement", "42"))),
        actor("group_member", council.scope),
        actor("national_secretariat", scope_of(territory("nation", "FR"))),
    ]
    for stranger in strangers:
        with pytest.raises(Refused, match="Seuls ceux qui tiennent"):
            actions.write_part(amendment=first, part="preamble", text="X", seen=rules.digest(""), by=stranger)
        assert not Amendment.objects.visible_to(stranger).exists()
        assert not Change.objects.visible_to(stranger).exists()


def test_the_coordination_of_a_council_that_ended_reads_and_no_longer_writes(plan, mayor, council):
    plan.council = council
    plan.save()
    lead = coordinator_of(council)
    first = plan.amendments.get()
    written(first, FIRST, lead)
    council.ended_on = TODAY
    council.save()
    first = Amendment.objects.visible_to(lead).get()
    with pytest.raises(Refused, match="Seuls ceux qui tiennent"):
        written(first, "Autre chose.", lead)
    assert "Seuls ceux qui tiennent" in reason(sheet_rules.check_can_write, first.plan, lead)
    assert "Seuls ceux qui tiennent" in reason(value_rules.check_can_enter, first.plan, lead)
    written(first, "Autre chose.", mayor)


def test_what_is_transmitted_or_signed_is_not_written_again(plan, mayor):
    first = plan.amendments.get()
    written(first, FIRST, mayor)
    act = actions.prepare_act(amendment=first, by=mayor)
    with pytest.raises(Stale, match="déjà préparé"):  # a second click
        actions.prepare_act(amendment=first, by=mayor)
    for line in act.consultations.filter(required=True):
        governance.record_opinion(
            line=line, asked_on=None, answered_on=TODAY, opinion="favourable", reference="", by=mayor
        )
    governance.submit(act=act, seen=digest(act), by=mayor)
    with pytest.raises(Refused, match="transmis à la signature"):
        written(first, "Autre.", mayor)
    sign(act, mayor)
    with pytest.raises(Refused, match="est signé"):
        written(first, "Autre.", mayor)
    with pytest.raises(Refused, match="constatez"):
        actions.drop_amendment(amendment=first, by=mayor)
    with pytest.raises(ProgrammingError) as refused, transaction.atomic():  # nor by SQL
        first.changes.update(text="Autre.")
    assert isinstance(refused.value.__cause__, psycopg.errors.InsufficientPrivilege)


def test_an_edited_title_is_not_overwritten(plan, mayor):
    in_force(plan)
    amendment = actions.open_amendment(plan=plan, title="L’été", reason="", by=mayor)
    actions.edit_amendment(amendment=amendment, title="L’hiver", reason="", seen=1, by=mayor)
    with pytest.raises(Stale):
        actions.edit_amendment(amendment=amendment, title="L’automne", reason="", seen=1, by=mayor)


def test_a_plan_in_preparation_has_no_amendment_to_open(plan, mayor):
    with pytest.raises(Refused, match="pas encore en vigueur"):
        actions.open_amendment(plan=plan, title="Trop tôt", reason="", by=mayor)


# ------------------------------------------------------------------------------------------------ giving up


def test_a_dropped_draft_takes_its_project_of_act_along(plan, mayor):
    first = plan.amendments.get()
    written(first, FIRST, mayor)
    act = actions.prepare_act(amendment=first, by=mayor)
    actions.drop_amendment(amendment=first, by=mayor)
    assert not Act.objects.filter(pk=act.pk).exists()
    assert plan_rules.is_dropped(plan)
    assert "abandonné" in reason(plan_rules.check_can_change_plan, plan, mayor)
    assert Plan.objects.in_state("dropped").get() == plan
    first.refresh_from_db()
    with pytest.raises(Stale, match="abandonné"):
        rules.check_is_draft(first)


def test_a_project_of_act_removed_on_its_own_page_leaves_the_amendment_waiting(plan, mayor):
    first = plan.amendments.get()
    written(first, FIRST, mayor)
    governance.remove(act=actions.prepare_act(amendment=first, by=mayor), by=mayor)
    first.refresh_from_db()
    assert first.act is None
    actions.prepare_act(amendment=first, by=mayor)


# ------------------------------------------------------------------------------------------------ taking effect


def test_nothing_takes_effect_without_its_signed_act(plan, mayor):
    first = plan.amendments.get()
    with pytest.raises(Refused, match="Rien n’est encore écrit"):
        actions.prepare_act(amendment=first, by=mayor)
    written(first, FIRST, mayor)
    with pytest.raises(Refused, match="Préparez d’abord l’acte"):
        actions.take_effect(amendment=first, by=mayor, published_as="Un journal", on=TODAY)
    act = actions.prepare_act(amendment=first, by=mayor)
    first.refresh_from_db()
    with pytest.raises(Refused, match="pas encore signé"):
        actions.take_effect(amendment=first, by=mayor)
    sign(act, mayor, in_force_from=TODAY + dt.timedelta(3))
    first.refresh_from_db()
    with pytest.raises(Refused, match="revenez ce jour-là"):
        actions.take_effect(amendment=first, by=mayor)
    assert not Provision.objects.exists()


def test_a_second_click_says_that_it_is_in_force(plan, mayor):
    first = plan.amendments.get()
    written(first, FIRST, mayor)
    put_in_force(first, mayor)
    with pytest.raises(Stale, match="Entré en vigueur"):
        actions.take_effect(amendment=first, by=mayor)
    assert Provision.objects.count() == 2


def test_days_follow_the_order_of_amendments(plan, mayor):
    first = plan.amendments.get()
    written(first, FIRST, mayor)
    put_in_force(first, mayor, TODAY - dt.timedelta(5))
    plan.refresh_from_db()
    one = amending(plan, FIRST + "\n\nUn ajout.", mayor)
    other = actions.open_amendment(plan=plan, title="Autre", reason="", by=mayor)
    written(other, "Un constat.", mayor, part="diagnosis")
    put_in_force(other, mayor, TODAY - dt.timedelta(3))
    sign(actions.prepare_act(amendment=one, by=mayor), mayor, TODAY - dt.timedelta(4))
    one.refresh_from_db()
    with pytest.raises(Refused, match="ne peut l’être avant"):
        actions.take_effect(amendment=one, by=mayor)
    with pytest.raises(Refused, match="choisissez le jour suivant"):
        actions.take_effect(amendment=one, by=mayor, on=TODAY - dt.timedelta(3))
    with pytest.raises(Refused, match="à venir"):
        actions.take_effect(amendment=one, by=mayor, on=TODAY + dt.timedelta(1))
    with pytest.raises(Refused, match="précède l’entrée en vigueur de l’acte"):
        actions.take_effect(amendment=one, by=mayor, on=TODAY - dt.timedelta(5))
    assert actions.take_effect(amendment=one, by=mayor, on=TODAY).in_force_from == TODAY


def test_a_paragraph_changed_meanwhile_is_asked_again(plan, mayor):
    first = plan.amendments.get()
    written(first, FIRST, mayor)
    put_in_force(first, mayor, TODAY - dt.timedelta(5))
    plan.refresh_from_db()
    slow = amending(plan, FIRST.replace("à chacun", "à toutes"), mayor, title="Lent")
    quick = amending(plan, FIRST.replace("à chacun", "à tous"), mayor, title="Rapide")
    put_in_force(quick, mayor, TODAY - dt.timedelta(1))
    with pytest.raises(Refused, match="Un autre avenant a changé"):
        actions.prepare_act(amendment=slow, by=mayor)
    assert [change.base.replaced_by.title for change in rules.outdated(slow)] == ["Rapide"]
    # What was typed is still there, and saving it again on the text of today is enough.
    assert "Il répond à toutes." in texts.join(texts.draft_text(slow))
    written(slow, FIRST.replace("à chacun", "à toutes"), mayor)
    put_in_force(slow, mayor)
    assert reads(plan)[0].endswith("Il répond à toutes.")
    # Removing what another has removed already: nothing is left to do there.
    gone = amending(plan, FIRST.split("\n\n")[1], mayor)
    twice = amending(plan, FIRST.split("\n\n")[1], mayor)
    put_in_force(gone, mayor)
    with pytest.raises(Refused, match="Un autre avenant"):
        rules.check_can_prepare_act(twice, mayor)


def test_one_plan_of_a_kind_in_force_at_a_time(plan, mayor):
    old = in_force(PlanFactory(title="Celle d’avant"), TODAY - dt.timedelta(400))
    first = plan.amendments.get()
    written(first, FIRST, mayor)
    with pytest.raises(Refused, match=r"Celle d’avant.* est encore en vigueur"):
        put_in_force(first, mayor)
    plan_actions.end_plan(plan=old, on=TODAY - dt.timedelta(1), by=mayor)
    actions.take_effect(amendment=first, by=mayor)


def test_a_national_plan_takes_effect_by_the_publication_that_is_named():
    nation = scope_of(territory("nation", "FR"))
    by = actor("national_secretariat", nation)
    plan = PlanFactory(kind="national", territory=nation.territory, scope=nation)
    first = plan.amendments.get()
    written(first, "Prévenir plutôt que punir.", by)
    with pytest.raises(Refused, match="par la publication"):
        actions.prepare_act(amendment=first, by=by)
    with pytest.raises(Refused, match="Nommez la publication"):
        actions.take_effect(amendment=first, by=by, on=TODAY)
    actions.take_effect(amendment=first, by=by, on=TODAY, published_as="Comité interministériel inventé")
    assert reads(plan) == ["Prévenir plutôt que punir."]


@pytest.mark.parametrize(
    "role, where, kind, part",
    [
        ("prefect_office", ("departement", "42"), "departement", "priorities"),
        ("prefect_office", ("departement", "42"), "victims", "emergency"),
        ("epci_president", ("epci", "244200770"), "security_contract", "justice"),
        ("mayor", ("commune", "42218"), "tranquillity", "human"),
    ],
)
def test_each_level_puts_its_own_in_force_by_its_act(role, where, kind, part):
    place = territory(*where)
    by = actor(role, scope_of(place))
    plan = PlanFactory(kind=kind, territory=place, scope=scope_of(place))
    first = plan.amendments.get()
    written(first, "Un engagement.", by, part=part)
    put_in_force(first, by)
    assert first.act.form == rules.form_of(plan).key
    assert reads(plan, part=part) == ["Un engagement."]


def test_sheets_appear_and_leave_with_their_amendment(plan, mayor):
    reader = actor("group_member", plan.council.scope)
    first = plan.amendments.get()
    sheet = SheetFactory(plan=plan, number=1)
    written(first, "Le problème.", mayor, part="sheet:1:problem")
    put_in_force(first, mayor, TODAY - dt.timedelta(3))
    plan.refresh_from_db()
    assert list(Sheet.objects.visible_to(reader).standing()) == [sheet]
    amendment = actions.open_amendment(plan=plan, title="Retrait", reason="", by=mayor)
    sheet.withdrawn_by = amendment
    sheet.save()
    put_in_force(amendment, mayor)
    assert not Sheet.objects.visible_to(reader).standing().exists()
    assert reads(plan, part="sheet:1:problem") == []
    assert reads(plan, TODAY - dt.timedelta(1), part="sheet:1:problem") == ["Le problème."]


def test_the_database_refuses_a_text_that_no_amendment_in_force_brings(plan):
    write(plan, "preamble", "Un préambule.")
    with pytest.raises(ProgrammingError) as refused, transaction.atomic():
        Provision.objects.create(
            plan=plan, part="preamble", position=1, text="Glissé", brought_by=plan.amendments.get(), since=TODAY
        )
    assert isinstance(refused.value.__cause__, psycopg.errors.InsufficientPrivilege)
    in_force(plan)
    with pytest.raises(ProgrammingError), transaction.atomic():
        Provision.objects.update(text="Réécrit")


def test_the_database_lets_nothing_slip_into_a_text_of_before(plan):
    written = write(plan, "preamble", "Un préambule.")
    in_force(plan)
    first = plan.amendments.get()
    told = {"plan": plan, "part": "preamble", "brought_by": first, "since": first.in_force_from}
    for slipped in (
        {"position": 2, "text": "Glissé après coup."},
        {"position": 1, "text": written.text, "anchor": written.anchor, "until": TODAY, "replaced_by": first},
        {"position": 1, "text": "Autrement dit.", "anchor": written.anchor},
    ):
        with pytest.raises(ProgrammingError) as refused, transaction.atomic():
            Provision.objects.create(**told, **slipped)
        assert isinstance(refused.value.__cause__, psycopg.errors.InsufficientPrivilege)


def test_the_database_keeps_a_sheet_under_its_number_and_its_amendments(plan, mayor):
    sheet = SheetFactory(plan=in_force(plan), number=1)
    draft = actions.open_amendment(plan=plan, title="Un autre", reason="", by=mayor)
    for change in ({"number": 2}, {"brought_by": draft}, {"plan": in_force(PlanFactory())}, {"withdrawn_by": draft}):
        rows = Sheet.objects.filter(pk=sheet.pk)
        if "withdrawn_by" in change:
            assert rows.update(**change) == 1  # a draft may yet keep it
            continue
        with pytest.raises(ProgrammingError) as refused, transaction.atomic():
            rows.update(**change)
        assert isinstance(refused.value.__cause__, psycopg.errors.InsufficientPrivilege)
