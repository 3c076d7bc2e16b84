"""`./dev run`: prepare what is missing, start the server and the worker, stop everything at the end."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence

from prevenance.config import postgres
from prevenance.config.paths import ROOT

FIRST_PORT = 8000


def run(arguments: Sequence[str]) -> None:
    """Serve until Ctrl-C. `--port N` asks for a port; a taken one is said and the next free one used."""
    os.environ.setdefault("PREVENANCE_DEMONSTRATION", "1")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    started: list[subprocess.Popen[bytes]] = []
    with postgres.running():
        # Children are told where the database is, so that this process alone starts and stops it.
        environment = os.environ | {
            "DATABASE_URL": postgres.url("application"),
            "DATABASE_OWNER_URL": postgres.url("owner"),
        }
        prepare(environment)
        port = choose_port(arguments)
        address = f"http://127.0.0.1:{port}"
        environment.setdefault("PREVENANCE_ADDRESS", address)
        try:
            started.append(child(server(port), environment))
            started.append(child([sys.executable, "-m", "prevenance", "procrastinate", "worker"], environment))
            wait_for(address, started[0])
            print(f"\nPrévenance est prête : {address}\nCtrl-C pour arrêter.", flush=True)
            while all(process.poll() is None for process in started):
                time.sleep(0.3)
            sys.exit("Un des programmes s’est arrêté : voyez son message ci-dessus, puis relancez ./dev run.")
        except KeyboardInterrupt:
            print("\nArrêt…", flush=True)
        finally:
            stop(started)


def prepare(environment: dict[str, str]) -> None:
    """Bring tables, reference data, demonstration and static files up to date, in one process as the owner."""
    done = subprocess.run(
        [sys.executable, "-m", "prevenance", "prepare"],
        cwd=ROOT,
        env=environment | {"PREVENANCE_DATABASE_ROLE": "owner"},
    )
    if done.returncode:
        sys.exit("La préparation n’a pas abouti : voyez le message ci-dessus.")


def server(port: int) -> list[str]:
    """A worker that is asked to stop while it still reads the product does not hear it: it is killed after a while."""
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
        "--workers", "2", "--blocking-threads", "4", "--no-access-log", "--log-level", "warning",
        "--respawn-failed-workers", "--workers-kill-timeout", "5", "prevenance.config.wsgi:application",
    ]  # fmt: skip


def child(command: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start a program that ends with this one, even after `kill -9` where the kernel knows how."""
    return subprocess.Popen(command, cwd=ROOT, env=environment, preexec_fn=die_with_parent, start_new_session=True)


def die_with_parent() -> None:
    if sys.platform == "linux":
        parent_death_signal = 1  # PR_SET_PDEATHSIG in <linux/prctl.h>
        ctypes.CDLL(None).prctl(parent_death_signal, signal.SIGTERM)


def choose_port(arguments: Sequence[str]) -> int:
    wanted = int(arguments[list(arguments).index("--port") + 1]) if "--port" in arguments else FIRST_PORT
    for port in range(wanted, wanted + 50):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port != wanted:
            print(f"Le port {wanted} est pris : Prévenance utilise le {port}.", flush=True)
        return port
    sys.exit(f"Aucun port libre entre {wanted} et {wanted + 49} : indiquez-en un avec --port.")


def wait_for(address: str, process: subprocess.Popen[bytes], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            sys.exit("Le serveur n’a pas démarré : voyez le message ci-dessus.")
        try:
            with urllib.request.urlopen(f"{address}/sante/", timeout=5):  # noqa: S310  (our own loopback)
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    sys.exit("Le serveur ne répond pas.")


def stop(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        if process.poll() is None:
            process.terminate()
    for process in processes:
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
