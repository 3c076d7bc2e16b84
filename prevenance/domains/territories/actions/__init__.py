"""Everything that writes reference data. All of it runs as the owner of the database, from a command."""

from prevenance.domains.territories.actions.crime import import_crime
from prevenance.domains.territories.actions.neighbourhoods import import_neighbourhoods
from prevenance.domains.territories.actions.territories import load_territories

__all__ = ["import_crime", "import_neighbourhoods", "load_territories"]
