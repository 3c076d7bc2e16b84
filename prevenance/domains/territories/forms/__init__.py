"""What people give: the official list of neighbourhoods, filters of a list, a territory chosen as one types."""

from prevenance.domains.territories.forms.choice import TerritoryField
from prevenance.domains.territories.forms.contents import ContentsFilter
from prevenance.domains.territories.forms.neighbourhoods import UnusableList, read_neighbourhoods

__all__ = ["ContentsFilter", "TerritoryField", "UnusableList", "read_neighbourhoods"]
