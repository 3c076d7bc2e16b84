"""While a query is put together, nothing else is read: no query runs and the hour is not asked (docs/adr/0009)."""

import sys
from typing import Any

from django.db import connections
from django.utils import timezone

from prevenance.core.stand_ins import Unfit

CLOCKS = {"now", "utcnow", "today", "time", "time_ns"}


class no_query:
    """While it lasts, this thread runs no query."""

    def __enter__(self) -> None:
        self.refusing = [connection.execute_wrapper(refuse) for connection in connections.all()]
        for one in self.refusing:
            one.__enter__()

    def __exit__(self, *raised: Any) -> None:
        for one in self.refusing:
            one.__exit__(*raised)


def refuse(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
    raise Unfit("a query ran while another was put together")


class Clock:
    """While it lasts, this thread does not read the hour. Today is known: texts are kept for a day."""

    def __enter__(self) -> None:
        self.read, self.before = False, sys.getprofile()
        sys.setprofile(self.watch)

    def __exit__(self, *raised: Any) -> None:
        sys.setprofile(self.before)
        if self.read:
            raise Unfit("the hour is read")

    def watch(self, frame: Any, event: str, called: Any) -> None:
        if event == "c_call" and getattr(called, "__name__", "") in CLOCKS and not self.read:
            self.read = not for_today(frame)


def for_today(frame: Any) -> bool:
    """Whether Django asks the hour to tell what day it is."""
    while frame is not None:
        if frame.f_code is timezone.localdate.__code__:
            return True
        frame = frame.f_back
    return False
