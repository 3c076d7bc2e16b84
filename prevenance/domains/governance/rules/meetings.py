"""When a meeting may change, and who may change it. Each refusal is the sentence of the disabled button."""

import hashlib
from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from prevenance.core.dates import date_format
from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Person
from prevenance.domains.governance.models import AgendaItem, Attendance, Decision, Meeting, Membership
from prevenance.domains.governance.rules.councils import Stale, check_can_hold

State = Meeting.State

# From each state, those that may follow. Nothing comes back: a mistake is cancelled, a text is corrected.
TRANSITIONS: dict[str, frozenset[str]] = {
    State.DRAFT: frozenset({State.CONVENED, State.CANCELLED}),
    State.CONVENED: frozenset({State.HELD, State.CANCELLED}),
    State.HELD: frozenset({State.APPROVED}),
    State.APPROVED: frozenset(),
    State.CANCELLED: frozenset(),
}


class Changed(Exception):
    """What a form shows was changed elsewhere since: `current` holds the present values, by field."""

    def __init__(self, **current: object) -> None:
        super().__init__("changed elsewhere")
        self.current = current


def check_transition(meeting: Meeting, to: str) -> None:
    """Raise Stale when the meeting is there already, Refused when that state cannot follow."""
    if meeting.state == to:
        raise Stale(_("C’est déjà fait : la réunion est dans l’état « %(state)s ».") % {"state": State(to).label})
    if to not in TRANSITIONS[meeting.state]:
        raise Refused(in_state(meeting))


def in_state(meeting: Meeting) -> str:
    """Why the present state forbids."""
    return {
        State.DRAFT.value: _("Cette réunion n’est pas encore convoquée."),
        State.CONVENED.value: _("Cette réunion est déjà convoquée."),
        State.HELD.value: _("Cette réunion a eu lieu : ses dates et son ordre du jour ne changent plus."),
        State.APPROVED.value: _("Le compte rendu de cette réunion est approuvé : elle ne change plus."),
        State.CANCELLED.value: _("Cette réunion est annulée."),
    }[meeting.state]


def day_of(meeting: Meeting) -> date:
    """The day of the meeting, in Paris."""
    return timezone.localtime(meeting.starts_at).date()


def members_convened(meeting: Meeting) -> QuerySet[Membership]:
    """Those who sit in the body on the day of the meeting; alternates are called when a member will not come."""
    members: QuerySet[Membership] = (
        Membership.objects.filter(body=meeting.body_id, alternate_of=None)
        .current(day_of(meeting))
        .select_related("person", "organisation")
    )
    return members.order_by("person__sort_name", "pk")


def has_address(person: Person) -> bool:
    """Whether a mail can reach the person; the others are told « autrement »."""
    return "@" in person.email


def check_can_prepare(meeting: Meeting, actor: Actor) -> None:
    """Change date, place, title, agenda: until the meeting has taken place."""
    check_can_hold(meeting.council, actor)
    if meeting.state not in (State.DRAFT, State.CONVENED):
        raise Refused(in_state(meeting))


def check_dates(starts_at: datetime, ends_at: datetime) -> None:
    if ends_at <= starts_at:
        raise Refused(_("La réunion doit finir après avoir commencé."))


def check_can_convene(meeting: Meeting, actor: Actor) -> None:
    """An agenda, a place, a date to come, and members who can be reached."""
    check_can_hold(meeting.council, actor)
    check_transition(meeting, State.CONVENED)
    if meeting.starts_at <= timezone.now():
        raise Refused(_("La date de la réunion est passée : choisissez-en une à venir avant de convoquer."))
    if not meeting.place.strip():
        raise Refused(_("Le lieu manque : indiquez-le avant de convoquer."))
    if not meeting.items.exists():
        raise Refused(_("L’ordre du jour est vide : ajoutez au moins un point avant de convoquer."))
    members = list(members_convened(meeting))
    if not members:
        raise Refused(_("Cette formation n’a aucun membre à cette date : ajoutez des membres avant de convoquer."))
    if not any(has_address(member.person) for member in members):
        raise Refused(_("Aucun membre n’a d’adresse électronique : ajoutez-en une avant de convoquer."))


def check_can_send_again(meeting: Meeting, actor: Actor) -> None:
    """Tell members convened that something changed."""
    check_can_hold(meeting.council, actor)
    if meeting.state != State.CONVENED:
        raise Refused(in_state(meeting))
    if meeting.starts_at <= timezone.now():
        raise Refused(_("La réunion a commencé : il n’y a plus personne à prévenir."))
    if not meeting.items.exists():
        raise Refused(_("L’ordre du jour est vide : ajoutez au moins un point avant de prévenir."))


def check_can_cancel(meeting: Meeting, actor: Actor) -> None:
    check_can_hold(meeting.council, actor)
    check_transition(meeting, State.CANCELLED)


def check_can_postpone(meeting: Meeting, actor: Actor) -> None:
    """Once convened, and until it has begun. Before, its date is simply changed."""
    check_can_hold(meeting.council, actor)
    if meeting.state != State.CONVENED:
        raise Refused(in_state(meeting))
    if meeting.starts_at <= timezone.now():
        raise Refused(_("La réunion a commencé : elle ne se reporte plus."))


def check_put_off(meeting: Meeting, starts_at: datetime, ends_at: datetime) -> None:
    """Another moment, to come."""
    check_dates(starts_at, ends_at)
    if starts_at <= timezone.now():
        raise Refused(_("La nouvelle date est passée : choisissez-en une à venir."))
    if starts_at == meeting.starts_at:
        raise Refused(_("La réunion est déjà prévue à ce moment : choisissez une autre date."))


def check_can_declare_held(meeting: Meeting, actor: Actor) -> None:
    """Once it has begun: what is declared held may not be called off any more."""
    check_can_hold(meeting.council, actor)
    check_transition(meeting, State.HELD)
    if meeting.starts_at > timezone.now():
        raise Refused(
            _("La réunion commence le %(day)s : elle ne peut être déclarée tenue avant.")
            % {"day": date_format(timezone.localtime(meeting.starts_at), r"j F Y \à G \h i")}
        )


def check_can_take_attendance(meeting: Meeting, actor: Actor) -> None:
    """From the morning of the meeting until its minutes are approved."""
    check_can_hold(meeting.council, actor)
    if meeting.state not in (State.CONVENED, State.HELD):
        raise Refused(in_state(meeting))
    if day_of(meeting) > timezone.localdate():
        raise Refused(
            _("Les présences se pointent le jour de la réunion, le %(day)s.")
            % {"day": date_format(day_of(meeting), "j F Y")}
        )


def check_can_answer(attendance: Attendance, actor: Actor) -> None:
    """By the member, or for them by those who prepare; see `check_open_to_answers` for the link in the mail."""
    own = attendance.membership is not None and attendance.membership.person_id == actor.person_id
    if not (actor.signed_in and own):
        check_can_hold(attendance.meeting.council, actor)
    check_open_to_answers(attendance.meeting)


def check_open_to_answers(meeting: Meeting) -> None:
    """Until the end of the meeting."""
    if meeting.state == State.CANCELLED:
        raise Refused(_("Cette réunion est annulée : il n’y a plus à répondre."))
    if meeting.state != State.CONVENED or meeting.ends_at <= timezone.now():
        raise Refused(_("Cette réunion a eu lieu : il n’est plus temps de répondre."))


def item_stamp(item: AgendaItem) -> str:
    """Digest of what the form of a point shows, so that a stale one is told apart."""
    shown = (item.kind, item.title, item.presenter, item.minutes, item.file_number)
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:20]


def agenda_stamp(items: Iterable[AgendaItem]) -> str:
    """Digest of the points of an agenda in their order, as the form that arranges them shows them."""
    shown = [(item.position, item.pk, item.kind, item.title, item.minutes) for item in items]
    return hashlib.sha256(repr(sorted(shown)).encode()).hexdigest()[:20]


def follow_up_title(decision: Decision) -> str:
    """The point by which a decision comes back before the council."""
    text = " ".join(decision.text.split())
    title = _("Suivi de la décision %(number)s : %(text)s") % {"number": decision.number, "text": text}
    return Truncator(title).chars(200)
