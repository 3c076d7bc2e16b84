"""Points that another body, or another part of the platform, asks to see on an agenda."""

from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.governance.models import AgendaProposal, Body
from prevenance.domains.governance.rules import proposals as rules
from prevenance.domains.governance.rules.confidential import check_body_names_nobody


@action(_("Point proposé à un ordre du jour"))
def propose_item(
    *,
    body: Body,
    kind: str,
    title: str,
    details: str = "",
    origin: str = "",
    path: str = "",
    key: str = "",
    by: Actor,
) -> AgendaProposal:
    """A point that waits for the next agenda of the body. What has a `key` is proposed once: asked again, it is given
    back as it stands, even dismissed.

    `origin` says in words where it comes from, `path` where that is read on the platform.
    """
    body = Body.objects.select_for_update(of=("self",)).select_related("council").get(pk=body.pk)
    rules.check_can_propose(body, by)
    check_body_names_nobody(body, title, details, origin)
    proposal = AgendaProposal.objects.filter(body=body, key=key).first() if key else None
    if proposal is None:
        proposal = AgendaProposal.objects.create(
            body=body, kind=kind, title=title, details=details, origin=origin, origin_path=path, key=key,
            proposed_by=by.person,
        )  # fmt: skip
    audit.record(by=by, scope=body.council.scope_id, subject=proposal, kind=kind)
    return proposal


@action(_("Proposition de point écartée"))
def dismiss_proposal(*, proposal: AgendaProposal, reason: str, by: Actor) -> None:
    """It is offered no more; the reason stays beside it."""
    rows = AgendaProposal.objects.select_for_update(of=("self",)).select_related("body__council__scope")
    proposal = rows.get(pk=proposal.pk)
    rules.check_can_dismiss(proposal, by)
    check_body_names_nobody(proposal.body, reason)
    if not reason.strip():
        raise Refused(_now("Dites pourquoi ce point est écarté."))
    proposal.state, proposal.reason = AgendaProposal.State.DISMISSED, reason.strip()
    proposal.settled_at, proposal.settled_by = timezone.now(), by.person
    proposal.save(update_fields=["state", "reason", "settled_at", "settled_by"])
    audit.record(by=by, scope=proposal.body.council.scope_id, subject=proposal)
