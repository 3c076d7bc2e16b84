"""Who read what: of one file for the person followed, in counts for the data protection officer. Never any content."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core.composed import Listed, composed, prepared
from prevenance.core.models import AuditRow
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Person
from prevenance.domains.accounts.roles import ROLES
from prevenance.domains.followup.models import FollowUp
from prevenance.domains.followup.rules import lists
from prevenance.domains.governance.models import Body, Controller, Membership

PARIS = ZoneInfo("Europe/Paris")
READ = ("followup.record_reading", "followup.record_list")

PARTS = {
    "identity": _("Identité"), "situation": _("Situation"), "plan": _("Plan"), "contacts": _("Contacts"),
    "reviews": _("Points d’étape"), "rights": _("Droits et lectures"), "sharing": _("Partages"),
    "orientations": _("Orientations"), "attachments": _("Pièces jointes"), "whole": _("Copie complète"),
    "list": _("Nom, dans une liste"), "search": _("Nom, par une recherche"),
    "double": _("Nom et naissance comparés avant l’ouverture d’un autre dossier"),
}  # fmt: skip


def part_label(code: str) -> str:
    return str(PARTS.get(code, code))


@dataclass(frozen=True)
class Reading:
    """One reading: the reader by function and not by name, which is the professional's own."""

    at: datetime
    function: str
    acting: str
    part: str
    why: str

    @property
    def told(self) -> tuple[str, str, str, str]:
        """All that a line says but when, which many lines say alike."""
        return self.function, self.acting, self.part, self.why


def of_file(followup: FollowUp) -> Listed:
    """(at, person, detail) of the trail about a file, the last first.

    Nobody read it before it was opened, a day that never changes: partitions of earlier months are not even looked at.
    """
    since = datetime.combine(followup.opened_on - timedelta(days=1), time.min, PARIS)  # a day more: clocks differ
    return Listed(told_of, followup.pk, followup.body_id, since)


@prepared
@composed
def told_of(file: int, body: int, since: datetime) -> Any:
    """The index of (subject, at) serves: both names are put together by the database from their numbers."""
    subject = Concat(Value(f"{FollowUp._meta.label_lower}:"), Cast(Value(file), CharField()))
    chain = Concat(Value("followup:"), Cast(Value(body), CharField()))
    rows = AuditRow.objects.filter(subject=subject, action__in=READ, scope=chain, at__gte=since)
    return rows.order_by("-at", "-seq").values_list("at", "person", "detail", named=True)


def said(rows: Collection[Any], body: int) -> list[Reading]:
    """What each row says, in French. One query for the functions, whatever their number."""
    known = functions(body, {row.person for row in rows if row.person})
    former = _now("Ancien membre")
    details = {detail: words_of(json.loads(detail)) for detail in {row.detail for row in rows}}  # many say the same
    return [Reading(row.at, known.get(row.person, former), *details[row.detail]) for row in rows]


def words_of(detail: dict[str, str]) -> tuple[str, str, str]:
    """The mandate acted under, the part read, and the reason where one was asked."""
    role = ROLES.get(detail.get("acting", ""))
    return (
        str(role.label) if role else "",
        part_label(detail.get("part", "")),
        lists.label("reading_reasons", detail.get("why", "")),
    )


def functions(body: int, people: Collection[int | None]) -> dict[int | None, str]:
    """{person: « éducatrice, Association inventée »}, as they sit or last sat in the group."""
    found: dict[int | None, str] = {}
    for person, title, quality, organisation in seats(body, sorted(pk for pk in people if pk)):
        words = ", ".join(part for part in (title, organisation) if part)
        found[person] = words or str(dict(Membership.Quality.choices)[quality])
    return found


@prepared
@composed
def seats(body: int, people: list[int]) -> Any:
    """(person, title, quality, organisation or None) of those who sit or sat in a group, the first seat first."""
    rows = Membership.objects.filter(body=body, person__in=people).order_by("pk")
    return rows.values_list("person_id", "title", "quality", "organisation__name")


# ------------------------------------------------------------------------------------------- for the officer


@dataclass(frozen=True)
class Count:
    """How many readings, of how many files, by how many readers, and how many outside the reader's own files."""

    label: str
    readings: int
    files: int = 0
    readers: int = 0
    outside: int = 0
    group: str = ""


@dataclass(frozen=True)
class Review:
    groups: list[Count]
    readers: list[Count]
    parts: list[Count]
    reasons: list[Count]


def groups_of(actor: Actor) -> list[Body]:
    """Groups that ever exchanged about named persons, of the controllers whose records the actor reads."""
    if not actor.can("see_readings"):
        return []
    controllers = Controller.objects.visible_to(actor).values("scope_id")
    found = Body.objects.filter(exchanged=True, council__scope__holder__in=controllers).select_related("council")
    return list(found.order_by("council__sort_name", "name", "pk"))


# One pass over the chains of those groups; partitions of other months are left out, the key (scope, seq, at) serves.
COUNTS = """
WITH told AS (
    SELECT scope, person, subject, detail::json ->> 'part' AS part, coalesce(detail::json ->> 'why', '') AS why
    FROM core_auditrow
    WHERE scope = ANY(%(scopes)s) AND action = ANY(%(read)s) AND at >= %(begins)s AND at < %(ends)s
)
SELECT grouping(scope, person, part, why), scope, person, part, why, count(*), count(DISTINCT subject),
       count(DISTINCT person), count(*) FILTER (WHERE why <> '')
FROM told GROUP BY GROUPING SETS ((scope), (scope, person), (part), (why))
"""
BY_GROUP, BY_READER, BY_PART, BY_REASON = 0b0111, 0b0011, 0b1101, 0b1110


def review(bodies: Collection[Body], begins: date, ends: date) -> Review:
    """Counts of readings from a day to another, both included: nothing says which file, nothing is a judgement."""
    names = {f"followup:{body.pk}": f"{body.name}, {body.council.name}" for body in bodies}
    values = {
        "scopes": list(names), "read": list(READ),
        "begins": datetime.combine(begins, time.min, PARIS),
        "ends": datetime.combine(ends + timedelta(days=1), time.min, PARIS),
    }  # fmt: skip
    rows = []
    if names:
        with connection.cursor() as cursor:
            cursor.execute(COUNTS, values)
            rows = cursor.fetchall()
    people = {person for kind, _scope, person, *_others in rows if kind == BY_READER}
    named = {person.pk: person for person in Person.objects.filter(pk__in=people)}
    found = Review([], [], [], [])
    for kind, scope, person, part, why, readings, files, readers, outside in rows:
        if kind == BY_GROUP:
            found.groups.append(Count(names[scope], readings, files, readers, outside))
        elif kind == BY_READER:
            name = named[person].name if person in named else _now("Personne retirée")
            found.readers.append(Count(name, readings, files, outside=outside, group=names[scope]))
        elif kind == BY_PART:
            found.parts.append(Count(part_label(part), readings, files, readers, outside))
        elif kind == BY_REASON and why:
            found.reasons.append(Count(lists.label("reading_reasons", why), readings, files, readers))
    for counts in (found.groups, found.readers, found.parts, found.reasons):
        counts.sort(key=lambda count: (count.group, count.label))  # by name: the order itself accuses nobody
    return found
