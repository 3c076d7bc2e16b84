"""What the directory brings to the victim-support scheme of a département: a page, and its paper."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from prevenance.core.documents.pdf import PdfUnavailable, render_pdf
from prevenance.core.refusals import reason
from prevenance.domains.directory.analysis.scheme import brought
from prevenance.domains.directory.forms.scheme import SchemeFilter
from prevenance.domains.directory.rules.keeping import check_can_keep_somewhere
from prevenance.domains.directory.rules.stations import check_can_see
from prevenance.domains.directory.views.departements import departements_for
from prevenance.domains.directory.views.stations import sources
from prevenance.domains.governance.views.files import file_response, named


@require_safe
def scheme(request):
    actor, today = request.actor, timezone.localdate()
    check_can_see(actor)
    every, own = departements_for(actor)
    filters = SchemeFilter(request.GET, departements=every, own=own)
    context = {"filters": filters, "refusal": reason(check_can_keep_somewhere, actor), "place": filters.departement}
    if filters.departement is None:
        return render(request, "directory/scheme/scheme.html", context)
    place = filters.departement
    context |= {"brought": brought(actor, place, place.complete_on, today), "sources": sources(today)}
    if request.GET.get("format") == "pdf":
        return as_pdf(request, context)
    return render(request, "directory/scheme/scheme.html", context)


def as_pdf(request, context):
    """To be joined to the scheme, or handed to the committee that writes it."""
    place = context["place"]
    title = _("Ce que l’annuaire apporte au schéma, %(place)s") % {"place": place.name}
    try:
        content = render_pdf("directory/scheme/pdf.html", context, title=title, author=request.actor.scope_label)
    except PdfUnavailable as problem:
        messages.error(request, str(problem))
        return redirect(reverse("directory:scheme", query={"departement": place.code}))
    return file_response(content, "application/pdf", named(title, extension="pdf"), inline=True)
