"""Who read: told by function to the person followed, counted for the officer, proved by the chain."""

import datetime as dt
import io

import pypdf
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from prevenance.core.audit.verify import first_break, stored_heads, stored_rows
from prevenance.domains.followup import actions
from prevenance.domains.followup.analysis import readings as analysis
from prevenance.domains.followup.models import Terms
from prevenance.domains.governance.models import Membership
from tests.factories import OrganisationFactory, actor
from tests.factories.followup import Compartment

pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    return Compartment()


@pytest.fixture
def officer(here):
    return actor("data_protection_officer", here.council.scope.holder)


def page(file):
    return reverse("followup:readings", args=[file.pk])


REVIEW = "/suivis/lectures/"


def test_a_file_tells_who_read_it_by_function_part_and_reason(here, sign_in):
    file = here.file(by=here.members[0])
    seat = here.seats[here.members[0].person_id]
    Membership.objects.filter(pk=seat.pk).update(title="éducatrice", organisation=OrganisationFactory(name="Inventée"))
    sign_in(here.members[0]).get(reverse("followup:file", args=[file.pk]))
    client = sign_in(here.coordinator)
    client.post(reverse("followup:file_reason", args=[file.pk]), {"why": "rights"})
    shown = client.get(page(file))
    first, second = shown.context["rows"]
    assert (second.function, second.part, second.why) == ("éducatrice, Inventée", "Situation", "")
    assert (first.part, first.why) == ("Droits et lectures", "Répondre à une demande de la personne")
    assert here.members[0].person.name not in shown.content.decode().split("<main")[1].split("<table")[1]
    printed = client.get(page(file), {"format": "pdf"})
    text = "".join(sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(printed.content)).pages)
    assert file.number in text
    assert "éducatrice" in text
    assert here.members[0].person.family_name not in text


def test_only_who_follows_or_holds_tells_it(here, sign_in):
    file = here.file(by=here.members[0])
    assert sign_in(here.members[0]).get(page(file)).status_code == 403
    assert sign_in(here.members[1]).get(page(file)).status_code == 404


def test_the_chain_holds_what_a_list_recorded_at_once(here):
    files = [here.file() for _number in range(3)]
    actions.record_list(body=here.body, followups=files, part="list", by=here.coordinator)
    found = [analysis.of_file(file).count() for file in files]
    assert found == [1, 1, 1]
    rows = [row for row in stored_rows() if row.scope == files[0].trail]
    assert len(rows) == 6
    assert first_break(rows, {files[0].trail: stored_heads()[files[0].trail]}, {}, {}) is None


def test_the_officer_sees_counts_of_their_controllers_and_nothing_else(here, officer, sign_in):
    file, other = here.file(by=here.members[0]), here.file(by=here.members[0])
    elsewhere = Compartment("42187")
    theirs = elsewhere.file()
    here.acting(here.members[0])
    for _time in range(3):
        actions.record_reading(followup=file, part="situation", by=here.members[0])
    here.acting(here.coordinator)
    actions.record_reading(followup=other, part="plan", why="meeting", by=here.coordinator)
    here.acting(elsewhere.members[0])
    actions.record_reading(followup=theirs, part="plan", by=elsewhere.members[0])
    answer = sign_in(officer).get(REVIEW)
    review = answer.context["review"]
    assert [(c.readings, c.files, c.readers, c.outside) for c in review.groups] == [(4, 2, 2, 1)]
    assert {(c.label, c.readings, c.files, c.outside) for c in review.readers} == {
        (here.members[0].person.name, 3, 1, 0), (here.coordinator.person.name, 1, 1, 1),
    }  # fmt: skip
    assert [(c.label, c.readings) for c in review.parts] == [("Plan", 1), ("Situation", 3)]
    assert [(c.label, c.readings) for c in review.reasons] == [("Préparer une réunion du groupe", 1)]
    main = answer.content.decode().split("<main")[1]
    for unseen in (file.number, "Zéphyr", elsewhere.members[0].person.name):
        assert unseen not in main
    assert sign_in(officer).get(reverse("followup:file", args=[file.pk])).status_code == 404
    exported = sign_in(officer).get(REVIEW, {"format": "csv"}).content.decode()
    assert here.coordinator.person.name in exported
    assert file.number not in exported


def test_the_period_bounds_what_is_counted(here, officer, sign_in):
    file = here.file(by=here.members[0])
    actions.record_reading(followup=file, part="plan", by=here.members[0])
    client, today = sign_in(officer), timezone.localdate()
    past = {"begins": today - dt.timedelta(days=40), "ends": today - dt.timedelta(days=1)}
    assert "Aucune lecture à ces dates" in client.get(REVIEW, past).content.decode()
    assert client.get(REVIEW, {"begins": today, "ends": today}).context["review"].groups
    wrong = client.get(REVIEW, {"begins": today, "ends": today - dt.timedelta(days=1)})
    assert "La fin précède le début" in wrong.content.decode()


def test_others_count_nothing(here, sign_in):
    for who in (here.coordinator, here.members[0]):
        assert sign_in(who).get(REVIEW).status_code == 403
    stranger = actor("data_protection_officer", Compartment("42187").council.scope.holder)
    assert sign_in(stranger).get(REVIEW).context["bodies"] != []
    here.file()
    assert here.body not in sign_in(stranger).get(REVIEW).context["bodies"]


def test_counting_costs_the_same_whatever_was_read(here, officer, sign_in):
    counts = []
    for many in (1, 19):
        for _number in range(many):
            file = here.file(by=here.members[0])
            actions.record_reading(followup=file, part="plan", by=here.members[0])
        client = sign_in(officer)
        client.get(REVIEW)  # the first page of a session also notes that it is seen
        with CaptureQueriesContext(connection) as queries:
            client.get(REVIEW)
        counts.append(len([query for query in queries if "SAVEPOINT" not in query["sql"]]))
    assert counts[0] == counts[1] <= 12


def test_readings_are_found_by_an_index(here):
    file = here.file()
    day = timezone.localdate()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plans = []
        found = analysis.of_file(file)
        sql, values = found.query.uncomposed(*found.arguments).query.sql_with_params()
        cursor.execute("EXPLAIN " + sql, values)
        plans.append("\n".join(row[0] for row in cursor.fetchall()))
        with CaptureQueriesContext(connection) as queries:
            analysis.review([here.body], day, day)
        cursor.execute("EXPLAIN " + next(query["sql"] for query in queries if "core_auditrow" in query["sql"]))
        plans.append("\n".join(row[0] for row in cursor.fetchall()))
    for plan in plans:
        assert "Index" in plan
        assert "Seq Scan" not in plan
    assert f"core_auditrow_{day:%Y_%m}" in plans[1]
    assert f"core_auditrow_{day.year + (day.month == 12)}_{day.month % 12 + 1:02d}" not in plans[1]  # other months


# --------------------------------------------------------------------------------- what the rulebook says


def test_the_coordination_declares_once_what_the_rulebook_says(here, sign_in):
    file = here.file(by=here.members[0])
    address = reverse("followup:terms", args=[here.body.pk])
    client = sign_in(here.coordinator)
    assert "la plus stricte" in client.get(address).content.decode()
    sent = {"reads": "all", "reads_article": "Article 4", "archive_months": 12, "archive_article": ""}
    refused = client.post(address, sent)
    assert refused.status_code == 422
    assert "article du règlement qui prévoit l’archive" in refused.content.decode()
    assert client.post(address, {**sent, "archive_months": 37, "archive_article": "Article 9"}).status_code == 422
    assert client.post(address, {**sent, "archive_article": "Article 9"}).status_code == 302
    here.acting(here.coordinator)
    assert Terms.objects.get().declared_by == here.coordinator.person
    assert client.post(address, {**sent, "archive_article": "Article 9"}).status_code == 403
    member = sign_in(here.members[1])
    assert "Article 4" in member.get(address).content.decode()
    assert file.number in member.get("/suivis/").content.decode()  # every signatory reads
    assert member.post(address, sent).status_code == 403
    assert sign_in(Compartment("42187").coordinator).get(address).status_code == 404
