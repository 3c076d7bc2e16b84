"""What the strategy does by the clock."""

from procrastinate.contrib.django import app

from prevenance.domains.strategy.actions import imports as import_actions


@app.periodic(cron="40 2 * * *")
@app.task(queueing_lock="strategy.purge_imports", name="strategy.purge_imports")
def purge_imports(timestamp: int) -> None:
    """Each night, erase the tables brought in that are kept longer than their retention, imported or not."""
    import_actions.purge_imports()
