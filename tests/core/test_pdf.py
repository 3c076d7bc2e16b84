"""A document is readable by everyone: tagged, titled, in French, and drawn without opening anything foreign."""

import io
import logging
import sys
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pypdf
import pytest
from django.template import engines

from prevenance.core.documents import pdf

TEMPLATE = """{% extends "documents/base.html" %}
{% block masthead %}Conseil local de Saint-Éloi-l’Invention{% endblock %}
{% block content %}
<h1>{{ title }}</h1>
<h2>Présents</h2>
<p>Où l’été s’achève : élèves, maïs, œuvre, « cœur », 12 345 €.</p>
<table>
  <caption>Décisions</caption>
  <thead><tr><th scope="col">Numéro</th><th scope="col">Décision</th></tr></thead>
  <tbody>
    {% for line in lines %}<tr><th scope="row">{{ forloop.counter }}</th><td>{{ line }}</td></tr>{% endfor %}
  </tbody>
</table>
{{ extra }}
{% endblock %}"""


def printed(*, lines=("Ouvrir une permanence",), title="Compte rendu de l’assemblée plénière", extra=""):
    template = engines["django"].from_string(TEMPLATE)
    return pdf.render_pdf(template, {"lines": lines, "extra": extra}, title=title)


@pytest.fixture(autouse=True)
def inline_templates(monkeypatch):
    """Lets the tests print a template given as text."""
    monkeypatch.setattr(pdf, "render_to_string", lambda template, context: template.render(context))


def read(data):
    return pypdf.PdfReader(io.BytesIO(data))


def structure(reader):
    """Every (tag, text-less) node of the structure tree, in order, with its dictionary."""
    found = []

    def walk(node):
        node = node.get_object()
        if not isinstance(node, pypdf.generic.DictionaryObject):
            return
        if "/S" in node:
            found.append((node["/S"], node))
        kids = node.get("/K", [])
        for kid in kids if isinstance(kids, list) else [kids]:
            walk(kid)

    walk(reader.trailer["/Root"]["/StructTreeRoot"])
    return found


def test_a_document_declares_itself_tagged_in_french_and_shows_its_title():
    reader = read(printed())
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] == True  # noqa: E712 - a PDF boolean, not Python's
    assert root["/Lang"] == "fr"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"] == True  # noqa: E712
    assert reader.metadata.title == "Compte rendu de l’assemblée plénière"
    assert reader.metadata.author == "Prévenance"
    assert "pdfuaid:part" in root["/Metadata"].get_object().get_data().decode()


def test_accents_are_kept_as_text():
    text = read(printed()).pages[0].extract_text()
    assert "Où l’été s’achève : élèves, maïs, œuvre, « cœur », 12 345 €." in text
    assert "Conseil local de Saint-Éloi-l’Invention" in text
    assert "Page 1 / 1" in text


def test_headings_and_table_headers_are_in_the_structure_tree():
    nodes = structure(read(printed(lines=["Une", "Deux"])))
    tags = [tag for tag, _ in nodes]
    assert tags.count("/H1") == 1
    assert tags.count("/H2") == 1
    assert tags.count("/TH") == 4
    cells = [node for tag, node in nodes if tag == "/TD"]
    assert len(cells) == 2
    headers = {node["/ID"] for tag, node in nodes if tag == "/TH"}
    for cell in cells:
        named = set(cell["/A"]["/Headers"])
        assert len(named) == 2, "a cell names its row and its column"
        assert named <= headers


def test_table_headers_are_repeated_and_pages_counted():
    reader = read(printed(lines=[f"Décision {n}" for n in range(150)]))
    assert len(reader.pages) > 2
    for number, page in enumerate(reader.pages, start=1):
        text = page.extract_text()
        assert "Numéro" in text
        assert f"Page {number} / {len(reader.pages)}" in text


def test_the_date_of_creation_is_the_one_given():
    template = engines["django"].from_string(TEMPLATE)
    created = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
    data = pdf.render_pdf(template, {"lines": [], "extra": ""}, title="Essai", created_at=created)
    assert read(data).metadata.creation_date == created


def test_a_title_is_text_and_never_markup():
    reader = read(printed(title="<b>Gras</b> & « cité »"))
    assert reader.metadata.title == "<b>Gras</b> & « cité »"


@pytest.fixture
def witness():
    """A server on the loopback that counts the requests it gets."""
    seen = []

    class Witness(BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments):
            pass

    server = HTTPServer(("127.0.0.1", 0), Witness)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_address[1], seen
    server.shutdown()
    thread.join()
    server.server_close()


FOREIGN = [
    '<img alt="x" src="{address}">',
    '<link rel="stylesheet" href="{address}">',
    "<style>@import url({address});</style>",
    '<p style="background-image: url({address})">x</p>',
    "<style>@font-face {{ font-family: x; src: url({address}) }} p {{ font-family: x }}</style>",
    '<link rel="attachment" href="{address}">',
    '<object data="{address}"></object>',
    '<svg width="9" height="9"><image href="{address}" width="9" height="9"/></svg>',
]


@pytest.mark.parametrize("markup", FOREIGN)
def test_nothing_is_fetched_from_the_network(witness, markup):
    port, seen = witness
    extra = engines["django"].from_string(markup.format(address=f"http://127.0.0.1:{port}/piste")).render()
    assert printed(extra=extra).startswith(b"%PDF")
    assert seen == []


@pytest.mark.parametrize("markup", FOREIGN)
def test_no_file_is_read_outside_our_static_folder(tmp_path, markup):
    secret = tmp_path / "secret.css"
    secret.write_text("SECRET-DU-SERVEUR { color: red }")
    extra = engines["django"].from_string(markup.format(address=secret.as_uri())).render()
    data = printed(extra=extra)
    reader = read(data)
    assert not reader.attachments
    assert b"SECRET" not in data
    assert all("SECRET" not in page.extract_text() for page in reader.pages)


@pytest.mark.parametrize(
    "address",
    ["file:///etc/passwd", "FILE:///etc/passwd", "../../../../../etc/passwd", "%2e%2e/%2e%2e/%2e%2e/etc/passwd",
     "ftp://127.0.0.1/x", "https://exemple.invalid/x"],
)  # fmt: skip
def test_the_fetcher_refuses_every_other_address(address):
    fetcher = pdf.own_files_only()
    absolute = address if ":" in address else pdf.STATIC.as_uri() + "/" + address
    with pytest.raises(ValueError, match="may not open"):
        fetcher(absolute)


def test_the_fetcher_opens_our_own_static_files(tmp_path, monkeypatch):
    monkeypatch.setattr(pdf, "STATIC", tmp_path)
    (tmp_path / "marque à nous.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    response = pdf.own_files_only()((tmp_path / "marque à nous.svg").as_uri())
    assert response.read().startswith(b"<svg")


def test_without_pango_the_sentence_names_the_packages(monkeypatch, caplog):
    class Missing:
        def find_spec(self, name, path=None, target=None):
            if name == "weasyprint":
                raise OSError("cannot load library 'libpango-1.0-0'")

    for name in [name for name in sys.modules if name.split(".")[0] == "weasyprint"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Missing(), *sys.meta_path])
    with caplog.at_level(logging.ERROR), pytest.raises(pdf.PdfUnavailable, match=r"libpangoft2-1\.0-0"):
        printed()
    assert "libpango-1.0-0" in caplog.text


def test_the_module_is_imported_without_the_drawing_library():
    import subprocess

    code = "import sys, prevenance.core.documents.pdf; print('weasyprint' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
