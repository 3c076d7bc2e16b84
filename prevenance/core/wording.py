"""The lexicons of the guard of free text, opened once. What examines is `engines.wording`."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from prevenance.engines.wording import CATEGORIES, Lexicon, lexicon_from

DATA = Path(__file__).resolve().parent.parent / "data"
FOLDER = DATA / "followup" / "wording"


def _read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@cache
def lexicon() -> Lexicon:
    """Raises LexiconError when a file of the folder cannot be understood."""
    files = [(f"{c}.yaml", _read(FOLDER / f"{c}.yaml")) for c in CATEGORIES if c != "third"]
    given = _read(DATA / "governance" / "given_names.yaml")["names"]
    return lexicon_from(files, _read(FOLDER / "names.yaml"), given, _read(FOLDER / "slips.yaml")["words"].split())
