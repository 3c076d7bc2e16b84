"""What is given to a function while its query is put together, in place of numbers, days, moments and lists.

A stand-in may be handed to Django, which reads it to put it in a query, and nothing else. Comparing it, asking whether
it is true, adding to it, writing it, looking it up: whatever would let its value decide something raises `Unfit`, since
for other values it would decide otherwise. Who asks is told by the module of the calling frame; this happens once a
text, so that its cost does not matter.
"""

import datetime as dt
import sys
from collections.abc import Callable, Iterator
from typing import Any

from django.utils import timezone

# Django's modules that carry a value to a text. Not its models, which compare keys when somebody compares rows.
CARRIERS = (
    "django.db.models.fields", "django.db.models.lookups", "django.db.models.expressions", "django.db.models.sql",
    "django.db.models.query", "django.db.models.query_utils", "django.db.models.functions", "django.db.backends",
    "django.contrib.postgres", "django.utils.tree", "django.utils.hashable", "django.utils.datastructures",
    "prevenance.core.stand_ins", "prevenance.core.composed",
)  # fmt: skip
# Without these, no object works at all.
PLAIN = {
    "__class__", "__delattr__", "__dir__", "__doc__", "__getattribute__", "__init__", "__init_subclass__", "__new__",
    "__setattr__", "__sizeof__", "__subclasshook__", "__getstate__",
}  # fmt: skip


class Unfit(Exception):
    """A query whose text or constants depend on more than the shape of what it is given."""


def carried(depth: int = 2) -> bool:
    """Whether the caller of a stand-in is Django, on its way to the text of a query."""
    module = sys._getframe(depth).f_globals.get("__name__", "")
    return any(module == carrier or module.startswith(f"{carrier}.") for carrier in CARRIERS)


def guarded(kind: type) -> Callable[[type], type]:
    """Decorate a subclass of `kind`: all that `kind` can do is for Django alone."""

    def decorate(stand_in: type) -> type:
        for name in dir(kind):
            if name not in PLAIN and name not in stand_in.__dict__:
                setattr(stand_in, name, _guard(kind, name))
        return stand_in

    return decorate


def _guard(kind: type, name: str) -> Any:
    plain = getattr(kind, name)
    if not callable(plain):  # `day.year`

        def value(self: Any) -> Any:
            if not carried():
                raise Unfit(f"the {name} of a {kind.__name__} decides something")
            inherited = getattr(kind, name)
            return inherited.__get__(self) if hasattr(inherited, "__get__") else inherited

        return property(value)

    def method(self: Any, *arguments: Any, **options: Any) -> Any:
        if not carried():
            raise Unfit(f"a {kind.__name__} decides something: {name} was asked of it")
        return getattr(super(type(self), self), name)(*arguments, **options)

    return method


class StandIn:
    """The rank of a value among all those that a query is given."""

    rank: int

    def __copy__(self) -> "StandIn":
        return self

    def __deepcopy__(self, memo: Any) -> "StandIn":
        return self


@guarded(int)
class Number(StandIn, int):
    pass


@guarded(dt.date)
class Day(StandIn, dt.date):
    pass


@guarded(dt.datetime)
class Moment(StandIn, dt.datetime):
    def utcoffset(self) -> dt.timedelta | None:
        if not carried() and sys._getframe(1).f_code is not timezone.is_naive.__code__:
            raise Unfit("the zone of a moment decides something")
        return dt.timedelta()  # what Django asks is whether there is one


class Numbers:
    """Several numbers, of which only Django knows how many; anybody may ask whether there are any."""

    def __init__(self, numbers: list[Any]) -> None:
        self._numbers = numbers

    def __bool__(self) -> bool:
        return bool(self._numbers)

    def __iter__(self) -> Iterator[Any]:
        if not carried():
            raise Unfit("a list is read one by one")
        return iter(self._numbers)

    def __eq__(self, other: object) -> bool:
        if not carried():
            raise Unfit("a list is compared")
        return self is other

    def __hash__(self) -> int:
        if not carried():
            raise Unfit("a list is looked up")
        return id(self)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or carried():
            raise AttributeError(name)
        raise Unfit(f"a list decides something: {name} was asked of it")

    def __copy__(self) -> "Numbers":
        return self

    def __deepcopy__(self, memo: Any) -> "Numbers":
        return self


def _refused(self: Any, *arguments: Any) -> Any:
    raise Unfit("a list is measured, searched or changed")


for _name in ("len", "contains", "getitem", "reversed", "add", "radd", "mul", "rmul", "lt", "le", "gt", "ge", "format",
              "str", "repr"):  # fmt: skip
    setattr(Numbers, f"__{_name}__", _refused)


class Places:
    """Stand-ins given out while a query is put together, ranked as the values that will take their places.

    There are two sets, which have nothing in common: one grows, the other goes down. All fit in the smallest columns.
    """

    MOST = 16_000  # values of one query

    def __init__(self, *, down: bool = False) -> None:
        self.down, self.step = down, -1 if down else 1
        self.first = 32_700 if down else 12_401
        self.first_day = dt.date(1961, 12, 30) if down else dt.date(3104, 2, 3)
        self.given: list[Any] = []
        self.ranks: dict[int, int] = {}  # of numbers, which Django makes plain

    def number(self) -> int:
        value = self.first + self.step * len(self.given)
        self.ranks[value] = len(self.given)
        return self._give(Number(value))

    def day(self) -> dt.date:
        day = self.first_day + dt.timedelta(days=self.step * len(self.given))
        return self._give(Day(day.year, day.month, day.day))

    def moment(self) -> dt.datetime:
        day = self.first_day + dt.timedelta(days=self.step * len(self.given))
        return self._give(Moment(day.year, day.month, day.day, 7 - self.step * 4, 31, 17 + self.step, tzinfo=dt.UTC))

    def several(self, length: int) -> Any:
        return Numbers([self.number() for _index in range(length)])

    def nothing(self) -> None:
        """The place of a value that is not known for anybody of a shape."""
        self.given.append(None)

    def _give(self, stand_in: Any) -> Any:
        stand_in.rank = len(self.given)
        self.given.append(stand_in)
        return stand_in

    def rank_of(self, parameter: Any) -> int | None:
        """The rank of the stand-in that came out as a parameter of the query; None for anything else."""
        if isinstance(parameter, StandIn):
            return parameter.rank
        if isinstance(parameter, int) and not isinstance(parameter, bool):
            return self.ranks.get(parameter)
        return None
