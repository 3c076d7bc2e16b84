"""Screens that gather several domains."""

from prevenance.domains.pages.views.home import health, home, my_day
from prevenance.domains.pages.views.style import style
from prevenance.domains.pages.views.territories import territory

__all__ = ["health", "home", "my_day", "style", "territory"]
