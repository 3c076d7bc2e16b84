"""Screens that gather several domains."""

from prevenance.domains.pages.views.home import health, home, my_day

__all__ = ["health", "home", "my_day"]
