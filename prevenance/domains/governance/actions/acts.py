"""Acts: prepared from their form, transmitted, declared signed by each signatory, kept, ended."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.core.refusals import Refused
from prevenance.domains.accounts import actions as accounts
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Mandate, Scope
from prevenance.domains.governance.models import (
    Act,
    ActConsultation,
    ActSignature,
    Body,
    Council,
    Membership,
    Upload,
)
from prevenance.domains.governance.rules import acts as rules
from prevenance.domains.governance.rules.act_forms import Form, Part, form_named, wording
from prevenance.domains.governance.rules.councils import Stale, place_of
from prevenance.domains.territories.models import Territory

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Draft:
    """What a form was answered. `person` is (address, given name, family name), None when the form asks nobody."""

    values: Mapping[str, Any] = field(default_factory=dict)
    person: tuple[str, str, str] | None = None
    communes: Sequence[Territory] = ()
    ends_on: date | None = None


@action(_("Acte préparé"))
def prepare(*, key: str, scope: Scope, council: Council | None, by: Actor, draft: Draft | None = None) -> Act:
    """Write an act of a form, for a council or for the scope alone. Raises Refused where its text does not apply.

    Of a form that replaces the one before, the draft not signed yet is written again rather than a second one begun.
    """
    # The number follows the last one: who prepares at the same moment waits.
    scope = Scope.objects.select_for_update(of=("self",)).select_related("territory").get(pk=scope.pk)
    form = form_named(key, timezone.localdate())
    rules.check_can_prepare(form, scope, council, by)
    alike = Act.objects.filter(scope=scope, council=council, kind=form.kind)
    act = alike.filter(signed_on=None, form=key).first() if form.replaces == "council" else None
    if act is None:
        last = alike.aggregate(last=Max("version"))["last"]
        act = Act(scope=scope, council=council, kind=form.kind, form=key, version=(last or 0) + 1)
    else:
        rules.check_can_rewrite(act, by)
    _write(act, form, draft or Draft(), by)
    audit.record(by=by, scope=act.trail, subject=act, kind=act.kind, version=act.version)
    return act


@action(_("Acte préparé à nouveau"))
def prepare_again(*, act: Act, seen: str, by: Actor, draft: Draft | None = None) -> Act:
    """Write an act that nobody has signed again. `seen` is the digest of the text that was shown.

    An act already transmitted goes back to its preparation. Raises Stale when somebody else wrote it meanwhile.
    """
    act = _locked(act)
    rules.check_can_rewrite(act, by)
    rules.check_same_text(act, seen)
    _write(act, form_named(act.form, timezone.localdate()), draft or Draft(), by)
    audit.record(by=by, scope=act.trail, subject=act, kind=act.kind, version=act.version)
    return act


def _locked(act: Act) -> Act:
    rows = Act.objects.select_for_update(of=("self",)).select_related("council__scope", "scope__territory", "person")
    found = rows.filter(pk=act.pk).first()
    if found is None:
        raise Stale(now_("Cet acte a été retiré."))
    return found


def _write(act: Act, form: Form, draft: Draft, by: Actor) -> None:
    today = timezone.localdate()
    scope, communes = act.scope, list(draft.communes)
    rules.check_territories(form, scope, communes, today)
    rules.check_end(form, draft.ends_on, today)
    if form.about is not None and draft.person is None:
        raise Refused(now_("Dites qui cet acte concerne."))
    person = None
    if draft.person is not None:
        email, given, family = draft.person
        person = accounts.add_person(by=by, email=email, given_name=given, family_name=family)
    said = rules.words(form, scope, act.council, person, draft.values, communes, draft.ends_on)
    members = Membership.objects.none()
    if act.council is not None:
        members = Membership.objects.filter(body__council=act.council, body__kind__in=Body.MAIN).current()
    act.text = wording(form, said, draft.values, rules.member_lines(members.select_related("person", "organisation")))
    act.title, act.ends_on, act.person = form.title.format(**said)[:300], draft.ends_on, person
    act.values = {**draft.values, "communes": [commune.pk for commune in communes]} if communes else dict(draft.values)
    act.submitted_at, act.created_at, act.prepared_by = None, timezone.now(), by.person
    act.save()
    answered = {line.label: line for line in act.consultations.exclude(answered_on=None, asked_on=None)}
    act.consultations.all().delete()
    act.signatures.all().delete()
    parties = [scope.territory, *communes] if scope.kind == Scope.Kind.COMMUNE and scope.territory else communes
    ActConsultation.objects.bulk_create(
        _consultation(act, rank, label, part, answered.get(label))
        for rank, (part, label, _place) in enumerate(_lines(form.consulted, parties), start=1)
    )
    ActSignature.objects.bulk_create(
        ActSignature(
            act=act, rank=rank, capacity=label, personal=part.personal, scope=_scope_of(place) if place else scope
        )
        for rank, (part, label, place) in enumerate(_lines(form.signatories, parties), start=1)
    )


def _lines(parts: Sequence[Part], parties: Sequence[Territory]) -> list[tuple[Part, str, Territory | None]]:
    """A line a part, or a line a commune for those that are of each."""
    lines: list[tuple[Part, str, Territory | None]] = []
    for part in parts:
        if part.of == "communes":
            lines += [(part, part.label.format(commune=place.name)[:200], place) for place in parties]
        else:
            lines.append((part, part.label, None))
    return lines


def _consultation(act: Act, rank: int, label: str, part: Part, known: ActConsultation | None) -> ActConsultation:
    """A line of the form; an opinion already given is kept."""
    line = ActConsultation(act=act, rank=rank, label=label, required=part.required)
    if known is not None:
        line.asked_on, line.answered_on = known.asked_on, known.answered_on
        line.opinion, line.reference = known.opinion, known.reference
    return line


def _scope_of(place: Territory) -> Scope:
    """The commune's scope, made when it is the first time that one is needed."""
    return Scope.objects.get_or_create(kind=Scope.Kind.COMMUNE, territory=place, defaults={"label": place.name[:200]})[
        0
    ]


@action(_("Avis sur un acte noté"))
def record_opinion(
    *, line: ActConsultation, asked_on: date | None, answered_on: date | None, opinion: str, reference: str, by: Actor
) -> ActConsultation:
    """Note when an opinion was asked and what it was."""
    act = _locked(line.act)
    rules.check_can_change(act, by)
    line.asked_on, line.answered_on, line.opinion, line.reference = asked_on, answered_on, opinion, reference
    line.save(update_fields=["asked_on", "answered_on", "opinion", "reference"])
    audit.record(by=by, scope=act.trail, subject=act, rank=line.rank, opinion=opinion)
    return line


@action(_("Acte transmis à la signature"))
def submit(*, act: Act, seen: str, by: Actor) -> Act:
    """Put the act among those that await its signatories, who find it in their day."""
    act = _locked(act)
    rules.check_can_submit(act, by)
    rules.check_same_text(act, seen)
    act.submitted_at = timezone.now()
    act.save(update_fields=["submitted_at"])
    audit.record(by=by, scope=act.trail, subject=act)
    return act


@action(_("Projet d’acte retiré"))
def remove(*, act: Act, by: Actor) -> None:
    """Remove an act that nobody has signed."""
    act = _locked(act)
    rules.check_can_rewrite(act, by)
    audit.record(by=by, scope=act.trail, subject=act, kind=act.kind)
    act.delete()


@action(_("Signature d’un acte déclarée"))
def declare_signature(
    *, signature: ActSignature, seen: str, name: str, signed_on: date, by: Actor, reference: str = "",
    in_force_from: date | None = None,
) -> Act:  # fmt: skip
    """Record a signature given on paper. With the last one the act is signed: it opens what it opens, and closes what
    it replaces; the database then refuses any change.

    `seen` is the digest of the text that was shown. Raises Stale when it was prepared again since, or already signed.
    """
    act = _locked(signature.act)
    signature = act.signatures.get(pk=signature.pk)
    rules.check_can_declare(act, signature, by)
    rules.check_same_text(act, seen)
    others = list(act.signatures.exclude(pk=signature.pk))
    last = all(other.signed_on for other in others)
    if last and in_force_from is None:
        in_force_from = max([signed_on, *(other.signed_on for other in others if other.signed_on)])
    rules.check_signature_day(act, signature, signed_on, in_force_from if last else None)
    signature.name, signature.signed_on = name, signed_on
    signature.recorded_by, signature.recorded_at = by.person, timezone.now()
    signature.save(update_fields=["name", "signed_on", "recorded_by", "recorded_at"])
    if last:
        act.signed_on = max([signed_on, *(other.signed_on for other in others if other.signed_on)])
        names = [other.name for other in sorted([*others, signature], key=lambda row: row.rank)]
        act.signed_by = ", ".join(names) if len(names) < 4 else now_("%(count)d signataires") % {"count": len(names)}
        act.signed_by, act.reference, act.in_force_from = act.signed_by[:160], reference, in_force_from
        act.submitted_at = act.submitted_at or timezone.now()
        act.mandate = _mandate_opened(act, by)
        act.save()
        _close_replaced(act)
    audit.record(by=by, scope=act.trail, subject=act, rank=signature.rank, signed_on=signed_on, complete=last)
    return act


def _mandate_opened(act: Act, by: Actor) -> Mandate | None:
    """The mandate that a delegation opens, or that a letter of assignment founds: the person's own, else a new one."""
    if act.person is None or act.in_force_from is None:
        return None
    form = form_named(act.form, act.in_force_from)
    person, title = act.person, f"{form.label} {act.reference}".strip()[:200]
    known = {"email": person.email, "given_name": person.given_name, "family_name": person.family_name}
    if act.kind == Act.Kind.DELEGATION:
        return accounts.delegate(
            by=by, **known, valid_from=act.in_force_from, valid_to=act.ends_on, act=title,
            allows=form.abilities(act.values),
        )  # fmt: skip
    if act.kind == Act.Kind.ASSIGNMENT and act.council is not None:
        held = Mandate.objects.current().filter(person=person, role="coordinator", scope_id=act.council.scope_id)
        return held.order_by("pk").first() or accounts.invite(
            by=by, **known, role="coordinator", scope=act.council.scope, valid_from=act.in_force_from,
            valid_to=act.ends_on, act=title,
        )  # fmt: skip
    return None


def _close_replaced(act: Act) -> None:
    """The act in force that this one replaces ends the day before, never before it was signed."""
    replaces = form_named(act.form, act.signed_on or timezone.localdate()).replaces
    if not replaces or act.in_force_from is None:
        return
    earlier = Act.objects.filter(
        scope=act.scope, council=act.council, kind=act.kind, signed_on__isnull=False, ended_on=None
    ).exclude(pk=act.pk)
    if replaces == "person":
        earlier = earlier.filter(person=act.person)
    for other in earlier.select_for_update():
        other.ended_on = max(act.in_force_from - DAY, other.signed_on)
        other.end_reason = now_("Remplacé : %(reference)s") % {"reference": act.reference or act.title[:80]}
        other.save(update_fields=["ended_on", "end_reason"])


@action(_("Exemplaire signé déposé"))
def keep_copy(*, act: Act, content: bytes, name: str, content_type: str, by: Actor) -> Upload:
    """Keep the copy of a signed act: a file that was already checked (core.uploads), once."""
    act = _locked(act)
    rules.check_can_keep_copy(act, by)
    upload = Upload.objects.create(
        council=act.council, name=name, content_type=content_type, size=len(content), shared=False,
        sha256=hashlib.sha256(content).hexdigest(), added_by=by.person,
    )  # fmt: skip
    act.scan = upload
    act.save(update_fields=["scan"])
    # Written last: a row without its file would be worse than a file that no row names.
    default_storage.save(place_of(upload), ContentFile(content))
    audit.record(by=by, scope=act.trail, subject=act, size=upload.size)
    return upload


@action(_("Fin d’un acte déclarée"))
def end(*, act: Act, on: date, reason: str, by: Actor) -> Act:
    """Report or end a signed act: `on` is its last day. The mandate that it founds ends with it, at once from today."""
    act = _locked(act)
    rules.check_can_end(act, by)
    rules.check_last_day(act, on)
    mandate = act.mandate
    if mandate is not None and mandate.state != Mandate.State.ENDED and not _founded_otherwise(act):
        if on <= timezone.localdate() or on < mandate.valid_from:
            accounts.withdraw_mandate(by=by, mandate=mandate)
        elif mandate.valid_to is None or on < mandate.valid_to:
            accounts.end_mandate(by=by, mandate=mandate, last_day=on)
    act.ended_on, act.end_reason = on, reason
    act.save(update_fields=["ended_on", "end_reason"])
    audit.record(by=by, scope=act.trail, subject=act, on=on)
    return act


def _founded_otherwise(act: Act) -> bool:
    """Whether another act in force founds the same mandate: a letter that replaced this one."""
    return Act.objects.filter(mandate=act.mandate, ended_on=None).exclude(pk=act.pk).exists()
