"""What hangs on an action sheet: steps, sites, resources, budget, documents, sessions of prevention."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any, TypeVar

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Person
from prevenance.domains.governance.actions.uploads import add_upload
from prevenance.domains.governance.models import Upload
from prevenance.domains.governance.rules.confidential import check_names_nobody
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.strategy.models import (
    BudgetLine,
    PreventionSession,
    Sheet,
    SheetResource,
    SheetSite,
    SheetStep,
)
from prevenance.domains.strategy.rules import sheet_parts as part_rules
from prevenance.domains.strategy.rules import sheets as rules
from prevenance.domains.territories.models import Territory

Part = TypeVar("Part", SheetStep, SheetSite, SheetResource, BudgetLine, PreventionSession)

# ------------------------------------------------------------------------------------------------------- steps


@action(_("Étape ajoutée à une fiche action"))
def add_step(
    *, sheet: Sheet, label: str, by: Actor, due_on: date | None = None, owner: Person | None = None
) -> SheetStep:
    """The last step of the sheet. Raises Stale when the same one waits there already."""
    sheet = _open(sheet, by, label)
    rules.check_can_ask(sheet.plan, owner, by)
    if SheetStep.objects.filter(sheet=sheet, label=label, due_on=due_on, done_on=None).exists():
        raise Stale(_now("Cette étape est déjà inscrite."))
    last = SheetStep.objects.filter(sheet=sheet).aggregate(last=Max("position"))["last"] or 0
    step = SheetStep(sheet=sheet, position=last + 1, label=label, due_on=due_on, owner=owner)
    return _kept(sheet, step, by)


@action(_("Étape d’une fiche action modifiée"))
def edit_step(
    *, step: SheetStep, label: str, seen: int, by: Actor, due_on: date | None = None, owner: Person | None = None
) -> SheetStep:
    sheet, step = _found(step, by, label, seen=seen)
    rules.check_can_ask(sheet.plan, owner, by, step.owner_id)
    step.label, step.due_on, step.owner = label, due_on, owner
    return _kept(sheet, step, by)


@action(_("Étape d’une fiche action faite"))
def finish_step(*, step: SheetStep, by: Actor, on: date | None = None) -> SheetStep:
    """Done on a day, today unless told otherwise. Raises Stale when it is done already."""
    sheet, step = _found(step, by)
    if step.done_on is not None:
        raise Stale(_now("Cette étape est déjà faite."))
    day = on or timezone.localdate()
    if day > timezone.localdate():
        raise Refused(_now("Cette date est à venir : une étape est faite un jour passé, ou aujourd’hui."))
    step.done_on = day
    return _kept(sheet, step, by)


@action(_("Étape d’une fiche action à refaire"))
def reopen_step(*, step: SheetStep, by: Actor) -> SheetStep:
    sheet, step = _found(step, by)
    if step.done_on is None:
        raise Stale(_now("Cette étape n’est plus notée comme faite."))
    step.done_on = None
    return _kept(sheet, step, by)


@action(_("Étapes d’une fiche action réordonnées"))
def move_step(*, step: SheetStep, up: bool, by: Actor) -> SheetStep:
    """Exchange a step with the one above or below; at the edge nothing changes, and it is refused."""
    sheet, step = _found(step, by)
    steps = list(SheetStep.objects.filter(sheet=sheet).order_by("position", "pk"))
    place = steps.index(step)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(steps):
        raise Stale(_now("Cette étape est déjà à cette place."))
    steps[place], steps[other] = steps[other], steps[place]
    for position, one in enumerate(steps, 1):
        one.position = position
    SheetStep.objects.bulk_update(steps, ["position"])
    _touch(sheet)
    audit.record(by=by, scope=sheet.plan.trail, subject=step, sheet=sheet.pk, up=up)
    return step


@action(_("Étape retirée d’une fiche action"))
def remove_step(*, step: SheetStep, by: Actor) -> None:
    _remove(step, by)


# ------------------------------------------------------------------------------------------------------- sites


@action(_("Lieu ajouté à une fiche action"))
def add_site(
    *, sheet: Sheet, territory: Territory, by: Actor, label: str = "", longitude: float | None = None,
    latitude: float | None = None,
) -> SheetSite:  # fmt: skip
    """A commune, or a point of it."""
    sheet = _open(sheet, by, label)
    part_rules.check_can_place(sheet.plan, territory, longitude, latitude)
    if SheetSite.objects.filter(sheet=sheet, territory=territory, label=label).exists():
        raise Stale(_now("Ce lieu est déjà inscrit."))
    site = SheetSite(sheet=sheet, territory=territory, label=label, longitude=longitude, latitude=latitude)
    return _kept(sheet, site, by)


@action(_("Lieu d’une fiche action modifié"))
def edit_site(
    *, site: SheetSite, territory: Territory, seen: int, by: Actor, label: str = "", longitude: float | None = None,
    latitude: float | None = None,
) -> SheetSite:  # fmt: skip
    sheet, site = _found(site, by, label, seen=seen)
    part_rules.check_can_place(sheet.plan, territory, longitude, latitude)
    site.territory, site.label, site.longitude, site.latitude = territory, label, longitude, latitude
    return _kept(sheet, site, by)


@action(_("Lieu retiré d’une fiche action"))
def remove_site(*, site: SheetSite, by: Actor) -> None:
    _remove(site, by)


# ------------------------------------------------------------------------------------------------------- means, money


@action(_("Moyen ajouté à une fiche action"))
def add_resource(*, sheet: Sheet, values: dict[str, Any], by: Actor) -> SheetResource:
    """`values`: kind (SheetResource.Kind), label, quantity and unit."""
    sheet = _open(sheet, by, values["label"])
    if SheetResource.objects.filter(sheet=sheet, **values).exists():
        raise Stale(_now("Ce moyen est déjà inscrit."))
    return _kept(sheet, SheetResource(sheet=sheet, **values), by)


@action(_("Moyen d’une fiche action modifié"))
def edit_resource(*, resource: SheetResource, values: dict[str, Any], seen: int, by: Actor) -> SheetResource:
    return _edit(resource, values, seen, by)


@action(_("Moyen retiré d’une fiche action"))
def remove_resource(*, resource: SheetResource, by: Actor) -> None:
    _remove(resource, by)


@action(_("Ligne de budget ajoutée à une fiche action"))
def add_line(*, sheet: Sheet, values: dict[str, Any], by: Actor) -> BudgetLine:
    """`values`: year, side (BudgetLine.Side), label, planned and actual euros."""
    sheet = _open(sheet, by, values["label"])
    same = {name: values[name] for name in ("year", "side", "label")}
    if BudgetLine.objects.filter(sheet=sheet, **same).exists():
        raise Stale(_now("Cette ligne de budget est déjà inscrite : modifiez-la."))
    return _kept(sheet, BudgetLine(sheet=sheet, **values), by)


@action(_("Ligne de budget d’une fiche action modifiée"))
def edit_line(*, line: BudgetLine, values: dict[str, Any], seen: int, by: Actor) -> BudgetLine:
    return _edit(line, values, seen, by)


@action(_("Ligne de budget retirée d’une fiche action"))
def remove_line(*, line: BudgetLine, by: Actor) -> None:
    _remove(line, by)


# ------------------------------------------------------------------------------------------------------- sessions


@action(_("Séance de prévention inscrite"))
def add_session(*, sheet: Sheet, values: dict[str, Any], by: Actor) -> PreventionSession:
    """Who came is counted, never named. `values` are the fields of PreventionSession."""
    sheet = _open(sheet, by)
    part_rules.check_session(values)
    recent = timezone.now() - timedelta(seconds=30)  # a second click; two classes of a morning may count alike
    same = PreventionSession.objects.filter(sheet=sheet, recorded_by=by.person, recorded_at__gte=recent, **values)
    if same.exists():
        raise Stale(_now("Cette séance vient d’être inscrite : rien n’a été ajouté une seconde fois."))
    return _kept(sheet, PreventionSession(sheet=sheet, recorded_by=by.person, **values), by)


@action(_("Séance de prévention corrigée"))
def edit_session(*, session: PreventionSession, values: dict[str, Any], seen: int, by: Actor) -> PreventionSession:
    part_rules.check_session(values)
    return _edit(session, values, seen, by)


@action(_("Séance de prévention retirée"))
def remove_session(*, session: PreventionSession, by: Actor) -> None:
    _remove(session, by)


# ------------------------------------------------------------------------------------------------------- documents


@action(_("Documents d’une fiche action choisis"))
def choose_documents(*, sheet: Sheet, documents: Collection[Upload], by: Actor) -> Sheet:
    """Documents of the plan's council that the sheet points to: who may read each stays as the council decided."""
    sheet = _open(sheet, by)
    if any(document.council_id != sheet.plan.council_id or document.council_id is None for document in documents):
        raise Refused(_now("Ce document n’est pas du conseil de ce plan."))
    sheet.documents.set(documents)
    _touch(sheet)
    audit.record(by=by, scope=sheet.plan.trail, subject=sheet, documents=len(documents))
    return sheet


@action(_("Document joint à une fiche action"))
def join_document(
    *, sheet: Sheet, content: bytes, name: str, content_type: str, shared: bool, by: Actor
) -> Upload:  # fmt: skip
    """Keep a file that was already checked among the documents of the plan's council, and point to it."""
    sheet = _open(sheet, by)
    part_rules.check_can_join(sheet.plan)
    assert sheet.plan.council is not None
    upload = add_upload(
        council=sheet.plan.council, content=content, name=name, content_type=content_type, shared=shared, by=by
    )
    sheet.documents.add(upload)
    _touch(sheet)
    audit.record(by=by, scope=sheet.plan.trail, subject=sheet, document=upload.pk)
    return upload


# ------------------------------------------------------------------------------------------------------- inside


def _locked(sheet: int) -> Sheet:
    rows = Sheet.objects.select_for_update(of=("self",))
    return rows.select_related("plan__council", "plan__territory", "brought_by", "withdrawn_by").get(pk=sheet)


def _open(sheet: Sheet, by: Actor, *texts: str) -> Sheet:
    """The sheet, locked, that `by` may change; the texts name nobody."""
    sheet = _locked(sheet.pk)
    rules.check_can_change(sheet, by)
    check_names_nobody(*texts)
    return sheet


def _found(part: Part, by: Actor, *texts: str, seen: int | None = None) -> tuple[Sheet, Part]:
    """(sheet, part as it is now). Raises Stale when it was removed, or changed since the form showed it."""
    sheet = _open(Sheet(pk=part.sheet_id), by, *texts)
    now = type(part)._default_manager.filter(pk=part.pk).first()
    if now is None:
        raise Stale(_now("Cette ligne n’est plus là : elle a été retirée."))
    if seen is not None:
        rules.check_fresh(sheet, seen)
    return sheet, now


def _touch(sheet: Sheet) -> None:
    sheet.edit += 1
    sheet.save(update_fields=["edit"])


def _kept(sheet: Sheet, part: Part, by: Actor) -> Part:
    part.save()
    _touch(sheet)
    audit.record(by=by, scope=sheet.plan.trail, subject=part, sheet=sheet.pk)
    return part


def _edit(part: Part, values: dict[str, Any], seen: int, by: Actor) -> Part:
    sheet, part = _found(part, by, str(values.get("label", "")), seen=seen)
    for name, value in values.items():
        setattr(part, name, value)
    return _kept(sheet, part, by)


def _remove(part: Part, by: Actor) -> None:
    sheet, part = _found(part, by)
    _touch(sheet)
    audit.record(by=by, scope=sheet.plan.trail, subject=part, sheet=sheet.pk)
    part.delete()
