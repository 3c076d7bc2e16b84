"""What a post more would change: tried from the address, two scenarios side by side, kept by name when asked."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from prevenance.core.documents.pdf import PdfUnavailable, render_pdf
from prevenance.core.refusals import Refused
from prevenance.domains.directory.actions import scenarios as actions
from prevenance.domains.directory.analysis import coverage as analysis
from prevenance.domains.directory.forms.coverage import ASKED, SCENARIOS, NameForm, PostForm, posts_in
from prevenance.domains.directory.models import Scenario
from prevenance.domains.directory.rules import coverage as rules
from prevenance.domains.directory.views.coverage import (
    asked_of,
    ground_of,
    in_hours,
    map_of,
    method,
    minutes_in_words,
    number,
    people_of,
)
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.governance.views.files import file_response, named

SHOWN = 30  # scenarios kept that are listed
NAMES = {"a": gettext_lazy("Essai A"), "b": gettext_lazy("Essai B")}


@dataclass(frozen=True, eq=False)
class Tried:
    """One of the two scenarios of a page: its posts, each with its name and the address without it."""

    key: str
    name: str
    posts: list[rules.Post]
    coverage: Any
    figures: analysis.Figures
    shown: list[tuple[str, str, str]]


@require_http_methods(["GET", "POST"])
def what_if(request):
    filters = asked_of(request, choosing=False)
    if filters.departement is None:
        return redirect("coverage:coverage")
    here = ground_of(request, filters)
    posts = {key: posts_in(request.GET, key, here.communes, here.terms) for key in SCENARIOS}
    adding, naming, status = post_form(request, here), None, 200
    if request.method == "POST":
        naming = NameForm(request.POST)
        if (answer := saved(request, naming, filters, posts)) is not None:
            return answer
        status = 422
    elif adding.is_bound:
        if adding.is_valid() and full(adding, posts, here.terms):
            into = adding.cleaned_data["into"]
            more = words(posts) | {into: [*words(posts)[into], adding.cleaned_data["post"].word]}
            return redirect(reverse("coverage:what_if") + filters.address(**more))
        status = 422
    tried = [scenario(key, posts, here, filters) for key in SCENARIOS]
    if request.GET.get("format") == "pdf":
        return as_pdf(request, filters, here, tried)
    shown = next((one for one in tried if one.posts), None)
    moved = changed(here, tried)
    context = {
        "filters": filters, "place": filters.departement, "here": here, "adding": adding, "naming": naming,
        "tried": tried, "any": any(one.posts for one in tried), "figures": compared(here, tried),
        "people": people_of(here),
        "kept_posts": [(key, word) for key, some in words(posts).items() for word in some],
        "map": map_of(request, filters.departement, here, shown.coverage if shown else here.today),
        "map_of": shown.name if shown else _("aujourd’hui"),
        "marks": [mark(here, one, post) for one in tried for post in one.posts],
        "changed": moved[:SHOWN], "changed_count": len(moved),
        "kept": [kept(one, filters, posts) for one in kept_here(request.actor, filters)],
        "method": method(here),
        "back": reverse("coverage:coverage") + filters.address(),
        "address": filters.address(**words(posts)),
        "pdf": reverse("coverage:what_if") + filters.address(**words(posts), format="pdf"),
    }  # fmt: skip
    return render(request, "directory/coverage/what_if.html", context, status=status)


def words(posts):
    return {key: [post.word for post in some] for key, some in posts.items()}


def post_form(request, here):
    """Bound when the address adds a post."""
    options = {"communes": here.communes, "most_hours": here.terms.most_hours}
    adds = request.method != "POST" and "into" in request.GET
    return PostForm(request.GET, **options) if adds else PostForm(initial={"into": "a"}, **options)


def full(form, posts, terms):
    """Whether one post more may be added; the form says it when not."""
    if len(posts[form.cleaned_data["into"]]) < terms.most_posts:
        return True
    form.add_error("into", _("Un essai porte au plus sur %(most)d permanences.") % {"most": terms.most_posts})
    return False


def saved(request, form, filters, posts):
    """Where to go once a scenario is kept; None when it is not, which the form says."""
    if not form.is_valid():
        return None
    try:
        actions.save_scenario(
            name=form.cleaned_data["name"], departement=filters.departement, asked=filters.asked,
            posts=posts[form.cleaned_data["saved"]], by=request.actor,
        )  # fmt: skip
    except Refused as refusal:
        form.add_error("name", refusal.reason)
        return None
    messages.success(request, _("L’essai est enregistré : votre périmètre le retrouve ici."))
    return redirect(reverse("coverage:what_if") + filters.address(**words(posts)))


def scenario(key, posts, here, filters):
    found = analysis.with_posts(here, posts[key])
    every = words(posts)
    shown = [
        (
            analysis.name_of(here, post), number(post.hours, 0 if post.hours == int(post.hours) else 2),
            reverse("coverage:what_if")
            + filters.address(**every | {key: every[key][:rank] + every[key][rank + 1 :]}),
        )
        for rank, post in enumerate(posts[key])
    ]  # fmt: skip
    return Tried(key, str(NAMES[key]), posts[key], found, analysis.figures(found), shown)


def compared(here, tried):
    """Lines of the table: what is counted, today, then each scenario that has posts with what it changes."""
    today, others = analysis.figures(here.today), [one.figures for one in tried if one.posts]
    found = []
    for rank, band in enumerate(here.terms.bands):
        now = today.beyond[rank]
        cells = [(number(other.beyond[rank]), change(other.beyond[rank] - now)) for other in others]
        label = _("%(people)s à plus de %(band)d minutes") % {"people": people_of(here).capitalize(), "band": band}
        found.append((label, number(now), cells))
    means = [(minutes_in_words(other.mean), "") for other in others]
    found.append((_("Temps moyen de ceux qu’un service atteint"), minutes_in_words(today.mean), means))
    hours = [(in_hours(other.hours), "") for other in others]
    found.append((_("Heures par semaine pour 1 000 habitants"), in_hours(today.hours), hours))
    return found


def change(value):
    """« − 1 234 » with the sign of typography; nothing when nothing moves."""
    return "" if not value else f"{'−' if value < 0 else '+'}\u00a0{number(abs(value))}"


def changed(here, tried):
    """Communes whose minutes change: (name, weight, minutes today, minutes in each scenario that has posts)."""
    others = [one.coverage.minutes.tolist() for one in tried if one.posts]
    found = []
    for rank, (commune, now) in enumerate(zip(here.communes, here.today.minutes.tolist(), strict=True)):
        then = [minutes[rank] for minutes in others]
        if any(other != now for other in then):
            found.append((commune.name, here.weights[rank], *map(told, [now, *then])))
    return sorted(found, key=lambda line: -(line[1] or 0))


def told(minutes):
    return minutes_in_words(None if minutes == float("inf") else minutes)


def mark(here, one, post):
    longitude, latitude = analysis.where(here, post)
    return {"at": [latitude, longitude], "words": f"{one.name} : {analysis.name_of(here, post)}"}


def kept_here(actor, filters):
    found = Scenario.objects.visible_to(actor).filter(departement=filters.departement)
    return found.order_by("-created_at", "-id")[:SHOWN]


def kept(one, filters, posts):
    """A scenario, and the addresses that open it as each of the two: what it was asked for goes with it."""
    opened = {
        key: reverse("coverage:what_if")
        + filters.address(**{name: getattr(one, name) for name in ASKED}, **words(posts) | {key: one.posts})
        for key in SCENARIOS
    }  # fmt: skip
    return one, opened["a"], opened["b"]


def as_pdf(request, filters, here, tried):
    """For a committee: figures before and after, posts, communes that it changes."""
    title = _("Essai de permanences, %(place)s") % {"place": filters.departement.name}
    context = {
        "place": filters.departement, "tried": [one for one in tried if one.posts], "figures": compared(here, tried),
        "changed": changed(here, tried), "method": method(here), "day": timezone.localdate(),
        "people": people_of(here),
        "asked": [label_of(filters.fields[name], value) for name, value in filters.asked.items() if value],
    }  # fmt: skip
    try:
        content = render_pdf(
            "directory/coverage/what_if_pdf.html", context, title=title, author=request.actor.scope_label
        )
    except PdfUnavailable as problem:
        messages.error(request, str(problem))
        return redirect(reverse("coverage:what_if") + filters.address(**words({one.key: one.posts for one in tried})))
    return file_response(content, "application/pdf", named(title, extension="pdf"), inline=True)


def label_of(field, value):
    """Of a choice, in a group or not."""
    groups = [label if isinstance(label, list | tuple) else [(key, label)] for key, label in field.choices]
    return next(str(label) for group in groups for key, label in group if key == value)


@require_http_methods(["GET", "POST"])
def scenario_delete(request, scenario):
    """Asks once and says what is lost."""
    found = get_object_or_404(Scenario.objects.visible_to(request.actor).select_related("departement"), pk=scenario)
    back = reverse("coverage:what_if", query={"departement": found.departement.code})
    if request.method == "POST":
        try:
            actions.delete_scenario(scenario=found, by=request.actor)
        except Stale as stale:
            messages.info(request, stale.reason)
        else:
            messages.success(request, _("L’essai est supprimé."))
        return redirect(back)
    context = {
        "title": _("Supprimer l’essai « %(name)s »") % {"name": found.name},
        "lost": _("Personne de votre périmètre ne retrouvera ces permanences. L’annuaire, lui, ne change pas."),
        "confirm": _("Supprimer"),
        "url": reverse("coverage:scenario_delete", args=[found.pk]),
        "back": back,
        "hidden": {},
    }
    return render(request, "components/confirm_page.html", context)
