"""Problems of a police problem-solving group: the list, a problem, its state, its hand-over."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prevenance.core.documents.tables import FORMATS, Column, export
from prevenance.core.refusals import Refused, reason
from prevenance.domains.governance.actions import problems as actions
from prevenance.domains.governance.forms.problems import ProblemFilters, ProblemForm
from prevenance.domains.governance.models import Council, Problem
from prevenance.domains.governance.rules import problems as rules
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.governance.views.councils import PER_PAGE, council_of, download

LISTED = ["year", "rank", "theme", "place", "state", "opened_on"]


def group_of(request, pk):
    """The police group, or 404 for another kind of council: it keeps no problem."""
    council = council_of(request, pk)
    if council.kind != Council.Kind.GPO:
        raise Http404
    return council


def problem_of(request, council, pk):
    problem = get_object_or_404(Problem.objects.visible_to(request.actor), council=council, pk=pk)
    problem.council = council
    return problem


@require_safe
def problems(request, pk):
    council = group_of(request, pk)
    filters = ProblemFilters(request.GET)
    found = filters.narrow(Problem.objects.visible_to(request.actor, of=council)).order_by("-year", "-rank")
    if request.GET.get("format") in FORMATS:
        return download("problemes", export_problems(request.GET["format"], found))
    page = Paginator(found.only(*LISTED), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "council": council,
        "page": page,
        "rows": [(problem, rules.themes().get(problem.theme, problem.theme)) for problem in page.object_list],
        "filters": filters,
        "filtered": any(request.GET.values()),
        "refusal": reason(rules.check_can_keep_problems, council, request.actor),
    }
    return render(request, "governance/problems/list.html", context)


def export_problems(format, found):
    columns = [
        Column("number", _("Numéro")), Column("theme", _("Nature")), Column("place", _("Lieu")),
        Column("description", _("Problème")), Column("response", _("Réponse")), Column("state", _("État")),
        Column("opened_on", _("Ouvert le"), "date"), Column("closed_on", _("Clos le"), "date"),
    ]  # fmt: skip
    rows = (
        {
            "number": problem.number, "theme": rules.themes().get(problem.theme, problem.theme),
            "place": problem.place, "description": problem.description, "response": problem.response,
            "state": problem.get_state_display(), "opened_on": problem.opened_on, "closed_on": problem.closed_on,
        }
        for problem in found
    )  # fmt: skip
    return export(format, columns, rows, title=_("Problèmes"))


@require_http_methods(["GET", "POST"])
def problem_add(request, pk):
    council = group_of(request, pk)
    rules.check_can_keep_problems(council, request.actor)
    form = ProblemForm(request.POST if request.method == "POST" else None, partners=rules.partners_of(council))
    if request.method == "POST" and form.is_valid():
        try:
            added = actions.add_problem(council=council, told=form.told(), by=request.actor)
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("Le problème %(number)s est inscrit.") % {"number": added.number})
            return redirect("governance:problem", council.pk, added.pk)
    context = {"form": form, "council": council, "problem": None}
    return render(request, "governance/problems/form.html", context, status=422 if form.errors else 200)


@require_safe
def problem(request, pk, problem):
    council = group_of(request, pk)
    problem = problem_of(request, council, problem)
    context = {
        "council": council,
        "problem": problem,
        "theme": rules.themes().get(problem.theme, problem.theme),
        "partners": problem.partners.order_by("sort_name"),
        "handovers": problem.handovers.select_related("body__council"),
        "groups": rules.groups_around(council),
        "refusal": reason(rules.check_can_change_problem, problem, request.actor),
        "keeps": not reason(rules.check_can_keep_problems, council, request.actor),
        "next": [(state, Problem.State(state).label) for state in rules.NEXT[problem.state]],
    }
    return render(request, "governance/problems/detail.html", context)


@require_http_methods(["GET", "POST"])
def problem_edit(request, pk, problem):
    """What was typed on an older state stays on screen beside a sentence that says so."""
    council = group_of(request, pk)
    problem = problem_of(request, council, problem)
    rules.check_can_change_problem(problem, request.actor)
    initial = {name: getattr(problem, name) for name in ("theme", "place", "description", "response")}
    form = ProblemForm(
        request.POST if request.method == "POST" else None, partners=rules.partners_of(council),
        initial=initial | {"seen": problem.edit, "partners": [str(partner.pk) for partner in problem.partners.all()]},
    )  # fmt: skip
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            seen = form.cleaned_data["seen"] or 0
            actions.edit_problem(problem=problem, told=form.told(), seen=seen, by=request.actor)
        except Stale as stale:
            data = form.data.copy()
            data["seen"] = problem.edit
            form.data = data
            form.add_error(None, stale.reason)
            status = 409
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("Le problème est enregistré."))
            return redirect("governance:problem", council.pk, problem.pk)
    context = {"form": form, "council": council, "problem": problem}
    status = 422 if form.errors and status == 200 else status
    return render(request, "governance/problems/form.html", context, status=status)


@require_POST
def problem_move(request, pk, problem):
    council = group_of(request, pk)
    problem = problem_of(request, council, problem)
    actions.move_problem(problem=problem, state=request.POST.get("state", ""), by=request.actor)
    messages.success(request, _("L’état du problème est enregistré."))
    return redirect("governance:problem", council.pk, problem.pk)


@require_POST
def problem_hand_over(request, pk, problem):
    """Hand to a thematic group; a second click says that it is done."""
    council = group_of(request, pk)
    problem = problem_of(request, council, problem)
    asked = request.POST.get("body", "")
    around = rules.groups_around(council)
    body = next((group for group in around if str(group.pk) == asked), None)
    try:
        rules.check_can_hand_over(problem, body, request.actor)
    except Stale as stale:
        messages.info(request, stale.reason)
    else:
        actions.hand_over(problem=problem, body=body, by=request.actor)
        messages.success(request, _("Le groupe est prévenu : une situation est à examiner."))
    return redirect("governance:problem", council.pk, problem.pk)
