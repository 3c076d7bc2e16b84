"""Write an amendment, prepare its act, note that it took effect; or give it up."""

import uuid
from datetime import date

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.core.jobs import run_soon
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Scope
from prevenance.domains.governance.actions import acts
from prevenance.domains.governance.actions.acts import Draft
from prevenance.domains.governance.models import Act
from prevenance.domains.governance.rules.confidential import check_names_nobody
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.strategy.analysis import texts
from prevenance.domains.strategy.models import Amendment, Change, Plan, Provision
from prevenance.domains.strategy.rules import amendments as rules
from prevenance.engines.amending import edits_between, join, split

State = Amendment.State


def _locked(amendment: Amendment) -> Amendment:
    """The amendment as it is now, its act held too: what is being signed is not written at the same moment."""
    rows = Amendment.objects.select_for_update(of=("self",))
    found = rows.select_related("plan__scope", "plan__council", "plan__territory").get(pk=amendment.pk)
    if found.act_id is not None:
        found.act = (
            Act.objects.select_for_update(of=("self",)).select_related("council", "mandate").get(pk=found.act_id)
        )
    return found


def _locked_plan(plan: Plan) -> Plan:
    return Plan.objects.select_for_update(of=("self",)).select_related("scope", "council", "territory").get(pk=plan.pk)


@action(_("Avenant ouvert"))
def open_amendment(*, plan: Plan, title: str, reason: str, by: Actor) -> Amendment:
    """A draft with the next number."""
    plan = _locked_plan(plan)
    rules.check_can_open_amendment(plan, by)
    check_names_nobody(title, reason)
    last = plan.amendments.aggregate(last=Max("number"))["last"] or 0
    amendment = Amendment.objects.create(plan=plan, number=last + 1, title=title, reason=reason, prepared_by=by.person)
    audit.record(by=by, scope=plan.trail, subject=amendment, number=amendment.number)
    return amendment


@action(_("Avenant modifié"))
def edit_amendment(*, amendment: Amendment, title: str, reason: str, seen: int, by: Actor) -> Amendment:
    """Say otherwise what it is and why. Raises Stale when that changed since the form showed it."""
    amendment = _locked(amendment)
    rules.check_can_write(amendment, by)
    if amendment.edit != seen:
        raise Stale(_now("Cet avenant a été modifié ailleurs : vérifiez, puis enregistrez à nouveau."))
    check_names_nobody(title, reason)
    amendment.title, amendment.reason = title, reason
    amendment.edit += 1
    amendment.save()
    audit.record(by=by, scope=amendment.plan.trail, subject=amendment, edit=amendment.edit)
    return amendment


@action(_("Partie d’un plan écrite"))
def write_part(*, amendment: Amendment, part: str, text: str, seen: str, by: Actor) -> int:
    """Make part `part` read `text`, paragraphs parted by blank lines; how many paragraphs the draft now changes there.

    `seen` is the digest of the part that was shown. Raises Stale, writing nothing, when it changed since. The changes
    are computed again on the text in force today, which clears what another amendment had made outdated.
    """
    amendment = _locked(amendment)
    rules.check_can_write(amendment, by)
    rules.check_part(amendment, part)
    current = [row for row in texts.standing(amendment.plan) if row.part == part]
    before = [texts.paragraph_of(row) for row in current]
    changes = Change.objects.filter(amendment=amendment, part=part)
    rules.check_same_text(join(texts.drafted(before, changes)), seen)
    base = {row.anchor: row for row in current}
    edits = edits_between(before, split(text), part, uuid.uuid4)
    check_names_nobody(*(edit.text for edit in edits))
    changes.delete()
    Change.objects.bulk_create(
        Change(
            amendment=amendment, kind=edit.kind, anchor=edit.anchor, part=part, position=edit.position, text=edit.text,
            base=base.get(edit.anchor),
        )
        for edit in edits
    )  # fmt: skip
    audit.record(by=by, scope=amendment.plan.trail, subject=amendment, changes=len(edits))
    return len(edits)


@action(_("Avenant abandonné"))
def drop_amendment(*, amendment: Amendment, by: Actor) -> Amendment:
    """Give up a draft; the project of its act goes with it. Giving up the first text gives up the plan."""
    amendment = _locked(amendment)
    rules.check_can_drop(amendment, by)
    if amendment.act is not None:
        acts.remove(act=amendment.act, by=by)
        amendment.act = None
    amendment.state = State.DROPPED
    amendment.save()
    audit.record(by=by, scope=amendment.plan.trail, subject=amendment, number=amendment.number)
    return amendment


@action(_("Acte d’un plan préparé"))
def prepare_act(*, amendment: Amendment, by: Actor) -> Act:
    """The act that will give it effect, from the form of the plan's kind; it then follows the way of every act."""
    # In the same order as `take_effect`: plan, scope, amendment, act.
    plan = _locked_plan(amendment.plan)
    Scope.objects.select_for_update(of=("self",)).get(pk=plan.scope_id)
    amendment = _locked(amendment)
    rules.check_can_prepare_act(amendment, by)
    plan, form = amendment.plan, rules.form_of(amendment.plan)
    assert form is not None
    title = rules.act_words(amendment)
    act = acts.prepare(key=form.key, scope=plan.scope, council=plan.council, by=by, draft=Draft(values={"plan": title}))
    amendment.act = act
    amendment.save(update_fields=["act"])
    audit.record(by=by, scope=plan.trail, subject=amendment, act=act.pk)
    return act


@action(_("Entrée en vigueur d’un plan ou d’un avenant"))
def take_effect(*, amendment: Amendment, by: Actor, published_as: str = "", on: date | None = None) -> Amendment:
    """Note that it is in force: its act is signed, or it was published where no act of ours makes it.

    `on` is the act's own day unless told otherwise. Raises Refused when one of its paragraphs was changed meanwhile.
    """
    plan = _locked_plan(amendment.plan)
    # Two plans of a kind in a territory do not take effect at the same moment.
    Scope.objects.select_for_update(of=("self",)).get(pk=plan.scope_id)
    amendment = _locked(amendment)
    amendment.plan = plan
    rules.check_can_take_effect(amendment, by)
    day = on or (amendment.act.in_force_from if amendment.act else None) or timezone.localdate()
    rules.check_effect_day(amendment, day, published_as)
    amendment.state, amendment.in_force_from, amendment.published_as = State.IN_FORCE, day, published_as
    changes = list(amendment.changes.all())
    amendment.save()
    # In this order: the database closes a text only by an amendment in force, and keeps one current text an anchor.
    closed = Provision.objects.filter(plan=plan, until=None, anchor__in=[one.anchor for one in changes if one.base_id])
    closed.update(replaced_by=amendment, until=day)
    for sheet in amendment.withdrawn.all():
        words = Provision.objects.filter(plan=plan, until=None, part__startswith=f"sheet:{sheet.number}:")
        words.update(replaced_by=amendment, until=day)
    Provision.objects.bulk_create(
        Provision(
            plan=plan, anchor=change.anchor, part=change.part, position=change.position, text=change.text,
            brought_by=amendment, since=day,
        )
        for change in changes
        if change.kind != Change.Kind.REMOVE
    )  # fmt: skip
    if plan.in_force_from is None:
        plan.in_force_from = day
        plan.save(update_fields=["in_force_from"])
    audit.record(by=by, scope=plan.trail, subject=amendment, on=day, changes=len(changes))
    run_soon("strategy.recount_progress")
    return amendment
