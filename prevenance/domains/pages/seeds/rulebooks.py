"""Rulebooks of the demonstration's councils, who signed them, and what partners commit to."""

from datetime import date, timedelta

from prevenance.domains.governance.models import Commitment, Rulebook, Signature
from prevenance.domains.pages.seeds.councils import Member, Sitting
from prevenance.domains.pages.seeds.loading import Loader, Shape
from prevenance.domains.pages.seeds.people import People, data

RULEBOOK = Shape(
    Rulebook,
    "id body kind version text change_note quorum_numerator quorum_denominator quorum_strict state edit digest"
    " proposed_on adopted_in adopted_on ended_on created_by created_at",
)
SIGNATURE = Shape(Signature, "id rulebook membership person rank withdrawn digest at")
COMMITMENT = Shape(Commitment, "id council organisation body text valid_from valid_to recorded_by recorded_at")

MORE_THAN_HALF = (1, 2, True)
UNSIGNED = ("integration",)  # the seat of the demonstration's group member, who has something to sign


def govern(people: People, council: Sitting, plenaries: list[tuple[int, date]]) -> None:
    """Texts adopted in the approved plenaries of a council, given in the order of time, and one still proposed."""
    loader, texts = people.loader, data("rulebooks")
    if len(plenaries) >= 2:
        _adopted(loader, council, "plenary", texts["plenary"], plenaries[:1], MORE_THAN_HALF)
        _adopted(loader, council, "group", texts["rules"], plenaries[-2:], None)
        _proposed(loader, council, texts["charter"], plenaries[-1][1])
    for line in texts["commitments"]:
        partner = council.holder(line["seat"])
        if partner is not None:
            since = loader.days(-200)
            loader.add(
                COMMITMENT, loader.new_id(Commitment), council.pk, people.organisations[partner.organisation],
                council.bodies["group"][0], line["text"], since, since + timedelta(days=730), _author(council).person,
                loader.at(since, 10),
            )  # fmt: skip


def adopted_by_all(
    loader: Loader, council: Sitting, body: int, name: str, members: list[Member], meeting: tuple[int, date]
) -> None:
    """A rulebook adopted in a meeting, and signed the next day by every member."""
    book = Rulebook(
        body_id=body, kind=Rulebook.Kind.RULES, version=1,
        text=data("rulebooks")["rules"]["second"].format(group=name, council=council.name),
    )  # fmt: skip
    _write(loader, council, book, meeting[1] - timedelta(days=30), meeting, None, "")
    for member in members:
        at = min(loader.at(meeting[1] + timedelta(days=1), 9), loader.now)
        loader.add(
            SIGNATURE, loader.new_id(Signature), book.pk, member.membership, member.person, 1, False, book.digest, at
        )


def _author(council: Sitting) -> Member:
    """Who keeps the council's papers; the chair where nobody coordinates."""
    return council.holder("coordinator") or council.members[0]


def _adopted(
    loader: Loader, council: Sitting, body: str, texts: dict[str, str] | str, meetings: list[tuple[int, date]],
    quorum: tuple[int, int, bool] | None,
) -> None:  # fmt: skip
    """One version a meeting, each replacing the former; its members signed in the following days, most of them."""
    for version, (meeting, day) in enumerate(meetings, 1):
        text = texts if isinstance(texts, str) else texts["first" if version == 1 else "second"]
        note = texts["change"] if version > 1 and not isinstance(texts, str) else ""
        ended = meetings[version][1] if version < len(meetings) else None
        book = _version(council, body, Rulebook.Kind.RULES, version, text, quorum)
        _write(loader, council, book, day - timedelta(days=30), (meeting, day), ended, note)
        for member in council.bodies[body][1]:
            if ended is None and (member.seat in UNSIGNED or loader.chance.random() < 0.2):
                continue
            at = loader.at(day + timedelta(days=loader.chance.randint(1, 20)), loader.chance.randint(8, 19))
            loader.add(
                SIGNATURE, loader.new_id(Signature), book.pk, member.membership, member.person, 1, False, book.digest,
                min(at, loader.now),
            )  # fmt: skip


def _proposed(loader: Loader, council: Sitting, text: str, since: date) -> None:
    book = _version(council, "group", Rulebook.Kind.CHARTER, 1, text, None)
    _write(loader, council, book, max(since + timedelta(days=1), loader.days(-20)), None, None, "")


def _version(
    council: Sitting, body: str, kind: str, version: int, text: str, quorum: tuple[int, int, bool] | None
) -> Rulebook:
    numerator, denominator, strict = quorum or (None, None, False)
    return Rulebook(
        body_id=council.bodies[body][0], kind=kind, version=version,
        text=text.format(group=council.group, council=council.name),
        quorum_numerator=numerator, quorum_denominator=denominator, quorum_strict=strict,
    )  # fmt: skip


def _write(
    loader: Loader, council: Sitting, book: Rulebook, proposed_on: date, adopted: tuple[int, date] | None,
    ended_on: date | None, note: str,
) -> None:  # fmt: skip
    book.pk, book.digest = loader.new_id(Rulebook), book.computed_digest()
    meeting, day = adopted or (None, None)
    state = "proposed" if day is None else "replaced" if ended_on else "adopted"
    loader.add(
        RULEBOOK, book.pk, book.body_id, book.kind, book.version, book.text, note, book.quorum_numerator,
        book.quorum_denominator, book.quorum_strict, state, 3, book.digest, proposed_on, meeting, day, ended_on,
        _author(council).person, loader.at(proposed_on - timedelta(days=10), 9),
    )  # fmt: skip
