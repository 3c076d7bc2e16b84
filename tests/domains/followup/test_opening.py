"""A file opens from a report: once, before the age limit, with what the law allows; possible doubles are shown."""

import datetime as dt
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from prevenance.core.models import AuditRow
from prevenance.core.refusals import Refused
from prevenance.domains.followup.analysis.reading import key_of, opened_values
from prevenance.domains.followup.models import Fact, FollowUp, Identity, Involvement, Report, Representative
from prevenance.domains.followup.rules import clocks, opening
from prevenance.domains.governance.rules.councils import Stale
from tests.factories import PersonFactory, actor, scope_of, territory
from tests.factories.followup import Compartment

pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    return Compartment()


def years_ago(years, day=1):
    today = timezone.localdate()
    return today.replace(year=today.year - years, day=day)


def address(here, category="exposed"):
    return reverse("followup:file_open") + f"?groupe={here.body.pk}&categorie={category}"


def typed(**changes):
    today = timezone.localdate().isoformat()
    return {
        "asked": str(uuid.uuid4()), "origin": "school", "received_on": today, "reported_by": "",
        "given_name": "Noé", "family_name": "Imaginaire", "birth_date": years_ago(15).isoformat(), "sex": "m",
        "schooling": "middle", "address": "1 rue Inventée", "phone": "", "email": "",
        "situation_1": "public_space", "observed_1": today,
        "representant1-link": "mother", "representant1-given_name": "Ana", "representant1-family_name": "Imaginaire",
        **changes,
    }  # fmt: skip


def open_values(row, file):
    return opened_values(row, key_of(file))


def test_a_member_opens_a_file_and_all_that_was_said_is_sealed_in_it(here, sign_in):
    member = here.members[0]
    answer = sign_in(member).post(address(here), typed(), follow=True)
    assert answer.status_code == 200
    here.acting(member)
    file = FollowUp.objects.get()
    assert (file.body, file.category, file.sex, file.age_band) == (here.body, "exposed", "m", "13-15")
    assert open_values(Identity.objects.get(), file)["family_name"] == "Imaginaire"
    assert open_values(Representative.objects.get(), file)["given_name"] == "Ana"
    assert open_values(Report.objects.get(), file)["origin"] == "school"
    assert open_values(Fact.objects.get(), file)["situation"] == "public_space"
    assert Involvement.objects.get().person == member.person
    said = list(AuditRow.objects.filter(scope=file.trail).values_list("detail", flat=True))
    assert said
    assert "Imaginaire" not in "".join(said)


def test_a_second_click_opens_nothing(here, sign_in):
    client, once = sign_in(here.members[0]), typed()
    first = client.post(address(here), once)
    again = client.post(address(here), {**once, "confirmed": "on"})
    assert first.status_code == again.status_code == 302
    here.acting(here.members[0])
    file = FollowUp.objects.get()
    assert again.url == reverse("followup:file", args=[file.pk])


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(here, sign_in):
    client = sign_in(here.members[0])
    cases = [
        ({"family_name": ""}, "Ce champ est obligatoire"),
        ({"observed_1": ""}, "Datez l’observation"),
        ({"situation_1": "", "observed_1": ""}, "Choisissez au moins une situation"),
        ({"representant1-link": ""}, "videz les autres cases"),
        ({"birth_date": years_ago(25).isoformat()}, "atteint la limite d’âge"),
        ({"birth_date": years_ago(18).isoformat()}, "ne saisissez aucun représentant"),
        ({"birth_date": (timezone.localdate() + dt.timedelta(days=2)).isoformat()}, "est à venir"),
        ({"received_on": (timezone.localdate() + dt.timedelta(days=2)).isoformat()}, "une fois reçu"),
        ({"observed_1": "1980-01-01"}, "avant la naissance"),
        ({"situation_2": "public_space", "observed_2": timezone.localdate().isoformat()}, "choisie deux fois"),
    ]
    for changes, sentence in cases:
        answer = client.post(address(here), typed(**changes))
        page = answer.content.decode()
        assert answer.status_code == 422, changes
        assert sentence in page, changes
        assert "1 rue Inventée" in page
        assert 'value="Noé"' in page
    here.acting(here.members[0])
    assert not FollowUp.objects.exists()


def test_a_possible_double_is_shown_before_opening_then_confirmed(here, sign_in):
    known = here.file(identity={"given_name": "Noé", "family_name": "IMAGINAIRE"}, birth_date=years_ago(14))
    client = sign_in(here.members[1])  # who does not read that file
    for changes in ({}, {"given_name": "Autre", "birth_date": years_ago(14).isoformat()}):
        shown = client.post(address(here), typed(**changes))
        page = shown.content.decode()
        assert shown.status_code == 422
        assert "peut-être déjà suivie" in page
        assert known.number in page
        assert reverse("followup:file", args=[known.pk]) not in page
    here.acting(here.members[1])
    assert FollowUp.objects.count() == 1
    told = AuditRow.objects.filter(action="followup.record_list", subject=f"followup.followup:{known.pk}")
    assert [row.person for row in told] == [here.members[1].person_id] * 2
    assert client.post(address(here), typed(confirmed="on")).status_code == 302
    here.acting(here.members[1])
    assert FollowUp.objects.count() == 2


def test_doubles_are_looked_for_in_the_group_alone(here, sign_in):
    Compartment("42187").file(identity={"given_name": "Noé", "family_name": "Imaginaire"})
    assert sign_in(here.members[0]).post(address(here), typed()).status_code == 302


def test_who_reported_is_a_member_and_reads_the_file(here, sign_in):
    member, other = here.members
    client = sign_in(member)
    stranger = PersonFactory()
    assert client.post(address(here), typed(reported_by=stranger.pk)).status_code == 422
    answer = client.post(address(here), typed(reported_by=other.person_id))
    assert answer.url == reverse("followup:files")  # the one who typed does not read it
    here.acting(other)
    assert list(FollowUp.objects.visible_to(other)) == list(FollowUp.objects.all())


def test_a_group_that_is_not_open_to_oneself_offers_nothing(here, sign_in):
    elsewhere = Compartment("42187")
    client = sign_in(elsewhere.members[0])
    assert client.post(address(here), typed()).status_code == 422
    here.acting(here.members[0])
    assert not FollowUp.objects.exists()
    unsigned = here.member(signs=False)
    page = sign_in(unsigned).get(reverse("followup:file_open"))
    assert "Aucun groupe ne vous est ouvert" in page.content.decode()
    prefect = actor("prefect_office", scope_of(territory("departement", "42")))
    assert sign_in(prefect).get(reverse("followup:file_open")).status_code == 403


def test_a_family_is_accompanied_by_a_cddf_alone(here, sign_in):
    client = sign_in(here.members[0])
    assert client.post(address(here, "family"), typed()).status_code == 422
    council = Compartment("42187", kind="CDDF")
    client = sign_in(council.members[0])
    assert client.post(address(council, "exposed"), typed()).status_code == 422
    sent = typed(situation_1="parents_ask")
    assert client.post(address(council, "family"), sent).status_code == 302


def test_the_door_itself_refuses_what_the_form_would(here):
    token = uuid.uuid4()
    here.file(asked=token)
    with pytest.raises(Stale, match="deux fois"):
        here.file(asked=token)
    someone = PersonFactory()
    with pytest.raises(Refused, match="membre actuel"):
        here.file(reported_by=someone.pk)
    with pytest.raises(Refused, match="dans la liste"):
        here.file(situations=[("trafficked", timezone.localdate())])


days = st.dates(dt.date(1990, 1, 1), dt.date(2100, 12, 31))


@given(birth=days, on=days)
def test_a_band_is_that_of_the_age_and_29_february_waits_for_march(birth, on):
    if birth > on:
        return
    age = clocks.age_on(birth, on)
    band = clocks.band_on(birth, on)
    low, _dash, high = band.partition("-")
    assert int(low) <= age
    assert age <= int(high) or (band == "21-24" and age > 24)
    assert clocks.age_on(birth, on + dt.timedelta(days=1)) - age in (0, 1)
    if (birth.month, birth.day) == (2, 29) and (on.month, on.day) == (2, 28):
        assert clocks.age_on(birth, on) == on.year - birth.year - 1


@given(
    birth=st.dates(dt.date(1999, 1, 1), dt.date(2030, 12, 31)), on=st.dates(dt.date(2024, 1, 1), dt.date(2060, 1, 1))
)
def test_no_file_opens_in_the_month_of_25_nor_after(birth, on):
    limit = clocks.last_month(birth, on)
    assert limit.day == 1
    assert (limit.year, limit.month) == (birth.year + 25, birth.month)
    if birth > on or limit <= on:
        with pytest.raises(Refused):
            clocks.check_age(birth, on)
    else:
        clocks.check_age(birth, on)
        assert clocks.age_on(birth, on) < 25


@given(birth=st.dates(dt.date(1999, 1, 1), dt.date(2026, 1, 1)), on=st.dates(dt.date(2026, 1, 2), dt.date(2060, 1, 1)))
def test_representatives_are_a_minors(birth, on):
    assert clocks.is_minor(birth, on) == (clocks.age_on(birth, on) < 18)
    if clocks.is_minor(birth, on):
        opening.check_representatives(birth, [{"link": "mother"}], on)
    else:
        with pytest.raises(Refused, match="majeure"):
            opening.check_representatives(birth, [{"link": "mother"}], on)
