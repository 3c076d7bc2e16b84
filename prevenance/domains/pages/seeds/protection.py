"""What the demonstration shows of reporting circuits, restorative justice and alert devices, by their own doors.

But for the devices of other départements, where nobody of the demonstration acts: those are written directly.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from django.utils import timezone

from prevenance.core.row_security import act_as
from prevenance.domains.accounts.acting import Actor, actor_of
from prevenance.domains.accounts.models import Person
from prevenance.domains.directory.actions import circuits, devices, restorative
from prevenance.domains.directory.models import Circuit, CircuitStep, DeviceStatement, Programme, Service
from prevenance.domains.directory.rules.circuits import Step
from prevenance.domains.directory.rules.devices import Counts
from prevenance.domains.directory.rules.restorative import KIND
from prevenance.domains.territories.models import Territory

# (situation, people, put in force or not, steps). A step: who, or the place of the one that it follows; whom; means;
# delay; text.
CIRCUITS = (
    ("intrafamiliales", "minors", True, (
        ("teacher", "institution:crip", "written", "at_once", "casf226-2-1"),
        ("doctor", "institution:crip", "written", "at_once", "casf226-2-1"),
        (1, "institution:prosecutor", "secure_mail", "same_day", "casf226-4"),
        ("anyone", "number:119", "phone", "at_once", "cp434-3"),
        (4, "institution:crip", "secure_mail", "same_day", "casf226-2-1"),
    )),
    ("femmes", "adults", True, (
        ("doctor", "service:victim_support", "phone", "same_day", "cp226-14"),
        ("landlord", "service:victim_support", "phone", "two_days", ""),
        ("municipal_police", "institution:police_unit", "phone", "at_once", "cpp40"),
        (3, "institution:prosecutor", "phone", "at_once", "cpp40"),
        (1, "service:shelter", "phone", "at_once", ""),
    )),
    ("harcelement", "minors", False, (
        ("teacher", "institution:superior", "in_person", "same_day", ""),
        (1, "institution:school_authority", "secure_mail", "two_days", ""),
        ("anyone", "number:3018", "phone", "same_day", ""),
    )),
)  # fmt: skip


# Of other départements, for one month: code, in stock, allocated, in use, waiting, and what overseas lack.
ELSEWHERE = (
    ("01", 34, 27, 14, 3, None), ("38", 71, 58, 41, 16, None), ("63", 40, 36, 22, 12, None),
    ("69", 150, 131, 88, 29, None), ("972", 25, 24, 12, 11, 15), ("973", 18, 18, 7, 22, 30),
    ("974", 90, 86, 51, 34, 40), ("976", 12, 12, 1, 19, 25),
)  # fmt: skip


def write(email: str) -> int:
    """`email`: address of a role, e.g. « {role}@… ». Returns how many circuits; none where nobody may write them."""
    writer, decider, helper = (
        _actor(email.format(role=role)) for role in ("coordinator", "prefect_office", "victim_support")
    )
    if writer is None or decider is None or decider.mandate is None:
        return 0
    departement = decider.mandate.scope.territory
    for situation, people, decided, steps in CIRCUITS:
        circuit = circuits.start_circuit(departement=departement, situation=situation, people=people, by=writer)
        _steps(circuit, departement, steps, writer)
        if decided:
            circuit.refresh_from_db()
            circuits.publish_circuit(circuit=circuit, on=timezone.localdate(), seen=circuit.edit, by=decider)
    _devices(departement, decider)
    if helper is not None and helper.mandate is not None:
        act_as(helper.mandate_id)
        _programme(departement, helper)
        act_as(None)
    return len(CIRCUITS)


def _months(today: date) -> Iterator[date]:
    """The three last months, the oldest first."""
    for back in (2, 1, 0):
        year, month = divmod(today.year * 12 + today.month - 1 - back, 12)
        yield date(year, month + 1, 1)


def _devices(departement: Territory, by: Actor) -> None:
    for turn, month in enumerate(_months(timezone.localdate())):
        counts = Counts(stock=45, allocated=38 + turn, in_use=24 + turn, waiting=12 - turn)
        told = {"departement": departement, "court": None, "month": month, "by": by}
        first = devices.state_devices(kind="tgd", counts=counts, seen=None, **told)
        devices.state_devices(kind="bar", counts=Counts(20, 13, 12, 0), seen=None, **told)
    corrected = Counts(stock=45, allocated=41, in_use=27, waiting=10)
    devices.state_devices(kind="tgd", counts=corrected, seen=first.pk, **told)
    places = {one.code: one for one in Territory.objects.existing().filter(kind=Territory.Kind.DEPARTEMENT)}
    DeviceStatement.objects.bulk_create(
        DeviceStatement(
            departement=places[code], kind="tgd", month=month, stock=stock, allocated=allocated, in_use=in_use,
            waiting=waiting, overseas_need=need, stated_by=by.person,
        )
        for code, stock, allocated, in_use, waiting, need in ELSEWHERE
    )  # fmt: skip


def _programme(departement: Territory, by: Actor) -> None:
    """Three people far along by different ways, and one who withdrew."""
    service = Service.objects.open().near(departement).filter(kind=KIND).order_by("pk").first()
    if service is None:
        return
    today = timezone.localdate()
    programme = restorative.open_programme(
        service=service, kind="mediation", court=service.commune, starts_on=today - timedelta(days=90),
        ends_on=today + timedelta(days=180), by=by,
    )  # fmt: skip
    for role, reached in (("victim", 3), ("author", 2), ("relative", 1), ("victim", 1)):
        programme = Programme.objects.get(pk=programme.pk)
        person = restorative.add_participant(programme=programme, role=role, seen=programme.edit, by=by)
        for turn, stage in enumerate(("information", "preparation", "meeting")[:reached]):
            on = today - timedelta(days=80 - 20 * turn)
            restorative.record_consent(participant=person, stage=stage, given_on=on, form="signed", by=by)
            if turn < 2:
                restorative.record_stage(participant=person, stage=stage, held_on=on + timedelta(days=5), by=by)
    restorative.withdraw(participant=person, by=by)


def _actor(email: str) -> Actor | None:
    person = Person.objects.filter(email=email).first()
    return actor_of(person) if person else None


def _steps(circuit: Circuit, departement: Territory, steps: tuple, by: Actor) -> None:
    written: list[CircuitStep] = []
    for seen, (who, whom, means, delay, basis) in enumerate(steps, 1):
        kind, _colon, word = whom.partition(":")
        told = {kind: word}
        if kind == "service":
            told = {kind: Service.objects.open().near(departement).filter(kind=word).order_by("pk")[0]}
        teller = {"who": who} if isinstance(who, str) else {"after": written[who - 1]}
        step = Step(means=means, delay=delay, basis=basis, **teller, **told)
        written.append(circuits.add_step(circuit=circuit, told=step, seen=seen, by=by))
