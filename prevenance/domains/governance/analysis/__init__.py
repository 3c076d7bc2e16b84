"""From rows of the database to what engines and documents read."""

from prevenance.domains.governance.analysis.law import (
    counts_by_departement,
    departement_code,
    facts_for,
    facts_of,
    load_law,
    neighbourhood_lists,
    place,
    read_law,
)

__all__ = [
    "counts_by_departement",
    "departement_code",
    "facts_for",
    "facts_of",
    "load_law",
    "neighbourhood_lists",
    "place",
    "read_law",
]
