"""How a follow-up ends, what is told some months after, what stops the clock; the archive, by number."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from prevenance.core.documents.tables import FORMATS, Column, export
from prevenance.core.refusals import Refused
from prevenance.domains.followup import actions
from prevenance.domains.followup.analysis.archive import archived
from prevenance.domains.followup.forms.rights import ArchiveForm, EndForm, HoldForm, LaterForm
from prevenance.domains.followup.rules import clocks, endings
from prevenance.domains.followup.views.reading import file_or_reason, show
from prevenance.domains.followup.views.writing import goes_back, may, posted, tried
from prevenance.domains.governance.views.councils import PER_PAGE, download

TAB = "followup:rights"


@require_http_methods(["GET", "POST"])
@file_or_reason
@goes_back(TAB)
def file_end(request, followup):
    """Reason and situation; what is lost, and when, is said beside the button."""
    may(request, endings.check_can_end, followup, request.actor)
    form = EndForm(posted(request))
    done, status = tried(
        form,
        lambda values: actions.end_file(
            followup=followup, reason=values["reason"], outcome=values["outcome"], by=request.actor
        ),
    )
    if done:
        messages.success(
            request,
            _("Le suivi est terminé. Le dossier s’efface le %(day)s.") % {"day": done.purge_on.strftime("%d/%m/%Y")},
        )
        return redirect(TAB, followup.pk)
    months = endings.archive_months(followup)
    archived, erased = clocks.purged_after(timezone.localdate(), followup.purge_on, months)
    context = {"form": form, "archived": archived, "erased": erased}
    return show(request, "followup/rights/end.html", followup, TAB, context, status)


@require_http_methods(["GET", "POST"])
@file_or_reason
@goes_back(TAB)
def file_later(request, followup):
    may(request, endings.check_can_tell_later, followup, request.actor)
    form = LaterForm(posted(request))
    done, status = tried(
        form,
        lambda values: actions.tell_later(followup=followup, outcome=values["outcome"], by=request.actor) or followup,
    )
    if done:
        messages.success(request, _("La situation après la sortie est notée."))
        return redirect(TAB, followup.pk)
    context = {
        "form": form, "heading": _("Situation trois mois après"), "back": TAB,
        "about": _("Elle reste dans les chiffres, sans nom, quand le dossier s’efface."),
    }  # fmt: skip
    return show(request, "followup/form.html", followup, TAB, context, status)


@require_http_methods(["GET", "POST"])
@file_or_reason
@goes_back(TAB)
def hold_set(request, followup):
    may(request, endings.check_can_hold, followup, request.actor)
    form = HoldForm(posted(request))
    done, status = tried(
        form,
        lambda values: actions.set_hold(
            followup=followup, reason=values["reason"], until=values["until"], by=request.actor
        ),
    )
    if done:
        messages.success(request, _("La conservation est imposée : le dossier ne s’efface pas avant sa fin."))
        return redirect(TAB, followup.pk)
    context = {
        "form": form, "heading": _("Imposer la conservation"), "back": TAB,
        "about": _("Pour un motif de droit, jusqu’à un jour dit. Le dossier ne s’efface pas d’ici là."),
    }  # fmt: skip
    return show(request, "followup/form.html", followup, TAB, context, status)


@require_http_methods(["GET", "POST"])
@file_or_reason
@goes_back(TAB)
def hold_lift(request, followup):
    may(request, endings.check_can_hold, followup, request.actor)
    if request.method == "POST":
        actions.lift_hold(followup=followup, by=request.actor)
        messages.success(request, _("La conservation est levée : le dossier s’efface à sa date."))
        return redirect(TAB, followup.pk)
    context = {
        "title": _("Lever la conservation ?"), "lost": lifting(followup), "confirm": _("Lever la conservation"),
        "url": request.path, "hidden": {}, "back": reverse(TAB, args=[followup.pk]),
    }  # fmt: skip
    return render(request, "components/confirm_page.html", context)


def lifting(followup):
    if followup.purge_on <= timezone.localdate():
        return _("Le dossier a passé sa date : il s’efface la nuit prochaine, avec toutes ses pièces, sans retour.")
    day = followup.purge_on.strftime("%d/%m/%Y")
    return _("Le dossier s’effacera le %(day)s, avec toutes ses pièces, sans retour.") % {"day": day}


# ---------------------------------------------------------------------------------------------------------- archive


@require_safe
def archives(request):
    """Archived files of the groups that one coordinates: their numbers and dates, and nothing else."""
    if not request.actor.can("hold_files"):
        raise Refused(_("Seule la coordination tient l’archive des dossiers."))
    found = archived(request.actor)
    if request.GET.get("format") in FORMATS:
        return download("archives", table(request.GET["format"], found))
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "followup/rights/archives.html", {"page": page})


@require_http_methods(["GET", "POST"])
def archive_open(request, archive):
    """A single access to an archived file, for a reason of law; it ends by itself."""
    followup = get_object_or_404(archived(request.actor), pk=archive)
    form = ArchiveForm(posted(request))
    done, status = tried(
        form, lambda values: actions.open_archive(followup=followup, reason=values["reason"], by=request.actor)
    )
    if done:
        messages.success(
            request,
            _("Le dossier vous est ouvert jusqu’au %(moment)s.")
            % {"moment": timezone.localtime(done.until).strftime("%d/%m/%Y à %H:%M")},
        )
        return redirect("followup:file", followup.pk)
    return render(request, "followup/rights/archive_open.html", {"form": form, "archive": followup}, status=status)


def table(format, found):
    columns = [
        Column("number", _("Numéro")), Column("group", _("Groupe")), Column("closed_on", _("Terminé le"), "date"),
        Column("archived_on", _("Archivé le"), "date"), Column("purge_on", _("Effacé le"), "date"),
    ]  # fmt: skip
    rows = (
        {
            "number": file.number, "group": file.body.name, "closed_on": file.closed_on,
            "archived_on": file.archived_on, "purge_on": file.purge_on,
        }
        for file in found
    )  # fmt: skip
    return export(format, columns, rows, title=_("Archives"))
