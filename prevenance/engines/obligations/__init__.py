"""What the law expects of a territory on a day, from dated records of the law and facts that may be missing.

Nothing is guessed: a fact that is missing and would change the answer makes the answer « impossible à dire », and is
named. The engine never says that a territory breaks the law: what is expected and not recorded is « non déclaré ici ».
"""

from prevenance.engines.obligations.answers import (
    Answer,
    FactUsed,
    Obligation,
    decide,
    members_of_right,
    obligations,
    summary,
)
from prevenance.engines.obligations.facts import Council, Facts, Figure
from prevenance.engines.obligations.law import (
    Law,
    LawError,
    Member,
    Place,
    Population,
    Record,
    place_of,
)
from prevenance.engines.obligations.reading import places_from, records_from
from prevenance.engines.obligations.what_if import what_if

__all__ = [
    "Answer",
    "Council",
    "FactUsed",
    "Facts",
    "Figure",
    "Law",
    "LawError",
    "Member",
    "Obligation",
    "Place",
    "Population",
    "Record",
    "decide",
    "members_of_right",
    "obligations",
    "place_of",
    "places_from",
    "records_from",
    "summary",
    "what_if",
]
