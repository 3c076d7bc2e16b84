"""Rights of the person: informed, objecting, asking, answered in time with a complete copy that is kept nowhere."""

import datetime as dt
import io

import pypdf
import pytest
import time_machine
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from prevenance.core import vault
from prevenance.core.models import AuditRow
from prevenance.core.refusals import Refused
from prevenance.domains.followup import actions
from prevenance.domains.followup.analysis import deadlines, notices
from prevenance.domains.followup.analysis.reading import key_of, opened_values, sealed
from prevenance.domains.followup.analysis.whole import by_function, copy
from prevenance.domains.followup.models import (
    Alert,
    Attachment,
    Contact,
    Fact,
    FollowUp,
    Goal,
    Hold,
    Identity,
    Line,
    Notice,
    Orientation,
    Representative,
    Review,
    RightsRequest,
    Step,
)
from prevenance.domains.followup.rules import clocks
from prevenance.domains.governance.models import Membership
from prevenance.domains.governance.rules.councils import Stale
from tests.factories.followup import Compartment

pytestmark = pytest.mark.django_db
NAME = "Inventée-Zéphyr"


@pytest.fixture
def here():
    return Compartment()


@pytest.fixture
def file(here):
    """A minor's file with a representative, followed by the first member; the database asked as them."""
    file = here.file()
    here.takes_part(file, here.members[0])
    of = {"followup": file, "body": here.body, "rank": 1}
    sealed(Representative(**of), vault.open(file.key), link="mother", family_name="Parent-Inventé").save()
    return file


@pytest.fixture
def referent(here, file):
    return here.acting(here.members[0])


def page(name, file, *more):
    return reverse(f"followup:{name}", args=[file.pk, *more])


def words(response):
    assert response["Content-Type"] == "application/pdf"
    text = "\n".join(one.extract_text() for one in pypdf.PdfReader(io.BytesIO(response.content)).pages)
    return " ".join(text.split())


def asked(file, referent, kind, **values):
    given = {"asked_by": "person", "received_on": timezone.localdate()}
    return actions.record_request(followup=file, kind=kind, by=referent, **given | values)


# ------------------------------------------------------------------------------------------------------ information


@pytest.mark.parametrize("whom", ["person", "first"])
def test_the_notice_says_who_answers_why_how_long_and_to_whom_to_write(here, file, referent, sign_in, whom):
    here.declare(archive_months=12, archive_article="Article 9")
    client = sign_in(referent)
    assert client.post(page("rights", file), {"addressee": whom}).status_code == 302
    notice = Notice.objects.get(followup=file)
    assert opened_values(notice, key_of(file))["addressee"] == whom
    shown = client.get(page("notice_paper", file, notice.pk))
    text = words(shown)
    holder = here.council.scope.holder.label
    for said in (holder, here.body.name, "L. 132-5", "Dominique Exemple", "dpo@exemple.invalid", "CNIL", "R-1",
                 "3 mois après", "archive de 12 mois", "25 ans", "1 mois", "copie complète", "opposer"):  # fmt: skip
        assert said.replace("\u00a0", " ") in text.replace("\u00a0", " "), said
    assert ("représentant légal" in text.split("Qui est responsable")[0]) == (whom == "first")
    assert "{" not in text
    assert NAME not in text
    assert "no-store" in shown["Cache-Control"]
    tags = pypdf.PdfReader(io.BytesIO(shown.content)).trailer["/Root"]
    assert tags["/MarkInfo"]["/Marked"]
    assert tags["/Lang"] == "fr"


def test_a_notice_names_no_representative_that_the_file_has_not(file, referent, sign_in):
    with pytest.raises(Refused, match="pas inscrit"):
        actions.print_notice(followup=file, addressee="second", by=referent)
    answer = sign_in(referent).post(page("rights", file), {"addressee": "second"})
    assert answer.status_code == 422


def test_no_text_is_invented_for_a_day_without_one():
    with pytest.raises(Refused, match="Aucun texte"):
        notices.model_of("person", dt.date(2020, 1, 1))
    assert notices.models()[0]["source"]


def test_handed_over_on_a_day_once(file, referent, sign_in):
    notice = actions.print_notice(followup=file, addressee="person", by=referent)
    client, today = sign_in(referent), timezone.localdate()
    late = client.post(page("notice_hand", file, notice.pk), {"day": (today + dt.timedelta(days=1)).isoformat()})
    assert late.status_code == 422
    early = client.post(page("notice_hand", file, notice.pk), {"day": (today - dt.timedelta(days=1)).isoformat()})
    assert early.status_code == 422
    assert client.post(page("notice_hand", file, notice.pk), {"day": today.isoformat()}).status_code == 302
    assert Notice.objects.get(pk=notice.pk).handed_on == today
    assert client.post(page("notice_hand", file, notice.pk), {"day": today.isoformat()}).status_code == 409
    assert client.get(page("notice_hand", file, notice.pk)).status_code == 302


# -------------------------------------------------------------------------------------------------------- objection


def test_an_objection_is_a_request_with_its_deadline_and_upheld_it_ends_the_follow_up(file, referent, sign_in):
    notice = actions.print_notice(followup=file, addressee="first", by=referent)
    client, today = sign_in(referent), timezone.localdate()
    assert client.post(page("notice_object", file, notice.pk), {"day": today.isoformat()}).status_code == 302
    demand = RightsRequest.objects.get(followup=file)
    said = opened_values(demand, key_of(file))
    assert (said["kind"], said["asked_by"], demand.due_on) == ("objection", "first", clocks.months_after(today, 1))
    url = page("request_answer", file, demand.pk)
    assert "met fin au suivi" in client.get(url).content.decode()
    half = client.post(url, {"answer": "granted"})
    assert half.status_code == 422
    assert "dites la situation" in half.content.decode()
    assert client.post(url, {"answer": "partly", "refusal": "mission"}).status_code == 422
    assert client.post(url, {"answer": "granted", "outcome": "supported"}).status_code == 302
    ended = FollowUp.objects.get(pk=file.pk)
    line = Line.objects.get(followup=file)
    assert (ended.closed_on, line.reason, line.outcome) == (today, "objected", "supported")
    assert opened_values(Notice.objects.get(pk=notice.pk), key_of(file))["objection"] == "upheld"
    with pytest.raises(Stale):
        actions.answer_request(demand=demand, answer="refused", refusal="mission", by=referent)


def test_refused_with_a_reason_of_the_list_the_follow_up_goes_on(file, referent):
    notice = actions.print_notice(followup=file, addressee="person", by=referent)
    demand = actions.note_objection(notice=notice, objected_on=timezone.localdate(), by=referent)
    with pytest.raises(Refused, match="liste"):
        actions.answer_request(demand=demand, answer="refused", refusal="parce que", by=referent)
    actions.answer_request(demand=demand, answer="refused", refusal="legitimate", by=referent)
    assert FollowUp.objects.get(pk=file.pk).is_open
    assert opened_values(Notice.objects.get(pk=notice.pk), key_of(file))["objection"] == "refused"
    assert opened_values(RightsRequest.objects.get(pk=demand.pk), key_of(file))["refusal"] == "legitimate"


# ---------------------------------------------------------------------------------------------------------- requests


def test_a_request_has_a_deadline_and_is_in_the_day_of_who_answers(here, file, referent):
    demand = asked(file, referent, "access", received_on=dt.date(2026, 10, 31))
    assert demand.due_on == dt.date(2026, 11, 30)
    for who in (referent, here.coordinator):
        line = deadlines.waiting(here.acting(who)).due[0]
        assert (line.due_on, line.url) == (demand.due_on, page("request_answer", file, demand.pk))
        assert NAME not in line.label
    assert deadlines.waiting(here.acting(here.members[1])).due == []
    with pytest.raises(Refused, match="à venir"):
        asked(file, here.acting(referent), "access", received_on=timezone.localdate() + dt.timedelta(days=1))


def filled(here, file):
    """One of each thing that a file may hold, in words found again."""
    key, who, today = key_of(file), here.members[0].person, timezone.localdate()
    of = {"followup": file, "body": here.body}
    goal = sealed(Goal(**of, set_on=today, set_by=who), key, theme="school", words="Objectif inventé",
                  family_part="Part inventée", state="aimed")  # fmt: skip
    goal.save()
    for row, values in (
        (Fact(**of, observed_on=today, observed_by=who), {"situation": "absent"}),
        (Step(**of, goal=goal, carried_by=who), {"kind": "meeting", "words": "Étape inventée"}),
        (Contact(**of, day=today, by=who), {"kind": "call", "words": "Contact inventé"}),
        (Review(**of, day=today, by=who), {"decision": "go_on", "words": "Point inventé"}),
        (Alert(**of, done_on=today, done_by=who), {"duty": "crip"}),
        (Attachment(**of, content_type="x", size=1, added_on=today, added_by=who), {"name": "piece-inventee.pdf"}),
        (Hold(**of, set_on=today, set_by=who, until=today + dt.timedelta(days=9)), {"reason": "control"}),
        (
            Orientation(**of, agreed_on=today, sent_on=today, sent_by=who),
            {"service_name": "Service inventé", "sent": "Transmis inventé", "agreed_by": "person"},
        ),
    ):
        sealed(row, key, **values).save()


def test_the_copy_is_complete_readable_and_names_no_professional(here, file, referent, sign_in):
    filled(here, file)
    seat = Membership.objects.filter(body=here.body, person=referent.person_id)
    seat.update(title="Éducatrice inventée")
    demand = asked(file, referent, "access", asked_by="first")
    client = sign_in(referent)
    shown = client.get(page("request_copy", file, demand.pk))
    text = words(shown)
    for said in (
        NAME, "Parent-Inventé", "Établissement scolaire ou GPDS", "absent de l’école", "Objectif inventé",
        "Part inventée", "Étape inventée", "Contact inventé", "Point inventé", "Information préoccupante",
        "piece-inventee.pdf",
        "Contrôle de la CNIL", "Service inventé", "Transmis inventé", "Éducatrice inventée", file.number,
    ):  # fmt: skip
        assert said in text, said
    for who in (here.members[0], here.coordinator, here.members[1]):
        assert who.person.family_name not in text
    assert shown["Content-Disposition"] == f'attachment; filename="copie-{file.number}.pdf"'
    assert "no-store" in shown["Cache-Control"]
    assert not default_storage.exists("suivis")  # nothing was kept
    read = AuditRow.objects.filter(action="followup.record_reading", subject=f"followup.followup:{file.pk}")
    assert read.filter(detail__contains='"whole"').count() == 1
    without = words(client.get(page("request_copy", file, demand.pk) + "?sans=alertes"))
    assert "Information préoccupante" not in without
    assert "Les alertes accomplies n’y figurent pas" in without


def test_nothing_sealed_is_forgotten_by_the_copy(here, file, referent):
    """Each sealed column of each table of a file, filled with words of its own where it takes any, is in the copy."""
    from django.apps import apps

    from prevenance.domains.followup.analysis.reading import sealed_fields

    filled(here, file)
    told = "\n".join(
        f"{entry.title} {entry.facts}" for section in copy(file) for entry in section.entries
    )  # fmt: skip
    key, words_found = key_of(file), 0
    for model in apps.get_app_config("followup").get_models():
        if "followup_id" not in {f.attname for f in model._meta.concrete_fields} or not sealed_fields(model):
            continue
        for row in model._base_manager.filter(followup=file):
            for value in opened_values(row, key).values():
                if " " in value or value.startswith(("Invent", "Inès", "piece")):  # words, and no code of a list
                    assert value in told, (model, value)
                    words_found += 1
    assert words_found >= 10
    assert by_function(file)(Compartment("42187").coordinator.person) == "Professionnel d’un autre groupe"


def test_only_a_request_for_a_copy_gives_one_and_only_to_who_follows(here, file, referent, sign_in):
    other = asked(file, referent, "rectification")
    demand = asked(file, referent, "access")
    client = sign_in(referent)
    assert client.get(page("request_copy", file, other.pk)).status_code == 403
    here.takes_part(file, here.members[1], "concerned")
    client = sign_in(here.members[1])
    assert client.get(page("request_copy", file, demand.pk)).status_code == 403
    assert client.get(page("request_answer", file, demand.pk)).status_code == 403
    assert client.get(page("rights", file)).status_code == 200
    stranger = Compartment("42187")
    client = sign_in(stranger.coordinator)
    for name in ("request_copy", "request_answer"):
        assert client.get(page(name, file, demand.pk)).status_code == 404
    there = stranger.file()
    stranger.takes_part(there, stranger.members[0])
    client = sign_in(stranger.members[0])
    assert client.get(page("request_copy", there, demand.pk)).status_code == 404  # another file's request


def test_an_erasure_granted_ends_the_file_and_the_clock_takes_it_that_night(here, file, referent, sign_in):
    demand = asked(file, referent, "erasure")
    client = sign_in(referent)
    shown = client.get(page("request_answer", file, demand.pk)).content.decode()
    assert "la nuit prochaine, sans retour" in shown
    actions.set_hold(
        followup=file,
        reason="court",
        until=timezone.localdate() + dt.timedelta(days=9),
        by=here.acting(here.coordinator),
    )
    here.acting(referent)
    url = page("request_answer", file, demand.pk)
    held = client.post(url, {"answer": "granted", "outcome": "same"})
    assert held.status_code == 422
    assert "conservation est imposée" in held.content.decode()
    actions.lift_hold(followup=file, by=here.acting(here.coordinator))
    assert client.post(url, {"answer": "granted", "outcome": "same"}).status_code == 302
    here.acting(referent)
    assert FollowUp.objects.get(pk=file.pk).purge_on == timezone.localdate()


def test_rectified_also_once_ended_for_a_request_that_waits(here, file, referent, sign_in):
    with pytest.raises(Stale, match="en cours"):
        actions.rectify_identity(demand=asked(file, referent, "rectification"), identity={}, seen=1, by=referent)
    actions.end_file(followup=file, reason="achieved", outcome="work", by=referent)
    access, demand = asked(file, referent, "access"), asked(file, referent, "rectification")
    client = sign_in(referent)
    assert client.get(page("request_rectify", file, access.pk)).status_code == 403
    url = page("request_rectify", file, demand.pk)
    assert NAME in client.get(url).content.decode()
    sent = {"family_name": "Rectifiée-Inventée", "given_name": "Inès", "birth_date": "2011-11-01", "seen": "1"}
    assert client.post(url, sent | {"birth_date": "2911-11-01"}).status_code == 422
    assert client.post(url, sent).status_code == 302
    assert opened_values(Identity.objects.get(followup=file), key_of(file))["family_name"] == "Rectifiée-Inventée"
    stale = client.post(url, sent | {"family_name": "Autre"})
    assert stale.status_code == 409
    assert "Autre" in stale.content.decode()
    with pytest.raises(Stale):
        actions.print_notice(followup=file, addressee="person", by=referent)


# ------------------------------------------------------------------------------------------------- ends and archive


def test_the_end_says_what_is_lost_and_when(here, file, referent, sign_in):
    client, today = sign_in(referent), timezone.localdate()
    shown = client.get(page("file_end", file)).content.decode()
    assert "sans retour" in shown
    assert str(clocks.months_after(today, 3).year) in shown
    assert client.post(page("file_end", file), {"reason": "achieved"}).status_code == 422
    assert client.post(page("file_end", file), {"reason": "achieved", "outcome": "work"}).status_code == 302
    assert client.post(page("file_end", file), {"reason": "achieved", "outcome": "work"}).status_code == 409
    assert client.get(page("file_end", file)).status_code == 302
    with time_machine.travel(clocks.months_after(today, 2) + dt.timedelta(days=1)):
        assert [line.url for line in deadlines.waiting(here.acting(referent)).due] == [page("file_later", file)]
    assert client.post(page("file_later", file), {"outcome": "unknown"}).status_code == 302
    assert client.post(page("file_later", file), {"outcome": "unknown"}).status_code == 409
    assert "Sans réponse" in client.get(page("rights", file)).content.decode()


def test_a_hold_is_set_and_lifted_by_the_coordination_alone(here, file, referent, sign_in):
    later = (timezone.localdate() + dt.timedelta(days=30)).isoformat()
    assert sign_in(referent).get(page("hold_set", file)).status_code == 403
    client = sign_in(here.coordinator)
    client.post(page("file_reason", file), {"why": "rights"})
    assert client.post(page("hold_set", file), {"reason": "court"}).status_code == 422
    assert client.post(page("hold_set", file), {"reason": "court", "until": later}).status_code == 302
    assert client.post(page("hold_set", file), {"reason": "court", "until": later}).status_code == 409
    assert "Réquisition" in client.get(page("rights", file)).content.decode()
    assert "sans retour" in client.get(page("hold_lift", file)).content.decode()
    assert client.post(page("hold_lift", file)).status_code == 302
    assert client.post(page("hold_lift", file)).status_code == 302  # said, and nothing done twice


def test_the_archive_is_a_list_of_numbers_opened_one_by_one_for_a_reason(here, file, referent, sign_in):
    here.declare(archive_months=12, archive_article="Article 9")
    actions.end_file(followup=file, reason="achieved", outcome="school", by=referent)
    FollowUp.objects.filter(pk=file.pk).update(archived_on=timezone.localdate())
    client = sign_in(here.coordinator)
    assert client.get(page("rights", file)).status_code == 404
    url = reverse("followup:archives")
    shown = client.get(url).content.decode()
    assert file.number in shown
    assert NAME not in shown
    for format in ("csv", "xlsx", "ods"):
        assert client.get(url, {"format": format}).status_code == 200
    assert client.post(page("archive_open", file), {"reason": "curiosity"}).status_code == 422
    opened = client.post(page("archive_open", file), {"reason": "court"})
    assert opened.url == page("file", file)
    assert client.get(opened.url, follow=True).status_code == 200
    for stranger in (referent, Compartment("42187").coordinator):
        assert sign_in(stranger).get(page("archive_open", file)).status_code == 404
    assert sign_in(referent).get(url).status_code == 403


def test_nothing_nominative_in_the_audit_of_rights(here, file, referent):
    notice = actions.print_notice(followup=file, addressee="first", by=referent)
    demand = actions.note_objection(notice=notice, objected_on=timezone.localdate(), by=referent)
    actions.answer_request(demand=demand, answer="refused", refusal="third", by=referent)
    rows = AuditRow.objects.filter(scope=file.trail)
    assert rows.count() >= 4
    for row in rows:
        for word in ("Zéphyr", "first", "third", "refused", 'objection"'):
            assert word not in row.detail, row.detail
