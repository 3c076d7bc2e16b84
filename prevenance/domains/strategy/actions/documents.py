"""Ask for the file of a plan, note how far it is, erase it once its days have passed."""

from datetime import date

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.strategy.models import Amendment, Plan, PlanDocument
from prevenance.domains.strategy.rules import documents as rules

State = PlanDocument.State


@action(_("Document d’un plan demandé"))
def ask_document(*, plan: Plan, on: date, by: Actor, amendment: Amendment | None = None) -> PlanDocument:
    """The file being made of the same text if there is one, else a new one, left to a job."""
    from prevenance.domains.strategy import jobs

    # A second click waits, then finds the first one's.
    plan = Plan.objects.select_for_update(of=("self",)).select_related("council").get(pk=plan.pk)
    rules.check_can_ask_document(plan, amendment, on, by)
    document = PlanDocument.objects.filter(plan=plan, amendment=amendment, on=on, state=State.WAITING).first()
    if document is None:
        rules.check_not_too_many(plan)
        document = PlanDocument.objects.create(plan=plan, amendment=amendment, on=on, requested_by=by.person)
        jobs.make_plan_document.defer(document=document.pk, person=by.person_id, mandate=by.mandate_id)
    audit.record(by=by, scope=plan.trail, subject=document, on=on)
    return document


@action(_("Document d’un plan avancé"))
def note_pages(*, document: PlanDocument, done: int, total: int, by: audit.Identity) -> None:
    PlanDocument.objects.filter(pk=document.pk, state=State.WAITING).update(done=done, total=total)
    audit.record(by=by, scope=document.plan.trail, subject=document, done=done)


@action(_("Document d’un plan prêt"))
def finish_document(*, document: PlanDocument, content: bytes, sha256: str, pages: int, by: audit.Identity) -> None:
    """Keep the file under a key of ours, outside the web root. Run again, it replaces the earlier one."""
    place = rules.place_of(document)
    if default_storage.exists(place):
        default_storage.delete(place)
    default_storage.save(place, ContentFile(content))
    document.state, document.size, document.sha256 = State.READY, len(content), sha256
    document.done = document.total = pages
    document.finished_at = timezone.now()
    document.save()
    audit.record(by=by, scope=document.plan.trail, subject=document, size=len(content))


@action(_("Document d’un plan interrompu"))
def fail_document(*, document: PlanDocument, by: audit.Identity) -> None:
    PlanDocument.objects.filter(pk=document.pk, state=State.WAITING).update(state=State.FAILED)
    audit.record(by=by, scope=document.plan.trail, subject=document)


@action(_("Document d’un plan effacé"))
def erase_document(*, document: PlanDocument, by: audit.Identity) -> None:
    default_storage.delete(rules.place_of(document))
    document.state = State.ERASED
    document.save(update_fields=["state"])
    audit.record(by=by, scope=document.plan.trail, subject=document)
