"""A real server on a copy of the demonstration, and the system's Chromium to drive it.

Without Chromium the browser tests say that they are skipped; with PREVENANCE_NEED_BROWSER=1 (as in CI) they fail.
"""

import contextlib
import fcntl
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from prevenance.config.paths import ROOT, VAR
from tests import database

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), ""
)
OPTIONS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--force-color-profile=srgb",
]  # fmt: skip
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 320, "height": 640}


def pytest_collection_modifyitems(items):
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium():
    if not CHROMIUM:
        message = "Chromium is not installed: the browser tests cannot run (apt-get install chromium)"
        if os.environ.get("PREVENANCE_NEED_BROWSER"):
            pytest.fail(message)
        pytest.skip(message)
    from playwright.sync_api import sync_playwright

    # Playwright leaves a loop running in this thread; the worker's later tests use the ORM in the same thread.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield browser
        browser.close()


class Server:
    """A running Prévenance: its address, the folder of its files and mails, its database."""

    def __init__(self, address, var, name):
        self.address, self.var, self.database = address, var, name

    def prevenance(self, *arguments):
        """Run the command line on this server's database; what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "prevenance", *arguments],
            cwd=ROOT, env=server_environment(self.database, self.var, PREVENANCE_ADDRESS=self.address),
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def run_jobs(self):
        """Do every waiting job now, as the worker would."""
        self.prevenance("procrastinate", "worker", "--one-shot")

    def mails(self):
        """Mails sent so far, oldest first, as parsed messages."""
        import email
        from email import policy

        files = sorted((self.var / "mail").glob("*.log"), key=lambda path: path.stat().st_mtime)
        texts = [text for path in files for text in path.read_bytes().split(b"-" * 79 + b"\n") if text.strip()]
        return [email.message_from_bytes(text, policy=policy.default) for text in texts]


def server_environment(name, var, **extra):
    return database.environment(name) | {
        "PREVENANCE_MAIL_FOLDER": str(var / "mail"),
        "PREVENANCE_FILES": str(var / "files"),
        **extra,
    }


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def serving(name, var, **extra):
    """Serve database `name`, until the block ends."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    environment = server_environment(name, var, PREVENANCE_ADDRESS=address, **extra)
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
               "--workers", "1", "--blocking-threads", "4", "--no-access-log", "--log-level", "warning",
               "prevenance.config.wsgi:application"]  # fmt: skip
    with open(var / "server.log", "wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            deadline = time.monotonic() + 60
            while True:
                assert process.poll() is None, (var / "server.log").read_text()
                assert time.monotonic() < deadline, "the server does not answer"
                try:
                    urllib.request.urlopen(f"{address}/sante/", timeout=2).close()
                    break
                except (urllib.error.URLError, ConnectionError, TimeoutError):
                    time.sleep(0.1)
            yield Server(address, var, name)
        finally:
            process.terminate()
            process.wait(timeout=15)


def collect_static(brand):
    """Static files of a brand under their hashed names, as served for real; workers of one run take turns."""
    with open(VAR / "collectstatic.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run([sys.executable, "-m", "prevenance", "collectstatic", "--noinput", "--verbosity", "0"],
                       cwd=ROOT, check=True, env=os.environ | {"PREVENANCE_BRAND": brand})  # fmt: skip


@pytest.fixture(scope="session")
def collected_static():
    collect_static("neutral")


@pytest.fixture(scope="session")
def server(tmp_path_factory, collected_static):
    """The demonstration, shared by tests that read it."""
    with (
        database.copy_of(database.demonstration()) as name,
        serving(name, tmp_path_factory.mktemp("server")) as running,
    ):
        yield running


@pytest.fixture
def own_server(tmp_path, collected_static):
    """A demonstration of one's own, for a journey that changes it."""
    with database.copy_of(database.demonstration()) as name, serving(name, tmp_path) as running:
        yield running


class Watch:
    """What a browser did that it should not: errors, blocked content, requests that left the machine."""

    def __init__(self, page):
        self.problems, self.requests = [], []
        self.expected = set()
        page.on("console", lambda message: message.type == "error" and self.problems.append(message.text))
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("request", self.request)

    def request(self, request):
        self.requests.append(request.url)
        if not request.url.startswith(("http://127.0.0.1:", "data:", "blob:", "about:", "chrome-error:")):
            self.problems.append(f"request to {request.url}")

    def real_problems(self):
        return [problem for problem in self.problems if not any(words in problem for words in self.expected)]


def new_page(chromium, server, viewport, **options):
    context = chromium.new_context(
        locale="fr-FR", timezone_id="Europe/Paris", viewport=viewport, base_url=server.address, **options
    )
    context.set_default_timeout(15_000)
    page = context.new_page()
    page.watch = Watch(page)
    return page


@pytest.fixture(params=[WIDE, PHONE], ids=["1280", "320"])
def viewport(request):
    return request.param


@pytest.fixture
def page(chromium, server, viewport):
    """A page on the shared demonstration; at the end nothing may have gone wrong in it."""
    page = new_page(chromium, server, viewport)
    yield page
    page.context.close()
    assert page.watch.real_problems() == []


@pytest.fixture
def pages(chromium, own_server):
    """pages(viewport, **options): pages each in a browser of its own; at the end nothing may have gone wrong in any."""
    opened = []

    def another(viewport=WIDE, **options):
        page = new_page(chromium, own_server, viewport, **options)
        opened.append(page)
        return page

    yield another
    for page in opened:
        page.context.close()
    assert [page.watch.real_problems() for page in opened] == [[]] * len(opened)


def enter_as(page, role):
    """Sign in with the demonstration's button of a role."""
    page.goto("/compte/entrer/")
    page.locator(f"button[name=role][value={role}]").click()
    page.wait_for_url("**/ma-journee/")
