"""Writes an ODS workbook, as XML row by row.

odfdo builds the document in memory, one object a cell: 10,000 rows of 12 columns took it half a minute, this
module less than a second. Structure: OpenDocument 1.3, part 3 (schema), chapters 9 (tables) and 19 (attributes).
"""

import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from xml.sax.saxutils import escape, quoteattr

Value = str | int | Decimal | date | datetime | None

NAMES = " ".join(
    f'xmlns:{short}="{name}"'
    for short, name in {
        "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
        "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
        "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
        "style": "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
        "fo": "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0",
        "number": "urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0",
        "config": "urn:oasis:names:tc:opendocument:xmlns:config:1.0",
        "meta": "urn:oasis:names:tc:opendocument:xmlns:meta:1.0",
        "manifest": "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0",
        "dc": "http://purl.org/dc/elements/1.1/",
    }.items()
)
XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
MEDIA_TYPE = "application/vnd.oasis.opendocument.spreadsheet"

MANIFEST = f"""{XML}<manifest:manifest {NAMES} manifest:version="1.3">
<manifest:file-entry manifest:full-path="/" manifest:version="1.3" manifest:media-type="{MEDIA_TYPE}"/>
<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>
<manifest:file-entry manifest:full-path="meta.xml" manifest:media-type="text/xml"/>
<manifest:file-entry manifest:full-path="settings.xml" manifest:media-type="text/xml"/>
</manifest:manifest>"""

DAY = (
    '<number:day number:style="long"/><number:text>/</number:text><number:month number:style="long"/>'
    '<number:text>/</number:text><number:year number:style="long"/>'
)
HOUR = (
    '<number:text> </number:text><number:hours number:style="long"/><number:text>:</number:text>'
    '<number:minutes number:style="long"/>'
)
STYLES = f"""
<number:date-style style:name="n-date">{DAY}</number:date-style>
<number:date-style style:name="n-datetime">{DAY}{HOUR}</number:date-style>
<number:number-style style:name="n-integer"><number:number number:min-integer-digits="1" \
number:decimal-places="0"/></number:number-style>
<number:number-style style:name="n-decimal"><number:number number:min-integer-digits="1" \
number:decimal-places="2" number:grouping="true"/></number:number-style>
<number:text-style style:name="n-text"><number:text-content/></number:text-style>
<style:style style:name="heading" style:family="table-cell">
<style:table-cell-properties fo:background-color="#e2efec" fo:wrap-option="wrap" style:vertical-align="top"/>
<style:text-properties fo:font-weight="bold"/></style:style>
""" + "".join(
    f'<style:style style:name="{kind}" style:family="table-cell" style:data-style-name="n-{data}">'
    '<style:table-cell-properties fo:wrap-option="wrap" style:vertical-align="top"/></style:style>\n'
    for kind, data in {
        "text": "text",
        "boolean": "text",
        "integer": "integer",
        "decimal": "decimal",
        "date": "date",
        "datetime": "datetime",
    }.items()
)


@dataclass(frozen=True)
class Sheet:
    """`kinds` names each column's style, `widths` are in characters, texts hold no XML-forbidden one.

    `rows` is read once and never kept.
    """

    name: str
    headers: Sequence[str]
    kinds: Sequence[str]
    widths: Sequence[int]
    rows: Iterable[Sequence[Value]]


def workbook(sheets: Sequence[Sheet], *, title: str) -> bytes:
    """The ODS file of these sheets, whose names differ; the first is the one that opens."""
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        # First and not compressed, so that a reader tells the type from the first bytes (part 2, chapter 3.3).
        archive.writestr("mimetype", MEDIA_TYPE, compress_type=zipfile.ZIP_STORED)
        archive.writestr("META-INF/manifest.xml", MANIFEST)
        archive.writestr("meta.xml", meta(title))
        archive.writestr("settings.xml", frozen_headers([sheet.name for sheet in sheets]))
        with archive.open("content.xml", "w") as content, io.TextIOWrapper(content, "utf-8", newline="\n") as file:
            for piece in written(sheets):
                file.write(piece)
    return output.getvalue()


def written(sheets: Sequence[Sheet]) -> Iterator[str]:
    """The pieces of content.xml."""
    yield f'{XML}<office:document-content {NAMES} office:version="1.3"><office:automatic-styles>{STYLES}'
    for number, sheet in enumerate(sheets):
        for place, width in enumerate(sheet.widths):
            yield (
                f'<style:style style:name="column{number}-{place}" style:family="table-column">'
                f'<style:table-column-properties style:column-width="{width * 0.2:.2f}cm"/></style:style>\n'
            )
    yield "</office:automatic-styles><office:body><office:spreadsheet>"
    for number, sheet in enumerate(sheets):
        yield f"<table:table table:name={quoteattr(sheet.name)}>"
        for place, kind in enumerate(sheet.kinds):
            yield (
                f'<table:table-column table:style-name="column{number}-{place}" '
                f'table:default-cell-style-name="{kind}"/>'
            )
        yield "<table:table-header-rows>"
        yield row(sheet.headers, ["heading"] * len(sheet.headers))
        yield "</table:table-header-rows>"
        for values in sheet.rows:
            yield row(values, sheet.kinds)
        yield "</table:table>"
    yield "</office:spreadsheet></office:body></office:document-content>"


def row(values: Sequence[Value], styles: Sequence[str]) -> str:
    cells = "".join(cell(value, style) for value, style in zip(values, styles, strict=True))
    return f"<table:table-row>{cells}</table:table-row>\n"


def cell(value: Value, style: str) -> str:
    match value:
        case None:
            return "<table:table-cell/>"
        case datetime():
            kind = f'office:value-type="date" office:date-value="{value.isoformat()}"'
            shown = value.strftime("%d/%m/%Y %H:%M")
        case date():
            kind = f'office:value-type="date" office:date-value="{value.isoformat()}"'
            shown = value.strftime("%d/%m/%Y")
        case int() | Decimal():
            kind = f'office:value-type="float" office:value="{value:f}"'
            shown = f"{value:f}".replace(".", ",")
        case _:
            kind, shown = 'office:value-type="string"', value
    return f'<table:table-cell table:style-name="{style}" {kind}>{paragraphs(shown)}</table:table-cell>'


def paragraphs(text: str) -> str:
    """`text` as paragraphs; XML readers drop repeated spaces, so each is then an element (part 3, 6.1.2).

    A tab is written as a space: spreadsheets show no tab in a cell, and some readers drop its element.
    """
    written = []
    for line in text.split("\n"):
        line = escape(line).replace("\t", " ")
        if "  " in line or line.startswith(" ") or line.endswith(" "):
            line = line.replace(" ", "<text:s/>")
        written.append(f"<text:p>{line}</text:p>")
    return "".join(written)


def meta(title: str) -> str:
    return (
        f'{XML}<office:document-meta {NAMES} office:version="1.3"><office:meta><dc:title>{escape(title)}</dc:title>'
        "<dc:creator>Prévenance</dc:creator><dc:language>fr-FR</dc:language></office:meta></office:document-meta>"
    )


def frozen_headers(names: Sequence[str]) -> str:
    """The view's settings, by LibreOffice's names: the first row of each sheet stays in sight."""

    def item(name: str, kind: str, value: object) -> str:
        return f'<config:config-item config:name="{name}" config:type="{kind}">{value}</config:config-item>'

    tables = "".join(
        f"<config:config-item-map-entry config:name={quoteattr(name)}>"
        + item("VerticalSplitMode", "short", 2)
        + item("VerticalSplitPosition", "int", 1)
        + item("ActiveSplitRange", "short", 2)
        + item("PositionTop", "int", 0)
        + item("PositionBottom", "int", 1)
        + "</config:config-item-map-entry>"
        for name in names
    )
    return (
        f'{XML}<office:document-settings {NAMES} office:version="1.3"><office:settings>'
        '<config:config-item-set config:name="ooo:view-settings">'
        '<config:config-item-map-indexed config:name="Views"><config:config-item-map-entry>'
        + item("ViewId", "string", "view1")
        + f'<config:config-item-map-named config:name="Tables">{tables}</config:config-item-map-named>'
        + "</config:config-item-map-entry></config:config-item-map-indexed></config:config-item-set>"
        "</office:settings></office:document-settings>"
    )
