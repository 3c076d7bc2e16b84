"""What each row of a table of values would do, and why a row cannot come in. Fifty thousand rows: what repeats is read
once, and the database is asked in sets."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import yaml
from django.conf import settings
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from prevenance.core.refusals import Refused
from prevenance.core.text import plain
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.governance.rules.import_columns import likeness
from prevenance.domains.strategy.models import Indicator, IndicatorValue, Plan, PlanIndicator, TableImport
from prevenance.domains.strategy.rules import values as rules
from prevenance.domains.strategy.rules.figures import number_of
from prevenance.domains.strategy.rules.indicators import CATEGORIES, REPORTING
from prevenance.domains.strategy.rules.sheet_imports import check_tells_of_nobody
from prevenance.domains.strategy.rules.values import Line
from prevenance.domains.territories.models import FormerCode, Territory
from prevenance.engines import rollup

LABELS = {
    "indicator": gettext_lazy("Indicateur"),
    "territory": gettext_lazy("Code du territoire"),
    "period": gettext_lazy("Période"),
    "value": gettext_lazy("Valeur"),
    "denominator": gettext_lazy("Rapportée à"),
    "category": gettext_lazy("Ventilation"),
    "sheet": gettext_lazy("Numéro de fiche"),
    "part": gettext_lazy("Département (corps à cheval)"),
    "estimated": gettext_lazy("Estimée"),
    "note": gettext_lazy("Précision"),
}
REQUIRED = ("indicator", "territory", "period", "value")
OUTCOMES = {
    "add": gettext_lazy("Sera saisie"),
    "update": gettext_lazy("Remplacera le brouillon"),
    "same": gettext_lazy("Déjà saisie"),
    "bad": gettext_lazy("À corriger"),
}
Kind = Territory.Kind


@cache
def words() -> dict[str, Any]:
    text = (settings.DATA / "indicators" / "imports.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


@cache
def category_words() -> dict[str, str]:
    """{plain word: category}, those of screens included."""
    found = {plain(str(label)): key for split in CATEGORIES.values() for key, label in split.items() if key}
    found |= {plain(key): key for split in CATEGORIES.values() for key in split if key}
    return found | {plain(str(word)): key for key, names in words()["categories"].items() for word in names}


def guess(headers: Sequence[str]) -> dict[str, str]:
    """The field that each column most looks like: {"0": "indicator", …}; a field goes to one column only."""
    scored = [
        (-max(likeness(plain(header), name) for name in names), order, place, name_of)
        for place, header in enumerate(headers)
        for order, (name_of, names) in enumerate(words()["columns"].items())
    ]
    mapping: dict[str, str] = {}
    for score, _order, place, name in sorted(scored):
        if score and str(place) not in mapping and name not in mapping.values():
            mapping[str(place)] = name
    return mapping


def check_can_start(plan: Plan, headers: Sequence[str], rows: Sequence[Sequence[Any]], actor: Actor) -> None:
    rules.check_can_enter(plan, actor)
    check_tells_of_nobody(headers, rows)
    if len(rows) > words()["most_rows"]:
        raise Refused(
            _("Ce tableau dépasse %(most)d lignes : partagez-le en plusieurs.") % {"most": words()["most_rows"]}
        )


def check_can_import(draft: TableImport, actor: Actor) -> None:
    rules.check_can_enter(draft.plan, actor)
    if draft.imported_at is not None:
        raise Stale(
            _("Ce tableau est déjà importé (lignes importées : %(count)d) : rien n’a été ajouté une seconde fois.")
            % {"count": draft.imported_count}
        )


def missing_columns(draft: TableImport) -> list[str]:
    given = set(draft.mapping.values())
    return [str(LABELS[name]) for name in REQUIRED if name not in given]


@dataclass
class Verdict:
    """A row: its line in the sheet, its cells, what it reports, what it would do (a key of OUTCOMES), what is wrong."""

    line: int
    cells: list[str]
    told: Line | None = None
    seen: str = ""
    outcome: str = "add"
    problems: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return self.outcome in ("add", "update")

    @property
    def label(self) -> str:
        return str(OUTCOMES[self.outcome])


def verdicts(draft: TableImport) -> list[Verdict]:
    """Every row with what it would do now. A constant number of queries, whatever the rows."""
    reader = Reader(draft)
    found = [reader.read(number, cells) for number, *cells in draft.rows]
    told = [verdict for verdict in found if verdict.told is not None]
    _check_places(draft.plan, told)
    _check_repeated(told)
    _compare(draft.plan, told)
    _check_twice(draft.plan, [verdict for verdict in told if not verdict.problems and verdict.outcome != "same"])
    for verdict in found:
        if verdict.problems:
            verdict.outcome = "bad"
    return found


class Reader:
    """Reads rows: what names an indicator, a period or a number is understood once, however often it comes back."""

    def __init__(self, draft: TableImport) -> None:
        self.places = {name: int(place) for place, name in draft.mapping.items()}
        rows = list(PlanIndicator.objects.filter(plan=draft.plan).select_related("sheet"))
        self.followed = rules.followed_by(draft.plan)
        named: dict[int, Indicator] = Indicator.objects.in_bulk([row.indicator_id for row in rows])
        self.indicators: dict[str, list[Indicator]] = {}
        for indicator in named.values():
            for name in (plain(indicator.label), str(indicator.pk)):
                self.indicators.setdefault(name, []).append(indicator)
        self.sheets = {str(row.sheet.number): row.sheet.pk for row in rows if row.sheet is not None}
        self.codes = codes({self._cell(cells, "territory") for _number, *cells in draft.rows})
        departements = Territory.objects.filter(kind=Kind.DEPARTEMENT).values_list("code", "pk")
        self.departements = dict(departements) if "part" in self.places else {}
        self.today = timezone.localdate()
        self._plain: dict[str, str] = {}
        self._periods: dict[tuple[str, str], date | str] = {}
        self._numbers: dict[str, Decimal | str | None] = {}

    def _cell(self, cells: Sequence[Any], name: str) -> str:
        place = self.places.get(name)
        return str(cells[place]).strip() if place is not None and place < len(cells) else ""

    def read(self, number: int, cells: list[Any]) -> Verdict:
        verdict = Verdict(number, [str(cell) for cell in cells])
        say = verdict.problems.append
        indicator = self._indicator(self._cell(cells, "indicator"), say)
        value, below = (self._number(self._cell(cells, name), LABELS[name], say) for name in ("value", "denominator"))
        sheet = self._sheet(self._cell(cells, "sheet"), say)
        part = self._part(self._cell(cells, "part"), say)
        category = self._category(self._cell(cells, "category"), say)
        estimated = self._yes(self._cell(cells, "estimated"), say)
        note = " ".join(self._cell(cells, "note").split())
        if len(note) > 300:
            say(_("La précision dépasse 300 caractères : raccourcissez-la."))
        if indicator is None:
            return verdict
        place = self._place(self._cell(cells, "territory"), indicator, say)
        starts = self._period(self._cell(cells, "period"), indicator, say)
        if verdict.problems or place is None or starts is None:
            return verdict
        line = Line(
            indicator=indicator, territory=place[0], starts=starts, numerator=value, denominator=below, part=part,
            sheet=sheet, category=category, former_code=place[1], estimated=estimated, note=note,
        )  # fmt: skip
        if sentence := rules.unfollowed(line, self.followed) or rules.figures_refusal(line, self.today):
            say(sentence)
        verdict.told = line
        return verdict

    def _words(self, text: str) -> str:
        if text not in self._plain:
            self._plain[text] = plain(text)
        return self._plain[text]

    def _indicator(self, text: str, say: Any) -> Indicator | None:
        found = self.indicators.get(self._words(text), [])
        if not text:
            say(_("L’indicateur manque."))
        elif not found:
            say(_("« %(text)s » n’est pas un indicateur que ce plan suit.") % {"text": text[:60]})
        elif len(found) > 1:
            say(_("Deux indicateurs suivis s’appellent « %(text)s » : écrivez son numéro.") % {"text": text[:60]})
        return found[0] if len(found) == 1 else None

    def _number(self, text: str, label: Any, say: Any) -> Decimal | None:
        if text not in self._numbers:
            try:
                self._numbers[text] = number_of(text)
            except ValueError as wrong:
                self._numbers[text] = str(wrong)
        found = self._numbers[text]
        if isinstance(found, str):
            say(f"{label}\u00a0: {found}")
            return None
        return found

    def _period(self, text: str, indicator: Indicator, say: Any) -> date | None:
        key = (text, indicator.period)
        if key not in self._periods:
            try:
                self._periods[key] = rollup.read(text, indicator.period)
            except ValueError:
                self._periods[key] = _("« %(text)s » n’est pas une période de type « %(kind)s ».") % {
                    "text": text[:40],
                    "kind": Indicator.Period(indicator.period).label.lower(),
                }
        found = self._periods[key]
        if isinstance(found, str):
            say(found)
            return None
        return found

    def _place(self, text: str, indicator: Indicator, say: Any) -> tuple[int, str] | None:
        kinds = self.codes.get(text, {})
        for kind in REPORTING[indicator.level]:
            if kind in kinds:
                return kinds[kind]
        if not text:
            say(_("Le code du territoire manque."))
        elif kinds:
            return next(iter(kinds.values()))  # of another level, which the rules say
        else:
            say(_("« %(text)s » n’est le code d’aucun territoire.") % {"text": text[:20]})
        return None

    def _sheet(self, text: str, say: Any) -> int | None:
        if text and text not in self.sheets:
            say(_("La fiche %(number)s ne suit aucun indicateur de ce plan.") % {"number": text[:20]})
        return self.sheets.get(text)

    def _part(self, text: str, say: Any) -> int | None:
        code = text.zfill(2) if text else ""
        if code and code not in self.departements:
            say(_("« %(text)s » n’est le code d’aucun département.") % {"text": text[:20]})
        return self.departements.get(code)

    def _category(self, text: str, say: Any) -> str:
        if text and self._words(text) not in category_words():
            say(_("« %(text)s » n’est pas une ventilation connue.") % {"text": text[:40]})
        return category_words().get(self._words(text), "")

    def _yes(self, text: str, say: Any) -> bool:
        if not text:
            return False
        typed = self._words(text)
        if typed and typed not in map(str, words()["yes"]) and typed not in map(str, words()["no"]):
            say(_("Estimée : écrivez « oui », ou laissez la case vide."))
        return bool(typed) and typed in map(str, words()["yes"])


def codes(typed: set[str]) -> dict[str, dict[str, tuple[int, str]]]:
    """{code as typed: {kind: (territory of today, code of before or "")}}. A sheet may have lost a leading zero."""
    whole = {text: text.upper().replace(" ", "") for text in typed if text}
    wanted = set(whole.values()) | {code.zfill(5) for code in whole.values()} | {c.zfill(2) for c in whole.values()}
    asked = RawSQL("SELECT unnest(%s::text[])", (list(wanted),))  # one array, not as many parameters
    today: dict[str, dict[str, tuple[int, str]]] = {}
    known = Territory.objects.existing().filter(code__in=asked).values_list("code", "kind", "pk")
    for code, kind, pk in known:
        today.setdefault(code, {})[kind] = (pk, "")
    for code, pk in FormerCode.objects.filter(
        code__in=RawSQL("SELECT unnest(%s::text[])", (list(wanted),))
    ).values_list("code", "territory"):
        today.setdefault(code, {}).setdefault(Kind.COMMUNE, (pk, code))
    found: dict[str, dict[str, tuple[int, str]]] = {}
    for text, code in whole.items():
        found[text] = dict(today.get(code, {}))
        if code.isdecimal() and len(code) == 4:
            found[text] |= {k: v for k, v in today.get(code.zfill(5), {}).items() if k == Kind.COMMUNE}
        if code.isdecimal() and len(code) == 1:
            found[text] |= {k: v for k, v in today.get(code.zfill(2), {}).items() if k == Kind.DEPARTEMENT}
    return found


def _check_places(plan: Plan, told: list[Verdict]) -> None:
    ground = rules.Ground.of(plan, {verdict.told.territory for verdict in told if verdict.told})
    for verdict in told:
        line = verdict.told
        if line is None:
            continue
        if line.part is not None and ground.departements.get(line.territory) == [line.part]:
            line = verdict.told = replace(line, part=None)  # it lies there whole
        if sentence := ground.refusal(line):
            verdict.problems.append(sentence)


def _check_repeated(told: list[Verdict]) -> None:
    first: dict[tuple[object, ...], int] = {}
    for verdict in told:
        if verdict.told is None:
            continue
        before = first.setdefault(verdict.told.key, verdict.line)
        if before != verdict.line:
            verdict.problems.append(_("Même valeur qu’à la ligne %(line)d.") % {"line": before})


def _compare(plan: Plan, told: list[Verdict]) -> None:
    """What the plan already has: drafts are replaced, what was sent or accepted is not."""
    lines = [verdict.told for verdict in told if verdict.told is not None]
    existing = IndicatorValue.objects.filter(
        superseded_at=None,
        plan=plan,
        starts_on__in={line.starts for line in lines},
        indicator__in={line.indicator.pk for line in lines},
    )
    by_key: dict[tuple[object, ...], list[IndicatorValue]] = {}
    for value in existing:
        by_key.setdefault(rules.key_of(value), []).append(value)
    for verdict in told:
        line = verdict.told
        found = by_key.get(line.key) if line is not None else None
        if line is None or not found:
            continue
        shown = next((value for value in found if value.state != IndicatorValue.State.ACCEPTED), found[0])
        same = (shown.numerator, shown.denominator, shown.estimated, shown.note)
        if same == (line.numerator, line.denominator, line.estimated, line.note):
            verdict.outcome = "same"
        elif shown.state in rules.OPEN:
            verdict.outcome, verdict.seen = "update", rules.token(shown)
        elif shown.state == IndicatorValue.State.SUBMITTED:
            verdict.problems.append(
                _("Une autre valeur est déjà transmise : elle ne change plus, sauf si elle est rendue.")
            )
        else:
            verdict.problems.append(_("Une autre valeur est déjà acceptée : corrigez-la à l’écran, avec son motif."))


def _check_twice(plan: Plan, told: list[Verdict]) -> None:
    sentences = rules.twice(plan, [verdict.told for verdict in told if verdict.told is not None])
    for place, sentence in sentences.items():
        told[place].problems.append(sentence)
