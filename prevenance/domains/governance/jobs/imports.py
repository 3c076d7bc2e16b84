"""Tables brought in do not stay."""

from procrastinate.contrib.django import app

from prevenance.domains.governance.actions.imports import purge_imports


@app.periodic(cron="35 2 * * *")
@app.task(queueing_lock="purge_imports")
def purge_old_imports(timestamp: int) -> None:
    """Erase the tables kept longer than their retention, imported or not."""
    purge_imports()
