"""Rulebooks and charters of a council: the list, a text, its writing, proposal, adoption and withdrawal."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prevenance.core.changes import changes
from prevenance.core.composed import composed, one_of
from prevenance.core.documents.pdf import PdfUnavailable, render_pdf
from prevenance.core.documents.tables import Column
from prevenance.core.refusals import Refused, reason
from prevenance.core.text import paragraphs
from prevenance.domains.governance.actions import rulebooks as actions
from prevenance.domains.governance.analysis.rulebooks import Standing, previous, signatories, standings
from prevenance.domains.governance.forms.rulebooks import (
    AdoptionForm,
    ProposalForm,
    RulebookFilters,
    RulebookForm,
    RulebookStartForm,
    WithdrawalForm,
    values_of,
)
from prevenance.domains.governance.models import Body, Rulebook
from prevenance.domains.governance.rules import rulebooks as rules
from prevenance.domains.governance.rules.councils import Stale, check_can_hold, holds
from prevenance.domains.governance.rules.meetings import Changed
from prevenance.domains.governance.views.councils import PER_PAGE, council_of
from prevenance.domains.governance.views.files import file_response, named, table_or_none
from prevenance.domains.governance.views.requests import posted

VERSION = ["body_id", "kind", "version", "state", "adopted_on"]


def rulebook_of(request, pk):
    """The version of an address, or 404."""
    return one_of(reached_rulebook(request.actor, pk))


@composed
def reached_rulebook(actor, pk):
    # The scope of the council tells who holds it to whoever does not act in the council itself.
    council = "body__council" if actor.scope_kind == "council" else "body__council__scope"
    return Rulebook.objects.visible_to(actor).select_related(council, "adopted_in").filter(pk=pk)


@require_safe
def rulebooks(request, pk):
    """The texts of a council and its groups; `?format=` gives the same list as a file."""
    council = council_of(request, pk)
    bodies = list(Body.objects.visible_to(request.actor, of=council).only("name"))
    filters = RulebookFilters(request.GET, bodies=bodies)
    found = Rulebook.objects.visible_to(request.actor).filter(body__council=council).select_related("body")
    found = filters.narrow(found).order_by("body_id", "kind", "-version")
    page = Paginator(found.defer("text"), PER_PAGE).get_page(request.GET.get("page"))
    signed = standings(page.object_list)
    rows = [(book, signed.get(book.pk)) for book in page.object_list]
    if request.GET.get("format"):
        everything = list(found)
        file = table_or_none(request, columns(), lines(everything), title=_("Règlements et chartes"))
        if file is not None:
            return file
    context = {
        "council": council,
        "page": page,
        "rows": rows,
        "filters": filters,
        "filtered": any(request.GET.values()),
        "holds": holds(council, request.actor),
        "refusal": reason(check_can_hold, council, request.actor),
    }
    return render(request, "governance/rulebooks/list.html", context)


def columns():
    return [
        Column("body", _("Formation")), Column("kind", _("Nature")), Column("version", _("Version"), "integer"),
        Column("state", _("État")), Column("proposed_on", _("Proposé le"), "date"),
        Column("adopted_on", _("Adopté le"), "date"), Column("ended_on", _("Remplacé ou retiré le"), "date"),
        Column("signed", _("Signatures"), "integer"), Column("members", _("Membres actuels"), "integer"),
    ]  # fmt: skip


def lines(books):
    signed = standings(books)
    for book in books:
        standing = signed.get(book.pk, Standing(0, 0))
        binding = book.state == Rulebook.State.ADOPTED
        yield {
            "body": book.body.name, "kind": book.get_kind_display(), "version": book.version,
            "state": book.get_state_display(), "proposed_on": book.proposed_on, "adopted_on": book.adopted_on,
            "ended_on": book.ended_on, "signed": standing.signed if binding else None,
            "members": standing.members if binding else None,
        }  # fmt: skip


@require_http_methods(["GET", "POST"])
def create(request, pk):
    """Choose which text and for whom; its draft begins from the version in force, else from a model."""
    council = council_of(request, pk)
    check_can_hold(council, request.actor)
    bodies = Body.objects.visible_to(request.actor).open().filter(council=council).order_by("pk")
    start = {"kind": Rulebook.Kind.RULES, "body": request.GET.get("formation")}
    form = RulebookStartForm(posted(request), bodies=bodies, initial=start)
    if request.method == "POST" and form.is_valid():
        body, kind = form.cleaned_data["body"], form.cleaned_data["kind"]
        try:
            book = actions.draft(body=body, kind=kind, by=request.actor)
        except Stale as stale:
            under_way = [Rulebook.State.DRAFT, Rulebook.State.PROPOSED]
            there = Rulebook.objects.visible_to(request.actor).filter(body=body, kind=kind, state__in=under_way)
            messages.info(request, stale.reason)
            return redirect("governance:rulebook", there.get().pk)
        return redirect("governance:rulebook_write", book.pk)
    context = {"council": council, "form": form}
    return render(request, "governance/rulebooks/create.html", context, status=422 if form.errors else 200)


@require_safe
def rulebook(request, pk):
    """A version: its text, where it stands, who signed. `?format=` gives the signatories as a file."""
    book = rulebook_of(request, pk)
    council, actor = book.body.council, request.actor
    binding = book.state == Rulebook.State.ADOPTED
    people = signatories(book) if binding else []
    file = table_or_none(request, signatory_columns(), people, line=line_of, title=_("Signataires"))
    if file is not None:
        return file
    versions = Rulebook.objects.visible_to(actor, of=book.body).filter(kind=book.kind).exclude(pk=book.pk)
    versions = list(versions.only(*VERSION).order_by("-version"))  # each is read on its own page
    own = [one for one in people if one.seat.person_id == actor.person_id]
    mine = max(own, key=lambda one: (one.seat.valid_from, one.seat.pk), default=None)  # as rules.seat_of
    context = {
        "rulebook": book, "council": council, "paragraphs": paragraphs(book.text),
        "people": people, "signed": sum(one.signed_at is not None for one in people),
        "mine": mine, "versions": versions, "before": previous(book, versions),
        "holds": holds(council, actor), "binding": binding,
        "write_refusal": reason(rules.check_can_write, book, actor),
        "propose_refusal": reason(rules.check_can_propose, book, actor) if book.state == "draft" else "",
        "adopt_refusal": reason(rules.check_can_adopt, book, actor) if book.state == "proposed" else "",
        "withdraw_refusal": reason(rules.check_can_withdraw, book, actor),
        "ask_refusal": reason(rules.check_can_ask_signatures, book, actor),
        "hold_refusal": reason(check_can_hold, council, actor),
    }  # fmt: skip
    return render(request, "governance/rulebooks/rulebook.html", context)


def signatory_columns():
    return [
        Column("name", _("Membre")), Column("title", _("Fonction")), Column("organisation", _("Organisme")),
        Column("signed_at", _("Signé le"), "datetime"), Column("withdrawn_at", _("Signature retirée le"), "datetime"),
    ]  # fmt: skip


def line_of(one):
    return {
        "name": one.seat.person.name, "title": one.seat.title,
        "organisation": one.seat.organisation.name if one.seat.organisation else "",
        "signed_at": one.signed_at, "withdrawn_at": one.withdrawn_at,
    }  # fmt: skip


@require_safe
def differences(request, pk, version):
    """What changed from an earlier version to this one, to be read without seeing colours."""
    book = rulebook_of(request, pk)
    versions = Rulebook.objects.visible_to(request.actor).filter(body=book.body_id, kind=book.kind)
    before = get_object_or_404(versions, version=version)
    context = {
        "rulebook": book, "council": book.body.council, "before": before, "blocks": changes(before.text, book.text),
        "quorum_changed": quorum_words(before) != quorum_words(book),
        "quorum_before": quorum_words(before), "quorum_now": quorum_words(book),
    }  # fmt: skip
    return render(request, "governance/rulebooks/differences.html", context)


def quorum_words(book):
    """« plus de 1/2 des membres », as the screen says it."""
    if book.quorum_share is None:
        return _("aucun quorum")
    share = {"share": f"{book.quorum_numerator}/{book.quorum_denominator}"}
    return (_("plus de %(share)s des membres") if book.quorum_strict else _("%(share)s des membres au moins")) % share


@require_safe
def pdf(request, pk):
    """The text as a tagged PDF, with those who signed it."""
    book = rulebook_of(request, pk)
    binding = book.state == Rulebook.State.ADOPTED
    people = [one for one in signatories(book) if one.signed_at] if binding else []
    context = {
        "rulebook": book, "council": book.body.council, "paragraphs": paragraphs(book.text), "people": people,
        "quorum": quorum_words(book),
    }  # fmt: skip
    try:
        content = render_pdf(
            "governance/rulebooks/document.html", context, title=str(book), author=book.body.council.name
        )
    except PdfUnavailable as problem:
        messages.error(request, str(problem))
        return redirect("governance:rulebook", pk)
    name = named(book.get_kind_display(), book.body.name, f"v{book.version}", extension="pdf")
    return file_response(content, "application/pdf", name, inline=True)


# --------------------------------------------------------------------------------------------------- writing


@require_http_methods(["GET", "POST"])
def write(request, pk):
    """The draft. When it was saved elsewhere meanwhile, both texts are on screen and nothing is written."""
    book = rulebook_of(request, pk)
    rules.check_can_write(book, request.actor)
    now = values_of(book)
    form = RulebookForm(posted(request), initial=now, first=book.version == 1)
    conflicts, status = [], 200
    if request.method == "POST" and form.is_valid():
        try:
            actions.write(rulebook=book, by=request.actor, **form.written())
        except Changed:
            now = values_of(rulebook_of(request, pk))
            conflicts = [
                (bound.label, bound.value(), now[bound.name])
                for bound in form
                if bound.name != "edit" and (bound.value() or "").replace("\r\n", "\n") != now[bound.name]
            ]
            form.data = {**form.data.dict(), "edit": now["edit"]}
            status = 409
        else:
            messages.success(request, _("Le projet est enregistré. Relisez-le, puis proposez-le."))
            return redirect("governance:rulebook", pk)
    context = {"rulebook": book, "council": book.body.council, "form": form, "conflicts": conflicts}
    status = 422 if form.errors and status == 200 else status
    return render(request, "governance/rulebooks/write.html", context, status=status)


def act(request, book, form, *, title, lost, confirm, danger=False, status=200):
    """A page that asks once: what is done, what follows, one short form."""
    context = {
        "rulebook": book, "council": book.body.council, "form": form, "title": title, "lost": lost,
        "confirm": confirm, "danger": danger,
    }  # fmt: skip
    return render(request, "governance/rulebooks/act.html", context, status=422 if form.errors else status)


@require_http_methods(["GET", "POST"])
def discard(request, pk):
    book = rulebook_of(request, pk)
    council = book.body.council_id
    rules.check_can_write(book, request.actor)
    if request.method == "POST":
        actions.discard(rulebook=book, by=request.actor)
        messages.success(request, _("Le projet est abandonné."))
        return redirect("governance:council_rulebooks", council)
    context = {
        "title": _("Abandonner ce projet ?"), "confirm": _("Abandonner le projet"), "hidden": {}, "url": request.path,
        "lost": _("Son texte est perdu. Le texte en vigueur, s’il y en a un, ne change pas."),
        "back": reverse("governance:rulebook", args=[pk]),
    }  # fmt: skip
    return render(request, "components/confirm_page.html", context)


@require_http_methods(["GET", "POST"])
def propose(request, pk):
    book = rulebook_of(request, pk)
    rules.check_can_propose(book, request.actor)
    form = ProposalForm(posted(request), initial={"on": timezone.localdate(), "edit": book.edit})
    if request.method == "POST" and form.is_valid():
        try:
            actions.propose(rulebook=book, by=request.actor, **form.cleaned_data)
        except Stale as stale:
            messages.warning(request, stale.reason)
            return redirect("governance:rulebook", pk)
        except Refused as refusal:
            form.add_error("on", refusal.reason)
        else:
            messages.success(request, _("Le texte est proposé : il ne change plus. Le conseil peut l’adopter."))
            return redirect("governance:rulebook", pk)
    return act(
        request, book, form, title=_("Proposer ce texte"), confirm=_("Déclarer la proposition"),
        lost=_("Une fois proposé, le texte ne change plus : une modification sera une nouvelle version."),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def adopt(request, pk):
    """The presidency records what the council decided; members are then asked to sign."""
    book = rulebook_of(request, pk)
    try:
        rules.check_can_adopt(book, request.actor)
    except Stale as stale:
        messages.info(request, stale.reason)
        return redirect("governance:rulebook", pk)
    meetings = rules.meetings_to_adopt_in(book)
    form = AdoptionForm(posted(request), meetings=meetings, initial={"meeting": meetings.first()})
    if request.method == "POST" and form.is_valid():
        asked = actions.adopt(rulebook=book, meeting=form.cleaned_data["meeting"], by=request.actor)
        messages.success(request, _("Le texte est adopté.") + " " + asked_words(asked))
        return redirect("governance:rulebook", pk)
    return act(
        request, book, form, title=_("Déclarer l’adoption"), confirm=_("Déclarer l’adoption"),
        lost=_("Le texte entre en vigueur et remplace le précédent. Chaque membre reçoit une demande de signature."),
    )  # fmt: skip


def asked_words(asked):
    if not asked:
        return _("Aucun membre n’a de compte à qui le demander : invitez-les, puis relancez.")
    return ngettext(
        "%(count)d membre est invité à le signer.", "%(count)d membres sont invités à le signer.", asked
    ) % {"count": asked}


@require_http_methods(["GET", "POST"])
def withdraw(request, pk):
    """A proposal that is not adopted, or a text in force that ends without another."""
    book = rulebook_of(request, pk)
    try:
        rules.check_can_withdraw(book, request.actor)
    except Stale as stale:
        messages.info(request, stale.reason)
        return redirect("governance:rulebook", pk)
    form = WithdrawalForm(posted(request), initial={"on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            actions.withdraw(rulebook=book, on=form.cleaned_data["on"], by=request.actor)
        except Refused as refusal:
            form.add_error("on", refusal.reason)
        else:
            messages.success(request, _("Le texte est retiré ; il se lit encore."))
            return redirect("governance:rulebook", pk)
    lost = (
        _("Ce texte n’engage plus ses signataires. Il ne pourra pas être remis en vigueur : il faudra le reproposer.")
        if book.state == Rulebook.State.ADOPTED
        else _("La proposition n’est plus à adopter. Une nouvelle version pourra être écrite.")
    )
    return act(request, book, form, title=_("Retirer ce texte"), confirm=_("Retirer le texte"), lost=lost, danger=True)


@require_POST
def ask(request, pk):
    """Write again to those who have not signed; nobody receives two mails in a week."""
    book = rulebook_of(request, pk)
    asked = actions.ask_signatures(rulebook=book, by=request.actor)
    messages.success(
        request,
        ngettext(
            "%(count)d membre sera relancé, s’il ne l’a pas été cette semaine.",
            "%(count)d membres seront relancés, sauf ceux qui l’ont été cette semaine.",
            asked,
        )
        % {"count": asked},
    )
    return redirect("governance:rulebook", pk)
