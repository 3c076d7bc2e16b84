"""Partners of a council: successive persons of an organisation, and what it commits to in writing."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from prevenance.core.refusals import Refused
from prevenance.domains.governance.actions import members
from prevenance.domains.governance.actions.commitments import (
    Committed,
    edit_commitment,
    record_commitment,
    remove_commitment,
)
from prevenance.domains.governance.models import Commitment, Membership, Upload
from prevenance.domains.governance.rules.meetings import Changed
from tests.domains.governance.rulebook_of_a_group import GroupWithRulebook
from tests.factories import CouncilFactory, MembershipFactory, OrganisationFactory, coordinator_of, territory

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


@pytest.fixture
def group():
    return GroupWithRulebook()


@pytest.fixture
def partner(group):
    """A company of the social and solidarity economy that sits in the group."""
    organisation = OrganisationFactory(name="Régie inventée", kind="solidarity")
    Membership.objects.filter(pk=group.seats[0].pk).update(organisation=organisation)
    return organisation


def typed(**changed):
    return Committed(**({"text": "Deux chantiers par an", "valid_from": TODAY()} | changed))


def url(name, *args):
    return reverse(f"governance:{name}", args=args)


def words(response):
    return response.content.decode().replace("\u00a0", " ")


def test_a_partner_commits_for_a_group_from_a_day_to_another(group, partner):
    commitment = record_commitment(
        council=group.council, organisation=partner, by=group.coordinator,
        committed=typed(body=group.group, valid_to=TODAY() + dt.timedelta(days=365)),
    )  # fmt: skip
    assert list(Commitment.objects.current()) == [commitment]
    assert not Commitment.objects.current(TODAY() - dt.timedelta(days=1)).exists()


def test_only_who_holds_the_council_records_for_an_organisation_that_sits_there(group, partner):
    other = CouncilFactory(territory=territory("commune", "42187"))
    stranger = coordinator_of(other)
    for who in (stranger, group.member(0)):
        with pytest.raises(Refused):
            record_commitment(council=group.council, organisation=partner, committed=typed(), by=who)
    with pytest.raises(Refused, match="personne dans ce conseil"):
        record_commitment(
            council=group.council, organisation=OrganisationFactory(), committed=typed(), by=group.coordinator
        )
    paper = Upload.objects.create(
        council=other, name="note.pdf", content_type="application/pdf", size=1, sha256="0" * 64,
        added_by=stranger.person,
    )  # fmt: skip
    for wrong in (typed(body=other.bodies.get()), typed(document=paper)):
        with pytest.raises(Refused, match="autre conseil"):
            record_commitment(council=group.council, organisation=partner, committed=wrong, by=group.coordinator)


def test_a_stale_correction_is_not_saved(group, partner):
    commitment = record_commitment(council=group.council, organisation=partner, committed=typed(), by=group.coordinator)
    edit_commitment(commitment=commitment, edit=1, committed=typed(text="Trois chantiers"), by=group.coordinator)
    with pytest.raises(Changed):
        edit_commitment(commitment=commitment, edit=1, committed=typed(text="Autre"), by=group.coordinator)
    with pytest.raises(Refused, match="avant d’avoir commencé"):
        edit_commitment(
            commitment=commitment, edit=2, by=group.coordinator,
            committed=typed(valid_to=TODAY() - dt.timedelta(days=1)),
        )  # fmt: skip
    commitment.refresh_from_db()
    assert commitment.text == "Trois chantiers"
    remove_commitment(commitment=commitment, by=group.coordinator)
    assert not Commitment.objects.exists()


def test_the_page_of_an_organisation_keeps_the_persons_who_represented_it(group, partner, sign_in):
    members.replace_member(
        membership=group.seats[0], on=TODAY(), by=group.coordinator,
        member=members.Member(email="lou@exemple.invalid", given_name="Lou", family_name="Modèle"),
    )  # fmt: skip
    page = words(sign_in(group.coordinator).get(url("partner", group.council.pk, partner.pk)))
    assert "Lou Modèle" in page
    assert f"a succédé à {group.seats[0].person.name}" in page
    assert "Qui l’a représenté" in page


def test_on_screen_from_the_list_to_the_end_of_a_commitment(group, partner, sign_in):
    client = sign_in(group.coordinator)
    assert "Régie inventée" in words(client.get(url("partners", group.council.pk), {"written": "no"}))
    assert client.get(url("partners", group.council.pk), {"kind": "sport"}).context["rows"] == []
    add = url("commitment_add", group.council.pk, partner.pk)
    assert client.get(add).status_code == 200
    late = {"text": "Deux chantiers", "valid_from": "2026-05-01", "valid_to": "2026-04-01"}
    assert client.post(add, late).status_code == 422
    assert "Deux chantiers" in words(client.post(add, late | {"valid_to": ""}, follow=True))
    commitment = Commitment.objects.get()
    edit = url("commitment_edit", group.council.pk, commitment.pk)
    form = client.get(edit).context["form"]
    again = {name: form[name].value() or "" for name in form.fields} | {"valid_to": TODAY().isoformat()}
    assert client.post(edit, again).status_code == 302
    stale = client.post(edit, again)
    assert stale.status_code == 409
    assert "modifié entre-temps" in words(stale)
    listed = client.get(url("partners", group.council.pk), {"format": "csv"}).content.decode("utf-8-sig")
    assert "Économie sociale et solidaire" in listed
    remove = url("commitment_remove", group.council.pk, commitment.pk)
    assert "erreur de saisie" in words(client.get(remove))
    assert client.post(remove).status_code == 302


def test_a_stranger_finds_no_partner(group, partner, sign_in):
    stranger = sign_in(coordinator_of(CouncilFactory(territory=territory("commune", "42187"))))
    assert stranger.get(url("partners", group.council.pk)).status_code == 404
    assert stranger.get(url("partner", group.council.pk, partner.pk)).status_code == 404
    elsewhere = OrganisationFactory()
    client = sign_in(group.coordinator)
    assert client.get(url("partner", group.council.pk, elsewhere.pk)).status_code == 404


def test_the_list_costs_the_same_for_more_partners(group, partner, sign_in):
    client, address = sign_in(group.coordinator), url("partners", group.council.pk)
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for _number in range(6):
        MembershipFactory(body=group.plenary, organisation=OrganisationFactory())
    with CaptureQueriesContext(connection) as many:
        assert len(client.get(address).context["rows"]) == 7
    assert len(few) == len(many) <= 12 + 2
