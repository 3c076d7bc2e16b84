"""Where rulebooks stand: who signed, who is awaited, and what each person has to do about them."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Max, Q
from django.utils import timezone

from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Mandate
from prevenance.domains.governance.models import Membership, Rulebook, Signature
from prevenance.domains.governance.models.councils import held_by
from prevenance.domains.governance.models.rulebooks import RulebookQuerySet

SHOWN = 8  # lines of a block of a day; the list behind it has the rest


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
    """Which of `people` can sign in, and so sign: a mandate in force, any invitation to it accepted. One query."""
    mandates = Mandate.objects.current().filter(person__in=people, person__is_active=True)
    accepted = mandates.filter(Q(invitation=None) | Q(invitation__accepted_at__isnull=False))
    return set(accepted.order_by().values_list("person_id", flat=True))


def signed_seats(rulebooks: Collection[Rulebook]) -> set[tuple[int, int]]:
    """{(rulebook, seat)} whose last row is a signature. One query."""
    rows = Signature.objects.filter(rulebook__in=[book.pk for book in rulebooks])
    last = rows.values_list("rulebook_id", "membership_id").annotate(last=Max("rank"))
    return {(rulebook, seat) for rulebook, seat, rank in last.order_by() if rank % 2}


def standings(rulebooks: Collection[Rulebook]) -> dict[int, Standing]:
    """{rulebook: Standing} for those in force, in two queries whatever their number."""
    binding = [book for book in rulebooks if book.state == Rulebook.State.ADOPTED]
    if not binding:
        return {}
    seats: dict[int, list[int]] = defaultdict(list)
    members = Membership.objects.filter(body__in={book.body_id for book in binding}).current()
    for seat, body in members.order_by().values_list("pk", "body_id"):
        seats[body].append(seat)
    signed = signed_seats(binding)
    return {
        book.pk: Standing(len(seats[book.body_id]), sum((book.pk, seat) in signed for seat in seats[book.body_id]))
        for book in binding
    }


def signatories(rulebook: Rulebook) -> list[Signatory]:
    """Each present member of the body, in the order of names. Three queries."""
    rows: dict[int, Signature] = {}
    for row in Signature.objects.filter(rulebook=rulebook).order_by("rank"):
        rows[row.membership_id] = row
    seats = Membership.objects.filter(body=rulebook.body_id).current().select_related("person", "organisation")
    sitting = list(seats.order_by("person__sort_name", "pk"))
    known = with_account([seat.person_id for seat in sitting])
    found = []
    for seat in sitting:
        last = rows.get(seat.pk)
        taken_back = last is not None and last.withdrawn
        found.append(
            Signatory(
                seat,
                has_account=seat.person_id in known,
                signed_at=last.at if last and not taken_back else None,
                withdrawn_at=last.at if last and taken_back else None,
            )
        )
    return found


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


def to_sign(person: int, among: RulebookQuerySet | None = None) -> list[Rulebook]:
    """Texts in force that bind this person and that they have neither signed nor refused, the oldest first.

    One query: rows of the person's own seat are counted on the join that finds the seat.
    """
    today = timezone.localdate()
    seat = "body__memberships"
    sits = Q(**{f"{seat}__person_id": person, f"{seat}__valid_from__lte": today, "state": Rulebook.State.ADOPTED}) & (
        Q(**{f"{seat}__valid_to": None}) | Q(**{f"{seat}__valid_to__gte": today})
    )
    books = (
        (Rulebook.objects.all() if among is None else among)
        .filter(sits)
        .annotate(rows=Count("signatures", filter=Q(signatures__membership_id=F(f"{seat}__pk"))))
    )
    return list(books.filter(rows=0).select_related("body__council").order_by("adopted_on", "pk"))


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


def previous(rulebook: Rulebook) -> Rulebook | None:
    """The version that was in force before this one."""
    earlier = Rulebook.objects.filter(
        body=rulebook.body_id, kind=rulebook.kind, version__lt=rulebook.version, adopted_on__isnull=False
    )
    return earlier.order_by("-version").first()


@dataclass(frozen=True)
class Awaited:
    """A text in force that some members have not signed."""

    rulebook: Rulebook
    standing: Standing


def on_their_way(actor: Actor) -> tuple[list[Rulebook], list[Awaited]]:
    """Of the councils that the actor holds: proposals to adopt, and texts in force that not all have signed.

    Three queries: the texts, their members, their signatures.
    """
    books = Rulebook.objects.proposed_to(actor).filter(
        held_by(actor, path="body__council"), state__in=[Rulebook.State.PROPOSED, Rulebook.State.ADOPTED]
    )
    found = list(books.select_related("body__council").order_by("proposed_on", "pk"))
    proposed = [book for book in found if book.state == Rulebook.State.PROPOSED]
    standing = standings(found)
    awaited = [Awaited(book, standing[book.pk]) for book in found if book.pk in standing]
    return proposed[:SHOWN], [line for line in awaited if line.standing.missing][:SHOWN]
