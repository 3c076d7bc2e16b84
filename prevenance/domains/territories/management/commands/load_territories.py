"""prevenance load_territories: the real France, in seconds, as often as wanted."""

import time
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from prevenance.core.audit import MACHINE
from prevenance.core.refusals import Refused
from prevenance.domains.territories import actions


class Command(BaseCommand):
    help = "Charge communes, intercommunalités, départements, régions, populations et contours."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument(
            "--folder",
            type=Path,
            default=settings.DATA / "territories",
            help="dossier des fichiers d’un autre millésime",
        )

    def handle(self, *, folder, **options):
        began = time.monotonic()
        try:
            changes = actions.load_territories(by=MACHINE, folder=folder, say=self.stderr.write)
        except Refused as refusal:
            raise CommandError(refusal.reason) from refusal
        except OSError as problem:
            raise CommandError(
                f"Fichier illisible : {problem.filename}. "
                "Le dossier doit contenir reference.yaml et les fichiers Parquet."
            ) from problem
        self.stderr.write(
            f"Territoires à jour en {time.monotonic() - began:.1f} s : {changes.added} ajoutés, "
            f"{changes.changed} modifiés."
        )
