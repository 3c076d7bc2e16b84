"""The order that fixes who sits in a council: prepared here from its members, signed on paper, recorded here."""

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.governance.models import Body, CompositionAct, Council, Membership
from prevenance.domains.governance.rules import compositions as rules
from prevenance.domains.governance.rules.councils import check_can_hold


@action(_("Acte de composition préparé"))
def prepare_composition(*, council: Council, by: Actor) -> CompositionAct:
    """Write the text from today's members: on the version not signed yet, else on the next one."""
    council = Council.objects.select_for_update(of=("self",)).select_related("territory").get(pk=council.pk)
    check_can_hold(council, by)
    members = Membership.objects.filter(body__council=council, body__kind__in=Body.MAIN).current()
    text = rules.wording(council, list(members.select_related("person", "organisation")), timezone.localdate())
    last = CompositionAct.objects.filter(council=council).order_by("-version").first()
    if last is not None and last.signed_on is None:
        act = last
        act.text, act.created_at = text, timezone.now()
        act.save(update_fields=["text", "created_at"])
    else:
        act = CompositionAct.objects.create(council=council, version=last.version + 1 if last else 1, text=text)
    audit.record(by=by, scope=council.scope_id, subject=act, version=act.version)
    return act


@action(_("Acte de composition signé"))
def sign_composition(
    *, act: CompositionAct, seen: str, reference: str, signed_on: date, signed_by: str, in_force_from: date, by: Actor
) -> CompositionAct:
    """Record the signature given on the printed act; from then on the database refuses any change.

    `seen` is the digest of the text that was shown. Raises Stale when it was prepared again since, or already signed.
    """
    act = CompositionAct.objects.select_for_update(of=("self",)).select_related("council").get(pk=act.pk)
    rules.check_can_sign_composition(act, by)
    rules.check_same_text(act, seen)
    act.reference, act.signed_on, act.signed_by, act.in_force_from = reference, signed_on, signed_by, in_force_from
    act.save(update_fields=["reference", "signed_on", "signed_by", "in_force_from"])
    audit.record(by=by, scope=act.council.scope_id, subject=act, version=act.version, signed_on=signed_on)
    return act
