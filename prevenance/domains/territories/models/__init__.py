"""Territories of France and the facts published about them: reference data that everybody may read.

Every table is filled as the owner of the database (`load_territories`, `import_qpv`, `import_crime`); the application
only reads.
"""

from prevenance.domains.territories.models.crime import CrimeSeries, RecordedCrime
from prevenance.domains.territories.models.neighbourhoods import NeighbourhoodCommune, PriorityNeighbourhood
from prevenance.domains.territories.models.populations import Population, PopulationSeries
from prevenance.domains.territories.models.references import ReferenceImport
from prevenance.domains.territories.models.territories import Containment, Contour, FormerCode, PostalCode, Territory

__all__ = [
    "Containment",
    "Contour",
    "CrimeSeries",
    "FormerCode",
    "NeighbourhoodCommune",
    "Population",
    "PopulationSeries",
    "PostalCode",
    "PriorityNeighbourhood",
    "RecordedCrime",
    "ReferenceImport",
    "Territory",
]
