"""prevenance import_qpv FILE: the official list of priority neighbourhoods."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from prevenance.core.audit import MACHINE
from prevenance.core.documents.spreadsheet import UnreadableTable
from prevenance.domains.territories import actions
from prevenance.domains.territories.forms import UnusableList

SHOWN = 50  # bad rows listed before the rest is only counted


class Command(BaseCommand):
    help = (
        "Charge la liste officielle des quartiers prioritaires de la politique de la ville (CSV ou XLSX, colonnes "
        "code_qp, lib_qp, insee_com). Rien n’est chargé si une ligne est fausse ; les autres millésimes restent."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, metavar="FICHIER")
        parser.add_argument("--vintage", type=int, default=2024, metavar="ANNÉE", help="millésime de la liste (2024)")

    def handle(self, *, file, vintage, **options):
        try:
            if file.stat().st_size > settings.UPLOAD_LIMIT:
                limit = settings.UPLOAD_LIMIT // 1024**2
                raise CommandError(f"Ce fichier dépasse {limit} Mo : ce n’est pas la liste officielle.")
            data = file.read_bytes()
        except OSError as problem:
            raise CommandError(f"Fichier illisible : {file}. Vérifiez son nom et vos droits.") from problem
        try:
            changes = actions.import_neighbourhoods(by=MACHINE, data=data, filename=file.name, vintage=vintage)
        except UnreadableTable as problem:
            raise CommandError(str(problem)) from problem
        except UnusableList as problem:
            lines = [str(p) for p in problem.problems[:SHOWN]]
            if len(problem.problems) > SHOWN:
                lines.append(f"… et {len(problem.problems) - SHOWN} autres lignes.")
            raise CommandError("\n".join([*lines, "Rien n’a été chargé."])) from problem
        self.stderr.write(
            f"Quartiers prioritaires {vintage} à jour : {changes.added} ajoutés, {changes.changed} modifiés."
        )
