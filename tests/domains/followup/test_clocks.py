"""Every clock of a file walked to its end: nothing is left in a table, the key store, the document store or a job."""

import datetime as dt
import json

import pytest
import time_machine
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from prevenance.core import vault
from prevenance.core.refusals import Refused
from prevenance.core.row_security import CLOCK, act_as, as_role
from prevenance.domains.followup import actions, jobs
from prevenance.domains.followup.analysis import clock
from prevenance.domains.followup.models import Attachment, FileKey, FollowUp, Involvement, Line
from prevenance.domains.followup.rules import clocks
from prevenance.domains.governance.rules.councils import Stale
from tests.factories.followup import Compartment

pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    return Compartment()


@pytest.fixture
def on_commit(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


def referent_of(file, who):
    return Involvement.objects.create(
        followup=file, body=file.body, person=who.person, kind="referent", proposed_by=who.person,
        accepted_at=timezone.now(), valid_from=timezone.localdate(),
    )  # fmt: skip


def ended(here, **values):
    file = here.file(**values)
    referent_of(file, here.members[0])
    return actions.end_file(followup=file, reason="achieved", outcome="school", by=here.acting(here.members[0]))


def left_of(here, pk):
    """{table: rows} that still name a file, whichever mandate of its group asks."""
    found = {}
    for who in (here.members[0], here.coordinator):
        here.acting(who)
        for model in apps.get_app_config("followup").get_models():
            if "followup_id" in {field.attname for field in model._meta.concrete_fields}:
                count = model._base_manager.filter(followup_id=pk).count()
                if count:
                    found[model._meta.db_table] = count
    return found


def purge(on_commit):
    act_as(None)
    with on_commit():
        return list(jobs.erase_due())


def test_purged_three_months_after_the_end_and_not_a_day_before(here, on_commit):
    file = ended(here)
    document = Attachment(followup=file, body=file.body)
    default_storage.save(document.path(), ContentFile(b"sealed"))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES ('default', 'x', %s)",
            [json.dumps({"followup": file.pk})],
        )
    last_day = clocks.months_after(file.closed_on, 3)
    assert file.purge_on == last_day
    with time_machine.travel(dt.datetime.combine(last_day - dt.timedelta(days=1), dt.time(12), tzinfo=dt.UTC)):
        # The database's own clock did not move: it is told apart below.
        assert clock.due(timezone.localdate()) == []
    assert left_of(here, file.pk)
    here.acting(here.members[0])
    FollowUp.objects.filter(pk=file.pk).update(purge_on=timezone.localdate())
    assert purge(on_commit)[0] == ("files", 1)
    assert left_of(here, file.pk) == {}
    assert Line.objects.filter(body=here.body, followup=None, reason="achieved", outcome="school").count() == 1
    with pytest.raises(vault.KeyLost):
        vault.open(file.key)
    assert list(vault.known()) == []
    assert not FileKey.objects.exists()
    assert default_storage.listdir("suivis") == ([], [])
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE args ? 'followup'")
        assert cursor.fetchone() == (0,)
    assert purge(on_commit) == []  # run again, nothing is done twice


def test_the_database_alone_decides_what_is_due(here, on_commit):
    file = ended(here)
    with on_commit():
        assert actions.purge_files(files=[file.pk], by=here.coordinator) == 0
    assert left_of(here, file.pk)


def test_the_archive_lasts_what_the_rulebook_says_and_is_read_by_a_single_access(here):
    here.declare(archive_months=12, archive_article="Article 9")
    file = ended(here)
    assert (file.archived_on, file.purge_on) == (
        clocks.months_after(file.closed_on, 3), clocks.months_after(file.closed_on, 15)
    )  # fmt: skip
    coordinator = here.acting(here.coordinator)
    assert list(FollowUp.objects.visible_to(coordinator)) == [file]
    with pytest.raises(Refused, match="pas archivé"):
        actions.open_archive(followup=file, reason="rights", by=coordinator)
    today = timezone.localdate()
    FollowUp.objects.filter(pk=file.pk).update(archived_on=today)
    file.refresh_from_db()
    assert list(FollowUp.objects.visible_to(coordinator)) == []
    assert list(FollowUp.objects.in_archive_of(coordinator)) == [file]
    access = actions.open_archive(followup=file, reason="rights", by=coordinator)
    assert list(FollowUp.objects.visible_to(coordinator)) == [file]
    with time_machine.travel(access.until + dt.timedelta(seconds=1), tick=False):
        assert list(FollowUp.objects.visible_to(coordinator)) == []
    here.acting(here.members[0])
    assert list(FollowUp.objects.visible_to(here.members[0])) == []
    assert list(FollowUp.objects.in_archive_of(here.members[0])) == []


def test_an_archive_never_outlives_the_age_limit_nor_the_longest_one():
    closed = dt.date(2026, 11, 28)
    assert clocks.purged_after(closed, dt.date(2027, 1, 1), 36) == (dt.date(2027, 1, 1), dt.date(2027, 1, 1))
    assert clocks.purged_after(closed, dt.date(2040, 1, 1), 60) == (dt.date(2027, 2, 28), dt.date(2030, 2, 28))
    assert clocks.purged_after(closed, dt.date(2040, 1, 1), 0) == (None, dt.date(2027, 2, 28))


def test_a_hold_stops_the_clock_until_its_day_or_until_it_is_lifted(here, on_commit):
    file = ended(here)
    coordinator = here.acting(here.coordinator)
    today = timezone.localdate()
    with pytest.raises(Refused, match="coordination"):
        actions.set_hold(followup=file, reason="court", until=today + dt.timedelta(days=9), by=here.members[0])
    actions.set_hold(followup=file, reason="court", until=today + dt.timedelta(days=9), by=coordinator)
    with pytest.raises(Stale):
        actions.set_hold(followup=file, reason="court", until=today + dt.timedelta(days=9), by=coordinator)
    FollowUp.objects.filter(pk=file.pk).update(purge_on=today)
    assert purge(on_commit) == []
    here.acting(coordinator)
    actions.lift_hold(followup=file, by=coordinator)
    assert purge(on_commit) == [("files", 1)]
    assert left_of(here, file.pk) == {}


def test_an_open_file_ends_with_the_month_of_the_age_limit(here, on_commit):
    today = timezone.localdate()
    nearly = today.replace(year=today.year - 24, day=1)
    file = here.file(birth_date=nearly)
    assert file.age_band == "21-24"
    assert file.purge_on == clocks.after(nearly, "age_limit", today)
    with pytest.raises(Refused, match="limite d’âge"):
        here.file(birth_date=today.replace(year=today.year - 25, day=1))
    FollowUp.objects.filter(pk=file.pk).update(purge_on=today)
    assert purge(on_commit) == [("files", 1)]
    assert left_of(here, file.pk) == {}


def test_a_key_without_a_file_is_swept_the_day_after(here, on_commit):
    here.file()
    lost = vault.new()
    assert purge(on_commit) == []
    with time_machine.travel(timezone.now() + dt.timedelta(days=1, minutes=1)):
        assert list(clock.lost_keys()) == [lost]
        act_as(None)
        with on_commit():
            actions.sweep_keys(keys=[lost, FileKey.objects.get().key], by=here.coordinator)
    assert [key for key, _made in vault.known()] == [FileKey.objects.get().key]


def test_those_who_follow_are_told_by_number_once_a_week(here, mailoutbox):
    file = ended(here)
    soon = timezone.localdate() + dt.timedelta(days=29)
    FollowUp.objects.filter(pk=file.pk).update(purge_on=soon)
    act_as(None)
    assert clock.ending_soon(timezone.localdate()) == {here.members[0].person_id: [file.number]}
    jobs.announce_end(person=here.members[0].person_id)
    jobs.announce_end(person=here.members[0].person_id)
    assert len(mailoutbox) == 1
    assert file.number in mailoutbox[0].body
    assert "Zéphyr" not in mailoutbox[0].body + mailoutbox[0].subject


def test_an_ended_follow_up_keeps_its_line_and_withdraws_its_shares(here):
    file = ended(here)
    line = Line.objects.get(followup=file)
    assert (line.reason, line.outcome, line.outcome_later) == ("achieved", "school", "")
    with pytest.raises(Stale):
        actions.end_file(followup=file, reason="achieved", outcome="school", by=here.members[0])
    actions.tell_later(followup=file, outcome="unknown", by=here.members[0])
    with pytest.raises(Stale):
        actions.tell_later(followup=file, outcome="work", by=here.members[0])
    with pytest.raises(Refused):
        actions.end_file(followup=here.file(), reason="achieved", outcome="school", by=here.acting(here.members[1]))


def test_the_command_purges_too(here, capsys):
    file = ended(here)
    FollowUp.objects.filter(pk=file.pk).update(purge_on=timezone.localdate())
    act_as(None)
    call_command("purge")
    assert "Dossiers de suivi : 1" in capsys.readouterr().out


def test_the_clock_sees_no_file_far_from_its_end(here):
    here.file()
    act_as(None)
    with transaction.atomic(), as_role(CLOCK):
        assert FollowUp.objects.count() == 0


BIRTHS = st.dates(dt.date(1990, 1, 1), dt.date(2026, 1, 1))


@given(birth=BIRTHS, day=st.dates(dt.date(2026, 1, 1), dt.date(2030, 12, 31)))
def test_age_is_the_number_of_birthdays_reached(birth, day):
    age = clocks.age_on(birth, day)
    # Someone born on 29 February has had their birthday on 1 March of a common year.
    leap = (birth.month, birth.day) == (2, 29)
    reached, next_one = (clocks.months_after(birth, 12 * years) for years in (age, age + 1))
    assert reached <= day
    assert day < next_one or (leap and day == next_one and next_one.day == 28)
    assert clocks.band_on(birth, day) == next(
        band for band, ages in (("0-12", range(-40, 13)), ("13-15", range(13, 16)), ("16-17", range(16, 18)),
                                ("18-20", range(18, 21)), ("21-24", range(21, 99))) if age in ages
    )  # fmt: skip


def test_who_is_born_on_29_february_is_a_year_older_on_1_march():
    born = dt.date(2008, 2, 29)
    assert clocks.age_on(born, dt.date(2026, 2, 28)) == 17
    assert clocks.age_on(born, dt.date(2026, 3, 1)) == 18


def test_a_band_grows_with_the_person_to_the_month_and_no_column_tells_the_birthday(here, sign_in):
    """Nobody opens the file meanwhile: what is in clear, the month of the age limit, says it."""
    birth = dt.date(timezone.localdate().year - 14, 6, 17)
    file = here.file(birth_date=birth)
    here.takes_part(file, here.members[0])
    url = reverse("followup:file", args=[file.pk])
    for day, band in (
        (dt.date(birth.year + 16, 5, 31), "13-15"),
        (dt.date(birth.year + 16, 6, 1), "16-17"),
        (dt.date(birth.year + 21, 6, 30), "21-24"),
    ):
        with time_machine.travel(dt.datetime.combine(day, dt.time(9), tzinfo=dt.UTC)):
            file.refresh_from_db()
            assert clocks.band_today(file) == band
            assert file.age_band == "13-15"  # as it was when the file was opened
    client = sign_in(here.acting(here.members[0]))
    assert clocks.band_label(file) in client.get(url).content.decode()
    assert clocks.band_label(file) in client.get(reverse("followup:files")).content.decode()
    ended = actions.end_file(followup=file, reason="achieved", outcome="school", by=here.acting(here.members[0]))
    assert clocks.band_today(ended) == "13-15"


@given(birth=BIRTHS, day=st.dates(dt.date(2026, 1, 1), dt.date(2030, 12, 31)), opened=st.integers(0, 2000))
def test_the_band_of_today_is_that_of_the_age_but_in_the_month_of_the_birthday(birth, day, opened):
    on = day - dt.timedelta(days=opened)
    file = FollowUp(age_band="0-12", opened_on=on, purge_on=clocks.last_month(birth, on))
    with time_machine.travel(dt.datetime.combine(day, dt.time(12), tzinfo=dt.UTC)):
        told = clocks.band_today(file)
    assert told in {clocks.band_on(birth, day), clocks.band_on(birth.replace(day=1), day)}
    if day.month != birth.month:
        assert told == clocks.band_on(birth, day)
