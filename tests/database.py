"""Databases for tests: a template is migrated once per state of the code, then copied in a fraction of a second.

Copies are used as the application role, which is how the product runs; only making the template is the owner's.
"""

import contextlib
import datetime
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from prevenance.config import postgres
from prevenance.config.paths import PACKAGE, ROOT, VAR

# What shapes or fills a template: change one of these and it is made again.
SHAPING = (
    "**/migrations/*.py", "**/models*.py", "**/models/*.py", "core/row_security.py", "core/bulk.py",
    "domains/territories/actions/*.py", "data/territories/*", "data/governance/exchange_texts.yaml",
    "data/strategies/*", "domains/strategy/actions/catalogue.py",
)  # fmt: skip
FILLING = (*SHAPING, "**/management/commands/*.py", "domains/**/*seed*/**/*.py", "domains/**/*seed*.py", "data/**/*")


# Each database has its own keys of files beside it, so that erasing in a copy takes nothing from its template.
KEYS = VAR / "test-keys"


def url(role: str, name: str) -> str:
    """Address of database `name` for "owner" or "application"."""
    return urlunsplit(urlsplit(postgres.url(role))._replace(path=f"/{name}"))


def environment(name: str) -> dict[str, str]:
    """Environment under which a child process uses database `name`."""
    return os.environ | {
        "DATABASE_URL": url("application", name),
        "DATABASE_OWNER_URL": url("owner", name),
        "PREVENANCE_DATABASE_ROLE": "application",
        "PREVENANCE_DEMONSTRATION": "1",
        "PREVENANCE_SEALS": str(VAR / "test-seals" / name),  # never those of the installation
        "PREVENANCE_KEY_STORE": str(KEYS / name),
        "PREVENANCE_MASTER_SOURCES": "file",
        "PREVENANCE_MASTER_KEYS_FILE": str(VAR / "secrets" / "test-master-keys"),
    }


def template(kind: str, commands: list[list[str]], patterns: tuple[str, ...] = SHAPING) -> str:
    """Name of the template filled by `commands`, made now if the code changed since it was last made."""
    digest = hashlib.sha256(repr(commands).encode())
    for path in sorted({path for pattern in patterns for path in PACKAGE.glob(pattern) if path.is_file()}):
        digest.update(str(path.relative_to(PACKAGE)).encode() + path.read_bytes())
    prefix = f"prevenance_{kind}_template_"
    name = prefix + digest.hexdigest()[:12]
    with open(VAR / f"{kind}-template.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with psycopg.connect(postgres.url("owner"), autocommit=True) as owner:
            existing = {row[0] for row in owner.execute("SELECT datname FROM pg_database")}
            if name in existing:
                return name
            for old in existing:
                if old.startswith(prefix):
                    with contextlib.suppress(psycopg.errors.ObjectInUse):
                        owner.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(old)))
                        shutil.rmtree(KEYS / old, ignore_errors=True)
            draft = f"{name}_draft"
            for left in (draft, name):
                shutil.rmtree(KEYS / left, ignore_errors=True)
            owner.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(draft)))
            owner.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(draft)))
            for command in commands:
                done = subprocess.run(
                    [sys.executable, "-m", "prevenance", *command],
                    cwd=ROOT, env=environment(draft), capture_output=True, text=True,
                )  # fmt: skip
                if done.returncode:
                    raise RuntimeError(f"{command}: {done.stdout}\n{done.stderr}")
            if (KEYS / draft).exists():  # it seals something
                (KEYS / draft).rename(KEYS / name)
            owner.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(draft), sql.Identifier(name)))
    return name


@contextlib.contextmanager
def copy_of(source: str) -> Iterator[str]:
    """A database of one's own with its keys, dropped at the end."""
    name = f"prevenance_test_{uuid.uuid4().hex[:10]}"
    with psycopg.connect(postgres.url("owner"), autocommit=True) as owner:
        owner.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(source)))
        owner.execute(sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(sql.Identifier(name)))
    try:
        if (KEYS / source).exists():
            shutil.copytree(KEYS / source, KEYS / name)
        yield name
    finally:
        shutil.rmtree(KEYS / name, ignore_errors=True)
        with psycopg.connect(postgres.url("owner"), autocommit=True) as owner:
            drop(owner, name)


def drop(owner: psycopg.Connection, name: str, patience: float = 10) -> None:
    """Drop a copy. The server's own cleaner may be in it for a moment, and only a superuser may turn it out."""
    deadline = time.monotonic() + patience
    while True:
        try:
            owner.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
            return
        except psycopg.errors.InsufficientPrivilege:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def france() -> str:
    """Template with every table and the whole of France."""
    return template("france", [["migrate", "--verbosity", "0"], ["load_territories"], ["load_strategies"]])


def demonstration() -> str:
    """Template with the demonstration département, as `./dev run` shows it. Its dates are about today: made daily."""
    seed = ["seed", "--on", datetime.date.today().isoformat()]
    commands = [["migrate", "--verbosity", "0"], ["load_territories"], ["load_strategies"], seed]
    return template("demonstration", commands, FILLING)
