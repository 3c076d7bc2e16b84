"""Opening a file from a report: group and category, then the report; possible doubles are shown before."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from prevenance.core.refusals import Refused
from prevenance.domains.followup import actions
from prevenance.domains.followup.analysis import finding, matching, people
from prevenance.domains.followup.forms.files import ReportForm, RepresentativeForm, StartForm, representatives
from prevenance.domains.followup.models import FollowUp
from prevenance.domains.governance.rules.councils import Stale


def check_can_see(actor):
    """Refuse, with a sentence, who may never read a file."""
    if not actor.can("see_files"):
        raise Refused(_("Votre rôle n’ouvre aucun dossier de suivi : ils sont lus dans leur groupe, et là seulement."))


def groups_of(actor):
    """Groups whose files the actor opens, with their council."""
    return list(finding.groups(actor))


@require_http_methods(["GET", "POST"])
def file_open(request):
    """`?groupe=` and `?categorie=` choose the lists of the report; without them they are asked."""
    check_can_see(request.actor)
    bodies = groups_of(request.actor)
    start = StartForm(request.GET if request.GET else None, bodies=bodies)
    if not start.is_valid():
        context = {"form": start, "bodies": bodies}
        failed = request.method == "POST" or start.errors
        return render(request, "followup/files/start.html", context, status=422 if failed else 200)
    body, category = start.bodies[start.cleaned_data["groupe"]], start.cleaned_data["categorie"]
    data = request.POST if request.method == "POST" else None
    form = ReportForm(data, category=category, members=people.members(body), actor=request.actor)
    others = [RepresentativeForm(data, prefix=f"representant{rank}") for rank in (1, 2)]
    doubles = []
    if data is not None and all(one.is_valid() for one in (form, *others)):
        doubles = possible_doubles(request, body, form)
        if not doubles or form.cleaned_data["confirmed"]:
            followup = opened_file(request, body, category, form, representatives(others))
            if followup is not None:
                return redirect(followup)
    context = {
        "form": form, "others": others, "body": body, "category": FollowUp.Category(category).label,
        "doubles": doubles,
    }  # fmt: skip
    failed = doubles or any(one.errors for one in (form, *others))
    return render(request, "followup/files/open.html", context, status=422 if failed else 200)


def opened_file(request, body, category, form, others):
    """Where to go once the file is open; None when it was refused, which the form says."""
    values = form.cleaned_data
    reported_by = int(values["reported_by"]) if values["reported_by"] else None
    try:
        followup = actions.open_file(
            body=body, category=category, sex=values["sex"], birth_date=values["birth_date"], origin=values["origin"],
            situations=form.situations(), received_on=values["received_on"], identity=form.identity(),
            representatives=others, reported_by=reported_by, asked=values["asked"], by=request.actor,
        )  # fmt: skip
    except Stale as stale:
        messages.info(request, stale.reason)
        followup = FollowUp.objects.visible_to(request.actor).filter(asked=values["asked"]).first()
        return reverse("followup:file", args=[followup.pk]) if followup else reverse("followup:files")
    except Refused as refusal:
        form.add_error(None, refusal.reason)
        return None
    said = {"number": followup.number}
    if FollowUp.objects.visible_to(request.actor).filter(pk=followup.pk).exists():
        messages.success(request, _("Le dossier %(number)s est ouvert. Proposez maintenant son référent.") % said)
        return reverse("followup:people", args=[followup.pk])
    sentence = _("Le dossier %(number)s est ouvert. Le membre qui a signalé la situation et la coordination le lisent.")
    messages.success(request, sentence % said)
    return reverse("followup:files")


def possible_doubles(request, body, form):
    """[(file, its referent)] that may be of the same person; comparing is recorded as a reading of each."""
    values = form.cleaned_data
    found = matching.doubles(body, values["given_name"], values["family_name"], values["birth_date"])
    actions.record_list(body=body, followups=found, part="double", by=request.actor)
    ours = [followup.pk for followup in found]
    readable = set(FollowUp.objects.visible_to(request.actor).filter(pk__in=ours).values_list("pk", flat=True))
    names = matching.referents(ours)
    return [(followup, names.get(followup.pk, ""), followup.pk in readable) for followup in found]
