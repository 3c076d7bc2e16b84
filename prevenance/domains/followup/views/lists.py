"""The files that one reads, by numbers; their names when asked for; a name looked for in one group."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from prevenance.core.composed import Listed
from prevenance.core.documents.tables import FORMATS, Column, export
from prevenance.core.prepared import planned
from prevenance.domains.followup import actions
from prevenance.domains.followup.analysis import finding, hanging, matching, reporting
from prevenance.domains.followup.forms.lists import FileFilters, NamesForm, SearchForm
from prevenance.domains.followup.models import FollowUp, Involvement
from prevenance.domains.followup.rules import clocks
from prevenance.domains.followup.views.opening import check_can_see, groups_of
from prevenance.domains.followup.views.reading import keep_reason
from prevenance.domains.governance.views.councils import PER_PAGE, download


@require_http_methods(["GET", "POST"])
def files(request):
    """Numbers only; sent by POST, the names of the page as well, each recorded as a reading of its file."""
    actor = request.actor
    check_can_see(actor)
    bodies = groups_of(actor)
    referents = [(pk, f"{given} {family}") for pk, given, family, _sort in finding.referents(actor, timezone.now())]
    filters = FileFilters(request.GET, bodies=bodies, referents=referents, actor=actor)
    if request.method == "GET" and not filters.asked:
        found = Listed(finding.running, actor, timezone.now())
    else:
        found = filters.narrow(FollowUp.objects.visible_to(actor)).select_related("body").order_by("-opened_on", "-pk")
    if request.GET.get("format") in FORMATS:
        return download("suivis", export_files(request.GET["format"], found))
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    parts = taking_part(actor, page.object_list)
    outside = [file for file in page.object_list if file.pk not in parts.mine]
    form = NamesForm(request.POST if request.method == "POST" else None, outside=outside)
    names = {}
    if request.method == "POST" and page.object_list and form.is_valid():
        why = form.cleaned_data.get("why", "")
        names = names_of(actor, page.object_list, outside, part="list", why=why)
        keep_reason(request, outside, why)
    context = {
        "page": page,
        "rows": [
            (file, FollowUp.AgeBand(clocks.band_today(file)), parts.referents.get(file.pk, ""), names.get(file.pk, ""))
            for file in page.object_list
        ],
        "named": bool(names),
        "names_form": form,
        "bodies": bodies,
        "several": len(bodies) > 1,
        "may_hold": bodies and actor.can("hold_files"),
        "reports_in": not actor.can("hold_files") and reporting.open_to(actor).exists(),
        "filters": filters,
        "filtered": any(request.GET.values()),
        "proposed": finding.proposed(actor),
    }  # fmt: skip
    return render(request, "followup/files/list.html", context, status=422 if form.errors else 200)


class TakingPart:
    """For the files of a page: the name of each referent, and the files in which the actor takes part."""

    def __init__(self):
        self.referents, self.mine = {}, set()


def taking_part(actor, files):
    found = TakingPart()
    for file, kind, ends, person, given, family in hanging.parts_in([file.pk for file in files]):
        if kind == Involvement.Kind.REFERENT and ends is None:
            found.referents[file] = f"{given} {family}"
        if person == actor.person_id:
            found.mine.add(file)
    return found


def names_of(actor, files, outside, *, part, why):
    """{file: « Prénom Nom »}, recorded: with the reason where the file is not one of the actor's."""
    actions.record_list(body=None, followups=files, outside=outside, part=part, why=why, by=actor)
    return {
        file.pk: f"{values['given_name']} {values['family_name']}".strip()
        for file, values in matching.opened_identities(files, ("given_name", "family_name"))
    }


def export_files(format, found):
    """By numbers only: a name never leaves in a table."""
    found = list(found.iterator())
    names = matching.referents([file.pk for file in found])
    columns = [
        Column("number", _("Numéro")), Column("group", _("Groupe")), Column("category", _("Catégorie")),
        Column("sex", _("Sexe")), Column("age_band", _("Tranche d’âge")), Column("referent", _("Référent")),
        Column("opened_on", _("Ouvert le"), "date"), Column("next_review_on", _("Prochain point"), "date"),
        Column("closed_on", _("Terminé le"), "date"), Column("purge_on", _("Effacé au plus tard le"), "date"),
    ]  # fmt: skip
    rows = (
        {
            "number": file.number, "group": file.body.name, "category": file.get_category_display(),
            "sex": file.get_sex_display(), "age_band": clocks.band_label(file),
            "referent": names.get(file.pk, ""), "opened_on": file.opened_on, "next_review_on": file.next_review_on,
            "closed_on": file.closed_on, "purge_on": file.purge_on,
        }
        for file in found
    )  # fmt: skip
    return export(format, columns, rows, title=_("Suivis"))


@require_http_methods(["GET", "POST"])
def search(request):
    """A name looked for among the files that one reads in one group, deciphered in memory for this answer."""
    actor = request.actor
    check_can_see(actor)
    bodies = groups_of(actor)
    form = SearchForm(request.POST if request.method == "POST" else None, bodies=bodies)
    found = None
    if request.method == "POST" and form.is_valid():
        found = searched(request, form)
    if found is not None:
        found = [(file, clocks.band_label(file), name) for file, name in found]
    context = {"form": form, "found": found, "bodies": bodies}
    return render(request, "followup/files/search.html", context, status=422 if form.errors else 200)


def searched(request, form):
    """[(file, name)]; None when a reason is missing, which the form says. Recorded, found or not."""
    actor, body, why = request.actor, form.bodies[form.cleaned_data["group"]], form.cleaned_data["why"]
    readable = planned(finding.of_group(actor, body.pk))
    others = {followup.pk for followup in readable if not followup.mine}
    if others and not why:
        form.add_error("why", _("Des dossiers de ce groupe ne sont pas les vôtres : dites pourquoi vous cherchez."))
        return None
    found = matching.named(readable, form.cleaned_data["name"])
    every = [file for file, _name in found]
    for file in every:
        file.body = body
    outside = [file for file in every if file.pk in others]
    actions.record_list(body=body, followups=every, outside=outside, part="search", why=why, by=actor)
    keep_reason(request, outside, why)
    return found
