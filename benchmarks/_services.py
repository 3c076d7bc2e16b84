"""Fills a database of France with invented services, as many as asked: `python -m benchmarks._services 100000`."""

import os
import random
import sys
from datetime import date
from types import SimpleNamespace


def main(count: int) -> None:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "prevenance.config.settings"
    django.setup()
    from django.db import connection, transaction

    from prevenance.domains.accounts.models import Person
    from prevenance.domains.pages.seeds import directory, people
    from prevenance.domains.pages.seeds.loading import Loader

    with transaction.atomic():
        author = Person.objects.create(email="mesure@demonstration.invalid", given_name="M", family_name="Esure")
        loader = Loader(date(2026, 11, 28), random.Random(1))
        writing = SimpleNamespace(loader=loader, last=author.pk)
        directory.write_nation(writing, people.places("t.kind = 'commune'"), count)  # type: ignore[arg-type]
        loader.finish()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


if __name__ == "__main__":
    main(int(sys.argv[1]))
