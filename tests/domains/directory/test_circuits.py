"""Reporting circuits: written by some, put in force by others, read by a département, never changed afterwards."""

import datetime as dt

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from prevenance.core.models import AuditRow
from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import ANYBODY
from prevenance.domains.accounts.roles import ROLES
from prevenance.domains.directory.actions import circuits as actions
from prevenance.domains.directory.models import Circuit, CircuitStep
from prevenance.domains.directory.models.circuits import bases, bases_on
from prevenance.domains.directory.rules.circuits import Step
from prevenance.domains.governance.rules.councils import Stale
from tests.factories import CouncilFactory, actor, coordinator_of, scope_of, territory
from tests.factories.directory import (
    CircuitFactory,
    CircuitStepFactory,
    ServiceFactory,
    StructureFactory,
    in_force,
    with_two_steps,
)

pytestmark = pytest.mark.django_db

FIRST = Step(who="teacher", institution="crip", means="written", delay="at_once", basis="casf226-2-1")


@pytest.fixture
def loire():
    return territory("departement", "42")


@pytest.fixture
def prefect(loire):
    return actor("prefect_office", scope_of(loire))


@pytest.fixture
def coordinator():
    return coordinator_of(CouncilFactory())


def started(by, **values):
    told = {"departement": territory("departement", "42"), "situation": "harcelement", "people": "minors"} | values
    return actions.start_circuit(**told, by=by)


# ------------------------------------------------------------------------------------------- who writes, who decides


def test_a_coordinator_writes_and_the_prefecture_puts_in_force(coordinator, prefect):
    circuit = started(coordinator)
    first = actions.add_step(circuit=circuit, told=FIRST, seen=1, by=coordinator)
    told = Step(after=first, institution="prosecutor", means="phone", delay="same_day")
    actions.add_step(circuit=circuit, told=told, seen=2, by=coordinator)
    circuit.refresh_from_db()
    with pytest.raises(Refused, match="préfecture ou le parquet"):
        actions.publish_circuit(circuit=circuit, on=timezone.localdate(), seen=3, by=coordinator)
    found = actions.publish_circuit(circuit=circuit, on=timezone.localdate(), seen=3, by=prefect)
    assert found.state == Circuit.State.CURRENT
    steps = CircuitStep.objects.filter(circuit=circuit).whole()
    assert [(step.teller_label, step.told_label) for step in steps] == [
        ("Personnel d’un établissement scolaire", "Cellule de recueil des informations préoccupantes (conseil "
         "départemental)"),
        ("Cellule de recueil des informations préoccupantes (conseil départemental)", "Procureur de la République"),
    ]  # fmt: skip
    row = AuditRow.objects.filter(action="directory.publish_circuit").get()
    assert row.subject == f"directory.circuit:{circuit.pk}"


@pytest.mark.parametrize("role", ["mayor", "victim_support", "national_secretariat", "group_member", "mediator"])
def test_others_write_nothing(role, loire):
    kind = next(k for k in ("departement", "commune", "nation", "council") if k in ROLES[role].scopes)
    scope = {
        "departement": lambda: scope_of(loire), "commune": lambda: scope_of(territory("commune", "42218")),
        "nation": lambda: scope_of(territory("nation", "FR")), "council": lambda: CouncilFactory().scope,
    }[kind]()  # fmt: skip
    with pytest.raises(Refused, match="coordination, la préfecture et le parquet"):
        started(actor(role, scope))
    assert not Circuit.objects.exists()


def test_nobody_writes_or_decides_for_another_departement(coordinator):
    rhone = territory("departement", "69")
    with pytest.raises(Refused, match="n’est pas le vôtre"):
        started(coordinator, departement=rhone)
    other = actor("prefect_office", scope_of(rhone))
    circuit, shown = CircuitFactory(), in_force(CircuitFactory(people="adults"))
    for act in (
        lambda: actions.publish_circuit(circuit=circuit, on=timezone.localdate(), seen=1, by=other),
        lambda: actions.add_step(circuit=circuit, told=FIRST, seen=1, by=other),
        lambda: actions.delete_circuit(circuit=circuit, by=other),
        lambda: actions.end_circuit(circuit=shown, on=timezone.localdate(), by=other),
    ):
        with pytest.raises(Refused):
            act()
    assert not Circuit.objects.visible_to(other).exists()


def test_it_is_read_by_each_professional_of_the_departement_and_nobody_else(loire):
    draft, shown = CircuitFactory(), in_force(CircuitFactory(people="adults"))
    town = scope_of(territory("commune", "42218"))
    for who in (
        actor("mediator", town), actor("group_member", CouncilFactory().scope), actor("evaluator", scope_of(loire)),
        actor("national_secretariat", scope_of(territory("nation", "FR"))),
        actor("trainer", scope_of(territory("region", "84"))),
    ):  # fmt: skip
        assert list(Circuit.objects.visible_to(who)) == [shown], who.role
        assert set(CircuitStep.objects.visible_to(who)) == set(shown.steps.all())
    writer = actor("prosecutor_office", scope_of(loire))
    assert set(Circuit.objects.visible_to(writer)) == {draft, shown}
    for who in (actor("mediator", scope_of(territory("commune", "69123"))), ANYBODY):
        assert not Circuit.objects.visible_to(who).exists()


# ------------------------------------------------------------------------------------------- what a step may say


def test_a_step_tells_a_service_a_structure_a_number_or_an_institution(coordinator):
    circuit = started(coordinator)
    service, structure = ServiceFactory(), StructureFactory()
    for seen, one in enumerate(
        ({"service": service}, {"structure": structure}, {"number": "119"}, {"institution": "prosecutor"}), 1
    ):
        actions.add_step(
            circuit=circuit, told=Step(who="teacher", means="phone", delay="at_once", **one), seen=seen, by=coordinator
        )
    labels = [step.told_label for step in circuit.steps.order_by("rank")]
    assert labels[:2] == [service.name, structure.name]
    assert "119" in labels[2]


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"institution": "crip", "number": "119"}, "qui est prévenu"),
        ({}, "qui est prévenu"),
        ({"institution": "nobody"}, "institution dans la liste"),
        ({"number": "999"}, "numéro national"),
        ({"institution": "crip", "means": "pigeon"}, "moyen et le délai"),
        ({"institution": "crip", "basis": "nothing"}, "Ce texte"),
        ({"institution": "crip", "who": ""}, "qui signale"),
        ({"institution": "crip", "who": "wizard"}, "qui signale"),
    ],
)
def test_words_are_of_the_lists(coordinator, told, sentence):
    circuit = started(coordinator)
    with pytest.raises(Refused, match=sentence):
        actions.add_step(
            circuit=circuit, told=Step(**{"who": "teacher", "means": "phone", "delay": "week"} | told), seen=1,
            by=coordinator,
        )  # fmt: skip


def test_a_step_follows_one_of_its_own_circuit_before_it_and_not_itself(coordinator):
    circuit, other = started(coordinator), CircuitFactory()
    first = actions.add_step(circuit=circuit, told=FIRST, seen=1, by=coordinator)
    second = actions.add_step(
        circuit=circuit, told=Step(after=first, institution="prosecutor", means="phone", delay="week"), seen=2,
        by=coordinator,
    )  # fmt: skip
    for after in (other.steps.get(), second):
        with pytest.raises(Refused):
            actions.edit_step(
                step=first, told=Step(after=after, institution="crip", means="phone", delay="week"), seen=3,
                by=coordinator,
            )  # fmt: skip
    with pytest.raises(Refused, match="se prévenir soi-même"):
        told = Step(after=first, institution="crip", means="phone", delay="week")
        actions.add_step(circuit=circuit, told=told, seen=3, by=coordinator)
    with pytest.raises(Refused, match="fait suite à celle-ci"):
        actions.remove_step(step=first, seen=3, by=coordinator)
    actions.remove_step(step=second, seen=3, by=coordinator)
    assert [step.rank for step in circuit.steps.all()] == [1]


def test_a_closed_service_is_not_told(coordinator):
    service = ServiceFactory(closed_on=dt.date(2026, 1, 1))
    with pytest.raises(Refused, match="fermé"):
        told = Step(who="teacher", service=service, means="phone", delay="week")
        actions.add_step(circuit=started(coordinator), told=told, seen=1, by=coordinator)


def test_texts_are_dated():
    assert {one.key for one in bases_on(dt.date(2026, 12, 1))} == set(bases())
    assert "casf226-2-1" not in {one.key for one in bases_on(dt.date(2000, 1, 1))}
    assert all(one.text and one.says for one in bases().values())


# ------------------------------------------------------------------------------------------- versions


def test_a_new_version_takes_the_steps_and_ends_the_one_before_on_its_first_day(coordinator, prefect):
    old = in_force(with_two_steps())
    new = started(coordinator, situation=old.situation, people=old.people)
    assert new.version == 2
    assert [step.told for step in new.steps.order_by("rank")] == [step.told for step in old.steps.order_by("rank")]
    assert new.steps.get(rank=2).after == new.steps.get(rank=1)
    with pytest.raises(Stale, match="déjà en préparation"):
        started(coordinator, situation=old.situation, people=old.people)
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    actions.publish_circuit(circuit=new, on=tomorrow, seen=new.edit, by=prefect)
    old.refresh_from_db()
    new.refresh_from_db()
    assert old.valid_to == tomorrow
    assert (old.state, new.state) == (Circuit.State.CURRENT, Circuit.State.FUTURE)
    assert list(Circuit.objects.in_force(tomorrow)) == [new]


def test_a_first_day_is_neither_past_nor_taken(prefect):
    today = timezone.localdate()
    circuit = CircuitFactory(version=2)
    with pytest.raises(Refused, match="Ce jour est passé"):
        actions.publish_circuit(circuit=circuit, on=today - dt.timedelta(days=1), seen=1, by=prefect)
    in_force(CircuitFactory(version=1, people=circuit.people, situation="haine"), today)
    other = CircuitFactory(version=2, situation="haine")
    Circuit.objects.filter(situation="haine", version=1).update(valid_to=today + dt.timedelta(days=9))
    with pytest.raises(Refused, match="Une autre version"):
        actions.publish_circuit(circuit=other, on=today, seen=1, by=prefect)


def test_an_empty_circuit_is_not_put_in_force_and_a_second_click_says_so(prefect):
    with pytest.raises(Refused, match="n’a pas d’étape"):
        actions.publish_circuit(
            circuit=CircuitFactory(first=False, people="adults"), on=timezone.localdate(), seen=1, by=prefect
        )
    circuit = CircuitFactory()
    actions.publish_circuit(circuit=circuit, on=timezone.localdate(), seen=1, by=prefect)
    with pytest.raises(Stale, match="déjà mise en vigueur"):
        actions.publish_circuit(circuit=circuit, on=timezone.localdate(), seen=1, by=prefect)


def test_what_changed_since_it_was_read_is_not_put_in_force(coordinator, prefect):
    circuit = CircuitFactory()
    actions.add_step(circuit=circuit, told=FIRST, seen=1, by=coordinator)
    with pytest.raises(Stale, match="modifié entre-temps"):
        actions.publish_circuit(circuit=circuit, on=timezone.localdate(), seen=1, by=prefect)
    with pytest.raises(Stale, match="modifié entre-temps"):
        actions.add_step(circuit=circuit, told=FIRST, seen=1, by=coordinator)


def test_an_end_is_said_once(prefect):
    circuit = in_force(CircuitFactory())
    actions.end_circuit(circuit=circuit, on=timezone.localdate(), by=prefect)
    with pytest.raises(Stale, match="déjà dite"):
        actions.end_circuit(circuit=circuit, on=timezone.localdate(), by=prefect)
    assert not Circuit.objects.in_force().exists()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE directory_circuit SET situation = 'haine' WHERE id = %s",
        "UPDATE directory_circuit SET valid_from = valid_from + 1 WHERE id = %s",
        "DELETE FROM directory_circuit WHERE id = %s",
        "UPDATE directory_circuitstep SET institution = 'prosecutor' WHERE circuit_id = %s",
        "DELETE FROM directory_circuitstep WHERE circuit_id = %s",
        "INSERT INTO directory_circuitstep (circuit_id, rank, who, number, institution, means, delay, basis)"
        " VALUES (%s, 9, 'teacher', '', 'crip', 'phone', 'week', '')",
    ],
)
def test_the_database_itself_keeps_what_is_in_force(statement):
    circuit = in_force(CircuitFactory())
    with pytest.raises(DatabaseError, match="does not change"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [circuit.pk])


def test_the_database_itself_keeps_one_version_at_a_time_and_steps_of_their_circuit():
    first = in_force(CircuitFactory())
    with pytest.raises(IntegrityError), transaction.atomic():
        in_force(CircuitFactory(version=2), dt.date(2026, 3, 1))
    assert first.state == Circuit.State.CURRENT
    draft, other = CircuitFactory(version=2), CircuitFactory(people="adults")
    with pytest.raises(DatabaseError, match="earlier one of its circuit"), transaction.atomic():
        CircuitStepFactory(circuit=draft, after=other.steps.get(), institution="prosecutor")
    with pytest.raises(IntegrityError), transaction.atomic():
        CircuitStepFactory(circuit=draft, institution="crip", number="119")
