"""The directory: structures, the services that they render, and closed lists."""

from prevenance.domains.directory.models.closures import Closure
from prevenance.domains.directory.models.exchanges import Exchange, ExchangeProblem
from prevenance.domains.directory.models.lists import (
    EXTENSION,
    Kind,
    closed_list,
    freshness,
    in_force,
    kind_choices,
    kind_label,
    kinds,
    labels,
)
from prevenance.domains.directory.models.nation import CoverageRun, DepartementCoverage
from prevenance.domains.directory.models.numbers import Number, help_words, numbers_on
from prevenance.domains.directory.models.reviews import Distinct, ErrorReport, ReviewReminder
from prevenance.domains.directory.models.scenarios import Scenario
from prevenance.domains.directory.models.services import Service, search_key
from prevenance.domains.directory.models.structures import WHERE_A_STRUCTURE_IS, WHERE_IT_IS, Structure

__all__ = [
    "EXTENSION",
    "WHERE_A_STRUCTURE_IS",
    "WHERE_IT_IS",
    "Closure",
    "CoverageRun",
    "DepartementCoverage",
    "Distinct",
    "ErrorReport",
    "Exchange",
    "ExchangeProblem",
    "Kind",
    "Number",
    "ReviewReminder",
    "Scenario",
    "Service",
    "Structure",
    "closed_list",
    "freshness",
    "help_words",
    "in_force",
    "kind_choices",
    "kind_label",
    "kinds",
    "labels",
    "numbers_on",
    "search_key",
]
