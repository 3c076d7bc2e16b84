"""Contacts: four taps on a phone, from one's day or from the list of one's files; what was noted; alerts as done."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Max
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from prevenance.core.composed import Listed
from prevenance.core.refusals import Refused, reason
from prevenance.domains.followup import actions
from prevenance.domains.followup.analysis import hanging
from prevenance.domains.followup.analysis.reading import key_of, names, opened_values
from prevenance.domains.followup.forms.work import AlertForm, ContactForm
from prevenance.domains.followup.models import Contact, FollowUp, Identity, Involvement
from prevenance.domains.followup.rules import lists, work
from prevenance.domains.followup.views.reading import file_or_reason, read, show
from prevenance.domains.followup.views.writing import given, goes_back, may, posted, tried
from prevenance.domains.governance.views.councils import PER_PAGE

TAB = "followup:contacts"
# Where one came from, and goes back to once the contact is saved.
ORIGINS = {"journee": "pages:my_day", "liste": "followup:contact_choose"}


@require_safe
@file_or_reason
def contacts(request, followup):
    """What was noted, the last first. A file leaves the platform whole, at the person's request, and by no other list:
    there is no export here."""
    read(request, followup, "contacts")
    key = key_of(followup)
    page = Paginator(Listed(hanging.contacts_of, followup.pk), PER_PAGE).get_page(request.GET.get("page"))
    for contact in page.object_list:
        said = opened_values(contact, key)
        contact.said = {
            "kind": lists.label("contact_kinds", said["kind"]),
            "whom": lists.label("contact_with", said["whom"]),
            "outcome": lists.label("contact_outcomes", said["outcome"]),
            "words": said["words"],
        }
    alerts = hanging.alerts_of(followup.pk)
    for alert in alerts:
        alert.said = lists.label("duties", opened_values(alert, key)["duty"])
    context = {
        "page": page,
        "alerts": alerts,
        "refusal": reason(work.check_can_note, followup, request.actor, found=True),
    }
    return show(request, "followup/contacts/list.html", followup, TAB, context)


@require_safe
def contact_choose(request):
    """One's own files, to note a contact in one: by number, and by name where one follows the person."""
    if not request.actor.can("see_files"):
        raise Refused(_("Votre rôle n’ouvre aucun dossier de suivi."))
    mine = Involvement.objects.visible_to(request.actor).filter(person_id=request.actor.person_id).current()
    parts = list(mine.order_by().values_list("followup_id", "kind"))
    followed = {file for file, kind in parts if kind in work.FOLLOWS}
    found = (
        FollowUp.objects.visible_to(request.actor)
        .open()
        .filter(pk__in={file for file, _kind in parts})
        .select_related("body")
    )
    found = found.annotate(last_contact=Max("contact_rows__day")).order_by("body_id", "number")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    files = list(page.object_list)
    named = [file for file in files if file.pk in followed]
    if named:
        actions.record_list(body=None, followups=named, part="identity", by=request.actor)
    identities = Identity.objects.visible_to(request.actor).filter(followup__in=named) if named else []
    known = names(named, identities)
    context = {"page": page, "rows": [(file, known.get(file.pk, "")) for file in files]}
    return render(request, "followup/contacts/choose.html", context)


@require_http_methods(["GET", "POST"])
@file_or_reason
@goes_back(TAB)
def contact_add(request, followup):
    """How, with whom, and the outcome, whose button saves."""
    may(request, work.check_can_note, followup, request.actor)
    form = ContactForm(posted(request))
    done, status = tried(
        form,
        lambda values: actions.add_contact(
            followup=followup, **given(form, "day", "kind", "whom", "outcome", "words"), by=request.actor
        ),
    )
    origin = request.GET.get("de", "")
    if done:
        messages.success(request, _("Contact noté, %(file)s.") % {"file": followup})
        return redirect(ORIGINS[origin]) if origin in ORIGINS else redirect(TAB, followup.pk)
    context = {"form": form, "name": name_of(request, followup), "back": back(followup, origin), "contact": None}
    return show(request, "followup/contacts/form.html", followup, TAB, context, status)


def back(followup, origin):
    return reverse(ORIGINS[origin]) if origin in ORIGINS else reverse(TAB, args=[followup.pk])


def name_of(request, followup):
    """Who the file is about, for those who follow them: a reading of its own, recorded."""
    if not any(part.person_id == request.actor.person_id and part.kind in work.FOLLOWS for part in followup.people):
        return ""
    if request.method == "GET":
        read(request, followup, "identity")
    return names([followup], Identity.objects.visible_to(request.actor, of=followup)).get(followup.pk, "")


@require_http_methods(["GET", "POST"])
@file_or_reason
@goes_back(TAB)
def contact_edit(request, followup, contact):
    """One's own, the day it was noted."""
    contact = get_object_or_404(Contact.objects.visible_to(request.actor, of=followup), pk=contact)
    contact.followup = followup
    may(request, work.check_can_correct_contact, contact, followup, request.actor)
    initial = opened_values(contact, key_of(followup)) | {"day": contact.day}
    form = ContactForm(posted(request), initial=initial)
    done, status = tried(
        form,
        lambda values: actions.correct_contact(
            contact=contact, **given(form, "day", "kind", "whom", "outcome", "words"), by=request.actor
        ),
    )
    if done:
        messages.success(request, _("Le contact est corrigé."))
        return redirect(TAB, followup.pk)
    read(request, followup, "contacts")
    context = {"form": form, "name": "", "back": back(followup, ""), "contact": contact}
    return show(request, "followup/contacts/form.html", followup, TAB, context, status)


@require_http_methods(["GET", "POST"])
@file_or_reason
@goes_back(TAB)
def alert_add(request, followup):
    """That a duty of alert was fulfilled elsewhere, and when: there is no field for what was said."""
    may(request, work.check_can_note, followup, request.actor)
    form = AlertForm(posted(request))
    done, status = tried(
        form,
        lambda values: actions.record_alert(
            followup=followup, duty=values["duty"], done_on=values["done_on"], by=request.actor
        ),
    )
    if done:
        messages.success(request, _("L’obligation accomplie est notée."))
        return redirect(TAB, followup.pk)
    context = {
        "form": form, "heading": _("Noter une obligation d’alerte accomplie"), "back": TAB,
        "about": _("Laquelle et quand, jamais ce qui a été dit : cela reste entre vous et l’autorité saisie."),
    }  # fmt: skip
    return show(request, "followup/form.html", followup, TAB, context, status)
