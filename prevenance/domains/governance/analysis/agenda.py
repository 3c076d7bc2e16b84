"""What may go on the agenda of a meeting: everything that waits for it, in four lists."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from prevenance.core.composed import composed
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.governance.models import AgendaItem, AgendaProposal, Decision, Meeting, Minutes, MinutesSection
from prevenance.domains.governance.rules.decisions import lateness
from prevenance.domains.governance.rules.meetings import day_of, follow_up_title
from prevenance.domains.governance.rules.proposals import YearlyItem, yearly_items

State = Meeting.State
SOON = timedelta(days=30)  # a decision due within a month of the meeting is worth a word there
SHOWN = 100  # decisions of a long-lived council; the list of decisions has the others
DECISION = ["council_id", "year", "rank", "text", "owner_label", "due_on", "state"]


@composed
def followed_by(actor: Actor, council: int, meeting: int, body: int) -> QuerySet[Decision]:
    """Decisions of the council still to carry out, which the meeting of a body may hear about; one more than shown."""
    decisions = Decision.objects.visible_to(actor).open().followed().filter(council=council)
    decisions = decisions.exclude(minutes__meeting=meeting)
    inside = Q(minutes=None) | Q(minutes__meeting__body__exchanged=False) | Q(minutes__meeting__body=body)
    return decisions.filter(inside).only(*DECISION).order_by("due_on", "pk")[: SHOWN + 1]


def left_over(meeting: Meeting) -> list[AgendaItem]:
    """Points of the last meeting held by the body that its minutes say nothing of, and those of meetings called off
    since. A point that a later agenda took up is left over no more.

    Without minutes nothing can be told of a meeting held: its points are not offered.
    """
    last = over_before(meeting.body_id, meeting.starts_at, meeting.pk)
    held = next((one for one in last if one.state != State.CANCELLED), None)
    off = [one.pk for one in last if one.state == State.CANCELLED and (held is None or one.starts_at >= held.starts_at)]
    return unspoken_of(meeting.body_id, off, held.pk if held is not None and held.written else None)


@composed
def over_before(body: int, moment: datetime, but: int) -> QuerySet[Meeting]:
    """Meetings of a body that are over, the last first, each with `written`: whether it has minutes."""
    over = [State.HELD, State.APPROVED, State.CANCELLED]
    before = Meeting.objects.filter(body=body, starts_at__lt=moment, state__in=over).exclude(pk=but)
    before = before.annotate(written=Exists(Minutes.objects.filter(meeting=OuterRef("pk"))))
    return before.only("state", "starts_at").order_by("-starts_at", "-pk")[:SHOWN]


@composed
def unspoken_of(body: int, off: list[int], held: int | None) -> QuerySet[AgendaItem]:
    """Points of the meetings called `off`, and those of the one `held` that its minutes say nothing of."""
    spoken = MinutesSection.objects.filter(~Q(text="") | Exists(Decision.objects.filter(section=OuterRef("pk"))))
    wanted = Q(meeting__in=off)
    if held is not None:
        wanted |= Q(meeting=held) & ~Exists(spoken.filter(item=OuterRef("pk"), minutes__meeting=held))
    taken = AgendaItem.objects.filter(follows=OuterRef("pk"), meeting__body=body)
    left = AgendaItem.objects.filter(wanted).filter(~Exists(taken.exclude(meeting__state=State.CANCELLED)))
    return left.select_related("meeting").order_by("meeting__starts_at", "position")


@composed
def proposed_to(actor: Actor, body: int) -> QuerySet[AgendaProposal]:
    proposals = AgendaProposal.objects.visible_to(actor).waiting().filter(body=body)
    return proposals.select_related("proposed_by")


@composed
def titles_of(meeting: int) -> Any:
    return AgendaItem.objects.filter(meeting=meeting).values_list("title", flat=True)


@dataclass
class Waiting:
    """All that may be ticked; `ticked` holds the values that are at first, by name of field."""

    law: list[YearlyItem]
    items: list[AgendaItem]
    proposals: list[AgendaProposal]
    decisions: list[tuple[Decision, str]]
    more_decisions: int
    ticked: dict[str, set[str]]

    @property
    def total(self) -> int:
        return len(self.law) + len(self.items) + len(self.proposals) + len(self.decisions)


def waiting_for(actor: Actor, meeting: Meeting) -> Waiting:
    """What waits for this meeting, without what its agenda has already. Ticked: all but decisions that are due later
    than a month after it."""
    there = set(titles_of(meeting.pk))
    today, soon = timezone.localdate(), day_of(meeting) + SOON
    asked = followed_by(actor, meeting.council_id, meeting.pk, meeting.body_id)
    followed = [one for one in asked if follow_up_title(one) not in there]
    decisions = [(decision, lateness(decision, today)) for decision in followed[:SHOWN]]
    titles = there | {follow_up_title(decision) for decision in followed}
    items = [item for item in left_over(meeting) if item.title not in titles]
    proposed = proposed_to(actor, meeting.body_id)
    law = yearly_items(meeting)
    ticked = {
        "law": {item.key for item in law},
        "items": {str(item.pk) for item in items},
        "proposals": {str(proposal.pk) for proposal in proposed},
        "decisions": {str(one.pk) for one in followed[:SHOWN] if one.due_on is None or one.due_on <= soon},
    }
    return Waiting(law, items, proposed, decisions, len(followed) - len(decisions), ticked)
