"""For the coordination of a group: its channels, who reports by them, the reports received, and what is answered."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from prevenance.core.refusals import Refused, reason
from prevenance.domains.followup import actions as acts
from prevenance.domains.followup.actions import reporting as actions
from prevenance.domains.followup.analysis import matching
from prevenance.domains.followup.analysis import reporting as analysis
from prevenance.domains.followup.forms import reporting as forms
from prevenance.domains.followup.models import Channel, Reporter, SentReport, opened
from prevenance.domains.followup.rules import lists
from prevenance.domains.followup.rules import reporting as rules
from prevenance.domains.followup.views.writing import posted, tried
from prevenance.domains.governance.models import Body
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.governance.views.councils import PER_PAGE


def group_of(request, body):
    """A group whose files the actor holds; for anybody else it is not there."""
    groups = Body.objects.visible_to(request.actor).filter(opened(request.actor, "pk")).select_related("council")
    body = get_object_or_404(groups.distinct(), pk=body)
    rules.check_can_hold(body, request.actor)
    return body


def channel_of(request, channel):
    channels = Channel.objects.visible_to(request.actor).select_related("body__council", "opened_by")
    return get_object_or_404(channels, pk=channel)


def confirm(request, title, lost, button, back):
    context = {"title": title, "lost": lost, "confirm": button, "url": request.path, "hidden": {}, "back": back}
    return render(request, "components/confirm_page.html", context)


@require_safe
def channels(request, body):
    body = group_of(request, body)
    rows = Channel.objects.visible_to(request.actor).filter(body=body)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "followup/reporting/channels.html", {"body": body, "page": page})


@require_http_methods(["GET", "POST"])
def channel_open(request, body):
    body = group_of(request, body)
    form = forms.ChannelForm(posted(request), body=body)
    done, status = tried(form, lambda values: actions.open_channel(body=body, by=request.actor, **values))
    if done:
        messages.success(request, _("Le circuit est ouvert. Dites maintenant qui signale."))
        return redirect("followup:channel", done.pk)
    context = {
        "form": form, "heading": _("Ouvrir un circuit de signalement"), "body": body,
        "back": reverse("followup:channels", args=[body.pk]),
        "about": _(
            "Un groupe de prévention du décrochage scolaire signale une situation à votre groupe, par un formulaire "
            "fermé. Il ne lit aucun dossier, et n’apprend pas ce que vous en faites."
        ),
    }  # fmt: skip
    return render(request, "followup/reporting/form.html", context, status=status)


@require_safe
def channel(request, channel):
    channel = channel_of(request, channel)
    reporters = Reporter.objects.visible_to(request.actor).filter(channel=channel).select_related("person")
    context = {
        "channel": channel, "purpose": lists.label(rules.PURPOSES, channel.purpose), "reporters": reporters,
        "refusal": reason(rules.check_is_open, channel),
    }  # fmt: skip
    return render(request, "followup/reporting/channel.html", context)


@require_http_methods(["GET", "POST"])
def reporter_add(request, channel):
    channel = channel_of(request, channel)
    form = forms.ReporterForm(posted(request))
    done, status = tried(
        form, lambda values: actions.add_reporter(channel=channel, email=values["email"], by=request.actor)
    )
    if done:
        messages.success(
            request, _("Cette personne signale désormais par ce circuit. Donnez-lui l’adresse de la page.")
        )
        return redirect("followup:channel", channel.pk)
    context = {
        "form": form, "heading": _("Ajouter une personne qui signale"), "body": channel.body,
        "back": reverse("followup:channel", args=[channel.pk]),
        "about": _("Un professionnel du groupe de prévention du décrochage, nommé, qui a un compte ici."),
    }  # fmt: skip
    return render(request, "followup/reporting/form.html", context, status=status)


@require_http_methods(["GET", "POST"])
def reporter_remove(request, channel, reporter):
    channel = channel_of(request, channel)
    reporters = Reporter.objects.visible_to(request.actor).select_related("channel")
    reporter = get_object_or_404(reporters, pk=reporter, channel=channel)
    if request.method == "POST":
        try:
            actions.remove_reporter(reporter=reporter, by=request.actor)
        except Stale as stale:
            messages.info(request, stale.reason)
        else:
            messages.success(request, _("Cette personne ne signale plus par ce circuit."))
        return redirect("followup:channel", channel.pk)
    return confirm(
        request, _("Retirer cette personne ?"), _("Elle ne pourra plus rien signaler par ce circuit."),
        _("Retirer"), reverse("followup:channel", args=[channel.pk]),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def channel_close(request, channel):
    channel = channel_of(request, channel)
    if request.method == "POST":
        try:
            actions.close_channel(channel=channel, by=request.actor)
        except Stale as stale:
            messages.info(request, stale.reason)
        else:
            messages.success(request, _("Le circuit est fermé."))
        return redirect("followup:channel", channel.pk)
    return confirm(
        request, _("Fermer ce circuit ?"),
        _("Plus personne ne signalera par lui. Les signalements reçus restent à examiner."),
        _("Fermer le circuit"), reverse("followup:channel", args=[channel.pk]),
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------- reports received


@require_safe
def reports(request):
    """By days and channels, never by names; those that end first come first."""
    if not request.actor.can("hold_files"):
        raise Refused(_("Seule la coordination d’un groupe reçoit des signalements."))
    rows = SentReport.objects.visible_to(request.actor).select_related("channel", "body__council")
    page = Paginator(rows.order_by("purge_on", "pk"), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "followup/reporting/reports.html", {"page": page})


def report_of(request, signal):
    rows = SentReport.objects.visible_to(request.actor).select_related("channel", "body__council", "sent_by")
    return get_object_or_404(rows, pk=signal)


@require_safe
def report(request, signal):
    """What was told. Its reading is recorded before anything is shown."""
    report = report_of(request, signal)
    actions.record_report_reading(report=report, by=request.actor)
    said = analysis.said_of(report)
    context = {
        "report": report, "said": said, "facts": analysis.facts(said), "sex": analysis.sex(said),
        "born": analysis.born(said),
        "schooling": lists.label("schooling", said["schooling"]), "told": lists.label("report_told", said["told"]),
        "why": lists.label("report_refusals", said["refusal"]),
        "refusal": reason(rules.check_can_answer, report, request.actor),
    }  # fmt: skip
    return render(request, "followup/reporting/report.html", context)


@require_http_methods(["GET", "POST"])
def report_accept(request, signal):
    """A file opens; who may be the same person is shown before, compared inside the group only."""
    report = report_of(request, signal)
    try:
        rules.check_can_answer(report, request.actor)
        actions.record_report_reading(report=report, by=request.actor)
        said = analysis.said_of(report)
        found = matching.doubles(report.body, said["given_name"], said["family_name"], analysis.born(said))
        acts.record_list(body=report.body, followups=found, part="double", by=request.actor)
        form = forms.AcceptForm(posted(request), doubles=found)
        done, status = tried(form, lambda _values: actions.accept_report(report=report, by=request.actor))
    except Stale as stale:
        messages.info(request, stale.reason)
        return redirect("followup:report", report.pk)
    if done:
        messages.success(
            request, _("Le dossier %(number)s est ouvert. Proposez maintenant son référent.") % {"number": done.number}
        )
        return redirect("followup:people", done.pk)
    context = {"report": report, "form": form, "doubles": found}
    return render(request, "followup/reporting/accept.html", context, status=status)


@require_http_methods(["GET", "POST"])
def report_decline(request, signal):
    report = report_of(request, signal)
    form = forms.DeclineForm(posted(request))

    def decline(values):
        actions.decline_report(report=report, reason=values["reason"], by=request.actor)
        return report

    try:
        rules.check_can_answer(report, request.actor)
        done, status = tried(form, decline)
    except Stale as stale:
        messages.info(request, stale.reason)
        return redirect("followup:report", report.pk)
    if done:
        messages.success(request, _("Le signalement est écarté : il s’efface sous peu."))
        return redirect("followup:reports")
    context = {
        "form": form, "heading": _("Écarter ce signalement"), "body": report.body,
        "back": reverse("followup:report", args=[report.pk]),
        "about": _("Aucun dossier n’est ouvert. Ce qui a été dit de la personne s’efface, sans retour ; qui a signalé "
                   "n’apprend ni votre décision ni son motif."),
    }  # fmt: skip
    return render(request, "followup/reporting/form.html", context, status=status)
