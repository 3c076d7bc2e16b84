"""Turn somebody to a service outside a follow-up: find it, send, follow the answers. A code stands for the person."""

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prevenance.core.documents.tables import Column
from prevenance.core.refusals import Refused, reason
from prevenance.domains.directory.actions import orientations as actions
from prevenance.domains.directory.analysis.orientations import usual_delays
from prevenance.domains.directory.forms.orientations import OrientationFilters, OrientForm, OrientSearch, first_values
from prevenance.domains.directory.models import Closure, OrientationAnswer, OrientationLink, Service
from prevenance.domains.directory.rules import orientations as rules
from prevenance.domains.directory.rules.hours import opening
from prevenance.domains.directory.views.services import service_of, whole
from prevenance.domains.directory.views.structures import asked
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.governance.views.files import table_or_none
from prevenance.domains.governance.views.requests import posted

PER_PAGE = 20  # services shown at a time to choose one, on a phone
WEIGHED = 300  # of which the hours are read when one asks which are open


@require_safe
def orient_search(request):
    """Services that a professional may turn somebody to today, with whether they are open now."""
    rules.check_can_orient(request.actor)
    search = OrientSearch(asked(request, "where"))
    found = search.narrow(Service.objects.visible_to(request.actor), timezone.localdate())
    at = timezone.now()
    if search.cleaned_data.get("now"):
        near = read_services(request.actor, list(found.values_list("pk", flat=True)[:WEIGHED]), at)
        page = Paginator([row for row in near if row[1].state == "open"], PER_PAGE).get_page(request.GET.get("page"))
        rows = list(page.object_list)
    else:
        page = Paginator(found.values_list("pk", flat=True), PER_PAGE).get_page(request.GET.get("page"))
        rows = read_services(request.actor, list(page.object_list), at)
    usual = usual_delays([one.pk for one, _opening in rows], timezone.localdate())
    context = {
        "search": search, "page": page, "need": search.cleaned_data.get("need", ""),
        "rows": [(one, state, usual.get(one.pk)) for one, state in rows],
    }  # fmt: skip
    return render(request, "directory/orientations/search.html", context)


def read_services(actor, ids, at):
    """[(service, whether it is open)] in the order of `ids`, in two queries."""
    shown = {one.pk: one for one in whole(Service.objects.visible_to(actor).filter(pk__in=ids))}
    services = [shown[pk] for pk in ids]
    closures = Closure.objects.visible_to(actor).of(services)
    return [(one, opening(one.hours_kept, one.commune.code, closures[one.pk], at)) for one in services]


@never_cache
@require_http_methods(["GET", "POST"])
def orient(request, service):
    """Send somebody: by mail to the service's own address, or by a link that the page shows this once."""
    service = service_of(request, service)
    rules.check_can_orient(request.actor)
    rules.check_can_receive(service)
    form = OrientForm(posted(request), initial=first_values(service, request.GET.get("need", "")))
    if request.method == "POST" and form.is_valid():
        mailed = request.POST.get("how") != "link"
        try:
            made = actions.orient(service=service, asked=form.asked(), mailed=mailed, by=request.actor)
            told = "" if mailed else address_of(actions.tell_link(orientation=made, by=request.actor))
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            if told:
                return shown(request, made.pk, told)
            messages.success(request, _("L’orientation part par courriel. Donnez le code à la personne."))
            return redirect("directory:orientation", made.pk)
    context = {
        "form": form, "service": service,
        "mail_refusal": reason(rules.check_can_be_mailed, service),
        "usual": usual_delays([service.pk], timezone.localdate()).get(service.pk),
    }  # fmt: skip
    return render(request, "directory/orientations/form.html", context, status=422 if form.errors else 200)


def address_of(token):
    return settings.PUBLIC_ADDRESS + reverse("directory:orientation_answer", args=[token])


SHOWN = ("service__structure__commune", "service__commune", "sender", "organisation", "scope")
LISTED = ("service__commune", "sender")  # a join more takes as long to plan as the rest to read


def read(orientations, actor, names=SHOWN):
    """With all that is shown of an orientation: names by joins, answers in one query, the last one first."""
    answers = Prefetch("answers", to_attr="told", queryset=OrientationAnswer.objects.visible_to(actor))
    return orientations.select_related(*names).prefetch_related(answers)


@require_safe
def orientations(request):
    rules.check_can_orient(request.actor)
    filters = OrientationFilters(request.GET)
    found = OrientationLink.objects.visible_to(request.actor)
    found = filters.narrow(found, request.actor, Service.objects.visible_to(request.actor)).order_by("-made_at", "-pk")
    file = table_or_none(request, columns(), lines(read(found, request.actor)), title=_("Orientations"))
    if file is not None:
        return file
    page = Paginator(read(found, request.actor, LISTED), PER_PAGE).get_page(request.GET.get("page"))
    rows, today = list(page.object_list), timezone.localdate()
    late, usual = rules.silent_since(today), usual_delays({row.service_id for row in rows}, today)
    context = {
        "page": page, "filters": filters, "filtered": any(request.GET.values()),
        "rows": [(row, usual.get(row.service_id), row.is_open and silent(row, late)) for row in rows],
    }  # fmt: skip
    return render(request, "directory/orientations/list.html", context)


def silent(orientation, late):
    return orientation.answered_at is None and timezone.localdate(orientation.made_at) <= late


def columns():
    return [
        Column("code", _("Code")), Column("made", _("Faite le"), "date"), Column("service", _("Service")),
        Column("structure", _("Structure")), Column("commune", _("Commune")), Column("need", _("Victime de")),
        Column("audience", _("Public")), Column("wish", _("À recevoir")), Column("state", _("Réponse")),
        Column("answered", _("Répondu le"), "date"), Column("days", _("Jours pour répondre"), "integer"),
        Column("day", _("Reçue à partir du"), "date"), Column("wait", _("Attente")),
        Column("reason", _("Motif du refus")),
        Column("assessed", _("Évaluation faite le"), "date"), Column("expires", _("Expire le"), "date"),
        Column("sender", _("Orientée par")),
    ]  # fmt: skip


def lines(found):
    """Rows of the file, read when it is written and not before: a page asks for none."""
    for one in found:
        last = next((told for told in one.told if told.answer == one.state), None)
        yield {
            "code": one.code, "made": timezone.localdate(one.made_at), "service": one.service.name,
            "structure": one.service.structure.name, "commune": one.service.commune.name, "need": one.need_label,
            "audience": one.audience_label, "wish": one.wish_label, "state": state_of(one),
            "answered": one.answered_at and timezone.localdate(one.answered_at), "days": one.days_to_answer,
            "day": last and last.day, "wait": last.wait_label if last else "",
            "reason": last.reason_label if last else "", "assessed": one.assessed_on,
            "expires": timezone.localdate(one.expires_at), "sender": one.sender.name,
        }  # fmt: skip


def state_of(orientation):
    return _("Retirée") if orientation.withdrawn_at else orientation.get_state_display()


def orientation_here(request, pk):
    return get_object_or_404(read(OrientationLink.objects.visible_to(request.actor), request.actor), pk=pk)


@never_cache
@require_safe
def orientation(request, orientation):
    return shown(request, orientation)


def shown(request, pk, told="", problem="", status=200):
    """The page of an orientation; `told`: a link shown this once, in no session and no table."""
    found = orientation_here(request, pk)
    context = {
        "orientation": found, "service": found.service, "told": told, "problem": problem,
        "late": found.is_open and silent(found, rules.silent_since(timezone.localdate())),
        "refusal": reason(rules.check_can_follow, found, request.actor),
        "mail_refusal": reason(rules.check_can_tell_link, found, True, request.actor),
        "usual": usual_delays([found.service_id], timezone.localdate()).get(found.service_id),
    }  # fmt: skip
    return render(request, "directory/orientations/detail.html", context, status=status)


@never_cache
@require_POST
def orientation_link(request, orientation):
    """Another link, shown this once or sent by mail; those told before stay good."""
    found = orientation_here(request, orientation)
    if request.POST.get("how") == "mail":
        actions.mail_again(orientation=found, by=request.actor)
        messages.success(request, _("Le courriel repart vers le service."))
        return redirect("directory:orientation", found.pk)
    return shown(request, found.pk, address_of(actions.tell_link(orientation=found, by=request.actor)))


@require_http_methods(["GET", "POST"])
def orientation_withdraw(request, orientation):
    """Asks once and says what is lost."""
    found = orientation_here(request, orientation)
    back = reverse("directory:orientation", args=[found.pk])
    try:
        if request.method == "POST":
            actions.withdraw(orientation=found, by=request.actor)
            messages.success(request, _("L’orientation est retirée : ses liens n’ouvrent plus rien."))
            return redirect(back)
        rules.check_can_follow(found, request.actor)
    except Stale as stale:
        messages.info(request, stale.reason)
        return redirect(back)
    context = {
        "title": _("Retirer l’orientation %(code)s") % {"code": found.code},
        "lost": _("Le service ne pourra plus répondre, ni savoir à quoi correspond ce code. Prévenez la personne."),
        "confirm": _("Retirer"), "url": reverse("directory:orientation_withdraw", args=[found.pk]), "back": back,
        "hidden": {},
    }  # fmt: skip
    return render(request, "components/confirm_page.html", context)
