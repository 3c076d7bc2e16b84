"""Reporting in: told by a closed form, read by the coordination alone, answered, erased; who told learns nothing."""

import datetime as dt
import uuid

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from prevenance.core import vault
from prevenance.core.refusals import Refused
from prevenance.core.row_security import CLOCK, act_as, as_role
from prevenance.domains.accounts.acting import actor_of
from prevenance.domains.followup import actions, jobs
from prevenance.domains.followup.analysis.reading import opened_values
from prevenance.domains.followup.analysis.reporting import dated, said_of, written
from prevenance.domains.followup.models import Channel, Fact, FileKey, FollowUp, Identity, Report, Reporter, SentReport
from prevenance.domains.followup.rules import reporting as rules
from prevenance.domains.governance.rules.councils import Stale
from tests.factories import MandateFactory, MembershipFactory, actor
from tests.factories.followup import Compartment

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
DAY = dt.timedelta(days=1)
BORN = dt.date(TODAY.year - 14, 3, 9)
WHO = {"given_name": "Lou", "family_name": "Inventé-Absent", "sex": "f", "schooling": "middle"}


class School:
    """A group, a channel to it, and a professional of a school named there: a member of the plenary, of no group."""

    def __init__(self, **values):
        self.group = Compartment(**values)
        mandate = MandateFactory(role="group_member", scope=self.group.council.scope)
        MembershipFactory(body=self.group.plenary, person=mandate.person)
        self.teacher = actor_of(mandate.person, mandate.pk)
        self.channel = self.open()
        self.reporter = actions.add_reporter(
            channel=self.channel, email=self.teacher.person.email, by=self.group.coordinator
        )

    def open(self, **values):
        given = {"name": "GPDS du collège inventé", "purpose": "dropout", "agreed_on": TODAY, "until": TODAY + 90 * DAY}
        self.group.acting(self.group.coordinator)
        return actions.open_channel(body=self.group.body, by=self.group.coordinator, **(given | values))

    def tell(self, by=None, **values):
        given = {
            "identity": WHO, "birth_date": BORN, "told": "family", "situations": [("absent", TODAY - DAY)],
            "asked": uuid.uuid4(), "channel": self.channel,
        }  # fmt: skip
        return actions.send_report(by=self.group.acting(by or self.teacher), **(given | values))

    @property
    def coordinator(self):
        return self.group.acting(self.group.coordinator)


@pytest.fixture
def school():
    return School()


def test_a_situation_told_opens_a_file_of_which_the_origin_is_the_school(school):
    report = school.tell()
    assert (report.state, report.purge_on) == ("waiting", TODAY + 30 * DAY)
    file = actions.accept_report(report=report, by=school.coordinator)
    key = vault.open(file.key)
    identity = opened_values(Identity.objects.get(followup=file), key)
    assert (identity["given_name"], identity["family_name"]) == ("Lou", "Inventé-Absent")
    assert identity["birth_date"] == BORN.isoformat()
    assert (file.category, file.sex, file.opened_by) == ("exposed", "f", school.group.coordinator.person)
    told = Report.objects.get(followup=file)
    assert opened_values(told, key)["origin"] == "school"
    assert told.received_on == TODAY
    fact = Fact.objects.get(followup=file)
    assert (opened_values(fact, key)["situation"], fact.observed_on) == ("absent", TODAY - DAY)
    assert fact.observed_by == school.teacher.person
    assert file.key != report.key
    report.refresh_from_db()
    assert (report.state, report.purge_on) == ("accepted", TODAY + 7 * DAY)
    with pytest.raises(Stale, match="déjà examiné"):
        actions.accept_report(report=report, by=school.coordinator)


def test_an_answered_report_ends_at_the_same_time_whatever_was_answered(school, django_capture_on_commit_callbacks):
    taken, refused, late, waiting = (school.tell() for _ in range(4))
    file = actions.accept_report(report=taken, by=school.coordinator)
    actions.decline_report(report=refused, reason="outside", by=school.coordinator)
    for answered in (taken, refused):
        answered.refresh_from_db()
        assert answered.purge_on == TODAY + 7 * DAY  # who told cannot tell one from the other
    assert said_of(refused)["refusal"] == "outside"
    SentReport.objects.filter(pk=late.pk).update(purge_on=TODAY)  # as if a month had gone by
    with django_capture_on_commit_callbacks(execute=True):
        assert ("reports", 1) in list(jobs.erase_due())
    with pytest.raises(vault.KeyLost):
        vault.open(late.key)
    assert not FileKey.objects.filter(key=late.key).exists()
    assert school.coordinator
    assert set(SentReport.objects.all()) == {taken, refused, waiting}
    assert FollowUp.objects.filter(pk=file.pk).exists()


def test_who_told_reads_no_file_and_learns_nothing_of_what_became(school, sign_in):
    report = school.tell()
    client = sign_in(school.teacher)
    before = client.get(reverse("followup:report_in")).content.decode()
    file = actions.accept_report(report=report, by=school.coordinator)
    school.group.acting(school.teacher)
    assert not FollowUp._base_manager.exists()
    assert not Identity._base_manager.exists()
    assert client.get(reverse("followup:report_in")).content.decode().count("Transmis") == before.count("Transmis")
    for name, pk in (
        ("file", file.pk),
        ("report", report.pk),
        ("report_accept", report.pk),
        ("channel", school.channel.pk),
    ):
        assert client.get(reverse(f"followup:{name}", args=[pk])).status_code == 404, name
    page = client.get(reverse("followup:report_in")).content.decode()
    assert "Inventé-Absent" not in page
    assert client.get(reverse("followup:reports")).status_code == 403


def test_the_wall_lets_who_is_named_write_and_the_group_alone_read(school):
    report = school.tell()
    assert SentReport._base_manager.count() == 1  # that it was sent
    other = Compartment("42187")
    for who in (other.coordinator, other.members[0], actor("administrator", school.group.council.scope)):
        school.group.acting(who)
        assert SentReport._base_manager.count() == 0
    act_as(None)
    assert SentReport._base_manager.count() == 0
    school.group.acting(school.group.members[0])
    assert SentReport._base_manager.count() == 1  # its row; visible_to gives it to the coordination alone
    assert not SentReport.objects.visible_to(school.group.members[0]).exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM followup_sentreport t")
        row = cursor.fetchone()[0]
        cursor.execute("SELECT coalesce(string_agg(detail::text, ' '), '') FROM core_auditrow")
        trail = cursor.fetchone()[0]
    for word in ("Lou", "Absent", "absent", BORN.isoformat()):
        assert word not in row
        assert word not in trail
    copy = SentReport.objects.values().get(pk=report.pk) | {"key": vault.new(), "asked": uuid.uuid4()}
    FileKey.objects.create(key=copy["key"])
    del copy["id"]
    with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        SentReport.objects.create(**copy)  # a member who is not named
    school.group.acting(school.teacher)
    assert not SentReport.objects.filter(pk=report.pk).update(state="accepted", answered_on=TODAY)
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        SentReport.objects.filter(pk=report.pk).update(given_name=b"")
    with pytest.raises(DatabaseError, match="erased in time"), transaction.atomic():
        SentReport.objects.create(**copy | {"purge_on": TODAY + 31 * DAY})


def test_an_answer_is_given_once_and_the_clock_deletes_what_is_due_alone(school):
    report = school.tell()
    actions.decline_report(report=report, reason="facts", by=school.coordinator)
    with pytest.raises(DatabaseError, match="answered once"), transaction.atomic():
        SentReport.objects.filter(pk=report.pk).update(state="accepted")
    with transaction.atomic(), as_role(CLOCK), connection.cursor() as cursor:
        cursor.execute("DELETE FROM followup_sentreport")
        assert cursor.rowcount == 0


def test_a_channel_closed_ended_or_left_lets_nobody_report(school):
    actions.remove_reporter(reporter=school.reporter, by=school.coordinator)
    with pytest.raises(Refused, match="ne vous permet pas"):
        school.tell()
    with pytest.raises(Stale, match="déjà retirée"):
        actions.remove_reporter(reporter=school.reporter, by=school.coordinator)
    actions.add_reporter(channel=school.channel, email=school.teacher.person.email, by=school.coordinator)
    with pytest.raises(Stale, match="déjà par ce circuit"):
        actions.add_reporter(channel=school.channel, email=school.teacher.person.email, by=school.coordinator)
    school.tell()
    actions.close_channel(channel=school.channel, by=school.coordinator)
    with pytest.raises(Refused):
        school.tell()
    with pytest.raises(Stale, match="fermé"):
        actions.close_channel(channel=school.channel, by=school.coordinator)
    ended = school.open(until=TODAY + DAY)
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s = ANY (followup_channels(%s))", [ended.pk, school.teacher.mandate_id])
        assert cursor.fetchone() == (False,)  # nobody is named there
    mandate = school.teacher.mandate
    mandate.withdrawn_at = timezone.now()
    mandate.save()
    again = school.open()
    with pytest.raises(Refused, match="aucun mandat"):
        actions.add_reporter(channel=again, email=school.teacher.person.email, by=school.coordinator)


def test_a_channel_has_a_purpose_an_agreement_and_an_end(school):
    family = School(commune="42187", kind="CDDF")
    assert dict(rules.purposes(school.group.body)).keys() == {"dropout"}
    assert dict(rules.purposes(family.group.body)).keys() == {"dropout", "parents"}
    assert "supervision" in dict(rules.situations("parents", family.group.body))
    assert dict(rules.situations("dropout", school.group.body)).keys() == {"absent", "dropped_out", "lost_from_sight"}
    for wrong in ({"purpose": "parents"}, {"agreed_on": TODAY + DAY}, {"until": TODAY}, {"until": TODAY + 800 * DAY}):
        with pytest.raises(Refused):
            school.open(**wrong)
    for who in (school.group.members[0], school.teacher, Compartment("42207").coordinator):
        with pytest.raises(Refused, match="Seule la coordination"):
            actions.open_channel(
                body=school.group.body, name="x", purpose="dropout", agreed_on=TODAY, until=TODAY + DAY, by=who
            )
    report = family.tell()
    assert actions.accept_report(report=report, by=family.coordinator).category == "family"


def test_a_report_says_facts_of_the_list_of_a_person_whom_a_file_may_be_about(school):
    for wrong, sentence in (
        ({"situations": []}, "au moins une"),
        ({"situations": [("trafficked", TODAY)]}, "dans la liste"),
        ({"situations": [("absent", TODAY + DAY)]}, "avant d’être saisie"),
        ({"situations": [("absent", TODAY), ("absent", TODAY - DAY)]}, "deux fois"),
        ({"told": "everybody"}, "dans la liste"),
        ({"identity": WHO | {"schooling": "prison"}}, "dans la liste"),
        ({"birth_date": dt.date(TODAY.year - 30, 1, 1)}, "limite d’âge"),
    ):
        with pytest.raises(Refused, match=sentence):
            school.tell(**wrong)
    asked = uuid.uuid4()
    school.tell(asked=asked)
    with pytest.raises(Stale, match="deux fois"):
        school.tell(asked=asked)
    assert dated(written([("absent", TODAY)])) == [("absent", TODAY)]
    assert dated("") == []


def test_by_its_screens(school, sign_in):
    client = sign_in(school.teacher)
    url = reverse("followup:report_send", args=[school.channel.pk])
    assert "Signaler une situation" in client.get(reverse("followup:files")).content.decode()
    form = client.get(url).content.decode()
    assert "deviendra" not in form
    assert "origin" not in form
    given = WHO | {
        "birth_date": BORN.isoformat(), "told": "family", "asked": str(uuid.uuid4()), "situation_1": "absent",
        "observed_1": TODAY.isoformat(),
    }  # fmt: skip
    wrong = client.post(url, given | {"observed_1": ""})
    assert wrong.status_code == 422
    assert "Inventé-Absent" in wrong.content.decode()
    assert client.post(url, given).status_code == 302
    assert client.post(url, given).status_code == 409
    desk = sign_in(school.group.coordinator)
    assert "Un signalement à examiner" in desk.get("/ma-journee/").content.decode()
    listed = desk.get(reverse("followup:reports")).content.decode()
    assert "Inventé-Absent" not in listed
    school.group.acting(school.group.coordinator)
    report = SentReport.objects.get()
    page = desk.get(reverse("followup:report", args=[report.pk]))
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    assert "Inventé-Absent" in page.content.decode()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM core_auditrow WHERE action = 'followup.record_report_reading'")
        assert cursor.fetchone() == (1,)
    accept = reverse("followup:report_accept", args=[report.pk])
    assert desk.get(accept).status_code == 200
    answer = desk.post(accept)
    assert answer.status_code == 302
    assert desk.get(answer["Location"]).status_code in (200, 302)
    assert desk.get(accept).status_code == 302  # answered already


def test_who_may_be_the_same_is_shown_before_a_file_opens(school, sign_in):
    school.group.file(identity={"given_name": "Lou", "family_name": "Inventé-Absent"})
    report = school.tell()
    desk = sign_in(school.group.coordinator)
    url = reverse("followup:report_accept", args=[report.pk])
    assert "peut-être déjà suivie" in desk.get(url).content.decode()
    assert desk.post(url).status_code == 422
    assert desk.post(url, {"confirmed": "on"}).status_code == 302


def test_declined_by_its_screen(school, sign_in):
    report = school.tell()
    desk = sign_in(school.group.coordinator)
    url = reverse("followup:report_decline", args=[report.pk])
    assert desk.post(url, {}).status_code == 422
    assert desk.post(url, {"reason": "already"}).status_code == 302
    assert "Déjà suivi" in desk.get(reverse("followup:report", args=[report.pk])).content.decode()


def test_a_channel_by_its_screens(school, sign_in):
    desk = sign_in(school.group.coordinator)
    body = school.group.body.pk
    url = reverse("followup:channel_open", args=[body])
    given = {
        "name": "GPDS du lycée inventé", "purpose": "dropout", "agreed_on": TODAY.isoformat(),
        "until": (TODAY + 30 * DAY).isoformat(),
    }  # fmt: skip
    answer = desk.post(url, given)
    assert answer.status_code == 302
    page = answer["Location"]
    assert "Personne encore" in desk.get(page).content.decode()
    add = f"{page}personnes/ajouter/"
    assert desk.post(add, {"email": "inconnue@exemple.invalid"}).status_code == 422
    assert desk.post(add, {"email": school.teacher.person.email.upper()}).status_code == 302
    assert school.teacher.person.name in desk.get(page).content.decode()
    school.group.acting(school.group.coordinator)
    reporter = Reporter.objects.get(channel__name="GPDS du lycée inventé")
    assert desk.post(f"{page}personnes/{reporter.pk}/retirer/").status_code == 302
    assert desk.post(f"{page}fermer/").status_code == 302
    assert "Ce circuit est fermé" in desk.get(page).content.decode()
    assert "GPDS du lycée inventé" in desk.get(reverse("followup:channels", args=[body])).content.decode()


def test_lists_ask_as_many_queries_with_one_row_as_with_twenty(school, sign_in):
    desk = (school.group.coordinator, ("followup:reports",), ("followup:channels", school.group.body.pk))
    pages = [desk, (school.teacher, ("followup:report_in",))]

    def counted():
        return [asked(sign_in(who), name, pks) for who, *names in pages for name, *pks in names]

    school.tell()
    few = counted()
    for _n in range(20):
        school.tell()
        school.open()
    assert counted() == few
    assert max(few) <= 12
    assert Channel.objects.visible_to(school.coordinator).count() == 21


def asked(client, name, pks):
    url = reverse(name, args=pks)
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)
