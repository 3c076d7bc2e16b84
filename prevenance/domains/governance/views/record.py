"""The record of decisions of a council: a year, on screen, as PDF and as tables."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from prevenance.core.documents.pdf import PdfUnavailable, render_pdf
from prevenance.core.documents.tables import Column
from prevenance.domains.governance.analysis.record import decided_in, last_notes, years_of
from prevenance.domains.governance.models import Body
from prevenance.domains.governance.views.councils import council_of
from prevenance.domains.governance.views.files import file_response, named, table_or_none

PAGE = 25
COLUMNS = [
    Column("number", _("Numéro"), width=10),
    Column("day", _("Séance"), "date"),
    Column("body", _("Formation"), width=30),
    Column("text", _("Décision"), width=70),
    Column("owner", _("Responsable"), width=30),
    Column("due_on", _("Échéance"), "date"),
    Column("state", _("État"), width=14),
    Column("note", _("Dernier avancement"), width=50),
]


class RecordFilter(forms.Form):
    """A year and a body; by default the last year with a decision, and every body that names nobody."""

    annee = forms.TypedChoiceField(label=_("Année"), coerce=int, required=False, empty_value=None)
    formation = forms.ModelChoiceField(
        None, label=_("Formation"), required=False, empty_label=_("Toutes, hors groupes à échange nominatif")
    )

    def __init__(self, data, *, years, bodies):
        super().__init__(data)
        self.fields["annee"].choices = [(year, str(year)) for year in years]
        self.fields["formation"].queryset = bodies
        self.full_clean()


@require_safe
def decision_record(request, pk):
    """What a council decided in a year. What a nominative group decided never mixes with the rest."""
    council = council_of(request, pk)
    years = years_of(request.actor, council) or [timezone.localdate().year]
    bodies = Body.objects.visible_to(request.actor).filter(council=council)
    chosen = RecordFilter(request.GET, years=years, bodies=bodies)
    year = chosen.cleaned_data.get("annee") or years[0]
    body = chosen.cleaned_data.get("formation")
    decisions = decided_in(request.actor, council, year, body)
    title = _("Relevé des décisions %(year)s") % {"year": year}
    if request.GET.get("format") == "pdf":
        return record_pdf(request, council, body, decisions, title)
    if file := table_or_none(request, COLUMNS, every_row(decisions), title=f"{title} {council.name}"):
        return file
    page = Paginator(decisions, PAGE).get_page(request.GET.get("page"))
    context = {"council": council, "filter": chosen, "year": year, "page": page, "rows": rows_of(page.object_list)}
    return render(request, "governance/decisions/record.html", context)


def every_row(decisions):
    """Lines of a file, read only when one is asked for."""
    yield from rows_of(decisions[:])


def rows_of(decisions):
    notes = last_notes(decisions)
    return [row_of(decision, notes.get(decision.pk, "")) for decision in decisions]


def row_of(decision, note):
    meeting = decision.minutes.meeting if decision.minutes else None
    return {
        "number": decision.number,
        "day": timezone.localdate(meeting.starts_at) if meeting else None,
        "body": meeting.body.name if meeting else "",
        "text": decision.text,
        "owner": decision.owner.name if decision.owner else decision.owner_label,
        "due_on": decision.due_on,
        "state": decision.get_state_display(),
        "note": note,
        "pk": decision.pk,
    }


def record_pdf(request, council, body, decisions, title):
    context = {"council": council, "body": body, "title": title, "rows": list(every_row(decisions))}
    try:
        content = render_pdf("governance/decisions/record_pdf.html", context, title=title, author=council.name)
    except PdfUnavailable as problem:
        messages.error(request, str(problem))
        return redirect("governance:decision_record", council.pk)
    return file_response(content, "application/pdf", named(title, council.name, extension="pdf"), inline=True)
