import json
import sys
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection, transaction
from django.utils import timezone

from prevenance.core.audit import expiry, seals
from prevenance.core.audit.keys import sealing_key
from prevenance.core.audit.verify import first_break, stored_heads, stored_rows


class Command(BaseCommand):
    help = "Journal des actes : recalculer les chaînes, poser un sceau, préparer les mois à venir, supprimer les échus."

    def add_arguments(self, parser):
        parser.add_argument("task", choices=["verify", "seal", "partitions", "expire"])
        parser.add_argument("--json", action="store_true", help="résultat en JSON")

    def handle(self, *args, task, **options):
        getattr(self, task)(**options)

    def verify(self, json=False, **options):
        try:
            known = seals.read(Path(settings.SEALS), sealing_key().public_key())
        except seals.BrokenSeal as problem:
            self.say({"ok": False, "problem": str(problem)}, json, str(problem))
            sys.exit(1)
        found = first_break(stored_rows(), stored_heads(), known.points, known.anchors)
        if found:
            text = f"Journal rompu : {found.scope} n° {found.seq} : {found.problem}."
            self.say({"ok": False, "scope": found.scope, "seq": found.seq, "problem": found.problem}, json, text)
            sys.exit(1)
        text = f"Journal intact : {len(stored_heads())} chaînes, {known.count} sceaux."
        self.say({"ok": True, "chains": len(stored_heads()), "seals": known.count}, json, text)

    def seal(self, json=False, **options):
        path = seals.write(Path(settings.SEALS), sealing_key(), stored_heads(), timezone.now())
        text = f"Sceau posé : {path.name}." if path else "Rien de nouveau à sceller."
        self.say({"seal": path.name if path else None}, json, text)

    def partitions(self, json=False, **options):
        with connection.cursor() as cursor:
            cursor.execute("SELECT core_audit_make_partitions(3)")
            made = cursor.fetchone()[0]
        self.say({"made": made}, json, f"Mois préparés : {made}.")

    def expire(self, json=False, **options):
        """Drop the months past their retention; what verification needs of them is sealed first."""
        folder, key = Path(settings.SEALS), sealing_key()
        dropped = []
        for partition in expiry.expired(timezone.localdate()):
            with transaction.atomic():
                ends = expiry.last_links(partition)
                expiry.check_sealed(ends, seals.read(folder, key.public_key()).points)
                expiry.drop(partition)
                if ends:
                    seals.write(folder, key, {}, timezone.now(), anchors=ends)
            dropped.append(partition)
        self.say({"dropped": dropped}, json, f"Mois supprimés : {len(dropped)}.")

    def say(self, result, as_json, text):
        self.stdout.write(json.dumps(result, ensure_ascii=False) if as_json else text)
