"""Rulebooks and charters: written, proposed, adopted, signed by each member, taken back."""

from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import app

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import ANYBODY, Actor
from prevenance.domains.accounts.models import Person
from prevenance.domains.governance.analysis.rulebooks import unsigned_people
from prevenance.domains.governance.models import Body, Meeting, Rulebook, Signature, SignatureReminder
from prevenance.domains.governance.rules import rulebooks as rules
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.governance.rules.meetings import Changed, day_of

State = Rulebook.State


def _locked(rulebook: Rulebook) -> Rulebook:
    """The text as it is now, held until the transaction ends: two clicks come one after the other."""
    rows = Rulebook.objects.select_for_update(of=("self",))
    return rows.select_related("body__council__scope", "adopted_in").get(pk=rulebook.pk)


@action(_("Projet de règlement ou de charte ouvert"))
def draft(*, body: Body, kind: str, by: Actor) -> Rulebook:
    """The next version: from the one in force, else from the model text. Raises Stale when one is on its way."""
    body = Body.objects.select_for_update(of=("self",)).select_related("council__scope").get(pk=body.pk)
    rules.check_can_draft(body, kind, by)
    versions = Rulebook.objects.filter(body=body, kind=kind)
    before = versions.filter(state=State.ADOPTED).first()
    rulebook = Rulebook.objects.create(
        body=body,
        kind=kind,
        version=(versions.aggregate(last=Max("version"))["last"] or 0) + 1,
        text=before.text if before else rules.model_text(body, kind, timezone.localdate()),
        quorum_numerator=before.quorum_numerator if before else None,
        quorum_denominator=before.quorum_denominator if before else None,
        quorum_strict=before.quorum_strict if before else False,
        created_by=by.person,
    )
    audit.record(by=by, scope=body.council.scope_id, subject=rulebook, kind=kind, version=rulebook.version)
    return rulebook


@action(_("Projet de règlement ou de charte enregistré"))
def write(
    *, rulebook: Rulebook, edit: int, text: str, change_note: str, quorum: tuple[int, int, bool] | None, by: Actor
) -> Rulebook:
    """Save the draft. Raises Changed, saving nothing, when it was saved elsewhere since `edit`."""
    rulebook = _locked(rulebook)
    rules.check_can_write(rulebook, by)
    if rulebook.edit != edit:
        raise Changed(text=rulebook.text, change_note=rulebook.change_note, edit=rulebook.edit)
    numerator, denominator, strict = quorum or (None, None, False)
    rulebook.text, rulebook.change_note = text, change_note
    rulebook.quorum_numerator, rulebook.quorum_denominator, rulebook.quorum_strict = numerator, denominator, strict
    rulebook.edit += 1
    rulebook.save()
    audit.record(by=by, scope=rulebook.body.council.scope_id, subject=rulebook, edit=rulebook.edit)
    return rulebook


@action(_("Projet de règlement ou de charte abandonné"))
def discard(*, rulebook: Rulebook, by: Actor) -> None:
    rulebook = _locked(rulebook)
    rules.check_can_write(rulebook, by)
    audit.record(by=by, scope=rulebook.body.council.scope_id, subject=rulebook, version=rulebook.version)
    rulebook.delete()


@action(_("Règlement ou charte proposé"))
def propose(*, rulebook: Rulebook, edit: int, on: date, by: Actor) -> Rulebook:
    """The body proposed this text on a day; from then on the database refuses any change of it.

    Raises Stale when it was saved again since `edit` was shown.
    """
    rulebook = _locked(rulebook)
    rules.check_can_propose(rulebook, by)
    if rulebook.edit != edit:
        raise Stale(_now("Le texte a été enregistré à nouveau depuis cet affichage : relisez-le avant de le proposer."))
    if on > timezone.localdate():
        raise Refused(_now("Cette date est à venir : déclarez la proposition une fois qu’elle a eu lieu."))
    rulebook.state, rulebook.proposed_on = State.PROPOSED, on
    rulebook.digest = rulebook.computed_digest()
    rulebook.save(update_fields=["state", "proposed_on", "digest"])
    audit.record(by=by, scope=rulebook.body.council.scope_id, subject=rulebook, version=rulebook.version, on=on)
    return rulebook


@action(_("Règlement ou charte adopté"))
def adopt(*, rulebook: Rulebook, meeting: Meeting, by: Actor) -> int:
    """The council adopted this text in a meeting; it takes the place of the former one, and members are asked to sign.

    How many members will receive a mail.
    """
    # The former version first, so that two adoptions wait for each other in one order.
    former = Rulebook.objects.select_for_update().filter(body=rulebook.body_id, kind=rulebook.kind, state=State.ADOPTED)
    former = former.exclude(pk=rulebook.pk).first()
    rulebook = _locked(rulebook)
    rules.check_can_adopt(rulebook, by)
    rules.check_adopted_in(rulebook, meeting)
    day = day_of(meeting)
    if former is not None:
        former.state, former.ended_on = State.REPLACED, day
        former.save(update_fields=["state", "ended_on"])
    rulebook.state, rulebook.adopted_in, rulebook.adopted_on = State.ADOPTED, meeting, day
    rulebook.save(update_fields=["state", "adopted_in", "adopted_on"])
    asked = _ask(rulebook)
    audit.record(
        by=by, scope=rulebook.body.council.scope_id, subject=rulebook, version=rulebook.version, on=day, mails=asked
    )
    return asked


@action(_("Règlement ou charte retiré"))
def withdraw(*, rulebook: Rulebook, on: date, by: Actor) -> Rulebook:
    """A proposal is not adopted, or a text in force ends without another."""
    rulebook = _locked(rulebook)
    rules.check_can_withdraw(rulebook, by)
    rules.check_withdrawn_on(rulebook, on)
    rulebook.state, rulebook.ended_on = State.WITHDRAWN, on
    rulebook.save(update_fields=["state", "ended_on"])
    audit.record(by=by, scope=rulebook.body.council.scope_id, subject=rulebook, version=rulebook.version, on=on)
    return rulebook


@action(_("Règlement ou charte signé"))
def sign(*, rulebook: Rulebook, seen: str, by: Actor) -> Signature:
    """The actor's own signature, of the text whose digest was on the screen. A second click raises Stale."""
    rulebook = _locked(rulebook)
    rules.check_can_sign(rulebook, by)
    rules.check_seen(rulebook, seen)
    return _add(rulebook, by, withdrawn=False)


@action(_("Signature d’un règlement ou d’une charte retirée"))
def take_back(*, rulebook: Rulebook, by: Actor) -> Signature:
    """The actor's own signature no longer binds; both rows stay."""
    rulebook = _locked(rulebook)
    rules.check_can_take_back(rulebook, by)
    return _add(rulebook, by, withdrawn=True)


def _add(rulebook: Rulebook, by: Actor, *, withdrawn: bool) -> Signature:
    seat = rules.seat_of(rulebook, by)
    assert seat is not None  # the rule said so
    last = rules.last_signature(rulebook, seat)
    try:
        with transaction.atomic():
            signature = Signature.objects.create(
                rulebook=rulebook,
                membership=seat,
                person=by.person,
                rank=last.rank + 1 if last else 1,
                withdrawn=withdrawn,
                digest=rulebook.digest,
            )
    except IntegrityError as error:
        raise Stale(_now("C’est déjà fait.")) from error
    audit.record(by=by, scope=rulebook.body.council.scope_id, subject=rulebook, seat=seat.pk, rank=signature.rank)
    return signature


@action(_("Signatures demandées"))
def ask_signatures(*, rulebook: Rulebook, by: Actor) -> int:
    """Write to those who have not signed. Who was written to this week is left alone: the mail's job sees to it.

    How many may receive a mail.
    """
    rulebook = _locked(rulebook)
    rules.check_can_ask_signatures(rulebook, by)
    asked = _ask(rulebook)
    audit.record(by=by, scope=rulebook.body.council.scope_id, subject=rulebook, mails=asked)
    return asked


def _ask(rulebook: Rulebook) -> int:
    """One job a person who has to sign, in this transaction: nothing leaves unless it commits."""
    people = unsigned_people([rulebook])
    if people:
        app.configure_task("governance.ask_signature").batch_defer(*({"person": person} for person in people))
    return len(people)


@action(_("Demande de signature envoyée"))
def record_request(*, person: Person, week: date, texts: int, by: Actor = ANYBODY) -> SignatureReminder:
    """One a week a person, which the database holds: Refused, and nothing is sent, when it was done already.

    Called by the job, in the transaction that sends the mail.
    """
    try:
        with transaction.atomic():
            reminder = SignatureReminder.objects.create(person=person, week=week)
    except IntegrityError as error:
        raise Refused(_now("Cette personne a déjà reçu sa demande de la semaine.")) from error
    audit.record(by=by, scope="platform", subject=person, week=week, texts=texts)
    return reminder
