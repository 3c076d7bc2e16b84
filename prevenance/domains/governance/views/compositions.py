"""The composition act: prepared, read, printed, declared signed."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prevenance.core.documents.pdf import PdfUnavailable, render_pdf
from prevenance.core.refusals import reason
from prevenance.domains.governance.actions import compositions as actions
from prevenance.domains.governance.forms.compositions import SignatureForm
from prevenance.domains.governance.models import CompositionAct
from prevenance.domains.governance.rules import compositions as rules
from prevenance.domains.governance.rules.councils import Stale, check_can_hold
from prevenance.domains.governance.views.councils import council_of


def act_of(request, council, version):
    acts = CompositionAct.objects.visible_to(request.actor).select_related("council__territory")
    return get_object_or_404(acts, council=council, version=version)


def parts(text):
    """The text as [(kind, line or lines)]: kind is heading, list or paragraph."""
    found = []
    for line in text.splitlines():
        if line.startswith(rules.ITEM):
            if not found or found[-1][0] != "list":
                found.append(("list", []))
            found[-1][1].append(line.removeprefix(rules.ITEM))
        elif line.startswith(rules.HEADING):
            found.append(("heading", line.removeprefix(rules.HEADING)))
        elif line.strip():
            found.append(("paragraph", line))
    return found


@require_POST
def composition_prepare(request, pk):
    council = council_of(request, pk)
    act = actions.prepare_composition(council=council, by=request.actor)
    messages.success(
        request, _("L’acte est préparé à partir des membres d’aujourd’hui. Relisez-le avant de l’imprimer.")
    )
    return redirect("governance:composition", council.pk, act.version)


@require_http_methods(["GET", "POST"])
def composition(request, pk, version):
    """Read the act; the presidency declares here that it was signed."""
    council = council_of(request, pk)
    act = act_of(request, council, version)
    form = SignatureForm(
        request.POST if request.method == "POST" else None,
        initial={"seen": rules.digest(act), "signed_on": timezone.localdate()},
    )
    status = 200
    if request.method == "POST":
        rules.check_can_sign_composition(act, request.actor)
        if form.is_valid():
            try:
                actions.sign_composition(act=act, by=request.actor, **form.cleaned_data)
            except Stale as stale:
                form.data = {**form.data.dict(), "seen": rules.digest(act)}
                form.add_error(None, stale.reason)
                status = 409
            else:
                messages.success(request, _("L’acte est déclaré signé : il ne change plus."))
                return redirect("governance:composition", council.pk, act.version)
        status = 422 if status == 200 else status
    context = {
        "council": council, "act": act, "parts": parts(act.text), "form": form,
        "refusal": reason(rules.check_can_sign_composition, act, request.actor),
        "hold_refusal": reason(check_can_hold, council, request.actor),
    }  # fmt: skip
    return render(request, "governance/councils/composition.html", context, status=status)


@require_safe
def composition_pdf(request, pk, version):
    """The act as a tagged PDF, to be signed or as it was signed."""
    council = council_of(request, pk)
    act = act_of(request, council, version)
    title, *rest = parts(act.text)
    context = {"council": council, "act": act, "parts": rest, "heading": title[1]}
    try:
        content = render_pdf("governance/councils/composition_document.html", context, title=title[1])
    except PdfUnavailable as unavailable:
        messages.error(request, str(unavailable))
        return redirect("governance:composition", council.pk, act.version)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="composition-{council.pk}-v{act.version}.pdf"'
    return response
