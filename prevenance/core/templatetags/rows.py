"""Django's own `{% url %}` and `|date`, which remember what the rows of a list repeat.

Loaded everywhere in place of Django's (settings.TEMPLATES builtins), with the same results, which a test checks: a
list of fifty rows spent a quarter of its time looking up one address and one form of date fifty times.
"""

import datetime as dt
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.template.base import Parser, Token
from django.template.context import Context
from django.template.defaultfilters import date as django_date
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as django_url
from django.urls import NoReverseMatch, reverse
from django.utils.formats import localize
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from prevenance.core.dates import date_format

register = template.Library()

HELD = 910_000_000  # numbers that hold the place of identifiers in a remembered address


@lru_cache(maxsize=1024)
def pattern(urlconf: str, name: str, count: int) -> str:
    """The address `name` with `{0}`, `{1}`… for its `count` identifiers. A process serves under one prefix."""
    found = reverse(name, args=[HELD + rank for rank in range(count)]).replace("{", "{{").replace("}", "}}")
    for rank in range(count):
        found = found.replace(str(HELD + rank), f"{{{rank}}}")
    return found


def address(name: str, *identifiers: int) -> str:
    """`reverse(name, args=identifiers)` for whole numbers, looked up once whatever they are."""
    return pattern(settings.ROOT_URLCONF, name, len(identifiers)).format(*identifiers)


class Address(URLNode):
    """`{% url %}`, which asks the resolver once for an address whose arguments are whole numbers."""

    def render(self, context: Context) -> Any:
        values = [argument.resolve(context) for argument in self.args]
        if self.kwargs or not values or not all(type(value) is int for value in values):
            return super().render(context)
        try:
            found = address(self.view_name.resolve(context), *values)
        except NoReverseMatch:
            return super().render(context)
        if self.asvar:
            context[self.asvar] = found
            return ""
        return found


@register.tag
def url(parser: Parser, token: Token) -> Address:
    node = django_url(parser, token)
    return Address(node.view_name, node.args, node.kwargs, node.asvar)


DAYS = re.compile(r"(?:[djlDSwzWmMnFbEytLoY\sà,./:–-]|\\.)+")  # forms of Django's `date` that say nothing of the hour
HOURS = ("H:i", "G:i")  # how a form that says the hour ends


@lru_cache(maxsize=8192)
def _day(day: dt.date, form: str) -> str:
    return date_format(day, form)


@register.filter(expects_localtime=True, is_safe=False)
def date(value: Any, form: str | None = None) -> str:
    """`|date`: the days of ten years are fewer than four thousand, and lists show the same ones over and over."""
    if form:
        if type(value) is dt.date:
            return _day(value, form)
        # Of a moment, already in local time, a form that says the day alone.
        if type(value) is dt.datetime and DAYS.fullmatch(form):
            return _day(value.date(), form)
        if type(value) is dt.datetime and form.endswith(HOURS) and DAYS.fullmatch(form[:-3]):
            hour = f"{value:%H}" if form[-3] == "H" else str(value.hour)
            return f"{_day(value.date(), form[:-3])}{hour}:{value:%M}"
        if type(value) is dt.datetime:
            return date_format(value, form)
    return str(django_date(value, form))


@register.simple_tag
def cells(numbers: Iterable[int | None], missing: str) -> SafeString:
    """A cell for each whole number, as `{{ number }}` writes it, or for None the word that says why there is none."""
    language, word = get_language(), conditional_escape(missing)
    return mark_safe("".join(f"<td>{word if n is None else whole(n, language)}</td>" for n in numbers))  # noqa: S308


@lru_cache(maxsize=4096)
def whole(number: int, language: str | None) -> SafeString:
    return conditional_escape(localize(number))
