"""Periods of the calendar: months, quarters, half-years, civil years, school years (September to August)."""

from __future__ import annotations

import re
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

# Months that a period lasts, and the month of the year in which the first one begins.
LENGTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12, "school_year": 12}
FIRST_MONTHS = {"month": 1, "quarter": 1, "half_year": 1, "year": 1, "school_year": 9}
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre",
)  # fmt: skip
RANKS = {1: "1er", 2: "2e", 3: "3e", 4: "4e"}

Days = NDArray[np.int64]


def _months(kind: str) -> tuple[int, int]:
    if kind not in LENGTHS:
        raise ValueError(f"unknown kind of period: {kind!r}")
    return LENGTHS[kind], FIRST_MONTHS[kind]


def _shifted(day: date, months: int) -> date:
    """The first day of the month `months` after the month of `day`."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def period_start(day: date, kind: str) -> date:
    """The first day of the period of this kind that holds `day`. Raises ValueError for an unknown kind."""
    length, first = _months(kind)
    return _shifted(day, -((day.month - first) % length))


def next_start(start: date, kind: str) -> date:
    """The first day of the period after the one that begins on `start`."""
    return _shifted(start, _months(kind)[0])


def period_end(start: date, kind: str) -> date:
    """The last day of the period that begins on `start`."""
    return next_start(start, kind) - timedelta(days=1)


def periods_between(first: date, last: date, kind: str) -> list[date]:
    """First days of the periods from the one that holds `first` to the one that holds `last`, in order."""
    found, start = [], period_start(first, kind)
    while start <= last:
        found.append(start)
        start = next_start(start, kind)
    return found


def label(start: date, kind: str) -> str:
    """A period in French: « mars 2026 », « 2e trimestre 2026 », « 1er semestre 2026 », « 2026 », « 2025-2026 »."""
    length, _first = _months(kind)
    if kind == "month":
        return f"{MONTHS[start.month - 1]} {start.year}"
    if kind == "school_year":
        return f"{start.year}-{start.year + 1}"
    if kind == "year":
        return str(start.year)
    word = "trimestre" if kind == "quarter" else "semestre"
    return f"{RANKS[(start.month - 1) // length + 1]} {word} {start.year}"


def read(text: str, kind: str) -> date:
    """The first day of the period that `text` names, as people write it in tables.

    A day (2026-04-01, 01/04/2026) stands for the period that it begins; also « 2026-T2 », « T2 2026 », « 2e trimestre
    2026 », « S1 2026 », « 2026-03 », « 03/2026 », « mars 2026 », « 2026 » and « 2025-2026 ».
    Raises ValueError when it names no period of this kind, or a day that begins none.
    """
    words = " ".join(text.lower().replace("\u00a0", " ").replace("\u202f", " ").split())
    start = _day(words)
    if start is None:
        start = _named(words, kind)
    if start is None or period_start(start, kind) != start:
        raise ValueError(f"no period of kind {kind}: {text!r}")
    return start


def _day(words: str) -> date | None:
    if found := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[t ]00:00(?::00)?)?", words):
        return date(int(found[1]), int(found[2]), int(found[3]))
    if found := re.fullmatch(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", words):
        return date(int(found[3]), int(found[2]), int(found[1]))
    return None


def _named(words: str, kind: str) -> date | None:
    length, _first = _months(kind)
    if kind == "month":
        if found := re.fullmatch(r"(\d{4})[-/](\d{1,2})", words):
            return date(int(found[1]), int(found[2]), 1)
        if found := re.fullmatch(r"(\d{1,2})[-/](\d{4})", words):
            return date(int(found[2]), int(found[1]), 1)
        if (found := re.fullmatch(r"([a-zéûèô]+) (\d{4})", words)) and found[1] in MONTHS:
            return date(int(found[2]), MONTHS.index(found[1]) + 1, 1)
        return None
    if kind == "school_year":
        found = re.fullmatch(r"(\d{4}) ?[-/] ?(\d{4})", words)
        return date(int(found[1]), 9, 1) if found and int(found[2]) == int(found[1]) + 1 else None
    if kind == "year":
        found = re.fullmatch(r"(\d{4})", words)
        return date(int(found[1]), 1, 1) if found else None
    letter, word = ("t", "trimestre") if kind == "quarter" else ("s", "semestre")
    rank = year = 0
    if found := re.fullmatch(rf"(\d{{4}})[- ]?{letter}(\d)", words):
        year, rank = int(found[1]), int(found[2])
    elif (found := re.fullmatch(rf"{letter}(\d)[- /]?(\d{{4}})", words)) or (
        found := re.fullmatch(rf"(\d) ?(?:er|e|ᵉʳ|ᵉ|ème|eme)? {word} (\d{{4}})", words)
    ):
        rank, year = int(found[1]), int(found[2])
    return date(year, (rank - 1) * length + 1, 1) if 1 <= rank <= 12 // length else None


def starts_of(days: Days, kind: str) -> Days:
    """`period_start` of a column: days since 1970-01-01 in, days since 1970-01-01 out."""
    length, first = _months(kind)
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    months = months - (months - (first - 1)) % length
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def check_divides(base: str, target: str) -> None:
    """Raises ValueError unless every period of kind `target` is made of whole periods of kind `base`."""
    inner, outer = _months(base), _months(target)
    if outer[0] % inner[0] or (outer[1] - inner[1]) % inner[0]:
        raise ValueError(f"a period of kind {target} is not made of periods of kind {base}")
