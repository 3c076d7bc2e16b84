"""Audit rows of a demonstration: the chains are as valid as real ones, and `prevenance audit verify` says so."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.db import connection

from prevenance.domains.pages.seeds.councils import Sitting
from prevenance.domains.pages.seeds.database import without_trigger
from prevenance.domains.pages.seeds.followups import Group
from prevenance.domains.pages.seeds.loading import Loader
from prevenance.domains.pages.seeds.meetings import History

MONTHS = 24  # how far back the rows of a national seed go
PATH = timedelta(days=MONTHS * 30)

# The database's own trigger numbers and chains these: they are few.
INSERT = "INSERT INTO core_auditrow (scope, at, person, action, subject, detail) VALUES (%s, %s, %s, %s, %s, %s)"

PARTITION = """
CREATE TABLE IF NOT EXISTS core_auditrow_{0:%Y_%m} PARTITION OF core_auditrow
FOR VALUES FROM ('{0:%Y-%m-01} 00:00:00+00') TO ('{1:%Y-%m-01} 00:00:00+00')
"""

CHAINS = """
CREATE TEMP TABLE seed_chain ON COMMIT DROP AS
SELECT c.name AS scope, coalesce(h.seq, 0) AS seq, c.person,
       coalesce(h.hash, sha256(convert_to(c.name, 'UTF8'))) AS hash
FROM unnest(%s::text[], %s::bigint[]) AS c (name, person) LEFT JOIN core_audithead h ON h.scope = c.name
"""

# One step of the recursion adds one row to every chain at once. The text that is hashed is the one of the trigger
# core_audit_chain (migration 0001 of core); every value here is ASCII, so that length() counts bytes.
ROWS = """
INSERT INTO core_auditrow (scope, seq, at, person, mandate, action, subject, detail, previous, hash)
WITH RECURSIVE chain AS (
    SELECT scope, seq, 0 AS step, 0::bigint AS at, person, ''::text AS action, ''::text AS subject,
           NULL::bytea AS previous, hash
    FROM seed_chain
    UNION ALL
    SELECT c.scope, r.seq, c.step + 1, r.at, c.person, r.action, r.subject, c.hash,
           sha256(c.hash || convert_to(concat(
               length(c.scope), ':', c.scope, ',', length(r.seq::text), ':', r.seq, ',',
               length(r.at::text), ':', r.at, ',', length(c.person::text), ':', c.person, ',1:-,',
               length(r.action), ':', r.action, ',', length(r.subject), ':', r.subject, ',2:{},'
           ), 'UTF8'))
    FROM chain c
    CROSS JOIN LATERAL (SELECT
        c.seq + 1 AS seq,
        %(begin)s + %(stride)s * (c.step + 1) AS at,
        (%(actions)s::text[])[1 + (c.step + c.person) %% %(kinds)s] AS action,
        'governance.decision:' || (c.person * 31 + c.step) %% 90000 AS subject
    ) r
    WHERE c.step < %(count)s
)
SELECT scope, seq, 'epoch'::timestamptz + at * interval '1 microsecond', person, NULL, action, subject, '{}',
       previous, hash
FROM chain WHERE step > 0
"""

# The same for readings: each chain is a group's, each row reads one of its files for one of its members.
READING_CHAINS = """
CREATE TEMP TABLE seed_chain ON COMMIT DROP AS
SELECT c.name AS scope, coalesce(h.seq, 0) AS seq, c.first, c.files, c.people,
       coalesce(h.hash, sha256(convert_to(c.name, 'UTF8'))) AS hash
FROM jsonb_to_recordset(%s) AS c (name text, first bigint, files bigint, people bigint[])
LEFT JOIN core_audithead h ON h.scope = c.name
"""
READINGS = """
INSERT INTO core_auditrow (scope, seq, at, person, mandate, action, subject, detail, previous, hash)
WITH RECURSIVE chain AS (
    SELECT scope, seq, 0 AS step, 0::bigint AS at, first, files, people, 0::bigint AS person, ''::text AS subject,
           ''::text AS detail, NULL::bytea AS previous, hash
    FROM seed_chain
    UNION ALL
    SELECT c.scope, r.seq, c.step + 1, r.at, c.first, c.files, c.people, r.person, r.subject, r.detail, c.hash,
           sha256(c.hash || convert_to(concat(
               length(c.scope), ':', c.scope, ',', length(r.seq::text), ':', r.seq, ',',
               length(r.at::text), ':', r.at, ',', length(r.person::text), ':', r.person, ',1:-,',
               '23:followup.record_reading,', length(r.subject), ':', r.subject, ',', length(r.detail), ':', r.detail,
               ','
           ), 'UTF8'))
    FROM chain c
    CROSS JOIN LATERAL (SELECT
        c.seq + 1 AS seq,
        %(begin)s + %(stride)s * (c.step + 1) AS at,
        c.people[1 + (c.step * 7) %% array_length(c.people, 1)] AS person,
        'followup.followup:' || (c.first + (c.step * 31 + c.first) %% c.files) AS subject,
        CASE WHEN c.step %% 9 = 0 THEN '{"acting": "coordinator", "part": "situation", "why": "meeting"}'
             ELSE concat('{"acting": "group_member", "part": "',
                         (ARRAY['situation', 'plan', 'contacts', 'reviews'])[1 + c.step %% 4], '", "why": ""}')
        END AS detail
    ) r
    WHERE c.step < %(count)s
)
SELECT scope, seq, 'epoch'::timestamptz + at * interval '1 microsecond', person, NULL, 'followup.record_reading',
       subject, detail, previous, hash
FROM chain WHERE step > 0
"""

HEADS = """
INSERT INTO core_audithead (scope, seq, hash)
SELECT r.scope, r.seq, r.hash FROM core_auditrow r JOIN seed_chain c ON r.scope = c.scope AND r.seq = c.seq + %s
ON CONFLICT (scope) DO UPDATE SET seq = excluded.seq, hash = excluded.hash
"""


def record(councils: Sequence[tuple[Sitting, History]]) -> int:
    """Chain what happened in the councils of the demonstration, oldest first; the number of rows."""
    rows = sorted(
        (at, f"scope:{council.scope}", person, action, subject)
        for council, history in councils
        for at, action, subject, person in history.acts
    )
    if rows:
        _partitions(rows[0][0])
    with connection.cursor() as cursor:
        cursor.executemany(
            INSERT,
            [(scope, at, person, action, subject, json.dumps({})) for at, scope, person, action, subject in rows],
        )
    return len(rows)


def record_readings(groups: Sequence[Group]) -> int:
    """Chain what was read in the groups of the demonstration, oldest first; the number of rows."""
    rows = sorted(
        (at, f"followup:{group.body}", person, f"followup.followup:{file}", part, why)
        for group in groups
        for at, person, file, part, why in group.readings
    )
    if rows:
        _partitions(rows[0][0])
    said = [
        (scope, at, person, "followup.record_reading", subject,
         json.dumps({"acting": "coordinator" if why else "group_member", "part": part, "why": why}, sort_keys=True))
        for at, scope, person, subject, part, why in rows
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.executemany(INSERT, said)
    return len(rows)


def record_many(loader: Loader, chains: Sequence[tuple[int, int]], count: int) -> int:
    """Write about `count` rows, as many in each chain (scope's id, person), over the last two years.

    Raises nothing of its own: a chain begun before goes on from its head.
    """
    each = count // len(chains)
    if not each:
        return 0
    begin = loader.now - PATH
    _partitions(begin)
    with connection.cursor() as cursor, without_trigger("core_auditrow", "core_audit_chain"):
        cursor.execute("DROP TABLE IF EXISTS seed_chain")
        cursor.execute(CHAINS, [[f"scope:{scope}" for scope, _person in chains], [person for _scope, person in chains]])
        cursor.execute(
            ROWS,
            {
                "begin": int(begin.timestamp()) * 1_000_000,
                "stride": int(PATH.total_seconds() * 1_000_000) // (each + 1),
                "actions": ["governance.record_progress", "governance.mark", "governance.save_texts"],
                "kinds": 3,
                "count": each,
            },
        )
        cursor.execute(HEADS, [each])
    return each * len(chains)


def record_many_readings(loader: Loader, groups: Sequence[Group], count: int) -> int:
    """Write about `count` readings, as many in each group, over the last two years."""
    reading = [group for group in groups if group.files]
    each = count // len(reading) if reading else 0
    if not each:
        return 0
    begin = loader.now - PATH
    _partitions(begin)
    chains = [
        {
            "name": f"followup:{group.body}", "first": group.files[0], "files": len(group.files),
            "people": [member.person for member in group.members],
        }
        for group in reading
    ]  # fmt: skip
    with connection.cursor() as cursor, without_trigger("core_auditrow", "core_audit_chain"):
        cursor.execute("DROP TABLE IF EXISTS seed_chain")
        cursor.execute(READING_CHAINS, [json.dumps(chains)])
        stride = int(PATH.total_seconds() * 1_000_000) // (each + 1)
        values = {"begin": int(begin.timestamp()) * 1_000_000, "stride": stride, "count": each}
        cursor.execute(READINGS, values)
        cursor.execute(HEADS, [each])
    return each * len(reading)


def _partitions(begin: datetime) -> None:
    """The partitions of past months, which a real service would have made month after month.

    A month that has rows in the default partition is left there.
    """
    month = begin.astimezone(UTC).date().replace(day=1)
    with connection.cursor() as cursor:
        while month <= datetime.now(UTC).date():
            following = (month + timedelta(days=32)).replace(day=1)
            strays = "SELECT EXISTS (SELECT FROM core_auditrow_default WHERE at >= %s AND at < %s)"
            cursor.execute(strays, [f"{month} 00:00:00+00", f"{following} 00:00:00+00"])
            if not cursor.fetchone()[0]:
                cursor.execute(PARTITION.format(month, following))
            month = following
