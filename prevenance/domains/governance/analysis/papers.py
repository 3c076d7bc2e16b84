"""Meetings and minutes as what leaves on paper and in calendars. No name of a person helped is in any of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from prevenance.core.dates import date_format
from prevenance.core.documents import calendar
from prevenance.core.documents.pdf import render_pdf
from prevenance.domains.accounts.models import Person
from prevenance.domains.governance.models import Attendance, Decision, Meeting, Minutes, MinutesSection
from prevenance.domains.governance.rules.quorum import Count, count

Presence = Attendance.Presence


def address(name: str, *args: Any) -> str:
    """Absolute address of a page, for what is read outside the site."""
    return settings.PUBLIC_ADDRESS.rstrip("/") + reverse(f"governance:{name}", args=args)


def moment(meeting: Meeting) -> str:
    """« mardi 8 décembre 2026, de 10 h 00 à 12 h 00 », in Paris time."""
    start, end = timezone.localtime(meeting.starts_at), timezone.localtime(meeting.ends_at)
    hour = "G\u00a0\\h\u00a0i"
    if start.date() == end.date():
        return _("%(day)s, de %(start)s à %(end)s") % {
            "day": date_format(start, "l j F Y"),
            "start": date_format(start, hour),
            "end": date_format(end, hour),
        }
    return _("du %(start)s au %(end)s") % {
        "start": date_format(start, f"l j F Y {hour}"),
        "end": date_format(end, f"l j F Y {hour}"),
    }


# ------------------------------------------------------------------------------------------------ attendance


def lines_of(meeting: Meeting) -> list[Attendance]:
    """Every line of a meeting with its person and organisation, in the order of names; guests last."""
    lines = meeting.attendances.select_related(
        "membership__person", "membership__organisation", "membership__alternate_of__person"
    )
    return sorted(
        lines, key=lambda a: (a.membership is None, a.membership.person.sort_name if a.membership else a.guest)
    )


def described(line: Attendance) -> str:
    """« Camille Exemple, proviseure, Lycée inventé »; whom represents is said after."""
    who = ", ".join(part for part in (line.name, stands_for(line), line.title if line.membership else "") if part)
    if line.represented_by:
        return _("%(who)s, par %(other)s") % {"who": who, "other": line.represented_by}
    return who


def stands_for(line: Attendance) -> str:
    """« suppléant de Camille Exemple », "" for a member or a guest."""
    titular = line.membership.alternate_of if line.membership else None
    return _("suppléant de %(name)s") % {"name": titular.person.name} if titular else ""


def attendance_groups(lines: Iterable[Attendance]) -> list[tuple[str, list[Attendance]]]:
    """(heading, lines) for those who came, were represented, excused, absent; nobody without a mark."""
    kept = list(lines)
    groups = []
    for presence, heading in (
        (Presence.PRESENT, _("Présents")),
        (Presence.REPRESENTED, _("Représentés")),
        (Presence.EXCUSED, _("Excusés")),
        (Presence.ABSENT, _("Absents")),
    ):
        found = [line for line in kept if line.presence == presence]
        if found:
            groups.append((f"{heading} ({len(found)})", found))
    return groups


def attendance_text(meeting: Meeting) -> str:
    """The attendance as the minutes keep it once approved: a line a group."""
    groups = attendance_groups(lines_of(meeting))
    return "\n".join(
        f"{heading}\u00a0: " + "\u00a0; ".join(described(line) for line in lines) for heading, lines in groups
    )


def quorum_text(found: Count | None) -> str:
    """« Quorum atteint : 7 présents ou représentés sur 12 membres… », "" where no rulebook asks for one."""
    if found is None:
        return ""
    quorum = found.quorum
    share = {"share": f"{quorum.share.numerator}/{quorum.share.denominator}"}
    said = {
        "state": _("Quorum atteint") if found.reached else _("Quorum non atteint"),
        "there": found.there,
        "members": found.members,
        "needed": found.needed,
        "rule": (_("plus de %(share)s des membres") if quorum.strict else _("%(share)s des membres au moins")) % share,
    }
    text = _(
        "%(state)s : %(there)d présents ou représentés sur %(members)d membres, il en faut %(needed)d"
        " (règlement intérieur : %(rule)s)."
    )
    return text % said


def quorum_of_minutes(minutes: Minutes) -> str:
    """As frozen at approval, else as it stands."""
    if minutes.approved_at:
        return minutes.quorum
    return quorum_text(count(minutes.meeting, lines_of(minutes.meeting)))


# --------------------------------------------------------------------------------------------------- minutes


@dataclass
class Part:
    """A section with the decisions taken on its point, those of earlier versions included."""

    section: MinutesSection
    decisions: list[Decision] = field(default_factory=list)


def parts_of(minutes: Minutes) -> list[Part]:
    """The sections in order. A decision that this version or an earlier one rectified is left out."""
    parts = [Part(section) for section in minutes.sections.all()]
    by_position = {part.section.position: part for part in parts}
    decisions = list(
        Decision.objects.filter(minutes__meeting=minutes.meeting_id, minutes__version__lte=minutes.version)
        .select_related("owner", "section", "minutes", "replaces")
        .order_by("rank", "pk")
    )
    rectified = {decision.replaces_id for decision in decisions}
    for decision in decisions:
        if decision.pk not in rectified and decision.section and decision.section.position in by_position:
            by_position[decision.section.position].decisions.append(decision)
    for part in parts:
        part.decisions.sort(key=lambda decision: (decision.rank is None, decision.rank or 0, decision.pk))
    return parts


def attendance_of(minutes: Minutes) -> str:
    """As frozen at approval, else as it stands."""
    return minutes.attendance if minutes.approved_at else attendance_text(minutes.meeting)


def minutes_pdf(minutes: Minutes) -> bytes:
    """Tagged PDF of a version; of an approved one, drawn from locked text only. Raises PdfUnavailable."""
    meeting = minutes.meeting
    context = {
        "minutes": minutes,
        "meeting": meeting,
        "moment": moment(meeting),
        "parts": parts_of(minutes),
        "attendance": attendance_of(minutes).splitlines(),
        "quorum": quorum_of_minutes(minutes),
    }
    title = _("Compte rendu : %(title)s") % {"title": meeting.title}
    return render_pdf(
        "governance/minutes/minutes_pdf.html",
        context,
        title=title,
        author=meeting.council.name,
        created_at=minutes.approved_at,
    )


# ----------------------------------------------------------------------------------------------- convocation


def agenda_minutes(items: Iterable[Any]) -> int:
    """Sum of the durations given, in minutes."""
    return sum(item.minutes or 0 for item in items)


def convocation_pdf(meeting: Meeting) -> bytes:
    """Tagged PDF that calls to a meeting, the same for everyone. Raises PdfUnavailable."""
    context = {
        "meeting": meeting,
        "moment": moment(meeting),
        "items": list(meeting.items.prefetch_related("documents")),
    }
    return render_pdf(
        "governance/meetings/convocation_pdf.html",
        context,
        title=_("Convocation : %(title)s") % {"title": meeting.title},
        author=meeting.council.name,
        created_at=meeting.convened_at,
    )


def meeting_file(meeting: Meeting, *, stamp: datetime, attendee: Person | None = None, off: bool = False) -> bytes:
    """Calendar file of a meeting: published to whoever reads it, or sent to one member as REQUEST or CANCEL.

    `off` takes it out of the calendar of a member who need not come.
    """
    event = event_of(meeting, attendee)
    if off:
        event = replace(event, cancelled=True)
    method: calendar.Method = "PUBLISH" if attendee is None else "CANCEL" if event.cancelled else "REQUEST"
    return calendar.calendar([event], name=meeting.council.name, stamp=stamp, method=method)


def event_of(meeting: Meeting, attendee: Person | None = None) -> calendar.Event:
    """The entry of a meeting. Of a nominative group it says when and where: calendars are read by others."""
    quiet = meeting.body.exchanged
    title = _("Réunion de groupe") if quiet else meeting.title
    return calendar.Event(
        uid=f"{meeting.uid}@prevenance",
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        summary=f"{title} – {meeting.council.name}",
        place=meeting.place,
        description="" if quiet else "\n".join(agenda_lines(meeting)),
        sequence=meeting.sequence,
        cancelled=meeting.state == Meeting.State.CANCELLED,
        organiser_name=meeting.council.name,
        organiser_email=settings.DEFAULT_FROM_EMAIL,
        url=address("meeting", meeting.pk),
        attendees=((attendee.name, attendee.email),) if attendee else (),
    )


def agenda_lines(meeting: Meeting) -> Iterator[str]:
    """« 1. Intitulé (décision, 20 min) »."""
    for rank, item in enumerate(meeting.items.all(), 1):
        details = [item.get_kind_display().lower()]
        if item.minutes:
            details.append(ngettext("%(count)d minute", "%(count)d minutes", item.minutes) % {"count": item.minutes})
        yield f"{rank}. {item.title} ({', '.join(details)})"
