"""The official list of priority neighbourhoods, read row by row."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from prevenance.core.documents.spreadsheet import Table, read_table
from prevenance.core.text import plain

# Headers of the lists published on data.gouv.fr since 2015, as `plain` writes them.
COLUMNS = {
    "code": ("code qp", "code qpv", "code quartier"),
    "name": ("lib qp", "nom qp", "libelle qp"),
    "communes": ("insee com", "code insee", "depcom", "codgeo"),
}
OFFICIAL = {"code": "code_qp", "name": "lib_qp", "communes": "insee_com"}
CODE = re.compile(r"QN[0-9A-Z]{5}[A-Z]|QP[0-9A-Z]{6}")  # the generation of 2024, and that of 2015


@dataclass(frozen=True)
class Problem:
    """`line` is the place in the file, from 1 for the headers, or None when the whole file is meant."""

    line: int | None
    sentence: str

    def __str__(self) -> str:
        return (
            self.sentence
            if self.line is None
            else _("Ligne %(line)s : %(what)s") % {"line": self.line, "what": self.sentence}
        )


class UnusableList(ValueError):
    """The list cannot be taken; `problems` says all that is wrong, and nothing was written."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass
class ListedNeighbourhood:
    """One neighbourhood of the list; `communes` holds identifiers of territories."""

    code: str
    name: str
    communes: set[int] = field(default_factory=set)


def read_neighbourhoods(data: bytes, filename: str, communes: Mapping[str, int]) -> list[ListedNeighbourhood]:
    """Every neighbourhood of the file; `communes` gives the identifier for each code known, former ones included.

    A neighbourhood may have several communes, in one cell or on several rows.
    Raises UnusableList with every bad row at once, and UnreadableTable for what is not a table.
    """
    table = read_table(data, filename)
    places = _places(table)
    found: dict[str, ListedNeighbourhood] = {}
    problems = []
    for number, row in zip(table.numbers, table.rows, strict=True):
        code = _bare(row[places["code"]]).upper()
        name = _bare(row[places["name"]])
        cited = [_commune_code(part) for part in re.split(r"[;,|/\s]+", _bare(row[places["communes"]])) if part]
        unknown = [part for part in cited if part not in communes]
        known = found.get(code)
        if not CODE.fullmatch(code):
            problems.append(
                Problem(number, _("« %(code)s » n’est pas un code de quartier (attendu : QN00101M).") % {"code": code})
            )
        elif not name:
            problems.append(Problem(number, _("le nom du quartier %(code)s manque.") % {"code": code}))
        elif len(name) > 200:
            problems.append(Problem(number, _("le nom du quartier %(code)s dépasse 200 caractères.") % {"code": code}))
        elif not cited:
            problems.append(Problem(number, _("la commune du quartier %(code)s manque.") % {"code": code}))
        elif unknown:
            problems.append(Problem(number, _("aucune commune n’a le code %(codes)s.") % {"codes": ", ".join(unknown)}))
        elif known and known.name != name:
            problems.append(
                Problem(
                    number,
                    _("le quartier %(code)s a déjà un autre nom, « %(name)s ».") % {"code": code, "name": known.name},
                )
            )
        else:
            listed = found.setdefault(code, ListedNeighbourhood(code, name))
            listed.communes |= {communes[part] for part in cited}
    if problems:
        raise UnusableList(problems)
    if not found:
        raise UnusableList([Problem(None, _("Ce fichier ne contient aucun quartier."))])
    return list(found.values())


def _places(table: Table) -> dict[str, int]:
    headers = [plain(_bare(header)) for header in table.headers]
    places = {what: headers.index(name) for what, names in COLUMNS.items() for name in names if name in headers}
    missing = [OFFICIAL[what] for what in COLUMNS if what not in places]
    if missing:
        raise UnusableList(
            [
                Problem(
                    None,
                    _("Colonnes absentes : %(missing)s. Colonnes trouvées : %(found)s.")
                    % {"missing": ", ".join(missing), "found": ", ".join(table.headers)},
                )
            ]
        )
    return places


def _bare(cell: str) -> str:
    """The value of a cell, out of the `="01004"` by which the official file keeps spreadsheets from counting."""
    return re.sub(r'^=?"(.*)"$', r"\1", cell.strip().lstrip("'")).strip()


def _commune_code(text: str) -> str:
    """A commune's code as Insee writes it: a spreadsheet may have taken the first zero of « 01004 »."""
    return text.upper().zfill(5)
