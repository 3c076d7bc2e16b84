"""The list of councils, a council's page, its creation and its end."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Case, Count, Q, Value, When, Window
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from prevenance.core.composed import Listed, composed, one_of
from prevenance.core.documents.tables import FORMATS, Column, export
from prevenance.core.refusals import Refused, reason
from prevenance.domains.governance.actions import councils as actions
from prevenance.domains.governance.analysis import facts_for, load_law
from prevenance.domains.governance.analysis.coordination import coordinators_of
from prevenance.domains.governance.analysis.councils import (
    chosen_councils,
    counted_councils,
    departements_around,
    departements_of,
    listed_councils,
)
from prevenance.domains.governance.forms.councils import CouncilFilters, CouncilForm, EndForm, PlaceForm
from prevenance.domains.governance.models import Act, Body, Council, Decision, Meeting, Membership, Upload
from prevenance.domains.governance.rules import councils as rules
from prevenance.domains.governance.rules.controllers import left, left_sentence
from prevenance.domains.governance.rules.kinds import kinds_on, latest
from prevenance.domains.governance.rules.law import months_before, plenary_months
from prevenance.domains.territories.models import Territory
from prevenance.engines.obligations import members_of_right, obligations

PER_PAGE = 50


def council_of(request, pk):
    """The council, or 404 when the actor's scope does not reach it."""
    return one_of(reached_council(request.actor, pk))


@composed
def reached_council(actor, pk):
    return Council.objects.visible_to(actor).select_related("territory", "scope").filter(pk=pk)


def download(name, table):
    """An attachment of (content, type, extension); `name` is ours, without accents."""
    content, content_type, extension = table
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}.{extension}"'
    return response


@require_safe
def councils(request):
    """Councils that the actor's scope reaches, filtered by the address; `?format=` gives the same list as a file."""
    today = timezone.localdate()
    months = plenary_months(today)
    before = months_before(today, months)
    filters = CouncilFilters(request.GET, departements=departements_of(request.actor), months=months)
    asked, chosen = filters.chosen(plenary_before=before)
    if request.GET.get("format") in FORMATS:
        found = chosen_councils(request.actor, *asked, **chosen)
        return download("conseils", export_councils(request, found.select_related("territory")))
    listed = Listed(listed_councils, request.actor, *asked, counting=counted_councils, **chosen)
    page = Paginator(listed, PER_PAGE)
    page = page.get_page(request.GET.get("page"))
    rows = page.object_list
    names = departement_names(request.actor, {row["territory_id"] for row in rows})
    coordinators = coordinator_names([row["scope_id"] for row in rows])
    for row in rows:
        row["departements"] = ", ".join(names.get(row["territory_id"], []))
        row["coordinators"] = ", ".join(coordinators.get(row["scope_id"], []))
        row["late"] = is_late(row["kind"], row["ended_on"], row["last_plenary_on"], before)
    mine = any(request.actor.role in kind.created_by for kind in kinds_on(today).values())
    context = {
        "page": page,
        "rows": rows,
        "filters": filters,
        "filtered": any(request.GET.values()),
        "may_create": mine,
        "may_oversee": request.actor.can("oversee"),
    }
    return render(request, "governance/councils/list.html", context)


def is_late(kind, ended_on, last_plenary_on, before):
    """Whether a plenary is expected of such a council and none was held since the day `before`."""
    expected = ended_on is None and latest()[kind].plenary
    return expected and (last_plenary_on is None or last_plenary_on < before)


def departement_names(actor, territories):
    """{territory id: names of its départements}, in one query."""
    names = {}
    for contained, name in departements_around(actor, list(territories)):
        names.setdefault(contained, []).append(name)
    return names


def coordinator_names(scopes):
    """{scope id: names of those who coordinate its council}, in one query for the councils of a page.

    They are known, by their names only, to whoever sees the council: `scopes` are those of councils that one sees.
    """
    names = {}
    for scope, name in coordinators_of(scopes):
        names.setdefault(scope, []).append(name)
    return names


def export_councils(request, found):
    found = list(found)
    names = departement_names(request.actor, {council.territory_id for council in found})
    coordinators = coordinator_names([council.scope_id for council in found])
    columns = [
        Column("name", _("Conseil")), Column("kind", _("Nature")), Column("territory", _("Territoire")),
        Column("code", _("Code du territoire")), Column("departements", _("Département")),
        Column("founded_on", _("Créé le"), "date"), Column("ended_on", _("Fin"), "date"),
        Column("last_plenary_on", _("Dernière plénière"), "date"),
        Column("coordinators", _("Coordination")),
    ]  # fmt: skip
    rows = (
        {
            "name": council.name, "kind": latest()[council.kind].short, "territory": council.territory.name,
            "code": council.territory.code, "departements": ", ".join(names.get(council.territory_id, [])),
            "founded_on": council.founded_on, "ended_on": council.ended_on, "last_plenary_on": council.last_plenary_on,
            "coordinators": ", ".join(coordinators.get(council.scope_id, [])),
        }
        for council in found
    )  # fmt: skip
    return export(request.GET["format"], columns, rows, title=_("Conseils"))


@require_safe
def council(request, pk):
    """A council: who chairs and coordinates it, its meetings, decisions, documents; the law in a part of its own."""
    council = council_of(request, pk)
    actor, now = request.actor, timezone.now()
    chair_first = Case(When(quality=Membership.Quality.CHAIR, then=Value(0)), default=Value(1))
    members = Membership.objects.visible_to(actor).current().filter(body__council=council, body__kind__in=Body.MAIN)
    first = members.select_related("person").annotate(total=Window(Count("pk"))).order_by(chair_first, "id").first()
    meetings = Meeting.objects.visible_to(actor).filter(council=council).exclude(state=Meeting.State.CANCELLED)
    following = meetings.filter(starts_at__gte=now).order_by("starts_at", "id")[:1]
    last = meetings.filter(starts_at__lt=now).order_by("-starts_at", "-id")[:1]
    around = list(following.union(last))
    open_decisions = Decision.objects.visible_to(actor).open().filter(council=council)
    refusal = reason(rules.check_can_hold, council, actor)
    gone = left(council.scope.holder_id) if council.ended_on else None
    context = {
        "council": council,
        "left": left_sentence(gone) if gone else "",
        "kind": latest()[council.kind],
        "coordinators": coordinator_names([council.scope_id]).get(council.scope_id, []),
        "chair": first if first and first.quality == Membership.Quality.CHAIR else None,
        "members_count": first.total if first else 0,
        "next_meeting": next((meeting for meeting in around if meeting.starts_at >= now), None),
        "last_meeting": next((meeting for meeting in around if meeting.starts_at < now), None),
        "decisions": open_decisions.aggregate(
            all=Count("pk"), late=Count("pk", filter=Q(due_on__lt=timezone.localdate()))
        ),
        "uploads": Upload.objects.visible_to(actor)
        .filter(council=council)
        .exclude(pk__in=Act.objects.visible_to(actor).filter(council=council, scan__isnull=False).values("scan_id"))
        .select_related("added_by")[:20],
        "acts": Act.objects.visible_to(actor)
        .filter(council=council)
        .select_related("mandate")
        .order_by("-created_at", "-pk")[:5],
        "holds": rules.holds(council, actor),
        "refusal": refusal,
        "end_refusal": reason(rules.check_can_end_council, council, actor),
    }
    return render(request, "governance/councils/detail.html", context)


@require_safe
def council_law(request, pk):
    """What the law expects of the territory, and which members of right the council has not named yet."""
    council = council_of(request, pk)
    today, law = timezone.localdate(), load_law()
    facts = facts_for(council.territory, today)
    here = facts.members or frozenset()
    missing = [(member, article) for member, article in members_of_right(facts, law, today) if member.key not in here]
    context = {
        "council": council,
        "territory": council.territory,
        "obligations": obligations(facts, law, today),
        "missing_members": missing if council.ended_on is None else [],
        "holds": rules.holds(council, request.actor),
        "on": today,
    }
    part = request.headers.get("HX-Request") == "true"
    return render(request, "governance/councils/_law.html" if part else "governance/councils/law.html", context)


@require_http_methods(["GET", "POST"])
def council_create(request):
    """Create a council of the kind in the address, where the actor's mandate allows; the law is said first."""
    today = timezone.localdate()
    if not any(request.actor.role in kind.created_by for kind in kinds_on(today).values()):
        raise Refused(
            _("Un conseil se crée sous un mandat de maire, de président d’intercommunalité ou du cabinet du préfet.")
        )
    own = Territory.objects.visible_to(request.actor).filter(pk=request.actor.territory_id).first()
    kind = kinds_on(today).get(request.GET.get("nature", ""))
    if kind is None:
        return choose_kind(request, own, today)
    if request.actor.role not in kind.created_by:
        rules.check_can_create_council(own, request.actor, kind.kind, today)
    data = request.POST if request.method == "POST" else None
    place_form = PlaceForm(data) if kind.within else None
    placed = place_form is None or (data is not None and place_form.is_valid())
    territory = place_form.cleaned_data["place"] if place_form and placed else own
    refusal = reason(rules.check_can_create_council, territory, request.actor, kind.kind, today) if placed else ""
    name = "" if kind.within else rules.default_name(kind.short, territory.name)
    form = CouncilForm(data, initial={"name": name})
    if refusal and place_form and placed:
        place_form.add_error("place", refusal)
    elif refusal and data is not None:
        raise Refused(refusal)
    elif data is not None and form.is_valid() and placed:
        council = actions.create_council(territory=territory, kind=kind.kind, by=request.actor, **form.cleaned_data)
        messages.success(request, _("Le conseil est créé. Inscrivez maintenant ses membres."))
        return redirect("governance:council", council.pk)
    expected = obligations(facts_for(own, today), load_law(), today) if kind.plenary or kind.rule else []
    context = {
        "form": form,
        "place_form": place_form,
        "territory": own,
        "kind": kind,
        "unknown": rules.not_verified(kind, own, today),
        "refusal": "" if place_form else refusal,
        "obligations": [answer for answer in expected if not kind.rule or answer.rule == kind.rule],
        "on": today,
    }
    failed = form.errors or (place_form and place_form.errors)
    return render(request, "governance/councils/create.html", context, status=422 if failed else 200)


def choose_kind(request, territory, today):
    """The kinds that one's mandate may create; those that are refused say why."""
    kinds = rules.kinds_for(territory, request.actor, today)
    return render(request, "governance/councils/choose_kind.html", {"kinds": kinds, "territory": territory})


@require_http_methods(["GET", "POST"])
def council_edit(request, pk):
    council = council_of(request, pk)
    rules.check_can_hold(council, request.actor)
    form = CouncilForm(
        request.POST if request.method == "POST" else None,
        initial={"name": council.name, "founded_on": council.founded_on},
    )
    if request.method == "POST" and form.is_valid():
        actions.edit_council(council=council, by=request.actor, **form.cleaned_data)
        messages.success(request, _("Le conseil est corrigé."))
        return redirect("governance:council", council.pk)
    return render(
        request, "governance/councils/edit.html", {"form": form, "council": council}, status=422 if form.errors else 200
    )


@require_http_methods(["GET", "POST"])
def council_end(request, pk):
    """Declare that the council ends; asks once and says what is lost."""
    council = council_of(request, pk)
    rules.check_can_end_council(council, request.actor)
    form = EndForm(request.POST if request.method == "POST" else None, initial={"on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        day = form.cleaned_data["on"]
        if council.founded_on and day < council.founded_on:
            form.add_error("on", _("Un conseil ne peut finir avant d’avoir été créé."))
        elif day > timezone.localdate():
            form.add_error("on", _("Cette date est à venir : déclarez la fin une fois qu’elle a eu lieu."))
        else:
            actions.end_council(council=council, on=day, by=request.actor)
            messages.success(request, _("La fin du conseil est inscrite."))
            return redirect("governance:council", council.pk)
    context = {"form": form, "council": council}
    return render(request, "governance/councils/end.html", context, status=422 if form.errors else 200)
