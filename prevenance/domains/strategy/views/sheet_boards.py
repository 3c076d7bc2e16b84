"""Other ways of looking at a plan's sheets: by state, by day, on a line of time; dates that slip; one's own sheets."""

import calendar
from datetime import date, timedelta

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from prevenance.core.documents.tables import FORMATS, Column, export
from prevenance.core.refusals import Refused, reason
from prevenance.domains.governance.views.councils import PER_PAGE, download
from prevenance.domains.strategy.actions import sheets as actions
from prevenance.domains.strategy.analysis import my_day
from prevenance.domains.strategy.analysis import sheets as analysis
from prevenance.domains.strategy.forms.sheet_parts import SessionFilters
from prevenance.domains.strategy.forms.sheets import ShiftForm, ShiftReasonForm
from prevenance.domains.strategy.models import PreventionSession, Sheet, SheetStep
from prevenance.domains.strategy.rules import sheets as rules
from prevenance.domains.strategy.rules.catalogue import session_themes
from prevenance.domains.strategy.rules.plans import holds_plan
from prevenance.domains.strategy.views.sheets import filters_of, listed, plan_of, top

YEAR_WIDTH = 60  # thousandths of the line of time that the name of a year takes


@require_safe
def sheets_board(request, plan):
    """One list a state, each sheet with the states that it may take."""
    plan = plan_of(request, plan)
    filters = filters_of(request, plan)
    found = filters.narrow(analysis.with_lateness(listed(request, plan)))
    by_state = {state: [] for state in Sheet.State}
    for sheet in found.select_related("lead", "lead_person", "brought_by", "withdrawn_by").order_by("number"):
        sheet.plan = plan
        moves = [
            {"state": state, "label": Sheet.State(state).label, "asks": asks}
            for state, asks in rules.TRANSITIONS[sheet.state].items()
        ]
        by_state[sheet.state].append(
            {
                "sheet": sheet,
                "late": analysis.is_late(sheet),
                "moves": moves if not reason(rules.check_can_change, sheet, request.actor) else [],
            }
        )
    context = top(request, plan, "sheets_board") | {
        "filters": filters,
        "refusal": reason(rules.check_can_write, plan, request.actor),
        "columns": [(state, Sheet.State(state).label, cards) for state, cards in by_state.items()],
        "total": sum(map(len, by_state.values())),
    }  # fmt: skip
    return render(request, "strategy/sheets/board.html", context)


@require_safe
def sheets_calendar(request, plan):
    """A month: steps due, sessions held, sheets that begin and end."""
    plan = plan_of(request, plan)
    today = timezone.localdate()
    first = month_asked(request.GET.get("mois", ""), today)
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    days = analysis.dated(listed(request, plan), weeks[0][0], weeks[-1][-1])
    before, after = first - timedelta(days=1), (first + timedelta(days=32)).replace(day=1)
    context = top(request, plan, "sheets_calendar") | {
        "first": first, "before": before, "after": after,
        "weeks": [
            [{"day": day, "outside": day.month != first.month, "today": day == today, "events": days.get(day, [])}
             for day in week]
            for week in weeks
        ],
        "any": any(day.month == first.month for day in days),
    }  # fmt: skip
    return render(request, "strategy/sheets/calendar.html", context)


def month_asked(text, today):
    """The first day of « 2026-11 »; this month for anything else."""
    try:
        year, month = text.split("-")
        return date(int(year), int(month), 1) if 1900 < int(year) < 2200 else today.replace(day=1)
    except ValueError:
        return today.replace(day=1)


@require_safe
def sheets_timeline(request, plan):
    plan = plan_of(request, plan)
    filters = filters_of(request, plan)
    found = list(
        filters.narrow(analysis.with_lateness(listed(request, plan)))
        .select_related("lead")
        .order_by("begins", "number")
    )
    today = timezone.localdate()
    first, last = analysis.span_of(plan, found)
    span = max((last - first).days, 1)
    years = [
        (round(1000 * max((date(year, 1, 1) - first).days, 0) / span), year)
        for year in range(first.year, last.year + 1)
    ]
    ends = [place for place, _year in years[1:]] + [1000 + YEAR_WIDTH]
    named = [line for line, end in zip(years, ends, strict=True) if end - line[0] >= YEAR_WIDTH]
    context = top(request, plan, "sheets_timeline") | {
        "filters": filters, "bars": analysis.bars(found, first, last, today), "first": first,
        "last": last, "years": years, "named": named,
        "now": round(1000 * (today - first).days / span) if first <= today <= last else None,
    }  # fmt: skip
    return render(request, "strategy/sheets/timeline.html", context)


@require_http_methods(["GET", "POST"])
def sheets_shift(request, plan):
    """Choose and preview by the address, then confirm once, with a reason."""
    plan = plan_of(request, plan)
    rules.check_can_write(plan, request.actor)
    sheets = list(Sheet.objects.visible_to(request.actor).filter(rules.movable(plan)).order_by("number"))
    asked = "days" in request.GET
    form = ShiftForm(
        request.GET if asked else None,
        sheets=sheets,
        initial={"days": 30, "sheets": [str(sheet.pk) for sheet in sheets]},
    )
    lines, confirm, status = [], None, 200
    if asked and form.is_valid():
        chosen = [sheet for sheet in sheets if str(sheet.pk) in form.cleaned_data["sheets"]]
        days = form.cleaned_data["days"]
        lines = analysis.slip(chosen, days)
        data = request.POST if request.method == "POST" else None
        confirm = ShiftReasonForm(data, initial={"seen": rules.stamp(chosen)})
        if data is not None and confirm.is_valid():
            try:
                moved, steps = actions.shift_dates(
                    plan=plan, sheets=[sheet.pk for sheet in chosen], days=days, by=request.actor,
                    reason=confirm.cleaned_data["reason"], seen=confirm.cleaned_data["seen"],
                )  # fmt: skip
            except Refused as refusal:
                # A stale preview is shown again as it is now, with the reason that was typed.
                data = data.copy()
                data["seen"] = rules.stamp(chosen)
                confirm = ShiftReasonForm(data)
                confirm.add_error(None, refusal.reason)
                status = 409
            else:
                messages.success(
                    request,
                    _("Dates décalées : fiches %(sheets)d, étapes %(steps)d.") % {"sheets": moved, "steps": steps},
                )
                return redirect("strategy:sheets_timeline", plan.pk)
    wrong = (asked and form.errors) or (confirm is not None and confirm.errors)
    context = {"plan": plan, "form": form, "confirm": confirm, "lines": lines, "sheets": sheets}
    return render(request, "strategy/sheets/shift.html", context, status=422 if wrong and status == 200 else status)


@require_safe
def sessions(request, plan):
    """Sessions of primary prevention of a plan: who came is counted, by setting, theme and age."""
    plan = plan_of(request, plan)
    filters = SessionFilters(request.GET)
    own = PreventionSession.objects.visible_to(request.actor).filter(sheet__in=listed(request, plan).order_by())
    found = filters.narrow(own).select_related("sheet").order_by("-held_on", "-pk")
    if request.GET.get("format") in FORMATS:
        return download("seances", exported_sessions(request.GET["format"], found))
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = top(request, plan, "sessions") | {
        "filters": filters, "page": page, "totals": analysis.session_totals(found),
        "rows": [(session, session_themes().get(session.theme, session.theme)) for session in page.object_list],
        "sheets": listed(request, plan).exclude(state__in=rules.CLOSED).order_by("number"),
    }  # fmt: skip
    return render(request, "strategy/sheets/sessions.html", context)


def exported_sessions(format, found):
    columns = [
        Column("held_on", _("Tenue le"), "date"), Column("number", _("Fiche"), "integer"),
        Column("title", _("Intitulé de la fiche"), width=40), Column("setting", _("Cadre")),
        Column("theme", _("Thème"), width=40), Column("age_band", _("Âges")),
        Column("girls", _("Filles et femmes"), "integer"), Column("boys", _("Garçons et hommes"), "integer"),
        Column("attended", _("Présents"), "integer"), Column("peers", _("Pairs formés"), "integer"),
    ]  # fmt: skip
    rows = (
        {
            "held_on": session.held_on, "number": session.sheet.number, "title": session.sheet.title,
            "setting": session.get_setting_display(), "theme": session_themes().get(session.theme, session.theme),
            "age_band": session.get_age_band_display(), "girls": session.girls, "boys": session.boys,
            "attended": session.attended, "peers": session.peers,
        }
        for session in found
    )  # fmt: skip
    return export(format, columns, rows, title=_("Séances de prévention"))


@require_safe
def my_sheets(request):
    """Sheets that one follows, steps that one was asked for, what is late in the plans that one holds."""
    actor = request.actor
    own = SheetStep.objects.visible_to(actor).filter(owner=actor.person_id, done_on=None)
    own = own.exclude(sheet__state__in=rules.CLOSED).select_related("sheet__plan__council", "sheet__plan")
    context = {
        "followed": my_day.sheets_to_follow(actor, most=200, only_late=False),
        "steps": [
            (step, rules.step_is_late(step), holds_plan(step.sheet.plan, actor))
            for step in own.order_by("due_on", "pk")[:200]
        ],
    }  # fmt: skip
    return render(request, "strategy/sheets/mine.html", context)
