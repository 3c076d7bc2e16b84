"""Councils on screen, by role."""

import datetime as dt
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from prevenance.domains.accounts.models import Scope
from prevenance.domains.governance.models import Council, Decision, Membership
from prevenance.domains.territories.models import Territory
from tests.factories import (
    CouncilFactory,
    MeetingFactory,
    MembershipFactory,
    PersonFactory,
    actor,
    coordinator_of,
    scope_of,
    territory,
)

pytestmark = pytest.mark.django_db


def nation():
    return scope_of(Territory.objects.get(kind="nation"))


@pytest.fixture
def council():
    loire = scope_of(territory("departement", "42"))
    made = CouncilFactory(surroundings=[loire, nation()], name="CLSPD d’ici & d’ailleurs")
    MembershipFactory(
        body=made.bodies.get(), quality="chair", person=PersonFactory(given_name="Ève", family_name="L’Élue")
    )
    return made


@contextmanager
def at_most(number):
    """Statements that ask or write something: the test's own savepoints are not the product's."""
    with CaptureQueriesContext(connection) as captured:
        counted = []
        yield counted
    counted += [
        query for query in captured if "SAVEPOINT" not in query["sql"] and "accounts_session" not in query["sql"]
    ]
    assert len(counted) <= number - 1, [query["sql"][:120] for query in counted]  # the session's own read is one


def text(response):
    return response.content.decode().replace("\u00a0", " ")


def test_each_role_sees_the_list_that_its_scope_reaches(council, sign_in):
    elsewhere = CouncilFactory(territory=territory("commune", "69266"), surroundings=[nation()])
    expected = {
        coordinator_of(council): {council},
        coordinator_of(elsewhere): {elsewhere},
        actor("mayor", scope_of(council.territory)): {council},
        actor("prefect_office", scope_of(territory("departement", "42"))): {council},
        actor("prosecutor_office", scope_of(territory("departement", "69"))): set(),
        actor("national_secretariat", nation()): {council, elsewhere},
        actor("group_member", council.scope): {council},
        actor("mediator", scope_of(council.territory)): set(),
        actor("administrator", Scope.objects.create(kind="platform", label="Plateforme")): set(),
    }
    for who, seen in expected.items():
        response = sign_in(who).get(reverse("governance:councils"))
        assert response.status_code == 200
        assert {row["pk"] for row in response.context["rows"]} == {one.pk for one in seen}, who.role


@pytest.mark.parametrize(
    "query, found",
    [
        ("", {"a", "b"}),
        ("q=saint-et", {"a"}),
        ("q=SAINT ETIENNE", {"a"}),
        ("q=clspd", {"a", "b"}),
        ("departement=69", {"b"}),
        ("departement=inconnu", {"a", "b"}),
        ("kind=CISPD", set()),
        ("late=on", {"b"}),
        ("state=ended", {"c"}),
        ("state=all", {"a", "b", "c"}),
        ("q=l'étrange' --", set()),
    ],
)
def test_filters_live_in_the_address(query, found, sign_in):
    today = dt.date.today()
    made = {
        "a": CouncilFactory(surroundings=[nation()], last_plenary_on=today - dt.timedelta(days=30)),
        "b": CouncilFactory(
            territory=territory("commune", "69266"),
            surroundings=[nation()],
            last_plenary_on=today - dt.timedelta(days=500),
        ),
        "c": CouncilFactory(territory=territory("commune", "42187"), surroundings=[nation()], ended_on=today),
    }
    response = sign_in(actor("national_secretariat", nation())).get(reverse("governance:councils") + "?" + query)
    assert {row["pk"] for row in response.context["rows"]} == {made[name].pk for name in found}


def test_the_list_costs_the_same_for_two_or_sixty_councils(sign_in):
    client = sign_in(actor("national_secretariat", nation()))
    communes = list(Territory.objects.filter(kind="commune", code__startswith="42").order_by("code")[:60])
    counts = []
    for batch in (communes[:2], communes[2:]):
        for place in batch:
            CouncilFactory(territory=place, surroundings=[nation()])
        with at_most(12) as queries:
            assert client.get(reverse("governance:councils")).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert client.get(reverse("governance:councils")).context["page"].paginator.num_pages == 2


@pytest.mark.parametrize("format, start", [("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK"), ("ods", b"PK")])
def test_the_list_and_the_members_leave_as_files(council, sign_in, format, start):
    client = sign_in(coordinator_of(council))
    for url in (reverse("governance:councils"), reverse("governance:members", args=[council.pk])):
        response = client.get(url, {"format": format})
        assert response.content.startswith(start)
        assert response["Content-Disposition"].startswith("attachment")
        assert response["Content-Disposition"].endswith(f'.{format}"')


def test_a_council_page_says_who_what_and_when(council, sign_in):
    body = council.bodies.get()
    MeetingFactory(
        body=body,
        title="La prochaine",
        state="convened",
        convened_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        starts_at=dt.datetime(2036, 1, 1, 9, tzinfo=dt.UTC),
        ends_at=dt.datetime(2036, 1, 1, 11, tzinfo=dt.UTC),
    )
    MeetingFactory(
        body=body,
        title="La dernière",
        state="held",
        convened_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC),
        starts_at=dt.datetime(2020, 1, 1, 9, tzinfo=dt.UTC),
        ends_at=dt.datetime(2020, 1, 1, 11, tzinfo=dt.UTC),
    )
    Decision.objects.create(council=council, year=2026, rank=1, text="Ouvrir", due_on=dt.date(2020, 1, 1))
    client = sign_in(coordinator_of(council))
    with at_most(12):
        page = text(client.get(reverse("governance:council", args=[council.pk])))
    for words in (
        "CLSPD d’ici &amp; d’ailleurs",
        "Ève L’Élue",
        "La prochaine",
        "La dernière",
        "dont 1 en retard",
        "Camille Exemple",
    ):
        assert words in page


def test_a_stranger_finds_no_council(council, sign_in):
    client = sign_in(coordinator_of(CouncilFactory(territory=territory("commune", "42187"))))
    for name in ("council", "council_law", "council_edit", "council_end", "members", "member_add"):
        assert client.get(reverse(f"governance:{name}", args=[council.pk])).status_code == 404, name


def test_who_sees_without_holding_is_refused_with_the_sentence(council, sign_in):
    client = sign_in(actor("prefect_office", scope_of(territory("departement", "42"))))
    for name in ("council_edit", "council_end", "member_add"):
        response = client.get(reverse(f"governance:{name}", args=[council.pk]))
        assert response.status_code == 403
        assert "Seules la coordination et la présidence" in text(response)


def test_contact_details_are_for_those_who_may_see_people(council, sign_in):
    member = Membership.objects.get()
    url = reverse("governance:members", args=[council.pk])
    for role, scope, seen in (
        ("prefect_office", scope_of(territory("departement", "42")), True),
        ("group_member", council.scope, False),
        ("national_secretariat", nation(), False),
    ):
        client = sign_in(actor(role, scope))
        assert (member.person.email in text(client.get(url))) is seen
        assert (member.person.email in client.get(url, {"format": "csv"}).content.decode()) is seen


def test_members_are_searched_without_accents_and_filtered(council, sign_in):
    MembershipFactory(body=council.bodies.get(), person=PersonFactory(family_name="Zèbre"))
    client = sign_in(coordinator_of(council))
    url = reverse("governance:members", args=[council.pk])

    def names(**query):
        return [member.person.family_name for member in client.get(url, query).context["page"]]

    assert names(q="elue") == ["L’Élue"]
    assert names(q="l'él") == ["L’Élue"]
    assert names(quality="designated") == ["Zèbre"]
    assert names(state="gone") == []
    assert names() == ["L’Élue", "Zèbre"]


def test_members_cost_the_same_for_two_or_forty(council, sign_in):
    client, counts = sign_in(coordinator_of(council)), []
    for count in (2, 40):
        MembershipFactory.create_batch(count, body=council.bodies.get())
        with at_most(12) as queries:
            client.get(reverse("governance:members", args=[council.pk]))
        counts.append(len(queries))
    assert counts[0] == counts[1]


MEMBER = {
    "given_name": "Anne",
    "family_name": "L’Exemple",
    "email": "anne@exemple.invalid",
    "phone": "",
    "organisation": "Mairie d’Ici",
    "organisation_kind": "commune",
    "title": "Adjointe",
    "quality": "designated",
    "of_right_as": "",
    "valid_from": "2026-01-01",
    "seen": "",
}


def test_a_coordinator_adds_corrects_and_ends_a_member(council, sign_in):
    client = sign_in(coordinator_of(council))
    add = reverse("governance:member_add", args=[council.pk])
    assert client.get(add).status_code == 200
    assert client.post(add, MEMBER).status_code == 302
    again = client.post(add, MEMBER)
    assert again.status_code == 422
    assert "déjà membre" in text(again)
    assert "Adjointe" in text(again)
    member = Membership.objects.get(person__email="anne@exemple.invalid")
    edit = reverse("governance:member_edit", args=[council.pk, member.pk])
    seen = client.get(edit).context["form"]["seen"].value()
    assert client.post(edit, MEMBER | {"title": "Première adjointe", "seen": seen}).status_code == 302
    stale = client.post(edit, MEMBER | {"title": "Autre chose", "seen": seen})
    assert stale.status_code == 409
    assert "entre-temps" in text(stale)
    assert "Première adjointe" in text(stale)
    assert "Autre chose" in text(stale)
    saved = client.post(edit, MEMBER | {"title": "Autre chose", "seen": stale.context["form"]["seen"].value()})
    assert saved.status_code == 302
    end = reverse("governance:member_end", args=[council.pk, member.pk])
    assert client.get(end).status_code == 200
    assert client.post(end, {"on": "2026-02-01"}).status_code == 302
    assert client.post(end, {"on": "2026-02-01"}).status_code == 302
    member.refresh_from_db()
    assert (member.title, member.valid_to) == ("Autre chose", dt.date(2026, 2, 1))


def test_a_wrong_member_keeps_what_was_typed(council, sign_in):
    client = sign_in(coordinator_of(council))
    response = client.post(reverse("governance:member_add", args=[council.pk]), MEMBER | {"email": "anne"})
    assert response.status_code == 422
    assert 'value="anne"' in text(response)
    assert "L’Exemple" in text(response)


def test_a_mayor_creates_the_council_after_reading_the_law(sign_in):
    client = sign_in(actor("mayor", scope_of(territory("commune", "42218"))))
    choices = text(client.get(reverse("governance:council_create")))
    assert "?nature=CLSPD" in choices
    assert "?nature=CDDF" in choices
    assert "?nature=CDPDR" not in choices
    assert "À Paris" not in choices.split("?nature=CLSPD")[0]
    assert "n’existe qu’à Paris" in choices
    url = reverse("governance:council_create") + "?nature=CLSPD"
    page = text(client.get(url))
    assert "CLSPD de Saint-Étienne" in page
    assert "CSI L132-4" in page
    response = client.post(url, {"name": "CLSPD de Saint-Étienne", "founded_on": "2003-06-01"})
    assert response.status_code == 302
    assert Council.objects.get().founded_on == dt.date(2003, 6, 1)
    assert "déjà un CLSPD" in text(client.get(url))
    assert client.post(url, {"name": "Bis"}).status_code == 403
    assert Council.objects.count() == 1


@pytest.mark.parametrize("role", ["coordinator", "national_secretariat", "administrator"])
def test_the_others_are_told_who_creates_it(role, council, sign_in):
    scopes = {
        "coordinator": council.scope,
        "national_secretariat": nation(),
    }
    scope = scopes.get(role) or Scope.objects.create(kind="platform", label="Plateforme")
    client = sign_in(actor(role, scope))
    assert client.post(reverse("governance:council_create"), {"name": "X"}).status_code == 403
    assert Council.objects.count() == 1


def test_the_prefets_office_creates_a_police_group_in_a_town_of_its_departement(sign_in):
    client = sign_in(actor("prefect_office", scope_of(territory("departement", "42"))))
    url = reverse("governance:council_create") + "?nature=GPO"
    assert "15 avril 2019" in text(client.get(url))
    elsewhere = client.post(url, {"name": "Groupe inventé", "place": "Lyon (commune 69123)"})
    assert elsewhere.status_code == 422
    assert "n’est pas le vôtre" in text(elsewhere)
    assert client.post(url, {"name": "Groupe inventé", "place": "Roanne (commune 42187)"}).status_code == 302
    assert Council.objects.get(kind="GPO").territory == territory("commune", "42187")


def test_a_mayor_ends_the_council_and_it_remains_readable(council, sign_in):
    client = sign_in(actor("mayor", scope_of(council.territory)))
    url = reverse("governance:council_end", args=[council.pk])
    assert client.post(url, {"on": "2999-01-01"}).status_code == 422
    assert client.post(url, {"on": "2026-01-01"}).status_code == 302
    page = client.get(reverse("governance:council", args=[council.pk]))
    assert "a pris fin le 1er janvier 2026" in text(page)
    assert client.get(reverse("governance:member_add", args=[council.pk])).status_code == 403


def test_obligations_answer_without_accusing(council, sign_in):
    client = sign_in(coordinator_of(council))
    for headers in ({}, {"HX-Request": "true"}):
        page = text(client.get(reverse("governance:council_law", args=[council.pk]), headers=headers))
        assert "satisfait" in page
        assert "CSI" in page
        assert "infraction" not in page.lower()
        assert "Membres de droit non déclarés ici" in page
    assert "<html" not in page


def test_a_missing_member_of_right_is_entered_in_one_click(council, sign_in):
    client = sign_in(coordinator_of(council))
    missing = client.get(reverse("governance:council_law", args=[council.pk])).context["missing_members"]
    key = missing[0][0].key
    form = client.get(reverse("governance:member_add", args=[council.pk]), {"titre": key}).context["form"]
    assert (form["of_right_as"].value(), form["quality"].value()) == (key, "of_right")
    posted = MEMBER | {"quality": "of_right", "of_right_as": key}
    assert client.post(reverse("governance:member_add", args=[council.pk]), posted).status_code == 302
    left = client.get(reverse("governance:council_law", args=[council.pk])).context["missing_members"]
    assert key not in {member.key for member, _article in left}


@pytest.mark.parametrize("signed_in", [True, False])
def test_the_page_of_a_territory_shows_its_council_and_obligations(council, sign_in, client, signed_in):
    browser = sign_in(coordinator_of(council)) if signed_in else client
    page = text(browser.get(territory("commune", "42218").get_absolute_url()))
    assert "Ce que la loi attend" in page
    assert "CSI L132-4" in page
    assert (reverse("governance:council", args=[council.pk]) in page) is signed_in
    assert "CLSPD" in page


def test_the_page_of_a_departement_leads_to_its_councils(council, sign_in):
    page = text(sign_in(actor("national_secretariat", nation())).get(territory("departement", "42").get_absolute_url()))
    assert reverse("governance:council", args=[council.pk]) in page
