"""Lists page by page, counted only when there is something to count."""

from collections.abc import Callable, Sequence
from typing import Any

from django.core.paginator import Page, Paginator


class Pages(Paginator):
    """A paginator that reads the first page and one row more: when that row is not there, the list is counted.

    Most lists of a council or a plan hold on one page, and the count was a query as long as the list's own. The rows
    of a first page come as a list. Where queries are ready (core.composed), `first(n)` reads the first `n` rows; the
    list may then be a function that gives it, called when it is needed only. `counted()` is for lists that grow with
    the country: it always counts, so that a page takes as many queries at any size.
    """

    def __init__(
        self, object_list: Any, per_page: int, first: Callable[[int], Sequence[Any]] | None = None,
        counted: Callable[[], int] | None = None,
    ) -> None:  # fmt: skip
        self._rows: Any = None
        super().__init__(object_list, per_page)
        self.first, self.counted = first, counted

    @property
    def object_list(self) -> Any:
        if callable(self._rows):
            self._rows = self._rows()
        return self._rows

    @object_list.setter
    def object_list(self, rows: Any) -> None:
        self._rows = rows

    def _check_object_list_is_ordered(self) -> None:
        """Django looks at the list as soon as it is given; a function is not called for that."""
        if not callable(self._rows):
            super()._check_object_list_is_ordered()

    def get_page(self, number: Any) -> Page:
        if number not in (None, "", "1", 1):
            return super().get_page(number)
        most = self.per_page + 1
        rows = list(self.first(most) if self.first else self.object_list[:most])
        # `count` is Django's own, a cached_property.
        if self.counted:
            self.__dict__["count"] = self.counted()
        elif len(rows) <= self.per_page:
            self.__dict__["count"] = len(rows)
        return self._get_page(rows[: self.per_page], 1, self)
