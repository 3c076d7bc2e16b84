"""Who says how a decision goes on, and what being late means."""

import hashlib
from datetime import date

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from prevenance.core.refusals import Refused
from prevenance.core.refusals import reason as reason_of
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Person
from prevenance.domains.governance.models import Council, Decision, Membership, Minutes
from prevenance.domains.governance.rules.councils import check_can_hold
from prevenance.domains.governance.rules.minutes import check_can_write

State = Decision.State

# A row of progress may say again the same state: it then tells how far one has come.
TRANSITIONS: dict[str, frozenset[str]] = {
    State.OPEN: frozenset({State.OPEN, State.STARTED, State.DONE, State.DROPPED}),
    State.STARTED: frozenset({State.STARTED, State.DONE, State.DROPPED}),
    State.DONE: frozenset({State.STARTED}),
    State.DROPPED: frozenset({State.OPEN}),
}


def firm(decision: Decision) -> bool:
    """Approved with its minutes, or brought in from an earlier record: its text is locked and it is followed."""
    return decision.minutes is None or decision.minutes.approved_at is not None


def check_can_draft_decision(minutes: Minutes, actor: Actor) -> None:
    check_can_write(minutes, actor)


def check_can_change_decision(decision: Decision, actor: Actor) -> None:
    """Its text, owner and date, until its minutes are approved."""
    if decision.minutes is None:
        raise Refused(
            _("Cette décision vient d’un relevé antérieur : son texte ne change plus, seul son avancement se note.")
        )
    if decision.minutes.approved_at is not None:
        raise Refused(
            _(
                "Cette décision est approuvée : son texte ne change plus. "
                "Une rectification passe par une correction du compte rendu."
            )
        )
    check_can_write(decision.minutes, actor)


def check_can_record_progress(decision: Decision, actor: Actor) -> None:
    """Those who hold the council, and the person who carries the decision."""
    if not firm(decision):
        raise Refused(_("Cette décision n’est pas encore approuvée : son avancement se notera ensuite."))
    if decision.owner_id is not None and decision.owner_id == actor.person_id:
        return
    if reason_of(check_can_hold, decision.council, actor):
        raise Refused(
            _("Seules la coordination, la présidence du conseil et la personne responsable notent l’avancement.")
        )


def check_progress(decision: Decision, state: str, note: str) -> None:
    """Raise Refused when `state` cannot follow, or when giving up or coming back is not explained."""
    if state not in TRANSITIONS[decision.state]:
        raise Refused(
            _("Une décision dans l’état « %(now)s » ne peut passer à « %(then)s ».")
            % {"now": decision.get_state_display(), "then": State(state).label}
        )
    if not note.strip():
        if state == State.DROPPED:
            raise Refused(_("Dites pourquoi la décision est abandonnée."))
        if state == decision.state:
            raise Refused(_("Dites ce qui a avancé."))
        if decision.state in (State.DONE, State.DROPPED):
            raise Refused(_("Dites pourquoi la décision est reprise."))


def lateness(decision: Decision, today: date) -> str:
    """« En retard de 12 jours », « Échéance aujourd’hui », or an empty string."""
    if decision.due_on is None or decision.state not in (State.OPEN, State.STARTED):
        return ""
    days = (today - decision.due_on).days
    if days > 0:
        return ngettext("En retard d’un jour", "En retard de %(days)d jours", days) % {"days": days}
    if days == 0:
        return _("Échéance aujourd’hui")
    return ""


def stamp(decision: Decision) -> str:
    """Digest of what the form of a draft decision shows, so that a stale one is told apart."""
    shown = (decision.text, decision.owner_id, decision.owner_label, decision.due_on)
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:20]


def possible_owners(council: Council, also: int | None = None) -> QuerySet[Person]:
    """Who may carry a decision: the council's members of today, and `also` whoever carries it already."""
    members = Membership.objects.filter(body__council=council).current().values("person")
    people: QuerySet[Person] = Person.objects.filter(Q(pk__in=members) | Q(pk=also)).order_by("sort_name", "pk")
    return people
