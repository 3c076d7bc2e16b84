"""Reads one sheet of a workbook in a process of its own: `python workbook.py ROWS COLUMNS < file > sheet.json`.

A workbook of five kilobytes can declare a cell at the far corner of the sheet, for which the reading library asks
for 512 gigabytes and aborts its process. So this one is alone, bounded in memory and time, and knows no secret.
It imports nothing of the project, since it starts at each file.
"""

import json
import sys
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO

import python_calamine

MEMORY = 1024**3  # bytes of address space, libraries included
SECONDS = 20  # of processor


def main(max_rows: int, max_columns: int) -> None:
    confine()
    json.dump(read(sys.stdin.buffer.read(), max_rows, max_columns), sys.stdout)


def confine() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits: there the parent's clock alone bounds this process
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def read(data: bytes, max_rows: int, max_columns: int) -> dict[str, object]:
    """`{"sheet": name, "rows": [[number, [text…]]…]}` of the first visible sheet with a value, or `{"problem": word}`.

    `number` is the row's in the sheet, from 1; empty rows are left out. One row more than `max_rows` may be given
    (the header). The words: encrypted, damaged, empty, rows, columns.
    """
    try:
        book = python_calamine.load_workbook(BytesIO(data))
        for about in book.sheets_metadata:
            if about.visible != python_calamine.SheetVisibleEnum.Visible:
                continue
            if about.typ != python_calamine.SheetTypeEnum.WorkSheet:
                continue
            rows: list[tuple[int, list[str]]] = []
            for number, values in enumerate(book.get_sheet_by_name(about.name).iter_rows(), start=1):
                texts = [as_text(value) for value in values]
                while texts and not texts[-1]:
                    texts.pop()
                if len(texts) > max_columns:
                    return {"problem": "columns"}
                if texts:
                    rows.append((number, texts))
                if len(rows) > max_rows + 1:
                    return {"problem": "rows"}
            if rows:
                return {"sheet": about.name, "rows": rows}
    except python_calamine.PasswordError:
        return {"problem": "encrypted"}
    except python_calamine.CalamineError as error:
        return {"problem": "encrypted" if "password" in str(error).lower() else "damaged"}
    return {"problem": "empty"}


def as_text(value: object) -> str:
    """A cell as a French reader would have typed it: ISO dates, decimal comma, whole numbers without a point."""
    match value:
        case bool():
            return "oui" if value else "non"
        case float() if value.is_integer() and abs(value) < 10**15:
            return str(int(value))
        case float():
            return format(Decimal(repr(value)), "f").replace(".", ",")
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M:%S" if value.second else "%Y-%m-%d %H:%M")
        case time():
            return value.strftime("%H:%M:%S" if value.second else "%H:%M")
        case date():
            return value.isoformat()
        case timedelta():
            minutes = round(value.total_seconds() / 60)
            return f"{minutes // 60:02d}:{minutes % 60:02d}"
    return str(value).replace("\r\n", "\n").replace("\r", "\n").strip()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
