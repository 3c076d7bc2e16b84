"""Files that one reads: the list, by numbers; a file and what is known of the person's situation."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from prevenance.core.refusals import Refused
from prevenance.domains.followup.analysis.reading import key_of, opened_values
from prevenance.domains.followup.models import FollowUp, Identity
from prevenance.domains.followup.views.reading import file_or_reason, read, show
from prevenance.domains.governance.views.councils import PER_PAGE


@require_safe
def files(request):
    if not request.actor.can("see_files"):
        raise Refused(_("Votre rôle n’ouvre aucun dossier de suivi."))
    found = FollowUp.objects.visible_to(request.actor).select_related("body")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "followup/files/list.html", {"page": page})


@require_safe
@file_or_reason
def file(request, followup):
    read(request, followup, "situation")
    key = key_of(followup)
    identity = Identity.objects.visible_to(request.actor, of=followup).get()
    context = {"identity": opened_values(identity, key)}
    return show(request, "followup/files/file.html", followup, "followup:file", context)
