"""Words compared and sorted as in French, without the help of the database (which may have no ICU)."""

import re
import unicodedata


def plain(text: str) -> str:
    """Lower case, no accents, ligatures opened, apostrophes and hyphens as spaces, single spaces."""
    letters = text
    if not text.isascii():
        opened = text.replace("œ", "oe").replace("Œ", "OE").replace("æ", "ae").replace("Æ", "AE")
        letters = "".join(c for c in unicodedata.normalize("NFKD", opened) if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^\w]+|_", " ", letters.casefold()).split())


def sort_key(*parts: str) -> str:
    """Key stored beside a name and indexed: « Étienne » comes between « Estelle » and « Fanny »."""
    return plain(" ".join(part for part in parts if part))


# Marks at the start of a line of a text that people write here; the other lines are paragraphs.
HEADING, ITEM = "# ", "- "


def paragraphs(text: str) -> list[tuple[str, list[str]]]:
    """A written text as [(kind, lines)]: kind is heading, list or paragraph, and only a list has several lines."""
    found: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if line.startswith(ITEM):
            if not found or found[-1][0] != "list":
                found.append(("list", []))
            found[-1][1].append(line.removeprefix(ITEM))
        elif line.startswith(HEADING):
            found.append(("heading", [line.removeprefix(HEADING)]))
        elif line.strip():
            found.append(("paragraph", [line]))
    return found
