"""Days as French writes them."""

import datetime as dt
import re

from django.utils import formats
from django.utils.translation import gettext as _

FIRST = re.compile(r"(?<!\\)j(?=[ \u00a0]F)")  # the day of the month before the month in letters


def date_format(value: dt.date, form: str | None = None) -> str:
    """Django's `date_format`, where the first of a month reads « 1er juin »: no form of Django's says it."""
    form = form or "DATE_FORMAT"
    if value.day == 1:
        form = FIRST.sub(r"j\\e\\r", formats.get_format(form))
    return formats.date_format(value, form)  # noqa: TID251


def quarters(on: dt.date) -> list[dt.date]:
    """First days of the finished quarters of the last two years, latest first: a quarter that goes on would let each
    event be seen as it comes."""
    month = on.year * 12 + (on.month - 1) // 3 * 3
    return [dt.date((month - 3 * back) // 12, (month - 3 * back) % 12 + 1, 1) for back in range(1, 9)]


def quarter_after(quarter: dt.date) -> dt.date:
    """First day of the quarter that follows."""
    after = quarter.month + 3
    return dt.date(quarter.year + (after > 12), after - 12 if after > 12 else after, 1)


def quarter_label(day: dt.date) -> str:
    rank = (day.month + 2) // 3
    said = _("1er trimestre %(year)d") if rank == 1 else _("%(rank)de trimestre %(year)d")
    return said % {"rank": rank, "year": day.year}
