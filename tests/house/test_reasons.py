"""Whoever sends a form to a file outside their own reads nothing of it before they say why, whichever the address."""

import json
from urllib.parse import urlsplit

import pytest
from django.db import transaction
from django.urls import reverse

from prevenance.core.models import AuditRow
from tests.factories import CouncilFactory, territory
from tests.factories.directory import ServiceFactory
from tests.house.followup_world import FollowupWorld
from tests.house.test_access import addresses

pytestmark = pytest.mark.django_db

# What is sealed in the file of the world: who it is about, its plan, its document.
SEALED = ("Inès", "Zéphyr", "Reprendre", "accord.pdf")
REFUSED = (404, 405)  # not of this file's kind; no form is taken there


def addresses_of_a_file():
    """{name: names of its arguments}, but the address where the reason is given."""
    found = {name: arguments for name, arguments in addresses().items() if "file" in arguments}
    assert found.pop("followup:file_reason") == ["file"]
    return found


class Undone(Exception):
    pass


class Sent:
    """A form sent by the coordination, who takes no part in the file, to each address; what it wrote is undone."""

    def __init__(self, client, world, data):
        self.client, self.world, self.data = client, world, data
        self.person = world.actor.person_id

    def __call__(self, name, arguments):
        """(answer, reasons recorded with the readings that it made)."""
        url = reverse(name, kwargs={argument: self.world.value(argument) for argument in arguments})
        read = AuditRow.objects.filter(
            scope=self.world.file.trail, person=self.person, action="followup.record_reading"
        ).order_by("seq")
        before = read.count()
        answers = []
        try:
            with transaction.atomic():
                answer = self.client.post(url, self.data)
                answers.append((answer, [json.loads(row.detail)["why"] for row in read[before:]]))
                raise Undone
        except Undone:
            return answers[0]


@pytest.fixture
def sent(sign_in):
    world = FollowupWorld(CouncilFactory(territory=territory("commune", "42218")), "coordinator")
    service = ServiceFactory()
    # Enough for each step of an orientation to answer by a page, and too little for anything to be done.
    data = {"service": str(service.pk), "fields_sent": ["name"], "show": "1"}
    world.group.acting(world.actor)
    return Sent(sign_in(world.actor), world, data)


def asks(answer, file):
    return answer.status_code == 302 and urlsplit(answer.url).path == reverse("followup:file_reason", args=[file.pk])


def test_no_form_reads_a_file_outside_ones_own_without_a_reason(sent):
    file = sent.world.file
    before = {name: sent(name, arguments) for name, arguments in addresses_of_a_file().items()}
    for name, (answer, reasons) in before.items():
        assert "" not in reasons, name
        if not reasons:
            words = b"" if answer.streaming else answer.content
            assert not [word for word in SEALED if word in words.decode(errors="replace")], name
    given = sent.client.post(reverse("followup:file_reason", args=[file.pk]), {"why": "quality"})
    assert given.status_code == 302
    reading = set()
    for name, arguments in addresses_of_a_file().items():
        answer, reasons = sent(name, arguments)
        assert not asks(answer, file), name
        if reasons and name != "followup:point":  # the meeting that one prepares is a reason
            assert set(reasons) == {"quality"}, name
            assert asks(before[name][0], file), name
            reading.add(name.removeprefix("followup:"))
    assert {name for name, (answer, _reasons) in before.items() if asks(answer, file)} == {
        f"followup:{name}" for name in reading
    }
    assert reading >= {"fact_add", "goal_edit", "attachments", "rights", "orientation_send", "request_answer"}
    taken = [name for name, (answer, _reasons) in before.items() if answer.status_code not in REFUSED]
    assert len(taken) > 35
