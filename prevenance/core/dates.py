"""Days as French writes them."""

import datetime as dt
import re

from django.utils import formats

FIRST = re.compile(r"(?<!\\)j(?=[ \u00a0]F)")  # the day of the month before the month in letters


def date_format(value: dt.date, form: str | None = None) -> str:
    """Django's `date_format`, where the first of a month reads « 1er juin »: no form of Django's says it."""
    form = form or "DATE_FORMAT"
    if value.day == 1:
        form = FIRST.sub(r"j\\e\\r", formats.get_format(form))
    return formats.date_format(value, form)  # noqa: TID251
