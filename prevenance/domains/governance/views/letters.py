"""The round of a département's councils, and the letters written from there."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from prevenance.core.documents.tables import FORMATS, Column, export
from prevenance.core.refusals import Refused, reason
from prevenance.domains.governance.actions import letters as actions
from prevenance.domains.governance.analysis.round import LISTED, lacking, lines
from prevenance.domains.governance.forms.letters import OPENINGS, LetterForm, RoundFilters
from prevenance.domains.governance.models import Council, Letter
from prevenance.domains.governance.models.councils import held_by
from prevenance.domains.governance.rules import letters as rules
from prevenance.domains.governance.rules.kinds import latest, with_plenary
from prevenance.domains.governance.rules.law import months_before, plenary_months
from prevenance.domains.governance.views.councils import PER_PAGE, coordinator_names, download


@require_safe
def tour(request):
    """Living councils in reach, those that have not met for longest first; from there one writes to those ticked."""
    actor, today = request.actor, timezone.localdate()
    rules.check_can_see_round(actor)
    since = months_before(today, plenary_months(today))
    filters = RoundFilters(request.GET)
    words, kind, lacks = filters.values()
    found = Council.objects.visible_to(actor).filter(ended_on=None)
    found = lacking(found.filter(kind__in=[kind] if kind else with_plenary()), lacks, since)
    if words:
        found = found.filter(Q(sort_name__startswith=words) | Q(territory__sort_name__startswith=words))
    found = found.order_by(F("last_plenary_on").asc(nulls_first=True), "sort_name", "pk")
    if request.GET.get("format") in FORMATS:
        return download("tournee", export_tour(request.GET["format"], rows_of(found, since)))
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": rows_of(page.object_list, since),
        "filters": filters,
        "filtered": any(request.GET.values()),
        "lacks": lacks,
        "months": plenary_months(today),
        "refusal": reason(rules.check_can_write, actor),
    }
    return render(request, "governance/letters/tour.html", context)


def rows_of(councils, since):
    rows = list(councils.values(*LISTED))
    lines(rows, since, coordinator_names([row["scope_id"] for row in rows]))
    return rows


def export_tour(format, rows):
    columns = [
        Column("name", _("Conseil")), Column("kind", _("Nature")), Column("territory__name", _("Territoire")),
        Column("territory__code", _("Code du territoire")), Column("last_plenary_on", _("Dernière plénière"), "date"),
        Column("coordinators", _("Coordination")), Column("rulebook_on", _("Règlement adopté le"), "date"),
        Column("groups", _("Groupes ouverts"), "integer"), Column("active", _("Groupes réunis en un an"), "integer"),
    ]  # fmt: skip
    table = (row | {"kind": latest()[row["kind"]].short} for row in rows)
    return export(format, columns, table, title=_("Conseils du département"))


@require_http_methods(["GET", "POST"])
def letter_write(request):
    """Write to the councils named in the address (`c=`); the recipients are shown before anything is sent."""
    rules.check_can_write(request.actor)
    keys = [int(key) for key in request.GET.getlist("c") if key.isdigit()][:500]
    councils = list(
        Council.objects.visible_to(request.actor)
        .filter(pk__in=keys, ended_on=None)
        .select_related("scope", "territory")
    )
    if not councils:
        messages.info(request, _("Cochez au moins un conseil, puis choisissez « Écrire aux conseils cochés »."))
        return redirect("governance:tour")
    opening = OPENINGS.get(request.GET.get("lacks", ""), "")
    start = _("Madame, Monsieur,") + "\n\n" + (str(opening) + "\n\n" if opening else "")
    form = LetterForm(request.POST if request.method == "POST" else None, initial={"text": start})
    if request.method == "POST" and form.is_valid():
        try:
            letter = actions.write_letter(councils=councils, by=request.actor, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("La lettre est enregistrée. Les courriels partent."))
            return redirect("governance:letter", letter.pk)
    people = rules.addressees(councils)
    context = {
        "form": form,
        "recipients": [(council, people[council.pk]) for council in councils],
        "label": ngettext("Envoyer à %(count)d conseil", "Envoyer à %(count)d conseils", len(councils))
        % {"count": len(councils)},
    }
    return render(request, "governance/letters/write.html", context, status=422 if form.errors else 200)


@require_safe
def letters(request):
    """Letters written by one's office, or received by the councils one holds."""
    found = Letter.objects.visible_to(request.actor).select_related("written_by", "scope")
    found = found.order_by("-written_at", "-id")
    if request.GET.get("format") in FORMATS:
        columns = [
            Column("subject", _("Objet")), Column("written_at", _("Date"), "date"), Column("scope", _("Au nom de")),
        ]  # fmt: skip
        rows = (
            {
                "subject": letter.subject,
                "written_at": timezone.localdate(letter.written_at),
                "scope": letter.scope.label,
            }
            for letter in found
        )
        return download("lettres", export(request.GET["format"], columns, rows, title=_("Lettres")))
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "governance/letters/list.html", {"page": page})


@require_safe
def letter(request, pk):
    """A letter as it was sent; its office sees every council written to, the others only those they hold."""
    actor = request.actor
    letter = get_object_or_404(Letter.objects.visible_to(actor).select_related("written_by", "scope"), pk=pk)
    ours = letter.scope_id == actor.scope_id
    reached = Council.objects.visible_to(actor).filter(pk__in=letter.recipients.values("council"))
    context = {
        "letter": letter,
        "councils": (reached if ours else reached.filter(held_by(actor, path=""))).order_by("sort_name", "pk"),
        "waiting": letter.recipients.filter(sent_at=None).count() if ours else 0,
    }
    return render(request, "governance/letters/letter.html", context)
