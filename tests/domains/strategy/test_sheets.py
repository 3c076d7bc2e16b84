"""Action sheets: who writes them, in which amendment, from which state to which; dates that slip; who was asked."""

import datetime as dt
import uuid

import psycopg
import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.utils import timezone

from prevenance.core.refusals import Refused, reason
from prevenance.domains.governance.actions import acts
from prevenance.domains.governance.rules.acts import digest
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.strategy.actions import sheets as actions
from prevenance.domains.strategy.actions.amendments import prepare_act
from prevenance.domains.strategy.actions.sheets import Told
from prevenance.domains.strategy.analysis import my_day
from prevenance.domains.strategy.analysis import sheets as analysis
from prevenance.domains.strategy.models import Amendment, Change, Sheet, SheetNote, SheetStep, StrategyAction
from prevenance.domains.strategy.rules import sheets as rules
from tests.factories import (
    CouncilFactory,
    MembershipFactory,
    OrganisationFactory,
    PersonFactory,
    actor,
    coordinator_of,
    scope_of,
    territory,
)
from tests.factories.strategy import PlanFactory, SheetFactory, in_force, write

pytestmark = pytest.mark.django_db

TODAY = dt.date.today()


@pytest.fixture
def council():
    return CouncilFactory()


@pytest.fixture
def holder(council):
    return coordinator_of(council)


@pytest.fixture
def draft_plan(council):
    return PlanFactory(territory=council.territory, scope=council.scope.holder, council=council)


@pytest.fixture
def plan(draft_plan):
    return in_force(draft_plan)


@pytest.fixture
def stranger():
    return coordinator_of(CouncilFactory(territory=territory("commune", "42187")))


def amendment_of(plan, number=1):
    return Amendment.objects.create(plan=plan, number=number, title="Avenant inventé", prepared_by=PersonFactory())


def told(**others):
    return Told(
        **{"title": "Médiation à l’entrée du collège", "problem": "Un.\n\nDeux.", "objective": "Mieux."} | others
    )


def texts(plan, which="problem", number=1):
    part = rules.part(number, which)
    return list(
        Change.objects.filter(amendment__plan=plan, part=part).order_by("position").values_list("text", flat=True)
    )


# ------------------------------------------------------------------------------------------------------- writing


def test_a_sheet_goes_into_the_plans_first_text_with_its_paragraphs(draft_plan, holder):
    action = StrategyAction.objects.get(number="3.1")
    first, second = (
        actions.add_sheet(plan=draft_plan, told=told(serves=[action], values={"expected": 40}), by=holder)
        for _turn in range(2)
    )
    assert [first.number, second.number] == [1, 2]
    assert first.brought_by.number == 0
    assert texts(draft_plan) == ["Un.", "Deux."]
    assert texts(draft_plan, "objective", 2) == ["Mieux."]
    assert list(first.serves.all()) == [action]
    assert first.expected == 40
    assert [row.state for row in first.history.all()] == ["idea"]


def test_a_plan_in_force_asks_for_an_amendment_first(plan, holder):
    with pytest.raises(Refused, match="ouvrez d’abord un avenant"):
        actions.add_sheet(plan=plan, told=told(), by=holder)
    draft = amendment_of(plan)
    assert actions.add_sheet(plan=plan, told=told(), by=holder).brought_by == draft


def test_the_same_form_sent_twice_adds_once(draft_plan, holder):
    key = uuid.uuid4()
    actions.add_sheet(plan=draft_plan, told=told(), key=key, by=holder)
    with pytest.raises(Stale):
        actions.add_sheet(plan=draft_plan, told=told(), key=key, by=holder)
    assert Sheet.objects.count() == 1


def test_whoever_holds_the_plan_writes_and_nobody_else(plan, council, holder, stranger):
    sheet = SheetFactory(plan=plan)
    mayor = actor("mayor", council.scope.holder)
    for one in (holder, mayor, actor("deputy", council.scope)):
        assert reason(rules.check_can_change, sheet, one) == ""
    above = actor("prefect_office", scope_of(territory("departement", "42")))
    for one in (stranger, above, actor("group_member", council.scope), actor("evaluator", council.scope.holder)):
        assert "tiennent ce plan" in reason(rules.check_can_change, sheet, one)
        with pytest.raises(Refused):
            actions.move_sheet(sheet=sheet, state="under_way", by=one)


def test_sheets_in_force_are_read_around_and_drafts_by_the_holder_alone(plan, council, holder, stranger):
    standing = SheetFactory(plan=plan)
    drafted = SheetFactory(plan=plan, brought_by=amendment_of(plan))
    around = actor("prefect_office", scope_of(territory("departement", "42")))
    member = actor("group_member", council.scope)
    assert list(Sheet.objects.visible_to(holder)) == [standing, drafted]
    assert list(Sheet.objects.visible_to(around)) == [standing]
    assert list(Sheet.objects.visible_to(member)) == [standing]
    assert not Sheet.objects.visible_to(stranger).exists()


def test_an_ended_plan_no_longer_changes(plan, holder):
    sheet = SheetFactory(plan=plan)
    plan.ended_on = TODAY - dt.timedelta(days=1)
    plan.save()
    sheet.plan.refresh_from_db()
    with pytest.raises(Refused, match="terminé"):
        actions.add_note(sheet=sheet, text="Trop tard", by=holder)


def test_an_older_form_does_not_overwrite(draft_plan, holder):
    sheet = actions.add_sheet(plan=draft_plan, told=told(), by=holder)
    actions.edit_sheet(sheet=sheet, told=told(title="L’accueil de l’été"), seen=sheet.edit, by=holder)
    with pytest.raises(Stale, match="modifiée ailleurs"):
        actions.edit_sheet(sheet=sheet, told=told(), seen=sheet.edit, by=holder)
    assert Sheet.objects.get().title == "L’accueil de l’été"


def test_paragraphs_that_stay_keep_their_anchor(draft_plan, holder):
    sheet = actions.add_sheet(plan=draft_plan, told=told(problem="Un.\n\nDeux.\n\nTrois."), by=holder)
    before = dict(Change.objects.filter(part=rules.part(1, "problem")).values_list("text", "anchor"))
    actions.edit_sheet(sheet=sheet, told=told(problem="Nouveau.\n\nDeux.\n\n\n  Trois."), seen=1, by=holder)
    after = dict(Change.objects.filter(part=rules.part(1, "problem")).values_list("text", "anchor"))
    assert list(after) == texts(draft_plan) == ["Nouveau.", "Deux.", "Trois."]
    assert (after["Deux."], after["Trois."], after["Nouveau."]) == (before["Deux."], before["Trois."], before["Un."])
    sheet.refresh_from_db()
    actions.edit_sheet(sheet=sheet, told=told(problem="Seul."), seen=sheet.edit, by=holder)
    assert texts(draft_plan) == ["Seul."]


def test_texts_in_force_are_changed_by_an_amendment_only(draft_plan, holder):
    write(draft_plan, "sheet:1:problem", "En vigueur.")
    sheet = SheetFactory(plan=in_force(draft_plan))
    with pytest.raises(Refused, match="un avenant les change"):
        actions.edit_sheet(sheet=sheet, told=told(), seen=1, by=holder)
    edited = actions.edit_sheet(sheet=sheet, told=told(problem=None, objective=None), seen=1, by=holder)
    shown = analysis.texts_of(edited, holder=True)
    assert (shown.problem, shown.drafted) == (["En vigueur."], False)


def test_drafted_texts_are_shown_to_the_holder_alone(draft_plan, holder):
    sheet = actions.add_sheet(plan=draft_plan, told=told(), by=holder)
    assert analysis.texts_of(sheet, holder=True).problem == ["Un.", "Deux."]
    assert analysis.texts_of(sheet, holder=False).problem == []


def test_organisations_are_known_by_their_names_here_and_new_elsewhere(draft_plan, council, holder):
    seated = OrganisationFactory(name="Mission locale de l’Étoile")
    MembershipFactory(body=council.bodies.get(), organisation=seated)
    OrganisationFactory(name="Association d’ailleurs")
    sheet = actions.add_sheet(
        plan=draft_plan, by=holder,
        told=told(lead="mission locale de l'etoile", partners=["Association d’ailleurs", "MISSION LOCALE DE L’ÉTOILE"]),
    )  # fmt: skip
    assert sheet.lead == seated
    names = {partner.name for partner in sheet.partners.all()}
    assert names == {"Association d’ailleurs", "Mission locale de l’Étoile"}
    assert sheet.partners.filter(name="Association d’ailleurs").get().pk not in (seated.pk,)


def test_only_people_of_the_council_or_of_ones_scopes_are_asked(draft_plan, council, holder):
    seated, unknown = PersonFactory(family_name="O’Inventé"), PersonFactory()
    MembershipFactory(body=council.bodies.get(), person=seated)
    assert actions.add_sheet(plan=draft_plan, told=told(lead_person=seated), by=holder).lead_person == seated
    with pytest.raises(Refused, match="siège au conseil"):
        actions.add_sheet(plan=draft_plan, told=told(lead_person=unknown), by=holder)
    assert Sheet.objects.count() == 1


@pytest.mark.parametrize("passage", ["suivi de K. Z.", "chez Kévin B. hier"])
def test_initials_of_somebody_are_refused(draft_plan, holder, passage):
    sheet = actions.add_sheet(plan=draft_plan, told=told(), by=holder)
    with pytest.raises(Refused, match="semble désigner"):
        actions.add_note(sheet=sheet, text=passage, by=holder)
    with pytest.raises(Refused, match="semble désigner"):
        actions.edit_sheet(sheet=sheet, told=told(problem=passage), seen=1, by=holder)


# ------------------------------------------------------------------------------------------------------- withdrawing


def test_withdrawing_goes_with_the_draft_and_removes_the_words(draft_plan, holder):
    write(draft_plan, "sheet:1:problem", "En vigueur.")
    plan = in_force(draft_plan)
    sheet = SheetFactory(plan=plan)
    with pytest.raises(Refused, match="ouvrez d’abord un avenant"):
        actions.withdraw_sheet(sheet=sheet, by=holder)
    draft = amendment_of(plan)
    actions.withdraw_sheet(sheet=sheet, by=holder)
    removal = Change.objects.get(amendment=draft)
    assert (removal.kind, removal.base.text) == ("remove", "En vigueur.")
    assert Sheet.objects.visible_to(holder).standing().get() == sheet  # until the amendment takes effect
    with pytest.raises(Stale):
        actions.withdraw_sheet(sheet=sheet, by=holder)
    actions.keep_sheet(sheet=sheet, by=holder)
    assert not Change.objects.filter(amendment=draft).exists()
    with pytest.raises(Stale):
        actions.keep_sheet(sheet=sheet, by=holder)


def test_a_withdrawal_in_force_is_final(plan, holder):
    draft = amendment_of(plan)
    sheet = SheetFactory(plan=plan)
    actions.withdraw_sheet(sheet=sheet, by=holder)
    draft.state, draft.in_force_from, draft.published_as = "in_force", TODAY, "Acte inventé"
    draft.save()
    assert not Sheet.objects.visible_to(holder).standing().exists()
    sheet.refresh_from_db()
    assert "a été retirée" in reason(rules.check_can_change, sheet, holder)
    with pytest.raises(Refused, match="en vigueur"):
        actions.keep_sheet(sheet=sheet, by=holder)


def test_an_amendment_that_is_dropped_takes_its_sheets_and_its_withdrawals_with_it(plan, holder):
    draft = amendment_of(plan)
    standing, brought = SheetFactory(plan=plan), actions.add_sheet(plan=plan, told=told(), by=holder)
    actions.withdraw_sheet(sheet=standing, by=holder)
    draft.state = "dropped"
    draft.save()
    assert list(Sheet.objects.visible_to(holder).standing()) == [standing]
    assert actions.move_sheet(sheet=standing, state="under_way", by=holder).state == "under_way"
    with pytest.raises(Refused, match="est abandonné"):
        actions.add_note(sheet=brought, text="Trop tard", by=holder)
    amendment_of(plan, 2)
    assert actions.withdraw_sheet(sheet=standing, by=holder).withdrawn_by.number == 2


# ------------------------------------------------------------------------------------------------------- states


def test_every_state_leads_somewhere_and_every_move_is_written(plan, holder):
    assert set(rules.TRANSITIONS) == set(Sheet.State)
    for before, moves in rules.TRANSITIONS.items():
        assert moves
        for after, asks in moves.items():
            sheet = SheetFactory(plan=plan, state=before)
            if asks:
                with pytest.raises(Refused, match="Dites pourquoi"):
                    actions.move_sheet(sheet=sheet, state=after, by=holder)
            moved = actions.move_sheet(sheet=sheet, state=after, reason="L’été" if asks else "", by=holder)
            assert moved.state == after
            assert [(row.state, row.reason) for row in moved.history.all()] == [(after, "L’été" if asks else "")]


def test_a_second_click_and_an_impossible_move_are_stale(plan, holder):
    sheet = SheetFactory(plan=plan)
    actions.move_sheet(sheet=sheet, state="under_way", by=holder)
    with pytest.raises(Stale):
        actions.move_sheet(sheet=sheet, state="under_way", by=holder)
    with pytest.raises(Stale):
        actions.move_sheet(sheet=sheet, state="planned", by=holder)


def test_a_note_is_written_once_and_never_rewritten(plan, holder):
    sheet = SheetFactory(plan=plan)
    note = actions.add_note(sheet=sheet, text="L’atelier a ouvert.", by=holder)
    with pytest.raises(Stale):
        actions.add_note(sheet=sheet, text="L’atelier a ouvert.", by=holder)
    with pytest.raises(ProgrammingError) as refused, transaction.atomic():
        SheetNote.objects.filter(pk=note.pk).update(text="Autre")
    assert isinstance(refused.value.__cause__, psycopg.errors.InsufficientPrivilege)
    journal = analysis.journal_of(actions.move_sheet(sheet=sheet, state="under_way", by=holder))
    assert [(row["state"], row["text"]) for row in journal] == [("En cours", ""), ("", "L’atelier a ouvert.")]


def test_the_table_itself_refuses_dates_and_ages_out_of_order(plan):
    for values in ({"begins": TODAY, "ends": TODAY - dt.timedelta(days=1)}, {"age_from": 18, "age_to": 12}):
        with pytest.raises(IntegrityError), transaction.atomic():
            SheetFactory(plan=plan, **values)


# ------------------------------------------------------------------------------------------------------- late, dates


def test_what_is_late(plan):
    yesterday, tomorrow = TODAY - dt.timedelta(days=1), TODAY + dt.timedelta(days=1)
    on_time = SheetFactory(plan=plan, ends=tomorrow)
    ended = SheetFactory(plan=plan, ends=yesterday)
    stepped = SheetFactory(plan=plan, ends=tomorrow)
    done = SheetFactory(plan=plan, ends=yesterday, state="done")
    step = SheetStep.objects.create(sheet=stepped, position=1, label="Ouvrir", due_on=yesterday)
    SheetStep.objects.create(sheet=on_time, position=1, label="Ouvrir", due_on=yesterday, done_on=yesterday)
    SheetStep.objects.create(sheet=done, position=1, label="Ouvrir", due_on=yesterday)
    found = analysis.with_lateness(Sheet.objects.all()).order_by("number")
    said = {sheet.pk: analysis.is_late(sheet) for sheet in found}
    assert said == {on_time.pk: False, ended.pk: True, stepped.pk: True, done.pk: False}
    assert set(Sheet.objects.filter(rules.late_sheets())) == {ended, stepped}
    assert rules.step_is_late(step)
    assert rules.is_late(stepped, [step])
    assert not rules.is_late(done, [step])


def test_late_steps_are_told_to_the_holder_and_to_whoever_was_asked(plan, council, holder, stranger):
    reader, asked = actor("group_member", council.scope), actor("group_member", council.scope)
    sheet, closed = SheetFactory(plan=plan), SheetFactory(plan=plan, state="done")
    due = TODAY - dt.timedelta(days=1)
    late = SheetStep.objects.create(sheet=sheet, position=1, label="Ouvrir", due_on=due, owner=asked.person)
    SheetStep.objects.create(sheet=sheet, position=2, label="Plus tard", due_on=TODAY, owner=asked.person)
    SheetStep.objects.create(sheet=closed, position=1, label="Close", due_on=due, owner=asked.person)
    told_to = {who: my_day.late_steps(who) for who in (holder, asked, reader, stranger)}
    assert told_to == {holder: [late], asked: [late], reader: [], stranger: []}


def test_dates_slip_in_one_action_with_a_reason(plan, holder):
    day = dt.date(2026, 11, 30)
    begun = SheetFactory(plan=plan, state="under_way", begins=day, ends=day)
    coming = SheetFactory(plan=plan, begins=day, ends=day)
    closed = SheetFactory(plan=plan, state="done", ends=day)
    to_do = SheetStep.objects.create(sheet=begun, position=1, label="À faire", due_on=day)
    did = SheetStep.objects.create(sheet=begun, position=2, label="Faite", due_on=day, done_on=day)
    chosen = [begun, coming]
    seen = rules.stamp(chosen)
    preview = analysis.slip(chosen, 31)
    wanted = {"plan": plan, "sheets": [one.pk for one in (*chosen, closed)], "days": 31, "seen": seen, "by": holder}
    with pytest.raises(Refused, match="Dites pourquoi"):
        actions.shift_dates(**wanted, reason=" ")
    assert actions.shift_dates(**wanted, reason="L’appel d’offres a glissé") == (2, 1)
    moved = dt.date(2026, 12, 31)
    for line in preview:
        now = Sheet.objects.get(pk=line.sheet.pk)
        assert (now.begins, now.ends) == (line.begins, line.ends)
        assert "L’appel d’offres a glissé" in now.notes.get().text
    for row in (begun, coming, closed, to_do, did):
        row.refresh_from_db()
    assert (begun.begins, begun.ends, coming.begins, closed.ends) == (day, moved, moved, day)
    assert (to_do.due_on, did.due_on) == (moved, day)
    with pytest.raises(Stale, match="relisez"):
        actions.shift_dates(**wanted, reason="Une seconde fois")


def test_a_slip_that_makes_no_sense_changes_nothing(plan, holder):
    day = timezone.localdate()
    sheet = SheetFactory(plan=plan, state="under_way", begins=day, ends=day + dt.timedelta(days=5))
    with pytest.raises(Refused, match="finirait avant"):
        actions.shift_dates(
            plan=plan, sheets=[sheet.pk], days=-30, reason="Trop tôt", seen=rules.stamp([sheet]), by=holder
        )
    with pytest.raises(Refused, match="au moins une fiche"):
        actions.shift_dates(plan=plan, sheets=[], days=3, reason="Rien", seen="", by=holder)
    with pytest.raises(Refused, match="combien de jours"):
        actions.shift_dates(plan=plan, sheets=[sheet.pk], days=0, reason="Rien", seen="", by=holder)


def test_a_text_on_its_way_to_be_signed_takes_no_sheet_more_nor_less(draft_plan, holder):
    sheet = actions.add_sheet(plan=draft_plan, told=told(), key=uuid.uuid4(), by=holder)
    act = prepare_act(amendment=draft_plan.amendments.get(), by=holder)
    for line in act.consultations.filter(required=True):
        acts.record_opinion(
            line=line, asked_on=TODAY, answered_on=TODAY, opinion="favourable", reference="Avis", by=holder
        )
    acts.submit(act=act, seen=digest(act), by=holder)
    with pytest.raises(Refused, match="transmis à la signature"):
        actions.add_sheet(plan=draft_plan, told=told(), key=uuid.uuid4(), by=holder)
    with pytest.raises(Refused, match="transmis à la signature"):
        actions.withdraw_sheet(sheet=sheet, by=holder)
    sheet.refresh_from_db()
    with pytest.raises(Refused, match="transmis à la signature"):
        rules.check_texts_are_open(sheet)
