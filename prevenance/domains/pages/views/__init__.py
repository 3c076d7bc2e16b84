"""Screens that gather several domains."""

from prevenance.domains.pages.views.about import accessibility, legal, personal_data, source
from prevenance.domains.pages.views.france import expected, france
from prevenance.domains.pages.views.help import (
    help_communes,
    help_easy,
    help_page,
    help_poster,
    help_report,
    help_traces,
)
from prevenance.domains.pages.views.home import health, home, my_day
from prevenance.domains.pages.views.my_data import my_data
from prevenance.domains.pages.views.style import style
from prevenance.domains.pages.views.territories import territory
from prevenance.domains.pages.views.unanswered import help_unanswered

__all__ = [
    "accessibility",
    "expected",
    "france",
    "health",
    "help_communes",
    "help_easy",
    "help_page",
    "help_poster",
    "help_report",
    "help_traces",
    "help_unanswered",
    "home",
    "legal",
    "my_data",
    "my_day",
    "personal_data",
    "source",
    "style",
    "territory",
]
