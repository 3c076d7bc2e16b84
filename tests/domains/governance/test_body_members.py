"""Members of groups: designated among the council or added anew, alternates, successive persons of an organisation."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from prevenance.core.refusals import Refused
from prevenance.domains.governance.actions import members as actions
from prevenance.domains.governance.actions.members import Member
from prevenance.domains.governance.models import Membership
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.governance.rules.members import stamp
from tests.domains.governance.rulebook_of_a_group import GroupWithRulebook
from tests.factories import CouncilFactory, MembershipFactory, OrganisationFactory, coordinator_of, territory

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


@pytest.fixture
def group():
    return GroupWithRulebook()


def new(**changed):
    return Member(**({"email": "nouvelle@exemple.invalid", "given_name": "Nour", "family_name": "Exemple"} | changed))


def url(name, *args):
    return reverse(f"governance:{name}", args=args)


def words(response):
    return response.content.decode().replace("\u00a0", " ")


def test_members_of_the_council_come_into_a_group_once(group):
    organisation = OrganisationFactory()
    Membership.objects.filter(pk=group.members[0].pk).update(organisation=organisation)
    chosen = group.members[:2]
    assert actions.take_members(body=group.group, members=chosen, on=TODAY(), by=group.coordinator) == 2
    assert actions.take_members(body=group.group, members=chosen, on=TODAY(), by=group.coordinator) == 0
    seat = Membership.objects.get(body=group.group, person=group.members[0].person)
    assert (seat.organisation, seat.title, seat.quality) == (organisation, "Membre inventé", "designated")


def test_only_the_council_s_own_members_are_taken(group):
    elsewhere = CouncilFactory(territory=territory("commune", "42187"))
    stranger = MembershipFactory(body=elsewhere.bodies.get())
    assert actions.take_members(body=group.group, members=[stranger], on=TODAY(), by=group.coordinator) == 0


def test_a_person_is_added_anew_to_a_group_and_not_twice(group):
    seat = actions.add_member(
        council=group.council, body=group.group, member=new(purpose="Repère les absences"), by=group.coordinator
    )
    assert (seat.body, seat.purpose) == (group.group, "Repère les absences")
    with pytest.raises(Refused, match="cette formation"):
        actions.add_member(council=group.council, body=group.group, member=new(), by=group.coordinator)
    assert actions.add_member(council=group.council, member=new(), by=group.coordinator).body == group.plenary


def test_strangers_and_members_designate_nobody(group):
    stranger = coordinator_of(CouncilFactory(territory=territory("commune", "42187")))
    for who in (stranger, group.member(0)):
        with pytest.raises(Refused):
            actions.take_members(body=group.group, members=group.members, on=TODAY(), by=who)
        with pytest.raises(Refused):
            actions.replace_member(membership=group.seats[0], member=new(), on=TODAY(), by=who)


def test_a_closed_group_takes_nobody(group):
    group.group.closed_on = TODAY()
    group.group.save()
    with pytest.raises(Stale, match="fermé"):
        actions.take_members(body=group.group, members=group.members, on=TODAY(), by=group.coordinator)


def test_an_alternate_stands_in_for_a_full_member_of_that_group_only(group):
    seat = actions.add_member(
        council=group.council, body=group.group, member=new(alternate_of=group.seats[0]), by=group.coordinator
    )
    assert list(group.seats[0].alternates.all()) == [seat]
    for wrong in (group.members[0], seat):
        with pytest.raises(Refused, match="titulaire"):
            actions.add_member(
                council=group.council, body=group.group, by=group.coordinator,
                member=new(email="autre@exemple.invalid", alternate_of=wrong),
            )  # fmt: skip
    titular = group.seats[0]
    with pytest.raises(Refused, match="lui-même un suppléant"):
        actions.edit_member(
            membership=titular, seen=stamp(titular), by=group.coordinator,
            member=new(email=titular.person.email, alternate_of=group.seats[1]),
        )  # fmt: skip


def test_another_person_takes_the_seat_and_the_history_stays(group):
    former, organisation = group.seats[0], OrganisationFactory()
    Membership.objects.filter(pk=former.pk).update(organisation=organisation, purpose="Suit les familles")
    alternate = MembershipFactory(body=group.group, alternate_of=former)
    book = group.adopted()
    group.sign(book, 0)
    follower = actions.replace_member(
        membership=former, member=new(title="Cheffe de service"), on=TODAY(), by=group.coordinator
    )
    former.refresh_from_db()
    alternate.refresh_from_db()
    assert former.valid_to == TODAY() - dt.timedelta(days=1)
    assert (follower.follows, follower.organisation, follower.purpose) == (former, organisation, "Suit les familles")
    assert alternate.alternate_of == follower
    assert former.followed_by == follower
    with pytest.raises(Stale):
        actions.replace_member(membership=former, member=new(), on=TODAY(), by=group.coordinator)


def test_nobody_replaces_themselves_nor_before_having_come(group):
    seat = group.seats[0]
    with pytest.raises(Refused, match="même personne"):
        actions.replace_member(membership=seat, member=new(email=seat.person.email), on=TODAY(), by=group.coordinator)
    with pytest.raises(Refused, match="après l’arrivée"):
        actions.replace_member(membership=seat, member=new(), on=seat.valid_from, by=group.coordinator)
    with pytest.raises(Refused, match="déjà membre"):
        actions.replace_member(
            membership=seat, member=new(email=group.seats[1].person.email), on=TODAY(), by=group.coordinator
        )
    assert Membership.objects.get(pk=seat.pk).valid_to is None


def test_the_coordinator_seats_people_on_screen(group, sign_in):
    client = sign_in(group.coordinator)
    take = url("body_members_take", group.council.pk, group.group.pk)
    page = client.get(take)
    assert group.person(0).name in words(page)
    assert client.post(take, {"on": TODAY().isoformat()}).status_code == 422
    done = client.post(take, {"members": [group.members[0].pk], "on": TODAY().isoformat()}, follow=True)
    assert "1 membre est désigné" in words(done)
    assert group.person(0).name not in client.get(take).context["form"].as_p()
    add = url("body_member_add", group.council.pk, group.group.pk)
    typed = {
        "given_name": "Nour", "family_name": "Exemple", "email": "nour@exemple.invalid", "quality": "designated",
        "alternate_of": group.seats[0].pk, "purpose": "Remplace la principale",
    }  # fmt: skip
    listed = client.post(add, typed, follow=True)
    assert f"Suppléant de {group.seats[0].person.name}" in words(listed)
    seat = Membership.objects.get(person__email="nour@exemple.invalid")
    edit = url("member_edit", group.council.pk, seat.pk)
    form = client.get(edit).context["form"]
    assert form["alternate_of"].value() == group.seats[0].pk
    replaced = client.post(
        url("member_replace", group.council.pk, seat.pk),
        {"given_name": "Lou", "family_name": "Modèle", "email": "lou@exemple.invalid", "on": TODAY().isoformat()},
    )
    assert replaced.status_code == 422  # arrived today
    gone = client.get(url("body_members", group.council.pk, group.group.pk), {"state": "gone"})
    assert gone.status_code == 200


def test_a_stale_form_shows_what_was_changed_meanwhile(group, sign_in):
    client = sign_in(group.coordinator)
    seat = group.seats[0]
    edit = url("member_edit", group.council.pk, seat.pk)
    form = client.get(edit).context["form"]
    typed = {name: form[name].value() or "" for name in form.fields} | {"purpose": "Le mien"}
    Membership.objects.filter(pk=seat.pk).update(purpose="Le leur")
    response = client.post(edit, typed)
    assert response.status_code == 409
    assert "Le leur" in words(response)
    assert "Le mien" in words(response)
