"""For whoever has nothing to do with a file, the world with it and the world without it answer the same, byte for byte.

A count, a heading, a button that appears, an empty list that is worded otherwise would tell that somebody is followed.
"""

import re

import pytest
import time_machine
from django.utils import timezone

from prevenance.core.documents.tables import FORMATS
from tests.attack.canaries import body_of
from tests.attack.targets import served
from tests.attack.walking import added
from tests.attack.world import AttackWorld
from tests.house.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(600)]

# What changes at each request whatever the world: keys of forms, and the key of scripts.
CHANGING = (
    (re.compile(r'(name="csrfmiddlewaretoken" value=")[^"]+'), r"\1"),
    (re.compile(r'(X-CSRFToken[^:]*:\s*["&quot;]+)[A-Za-z0-9]{64}'), r"\1"),
    (re.compile(r"nonce[-=\"']+[A-Za-z0-9+/=_-]+"), "nonce"),
)
# The officer of a controller counts readings and reads the trail of its acts: that is the office, told in docs/aipd.md.
COUNTS = {"data_protection_officer"}
PLACES = ("pages:", "territories:", "governance:", "followup:")


def steady(response):
    text = f"{response.status_code}\n{body_of(response)}"
    for shape, word in CHANGING:
        text = shape.sub(word, text)
    return text


def addresses(house):
    """My day, lists, councils, territories, figures, and whatever else needs no file to be named."""
    from django.urls import reverse

    found = []
    for name, arguments in served():
        if name.startswith(PLACES) and not name.startswith("followup:"):
            found.append(reverse(name, kwargs={argument: house.value(name, argument) for argument in arguments}))
        elif name.startswith(PLACES) and not arguments:
            found.append(reverse(name))
    return found


def test_a_file_that_is_not_theirs_changes_nothing_of_what_they_get(settings):
    settings.DEMONSTRATION = True
    house = World("coordinator")
    world = AttackWorld(house.council)
    outside = [one for one in world.attackers if not one.wall and one.name not in COUNTS]
    assert len(outside) > 15
    paths = addresses(house)
    assert len(paths) > 60
    with time_machine.travel(timezone.now(), tick=False):
        clients = [(one, one.client()) for one in outside]
        before = {}
        for one, client in clients:
            for path in paths:
                response = client.get(path)
                before[one.name, path] = steady(response)
                if response.status_code == 200 and b"format=csv" in response.content:
                    for format in FORMATS:
                        before[one.name, added(path, format=format)] = steady(client.get(added(path, format=format)))
        world.plant(agendas=False)
        changed = []
        for one, client in clients:
            for name, path in before:
                if name == one.name and before[name, path] != (after := steady(client.get(path))):
                    changed.append(f"{name}: {path}\n{first_difference(before[name, path], after)}")
    assert any("/ma-journee/" in path for _name, path in before)
    assert any("format=csv" in path for _name, path in before)
    assert not changed, "\n".join(changed[:40])


def first_difference(one, other):
    lines = zip(one.splitlines(), other.splitlines(), strict=False)
    return next((f"  - {a.strip()}\n  + {b.strip()}" for a, b in lines if a != b), "  one is longer")
