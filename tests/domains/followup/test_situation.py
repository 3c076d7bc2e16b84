"""The page « situation »: who the person is, what was observed; corrected without losing what somebody else wrote."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from prevenance.core.models import AuditRow
from prevenance.domains.followup import actions
from prevenance.domains.followup.analysis.reading import key_of, opened_values
from prevenance.domains.followup.models import Fact, FollowUp, Identity, Involvement, Line, Representative
from tests.factories.followup import Compartment

pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    return Compartment()


def page(name, file, *others):
    return reverse(f"followup:{name}", args=[file.pk, *others])


def corrected(file, **changes):
    born = timezone.localdate().replace(year=timezone.localdate().year - 17, day=1)
    return {
        "given_name": "Inès", "family_name": "Corrigée-Inventée", "birth_date": born.isoformat(), "sex": "f",
        "category": "exposed", "schooling": "high", "address": "", "phone": "", "email": "", "seen": 1, **changes,
    }  # fmt: skip


def said(file):
    row = Identity.objects.get(followup=file)
    return opened_values(row, key_of(file))


def test_the_reporter_corrects_until_there_is_a_referent(here, sign_in):
    reporter, referent = here.members
    file = here.file(by=reporter)
    client = sign_in(reporter)
    assert "Inventée-Zéphyr" in client.get(page("identity", file)).content.decode()
    assert client.post(page("identity", file), corrected(file)).status_code == 302
    here.acting(reporter)
    assert said(file)["family_name"] == "Corrigée-Inventée"
    changed = FollowUp.objects.get()
    assert (changed.age_band, changed.edit) == ("16-17", 2)
    assert changed.purge_on.year == timezone.localdate().year + 8
    assert Line.objects.get().age_band == "16-17"
    here.acting(here.coordinator)
    part = actions.propose_referent(followup=file, person=referent.person_id, by=here.coordinator)
    here.acting(referent)
    actions.accept_part(part=part, by=referent)
    assert sign_in(reporter).get(page("identity", file)).status_code == 403
    assert sign_in(referent).get(page("identity", file)).status_code == 200


def test_what_was_typed_on_an_older_state_is_kept_and_said(here, sign_in):
    file = here.file(by=here.members[0])
    client = sign_in(here.members[0])
    client.post(page("identity", file), corrected(file))
    late = client.post(page("identity", file), corrected(file, family_name="Tardive-Inventée"))
    assert late.status_code == 409
    assert 'value="Tardive-Inventée"' in late.content.decode()
    assert client.post(page("identity", file), corrected(file, seen=2)).status_code == 302


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"birth_date": "2001-01-01"}, "limite d’âge"),
        ({"family_name": ""}, "obligatoire"),
        ({"category": "family"}, "Sélectionnez un choix valide"),
    ],
)
def test_a_correction_that_the_law_or_the_form_refuses_keeps_what_was_typed(here, sign_in, changes, sentence):
    file = here.file(by=here.members[0])
    answer = sign_in(here.members[0]).post(page("identity", file), corrected(file, phone="0123", **changes))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert 'value="0123"' in answer.content.decode()


def test_representatives_are_held_for_a_minor_and_let_go(here, sign_in):
    file = here.file(by=here.members[0])
    client = sign_in(here.members[0])
    both = {
        "seen": 1, "representant1-link": "mother", "representant1-family_name": "Inventée",
        "representant2-link": "father", "representant2-family_name": "Imaginaire", "representant2-phone": "01",
    }  # fmt: skip
    assert client.post(page("representatives", file), both).status_code == 302
    here.acting(here.members[0])
    assert Representative.objects.count() == 2
    assert client.post(page("representatives", file), both).status_code == 409
    wrong = client.post(page("representatives", file), {"seen": 2, "representant1-family_name": "Seule"})
    assert wrong.status_code == 422
    one = {"seen": 2, "representant1-link": "guardian", "representant1-family_name": "Inventée"}
    assert client.post(page("representatives", file), one).status_code == 302
    here.acting(here.members[0])
    kept = Representative.objects.get()
    assert opened_values(kept, key_of(file))["link"] == "guardian"
    grown = corrected(file, seen=3, birth_date=dt.date(timezone.localdate().year - 19, 1, 1).isoformat())
    refused = client.post(page("identity", file), grown)
    assert "retirez d’abord" in refused.content.decode()


def test_a_fact_is_added_once_then_ends(here, sign_in):
    file = here.file(by=here.members[0])
    client, today = sign_in(here.members[0]), timezone.localdate()
    sent = {"fait-situation": "risky", "fait-observed_on": today.isoformat()}
    assert client.post(page("fact_add", file), sent).status_code == 302
    assert client.post(page("fact_add", file), sent).status_code == 409
    assert client.post(page("fact_add", file), {**sent, "fait-situation": "released"}).status_code == 422
    future = {**sent, "fait-situation": "surroundings", "fait-observed_on": (today + dt.timedelta(days=1)).isoformat()}
    assert "corrigez sa date" in client.post(page("fact_add", file), future).content.decode()
    here.acting(here.members[0])
    fact = Fact.objects.get()
    ending = page("fact_end", file, fact.pk)
    assert client.get(ending).status_code == 200
    assert client.post(ending, {"ended_on": (today - dt.timedelta(days=1)).isoformat()}).status_code == 422
    assert client.post(ending, {"ended_on": today.isoformat()}).status_code == 302
    assert client.post(ending, {"ended_on": today.isoformat()}).status_code == 403
    assert "situation qui n’est plus" in client.get(page("file", file)).content.decode()
    told = AuditRow.objects.filter(scope=file.trail).values_list("detail", flat=True)
    assert "risky" not in "".join(told)


def test_a_member_outside_the_follow_up_writes_nothing_and_strangers_find_nothing(here, sign_in):
    file = here.file(by=here.members[0])
    here.declare(reads="all")
    client = sign_in(here.members[1])
    sent = {"fait-situation": "risky", "fait-observed_on": timezone.localdate().isoformat()}
    assert client.post(page("fact_add", file), sent).status_code == 403
    assert client.post(page("identity", file), corrected(file)).status_code == 403
    stranger = sign_in(Compartment("42187").members[0])
    for name in ("identity", "representatives", "fact_add"):
        assert stranger.post(page(name, file), sent).status_code == 404


def test_nothing_is_corrected_once_the_follow_up_has_ended(here, sign_in):
    file = here.file(by=here.members[0])
    today = timezone.localdate()
    FollowUp.objects.filter(pk=file.pk).update(closed_on=today, purge_on=today + dt.timedelta(days=90))
    client = sign_in(here.members[0])
    shown = client.get(page("file", file))
    assert "plus rien ne s’y écrit" in shown.content.decode()
    for name in ("identity", "representatives", "fact_add"):
        assert client.post(page(name, file), corrected(file)).status_code == 403


@pytest.mark.parametrize("who", ["member", "coordinator"])
def test_the_page_of_a_file_costs_the_same_with_one_fact_or_twenty(here, sign_in, who):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    reader = here.members[0] if who == "member" else here.coordinator
    counts = []
    for many in (1, 20):
        file = here.file(by=here.members[0])
        codes = [{}] * many
        for number, _code in enumerate(codes):
            row = Fact(followup=file, body=here.body, observed_on=timezone.localdate(), observed_by=reader.person)
            row.situation = key_of(file).seal("risky", "followup_fact.situation")
            row.save()
            if number < 2:
                Involvement.objects.create(
                    followup=file, body=here.body, person=here.coordinator.person, kind=["cover", "concerned"][number],
                    proposed_by=reader.person, accepted_at=timezone.now(), valid_from=timezone.localdate(),
                    valid_to=timezone.localdate(),
                )  # fmt: skip
        client = sign_in(reader)
        client.get(page("file", file))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page("file", file)).status_code == 200
        asked = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert counts[0] <= 13, "\n".join(asked)
