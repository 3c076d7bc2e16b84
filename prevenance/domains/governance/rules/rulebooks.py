"""Who writes, proposes, adopts and signs a rulebook, and when. Each refusal is the sentence of a disabled button."""

import re
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any

import yaml
from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from prevenance.core.dates import date_format
from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.governance.models import Body, Meeting, Membership, Rulebook, Signature
from prevenance.domains.governance.rules.councils import Stale, check_can_hold, holds

State = Rulebook.State

# From each state, those that may follow. Nothing comes back: a text is changed by its next version.
TRANSITIONS: dict[str, frozenset[str]] = {
    State.DRAFT: frozenset({State.PROPOSED}),
    State.PROPOSED: frozenset({State.ADOPTED, State.WITHDRAWN}),
    State.ADOPTED: frozenset({State.REPLACED, State.WITHDRAWN}),
    State.REPLACED: frozenset(),
    State.WITHDRAWN: frozenset(),
}

# « [nombre] »: what a model text leaves to complete.
BLANK = re.compile(r"\[[^\]\n]*\]")

# Shares that people write in a rulebook; « plus de la moitié » is passed, not reached.
QUORUMS: dict[str, tuple[int, int, bool]] = {
    "half_passed": (1, 2, True),
    "half": (1, 2, False),
    "third": (1, 3, False),
    "quarter": (1, 4, False),
    "two_thirds": (2, 3, False),
}


@dataclass(frozen=True)
class Quorum:
    """The share of the members in office that must be present, from the rulebook in force."""

    share: Fraction
    strict: bool
    rulebook: int

    def needed(self, members: int) -> int:
        """How many of `members` must be there: the share rounded up; one more when it must be passed."""
        least = self.share * members
        return int(least) + 1 if self.strict or least.denominator > 1 else int(least)


def quorum_of(body: Body, on: date) -> Quorum | None:
    """What the rulebook in force on a day asks of a body: its own, else the council's; None where none speaks of it."""
    books = Rulebook.objects.filter(
        body__council=body.council_id, kind=Rulebook.Kind.RULES, adopted_on__lte=on, quorum_numerator__isnull=False
    ).exclude(ended_on__lte=on)
    own = books.filter(body=body.pk).order_by("-version").first()
    book = own or books.filter(body__kind__in=Body.MAIN).order_by("-version").first()
    if book is None or book.quorum_share is None:
        return None
    return Quorum(book.quorum_share, book.quorum_strict, book.pk)


# --------------------------------------------------------------------------------------------------- writing


@cache
def models() -> list[dict[str, Any]]:
    """The dated model texts of data/governance/rulebooks.yaml."""
    loaded: list[dict[str, Any]] = yaml.safe_load((settings.DATA / "governance" / "rulebooks.yaml").read_text())
    return loaded


def model_text(body: Body, kind: str, on: date) -> str:
    """The text to begin from, for a body and kind on a day; "" when no model is known."""
    for model in models():
        if (
            model["kind"] == kind
            and body.kind in model["bodies"]
            and model["valid_from"] <= on
            and (model["valid_to"] is None or on < model["valid_to"])
        ):
            names = {"body": body.name, "council": body.council.name}
            return "\n".join(line.format(**names) for line in model["lines"])
    return ""


def check_can_draft(body: Body, kind: str, actor: Actor) -> None:
    """Open a version: one on its way at a time for a body and kind."""
    check_can_hold(body.council, actor)
    if body.closed_on is not None and body.closed_on <= timezone.localdate():
        raise Refused(_("Ce groupe est fermé : ses textes se lisent, mais ne changent plus."))
    if Rulebook.objects.filter(body=body, kind=kind, state__in=[State.DRAFT, State.PROPOSED]).exists():
        raise Stale(_("Une version est déjà en cours pour cette formation : terminez-la d’abord."))


def check_can_write(rulebook: Rulebook, actor: Actor) -> None:
    check_can_hold(rulebook.body.council, actor)
    if rulebook.state != State.DRAFT:
        raise Stale(
            _("Ce texte a été proposé le %(day)s : il ne change plus. Une modification en est une nouvelle version.")
            % {"day": date_format(rulebook.proposed_on or timezone.localdate(), "j F Y")}
        )


def check_can_propose(rulebook: Rulebook, actor: Actor) -> None:
    check_can_write(rulebook, actor)
    if not rulebook.text.strip():
        raise Refused(_("Le texte est vide : écrivez-le avant de le proposer."))
    if BLANK.search(rulebook.text):
        raise Refused(_("Le texte a encore des passages à compléter, entre crochets : terminez-les."))
    before = in_force(rulebook)
    if before is not None and same_content(rulebook, before):
        raise Refused(_("Ce texte est le même que celui en vigueur : il n’y a rien à proposer."))


def in_force(rulebook: Rulebook) -> Rulebook | None:
    """The version in force for the same body and kind, if any."""
    return Rulebook.objects.filter(body=rulebook.body_id, kind=rulebook.kind, state=State.ADOPTED).first()


def same_content(one: Rulebook, other: Rulebook) -> bool:
    def content(book: Rulebook) -> tuple[str, Fraction | None, bool]:
        return book.text.strip(), book.quorum_share, book.quorum_strict

    return content(one) == content(other)


# -------------------------------------------------------------------------------------------------- adopting


def meetings_to_adopt_in(rulebook: Rulebook) -> QuerySet[Meeting]:
    """Meetings of the council itself that took place on the day of the proposal or since, the last first."""
    council = rulebook.body.council_id
    meetings: QuerySet[Meeting] = Meeting.objects.filter(
        council=council, body__kind__in=Body.MAIN, state__in=[Meeting.State.HELD, Meeting.State.APPROVED]
    )
    if rulebook.proposed_on is not None:
        meetings = meetings.filter(starts_at__date__gte=rulebook.proposed_on)
    return meetings.order_by("-starts_at", "-pk")


def check_can_adopt(rulebook: Rulebook, actor: Actor) -> None:
    """Recorded by whoever chairs the council that adopted it, in a meeting that took place."""
    council = rulebook.body.council
    check_transition(rulebook, State.ADOPTED)
    if not (actor.can("approve") and holds(council, actor)):
        raise Refused(_("Seule la présidence de ce conseil déclare l’adoption."))
    check_can_hold(council, actor)
    if not meetings_to_adopt_in(rulebook).exists():
        raise Refused(
            _("Aucune réunion du conseil n’a eu lieu depuis la proposition : l’adoption s’y décide, puis se déclare.")
        )


def check_adopted_in(rulebook: Rulebook, meeting: Meeting) -> None:
    """The meeting is one in which this text could be adopted."""
    if not meetings_to_adopt_in(rulebook).filter(pk=meeting.pk).exists():
        raise Refused(_("Ce texte ne peut avoir été adopté dans cette réunion."))


def check_can_withdraw(rulebook: Rulebook, actor: Actor) -> None:
    """A proposal is taken back by those who prepare; a text in force, by whoever chairs."""
    check_transition(rulebook, State.WITHDRAWN)
    check_can_hold(rulebook.body.council, actor)
    if rulebook.state == State.ADOPTED and not actor.can("approve"):
        raise Refused(_("Ce texte est en vigueur : seule la présidence de ce conseil peut le retirer."))


def check_withdrawn_on(rulebook: Rulebook, on: date) -> None:
    since = rulebook.adopted_on or rulebook.proposed_on
    if since is not None and on < since:
        raise Refused(_("Un texte ne peut être retiré avant d’avoir été proposé ou adopté."))
    if on > timezone.localdate():
        raise Refused(_("Cette date est à venir : déclarez le retrait une fois qu’il a eu lieu."))


def check_transition(rulebook: Rulebook, to: str) -> None:
    """Raise Stale when the text is there already, Refused when that state cannot follow."""
    if rulebook.state == to:
        raise Stale(_("C’est déjà fait : ce texte est dans l’état « %(state)s ».") % {"state": State(to).label})
    if to not in TRANSITIONS[rulebook.state]:
        raise Refused(in_state(rulebook))


def in_state(rulebook: Rulebook) -> str:
    """Why the present state forbids."""
    return {
        State.DRAFT.value: _("Ce texte n’est encore qu’un projet."),
        State.PROPOSED.value: _("Ce texte est proposé ; il n’est pas encore adopté."),
        State.ADOPTED.value: _("Ce texte est déjà adopté."),
        State.REPLACED.value: _("Ce texte a été remplacé par une version plus récente."),
        State.WITHDRAWN.value: _("Ce texte a été retiré."),
    }[rulebook.state]


# --------------------------------------------------------------------------------------------------- signing


def seat_of(rulebook: Rulebook, actor: Actor) -> Membership | None:
    """The seat of the actor in the body that this text binds, today; a signature is given from it."""
    seats = Membership.objects.filter(body=rulebook.body_id, person=actor.person_id).current()
    return seats.order_by("-valid_from", "-pk").first() if actor.signed_in else None


def last_signature(rulebook: Rulebook, seat: Membership) -> Signature | None:
    """The last row of this seat on this text: a signature, or its withdrawal."""
    return Signature.objects.filter(rulebook=rulebook, membership=seat).order_by("-rank").first()


def check_can_sign(rulebook: Rulebook, actor: Actor) -> None:
    """Each present member of the body, for oneself, the text in force, once."""
    seat = seat_of(rulebook, actor)
    if seat is None:
        raise Refused(_("Seuls les membres actuels de cette formation signent ce texte."))
    check_in_force(rulebook)
    last = last_signature(rulebook, seat)
    if last is not None and not last.withdrawn:
        raise Stale(_("Vous avez déjà signé ce texte."))


def check_can_take_back(rulebook: Rulebook, actor: Actor) -> None:
    """One's own signature, on a text that still binds."""
    seat = seat_of(rulebook, actor)
    if seat is None:
        raise Refused(_("Seuls les membres actuels de cette formation signent ce texte."))
    check_in_force(rulebook)
    last = last_signature(rulebook, seat)
    if last is None:
        raise Refused(_("Vous n’avez pas signé ce texte."))
    if last.withdrawn:
        raise Stale(_("Vous avez déjà retiré votre signature."))


def check_in_force(rulebook: Rulebook) -> None:
    """Signed while it binds: neither before its adoption nor after its replacement."""
    if rulebook.state == State.ADOPTED:
        return
    if rulebook.state in (State.REPLACED, State.WITHDRAWN):
        raise Stale(in_state(rulebook))
    raise Refused(in_state(rulebook))


def check_seen(rulebook: Rulebook, seen: str) -> None:
    """What is signed is what was read."""
    if seen != rulebook.digest:
        raise Stale(_("Ce que vous avez lu n’est pas ce texte : relisez-le avant de signer."))


def check_can_ask_signatures(rulebook: Rulebook, actor: Actor) -> None:
    """Write again to those who have not signed."""
    check_can_hold(rulebook.body.council, actor)
    check_in_force(rulebook)
