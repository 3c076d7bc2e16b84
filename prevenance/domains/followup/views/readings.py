"""« Qui a lu ce dossier », for the person followed; counts of readings, for the data protection officer."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from prevenance.core.documents.pdf import PdfUnavailable, render_pdf
from prevenance.core.documents.tables import FORMATS, Column, export
from prevenance.core.refusals import Refused
from prevenance.domains.followup.analysis import readings as analysis
from prevenance.domains.followup.forms.readings import PeriodForm
from prevenance.domains.followup.rules.endings import check_can_follow
from prevenance.domains.followup.views.reading import file_or_reason, read, show
from prevenance.domains.governance.views.councils import PER_PAGE, download
from prevenance.domains.governance.views.files import file_response, named

TAB = "followup:readings"


@require_safe
@file_or_reason
def readings(request, followup):
    """Each reading by function, day, part and reason; `?format=pdf` is what the person followed is given."""
    check_can_follow(followup, request.actor)
    read(request, followup, "rights")
    found = analysis.of_file(followup)
    if request.GET.get("format") == "pdf":
        return readings_pdf(request, followup, analysis.said(list(found.iterator()), followup.body_id))
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "rows": analysis.said(list(page.object_list), followup.body_id)}
    return show(request, "followup/readings/file.html", followup, TAB, context)


def readings_pdf(request, followup, rows):
    title = _("Lectures du dossier %(number)s") % {"number": followup.number}
    context = {"rows": rows, "file": followup, "today": timezone.localdate()}
    try:
        content = render_pdf("followup/readings/file_pdf.html", context, title=title, author=followup.body.council.name)
    except PdfUnavailable as problem:
        messages.error(request, str(problem))
        return redirect(TAB, followup.pk)
    return file_response(content, "application/pdf", named(title, extension="pdf"), inline=True)


@require_safe
def review(request):
    """How many readings in each group of one's controllers, by whom, of what, and why outside their own files."""
    if not request.actor.can("see_readings"):
        raise Refused(_("Les lectures des dossiers se comptent pour le délégué à la protection des données."))
    form = PeriodForm(request.GET if request.GET else None)
    begins, ends = form.period()
    bodies = analysis.groups_of(request.actor)
    found = analysis.review(bodies, begins, ends)
    if request.GET.get("format") in FORMATS:
        return download("lectures", export_readers(request.GET["format"], found.readers))
    page = Paginator(found.readers, PER_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "begins": begins, "ends": ends, "bodies": bodies, "review": found, "page": page}
    return render(request, "followup/readings/review.html", context)


def export_readers(format, readers):
    columns = [
        Column("group", _("Groupe")), Column("label", _("Lecteur")), Column("readings", _("Lectures"), "integer"),
        Column("files", _("Dossiers différents"), "integer"),
        Column("outside", _("Hors de ses suivis, avec un motif"), "integer"),
    ]  # fmt: skip
    keys = [column.key for column in columns]
    rows = ({key: getattr(count, key) for key in keys} for count in readers)
    return export(format, columns, rows, title=_("Lectures"))
