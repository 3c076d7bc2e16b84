"""Social workers in police and gendarmerie stations: the register of a département, a post, the nation's table."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prevenance.core.dates import date_format
from prevenance.core.documents.tables import Column
from prevenance.core.refusals import Refused, reason
from prevenance.domains.directory.actions import stations as actions
from prevenance.domains.directory.analysis import stations as analysis
from prevenance.domains.directory.forms.stations import (
    ClosePostForm,
    FundingForm,
    PostForm,
    StationAgreementForm,
    StationFilters,
    values_of,
    year_of,
)
from prevenance.domains.directory.models import Service, StationAgreement, StationPost
from prevenance.domains.directory.rules import stations as rules
from prevenance.domains.directory.views.departements import departements_for
from prevenance.domains.directory.views.structures import newest
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.governance.views.councils import PER_PAGE
from prevenance.domains.governance.views.files import table_or_none
from prevenance.domains.governance.views.requests import posted

KIND = "iscg"  # of services, data/directory/kinds.yaml


def post_of(request, pk):
    found = StationPost.objects.visible_to(request.actor).select_related("departement", "commune", "service")
    return get_object_or_404(found, pk=pk)


@require_safe
def stations(request):
    """The register of a département, and whether it has as many as the strategy asks."""
    actor, today = request.actor, timezone.localdate()
    rules.check_can_see(actor)
    every, own = departements_for(actor)
    filters = StationFilters(request.GET, departements=every, own=own)
    context = {
        "filters": filters, "place": filters.departement,
        "keep_refusal": reason(rules.check_can_keep_somewhere, actor),
        "sees_nation": not reason(rules.check_can_see_the_nation, actor),
    }  # fmt: skip
    if filters.departement is None:
        return render(request, "directory/stations/list.html", context)
    lines = analysis.lines_of(analysis.posts_of(actor, filters.departement.pk, today.year - 1), today)
    complete_on = filters.departement.complete_on
    shown = filters.narrow(lines)
    title = _("Intervenants sociaux, %(place)s") % {"place": filters.departement.name}
    file = table_or_none(request, columns(), rows_of(shown, filters.departement), title=title)
    if file is not None:
        return file
    context |= {
        "page": Paginator(shown, PER_PAGE).get_page(request.GET.get("page")),
        "filtered": any(request.GET.get(name) for name in ("q", "force", "state")),
        "whole": analysis.whole(filters.departement, lines, complete_on, today),
        "complete_on": complete_on,
        "year": today.year - 1,
        "sources": sources(today),
        "keep_refusal": reason(rules.check_can_keep, filters.departement, actor),
    }
    return render(request, "directory/stations/list.html", context)


def sources(today):
    """Where what is asked is written."""
    known = [rules.term(name, today) for name in ("least", "state_share", "agreement")]
    return list(dict.fromkeys(record["source"] for record in known if record))


def columns():
    year = timezone.localdate().year - 1
    return [
        Column("departement", _("Département")), Column("station", _("Commissariat ou brigade")),
        Column("commune", _("Commune")), Column("code", _("Code Insee")), Column("force", _("Force")),
        Column("employer_kind", _("Nature de l’employeur")), Column("employer", _("Employeur")),
        Column("hours", _("Heures par semaine"), "decimal"),
        Column("percent", _("Part d’un temps plein (%)"), "integer"),
        Column("state", _("État")), Column("opened_on", _("Premier jour"), "date"),
        Column("vacant_since", _("Vacant depuis le"), "date"), Column("closed_on", _("Fermé le"), "date"),
        Column("starts_on", _("Convention du"), "date"), Column("ends_on", _("Convention jusqu’au"), "date"),
        Column("total", _("Coût en %(year)d") % {"year": year}, "decimal"),
        Column("paid", _("Part de l’État en %(year)d") % {"year": year}, "decimal"),
        Column("pays", _("Part de l’État attendue en %(year)d") % {"year": year}),
    ]  # fmt: skip


def state_label(post):
    return {"planned": _("à venir"), "filled": _("pourvu"), "vacant": _("vacant"), "closed": _("fermé")}[post.state]


def rows_of(lines, departement):
    """Rows of the file."""
    for line in lines:
        post, agreement, funding = line.post, line.agreement, line.funding
        yield {
            "departement": departement.name, "station": post.station, "commune": post.commune.name,
            "code": post.commune.code, "force": post.get_force_display(),
            "employer_kind": post.get_employer_kind_display(), "employer": post.employer, "hours": post.weekly_hours,
            "percent": line.percent, "state": state_label(post), "opened_on": post.opened_on,
            "vacant_since": post.vacant_since, "closed_on": post.closed_on,
            "starts_on": agreement and agreement.starts_on, "ends_on": agreement and agreement.ends_on,
            "total": funding and funding.total, "paid": funding and funding.state, "pays": line.pays.label,
        }  # fmt: skip


@require_safe
def stations_nation(request):
    """Every département: how many posts, whether it has as many as asked, agreements to renew."""
    actor, today = request.actor, timezone.localdate()
    rules.check_can_see_the_nation(actor)
    every = departements_for(actor)[0]
    found = analysis.departements(actor, every, today)
    file = table_or_none(request, nation_columns(), found, line=nation_row, title=_("Intervenants sociaux, France"))
    if file is not None:
        return file
    met = sum(one.answer.state == rules.MET for one in found)
    context = {
        "rows": found, "year": today.year - 1, "sources": sources(today),
        "posts": sum(one.posts for one in found),
        "filled": sum(one.filled for one in found), "met": met,
        "unsure": sum(one.answer.state == rules.CANNOT_TELL for one in found), "total": len(found),
        "asked": sum(one.answer.state != rules.NOT_ASKED for one in found),
    }  # fmt: skip
    return render(request, "directory/stations/nation.html", context)


def nation_columns():
    return [
        Column("code", _("Code")), Column("name", _("Département")), Column("posts", _("Postes"), "integer"),
        Column("filled", _("Pourvus"), "integer"), Column("vacant", _("Vacants"), "integer"),
        Column("full_time", _("Équivalents temps plein"), "decimal"), Column("answer", _("Au moins deux")),
        Column("why", _("Pourquoi"), width=60), Column("ending", _("Conventions à renouveler"), "integer"),
        Column("met", _("Part de l’État atteinte"), "integer"),
        Column("not_met", _("Part de l’État pas atteinte"), "integer"),
        Column("cannot_tell", _("Part de l’État impossible à dire"), "integer"),
        Column("complete_on", _("Registre dit complet le"), "date"),
    ]  # fmt: skip


def nation_row(one):
    return {
        "code": one.place.code, "name": one.place.name, "posts": one.posts, "filled": one.filled, "vacant": one.vacant,
        "full_time": one.full_time, "answer": one.answer.label, "why": one.answer.why, "ending": one.ending,
        "met": one.pays[rules.MET], "not_met": one.pays[rules.NOT_MET], "cannot_tell": one.pays[rules.CANNOT_TELL],
        "complete_on": one.complete_on,
    }  # fmt: skip


@require_safe
def station(request, post):
    """A post, its agreements, its funding year by year with what is asked of the State."""
    post, today = post_of(request, post), timezone.localdate()
    refusal = reason(rules.check_can_edit, post, request.actor)
    agreements = list(post.agreements.select_related("document").order_by("starts_on"))
    context = {
        "post": post,
        "state": state_label(post),
        "percent": rules.full_time_share(post.weekly_hours, today),
        "agreements": [(one, rules.lasts_as_asked(one)) for one in agreements],
        "current": rules.current_agreement(agreements, today),
        "soon": rules.ending_before(today),
        "today": today,
        "fundings": [
            (one, rules.share(one), rules.state_pays(one, one.year, agreements))
            for one in post.fundings.order_by("-year")
        ],
        "sources": sources(today),
        "refusal": refusal,
        "may_keep": not refusal,
        "keeps": rules.keeps_stations(post.departement, request.actor),
    }
    return render(request, "directory/stations/detail.html", context)


def form_of(request, post=None):
    """Services offered are those of social workers of the départements that one reads, and the one already said."""
    actor = request.actor
    near = Service.objects.visible_to(actor).open().filter(kind=KIND, merged_into=None)
    every = departements_for(actor)[0]
    if actor.scope_kind != "nation":
        near = near.filter(commune__containers__container__in=[one.pk for one in every])
    if post is not None and post.service_id is not None:
        near = near | Service.objects.visible_to(actor).filter(pk=post.service_id)
    services = near.select_related("commune").order_by("sort_name", "pk").distinct()
    return PostForm(posted(request), services=services, initial=values_of(post) if post else {"weekly_hours": 35})


@require_http_methods(["GET", "POST"])
def station_add(request):
    rules.check_can_keep_somewhere(request.actor)
    form = form_of(request)
    if request.method == "POST" and form.is_valid():
        try:
            added = actions.add_post(told=form.told(), by=request.actor)
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("Le poste est inscrit."))
            return redirect("directory:station", added.pk)
    context = {"form": form, "post": None}
    return render(request, "directory/stations/form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def station_edit(request, post):
    """What was typed on an older state stays on screen beside a sentence that says so."""
    post = post_of(request, post)
    rules.check_can_edit(post, request.actor)
    form, status = form_of(request, post), 200
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_post(post=post, told=form.told(), seen=form.cleaned_data["seen"] or 0, by=request.actor)
        except Stale as stale:
            newest(form, post)
            form.add_error(None, stale.reason)
            status = 409
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("Le poste est enregistré."))
            return redirect("directory:station", post.pk)
    status = 422 if form.errors and status == 200 else status
    return render(request, "directory/stations/form.html", {"form": form, "post": post}, status=status)


@require_http_methods(["GET", "POST"])
def station_close(request, post):
    """Asks once and says what is lost."""
    post = post_of(request, post)
    rules.check_can_close(post, request.actor)
    form = ClosePostForm(posted(request), initial={"on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            actions.close_post(post=post, on=form.cleaned_data["on"], by=request.actor)
        except Refused as refusal:
            form.add_error("on", refusal.reason)
        else:
            messages.success(request, _("Le poste est fermé : il ne compte plus."))
            return redirect("directory:station", post.pk)
    context = {
        "form": form, "post": post, "heading": _("Fermer un poste"), "confirm": _("Fermer le poste"), "danger": True,
        "lost": _(
            "Le poste ne comptera plus dans son département. Sa page, ses conventions et ses financements restent."
        ),
    }  # fmt: skip
    return part(request, context)


@require_http_methods(["GET", "POST"])
def station_agreement_add(request, post):
    post = post_of(request, post)
    rules.check_can_edit(post, request.actor)
    form = StationAgreementForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_agreement(post=post, by=request.actor, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("La convention est inscrite."))
            return redirect("directory:station", post.pk)
    return part(
        request, {"form": form, "post": post, "heading": _("Inscrire une convention"), "confirm": _("Inscrire")}
    )


@require_http_methods(["GET", "POST"])
def station_agreement_remove(request, agreement):
    """Asks once and says what is lost."""
    found = StationAgreement.objects.visible_to(request.actor).select_related("post__departement", "post__commune")
    agreement = get_object_or_404(found, pk=agreement)
    rules.check_can_edit(agreement.post, request.actor)
    back = reverse("directory:station", args=[agreement.post_id])
    if request.method == "POST":
        try:
            actions.remove_agreement(agreement=agreement, by=request.actor)
        except Stale as stale:
            messages.info(request, stale.reason)
        else:
            messages.success(request, _("La convention est retirée."))
        return redirect(back)
    days = {"starts": date_format(agreement.starts_on, "j F Y"), "ends": date_format(agreement.ends_on, "j F Y")}
    context = {
        "title": _("Retirer cette convention ?"), "confirm": _("Retirer la convention"), "hidden": {}, "back": back,
        "url": request.path,
        "lost": _(
            "Convention du %(starts)s au %(ends)s. À faire pour une erreur de saisie : une convention finie se garde, "
            "elle dit depuis quand l’État doit sa part."
        ) % days
        + (" " + _("Son document est effacé aussi.") if agreement.document_id else ""),
    }  # fmt: skip
    return render(request, "components/confirm_page.html", context)


@require_http_methods(["GET", "POST"])
def station_funding(request, post):
    """What is said of a year; the address may say which."""
    post = post_of(request, post)
    rules.check_can_edit(post, request.actor)
    year = year_of(request.GET)
    known = post.fundings.filter(year=year).first()
    initial = {"year": year, "total": known and known.total, "state": known and known.state}
    form = FundingForm(posted(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_funding(post=post, by=request.actor, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("Le financement est inscrit."))
            return redirect("directory:station", post.pk)
    return part(
        request, {"form": form, "post": post, "heading": _("Inscrire un financement"), "confirm": _("Enregistrer")}
    )


def part(request, context):
    status = 422 if context["form"].errors else 200
    return render(request, "directory/stations/part.html", context, status=status)


@require_POST
def stations_confirm(request):
    """Say that the register of a département is complete."""
    every, own = departements_for(request.actor)
    rules.check_can_keep_somewhere(request.actor)
    code = request.POST.get("departement") or own
    departement = next((one for one in every if one.code == code), None)
    if departement is None:
        return redirect("directory:stations")
    actions.confirm_register(departement=departement, by=request.actor)
    messages.success(request, _("Le registre est dit complet à la date d’aujourd’hui."))
    return redirect(reverse("directory:stations", query={"departement": departement.code}))
