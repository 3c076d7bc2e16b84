"""The calendar of a year: proposed, adjusted line by line, prepared in one go."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from prevenance.core.refusals import Refused
from prevenance.domains.governance.actions.calendar import Planned, plan_year
from prevenance.domains.governance.analysis.calendar import open_bodies, proposed_year, year_to_plan
from prevenance.domains.governance.forms.calendar import SlotFormSet
from prevenance.domains.governance.rules.councils import check_can_hold
from prevenance.domains.governance.views.councils import council_of


@require_http_methods(["GET", "POST"])
def year_calendar(request, pk):
    """What is typed stays on screen until it is right; nothing is prepared by half."""
    council = council_of(request, pk)
    check_can_hold(council, request.actor)
    year, refusal = wanted_year(request), ""
    bodies = {body.pk: body for body in open_bodies(request.actor, council.pk)}
    if request.method == "POST":
        formset = SlotFormSet(request.POST)
        if formset.is_valid():
            try:
                count = plan_year(council=council, planned=kept(formset, bodies), by=request.actor)
            except Refused as problem:
                refusal = problem.reason
            else:
                messages.success(request, said(count))
                return redirect(f"{reverse('governance:meetings')}?conseil={council.pk}&etat=draft")
    else:
        formset = SlotFormSet(initial=lines(council, year))
    today = timezone.localdate()
    context = {
        "council": council, "year": year, "years": [today.year, today.year + 1], "formset": formset,
        "refusal": refusal, "groups": grouped(formset, bodies),
    }  # fmt: skip
    return render(request, "governance/meetings/year.html", context, status=422 if formset.is_bound else 200)


def wanted_year(request):
    """This year or the next one; by default the one that is usually planned at this season."""
    today = timezone.localdate()
    asked = request.GET.get("annee", "")
    return int(asked) if asked in (str(today.year), str(today.year + 1)) else year_to_plan(today)


def lines(council, year):
    today = timezone.localdate()
    return [
        {"keep": True, "body": slot.body, "title": slot.title, "day": slot.day, "start": slot.start, "end": slot.end,
         "place": slot.place}
        for _body, slots in proposed_year(council, year)
        for slot in slots
        if slot.day > today
    ]  # fmt: skip


def kept(formset, bodies):
    """Lines to prepare. A body that is not of this council, or closed meanwhile, is refused by name of its line."""
    planned = []
    for form in formset:
        typed = form.cleaned_data
        if not typed.get("keep"):
            continue
        if typed["body"] not in bodies:
            raise Refused(_("La formation de « %(title)s » est fermée : décochez cette ligne.") % typed)
        planned.append(
            Planned(bodies[typed["body"]], typed["title"], typed["starts_at"], typed["ends_at"], typed["place"])
        )
    if not planned:
        raise Refused(_("Cochez au moins une réunion à préparer."))
    return planned


def grouped(formset, bodies):
    """(body, its lines) in the order of the page."""
    groups = {}
    for form in formset:
        number = form["body"].value()
        body = bodies.get(int(number)) if str(number).isdecimal() else None
        groups.setdefault(body, []).append(form)
    return list(groups.items())


def said(count):
    if not count:
        return _("Ces réunions étaient déjà préparées : rien n’a été ajouté.")
    return ngettext(
        "%(count)d réunion est préparée. Écrivez son ordre du jour quand vous voudrez.",
        "%(count)d réunions sont préparées. Écrivez leurs ordres du jour quand vous voudrez.",
        count,
    ) % {"count": count}
