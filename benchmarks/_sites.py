"""A process that holds the whole site on one database, told by its parent what to do next and for how long.

One process a database lets the parent alternate between two sizes request by request: what slows the machine down
slows both, and ratios stay true.
"""

import contextlib
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SEARCHED = [
    "saint e",
    "paris",
    "42",
    "montb",
    "st cham",
    "le havre",
    "marse",
    "69100",
    "villeur",
    "bourg en",
    "l'horme",
]
TOKEN = "m" * 32  # what a form is sent with, in its cookie and in its header


class Site:
    """The parent's hold on such a process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def __call__(self, task: str, **arguments: Any) -> Any:
        """Have `task` done (a function of this module) and give back its result."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps([task, arguments]) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{task}: the site stopped, see above")
        return json.loads(line)


@contextlib.contextmanager
def site(environment: dict[str, str]) -> Iterator[Site]:
    """A site on the database that `environment` names."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks._sites"],
        cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield Site(process)
    finally:
        process.terminate()
        process.wait(timeout=20)


# ------------------------------------------------------------------------------------- inside the process


class Inside:
    """The site itself: Django's WSGI application, and beside it a plain connection of the same driver."""

    def __init__(self) -> None:
        import django
        from django.conf import settings

        os.environ["DJANGO_SETTINGS_MODULE"] = "prevenance.config.settings"

        # The whole of the product, and one page of our own with nothing in it.
        settings.ROOT_URLCONF = "benchmarks._urls"
        settings.STORAGES = settings.STORAGES | {
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
        }
        django.setup()
        from django.db import connection

        from prevenance.config.wsgi import application

        self.application = application
        self.connection = connection
        self.cookies: dict[str, str] = {}
        self.opened: list[str] = []
        self.waiting: list[int] = []
        self.bares: dict[tuple[str, Any], Any] = {}
        self.captured: dict[str, list[tuple[str, Any]]] = {}

    def enter(self, role: str) -> str:
        """Sign in as the person of `role` (_subjects.actor), with password and second factor behind them."""
        from django.conf import settings
        from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
        from django_otp import DEVICE_ID_SESSION_KEY
        from django_otp.plugins.otp_totp.models import TOTPDevice

        from benchmarks import _subjects
        from prevenance.domains.accounts import sessions
        from prevenance.domains.accounts.acting import CHOSEN

        acting = _subjects.actor(role)
        person = acting.person
        device = TOTPDevice.objects.get_or_create(user=person, name="mesure", defaults={"confirmed": True})[0]
        session = sessions.SessionStore()
        sessions.begin(session, "")
        session[SESSION_KEY] = str(person.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
        session[HASH_SESSION_KEY] = person.get_session_auth_hash()
        session[DEVICE_ID_SESSION_KEY] = device.persistent_id
        session[CHOSEN] = acting.mandate_id
        session.save()
        self.opened.append(session.session_key)
        self.cookies[role] = f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
        return str(session.session_key)

    def submit(self) -> int:
        """Have values wait for the préfet's office; how many."""
        from benchmarks import _rolling, _subjects

        self.waiting += _rolling.submit(_subjects.actor("prefect_office").territory_id)
        return len(self.waiting)

    def leave(self) -> None:
        """Take away what `enter` and `submit` wrote: the database is kept for the next run."""
        from django_otp.plugins.otp_totp.models import TOTPDevice

        from benchmarks import _rolling
        from prevenance.domains.accounts.models import Session

        if self.waiting:
            _rolling.remove(self.waiting)
        Session.objects.filter(session_key__in=self.opened).delete()
        TOTPDevice.objects.filter(name="mesure").delete()

    def get(self, role: str, path: str, partial: bool = False, sent: str = "") -> tuple[str, bytes]:
        """Status and content of a page, through every layer but the network; `sent`: a form's body, sent by POST."""
        from django.conf import settings

        said = []
        name, _mark, query = path.partition("?")
        environ = {
            "REQUEST_METHOD": "GET", "PATH_INFO": name, "QUERY_STRING": query, "SCRIPT_NAME": "",
            "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80", "HTTP_HOST": "127.0.0.1", "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1", "wsgi.url_scheme": "http", "wsgi.errors": sys.stderr,
            "wsgi.input": io.BytesIO(),
            "HTTP_COOKIE": self.cookies.get(role, ""),
        }  # fmt: skip
        if partial:
            environ["HTTP_HX_REQUEST"] = "true"
        if sent:
            environ |= {
                "REQUEST_METHOD": "POST", "CONTENT_TYPE": "application/x-www-form-urlencoded",
                "CONTENT_LENGTH": str(len(sent)), "wsgi.input": io.BytesIO(sent.encode()), "HTTP_X_CSRFTOKEN": TOKEN,
                "HTTP_COOKIE": f"{environ['HTTP_COOKIE']}; {settings.CSRF_COOKIE_NAME}={TOKEN}",
            }  # fmt: skip
        answer = self.application(environ, lambda status, headers, error=None: said.append(status))
        content = b"".join(answer)
        answer.close()
        return said[0], content

    def page(self, role: str, path: str, times: int, partial: bool = False, sent: str = "") -> list[float]:
        """Seconds of each of `times` requests."""
        found = []
        for _index in range(times):
            begin = time.perf_counter()
            status, _content = self.get(role, path, partial, sent)
            found.append(time.perf_counter() - begin)
            if not status.startswith("200"):
                raise RuntimeError(f"{path} as {role}: {status}")
        return found

    def look(self, role: str, path: str, partial: bool = False, sent: str = "") -> dict[str, Any]:
        """One request with its queries, kept for `replay` and `plans` under the path."""
        queries: list[tuple[str, Any]] = []

        def note(execute, sql, parameters, many, context):
            queries.append((sql, parameters))
            return execute(sql, parameters, many, context)

        with self.connection.execute_wrapper(note):
            status, content = self.get(role, path, partial, sent)
        self.captured[path] = queries
        # Savepoints are of the actions that record a reading: they ask nothing.
        asked = [sql for sql, _parameters in queries if not sql.startswith(("SAVEPOINT", "RELEASE"))]
        return {"status": status, "queries": asked, "bytes": len(content), "text": content.decode()}

    def replay(self, path: str, times: int) -> list[float]:
        """Seconds of the page's own queries alone, on the driver, in one transaction."""
        return self._timed(lambda cursor: [_all(cursor, *query) for query in self.captured[path]], times)

    def hand(self, name: str, role: str, subject: Any, times: int) -> list[float]:
        """Seconds of the hand-written SQL that brings the same rows."""
        from benchmarks import _hand

        key = self.cookies[role].split("=")[1] if role else ""
        return self._timed(lambda cursor: _hand.read(name)(cursor, key, subject), times)

    def rows(self, name: str, role: str, subject: Any) -> list[list[list[str]]]:
        """What the hand-written SQL brings, as texts."""
        from benchmarks import _hand

        key = self.cookies[role].split("=")[1]
        self.connection.ensure_connection()
        driver = self.connection.connection
        with driver.transaction(), driver.cursor() as cursor:
            return [
                [[str(value) for value in row] for row in table] for table in _hand.read(name)(cursor, key, subject)
            ]

    def bare(self, name: str, role: str, subject: Any, times: int) -> list[float]:
        """Seconds of a bare WSGI page with the same rows."""
        from benchmarks import _hand

        environ = {"HTTP_COOKIE": self.cookies[role]}
        if (name, subject) not in self.bares:
            self.bares[name, subject] = _hand.bare(name, subject, self.connection.settings_dict)
            for _index in range(6):  # the driver prepares a statement at its fifth use
                b"".join(self.bares[name, subject](environ, lambda status, headers: None))
        application = self.bares[name, subject]
        found = []
        for _index in range(times):
            begin = time.perf_counter()
            b"".join(application(environ, lambda status, headers: None))
            found.append(time.perf_counter() - begin)
        return found

    def plans(self, path: str, unless_index: bool) -> list[str]:
        """Large tables that a query of the page reads from end to end; `unless_index`: where no index could serve."""
        from tests.plans import whole_reads

        with self.connection.cursor() as cursor:
            return [
                line
                for sql, parameters in self.captured[path]
                for line in whole_reads(cursor, sql, parameters, unless_index=unless_index)
            ]

    def subjects(self) -> dict[str, Any]:
        """What pages are about: ids, and the days that their addresses name (see _subjects.py)."""
        from benchmarks import _subjects

        return _subjects.of_councils() | _subjects.of_plans() | _subjects.of_files()

    def roll_up(self, indicator: int) -> list[float]:
        """Seconds of an indicator's roll-up over the country by the engine."""
        from benchmarks import _rolling

        return _rolling.by_engine(indicator)

    def group_by(self, indicator: int) -> list[float]:
        """Seconds of the same sums by one query."""
        from benchmarks import _rolling

        return _rolling.by_query(indicator)

    def rolled(self, indicator: int) -> dict[str, Any]:
        """How much both sum, and where they differ."""
        from benchmarks import _rolling

        return _rolling.compared(indicator)

    def walled(self, path: str, times: int, wall: bool) -> list[float]:
        """Seconds of the page's own queries as the tables' owner, with the wall of files or without."""
        from benchmarks import _walled

        return _walled.replay(self.captured[path], wall, times)

    def reach(self, wall: bool) -> int:
        """How many files the tables' owner reaches, acting for nobody, with the wall or without."""
        from benchmarks import _walled

        return _walled.reach(wall)

    def tally(self) -> int:
        """Count follow-ups of the last quarter; how many rows."""
        from benchmarks import _walled

        return _walled.tally()

    def counted(self) -> dict[str, Any]:
        """How much two ways of counting follow-ups count, and where they differ."""
        from benchmarks import _walled

        return _walled.compared()

    def count(self, engine: bool) -> list[float]:
        """Seconds of counting follow-ups over a quarter, by the product or by one query."""
        from benchmarks import _walled

        return _walled.by_engine() if engine else _walled.by_query()

    def search_times(self, times: int) -> list[float]:
        """Seconds of searches as one types, by the beginning of many real names."""
        from django.utils.http import urlencode

        found = []
        for index in range(times):
            typed = SEARCHED[index % len(SEARCHED)]
            path = "/territoires/chercher/?" + urlencode({"q": typed, "liste": "mesure"})
            found += self.page("", path, 1, partial=True)
        return found

    def _timed(self, work: Any, times: int) -> list[float]:
        self.connection.ensure_connection()
        driver = self.connection.connection
        found = []
        for _index in range(times):
            with driver.transaction(), driver.cursor() as cursor:
                begin = time.perf_counter()
                work(cursor)
                found.append(time.perf_counter() - begin)
        return found


def _all(cursor: Any, sql: str, parameters: Any) -> Any:
    cursor.execute(sql, parameters)
    return cursor.fetchall() if cursor.description else None


def serve() -> None:
    """Do what the parent says, a line at a time; results go to standard output, all else to standard error."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    inside = Inside()
    for line in sys.stdin:
        task, arguments = json.loads(line)
        answers.write(json.dumps(getattr(inside, task)(**arguments)) + "\n")
        answers.flush()


if __name__ == "__main__":
    serve()
