"""Everybody tries every address: pages, tables, PDF, searches, forms, with what is theirs and what is not.

The heaviest test of the suite: the world is made once for each of four parts of the attackers, and each address that a
reader's page leads to is tried by all.
"""

import logging

import pytest

from tests.attack.planting import kept_models, sealed_models
from tests.attack.targets import Targets, name_of, served
from tests.attack.walking import Walk
from tests.attack.world import AttackWorld
from tests.house.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(1800)]

# What a rightful reader must have seen on the way: else the walk does not reach what it says that it guards.
REACHED = {
    "Identity.given_name", "Identity.family_name", "Identity.birth_date", "Identity.address", "Representative.phone",
    "Fact.situation", "Report.origin", "Goal.words", "Step.words", "Contact.words", "Review.words",
    "Orientation.service_name", "Attachment.name", "Attachment.content",
}  # fmt: skip


class Listener(logging.Handler):
    """Reads every log record as it would be written."""

    def __init__(self, reader):
        super().__init__()
        self.reader, self.leaks = reader, []
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))

    def emit(self, record):
        self.leaks += [
            f"log {record.name}: {place} of {label}" for label, place in self.reader.sealed(self.format(record))
        ]


@pytest.fixture
def world(settings):
    settings.DEMONSTRATION = True  # every address answers, the demonstration's own included
    house = World("coordinator")
    made = AttackWorld(house.council).plant()
    made.targets = Targets(made, house)
    listener = Listener(made.reader)
    root = logging.getLogger()
    before, root.handlers = root.handlers, [listener]  # alone: thousands of refusals are not printed as well
    made.listener = listener
    yield made
    root.handlers = before


@pytest.mark.parametrize("part", [0, 1])
@pytest.mark.parametrize("half", ["who reads some file", "who reads none"])
def test_nobody_gets_what_is_not_theirs(world, half, part):
    attackers = [one for one in world.attackers if bool(one.reads) == (half == "who reads some file")][part::2]
    assert len(attackers) > 4
    leaks, broken, seen, requests = [], [], set(), 0
    for attacker in attackers:
        walk = Walk(world, attacker, world.targets).all()
        leaks, broken, seen = leaks + walk.leaks, broken + walk.broken, seen | walk.seen
        requests += walk.requests
    assert not leaks + world.listener.leaks, "\n".join(dict.fromkeys(leaks + world.listener.leaks))
    assert not broken, "\n".join(dict.fromkeys(broken))
    assert requests > 150 * len(attackers)
    if half == "who reads some file":
        assert REACHED - {place for _label, place in seen} == set()
        assert {label for label, _place in seen} == set().union(*(one.reads | set(one.parts) for one in attackers))
    else:
        assert seen == set()


def test_every_address_of_a_file_is_tried_and_every_sealed_column_is_planted(world):
    tried = {name_of(path) for path in world.targets.paths}
    served_here = {name for name, _arguments in served() if name.startswith("followup:")}
    assert len(served_here) > 10
    assert served_here - tried == set()
    planted = {place for one in world.planted for place in [*one.canaries.values(), one.birth_place]}
    sealed = {
        f"{model.__name__}.{field.name}" for model in sealed_models() for field in model._meta.concrete_fields
        if type(field).__name__ == "SealedField"
    }  # fmt: skip
    assert len(sealed) > 40
    # Read as a code of the model and as a list of codes with days: a word there would break what the report opens.
    assert sealed - planted == {"SentReport.sex", "SentReport.situations"}
    assert len(kept_models()) >= 18
