"""Files of data.inclusion: sent, asked for, how far each is, what was wrong with its rows, taken."""

from django.contrib import messages
from django.core.files.storage import default_storage
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prevenance.core.documents.tables import Column
from prevenance.core.refusals import Refused
from prevenance.core.uploads import large_uploads
from prevenance.domains.directory.actions import exchanges as actions
from prevenance.domains.directory.forms.exchanges import ExportForm, ImportForm
from prevenance.domains.directory.models import Exchange, ExchangeProblem
from prevenance.domains.directory.rules import exchanges as rules
from prevenance.domains.directory.views.structures import asked
from prevenance.domains.governance.views.files import file_response, named, table_or_none
from prevenance.domains.governance.views.requests import posted

PER_PAGE = 100
SHOWN = 20
MOST = int(rules.words()["most_megabytes"]) * 1024 * 1024


@require_safe
def exchanges(request):
    """Files that went in and out, and how far those being done are; a part of the page when HTMX asks again."""
    rules.check_can_exchange(request.actor)
    found = list(Exchange.objects.visible_to(request.actor).select_related("territory")[:SHOWN])
    context = {
        "exchanges": found, "waiting": any(one.going for one in found),
        "export": ExportForm(initial={"territory": asked(request, "territory").get("territory", "")}),
        "kept_days": rules.words()["kept_days"],
    }  # fmt: skip
    part = request.headers.get("HX-Request") == "true"
    return render(request, f"directory/exchanges/{'_list' if part else 'list'}.html", context)


@large_uploads(MOST, rules.check_can_exchange)
@require_http_methods(["GET", "POST"])
def exchange_import(request):
    rules.check_can_exchange(request.actor)
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    if request.method == "POST" and form.is_valid():
        try:
            source, files = form.cleaned_data["source"], form.files_given()
            exchange = actions.start_import(source=source, files=files, by=request.actor)
        except Refused as refusal:
            form.add_error("source", refusal.reason)
        else:
            return redirect("directory:exchange", exchange.pk)
    return render(request, "directory/exchanges/import.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
def exchange_export(request):
    rules.check_can_exchange(request.actor)
    form = ExportForm(posted(request))
    if not form.is_valid():
        context = {"exchanges": [], "waiting": False, "export": form, "kept_days": rules.words()["kept_days"]}
        return render(request, "directory/exchanges/list.html", context, status=422)
    try:
        actions.start_export(**form.cleaned_data, by=request.actor)
    except Refused as refusal:
        messages.warning(request, refusal.reason)
    else:
        messages.success(request, _("Le fichier se prépare. Cette page dira quand il sera prêt."))
    return redirect("directory:exchanges")


def exchange_of(request, pk):
    return get_object_or_404(Exchange.objects.visible_to(request.actor), pk=pk)


@require_safe
def exchange(request, exchange):
    """How far it is, and every row that something was wrong with."""
    exchange = exchange_of(request, exchange)
    problems = ExchangeProblem.objects.visible_to(request.actor).filter(exchange=exchange)
    only_left = request.GET.get("lignes") == "laissees"
    problems = (problems.filter(is_left=True) if only_left else problems).order_by("-is_left", "file", "number", "id")
    file = table_or_none(request, columns(), problems.values(*(c.key for c in columns())), title=_("Lignes à revoir"))
    if file is not None:
        return file
    context = {"exchange": exchange, "exchanges": [exchange], "waiting": exchange.going, "only_left": only_left}
    if request.headers.get("HX-Request") == "true":
        return render(request, "directory/exchanges/_progress.html", context)
    context["page"] = Paginator(problems, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "directory/exchanges/detail.html", context)


def columns():
    return [
        Column("file", _("Fichier")), Column("number", _("Rang"), "integer"), Column("ref", _("Identifiant")),
        Column("field", _("Champ")), Column("sentence", _("Ce qui ne va pas"), width=60),
        Column("is_left", _("Ligne laissée"), "boolean"),
    ]  # fmt: skip


@require_safe
def exchange_file(request, exchange):
    """What was asked for, whole."""
    exchange = exchange_of(request, exchange)
    if exchange.direction != "out" or exchange.state != Exchange.State.DONE:
        raise Http404
    try:
        with default_storage.open(rules.place_of(exchange)) as file:
            content = file.read()
    except FileNotFoundError as error:
        raise Http404 from error
    name = named("annuaire", exchange.requested_at.date(), extension="zip")
    return file_response(content, "application/zip", name)


@require_http_methods(["GET", "POST"])
def exchange_stop(request, exchange):
    """Asks once and says what stays."""
    exchange = exchange_of(request, exchange)
    if request.method == "POST":
        actions.stop_exchange(exchange=exchange, reason=_("Arrêté par celui qui l’a demandé."), by=request.actor)
        return redirect("directory:exchange", exchange.pk)
    context = {
        "title": _("Arrêter ce traitement ?"),
        "lost": _("Ce qui est déjà entré dans l’annuaire y reste ; le reste du fichier est effacé sans être lu."),
        "confirm": _("Arrêter"), "url": request.path, "hidden": {},
        "back": reverse("directory:exchange", args=[exchange.pk]),
    }  # fmt: skip
    return render(request, "components/confirm_page.html", context)
