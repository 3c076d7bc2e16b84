"""Reporting circuits: the list of a département, one drawn with its table, its preparation, its days."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prevenance.core.composed import composed
from prevenance.core.documents.pdf import PdfUnavailable, render_pdf
from prevenance.core.documents.tables import Column
from prevenance.core.flows import Arrow, flow
from prevenance.core.refusals import Refused, reason
from prevenance.domains.directory.actions import circuits as actions
from prevenance.domains.directory.forms.circuits import CircuitFilters, CircuitForm, DayForm, StepForm, values_of
from prevenance.domains.directory.models import Circuit, CircuitStep
from prevenance.domains.directory.models.stations import in_reach
from prevenance.domains.directory.rules import circuits as rules
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.governance.views.councils import PER_PAGE
from prevenance.domains.governance.views.files import file_response, named, table_or_none
from prevenance.domains.governance.views.requests import posted
from prevenance.domains.territories.models import Territory


def own_departements(actor):
    """Those where one acts, the most populated first."""
    return departements_acted_in(actor)


@composed
def departements_acted_in(actor):
    found = Territory.objects.visible_to(actor).existing().filter(in_reach(actor, "pk"), kind="departement")
    return found.only("kind", "code", "name", "weight").order_by("-weight", "pk")


def circuit_of(request, pk):
    return get_object_or_404(Circuit.objects.visible_to(request.actor).select_related("departement"), pk=pk)


def steps_of(request, circuit):
    return list(CircuitStep.objects.visible_to(request.actor).filter(circuit=circuit).whole())


def drawing(circuit, steps):
    labels, arrows = {}, []
    for step in steps:
        labels |= {step.teller: step.teller_label, step.told: step.told_label}
        arrows.append(Arrow(step.rank, step.teller, step.told))
    return flow(labels, arrows, title=_("Circuit de signalement : %(name)s") % {"name": circuit}) if arrows else ""


@require_safe
def circuits(request):
    actor = request.actor
    departements = own_departements(actor)
    filters = CircuitFilters(request.GET, departements=departements, drafts=actor.can("write_circuits"))
    found = filters.narrow(Circuit.objects.visible_to(actor)).listed()
    file = table_or_none(request, list_columns(), found, line=list_line, title=_("Circuits de signalement"))
    if file is not None:
        return file
    context = {
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "filters": filters,
        "filtered": any(request.GET.values()),
        "several": len(departements) > 1,
        "write_refusal": reason(rules.check_can_write_somewhere, actor),
    }
    return render(request, "directory/circuits/list.html", context)


def list_columns():
    return [
        Column("departement", _("Département")), Column("situation", _("Situation")),
        Column("people", _("Personne concernée")), Column("version", _("Version"), "integer"),
        Column("state", _("État")), Column("valid_from", _("En vigueur depuis le"), "date"),
        Column("valid_to", _("N’est plus en vigueur le"), "date"), Column("count", _("Étapes"), "integer"),
    ]  # fmt: skip


def list_line(circuit):
    return {
        "departement": circuit.departement.name, "situation": circuit.situation_label,
        "people": circuit.people_label, "version": circuit.version, "state": str(circuit.state.label),
        "valid_from": circuit.valid_from, "valid_to": circuit.valid_to, "count": circuit.count,
    }  # fmt: skip


@require_safe
def circuit(request, circuit):
    circuit = circuit_of(request, circuit)
    steps = steps_of(request, circuit)
    title = _("Circuit de signalement, %(name)s, %(place)s, version %(version)d") % {
        "name": circuit, "place": circuit.departement.name, "version": circuit.version,
    }  # fmt: skip
    context = {"circuit": circuit, "steps": steps, "drawing": drawing(circuit, steps)}
    if request.GET.get("format") == "pdf":
        return as_pdf(request, circuit, context, title)
    file = table_or_none(request, step_columns(), steps, line=step_line, title=title)
    if file is not None:
        return file
    actor = request.actor
    others = Circuit.objects.visible_to(actor).alike(circuit).exclude(pk=circuit.pk).order_by("-version")
    change_refusal = reason(rules.check_can_change, circuit, actor)
    context |= {
        "others": others,
        "acts": not change_refusal,
        "outdated": [step for step in steps if step.outdated(timezone.localdate())],
        "change_refusal": change_refusal,
        "writes": not reason(rules.check_can_write, circuit.departement, actor),
        "publish_refusal": reason(rules.check_can_publish, circuit, actor),
        "renew_refusal": reason(rules.check_can_renew, circuit, actor) if not circuit.is_draft else "",
        "end_refusal": reason(rules.check_can_end, circuit, actor) if not circuit.is_draft else "",
        "decides": not reason(rules.check_can_decide, circuit, actor),
    }
    return render(request, "directory/circuits/detail.html", context)


def as_pdf(request, circuit, context, title):
    """To be printed and pinned up: the drawing, its table, the texts."""
    texts = {step.basis: step.basis_text for step in context["steps"] if step.basis_text}
    try:
        content = render_pdf(
            "directory/circuits/pdf.html", context | {"texts": list(texts.values()), "day": timezone.localdate()},
            title=title, author=circuit.departement.name,
        )  # fmt: skip
    except PdfUnavailable as problem:
        messages.error(request, str(problem))
        return redirect("directory:circuit", circuit.pk)
    return file_response(content, "application/pdf", named(title, extension="pdf"), inline=True)


def step_columns():
    return [
        Column("rank", _("Étape"), "integer"), Column("who", _("Qui signale")), Column("whom", _("Qui est prévenu")),
        Column("means", _("Moyen")), Column("delay", _("Délai")), Column("basis", _("Texte")),
    ]  # fmt: skip


def step_line(step):
    basis = step.basis_text
    return {
        "rank": step.rank, "who": step.teller_label, "whom": step.told_label, "means": step.means_label,
        "delay": step.delay_label, "basis": basis.text if basis else "",
    }  # fmt: skip


@require_http_methods(["GET", "POST"])
def circuit_add(request):
    rules.check_can_write_somewhere(request.actor)
    form = CircuitForm(posted(request), departements=own_departements(request.actor))
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            added = actions.start_circuit(**form.told(), by=request.actor)
        except Stale as stale:
            form.add_error(None, stale.reason)
            status = 409
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("La version est en préparation : ajoutez ou relisez ses étapes."))
            return redirect("directory:circuit", added.pk)
    status = 422 if form.errors and status == 200 else status
    return render(request, "directory/circuits/form.html", {"form": form}, status=status)


@require_POST
def circuit_renew(request, circuit):
    """A second click finds the version being prepared."""
    circuit = circuit_of(request, circuit)
    try:
        rules.check_can_renew(circuit, request.actor)
        added = actions.start_circuit(
            departement=circuit.departement, situation=circuit.situation, people=circuit.people, by=request.actor
        )
    except Stale as stale:
        messages.info(request, stale.reason)
        added = Circuit.objects.visible_to(request.actor).alike(circuit).filter(valid_from=None).first()
    else:
        messages.success(request, _("La nouvelle version est en préparation, avec les étapes de la précédente."))
    return redirect("directory:circuit", (added or circuit).pk)


@require_http_methods(["GET", "POST"])
def circuit_step_add(request, circuit):
    circuit = circuit_of(request, circuit)
    rules.check_can_change(circuit, request.actor)
    return stepping(request, circuit, None)


@require_http_methods(["GET", "POST"])
def circuit_step_edit(request, circuit, step):
    circuit = circuit_of(request, circuit)
    rules.check_can_change(circuit, request.actor)
    return stepping(request, circuit, step_of(request, circuit, step))


def step_of(request, circuit, pk):
    return get_object_or_404(CircuitStep.objects.visible_to(request.actor).whole(), circuit=circuit, pk=pk)


def stepping(request, circuit, step):
    """The form of a step; « Chercher » draws it again with what the directory has."""
    initial = {"seen": circuit.edit} | (values_of(step) if step else {})
    form = StepForm(
        posted(request), actor=request.actor, circuit=circuit, steps=steps_of(request, circuit), step=step,
        initial=initial,
    )  # fmt: skip
    status, searching = 200, "search" in request.POST
    if request.method == "POST" and not searching and form.is_valid():
        try:
            seen = form.cleaned_data["seen"]
            if step is None:
                actions.add_step(circuit=circuit, told=form.told(), seen=seen, by=request.actor)
            else:
                actions.edit_step(step=step, told=form.told(), seen=seen, by=request.actor)
        except Stale as stale:
            data = form.data.copy()
            data["seen"] = circuit.edit
            form.data = data
            form.add_error(None, stale.reason)
            status = 409
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("L’étape est enregistrée."))
            return redirect("directory:circuit", circuit.pk)
    if searching:
        form = again(request, form, circuit, step)
    status = 422 if not searching and form.errors and status == 200 else status
    context = {"form": form, "circuit": circuit, "step": step, "searched": searching}
    return render(request, "directory/circuits/step.html", context, status=status)


def again(request, form, circuit, step):
    """The same form, with what was typed and without a complaint about what is not typed yet."""
    typed = {name: form[name].value() for name in form.fields}
    return StepForm(
        actor=request.actor, circuit=circuit, steps=steps_of(request, circuit), step=step, initial=typed
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def circuit_step_remove(request, circuit, step):
    circuit = circuit_of(request, circuit)
    step = CircuitStep.objects.visible_to(request.actor).whole().filter(circuit=circuit, pk=step).first()
    back = reverse("directory:circuit", args=[circuit.pk])
    rules.check_can_change(circuit, request.actor)
    if step is None:
        messages.info(request, _("Cette étape est déjà retirée."))
        return redirect(back)
    step.circuit = circuit
    rules.check_can_remove_step(step, request.actor)
    if request.method == "POST":
        try:
            seen = request.POST.get("seen", "")
            actions.remove_step(step=step, seen=int(seen) if seen.isdecimal() else 0, by=request.actor)
        except Stale as stale:
            messages.warning(request, stale.reason)
        else:
            messages.success(request, _("L’étape est retirée."))
        return redirect(back)
    context = {
        "title": _("Retirer l’étape %(rank)d") % {"rank": step.rank},
        "lost": _("« %(who)s » ne préviendra plus « %(whom)s ». Les étapes suivantes remontent.")
        % {"who": step.teller_label, "whom": step.told_label},
        "confirm": _("Retirer l’étape"),
        "url": reverse("directory:circuit_step_remove", args=[circuit.pk, step.pk]),
        "back": back,
        "hidden": {"seen": circuit.edit},
    }
    return render(request, "components/confirm_page.html", context)


@require_http_methods(["GET", "POST"])
def circuit_delete(request, circuit):
    """Asks once and says what is lost."""
    circuit = circuit_of(request, circuit)
    rules.check_can_change(circuit, request.actor)
    if request.method == "POST":
        try:
            actions.delete_circuit(circuit=circuit, by=request.actor)
        except Stale as stale:
            messages.info(request, stale.reason)
        else:
            messages.success(request, _("La version en préparation est supprimée."))
        return redirect("directory:circuits")
    context = {
        "title": _("Supprimer cette version en préparation"),
        "lost": _("Ses étapes seront perdues. La version en vigueur, s’il y en a une, ne change pas."),
        "confirm": _("Supprimer"),
        "url": reverse("directory:circuit_delete", args=[circuit.pk]),
        "back": reverse("directory:circuit", args=[circuit.pk]),
        "hidden": {},
    }
    return render(request, "components/confirm_page.html", context)


@require_http_methods(["GET", "POST"])
def circuit_publish(request, circuit):
    circuit = circuit_of(request, circuit)
    return dated(
        request, circuit, rules.check_can_publish,
        lambda on, seen: actions.publish_circuit(circuit=circuit, on=on, seen=seen, by=request.actor),
        {
            "title": _("Mettre en vigueur"), "done": _("Le circuit est mis en vigueur."),
            "lead": _("À partir de ce jour, chaque professionnel du département le lit. Il ne changera plus : une "
                      "correction fera une nouvelle version. La version précédente prend fin ce jour-là."),
        },
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def circuit_end(request, circuit):
    circuit = circuit_of(request, circuit)
    return dated(
        request, circuit, rules.check_can_end,
        lambda on, _seen: actions.end_circuit(circuit=circuit, on=on, by=request.actor),
        {
            "title": _("Mettre fin à ce circuit"), "done": _("La fin du circuit est dite."),
            "lead": _("À partir de ce jour, plus aucune version ne s’applique. Le circuit reste lisible."),
        },
    )  # fmt: skip


def dated(request, circuit, check, act, words):
    """A day asked for an act; a second click says that it is done."""
    back = reverse("directory:circuit", args=[circuit.pk])
    try:
        check(circuit, request.actor)
    except Stale as stale:
        messages.info(request, stale.reason)
        return redirect(back)
    form = DayForm(posted(request), initial={"on": timezone.localdate(), "seen": circuit.edit})
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            act(form.cleaned_data["on"], form.cleaned_data["seen"] or 0)
        except Stale as stale:
            form.add_error(None, stale.reason)
            status = 409
        except Refused as refusal:
            form.add_error("on", refusal.reason)
        else:
            messages.success(request, words["done"])
            return redirect(back)
    context = {"form": form, "circuit": circuit, "back": back, "steps": steps_of(request, circuit)} | words
    status = 422 if form.errors and status == 200 else status
    return render(request, "directory/circuits/day.html", context, status=status)
