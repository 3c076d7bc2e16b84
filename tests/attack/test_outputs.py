"""What is written elsewhere than in a page: errors, logs, jobs, mails, commands. Nothing sealed, whoever it is for."""

import datetime as dt
import json
import logging
from collections import defaultdict
from io import StringIO
from pathlib import Path

import pytest
from django.core import mail
from django.core.management import CommandError, call_command, get_commands
from django.db import DatabaseError, connection, transaction
from django.template.backends.django import Template
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django import app as queue

from prevenance.core.documents.tables import FORMATS
from prevenance.core.logs import Discreet
from prevenance.core.row_security import act_as
from prevenance.domains.followup.models import FollowUp, Involvement
from tests.attack.canaries import body_of, head_of
from tests.attack.targets import give_reasons
from tests.attack.test_addresses import Listener
from tests.attack.world import AttackWorld

pytestmark = pytest.mark.django_db

PAGES = ("file", "plan", "contacts", "reviews", "orientations", "attachments")


@pytest.fixture
def world():
    return AttackWorld().plant()


@pytest.fixture
def logs(world):
    listener = Listener(world.reader)
    logging.getLogger().addHandler(listener)
    yield listener
    logging.getLogger().removeHandler(listener)


@pytest.fixture
def referent(world):
    return next(one for one in world.attackers if one.name == "referent").client()


def nothing_sealed(world, response, logs):
    assert response.status_code == 500
    assert world.reader.sealed(head_of(response) + body_of(response)) == set()
    assert logs.leaks == []


@pytest.mark.parametrize("page", PAGES)
def test_a_page_that_breaks_once_all_is_deciphered_tells_nothing(world, referent, logs, monkeypatch, page):
    render, broken = Template.render, []

    def breaks(self, context=None, request=None):
        if (self.origin.template_name or "").startswith("followup/"):
            render(self, context, request)  # everything was in memory, and in the frames of the traceback
            broken.append(self.origin.template_name)
            raise RuntimeError("broken in the middle")
        return render(self, context, request)

    url = reverse(f"followup:{page}", args=[world.file("exposed").row.pk])
    assert world.reader.sealed(body_of(referent.get(url)))
    monkeypatch.setattr(Template, "render", breaks)
    nothing_sealed(world, referent.get(url), logs)
    assert broken


def test_a_refusal_of_the_database_tells_ciphertext_alone(world, referent, logs, monkeypatch):
    """PostgreSQL quotes the row that it refuses: what it quotes is sealed."""
    from prevenance.domains.followup.views import files

    file = world.file("exposed").row

    def twice(request, followup, part):
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO followup_identity SELECT * FROM followup_identity WHERE followup_id = %s", [file.pk]
            )

    monkeypatch.setattr(files, "read", twice)
    response = referent.get(reverse("followup:file", args=[file.pk]))
    assert response.status_code in (500, 503)
    assert world.reader.sealed(head_of(response) + body_of(response)) == set()
    assert logs.leaks == []


@pytest.mark.parametrize("error", [ValueError, KeyError, DatabaseError, TypeError])
def test_an_error_that_quotes_the_form_and_what_was_deciphered_leaves_neither_in_logs(
    world, referent, monkeypatch, error
):
    """A library raises with what it was given: the console, as the settings make it, keeps no word of it."""
    from prevenance.domains.followup.views import contacts

    file, typed = world.file("exposed"), "zqxtypedcanary"
    stream = StringIO()
    console = logging.StreamHandler(stream)
    console.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    console.addFilter(Discreet())

    def quotes(**given):
        raise error(f"{given} {file.canaries}")

    monkeypatch.setattr(contacts.actions, "add_contact", quotes)
    root = logging.getLogger()
    root.addHandler(console)
    try:
        url = reverse("followup:contact_add", args=[file.row.pk])
        form = {
            "kind": "call",
            "whom": "person",
            "outcome": "reached",
            "day": f"{timezone.localdate()}",
            "words": typed,
        }
        response = referent.post(url, form)
    finally:
        root.removeHandler(console)
    text = stream.getvalue()
    assert response.status_code >= 500
    assert f"{error.__name__}" in text
    assert url in text
    assert typed not in text  # the page gives back to who typed it what they typed
    assert world.reader.sealed(text) == set()


def test_a_value_tampered_with_shows_neither_itself_nor_the_others(world, referent, logs):
    file = world.file("exposed").row
    act_as(world.one.coordinator.mandate_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE followup_identity SET family_name = set_byte(family_name, 20, 255 - get_byte(family_name, 20))"
            " WHERE followup_id = %s", [file.pk],
        )  # fmt: skip
        assert cursor.rowcount == 1
    nothing_sealed(world, referent.get(reverse("followup:file", args=[file.pk])), logs)


def test_jobs_of_every_night_write_mails_and_jobs_with_numbers_alone(world, logs, django_capture_on_commit_callbacks):
    """A file ends soon: who follows it is told, by number. Every periodic task of the site is run."""
    soon = timezone.localdate() + dt.timedelta(days=10)
    act_as(world.one.coordinator.mandate_id)
    FollowUp.objects.filter(pk=world.file("exposed").row.pk).update(purge_on=soon)
    world.ended.mandate.withdrawn_at = timezone.now()
    world.ended.mandate.save()
    for who in (world.gone, world.withdrawn, world.ended):  # they covered an absence, and their right has ended
        Involvement.objects.create(
            followup=world.file("exposed").row, body=world.one.body, person=who.person, kind="cover",
            proposed_by=world.one.writer, accepted_at=timezone.now(), valid_from=timezone.localdate(), valid_to=soon,
        )  # fmt: skip
    act_as(None)
    periodic = list(queue.periodic_registry.periodic_tasks.values())
    tasks = [entry for entry in periodic if not entry.task.pass_context]  # the queue's own sweep reads no file
    assert len(tasks) >= 4
    with django_capture_on_commit_callbacks(execute=True):
        for entry in tasks:
            entry.task.func(timestamp=int(timezone.now().timestamp()))
        run_waiting()
    assert any(world.file("exposed").number in message.body for message in mail.outbox)
    knows = defaultdict(set)  # one person may be there twice
    for one in world.attackers:
        if one.actor:
            knows[one.actor.person.email] |= one.knows
    ended = {who.person.email for who in (world.gone, world.withdrawn, world.ended)}
    assert not [message.to for message in mail.outbox if ended & set(message.to)]
    for message in mail.outbox:
        text = "\n".join([message.subject, message.body, *map(str, message.attachments)])
        assert world.reader.sealed(text) == set()
        for address in message.to:
            assert world.reader.told(text) <= knows[address], address
    assert logs.leaks == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(string_agg(args::text, ' '), '') FROM procrastinate_jobs")
        assert world.reader.sealed(cursor.fetchone()[0]) == set()


def run_waiting():
    """Run each job that the night put in the queue, as a worker would."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name, args FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id")
        waiting = cursor.fetchall()
    for name, arguments in waiting:
        queue.tasks[name].func(**(json.loads(arguments) if isinstance(arguments, str) else arguments))


# Commands of the platform as an operator runs them; the others load reference data or start something.
COMMANDS = {
    "audit": [["verify"], ["verify", "--json"], ["seal"], ["partitions"]],
    "keys": [["status"], ["status", "--json"], ["rotate"], ["rotate", "--json"]],
    "purge": [[], ["--json"]],
    "obligations": [["42218"], ["42218", "--json"]],
    "measures": [[]],
    "forget_controller": [[]],
}
NOT_RUN = {
    "migrate": "changes the schema, as the owner",
    "prepare": "loads what an installation needs, as the owner",
    "seed": "fills a demonstration, as the owner",
    "load_territories": "loads reference data, as the owner",
    "load_strategies": "loads reference data, as the owner",
    "import_crime": "loads reference data, as the owner",
    "import_qpv": "loads reference data, as the owner",
    "reseal": "seals columns again, as the owner: tests/domains/followup/test_bound_rows.py",
}


def test_every_command_is_tried_or_said_why_not():
    ours = {name for name, where in get_commands().items() if str(where).startswith("prevenance")}
    assert ours == set(COMMANDS) | set(NOT_RUN)


@pytest.mark.parametrize("name", COMMANDS)
def test_no_command_prints_anything_sealed(world, referent, logs, name, capsys):
    referent.get(reverse("followup:file", args=[world.file("exposed").row.pk]))
    for arguments in COMMANDS[name]:
        said, complained = StringIO(), StringIO()
        try:
            with transaction.atomic():
                call_command(name, *arguments, stdout=said, stderr=complained)
        except (CommandError, SystemExit) as stop:
            complained.write(str(stop))
        captured = capsys.readouterr()
        text = said.getvalue() + complained.getvalue() + captured.out + captured.err
        assert text
        assert world.reader.sealed(text) == set()
        assert world.reader.told(text) == set()
    assert logs.leaks == []


def test_names_of_what_is_saved_on_a_computer_are_numbers(world, referent):
    """A file name stays in the history of downloads, and in the folder that everybody sees."""
    file = world.file("exposed")
    paths = [reverse("followup:attachment", args=[file.row.pk, file.rows["Attachment"][0].pk])]
    paths += [f"{reverse('followup:files')}?format={format}" for format in FORMATS]
    for path in paths:
        response = referent.get(path)
        assert response.status_code == 200, path
        assert "attachment" in response["Content-Disposition"]
        assert world.reader.sealed(head_of(response)) == set()
        assert "no-store" in response["Cache-Control"]


def test_seals_and_stored_documents_hold_nothing_readable(world, referent, settings, tmp_path):
    give_reasons(referent, world.planted)
    referent.get(reverse("followup:file", args=[world.file("exposed").row.pk]))
    call_command("audit", "seal", stdout=StringIO())
    places = [path for path in Path(tmp_path).rglob("*") if path.is_file()]
    assert any("seals" in str(path) for path in places)
    assert any("suivis" in str(path) for path in places)
    for path in places:
        assert world.reader.sealed(str(path) + path.read_bytes().decode("latin-1")) == set(), path
