"""The agenda of a meeting: its points, their order, all that waits for it and comes back."""

from collections.abc import Iterable

from django.db.models import F, Max, prefetch_related_objects
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.governance.actions.convocations import _locked
from prevenance.domains.governance.models import AgendaItem, AgendaProposal, Decision, Meeting, Upload
from prevenance.domains.governance.rules import meetings as rules
from prevenance.domains.governance.rules.confidential import (
    check_body_names_nobody,
    check_can_speak_of_files,
    check_stays_inside,
    number_in,
    titled,
)
from prevenance.domains.governance.rules.proposals import yearly_items


@action(_("Point ajouté à l’ordre du jour"))
def add_item(
    *,
    meeting: Meeting,
    kind: str,
    title: str,
    presenter: str = "",
    minutes: int | None = None,
    file_number: str = "",
    documents: Iterable[Upload] = (),
    by: Actor,
) -> AgendaItem:
    """A point; in a nominative body, about a file by its number."""
    meeting = _locked(meeting)
    rules.check_can_prepare(meeting, by)
    title = _titled(meeting, title, presenter, file_number)
    item = AgendaItem.objects.create(
        meeting=meeting,
        kind=kind,
        title=title,
        file_number=file_number,
        presenter=presenter,
        minutes=minutes,
        position=_next_position(meeting),
    )
    _attach(item, documents)
    audit.record(by=by, scope=meeting.council.scope_id, subject=item, kind=kind)
    return item


def _titled(meeting: Meeting, title: str, presenter: str, file_number: str) -> str:
    """The title as everybody reads it. Raises Refused when it names somebody, or where no file may be spoken of."""
    check_can_speak_of_files(meeting.body, file_number)
    check_body_names_nobody(meeting.body, title, presenter)
    return titled(title, file_number)


def _next_position(meeting: Meeting) -> int:
    return (meeting.items.aggregate(last=Max("position"))["last"] or 0) + 1


def _attach(item: AgendaItem, documents: Iterable[Upload]) -> None:
    documents = list(documents)
    if documents and item.meeting.body.exchanged:
        raise Refused(_now("Aucun document ne se joint à l’ordre du jour d’un groupe à échange nominatif."))
    if any(document.council_id != item.meeting.council_id for document in documents):
        raise Refused(_now("Un document d’un autre conseil ne peut être joint."))
    item.documents.set(documents)


@action(_("Point de l’ordre du jour modifié"))
def edit_item(
    *,
    item: AgendaItem,
    seen: str,
    kind: str,
    title: str,
    presenter: str,
    minutes: int | None,
    file_number: str = "",
    documents: Iterable[Upload] = (),
    by: Actor,
) -> None:
    """Raises Changed when `seen` is not the stamp of the item as it is now."""
    meeting = _locked(item.meeting)
    rules.check_can_prepare(meeting, by)
    item = _present_item(meeting, item)
    if rules.item_stamp(item) != seen:
        raise rules.Changed(
            kind=item.kind,
            title=item.title,
            presenter=item.presenter,
            minutes=item.minutes,
            file_number=item.file_number,
            seen=rules.item_stamp(item),
        )
    title = _titled(meeting, title, presenter, file_number)
    item.kind, item.title, item.presenter, item.minutes = kind, title, presenter, minutes
    item.file_number = file_number
    item.save()
    _attach(item, documents)
    audit.record(by=by, scope=meeting.council.scope_id, subject=item, kind=kind)


def _present_item(meeting: Meeting, item: AgendaItem) -> AgendaItem:
    present = meeting.items.filter(pk=item.pk).first()
    if present is None:
        raise Refused(_now("Ce point a été retiré de l’ordre du jour entre-temps."))
    present.meeting = meeting
    return present


@action(_("Ordre du jour réordonné"))
def move_item(*, item: AgendaItem, up: bool, by: Actor) -> None:
    """Change places with the neighbour; at either end nothing moves."""
    meeting = _locked(item.meeting)
    rules.check_can_prepare(meeting, by)
    item = _present_item(meeting, item)
    if up:
        neighbour = meeting.items.filter(position__lt=item.position).order_by("-position").first()
    else:
        neighbour = meeting.items.filter(position__gt=item.position).order_by("position").first()
    if neighbour is not None:
        item.position, neighbour.position = neighbour.position, item.position
        AgendaItem.objects.bulk_update([item, neighbour], ["position"])
    audit.record(by=by, scope=meeting.council.scope_id, subject=item, position=item.position)


@action(_("Point retiré de l’ordre du jour"))
def remove_item(*, item: AgendaItem, by: Actor) -> None:
    meeting = _locked(item.meeting)
    rules.check_can_prepare(meeting, by)
    item = _present_item(meeting, item)
    audit.record(by=by, scope=meeting.council.scope_id, subject=item)
    # What had been proposed waits again: a point taken off this agenda may go on another one.
    item.proposals.update(state=AgendaProposal.State.WAITING, item=None, settled_at=None, settled_by=None)
    position = item.position
    item.delete()
    meeting.items.filter(position__gt=position).update(position=F("position") - 1)


# What a point that comes back takes before anybody says otherwise, in minutes: a word on a decision, a proposal heard.
FOLLOW_UP, PROPOSED = 5, 10


@action(_("Points en attente portés à l’ordre du jour"))
def carry_over(
    *,
    meeting: Meeting,
    items: Iterable[AgendaItem] = (),
    decisions: Iterable[Decision] = (),
    law: Iterable[str] = (),
    proposals: Iterable[AgendaProposal] = (),
    typed: Iterable[tuple[str, int | None]] = (),
    by: Actor,
) -> int:
    """Points left over, decisions to follow (« Suivi de la décision … »), what texts ask each year (keys of
    yearly_items.yaml), proposals, then titles typed with their minutes, after the points there. How many were added.

    What is there already, or was settled meanwhile, is passed over: two clicks add once.
    """
    meeting = _locked(meeting)
    rules.check_can_prepare(meeting, by)
    there = set(meeting.items.values_list("title", flat=True))
    points = [*_left(meeting, items), *_followed(meeting, decisions), *_yearly(meeting, law)]
    chosen = _proposed(meeting, proposals)
    new = [point for point in points if point.title not in there] + [point for point, _proposal in chosen]
    new += _typed(meeting, (line for line in typed if line[0] not in there))
    # Some were written before the exchange was opened, or for another body.
    check_body_names_nobody(meeting.body, *(point.title for point in new))
    position = _next_position(meeting)
    for rank, point in enumerate(new):
        point.position = position + rank
    AgendaItem.objects.bulk_create(new)
    prefetch_related_objects([point.follows for point in new if point.follows], "documents")
    for point in new:
        if point.follows_id and point.follows and not meeting.body.exchanged:
            point.documents.set(point.follows.documents.all())
    for point, proposal in chosen:
        proposal.state, proposal.item = AgendaProposal.State.TAKEN, point
        proposal.settled_at, proposal.settled_by = timezone.now(), by.person
    AgendaProposal.objects.bulk_update(
        [proposal for _point, proposal in chosen], ["state", "item", "settled_at", "settled_by"]
    )
    audit.record(by=by, scope=meeting.council.scope_id, subject=meeting, added=len(new))
    return len(new)


def _left(meeting: Meeting, items: Iterable[AgendaItem]) -> list[AgendaItem]:
    items = list(items)
    if any(item.meeting.body_id != meeting.body_id for item in items):
        raise Refused(_now("Un point d’une autre formation ne peut être repris."))
    for item in items:
        check_can_speak_of_files(meeting.body, item.file_number)  # the exchange may have been closed since
    return [
        AgendaItem(
            meeting=meeting, kind=item.kind, title=item.title, file_number=item.file_number, presenter=item.presenter,
            minutes=item.minutes, follows=item, law_key=item.law_key,
        )
        for item in items
    ]  # fmt: skip


def _followed(meeting: Meeting, decisions: Iterable[Decision]) -> list[AgendaItem]:
    points = []
    for decision in decisions:
        if decision.council_id != meeting.council_id:
            raise Refused(_now("Une décision d’un autre conseil ne peut être reprise."))
        check_stays_inside(decision, meeting.body)
        presenter = Truncator(decision.owner.name if decision.owner else decision.owner_label).chars(160)
        points.append(
            AgendaItem(
                meeting=meeting, kind=AgendaItem.Kind.INFORMATION, title=rules.follow_up_title(decision),
                presenter=presenter, minutes=FOLLOW_UP,
            )
        )  # fmt: skip
    return points


def _yearly(meeting: Meeting, keys: Iterable[str]) -> list[AgendaItem]:
    wanted = set(keys)
    return [
        AgendaItem(meeting=meeting, kind=asked.kind, title=asked.title, minutes=asked.minutes, law_key=asked.key)
        for asked in yearly_items(meeting)
        if asked.key in wanted
    ]


def _typed(meeting: Meeting, lines: Iterable[tuple[str, int | None]]) -> list[AgendaItem]:
    return [AgendaItem(meeting=meeting, title=title, minutes=minutes) for title, minutes in lines]


def _proposed(meeting: Meeting, proposals: Iterable[AgendaProposal]) -> list[tuple[AgendaItem, AgendaProposal]]:
    """Each proposal still waiting, locked, with the point that it becomes."""
    wanted = [proposal.pk for proposal in proposals]
    found = list(AgendaProposal.objects.select_for_update().filter(pk__in=wanted).order_by("proposed_at", "pk"))
    if any(proposal.body_id != meeting.body_id for proposal in found):
        raise Refused(_now("Une proposition faite à une autre formation ne peut être reprise."))
    waiting = [proposal for proposal in found if proposal.state == AgendaProposal.State.WAITING]
    numbers = {proposal.pk: number_in(proposal.title) if meeting.body.nominative else "" for proposal in waiting}
    for number in numbers.values():
        check_can_speak_of_files(meeting.body, number)
    return [
        (
            AgendaItem(
                meeting=meeting, kind=proposal.kind, title=proposal.title, minutes=PROPOSED,
                file_number=numbers[proposal.pk],
            ),
            proposal,
        )
        for proposal in waiting
    ]  # fmt: skip


@action(_("Ordre du jour arrangé"))
def arrange(*, meeting: Meeting, seen: str, rows: list[tuple[int, str, int | None]], by: Actor) -> None:
    """Every point in its new order, with its kind and minutes: [(id, kind, minutes)]. `seen` is the stamp of the agenda
    as the form showed it.

    Raises Changed when the agenda is no longer that one, Refused for a list that is not all of its points.
    """
    meeting = _locked(meeting)
    rules.check_can_prepare(meeting, by)
    items = {item.pk: item for item in meeting.items.all()}
    if rules.agenda_stamp(items.values()) != seen:
        raise rules.Changed(seen=rules.agenda_stamp(items.values()))
    if sorted(items) != sorted(pk for pk, _kind, _minutes in rows):
        raise Refused(_now("L’ordre du jour envoyé n’est pas complet : rechargez la page."))
    for position, (pk, kind, minutes) in enumerate(rows, 1):
        items[pk].position, items[pk].kind, items[pk].minutes = position, AgendaItem.Kind(kind), minutes
    AgendaItem.objects.bulk_update(items.values(), ["position", "kind", "minutes"])
    audit.record(by=by, scope=meeting.council.scope_id, subject=meeting, points=len(rows))
