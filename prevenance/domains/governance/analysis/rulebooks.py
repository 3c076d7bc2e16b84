"""Where rulebooks stand: who signed, who is awaited, and what each person has to do about them."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from prevenance.core.composed import composed
from prevenance.domains.accounts.models import Mandate
from prevenance.domains.governance.models import Body, Membership, Rulebook, Signature
from prevenance.domains.governance.models.rulebooks import RulebookQuerySet

SHOWN = 8  # lines of a block of a day; the list behind it has the rest
# What is said of who signs.
SEAT = [
    "title", "valid_from", "body_id", "person__given_name", "person__family_name", "organisation__name",
]  # fmt: skip


@dataclass(frozen=True)
class Standing:
    """How many present members a text binds, and how many of them signed it."""

    members: int
    signed: int

    @property
    def missing(self) -> int:
        return self.members - self.signed


@dataclass(frozen=True)
class Signatory:
    """A present member of the body, and what they did with the text."""

    seat: Membership
    has_account: bool = False
    signed_at: datetime | None = None
    withdrawn_at: datetime | None = None


def with_account(people: Collection[int]) -> set[int]:
    """Which of `people` can sign in, and so sign. One query."""
    return set(_opened().filter(person__in=people).values_list("person_id", flat=True))


def _opened() -> QuerySet[Mandate]:
    """Mandates under which one can sign in: in force, any invitation to it accepted."""
    mandates = Mandate.objects.current().filter(person__is_active=True).order_by()
    accepted: QuerySet[Mandate] = mandates.filter(Q(invitation=None) | Q(invitation__accepted_at__isnull=False))
    return accepted


STANDINGS = """
SELECT k.id, count(*), count(*) FILTER (WHERE mod(g.rank, 2) = 1) FROM governance_rulebook k
JOIN governance_membership s ON s.body_id = k.body_id
     AND s.valid_from <= %(day)s AND (s.valid_to IS NULL OR s.valid_to >= %(day)s)
LEFT JOIN (
    SELECT rulebook_id, membership_id, max(rank) AS rank FROM governance_signature
    WHERE rulebook_id = ANY(%(books)s) GROUP BY rulebook_id, membership_id
) g ON g.rulebook_id = k.id AND g.membership_id = s.id
WHERE k.id = ANY(%(books)s) GROUP BY k.id
"""


def standings(rulebooks: Collection[Rulebook]) -> dict[int, Standing]:
    """{rulebook: Standing} for those in force, in one query whatever their number.

    Rows of a seat on a text are a signature, its withdrawal, a signature again: it has signed when the last is odd.
    """
    binding = [book.pk for book in rulebooks if book.state == Rulebook.State.ADOPTED]
    if not binding:
        return {}
    found = dict.fromkeys(binding, Standing(0, 0))
    with connection.cursor() as cursor:
        cursor.execute(STANDINGS, {"books": binding, "day": timezone.localdate()})
        for book, members, signed in cursor:
            found[book] = Standing(members, signed)
    return found


def _in_force(path: str = "") -> Q:
    """Condition: the seat at `path` is held today."""
    today = timezone.localdate()
    ends = Q(**{f"{path}valid_to": None}) | Q(**{f"{path}valid_to__gte": today})
    return Q(**{f"{path}valid_from__lte": today}) & ends


def signatories(rulebook: Rulebook) -> list[Signatory]:
    """Each present member of the body, in the order of names. Two queries."""
    # The last row of each seat is the one that counts.
    last = {seat: (withdrawn, at) for seat, withdrawn, at in signed_on(rulebook.pk)}
    found = []
    for seat in sitting_in(rulebook.body_id):
        withdrawn, at = last.get(seat.pk, (False, None))
        found.append(
            Signatory(
                seat,
                has_account=seat.has_account,
                signed_at=None if withdrawn else at,
                withdrawn_at=at if withdrawn else None,
            )
        )
    return found


@composed
def signed_on(rulebook: int) -> Any:
    """(seat, whether it is a withdrawal, when) of each signature, in order."""
    return Signature.objects.filter(rulebook=rulebook).order_by("rank").values_list("membership_id", "withdrawn", "at")


@composed
def sitting_in(body: int) -> QuerySet[Membership]:
    """Present members of a body, in the order of names, each with `has_account`: whether they can sign in."""
    seats = Membership.objects.filter(body=body).current().select_related("person", "organisation").only(*SEAT)
    known = Exists(_opened().filter(person=OuterRef("person")))
    return seats.annotate(has_account=known).order_by("person__sort_name", "pk")


def unsigned_people(rulebooks: Collection[Rulebook]) -> list[int]:
    """People who can sign and have not: present members with an open account. Who took it back is left in peace."""
    binding: dict[int, list[int]] = defaultdict(list)
    for book in rulebooks:
        binding[book.body_id].append(book.pk)
    rows = Signature.objects.filter(rulebook__in=[book.pk for book in rulebooks])
    touched = set(rows.order_by().values_list("rulebook_id", "membership_id"))
    seats = Membership.objects.filter(body__in=binding).current().order_by()
    waiting = {
        person
        for seat, person, body in seats.values_list("pk", "person_id", "body_id")
        if any((book, seat) not in touched for book in binding[body])
    }
    return sorted(with_account(waiting))


def to_sign(person: int) -> RulebookQuerySet:
    """Texts in force that bind this person and that they have neither signed nor refused, the oldest first.

    One query: what was done from the person's present seats is fetched apart, not counted row by row.
    """
    seat = "body__memberships__"
    answered = Signature.objects.filter(_in_force("membership__"), membership__person=person).order_by()
    books = (
        Rulebook.objects.in_force()
        .filter(_in_force(seat), **{f"{seat}person": person})
        .exclude(pk__in=answered.values("rulebook"))
    )
    return books.select_related("body__council").order_by("adopted_on", "pk")


def last_signed(rulebook: Rulebook, person: int | None) -> Rulebook | None:
    """The latest earlier version that this person signed, from any seat and even if replaced since: what they know."""
    signed = Signature.objects.filter(
        person_id=person,
        withdrawn=False,
        rulebook__body=rulebook.body_id,
        rulebook__kind=rulebook.kind,
        rulebook__version__lt=rulebook.version,
    )
    row = signed.select_related("rulebook").order_by("-rulebook__version").first()
    return row.rulebook if row else None


def previous(rulebook: Rulebook, others: Collection[Rulebook]) -> Rulebook | None:
    """The version that was in force before this one, among the `others` of the same text."""
    earlier = [one for one in others if one.version < rulebook.version and one.adopted_on is not None]
    return max(earlier, key=lambda one: one.version, default=None)


@dataclass(frozen=True)
class Awaited:
    """A text in force that some members have not signed."""

    rulebook: Rulebook
    standing: Standing


# Written by hand: built by the ORM on every page of a day, this took longer than its reading and its planning.
TEXTS = """
SELECT k.id, k.kind, k.state, k.proposed_on, k.adopted_on, b.id, b.name, b.council_id, true AS own, 0, 0
FROM governance_membership s
JOIN governance_body b ON b.id = s.body_id AND b.council_id = ANY(%(reached)s)
JOIN governance_rulebook k ON k.body_id = b.id AND k.state = 'adopted'
WHERE s.person_id = %(person)s AND s.valid_from <= %(day)s AND (s.valid_to IS NULL OR s.valid_to >= %(day)s)
  AND NOT EXISTS (SELECT FROM governance_signature g WHERE g.rulebook_id = k.id AND g.membership_id = s.id)
"""
THEIRS = """
UNION ALL
SELECT k.id, k.kind, k.state, k.proposed_on, k.adopted_on, b.id, b.name, b.council_id, false,
       seats.present, seats.signed
FROM governance_body b
JOIN governance_rulebook k ON k.body_id = b.id AND k.state IN ('proposed', 'adopted')
CROSS JOIN LATERAL (
    SELECT count(*), count(*) FILTER (WHERE (SELECT mod(max(g.rank), 2) FROM governance_signature g
                                             WHERE g.rulebook_id = k.id AND g.membership_id = s.id) = 1)
    FROM governance_membership s WHERE s.body_id = b.id AND k.state = 'adopted'
         AND s.valid_from <= %(day)s AND (s.valid_to IS NULL OR s.valid_to >= %(day)s)
) AS seats(present, signed)
WHERE b.council_id = ANY(%(held)s)
"""


@dataclass(frozen=True)
class Awaiting:
    """Texts that await somebody: signatures of one's own, adoption by one's councils, signatures of their members."""

    to_sign: list[Rulebook]
    to_adopt: list[Rulebook]
    signatures: list[Awaited]


def awaiting(person: int, reached: Collection[int], held: Collection[int]) -> Awaiting:
    """What awaits a person of the councils `reached`, and of those that they hold. One query.

    Texts of the groups that the person sits in and has not answered; of the councils held, proposals to adopt and texts
    in force that not all have signed.
    """
    mine: list[Rulebook] = []
    of_council: list[Awaited] = []
    values = {"person": person, "reached": list(reached), "held": list(held), "day": timezone.localdate()}
    with connection.cursor() as cursor:
        cursor.execute(TEXTS + THEIRS if held else TEXTS, values)
        for pk, kind, state, proposed_on, adopted_on, body, name, council, own, members, signed in cursor:
            book = Rulebook(pk=pk, kind=kind, state=state, proposed_on=proposed_on, adopted_on=adopted_on)
            book.body = Body(pk=body, name=name, council_id=council)
            if own:
                mine.append(book)
            else:
                of_council.append(Awaited(book, Standing(members, signed)))
    mine.sort(key=lambda book: (book.adopted_on, book.pk))
    of_council.sort(key=lambda line: (line.rulebook.proposed_on, line.rulebook.pk))
    proposed = [line.rulebook for line in of_council if line.rulebook.state == Rulebook.State.PROPOSED]
    return Awaiting(
        to_sign=mine[:SHOWN],
        to_adopt=proposed[:SHOWN],
        signatures=[line for line in of_council if line.standing.missing][:SHOWN],
    )
