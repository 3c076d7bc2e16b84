"""Parts of a file shared with a member of the group: by whom, with whom, until when; what was shared with oneself."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from prevenance.core.refusals import Refused, reason
from prevenance.domains.followup import actions
from prevenance.domains.followup.analysis import shared as analysis
from prevenance.domains.followup.analysis.reading import key_of, opened_values
from prevenance.domains.followup.forms.sharing import ShareForm
from prevenance.domains.followup.models import Handover, Line, Share
from prevenance.domains.followup.models.sharing import WHOLE
from prevenance.domains.followup.rules import handovers, lists
from prevenance.domains.followup.rules import sharing as rules
from prevenance.domains.followup.views.attachments import document_response
from prevenance.domains.followup.views.reading import file_or_reason, read, show
from prevenance.domains.followup.views.writing import goes_back, may, posted, tried
from prevenance.domains.governance.views.councils import PER_PAGE

TAB = "followup:shares"


@require_safe
@file_or_reason
def shares(request, followup):
    """What was shared of a file, and its hand-over to a group elsewhere."""
    read(request, followup, "sharing")
    key, now = key_of(followup), timezone.now()
    rows = Share.objects.visible_to(request.actor, of=followup).exclude(parts__contains=[WHOLE])
    rows = list(rows.select_related("to_person", "shared_by"))
    for row in rows:
        row.said = lists.label("share_purposes", opened_values(row, key)["purpose"])
        row.labels = analysis.labels(row.parts)
        row.runs = row.withdrawn_at is None and row.until > now
    moves = list(
        Handover.objects.visible_to(request.actor, of=followup).select_related("to_body__council", "proposed_by")
    )
    for move in moves:
        said = opened_values(move, key)
        move.said = {
            "agreed_by": lists.label("addressees", said["agreed_by"]),
            "outcome": dict(Line.Outcome.choices).get(said["outcome"], ""),
        }
        move.waits = not (move.accepted_at or move.declined_at or move.withdrawn_at)
        move.over = move.waits and handovers.is_over(move)
    context = {
        "rows": rows, "moves": moves, "refusal": reason(rules.check_can_share, followup, request.actor),
        "move_refusal": reason(handovers.check_can_propose, followup, request.actor),
    }  # fmt: skip
    return show(request, "followup/sharing/shares.html", followup, TAB, context)


@require_http_methods(["GET", "POST"])
@file_or_reason
@goes_back(TAB)
def share_add(request, followup):
    may(request, rules.check_can_share, followup, request.actor)
    people = rules.signatories(followup, request.actor)
    form = ShareForm(posted(request), people=people, last_day=rules.last_day(timezone.localdate()))
    done, status = tried(form, lambda values: actions.share_parts(followup=followup, **values, by=request.actor))
    if done:
        messages.success(request, _("C’est partagé. La personne le trouve sous « Partagé avec moi »."))
        return redirect(TAB, followup.pk)
    context = {
        "form": form, "heading": _("Partager des parties du dossier"), "back": TAB,
        "about": _(
            "La personne choisie lit ces parties et rien d’autre, jusqu’à la fin du jour dit. "
            "Vous pouvez retirer le partage à tout moment."
        ),
    }  # fmt: skip
    return show(request, "followup/form.html", followup, TAB, context, status)


@require_http_methods(["GET", "POST"])
@file_or_reason
@goes_back(TAB)
def share_withdraw(request, followup, share):
    rows = Share.objects.visible_to(request.actor, of=followup).exclude(parts__contains=[WHOLE])
    share = get_object_or_404(rows, pk=share)
    share.followup = followup
    may(request, rules.check_can_withdraw, share, followup, request.actor)
    if request.method == "POST":
        actions.withdraw_share(share=share, by=request.actor)
        messages.success(request, _("Le partage est retiré : plus rien ne s’y lit."))
        return redirect(TAB, followup.pk)
    context = {
        "lost": _("La personne ne lit plus rien de ce dossier par ce partage, dès maintenant."),
        "title": _("Retirer ce partage ?"),
        "confirm": _("Retirer le partage"), "url": request.path, "hidden": {}, "back": reverse(TAB, args=[followup.pk]),
    }  # fmt: skip
    return render(request, "components/confirm_page.html", context)


# --------------------------------------------------------------------------------------------------- shared with me


@require_safe
def received(request):
    """What others shared with oneself, by file numbers; what is over is no longer there."""
    if not request.actor.can("see_files"):
        raise Refused(_("Votre rôle n’ouvre aucun dossier de suivi."))
    page = Paginator(analysis.received(request.actor), PER_PAGE).get_page(request.GET.get("page"))
    for share in page.object_list:
        share.labels = analysis.labels(share.parts)
    return render(request, "followup/sharing/received.html", {"page": page})


def share_of(request, share):
    return get_object_or_404(analysis.received(request.actor), pk=share)


@require_safe
def shared(request, share):
    """The parts that were shared, and nothing else of the file. Each part read is recorded."""
    share = share_of(request, share)
    for part in share.parts:
        actions.record_reading(followup=share.followup, part=part, by=request.actor)
    context = {
        "share": share, "sections": analysis.shown(share), "purpose": analysis.purpose(share),
        "labels": analysis.labels(share.parts),
    }  # fmt: skip
    response = render(request, "followup/sharing/shared.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def shared_attachment(request, share, attachment):
    share = share_of(request, share)
    document = get_object_or_404(analysis.documents(share), pk=attachment)
    document.followup = share.followup
    actions.record_reading(followup=share.followup, part="attachments", by=request.actor)
    return document_response(document, share.followup)
