"""A whole plan on a day, text and sheets, for its PDF and its table, in as many queries whatever its sheets."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch, Q
from django.utils.translation import gettext as _

from prevenance.core.documents.tables import Column, Tab
from prevenance.core.text import paragraphs
from prevenance.domains.strategy.analysis import texts
from prevenance.domains.strategy.analysis.plans import took_effect_by
from prevenance.domains.strategy.models import Amendment, BudgetLine, Plan, PlanIndicator, Sheet
from prevenance.domains.strategy.rules.amendments import label_of
from prevenance.domains.strategy.rules.catalogue import labels
from prevenance.domains.strategy.rules.plan_kinds import kind_of

CHARACTERS_A_PAGE = 2400  # of running text: what a page's worth of progress is counted by
State = Amendment.State


def sheets_on(plan: Plan, day: date, amendment: Amendment | None = None) -> list[Sheet]:
    """The sheets in force on a day, by number; with a draft, as it would leave them."""
    brought = Q(brought_by__state=State.IN_FORCE, brought_by__in_force_from__lte=day)
    gone = Q(withdrawn_by__state=State.IN_FORCE, withdrawn_by__in_force_from__lte=day)
    if amendment is not None:
        brought |= Q(brought_by=amendment)
        gone |= Q(withdrawn_by=amendment)
    # Told by keys: of a sheet that nothing withdraws, SQL would say neither yes nor no.
    without = Sheet.objects.filter(gone, plan=plan).values("pk")
    found = Sheet.objects.filter(brought, plan=plan).exclude(pk__in=without)
    return list(
        found.select_related("lead", "brought_by")
        .prefetch_related(
            "partners", "steps", "resources", "sites__territory", "serves",
            Prefetch("budget", BudgetLine.objects.order_by("year", "side", "pk")),
        )
        .order_by("number")
    )  # fmt: skip


def whole(plan: Plan, day: date, amendment: Amendment | None = None) -> dict[str, Any]:
    """What the document's template shows."""
    lines = texts.draft_text(amendment) if amendment is not None else texts.on_day(plan, day)
    words = defaultdict(list)
    for line in lines:
        words[line.part].append(line.text)
    outline = _chapters(texts.parts_of(plan, lines))
    followed = PlanIndicator.objects.filter(plan=plan).select_related("indicator", "sheet").order_by("pk")
    by_sheet = defaultdict(list)
    for one in followed:
        by_sheet[one.sheet_id].append(one)
    amendments = plan.amendments.filter(state=State.IN_FORCE, in_force_from__lte=day).select_related("act")
    return {
        "plan": plan,
        "kind": kind_of(plan),
        "day": day,
        "amendment": amendment,
        "label": label_of(amendment) if amendment else "",
        "parts": [(part, paragraphs(part.text)) for part in outline],
        "sheets": [
            {
                "sheet": sheet,
                "problem": paragraphs("\n".join(words[f"sheet:{sheet.number}:problem"])),
                "objective": paragraphs("\n".join(words[f"sheet:{sheet.number}:objective"])),
                "audiences": ", ".join(labels("audiences", sheet.audiences)),
                "ages": ages(sheet),
                "followed": by_sheet[sheet.pk],
                "budget": budget_of(sheet),
            }
            for sheet in sheets_on(plan, day, amendment)
        ],
        "followed": by_sheet[None],
        "amendments": [(one, label_of(one), took_effect_by(one)) for one in amendments.order_by("number")],
    }


def budget_of(sheet: Sheet) -> dict[str, Any]:
    """The lines of a sheet's budget with their sums; none when nothing is said."""
    lines = list(sheet.budget.all())
    sums = {side: Decimal(0) for side in BudgetLine.Side.values}
    for one in lines:
        sums[one.side] += one.planned
    return {"lines": lines, **sums}


def pages_expected(context: dict[str, Any]) -> int:
    """About how many pages the document will have: one a sheet at least, and the text by its length."""
    written = sum(len(part.text) for part, _lines in context["parts"])
    return 2 + written // CHARACTERS_A_PAGE + len(context["sheets"])


# ------------------------------------------------------------------------------------------------ the tables


def tabs(plan: Plan, day: date, amendment: Amendment | None = None) -> list[Tab]:
    """Its sheets on a day, then its text, chapter by chapter; with a draft, as it would leave them.

    Sheets come first: it is the table that is brought in again, and the only one of a CSV.
    """
    text = _drafted_text(plan, amendment) if amendment is not None else _text_on(plan, day)
    return [
        Tab(_("Fiches action"), columns(), rows(plan, day, amendment)),
        Tab(_("Texte du plan"), text_columns(), text),
    ]


def text_columns() -> list[Column]:
    return [
        Column("part", _("Partie"), width=36), Column("place", _("Paragraphe"), "integer"),
        Column("text", _("Texte"), width=90), Column("brought_by", _("Apporté par"), width=30),
        Column("since", _("En vigueur depuis le"), "date"),
    ]  # fmt: skip


def _text_on(plan: Plan, day: date) -> Iterator[dict[str, Any]]:
    """A row a paragraph in force on a day, with every text that brought a sentence of it and the day of the last."""
    told = {one.number: one for one in plan.amendments.filter(state=State.IN_FORCE)}
    for part in _chapters(texts.parts_of(plan, texts.traced_on(plan, day))):
        for place, line in enumerate(part.lines, 1):
            brought = [told[number] for number in line.amendments]
            yield {
                "part": part.label, "place": place, "text": words_of(paragraphs(line.paragraph.text)),
                "brought_by": ", ".join(label_of(one) for one in brought),
                "since": max(one.in_force_from for one in brought),
            }  # fmt: skip


def _drafted_text(plan: Plan, amendment: Amendment) -> Iterator[dict[str, Any]]:
    """A row a paragraph as a draft would have it: nothing has brought it yet."""
    for part in _chapters(texts.parts_of(plan, texts.draft_text(amendment))):
        for place, line in enumerate(part.lines, 1):
            yield {
                "part": part.label, "place": place, "text": words_of(paragraphs(line.text)), "brought_by": "",
                "since": None,
            }  # fmt: skip


def _chapters(parts: list[texts.PartText]) -> list[texts.PartText]:
    """Without the words of sheets, which are told with them."""
    return [part for part in parts if not part.key.startswith("sheet:")]


def columns() -> list[Column]:
    return [
        Column("number", _("Numéro"), "integer"), Column("title", _("Intitulé"), width=50), Column("state", _("État")),
        Column("problem", _("Problème"), width=60), Column("objective", _("Objectif"), width=60),
        Column("audiences", _("Publics"), width=40), Column("ages", _("Âges")),
        Column("expected", _("Personnes attendues"), "integer"), Column("reached", _("Personnes touchées"), "integer"),
        Column("lead", _("Pilote"), width=30), Column("partners", _("Partenaires"), width=40),
        Column("begins", _("Début prévu"), "date"), Column("ends", _("Fin prévue"), "date"),
        Column("steps", _("Étapes"), width=60), Column("done", _("Étapes faites"), "integer"),
        Column("resources", _("Moyens"), width=40), Column("sites", _("Lieux"), width=30),
        Column("expense", _("Dépenses prévues (euros)"), "decimal"),
        Column("income", _("Ressources prévues (euros)"), "decimal"),
        Column("serves", _("Actions de la stratégie"), width=20), Column("indicators", _("Indicateurs"), width=40),
        Column("brought_by", _("Apportée par")),
    ]  # fmt: skip


def rows(plan: Plan, day: date, amendment: Amendment | None = None) -> Iterator[dict[str, Any]]:
    """A row a sheet in force on a day; with a draft, as it would leave them."""
    context = whole(plan, day, amendment)
    for line in context["sheets"]:
        sheet, budget = line["sheet"], line["budget"]
        steps = list(sheet.steps.all())
        yield {
            "number": sheet.number, "title": sheet.title, "state": sheet.get_state_display(),
            "problem": words_of(line["problem"]), "objective": words_of(line["objective"]),
            "audiences": line["audiences"], "ages": line["ages"], "expected": sheet.expected, "reached": sheet.reached,
            "lead": sheet.lead.name if sheet.lead else "",
            "partners": ", ".join(one.name for one in sheet.partners.all()),
            "begins": sheet.begins, "ends": sheet.ends,
            "steps": "\n".join(f"{one.due_on.isoformat()} {one.label}" if one.due_on else one.label for one in steps),
            "done": sum(one.done_on is not None for one in steps),
            "resources": "\n".join(f"{one.get_kind_display()} : {one.label}" for one in sheet.resources.all()),
            "sites": ", ".join(place_name(one) for one in sheet.sites.all()),
            "expense": budget["expense"] if budget["lines"] else None,
            "income": budget["income"] if budget["lines"] else None,
            "serves": ", ".join(one.number for one in sheet.serves.all()),
            "indicators": "\n".join(one.indicator.label for one in line["followed"]),
            "brought_by": label_of(sheet.brought_by),
        }  # fmt: skip


def words_of(blocks: list[tuple[str, list[str]]]) -> str:
    return "\n".join(line for _kind, lines in blocks for line in lines)


def ages(sheet: Sheet) -> str:
    """« 11 à 17 ans », « à partir de 18 ans », « jusqu’à 25 ans », or nothing."""
    if sheet.age_from is not None and sheet.age_to is not None:
        return _("%(low)d à %(high)d ans") % {"low": sheet.age_from, "high": sheet.age_to}
    if sheet.age_from is not None:
        return _("à partir de %(low)d ans") % {"low": sheet.age_from}
    return _("jusqu’à %(high)d ans") % {"high": sheet.age_to} if sheet.age_to is not None else ""


def place_name(site: Any) -> str:
    return f"{site.label} ({site.territory.name})" if site.label else site.territory.name
