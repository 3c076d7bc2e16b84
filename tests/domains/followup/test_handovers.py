"""A file passes to a group elsewhere: no name before it is taken, a key of its own, ended where it was, once."""

import datetime as dt

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from prevenance.core import vault
from prevenance.core.models import AuditRow
from prevenance.core.refusals import Refused
from prevenance.core.row_security import act_as
from prevenance.domains.followup import actions, jobs
from prevenance.domains.followup.analysis import deadlines
from prevenance.domains.followup.analysis.reading import key_of, opened_values, sealed
from prevenance.domains.followup.models import (
    Attachment,
    Contact,
    FileKey,
    FollowUp,
    Goal,
    Handover,
    Identity,
    Line,
    Report,
    Representative,
    Review,
    Share,
    Step,
)
from prevenance.domains.followup.rules import handovers as rules
from prevenance.domains.governance.rules.councils import Stale
from tests.domains.followup.counting import questions
from tests.factories import territory
from tests.factories.followup import Compartment

pytestmark = pytest.mark.django_db
NAME = "Inventée-Zéphyr"


@pytest.fixture
def here():
    return Compartment()


@pytest.fixture
def there():
    return Compartment("42187")


@pytest.fixture
def file(here, there):
    """A file with one of each thing that is copied, followed by the first member; the database asked as them."""
    file = here.file(identity={"phone": "01 99 00 12 34"})
    who = here.takes_part(file, here.members[0]).person
    key, today, of = vault.open(file.key), timezone.localdate(), {"followup": file, "body": here.body}
    sealed(Representative(**of, rank=1), key, link="mother", family_name="Parent-Inventé").save()
    goal = sealed(Goal(**of, set_on=today, set_by=who), key, theme="school", words="Reprendre", state="aimed")
    goal.save()
    sealed(Step(**of, goal=goal, carried_by=who), key, kind="meeting", words="Au collège").save()
    sealed(Contact(**of, day=today, by=who), key, kind="call", whom="person", outcome="reached").save()
    sealed(Review(**of, day=today, by=who), key, decision="go_on").save()
    paper = sealed(
        Attachment(**of, content_type="application/pdf", size=7, added_on=today, added_by=who), key, name="accord.pdf",
        kind="agreement",
    )  # fmt: skip
    paper.save()
    default_storage.save(paper.path(), ContentFile(key.seal_bytes(b"un mot!", paper.place)))
    return file


def propose(here, there, file, **values):
    given = {"agreed_by": "first", "agreed_on": timezone.localdate(), "outcome": "school"}
    return actions.propose_handover(followup=file, body=there.body, by=here.acting(here.members[0]), **given | values)


def run_jobs():
    """Each waiting job of ours, as the worker would: under no mandate at first."""
    ran = 0
    for job in ProcrastinateJob.objects.filter(status="todo", task_name="followup.finish_handover"):
        act_as(None)
        jobs.finish_handover.func(**job.args)
        ran += 1
    return ran


def test_groups_elsewhere_are_found_by_commune_where_somebody_can_take_the_file(here, there, file):
    town = territory("commune", "42187")
    assert rules.groups_of(town, file) == [there.body]
    assert rules.groups_of(territory("commune", "42218"), file) == []  # one's own is not elsewhere
    family = Compartment("42147", kind="CDDF")
    here.acting(here.members[0])
    assert rules.groups_of(territory("commune", "42147"), file) == []  # it follows families alone
    with pytest.raises(Refused, match="ne peut pas"):
        propose(here, family, file)
    there.sign(there.coordinator, withdrawn=True)
    here.acting(here.members[0])
    assert rules.groups_of(town, file) == []


def test_before_it_is_accepted_the_other_side_learns_no_name(here, there, file, sign_in):
    handover = propose(here, there, file)
    client = sign_in(there.coordinator)
    for url in (reverse("followup:handovers"), reverse("followup:handover", args=[handover.pk])):
        page = client.get(url).content.decode()
        assert here.council.name in page
        assert NAME not in page
        assert file.number not in page
    assert file.get_category_display() in page
    assert file.get_age_band_display() in page
    there.acting(there.coordinator)
    assert [line.url for line in deadlines.waiting(there.coordinator).due] == [
        reverse("followup:handover", args=[handover.pk])
    ]
    assert list(FollowUp.objects.visible_to(there.coordinator)) == []
    assert list(Share.objects.received_by(there.coordinator)) == []
    assert client.get(reverse("followup:file", args=[file.pk])).status_code == 404
    assert NAME not in client.get(reverse("followup:received")).content.decode()
    assert client.get(reverse("followup:shared", args=[handover.share_id])).status_code == 404
    for stranger in (there.members[0], Compartment("42147").coordinator, here.members[1]):
        client = sign_in(stranger)
        assert client.get(reverse("followup:handover", args=[handover.pk])).status_code == 404
        assert client.post(reverse("followup:handover_accept", args=[handover.pk])).status_code == 404


def announced():
    """Each announcement that waits, sent as the worker would. How many there were."""
    waiting = list(ProcrastinateJob.objects.filter(status="todo", task_name="followup.announce_handover"))
    for job in waiting:
        assert all(isinstance(value, int) for value in job.args.values())
        act_as(None)
        jobs.announce_handover.func(**job.args)
    return len(waiting)


def test_who_coordinates_the_other_group_is_told_by_mail_and_learns_no_name(here, there, file, mailoutbox):
    handover = propose(here, there, file)
    assert announced() == 1
    (sent,) = mailoutbox
    assert sent.to == [there.coordinator.person.email]
    assert reverse("followup:handover", args=[handover.pk]) in sent.body
    assert here.council.name in sent.body
    for word in (NAME, "Inès", file.number):
        assert word not in sent.subject + sent.body


def test_nobody_is_told_of_a_hand_over_that_they_may_no_longer_take(here, there, file, mailoutbox):
    handover = propose(here, there, file)
    there.sign(there.coordinator, withdrawn=True)
    assert announced() == 1
    there.sign(there.coordinator)
    here.acting(here.members[0])
    actions.withdraw_handover(handover=handover, by=here.members[0])
    assert announced() == 1
    assert mailoutbox == []


def test_accepted_it_is_a_copy_under_a_key_of_its_own_and_the_first_file_ends(here, there, file):
    handover = propose(here, there, file)
    copy = actions.accept_handover(handover=handover, by=there.acting(there.coordinator))
    assert copy.key != file.key
    assert FileKey.objects.filter(key__in=[copy.key, file.key]).count() == 2
    key = vault.open(copy.key)
    assert opened_values(Identity.objects.get(followup=copy), key)["family_name"] == NAME
    assert opened_values(Representative.objects.get(followup=copy), key)["family_name"] == "Parent-Inventé"
    step = Step.objects.select_related("goal").get(followup=copy)
    assert (step.goal.followup_id, step.carried_by) == (copy.pk, None)
    assert opened_values(step, key)["words"] == "Au collège"
    assert opened_values(Report.objects.get(followup=copy), key)["origin"] == "other_group"
    for model in (Contact, Review, Goal):
        assert model.objects.filter(followup=copy, body=there.body).count() == 1
    paper = Attachment.objects.get(followup=copy)
    paper.followup = copy
    with default_storage.open(paper.path(), "rb") as stored:
        assert key.open_bytes(stored.read(), paper.place) == b"un mot!"
    # What was opened to copy it is closed by the answer itself, in the database too.
    assert FollowUp.objects.filter(pk=file.pk).count() == 0
    assert run_jobs() == 1
    here.acting(here.members[0])
    ended = FollowUp.objects.get(pk=file.pk)
    assert ended.closed_on == timezone.localdate()
    line = Line.objects.get(followup=ended)
    assert (line.reason, line.outcome) == ("moved", "school")
    assert FollowUp.objects.filter(pk=copy.pk).count() == 0  # the group left behind reads nothing of the new file
    run_jobs()  # twice: nothing more is done
    with pytest.raises(Stale):
        actions.finish_handover(handover=handover, by=here.members[0])


def test_at_the_purge_of_the_first_file_its_key_goes_and_the_copy_stays(
    here, there, file, django_capture_on_commit_callbacks
):
    handover = propose(here, there, file)
    copy = actions.accept_handover(handover=handover, by=there.acting(there.coordinator))
    run_jobs()
    here.acting(here.members[0])
    FollowUp.objects.filter(pk=file.pk).update(purge_on=timezone.localdate())
    act_as(None)
    with django_capture_on_commit_callbacks(execute=True):
        assert ("files", 1) in jobs.erase_due()
    with pytest.raises(vault.KeyLost):
        vault.open(file.key)
    there.acting(there.coordinator)
    assert opened_values(Identity.objects.get(followup=copy), key_of(copy))["family_name"] == NAME
    assert not Handover.objects.filter(pk=handover.pk).exists()
    assert not ProcrastinateJob.objects.filter(args__followup=file.pk).exists()
    assert default_storage.listdir("suivis")[0] == [str(copy.key)]


def test_nothing_nominative_in_audit_nor_jobs_and_both_groups_keep_the_trace(here, there, file):
    handover = propose(here, there, file)
    copy = actions.accept_handover(handover=handover, by=there.acting(there.coordinator))
    job = ProcrastinateJob.objects.get(task_name="followup.finish_handover")
    assert set(job.args) == {"handover", "followup", "person", "mandate"}
    assert all(isinstance(value, int) for value in job.args.values())
    rows = AuditRow.objects.filter(action__in=["followup.accept_handover", "followup.copy_file"])
    assert {row.scope for row in rows} == {file.trail, copy.trail}
    read = AuditRow.objects.get(action="followup.record_reading", subject=f"followup.followup:{file.pk}")
    assert (read.scope, read.person) == (file.trail, there.coordinator.person_id)
    for row in AuditRow.objects.all():
        assert "Zéphyr" not in row.detail + row.subject
        assert "school" not in row.detail  # the outcome is sealed until it is a statistical one


def test_a_second_answer_is_told_so(here, there, file):
    handover = propose(here, there, file)
    actions.accept_handover(handover=handover, by=there.acting(there.coordinator))
    with pytest.raises(Stale, match="déjà accepté"):
        actions.accept_handover(handover=handover, by=there.coordinator)
    with pytest.raises(Stale, match="déjà accepté"):
        actions.decline_handover(handover=handover, by=there.coordinator)
    with pytest.raises(Stale, match="a déjà repris"):
        propose(here, there, file)


def test_declined_withdrawn_or_late_nothing_opens_any_more(here, there, file, sign_in):
    handover = propose(here, there, file)
    with pytest.raises(Stale, match="déjà proposé"):
        propose(here, there, file)
    there.acting(there.coordinator)
    assert FollowUp.objects.filter(pk=file.pk).exists()  # the wall lets the copy be made; screens show none of it
    actions.decline_handover(handover=handover, by=there.coordinator)
    assert not FollowUp.objects.filter(pk=file.pk).exists()
    handover = propose(here, there, file)
    actions.withdraw_handover(handover=handover, by=here.members[0])
    there.acting(there.coordinator)
    assert not FollowUp.objects.filter(pk=file.pk).exists()
    with pytest.raises(Stale, match="retiré"):
        actions.accept_handover(handover=handover, by=there.coordinator)
    handover = propose(here, there, file)
    there.acting(there.coordinator)
    with time_machine.travel(handover.until + dt.timedelta(seconds=1)), pytest.raises(Stale, match="délai"):
        actions.accept_handover(handover=handover, by=there.coordinator)
    here.acting(here.members[0])
    with time_machine.travel(handover.until + dt.timedelta(seconds=1)):
        again = propose(here, there, file)
    assert Handover.objects.get(pk=handover.pk).withdrawn_at is not None
    assert again.pk != handover.pk


def test_the_database_closes_it_by_its_own_clock(here, there, file):
    handover = propose(here, there, file)
    soon = timezone.now() + dt.timedelta(seconds=0.4)
    Handover.objects.filter(pk=handover.pk).update(until=soon)
    there.acting(there.coordinator)
    assert FollowUp.objects.filter(pk=file.pk).exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.6)")
    assert not FollowUp.objects.filter(pk=file.pk).exists()


def test_where_the_proposer_no_longer_follows_it_is_theirs_to_end(here, there, file, sign_in):
    handover = propose(here, there, file)
    actions.accept_handover(handover=handover, by=there.acting(there.coordinator))
    mandate = here.members[0].mandate
    mandate.withdrawn_at = timezone.now()
    mandate.save()
    run_jobs()
    coordinator = here.acting(here.coordinator)
    assert FollowUp.objects.get(pk=file.pk).is_open
    assert [(line.label[-len(file.number) :], line.url) for line in deadlines.waiting(coordinator).due] == [
        (file.number, reverse("followup:shares", args=[file.pk]))
    ]
    client = sign_in(coordinator)
    client.post(reverse("followup:file_reason", args=[file.pk]), {"why": "continuity"})
    page = client.get(reverse("followup:shares", args=[file.pk])).content.decode()
    assert "Terminer ici" in page
    done = client.post(reverse("followup:handover_finish", args=[file.pk, handover.pk]))
    assert done.status_code == 302
    here.acting(coordinator)
    assert Line.objects.get(followup=file).reason == "moved"


def test_who_came_to_coordinate_after_asks_for_another_proposal(here, there, file, sign_in):
    handover = propose(here, there, file)
    newcomer = there.member("deputy", there.council.scope)
    with pytest.raises(Refused, match="avant votre arrivée"):
        actions.accept_handover(handover=handover, by=there.acting(newcomer))
    page = sign_in(newcomer).get(reverse("followup:handover", args=[handover.pk]))
    assert "avant votre arrivée" in page.content.decode()
    assert file.get_age_band_display() not in page.content.decode()


def test_proposed_on_the_screen_by_commune(here, there, file, sign_in):
    client = sign_in(here.members[0])
    url = reverse("followup:handover_propose", args=[file.pk])
    assert "Roanne" in client.get(url + "?q=roanne").content.decode()
    found = client.get(url + "?commune=42187").content.decode()
    assert there.council.name in found
    day = timezone.localdate().isoformat()
    sent = {"body": there.body.pk, "agreed_by": "first", "agreed_on": day}
    refused = client.post(url + "?commune=42187", sent)
    assert refused.status_code == 422
    done = client.post(url + "?commune=42187", sent | {"outcome": "work"})
    assert done.status_code == 302
    page = client.get(reverse("followup:shares", args=[file.pk])).content.decode()
    assert "Réponse attendue avant le" in page
    again = client.post(url + "?commune=42187", sent | {"outcome": "work"})
    assert again.status_code == 409
    client = sign_in(there.coordinator)
    handover = Handover.objects.visible_to(there.acting(there.coordinator)).get()
    assert client.get(reverse("followup:handover_accept", args=[handover.pk])).status_code == 200
    taken = client.post(reverse("followup:handover_accept", args=[handover.pk]))
    page = client.get(taken.url).content.decode()
    assert NAME in page
    assert client.post(reverse("followup:handover_accept", args=[handover.pk])).status_code == 302


def test_the_list_asks_as_much_for_twenty(here, there, sign_in):
    client = sign_in(there.coordinator)
    url = reverse("followup:handovers")

    def several(count):
        for _n in range(count):
            file = here.file()
            here.takes_part(file, here.members[0])
            propose(here, there, file, agreed_by="person")
        there.acting(there.coordinator)

    several(1)
    one = questions(client, url)
    several(19)
    assert questions(client, url) == one <= 12


def test_once_answered_the_other_group_is_told_for_some_days_and_no_more(here, there, file):
    """Its rows, to the database itself: who proposed it sees them until the file is erased."""
    for end in ("declined", "withdrawn", "late"):
        handover = propose(here, there, file)
        there.acting(there.coordinator)
        assert Handover._base_manager.filter(pk=handover.pk).exists()
        if end == "declined":
            actions.decline_handover(handover=handover, by=there.coordinator)
        here.acting(here.members[0])
        if end == "withdrawn":
            actions.withdraw_handover(handover=handover, by=here.members[0])
        for days, told in ((6, True), (8, False)):
            past = timezone.now() - dt.timedelta(days=days)
            here.acting(here.members[0])
            row = Handover.objects.get(pk=handover.pk)
            row.declined_at = past if end == "declined" else None
            row.withdrawn_at = past if end == "withdrawn" else None
            row.until = past
            row.save(update_fields=["declined_at", "withdrawn_at", "until"])
            there.acting(there.coordinator)
            assert Handover._base_manager.filter(pk=handover.pk).exists() == told, (end, days)
        here.acting(here.members[0])
        assert Handover._base_manager.filter(pk=handover.pk).exists()
