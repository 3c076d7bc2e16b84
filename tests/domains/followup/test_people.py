"""A referent is proposed, accepts or declines, hands over, is covered; members take part and leave."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from prevenance.core.refusals import Refused
from prevenance.domains.followup import actions
from prevenance.domains.followup.analysis import people as analysis
from prevenance.domains.followup.models import FollowUp, Involvement, Line
from prevenance.domains.governance.models import Membership
from prevenance.domains.governance.rules.councils import Stale
from tests.factories import OrganisationFactory
from tests.factories.followup import Compartment

pytestmark = pytest.mark.django_db
Kind = Involvement.Kind


@pytest.fixture
def here():
    return Compartment(members=3)


def referents(file):
    rows = Involvement.objects.filter(followup=file, kind=Kind.REFERENT, accepted_at__isnull=False)
    return [(row.person_id, row.valid_to) for row in rows.order_by("pk")]


def proposed(here, file, who):
    here.acting(here.coordinator)
    return actions.propose_referent(followup=file, person=who.person_id, by=here.coordinator)


def followed(here, file, who):
    part = proposed(here, file, who)
    here.acting(who)
    actions.accept_part(part=part, by=who)
    return part


def test_a_referent_begins_when_they_accept_and_not_before(here, sign_in):
    file, who = here.file(by=here.members[0]), here.members[1]
    part = proposed(here, file, who)
    here.acting(who)
    assert list(FollowUp.objects.visible_to(who)) == []
    client = sign_in(who)
    assert client.get(reverse("followup:file", args=[file.pk])).status_code == 404
    assert file.number in client.get(reverse("followup:files")).content.decode()
    page = reverse("followup:proposal", args=[part.pk])
    shown = client.get(page).content.decode()
    assert file.number in shown
    assert "Zéphyr" not in shown
    assert client.post(page).status_code == 422
    assert client.post(page, {"answer": "accept"}).url == reverse("followup:file", args=[file.pk])
    assert client.post(page, {"answer": "accept"}).url == reverse("followup:files")  # a second click
    assert client.get(reverse("followup:file", args=[file.pk])).status_code == 200
    here.acting(who)
    assert referents(file) == [(who.person_id, None)]
    assert Line.objects.get(followup=file).referent_named


def test_nobody_answers_for_another(here, sign_in):
    file, who, other = here.file(), here.members[1], here.members[2]
    part = proposed(here, file, who)
    for stranger in (other, here.coordinator, Compartment("42187").coordinator):
        here.acting(stranger)
        with pytest.raises((Refused, Involvement.DoesNotExist, FollowUp.DoesNotExist)):
            actions.accept_part(part=part, by=stranger)
    assert sign_in(other).get(reverse("followup:proposal", args=[part.pk])).status_code == 404


def test_who_declines_is_kept_in_the_history_and_another_may_be_proposed(here, sign_in):
    file, who, other = here.file(), here.members[1], here.members[2]
    part = proposed(here, file, who)
    with pytest.raises(Stale, match="déjà proposé"):
        proposed(here, file, other)
    sign_in(who).post(reverse("followup:proposal", args=[part.pk]), {"answer": "decline"})
    followed(here, file, other)
    assert referents(file) == [(other.person_id, None)]
    client = sign_in(here.members[0])  # who reported
    page = client.get(reverse("followup:people", args=[file.pk])).content.decode()
    assert "déclinée ou retirée" in page
    assert who.person.name in page


def test_a_hand_over_keeps_the_history_and_the_line(here):
    file, first, second = here.file(by=here.members[0]), here.members[1], here.members[2]
    old = followed(here, file, first)
    today = timezone.localdate()
    here.acting(first)
    part = actions.propose_referent(followup=file, person=second.person_id, by=first)
    assert part.replaces == old
    assert referents(file) == [(first.person_id, None)]
    here.acting(second)
    actions.accept_part(part=part, by=second)
    assert referents(file) == [(first.person_id, today), (second.person_id, None)]
    # The one before keeps the day to pass the file on.
    here.acting(first)
    assert list(FollowUp.objects.visible_to(first)) == [file]
    Involvement.objects.filter(pk=old.pk).update(
        valid_from=today - dt.timedelta(days=3), valid_to=today - dt.timedelta(days=1)
    )
    assert list(FollowUp.objects.visible_to(first)) == []
    assert Line.objects.get(followup=file).referent_named


def test_an_absence_is_covered_between_two_days(here):
    file, who, cover = here.file(by=here.members[0]), here.members[1], here.members[2]
    today = timezone.localdate()
    days = {"begins": today, "ends": today + dt.timedelta(days=7)}
    here.acting(here.coordinator)
    with pytest.raises(Refused, match="pas de référent"):
        actions.propose_cover(followup=file, person=cover.person_id, by=here.coordinator, **days)
    followed(here, file, who)
    here.acting(here.coordinator)
    for wrong in (
        {"begins": today - dt.timedelta(days=1), "ends": today},
        {"begins": today, "ends": today - dt.timedelta(1)},
    ):
        with pytest.raises(Refused, match="commence aujourd’hui"):
            actions.propose_cover(followup=file, person=cover.person_id, by=here.coordinator, **wrong)
    with pytest.raises(Refused, match="lui-même"):
        actions.propose_cover(followup=file, person=who.person_id, by=here.coordinator, **days)
    part = actions.propose_cover(followup=file, person=cover.person_id, by=here.coordinator, **days)
    here.acting(cover)
    assert list(FollowUp.objects.visible_to(cover)) == []
    actions.accept_part(part=part, by=cover)
    assert list(FollowUp.objects.visible_to(cover)) == [file]
    Involvement.objects.filter(pk=part.pk).update(
        valid_from=today - dt.timedelta(days=9), valid_to=today - dt.timedelta(days=1)
    )
    assert list(FollowUp.objects.visible_to(cover)) == []


def test_a_member_is_added_and_leaves(here, sign_in):
    file, member = here.file(by=here.members[0]), here.members[1]
    followed(here, file, here.members[2])
    client = sign_in(here.members[2])
    add = reverse("followup:people_add", args=[file.pk, "concerned"])
    assert client.post(add, {"concerned-person": ""}).status_code == 422
    assert client.post(add, {"concerned-person": member.person_id}).status_code == 302
    assert client.post(add, {"concerned-person": member.person_id}).status_code == 409
    here.acting(member)
    assert list(FollowUp.objects.visible_to(member)) == [file]
    part = Involvement.objects.get(followup=file, kind=Kind.CONCERNED)
    leaving = reverse("followup:part_end", args=[file.pk, part.pk])
    assert "ne lira plus" in sign_in(member).get(leaving).content.decode()
    assert client.post(leaving).status_code == 302
    here.acting(member)
    assert Involvement.objects.get(pk=part.pk).valid_to == timezone.localdate()


def test_only_the_coordination_ends_a_referent_without_relief(here):
    file, who = here.file(by=here.members[0]), here.members[1]
    part = followed(here, file, who)
    with pytest.raises(Refused, match="passe la main"):
        actions.end_part(part=part, by=who)
    here.acting(here.members[0])
    with pytest.raises(Refused):
        actions.end_part(part=part, by=here.members[0])
    here.acting(here.coordinator)
    actions.end_part(part=part, by=here.coordinator)
    assert referents(file) == [(who.person_id, timezone.localdate())]
    assert Line.objects.get(followup=file).referent_named


def test_who_did_not_sign_or_does_not_sit_is_not_proposed(here):
    file = here.file()
    unsigned = here.member(signs=False)
    here.acting(here.coordinator)
    with pytest.raises(Refused, match="n’a pas signé"):
        actions.propose_referent(followup=file, person=unsigned.person_id, by=here.coordinator)
    stranger = Compartment("42187").members[0]
    here.acting(here.coordinator)
    with pytest.raises(Refused, match="membre actuel"):
        actions.propose_referent(followup=file, person=stranger.person_id, by=here.coordinator)
    here.acting(here.members[0])
    with pytest.raises(Refused, match="coordination"):
        actions.propose_referent(followup=file, person=here.members[1].person_id, by=here.members[0])


def test_the_natural_referent_comes_first_and_it_is_said_to_be_a_proposal(here, sign_in):
    justice, seat = OrganisationFactory(kind="justice"), here.seats[here.members[2].person_id]
    Membership.objects.filter(pk=seat.pk).update(organisation=justice)
    file = here.file(category="reoffending")
    first, *others = analysis.members(here.body, file)
    assert (first.seat.pk, first.natural) == (seat.pk, True)
    assert not any(member.natural for member in others)
    assert "protection judiciaire" in analysis.natural(file)["says"]
    here.acting(here.coordinator)
    grown = here.file(category="reoffending", birth_date=dt.date(timezone.localdate().year - 20, 1, 1))
    assert "insertion et de probation" in analysis.natural(grown)["says"]
    client = sign_in(here.coordinator)
    client.post(reverse("followup:file_reason", args=[file.pk]), {"why": "quality"})
    page = client.get(reverse("followup:people", args=[file.pk])).content.decode()
    assert "C’est une proposition." in page
    assert '<optgroup label="Proposés d’abord">' in page


def test_the_database_holds_one_referent_and_a_cover_that_ends(here):
    file = here.file()
    followed(here, file, here.members[1])
    values = {
        "followup": file, "body": here.body, "person": here.members[2].person, "proposed_by": here.members[2].person,
        "accepted_at": timezone.now(), "valid_from": timezone.localdate(),
    }  # fmt: skip
    for kind, name in ((Kind.REFERENT, "involvement_one_referent"), (Kind.COVER, "involvement_cover_ends")):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Involvement.objects.create(kind=kind, **values)
