"""One's own account: details, mandates, sessions; and the table of roles."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prevenance.domains.accounts import actions, rules
from prevenance.domains.accounts.forms import OwnDetailsForm
from prevenance.domains.accounts.models import Mandate, Scope, Session
from prevenance.domains.accounts.roles import ABILITIES, GRANTS, ROLES


def own_mandates(request):
    mine = Mandate.objects.visible_to(request.actor).filter(person_id=request.actor.person_id)
    return mine.select_related("scope", "organisation", "granted_by").order_by("-valid_from", "pk")


@require_http_methods(["GET", "POST"])
def account(request):
    person = request.actor.person
    own = {"given_name": person.given_name, "family_name": person.family_name, "phone": person.phone}
    form = OwnDetailsForm(request.POST or None, initial=own)
    if form.is_valid():
        actions.correct_person(by=request.actor, person=person, **form.cleaned_data)
        messages.success(request, _("Vos coordonnées sont enregistrées."))
        return redirect("accounts:account")
    context = {
        "form": form,
        "person": person,
        "mandates": own_mandates(request),
        "second_factor": rules.has_second_factor(person),
        "codes_left": rules.recovery_codes_left(person),
    }
    return render(request, "accounts/account.html", context)


@require_safe
def sessions(request):
    rows = list(Session.objects.visible_to(request.actor).order_by("-last_seen_at"))
    here = request.session.session_key
    context = {"sessions": [(session, session.session_key == here) for session in rows], "others": len(rows) > 1}
    return render(request, "accounts/sessions.html", context)


@require_POST
def close_session(request):
    """Close one of one's sessions, or with `others` all but this one."""
    if request.POST.get("others"):
        closed = actions.close_other_sessions(by=request.actor, request=request)
        messages.success(request, _("Autres sessions fermées : {closed}.").format(closed=closed))
        return redirect("accounts:sessions")
    handle = request.POST.get("session", "")
    session = next((row for row in Session.objects.visible_to(request.actor) if row.handle == handle), None)
    if session is None:
        raise Http404
    if session.session_key == request.session.session_key:
        actions.leave(by=request.actor, request=request)
        return redirect("accounts:sign_in")
    actions.close_session(by=request.actor, session=session)
    messages.success(request, _("La session est fermée."))
    return redirect("accounts:sessions")


@require_safe
def roles(request):
    """The table of roles, from the data that decides."""
    kinds = dict(Scope.Kind.choices)
    rows = [
        {
            "role": role,
            "scopes": [label for kind, label in kinds.items() if kind in role.scopes],
            "abilities": [sentence for key, sentence in ABILITIES.items() if key in role.abilities],
            "grants": granted_by(role.key),
        }
        for role in ROLES.values()
    ]
    return render(request, "accounts/roles.html", {"rows": rows})


def granted_by(key):
    """What a role may grant, in words: the table says « every »."""
    granted = GRANTS[key].roles if key in GRANTS else frozenset()
    return [_("Tous les rôles")] if granted == set(ROLES) else [ROLES[role].label for role in ROLES if role in granted]
