"""How long documents take: a PDF of some sixty pages; tables of 10,000 rows and 12 columns in each format.

Baseline: the same rows through odfdo, cell by cell (a tenth of them, multiplied), which is why ODS is written as XML.
"""

import io
import os
import time
from datetime import UTC, date, datetime
from decimal import Decimal

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "prevenance.config.settings")
django.setup()

import odfdo  # noqa: E402
import pypdf  # noqa: E402
from django.template import engines  # noqa: E402
from django.utils.html import format_html_join  # noqa: E402

from prevenance.core.documents import pdf, tables  # noqa: E402

ROWS = 10_000
VALUES = {
    "text": "Réunion d’équipe à Saint-Éloi",
    "integer": 12345,
    "decimal": Decimal("12.50"),
    "date": date(2026, 3, 12),
    "datetime": datetime(2026, 3, 12, 14, 0, tzinfo=UTC),
    "boolean": True,
}
KINDS = ["text"] * 7 + ["integer", "decimal", "date", "datetime", "boolean"]


def timed(work):
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def long_document():
    lines = format_html_join(
        "",
        '<tr><th scope="row">{}</th><td>Poursuivre l’action menée avec les habitants du quartier.</td></tr>',
        ((number,) for number in range(1900)),
    )
    body = (
        f"<h1>Bilan</h1><table><thead><tr><th>Numéro</th><th>Décision</th></tr></thead><tbody>{lines}</tbody></table>"
    )
    template = '{% extends "documents/base.html" %}{% block content %}' + body + "{% endblock %}"
    pdf.render_to_string = lambda _name, values: engines["django"].from_string(template).render(values)
    return pdf.render_pdf("", {}, title="Bilan")


def through_odfdo(count):
    document, sheet = odfdo.Document("spreadsheet"), odfdo.Table("x")
    document.body.clear()
    for _ in range(count):
        row = odfdo.Row()
        row.set_values([VALUES[kind] for kind in KINDS])
        sheet.append_row(row, clone=False)
    document.body.append(sheet)
    document.save(io.BytesIO())


def main():
    pdf.drawing_library()
    seconds, data = timed(long_document)
    print(f"PDF: {seconds:.1f} s, {len(data) // 1024} KiB, {len(pypdf.PdfReader(io.BytesIO(data)).pages)} pages")

    columns = [tables.Column(f"c{place}", f"Colonne {place}", kind) for place, kind in enumerate(KINDS)]
    row = {f"c{place}": VALUES[kind] for place, kind in enumerate(KINDS)}
    took = {}
    for kind in tables.FORMATS:
        seconds, (data, _type, _extension) = timed(
            lambda kind=kind: tables.export(kind, columns, (row for _ in range(ROWS)), title="Essai")
        )
        took[kind] = seconds
        print(f"{kind}: {seconds:.2f} s, {len(data) // 1024} KiB, {seconds / took['xlsx']:.2f} × xlsx")
    baseline = 10 * timed(lambda: through_odfdo(ROWS // 10))[0]
    print(f"odfdo: {baseline:.1f} s, so ours is {baseline / took['ods']:.0f} times faster")


if __name__ == "__main__":
    main()
