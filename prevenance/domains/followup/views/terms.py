"""What the rulebook of a group says of its files: read by its members, declared by the coordination."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from prevenance.core.refusals import Refused, reason
from prevenance.domains.followup import actions
from prevenance.domains.followup.forms.terms import TermsForm
from prevenance.domains.followup.models import Terms, opened
from prevenance.domains.followup.rules import terms as rules
from prevenance.domains.governance.models import Body
from prevenance.domains.governance.rules.councils import Stale


@require_http_methods(["GET", "POST"])
def terms(request, body):
    bodies = Body.objects.visible_to(request.actor).filter(opened(request.actor, "pk")).select_related("council")
    body = get_object_or_404(bodies.distinct(), pk=body)
    book = rules.rulebook_of(body)
    declared = Terms.objects.visible_to(request.actor).filter(rulebook=book).select_related("declared_by").first()
    refusal = reason(rules.check_can_declare, body, request.actor)
    form = TermsForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        rules.check_can_declare(body, request.actor)
        if form.is_valid():
            try:
                actions.declare_terms(body=body, by=request.actor, **form.cleaned_data)
            except Stale:
                raise
            except Refused as refused:
                form.add_error(None, refused.reason)
            else:
                messages.success(request, _("C’est déclaré, et cela vaut dès maintenant."))
                return redirect("followup:terms", body.pk)
        status = 422
    context = {"body": body, "book": book, "declared": declared, "refusal": refusal, "form": form}
    return render(request, "followup/files/terms.html", context, status=status)
