"""One attacker tries every address; what they get that they may not have is a leak, told with where it was found."""

import re
from copy import deepcopy
from urllib.parse import urlencode, urlsplit

from django.core import mail
from django.db import connection, transaction

from prevenance.core.documents.tables import FORMATS
from prevenance.domains.accounts.models import Session
from tests.attack.canaries import body_of, head_of
from tests.attack.targets import LEAVING, Page, give_reasons, known

WORDS = "Texte inventé"
TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
LOOKED_FOR = re.compile(r"<form(?![^>]*method=\"post\")")  # a form that asks, and does not act


class Undone(Exception):
    pass


class Walk:
    """`leaks`: what must not be there. `seen`: (label, place) read rightly, which shows that the walk reaches files."""

    def __init__(self, world, attacker, targets):
        self.world, self.attacker, self.targets = world, attacker, targets
        self.reader = world.reader
        self.leaks, self.broken, self.seen, self.requests = [], [], set(), 0
        self.searched, self.read = set(), set()
        self.client = attacker.client()

    def tries(self, path, name):
        """What is theirs or known to them, and of the rest a file of each town and an entry of a register: the others
        answer alike, as `test_by_the_orm…` shows of the database. The rest of the site is walked by those who lead and
        by offices; for everybody else test_absence.py compares it with a world that holds no file."""
        label = self.targets.about(path)
        if label:
            theirs = self.attacker.reads | self.attacker.knows | set(self.attacker.parts)
            return label in theirs or label in ("exposed", "there", "call")
        return name.startswith("followup:") or self.attacker.leads or self.attacker.office

    def all(self):
        give_reasons(self.client, self.world.planted)
        for path, name in self.targets.paths.items():
            if name in LEAVING or not self.tries(path, name):
                continue
            self.get(path)
            # Acts of other domains are tried by one: what they answer to the others is docs/access.csv's own test.
            label = self.targets.about(path)
            if (name.startswith("followup:") and label != "there") or self.attacker.acts:
                self.post(path, self.forms(path))
                if label in self.attacker.reads and label != "victim":
                    self.post(path, {})
            if name.endswith("search") and self.targets.forms.get(path):
                self.search(path)
        mine = min(self.attacker.reads, default="")
        for path, ours, other in self.targets.crossed:
            if ours == mine and other in {"exposed", "victim", "there"} - self.attacker.reads:
                self.get(path)
                self.post(path, self.forms(path))
        self.stores()
        return self

    # ----------------------------------------------------------------------------------------------------- requests

    def get(self, path, typed=""):
        response = self.client.get(path)
        page = self.judge("GET", path, response, typed)
        if page is None or typed:
            return
        if "format=" in page:
            for format in FORMATS:
                self.judge("GET", added(path, format=format), self.client.get(added(path, format=format)))
        word = next(iter(self.world.planted[0].canaries))
        asked = known(path)
        if asked in self.read or not LOOKED_FOR.search(page):
            return
        self.read.add(asked)
        for form in Page(path, page).forms:
            key = (urlsplit(form.action).path, tuple(form.texts))
            if form.method == "get" and form.texts and key not in self.searched:
                self.searched.add(key)
                self.get(f"{urlsplit(form.action).path}?{urlencode(form.filled(word))}", typed=word)

    def search(self, path):
        """Every name of everybody, looked for where names are."""
        form = self.targets.forms[path][0]
        for one in self.world.planted:
            for word in list(one.canaries)[:2]:  # given name and family name, planted first
                self.post(path, form.filled(word), typed=word)

    def forms(self, path):
        """What the form of a reader's page sends there; else words for any field that a form may have."""
        known_forms = self.targets.forms.get(path)
        if known_forms:
            return known_forms[0].filled(WORDS)
        return {"name": WORDS, "words": WORDS, "title": WORDS, "why": "handover", "kind": "call", "q": WORDS}

    def post(self, path, data, typed=""):
        """What it wrote is read, then undone; the session stays as it was."""
        cookies, sent = deepcopy(self.client.cookies), len(mail.outbox)
        try:
            with transaction.atomic():
                response = self.client.post(path, data)
                self.judge("POST", path, response, typed)
                self.written(f"POST {path}")
                for message in mail.outbox[sent:]:
                    self.mailed(path, message)
                raise Undone
        except Undone:
            self.client.cookies = cookies
            del mail.outbox[sent:]

    # ------------------------------------------------------------------------------------------------------ judging

    def judge(self, method, path, response, typed=""):
        """Note leaks of an answer; the text of its page when it is one."""
        self.requests += 1
        if response.status_code >= 500 and response.status_code != 503:
            self.broken.append(f"{method} {path} {response.status_code} {getattr(response, 'exc_info', ('', ''))[1]!r}")
        head, body = head_of(response), body_of(response)
        for label, place in self.reader.sealed(head):
            self.leak(f"{method} {path}", f"header tells {place} of {label}")
        private = False
        for label, place in self.reader.sealed(body.replace(typed, "") if typed else body):
            if self.attacker.may_read(label, place):
                self.seen.add((label, place))
                private = True
            else:
                self.leak(f"{method} {path}", f"{place} of {label}")
        for label in self.reader.told(f"{head}\n{body}") - self.attacker.knows:
            if f"/{self.world.file(label).number}" not in path:
                self.leak(f"{method} {path}", f"number of {label}")
        if private and "no-store" not in response.get("Cache-Control", ""):
            self.leak(f"{method} {path}", "may be cached")
        if not response.get("Content-Type", "").startswith("text/html") or response.status_code != 200:
            return None
        page = response.content.decode()
        title = " ".join(TITLE.findall(page))
        if self.reader.sealed(title.replace(typed, "") if typed else title):
            self.leak(f"{method} {path}", "title tells something sealed")
        return page

    def leak(self, where, what):
        self.leaks.append(f"{self.attacker.name}: {where}: {what}")

    def mailed(self, path, message):
        parts = [message.subject, message.body, *map(str, message.to)]
        for attachment in message.attachments:
            parts.append(str(attachment))
        text = "\n".join(parts)
        for label, place in self.reader.sealed(text):
            self.leak(f"mail after {path}", f"{place} of {label}")

    def written(self, where):
        """Jobs, the trail: nothing sealed goes there, whoever acts."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT coalesce(string_agg(args::text, ' '), '') FROM procrastinate_jobs")
            jobs = cursor.fetchone()[0]
            cursor.execute(
                "SELECT coalesce(string_agg(concat_ws(' ', scope, action, subject, detail), ' '), '')"
                " FROM core_auditrow"
            )
            trail = cursor.fetchone()[0]
        for what, text in (("job", jobs), ("trail", trail)):
            for label, place in self.reader.sealed(text):
                self.leak(where, f"{what} tells {place} of {label}")

    def stores(self):
        """What stays once all was walked: sessions, jobs, the trail."""
        self.written("at the end")
        for session in Session.objects.all():
            for label, place in self.reader.sealed(str(session.get_decoded())):
                self.leak("session", f"{place} of {label}")


def added(path, **query):
    return f"{path}{'&' if '?' in path else '?'}{urlencode(query)}"
