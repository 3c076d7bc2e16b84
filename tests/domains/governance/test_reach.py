"""Short ways to what an actor sees give what the long ones give."""

import pytest

from prevenance.domains.governance.analysis.coordination import coordinators_of
from prevenance.domains.governance.models import (
    AgendaItem,
    Attendance,
    Council,
    CouncilReach,
    Decision,
    Meeting,
    Minutes,
)
from prevenance.domains.governance.models.councils import held_by, is_held_by
from tests.domains.governance.council_that_meets import CouncilThatMeets
from tests.factories import CouncilFactory, actor, coordinator_of, scope_of, territory

pytestmark = pytest.mark.django_db


@pytest.fixture
def roles():
    """A council whose minutes are approved, another whose meeting is being prepared, and who sees either or neither."""
    ours = CouncilThatMeets()
    other = CouncilThatMeets(territory=territory("commune", "42186"))
    ours.approved()
    ours.written()
    other.convened()
    departement = scope_of(territory("departement", "42"))
    CouncilReach.objects.create(council=ours.council, scope=departement)
    return [
        ours.coordinator, ours.mayor, other.coordinator, other.mayor,
        actor("group_member", ours.council.scope, person=ours.person(0)),
        actor("prefect_office", departement), actor("data_protection_officer", ours.council.scope),
    ]  # fmt: skip


def test_what_belongs_to_a_meeting_in_hand_is_what_visible_to_gives(roles):
    compared = 0
    for who in roles:
        for meeting in Meeting.objects.visible_to(who):
            for model, path in ((Attendance, "meeting"), (Minutes, "meeting"), (Decision, "minutes__meeting")):
                expected = set(model.objects.visible_to(who).filter(**{path: meeting}))
                assert set(model.objects.visible_to(who, of=meeting)) == expected
                compared += len(expected)
    assert compared > 10


def test_a_council_in_hand_is_held_by_whom_the_condition_says(roles):
    held = []
    for who in roles:
        own = set(Council.objects.filter(held_by(who, path="")))
        assert {council for council in Council.objects.all() if is_held_by(council, who)} == own
        held.append(len(own))
    assert set(held) == {0, 1}


def test_the_scope_of_a_council_reaches_that_council_and_no_other(roles):
    reaches = CouncilReach.objects.filter(scope__kind="council").values_list("scope", "council")
    assert sorted(reaches) == sorted(Council.objects.values_list("scope", "pk"))


def test_a_label_is_django_s_own_for_every_choice():
    for model, field in (
        (Meeting, "state"), (Attendance, "answer"), (Attendance, "presence"), (Decision, "state"),
        (AgendaItem, "kind"),
    ):  # fmt: skip
        for value, label in model._meta.get_field(field).flatchoices:
            assert getattr(model(**{field: value}), f"get_{field}_display")() == label


def test_a_coordinator_withdrawn_or_gone_is_not_named():
    ours, other = CouncilFactory(), CouncilFactory(territory=territory("commune", "42186"))
    first, gone = coordinator_of(ours), coordinator_of(other)
    gone.mandate.withdrawn_at = gone.mandate.created_at
    gone.mandate.save()
    assert coordinators_of([ours.scope_id, other.scope_id]) == [(ours.scope_id, first.person_name)]
