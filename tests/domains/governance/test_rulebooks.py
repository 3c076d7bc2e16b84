"""A rulebook: written, proposed by the group, adopted by the council, replaced or withdrawn."""

import datetime as dt
from fractions import Fraction

import pytest
from django.utils import timezone

from prevenance.core.refusals import Refused
from prevenance.domains.governance.actions import rulebooks as actions
from prevenance.domains.governance.models import Body, Rulebook
from prevenance.domains.governance.rules import rulebooks as rules
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.governance.rules.meetings import Changed
from tests.domains.governance.rulebook_of_a_group import TEXT, GroupWithRulebook
from tests.factories import CouncilFactory, MeetingFactory, actor, coordinator_of, scope_of, territory

pytestmark = pytest.mark.django_db


@pytest.fixture
def group():
    return GroupWithRulebook()


def test_a_first_version_begins_from_the_model_text_and_cannot_be_proposed_before_it_is_completed(group):
    book = actions.draft(body=group.group, kind="rules", by=group.coordinator)
    assert "Groupe inventé" in book.text
    assert "L. 132-5" in book.text
    with pytest.raises(Refused, match="à compléter"):
        actions.propose(rulebook=book, edit=book.edit, on=timezone.localdate(), by=group.coordinator)


def test_every_kind_of_body_and_text_has_a_model(group):
    for kind in Rulebook.Kind.values:
        for body in ("plenary", "restricted", "group"):
            assert rules.model_text(Body(council=group.council, kind=body, name="X"), kind, dt.date(2026, 1, 1))
    assert rules.model_text(group.group, "rules", dt.date(2000, 1, 1)) == ""


def test_one_version_is_on_its_way_at_a_time(group):
    group.draft()
    with pytest.raises(Stale, match="déjà en cours"):
        actions.draft(body=group.group, kind="rules", by=group.coordinator)
    assert actions.draft(body=group.group, kind="charter", by=group.coordinator).version == 1


def test_a_draft_saved_in_another_tab_is_not_overwritten(group):
    book = group.draft()
    with pytest.raises(Changed) as changed:
        actions.write(rulebook=book, edit=1, text="Autre", change_note="", quorum=None, by=group.coordinator)
    assert changed.value.current["text"] == TEXT
    book.refresh_from_db()
    assert book.text == TEXT


def test_what_was_saved_again_since_it_was_read_is_not_proposed(group):
    book = group.draft()
    with pytest.raises(Stale, match="relisez-le"):
        actions.propose(rulebook=book, edit=book.edit - 1, on=timezone.localdate(), by=group.coordinator)


def test_the_proposal_is_dated_and_closes_the_text(group):
    book = group.proposed()
    assert book.digest == book.computed_digest()
    with pytest.raises(Stale, match="nouvelle version"):
        actions.write(rulebook=book, edit=book.edit, text="x", change_note="", quorum=None, by=group.coordinator)
    with pytest.raises(Stale):
        actions.discard(rulebook=book, by=group.coordinator)
    with pytest.raises(Refused, match="à venir"):
        actions.propose(
            rulebook=group.draft(kind="charter"), edit=2, on=timezone.localdate() + dt.timedelta(days=1),
            by=group.coordinator,
        )  # fmt: skip


def test_only_the_presidency_records_an_adoption_in_a_plenary_held_since_the_proposal(group):
    book = group.proposed()
    with pytest.raises(Refused, match="depuis la proposition"):
        rules.check_can_adopt(book, group.mayor)
    meeting = group.plenary_held()
    with pytest.raises(Refused, match="Seule la présidence"):
        actions.adopt(rulebook=book, meeting=meeting, by=group.coordinator)
    with pytest.raises(Refused, match="Seule la présidence"):
        actions.adopt(rulebook=book, meeting=meeting, by=actor("mayor", scope_of(territory("commune", "42187"))))
    start = timezone.now() - dt.timedelta(hours=2)
    aside = {"state": "held", "convened_at": start, "starts_at": start, "ends_at": timezone.now()}
    other = CouncilFactory(territory=territory("commune", "42187"))
    long_ago = start - dt.timedelta(days=60)
    for wrong in (
        MeetingFactory(body=group.group, **aside),
        MeetingFactory(body=other.bodies.get(), **aside),
        MeetingFactory(body=group.plenary),
        MeetingFactory(body=group.plenary, **(aside | {"starts_at": long_ago})),
    ):
        with pytest.raises(Refused, match="ne peut avoir été adopté"):
            actions.adopt(rulebook=book, meeting=wrong, by=group.mayor)
    actions.adopt(rulebook=book, meeting=meeting, by=group.mayor)
    book.refresh_from_db()
    assert (book.state, book.adopted_in, book.adopted_on) == ("adopted", meeting, timezone.localdate())
    with pytest.raises(Stale, match="déjà fait"):
        actions.adopt(rulebook=book, meeting=meeting, by=group.mayor)


def test_a_new_version_begins_from_the_one_in_force_and_takes_its_place_on_adoption(group):
    meeting = group.plenary_held()
    first = group.adopted(meeting)
    second = actions.draft(body=group.group, kind="rules", by=group.coordinator)
    assert (second.version, second.text, second.quorum_share) == (2, TEXT, Fraction(1, 2))
    with pytest.raises(Refused, match="le même"):
        rules.check_can_propose(second, group.coordinator)
    second = actions.write(
        rulebook=second, edit=1, text=TEXT + "\nUn article de plus.", change_note="Un article", quorum=None,
        by=group.coordinator,
    )  # fmt: skip
    actions.propose(rulebook=second, edit=2, on=timezone.localdate(), by=group.coordinator)
    first.refresh_from_db()
    assert first.state == "adopted"  # binding until the council decides
    actions.adopt(rulebook=second, meeting=meeting, by=group.mayor)
    first.refresh_from_db()
    assert (first.state, first.ended_on) == ("replaced", timezone.localdate())


def test_a_proposal_that_the_council_refuses_is_withdrawn_and_another_can_begin(group):
    book = group.proposed()
    actions.withdraw(rulebook=book, on=timezone.localdate(), by=group.coordinator)
    again = actions.draft(body=group.group, kind="rules", by=group.coordinator)
    assert again.version == 2
    book.refresh_from_db()
    assert book.adopted_on is None
    with pytest.raises(Stale):
        actions.withdraw(rulebook=book, on=timezone.localdate(), by=group.coordinator)


def test_a_text_in_force_is_withdrawn_by_the_presidency_not_before_it_began(group):
    book = group.adopted()
    with pytest.raises(Refused, match="présidence"):
        actions.withdraw(rulebook=book, on=timezone.localdate(), by=group.coordinator)
    for day, words in ((-1, "avant"), (1, "à venir")):
        with pytest.raises(Refused, match=words):
            actions.withdraw(rulebook=book, on=timezone.localdate() + dt.timedelta(days=day), by=group.mayor)
    actions.withdraw(rulebook=book, on=timezone.localdate(), by=group.mayor)
    assert Rulebook.objects.get().state == "withdrawn"


def test_a_stranger_writes_nothing_and_sees_drafts_of_nobody(group):
    book = group.draft()
    stranger = coordinator_of(CouncilFactory(territory=territory("commune", "42187")))
    office = actor("prefect_office", scope_of(territory("departement", "42")))
    for who in (stranger, office, group.member(0)):
        with pytest.raises(Refused):
            actions.draft(body=group.group, kind="charter", by=who)
        with pytest.raises(Refused):
            actions.discard(rulebook=book, by=who)
    for who, seen in ((stranger, 0), (group.member(0), 1), (group.coordinator, 1), (group.mayor, 1)):
        assert Rulebook.objects.visible_to(who).count() == seen
    other_member = actor("group_member", group.council.scope)
    assert Rulebook.objects.visible_to(other_member).count() == 0
    actions.propose(rulebook=book, edit=book.edit, on=timezone.localdate(), by=group.coordinator)
    assert Rulebook.objects.visible_to(other_member).count() == 1
    assert Rulebook.objects.visible_to(stranger).count() == 0


def test_a_council_that_ended_changes_no_text(group):
    book = group.proposed()
    group.council.ended_on = timezone.localdate()
    group.council.save()
    with pytest.raises(Refused, match="pris fin"):
        actions.withdraw(rulebook=book, on=timezone.localdate(), by=group.coordinator)


@pytest.mark.parametrize(
    ("share", "members", "needed"),
    [((1, 2, True), 10, 6), ((1, 2, True), 11, 6), ((1, 2, False), 10, 5), ((1, 2, False), 11, 6),
     ((1, 3, False), 9, 3), ((1, 3, False), 10, 4), ((2, 3, False), 40, 27), ((1, 2, True), 0, 1)],
)  # fmt: skip
def test_a_quorum_counts_the_members_it_needs(share, members, needed):
    numerator, denominator, strict = share
    assert rules.Quorum(Fraction(numerator, denominator), strict, 0).needed(members) == needed


def test_a_group_without_a_quorum_of_its_own_has_the_council_s(group):
    today = timezone.localdate()
    assert rules.quorum_of(group.group, today) is None
    meeting = group.plenary_held()
    group.adopted(meeting, body=group.plenary, quorum=(1, 3, False))
    assert rules.quorum_of(group.group, today).share == Fraction(1, 3)
    group.adopted(meeting, quorum=(1, 2, True))
    assert rules.quorum_of(group.group, today).needed(4) == 3
    assert rules.quorum_of(group.plenary, today).needed(4) == 2
    assert rules.quorum_of(group.group, today - dt.timedelta(days=1)) is None
