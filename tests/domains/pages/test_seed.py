"""The demonstration is complete, invented, sound, and never written over real data."""

import datetime as dt
import subprocess
import sys

import psycopg
import pytest
import yaml
from django.db import transaction

from prevenance.config.paths import DATA, ROOT
from prevenance.core import vault
from prevenance.core.row_security import act_as
from prevenance.domains.accounts.acting import actor_of
from prevenance.domains.accounts.models import Mandate, Person
from prevenance.domains.accounts.roles import ROLES
from prevenance.domains.followup.analysis.reading import opened_values
from prevenance.domains.followup.analysis.registers import deadlines, said_of
from prevenance.domains.followup.models import CallToOrder, FollowUp, Identity, Involvement, Transaction
from prevenance.domains.governance.analysis.rulebooks import standings, to_sign
from prevenance.domains.governance.models import Council, Decision, Letter, Meeting, Problem, Rulebook
from prevenance.domains.pages.seeds.people import of
from tests import database
from tests.seeded import sealed_with, using

MONDAY = "2026-11-23"


def prevenance(name, *arguments):
    """Run the command line on database `name`."""
    return subprocess.run(
        [sys.executable, "-m", "prevenance", *arguments],
        cwd=ROOT, env=database.environment(name), capture_output=True, text=True, check=False,
    )  # fmt: skip


def read(name, query, *values):
    with psycopg.connect(database.url("owner", name)) as connection:
        return connection.execute(query, values).fetchall()


@pytest.fixture(scope="module")
def seeded():
    with database.copy_of(database.demonstration()) as name:
        yield name


@pytest.fixture
def demonstration(seeded, django_db_setup, django_db_blocker):
    """The ORM on the demonstration, as the application."""
    with using(seeded, django_db_blocker):
        yield


def person_of(role):
    return Person.objects.get(email=f"{role}@demonstration.invalid")


@pytest.mark.parametrize("role", sorted(ROLES))
def test_each_role_has_a_person_in_a_scope_where_the_role_is_held(demonstration, role):
    actor = actor_of(person_of(role))
    assert actor.role == role
    assert actor.scope_kind in ROLES[role].scopes


def test_nobody_can_be_written_to_nor_sign_in_by_password(demonstration):
    people = list(Person.objects.all())
    assert len(people) > 150
    assert [person.email for person in people if not person.email.endswith("@demonstration.invalid")] == []
    assert [person.email for person in people if person.has_usable_password()] == []


def test_every_name_is_one_of_the_invented_ones(demonstration):
    names = yaml.safe_load((DATA / "demonstration" / "people.yaml").read_text())
    for person in Person.objects.all():
        assert person.given_name in names["given"]
        assert set(person.family_name.split("-")) <= set(names["family"])


def test_meetings_are_in_every_state_and_one_is_to_be_prepared_next_week(demonstration):
    coordinator = actor_of(person_of("coordinator"))
    meetings = Meeting.objects.visible_to(coordinator)
    assert set(meetings.values_list("state", flat=True)) == set(Meeting.State.values)
    today = dt.date.today()
    monday = today + dt.timedelta(days=7 - today.weekday())
    assert meetings.filter(
        state="draft", starts_at__date__gte=monday, starts_at__date__lt=monday + dt.timedelta(days=8)
    ).exists()


def test_decisions_are_in_every_state_and_some_are_late(demonstration):
    decisions = Decision.objects.visible_to(actor_of(person_of("coordinator")))
    assert set(decisions.values_list("state", flat=True)) == set(Decision.State.values)
    assert decisions.open().filter(due_on__lt=dt.date.today()).exists()
    assert decisions.open().filter(due_on__gte=dt.date.today()).exists()


def test_a_decision_is_where_its_last_progress_says(seeded):
    wrong = """SELECT d.id FROM governance_decision d
        LEFT JOIN LATERAL (SELECT state FROM governance_decisionprogress p WHERE p.decision_id = d.id
                           ORDER BY at DESC, id DESC LIMIT 1) p ON true
        WHERE d.state <> coalesce(p.state, 'open')"""
    assert read(seeded, "SELECT count(*) > 100 FROM governance_decisionprogress") == [(True,)]
    assert read(seeded, wrong) == []


def test_an_intercommunal_council_reaches_its_two_departements_and_its_communes(demonstration):
    council = Council.objects.get(territory__code="200066587")
    reached = set(council.reaches.values_list("scope__kind", "scope__territory__code"))
    assert {("departement", "42"), ("departement", "69"), ("nation", "FR")} <= reached
    assert sum(kind == "commune" for kind, _code in reached) == 32


def test_the_prefect_sees_every_council_and_the_coordinator_only_their_own(demonstration):
    assert Council.objects.visible_to(actor_of(person_of("prefect_office"))).count() == 9 + 1  # and a police group
    mandates = Mandate.objects.filter(person=person_of("coordinator")).order_by("pk")
    seen = [
        [council.name for council in Council.objects.visible_to(actor_of(mandate.person, mandate.pk))]
        for mandate in mandates
    ]
    assert seen == [["CLSPD de Saint-Chamond"], ["CISPD des Monts du Lyonnais"]]


def test_the_audit_chain_is_whole(seeded):
    assert read(seeded, "SELECT count(*) > 300 FROM core_auditrow") == [(True,)]
    done = prevenance(seeded, "audit", "verify")
    assert done.returncode == 0, done.stderr + done.stdout


def test_the_locks_are_back_once_the_seed_is_done(seeded):
    assert read(seeded, "SELECT tgname FROM pg_trigger WHERE tgenabled <> 'O' AND NOT tgisinternal") == []


def test_seeding_again_leaves_one_demonstration_and_moves_it_to_the_day(seeded):
    with database.copy_of(seeded) as name:
        day = dt.date.today() + dt.timedelta(days=50)
        done = prevenance(name, "seed", "--on", day.isoformat())
        assert done.returncode == 0, done.stderr
        assert read(name, "SELECT count(*) FROM governance_council") == [(10,)]
        assert read(name, "SELECT count(*) FROM accounts_person WHERE email = 'mayor@demonstration.invalid'") == [(1,)]
        (last,) = read(name, "SELECT max(starts_at)::date FROM governance_meeting")[0]
        assert day < last < day + dt.timedelta(days=90)


def test_seeding_if_missing_changes_nothing_in_a_demonstration(seeded):
    before = read(seeded, "SELECT min(id), max(id) FROM accounts_person")
    assert prevenance(seeded, "seed", "--if-missing").returncode == 0
    assert read(seeded, "SELECT min(id), max(id) FROM accounts_person") == before


def test_the_same_seed_on_the_same_day_invents_the_same_things():
    contents = """SELECT md5(string_agg(line, '|' ORDER BY line)) FROM (
        SELECT given_name || family_name AS line FROM accounts_person
        UNION ALL SELECT uid::text || starts_at || state FROM governance_meeting
        UNION ALL SELECT text || state || due_on FROM governance_decision) x"""
    with database.copy_of(database.france()) as name:
        digests = []
        for chance in ("7", "7", "8"):
            assert prevenance(name, "seed", "--on", MONDAY, "--random-seed", chance).returncode == 0
            digests.append(read(name, contents))
    assert digests[0] == digests[1] != digests[2]


def test_a_database_that_holds_real_data_is_refused_and_left_as_it_was():
    with database.copy_of(database.france()) as name:
        with psycopg.connect(database.url("owner", name)) as owner:
            owner.execute(
                "INSERT INTO accounts_person (password, email, given_name, family_name, sort_name, phone, is_active,"
                " created_at) VALUES ('!', 'vraie@exemple.invalid', 'Camille', 'Vraie', 'vraie', '', true, now())"
            )
        done = prevenance(name, "seed")
        assert done.returncode != 0
        assert "n’est pas une base de démonstration" in done.stderr
        assert read(name, "SELECT email FROM accounts_person") == [("vraie@exemple.invalid",)]


# At least so many, of a hundredth of the nation and the demonstration.
REGISTERS = {
    "stationpost": 5, "partnersagreement": 12, "circuitstep": 18, "door": 30, "devicestatement": 4_000,
    "orientationlink": 500, "orientationanswer": 300,
}  # fmt: skip


def test_a_hundredth_of_the_nation_is_sound():
    with database.copy_of(database.france()) as name:
        done = prevenance(name, "seed", "--size", "national", "--part", "0.01", "--audit-rows", "3000")
        assert done.returncode == 0, done.stderr
        assert "vérifiées par les règles" in done.stderr
        councils = "SELECT count(*) FROM governance_council WHERE kind "
        assert read(name, councils + "<> 'GPO'") == [(12,)]
        assert read(name, councils + "= 'GPO'")[0] >= (1,)
        for table in ("rulebook", "signature", "act", "letter", "letterrecipient", "problem"):
            assert read(name, f"SELECT count(*) >= 4 FROM governance_{table}") == [(True,)], table
        assert read(name, "SELECT count(*) FROM accounts_person") == [(2000,)]
        assert read(name, "SELECT count(*) FROM followup_filekey") == [
            (1000 + 26 + 5,)
        ]  # nation, demonstration, registers
        reading = "SELECT count(*) > 15000 FROM core_auditrow WHERE action = 'followup.record_reading'"
        assert read(name, reading) == [(True,)]
        assert read(name, "SELECT count(*) > 3000 FROM core_auditrow") == [(True,)]
        for table, least in REGISTERS.items():
            assert read(name, f"SELECT count(*) FROM directory_{table}")[0] >= (least,), table
        twice = prevenance(name, "seed", "--size", "national", "--part", "0.01", "--registers-only")
        assert twice.returncode != 0
        assert "déjà dans cette base" in twice.stderr
        assert prevenance(name, "audit", "verify").returncode == 0
        orphans = """SELECT p.id FROM accounts_person p LEFT JOIN accounts_mandate m ON m.person_id = p.id
            LEFT JOIN governance_membership s ON s.person_id = p.id LEFT JOIN governance_act a ON a.person_id = p.id
            WHERE m.id IS NULL AND s.id IS NULL AND a.id IS NULL"""
        assert read(name, orphans) == []


@pytest.mark.parametrize(
    "name, written",
    [
        ("Le Coteau", "du Coteau"),
        ("La Ricamarie", "de La Ricamarie"),
        ("Les Sables-d'Olonne", "des Sables-d'Olonne"),
        ("L'Horme", "de L’Horme"),
        ("Unieux", "d’Unieux"),
        ("Roanne", "de Roanne"),
        ("CC des Monts du Lyonnais", "des Monts du Lyonnais"),
        ("CA Roannais Agglomération", "de Roannais Agglomération"),
    ],
)
def test_a_place_is_named_with_its_preposition(name, written):
    assert of(name) == written


def test_a_prefects_office_has_written_letters_and_keeps_a_police_group(demonstration):
    prefect = actor_of(person_of("prefect_office"))
    assert Letter.objects.visible_to(prefect).count() == 4
    problems = Problem.objects.visible_to(prefect)
    assert {problem.state for problem in problems} >= {"open", "answered", "solved"}
    assert not Problem.objects.visible_to(actor_of(person_of("mediator"))).exists()
    received = Letter.objects.visible_to(actor_of(person_of("coordinator")))
    assert next(letter.subject for letter in received) == "Date de votre prochaine plénière"


def test_the_mayors_registers_hold_a_few_entries_that_the_mayor_alone_reads(demonstration, seeded, settings):
    sealed_with(settings, seeded)
    mayor, names = actor_of(person_of("mayor")), yaml.safe_load((DATA / "demonstration" / "people.yaml").read_text())
    for role, expected in (("mayor", ["asked", "convened", "offered", "recorded", "reported"]), ("coordinator", [])):
        with transaction.atomic():
            act_as(actor_of(person_of(role)).mandate_id)
            entries = [*CallToOrder._base_manager.all(), *Transaction._base_manager.all()]
            assert sorted(entry.state for entry in entries) == expected
            assert {said_of(entry)["family_name"] for entry in entries} <= set(names["family"])
            assert len(deadlines(mayor)) == len(expected)


def test_rulebooks_are_in_force_signed_by_most_and_one_waits_for_the_plenary(demonstration):
    coordinator, member = actor_of(person_of("coordinator")), actor_of(person_of("group_member"))
    books = Rulebook.objects.visible_to(coordinator)
    assert set(books.values_list("state", flat=True)) == {"proposed", "adopted", "replaced"}
    assert all(book.digest == book.computed_digest() for book in books)
    standing = standings(list(books.in_force()))
    assert standing
    holding = {book.pk for book in books.in_force() if book.body.nominative}  # where files are held, all signed
    assert len(holding) == 2
    for pk, one in standing.items():
        assert 0 < one.signed <= one.members
        assert (one.signed == one.members) == (pk in holding)
    assert "group" in {book.body.kind for book in to_sign(member.person_id)}


def test_files_are_held_in_two_groups_and_each_button_finds_something(demonstration, seeded, settings):
    sealed_with(settings, seeded)
    with transaction.atomic():
        for role, least in (("coordinator", 25), ("referent", 4), ("group_member", 1)):
            actor = actor_of(person_of(role))
            act_as(actor.mandate_id)
            files = FollowUp.objects.visible_to(actor)
            assert files.count() >= least, role
            names = yaml.safe_load((DATA / "demonstration" / "people.yaml").read_text())
            for identity in Identity.objects.visible_to(actor):
                said = opened_values(identity, vault.open(identity.followup.key))
                assert said["given_name"] in names["given"]
                assert set(said["family_name"].split("-")) <= {*names["family"], "Inventé"}
        referent = actor_of(person_of("referent"))
        act_as(referent.mandate_id)
        assert Involvement.objects.visible_to(referent).waiting().filter(person=referent.person).count() == 1
        outside = actor_of(person_of("prefect_office"))
        act_as(outside.mandate_id)
        assert not FollowUp.objects.exists()


def test_no_name_of_a_file_is_readable_in_the_database(seeded):
    rows = read(seeded, "SELECT relname FROM pg_class WHERE relforcerowsecurity AND starts_with(relname, 'followup_')")
    assert len(rows) >= 19
    assert read(seeded, "SELECT count(*) FROM followup_followup") == [(0,)]  # the wall is back, for the owner too
