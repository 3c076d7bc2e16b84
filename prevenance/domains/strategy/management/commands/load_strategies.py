"""prevenance load_strategies: the national strategies and the first tool sheets, as often as wanted."""

from django.core.management.base import BaseCommand

from prevenance.core.audit import MACHINE
from prevenance.domains.strategy.actions import catalogue


class Command(BaseCommand):
    help = "Charge les stratégies nationales et les premières fiches outils ; sans effet sur ce qui y est déjà."
    requires_system_checks = []

    def handle(self, **options):
        count = catalogue.load_strategies(by=MACHINE)
        self.stderr.write(f"Stratégies à jour : {count} actions.")
