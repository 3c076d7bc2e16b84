"""`./dev run` starts, says a taken port, recovers from `kill -9`, and leaves nothing behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import pytest

from prevenance.config.paths import ROOT

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def var():
    """Variable data of an installation of its own: its own PostgreSQL, France, demonstration.

    As root, PostgreSQL runs as another user, who must reach it: not under pytest's own folder, which each run of pytest
    closes to others again.
    """
    with tempfile.TemporaryDirectory(prefix="prevenance-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


class Run:
    """A `prevenance run` of our own installation, its output and its address."""

    def __init__(self, var, *arguments):
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("DATABASE_", "PREVENANCE_", "DJANGO_"))}
        self.log = var / f"run-{time.monotonic_ns()}.log"
        with open(self.log, "wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "prevenance", "run", *arguments],
                cwd=ROOT, env=environment | {"PREVENANCE_VAR": str(var)}, stdout=output, stderr=output,
                start_new_session=True,
            )  # fmt: skip

    def ready(self, seconds=200):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            text = self.log.read_text()
            if "Prévenance est prête" in text:
                return text.split(
                    "est prête\N{NO-BREAK SPACE}: " if "prête\N{NO-BREAK SPACE}:" in text else "est prête : "
                )[1].split()[0]
            assert self.process.poll() is None, text
            time.sleep(0.1)
        raise AssertionError(self.log.read_text())

    def end(self, number):
        self.process.send_signal(number)
        self.process.wait(timeout=40)


def answers(address):
    with urllib.request.urlopen(f"{address}/compte/entrer/", timeout=10) as response:
        return response.status == 200


def port_of_database(var):
    return json.loads((var / "postgres" / "state.json").read_text())["port"]


def listening(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.1)
    return condition()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_a_whole_life(var):
    port = free_port()
    first = Run(var, "--port", str(port))
    address = first.ready()
    assert address == f"http://127.0.0.1:{port}"
    assert answers(address)
    database = port_of_database(var)

    # A second start while the first runs: the port is taken, said, and another one chosen; both share the database.
    second = Run(var, "--port", str(port))
    other = second.ready()
    assert other != address
    assert f"Le port {port} est pris" in second.log.read_text()
    assert answers(other)
    second.end(signal.SIGINT)
    assert answers(address), "stopping one must not stop the database of the other"

    # kill -9: server and worker end with their parent; the next start recovers whatever PostgreSQL was left.
    first.end(signal.SIGKILL)
    assert wait_until(lambda: not listening(port))
    started = time.monotonic()
    third = Run(var, "--port", str(port))
    assert answers(third.ready())
    assert time.monotonic() - started < 60  # ten seconds is the aim, measured by benchmarks/start.py

    # Ctrl-C stops everything it started.
    third.end(signal.SIGINT)
    assert wait_until(lambda: not listening(port))
    assert wait_until(lambda: not listening(database))
