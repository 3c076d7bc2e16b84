"""An amendment: opened, written part by part, compared, given effect or up."""

import functools

from django.contrib import messages
from django.db.models import Exists, OuterRef, Prefetch, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prevenance.core.changes import changes
from prevenance.core.refusals import Refused, reason
from prevenance.core.text import paragraphs
from prevenance.domains.governance.models import Act
from prevenance.domains.governance.rules.confidential import NamesSomebody
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.governance.views.requests import naming_nobody, posted
from prevenance.domains.strategy.actions import amendments as actions
from prevenance.domains.strategy.analysis import plans as analysis
from prevenance.domains.strategy.analysis import texts
from prevenance.domains.strategy.forms.amendments import AmendmentForm, EffectForm, PartForm
from prevenance.domains.strategy.models import Amendment, Change, Sheet
from prevenance.domains.strategy.rules import amendments as rules
from prevenance.domains.strategy.rules.plans import holds_plan
from prevenance.domains.strategy.views.plans import plan_of

State = Amendment.State


def amendment_of(request, plan, number):
    """The amendment of that number, or 404; its plan is the one given."""
    rows = Amendment.objects.visible_to(request.actor).select_related("act", "prepared_by")
    acts = Act.objects.visible_to(request.actor).filter(pk=OuterRef("act_id"))
    rows = rows.annotate(act_shown=Exists(acts)).prefetch_related(
        Prefetch("changes", Change.objects.visible_to(request.actor).select_related("base__replaced_by")),
        "act__signatures", "act__consultations",
    )  # fmt: skip
    amendment = get_object_or_404(rows, plan=plan, number=number)
    amendment.plan = plan
    return amendment


def still_draft(view):
    """What took effect or was given up meanwhile is shown as it is, with a sentence, rather than refused."""

    @functools.wraps(view)
    def shown(request, plan, amendment, **arguments):
        try:
            return view(request, plan, amendment, **arguments)
        except Stale as stale:
            messages.info(request, stale.reason)
            return redirect("strategy:amendment", plan, amendment)

    return shown


def sheets_of(request, amendment):
    """The sheets that an amendment brings or withdraws, by number."""
    touched = Q(brought_by=amendment) | Q(withdrawn_by=amendment)
    return list(Sheet.objects.visible_to(request.actor).filter(touched, plan=amendment.plan).order_by("number"))


# ------------------------------------------------------------------------------------------------ the page


@require_safe
def amendment(request, plan, amendment):
    """What it changes, part by part; its act; what is missing before it takes effect."""
    plan = plan_of(request, plan)
    amendment = amendment_of(request, plan, amendment)
    actor, draft = request.actor, amendment.state == State.DRAFT
    changed = {}
    for change in amendment.changes.all():
        changed[change.part] = changed.get(change.part, 0) + 1
    outdated = {change.part for change in rules.outdated(amendment)} if draft else set()
    lines = texts.draft_text(amendment)
    parts = texts.parts_of(plan, lines, empty=True)
    known = {part.key for part in parts}
    # A part that a draft empties of its last paragraph is still one of its changes.
    parts += [texts.PartText(key, texts.part_label_of(plan, key)) for key in changed if key not in known]
    sheets = sheets_of(request, amendment)
    context = {
        "plan": plan,
        "amendment": amendment,
        "label": rules.label_of(amendment),
        "draft": draft,
        "holds": holds_plan(plan, actor),
        "parts": [(part, changed.get(part.key, 0), part.key in outdated) for part in parts],
        "outdated": bool(outdated),
        "brought": [one for one in sheets if one.brought_by_id == amendment.pk],
        "withdrawn": [one for one in sheets if one.withdrawn_by_id == amendment.pk],
        "sheets_url": analysis.address("sheets", plan=plan.pk),
        "write_refusal": reason(rules.check_can_write, amendment, actor),
        "drop_refusal": reason(rules.check_can_drop, amendment, actor),
        "form": rules.form_of(plan),
        "act": amendment.act if amendment.act_shown else None,
        "act_refusal": reason(rules.check_can_prepare_act, amendment, actor),
        "effect_refusal": reason(rules.check_can_take_effect, amendment, actor),
        "waited": analysis.waited(amendment),
        "took_effect_by": analysis.took_effect_by(amendment),
    }
    return render(request, "strategy/amendments/amendment.html", context)


@require_safe
def amendment_compare(request, plan, amendment):
    """Before and after, part by part: what changed is told by words, not by colour alone."""
    plan = plan_of(request, plan)
    amendment = amendment_of(request, plan, amendment)
    old, new = texts.before_and_after(amendment)
    before = {part.key: part.text for part in texts.parts_of(plan, old)}
    after = {part.key: part for part in texts.parts_of(plan, new, empty=True)}
    kinds = [*after, *(key for key in before if key not in after)]
    parts = []
    for key in kinds:
        part = after.get(key) or texts.PartText(key, texts.part_label_of(plan, key))
        if before.get(key, "") != part.text:
            parts.append((part, changes(lines_of(before.get(key, "")), lines_of(part.text))))
    sheets = sheets_of(request, amendment)
    context = {
        "plan": plan,
        "amendment": amendment,
        "label": rules.label_of(amendment),
        "parts": parts,
        "brought": [one for one in sheets if one.brought_by_id == amendment.pk],
        "withdrawn": [one for one in sheets if one.withdrawn_by_id == amendment.pk],
    }
    return render(request, "strategy/amendments/compare.html", context)


def lines_of(text):
    """The text without the blank lines that part paragraphs: what is compared line by line."""
    return "\n".join(line for line in text.splitlines() if line.strip())


# ------------------------------------------------------------------------------------------------ writing


@require_http_methods(["GET", "POST"])
def amendment_open(request, plan):
    plan = plan_of(request, plan)
    rules.check_can_open_amendment(plan, request.actor)
    form = AmendmentForm(posted(request))
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        with naming_nobody(form):
            opened = actions.open_amendment(plan=plan, title=values["title"], reason=values["reason"], by=request.actor)
            messages.success(request, _("L’avenant est ouvert. Modifiez les parties du texte qu’il change."))
            return redirect("strategy:amendment", plan.pk, opened.number)
    context = {
        "form": form, "plan": plan, "title": _("Préparer un avenant"), "back": reverse("strategy:plan", args=[plan.pk]),
    }  # fmt: skip
    return render(request, "strategy/amendments/form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@still_draft
def amendment_edit(request, plan, amendment):
    plan = plan_of(request, plan)
    amendment = amendment_of(request, plan, amendment)
    rules.check_can_write(amendment, request.actor)
    initial = {"title": amendment.title, "reason": amendment.reason, "seen": amendment.edit}
    form, status = AmendmentForm(posted(request), initial=initial), 200
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            actions.edit_amendment(
                amendment=amendment, title=values["title"], reason=values["reason"], seen=values["seen"] or 0,
                by=request.actor,
            )  # fmt: skip
        except Stale as stale:
            form.data = {**form.data.dict(), "seen": amendment.edit}
            form.add_error(None, stale.reason)
            status = 409
        except NamesSomebody as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("L’avenant est enregistré."))
            return redirect("strategy:amendment", plan.pk, amendment.number)
    context = {
        "form": form, "plan": plan, "amendment": amendment, "title": _("Objet de l’avenant"),
        "back": reverse("strategy:amendment", args=[plan.pk, amendment.number]),
    }  # fmt: skip
    status = 422 if form.errors and status == 200 else status
    return render(request, "strategy/amendments/form.html", context, status=status)


@require_http_methods(["GET", "POST"])
@still_draft
def amendment_part(request, plan, amendment, part):
    """Write a part. When it was saved elsewhere meanwhile, both texts are on screen and nothing is written."""
    plan = plan_of(request, plan)
    amendment = amendment_of(request, plan, amendment)
    rules.check_can_write(amendment, request.actor)
    try:
        rules.check_part(amendment, part)
    except Refused as refusal:
        raise Http404 from refusal
    old, new = texts.before_and_after(amendment)
    now = part_in(plan, new, part)
    form = PartForm(posted(request), initial={"text": now.text, "seen": rules.digest(now.text)})
    conflicts, status = [], 200
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data["text"]
        try:
            count = actions.write_part(
                amendment=amendment, part=part, text=typed, seen=form.cleaned_data["seen"], by=request.actor
            )
        except Stale as stale:
            form.data = {**form.data.dict(), "seen": rules.digest(now.text)}
            form.add_error(None, stale.reason)
            conflicts, status = [(now.label, typed, now.text)], 409
        except NamesSomebody as refusal:
            form.add_error("text", refusal.reason)
        else:
            messages.success(request, saved_words(amendment, count))
            return redirect("strategy:amendment", plan.pk, amendment.number)
    current = part_in(plan, old, part)
    context = {
        "plan": plan, "amendment": amendment, "label": rules.label_of(amendment), "part": now, "form": form,
        "conflicts": conflicts, "current": paragraphs(current.text),
        "outdated": [change for change in rules.outdated(amendment) if change.part == part],
    }  # fmt: skip
    status = 422 if form.errors and status == 200 else status
    return render(request, "strategy/amendments/part.html", context, status=status)


def part_in(plan, lines, part):
    """A part of a text, empty when nothing is written there."""
    found = texts.parts_of(plan, lines, empty=True)
    empty = texts.PartText(part, texts.part_label_of(plan, part))
    return next((one for one in found if one.key == part), empty)


def saved_words(amendment, count):
    if amendment.number == 0:
        return ngettext(
            "Enregistré : %(count)d paragraphe dans cette partie.",
            "Enregistré : %(count)d paragraphes dans cette partie.",
            count,
        ) % {"count": count}
    if not count:
        return _("Enregistré : cette partie est comme le texte en vigueur.")
    return ngettext(
        "Enregistré : %(count)d paragraphe change dans cette partie.",
        "Enregistré : %(count)d paragraphes changent dans cette partie.",
        count,
    ) % {"count": count}


# ------------------------------------------------------------------------------------------------ effect


@require_POST
@still_draft
def amendment_act(request, plan, amendment):
    """Prepare its act; a second click leads to the one prepared."""
    plan = plan_of(request, plan)
    amendment = amendment_of(request, plan, amendment)
    act = actions.prepare_act(amendment=amendment, by=request.actor)
    messages.success(request, _("L’acte est préparé. Notez les avis rendus, puis transmettez-le à la signature."))
    return redirect("governance:act", act.pk)


@require_http_methods(["GET", "POST"])
@still_draft
def amendment_effect(request, plan, amendment):
    """Note that it is in force; asks once and says what follows."""
    plan = plan_of(request, plan)
    amendment = amendment_of(request, plan, amendment)
    rules.check_can_take_effect(amendment, request.actor)
    by_act = rules.form_of(plan) is not None
    day = amendment.act.in_force_from if amendment.act else timezone.localdate()
    form = EffectForm(posted(request), published=not by_act, initial={"on": day})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            actions.take_effect(
                amendment=amendment, on=values["on"], published_as=values["published_as"], by=request.actor
            )
        except Stale:
            raise
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("En vigueur. Le texte consolidé et ses fiches sont à jour."))
            return redirect("strategy:plan", plan.pk)
    context = {
        "plan": plan, "amendment": amendment, "label": rules.label_of(amendment), "form": form,
        "changed": analysis.changed_words(amendment),
    }  # fmt: skip
    return render(request, "strategy/amendments/effect.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@still_draft
def amendment_drop(request, plan, amendment):
    plan = plan_of(request, plan)
    amendment = amendment_of(request, plan, amendment)
    rules.check_can_drop(amendment, request.actor)
    if request.method == "POST":
        actions.drop_amendment(amendment=amendment, by=request.actor)
        messages.success(request, _("C’est abandonné."))
        return redirect("strategy:plan", plan.pk)
    lost = _("Ce qui y est écrit, ses fiches et son projet d’acte ne serviront pas. Le texte en vigueur ne change pas.")
    if amendment.number == 0:
        lost = _("Le plan ne prendra jamais effet : son texte, ses fiches et son projet d’acte ne serviront pas.")
    context = {
        "title": _("Abandonner ce projet de plan ?") if amendment.number == 0 else _("Abandonner cet avenant ?"),
        "lost": lost, "confirm": _("Abandonner"), "hidden": {}, "url": request.path,
        "back": reverse("strategy:amendment", args=[plan.pk, amendment.number]),
    }  # fmt: skip
    return render(request, "components/confirm_page.html", context)
