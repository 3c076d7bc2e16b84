"""Screens about territories alone; the page of a territory, which gathers more, is in `pages`."""

from prevenance.domains.territories.views.contents import export_contents
from prevenance.domains.territories.views.facts import facts, unknown
from prevenance.domains.territories.views.maps import contours
from prevenance.domains.territories.views.search import search

__all__ = ["contours", "export_contents", "facts", "search", "unknown"]
