"""Tables that leave: CSV, XLSX and ODS, for people who will open them in Excel or LibreOffice in French.

The same choices in the three formats: dates ISO (2026-03-12), since Excel and LibreOffice both take them for dates
whatever their language, and no other tool misreads them; moments in Paris time; yes and no as « oui » and « non »;
an absent value is an empty cell. Text is never a formula: XLSX and ODS cells carry their type, and in CSV, which
has none, a text that a spreadsheet would compute is preceded by an apostrophe, which `spreadsheet` takes away again.
"""

import csv
import io
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from zoneinfo import ZoneInfo

import xlsxwriter
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from prevenance.core.documents import opendocument

PARIS = ZoneInfo("Europe/Paris")
Kind = Literal["text", "integer", "decimal", "date", "datetime", "boolean"]
Row = Mapping[str, Any]
Value = str | int | Decimal | date | datetime | None

FORMATS = {
    "xlsx": gettext_lazy("Excel (XLSX)"),
    "ods": gettext_lazy("LibreOffice (ODS)"),
    "csv": gettext_lazy("Texte (CSV)"),
}
CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
}
WIDTHS: dict[Kind, int] = {"text": 28, "integer": 12, "decimal": 14, "date": 12, "datetime": 18, "boolean": 8}

SHEET_ROWS = 1_048_576  # the most that Excel and LibreOffice open, header included
EXACT_IN_A_SHEET = 10**15  # spreadsheets keep fifteen digits: longer whole numbers are written as text
CELL_TEXT = 32_767  # the most UTF-16 units that Excel keeps in a cell
FIRST_EXCEL_YEAR = 1901  # Excel has no date before 1900 and counts a 29 February 1900 that never was

NOT_IN_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
COMPUTED = re.compile(r"'*\s*[=+\-@\t＝＋－＠]|'*\s*\n")


@dataclass(frozen=True)
class Column:
    """`key` of the row, `label` of its header, `kind` of its values, `width` in characters (None: by kind)."""

    key: str
    label: str
    kind: Kind = "text"
    width: int | None = None

    @property
    def characters(self) -> int:
        return self.width or max(WIDTHS[self.kind], min(len(str(self.label)) + 2, 40))


@dataclass(frozen=True)
class Tab:
    """One table of a workbook; `title` names its sheet."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Row]


def export(format: str, columns: Sequence[Column], rows: Iterable[Row], *, title: str) -> tuple[bytes, str, str]:
    """(file, content type, extension) of `rows`; `format` is a key of FORMATS, else ValueError."""
    return export_tabs(format, [Tab(title, columns, rows)], title=title)


def export_tabs(format: str, tabs: Sequence[Tab], *, title: str) -> tuple[bytes, str, str]:
    """The same of several tables, a sheet each under names that differ. CSV holds one table: it is the first."""
    writers: dict[str, Callable[[], bytes]] = {
        "csv": lambda: to_csv(tabs[0].columns, tabs[0].rows),
        "xlsx": lambda: tabs_to_xlsx(tabs, title=title),
        "ods": lambda: tabs_to_ods(tabs, title=title),
    }
    if format not in writers:
        raise ValueError(f"no such format: {format!r}")
    return writers[format](), CONTENT_TYPES[format], format


def to_csv(columns: Sequence[Column], rows: Iterable[Row]) -> bytes:
    """UTF-8 with its mark, `;` and a decimal comma: what Excel in French opens by a double click without asking."""
    output = io.StringIO(newline="")
    # Every cell is quoted, so that a comma or a tab in a text is never taken for the separator.
    writer = csv.writer(output, delimiter=";", lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow([not_computed(clean(column.label)) for column in columns])
    for row in rows:
        writer.writerow([in_csv(value_of(column, row)) for column in columns])
    return output.getvalue().encode("utf-8-sig")


def in_csv(value: Value) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M:%S" if value.second else "%Y-%m-%d %H:%M")
        case date():
            return value.isoformat()
        case int():
            return str(value)
        case Decimal():
            return f"{value:f}".replace(".", ",")
    return not_computed(value)


def not_computed(text: str) -> str:
    """`text`, preceded by an apostrophe where a spreadsheet would compute it; see `spreadsheet.as_typed`."""
    return f"'{text}" if COMPUTED.match(text) else text


def to_xlsx(columns: Sequence[Column], rows: Iterable[Row], *, title: str) -> bytes:
    """A workbook of one sheet named after `title`."""
    return tabs_to_xlsx([Tab(title, columns, rows)], title=title)


def tabs_to_xlsx(tabs: Sequence[Tab], *, title: str) -> bytes:
    """A workbook of a sheet a table, written row by row to disk so that memory stays flat."""
    output = io.BytesIO()
    book = xlsxwriter.Workbook(
        output,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
        },
    )
    book.set_properties({"title": clean(title), "author": "Prévenance"})
    heading = book.add_format({"bold": True, "bottom": 1, "bg_color": "#E2EFEC", "text_wrap": True, "valign": "top"})
    formats = {
        "text": book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"}),
        "integer": book.add_format({"num_format": "0", "valign": "top"}),
        "decimal": book.add_format({"num_format": "#,##0.00", "valign": "top"}),
        "date": book.add_format({"num_format": "dd/mm/yyyy", "valign": "top"}),
        "datetime": book.add_format({"num_format": "dd/mm/yyyy hh:mm", "valign": "top"}),
        "boolean": book.add_format({"valign": "top"}),
    }
    for tab in tabs:
        fill_worksheet(book.add_worksheet(sheet_name(tab.title)), tab, heading, formats)
    book.close()
    return output.getvalue()


def fill_worksheet(sheet: Any, tab: Tab, heading: Any, formats: Mapping[str, Any]) -> None:
    for place, column in enumerate(tab.columns):
        sheet.set_column(place, place, column.characters)
        sheet.write_string(0, place, clean(column.label), heading)
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)

    last = 0
    for last, row in enumerate(tab.rows, start=1):
        refuse_beyond(last)
        for place, column in enumerate(tab.columns):
            style = formats[column.kind]
            match value_of(column, row):
                case None:
                    pass
                case int() | Decimal() as number if abs(number) < EXACT_IN_A_SHEET:
                    sheet.write_number(last, place, number, style)
                case date() as day if day.year >= FIRST_EXCEL_YEAR:
                    sheet.write_datetime(last, place, day, style)
                case str(text):
                    sheet.write_string(last, place, fitting(text), style)
                case other:
                    sheet.write_string(last, place, in_csv(other), style)
    if tab.columns:
        sheet.autofilter(0, 0, last, len(tab.columns) - 1)


def to_ods(columns: Sequence[Column], rows: Iterable[Row], *, title: str) -> bytes:
    """A workbook of one sheet named after `title`."""
    return tabs_to_ods([Tab(title, columns, rows)], title=title)


def tabs_to_ods(tabs: Sequence[Tab], *, title: str) -> bytes:
    """A workbook of a sheet a table."""

    def values(tab: Tab) -> Iterable[list[opendocument.Value]]:
        for number, row in enumerate(tab.rows, start=1):
            refuse_beyond(number)
            yield [exact(value_of(column, row)) for column in tab.columns]

    sheets = [
        opendocument.Sheet(
            name=sheet_name(tab.title),
            headers=[clean(column.label) for column in tab.columns],
            kinds=[column.kind for column in tab.columns],
            widths=[column.characters for column in tab.columns],
            rows=values(tab),
        )
        for tab in tabs
    ]
    return opendocument.workbook(sheets, title=clean(title))


def value_of(column: Column, row: Row) -> Value:
    """The value of `row` for `column`: None for absent or not a number, else of the type of its kind.

    Raises KeyError for a missing key, ValueError for a moment without its time zone.
    """
    value = row[column.key]
    if value is None or value == "":
        return None
    match column.kind:
        case "integer":
            return int(value)
        case "decimal":
            if not math.isfinite(value):
                return None
            return value if isinstance(value, Decimal) else Decimal(repr(value))
        case "datetime":
            if value.tzinfo is None:
                raise ValueError(f"{column.key}: a moment needs its time zone")
            return value.astimezone(PARIS).replace(tzinfo=None, microsecond=0)  # type: ignore[no-any-return]
        case "date":
            return value  # type: ignore[no-any-return]
        case "boolean":
            return _("oui") if value else _("non")
        case "text":
            return clean(value)
    raise ValueError(f"{column.key}: no such kind of column: {column.kind}")


def clean(value: object) -> str:
    """`value` as text with line ends made one, without the characters that XML and spreadsheets cannot hold."""
    return NOT_IN_XML.sub("", str(value).replace("\r\n", "\n").replace("\r", "\n"))


def exact(value: Value) -> Value:
    """`value`, or its text where a spreadsheet would round it."""
    if isinstance(value, int | Decimal) and abs(value) >= EXACT_IN_A_SHEET:
        return in_csv(value)
    return value


def fitting(text: str) -> str:
    """`text` cut, and saying so, where Excel would refuse the cell."""
    units = text.encode("utf-16-le")
    if len(units) // 2 <= CELL_TEXT:
        return text
    mark = _(" […] texte coupé : Excel n’en garde pas plus")
    return units[: 2 * (CELL_TEXT - len(mark))].decode("utf-16-le", "ignore") + mark


def sheet_name(title: str) -> str:
    """A name that Excel accepts: at most 31 characters, without []:*?/\\ nor an apostrophe at either end."""
    name = re.sub(r"[\[\]:*?/\\\s]+", " ", clean(title)).strip(" '")[:31].strip(" '")
    return _("Tableau") if not name or name.lower() in ("history", "historique") else name


def refuse_beyond(row: int) -> None:
    if row >= SHEET_ROWS:
        raise ValueError(f"a sheet holds {SHEET_ROWS} rows: use CSV")
