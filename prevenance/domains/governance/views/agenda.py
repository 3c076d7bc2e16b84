"""The agenda: written point by point, ordered by buttons, fed by decisions still to carry out."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from prevenance.domains.governance.actions import agenda as actions
from prevenance.domains.governance.analysis.agenda import waiting_for
from prevenance.domains.governance.analysis.papers import agenda_minutes, moment
from prevenance.domains.governance.forms.meetings import ItemForm
from prevenance.domains.governance.models import Upload
from prevenance.domains.governance.rules import meetings as rules
from prevenance.domains.governance.rules.confidential import NamesSomebody
from prevenance.domains.governance.views.meetings import beside, visible
from prevenance.domains.governance.views.requests import naming_nobody, posted


def documents_of(request, meeting):
    uploads = Upload.objects.visible_to(request.actor).filter(council=meeting.council_id)
    return uploads.none() if meeting.body.exchanged else uploads


def asked_of(request, meeting):
    """What the form of a point depends on."""
    return {"documents": documents_of(request, meeting), "nominative": meeting.body.nominative}


@require_http_methods(["GET", "POST"])
def agenda(request, pk):
    """The points in order, and a form for one more."""
    meeting = visible(request, pk)
    rules.check_can_prepare(meeting, request.actor)
    form = ItemForm(posted(request), **asked_of(request, meeting))
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        with naming_nobody(form):
            added = actions.add_item(
                meeting=meeting,
                kind=typed["kind"],
                title=typed["title"],
                presenter=typed["presenter"],
                minutes=typed["minutes"],
                file_number=typed.get("file_number", ""),
                documents=typed.get("documents", ()),
                by=request.actor,
            )
            return redirect(f"{reverse('governance:agenda', args=[pk])}#point-{added.pk}")
    items = list(meeting.items.prefetch_related("documents"))
    context = {
        "meeting": meeting,
        "moment": moment(meeting),
        "items": items,
        "form": form,
        "duration": agenda_minutes(items),
        "waiting": waiting_for(request.actor, meeting).total,
    }
    return render(request, "governance/meetings/agenda.html", context, status=422 if form.is_bound else 200)


def item_values(item):
    return {
        "title": item.title,
        "kind": item.kind,
        "presenter": item.presenter,
        "minutes": item.minutes,
        "file_number": item.file_number,
        "documents": [document.pk for document in item.documents.all()],
        "seen": rules.item_stamp(item),
    }


@require_http_methods(["GET", "POST"])
def edit_item(request, pk, item):
    meeting = visible(request, pk)
    rules.check_can_prepare(meeting, request.actor)
    item = get_object_or_404(meeting.items, pk=item)
    asked = asked_of(request, meeting)
    form, status, conflicts = ItemForm(initial=item_values(item), **asked), 200, []
    if request.method == "POST":
        form, status = ItemForm(request.POST, **asked), 422
        if form.is_valid():
            typed = form.cleaned_data
            try:
                actions.edit_item(
                    item=item,
                    seen=typed["seen"],
                    kind=typed["kind"],
                    title=typed["title"],
                    presenter=typed["presenter"],
                    minutes=typed["minutes"],
                    file_number=typed.get("file_number", ""),
                    documents=typed.get("documents", ()),
                    by=request.actor,
                )
            except rules.Changed as changed:
                form, status = beside(form, changed.current, ItemForm, "seen", **asked), 409
                conflicts = form.conflicts
            except NamesSomebody as refusal:
                form.add_error(None, refusal.reason)
            else:
                return redirect(f"{reverse('governance:agenda', args=[pk])}#point-{item.pk}")
    context = {"meeting": meeting, "item": item, "form": form, "conflicts": conflicts}
    return render(request, "governance/meetings/item.html", context, status=status)


@require_POST
def move_item(request, pk, item):
    """One place up or down; focus comes back on the point, so that a keyboard may press again."""
    meeting = visible(request, pk)
    item = get_object_or_404(meeting.items, pk=item)
    actions.move_item(item=item, up=request.POST.get("sens") == "monter", by=request.actor)
    return redirect(f"{reverse('governance:agenda', args=[pk])}#point-{item.pk}")


@require_http_methods(["GET", "POST"])
def remove_item(request, pk, item):
    meeting = visible(request, pk)
    item = get_object_or_404(meeting.items, pk=item)
    back = reverse("governance:agenda", args=[pk])
    if request.method == "POST":
        actions.remove_item(item=item, by=request.actor)
        messages.success(request, _("Point retiré de l’ordre du jour."))
        return redirect(back)
    rules.check_can_prepare(meeting, request.actor)
    context = {
        "title": _("Retirer ce point ?"),
        "confirm": _("Retirer le point"),
        "back": back,
        "hidden": {},
        "lost": _("Le point « %(title)s » quitte l’ordre du jour.") % {"title": item.title},
        "url": request.path,
    }
    return render(request, "components/confirm_page.html", context)
