"""prevenance measures: each action of the strategy, the domain that carries it, and whether it is built."""

import json as json_module

from django.core.management.base import BaseCommand, CommandError

from prevenance.domains.strategy.analysis.catalogue import actions_of
from prevenance.domains.strategy.models import Strategy
from prevenance.domains.strategy.rules.catalogue import FIRST


class Command(BaseCommand):
    help = "Dit, pour chaque action de la stratégie, ce qui la porte et si c’est bâti."

    def add_arguments(self, parser):
        parser.add_argument("--strategy", default=FIRST, help="clé de la stratégie")
        parser.add_argument("--json", action="store_true", help="résultat en JSON")

    def handle(self, strategy, json, **options):
        found = Strategy.objects.filter(key=strategy).first()
        if found is None:
            raise CommandError(
                f"La stratégie « {strategy} » n’est pas chargée : lancez d’abord « prevenance load_strategies »."
            )
        lines = actions_of(found)
        if json:
            told = [
                {
                    "number": line.action.number, "measure": line.action.measure.number, "label": line.action.label,
                    "domain": line.action.domain, "state": "built" if line.built else "not built", "link": line.link,
                }
                for line in lines
            ]  # fmt: skip
            self.stdout.write(json_module.dumps(told, ensure_ascii=False, indent=2))
            return
        for line in lines:
            state = "bâtie    " if line.built else "à bâtir  "
            self.stdout.write(f"{line.action.number:>5}  {state}  {line.action.domain:12}  {line.action.label}")
        self.stdout.write(f"{sum(line.built for line in lines)} bâties sur {len(lines)}.")
