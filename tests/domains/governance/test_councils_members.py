"""Who sits in a council: adding, correcting, leaving."""

import datetime as dt
from dataclasses import replace

import pytest

from prevenance.core.refusals import Refused
from prevenance.domains.accounts.models import Organisation, Person
from prevenance.domains.governance.actions.members import Member, add_member, edit_member, end_member
from prevenance.domains.governance.models import Membership
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.governance.rules.members import contact_is_ours, stamp
from tests.factories import CouncilFactory, MandateFactory, PersonFactory, coordinator_of, territory

pytestmark = pytest.mark.django_db

ANNE = Member(
    email="Anne.Exemple@exemple.invalid",
    given_name="Anne",
    family_name="L’Exemple d’Or",
    phone="06 00 00 00 00",
    organisation="Mission locale d’Ici",
    organisation_kind="integration",
    title="Directrice de l’accueil",
    quality="of_right",
    valid_from=dt.date(2025, 1, 1),
)


@pytest.fixture
def council():
    return CouncilFactory()


def test_a_contact_is_made_without_an_account_and_its_organisation_on_the_fly(council):
    membership = add_member(council=council, member=ANNE, by=coordinator_of(council))
    person = membership.person
    assert person.email == "anne.exemple@exemple.invalid"
    assert not person.has_usable_password()
    assert (membership.organisation.name, membership.organisation.kind) == ("Mission locale d’Ici", "integration")
    assert membership.body.kind == "plenary"


def test_a_known_address_leads_to_its_person_whose_name_stays(council):
    known = PersonFactory(email="anne.exemple@exemple.invalid", given_name="Annie", family_name="Connue")
    membership = add_member(council=council, member=ANNE, by=coordinator_of(council))
    assert membership.person == known
    known.refresh_from_db()
    assert known.name == "Annie Connue"


def test_an_organisation_is_shared_within_a_council_and_not_with_the_next_town(council):
    add_member(council=council, member=ANNE, by=coordinator_of(council))
    again = replace(ANNE, email="b@exemple.invalid", organisation="MISSION LOCALE D'ICI")
    assert add_member(council=council, member=again, by=coordinator_of(council)).organisation.name == ANNE.organisation
    other = CouncilFactory(territory=territory("commune", "42187"))
    add_member(council=other, member=replace(ANNE, email="c@exemple.invalid"), by=coordinator_of(other))
    assert Organisation.objects.filter(name="Mission locale d’Ici").count() == 2


def test_a_second_click_adds_nobody_twice(council):
    by = coordinator_of(council)
    add_member(council=council, member=ANNE, by=by)
    with pytest.raises(Refused, match="déjà membre"):
        add_member(council=council, member=ANNE, by=by)
    assert Membership.objects.count() == 1


def test_a_coordinator_of_elsewhere_changes_nothing(council):
    stranger = coordinator_of(CouncilFactory(territory=territory("commune", "42187")))
    membership = add_member(council=council, member=ANNE, by=coordinator_of(council))
    with pytest.raises(Refused):
        add_member(council=council, member=replace(ANNE, email="d@exemple.invalid"), by=stranger)
    with pytest.raises(Refused):
        edit_member(membership=membership, member=ANNE, seen=stamp(membership), by=stranger)
    with pytest.raises(Refused):
        end_member(membership=membership, on=dt.date(2026, 1, 1), by=stranger)


def test_correcting_a_contact_of_ours_corrects_the_person(council):
    by = coordinator_of(council)
    membership = add_member(council=council, member=ANNE, by=by)
    edit_member(
        membership=membership,
        member=replace(ANNE, phone="07 00 00 00 00", title="Cheffe"),
        seen=stamp(membership),
        by=by,
    )
    membership = Membership.objects.get()
    assert (membership.person.phone, membership.title) == ("07 00 00 00 00", "Cheffe")


def test_the_name_of_someone_who_signs_in_or_sits_elsewhere_is_theirs(council):
    by = coordinator_of(council)
    membership = add_member(council=council, member=ANNE, by=by)
    assert contact_is_ours(membership.person, council)
    MandateFactory(person=membership.person, scope=council.scope, role="group_member")
    edit_member(
        membership=membership, member=replace(ANNE, family_name="Autre", title="Cheffe"), seen=stamp(membership), by=by
    )
    membership = Membership.objects.get()
    assert (membership.person.family_name, membership.title) == ("L’Exemple d’Or", "Cheffe")


def test_a_stale_tab_is_told_and_overwrites_nothing(council):
    by = coordinator_of(council)
    membership = add_member(council=council, member=ANNE, by=by)
    seen = stamp(membership)
    edit_member(membership=membership, member=replace(ANNE, title="Première"), seen=seen, by=by)
    with pytest.raises(Stale, match="entre-temps"):
        edit_member(membership=membership, member=replace(ANNE, title="Seconde"), seen=seen, by=by)
    assert Membership.objects.get().title == "Première"


def test_an_address_of_someone_else_is_refused_and_changes_nothing(council):
    by = coordinator_of(council)
    PersonFactory(email="prise@exemple.invalid")
    membership = add_member(council=council, member=ANNE, by=by)
    with pytest.raises(Refused, match="autre personne"):
        edit_member(
            membership=membership,
            member=replace(ANNE, email="prise@exemple.invalid", title="X"),
            seen=stamp(membership),
            by=by,
        )
    assert Membership.objects.get().title == ANNE.title


def test_a_member_leaves_once_and_may_come_back(council):
    by = coordinator_of(council)
    membership = add_member(council=council, member=ANNE, by=by)
    with pytest.raises(Refused, match="avant d’être arrivé"):
        end_member(membership=membership, on=dt.date(2024, 12, 31), by=by)
    end_member(membership=membership, on=dt.date(2026, 3, 1), by=by)
    with pytest.raises(Stale, match="1er mars 2026"):
        end_member(membership=membership, on=dt.date(2026, 4, 1), by=by)
    add_member(council=council, member=replace(ANNE, valid_from=dt.date(2026, 5, 1)), by=by)
    assert Membership.objects.count() == 2
    assert Person.objects.filter(email="anne.exemple@exemple.invalid").count() == 1
