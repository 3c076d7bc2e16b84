"""prevenance import_crime FILE: recorded crime by commune, as the SSMSI publishes it."""

import time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from prevenance.core.audit import MACHINE
from prevenance.core.refusals import Refused
from prevenance.domains.territories import actions
from prevenance.domains.territories.forms import UnusableList

SHOWN = 50  # bad rows listed before the rest is only counted


class Command(BaseCommand):
    help = (
        "Charge la base communale de la délinquance enregistrée du SSMSI (data.gouv.fr ; CSV, CSV.GZ ou Parquet). "
        "Rien n’est chargé si une ligne est fausse ; les années que le fichier n’a pas restent. Un nombre non diffusé "
        "reste non publié : il ne devient jamais zéro."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, metavar="FICHIER")

    def handle(self, *, file, **options):
        began = time.monotonic()
        try:
            changes = actions.import_crime(by=MACHINE, path=file, say=self.stderr.write)
        except OSError as problem:
            raise CommandError(f"Fichier illisible : {file}. Vérifiez son nom et vos droits.") from problem
        except Refused as refusal:
            raise CommandError(refusal.reason) from refusal
        except UnusableList as problem:
            lines = [str(p) for p in problem.problems[:SHOWN]]
            if len(problem.problems) > SHOWN:
                lines.append(f"… et {len(problem.problems) - SHOWN} autres lignes.")
            raise CommandError("\n".join([*lines, "Rien n’a été chargé."])) from problem
        self.stderr.write(
            f"Délinquance enregistrée à jour en {time.monotonic() - began:.1f} s : {changes.added} ajoutés, "
            f"{changes.changed} modifiés, {changes.removed} retirés."
        )
