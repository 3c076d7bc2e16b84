"""Documents of a file: deposited, read, deleted. What is on the disk is sealed; it is opened for one answer only."""

from pathlib import PurePosixPath

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from prevenance.core.refusals import reason
from prevenance.domains.followup import actions
from prevenance.domains.followup.analysis.reading import key_of, opened_values
from prevenance.domains.followup.forms.work import AttachmentForm
from prevenance.domains.followup.models import Attachment
from prevenance.domains.followup.rules import lists, work
from prevenance.domains.followup.views.reading import file_or_reason, read, show
from prevenance.domains.followup.views.writing import goes_back, may, tried

TAB = "followup:attachments"


@require_http_methods(["GET", "POST"])
@file_or_reason
@goes_back(TAB)
def attachments(request, followup):
    """The documents, and a form for one more."""
    refusal = reason(work.check_can_note, followup, request.actor, found=True)
    if request.method == "POST":
        may(request, work.check_can_note, followup, request.actor)
    form = AttachmentForm(request.POST, request.FILES) if request.method == "POST" else AttachmentForm()
    done, status = tried(
        form,
        lambda values: actions.add_attachment(
            followup=followup, content=values["file"].read(), name=values["file"].name,
            content_type=values["file"].kind.content_type, kind=values["kind"], by=request.actor,
        ),
    )  # fmt: skip
    if done:
        messages.success(request, _("Le document est joint, chiffré avec la clé du dossier."))
        return redirect(TAB, followup.pk)
    read(request, followup, "attachments")
    key = key_of(followup)
    rows = list(Attachment.objects.visible_to(request.actor, of=followup).select_related("added_by"))
    follows = not reason(work.check_can_plan, followup, request.actor)
    for row in rows:
        said = opened_values(row, key)
        row.said = {"name": said["name"], "kind": lists.label("attachment_kinds", said["kind"])}
        row.may_go = follows or (not refusal and row.added_by_id == request.actor.person_id)
    context = {"rows": rows, "form": form, "refusal": refusal}
    return show(request, "followup/attachments.html", followup, TAB, context, status)


def attachment_of(request, followup, attachment):
    found = get_object_or_404(Attachment.objects.visible_to(request.actor, of=followup), pk=attachment)
    found.followup = followup
    return found


@require_safe
@file_or_reason
def attachment(request, followup, attachment):
    """The document itself, as a download that the browser neither keeps, guesses nor runs.

    Its own name stays in the page: what is offered to save is a number.
    """
    attachment = attachment_of(request, followup, attachment)
    read(request, followup, "attachments")
    return document_response(attachment, followup)


def document_response(attachment, followup):
    """A document of a file that the reader was found to have."""
    try:
        with default_storage.open(attachment.path(), "rb") as stored:
            sealed = stored.read()
    except FileNotFoundError as error:
        raise Http404 from error
    key = key_of(followup)
    extension = PurePosixPath(opened_values(attachment, key, ["name"])["name"]).suffix
    response = HttpResponse(key.open_bytes(sealed, attachment.place), content_type=attachment.content_type)
    name = f"dossier-{followup.number}-piece-{attachment.pk}{extension}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox"
    response["Cache-Control"] = "private, no-store"
    return response


@require_http_methods(["GET", "POST"])
@file_or_reason
@goes_back(TAB)
def attachment_remove(request, followup, attachment):
    attachment = attachment_of(request, followup, attachment)
    may(request, work.check_can_remove, attachment, followup, request.actor)
    if request.method == "POST":
        actions.remove_attachment(attachment=attachment, by=request.actor)
        messages.success(request, _("Le document est supprimé."))
        return redirect(TAB, followup.pk)
    context = {
        "title": _("Supprimer ce document ?"),
        "lost": _("Le document et son nom sont effacés pour tous, sans retour possible."),
        "confirm": _("Supprimer le document"), "url": request.path, "hidden": {},
        "back": reverse(TAB, args=[followup.pk]),
    }  # fmt: skip
    return render(request, "components/confirm_page.html", context)
