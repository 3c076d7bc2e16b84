"""Runs the waiting jobs in the test's own transaction, as the worker would one after the other."""

from procrastinate.contrib.django.models import ProcrastinateJob

from prevenance.domains.governance import jobs

TASKS = {
    "governance.send_convocations": jobs.send_convocations,
    "governance.write_to_alternate": jobs.write_to_alternate,
    "governance.send_reminder": jobs.send_reminder,
    "governance.ask_signature": jobs.ask_signature,
}
_done: set[int] = set()


def waiting():
    """Jobs of ours that wait, oldest first."""
    return [job for job in ProcrastinateJob.objects.filter(status="todo").order_by("id") if job.task_name in TASKS]


def run_jobs(again=False):
    """Run each job once, or once more. How many ran."""
    ran = 0
    for job in waiting():
        if again or job.id not in _done:
            _done.add(job.id)
            TASKS[job.task_name].func(**job.args)
            ran += 1
    return ran
