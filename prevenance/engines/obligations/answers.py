"""Answers: what is expected, met, not declared here, not required, or impossible to tell; and counts of them."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from prevenance.engines.obligations import wording
from prevenance.engines.obligations.facts import Facts
from prevenance.engines.obligations.law import (
    AllOf,
    AnyOf,
    Condition,
    Declared,
    InForce,
    Intercommunal,
    Known,
    Law,
    Member,
    MoreThan,
    Record,
)
from prevenance.engines.obligations.truth import fulfilled, not_yet, truth


class Answer(StrEnum):
    """The four answers. None says that a territory breaks the law."""

    MET = "met"
    NOT_DECLARED = "not_declared"
    NOT_REQUIRED = "not_required"
    CANNOT_TELL = "cannot_tell"

    @property
    def label(self) -> str:
        """In French, for screens."""
        return LABELS[self]


LABELS = {
    Answer.MET: "satisfait",
    Answer.NOT_DECLARED: "non déclaré ici",
    Answer.NOT_REQUIRED: "non requis",
    Answer.CANNOT_TELL: "impossible à dire",
}


@dataclass(frozen=True)
class FactUsed:
    """A known fact that the rule looked at; `label` in French, `year` for a figure of population."""

    key: str
    label: str
    value: int | bool | str
    year: int | None = None


@dataclass(frozen=True)
class Obligation:
    """One rule, answered for one territory on one day. `missing` names, in French, what would settle the answer."""

    rule: str
    article: str
    title: str
    answer: Answer
    why: str
    missing: tuple[str, ...]
    facts_used: tuple[FactUsed, ...]
    text: str
    source: str

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        used: list[dict[str, Any]] = []
        for fact in self.facts_used:
            used.append({"key": fact.key, "label": fact.label, "value": fact.value})
            if fact.key.startswith("population"):
                used[-1]["year"] = fact.year
        return {
            "rule": self.rule,
            "article": self.article,
            "title": self.title,
            "answer": self.answer.value,
            "label": self.answer.label,
            "why": self.why,
            "missing": list(self.missing),
            "facts_used": used,
            "text": self.text,
            "source": self.source,
        }


def decide(record: Record | None, facts: Facts, on: datetime.date) -> Answer:
    """The answer of one version of a rule; without a version for that day, it cannot be told."""
    if record is None:
        return Answer.CANNOT_TELL
    if record.effect in ("none", "option"):
        return Answer.NOT_REQUIRED
    needed = truth(record.condition, facts, on)
    if record.unless is not None and truth(record.unless, facts, on):
        return Answer.NOT_REQUIRED
    if needed is False:
        unsure = record.unsure is not None and truth(record.unsure, facts, on) is not False
        return Answer.CANNOT_TELL if unsure else Answer.NOT_REQUIRED
    if needed is None or record.effect == "unknown":
        return Answer.CANNOT_TELL
    done = fulfilled(record.asks, facts, on)
    if done:
        return Answer.MET
    if not_yet(record.asks, facts, on):
        return Answer.NOT_REQUIRED
    if done is None or (record.doubt is not None and truth(record.doubt, facts, on) is not False):
        return Answer.CANNOT_TELL
    return Answer.NOT_DECLARED


def obligations(facts: Facts, law: Law, on: datetime.date) -> list[Obligation]:
    """Every rule that concerns this kind of territory, by rank; empty for kinds that no rule concerns."""
    return [_explain(rule, facts, law, on) for rule in law.in_force(facts.kind, facts.place, on)]


def summary(territories: Iterable[Facts], law: Law, on: datetime.date) -> dict[str, dict[Answer, int]]:
    """Territories by answer, for each rule (in order of rank): what the national view counts by département."""
    counts: dict[str, dict[Answer, int]] = {}
    known: dict[tuple[str, str], tuple[InForce, ...]] = {}
    for facts in territories:
        where = (facts.kind, facts.place)
        rules = known.get(where)
        if rules is None:
            rules = known[where] = law.in_force(*where, on)
        for rule in rules:
            answers = counts.get(rule.rule)
            if answers is None:
                answers = counts[rule.rule] = dict.fromkeys(Answer, 0)
            answers[decide(rule.record, facts, on)] += 1
    ranks = {record.rule: record.rank for record in law.records}
    return {rule: counts[rule] for rule in sorted(counts, key=lambda rule: ranks[rule])}


def members_of_right(facts: Facts, law: Law, on: datetime.date) -> tuple[tuple[Member, str], ...]:
    """Members of right of the council of this territory on a day, each with the article that names them."""
    found = []
    for rule in law.in_force(facts.kind, facts.place, on):
        if rule.record and rule.record.asks.what == "members" and rule.record.effect == "duty":
            found += [(member, rule.record.article) for member in rule.record.asks.members]
    return tuple(found)


def _explain(rule: InForce, facts: Facts, law: Law, on: datetime.date) -> Obligation:
    record, shown = rule.record, rule.record or rule.nearest
    answer = decide(record, facts, on)
    why, missing = _no_text(rule, facts, law, on) if record is None else _why(record, answer, facts, on)
    return Obligation(
        rule=rule.rule,
        article=shown.article,
        title=shown.title,
        answer=answer,
        why=why,
        missing=missing if answer is Answer.CANNOT_TELL else (),
        facts_used=_facts_used(record, facts, on) if record else (),
        text=shown.text,
        source=f"{shown.source} (consulté le {wording.day(shown.consulted)})",
    )


def _no_text(rule: InForce, facts: Facts, law: Law, on: datetime.date) -> tuple[str, tuple[str, ...]]:
    place = law.places.get(facts.place)
    if place is None:
        why = "on ne sait pas dans quelle partie de la République se trouve ce territoire"
        return wording.sentence([], why), ("partie de la République où se trouve ce territoire",)
    when = wording.day(on)
    missing = f"texte applicable {place.locative} au {when}"
    if facts.place not in rule.nearest.places:
        why = f"l’application de ce texte {place.locative} au {when} n’est pas enregistrée ici"
        return wording.sentence([], why), (missing,)
    edge = rule.nearest.valid_from if on < rule.nearest.valid_from else rule.nearest.valid_to
    side = "vaut à partir du" if on < rule.nearest.valid_from else "a cessé de valoir après le"
    near = f" ; le plus proche {side} {wording.day(edge)}".replace(" ;", f"{wording.NBSP};") if edge else ""
    return wording.sentence([], f"aucun texte n’est enregistré ici pour le {when}{near}"), (missing,)


def _why(record: Record, answer: Answer, facts: Facts, on: datetime.date) -> tuple[str, tuple[str, ...]]:
    """The French sentence of an answer, and what is missing when it cannot be told; follows `decide` step by step."""
    asks, clauses = record.asks, wording.reasons(record.condition, facts, on)
    needed = truth(record.condition, facts, on)
    besides = wording.voluntary(asks, facts, on)
    text = wording.sentence([], record.text.rstrip(".") + besides)
    if record.effect in ("none", "option"):
        return text, ()
    if record.unless is not None and truth(record.unless, facts, on):
        reasons = wording.reasons(record.unless, facts, on)
        return wording.sentence(reasons, f"{wording.thing(asks)} est facultatif{besides}"), ()
    if answer is Answer.CANNOT_TELL and (needed is False or (needed and record.effect == "unknown")):
        return " ".join(filter(None, (wording.sentence(clauses, "") if clauses else "", text))), (record.missing,)
    if needed is False:
        return wording.sentence(clauses, wording.not_expected(asks) + besides), ()
    if needed is None:
        conclusion = f"impossible de dire si {wording.expected(asks)}{besides}"
        return wording.sentence(clauses, conclusion), tuple(wording.missing(record.condition, facts, on))
    if answer is Answer.NOT_REQUIRED:
        early = f"le conseil existe depuis moins de {asks.months}{wording.NBSP}mois, sa première séance est à venir"
        return wording.sentence(clauses, early), ()
    state = wording.state(asks, facts, on)
    if clauses == [state]:  # the council is the very reason: said once
        return wording.sentence(clauses, "c’est ce que le texte attend"), ()
    why = wording.sentence(clauses, f"{wording.expected(asks)}{wording.NBSP}; {state}")
    if answer is not Answer.CANNOT_TELL:
        return why, ()
    if fulfilled(asks, facts, on) is not None and record.doubt is not None:
        doubt = wording.sentence(wording.reasons(record.doubt, facts, on), f"le texte ne dit pas {record.missing}")
        return f"{why} {doubt}", (f"texte qui dise {record.missing}",)
    if asks.what == "coordinator":
        return why, ("désignation d’un coordonnateur",)
    return why, ("composition du conseil" if facts.members is None else wording.KNOWN["competence"][3],)


def _facts_used(record: Record, facts: Facts, on: datetime.date) -> tuple[FactUsed, ...]:
    """Known facts among those that the version looks at, in the order of its condition, without repetition."""
    used: dict[str, FactUsed] = {}
    if record.effect not in ("none", "option"):
        for condition in (record.condition, record.unless, record.unsure, record.doubt):
            for fact in _facts_in(condition, facts, on) if condition else ():
                used.setdefault(fact.key, fact)
    asks = record.asks
    if asks.what == "council":
        there = facts.council(asks.council, on) is not None
        used.setdefault(
            f"council_{asks.council}",
            FactUsed(f"council_{asks.council}", f"{asks.council} déclaré", there),
        )
    elif asks.what == "coordinator" and facts.coordinator is not None:
        used["coordinator"] = FactUsed("coordinator", "coordonnateur déclaré", facts.coordinator)
    elif asks.what == "plenary" and facts.last_plenary is not None:
        used["last_plenary"] = FactUsed("last_plenary", "dernière plénière déclarée", facts.last_plenary.isoformat())
    elif asks.what == "members" and facts.members is not None:
        used["members"] = FactUsed("members", "membres de droit déclarés", ", ".join(sorted(facts.members)))
    return tuple(used.values())


def _facts_in(condition: Condition, facts: Facts, on: datetime.date) -> list[FactUsed]:
    if isinstance(condition, AnyOf | AllOf):
        return [fact for part in condition.parts for fact in _facts_in(part, facts, on)]
    if isinstance(condition, MoreThan):
        population = condition.population
        figure = facts.populations.get(population.definition)
        key = f"population_{population.definition}"
        return [FactUsed(key, population.name, figure.value, figure.year)] if figure else []
    if isinstance(condition, Known):
        value = getattr(facts, condition.fact)
        return [] if value is None else [FactUsed(condition.fact, wording.KNOWN[condition.fact][4], value)]
    if isinstance(condition, Declared):
        there = facts.council(condition.council, on) is not None
        return [FactUsed(f"council_{condition.council}", f"{condition.council} déclaré", there)]
    if isinstance(condition, Intercommunal):
        council = facts.intercommunal(on)
        return [
            FactUsed(
                "intercommunal_council",
                "conseil intercommunal déclaré",
                council.kind if council else False,
            )
        ]
    return []
