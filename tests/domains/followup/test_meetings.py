"""Points at meetings of a group: by number alone, once a meeting, each file opened by those who read it."""

import datetime as dt
import json

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from prevenance.core import vault
from prevenance.core.models import AuditRow
from prevenance.core.refusals import Refused
from prevenance.domains.followup import actions
from prevenance.domains.followup.analysis.reading import opened_values
from prevenance.domains.followup.models import FollowUp, Involvement, Review
from prevenance.domains.followup.rules import work
from prevenance.domains.governance.actions.agenda import carry_over
from prevenance.domains.governance.models import AgendaProposal, Meeting
from prevenance.domains.governance.rules.councils import Stale
from tests.domains.followup.counting import questions
from tests.factories import MeetingFactory
from tests.factories.followup import Compartment

pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    return Compartment(members=3)


def meeting_of(here, *files, days=0, state="convened"):
    """A meeting of the group some days from now, with files on its agenda."""
    start = timezone.now() + dt.timedelta(days=days) - dt.timedelta(minutes=1)
    meeting = MeetingFactory(
        body=here.body, title="Groupe de novembre", starts_at=start, ends_at=start + dt.timedelta(hours=2), state=state,
        convened_at=timezone.now(),
    )  # fmt: skip
    for rank, file in enumerate(files, 1):
        meeting.items.create(position=rank, title=f"{file} – point d’étape", file_number=file.number)
    return meeting


@pytest.fixture
def file(here):
    file = here.file()
    here.takes_part(file, here.members[0])
    return file


def test_files_are_put_on_an_agenda_by_number_and_once(here, file):
    other = here.file()
    meeting = meeting_of(here, days=3)
    coordinator = here.acting(here.coordinator)
    assert actions.list_files(meeting=meeting, followups=[file, other], by=coordinator) == 2
    assert actions.list_files(meeting=meeting, followups=[file, other], by=coordinator) == 0
    items = list(meeting.items.order_by("position"))
    assert [item.file_number for item in items] == [file.number, other.number]
    assert items[0].title == f"Dossier\u00a0{file.number} – point d’étape"
    elsewhere = Compartment("42187")
    theirs = elsewhere.file()
    here.acting(coordinator)
    with pytest.raises(Refused):
        actions.list_files(meeting=meeting, followups=[theirs], by=coordinator)
    member = here.acting(here.members[1])
    with pytest.raises(Refused):
        actions.list_files(meeting=meeting, followups=[here.file(by=member)], by=member)


def test_a_referent_proposes_a_file_which_comes_to_the_agenda_with_its_number(here, file):
    referent = here.acting(here.members[0])
    first = actions.propose_file(followup=file, by=referent)
    assert actions.propose_file(followup=file, by=referent) == first
    meeting = meeting_of(here, days=3)
    here.acting(here.coordinator)
    carry_over(meeting=meeting, proposals=[first], by=here.coordinator)
    assert meeting.items.get().file_number == file.number
    meeting.starts_at, meeting.ends_at = timezone.now() - dt.timedelta(hours=2), timezone.now()
    meeting.save()
    actions.record_review(followup=file, meeting=meeting, decision="go_on", by=here.acting(referent))
    assert actions.propose_file(followup=file, by=referent) != first  # after a point, it may be asked for again
    with pytest.raises(Refused):
        actions.propose_file(followup=file, by=here.acting(here.members[1]))


def test_a_point_is_noted_once_a_meeting_and_sets_the_next_one(here, file):
    meeting = meeting_of(here, file)
    referent = here.acting(here.members[0])
    later = timezone.localdate() + dt.timedelta(days=30)
    review = actions.record_review(
        followup=file, meeting=meeting, decision="adjust", next_on=later, words="Voir le stage", by=referent
    )
    assert opened_values(review, vault.open(file.key)) == {"decision": "adjust", "words": "Voir le stage"}
    assert FollowUp.objects.get(pk=file.pk).next_review_on == later
    again = actions.record_review(followup=file, meeting=meeting, decision="meet_family", next_on=later, by=referent)
    assert again.pk == review.pk  # its author changes what they noted
    with pytest.raises(Stale, match="déjà noté"):
        actions.record_review(followup=file, meeting=meeting, decision="go_on", by=here.acting(here.coordinator))
    here.acting(referent)
    review.refresh_from_db()
    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.create(followup=file, body=here.body, day=meeting.starts_at, meeting=meeting, by=referent.person)
    seen = work.review_stamp(review)
    coordinator = here.acting(here.coordinator)
    changed = actions.correct_review(review=review, seen=seen, decision="end", by=coordinator)
    assert opened_values(changed, vault.open(file.key), ["decision"]) == {"decision": "end"}
    with pytest.raises(Stale):
        actions.correct_review(review=review, seen=seen, decision="go_on", by=here.acting(referent))


def test_a_point_is_of_a_meeting_of_the_group_that_began_and_had_it(here, file):
    elsewhere = Compartment("42187")
    referent = here.acting(here.members[0])
    for meeting, sentence in (
        (meeting_of(here, file, days=2), "pas commencé"),
        (meeting_of(here), "pas à l’ordre du jour"),
        (meeting_of(here, file, state="cancelled"), "annulée"),
        (meeting_of(elsewhere), "autre groupe"),
    ):
        with pytest.raises(Refused, match=sentence):
            actions.record_review(followup=file, meeting=meeting, decision="go_on", by=here.acting(referent))
    today = timezone.localdate()
    with pytest.raises(Refused, match="vient après"):
        actions.record_review(followup=file, decision="go_on", next_on=today, by=referent)
    with pytest.raises(Refused, match="référent"):
        here.declare(reads="all")
        actions.record_review(followup=file, decision="go_on", by=here.acting(here.members[1]))


def test_the_sheet_opens_each_file_to_those_who_read_it_and_says_numbers_to_the_others(here, file, sign_in):
    other = here.file(by=here.members[1])
    meeting = meeting_of(here, file, other)
    sheet = reverse("followup:meeting", args=[meeting.pk])
    client = sign_in(here.acting(here.members[0]))
    page = client.get(sheet).content.decode()
    assert reverse("followup:point", args=[meeting.pk, file.pk]) in page
    assert reverse("followup:point", args=[meeting.pk, other.pk]) not in page
    assert other.number in page
    assert "Zéphyr" not in page
    assert "Inscrire des dossiers" not in page
    assert client.get(reverse("followup:point", args=[meeting.pk, other.pk])).status_code == 404
    unlisted = here.file()
    client = sign_in(here.acting(here.members[0]))
    assert client.get(reverse("followup:point", args=[meeting.pk, unlisted.pk])).status_code == 404
    client = sign_in(here.acting(here.coordinator))
    page = client.get(sheet).content.decode()
    assert reverse("followup:point", args=[meeting.pk, other.pk]) in page
    assert client.get(reverse("followup:meetings")).content.decode().count("2 situations") == 1
    stranger = Compartment("42187").coordinator
    client = sign_in(here.acting(stranger))
    assert client.get(sheet).status_code == 404
    assert "Aucune réunion de vos groupes" in client.get(reverse("followup:meetings")).content.decode()


def test_the_coordination_goes_from_one_situation_to_the_next_and_reads_for_the_meeting(here, file, sign_in):
    other = here.file()
    meeting = meeting_of(here, file, other)
    client = sign_in(here.acting(here.coordinator))
    first, second = (reverse("followup:point", args=[meeting.pk, one.pk]) for one in (file, other))
    assert "Situation 1 sur 2" in client.get(first).content.decode()
    row = AuditRow.objects.filter(action="followup.record_reading").latest("seq")
    assert json.loads(row.detail) == {"part": "plan", "acting": "coordinator", "why": "meeting"}
    assert client.post(first, {"decision": ""}).status_code == 422
    assert client.post(first, {"decision": "go_on"}).url == second
    assert client.post(second, {"decision": "end"}).url == reverse("followup:meeting", args=[meeting.pk])
    assert client.post(second, {"decision": "end", "seen": ""}).status_code == 302  # a second click
    assert Review.objects.filter(meeting=meeting).count() == 2
    page = client.get(reverse("followup:meeting", args=[meeting.pk])).content.decode()
    assert page.count("Noté") == 2
    client = sign_in(here.acting(here.members[0]))
    late = client.post(first, {"decision": "adjust", "words": "Saisi en même temps", "seen": ""})
    assert late.status_code == 409
    assert "Saisi en même temps" in late.content.decode()


def test_a_choice_saves_itself_and_gives_the_stamp_to_send_next(here, file, sign_in):
    meeting = meeting_of(here, file)
    client = sign_in(here.acting(here.members[0]))
    url = reverse("followup:point", args=[meeting.pk, file.pk])
    part = {"headers": {"HX-Request": "true"}}
    saved = client.post(url, {"decision": "go_on"}, **part)
    assert saved.status_code == 200
    assert "Enregistré à" in saved.content.decode()
    stamp = work.review_stamp(Review.objects.get())
    assert f'value="{stamp}"' in saved.content.decode()
    assert client.post(url, {"decision": "end", "seen": stamp}, **part).status_code == 200
    assert client.post(url, {"decision": "adjust", "seen": stamp}, **part).status_code == 200  # sent before the answer
    guarded = client.post(url, {"decision": "go_on", "words": "Suivi en psychiatrie"}, **part)
    assert guarded.status_code == 422
    assert "relisez les passages signalés" in guarded.content.decode()
    client = sign_in(here.acting(here.coordinator))
    assert client.post(url, {"decision": "end", "seen": stamp}, **part).status_code == 409


def test_the_coordination_lists_files_from_the_sheet(here, file, sign_in):
    later = here.file()
    FollowUp.objects.filter(pk=later.pk).update(next_review_on=timezone.localdate() + dt.timedelta(days=60))
    meeting = meeting_of(here, days=3)
    client = sign_in(here.acting(here.coordinator))
    sheet = reverse("followup:meeting", args=[meeting.pk])
    assert client.get(sheet).content.decode().count(" checked") == 1  # the one whose point is due
    add = reverse("followup:meeting_list", args=[meeting.pk])
    for _click in range(2):
        assert client.post(add, {"files": [str(file.pk)]}).status_code == 302
    assert [item.file_number for item in meeting.items.all()] == [file.number]
    client = sign_in(here.acting(here.members[0]))
    assert client.post(add, {"files": [str(later.pk)]}).status_code == 403


def test_the_sheet_takes_as_many_queries_for_one_situation_as_for_thirty(here, file, sign_in):
    meeting = meeting_of(here, file)
    client = sign_in(here.acting(here.members[0]))
    sheet, listed = reverse("followup:meeting", args=[meeting.pk]), reverse("followup:meetings")
    once = questions(client, sheet), questions(client, listed)
    for rank in range(2, 31):
        one = here.file()
        here.takes_part(one, here.members[0])
        meeting.items.create(position=rank, title=str(one), file_number=one.number)
    assert (questions(client, sheet), questions(client, listed)) == once
    assert max(once) <= 12


def test_the_tab_of_a_file_tells_its_points_and_proposes_it(here, file, sign_in):
    client = sign_in(here.acting(here.members[0]))
    tab = reverse("followup:reviews", args=[file.pk])
    assert "seul son numéro y est dit" in client.get(tab).content.decode()
    add = reverse("followup:review_add", args=[file.pk])
    assert client.get(add).status_code == 200
    assert client.post(add, {"decision": "go_on", "words": "Le stage se passe bien"}).status_code == 302
    meeting_of(here, file, days=2)
    page = client.get(tab).content.decode()
    assert "Le stage se passe bien" in page
    assert "Groupe de novembre" in page
    for _click in range(2):
        assert client.post(reverse("followup:review_propose", args=[file.pk])).status_code == 302
    assert AgendaProposal.objects.count() == 1
    here.takes_part(file, here.members[1], Involvement.Kind.CONCERNED)
    client = sign_in(here.acting(here.members[1]))
    assert client.get(add).status_code == 403
    assert client.post(reverse("followup:review_propose", args=[file.pk])).status_code == 403


def test_an_ended_follow_up_takes_no_point(here, file):
    meeting = meeting_of(here, file)
    referent = here.acting(here.members[0])
    actions.end_file(followup=file, reason="achieved", outcome="work", by=referent)
    with pytest.raises(Stale):
        actions.record_review(followup=file, meeting=meeting, decision="go_on", by=referent)
    with pytest.raises(Stale):
        actions.propose_file(followup=file, by=referent)
    assert Meeting.objects.filter(pk=meeting.pk).exists()


def test_who_sits_and_did_not_sign_reads_the_agenda_they_are_called_to_and_nothing_that_a_number_leads_to(
    here, file, sign_in
):
    """A member is convened whether they signed or not: the agenda says numbers. None of them opens anything."""
    meeting = meeting_of(here, file, days=3)
    unsigned = here.member(signs=False)
    client = sign_in(here.acting(unsigned))
    agenda = client.get(reverse("governance:meeting", args=[meeting.pk]))
    assert file.number in agenda.content.decode()
    for name, arguments in (
        ("followup:meeting", [meeting.pk]), ("followup:point", [meeting.pk, file.pk]), ("followup:file", [file.pk]),
        ("followup:file_reason", [file.pk]),
    ):  # fmt: skip
        assert client.get(reverse(name, args=arguments)).status_code == 404, name
    for name in ("followup:files", "followup:meetings", "followup:figures", "pages:my_day"):
        page = client.get(reverse(name)).content.decode()
        assert file.number not in page, name
    assert "Vos groupes" not in client.get(reverse("followup:figures")).content.decode()
