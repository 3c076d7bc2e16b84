"""What the toolbox shows beside its sheets: where each is used, and what a success would say as a sheet."""

from dataclasses import dataclass

from django.db.models import Count

from prevenance.domains.accounts.acting import Actor
from prevenance.domains.strategy.models import Amendment, Provision, Sheet, SheetStep, Success, ToolEvidence, ToolSheet
from prevenance.domains.strategy.rules.catalogue import labels
from prevenance.domains.territories.models import Territory

NAMED = 20  # plans near by that a sheet's page names


@dataclass(frozen=True)
class Evidence:
    """A heading, what is known, its level and source; `known` is false for « inconnu »."""

    heading: str
    level: str
    text: str
    source: str
    known: bool


def evidence_of(tool: ToolSheet) -> list[Evidence]:
    """The five headings in order; one that nobody filled is unknown."""
    written = {row.heading: row for row in tool.evidence.all()}
    unknown = ToolEvidence.Level.UNKNOWN
    found = []
    for heading in ToolEvidence.Heading:
        row = written.get(heading)
        level = ToolEvidence.Level(row.level) if row else unknown
        known = level != unknown
        found.append(
            Evidence(heading.label, level.label, row.text if row else "", row.source if row else "", known)
        )  # fmt: skip
    return found


def used_near(tool: ToolSheet, actor: Actor) -> tuple[list[Sheet], list[Sheet]]:
    """Sheets drawn from the tool: those of the actor's own texts in preparation, and those of the plans in force
    inside and around the territory acted in."""
    drawn = Sheet.objects.visible_to(actor).standing().filter(origin=tool)
    drawn = drawn.exclude(brought_by__state=Amendment.State.DROPPED).select_related("plan__territory", "brought_by")
    # Drafts first: there are few of them, and they are the actor's.
    found = list(drawn.order_by("brought_by__state", "plan__sort_title", "number")[:NAMED])
    drafts = [sheet for sheet in found if sheet.brought_by.state == Amendment.State.DRAFT]
    return drafts, found[len(drafts) :]


def used_by_departement(tool: ToolSheet) -> list[tuple[str, str, int]]:
    """(code, name, plans in force that use the tool) of each département. A plan in force is a public document."""
    using = Sheet.objects.standing().filter(origin=tool, brought_by__state=Amendment.State.IN_FORCE)
    rows = (
        using.filter(plan__ended_on=None, plan__territory__containers__container__kind=Territory.Kind.DEPARTEMENT)
        .values_list("plan__territory__containers__container__code", "plan__territory__containers__container__name")
        .annotate(plans=Count("plan", distinct=True))
        .order_by("plan__territory__containers__container__code")
    )
    return list(rows)


def as_tool(success: Success) -> dict[str, object]:
    """What the form of a tool sheet is filled with for a success: its action's own words, to be worked on."""
    sheet = success.sheet
    written = Provision.objects.filter(plan=sheet.plan, part=f"sheet:{sheet.number}:problem", until=None)
    organisations = list(sheet.partners.order_by("sort_name").values_list("name", flat=True))
    if sheet.lead:
        organisations.insert(0, sheet.lead.name)
    where = source_of(success)
    known: dict[str, object] = {}
    for heading, text in (("effect", success.proof), ("moderators", success.conditions),
                          ("implementation", success.what_worked)):  # fmt: skip
        if text:
            known |= {f"{heading}_level": "practice", f"{heading}_text": text, f"{heading}_source": where}
    return known | {
        "title": sheet.title[:160],
        "problem": "\n\n".join(written.order_by("position").values_list("text", flat=True)),
        "audience": ", ".join(labels("audiences", sheet.audiences))[:300],
        "audiences": sheet.audiences,
        "steps": "\n".join(SheetStep.objects.filter(sheet=sheet).order_by("position").values_list("label", flat=True)),
        "partners": ", ".join(organisations)[:500],
        "serves": ", ".join(sheet.serves.order_by("rank").values_list("number", flat=True)),
        "source": where,
    }


def source_of(success: Success) -> str:
    """Who did it: the territory and its plan."""
    plan = success.sheet.plan
    return f"{plan.territory.name}, {plan.title}"[:300]
