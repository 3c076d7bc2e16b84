"""French sentences that say why: the figure, its definition and year, the other facts, what is expected."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from prevenance.engines.obligations.facts import Council, Facts
from prevenance.engines.obligations.law import (
    AllOf,
    AnyOf,
    Asks,
    Condition,
    Declared,
    Intercommunal,
    Known,
    Member,
    MoreThan,
)
from prevenance.engines.obligations.truth import truth

NBSP = "\u00a0"
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre",
)  # fmt: skip
# What each yes-or-no fact reads when it is true, false, unknown; its name when it is missing; its label when known.
KNOWN = {
    "qpv": (
        "un quartier prioritaire de la politique de la ville (QPV) s’y trouve",
        "aucun quartier prioritaire de la politique de la ville (QPV) ne s’y trouve",
        "la liste des quartiers prioritaires de la politique de la ville (QPV) n’est pas connue ici",
        "liste des quartiers prioritaires de la politique de la ville (QPV)",
        "quartier prioritaire de la politique de la ville (QPV)",
    ),
    "competence": (
        "l’établissement exerce la compétence relative aux dispositifs locaux de prévention de la délinquance",
        "l’établissement n’exerce pas la compétence relative aux dispositifs locaux de prévention de la délinquance",
        "on ne sait pas ici si l’établissement exerce la compétence relative aux dispositifs locaux de prévention",
        "exercice de la compétence relative aux dispositifs locaux de prévention de la délinquance",
        "compétence relative aux dispositifs locaux de prévention de la délinquance",
    ),
    "opposition": (
        "des communes représentant au moins la moitié de la population s’y sont opposées",
        "aucune opposition de communes représentant la moitié de la population n’a empêché sa création",
        "on ne sait pas ici si des communes représentant la moitié de la population s’y sont opposées",
        "opposition éventuelle de communes représentant au moins la moitié de la population",
        "opposition de communes représentant au moins la moitié de la population",
    ),
}


def number(value: int) -> str:
    """5120 gives « 5 120 », with a no-break space."""
    return f"{value:,}".replace(",", NBSP)


def day(date: datetime.date) -> str:
    """« 1er janvier 2015 »."""
    first = "1er" if date.day == 1 else str(date.day)
    return f"{first}{NBSP}{MONTHS[date.month - 1]}{NBSP}{date.year}"


def since(council: Council) -> str:
    return f" depuis le {day(council.since)}" if council.since else ""


def sentence(clauses: Iterable[str], conclusion: str) -> str:
    """« Clause, et clause : conclusion. »"""
    *first, last = list(clauses) or [""]
    reason = ", et ".join(filter(None, (", ".join(first), last)))
    text = f"{reason}{NBSP}: {conclusion}" if reason and conclusion else reason or conclusion
    return f"{text[0].upper()}{text[1:]}."


def inhabitants(condition: MoreThan, facts: Facts, on: datetime.date) -> str:
    """« 5 120 habitants (population totale, 2023), plus que le seuil de 5 000 »."""
    population = condition.population
    figure = facts.populations.get(population.definition)
    if figure is None:
        others = sorted(other.value for other in facts.populations.values())
        if not others:
            return f"la {population.name} ({population.article}) n’est pas connue ici"
        figures = " ou ".join(f"{number(value)}{NBSP}habitants" for value in others)
        return (
            f"la {population.name} ({population.article}) n’est pas connue ici, et le chiffre disponible "
            f"({figures}) n’est pas donné dans cette définition, la seule que le texte emploie"
        )
    year = str(figure.year) if figure.year else "année non précisée"
    late = ", chiffre postérieur à la date demandée" if figure.year and figure.year > on.year else ""
    side = "plus" if figure.value > condition.threshold else "pas plus"
    return (
        f"{number(figure.value)}{NBSP}habitants ({population.name}, {year}{late}), "
        f"{side} que le seuil de {number(condition.threshold)}"
    )


def reasons(condition: Condition, facts: Facts, on: datetime.date) -> list[str]:
    """The clauses that make the condition what it is: those that decide, or those that leave it open."""
    if isinstance(condition, AnyOf | AllOf):
        whole = truth(condition, facts, on)
        decisive = {True} if isinstance(condition, AnyOf) else {False}
        parts = [(part, truth(part, facts, on)) for part in condition.parts]
        kept = [part for part, value in parts if value in decisive] if whole in decisive else [p for p, _ in parts]
        return [clause for part in kept for clause in reasons(part, facts, on)]
    if isinstance(condition, MoreThan):
        return [inhabitants(condition, facts, on)]
    if isinstance(condition, Known):
        value = getattr(facts, condition.fact)
        return [KNOWN[condition.fact][2 if value is None else 0 if value else 1]]
    if isinstance(condition, Declared):
        council = facts.council(condition.council, on)
        if council:
            return [f"un {condition.council} est déclaré ici{since(council)}"]
        return [f"aucun {condition.council} n’est déclaré ici"]
    if isinstance(condition, Intercommunal):
        council = facts.intercommunal(on)
        if council:
            holder = f" ({council.holder})" if council.holder else ""
            return [f"un {council.kind}{holder} est déclaré{since(council)}"]
        return ["aucun conseil intercommunal n’est déclaré"]
    return []


def missing(condition: Condition, facts: Facts, on: datetime.date) -> list[str]:
    """Names of the facts whose absence leaves the condition open; empty when it is decided."""
    if truth(condition, facts, on) is not None:
        return []
    if isinstance(condition, AnyOf | AllOf):
        return [name for part in condition.parts for name in missing(part, facts, on)]
    if isinstance(condition, MoreThan):
        return [condition.population.name]
    return [KNOWN[condition.fact][3]] if isinstance(condition, Known) else []


def thing(asks: Asks) -> str:
    """What is asked, with its article: « un CLSPD »."""
    return {
        "council": f"un {asks.council}",
        "coordinator": "un coordonnateur",
        "plenary": "une séance plénière",
        "members": "la présence des membres de droit",
    }[asks.what]


def expected(asks: Asks) -> str:
    if asks.what == "plenary":
        return f"une séance plénière est attendue au moins tous les {asks.months}{NBSP}mois"
    return "les membres de droit sont attendus" if asks.what == "members" else f"{thing(asks)} est attendu"


def not_expected(asks: Asks) -> str:
    if asks.what == "plenary":
        return "aucune séance plénière n’est attendue"
    return "aucun membre n’est attendu" if asks.what == "members" else f"auc{thing(asks)} n’est attendu"


def state(asks: Asks, facts: Facts, on: datetime.date) -> str:
    """What is declared here about the thing asked."""
    if asks.what == "council":
        council = facts.council(asks.council, on)
        return f"un {asks.council} est déclaré ici{since(council)}" if council else "aucun n’est déclaré ici"
    if asks.what == "coordinator":
        if facts.coordinator is None:
            return "on ne sait pas ici si un coordonnateur est désigné"
        return "un coordonnateur est déclaré ici" if facts.coordinator else "aucun n’est déclaré ici"
    if asks.what == "plenary":
        if facts.last_plenary is None or facts.last_plenary > on:
            return "aucune séance tenue n’est déclarée ici"
        return f"la dernière séance déclarée ici est celle du {day(facts.last_plenary)}"
    if facts.members is None:
        return "la composition du conseil n’est pas renseignée ici"
    absent = absent_members(asks.members, facts)
    if not absent:
        return "tous figurent dans la composition déclarée ici"
    return "ne figurent pas dans la composition déclarée ici" + NBSP + ": " + ", ".join(m.title for m in absent)


def absent_members(members: Iterable[Member], facts: Facts) -> list[Member]:
    there = facts.members or frozenset()
    return [m for m in members if m.key not in there and not (m.if_competence and facts.competence is False)]


def voluntary(asks: Asks, facts: Facts, on: datetime.date) -> str:
    """A word on what exists though no text expects it."""
    if asks.what == "council" and facts.council(asks.council, on):
        return f"{NBSP}; un {asks.council} est déclaré ici"
    if asks.what == "coordinator" and facts.coordinator:
        return f"{NBSP}; un coordonnateur est déclaré ici"
    return ""
