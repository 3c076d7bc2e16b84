"""The agenda of a meeting: its points, their order, the decisions that come back."""

from collections.abc import Iterable

from django.db.models import F, Max
from django.utils.text import Truncator
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.governance.actions.convocations import _locked
from prevenance.domains.governance.models import AgendaItem, Decision, Meeting, Upload
from prevenance.domains.governance.rules import meetings as rules
from prevenance.domains.governance.rules.confidential import (
    check_body_names_nobody,
    check_can_speak_of_files,
    check_stays_inside,
    titled,
)


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
    if documents and item.meeting.body.nominative:
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
    position = item.position
    item.delete()
    meeting.items.filter(position__gt=position).update(position=F("position") - 1)


@action(_("Suivi de décisions porté à l’ordre du jour"))
def carry_over(*, meeting: Meeting, decisions: Iterable[Decision], by: Actor) -> int:
    """One point « Suivi de la décision … » for each; those already there are left. How many were added."""
    meeting = _locked(meeting)
    rules.check_can_prepare(meeting, by)
    there = set(meeting.items.values_list("title", flat=True))
    position, new = _next_position(meeting), []
    for decision in decisions:
        if decision.council_id != meeting.council_id:
            raise Refused(_now("Une décision d’un autre conseil ne peut être reprise."))
        check_stays_inside(decision, meeting.body)
        title = rules.follow_up_title(decision)
        if title not in there:
            presenter = decision.owner.name if decision.owner else decision.owner_label
            new.append(
                AgendaItem(
                    meeting=meeting,
                    position=position + len(new),
                    kind=AgendaItem.Kind.INFORMATION,
                    title=title,
                    presenter=Truncator(presenter).chars(160),
                )
            )
    AgendaItem.objects.bulk_create(new)
    audit.record(by=by, scope=meeting.council.scope_id, subject=meeting, added=len(new))
    return len(new)
