"""Every address to try: those of the resolver filled with what was planted, and those that readers' pages lead to."""

import itertools
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from django.urls import NoReverseMatch, Resolver404, URLPattern, get_resolver, resolve, reverse
from django.utils import timezone

from prevenance.domains.followup.models import CallToOrder, Channel, Reporter, SentReport, Transaction
from prevenance.domains.followup.rules import lists
from tests.attack.planting import kept_models

# Arguments of followup that do not bear the name of their model.
ALIASES = {
    "part": "involvement", "request": "rightsrequest", "access": "archiveaccess", "call": "calltoorder",
    "entry": "transaction", "demand": "rightsrequest", "proposal": "handover", "archive": "file",
    "signal": "sentreport",
}  # fmt: skip
NAMED = {
    model.__name__.lower(): model.__name__
    for model in (*kept_models(), CallToOrder, Channel, Reporter, SentReport, Transaction)
}
PAGES_CRAWLED = 160  # per reader: links of a list look alike


def served():
    """(name, {argument: converter}) of every address of the site."""

    def walk(patterns, namespace):
        for entry in patterns:
            if isinstance(entry, URLPattern):
                yield f"{namespace}{entry.name}", dict(entry.pattern.converters)
            else:
                yield from walk(entry.url_patterns, f"{namespace}{entry.namespace}:" if entry.namespace else namespace)

    return list(walk(get_resolver().url_patterns, ""))


def name_of(path):
    """Name of the address of a path."""
    return resolve(urlsplit(path).path).view_name


class Form:
    def __init__(self, action, method):
        self.action, self.method, self.fields, self.texts = action, method, {}, []

    def filled(self, text):
        """What somebody would send: choices taken, today's date, `text` in every field of words."""
        return {**self.fields, **dict.fromkeys(self.texts, text)}


class Page(HTMLParser):
    """Links and forms of a page, as a browser would send them."""

    def __init__(self, path, content):
        super().__init__()
        self.path, self.links, self.forms = path, [], []
        self.form = self.select = self.textarea = None
        self.title, self._in_title = "", False
        self.feed(content)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "title":
            self._in_title = True
        for key in ("href", "hx-get", "hx-post"):
            if given.get(key) and tag != "link":
                self.links.append(urljoin(self.path, given[key]))
        if tag == "form":
            action = given.get("action") or given.get("hx-post") or given.get("hx-get") or ""
            self.form = Form(urljoin(self.path, action), (given.get("method") or "get").lower())
            self.forms.append(self.form)
        elif self.form is not None and given.get("name") and tag in ("input", "select", "textarea", "button"):
            self.field(tag, given)
        elif tag == "option" and self.select and given.get("value") and not self.form.fields.get(self.select):
            self.form.fields[self.select] = given["value"]

    def field(self, tag, given):
        name, kind = given["name"], given.get("type", "text")
        if name == "csrfmiddlewaretoken":
            return
        if tag == "select":
            self.select = name
            self.form.fields.setdefault(name, "")
        elif tag == "textarea" or (tag == "input" and kind in ("text", "search", "email", "tel", "url")):
            self.form.texts.append(name)
        elif kind in ("radio", "checkbox"):
            self.form.fields.setdefault(name, given.get("value", "on"))
        elif kind == "date":
            self.form.fields[name] = (
                timezone.localdate().isoformat()
            )  # never what the page says: it may be a birth date
        elif kind not in ("file", "password"):
            self.form.fields[name] = given.get("value") or ("1" if kind == "number" else "")

    def handle_endtag(self, tag):
        if tag == "form":
            self.form = None
        elif tag == "select":
            self.select = None
        elif tag == "title":
            self._in_title = False

    def handle_data(self, data):
        if self._in_title:
            self.title += data


class Targets:
    """`paths`: what everybody tries. `crossed`: a file that one reads, with a row of a file that one does not read.

    `forms`: {path: what a reader's page would send there}.
    """

    def __init__(self, world, house):
        self.world, self.house = world, house
        self.paths, self.crossed, self.forms = {}, [], {}
        for name, arguments in served():
            for path in self.filled(name, arguments):
                self.paths[path] = name
        self.crawl()

    def about(self, path):
        """Label of what the address of a path is about, None for the rest of the site."""
        given = resolve(urlsplit(path).path).kwargs
        for one in self.world.planted:
            key = "file" if one.is_file else {"call": "call", "transaction": "entry", "report": "signal"}[one.label]
            if given.get(key) == one.row.pk:
                return one.label
        return None

    # ------------------------------------------------------------------------------------------------- the resolver

    def filled(self, name, arguments):
        if not arguments:
            yield reverse(name)
        elif name.startswith("followup:"):
            yield from self.about_files(name, arguments)
        else:
            values = {argument: self.house.value(name, argument) for argument in arguments}
            yield reverse(name, kwargs=values)

    def about_files(self, name, arguments):
        """One address a planted file, whose arguments are of that file; others go to `crossed`."""
        for one in self.world.planted:
            found = [self.values(argument, one) for argument in arguments]
            for values in itertools.product(*found):
                path = self.reversed(name, dict(zip(arguments, values, strict=True)))
                if path:
                    yield path
        if "file" in arguments and len(arguments) > 1:
            for mine, other in itertools.permutations([one for one in self.world.planted if one.is_file], 2):
                found = [
                    [mine.row.pk] if argument == "file" else self.values(argument, other) for argument in arguments
                ]
                for values in itertools.product(*found):
                    path = self.reversed(name, dict(zip(arguments, values, strict=True)))
                    if path:
                        self.crossed.append((path, mine.label, other.label))

    @staticmethod
    def reversed(name, values):
        try:
            return reverse(name, kwargs=values)
        except NoReverseMatch:
            return None

    def values(self, argument, one):
        """Every key of what was planted with a file that the argument may mean."""
        wanted = ALIASES.get(argument, argument)
        if wanted in ("file", "body"):
            return [getattr(one.row, "pk" if wanted == "file" else "body_id")] if one.is_file else []
        if wanted == "meeting":
            return [one.meeting.pk] if hasattr(one, "meeting") else [0]
        if wanted in NAMED:
            return [row.pk for row in one.rows.get(NAMED[wanted], [])]
        slugs = self.world.slugs.get(argument)
        if slugs:
            return slugs
        return sorted({row.pk for rows in one.rows.values() for row in rows})  # any of them

    # ------------------------------------------------------------------------------------------- what pages lead to

    def crawl(self):
        """Follow the links of readers' pages, a few pages of each address, and keep the forms that they show."""
        for attacker in self.world.attackers:
            if not attacker.leads:
                continue
            client = attacker.client()
            give_reasons(client, self.world.planted)
            seen, waiting, each = set(), ["/", *[p for p, n in self.paths.items() if n.startswith("followup:")]], {}
            while waiting and len(seen) < PAGES_CRAWLED:
                path = urlsplit(waiting.pop(0))._replace(fragment="").geturl()
                if path in seen or not path.startswith("/"):
                    continue
                seen.add(path)
                name = known(path)
                if name is None or name in LEAVING:
                    continue
                each[name] = each.get(name, 0) + 1
                if each[name] > 6:  # enough of one kind
                    continue
                self.paths.setdefault(path, name)
                response = client.get(path)
                if response.status_code == 200 and response["Content-Type"].startswith("text/html"):
                    page = Page(path, response.content.decode())
                    waiting += [link for link in page.links if link not in seen]
                    for form in page.forms:
                        self.keep(form)

    def keep(self, form):
        if form.method != "post" or known(form.action) is None:
            return
        path = urlsplit(form.action)._replace(fragment="").geturl()
        self.paths.setdefault(path, known(path))
        self.forms.setdefault(path, []).append(form)


LEAVING = {"accounts:sign_out", "accounts:switch"}


def known(path):
    try:
        return name_of(path)
    except Resolver404:
        return None


def give_reasons(client, planted):
    """Say why one reads each file that is not one of one's own, as the page asks once a day."""
    why = lists.choices("reading_reasons")[0][0]
    for one in planted:
        if not one.is_file:
            continue
        client.post(reverse("followup:file_reason", args=[one.row.pk]), {"why": why})
