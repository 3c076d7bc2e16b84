"""prevenance purge: erase now what the nightly job would erase."""

import json
from collections import Counter
from itertools import chain

from django.core.management.base import BaseCommand

from prevenance.domains.followup.jobs import erase_due as erase_files
from prevenance.domains.pages.jobs import erase_due

NAMES = {
    "files": "dossiers de suivi",
    "keys": "clés sans dossier",
    "attendances": "présences",
    "reminders": "rappels envoyés",
    "searches": "comptes de recherches sans réponse",
    "mandates": "mandats",
    "people": "personnes",
    "organisations": "organismes",
}


class Command(BaseCommand):
    help = "Efface ce qui est gardé depuis plus longtemps que sa durée (data/retention.yaml) ; se relance sans risque."

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="résultat en JSON")

    def handle(self, json=False, **options):
        erased = Counter(dict.fromkeys(NAMES, 0))
        for what, count in chain(erase_files(), erase_due()):
            erased[what] += count
            self.stderr.write(f"Effacés : {erased[what]} {NAMES[what]}…")
        self.stdout.write(as_json(erased) if json else as_text(erased))


def as_json(erased):
    return json.dumps(erased)


def as_text(erased):
    if not any(erased.values()):
        return "Rien n’est échu : rien n’a été effacé."
    return "\n".join(f"{NAMES[what].capitalize()} : {count}" for what, count in erased.items())
