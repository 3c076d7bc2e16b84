"""Who writes, approves and corrects minutes, and when."""

import hashlib

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from prevenance.core.dates import date_format
from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.governance.models import Meeting, Minutes
from prevenance.domains.governance.rules.councils import Stale, check_can_hold, holds
from prevenance.domains.governance.rules.meetings import day_of, in_state
from prevenance.domains.governance.rules.rulebooks import quorum_of


def check_can_start_minutes(meeting: Meeting, actor: Actor) -> None:
    """From the day of the meeting, so that one can write during it."""
    check_can_hold(meeting.council, actor)
    if meeting.state not in (Meeting.State.CONVENED, Meeting.State.HELD):
        raise Refused(in_state(meeting))
    if day_of(meeting) > timezone.localdate():
        raise Refused(
            _("Le compte rendu s’ouvre le jour de la réunion, le %(day)s.")
            % {"day": date_format(day_of(meeting), "j F Y")}
        )
    if meeting.minutes.exists():
        raise Stale(_("Le compte rendu est déjà ouvert."))


def check_can_write(minutes: Minutes, actor: Actor) -> None:
    check_can_hold(minutes.meeting.council, actor)
    if minutes.approved_at is not None:
        raise Refused(
            _("Ce compte rendu est approuvé : son texte ne change plus. Une correction en est une nouvelle version.")
        )


def check_can_approve(minutes: Minutes, actor: Actor) -> None:
    """Whoever chairs the council, once the text, the attendance and each decision are complete."""
    council = minutes.meeting.council
    if minutes.approved_at is not None:
        raise Stale(_("Ce compte rendu est déjà approuvé."))
    if minutes.meeting.state not in (Meeting.State.HELD, Meeting.State.APPROVED):
        raise Refused(_("Déclarez d’abord que la réunion a eu lieu."))
    missing = incomplete(minutes)
    if missing:
        raise Refused(missing)
    if not (actor.can("approve") and holds(council, actor)):
        raise Refused(_("Seule la présidence de ce conseil approuve ses comptes rendus."))
    check_can_hold(council, actor)


def incomplete(minutes: Minutes) -> str:
    """What the minutes lack before they can be approved, or an empty string."""
    if not minutes.meeting.attendances.exclude(presence="").exists():
        return _("Aucune présence n’est pointée : pointez les présences avant l’approbation.")
    if not (minutes.opening.strip() or minutes.sections.exclude(text="").exists()):
        return _("Le compte rendu est vide : écrivez-le avant l’approbation.")
    lacking = minutes.decisions.filter(Q(owner=None, owner_label="") | Q(due_on=None)).count()
    if lacking:
        return ngettext(
            "Une décision n’a pas de responsable ou pas d’échéance : complétez-la avant l’approbation.",
            "%(count)d décisions n’ont pas de responsable ou pas d’échéance : complétez-les avant l’approbation.",
            lacking,
        ) % {"count": lacking}
    if minutes.version > 1 and not minutes.correction_reason.strip():
        return _("Le motif de la correction manque.")
    return ""


def check_can_correct(minutes: Minutes, actor: Actor) -> None:
    """Open a new version of approved minutes: one at a time, from the last one."""
    check_can_hold(minutes.meeting.council, actor)
    if minutes.approved_at is None:
        raise Refused(_("Ce compte rendu n’est pas encore approuvé : il se modifie directement."))
    latest = minutes.meeting.minutes.order_by("-version").values_list("version", "approved_at").first()
    assert latest is not None
    if latest[1] is None:
        raise Stale(_("Une correction est déjà en cours de rédaction."))
    if latest[0] != minutes.version:
        raise Refused(_("Une version plus récente existe : c’est elle qui se corrige."))


def check_can_discard(minutes: Minutes, actor: Actor) -> None:
    """Give up a correction that was begun; first minutes are never thrown away."""
    check_can_write(minutes, actor)
    if minutes.version == 1:
        raise Refused(_("Le premier compte rendu d’une réunion ne s’abandonne pas."))


def digest(minutes: Minutes) -> str:
    """Of everything that an approval would lock: whoever approves sends the digest of what they read."""
    said = [minutes.version, minutes.opening, minutes.closing, minutes.correction_reason]
    said += list(minutes.sections.order_by("position", "pk").values_list("pk", "title", "text"))
    said += list(
        minutes.decisions.order_by("pk").values_list(
            "pk", "section", "text", "owner", "owner_label", "due_on", "replaces"
        )
    )
    said += list(
        minutes.meeting.attendances.order_by("pk").values_list("membership", "guest", "presence", "represented_by")
    )
    said.append(quorum_of(minutes.meeting.body, day_of(minutes.meeting)))
    return hashlib.sha256(repr(said).encode()).hexdigest()[:20]
