"""Territory search over all of France: its time at the server, beside hand-written SQL through the same driver.

Claims: median of what is typed ≤ 50 ms; no sequential scan of a table of territories; search costs less than the
view that answers. The baseline asks the database the same question as one prepared statement, without any object.
"""

import os
import statistics
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "prevenance.config.settings")

from prevenance.config import postgres
from prevenance.config.paths import VAR

NAMES = ["Saint-Étienne", "L’Haÿ-les-Roses", "Ste-Geneviève-des-Bois", "Marseille", "Villeneuve-d’Ascq", "Le Havre"]
CODES = ["42218", "42100", "01144", "2A004", "75110"]
WORDS = ["abergement", "clisson", "grand paris", "portes de romilly", "saint denis 93", "strasbuorg"]
ROUNDS = 5
BY_HAND = """
    WITH first AS (
        SELECT id, kind, code, name, legal_kind, weight, sort_name,
               CASE WHEN search_name = %(w)s THEN 0 ELSE 1 END AS rank
        FROM territories_territory WHERE until IS NULL AND search_name LIKE %(start)s
        ORDER BY rank, weight DESC, sort_name LIMIT 10
    ), later AS (
        SELECT id, kind, code, name, legal_kind, weight, sort_name, 2 AS rank
        FROM territories_territory
        WHERE (SELECT count(*) FROM first) < 10 AND until IS NULL AND search_name LIKE %(word)s
          AND id NOT IN (SELECT id FROM first)
        ORDER BY weight DESC, sort_name LIMIT 10
    ), found AS (SELECT * FROM first UNION ALL SELECT * FROM later)
    SELECT found.*, d.name FROM found
    LEFT JOIN territories_containment c ON c.contained_id = found.id AND NOT c.partial AND EXISTS (
        SELECT FROM territories_territory o WHERE o.id = c.container_id AND o.kind = 'departement')
    LEFT JOIN territories_territory d ON d.id = c.container_id
    ORDER BY rank, weight DESC, sort_name LIMIT 10
"""


def typed():
    """Everything that a person types on the way to each name, then whole codes and words."""
    return [name[:length] for name in NAMES for length in range(1, len(name) + 1)] + CODES + WORDS


def median_of(work, asked):
    """Median and 95th percentile, in milliseconds, of `work` for each text asked, once warm."""
    times = []
    for number in range(ROUNDS + 1):
        for text in asked:
            start = time.perf_counter()
            work(text)
            if number:
                times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times), statistics.quantiles(times, n=20)[-1]


def main():
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from prevenance.core.text import plain
    from prevenance.domains.territories.models import Territory
    from prevenance.domains.territories.models.matching import searchable

    settings.ALLOWED_HOSTS = ["*"]
    settings.SECURE_SSL_REDIRECT = False
    connection.ensure_connection()
    bare = connection.connection
    client = Client(headers={"HX-Request": "true"})
    asked = typed()

    def by_hand(text):
        wanted = searchable(plain(text))
        with bare.cursor() as cursor:
            values = {"w": wanted, "start": f"{wanted}%", "word": f"% {wanted}%"}
            cursor.execute(BY_HAND, values, prepare=True).fetchall()

    hand, hand_late = median_of(by_hand, asked)
    ours, ours_late = median_of(lambda text: Territory.objects.visible_to(None).matching(text), asked)
    view, view_late = median_of(lambda text: client.get("/territoires/chercher/", {"q": text}), asked)
    scans = set()
    for text in asked:
        with CaptureQueriesContext(connection) as queries:
            Territory.objects.visible_to(None).matching(text)
        for query in queries.captured_queries:
            with connection.cursor() as cursor:
                cursor.execute("EXPLAIN " + query["sql"])
                if any("Seq Scan on territories_" in row[0] for row in cursor.fetchall()):
                    scans.add(text)
    print(f"{Territory.objects.visible_to(None).count()} territoires, {len(asked)} textes, {ROUNDS} fois")
    print(f"la même question, en SQL      {hand:6.1f} ms (95 % : {hand_late:.1f})")
    print(f"matching                     {ours:6.1f} ms (95 % : {ours_late:.1f})   × {ours / hand:.1f}")
    print(f"la vue, gabarit compris      {view:6.1f} ms (95 % : {view_late:.1f})   × {view / hand:.1f}")
    print(f"textes qui lisent toute une table : {', '.join(sorted(scans)) or 'aucun'}")


if __name__ == "__main__":
    VAR.mkdir(parents=True, exist_ok=True)
    with postgres.running():
        main()
