"""Queries put together once (ADR 0009): what part of a query's time was writing it, and what is left of it.

Each composed function is asked one thing of the demonstration, three ways in turn: by Django each time, put together
beforehand, and by the driver alone with the same text and values.
"""

import os
import subprocess
import sys
import time

from benchmarks._measuring import Report, interleaved, machine
from prevenance.config import postgres
from tests import database

ROUNDS, MOST = 30, 0.7
HERE = "--here"  # the process that measures, on the copy


def main():
    with postgres.running(), database.copy_of(database.demonstration()) as name:
        return subprocess.run(
            [sys.executable, __file__, HERE], env=os.environ | database.environment(name), check=False
        ).returncode


def measure():
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "prevenance.config.settings")
    django.setup()
    from django.db import connection

    from prevenance.core.composed import text_of
    from prevenance.core.row_security import act_as
    from tests.house.composed_samples import SAMPLES, WHO, World
    from tests.house.walk import composed_queries
    from tests.seeded import invented

    who, world, queries = invented("coordinator"), World(), composed_queries()
    act_as(who.mandate_id)
    asked = []
    for name, samples in SAMPLES.items():
        values, options = samples(world)[0]
        values = [who if value is WHO else value for value in values]
        kept, _values = queries[name].ready(*values, **options)
        if kept is not None:
            asked.append((queries[name], values, options, *text_of(queries[name].uncomposed(*values, **options))[1:]))

    def timed(one):
        def measured():
            start = time.perf_counter()
            for query in asked:
                one(*query)
            return [time.perf_counter() - start]

        return measured

    def by_the_driver(_query, _values, _options, sql, parameters):
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            cursor.fetchall()

    def put_together(query, values, options, *_text):
        query.kept.cache_clear()
        query.ready(*values, **options)

    django_, written, ready, driver, first = interleaved(
        ROUNDS,
        timed(lambda query, values, options, *_text: list(query.uncomposed(*values, **options))),
        timed(lambda query, values, options, *_text: text_of(query.uncomposed(*values, **options))),
        timed(lambda query, values, options, *_text: query(*values, **options)),
        timed(by_the_driver),
        timed(put_together),
    )
    report = Report()
    report.title(f"{len(asked)} requêtes composées, chacune une fois, sur la démonstration — {machine()}")
    report.fact("écrire la requête, part du temps de Django", f"{written / django_:.2f}")
    report.promise("composée / écrite chaque fois par Django", ready / django_, MOST)
    report.fact("écrite chaque fois / même texte par le pilote seul", f"{django_ / driver:.2f} ×")
    report.fact("composée / même texte par le pilote seul", f"{ready / driver:.2f} ×")
    report.fact("composer et comparer, la première fois / écrire une fois", f"{first / written:.2f} ×")
    report.fact("une requête écrite chaque fois", f"{django_ / len(asked) * 1000:.2f} ms")
    report.fact("une requête composée", f"{ready / len(asked) * 1000:.2f} ms")
    return report.end()


if __name__ == "__main__":
    sys.exit(measure() if HERE in sys.argv else main())
