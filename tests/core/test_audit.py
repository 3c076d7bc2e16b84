"""The audit trail: complete, closed to change, and able to say what was touched."""

import datetime as dt
import json

import psycopg
import pytest
from django.core.management import call_command
from django.db import IntegrityError, ProgrammingError, connection, transaction

from prevenance.core import audit
from prevenance.core.audit import expiry, seals
from prevenance.core.audit.keys import sealing_key
from prevenance.core.audit.verify import Link, first_break, stored_heads, stored_rows
from prevenance.core.models import AuditRow

pytestmark = pytest.mark.django_db


class Somebody:
    person_id, mandate_id, scope_id = 7, 8, 9


@audit.action("Essai consigné")
def tried(*, by, scope=None, **detail):
    audit.record(by=by, scope=scope, subject="tests.thing:1", **detail)


@audit.action("Essai oublieux")
def forgot(*, by):
    return "nothing"


@audit.action("Essai qui en appelle un autre")
def delegated(*, by):
    tried(by=by)


def rows_of(scope):
    return [row for row in stored_rows() if row.scope == scope]


def test_an_action_writes_who_what_and_where():
    tried(by=Somebody(), scope=901, count=3)
    row = AuditRow.objects.get(scope="scope:901")
    assert (row.seq, row.person, row.mandate, row.subject) == (1, 7, 8, "tests.thing:1")
    assert row.action.endswith(".tried")
    assert json.loads(row.detail) == {"count": 3}
    assert abs(row.at - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=1)


def test_an_action_that_records_nothing_is_refused():
    with pytest.raises(audit.NothingRecorded):
        forgot(by=Somebody())


def test_an_action_may_be_recorded_by_the_one_it_calls():
    delegated(by=Somebody())
    assert AuditRow.objects.filter(scope="scope:9").count() == 1


def test_recording_outside_an_action_is_a_defect():
    with pytest.raises(RuntimeError):
        audit.record(by=Somebody())


@pytest.mark.parametrize("detail", ["Kévin Exemple", "UN MOTIF", "une phrase libre", "é", 1.5, {"name": "x"}])
def test_a_detail_cannot_hold_a_name_or_a_sentence(detail):
    with pytest.raises(ValueError, match="detail"):
        tried(by=Somebody(), value=detail)


def test_the_row_goes_when_the_act_is_rolled_back():
    with pytest.raises(IntegrityError), transaction.atomic():
        tried(by=Somebody(), scope=902)
        raise IntegrityError
    assert rows_of("scope:902") == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE core_auditrow SET action = 'x'",
        "UPDATE core_auditrow_default SET action = 'x'",
        "DELETE FROM core_auditrow",
        "TRUNCATE core_auditrow",
        "INSERT INTO core_auditrow (scope, seq, at, action, previous, hash) VALUES ('s', 1, now(), 'x', '', '')",
        "INSERT INTO core_auditrow (scope, action, at) VALUES ('s', 'x', now() - interval '1 year')",
        "UPDATE core_audithead SET seq = 0",
        "INSERT INTO core_audithead VALUES ('s', 5, '')",
        "DROP TABLE core_auditrow",
        "ALTER TABLE core_auditrow DISABLE TRIGGER ALL",
    ],
)
def test_the_application_cannot_change_the_trail(statement):
    tried(by=Somebody(), scope=903)
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    "statement", ["UPDATE core_auditrow SET action = 'x'", "DELETE FROM core_auditrow", "TRUNCATE core_auditrow"]
)
def test_even_the_owner_is_stopped_by_the_trigger(as_owner, statement):
    as_owner.execute("INSERT INTO core_auditrow (scope, action) VALUES ('scope:904', 'x')")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        as_owner.execute(statement)
    as_owner.rollback()


def test_the_two_computations_of_the_chain_agree():
    for number in range(5):
        tried(by=Somebody(), scope=905, count=number, word="é".encode().hex())
    assert first_break(rows_of("scope:905"), {}, {}, {}) is None


def five_rows(scope):
    for number in range(5):
        tried(by=Somebody(), scope=scope, count=number)
    return rows_of(f"scope:{scope}")


@pytest.mark.parametrize(
    "field, value",
    [("action", "x"), ("subject", "y:2"), ("detail", "{}"), ("person", 70), ("person", None), ("mandate", 1),
     ("at", dt.datetime(2020, 1, 1, tzinfo=dt.UTC))],
)  # fmt: skip
def test_a_changed_row_is_named(field, value):
    from dataclasses import replace

    rows = five_rows(906)
    rows[2] = replace(rows[2], **{field: value})
    found = first_break(rows, {}, {}, {})
    assert (found.scope, found.seq) == ("scope:906", 3)


def test_a_removed_row_is_named():
    rows = five_rows(907)
    assert first_break(rows[:1] + rows[2:], {}, {}, {}).seq == 2


def test_reordered_rows_are_named():
    rows = five_rows(908)
    rows[1], rows[2] = rows[2], rows[1]
    assert first_break(rows, {}, {}, {}).seq == 2


def test_rows_cut_from_the_end_are_named_thanks_to_the_head():
    rows = five_rows(909)
    assert first_break(rows[:3], stored_heads_of("scope:909"), {}, {}).seq == 4


def test_a_chain_rewritten_whole_is_found_by_the_seal():
    """Somebody with all the rights recomputes a whole chain: only what lies outside the database tells."""
    from dataclasses import replace

    from prevenance.core.audit.verify import digest

    rows = five_rows(910)
    sealed = {"scope:910": [Link(rows[-1].seq, rows[-1].hash)]}
    forged, previous = [], rows[0].previous
    for row in rows:
        changed = replace(row, person=99, previous=previous)
        changed = replace(changed, hash=digest(changed, previous))
        forged.append(changed)
        previous = changed.hash
    assert first_break(forged, {}, {}, {}) is None
    assert first_break(forged, {}, sealed, {}).seq == 5


def stored_heads_of(scope):
    return {key: link for key, link in stored_heads().items() if key == scope}


def test_seals_follow_one_another_and_hold(tmp_path):
    key, now = sealing_key(), dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
    assert seals.write(tmp_path, key, {"scope:1": Link(1, b"a" * 32)}, now).name == "00000001.json"
    assert seals.write(tmp_path, key, {"scope:1": Link(1, b"a" * 32)}, now) is None
    seals.write(tmp_path, key, {"scope:1": Link(4, b"b" * 32), "scope:2": Link(1, b"c" * 32)}, now)
    known = seals.read(tmp_path, key.public_key())
    assert known.points["scope:1"] == [Link(1, b"a" * 32), Link(4, b"b" * 32)]
    assert known.count == 2


@pytest.mark.parametrize("harm", ["change", "remove", "swap", "garbage"])
def test_a_harmed_seal_is_found(tmp_path, harm):
    key, now = sealing_key(), dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
    for number in range(3):
        seals.write(tmp_path, key, {"scope:1": Link(number + 1, bytes([number]) * 32)}, now)
    first, second = tmp_path / "00000001.json", tmp_path / "00000002.json"
    if harm == "change":
        first.write_text(first.read_text().replace("scope:1", "scope:9"))
    elif harm == "remove":
        second.unlink()
    elif harm == "swap":
        one, two = first.read_text(), second.read_text()
        first.write_text(two)
        second.write_text(one)
    else:
        second.write_text("{")
    with pytest.raises(seals.BrokenSeal):
        seals.read(tmp_path, key.public_key())


def test_the_command_verifies_and_names_what_broke(settings, capsys, monkeypatch):
    tried(by=Somebody(), scope=911)
    call_command("audit", "seal")
    call_command("audit", "verify")
    assert "Journal intact" in capsys.readouterr().out
    whole = list(stored_rows())
    monkeypatch.setattr(
        "prevenance.core.management.commands.audit.stored_rows",
        lambda: iter(r for r in whole if r.scope != "scope:911"),
    )
    with pytest.raises(SystemExit) as stop:
        call_command("audit", "verify")
    assert stop.value.code == 1
    assert "scope:911 n° 1" in capsys.readouterr().out


def test_partitions_are_made_ahead_and_rows_go_to_their_month():
    tried(by=Somebody(), scope=912)
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM core_auditrow WHERE scope = 'scope:912'")
        assert cursor.fetchone()[0] == f"core_auditrow_{dt.datetime.now(dt.UTC):%Y_%m}"
        cursor.execute("SELECT core_audit_make_partitions(3)")
        assert cursor.fetchone()[0] == 0


def test_what_follows_a_dropped_month_still_verifies():
    rows = five_rows(913)
    anchors = {"scope:913": Link(rows[1].seq, rows[1].hash)}
    assert first_break(rows[2:], stored_heads_of("scope:913"), {}, anchors) is None
    assert first_break(rows[3:], stored_heads_of("scope:913"), {}, anchors).seq == 3


def test_a_month_ends_at_its_dated_retention_and_by_the_owner_only(as_owner):
    """No row is written here: a partition cannot be added to a table that another transaction writes to."""
    as_owner.execute(
        "CREATE TABLE core_auditrow_2020_01 PARTITION OF core_auditrow"
        " FOR VALUES FROM ('2020-01-01 00:00+00') TO ('2020-02-01 00:00+00')"
    )
    as_owner.commit()
    try:
        with pytest.raises(LookupError):
            list(expiry.expired(dt.date(2021, 1, 31)))  # no retention was dated then
        assert list(expiry.expired(dt.date(2026, 12, 1))) == ["core_auditrow_2020_01"]
        with pytest.raises(ProgrammingError), transaction.atomic():
            expiry.drop("core_auditrow_2020_01")
    finally:
        as_owner.execute("DROP TABLE core_auditrow_2020_01")
        as_owner.commit()


def test_a_month_that_no_seal_covers_is_kept():
    ends = {"scope:1": Link(5, b"a" * 32)}
    expiry.check_sealed(ends, {"scope:1": [Link(5, b"a" * 32)]})
    with pytest.raises(expiry.NotSealed):
        expiry.check_sealed(ends, {"scope:1": [Link(4, b"b" * 32)]})
