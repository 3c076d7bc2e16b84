"""The past and the coming months of a council: meetings, who came, minutes, decisions and what became of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from prevenance.core.dates import date_format
from prevenance.domains.governance.models import (
    AgendaItem,
    Attendance,
    Decision,
    DecisionProgress,
    Meeting,
    Minutes,
    MinutesSection,
    Upload,
)
from prevenance.domains.pages.seeds.councils import Sitting
from prevenance.domains.pages.seeds.loading import Loader, Shape
from prevenance.domains.pages.seeds.people import data

MEETING = Shape(Meeting, "id council body title starts_at ends_at place state uid sequence convened_at version")
ITEM = Shape(AgendaItem, "id meeting position kind title presenter minutes")
ATTENDANCE = Shape(
    Attendance, "id meeting membership sent_at answer answered_at presence represented_by marked_by"
)  # fmt: skip
MINUTES = Shape(
    Minutes, "id meeting version opening closing correction_reason edit approved_at approved_by"
)  # fmt: skip
SECTION = Shape(MinutesSection, "id minutes item position title text edit")
DECISION = Shape(Decision, "id council minutes section year rank text owner owner_label due_on state")
UPLOAD = Shape(Upload, "id council key name content_type size sha256 shared added_by added_at")
ATTACHED = Shape(AgendaItem.documents.through, "agendaitem upload")
PROGRESS = Shape(DecisionProgress, "decision state note at by")

HELD = ("held", "approved")
DURATION = timedelta(hours=2)
PRESENCES = ["present"] * 13 + ["excused"] * 4 + ["represented"] * 2 + ["absent"]
ANSWERS = ["yes"] * 11 + ["no"] * 3 + [""] * 4


@dataclass(frozen=True)
class Planned:
    """A line of a calendar: days from the day of the seed, kind of body, state."""

    days: int
    body: str
    state: str
    corrected: bool = False


@dataclass
class History:
    """What was written for a council, for the audit trail: (moment, action, subject, person)."""

    acts: list[tuple[datetime, str, str, int]] = field(default_factory=list)
    ranks: dict[int, int] = field(default_factory=dict)
    plenaries: list[tuple[int, date]] = field(default_factory=list)  # those with approved minutes: meeting, day


def hold(loader: Loader, council: Sitting, calendar: Iterable[Planned], papers_by: int | None = None) -> History:
    """Write every meeting of `calendar`, which is in the order of time, and what came out of each.

    With `papers_by`, each meeting has a document added by that person. Its file is not there: for measures only.
    """
    history = History()
    for planned in calendar:
        starts_at = _weekday(loader, planned.days, planned.body)
        meeting = _meeting(loader, council, planned, starts_at, history)
        chosen = _agenda(loader, meeting, planned.body)
        if papers_by:
            _paper(loader, council, chosen[0][0], papers_by)
        _attendances(loader, council, planned, meeting, starts_at)
        if planned.state in HELD:
            _minutes(loader, council, planned, meeting, starts_at, chosen, history)
            if planned.body == "plenary":
                council.last_plenary_on = starts_at.date()
                if planned.state == "approved":
                    history.plenaries.append((meeting, starts_at.date()))
    return history


def _weekday(loader: Loader, days: int, body: str) -> datetime:
    day = loader.days(days)
    day += timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)
    return loader.at(day, 18 if body == "plenary" else loader.chance.choice((9, 14)))


def _meeting(loader: Loader, council: Sitting, planned: Planned, starts_at: datetime, history: History) -> int:
    pk, chance, texts = loader.new_id(Meeting), loader.chance, data("topics")
    convened_at = None
    if planned.state != "draft":
        convened_at = min(starts_at - timedelta(days=16), loader.now - timedelta(days=2))
        history.acts.append((convened_at, "governance.convene", f"governance.meeting:{pk}", coordinator(council)))
    title = texts["titles"][planned.body].format(
        year=starts_at.year, month=date_format(starts_at, "F Y"), group=council.group
    )
    place = texts["cancelled_place"] if planned.state == "cancelled" else chance.choice(texts["venues"])
    loader.add(
        MEETING, pk, council.pk, council.bodies[planned.body][0], title, starts_at, starts_at + DURATION, place,
        planned.state, loader.uuid(), int(planned.state == "cancelled"), convened_at, 1,
    )  # fmt: skip
    return pk


def coordinator(council: Sitting) -> int:
    """Who keeps the council's papers; the chair where nobody coordinates."""
    return (council.holder("coordinator") or council.members[0]).person


def _agenda(loader: Loader, meeting: int, body: str) -> list[tuple[int, dict[str, Any]]]:
    """Points drawn from the topics: (item's id, topic)."""
    topics = loader.chance.sample(data("topics")["topics"], 6 if body == "plenary" else 4)
    seats = {seat["key"]: seat for seat in reversed(data("seats"))}
    chosen = []
    for position, topic in enumerate(topics, 1):
        item = loader.new_id(AgendaItem)
        presenter = seats[topic["seat"]]["title"]
        loader.add(ITEM, item, meeting, position, topic["kind"], topic["title"], presenter, topic["minutes"])
        chosen.append((item, topic))
    return chosen


def _paper(loader: Loader, council: Sitting, item: int, person: int) -> None:
    pk = loader.new_id(Upload)
    digest = f"{loader.chance.getrandbits(256):064x}"
    loader.add(
        UPLOAD, pk, council.pk, loader.uuid(), "Document inventé.pdf", "application/pdf", 40_000, digest, True, person,
        loader.now,
    )  # fmt: skip
    loader.add(ATTACHED, item, pk)


def _attendances(loader: Loader, council: Sitting, planned: Planned, meeting: int, starts_at: datetime) -> None:
    if planned.state == "draft":
        return
    chance, marker = loader.chance, coordinator(council)
    sent_at = min(starts_at - timedelta(days=16), loader.now - timedelta(days=2))
    rows = []
    for member in council.bodies[planned.body][1]:
        answer = chance.choice(ANSWERS)
        answered_at = sent_at + timedelta(hours=chance.randint(1, 40)) if answer else None
        presence = chance.choice(PRESENCES) if planned.state in HELD else ""
        instead = "Suppléante inventée" if presence == "represented" else ""
        rows.append(
            (
                loader.new_id(Attendance), meeting, member.membership, sent_at, answer, answered_at, presence, instead,
                marker if presence else None,
            )
        )  # fmt: skip
    loader.extend(ATTENDANCE, rows)


def _minutes(
    loader: Loader, council: Sitting, planned: Planned, meeting: int, starts_at: datetime,
    chosen: list[tuple[int, dict[str, Any]]], history: History,
) -> None:  # fmt: skip
    """The minutes, their sections and decisions; a corrected one has a second version, the first stays as it was."""
    approved_at = starts_at + timedelta(days=21) if planned.state == "approved" else None
    chance, texts, chair = loader.chance, data("topics"), council.members[0]
    said = [
        (item, topic, "\n\n".join(chance.sample(topic["said"], min(2, len(topic["said"]))))) for item, topic in chosen
    ]
    words = {"time": date_format(starts_at, "G:i").replace(":", " h "), "venue": "la mairie", "chair": chair.title}
    opening = chance.choice(texts["opening"]).format(**words)
    closing = chance.choice(texts["closing"]).format(**words)
    for version in (1, 2) if planned.corrected and approved_at else (1,):
        pk = loader.new_id(Minutes)
        on = approved_at and approved_at + timedelta(days=8 * (version - 1))
        reason = texts["correction"] if version > 1 else ""
        loader.add(
            MINUTES,
            pk,
            meeting,
            version,
            opening,
            closing,
            reason,
            chance.randint(4, 30),
            on,
            chair.person if on else None,
        )
        if on:
            history.acts.append((on, "governance.approve", f"governance.minutes:{pk}", chair.person))
        for position, (item, topic, text) in enumerate(said, 1):
            section = loader.new_id(MinutesSection)
            loader.add(SECTION, section, pk, item, position, topic["title"], text, chance.randint(1, 12))
            if version == 1:
                _decisions(loader, council, topic, (pk, section, on), starts_at.date(), history)


def _decisions(
    loader: Loader, council: Sitting, topic: dict[str, Any], source: tuple[int, int, datetime | None], day: date,
    history: History,
) -> None:  # fmt: skip
    minutes, section, approved_at = source
    chance = loader.chance
    taken = (
        topic["decisions"] if topic["kind"] == "decision" else topic["decisions"][:1] if chance.random() < 0.5 else []
    )
    for decision in taken:
        rank = None
        if approved_at:  # a draft decision has no number yet
            rank = history.ranks[day.year] = history.ranks.get(day.year, 0) + 1
        owner = council.holder(decision["seat"]) or council.members[0]
        person, label = (owner.person, "") if chance.random() < 0.8 else (None, owner.organisation)
        due_on = day + timedelta(days=decision["days"])
        state = _state(loader, due_on) if approved_at else "open"
        pk = loader.new_id(Decision)
        loader.add(
            DECISION, pk, council.pk, minutes, section, day.year, rank, decision["text"], person, label, due_on, state,
        )  # fmt: skip
        if approved_at:
            _progress(loader, council, pk, state, approved_at, history)


def _state(loader: Loader, due_on: date) -> str:
    """Most of what is long due is done; some of it is late, as in life."""
    late = (loader.today - due_on).days
    weights = (6, 6, 80, 8) if late > 90 else (30, 35, 32, 3) if late > 0 else (50, 40, 10, 0)
    return loader.chance.choices(("open", "started", "done", "dropped"), weights)[0]


def _progress(
    loader: Loader, council: Sitting, decision: int, state: str, approved_at: datetime, history: History
) -> None:
    """The rows that lead to the state, spread between the approval and today."""
    steps = {"open": [], "started": ["started", "going"], "done": ["started", "going", "done"], "dropped": ["dropped"]}
    notes, by = data("topics")["progress"], coordinator(council)
    whole = min(loader.now - approved_at, timedelta(days=150))
    for index, step in enumerate(steps[state], 1):
        at = approved_at + whole * index / (len(steps[state]) + 1)
        reached = "started" if step == "going" else step
        loader.add(PROGRESS, decision, reached, loader.chance.choice(notes[step]), at, by)
        history.acts.append((at, "governance.record_progress", f"governance.decision:{decision}", by))
