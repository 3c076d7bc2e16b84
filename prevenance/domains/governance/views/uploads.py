"""Documents of a council: deposit, read, communicate, remove."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prevenance.domains.governance.actions import uploads as actions
from prevenance.domains.governance.forms.uploads import UploadForm
from prevenance.domains.governance.models import Upload
from prevenance.domains.governance.rules import councils as rules
from prevenance.domains.governance.views.councils import council_of
from prevenance.domains.governance.views.files import kept_file


def upload_of(request, council, key):
    uploads = Upload.objects.visible_to(request.actor).select_related("council")
    return get_object_or_404(uploads, council=council, key=key)


@require_http_methods(["GET", "POST"])
def upload_add(request, pk):
    """Keep a file once its content was checked; what else was typed stays when it is refused."""
    council = council_of(request, pk)
    rules.check_can_hold(council, request.actor)
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        actions.add_upload(
            council=council, content=file.read(), name=file.name, content_type=file.kind.content_type,
            shared=form.cleaned_data["shared"], by=request.actor,
        )  # fmt: skip
        messages.success(request, _("Le document est déposé."))
        return redirect("governance:council", council.pk)
    context = {"form": form, "council": council}
    return render(request, "governance/councils/upload.html", context, status=422 if form.errors else 200)


@require_safe
def upload(request, pk, key):
    return kept_file(upload_of(request, council_of(request, pk), key))


@require_POST
def upload_share(request, pk, key):
    council = council_of(request, pk)
    shared = bool(request.POST.get("shared"))
    actions.share_upload(upload=upload_of(request, council, key), shared=shared, by=request.actor)
    messages.success(
        request,
        _("Les membres peuvent lire ce document.") if shared else _("Les membres ne lisent plus ce document."),
    )
    return redirect("governance:council", council.pk)


@require_http_methods(["GET", "POST"])
def upload_remove(request, pk, key):
    council = council_of(request, pk)
    upload = upload_of(request, council, key)
    rules.check_can_remove_upload(upload, request.actor)
    if request.method == "POST":
        actions.remove_upload(upload=upload, by=request.actor)
        messages.success(request, _("Le document est supprimé."))
        return redirect("governance:council", council.pk)
    context = {
        "title": _("Supprimer « %(name)s » ?") % {"name": upload.name},
        "lost": _("Le fichier est effacé pour tous, sans retour possible."),
        "confirm": _("Supprimer le document"), "url": request.path, "hidden": {},
        "back": reverse("governance:council", args=[council.pk]),
    }  # fmt: skip
    return render(request, "components/confirm_page.html", context)
