"""Alert devices, counted by département and month: the national table, who stated what, a new statement."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from prevenance.core.dates import date_format
from prevenance.core.documents.tables import Column
from prevenance.core.refusals import Refused, reason
from prevenance.domains.directory.actions import devices as actions
from prevenance.domains.directory.forms.devices import DeviceFilters, StatementForm
from prevenance.domains.directory.models import DeviceStatement
from prevenance.domains.directory.models.devices import FIGURES, device_kinds
from prevenance.domains.directory.rules import devices as rules
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.governance.views.councils import PER_PAGE
from prevenance.domains.governance.views.files import table_or_none
from prevenance.domains.governance.views.requests import posted
from prevenance.domains.strategy.rules.small_counts import threshold
from prevenance.domains.territories.models import Territory

LABELS = {
    "stock": gettext_lazy("En stock"), "allocated": gettext_lazy("Attribués"), "in_use": gettext_lazy("En service"),
    "waiting": gettext_lazy("Demandes en attente"), "overseas_need": gettext_lazy("Besoin outre-mer"),
}  # fmt: skip
HERE = ("stock", "allocated", "in_use", "waiting")  # overseas needs are in a table of their own


@require_safe
def devices(request):
    """A line a département that stated the month; overseas needs apart."""
    actor = request.actor
    rules.check_can_read(actor)
    statements = DeviceStatement.objects.visible_to(actor).latest_told()
    latest = statements.order_by("-month").values_list("month", flat=True).first()
    filters = DeviceFilters(request.GET, latest=latest)
    found = statements.filter(kind=filters.chosen, month=filters.first_day).select_related("departement")
    lines = rules.table(found, actor)
    title = _("%(kind)s, %(month)s") % {
        "kind": device_kinds()[filters.chosen], "month": date_format(filters.first_day, "F Y"),
    }  # fmt: skip
    file = table_or_none(request, columns(), lines, line=file_line, title=title)
    if file is not None:
        return file
    departements = Territory.objects.visible_to(actor).existing().filter(kind="departement").count()
    stated = max(len(lines) - 1, 0)
    context = {
        "filters": filters, "title": title, "labels": [LABELS[name] for name in HERE],
        "lines": [(line, cells(line, HERE)) for line in lines],
        "needs": [(line, *cells(line, ("overseas_need",))[0]) for line in lines if needs(line)],
        "missing": departements - stated, "least": threshold(timezone.localdate()).least,
        "any_hidden": any(line.hidden for line in lines),
        "state_refusal": reason(rules.check_can_state_somewhere, actor),
        "own_code": own_code(actor),
    }  # fmt: skip
    return render(request, "directory/devices/table.html", context)


def own_code(actor):
    """Of the département that one states, to read its statements."""
    if reason(rules.check_can_state_somewhere, actor):
        return ""
    return Territory.objects.visible_to(actor).values_list("code", flat=True).get(pk=actor.territory_id)


def cells(line, names):
    """[(figure in words, whether it is hidden)]"""
    return [(number(line.figures[name]), name in line.hidden) for name in names]


def number(value):
    if value is None:
        return _("non déclaré")
    return formats.number_format(value, use_l10n=True, force_grouping=True)


def needs(line):
    return line.figures["overseas_need"] is not None or "overseas_need" in line.hidden


def columns():
    named = [Column("code", _("Code Insee")), Column("departement", _("Département"))]
    return [
        *named,
        *(Column(name, str(label)) for name, label in LABELS.items()),
        Column("on", _("Déclaré le"), "date"),
    ]


def file_line(line):
    place = line.departement
    words = {name: _("masqué") if name in line.hidden else line.figures[name] for name in FIGURES}
    return {
        "code": place.code if place else "", "departement": place.name if place else _("Ensemble"),
        "on": line.stated_on,
    } | words  # fmt: skip


@require_safe
def device_statements(request, departement):
    """What was stated of a département, corrections included: for who states it, and for the national level."""
    actor = request.actor
    rules.check_can_read(actor)
    place = get_object_or_404(Territory.objects.visible_to(actor).filter(kind="departement"), code=departement)
    if not rules.reads_exactly(actor, place.pk):
        raise Refused(_("Le détail des déclarations se lit dans le département et au niveau national."))
    found = DeviceStatement.objects.visible_to(actor).filter(departement=place)
    found = found.select_related("court", "stated_by", "corrected_by").order_by("-month", "kind", "court", "-pk")
    title = _("Déclarations de dispositifs d’alerte, %(place)s") % {"place": place.name}
    file = table_or_none(request, statement_columns(), found, line=statement_line, title=title)
    if file is not None:
        return file
    context = {
        "place": place, "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "state_refusal": reason(rules.check_can_state, place, actor),
        "overseas": place.zone != Territory.Zone.METROPOLE,
    }  # fmt: skip
    return render(request, "directory/devices/statements.html", context)


def statement_columns():
    return [
        Column("month", _("Mois"), "date"), Column("kind", _("Dispositif")), Column("court", _("Tribunal")),
        *(Column(name, str(label), "integer") for name, label in LABELS.items()),
        Column("on", _("Déclaré le"), "date"), Column("by", _("Déclaré par")), Column("state", _("État")),
    ]  # fmt: skip


def statement_line(one):
    return {
        "month": one.month, "kind": one.kind_label, "court": one.court.name if one.court else "",
        "on": one.stated_on, "by": one.stated_by.name,
        "state": _("corrigée depuis") if one.is_corrected else _("en cours"),
    } | {name: getattr(one, name) for name in FIGURES}  # fmt: skip


@require_http_methods(["GET", "POST"])
def device_state(request):
    """A first statement of a month; `corrige` in the address: what a statement said, to be said again."""
    actor = request.actor
    rules.check_can_read(actor)
    rules.check_can_state_somewhere(actor)
    place = get_object_or_404(Territory.objects.visible_to(actor), pk=actor.territory_id)
    before = corrected_one(request, place)
    form = StatementForm(posted(request), departement=place, initial=values_of(before))
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            actions.state_devices(departement=place, **form.told(), seen=form.cleaned_data["seen"], by=actor)
        except Refused as refusal:
            form.add_error(None, refusal.reason)
            status = 409 if isinstance(refusal, Stale) else 422
        else:
            messages.success(request, _("La déclaration est enregistrée."))
            return redirect("directory:device_statements", place.code)
    status = 422 if form.errors and status == 200 else status
    context = {
        "form": form, "place": place, "before": before,
        "back": reverse("directory:device_statements", args=[place.code]),
    }  # fmt: skip
    return render(request, "directory/devices/form.html", context, status=status)


def corrected_one(request, place):
    asked = request.GET.get("corrige", "")
    if not asked.isdecimal():
        return None
    found = DeviceStatement.objects.visible_to(request.actor).latest_told().filter(departement=place)
    return found.select_related("court").filter(pk=asked).first()


def values_of(before):
    if before is None:
        return {}
    values = {name: getattr(before, name) for name in ("kind", "court", *FIGURES)}
    return values | {"month": f"{before.month:%Y-%m}", "seen": before.pk}
