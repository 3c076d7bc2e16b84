"""From rows of the database to what engines and documents read."""

from prevenance.domains.governance.analysis.law import (
    communes_answering,
    counts_by_departement,
    departement_code,
    facts_for,
    facts_of,
    load_law,
    neighbourhood_lists,
    neighbourhood_vintages,
    place,
    read_law,
)

__all__ = [
    "communes_answering",
    "counts_by_departement",
    "departement_code",
    "facts_for",
    "facts_of",
    "load_law",
    "neighbourhood_lists",
    "neighbourhood_vintages",
    "place",
    "read_law",
]
