"""The mayor's registers: their door, their front page, the protocol, and what every entry's page has in common."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from prevenance.core.documents.pdf import PdfUnavailable
from prevenance.core.documents.tables import FORMATS, Column, export
from prevenance.core.refusals import Refused
from prevenance.domains.followup.actions import registers as actions
from prevenance.domains.followup.analysis import registers as analysis
from prevenance.domains.followup.forms.registers import EntryFilters, ProtocolForm
from prevenance.domains.followup.forms.rights import HoldForm
from prevenance.domains.followup.models import CallProtocol
from prevenance.domains.followup.rules import registers as rules
from prevenance.domains.followup.rules.calls import protocol_of
from prevenance.domains.followup.views.writing import tried
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.governance.views.councils import PER_PAGE, download
from prevenance.domains.governance.views.files import file_response, named
from prevenance.domains.governance.views.requests import posted


@dataclass(frozen=True)
class Stage:
    """A step of an entry: its place in the address, what it leads to, what is typed, what does it.

    `options` gives the form what it needs (entry, said) -> keywords; `refusal` says why not yet, "" when it may;
    `shown` hides a step that does not apply; `lost` makes it ask once.
    """

    key: str
    title: str
    button: str
    states: tuple[str, ...]
    form: type
    apply: Callable[..., Any]
    done: str
    options: Callable[..., dict[str, Any]] = field(default=lambda entry, said, request: {})
    refusal: Callable[[Any], str] = field(default=lambda entry: "")
    shown: Callable[[Any], bool] = field(default=lambda entry: True)
    hint: str = ""
    lost: str = ""

    def possible(self, entry, following):
        """Whether the entry may still take this step; a correction, which leads nowhere, while it is open."""
        if not entry.is_open or not self.shown(entry):
            return False
        return not self.states or any(state in following[entry.state] for state in self.states)


def held(request):
    """The commune whose registers the actor holds; 404 for anybody else: they do not exist."""
    if not rules.holds(request.actor):
        raise Http404
    return request.actor.mandate.scope


def entry_of(request, model, pk):
    held(request)
    entries = model.objects.visible_to(request.actor).select_related("scope", "opened_by")
    return get_object_or_404(entries, pk=pk)


@require_safe
def registers(request):
    """Both registers, what they ask, and the protocol."""
    scope = held(request)
    context = {
        "scope": scope,
        "waiting": analysis.deadlines(request.actor),
        "protocol": protocol_of(scope.pk, timezone.localdate()),
        "protocols": CallProtocol.objects.visible_to(request.actor).filter(scope=scope)[:5],
        "terms": rules.terms(),
        "doubt": rules.dated(rules.TRANSACTIONS, "minors", timezone.localdate()),
    }
    return render(request, "followup/registers/registers.html", context)


@require_http_methods(["GET", "POST"])
def protocol(request):
    scope = held(request)
    form = ProtocolForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            actions.declare_protocol(scope=scope, by=request.actor, **form.terms())
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("Le protocole est enregistré : il s’applique aux rappels à l’ordre."))
            return redirect("followup:registers")
    context = {"form": form, "scope": scope}
    return render(request, "followup/registers/protocol.html", context, status=422 if form.errors else 200)


# ------------------------------------------------------------------------------------------------------ both registers


def entry_list(request, model, template, name, title):
    """Entries by number, never by name; `?format=` gives the same list as a file."""
    scope = held(request)
    filters = EntryFilters(request.GET, model)
    found = filters.narrow(model.objects.visible_to(request.actor).filter(scope=scope)).order_by("-opened_on", "-pk")
    if request.GET.get("format") in FORMATS:
        return download(name, export_entries(request.GET["format"], found, scope, title))
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "scope": scope,
        "page": page,
        "lines": analysis.with_next(page.object_list, scope.pk),
        "filters": filters,
        "filtered": any(request.GET.values()),
    }
    return render(request, template, context)


def export_entries(format, found, scope, title):
    columns = [
        Column("number", _("Numéro")), Column("state", _("État")), Column("facts_on", _("Faits du"), "date"),
        Column("opened_on", _("Ouvert le"), "date"), Column("what", _("À faire")),
        Column("before", _("Avant le"), "date"), Column("ended_on", _("Terminé le"), "date"),
        Column("purge_on", _("Effacé le"), "date"),
    ]  # fmt: skip
    rows = (
        {
            "number": line.entry.number, "state": line.entry.get_state_display(), "facts_on": line.entry.facts_on,
            "opened_on": line.entry.opened_on, "what": line.what, "before": line.before,
            "ended_on": line.entry.ended_on, "purge_on": line.entry.purge_on,
        }
        for line in analysis.with_next(found, scope.pk)
    )  # fmt: skip
    return export(format, columns, rows, title=title)


def entry_page(request, entry, stages, following, papers, template, **context):
    """What an entry holds, what comes next, its letters. Its reading is recorded before anything is shown."""
    actions.record_entry_reading(entry=entry, part="whole", by=request.actor)
    said = analysis.said_of(entry)
    open_stages = [stage for stage in stages if stage.possible(entry, following)]
    open_stages.sort(key=lambda stage: entry.state in stage.states)  # what is done again comes after what is next
    context |= {
        "entry": entry,
        "said": said,
        "born": analysis.born(said),
        "due": analysis.with_next([entry], entry.scope_id)[0],
        "stages": [(stage, stage.refusal(entry)) for stage in open_stages],
        "papers": [paper for paper in papers if paper.available(entry)],
        "lines": context["lines"](entry, said),
        "dates": analysis.dates_of(entry),
        "holds": analysis.holds_of(entry),
    }
    context["holding"] = any(row.lifted_on is None for row, _why, _runs in context["holds"])
    return render(request, template, context)


def entry_stage(request, entry, key, stages, following, kind):
    """One step: its form, then the act. A second click, or a step taken meanwhile, leads back to the page."""
    stage = next((one for one in stages if one.key == key), None)
    if stage is None:
        raise Http404
    back = f"followup:{kind}"
    if not stage.possible(entry, following):
        messages.info(request, _("Cette étape est déjà faite, ou n’est plus possible : voyez où en est la fiche."))
        return redirect(back, entry.pk)
    if why := stage.refusal(entry):
        raise Refused(why)
    said = analysis.said_of(entry)
    options = stage.options(entry, said, request)
    initial = {"seen": entry.edit} | options.pop("initial", {})
    form = stage.form(posted(request), initial=initial, **options)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            stage.apply(entry, form, form.cleaned_data["seen"], request.actor)
        except Stale as stale:
            form.data = form.data.copy()
            form.data["seen"] = entry.edit
            form.add_error(None, stale.reason)
            status = 409
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, stage.done)
            return redirect(back, entry.pk)
    status = 422 if form.errors and status == 200 else status
    if len(form.fields) > 1:  # what it shows may be sealed
        actions.record_entry_reading(entry=entry, part="step", by=request.actor)
    context = {"form": form, "entry": entry, "stage": stage, "kind": kind, "back": back}
    return render(request, "followup/registers/stage.html", context, status=status)


def entry_paper(request, entry, key, papers, kind):
    """A letter as PDF. Its name in the download holds a number, and nobody's."""
    paper = next((one for one in papers if one.key == key and one.available(entry)), None)
    if paper is None:
        raise Http404
    actions.record_entry_reading(entry=entry, part=f"letter:{paper.key}", by=request.actor)
    try:
        content = analysis.draw(entry, paper, analysis.said_of(entry))
    except PdfUnavailable as problem:
        messages.error(request, str(problem))
        return redirect(f"followup:{kind}", entry.pk)
    name = named(entry._meta.verbose_name, entry.number, paper.key, extension="pdf")
    return file_response(content, "application/pdf", name, inline=True)


def entry_hold(request, entry, kind):
    """Stop the clock of an entry, ended or not, as for a file."""
    form = HoldForm(posted(request))
    done, status = tried(
        form,
        lambda values: actions.hold_entry(
            entry=entry, reason=values["reason"], until=values["until"], by=request.actor
        ),
    )
    if done:
        messages.success(request, _("La conservation est imposée : la fiche ne s’efface pas avant sa fin."))
        return redirect(f"followup:{kind}", entry.pk)
    context = {"form": form, "entry": entry, "kind": kind, "back": f"followup:{kind}"}
    return render(request, "followup/registers/hold.html", context, status=status)


def entry_release(request, entry, kind):
    """Let its clock go on, after saying what is lost."""
    if request.method == "POST":
        try:
            actions.release_entry(entry=entry, by=request.actor)
        except Stale as stale:
            messages.info(request, stale.reason)
        else:
            messages.success(request, _("La conservation est levée : la fiche s’efface à sa date."))
        return redirect(f"followup:{kind}", entry.pk)
    passed = entry.purge_on <= timezone.localdate()
    lost = _("La fiche a passé sa date : elle s’efface la nuit prochaine, sans retour.") if passed else _(
        "La fiche s’effacera le %(day)s, sans retour."
    ) % {"day": entry.purge_on.strftime("%d/%m/%Y")}  # fmt: skip
    context = {
        "title": _("Lever la conservation ?"), "lost": lost, "confirm": _("Lever la conservation"),
        "url": request.path, "hidden": {}, "back": reverse(f"followup:{kind}", args=[entry.pk]),
    }  # fmt: skip
    return render(request, "components/confirm_page.html", context)
