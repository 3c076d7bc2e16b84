"""Words that exist nowhere else: each sealed column of each file holds its own, so that one found tells its leak.

What is looked for is looked for in everything: pages, headers, PDF, tables, jobs, mails, sessions, the trail.
"""

import datetime as dt
import html
import io
import itertools
import re
import zipfile
from dataclasses import dataclass, field
from urllib.parse import unquote

import pypdf

from prevenance.core.dates import date_format

LETTERS = "bcdfghjkmn"  # digits written in letters: no French word, no identifier begins so
SHAPE = re.compile(r"zqx[bcdfghjkmn]{6}")
NUMBER = re.compile(r"\b20\d\d-91\d{4}\b")
FIRST_RANK = 910_000  # file numbers of this world: 2026-910001…

_counter = itertools.count(1)


def word() -> str:
    """A word never given before: nine letters, so that it fits every sealed column."""
    return "zqx" + "".join(LETTERS[int(digit)] for digit in f"{next(_counter):06d}")


@dataclass
class Planted:
    """What was sealed about one person: {canary: "Model.column"}; their number, and how their birth date is written."""

    label: str
    row: object = None
    canaries: dict[str, str] = field(default_factory=dict)
    birth: dt.date | None = None
    rows: dict[str, list] = field(default_factory=dict)  # by name of model

    def give(self, place: str) -> str:
        canary = word()
        self.canaries[canary] = place
        return canary

    @property
    def is_file(self) -> bool:
        return type(self.row).__name__ == "FollowUp"

    @property
    def number(self) -> str:
        return getattr(self.row, "number", "")  # a report received has none

    @property
    def birth_place(self) -> str:
        return f"{'Identity' if self.is_file else type(self.row).__name__}.birth_date"

    def births(self) -> list[str]:
        if self.birth is None:
            return []
        return [self.birth.isoformat(), f"{self.birth:%d/%m/%Y}", date_format(self.birth, "j F Y")]


def words_of(content: bytes, content_type: str = "") -> str:
    """All that a person or a program could read in a file."""
    if content.startswith(b"%PDF"):
        try:
            reader = pypdf.PdfReader(io.BytesIO(content))
            return "\n".join([*(page.extract_text() for page in reader.pages), str(reader.metadata)])
        except pypdf.errors.PyPdfError:
            return content.decode("latin-1")
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "\n".join(words_of(archive.read(name)) for name in archive.namelist())
    return html.unescape(content.decode("utf-8", "replace"))


def head_of(response) -> str:
    """Status line and headers, cookies included; an address is read as a person reads it."""
    lines = [f"{name}: {value}" for name, value in response.items()]
    return unquote("\n".join([*lines, response.cookies.output()]))


def body_of(response) -> str:
    return words_of(response.content, response.get("Content-Type", ""))


class Reader:
    """Finds the canaries of a world in a text."""

    def __init__(self, planted: list[Planted]) -> None:
        self.owner = {canary: one for one in planted for canary in one.canaries}
        self.numbers = {one.number: one for one in planted if one.number}
        self.dates = {written.lower(): one for one in planted for written in one.births()}
        self.date_shape = re.compile("|".join(map(re.escape, self.dates)) or "(?!)")

    def sealed(self, text: str) -> set[tuple[str, str]]:
        """(label, "Model.column") of what was sealed and is readable in `text`."""
        text = text.lower()
        found = {(self.owner[canary].label, self.owner[canary].canaries[canary]) for canary in SHAPE.findall(text)
                 if canary in self.owner}  # fmt: skip
        return found | {(self.dates[day].label, self.dates[day].birth_place) for day in self.date_shape.findall(text)}

    def told(self, text: str) -> set[str]:
        """Labels of the files whose number is in `text`."""
        return {self.numbers[number].label for number in NUMBER.findall(text) if number in self.numbers}
