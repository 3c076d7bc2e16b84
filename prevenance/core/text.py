"""Words compared and sorted as in French, without the help of the database (which may have no ICU)."""

import re
import unicodedata


def plain(text: str) -> str:
    """Lower case, no accents, ligatures opened, apostrophes and hyphens as spaces, single spaces."""
    opened = text.replace("œ", "oe").replace("Œ", "OE").replace("æ", "ae").replace("Æ", "AE")
    letters = "".join(c for c in unicodedata.normalize("NFKD", opened) if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^\w]+|_", " ", letters.casefold()).split())


def sort_key(*parts: str) -> str:
    """Key stored beside a name and indexed: « Étienne » comes between « Estelle » and « Fanny »."""
    return plain(" ".join(part for part in parts if part))
