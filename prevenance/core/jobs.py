"""What the core does by the clock, and how one asks for what is done by jobs."""

from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from procrastinate import JobContext, builtin_tasks
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from prevenance.core.audit import seals
from prevenance.core.audit.keys import sealing_key
from prevenance.core.audit.verify import stored_heads


@app.periodic(cron="2 * * * *")
@app.task(queueing_lock="seal_audit")
def seal_audit(timestamp: int) -> None:
    """Sign the ends of the chains, every hour. Running twice seals nothing twice."""
    seals.write(Path(settings.SEALS), sealing_key(), stored_heads(), timezone.now())


@app.periodic(cron="20 3 * * *")
@app.task(queueing_lock="make_audit_partitions")
def make_audit_partitions(timestamp: int) -> None:
    """Keep three months of partitions ready."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT core_audit_make_partitions(3)")


@app.periodic(cron="40 3 * * *")
@app.task(queueing_lock="remove_old_jobs", pass_context=True)
async def remove_old_jobs(context: JobContext, timestamp: int) -> None:
    """Forget finished jobs after three days: their arguments are identifiers, and still are traces."""
    await builtin_tasks.remove_old_jobs(
        context, max_hours=72, remove_failed=True, remove_cancelled=True, remove_aborted=True
    )


def run_soon(task: str) -> None:
    """Have a task of this name run once what is being written is kept; one that already waits is enough."""

    def ask() -> None:
        with suppress(AlreadyEnqueued), transaction.atomic():
            app.configure_task(task, queueing_lock=task).defer(timestamp=0)

    transaction.on_commit(ask)
