"""Count the coverage of the nation: begin, write some départements, end, take up again."""

from collections.abc import Collection

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.directory.models import CoverageRun, DepartementCoverage
from prevenance.domains.directory.rules import nation as rules
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.territories.models import Territory

State = CoverageRun.State


@action(_("Compte national de la couverture demandé"))
def ask_coverage_count(*, by: Actor) -> CoverageRun:
    """At once rather than this night. Raises Refused when nothing is new, or it was counted today."""
    today = timezone.localdate()
    state = rules.state_of(today)
    rules.check_can_ask_count(state, today, by)
    run = _begun(state)
    audit.record(by=by, subject=run)
    return run


@action(_("Compte national de la couverture commencé"))
def begin_coverage_count(*, by: audit.Identity = audit.MACHINE) -> CoverageRun:
    """Raises Refused when nothing is new."""
    today = timezone.localdate()
    state = rules.state_of(today)
    rules.check_can_count(state, today)
    run = _begun(state)
    audit.record(by=by, scope="platform", subject=run)
    return run


@action(_("Couverture de départements comptée"))
def count_departements(
    *, run: CoverageRun, departements: Collection[Territory], by: audit.Identity = audit.MACHINE
) -> CoverageRun:
    """Write what is found of these in the place of what was there. Raises Stale when the run has ended."""
    # What computes takes a second to load: commands and workers that count nothing do not wait for it.
    from prevenance.domains.directory.analysis.nation import counted

    held = _held(run)
    done = set(held.lines.values_list("departement_id", flat=True).distinct())
    todo = [one for one in departements if one.pk not in done]
    for departement in todo:
        lines = list(counted(departement, held))
        DepartementCoverage.objects.filter(departement=departement).delete()
        DepartementCoverage.objects.bulk_create(lines)
    held.done, held.beat_at = len(done) + len(todo), timezone.now()
    held.save(update_fields=["done", "beat_at"])
    audit.record(by=by, scope="platform", subject=held, done=held.done)
    return held


@action(_("Compte national de la couverture terminé"))
def finish_coverage_count(*, run: CoverageRun, by: audit.Identity = audit.MACHINE) -> None:
    """Forget earlier counts, and départements that are no more."""
    held = _held(run)
    held.state, held.ended_at = State.DONE, timezone.now()
    held.save(update_fields=["state", "ended_at"])
    DepartementCoverage.objects.exclude(run=held).delete()
    CoverageRun.objects.exclude(pk=held.pk).delete()
    audit.record(by=by, scope="platform", subject=held, done=held.done)


@action(_("Compte national de la couverture repris"))
def resume_coverage_count(*, run: CoverageRun, by: audit.Identity = audit.MACHINE) -> bool:
    """Leave it to another job when the one that did it gives no sign; give it up after several. Whether it goes on."""
    from prevenance.domains.directory import jobs

    now = timezone.now()
    found = CoverageRun.objects.select_for_update(skip_locked=True).filter(
        pk=run.pk, state=State.RUNNING, beat_at__lt=rules.stopped_since(now)
    )
    row = found.first()
    goes_on = row is not None and row.resumed < rules.MOST_RESUMED
    if row is not None and goes_on:
        found.update(beat_at=now, resumed=F("resumed") + 1)
        jobs.count_coverage.defer(run=row.pk)
    elif row is not None:
        found.update(state=State.STOPPED, ended_at=now)
    audit.record(by=by, scope="platform", subject=run, goes_on=goes_on)
    return goes_on


def _begun(state: str) -> CoverageRun:
    from prevenance.domains.directory import jobs

    try:
        with transaction.atomic():
            run = CoverageRun.objects.create(
                day=timezone.localdate(), state_counted=state, total=len(rules.departements())
            )
    except IntegrityError as error:  # another began at the same time
        raise Refused(rules.going_on()) from error
    jobs.count_coverage.defer(run=run.pk)
    return run


def _held(run: CoverageRun) -> CoverageRun:
    found = CoverageRun.objects.select_for_update().filter(pk=run.pk, state=State.RUNNING).first()
    if found is None:
        raise Stale(_now("Ce compte est terminé ou interrompu."))
    return found
