"""Points on a situation: at a meeting of the group, where only the number is said, or between two."""

from collections.abc import Collection
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.followup.actions.plan import _guard
from prevenance.domains.followup.analysis.reading import key_of, sealed
from prevenance.domains.followup.models import FollowUp, Review
from prevenance.domains.followup.rules import lists, work
from prevenance.domains.governance.actions.agenda import add_item
from prevenance.domains.governance.actions.proposals import propose_item
from prevenance.domains.governance.models import AgendaItem, AgendaProposal, Meeting
from prevenance.domains.governance.rules.meetings import day_of

MINUTES = 5  # what a situation takes on an agenda before anybody says otherwise


@action(_("Dossiers portés à l’ordre du jour"))
def list_files(*, meeting: Meeting, followups: Collection[FollowUp], by: Actor) -> int:
    """Put files on the agenda of a meeting of their group, by number alone. Returns how many were added.

    One that is there already is passed over: two clicks add once. Raises Refused.
    """
    for followup in followups:
        work.check_can_list(followup, meeting, by)
    there = set(meeting.items.values_list("file_number", flat=True))
    new = [followup for followup in followups if followup.number not in there]
    for followup in sorted(new, key=lambda one: one.number):
        add_item(
            meeting=meeting, kind=AgendaItem.Kind.DEBATE, title=_now("point d’étape"), minutes=MINUTES,
            file_number=followup.number, by=by,
        )  # fmt: skip
    audit.record(by=by, scope=f"followup:{meeting.body_id}", subject=meeting, files=len(new))
    return len(new)


@action(_("Dossier proposé à l’ordre du jour"))
def propose_file(*, followup: FollowUp, by: Actor) -> AgendaProposal:
    """Ask that the next meeting of the group hear about a file, by its number. Asked again before, it waits once."""
    file = FollowUp.objects.locked(followup)
    work.check_can_plan(file, by)
    last = Review.objects.filter(followup=file).values_list("pk", flat=True).order_by("-pk").first() or 0
    proposal = propose_item(
        body=file.body, kind=AgendaItem.Kind.DEBATE, title=_now("%(file)s – point d’étape") % {"file": file},
        origin=_now("Suivis du groupe"), key=f"followup-{file.pk}-{last}", by=by,
    )  # fmt: skip
    audit.record(by=by, scope=file.trail, subject=file, proposal=proposal.pk)
    return proposal


@action(_("Point d’étape noté"))
def record_review(
    *,
    followup: FollowUp,
    decision: str,
    meeting: Meeting | None = None,
    next_on: date | None = None,
    words: str = "",
    guard: str = "",
    by: Actor,
) -> Review:
    """Note what follows for a file, and when it is next looked at: once a meeting. Raises Refused, Stale.

    What its author noted a moment ago, by the screen that saves each choice, is changed and not noted twice.
    """
    file = FollowUp.objects.locked(followup)
    work.check_can_review(file, meeting, by)
    day = day_of(meeting) if meeting else timezone.localdate()
    work.check_next_review(next_on, day)
    lists.check_code("review_decisions", decision)
    review = Review.objects.filter(followup=file, meeting=meeting).first() if meeting else None
    if review is not None:
        work.check_own_review(review, by)
    else:
        review = Review(followup=file, body=file.body, day=day, meeting=meeting, by=by.person)
    sealed(review, key_of(file), decision=decision, words=words).save()
    _set_next(file, next_on)
    audit.record(by=by, scope=file.trail, subject=review, day=day, **_guard(guard))
    return review


@action(_("Point d’étape corrigé"))
def correct_review(
    *,
    review: Review,
    seen: str,
    decision: str,
    next_on: date | None = None,
    words: str = "",
    guard: str = "",
    by: Actor,
) -> Review:
    """Change the last point noted. `seen` is the stamp that the form showed; one's own is no surprise.

    Raises Refused, Stale.
    """
    file = FollowUp.objects.locked(review.followup)
    review = Review.objects.select_for_update().get(pk=review.pk, followup=file)
    work.check_can_correct_review(review, file, by)
    work.check_next_review(next_on, review.day)
    lists.check_code("review_decisions", decision)
    work.check_review_seen(review, seen, by)
    review.by = by.person
    sealed(review, key_of(file), decision=decision, words=words).save()
    _set_next(file, next_on)
    audit.record(by=by, scope=file.trail, subject=review, day=review.day, **_guard(guard))
    return review


def _set_next(file: FollowUp, next_on: date | None) -> None:
    file.next_review_on = next_on
    file.edit += 1
    file.save(update_fields=["next_review_on", "edit"])
