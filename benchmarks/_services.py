"""Fills a database of France with invented services, as many as asked: `python -m benchmarks._services 100000`, or some
of its départements, as densely as France: `python -m benchmarks._services 100000 42 43`.

Somebody coordinates Saint-Étienne in it, so that a page of who is signed in can be measured beside those of nobody.
"""

import os
import random
import sys
from collections.abc import Sequence
from datetime import date
from types import SimpleNamespace


def main(count: int, departements: Sequence[str] = ()) -> None:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "prevenance.config.settings"
    django.setup()
    from django.db import connection, transaction

    from prevenance.domains.accounts.models import Mandate, Person, Scope
    from prevenance.domains.pages.seeds import directory, people
    from prevenance.domains.pages.seeds.loading import Loader
    from prevenance.domains.territories.models import Territory

    with transaction.atomic():
        names = {"given_name": "M", "family_name": "Esure"}
        author, new = Person.objects.get_or_create(email="coordinator@demonstration.invalid", defaults=names)
        if new:  # else it is the demonstration's, with its mandates
            town = Territory.objects.get(kind="commune", code="42218")
            scope = Scope.objects.create(kind="commune", territory=town, label=town.name)
            told = {"role": "coordinator", "valid_from": date(2026, 1, 1), "act": "Essai"}
            Mandate.objects.create(person=author, scope=scope, **told)
        loader = Loader(date(2026, 11, 28), random.Random(1))
        writing = SimpleNamespace(loader=loader, last=author.pk)
        every = people.places("t.kind = 'commune'")
        places = [place for place in every if place.code[:2] in departements] if departements else every
        directory.write_nation(writing, places, round(count * len(places) / len(every)))  # type: ignore[arg-type]
        loader.finish()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
