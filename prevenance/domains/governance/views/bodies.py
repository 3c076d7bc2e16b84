"""Bodies of a council: the list, a body's page, opening, closing, nominative exchange."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Max, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from prevenance.core.documents.tables import FORMATS, Column, export
from prevenance.core.refusals import Refused, reason
from prevenance.domains.governance.actions import bodies as actions
from prevenance.domains.governance.forms.bodies import BodyForm
from prevenance.domains.governance.forms.councils import EndForm
from prevenance.domains.governance.models import Body, Controller, HandOver, Meeting, Membership
from prevenance.domains.governance.rules import bodies as rules
from prevenance.domains.governance.rules.controllers import missing_in
from prevenance.domains.governance.rules.councils import Stale, holds
from prevenance.domains.governance.rules.kinds import themes
from prevenance.domains.governance.views.councils import PER_PAGE, council_of, download
from prevenance.domains.governance.views.requests import naming_nobody
from prevenance.domains.territories.models import Territory


def body_of(request, council, pk):
    body = get_object_or_404(Body.objects.visible_to(request.actor, of=council), pk=pk)
    body.council = council
    return body


def listed(actor, council):
    """Bodies of a council with how many sit there today and when they last met."""
    today, held = timezone.localdate(), [Meeting.State.HELD, Meeting.State.APPROVED]
    sitting = Q(memberships__valid_from__lte=today) & (
        Q(memberships__valid_to=None) | Q(memberships__valid_to__gte=today)
    )
    return (
        Body.objects.visible_to(actor, of=council)
        .annotate(
            members=Count("memberships", filter=sitting, distinct=True),
            last_met=Max("meetings__starts_at", filter=Q(meetings__state__in=held)),
        )
        .order_by("closed_on", "pk")
    )


@require_safe
def bodies(request, pk):
    """The list, alone or as a part of the council's page. `?format=` gives it as a file."""
    council = council_of(request, pk)
    found = listed(request.actor, council)
    if request.GET.get("format") in FORMATS:
        return download("formations", export_bodies(request.GET["format"], found))
    paginator = Paginator(found, PER_PAGE)
    paginator.count = Body.objects.visible_to(request.actor, of=council).count()  # without what each row counts
    page = paginator.get_page(request.GET.get("page"))
    context = {
        "council": council,
        "page": page,
        "rows": [(body, themes().get(body.theme, "–")) for body in page.object_list],
        "holds": holds(council, request.actor),
        "refusal": reason(rules.check_can_open_body, council, request.actor, Body.Kind.GROUP),
    }
    part = request.headers.get("HX-Request") == "true"
    return render(request, "governance/bodies/_list.html" if part else "governance/bodies/list.html", context)


def export_bodies(format, found):
    columns = [
        Column("name", _("Formation")), Column("kind", _("Nature")), Column("theme", _("Thème")),
        Column("members", _("Membres"), "integer"), Column("opened_on", _("Ouverte le"), "date"),
        Column("closed_on", _("Fermée le"), "date"), Column("last_met", _("Dernière réunion"), "date"),
        Column("nominative", _("Échange nominatif")),
    ]  # fmt: skip
    rows = (
        {
            "name": body.name, "kind": body.get_kind_display(), "theme": themes().get(body.theme, ""),
            "members": body.members, "opened_on": body.opened_on, "closed_on": body.closed_on,
            "last_met": timezone.localdate(body.last_met) if body.last_met else None,
            "nominative": _("oui") if body.nominative else _("non"),
        }
        for body in found
    )  # fmt: skip
    return export(format, columns, rows, title=_("Formations"))


@require_safe
def body(request, pk, body):
    """A body: what it is for, who sits there, its meetings, and whether names may be exchanged."""
    council = council_of(request, pk)
    body = body_of(request, council, body)
    actor, now = request.actor, timezone.now()
    members = Membership.objects.visible_to(actor).current().filter(body=body).select_related("person", "organisation")
    meetings = Meeting.objects.visible_to(actor).filter(body=body).exclude(state=Meeting.State.CANCELLED)
    following = meetings.filter(starts_at__gte=now).order_by("starts_at", "id")[:1]
    last = meetings.filter(starts_at__lt=now).order_by("-starts_at", "-id")[:1]
    around = list(following.union(last))
    controller = Controller.objects.visible_to(actor).filter(scope=council.scope.holder_id).first()
    context = {
        "council": council,
        "body": body,
        "theme": themes().get(body.theme, ""),
        "areas": body.areas.order_by("sort_name"),
        "members": members.order_by("person__sort_name", "id")[:PER_PAGE],
        "next_meeting": next((meeting for meeting in around if meeting.starts_at >= now), None),
        "last_meeting": next((meeting for meeting in around if meeting.starts_at < now), None),
        "to_look_at": HandOver.objects.visible_to(actor).filter(body=body).only("at").order_by("-at")[:20],
        "holds": holds(council, actor),
        "change_refusal": reason(rules.check_can_change_body, body, actor),
        "close_refusal": reason(rules.check_can_close_body, body, actor),
        "text": rules.exchange_text(body),
        "exchange_refusal": reason(rules.check_can_open_exchange, body, actor, controller),
        "incomplete": bool(missing_in(controller)),
    }
    return render(request, "governance/bodies/detail.html", context)


def communes_of(actor, council):
    """Communes among which a group's areas are chosen: those of an intercommunal council."""
    communes = Territory.objects.visible_to(actor).existing().filter(kind=Territory.Kind.COMMUNE)
    if council.territory.kind not in (Territory.Kind.EPCI, Territory.Kind.EPT):
        return communes.none()
    inside = communes.filter(containers__container=council.territory_id)
    return inside.order_by("sort_name")


@require_http_methods(["GET", "POST"])
def body_open(request, pk):
    council = council_of(request, pk)
    rules.check_can_open_body(council, request.actor, Body.Kind.GROUP)
    form = BodyForm(
        request.POST if request.method == "POST" else None,
        kinds=rules.kinds_to_open(council), areas=communes_of(request.actor, council),
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        with naming_nobody(form):
            opened = actions.open_body(
                council=council, kind=form.cleaned_data["kind"], described=form.described(), by=request.actor
            )
            messages.success(
                request, _("« %(name)s » est ouvert. Désignez maintenant ses membres.") % {"name": opened.name}
            )
            return redirect("governance:body", council.pk, opened.pk)
    context = {"form": form, "council": council, "body": None}
    return render(request, "governance/bodies/form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def body_edit(request, pk, body):
    council = council_of(request, pk)
    body = body_of(request, council, body)
    rules.check_can_change_body(body, request.actor)
    initial = {name: getattr(body, name) for name in ("name", "theme", "purpose", "meetings_per_year")}
    form = BodyForm(
        request.POST if request.method == "POST" else None, kinds=[body.kind],
        areas=communes_of(request.actor, council),
        initial=initial | {"areas": list(body.areas.all())},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        with naming_nobody(form):
            actions.edit_body(body=body, described=form.described(), by=request.actor)
            messages.success(request, _("Les modifications sont enregistrées."))
            return redirect("governance:body", council.pk, body.pk)
    context = {"form": form, "council": council, "body": body}
    return render(request, "governance/bodies/form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def body_close(request, pk, body):
    """Close a group; asked once, dated, and says what is lost."""
    council = council_of(request, pk)
    body = body_of(request, council, body)
    rules.check_can_close_body(body, request.actor)
    form = EndForm(request.POST if request.method == "POST" else None, initial={"on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            actions.close_body(body=body, on=form.cleaned_data["on"], by=request.actor)
        except Refused as refusal:
            form.add_error("on", refusal.reason)
        else:
            messages.success(request, _("Le groupe est fermé."))
            return redirect("governance:body", council.pk, body.pk)
    context = {"form": form, "council": council, "body": body}
    return render(request, "governance/bodies/close.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def exchange_open(request, pk, body):
    """Ask once, with what it engages; then open. Whoever chairs only, under the text shown."""
    council = council_of(request, pk)
    body = body_of(request, council, body)
    controller = Controller.objects.visible_to(request.actor).filter(scope=council.scope.holder_id).first()
    try:
        rules.check_can_open_exchange(body, request.actor, controller)
    except Stale as stale:
        messages.info(request, stale.reason)
        return redirect("governance:body", council.pk, body.pk)
    if request.method == "POST":
        actions.open_exchange(body=body, by=request.actor)
        messages.success(request, _("L’échange nominatif est ouvert dans ce groupe."))
        return redirect("governance:body", council.pk, body.pk)
    text = rules.exchange_text(body)
    context = {
        "title": _("Ouvrir l’échange nominatif"),
        "lost": _(
            "Les membres de « %(body)s », et eux seuls, pourront échanger des informations sur des personnes nommées, "
            "au titre de %(article)s. Rien n’en sortira : ni ordre du jour, ni compte rendu, ni courriel."
        )
        % {"body": body.name, "article": text.article},
        "confirm": _("Ouvrir l’échange nominatif"),
        "url": request.path,
        "back": reverse("governance:body", args=[council.pk, body.pk]),
    }
    return render(request, "components/confirm_page.html", context)


@require_http_methods(["GET", "POST"])
def exchange_close(request, pk, body):
    council = council_of(request, pk)
    body = body_of(request, council, body)
    try:
        rules.check_can_close_exchange(body, request.actor)
    except Stale as stale:
        messages.info(request, stale.reason)
        return redirect("governance:body", council.pk, body.pk)
    if request.method == "POST":
        actions.close_exchange(body=body, by=request.actor)
        messages.success(request, _("L’échange nominatif est fermé dans ce groupe."))
        return redirect("governance:body", council.pk, body.pk)
    context = {
        "title": _("Fermer l’échange nominatif"),
        "lost": _(
            "Les membres de « %(body)s » ne pourront plus rien échanger sur des personnes nommées. "
            "Ce que ce groupe a dit reste lu d’eux seuls et de qui tient le conseil."
        )
        % {"body": body.name},
        "confirm": _("Fermer l’échange nominatif"),
        "url": request.path,
        "back": reverse("governance:body", args=[council.pk, body.pk]),
    }
    return render(request, "components/confirm_page.html", context)
