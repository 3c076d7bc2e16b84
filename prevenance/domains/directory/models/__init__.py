"""The directory: structures, the services that they render, and closed lists."""

from prevenance.domains.directory.models.lists import (
    Kind,
    closed_list,
    freshness,
    kind_choices,
    kind_label,
    kinds,
    labels,
)
from prevenance.domains.directory.models.services import Service, search_key
from prevenance.domains.directory.models.structures import Structure

__all__ = [
    "Kind",
    "Service",
    "Structure",
    "closed_list",
    "freshness",
    "kind_choices",
    "kind_label",
    "kinds",
    "labels",
    "search_key",
]
