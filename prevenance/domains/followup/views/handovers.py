"""A file handed over to a group elsewhere: proposed from the file, answered by whoever coordinates the other group."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from prevenance.core.refusals import Refused, reason
from prevenance.domains.followup import actions
from prevenance.domains.followup.analysis import handovers as analysis
from prevenance.domains.followup.forms.sharing import CommuneForm, HandoverForm
from prevenance.domains.followup.models import Handover
from prevenance.domains.followup.rules import clocks
from prevenance.domains.followup.rules import handovers as rules
from prevenance.domains.followup.rules.rights import addressees
from prevenance.domains.followup.views.reading import file_or_reason, show
from prevenance.domains.followup.views.writing import goes_back, may, posted, tried
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.governance.views.councils import PER_PAGE
from prevenance.domains.territories.models import Territory

TAB = "followup:shares"
FOUND = 8  # communes shown for the words typed


@require_http_methods(["GET", "POST"])
@file_or_reason
@goes_back(TAB)
def handover_propose(request, followup):
    """Where the person goes, then a group there; their written agreement. Communes are public: they may be in an
    address, which says nothing of the person."""
    may(request, rules.check_can_propose, followup, request.actor)
    towns = Territory.objects.visible_to(request.actor).existing().filter(kind=Territory.Kind.COMMUNE)
    search = CommuneForm(request.GET or None)
    words = search.cleaned_data.get("q", "") if search.is_valid() else ""
    town = towns.filter(code=request.GET.get("commune", "")).first()
    groups = rules.groups_of(town, followup) if town else []
    form = HandoverForm(posted(request), groups=groups, addressees=addressees(followup))
    done, status = tried(form, lambda values: proposed(followup, values, groups, request.actor))
    if done:
        messages.success(
            request, _("Le passage de relais est proposé : l’autre coordination en est prévenue, sans nom.")
        )
        return redirect(TAB, followup.pk)
    context = {
        "search": search, "words": words, "town": town, "groups": groups, "form": form,
        "towns": towns.matching(words, FOUND) if words and town is None else [],
    }  # fmt: skip
    return show(request, "followup/sharing/propose.html", followup, TAB, context, status)


def proposed(followup, values, groups, actor):
    body = next(group for group in groups if group.pk == values["body"])
    return actions.propose_handover(
        followup=followup, body=body, agreed_by=values["agreed_by"], agreed_on=values["agreed_on"],
        outcome=values["outcome"], by=actor,
    )  # fmt: skip


def sent(request, followup, handover):
    found = get_object_or_404(Handover.objects.visible_to(request.actor, of=followup), pk=handover)
    found.followup = followup
    return found


@require_http_methods(["GET", "POST"])
@file_or_reason
@goes_back(TAB)
def handover_withdraw(request, followup, handover):
    handover = sent(request, followup, handover)
    may(request, rules.check_can_withdraw, handover, followup, request.actor)
    if request.method == "POST":
        actions.withdraw_handover(handover=handover, by=request.actor)
        messages.success(request, _("La proposition est retirée."))
        return redirect(TAB, followup.pk)
    context = {
        "title": _("Retirer ce passage de relais ?"),
        "lost": _("L’autre groupe ne pourra plus reprendre ce suivi, à moins d’une nouvelle proposition."),
        "confirm": _("Retirer la proposition"), "url": request.path, "hidden": {},
        "back": reverse(TAB, args=[followup.pk]),
    }  # fmt: skip
    return render(request, "components/confirm_page.html", context)


@require_http_methods(["GET", "POST"])
@file_or_reason
@goes_back(TAB)
def handover_finish(request, followup, handover):
    """End here a file that another group has taken, where the job could not."""
    handover = sent(request, followup, handover)
    may(request, rules.check_can_finish, handover, followup, request.actor)
    if request.method == "POST":
        ended = actions.finish_handover(handover=handover, by=request.actor)
        day = ended.purge_on.strftime("%d/%m/%Y")
        messages.success(request, _("Le suivi est terminé ici. Le dossier s’efface le %(day)s.") % {"day": day})
        return redirect(TAB, followup.pk)
    context = {
        "title": _("Terminer ici ce suivi ?"),
        "lost": _("Un autre groupe l’a repris. Ici, plus rien ne s’y écrira, et le dossier s’effacera à sa date."),
        "confirm": _("Terminer ici"), "url": request.path, "hidden": {}, "back": reverse(TAB, args=[followup.pk]),
    }  # fmt: skip
    return render(request, "components/confirm_page.html", context)


# ------------------------------------------------------------------------------------------------ the other group


@require_safe
def handovers(request):
    """Hand-overs proposed to the groups that one coordinates: from where, and no name."""
    if not request.actor.can("hold_files"):
        raise Refused(_("Seule la coordination d’un groupe reçoit les passages de relais."))
    page = Paginator(analysis.asked(request.actor), PER_PAGE).get_page(request.GET.get("page"))
    rows = [(row, analysis.state(row)) for row in page.object_list]
    return render(request, "followup/sharing/handovers.html", {"page": page, "rows": rows})


def asked_of(request, proposal):
    return get_object_or_404(analysis.asked(request.actor), pk=proposal)


@require_safe
def handover(request, proposal):
    """What is told before one answers: the group, the category and the age band."""
    handover = asked_of(request, proposal)
    about = analysis.about(handover)
    context = {
        "handover": handover, "state": analysis.state(handover), "about": about,
        "band": clocks.band_label(about) if about else "",
        "refusal": reason(rules.check_can_accept, handover, request.actor),
        "decline_refusal": reason(rules.check_can_answer, handover, request.actor),
    }  # fmt: skip
    return render(request, "followup/sharing/handover.html", context)


@require_http_methods(["GET", "POST"])
def handover_accept(request, proposal):
    handover = asked_of(request, proposal)
    try:
        rules.check_can_accept(handover, request.actor)
        if request.method == "POST":
            file = actions.accept_handover(handover=handover, by=request.actor)
            messages.success(
                request, _("Le suivi est repris sous le numéro %(number)s. Informez la personne et nommez un référent.")
                % {"number": file.number},
            )  # fmt: skip
            return redirect("followup:file", file.pk)
    except Stale as stale:
        messages.info(request, stale.reason)
        return redirect("followup:handover", handover.pk)
    context = {
        "title": _("Reprendre ce suivi ?"),
        "lost": _(
            "Le dossier est copié dans votre groupe, qui en devient responsable et informe la personne. "
            "Le suivi prend fin dans le groupe d’origine."
        ),
        "confirm": _("Reprendre ce suivi"), "url": request.path, "hidden": {},
        "back": reverse("followup:handover", args=[handover.pk]),
    }  # fmt: skip
    return render(request, "components/confirm_page.html", context)


@require_http_methods(["GET", "POST"])
def handover_decline(request, proposal):
    handover = asked_of(request, proposal)
    try:
        rules.check_can_answer(handover, request.actor)
        if request.method == "POST":
            actions.decline_handover(handover=handover, by=request.actor)
            messages.success(request, _("Le passage de relais est décliné : le groupe d’origine le voit."))
            return redirect("followup:handovers")
    except Stale as stale:
        messages.info(request, stale.reason)
        return redirect("followup:handover", handover.pk)
    context = {
        "title": _("Décliner ce passage de relais ?"),
        "lost": _("Votre groupe ne pourra plus reprendre ce suivi, à moins d’une nouvelle proposition."),
        "confirm": _("Décliner"), "url": request.path, "hidden": {},
        "back": reverse("followup:handover", args=[handover.pk]),
    }  # fmt: skip
    return render(request, "components/confirm_page.html", context)
