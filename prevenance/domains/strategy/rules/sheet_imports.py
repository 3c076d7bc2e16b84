"""What each row of a plan kept in a spreadsheet would become, and why one cannot come in."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

import yaml
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from prevenance.core.refusals import Refused
from prevenance.core.text import plain
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.governance.rules.confidential import NamesSomebody, check_names_nobody
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.governance.rules.import_columns import SOCIAL_SECURITY_NUMBER, likeness
from prevenance.domains.governance.rules.imports import Problem, Reader, Verdict
from prevenance.domains.strategy.models import Plan, Sheet, StrategyAction, TableImport
from prevenance.domains.strategy.rules import sheets

LABELS = {
    "title": gettext_lazy("Intitulé"),
    "problem": gettext_lazy("Problème"),
    "objective": gettext_lazy("Objectif"),
    "lead": gettext_lazy("Pilote (organisme)"),
    "lead_person": gettext_lazy("Personne chargée du suivi"),
    "partners": gettext_lazy("Partenaires"),
    "state": gettext_lazy("État"),
    "begins": gettext_lazy("Début prévu"),
    "ends": gettext_lazy("Fin prévue"),
    "serves": gettext_lazy("Actions de la stratégie (numéros)"),
    "expected": gettext_lazy("Personnes attendues"),
    "reached": gettext_lazy("Personnes touchées"),
    "steps": gettext_lazy("Étapes, une par ligne"),
}
SEPARATORS = re.compile(r"\s*[;\n]\s*|\s*,\s+(?=\S)")


@cache
def words() -> dict[str, Any]:
    """The lists of data/strategies/sheet_columns.yaml."""
    text = (settings.DATA / "strategies" / "sheet_columns.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def guess(headers: Sequence[str]) -> dict[str, str]:
    """The field that each column most looks like: {"0": "title", …}; a field goes to one column only."""
    found: list[tuple[int, int, int, str]] = []
    for place, header in enumerate(headers):
        heading = plain(header)
        if heading in words()["ignored"]:
            continue
        for order, (field, names) in enumerate(words()["fields"].items()):
            best = max(likeness(heading, name) for name in names)
            if best:
                found.append((-best, order, place, field))
    mapping: dict[str, str] = {}
    for _score, _order, place, field in sorted(found):
        if str(place) not in mapping and field not in mapping.values():
            mapping[str(place)] = field
    return mapping


def check_can_start(plan: Plan, headers: Sequence[str], rows: Sequence[Sequence[Any]], actor: Actor) -> None:
    """While a text is in preparation, of a table that names no person helped and is not too long."""
    sheets.check_can_add(plan, actor)
    check_tells_of_nobody(headers, rows)
    most = words()["most_rows"]
    if len(rows) > most:
        raise Refused(_("Ce tableau dépasse %(most)d lignes : partagez-le en plusieurs.") % {"most": most})


def check_tells_of_nobody(headers: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """A plan is a public document: a table that seems to name persons helped is refused before anything is kept."""
    refused = [
        header
        for place, header in enumerate(headers)
        if any(likeness(plain(header), word) == 3 for word in words()["persons_helped"])
        or any(SOCIAL_SECURITY_NUMBER.fullmatch(str(row[place + 1]).strip()) for row in rows if place + 1 < len(row))
    ]
    if refused:
        raise Refused(
            _(
                "Ce tableau n’a pas été gardé : %(columns)s semble concerner des personnes accompagnées, et un plan "
                "est public. Retirez cette colonne, puis recommencez."
            )
            % {"columns": ", ".join(f"« {header} »" for header in refused)}
        )


def check_can_import(draft: TableImport, actor: Actor) -> None:
    sheets.check_can_add(draft.plan, actor)
    if draft.imported_at is not None:
        raise Stale(
            _("Ce tableau est déjà importé (lignes importées : %(count)d) : rien n’a été ajouté une seconde fois.")
            % {"count": draft.imported_count}
        )


def missing_columns(draft: TableImport) -> list[str]:
    """Labels of what no column gives and without which no row can come in."""
    return [] if "title" in draft.mapping.values() else [str(LABELS["title"])]


def verdicts(draft: TableImport, actor: Actor) -> list[Verdict]:
    """Every row of the table with what it would do now. A constant number of queries, whatever the rows."""
    known = Known(draft.plan, actor)
    rows = []
    for number, *cells in draft.rows:
        verdict = Verdict(line=number, cells=[str(cell) for cell in cells])
        read(verdict, Reader(draft, verdict), known)  # type: ignore[arg-type]  # it reads headers and mapping only
        rows.append(verdict)
    compare(rows, known)
    for verdict in rows:
        if verdict.problems:
            verdict.outcome = "bad"
    return rows


class Known:
    """What the rows are compared with: three queries."""

    def __init__(self, plan: Plan, actor: Actor) -> None:
        self.titles = {
            plain(title): number for title, number in Sheet.objects.filter(plan=plan).values_list("title", "number")
        }
        self.actions = {row.number: row for row in StrategyAction.objects.filter(strategy=plan.strategy_id)}
        self.people = {}
        for person in sheets.people_of(plan, actor):
            for name in (person.name, f"{person.family_name} {person.given_name}", person.email):
                self.people[plain(name)] = person


def read(verdict: Verdict, row: Reader, known: Known) -> None:
    title = row.text("title", 200)
    if not title:
        row.complain("title", _("L’intitulé manque : ajoutez-le."))
    begins, ends = row.day("begins"), row.day("ends")
    if begins and ends and ends < begins:
        row.complain("ends", _("La fin vient avant le début : vérifiez les deux dates."))
    steps = [step for line in row.cell("steps").splitlines() if (step := line.strip(" -•–\t"))]
    if any(len(step) > 200 for step in steps):
        row.complain("steps", _("Une étape dépasse 200 caractères : une étape par ligne."))
    verdict.values = {
        "title": title, "problem": paragraphs(row, "problem"), "objective": paragraphs(row, "objective"),
        "lead": row.text("lead", 160), "partners": names(row), "state": state(row), "steps": steps,
        "serves": served(row, known), "lead_person": person(row, known),
        "values": {
            "begins": begins, "ends": ends, "expected": count(row, "expected"), "reached": count(row, "reached"),
        },
    }  # fmt: skip
    for name in ("title", "problem", "objective", "steps"):
        try:
            check_names_nobody(row.cell(name))
        except NamesSomebody as refusal:
            row.complain(name, refusal.reason)


def paragraphs(row: Reader, name: str) -> str:
    """The lines of a cell are paragraphs: a spreadsheet has no other way."""
    value = row.cell(name)
    if len(value) > 8000:
        row.complain(name, _("Ce texte dépasse %(most)d caractères : raccourcissez-le.") % {"most": 8000})
    return "\n\n".join(line.strip() for line in value.splitlines() if line.strip())


def names(row: Reader) -> list[str]:
    found = {plain(name): name for name in SEPARATORS.split(row.cell("partners")) if name.strip()}
    if any(len(name) > 160 for name in found.values()):
        row.complain("partners", _("Un nom d’organisme dépasse 160 caractères : séparez-les par des points-virgules."))
    return list(found.values())


def state(row: Reader) -> str:
    """The state that a cell names; « prévue » when it says nothing."""
    typed = plain(row.cell("state"))
    if not typed:
        return str(Sheet.State.PLANNED)
    known: dict[str, list[str]] = words()["states"]
    for choice in Sheet.State:
        if typed == plain(str(choice.label)) or typed in known.get(choice, ()):
            return str(choice)
    row.complain("state", _("État inconnu : écrivez par exemple « prévue », « en cours » ou « terminée »."))
    return str(Sheet.State.PLANNED)


def served(row: Reader, known: Known) -> list[StrategyAction]:
    numbers = re.findall(r"\d+(?:\.\d+)?", row.cell("serves"))
    unknown = [number for number in numbers if number not in known.actions]
    if unknown:
        row.complain(
            "serves",
            _("« %(number)s » n’est pas une action de la stratégie du plan : écrivez par exemple 3.1.")
            % {"number": unknown[0]},
        )
    return [known.actions[number] for number in dict.fromkeys(numbers) if number in known.actions]


def person(row: Reader, known: Known) -> Any:
    typed = row.text("lead_person", 200)
    found = known.people.get(plain(typed)) if typed else None
    if typed and found is None:
        row.verdict.notes.append(
            _("« %(name)s » n’est pas connu ici : personne ne sera chargé du suivi.") % {"name": typed[:60]}
        )
    return found


def count(row: Reader, name: str) -> int | None:
    typed = re.sub(r"\s", "", row.cell(name))
    if not typed:
        return None
    if not re.fullmatch(r"\d{1,7}", typed):
        row.complain(name, _("Ce n’est pas un nombre entier : écrivez par exemple 40, ou laissez la case vide."))
        return None
    return int(typed)


def compare(rows: list[Verdict], known: Known) -> None:
    """A sheet of the same title is already there; the same title twice in the table cannot come in twice."""
    first: dict[str, int] = {}
    for row in rows:
        title = plain(row.values["title"])
        if title in known.titles:
            row.outcome = "same"
            row.notes.append(_("Le plan a déjà la fiche %(number)d de cet intitulé.") % {"number": known.titles[title]})
        elif title and title in first:
            row.problems.append(Problem("", "", _("Même intitulé qu’à la ligne %(line)d.") % {"line": first[title]}))
        first.setdefault(title, row.line)
