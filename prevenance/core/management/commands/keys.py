import json
import sys
from datetime import date

from django.core.management.base import BaseCommand, CommandError

from prevenance.core.vault import Unavailable, rotation, store
from prevenance.core.vault.masters import new_line

EVERY = 5000  # keys between two words of progress


class Command(BaseCommand):
    help = (
        "Clés des dossiers : status compte celles de chaque clé maîtresse, rotate les enveloppe toutes sous celle du "
        "moment, generate écrit une nouvelle clé maîtresse, prepare fait un magasin vide."
    )

    def add_arguments(self, parser):
        parser.add_argument("task", choices=["status", "rotate", "generate", "prepare"])
        parser.add_argument("--json", action="store_true", help="résultat en JSON")

    def handle(self, *args, task, **options):
        try:
            getattr(self, task)(options["json"])
        except Unavailable as problem:
            raise CommandError(str(problem)) from problem

    def status(self, as_json):
        current, found = rotation.status()
        lines = [f"{count:>9}  {self.named(master, current)}" for master, count in sorted(found.items())]
        if current not in found:
            lines.append(f"{0:>9}  {self.named(current, current)}")
        self.say({"current": current, "keys": dict(found)}, as_json, "\n".join(lines))

    def named(self, master, current):
        if master == rotation.UNREADABLE:
            return "illisibles (destruction interrompue, ou fichiers abîmés)"
        return f"{master} (enveloppe les nouvelles)" if master == current else master

    def rotate(self, as_json):
        self.told = 0
        done = rotation.rotate(self.progress)
        lines = [
            f"Enveloppées sous « {done.master} » : {done.done}.",
            f"L’étaient déjà : {done.already}.",
            *(f"Non ouvertes, de « {name or 'illisible'} » : {n}." for name, n in sorted(done.unopened.items())),
        ]
        result = {"master": done.master, "done": done.done, "already": done.already, "unopened": dict(done.unopened)}
        self.say(result, as_json, "\n".join(lines))
        if done.leftovers:
            self.stderr.write(f"Restes d’écritures interrompues, effacés : {done.leftovers}.")
        if done.unopened:
            self.stderr.write("Remettez les clés maîtresses qui manquent, puis relancez.")
            sys.exit(1)

    def progress(self, seen):
        if seen - self.told >= EVERY:
            self.told = seen
            self.stderr.write(f"Vues : {seen} clés…")

    def generate(self, as_json):
        self.stdout.write(new_line(date.today()))

    def prepare(self, as_json):
        self.say({"store": str(store.prepare())}, as_json, f"Magasin des clés prêt : {store.prepare()}.")

    def say(self, result, as_json, text):
        self.stdout.write(json.dumps(result, ensure_ascii=False) if as_json else text)
