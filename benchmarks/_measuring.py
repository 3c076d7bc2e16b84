"""Medians, ratios and the table that says which promises hold."""

import os
import platform
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path


def interleaved(rounds: int, *measures: Callable[[], list[float]]) -> list[float]:
    """Median seconds of each measure, taken in turn `rounds` times so that they share what slows the machine."""
    found: list[list[float]] = [[] for _measure in measures]
    for _round in range(rounds):
        for seconds, measure in zip(found, measures, strict=True):
            seconds += measure()
    return [statistics.median(seconds) for seconds in found]


def machine() -> str:
    """Processor, number of cores, load: what absolute times depend on."""
    processor = platform.machine()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        processor = next((line.split(":")[1].strip() for line in lines if "model name" in line), processor)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return f"{processor}, {os.cpu_count()} cœurs, charge {load:.1f}"


class Report:
    """Lines of a table: what was promised, what was measured, whether it holds."""

    def __init__(self) -> None:
        self.broken = 0

    def title(self, text: str) -> None:
        print(f"\n{text}")

    def promise(self, what: str, measured: float, most: float, unit: str = "×") -> None:
        """A promise: kept when `measured` is at most `most`."""
        kept = measured <= most
        self.broken += not kept
        self._line(
            "oui" if kept else "NON", what, f"{measured:.{0 if not unit else 2}f} {unit}", f"au plus {most:g} {unit}"
        )

    def hope(self, what: str, measured: float, most: float, unit: str = "×") -> None:
        """What is a promise at national size, reported here: nothing depends on it."""
        self._line("", what, f"{measured:.2f} {unit}", f"à pleine taille : au plus {most:g} {unit}")

    def fact(self, what: str, measured: str, hoped: str = "") -> None:
        """Something reported, on which nothing depends."""
        self._line("", what, measured, hoped)

    def none(self, what: str, found: Sequence[str]) -> None:
        """A promise that something never happens; says what happened."""
        self.broken += bool(found)
        self._line("NON" if found else "oui", what, str(len(found)), "aucun")
        for line in found:
            print(f"        {line[:300]}")

    def end(self) -> int:
        """Exit status: 1 when a promise is broken."""
        print(f"\n{self.broken} promesse(s) non tenue(s)." if self.broken else "\nToutes les promesses sont tenues.")
        return int(self.broken > 0)

    @staticmethod
    def _line(kept: str, what: str, measured: str, wanted: str) -> None:
        print(f"  {kept:3}  {what:58} {measured:>12}  {wanted}")
