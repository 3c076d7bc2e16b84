"""Lists page by page, counted only when there is something to count."""

from collections.abc import Callable, Sequence
from typing import Any

from django.core.paginator import Page, Paginator


class Pages(Paginator):
    """A paginator that reads the first page and one row more: when that row is not there, the list is counted.

    Most lists of a council or a plan hold on one page, and the count was a query as long as the list's own. The rows
    of a first page come as a list. `first(n)` reads its first `n` rows, and `counted()` counts
    them, where queries are ready for that (core.composed); the list itself by default.
    """

    def __init__(
        self, object_list: Any, per_page: int, first: Callable[[int], Sequence[Any]] | None = None,
        counted: Callable[[], int] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(object_list, per_page)
        self.first, self.counted = first, counted

    def get_page(self, number: Any) -> Page:
        if number not in (None, "", "1", 1):
            return super().get_page(number)
        most = self.per_page + 1
        rows = list(self.first(most) if self.first else self.object_list[:most])
        # `count` is Django's own, a cached_property.
        if len(rows) <= self.per_page:
            self.__dict__["count"] = len(rows)
        elif self.counted:
            self.__dict__["count"] = self.counted()
        return self._get_page(rows[: self.per_page], 1, self)
