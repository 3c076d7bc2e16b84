"""Where help was looked for and none was found: for who may open a post there. Protected: no small figure is shown."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from prevenance.core.dates import quarter_label, quarters
from prevenance.core.documents.tables import Column
from prevenance.domains.directory.views.orientation_figures import lines
from prevenance.domains.governance.views.councils import PER_PAGE
from prevenance.domains.governance.views.files import table_or_none
from prevenance.domains.pages.analysis import unanswered
from prevenance.domains.pages.forms.help import UnansweredFilter
from prevenance.domains.strategy.rules.small_counts import threshold
from prevenance.domains.territories.models import Territory


@require_safe
def help_unanswered(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    departements = list(
        Territory.objects.visible_to(request.actor).existing().filter(kind="departement").order_by("code")
    )
    days = quarters(today)
    form = UnansweredFilter(
        request.GET,
        departements=[("", _("Choisissez")), *((one.code, f"{one.name} ({one.code})") for one in departements)],
        quarters=[(day.isoformat(), quarter_label(day)) for day in days],
    )
    form.is_valid()
    code = form.cleaned_data.get("departement") or ""
    quarter = next((day for day in days if day.isoformat() == form.cleaned_data.get("quarter")), days[0])
    departement = next((one for one in departements if one.code == code), None)
    least = threshold(today).least
    found = unanswered(departement, quarter, least) if departement else []
    rows = lines(found, _("Non précisé"))
    title = _("Recherches d’aide sans réponse")
    file = table_or_none(request, columns(), rows, title=f"{title} {code} {quarter}") if departement else None
    context = {
        "title": title, "tab": "unanswered", "form": form,
        "departement": departement, "quarter": quarter_label(quarter), "least": least,
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "untold": any(one.untold for one in found),
    }  # fmt: skip
    return file or render(request, "pages/help/unanswered.html", context)


def columns() -> list[Column]:
    return [
        Column("need", _("Besoin")), Column("code", _("Code Insee")), Column("commune", _("Commune")),
        Column("count", _("Recherches sans réponse"), "integer"),
    ]  # fmt: skip
