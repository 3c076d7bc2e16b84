"""The demonstration's own plans, where a journey makes others."""

import psycopg

from tests import database


def plans_are_over(server):
    """The plans of the town and of the département ended long ago: the places are free for others."""
    with psycopg.connect(database.url("owner", server.database)) as owner:
        done = owner.execute(
            "UPDATE strategy_plan SET ended_on = in_force_from WHERE kind IN ('departement', 'local_strategy')"
        )
        assert done.rowcount == 2
