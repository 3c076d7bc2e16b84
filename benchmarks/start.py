"""From a clean copy of the project to a working page: under two minutes the first time, under ten seconds after that.

The copy is what git would clone (the last commit), with no environment, no database and no collected file; Python
packages come from the installer's own cache, which should be warm. Seconds are reported and decide nothing.
"""

import argparse
import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from benchmarks._measuring import Report, machine
from prevenance.config.paths import ROOT

MOST_FIRST, MOST_NEXT, PATIENCE = 120, 10, 900
READY = re.compile(r"(http://127\.0\.0\.1:\d+)")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=3, help="starts after the first")
    chosen = parser.parse_args()
    report = Report()
    print(machine())
    with tempfile.TemporaryDirectory(prefix="prevenance-start-") as place:
        Path(place).chmod(0o755)  # the database's own user walks through it
        archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, capture_output=True, check=True).stdout
        subprocess.run(["tar", "-x", "-C", place], input=archive, check=True)
        first, *others = [until_a_page_answers(Path(place)) for _start in range(1 + chosen.starts)]
    report.title("De « ./dev run » à une page")
    report.fact("la première fois", f"{first:.1f} s", f"au plus {MOST_FIRST} s")
    for seconds in others:
        report.fact("ensuite", f"{seconds:.1f} s", f"au plus {MOST_NEXT} s")
    return report.end()


def until_a_page_answers(place: Path) -> float:
    """Seconds from the command to the sign-in page, which is then stopped as Ctrl-C does."""
    begin = time.perf_counter()
    with running(place) as process:
        address = ""
        assert process.stdout
        for line in process.stdout:
            found = READY.search(line)
            if found:
                address = found[1]
                break
            if time.perf_counter() - begin > PATIENCE:
                break
        if not address:
            raise RuntimeError("./dev run did not say where it serves")
        with urllib.request.urlopen(f"{address}/compte/entrer/", timeout=30) as answer:  # noqa: S310  (our loopback)
            if b"</html>" not in answer.read():
                raise RuntimeError("the sign-in page is not a page")
        return time.perf_counter() - begin


@contextlib.contextmanager
def running(place: Path) -> Iterator[subprocess.Popen[str]]:
    """`./dev run` in `place`, with nothing of this project's own environment; stopped at the end."""
    kept = ("PATH", "HOME", "LANG", "UV_CACHE_DIR", "XDG_CACHE_HOME", "TMPDIR")
    inherited = {name: value for name, value in os.environ.items() if name in kept or name.startswith(("UV_", "PIP_"))}
    process = subprocess.Popen(
        [sys.executable, "dev", "run"],
        cwd=place, env=inherited, stdout=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)


if __name__ == "__main__":
    sys.exit(main())
