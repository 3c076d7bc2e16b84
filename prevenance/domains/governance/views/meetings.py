"""Meetings: the list, the page that says what to do next, the agenda."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prevenance.core.composed import composed, one_of
from prevenance.core.documents.tables import Column
from prevenance.core.refusals import reason
from prevenance.domains.governance.actions import meetings as actions
from prevenance.domains.governance.analysis.calendar import usual
from prevenance.domains.governance.analysis.meeting import decisions_of, lines_of, points_of, versions_of
from prevenance.domains.governance.analysis.papers import moment
from prevenance.domains.governance.forms.meetings import MeetingFilter, MeetingForm, meeting_values
from prevenance.domains.governance.models import (
    AgendaItem,
    Attendance,
    Body,
    Council,
    Decision,
    Meeting,
    Postponement,
)
from prevenance.domains.governance.models.councils import is_held_by
from prevenance.domains.governance.rules import meetings as rules
from prevenance.domains.governance.rules import minutes as minutes_rules
from prevenance.domains.governance.rules.confidential import NamesSomebody
from prevenance.domains.governance.rules.councils import Stale, check_can_hold
from prevenance.domains.governance.rules.decisions import lateness
from prevenance.domains.governance.views.files import table_or_none
from prevenance.domains.governance.views.requests import naming_nobody, posted

PAGE = 25
COLUMNS = [
    Column("starts_at", _("Début"), "datetime"),
    Column("ends_at", _("Fin"), "datetime"),
    Column("title", _("Intitulé"), width=40),
    Column("council__name", _("Conseil"), width=40),
    Column("body__name", _("Formation"), width=24),
    Column("place", _("Lieu")),
    Column("state", _("État"), width=20),
]


def visible(request, pk):
    """The meeting of an address, or 404."""
    return one_of(reached_meeting(request.actor, pk))


@composed
def reached_meeting(actor, pk):
    return Meeting.objects.visible_to(actor).select_related("council", "body").filter(pk=pk)


def rows(meetings):
    """Lines of the export, read only when a file is asked for."""
    keys = [column.key for column in COLUMNS]
    for row in meetings.values(*keys).iterator(chunk_size=1000):
        yield row | {"state": Meeting.State(row["state"]).label}


@require_safe
def meeting_list(request):
    chosen = MeetingFilter(request.GET)
    meetings = chosen.narrowed(Meeting.objects.visible_to(request.actor)).select_related("council", "body")
    if file := table_or_none(request, COLUMNS, rows(meetings), title=_("Réunions")):
        return file
    council = None
    if chosen.cleaned_data.get("conseil"):
        council = Council.objects.visible_to(request.actor).filter(pk=chosen.cleaned_data["conseil"]).first()
    elif request.actor.scope_kind == "council":
        council = Council.objects.visible_to(request.actor).filter(scope=request.actor.scope_id).first()
    context = {
        "page": Paginator(meetings, PAGE).get_page(request.GET.get("page")),
        "filter": chosen,
        "filtered": any(request.GET.get(name) for name in ("q", "etat", "quand")),
        "council": council,
        "may_create": council is not None and not reason(check_can_hold, council, request.actor),
    }
    return render(request, "governance/meetings/list.html", context)


@require_safe
def meeting(request, pk):
    """The hub: where the meeting stands, what to do next, and everything about it."""
    meeting = visible(request, pk)
    items, held = items_of(meeting), is_held_by(meeting.council, request.actor)
    lines, versions, decisions = [], [], []
    if meeting.state != Meeting.State.DRAFT:
        lines = [line_of(row) for row in lines_of(request.actor, meeting.pk, held=held)]
    if meeting.state not in (Meeting.State.DRAFT, Meeting.State.CANCELLED):
        versions = versions_of(meeting.pk, held=held)
    if versions:
        decisions = decisions_of(meeting.pk, held=held)
    own = next((x for x in lines if x["member"] and x["member"] == request.actor.person_id), None)
    today = timezone.localdate()
    context = {
        "meeting": meeting,
        "moment": moment(meeting),
        "items": items,
        "duration": sum(item["minutes"] or 0 for item in items),
        "lines": lines,
        "versions": versions,
        "decisions": [(decision, lateness(decision, today)) for decision in decisions],
        "own": own,
        "own_refusal": reason(rules.check_open_to_answers, meeting) if own else "",
        "holds": not reason(check_can_hold, meeting.council, request.actor),
        "prepare_refusal": reason(rules.check_can_prepare, meeting, request.actor),
        # Whoever is told of a change has a sequence number: without one, nothing was put off and nothing is asked.
        "postponed": list(Postponement.objects.visible_to(request.actor, of=meeting)) if meeting.sequence else [],
        "postpone_refusal": reason(rules.check_can_postpone, meeting, request.actor),
        "cancel_refusal": reason(rules.check_can_cancel, meeting, request.actor),
        "attendance_refusal": reason(rules.check_can_take_attendance, meeting, request.actor),
        "counts": [
            (label, sum(1 for x in lines if x["presence"] == key))
            for key, label in MARKED
            if any(x["presence"] == key for x in lines)
        ],
        "awaiting": sum(1 for x in lines if x["member"] and not x["sent_at"]),
        "coming": sum(1 for x in lines if x["answer"] == "yes"),
        "not_coming": sum(1 for x in lines if x["answer"] == "no"),
    }
    if context["holds"]:
        context["stage"] = stage(meeting, request.actor, items, lines, versions, decisions)
    return render(request, "governance/meetings/meeting.html", context)


def items_of(meeting):
    """Points of the agenda in order, each with its documents, in one query."""
    items = {}
    for row in points_of(meeting.pk):
        item = items.setdefault(row["pk"], row | {"said": str(AgendaItem.Kind(row["kind"]).label), "papers": []})
        if row["documents__key"]:
            keys = ("key", "name", "shared")
            item["papers"].append({key: row[f"documents__{key}"] for key in keys})
    return list(items.values())


def line_of(row):
    """A line of the list of those convened: who, in what capacity, what they answered, whether they came."""
    name = f"{row['membership__person__given_name']} {row['membership__person__family_name']}".strip()
    stands_in = _("Suppléant") if row["membership__alternate_of_id"] else ""
    parts = (stands_in, row["membership__title"], row["membership__organisation__name"])
    member = row["membership_id"] is not None
    return {
        "pk": row["pk"],
        "member": row["membership__person_id"],
        "name": name if member else row["guest"],
        "title": ", ".join(part for part in parts if part) if member else _("Venu sans être convoqué"),
        "sent_at": row["sent_at"],
        "answer": row["answer"],
        "presence": row["presence"],
        "said": f"{ANSWERS[row['answer']]} · {PRESENCES[row['presence']]}",
    }


ANSWERS = {key: str(label) for key, label in Attendance.Answer.choices}
PRESENCES = {key: str(label) for key, label in Attendance.Presence.choices}
MARKED = [
    ("present", _("présents")),
    ("represented", _("représentés")),
    ("excused", _("excusés")),
    ("absent", _("absents")),
]
STEPS = [_("Préparer"), _("Convoquer"), _("Tenir"), _("Rédiger"), _("Approuver"), _("Suivre")]


def stage(meeting, actor, items, lines, versions, decisions):
    """Where the meeting stands among STEPS, and the next thing to do: sentence, label, address, refusal."""

    def step(number, advice, label="", name="", *, post=False, pk=None, refusal=""):
        return {
            "number": number,
            "total": len(STEPS),
            "title": STEPS[number - 1],
            "following": STEPS[number] if number < len(STEPS) else "",
            "advice": advice,
            "label": label,
            "url": reverse(f"governance:{name}", args=[pk or meeting.pk]) if name else "",
            "post": post,
            "refusal": refusal,
        }

    state = Meeting.State
    if meeting.state == state.CANCELLED:
        return None
    if meeting.state == state.DRAFT:
        missing = reason(rules.check_can_convene, meeting, actor)
        if not items:
            return step(1, _("Écrivez l’ordre du jour."), _("Écrire l’ordre du jour"), "agenda")
        if missing:
            return step(1, missing, _("Modifier la réunion"), "meeting_edit")
        return step(2, _("Tout est prêt pour convoquer les membres."), _("Relire et convoquer"), "convocation")
    if meeting.state == state.CONVENED:
        if rules.day_of(meeting) > timezone.localdate():
            return step(3, _("Les membres sont convoqués. Le jour venu, pointez ici les présences."))
        refusal = reason(rules.check_can_declare_held, meeting, actor)
        if not any(line["presence"] for line in lines):
            return step(
                3, _("Pointez les présences, sur un téléphone s’il le faut."), _("Pointer les présences"), "attendance"
            )
        return step(
            3,
            _("Une fois la réunion finie, dites qu’elle a eu lieu."),
            _("La réunion a eu lieu"),
            "meeting_held",
            post=True,
            refusal=refusal,
        )
    draft = next((v for v in versions if v.approved_at is None), None)
    if meeting.state == state.HELD:
        if draft is None:
            refusal = reason(minutes_rules.check_can_start_minutes, meeting, actor)
            return step(
                4,
                _("Le compte rendu part de l’ordre du jour : chaque point y a sa place."),
                _("Ouvrir le compte rendu"),
                "minutes_start",
                post=True,
                refusal=refusal,
            )
        ready = (
            any(line["presence"] for line in lines)
            and (draft.written or draft.opening.strip())
            and all(d.due_on and (d.owner_id or d.owner_label) for d in decisions)
        )
        if not ready:
            return step(
                4,
                _("Écrivez le compte rendu, les décisions, qui les porte et pour quand."),
                _("Écrire le compte rendu"),
                "minutes_write",
                pk=draft.pk,
            )
        return step(
            5,
            _("Le compte rendu attend l’approbation de la présidence du conseil."),
            _("Relire pour approuver"),
            "minutes",
            pk=draft.pk,
        )
    if draft is not None:
        return step(
            5,
            _("Une correction du compte rendu attend d’être approuvée."),
            _("Relire pour approuver"),
            "minutes",
            pk=draft.pk,
        )
    left = sum(1 for d in decisions if d.state in (Decision.State.OPEN, Decision.State.STARTED))
    if left:
        return step(6, _("Le compte rendu est approuvé. Décisions encore à mener : %(count)d.") % {"count": left})
    return step(6, _("Le compte rendu est approuvé, aucune décision n’est en attente."))


@require_http_methods(["GET", "POST"])
def create(request, council):
    council = get_object_or_404(Council.objects.visible_to(request.actor), pk=council)
    check_can_hold(council, request.actor)
    bodies = Body.objects.visible_to(request.actor).filter(council=council).open()
    asked = request.GET.get("formation", "")
    form = MeetingForm(posted(request), bodies=bodies, initial=usual(council, int(asked) if asked.isdigit() else None))
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        with naming_nobody(form):
            created = actions.create_meeting(
                body=typed["body"],
                title=typed["title"],
                starts_at=typed["starts_at"],
                ends_at=typed["ends_at"],
                place=typed["place"],
                by=request.actor,
            )
            messages.success(request, _("Réunion préparée. Écrivez maintenant son ordre du jour."))
            return redirect("governance:agenda", created.pk)
    context = {"council": council, "form": form, "meeting": None, "conflicts": []}
    return render(request, "governance/meetings/form.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def edit(request, pk):
    meeting = visible(request, pk)
    rules.check_can_prepare(meeting, request.actor)
    if request.method == "GET":
        form, status, conflicts = MeetingForm(initial=meeting_values(meeting)), 200, []
    else:
        form, status, conflicts = MeetingForm(request.POST), 422, []
        if form.is_valid():
            typed = form.cleaned_data
            try:
                told = actions.edit_meeting(
                    meeting=meeting,
                    seen=typed["version"] or 0,
                    title=typed["title"],
                    starts_at=typed["starts_at"],
                    ends_at=typed["ends_at"],
                    place=typed["place"],
                    by=request.actor,
                )
            except rules.Changed:
                form, status = beside(form, meeting_values(visible(request, pk)), MeetingForm, "version"), 409
                conflicts = form.conflicts
            except NamesSomebody as refusal:
                form.add_error(None, refusal.reason)
            else:
                messages.success(
                    request,
                    _("Réunion modifiée : les membres convoqués vont recevoir le changement.")
                    if told
                    else _("Réunion modifiée."),
                )
                return redirect("governance:meeting", pk)
    context = {"council": meeting.council, "meeting": meeting, "form": form, "conflicts": conflicts}
    return render(request, "governance/meetings/form.html", context, status=status)


def beside(form, current, make, stamp, **choices):
    """A form that keeps what was typed, knows the present version, and lists what differs: (label, typed, now)."""
    data = form.data.copy()
    data[stamp] = current[stamp]
    again = make(data, **choices)
    again.full_clean()
    again.conflicts = [
        (field.label, again.cleaned_data.get(name), current[name])
        for name, field in again.fields.items()
        if name in current and name != stamp and again.cleaned_data.get(name) != current[name]
    ]
    return again


@require_POST
def hold(request, pk):
    try:
        actions.declare_held(meeting=visible(request, pk), by=request.actor)
    except Stale as already:
        messages.info(request, already.reason)
    else:
        messages.success(request, _("La réunion est déclarée tenue. Ouvrez maintenant son compte rendu."))
    return redirect("governance:meeting", pk)
