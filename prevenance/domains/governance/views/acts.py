"""Acts: listed, prepared from their form, read, printed, declared signed, kept, ended."""

from django.contrib import messages
from django.core.files.storage import default_storage
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prevenance.core.composed import Listed
from prevenance.core.documents.pdf import PdfUnavailable, render_pdf
from prevenance.core.documents.tables import Column
from prevenance.core.refusals import Refused, reason
from prevenance.domains.accounts.models import Scope
from prevenance.domains.governance.actions import acts as actions
from prevenance.domains.governance.analysis.acts import chosen_acts
from prevenance.domains.governance.forms import acts as forms
from prevenance.domains.governance.models import Act, Council
from prevenance.domains.governance.models.councils import held_by
from prevenance.domains.governance.rules import acts as rules
from prevenance.domains.governance.rules.act_forms import HEADING, ITEM, composition_key, form_named
from prevenance.domains.governance.rules.councils import Stale, place_of
from prevenance.domains.governance.views.councils import council_of
from prevenance.domains.governance.views.files import file_response, named, table_or_none
from prevenance.domains.territories.models import Territory

PAGE = 25
BADGES = {Act.State.IN_FORCE: "success", Act.State.TO_SIGN: "new", Act.State.COMING: "info"}


def act_of(request, pk):
    acts = Act.objects.visible_to(request.actor).select_related(
        "council__scope", "council__territory", "scope__territory", "person", "mandate", "scan", "prepared_by"
    )
    return get_object_or_404(acts, pk=pk)


def parts(text):
    """The text as [(kind, line or lines)]: kind is heading, list or paragraph."""
    found = []
    for line in text.splitlines():
        if line.startswith(ITEM):
            if not found or found[-1][0] != "list":
                found.append(("list", []))
            found[-1][1].append(line.removeprefix(ITEM))
        elif line.startswith(HEADING):
            found.append(("heading", line.removeprefix(HEADING)))
        elif line.strip():
            found.append(("paragraph", line))
    return found


# ------------------------------------------------------------------------------------------------ the list


@require_safe
def act_list(request):
    """Acts that the actor may see, filtered by the address; `?format=` gives the same list as a file."""
    chosen = forms.ActFilter(request.GET)
    council = chosen.cleaned_data.get("conseil")
    acts = Listed(
        chosen_acts, request.actor, council, kind=chosen.cleaned_data.get("nature", ""),
        state=chosen.cleaned_data.get("etat", ""),
    )  # fmt: skip
    columns = [
        Column("title", _("Intitulé"), width=60), Column("kind", _("Nature"), width=20),
        Column("council", _("Conseil"), width=40), Column("author", _("Auteur"), width=30),
        Column("reference", _("Référence"), width=20), Column("signed_on", _("Signé le"), "date"),
        Column("in_force_from", _("En vigueur le"), "date"), Column("last_day", _("Dernier jour"), "date"),
        Column("state", _("État"), width=16),
    ]  # fmt: skip
    rows = (
        {
            "title": act.title, "kind": act.get_kind_display(), "council": act.council.name if act.council else "",
            "author": act.scope.label, "reference": act.reference, "signed_on": act.signed_on,
            "in_force_from": act.in_force_from, "last_day": act.last_day, "state": act.state_label,
        }
        for act in acts.iterator()
    )  # fmt: skip
    if file := table_or_none(request, columns, rows, title=_("Actes")):
        return file
    if council:
        council = Council.objects.visible_to(request.actor).filter(pk=council).first()
    page = Paginator(acts, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page, "filter": chosen, "council": council,
        "rows": [(act, act.state_label, BADGES.get(act.state, ""), act.last_day) for act in page.object_list],
        "filtered": any(request.GET.get(name) for name in ("nature", "etat")),
        "may_prepare": request.actor.can("hold_council"),
    }  # fmt: skip
    return render(request, "governance/acts/list.html", context)


# ------------------------------------------------------------------------------------------------ preparing


def place_for(request):
    """(scope of the author, council or None) that a new act is about: the council asked, else the one of the mandate.

    Raises Refused for an actor who holds neither a council nor a territory.
    """
    actor = request.actor
    if not actor.can("hold_council"):
        raise Refused(_("Seules la coordination et la présidence d’un conseil préparent ses actes."))
    councils = Council.objects.visible_to(actor).select_related("scope__holder", "territory")
    asked = request.GET.get("conseil", "")
    if asked.isdecimal():
        council = get_object_or_404(councils, pk=asked)
    elif actor.scope_kind == Scope.Kind.COUNCIL:
        council = get_object_or_404(councils, scope_id=actor.scope_id)
    else:
        return actor.mandate.scope, None
    return council.scope.holder, council


@require_safe
def act_choose(request):
    """The forms that the actor may prepare here, and the councils for which there are others."""
    scope, council = place_for(request)
    today = timezone.localdate()
    held = Council.objects.visible_to(request.actor).filter(held_by(request.actor, path=""), ended_on=None)
    context = {
        "forms": [
            (form, reason(rules.check_territories, form, scope, (), today))
            for form in rules.forms_for(request.actor, scope, council, today)
        ],
        "scope": scope, "council": council, "councils": held.order_by("sort_name", "pk"),
    }  # fmt: skip
    return render(request, "governance/acts/choose.html", context)


@require_http_methods(["GET", "POST"])
def act_prepare(request, key):
    scope, council = place_for(request)
    form = form_named(key, timezone.localdate())
    rules.check_can_prepare(form, scope, council, request.actor)
    rules.check_territories(form, scope, (), timezone.localdate())
    asked = forms.ActForm(form, request.POST if request.method == "POST" else None)
    if request.method == "POST" and asked.is_valid():
        try:
            act = actions.prepare(key=key, scope=scope, council=council, draft=asked.draft(), by=request.actor)
        except Refused as refused:
            asked.add_error(None, refused.reason)
        else:
            messages.success(request, _("L’acte est préparé. Relisez-le avant de le transmettre à la signature."))
            return redirect("governance:act", act.pk)
    context = {"form": asked, "act_form": form, "council": council, "scope": scope, "act": None}
    return render(request, "governance/acts/prepare.html", context, status=422 if asked.errors else 200)


@require_http_methods(["GET", "POST"])
def act_edit(request, pk):
    """Prepare an act again, until somebody has signed it."""
    act = act_of(request, pk)
    rules.check_can_rewrite(act, request.actor)
    form = form_named(act.form, timezone.localdate())
    communes = (
        Territory.objects.visible_to(request.actor).filter(pk__in=act.values.get("communes", [])).order_by("sort_name")
    )
    asked = forms.ActForm(
        form, request.POST if request.method == "POST" else None, seen=rules.digest(act),
        initial=forms.answers_of(act, form, communes),
    )  # fmt: skip
    status = 200
    if request.method == "POST" and asked.is_valid():
        try:
            actions.prepare_again(act=act, seen=asked.cleaned_data["seen"], draft=asked.draft(), by=request.actor)
        except Refused as refused:
            asked.add_error(None, refused.reason)
            status = 409 if isinstance(refused, Stale) else 422
        else:
            messages.success(request, _("L’acte est préparé à nouveau. Il revient en préparation."))
            return redirect("governance:act", act.pk)
    if asked.errors and status == 200:
        status = 422
    context = {"form": asked, "act_form": form, "council": act.council, "scope": act.scope, "act": act}
    return render(request, "governance/acts/prepare.html", context, status=status)


@require_POST
def composition_prepare(request, pk):
    """The order of composition, from today's members: it asks nothing else."""
    council = council_of(request, pk)
    rules.check_can_hold(council, request.actor)
    key = composition_key(council.kind, timezone.localdate())
    act = actions.prepare(key=key, scope=council.scope.holder, council=council,
                          by=request.actor)  # fmt: skip
    messages.success(
        request, _("L’acte est préparé à partir des membres d’aujourd’hui. Relisez-le avant de l’imprimer.")
    )
    return redirect("governance:act", act.pk)


@require_http_methods(["GET", "POST"])
def act_remove(request, pk):
    act = act_of(request, pk)
    rules.check_can_rewrite(act, request.actor)
    if request.method == "POST":
        actions.remove(act=act, by=request.actor)
        messages.success(request, _("Le projet est retiré."))
        return redirect("governance:acts")
    context = {
        "title": _("Retirer ce projet d’acte ?"), "lost": _("Le projet et les avis notés sont effacés."),
        "confirm": _("Retirer le projet"), "url": request.path, "hidden": {},
        "back": reverse("governance:act", args=[act.pk]),
    }  # fmt: skip
    return render(request, "components/confirm_page.html", context)


# ------------------------------------------------------------------------------------------------ reading, signing


@require_safe
def act(request, pk):
    """Read an act: its text, who was consulted, who signs, what it opened and closed."""
    return render(request, "governance/acts/act.html", context_of(request, act_of(request, pk)))


def context_of(request, act, form=None, signing=None):
    """What the page of an act shows; `form` is a signature form that was refused, on the line `signing`."""
    actor = request.actor
    lines = [
        {"line": line, "refusal": reason(rules.check_can_declare, act, line, actor)}
        for line in act.signatures.select_related("recorded_by")
    ]
    awaited = [line["line"] for line in lines if line["line"].signed_on is None]
    # One form on the page: the actor's own line first, else the first that they may declare.
    open_lines = [line["line"] for line in lines if not line["refusal"]]
    own = [line for line in open_lines if line.scope_id == actor.scope_id]
    signing = signing or next(iter(own or open_lines), None)
    if form is None and signing is not None:
        form = forms.SignatureForm(
            last=len(awaited) == 1,
            initial={"seen": rules.digest(act), "signed_on": timezone.localdate(),
                     "name": actor.person_name if signing.scope_id == actor.scope_id else ""},
        )  # fmt: skip
    first, *rest = parts(act.text) or [("heading", act.title)]
    return {
        "act": act, "council": act.council, "parts": rest if first[0] == "heading" else parts(act.text),
        "consultations": act.consultations.all(), "lines": lines, "signing": signing, "form": form,
        "seen": rules.digest(act), "others_to_sign": open_lines,
        "change_refusal": reason(rules.check_can_change, act, actor),
        "rewrite_refusal": reason(rules.check_can_rewrite, act, actor),
        "submit_refusal": reason(rules.check_can_submit, act, actor),
        "copy_refusal": reason(rules.check_can_keep_copy, act, actor),
        "end_refusal": reason(rules.check_can_end, act, actor),
        "prepares": not reason(rules.check_can_change, act, actor),
    }  # fmt: skip


@require_POST
def act_submit(request, pk):
    act = act_of(request, pk)
    try:
        actions.submit(act=act, seen=request.POST.get("seen", ""), by=request.actor)
    except Stale as stale:
        messages.error(request, stale.reason)
    else:
        messages.success(request, _("L’acte est transmis : il attend dans la journée de qui le signe."))
    return redirect("governance:act", act.pk)


@require_http_methods(["GET", "POST"])
def act_sign(request, pk, line):
    """Declare one signature given on paper."""
    act = act_of(request, pk)
    signature = get_object_or_404(act.signatures, pk=line)
    if request.method == "GET":
        return render(request, "governance/acts/act.html", context_of(request, act, signing=signature))
    if not isinstance(refusal_of(rules.check_can_declare, act, signature, request.actor), Stale):
        rules.check_can_declare(act, signature, request.actor)
    last = not act.signatures.filter(signed_on=None).exclude(pk=signature.pk).exists()
    form, status = forms.SignatureForm(request.POST, last=last), 422
    if form.is_valid():
        try:
            signed = actions.declare_signature(signature=signature, by=request.actor, **form.cleaned_data)
        except Refused as refused:
            form.data = {**form.data.dict(), "seen": rules.digest(act)}
            form.add_error(None, refused.reason)
            status = 409 if isinstance(refused, Stale) else 422
        else:
            messages.success(request, said_once_signed(signed))
            return redirect("governance:act", act.pk)
    return render(request, "governance/acts/act.html", context_of(request, act, form, signature), status=status)


def refusal_of(check, *args):
    """The refusal itself, or None."""
    try:
        check(*args)
    except Refused as refused:
        return refused
    return None


def said_once_signed(act):
    if act.signed_on is None:
        return _("La signature est déclarée. D’autres sont attendues.")
    if act.kind == Act.Kind.DELEGATION:
        return _("L’acte est déclaré signé : la délégation est ouverte, et l’élu en est averti.")
    if act.kind == Act.Kind.ASSIGNMENT:
        return _("L’acte est déclaré signé : la mission est rattachée au mandat de la coordination.")
    return _("L’acte est déclaré signé : il ne change plus.")


@require_http_methods(["GET", "POST"])
def act_opinion(request, pk, line):
    """Note an opinion asked, or given."""
    act = act_of(request, pk)
    consultation = get_object_or_404(act.consultations, pk=line)
    rules.check_can_change(act, request.actor)
    given = {name: getattr(consultation, name) for name in ("asked_on", "answered_on", "opinion", "reference")}
    form = forms.OpinionForm(request.POST if request.method == "POST" else None, initial=given)
    if request.method == "POST" and form.is_valid():
        actions.record_opinion(line=consultation, by=request.actor, **form.cleaned_data)
        messages.success(request, _("L’avis est noté."))
        return redirect("governance:act", act.pk)
    context = {"form": form, "act": act, "line": consultation}
    return render(request, "governance/acts/opinion.html", context, status=422 if form.errors else 200)


@require_safe
def act_pdf(request, pk):
    """The act as a tagged PDF, to be signed or as it was signed."""
    act = act_of(request, pk)
    first, *rest = parts(act.text) or [("heading", act.title)]
    context = {"act": act, "parts": rest, "heading": first[1], "signatures": act.signatures.all()}
    try:
        content = render_pdf("governance/acts/document.html", context, title=first[1], author=act.scope.label)
    except PdfUnavailable as unavailable:
        messages.error(request, str(unavailable))
        return redirect("governance:act", act.pk)
    return file_response(content, "application/pdf", named(act.title, act.reference, extension="pdf"))


# ------------------------------------------------------------------------------------------------ afterwards


@require_safe
def act_copy(request, pk):
    """The copy of what was signed, as a download that the browser neither guesses nor runs."""
    act = act_of(request, pk)
    if act.scan is None:
        raise Http404
    try:
        with default_storage.open(place_of(act.scan), "rb") as file:
            content = file.read()
    except FileNotFoundError as error:
        raise Http404 from error
    extension = act.scan.name.rpartition(".")[2].lower()
    response = file_response(content, act.scan.content_type, named(act.title, _("signé"), extension=extension))
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox"
    return response


@require_http_methods(["GET", "POST"])
def act_copy_add(request, pk):
    act = act_of(request, pk)
    rules.check_can_keep_copy(act, request.actor)
    form = forms.CopyForm(request.POST, request.FILES) if request.method == "POST" else forms.CopyForm()
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        actions.keep_copy(
            act=act, content=file.read(), name=file.name, content_type=file.kind.content_type, by=request.actor
        )
        messages.success(request, _("L’exemplaire signé est déposé."))
        return redirect("governance:act", act.pk)
    context = {"form": form, "act": act}
    return render(request, "governance/acts/copy.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def act_end(request, pk):
    """Declare that an act ends; asks once and says what is lost."""
    act = act_of(request, pk)
    rules.check_can_end(act, request.actor)
    form = forms.EndForm(request.POST if request.method == "POST" else None, initial={"on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            actions.end(act=act, by=request.actor, **form.cleaned_data)
        except Refused as refused:
            form.add_error("on", refused.reason)
        else:
            messages.success(request, _("La fin de l’acte est déclarée."))
            return redirect("governance:act", act.pk)
    context = {"form": form, "act": act}
    return render(request, "governance/acts/end.html", context, status=422 if form.errors else 200)
