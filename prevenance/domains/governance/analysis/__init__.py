"""From rows of the database to what engines and documents read."""

from prevenance.domains.governance.analysis.law import load_law, place, read_law

__all__ = ["load_law", "place", "read_law"]
