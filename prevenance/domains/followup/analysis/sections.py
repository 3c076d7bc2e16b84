"""A file as parts that a person reads: titles, entries, labels with values. One writing for a share and a copy."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from prevenance.core import vault
from prevenance.core.templatetags import rows
from prevenance.domains.accounts.models import Person
from prevenance.domains.followup.analysis.reading import opened_values
from prevenance.domains.followup.models import (
    Attachment,
    Contact,
    Fact,
    FollowUp,
    Goal,
    Identity,
    Orientation,
    Report,
    Representative,
    Review,
)
from prevenance.domains.followup.rules import lists

Who = Callable[[Person | None], str]  # how a professional is told: by name to a colleague, by function to the person


@dataclass(frozen=True)
class Entry:
    """One thing of a part. `document`: the attachment to open, when it is one."""

    title: str
    facts: list[tuple[str, str]]
    document: int | None = None


@dataclass(frozen=True)
class Section:
    code: str
    title: str
    entries: list[Entry] = field(default_factory=list)


def named(person: Person | None) -> str:
    return person.name if person is not None else ""


def day(value: date | None) -> str:
    """« 1er juin 2026 »; the day in France for a moment."""
    if value is None:
        return ""
    return str(rows.date(timezone.localtime(value) if isinstance(value, datetime) else value, "j F Y"))


def told(*pairs: tuple[str, str]) -> list[tuple[str, str]]:
    """What is known: a label without a value is left out."""
    return [(label, value) for label, value in pairs if value]


def coordinates(said: dict[str, str]) -> list[tuple[str, str]]:
    return told(
        (_("Adresse"), said["address"]), (_("Téléphone"), said["phone"]), (_("Courriel"), said["email"])
    )  # fmt: skip


def full_name(said: dict[str, str]) -> str:
    return f"{said['given_name']} {said['family_name']}".strip()


def identity(followup: FollowUp, key: vault.Key, who: Who) -> list[Entry]:
    found = []
    for row in Identity.objects.filter(followup=followup):
        said = opened_values(row, key)
        born = day(date.fromisoformat(said["birth_date"])) if said["birth_date"] else ""
        facts = told((_("Date de naissance"), born), (_("Sexe"), str(followup.get_sex_display())))
        facts += coordinates(said)
        facts += told((_("Niveau scolaire ou situation professionnelle"), lists.label("schooling", said["schooling"])))
        found.append(Entry(full_name(said), facts))
    return found


def representatives(followup: FollowUp, key: vault.Key, who: Who) -> list[Entry]:
    found = []
    for row in Representative.objects.filter(followup=followup):
        said = opened_values(row, key)
        facts = told((_("Qualité"), lists.label("links", said["link"]))) + coordinates(said)
        found.append(Entry(full_name(said), facts))
    return found


def situation(followup: FollowUp, key: vault.Key, who: Who) -> list[Entry]:
    found = []
    for report in Report.objects.filter(followup=followup).select_related("reported_by", "recorded_by"):
        origin = lists.label("origins", opened_values(report, key)["origin"])
        facts = told(
            (_("Origine"), origin), (_("Signalé par"), who(report.reported_by)),
            (_("Saisi par"), who(report.recorded_by)),
        )  # fmt: skip
        found.append(Entry(_("Signalement du %(day)s") % {"day": day(report.received_on)}, facts))
    for fact in Fact.objects.filter(followup=followup).select_related("observed_by"):
        facts = told(
            (_("Observée le"), day(fact.observed_on)), (_("Par"), who(fact.observed_by)),
            (_("Ne l’est plus depuis le"), day(fact.ended_on)),
        )  # fmt: skip
        found.append(Entry(lists.label("situations", opened_values(fact, key)["situation"]), facts))
    return found


def plan(followup: FollowUp, key: vault.Key, who: Who) -> list[Entry]:
    found = []
    goals = Goal.objects.filter(followup=followup).select_related("set_by").prefetch_related("steps__carried_by")
    for goal in goals:
        said = opened_values(goal, key)
        facts = told(
            (_("Objectif"), said["words"]), (_("Part de la famille"), said["family_part"]),
            (_("État"), lists.label("goal_states", said["state"])), (_("Fixé le"), day(goal.set_on)),
            (_("Fixé par"), who(goal.set_by)), (_("Échéance"), day(goal.due_on)), (_("Clos le"), day(goal.ended_on)),
        )  # fmt: skip
        for step in goal.steps.all():
            words = opened_values(step, key)
            parts = [
                lists.label("steps", words["kind"]), words["words"], who(step.carried_by),
                _("pour le %(day)s") % {"day": day(step.due_on)} if step.due_on else "",
                _("fait le %(day)s") % {"day": day(step.done_on)} if step.done_on else "",
                lists.label("results", words["result"]),
            ]  # fmt: skip
            facts.append((_("Étape"), ", ".join(filter(None, parts))))
        found.append(Entry(lists.label("themes", said["theme"]), facts))
    return found


def contacts(followup: FollowUp, key: vault.Key, who: Who) -> list[Entry]:
    found = []
    for row in Contact.objects.filter(followup=followup).select_related("by"):
        said = opened_values(row, key)
        facts = told(
            (_("Nature"), lists.label("contact_kinds", said["kind"])),
            (_("Avec"), lists.label("contact_with", said["whom"])),
            (_("Suite"), lists.label("contact_outcomes", said["outcome"])), (_("Précision"), said["words"]),
            (_("Par"), who(row.by)),
        )  # fmt: skip
        found.append(Entry(day(row.day), facts))
    return found


def reviews(followup: FollowUp, key: vault.Key, who: Who) -> list[Entry]:
    found = []
    for row in Review.objects.filter(followup=followup).select_related("by"):
        said = opened_values(row, key)
        facts = told(
            (_("Suite décidée"), lists.label("review_decisions", said["decision"])), (_("Précision"), said["words"]),
            (_("Noté par"), who(row.by)),
        )  # fmt: skip
        found.append(Entry(day(row.day), facts))
    return found


def orientations(followup: FollowUp, key: vault.Key, who: Who) -> list[Entry]:
    found = []
    for row in Orientation.objects.filter(followup=followup).select_related("sent_by"):
        said = opened_values(row, key)
        facts = told(
            (_("Ce qui a été transmis"), said["sent"]),
            (_("Accord écrit"), lists.label("addressees", said["agreed_by"])),
            (_("Signé le"), day(row.agreed_on)), (_("Transmise le"), day(row.sent_on)), (_("Par"), who(row.sent_by)),
            (_("Réponse"), lists.label("answers", said["answer"])), (_("Réponse du"), day(row.answered_on)),
            (_("Résultat"), lists.label("orientation_results", said["result"])), (_("Terminée le"), day(row.ended_on)),
        )  # fmt: skip
        found.append(Entry(said["service_name"], facts))
    return found


def attachments(followup: FollowUp, key: vault.Key, who: Who) -> list[Entry]:
    found = []
    for row in Attachment.objects.filter(followup=followup).select_related("added_by"):
        said = opened_values(row, key)
        facts = told(
            (_("Nature"), lists.label("attachment_kinds", said["kind"])), (_("Déposée le"), day(row.added_on)),
            (_("Par"), who(row.added_by)),
        )  # fmt: skip
        found.append(Entry(said["name"], facts, row.pk))
    return found


Writer = Callable[[FollowUp, vault.Key, Who], list[Entry]]
PARTS: dict[str, Writer] = {
    "identity": identity, "representatives": representatives, "situation": situation, "plan": plan,
    "contacts": contacts, "reviews": reviews, "orientations": orientations, "attachments": attachments,
}  # fmt: skip


def sections(followup: FollowUp, parts: Iterable[str], key: vault.Key, who: Who = named) -> list[Section]:
    """Those parts of a file that the reader was found to have, in the order of the closed list."""
    asked: set[Any] = set(parts)
    return [
        Section(code, label, PARTS[code](followup, key, who))
        for code, label in lists.choices("share_parts")
        if code in asked
    ]
