import hashlib

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from prevenance.domains.strategy.models import Strategy
from prevenance.domains.territories.models import Territory


class Command(BaseCommand):
    help = "Met à jour la base, les références, la démonstration, les fichiers statiques ; sans effet si tout y est."

    def handle(self, *args, **options):
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.stderr.write("Mise à jour de la base…")
            call_command("migrate", verbosity=0)
        if not Territory.objects.exists():
            self.stderr.write("Chargement de la France…")
            call_command("load_territories")
        self.load_strategies()
        if settings.DEMONSTRATION:
            call_command("seed", if_missing=True)
        self.collect_static()

    def load_strategies(self):
        """Load the catalogue again only when its files changed."""
        digest = hashlib.sha256()
        for path in sorted((settings.DATA / "strategies").glob("*.yaml")):
            digest.update(path.name.encode() + path.read_bytes())
        stamp = settings.VAR / "strategies-stamp"
        if stamp.exists() and stamp.read_text() == digest.hexdigest() and Strategy.objects.exists():
            return
        call_command("load_strategies")
        stamp.write_text(digest.hexdigest())

    def collect_static(self):
        """Collect again only when a file changed: the stamp is the digest of names, sizes and dates."""
        from django.contrib.staticfiles.finders import get_finders

        digest = hashlib.sha256(settings.BRAND.encode())
        for finder in get_finders():
            for name, storage in finder.list([]):
                digest.update(f"{name} {storage.size(name)} {storage.get_modified_time(name)}".encode())
        stamp = settings.VAR / "static-stamp"
        if stamp.exists() and stamp.read_text() == digest.hexdigest() and settings.STATIC_ROOT.exists():
            return
        self.stderr.write("Préparation des fichiers statiques…")
        call_command("collectstatic", interactive=False, verbosity=0, clear=True)
        stamp.write_text(digest.hexdigest())
