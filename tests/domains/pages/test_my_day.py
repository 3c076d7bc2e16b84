"""Where each role lands: what awaits it, and nothing of anybody else."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from prevenance.domains.accounts.acting import actor_of
from prevenance.domains.governance.actions import convocations
from prevenance.domains.governance.actions.minutes import approve, correct
from prevenance.domains.governance.models import Act, ActSignature
from prevenance.domains.governance.rules.minutes import digest
from prevenance.domains.strategy.models import SheetStep
from tests.domains.governance.council_that_meets import CouncilThatMeets
from tests.domains.governance.rulebook_of_a_group import GroupWithRulebook
from tests.factories import (
    CouncilFactory,
    MandateFactory,
    MembershipFactory,
    PersonFactory,
    actor,
    coordinator_of,
    scope_of,
    territory,
)
from tests.factories.registers import Register
from tests.factories.strategy import PlanFactory, SheetFactory, in_force

pytestmark = pytest.mark.django_db


def day(sign_in, who):
    response = sign_in(who).get("/ma-journee/")
    assert response.status_code == 200
    return response.content.decode()


def test_a_coordinator_sees_meetings_to_prepare_and_decisions_due(sign_in):
    ours = CouncilThatMeets()
    ours.prepared()
    page = day(sign_in, ours.coordinator)
    assert "Réunions à préparer" in page
    assert "Plénière d’automne" in page
    assert "Comptes rendus à finir" not in page


def test_a_coordinator_sees_minutes_to_finish_then_the_mayor_to_approve(sign_in):
    ours = CouncilThatMeets()
    ours.written()
    page = day(sign_in, ours.coordinator)
    assert "Comptes rendus à finir" in page
    assert "Commencé" in page
    assert "Comptes rendus à approuver" not in page
    assert "Comptes rendus à approuver" in day(sign_in, ours.mayor)


def test_a_held_meeting_without_minutes_is_to_open(sign_in):
    ours = CouncilThatMeets()
    ours.held()
    assert "À ouvrir" in day(sign_in, ours.coordinator)


def test_a_late_decision_says_so(sign_in):
    ours = CouncilThatMeets()
    approved = ours.approved()
    decision = approved.decisions.get()
    due = decision.due_on
    with time_machine.travel(dt.datetime.combine(due + dt.timedelta(days=3), dt.time(10), tzinfo=dt.UTC)):
        page = day(sign_in, ours.coordinator)
    assert "En retard de 3\u00a0jours" in page


def test_a_member_answers_from_there_and_sees_no_draft(sign_in):
    ours = CouncilThatMeets()
    member = MandateFactory(person=ours.person(0), role="group_member", scope=ours.council.scope)
    who = actor_of(member.person)
    ours.prepared()
    assert "Rien ne vous attend" in day(sign_in, who)
    meeting = ours.convened()
    assert "Convocations sans réponse" in day(sign_in, who)
    line = meeting.attendances.get(membership=ours.members[0])
    sign_in(who).post(f"/conseils/reunions/{meeting.pk}/reponses/{line.pk}/", {"answer": "yes"})
    assert "Convocations sans réponse" not in day(sign_in, who)


def test_a_prefects_office_sees_councils_by_last_plenary_and_coordination(sign_in):
    departement = scope_of(territory("departement", "42"))
    old = CouncilFactory(surroundings=[departement], last_plenary_on=dt.date(2021, 3, 4))
    recent = CouncilFactory(
        territory=territory("commune", "42187"), surroundings=[departement], last_plenary_on=timezone.localdate()
    )
    never = CouncilFactory(territory=territory("commune", "42186"), surroundings=[departement])
    coordinator_of(recent)
    CouncilFactory(territory=territory("commune", "69123"), name="CLSPD d’ailleurs")
    page = day(sign_in, actor("prefect_office", departement))
    positions = [page.index(council.name) for council in (never, old, recent)]
    assert positions == sorted(positions)
    assert "4 mars 2021" in page
    assert page.count("Déclarée ici") == 1
    assert "CLSPD d’ailleurs" not in page


def test_a_prefects_office_sees_the_decisions_it_carries_in_the_councils_of_others(sign_in):
    departement = scope_of(territory("departement", "42"))
    ours = CouncilThatMeets(surroundings=[departement])
    sub_prefect, colleague = actor("prefect_office", departement), actor("prefect_office", departement)
    draft = ours.written()
    due = timezone.localdate() + dt.timedelta(days=3)
    draft.decisions.update(owner=sub_prefect.person, due_on=due)
    assert "Éclairer le passage" not in day(sign_in, sub_prefect)
    approve(minutes=draft, seen=digest(draft), by=ours.mayor)
    assert "Éclairer le passage" in day(sign_in, sub_prefect)
    assert "Éclairer le passage" not in day(sign_in, colleague)


def test_a_correction_to_approve_says_so(sign_in):
    ours = CouncilThatMeets()
    first = ours.approved()
    assert "Correction" not in day(sign_in, ours.mayor)
    correct(minutes=first, reason="Une date était fausse.", by=ours.coordinator)
    page = day(sign_in, ours.mayor)
    assert "Comptes rendus à approuver" in page
    assert "Correction" in page


def test_who_holds_a_council_of_the_departement_pays_no_more_than_twelve_queries(
    sign_in, django_assert_max_num_queries
):
    prefect = actor("prefect_office", scope_of(territory("departement", "42")))
    ours = GroupWithRulebook(kind="CDPDR", territory=territory("departement", "42"))
    MembershipFactory(body=ours.group, person=prefect.person)
    ours.mayor = prefect
    book = ours.adopted()
    ours.prepared()
    client = sign_in(prefect)
    page = client.get("/ma-journee/").content.decode()
    for block in ("Textes à signer", "Signatures attendues", "Réunions à préparer"):
        assert block in page
    assert str(book) in page
    with django_assert_max_num_queries(14):  # two of which open and close the request's savepoint in a test
        client.get("/ma-journee/")


def test_a_stranger_sees_nothing_of_a_council(sign_in):
    ours = CouncilThatMeets()
    ours.written()
    other = coordinator_of(CouncilFactory(territory=territory("commune", "42187")))
    page = day(sign_in, other)
    assert "Plénière d’automne" not in page
    assert "Rien ne vous attend" in page


@pytest.mark.parametrize("role", ["coordinator", "mayor"])
def test_the_page_costs_twelve_queries_at_most_whatever_the_size(sign_in, role, django_assert_max_num_queries):
    ours = CouncilThatMeets()
    ours.approved()
    ours.written()
    client = sign_in(getattr(ours, role))
    client.get("/ma-journee/")
    with django_assert_max_num_queries(14) as few:  # two of which open and close the request's savepoint in a test
        client.get("/ma-journee/")
    for _ in range(3):
        ours.prepared()
        convocations.convene(meeting=ours.prepared(), by=ours.coordinator)
        ours.written()
    with django_assert_max_num_queries(len(few)):
        client.get("/ma-journee/")


def late_plan(council, sheets=1):
    """A plan in force of the council, with late steps that were asked of somebody."""
    plan = in_force(PlanFactory(territory=council.territory, scope=council.scope.holder, council=council))
    asked = PersonFactory(given_name="Alix", family_name="D’Exemple")
    due = timezone.localdate() - dt.timedelta(days=2)
    for _turn in range(sheets):
        sheet = SheetFactory(plan=plan, state="under_way", title="L’accueil d’été", ends=due)
        SheetStep.objects.create(sheet=sheet, position=1, label="Signer l’accord", due_on=due, owner=asked)
    return plan, asked


def test_who_holds_a_plan_sees_what_is_late_and_who_was_asked(sign_in):
    council = CouncilFactory()
    _plan, asked = late_plan(council)
    for who in (coordinator_of(council), actor("mayor", council.scope.holder)):
        page = day(sign_in, who)
        assert "Fiches action en retard" in page
        assert "Signer l’accord" in page
        assert "demandée à Alix D’Exemple" in page
    MandateFactory(person=asked, role="group_member", scope=council.scope)
    assert "demandée à vous" in day(sign_in, actor_of(asked))


def test_who_reads_a_plan_without_being_asked_sees_nothing_of_what_is_late(sign_in):
    council = CouncilFactory(surroundings=[scope_of(territory("departement", "42"))])
    plan, _asked = late_plan(council)
    reader = actor("group_member", council.scope)
    others = [reader, actor("prefect_office", scope_of(territory("departement", "42")))]
    others.append(coordinator_of(CouncilFactory(territory=territory("commune", "42187"))))
    for who in others:
        assert "Fiches action en retard" not in day(sign_in, who)
    plan.sheets.update(lead_person=reader.person)
    assert "Signer l’accord" in day(sign_in, reader)
    plan.sheets.update(state="done")
    assert "Fiches action en retard" not in day(sign_in, reader)


@pytest.mark.parametrize("role", ["coordinator", "mayor", "prefect_office"])
def test_a_plan_that_is_late_keeps_the_page_within_twelve_queries(sign_in, role, django_assert_max_num_queries):
    departement = scope_of(territory("departement", "42"))
    if role == "prefect_office":
        prefect = actor("prefect_office", departement)
        ours = GroupWithRulebook(kind="CDPDR", territory=territory("departement", "42"))
        MembershipFactory(body=ours.group, person=prefect.person)
        ours.mayor = prefect
        ours.adopted()
    else:
        ours = CouncilThatMeets()
        ours.approved()
    ours.prepared()
    late_plan(ours.council)
    client = sign_in(prefect if role == "prefect_office" else getattr(ours, role))
    assert "Signer l’accord" in client.get("/ma-journee/").content.decode()
    with django_assert_max_num_queries(14) as few:  # two of which open and close the request's savepoint in a test
        client.get("/ma-journee/")
    late_plan(ours.council, 5)
    with django_assert_max_num_queries(len(few)):
        client.get("/ma-journee/")


def test_a_mayor_s_acts_convocations_and_registers_wait_within_twelve_queries(sign_in, django_assert_max_num_queries):
    ours = CouncilThatMeets()
    ours.approved()
    ours.prepared()
    ours.written()
    late_plan(ours.council)
    mayor = ours.mayor
    MembershipFactory(body=ours.council.bodies.get(kind="plenary"), person=mayor.person)
    convened = ours.convened()
    register = Register()
    register.mayor = register.acting(mayor)
    call = register.call(state="convened")
    for version, submitted in ((7, 3), (8, 5)):
        act = Act.objects.create(
            council=ours.council if version == 7 else None, scope=ours.council.scope.holder, version=version,
            title=f"Acte inventé {version}", text="# Acte", form="composition-commune",
            submitted_at=timezone.now() - dt.timedelta(days=submitted),
        )  # fmt: skip
        ActSignature.objects.create(act=act, rank=1, capacity="La présidence", scope=ours.council.scope.holder)
    client = sign_in(mayor)
    page = client.get("/ma-journee/").content.decode()
    assert page.index("Acte inventé 8") < page.index("Acte inventé 7")  # the first transmitted
    for words in ("Actes à signer", "Registres du maire", str(call), "Convocations sans réponse", convened.title,
                  "Comptes rendus à approuver", "Signer l’accord", ours.council.scope.holder.label):  # fmt: skip
        assert words in page
    with django_assert_max_num_queries(14):
        client.get("/ma-journee/")
