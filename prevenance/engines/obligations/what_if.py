"""« What if »: facts replaced by assumptions written as `council=CISPD,qpv=yes`."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import replace

from prevenance.engines.obligations.facts import Council, Facts, Figure

YES, NO, UNKNOWN = ("yes", "oui"), ("no", "non"), ("unknown", "inconnu")
INTERCOMMUNAL = ("CISPD",)


def what_if(facts: Facts, assumptions: str) -> Facts:
    """Facts with the assumptions in place of what is known; several `council=` add up, `council=none` removes all.

    Keys: council, qpv, coordinator, plenary (a day), population (total), competence, opposition. Raises ValueError
    with one French sentence for an assumption that is not understood.
    """
    for part in filter(None, (piece.strip() for piece in assumptions.split(","))):
        key, equals, value = (word.strip() for word in part.partition("="))
        if not equals or key not in CHANGES:
            raise ValueError(f"Hypothèse non comprise « {part} » ; les clés possibles sont {', '.join(CHANGES)}.")
        facts = CHANGES[key](facts, value)
    return facts


def _truth(value: str) -> bool | None:
    if value.lower() in YES:
        return True
    if value.lower() in NO:
        return False
    if value.lower() in UNKNOWN:
        return None
    raise ValueError(f"« {value} » n’est pas compris ; écrivez yes, no ou unknown (oui, non, inconnu).")


def _council(facts: Facts, value: str) -> Facts:
    if value.lower() in ("none", "aucun"):
        return replace(facts, councils=(), intercommunal_councils=())
    kind = value.upper()
    if kind not in ("CLSPD", "CISPD", "CDDF", "CDPDR"):
        raise ValueError(f"Conseil inconnu « {value} » ; écrivez CLSPD, CISPD, CDDF, CDPDR ou none.")
    council = Council(kind, holder="hypothèse")
    if kind in INTERCOMMUNAL and facts.kind == "commune":
        return replace(facts, intercommunal_councils=(*facts.intercommunal_councils, council))
    return replace(facts, councils=(*facts.councils, council))


def _population(facts: Facts, value: str) -> Facts:
    if value.lower() in UNKNOWN:
        return replace(
            facts,
            populations={k: v for k, v in facts.populations.items() if k != "total"},
        )
    digits = value.replace("\u00a0", "").replace("\u202f", "").replace(" ", "")
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError(f"Population non comprise « {value} » ; écrivez un nombre d’habitants.")
    populations: Mapping[str, Figure] = {
        **facts.populations,
        "total": Figure(int(digits)),
    }
    return replace(facts, populations=populations)


def _plenary(facts: Facts, value: str) -> Facts:
    if value.lower() in ("none", "aucune"):
        return replace(facts, last_plenary=None)
    try:
        return replace(facts, last_plenary=datetime.date.fromisoformat(value))
    except ValueError:
        raise ValueError(f"Date non comprise « {value} » ; écrivez-la AAAA-MM-JJ.") from None


CHANGES: dict[str, Callable[[Facts, str], Facts]] = {
    "council": _council,
    "qpv": lambda facts, value: replace(facts, qpv=_truth(value)),
    "coordinator": lambda facts, value: replace(facts, coordinator=_truth(value)),
    "plenary": _plenary,
    "population": _population,
    "competence": lambda facts, value: replace(facts, competence=_truth(value)),
    "opposition": lambda facts, value: replace(facts, opposition=_truth(value)),
}
