"""Minutes: opened from the agenda, saved as they are typed, approved, corrected as a new version."""

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.governance.analysis.papers import attendance_text, quorum_of_minutes
from prevenance.domains.governance.models import (
    Council,
    Decision,
    DecisionProgress,
    Meeting,
    Minutes,
    MinutesSection,
)
from prevenance.domains.governance.rules import minutes as rules
from prevenance.domains.governance.rules.confidential import check_body_names_nobody
from prevenance.domains.governance.rules.meetings import Changed, day_of


def _locked(minutes: Minutes) -> Minutes:
    """The minutes as they are now, held until the transaction ends."""
    rows = Minutes.objects.select_for_update(of=("self",))
    return rows.select_related("meeting__council", "meeting__body").get(pk=minutes.pk)


@action(_("Compte rendu ouvert"))
def start_minutes(*, meeting: Meeting, by: Actor) -> Minutes:
    """The first version, with a part for each point of the agenda."""
    meeting = Meeting.objects.select_for_update(of=("self",)).select_related("council", "body").get(pk=meeting.pk)
    rules.check_can_start_minutes(meeting, by)
    minutes = Minutes.objects.create(meeting=meeting)
    MinutesSection.objects.bulk_create(
        MinutesSection(minutes=minutes, item=item, position=rank, title=item.title)
        for rank, item in enumerate(meeting.items.all(), 1)
    )
    audit.record(by=by, scope=meeting.council.scope_id, subject=minutes, version=1)
    return minutes


@action(_("Compte rendu enregistré"))
def save_texts(*, minutes: Minutes, texts: dict[str, tuple[int, str]], by: Actor) -> dict[str, int]:
    """Save parts: {"opening": (edit seen, text), "section-12": (…)…}. The edit number of each afterwards.

    Raises Changed, saving nothing, when a part was saved elsewhere since: `current` holds (edit, text) by part. A
    text equal to the present one is not a conflict.
    """
    minutes = _locked(minutes)
    rules.check_can_write(minutes, by)
    sections = {f"section-{s.pk}": s for s in minutes.sections.select_for_update()}
    present = {
        "opening": (minutes.edit, minutes.opening),
        "closing": (minutes.edit, minutes.closing),
        "correction_reason": (minutes.edit, minutes.correction_reason),
        **{name: (section.edit, section.text) for name, section in sections.items()},
    }
    if not texts.keys() <= present.keys():
        raise Refused(
            _now(
                "Une partie du compte rendu a été retirée entre-temps : copiez votre texte avant de recharger la page."
            )
        )
    different = {name for name, (_edit, text) in texts.items() if text != present[name][1]}
    check_body_names_nobody(minutes.meeting.body, *(texts[name][1] for name in sorted(different)))
    conflicts = {name: present[name] for name in sorted(different) if texts[name][0] != present[name][0]}
    if conflicts:
        raise Changed(**conflicts)
    for name in different:
        if name in sections:
            sections[name].text = texts[name][1]
            sections[name].edit += 1
            sections[name].save(update_fields=["text", "edit"])
        else:
            setattr(minutes, name, texts[name][1])
    if different - sections.keys():
        minutes.edit += 1
        minutes.save(update_fields=["opening", "closing", "correction_reason", "edit"])
    audit.record(by=by, scope=minutes.meeting.council.scope_id, subject=minutes, parts=len(different))
    return {name: sections[name].edit if name in sections else minutes.edit for name in texts}


@action(_("Partie ajoutée au compte rendu"))
def add_section(*, minutes: Minutes, title: str, by: Actor) -> MinutesSection:
    """For a point that came up in the meeting."""
    minutes = _locked(minutes)
    rules.check_can_write(minutes, by)
    check_body_names_nobody(minutes.meeting.body, title)
    last = minutes.sections.aggregate(last=Max("position"))["last"] or 0
    section = MinutesSection.objects.create(minutes=minutes, title=title, position=last + 1)
    audit.record(by=by, scope=minutes.meeting.council.scope_id, subject=section)
    return section


@action(_("Partie retirée du compte rendu"))
def remove_section(*, section: MinutesSection, by: Actor) -> None:
    """Only an empty one, so that no text is lost."""
    minutes = _locked(section.minutes)
    rules.check_can_write(minutes, by)
    section = MinutesSection.objects.select_for_update().get(pk=section.pk)
    if section.text.strip() or section.decisions.exists():
        raise Refused(_now("Cette partie a un texte ou une décision : retirez-les d’abord."))
    audit.record(by=by, scope=minutes.meeting.council.scope_id, subject=section)
    section.delete()


@action(_("Compte rendu approuvé"))
def approve(*, minutes: Minutes, seen: str, by: Actor) -> None:
    """Lock the text, number the decisions, freeze the attendance and the quorum. `seen` is the digest of what was read.

    Decisions are numbered by council and year of the meeting, without a hole: the council's row is locked first.
    Raises Changed when the minutes are no longer what was read.
    """
    Council.objects.select_for_update().get(pk=minutes.meeting.council_id)
    minutes = _locked(minutes)
    rules.check_can_approve(minutes, by)
    if rules.digest(minutes) != seen:
        raise Changed(seen=rules.digest(minutes))
    meeting = minutes.meeting
    decisions = list(minutes.decisions.filter(rank=None).order_by("section__position", "pk"))
    _number(decisions, meeting)
    minutes.attendance, minutes.quorum = attendance_text(meeting), quorum_of_minutes(minutes)
    minutes.approved_at, minutes.approved_by = timezone.now(), by.person
    minutes.save()
    for decision in decisions:
        _supersede(decision, by)
    if meeting.state == Meeting.State.HELD:
        meeting.state = Meeting.State.APPROVED
        meeting.save(update_fields=["state"])
    audit.record(
        by=by, scope=meeting.council.scope_id, subject=minutes, version=minutes.version, decisions=len(decisions)
    )


def _number(decisions: list[Decision], meeting: Meeting) -> None:
    year = day_of(meeting).year
    numbered = Decision.objects.filter(council=meeting.council_id, year=year)
    last = numbered.aggregate(last=Max("rank"))["last"] or 0
    for rank, decision in enumerate(decisions, last + 1):
        decision.year, decision.rank = year, rank
    Decision.objects.bulk_update(decisions, ["year", "rank"])


def _supersede(decision: Decision, by: Actor) -> None:
    """The decision that this one rectifies is followed no more; its text stays readable."""
    if decision.replaces is None:
        return
    note = _now("Rectifiée par la décision %(number)s.") % {"number": decision.number}
    DecisionProgress.objects.create(decision=decision.replaces, state=Decision.State.DROPPED, note=note, by=by.person)
    Decision.objects.filter(pk=decision.replaces.pk).update(state=Decision.State.DROPPED)


@action(_("Correction d’un compte rendu ouverte"))
def correct(*, minutes: Minutes, reason: str, by: Actor) -> Minutes:
    """A new version, copied from the approved one, which stays as it is."""
    minutes = _locked(minutes)
    rules.check_can_correct(minutes, by)
    check_body_names_nobody(minutes.meeting.body, reason)
    if not reason.strip():
        raise Refused(_now("Dites pourquoi le compte rendu est corrigé."))
    with transaction.atomic():
        version = Minutes.objects.create(
            meeting=minutes.meeting,
            version=minutes.version + 1,
            opening=minutes.opening,
            closing=minutes.closing,
            correction_reason=reason.strip(),
        )
        MinutesSection.objects.bulk_create(
            MinutesSection(minutes=version, item_id=s.item_id, position=s.position, title=s.title, text=s.text)
            for s in minutes.sections.all()
        )
    audit.record(by=by, scope=minutes.meeting.council.scope_id, subject=version, version=version.version)
    return version


@action(_("Correction d’un compte rendu abandonnée"))
def discard_correction(*, minutes: Minutes, by: Actor) -> None:
    minutes = _locked(minutes)
    rules.check_can_discard(minutes, by)
    audit.record(by=by, scope=minutes.meeting.council.scope_id, subject=minutes, version=minutes.version)
    minutes.decisions.all().delete()
    minutes.delete()
