"""A file of data.inclusion goes in and out with nothing lost, the worker killed in the middle (issue « Find help »).

100,000 invented services of 25,000 structures, in communes drawn among all. The worker is killed by signal 9 once it
has written a third of the services, another one takes the import up from there; what comes out is compared with what
went in, field by field, in JSON then in CSV. Nothing lost and nothing twice decide; seconds are reported, beside the
same file read whole by `json` and sent by one bare COPY.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks._measuring import Report, machine
from prevenance.config import postgres
from prevenance.config.paths import ROOT
from tests import database

SERVICES, PER_STRUCTURE = 100_000, 4
SOURCE = "mesure"
PATIENCE = 1_800  # seconds
THEMES = (
    "sante--addictions",
    "sante--sante-mentale",
    "remobilisation--lien-social",
    "numerique--acquerir-un-equipement",
)
LONG = "Accueil, écoute et accompagnement, sur rendez-vous ou non, par une équipe inventée. " * 6


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--part", type=float, default=1.0, help="part of the hundred thousand services")
    count = int(SERVICES * parser.parse_args().part)
    report = Report()
    with postgres.running(), database.copy_of(database.france()) as name, tempfile.TemporaryDirectory() as folder:
        environment = database.environment(name) | {
            "PREVENANCE_FILES": f"{folder}/files", "DJANGO_SETTINGS_MODULE": "prevenance.config.settings",
        }  # fmt: skip
        before = dict(os.environ)
        os.environ |= environment
        import django

        django.setup()
        print(machine())
        report.title(f"Fichier data.inclusion de {count} services")
        Run(report, count, Path(folder), environment).all()
        from django.db import connections

        connections.close_all()
        os.environ.clear()
        os.environ |= before
    return report.end()


class Run:
    def __init__(self, report: Report, count: int, folder: Path, environment: dict[str, str]) -> None:
        from tests.factories import actor, scope_of, territory

        self.report, self.count, self.folder, self.environment = report, count, folder, environment
        self.by = actor("national_secretariat", scope_of(territory("nation", "FR")))
        self.sent = rows(count)

    def all(self) -> None:
        paths = {kind: self.folder / f"{kind}.json" for kind in self.sent}
        for kind, told in self.sent.items():
            paths[kind].write_text(json.dumps(told, ensure_ascii=False))
        size = sum(path.stat().st_size for path in paths.values())
        self.report.fact("fichiers envoyés", f"{size / 1e6:.0f} Mo")
        self.report.fact("lus par json et envoyés par un COPY nu", f"{bare(paths):.1f} s")
        done = self.bring(paths)
        self.report.promise("lignes laissées", done.left, 0, "")
        self.report.promise(
            "fiches écrites deux fois ou pas du tout", abs(done.created - sum(map(len, self.sent.values()))), 0, ""
        )
        out = self.take("json")
        self.report.none("enregistrements qui diffèrent après un aller et retour", list(self.differences(out)))
        csv = self.folder / "csv"
        with zipfile.ZipFile(self.take("csv")) as archive:
            archive.extractall(csv)
        begin = time.perf_counter()
        again = self.run({kind: csv / f"{kind}.csv" for kind in self.sent})
        self.report.fact("le CSV rendu, importé à nouveau", f"{time.perf_counter() - begin:.1f} s")
        self.report.promise("fiches ajoutées ou laissées par le CSV rendu", again.created + again.left, 0, "")
        self.report.none("enregistrements qui diffèrent après le CSV", list(self.differences(self.take("json"))))

    def bring(self, paths: dict[str, Path]) -> Any:
        """The import, its worker killed in the middle."""
        from django.utils import timezone

        from prevenance.domains.directory import jobs
        from prevenance.domains.directory.models import Exchange

        exchange = self.ask(paths)
        begin = time.perf_counter()
        with self.worker() as worker:
            seen = self.wait(exchange, lambda one: one.done_services > self.count / 3)
            worker.send_signal(signal.SIGKILL)
            worker.wait()
        killed = time.perf_counter() - begin
        stopped = Exchange.objects.get(pk=exchange.pk)
        self.report.promise("import fini avant que l’on tue son processus", float(not stopped.going), 0, "")
        # What the clock does after two minutes of silence.
        Exchange.objects.filter(pk=exchange.pk).update(beat_at=timezone.now() - timedelta(minutes=10))
        jobs.resume_exchanges.func(timestamp=0)
        begin = time.perf_counter()
        with self.worker() as worker:
            seen |= self.wait(exchange, lambda one: not one.going)
            worker.terminate()
            worker.wait()
        self.report.fact("import, reprise non comptée", f"{killed + time.perf_counter() - begin:.1f} s")
        self.report.fact("repris au service", str(stopped.done_services))
        awaited = min(10, self.count // 1000)
        missing = float(awaited - min(awaited, len(seen)))
        self.report.promise(f"états de l’avancement vus, manquants sur {awaited}", missing, 0, "")
        done = Exchange.objects.get(pk=exchange.pk)
        self.report.promise("import non terminé", float(done.state != "done"), 0, "")
        return done

    def run(self, paths: dict[str, Path]) -> Any:
        from prevenance.domains.directory import jobs

        exchange = self.ask(paths)
        jobs.run_exchange.func(exchange=exchange.pk)
        exchange.refresh_from_db()
        return exchange

    def ask(self, paths: dict[str, Path]) -> Any:
        from prevenance.domains.directory.actions.exchanges import start_import

        files = {kind: path.open("rb") for kind, path in paths.items()}
        return start_import(source=SOURCE, files=files, by=self.by)

    def take(self, format: str) -> Any:
        from django.core.files.storage import default_storage

        from prevenance.domains.directory import jobs
        from prevenance.domains.directory.actions.exchanges import start_export
        from prevenance.domains.directory.rules.exchanges import place_of

        exchange = start_export(format=format, source=SOURCE, territory=None, by=self.by)
        begin = time.perf_counter()
        jobs.run_exchange.func(exchange=exchange.pk)
        exchange.refresh_from_db()
        self.report.fact(f"export {format}", f"{time.perf_counter() - begin:.1f} s, {exchange.size / 1e6:.1f} Mo")
        return default_storage.open(place_of(exchange))

    def differences(self, file: Any) -> Any:
        with zipfile.ZipFile(file) as archive:
            for kind, told in self.sent.items():
                found = {row["id"]: row for row in json.loads(archive.read(f"{kind}.json"))}
                if len(found) != len(told):
                    yield f"{kind} : {len(found)} au lieu de {len(told)}"
                for row in told:
                    lost = {name for name, value in row.items() if found.get(row["id"], {}).get(name) != value}
                    if lost:
                        yield f"{row['id']} : {sorted(lost)}"

    def worker(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "prevenance", "procrastinate", "worker"]
        return subprocess.Popen(command, cwd=ROOT, env=self.environment, stderr=subprocess.DEVNULL)

    def wait(self, exchange: Any, until: Callable[[Any], bool]) -> set[int]:
        """The states of progress that a screen would have shown until then."""
        from prevenance.domains.directory.models import Exchange

        seen, deadline = set(), time.monotonic() + PATIENCE
        while True:
            one = Exchange.objects.get(pk=exchange.pk)
            seen.add(one.done)
            if until(one):
                return seen
            if time.monotonic() > deadline:
                raise TimeoutError(f"{one.state} {one.done}/{one.total} {one.reason}")
            time.sleep(0.05)


def rows(count: int) -> dict[str, list[dict[str, Any]]]:
    """Invented rows, always the same, with fields that nobody knows and values that are written otherwise here."""
    from prevenance.domains.territories.models import Territory

    chance = random.Random(6)
    places = list(
        Territory.objects.existing().filter(kind="commune").order_by("code")
        .values_list("code", "name", "longitude", "latitude")
    )  # fmt: skip
    structures, services = [], []
    for number in range(max(1, count // PER_STRUCTURE)):
        code, name, longitude, latitude = chance.choice(places)
        where = {
            "commune": chance.choice([name, name.upper()]), "code_insee": code,
            "code_postal": f"{code[:2]}000" if code[:2].isdecimal() else "20000",
            "adresse": f"{number % 90 + 1}, rue des Essais", "complement_adresse": chance.choice([None, "Bâtiment B"]),
            "longitude": longitude, "latitude": latitude,
        }  # fmt: skip
        structures.append(
            {
                "source": SOURCE, "id": f"{SOURCE}--s{number}", "nom": f"Structure inventée {number}",
                "date_maj": f"2026-0{number % 9 + 1}-1{number % 9}",
                "description": LONG[: chance.randint(60, 400)].strip(),
                "telephone": chance.choice(["+33199001234", "01 99 00 12 34", "sur demande"]), **where,
                "horaires_accueil": chance.choice([None, "Mo-Fr 09:00-12:00; PH off", "sur rendez-vous"]),
                "reseaux_porteurs": chance.choice([None, ["mission-locale"], ["ccas-cias", "france-travail"]]),
                "score_qualite": round(chance.random(), 4),
            }
        )  # fmt: skip
        for turn in range(PER_STRUCTURE):
            services.append(
                {
                    "source": SOURCE, "structure_id": f"{SOURCE}--s{number}", "id": f"{SOURCE}--v{number}-{turn}",
                    "nom": f"Service inventé {number}-{turn}", "description": LONG[: chance.randint(100, 500)].strip(),
                    "date_maj": f"2026-0{turn + 1}-02", "thematiques": chance.sample(THEMES, 2),
                    "frais": chance.choice([None, "gratuit", "payant"]), "publics": chance.choice([None, ["jeunes",
                    "femmes"]]),
                    "modes_accueil": chance.choice([["en-presentiel"], ["a-distance", "en-presentiel"]]),
                    "zone_eligibilite": chance.choice([None, [code], ["france"], ["99100"], [code, "00000"]]),
                    "mobilisable_par": ["professionnels", "usagers"],
                    "volume_horaire_hebdomadaire": chance.choice([None, 2]),
                    "doublons": [{"id": f"autre--{number}"}] if turn == 0 else None, **where,
                }
            )  # fmt: skip
    return {"structures": structures, "services": services}


def bare(paths: dict[str, Path]) -> float:
    """Seconds to read the files whole and send their rows by COPY into a table without index."""
    from django.db import connection

    begin = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE bare (row jsonb)")
        with cursor.copy("COPY bare FROM STDIN") as copy:
            for path in paths.values():
                for row in json.loads(path.read_text()):
                    copy.write_row([json.dumps(row)])
        cursor.execute("DROP TABLE bare")
    return time.perf_counter() - begin


if __name__ == "__main__":
    os.environ.pop("PREVENANCE_DATABASE_ROLE", None)
    sys.exit(main())
