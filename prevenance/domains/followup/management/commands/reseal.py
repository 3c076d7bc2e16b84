"""prevenance reseal: bind to its row the text that an earlier version sealed for its column alone."""

from django.core.management.base import BaseCommand, CommandError

from prevenance.core.audit import MACHINE
from prevenance.core.vault import Tampered, Unavailable
from prevenance.domains.followup.actions.resealing import reseal_rows


class Command(BaseCommand):
    help = (
        "Lie à sa ligne chaque texte chiffré par une version d’avant. À passer une fois, site arrêté ; se relance sans "
        "danger : tout est lié, ou rien ne l’est. Puis PREVENANCE_OLD_SEALS=refused refuse l’ancienne forme."
    )
    requires_system_checks = []

    def handle(self, **options):
        try:
            done, lost = reseal_rows(by=MACHINE, told=self.tell)
        except (Unavailable, Tampered) as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(f"Lignes chiffrées de nouveau : {done}.")
        if lost:
            self.stdout.write(f"Lignes dont la clé est détruite, laissées : {lost}.")

    def tell(self, what, rows):
        if rows:
            self.stderr.write(f"{what} : {rows}")
