"""Who writes what is done with the person: the plan, contacts, points at meetings, alerts, orientations, documents."""

import hashlib
from collections.abc import Iterable
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Person
from prevenance.domains.followup.models import (
    Attachment,
    Contact,
    FollowUp,
    Goal,
    Involvement,
    Orientation,
    Review,
    Step,
)
from prevenance.domains.followup.rules.endings import check_can_follow
from prevenance.domains.followup.rules.files import check_is_open, opens
from prevenance.domains.governance.models import Meeting
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.governance.rules.meetings import day_of

AIMED = "aimed"  # code of the list goal_states: still worked at


FOLLOWS = (Involvement.Kind.REFERENT, Involvement.Kind.COVER)


def check_can_plan(followup: FollowUp, actor: Actor) -> None:
    """Write goals and steps, note a point, orient: the referent, who covers them, and the coordination."""
    check_can_follow(followup, actor)
    check_is_open(followup)


def check_can_note(followup: FollowUp, actor: Actor, *, found: bool = False) -> None:
    """Note a contact, an alert as done, add a document: every member who reads the file.

    `found`: the actor was just found to read it, and the screen asks for its buttons.
    """
    read = found or FollowUp.objects.visible_to(actor).filter(pk=followup.pk).exists()
    if not read:
        raise Refused(_("Seuls les membres du groupe qui lisent ce dossier peuvent le faire."))
    check_is_open(followup)


def check_day(day: date, opened_on: date | None = None) -> None:
    """What happened did so today or before; `opened_on`: and not before the follow-up began."""
    if day > timezone.localdate():
        raise Refused(_("Cette date est à venir : notez ce qui a eu lieu."))
    if opened_on is not None and day < opened_on:
        raise Refused(_("Cette date précède l’ouverture du dossier."))


def check_due(due_on: date | None, followup: FollowUp) -> None:
    if due_on is not None and due_on < followup.opened_on:
        raise Refused(_("Cette échéance précède l’ouverture du dossier."))


# ------------------------------------------------------------------------------------------------------------ plan


def check_goal_runs(goal: Goal) -> None:
    if goal.ended_on is not None:
        raise Stale(_("Cet objectif est clos : fixez-en un autre."))


def carriers(followup: FollowUp) -> list[Person]:
    """Members who take part in the follow-up today: those who may carry a step, and nobody else learns of it."""
    parts = Involvement.objects.filter(followup=followup).current().select_related("person")
    people = {part.person_id: part.person for part in parts}
    return sorted(people.values(), key=lambda person: (person.family_name, person.given_name, person.pk))


def check_carrier(followup: FollowUp, carrier: int | None) -> None:
    if carrier is not None and carrier not in {person.pk for person in carriers(followup)}:
        raise Refused(_("Une étape est portée par un membre qui intervient dans le suivi."))


def check_can_do(step: Step, followup: FollowUp, actor: Actor) -> None:
    """Tell what a step gave: who carries it, the referent, the coordination."""
    if step.carried_by_id != actor.person_id or not opens(followup.body, actor):
        check_can_follow(followup, actor)
    check_is_open(followup)
    if step.done_on is not None:
        raise Stale(_("Le résultat de cette étape est déjà noté."))


def check_can_change_step(step: Step, followup: FollowUp, actor: Actor) -> None:
    check_can_plan(followup, actor)
    if step.done_on is not None:
        raise Stale(_("Cette étape est faite : elle ne change plus."))


# --------------------------------------------------------------------------------------------------------- contacts


def check_can_correct_contact(contact: Contact, followup: FollowUp, actor: Actor) -> None:
    """One's own, the same day: later, what was noted stays and another contact tells the rest."""
    check_can_note(followup, actor)
    if contact.by_id != actor.person_id:
        raise Refused(_("Seul son auteur peut corriger un contact."))
    if not contact.recorded_today:
        raise Refused(_("Un contact se corrige le jour de sa saisie ; ensuite, notez-en un autre."))


# ---------------------------------------------------------------------------------------------------------- reviews


def check_can_review(followup: FollowUp, meeting: Meeting | None, actor: Actor) -> None:
    """Note the point on a file; at a meeting, one of its group that has begun and had it on its agenda."""
    check_can_plan(followup, actor)
    if meeting is None:
        return
    if meeting.body_id != followup.body_id:
        raise Refused(_("Cette réunion est celle d’un autre groupe."))
    if meeting.state == Meeting.State.CANCELLED:
        raise Refused(_("Cette réunion est annulée."))
    if day_of(meeting) > timezone.localdate():
        raise Refused(_("Cette réunion n’a pas commencé : le point se note le jour venu."))
    if not meeting.items.filter(file_number=followup.number).exists():
        raise Refused(_("Ce dossier n’est pas à l’ordre du jour de cette réunion."))


def check_next_review(next_on: date | None, day: date) -> None:
    if next_on is not None and next_on <= day:
        raise Refused(_("Le prochain point vient après celui-ci : corrigez sa date."))


def check_own_review(review: Review, actor: Actor) -> None:
    """A file's point at a meeting is noted once: its author may change it, another person reads it first."""
    if review.by_id != actor.person_id:
        raise Stale(_("Le point de ce dossier à cette réunion est déjà noté : relisez-le avant de le changer."))


def check_can_correct_review(review: Review, followup: FollowUp, actor: Actor) -> None:
    """Until the next point is noted: what was decided then stands."""
    check_can_plan(followup, actor)
    if Review.objects.filter(followup=followup, day__gt=review.day).exists():
        raise Refused(_("Un point plus récent est noté : celui-ci ne change plus."))


def review_stamp(review: Review) -> str:
    """What tells two writings of a point apart: each is sealed anew."""
    return hashlib.sha256(bytes(review.decision) + bytes(review.words)).hexdigest()[:16]


def check_review_seen(review: Review, seen: str, actor: Actor) -> None:
    if review.by_id != actor.person_id and review_stamp(review) != seen:
        raise Stale(_("Quelqu’un a modifié ceci entre-temps : relisez-le, puis reprenez votre saisie."))


def check_can_list(followup: FollowUp, meeting: Meeting, actor: Actor) -> None:
    """Put a file on the agenda of a meeting of its group."""
    check_can_plan(followup, actor)
    if meeting.body_id != followup.body_id:
        raise Refused(_("Cette réunion est celle d’un autre groupe."))


# ------------------------------------------------------------------------------------------------------ orientations


def check_agreement(agreed_on: date) -> None:
    """Nothing leaves before a written agreement to what was shown."""
    if agreed_on > timezone.localdate():
        raise Refused(_("L’accord écrit est donné avant l’envoi : corrigez sa date."))


def check_something_sent(fields: Iterable[str]) -> None:
    if not list(fields):
        raise Refused(_("Cochez au moins une information à transmettre."))


def check_can_answer(orientation: Orientation, followup: FollowUp, actor: Actor) -> None:
    check_can_plan(followup, actor)
    if orientation.answered_on is not None:
        raise Stale(_("La réponse du service est déjà notée."))


def check_can_conclude(orientation: Orientation, followup: FollowUp, actor: Actor) -> None:
    check_can_plan(followup, actor)
    if orientation.answered_on is None:
        raise Refused(_("Notez d’abord la réponse du service."))
    if orientation.ended_on is not None:
        raise Stale(_("Le résultat de cette orientation est déjà noté."))


# ------------------------------------------------------------------------------------------------------- attachments


def check_can_remove(attachment: Attachment, followup: FollowUp, actor: Actor) -> None:
    """Take away a document: who added it, the referent, the coordination."""
    if attachment.added_by_id != actor.person_id or not opens(followup.body, actor):
        check_can_follow(followup, actor)
    check_is_open(followup)
