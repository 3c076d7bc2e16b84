"""Groups that hold files, and files of invented people, sealed under real keys. Row by row as the owner, by COPY.

Two groups in the demonstration; one a council and a hundred thousand files at national size.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from psycopg import sql

from prevenance.core import vault
from prevenance.core.row_security import act_as
from prevenance.domains.accounts.acting import actor_of
from prevenance.domains.accounts.models import Person
from prevenance.domains.followup.analysis.reading import opened_values, place, sealed_fields
from prevenance.domains.followup.models import (
    Contact,
    Fact,
    FileKey,
    FollowUp,
    Goal,
    Identity,
    Involvement,
    Line,
    NumberSeries,
    Report,
    Representative,
    Step,
)
from prevenance.domains.followup.rules import clocks, lists
from prevenance.domains.governance.models import Body, Controller, Membership
from prevenance.domains.pages.seeds.councils import Member, Sitting, group_scope
from prevenance.domains.pages.seeds.loading import Loader, Shape
from prevenance.domains.pages.seeds.people import People, data, of
from prevenance.domains.pages.seeds.recheck import ONE_IN, Unsound
from prevenance.domains.pages.seeds.rulebooks import adopted_by_all

BODY = Shape(Body, "id council kind name scope opened_on nominative nominative_since exchanged")
MEMBERSHIP = Shape(Membership, "id body person organisation title quality of_right_as valid_from valid_to")
CONTROLLER = Shape(
    Controller, "scope basis officer_name officer_email register_reference registered_on impact_assessed_on"
    " hosted_elsewhere",
)  # fmt: skip
KEY = Shape(FileKey, "key")
FILE = Shape(
    FollowUp, "id body number category sex age_band opened_on opened_by purge_on next_review_on key edit"
)  # fmt: skip
IDENTITY = Shape(Identity, "id followup body family_name given_name birth_date address phone schooling edit")
REPRESENTATIVE = Shape(Representative, "id followup body rank link family_name given_name phone")
REPORT = Shape(Report, "id followup body origin received_on reported_by recorded_by")
OF_CHILDREN, CHILD = ("left_alone", "absent"), 12  # situations said of those younger than that
FACT = Shape(Fact, "id followup body situation observed_on observed_by ended_on")
PART = Shape(Involvement, "followup body person kind proposed_by proposed_at accepted_at valid_from valid_to")
GOAL = Shape(Goal, "id followup body theme words family_part state set_on set_by due_on edit")
STEP = Shape(Step, "id followup body goal kind carried_by due_on done_on result edit")
CONTACT = Shape(Contact, "id followup body day by kind whom outcome recorded_at")
LINE = Shape(Line, "followup body category sex age_band entered_month referent_named")
SERIES = Shape(NumberSeries, "body year last")

AGES = [*range(11, 25), 14, 15, 16, 17, 15, 16]
ENDED = 0.1  # how many of the demonstration's files have ended
KEYS_AT_ONCE = 2_000


@dataclass
class Group:
    """A group that holds files: its members, and what was read there: (moment, person, file, part, why)."""

    body: int
    name: str
    place: str
    categories: Sequence[str]
    members: list[Member]
    opened_on: date
    count: int
    files: list[int] = field(default_factory=list)
    readings: list[tuple[datetime, int, int, str, str]] = field(default_factory=list)
    ends: list[tuple[int, date, date]] = field(default_factory=list)  # file, ended on, erased on

    def seat(self, key: str) -> Member | None:
        return next((member for member in self.members if member.seat == key), None)

    @property
    def coordinator(self) -> Member:
        return self.seat("coordinator") or self.members[0]


def open_group(
    people: People, council: Sitting, meeting: tuple[int, date], entry: dict[str, Any], controllers: set[int]
) -> tuple[Group, int]:
    """A group whose controller's record is complete, its rulebook in force and signed by all; and its scope."""
    loader, holder = people.loader, people.scope(council.place.kind, council.place.pk, council.place.name)
    if holder not in controllers:
        controllers.add(holder)
        since = loader.days(-700)
        loader.add(
            CONTROLLER, holder, "Code de la sécurité intérieure, article L132-5 (fondement inventé)",
            "Ariel Imaginaire", "dpo@demonstration.invalid", "INV-1", since, since, False,
        )  # fmt: skip
    body, day = loader.new_id(Body), meeting[1]
    scope = group_scope(people, council, entry["name"])
    loader.add(BODY, body, council.pk, Body.Kind.GROUP, entry["name"], scope, council.founded_on, True, day, True)
    members = []
    for member in (member for member in council.members if member.seat in entry["seats"]):
        membership = loader.new_id(Membership)
        loader.add(
            MEMBERSHIP, membership, body, member.person, people.organisations[member.organisation], member.title,
            "designated", "", council.founded_on, None,
        )  # fmt: skip
        members.append(Member(membership, member.person, member.seat, member.title, member.organisation))
    adopted_by_all(loader, council, body, entry["name"], members, meeting)
    return Group(body, entry["name"], of(council.place.name), entry["categories"], members, day, entry["files"]), scope


@contextmanager
def without_wall(tables: str = "followup_%") -> Iterator[None]:
    """Let the owner through the wall of files, or of `tables`, for the block, in the running transaction; a failure
    brings it back."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # PostgreSQL alters no table that has checks waiting
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relforcerowsecurity AND relname LIKE %s ORDER BY relname", [tables]
        )
        walled = [sql.Identifier(row[0]) for row in cursor.fetchall()]
        for table in walled:
            cursor.execute(sql.SQL("ALTER TABLE {} NO FORCE ROW LEVEL SECURITY").format(table))
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        yield
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in walled:
            cursor.execute(sql.SQL("ALTER TABLE {} FORCE ROW LEVEL SECURITY").format(table))
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


class Writer:
    """Writes files of groups; `whole` adds plans and contacts. Keys are made some thousands at once."""

    def __init__(self, loader: Loader, *, whole: bool) -> None:
        self.loader, self.whole = loader, whole
        self.keys: list[vault.Key] = []
        self.names, self.texts = data("people"), data("followups")
        self.places = {
            (shape.table, name): place(shape.model(), name)
            for shape in (IDENTITY, REPRESENTATIVE, REPORT, FACT, GOAL, STEP, CONTACT)
            for name in (f.name for f in shape.model._meta.concrete_fields)
        }

    def key(self, ahead: int) -> vault.Key:
        if not self.keys:
            ids = vault.new_many(min(ahead, KEYS_AT_ONCE))
            self.keys = list(vault.open_many(ids).values())
        return self.keys.pop()

    def group(self, group: Group, count: int, ahead: int) -> None:
        """`count` files of a group; `ahead` is how many are still to write in all."""
        loader, chance = self.loader, self.loader.chance
        span = max(1, min(600, (loader.today - group.opened_on).days))
        ranks: dict[int, int] = {}
        for days_ago in sorted((chance.randint(0, span - 1) for _n in range(count)), reverse=True):
            opened_on = loader.days(-days_ago)
            ranks[opened_on.year] = ranks.get(opened_on.year, 0) + 1
            self.file(group, opened_on, f"{opened_on.year}-{ranks[opened_on.year]:03d}", ahead)
            ahead -= 1
        for year, last in ranks.items():
            loader.add(SERIES, group.body, year, last)

    def file(self, group: Group, opened_on: date, number: str, ahead: int) -> None:
        loader, chance, today = self.loader, self.loader.chance, self.loader.today
        category, sex = chance.choice(group.categories), chance.choice("fm")
        age = max(chance.choice(AGES), 14 if category == "reoffending" else 0)
        birth = date(today.year - age, chance.randint(1, 12), chance.randint(1, 28))
        if clocks.last_month(birth, today) <= today or birth.year > today.year - 10:
            birth = date(today.year - 16, 3, 2)
        key, pk = self.key(ahead), loader.new_id(FollowUp)
        reporter = chance.choice(group.members).person
        review = opened_on + timedelta(days=30 * chance.randint(1, 4)) if self.whole else None
        while review and review < loader.days(-20):
            review += timedelta(days=60)
        loader.add(KEY, key.id)
        band = clocks.band_on(birth, today)
        loader.add(
            FILE, pk, group.body, number, category, sex, band, opened_on, reporter, clocks.last_month(birth, today),
            review, key.id, 1,
        )  # fmt: skip
        group.files.append(pk)
        of_file = (pk, group.body)
        family = f"{chance.choice(self.names['family'])}-Inventé"
        school = "middle" if age < 15 else "high" if age < 18 else chance.choice(["job_seeker", "integration", "out"])
        self.sealed(
            IDENTITY, key, *of_file, family_name=family, given_name=chance.choice(self.names["given"]),
            birth_date=birth.isoformat(), address=f"{chance.randint(1, 90)} rue Inventée",
            phone=f"01 99 00 {chance.randint(10, 99)} {chance.randint(10, 99)}", schooling=school, edit=1,
        )  # fmt: skip
        if clocks.is_minor(birth, today):
            for rank, link in enumerate(chance.choice([["mother"], ["mother", "father"], ["guardian"]]), 1):
                self.sealed(
                    REPRESENTATIVE, key, *of_file, rank, link=link, family_name=family,
                    given_name=chance.choice(self.names["given"]), phone="01 99 00 00 00",
                )  # fmt: skip
        origin = chance.choice(lists.choices("origins"))[0]
        self.sealed(REPORT, key, *of_file, origin=origin, received_on=opened_on, reported_by=reporter,
                    recorded_by=reporter)  # fmt: skip
        child = clocks.age_on(birth, opened_on) < CHILD
        fitting = [code for code, _label in lists.choices("situations", category) if child or code not in OF_CHILDREN]
        for situation in chance.sample(fitting, chance.randint(1, 2)):
            self.sealed(FACT, key, *of_file, situation=situation, observed_on=opened_on - timedelta(days=9),
                        observed_by=reporter, ended_on=None)  # fmt: skip
        referent = self.parts(group, pk, opened_on, reporter)
        loader.add(LINE, pk, group.body, category, sex, clocks.band_on(birth, opened_on), opened_on.replace(day=1),
                   referent is not None)  # fmt: skip
        if self.whole:
            self.plan(group, key, pk, opened_on, referent or reporter)
            self.read(group, pk, opened_on, referent or reporter)
            if chance.random() < ENDED and opened_on < loader.days(-200):
                ended = loader.days(-chance.randint(10, 60))
                group.ends.append((pk, ended, clocks.after(ended, "purge_after_end", ended)))

    def sealed(self, shape: Shape, key: vault.Key, *given: Any, **values: Any) -> None:
        """A row of `shape` but its number, which is given here: text of sealed columns is bound to it."""
        number = self.loader.new_id(shape.model)
        self.numbered(shape, key, number, *given, **values)

    def numbered(self, shape: Shape, key: vault.Key, number: int, *given: Any, **values: Any) -> None:
        row = [
            key.seal(value, self.places[shape.table, name], number)
            if isinstance(value, str) and isinstance(shape.model._meta.get_field(name), vault.SealedField)
            else value
            for name, value in values.items()
        ]
        self.loader.add(shape, number, *given, *row)

    def parts(self, group: Group, pk: int, opened_on: date, reporter: int) -> int | None:
        """Who reported, and a referent in nine files out of ten: seats of proximity first."""
        loader, chance, by = self.loader, self.loader.chance, group.coordinator.person
        at = loader.at(opened_on, 10)
        loader.add(PART, pk, group.body, reporter, "reporter", reporter, at, at, opened_on, None)
        if chance.random() < 0.1:
            return None
        member = chance.choice([m for m in group.members if m.seat != "coordinator"] or group.members)
        first = group.seat("prevention")
        if self.whole and first and chance.random() < 0.4:
            member = first
        since = min(opened_on + timedelta(days=4), loader.today)
        loader.add(PART, pk, group.body, member.person, "referent", by, at, loader.at(since, 11), since, None)
        return member.person

    def plan(self, group: Group, key: vault.Key, pk: int, opened_on: date, who: int) -> None:
        loader, chance, today = self.loader, self.loader.chance, self.loader.today
        for line in chance.sample(self.texts["goals"], chance.randint(1, 2)):
            goal, due = loader.new_id(Goal), today + timedelta(days=chance.randint(10, 120))
            self.numbered(
                GOAL, key, goal, pk, group.body, theme=line["theme"], words=line["words"], family_part=line["family"],
                state="aimed", set_on=opened_on, set_by=who, due_on=due, edit=1,
            )  # fmt: skip
            for kind in chance.sample(["meeting", "visit", "enrolment", "file", "activity"], 2):
                done = chance.random() < 0.5
                day = today - timedelta(days=chance.randint(1, 20)) if done else due
                self.sealed(
                    STEP, key, pk, group.body, goal, kind=kind, carried_by=who, due_on=day,
                    done_on=max(day, opened_on) if done else None, result="done" if done else "", edit=1,
                )  # fmt: skip
        for _contact in range(chance.randint(2, 5)):
            day = opened_on + timedelta(days=chance.randint(0, max(0, (today - opened_on).days)))
            self.sealed(
                CONTACT, key, pk, group.body, day=day, by=who,
                kind=chance.choice(["call", "met", "message", "home"]), whom=chance.choice(["person", "family"]),
                outcome=chance.choice(["reached", "missed", "next_set"]), recorded_at=loader.at(day, 18),
            )  # fmt: skip

    def read(self, group: Group, pk: int, opened_on: date, who: int) -> None:
        """Readings of the last weeks: by who follows, and by the coordination with a reason."""
        loader, chance = self.loader, self.loader.chance
        since = max(opened_on, loader.days(-60))
        span = max(0, (loader.today - since).days - 1)
        for part in chance.sample(["situation", "plan", "contacts", "situation"], chance.randint(1, 4)):
            at = loader.at(
                since + timedelta(days=chance.randint(0, span)), chance.randint(8, 17), chance.randint(0, 59)
            )
            group.readings.append((min(at, loader.now), who, pk, part, ""))
        at = loader.at(since + timedelta(days=chance.randint(0, span)), 9)
        group.readings.append((min(at, loader.now), group.coordinator.person, pk, "situation", "meeting"))


def propose_one(writer: Writer, group: Group) -> None:
    """A file waits for the answer of the demonstration's referent: one that nobody follows, else to take over."""
    loader, first = writer.loader, group.seat("prevention")
    if first is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT f.id FROM followup_followup f LEFT JOIN followup_involvement r ON r.followup_id = f.id"
            " AND r.kind = 'referent' WHERE f.body_id = %s AND NOT EXISTS (SELECT FROM followup_involvement i"
            " WHERE i.followup_id = f.id AND i.person_id = %s) ORDER BY r.id IS NOT NULL, f.id DESC LIMIT 1",
            [group.body, first.person],
        )
        found = [row[0] for row in cursor.fetchall()]
    at, by = loader.at(loader.days(-1), 10), group.coordinator.person
    for pk in found:
        loader.add(PART, pk, group.body, first.person, "referent", by, at, None, loader.days(-1), None)
    group.ends = [end for end in group.ends if end[0] not in found]
    loader.flush()


def end(groups: Sequence[Group]) -> None:
    """Close the files that ended, once all that is in them is written."""
    with connection.cursor() as cursor:
        for group in groups:
            for pk, ended, erased in group.ends:
                cursor.execute(
                    "UPDATE followup_followup SET closed_on = %s, purge_on = least(purge_on, %s), next_review_on = NULL"
                    " WHERE id = %s",
                    [ended, erased, pk],
                )
                cursor.execute(
                    "UPDATE followup_line SET left_month = %s, reason = 'achieved', outcome = 'school'"
                    " WHERE followup_id = %s",
                    [ended.replace(day=1), pk],
                )


def fill(today: Loader, groups: Sequence[Group], say: Callable[[str], None], *, whole: bool = True) -> int:
    """Write the files of `groups`, check one row in a thousand of them, then the wall; how many were checked.

    `today` is the loader of the seed: files have one of their own, since nobody reads them once the wall is back.
    """
    loader = Loader(today.today, today.chance)
    with without_wall():
        write(loader, groups, whole=whole, say=say)
        checked = recheck(loader, groups)
    for group in groups[:: max(1, len(groups) // 10)]:
        check_wall(group)
    return checked


def write(loader: Loader, groups: Sequence[Group], *, whole: bool, say: Callable[[str], None]) -> None:
    """Inside `without_wall`."""
    ahead = total = sum(group.count for group in groups)
    writer = Writer(loader, whole=whole)
    for index, group in enumerate(groups, 1):
        writer.group(group, group.count, ahead)
        ahead -= group.count
        if index % 25 == 0:
            loader.flush()
        if index % 100 == 0:
            say(f"{total - ahead} dossiers de suivi")
    loader.flush()
    if whole and groups:
        propose_one(writer, groups[0])
    end(groups)
    loader.finish()


def recheck(loader: Loader, groups: Sequence[Group]) -> int:
    """One row in a thousand passes its model's checks and opens under its file's key. Inside `without_wall`."""
    seen = 0
    for model, count in loader.written.items():
        rows = model._default_manager.order_by("pk")
        for row in rows[:: max(1, count // max(1, count // ONE_IN))][: max(1, count // ONE_IN)]:
            seen += 1
            try:
                row.full_clean()
                if sealed_fields(row):
                    opened_values(row, vault.open(row.followup.key))
            except (ValidationError, vault.Tampered, vault.KeyLost) as problem:
                raise Unsound(f"{model._meta.label} {row.pk}: {problem}") from problem
    return seen


def check_wall(group: Group) -> None:
    """The coordination reads all the files of its group, by the wall and by the door; nobody acting reads none."""
    keeper = actor_of(Person.objects.get(pk=group.coordinator.person))
    coordinates = next((m for m in keeper.mandates if m.role == "coordinator"), None)
    if coordinates is None:
        return  # nobody coordinates there
    keeper = actor_of(keeper.person, coordinates.pk)
    act_as(keeper.mandate_id)
    found = FollowUp.objects.visible_to(keeper).filter(body=group.body).count()
    act_as(None)
    if found != len(group.files) or FollowUp.objects.exists():
        raise Unsound(f"group {group.body}: its coordination reads {found} files of {len(group.files)}")
