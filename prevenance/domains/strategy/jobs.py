"""What the strategy does later or by the clock. A job carries identifiers, and asks again who acts when it runs."""

import hashlib
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from prevenance.core.audit import MACHINE
from prevenance.core.documents.pdf import render_pdf
from prevenance.core.refusals import Refused
from prevenance.core.row_security import act_as
from prevenance.domains.accounts.acting import actor_of
from prevenance.domains.accounts.models import Person
from prevenance.domains.strategy.actions import documents as document_actions
from prevenance.domains.strategy.actions import imports as import_actions
from prevenance.domains.strategy.actions import totals
from prevenance.domains.strategy.analysis import whole_plan
from prevenance.domains.strategy.analysis.totals import periods_reported
from prevenance.domains.strategy.models import Indicator, PlanDocument
from prevenance.domains.strategy.rules import documents as document_rules

PAGES_A_NOTE = 5  # progress is written each time that many more pages are drawn


# ------------------------------------------------------------------------------------------------ documents


@app.task(name="strategy.make_plan_document", queueing_lock=None)
def make_plan_document(document: int, person: int, mandate: int) -> None:
    """Draw the PDF of a whole plan, noting how far it is. Run again, it starts over and replaces the file."""
    try:
        draw_plan_document(document, person, mandate)
    except Exception:
        with transaction.atomic():
            found = PlanDocument.objects.select_related("plan__council").get(pk=document)
            document_actions.fail_document(document=found, by=MACHINE)
        raise


def draw_plan_document(document: int, person: int, mandate: int) -> None:
    """Read all in one transaction, as the mandate that asked, then draw outside of it."""
    with transaction.atomic():
        actor = actor_of(Person.objects.get(pk=person), mandate)
        act_as(actor.mandate_id)
        links = ("territory", "scope", "council__scope", "parent", "strategy")
        documents = PlanDocument.objects.visible_to(actor)
        documents = documents.select_related("amendment", *(f"plan__{link}" for link in links))
        found = documents.filter(pk=document).first()
        if actor.mandate_id != mandate or found is None:
            raise Refused(_("Le mandat qui a demandé ce document ne lit plus ce plan."))
        plan, amendment = found.plan, found.amendment
        if amendment is not None:
            amendment.plan = plan
        document_rules.check_can_ask_document(plan, amendment, found.on, actor)
        context = whole_plan.whole(plan, found.on, amendment)
        total = whole_plan.pages_expected(context)
        document_actions.note_pages(document=found, done=0, total=total, by=actor)
    drawn = 0

    def note(page: int) -> None:
        nonlocal drawn
        # Pages are laid out again once their count is known: only the first time tells how far it is.
        if page > drawn:
            drawn = page
            if page % PAGES_A_NOTE == 0:
                with transaction.atomic():
                    document_actions.note_pages(
                        document=found, done=min(page, total - 1), total=max(total, page), by=actor
                    )

    content = render_pdf(
        "strategy/plans/document.html", context, title=plan.title, author=plan.scope.label,
        created_at=timezone.localtime(), on_page=note,
    )  # fmt: skip
    with transaction.atomic():
        found.refresh_from_db()
        digest = hashlib.sha256(content).hexdigest()
        document_actions.finish_document(document=found, content=content, sha256=digest, pages=drawn, by=actor)


@app.periodic(cron="45 4 * * *")
@app.task(queueing_lock="strategy.erase_plan_documents", name="strategy.erase_plan_documents")
def erase_plan_documents(timestamp: int) -> None:
    """Each night, erase the files whose days have passed, and give up those that nobody makes any more."""
    for document in document_rules.documents_due(timezone.localdate()):
        with transaction.atomic():
            document_actions.erase_document(document=document, by=MACHINE)
    for document in document_rules.documents_stopped(timezone.now()):
        with transaction.atomic():
            document_actions.fail_document(document=document, by=MACHINE)


# ------------------------------------------------------------------------------------------------ figures


@app.task(name="strategy.roll_up", retry=3)
def roll_up(indicator: int, starts: str = "") -> None:
    """Totals of a period, or of all those that were reported. Safe to run again: what is right is not rewritten."""
    found = Indicator.objects.filter(pk=indicator).first()
    if found is None:
        return
    for start in [date.fromisoformat(starts)] if starts else periods_reported(found):
        totals.roll_up_indicator(indicator=found, starts=start, by=MACHINE)


@app.periodic(cron="20 1 * * *")
@app.task(name="strategy.recount_progress", queueing_lock="strategy.recount_progress")
def recount_progress(timestamp: int = 0) -> None:
    """Each night, since a sheet becomes late and a plan ends by the passing of a day; and whenever a plan takes effect
    or what it follows changes."""
    totals.recount_progress(on=timezone.localdate(), by=MACHINE)
    totals.recount_reporters(on=timezone.localdate(), by=MACHINE)


# ------------------------------------------------------------------------------------------------ tables brought in


@app.periodic(cron="40 2 * * *")
@app.task(queueing_lock="strategy.purge_imports", name="strategy.purge_imports")
def purge_imports(timestamp: int) -> None:
    """Each night, erase the tables brought in that are kept longer than their retention, imported or not."""
    import_actions.purge_imports()
