#!/usr/bin/env python3
"""A clean clone starts: `./dev run` until the sign-in page answers, then Ctrl-C, which leaves nothing running.

As root when we are root, then as an ordinary user made for it, with a home and a package cache of its own, both cold.
Only the standard library: nothing is installed yet.
"""

import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1]
ORDINARY = "prevenance-ci"
READY = re.compile(r"http://127\.0\.0\.1:\d+")
PATIENCE = 900  # seconds: packages are downloaded
KEPT = re.compile(r"PATH|LANG|LC_\w+|TMPDIR|(https?|no|all)_proxy|(PIP|UV)_\w+|SSL_CERT_\w+|REQUESTS_CA_BUNDLE", re.I)


def say(text):
    sys.stderr.write(text + "\n")


def main():
    if os.geteuid():
        start(pwd.getpwuid(os.geteuid()))
        return
    start(pwd.getpwnam("root"))
    made = subprocess.run(["useradd", "--create-home", ORDINARY]).returncode == 0
    try:
        start(pwd.getpwnam(ORDINARY))
    finally:
        if made:
            subprocess.run(["userdel", "--remove", ORDINARY], capture_output=True)


def start(account):
    """The whole life of one clone, under one account. Stops with what went wrong."""
    say(f"Clone propre, compte {account.pw_name}…")
    begin = time.monotonic()
    home = Path(tempfile.mkdtemp(prefix="prevenance-clean-"))
    home.chmod(0o755)  # as root, the database's own user walks through it
    try:
        place = home / "prevenance"
        subprocess.run(["git", "clone", "--quiet", f"file://{SOURCE}", str(place)], check=True)
        other = account.pw_uid != os.geteuid()
        if other:
            subprocess.run(["chown", "-R", f"{account.pw_uid}:{account.pw_gid}", str(home)], check=True)
        environment = {name: value for name, value in os.environ.items() if KEPT.fullmatch(name)}
        environment |= {"HOME": account.pw_dir, "USER": account.pw_name}
        identity = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if other else {}
        if other:
            environment.pop("UV_CACHE_DIR", None)  # of somebody else, who alone writes there
        log = home / "run.log"
        with open(log, "wb") as output:
            process = subprocess.Popen(
                ["./dev", "run"], cwd=place, env=environment, stdout=output, stderr=output, start_new_session=True,
                **identity,
            )  # fmt: skip
        try:
            address = wait_until_ready(process, log)
            with urllib.request.urlopen(f"{address}/compte/entrer/", timeout=30) as answer:  # noqa: S310  (our loopback)
                assert answer.status == 200, answer.status
            say(f"  la page de connexion répond après {time.monotonic() - begin:.0f} s")
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=90)
        wait_until_nothing_runs(home)
        changed = subprocess.run(
            ["git", "status", "--porcelain"], cwd=place, capture_output=True, text=True, **identity
        )
        if changed.returncode or changed.stdout:
            sys.exit(f"Le clone n’est plus propre :\n{changed.stdout}{changed.stderr}")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def wait_until_ready(process, log):
    """The address that `./dev run` says."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        text = log.read_text(errors="replace")
        said = READY.search(text.partition("Prévenance est prête")[2])
        if said:
            return said.group()
        if process.poll() is not None:
            break
        time.sleep(0.5)
    sys.exit(f"./dev run n’a pas abouti :\n{log.read_text(errors='replace')}")


def wait_until_nothing_runs(place, seconds=30):
    deadline = time.monotonic() + seconds
    while left := running_in(place):
        if time.monotonic() > deadline:
            sys.exit("Encore en marche après Ctrl-C :\n" + "\n".join(left))
        time.sleep(0.5)


def running_in(place):
    """Processes that work in a folder or were started from it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            here = str((process / "cwd").readlink())
        except OSError:
            continue  # ended meanwhile, or somebody else's
        if str(place) in command or here.startswith(str(place)):
            found.append(f"{process.name} {command}")
    return found


if __name__ == "__main__":
    main()
