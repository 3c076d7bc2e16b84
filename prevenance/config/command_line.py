"""The command line: starts the private database when a command needs it, then hands over to Django.

Only results go to standard output; progress and advice go to standard error.
"""

import os
import subprocess
import sys
from importlib import import_module

from prevenance.config import postgres
from prevenance.config.paths import ROOT

# Commands that change the database's shape or fill it as its owner; all others run as the application.
AS_OWNER = {
    "migrate",
    "prepare",
    "seed",
    "load_territories",
    "load_strategies",
    "import_qpv",
    "import_crime",
    "forget_controller",
    "reseal",
    "makemigrations",
    "sqlmigrate",
    "showmigrations",
}
WITHOUT_DATABASE = {"makemessages", "compilemessages", "collectstatic", "findstatic", "version", "keys"}
ALONE = {"coverage", "placement", "wording"}  # an engine each: no database, no Django
HELP = """\
prevenance COMMANDE [options]

  run            démarre Prévenance
  migrate        met la base à jour
  load_territories
                 charge les territoires de France ; sans effet s’ils y sont
  load_strategies
                 charge les stratégies nationales et les premières fiches outils
  import_qpv FICHIER
                 charge la liste officielle des quartiers prioritaires
  import_crime FICHIER
                 charge la délinquance enregistrée par commune (base communale du SSMSI)
  seed           remplit une base de démonstration
  measures       dit ce qui porte chaque action de la stratégie, et ce qui est bâti
  obligations    dit ce que les textes attendent d’un territoire
  coverage       dit qui accède à quoi, en combien de temps, et qui n’accède à rien ; tableaux CSV ou Parquet
  placement      dit où ouvrir les prochaines permanences, et ce qui en est prouvé ; tableaux CSV ou Parquet
  wording FICHIER
                 dit ce qui ne doit pas s’écrire dans une note ; --measure : mesure sur des phrases étiquetées
  audit          vérifie le journal des actes, pose un sceau
  keys status    dit combien de clés de dossiers chaque clé maîtresse enveloppe
  keys rotate    enveloppe de nouveau toutes les clés sous la clé maîtresse du moment
  reseal         lie à sa ligne le texte chiffré par une version d’avant (une fois, site arrêté)
  purge          efface ce qui est gardé depuis plus longtemps que sa durée
  forget_controller [NATURE CODE]
                 efface tout ce qui était à un responsable parti (commune 42218) ; sans --erase, dit ce qui le serait
  check_deployment
                 vérifie les réglages d’une mise en service
  help --all     toutes les commandes de Django

prevenance COMMANDE --help dit les options d’une commande.
"""


def main(arguments: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "prevenance.config.settings")
    command = arguments[0] if arguments else "--help"
    if command in ("--help", "-h") or arguments == ["help"]:
        print(HELP, end="")
        return
    try:
        dispatch(command, arguments)
    except postgres.NoDatabase as problem:
        sys.exit(str(problem))


def dispatch(command: str, arguments: list[str]) -> None:
    if command in ALONE:
        sys.exit(import_module(f"prevenance.config.{command}").main(arguments[1:]))
    if command in WITHOUT_DATABASE or "--help" in arguments:
        django_command(arguments)
        return
    if command in AS_OWNER or arguments[:2] == ["audit", "expire"]:
        os.environ["PREVENANCE_DATABASE_ROLE"] = "owner"
    if command == "run":
        from prevenance.config.run import run

        run(arguments[1:])
    elif command == "test":
        with postgres.running():
            sys.exit(run_tests(arguments[1:]))
    elif command == "check_deployment":
        sys.exit(check_deployment())
    else:
        with postgres.running():
            django_command(arguments)


def django_command(arguments: list[str]) -> None:
    from django.core.management import execute_from_command_line

    execute_from_command_line(["prevenance", *arguments])


def run_tests(options: list[str]) -> int:
    """pytest, on as many processes as cores unless told otherwise; its own process so that settings start clean."""
    if not any(option.startswith(("-n", "--numprocesses")) for option in options):
        options = ["-n", str(min(os.cpu_count() or 1, 4)), "--dist=worksteal", *options]
    environment = os.environ | {
        "PREVENANCE_DATABASE_ROLE": "owner", "PREVENANCE_DEMONSTRATION": "1", "PREVENANCE_QUERIES_CHECKED": "1",
    }  # fmt: skip
    return subprocess.run([sys.executable, "-m", "pytest", *options], cwd=ROOT, env=environment).returncode


def check_deployment() -> int:
    """Django's deployment checks, with the settings of a real service: any warning is a failure."""
    environment = os.environ | {"PREVENANCE_DEMONSTRATION": "0", "PREVENANCE_SECURE": "1"}
    command = [sys.executable, "-m", "prevenance", "check", "--deploy", "--fail-level", "WARNING"]
    return subprocess.run(command, cwd=ROOT, env=environment).returncode
