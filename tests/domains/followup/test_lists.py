"""The list of files, by numbers; their names when asked for; a name looked for in one group."""

import io
import json
import zipfile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from prevenance.core.models import AuditRow
from prevenance.domains.followup import actions
from prevenance.domains.followup.models import FollowUp
from tests.factories import actor, scope_of, territory
from tests.factories.followup import Compartment

pytestmark = pytest.mark.django_db
LIST, SEARCH = "/suivis/", "/suivis/chercher/"


@pytest.fixture
def here():
    return Compartment()


def named(here, given, family, **values):
    return here.file(identity={"given_name": given, "family_name": family}, **values)


def shown(answer):
    """Numbers in the list."""
    return [file.number for file, *_others in answer.context["rows"]]


def recorded(part):
    rows = AuditRow.objects.filter(action="followup.record_list").order_by("at", "seq")
    return [(row.subject, json.loads(row.detail)["why"]) for row in rows if json.loads(row.detail)["part"] == part]


def test_each_sees_the_files_that_they_read_by_number_and_no_name(here, sign_in):
    mine, other = here.file(by=here.members[0]), here.file(by=here.members[1])
    elsewhere = Compartment("42187")
    theirs = elsewhere.file()
    for who, numbers in (
        (here.members[0], {mine.number}), (here.members[1], {other.number}),
        (here.coordinator, {mine.number, other.number}), (elsewhere.coordinator, {theirs.number}),
    ):  # fmt: skip
        answer = sign_in(who).get(LIST)
        assert set(shown(answer)) == numbers
        assert "Zéphyr" not in answer.content.decode()
    assert recorded("list") == []
    for role, where in (("prefect_office", "departement"), ("national_secretariat", "nation")):
        outsider = actor(role, scope_of(territory(where, "42" if where == "departement" else "FR")))
        assert sign_in(outsider).get(LIST).status_code == 403
        assert sign_in(outsider).get(SEARCH).status_code == 403


def test_filters_stay_in_the_address_and_say_when_nothing_answers(here, sign_in):
    one = here.file(by=here.members[0])
    two = here.file(by=here.members[0], category="reoffending")
    part = None
    here.acting(here.coordinator)
    part = actions.propose_referent(followup=one, person=here.members[1].person_id, by=here.coordinator)
    here.acting(here.members[1])
    actions.accept_part(part=part, by=here.members[1])
    here.acting(here.coordinator)
    FollowUp.objects.filter(pk=two.pk).update(next_review_on=timezone.localdate())
    client = sign_in(here.coordinator)
    for query, numbers in (
        ({"category": "reoffending"}, [two.number]), ({"referent": "none"}, [two.number]),
        ({"referent": str(here.members[1].person_id)}, [one.number]), ({"referent": "me"}, []),
        ({"state": "review"}, [two.number]), ({"state": "ended"}, []), ({"state": "all"}, [two.number, one.number]),
    ):  # fmt: skip
        assert shown(client.get(LIST, query)) == numbers, query
    assert "Aucun dossier ne répond" in client.get(LIST, {"referent": "me"}).content.decode()
    assert shown(sign_in(here.members[1]).get(LIST, {"referent": "me"})) == [one.number]


def test_names_are_shown_when_asked_for_and_each_is_a_reading(here, sign_in):
    file = named(here, "Noé", "Imaginaire", by=here.members[0])
    answer = sign_in(here.members[0]).post(LIST)
    assert "Noé Imaginaire" in answer.content.decode()
    assert recorded("list") == [(f"followup.followup:{file.pk}", "")]
    client = sign_in(here.coordinator)
    refused = client.post(LIST)
    assert refused.status_code == 422
    assert "Imaginaire" not in refused.content.decode()
    assert "Noé Imaginaire" in client.post(LIST, {"why": "meeting"}).content.decode()
    assert recorded("list")[1:] == [(f"followup.followup:{file.pk}", "meeting")]
    assert client.get(f"/suivis/{file.pk}/").status_code == 200  # the reason given is not asked again today


@pytest.mark.parametrize("format", ["csv", "xlsx", "ods"])
def test_the_list_leaves_by_numbers_alone(here, sign_in, format):
    file = named(here, "Noé", "Imaginaire", by=here.members[0])
    answer = sign_in(here.members[0]).get(LIST, {"format": format})
    assert answer["Content-Disposition"] == f'attachment; filename="suivis.{format}"'
    content = answer.content
    if format != "csv":
        package = zipfile.ZipFile(io.BytesIO(content))
        content = b"".join(package.read(name) for name in package.namelist())
    assert file.number in content.decode()
    assert "Imaginaire" not in content.decode()


@pytest.mark.parametrize("words", ["noe", "IMAGIN", "imaginaire noé", "Noë"])
def test_a_name_is_found_without_accents_nor_case_and_it_is_recorded(here, sign_in, words):
    file = named(here, "Noé", "Imaginaire", by=here.members[0])
    named(here, "Autre", "Inventé", by=here.members[0])
    answer = sign_in(here.members[0]).post(SEARCH, {"group": here.body.pk, "name": words})
    assert [(found.pk, name) for found, _band, name in answer.context["found"]] == [(file.pk, "Noé Imaginaire")]
    assert recorded("search") == [(f"followup.followup:{file.pk}", "")]


def test_a_search_that_finds_nothing_is_recorded_too(here, sign_in):
    named(here, "Noé", "Imaginaire", by=here.members[0])
    answer = sign_in(here.members[0]).post(SEARCH, {"group": here.body.pk, "name": "Zoé"})
    assert "Aucun dossier que vous lisez" in answer.content.decode()
    assert recorded("search") == [(f"governance.body:{here.body.pk}", "")]


def test_one_searches_what_one_reads_in_a_group_that_one_opens(here, sign_in):
    named(here, "Noé", "Imaginaire", by=here.members[0])
    elsewhere = Compartment("42187")
    client = sign_in(here.members[1])
    assert not client.post(SEARCH, {"group": here.body.pk, "name": "Noé"}).context["found"]
    assert client.post(SEARCH, {"group": elsewhere.body.pk, "name": "Noé"}).status_code == 422
    client = sign_in(here.coordinator)
    assert client.post(SEARCH, {"group": here.body.pk, "name": "Noé"}).status_code == 422  # why is asked
    assert client.post(SEARCH, {"group": here.body.pk, "name": "Noé", "why": "rights"}).context["found"]


def test_a_name_never_goes_into_an_address(here, sign_in):
    page = sign_in(here.members[0]).get(SEARCH, {"group": here.body.pk, "name": "Noé"})
    assert page.context["found"] is None
    assert 'method="post"' in page.content.decode()


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_list_costs_the_same_with_one_file_or_twenty(here, sign_in, method):
    counts = []
    for many in (1, 19):
        for _number in range(many):
            here.file(by=here.members[0])
        client = sign_in(here.members[0])
        getattr(client, method)(LIST)
        with CaptureQueriesContext(connection) as queries:
            assert len(shown(getattr(client, method)(LIST))) in (1, 20)
        counts.append([query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]])
    assert len(counts[0]) == len(counts[1]), "\n".join(counts[1])
    assert len(counts[0]) <= (13 if method == "get" else 16), "\n".join(counts[1])


def test_search_and_doubles_cost_the_same_with_one_file_or_twenty(here, sign_in):
    counts = []
    for many in (1, 19):
        for _number in range(many):
            named(here, "Noé", "Imaginaire", by=here.members[0])
        client = sign_in(here.members[0])
        client.get(SEARCH)  # the first page of a session also notes that it is seen
        with CaptureQueriesContext(connection) as queries:
            found = client.post(SEARCH, {"group": here.body.pk, "name": "Noé"}).context["found"]
        assert len(found) in (1, 20)
        counts.append(len([query for query in queries if "SAVEPOINT" not in query["sql"]]))
    assert counts[0] == counts[1]


def test_an_empty_list_says_what_to_do(here, sign_in):
    assert reverse("followup:file_open") in sign_in(here.members[0]).get(LIST).content.decode()
    unsigned = here.member(signs=False)
    page = sign_in(unsigned).get(LIST).content.decode()
    assert "Signez-les depuis la page du groupe" in page
