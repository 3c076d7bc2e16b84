"""The document of an agreement: read by whoever sees the agreement, kept by whoever keeps it. `what`: of which kind."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from prevenance.core.refusals import Refused
from prevenance.domains.directory.actions import agreement_documents as actions
from prevenance.domains.directory.forms.agreements import DocumentForm
from prevenance.domains.directory.models import PartnersAgreement, StationAgreement
from prevenance.domains.directory.rules import agreements as rules
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.governance.views.files import kept_file
from prevenance.domains.governance.views.requests import posted


def of(request, what, pk):
    """The agreement, how it is called, where one goes back to."""
    if what == "partners":
        found = PartnersAgreement.objects.visible_to(request.actor).select_related("departement", "document")
        agreement = get_object_or_404(found, pk=pk)
        return agreement, agreement.name, reverse("directory:agreements")
    found = StationAgreement.objects.visible_to(request.actor)
    found = found.select_related("post__departement", "post__commune", "document")
    agreement = get_object_or_404(found, pk=pk)
    return agreement, str(agreement.post), reverse("directory:station", args=[agreement.post_id])


@require_safe
def agreement_document(request, agreement, what):
    agreement, _name, _back = of(request, what, agreement)
    if agreement.document is None:
        raise Http404
    return kept_file(agreement.document)


@require_http_methods(["GET", "POST"])
def agreement_document_keep(request, agreement, what):
    """The first one, or another in its place; a file that is refused is explained."""
    agreement, name, back = of(request, what, agreement)
    rules.check_can_keep_document(agreement, request.actor)
    there = agreement.document
    form = DocumentForm(posted(request), request.FILES or None, initial={"seen": there.pk if there else 0})
    status = 200
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            actions.keep_document(
                agreement=agreement, content=file.read(), name=file.name, content_type=file.kind.content_type,
                seen=form.cleaned_data["seen"] or 0, by=request.actor,
            )  # fmt: skip
        except Refused as refusal:
            form.add_error(None, refusal.reason)
            status = 409 if isinstance(refusal, Stale) else 422
            # What is there now is shown: sent once more, the file takes its place.
            agreement, name, back = of(request, what, agreement.pk)
            there = agreement.document
            form.data = form.data.copy()
            form.data["seen"] = there.pk if there else 0
        else:
            messages.success(request, _("Le document est déposé."))
            return redirect(back)
    status = 422 if form.errors and status == 200 else status
    context = {"form": form, "name": name, "back": back, "there": there, "what": what}
    return render(request, "directory/agreements/document.html", context, status=status)


@require_http_methods(["GET", "POST"])
def agreement_document_remove(request, agreement, what):
    """Asks once and says what is lost."""
    agreement, name, back = of(request, what, agreement)
    rules.check_can_keep_document(agreement, request.actor)
    if request.method == "POST":
        try:
            actions.remove_document(agreement=agreement, by=request.actor)
        except Stale as stale:
            messages.info(request, stale.reason)
        else:
            messages.success(request, _("Le document est retiré."))
        return redirect(back)
    context = {
        "title": _("Retirer le document de « %(name)s » ?") % {"name": name}, "confirm": _("Retirer le document"),
        "hidden": {}, "back": back, "url": request.path,
        "lost": _("Le fichier est effacé pour tous, sans retour possible. La convention reste au registre."),
    }  # fmt: skip
    return render(request, "components/confirm_page.html", context)
