"""Screens that gather several domains."""

from prevenance.domains.pages.views.home import home, my_day

__all__ = ["home", "my_day"]
