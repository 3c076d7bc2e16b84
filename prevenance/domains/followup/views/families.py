"""Support of a family, in its file: the path, its next stage, the certificate."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from prevenance.core.documents.pdf import PdfUnavailable, render_pdf
from prevenance.core.refusals import Refused, reason
from prevenance.domains.followup.actions import families as actions
from prevenance.domains.followup.analysis.reading import key_of, opened_values
from prevenance.domains.followup.analysis.registers import day
from prevenance.domains.followup.forms.families import BeginForm, FamilyStageForm
from prevenance.domains.followup.models import FamilyPath, FollowUp, Identity
from prevenance.domains.followup.rules import families as rules
from prevenance.domains.followup.rules import registers
from prevenance.domains.followup.views.reading import file_or_reason, read, show
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.governance.views.files import file_response, named
from prevenance.domains.governance.views.requests import posted

TAB = "followup:family"
WORDS = {"opinion": "opinions", "informed": "informed", "commitments": "commitments", "end_reason": "ends"}


def family_of(followup):
    """The file, or 404 for one that is not a family's: it has no such path."""
    if followup.category != FollowUp.Category.FAMILY:
        raise Http404


def paths_of(request, followup):
    return list(FamilyPath.objects.visible_to(request.actor, of=followup).order_by("-checked_on", "-pk"))


def current(paths):
    return next((path for path in paths if path.ended_on is None), None)


def titles():
    return {
        "consultation": _("Consulter le conseil"),
        "proposition": _("Proposer l’accompagnement"),
        "avis": _("Noter l’avis du président du conseil départemental"),
        "information": _("Informer les services"),
        "attestation": _("Remettre l’attestation"),
        "fin": _("Terminer l’accompagnement"),
    }


def lines_of(path, key):
    """(day, what was done, words of a closed list) of a path, in its order."""
    said = opened_values(path, key)
    labels = {field.name: str(field.verbose_name) for field in path._meta.concrete_fields}
    beside = dict(zip(FamilyPath.DAYS[3:], WORDS, strict=True)) | {"checked_on": "origin"}
    found = []
    for name in FamilyPath.DAYS:
        if when := getattr(path, name):
            codes = said[beside[name]].split() if name in beside else []
            words = [registers.label(rules.FAMILIES, WORDS.get(beside[name], "origins"), code) for code in codes]
            label = labels[name].removesuffix(" le").removesuffix(" du")
            found.append((when, label[:1].upper() + label[1:], ", ".join(words)))
    return found


@require_safe
@file_or_reason
def family(request, followup):
    """What was checked, asked, proposed and said; the next stage."""
    family_of(followup)
    read(request, followup, "family")
    key, paths = key_of(followup), paths_of(request, followup)
    path = current(paths)
    stage = rules.next_stage(path, opened_values(path, key, ("origin",))["origin"]) if path else ""
    mayor = reason(rules.check_is_mayor, request.actor) if stage in ("proposition", "attestation") else ""
    context = {
        "paths": [(one, lines_of(one, key)) for one in paths],
        "path": path,
        "stage": stage,
        "stage_title": titles().get(stage, ""),
        "refusal": reason(rules.check_writes, followup, request.actor) or mayor,
        "basis": registers.dated(rules.FAMILIES, "basis", timezone.localdate()),
        "here": _("Famille"),
    }
    return show(request, "followup/families/family.html", followup, TAB, context)


@require_http_methods(["GET", "POST"])
@file_or_reason
def family_begin(request, followup):
    family_of(followup)
    form = BeginForm(posted(request))
    rules.check_writes(followup, request.actor)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            actions.begin_path(
                followup=followup, origin=values["origin"], measure=values["measure"] == "yes",
                checked_on=values["checked_on"], by=request.actor,
            )  # fmt: skip
        except Stale as stale:
            messages.info(request, stale.reason)
            return redirect(TAB, followup.pk)
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("L’accompagnement est commencé."))
            return redirect(TAB, followup.pk)
    context = {"form": form, "title": _("Commencer un accompagnement"), "here": _("Famille")}
    return show(request, "followup/families/stage.html", followup, TAB, context, 422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@file_or_reason
def family_stage(request, followup, family):
    """A stage; a second click, or a stage done meanwhile, leads back to the path."""
    family_of(followup)
    path = current(paths_of(request, followup))
    if family not in rules.ORDER or path is None:
        raise Http404
    if family in ("proposition", "attestation"):
        rules.check_is_mayor(request.actor)
    rules.check_writes(followup, request.actor)
    initial = {"seen": path.edit, "day": timezone.localdate()}
    form = FamilyStageForm(posted(request), stage=family, initial=initial)
    status = 200
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            actions.move_path(
                path=path, stage=family, day=values["day"], codes=form.codes(), seen=values["seen"], by=request.actor
            )
        except Stale as stale:
            form.data = form.data.copy()
            form.data["seen"] = path.edit
            form.add_error(None, stale.reason)
            status = 409
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("L’étape est enregistrée."))
            return redirect(TAB, followup.pk)
    context = {"form": form, "title": titles()[family], "here": _("Famille")}
    status = 422 if form.errors and status == 200 else status
    return show(request, "followup/families/stage.html", followup, TAB, context, status)


@require_safe
@file_or_reason
def family_certificate(request, followup):
    """The certificate that the mayor gives to the parents, on the model in force the day it was given."""
    family_of(followup)
    path = next((one for one in paths_of(request, followup) if one.attested_on), None)
    if path is None:
        raise Http404
    read(request, followup, "identity")
    key = key_of(followup)
    said = opened_values(path, key, ("commitments",))
    child = opened_values(Identity.objects.visible_to(request.actor, of=followup).get(), key)
    model = registers.letter("certificate", rules.FAMILIES, path.attested_on)
    words = [registers.label(rules.FAMILIES, "commitments", code).lower() for code in said["commitments"].split()]
    values = {
        "commune": followup.body.council.territory.name,
        "article": registers.dated(rules.FAMILIES, "basis", path.attested_on)["article"],
        "proposed_on": day(path.proposed_on), "opinion_on": day(path.opinion_on),
        "attested_on": day(path.attested_on), "commitments": ", ".join(words),
    }  # fmt: skip
    context = {
        "file": followup, "heading": model["title"], "commune": values["commune"], "child": child, "path": path,
        "paragraphs": [paragraph.format(**values) for paragraph in model["paragraphs"]],
    }  # fmt: skip
    try:
        content = render_pdf("followup/families/certificate_pdf.html", context, title=f"{model['title']} – {followup}")
    except PdfUnavailable as problem:
        messages.error(request, str(problem))
        return redirect(TAB, followup.pk)
    return file_response(
        content, "application/pdf", named("attestation", followup.number, extension="pdf"), inline=True
    )
