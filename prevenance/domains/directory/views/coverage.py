"""Who has help within reach, commune by commune, and where the next posts would serve most."""

from itertools import pairwise

from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef
from django.shortcuts import render
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from prevenance.core.documents.tables import Column
from prevenance.core.refusals import reason
from prevenance.domains.directory.analysis import coverage as analysis
from prevenance.domains.directory.forms.coverage import CoverageFilters, PlacementForm
from prevenance.domains.directory.rules.coverage import Post, check_can_see_coverage
from prevenance.domains.directory.rules.nation import check_can_see_nation
from prevenance.domains.governance.views.councils import PER_PAGE
from prevenance.domains.governance.views.files import table_or_none
from prevenance.domains.territories.models import CrimeSeries, ReferenceImport, Territory

LEVELS = 4  # shades of a map besides the lightest (static/components.css)


def asked_of(request, *, choosing=True):
    """Filters of the address, with every département to choose from; raises Refused for who may not look.

    `choosing`: what communes weigh may be chosen there, and not only kept.
    """
    actor = request.actor
    check_can_see_coverage(actor)
    all_of_them = Territory.objects.visible_to(actor).existing().filter(kind="departement")
    # The one that one acts in; of several, that with the most people. None holds a region or the nation.
    own = Exists(all_of_them.filter(pk=OuterRef("pk"), contents__contained=actor.territory_id))
    every = list(all_of_them.annotate(own=own).order_by("sort_name", "code"))
    best = max((one for one in every if one.own), key=lambda one: one.weight, default=None)
    series = []
    if choosing or request.GET.get("weight"):
        series = list(CrimeSeries.objects.visible_to(actor).of_victims().order_by("indicator", "-year"))
    return CoverageFilters(request.GET, departements=every, own=best.code if best else "", series=series)


def ground_of(request, filters):
    """What is looked at, of the département chosen."""
    return analysis.ground(request.actor, filters.departement, filters.asked, timezone.localdate(), filters.series)


def people_of(here):
    """What communes weigh, as a plural that follows a number."""
    return _("habitants") if here.series is None else _("victimes enregistrées")


@require_safe
def coverage(request):
    filters = asked_of(request)
    context = {"filters": filters, "here": None}
    if not reason(check_can_see_nation, request.actor):
        context["france"] = reverse("coverage:nation")
    if filters.departement is None:
        return render(request, "directory/coverage/coverage.html", context)
    here = ground_of(request, filters)
    lines = analysis.lines(here, here.today)
    title = _("Couverture, %(place)s") % {"place": filters.departement.name}
    file = table_or_none(request, columns(here), lines, line=row, title=title)
    if file is not None:
        return file
    # The farthest first: gaps are what one comes for.
    lines.sort(key=lambda line: (-reached(line.minutes), -(line.weight or 0)))
    page = Paginator(lines, PER_PAGE).get_page(request.GET.get("page"))
    context |= {
        "here": here,
        "place": filters.departement,
        "page": page,
        "people": people_of(here),
        "rows": [(line, minutes_in_words(line.minutes), in_hours(line.hours)) for line in page.object_list],
        "bands": here.terms.bands,
        "gap": gap_of(here, here.today, filters.within),
        "map": map_of(request, filters.departement, here, here.today),
        "method": method(here),
        "what_if": reverse("coverage:what_if") + filters.address(),
        "placement": reverse("coverage:placement") + filters.address(),
    }
    return render(request, "directory/coverage/coverage.html", context)


@require_safe
def placement(request):
    """Where so many posts more would bring a service within the threshold to the most inhabitants, and how sure."""
    filters = asked_of(request)
    context = {"filters": filters, "here": None}
    if filters.departement is None:
        return render(request, "directory/coverage/placement.html", context)
    here = ground_of(request, filters)
    form = PlacementForm(request.GET, most=here.terms.most_chosen)
    found = analysis.best_places(here, form.number, filters.within)
    chosen = [here.communes[site - len(here.services)] for site in found.chosen.tolist()]
    before = analysis.weights_within(here, here.today.minutes, filters.within)
    words = [Post(here.terms.hours_unsaid, commune.code).word for commune in chosen]
    context |= {
        "here": here,
        "place": filters.departement,
        "form": form,
        "within": filters.within,
        "people": people_of(here),
        "chosen": sorted(chosen, key=lambda commune: commune.sort_name),
        "before": before,
        "served": round(found.served),
        "more": round(found.served) - before,
        "unserved": round(found.unserved),
        "proof": gap_in_words(here, found),
        "method": method(here),
        "try": reverse("coverage:what_if") + filters.address(a=words),
        "back": reverse("coverage:coverage") + filters.address(),
    }
    return render(request, "directory/coverage/placement.html", context)


def gap_in_words(here, found):
    """What is proved of a placement."""
    missed = round(found.bound) - round(found.objective)
    if missed <= 0:
        return _("C’est prouvé : aucun autre choix du même nombre de communes ne fait mieux.")
    return _("Un autre choix servirait au plus %(number)s %(people)s de plus (écart de %(gap)s %% au plus).") % {
        "number": number(missed), "people": people_of(here), "gap": number(found.gap * 100, 2),
    }  # fmt: skip


def reached(minutes):
    return float("inf") if minutes is None else minutes


def number(value, decimals=0):
    return formats.number_format(round(value, decimals), decimals, use_l10n=True, force_grouping=True)


def minutes_in_words(minutes):
    return _("hors d’atteinte") if minutes is None else _("%(number)s min") % {"number": number(minutes)}


def in_hours(hours):
    return number(hours, 1)


def gap_of(here, found, within):
    """What is beyond the threshold, and its share in words."""
    figures = analysis.figures(found)
    beyond = figures.beyond[here.terms.bands.index(within)]
    share = number(beyond * 100 / figures.weight, 1) if figures.weight else "0"
    return {"beyond": beyond, "within": within, "share": share, "weight": figures.weight, "whole": figures}


def method(here):
    """What the figures are made of, in sentences."""
    count = sum(place.door is None for place in here.services)
    doors = len(here.services) - count
    said = [
        ngettext("%(number)s service compté.", "%(number)s services comptés.", count) % {"number": number(count)},
        *how_counted(),
        *weighed(here),
    ]
    if doors:
        said.insert(
            1, ngettext(
                "Avec %(number)s permanence ou arrêt de tournée, à ses propres heures.",
                "Avec %(number)s permanences ou arrêts de tournée, chacun à ses propres heures.", doors,
            ) % {"number": number(doors)},
        )  # fmt: skip
    if here.unsaid:
        said.insert(
            1, ngettext(
                "Un ne dit pas ses heures : %(hours)s par semaine lui sont comptées.",
                "%(number)s ne disent pas leurs heures : %(hours)s par semaine leur sont comptées.", here.unsaid,
            ) % {"number": number(here.unsaid), "hours": f"{here.terms.hours_unsaid:g}"},
        )  # fmt: skip
    if here.nowhere:
        said.append(
            ngettext(
                "Une commune sans position ou sans population connue n’est pas comptée.",
                "%(number)s communes sans position ou sans population connue ne sont pas comptées.", here.nowhere,
            ) % {"number": number(here.nowhere)}
        )  # fmt: skip
    return said


def how_counted():
    """What holds of every département."""
    return [
        _(
            "Temps en voiture estimés par la distance : les premiers kilomètres à l’allure de chaque bout, selon sa "
            "densité, le reste à celle d’une route libre. Ni relief ni circulation ; aucune route ne traverse la mer."
        ),
        _("Une adresse tenue secrète compte au point de sa commune."),
        _("Les habitants d’autres départements ne sont pas comptés parmi ceux qui partagent les heures."),
    ]


def weighed(here):
    """What communes weigh, and which do not say it."""
    if here.series is None:
        return [
            _("Habitants : population jointe au code officiel géographique, la seule qui compte toutes les communes.")
        ]
    said = [
        _(
            "Victimes enregistrées : %(series)s, par commune, d’après la police et la gendarmerie (SSMSI, géographie "
            "%(vintage)s). Ce qui est enregistré n’est ni tout ce qui a lieu, ni tout ce qui est signalé."
        ) % {"series": here.series, "vintage": here.series.vintage}
    ]  # fmt: skip
    if here.withheld:
        said.append(
            ngettext(
                "Le nombre d’une commune n’est pas publié : il n’entre dans aucune somme, et ce n’est pas zéro.",
                "Les nombres de %(number)s communes ne sont pas publiés : ils n’entrent dans aucune somme, et ce n’est "
                "pas zéro.", here.withheld,
            ) % {"number": number(here.withheld)}
        )  # fmt: skip
    return said


def map_of(request, departement, here, found):
    """Communes in shades by the band that holds their minutes; the legend says as much, and the table each figure."""
    bands = here.terms.bands[:LEVELS]
    words = [_("%(band)d minutes ou moins") % {"band": bands[0]}]
    words += [_("de %(low)d à %(high)d minutes") % {"low": low, "high": high} for low, high in pairwise(bands)]
    words.append(_("plus de %(band)d minutes, ou hors d’atteinte") % {"band": bands[-1]})
    numbers, counts = {}, [0] * len(words)
    for commune, minutes, near in zip(here.communes, found.minutes.tolist(), found.nearest.tolist(), strict=True):
        level = sum(minutes > band for band in bands)
        counts[level] += 1
        numbers[commune.code] = {"level": level, "words": minutes_in_words(minutes if near >= 0 else None)}
    state = ReferenceImport.objects.visible_to(request.actor).state_of_territories()
    return {
        "url": reverse("territories:contours", args=["departement", departement.code], query={"v": state}),
        "numbers": numbers,
        "legend": [
            {"level": level, "words": said, "number": counts[level]} for level, said in enumerate(words)
        ],
        "vintage": state.partition("-")[0],
    }  # fmt: skip


def columns(here):
    people = people_of(here)
    return [
        Column("code", _("Code Insee")), Column("name", _("Commune")),
        Column("weight", people.capitalize(), "integer"), Column("minutes", _("Minutes"), "decimal"),
        Column("nearest", _("Service le plus proche")),
        *(
            Column(f"within{rank}", _("Choix à %(band)d minutes") % {"band": band}, "integer")
            for rank, band in enumerate(here.terms.bands)
        ),
        Column("hours", _("Heures par semaine pour 1 000 %(people)s") % {"people": people}, "decimal"),
    ]  # fmt: skip


def row(line):
    return {
        "code": line.code, "name": line.name, "weight": line.weight,
        "minutes": None if line.minutes is None else round(line.minutes, 1), "nearest": line.nearest,
        "hours": round(line.hours, 2),
    } | {f"within{rank}": choices for rank, choices in enumerate(line.choices)}  # fmt: skip
