"""Reporting circuits of the demonstration, by their own doors: who prepares them, then who puts them in force."""

from django.utils import timezone

from prevenance.domains.accounts.acting import Actor, actor_of
from prevenance.domains.accounts.models import Person
from prevenance.domains.directory.actions import circuits
from prevenance.domains.directory.models import Circuit, CircuitStep, Service
from prevenance.domains.directory.rules.circuits import Step
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


def write(email: str) -> int:
    """Circuits of the demonstration's département. `email`: address of a role, e.g. « {role}@… ». Returns how many."""
    writer, decider = (_actor(email.format(role=role)) for role in ("coordinator", "prefect_office"))
    if writer is None or decider is None or decider.mandate is None:
        return 0
    departement = decider.mandate.scope.territory
    for situation, people, decided, steps in CIRCUITS:
        circuit = circuits.start_circuit(departement=departement, situation=situation, people=people, by=writer)
        _steps(circuit, departement, steps, writer)
        if decided:
            circuit.refresh_from_db()
            circuits.publish_circuit(circuit=circuit, on=timezone.localdate(), seen=circuit.edit, by=decider)
    return len(CIRCUITS)


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
