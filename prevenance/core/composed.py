"""Queries put together once; the next time, only their values are put in.

Joining, filtering and writing out a query takes the ORM longer than PostgreSQL takes to answer most of them, for the
same text every time. What decides the text is what a function is given apart from numbers and dates: a role, a kind
of scope, whether somebody is named at all. So the function is called once with stand-ins in place of these numbers
and dates, and the text is kept with the places where they came out.

Nothing but the values given may change what a query finds, and this is checked when it is put together: no query may
run, no moment may come from the clock, and a number or a date that was computed with is refused. Today is known, since
texts are kept for a day. What is refused is an error for everybody, at the first call; nothing is guessed.
"""

import datetime as dt
import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, update_wrapper
from typing import Any, Protocol

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import F, Func, IntegerField, QuerySet
from django.http import Http404
from django.utils import timezone

MOST = 128  # texts kept for one function: as many as shapes of its arguments, which are few
FIRST_NUMBER, FIRST_DAY = 910_000_000, dt.date(9100, 1, 1)
FIRST_MOMENT = dt.datetime(9200, 1, 1, tzinfo=dt.UTC)
TRACE = re.compile(r"\b9100\d{5}\b|\b9[12]00-\d\d-\d\d")  # a stand-in, or what was computed from one, in a text


class Unfit(Exception):
    """A query whose text or constants depend on more than the shape of what it is given."""


class Shape(Protocol):
    """How an argument of several identifiers is written in a query, whatever they are."""

    def __hash__(self) -> int: ...

    def stand_in(self, places: "Places") -> Any: ...


class Places:
    """Stand-ins given out while a query is put together, ranked as the values that will take their places."""

    def __init__(self) -> None:
        self.ranks: dict[Any, int] = {}

    def number(self) -> int:
        return self._take(FIRST_NUMBER + len(self.ranks))

    def day(self) -> dt.date:
        return self._take(FIRST_DAY + dt.timedelta(days=len(self.ranks)))

    def moment(self) -> dt.datetime:
        return self._take(FIRST_MOMENT + dt.timedelta(seconds=len(self.ranks)))

    def nothing(self) -> None:
        self._take(object())

    def _take(self, stand_in: Any) -> Any:
        self.ranks[stand_in] = len(self.ranks)
        return stand_in


@dataclass(frozen=True)
class Several:
    """A list of numbers of a length; lists are filled up to a power of two, so that few lengths exist."""

    length: int

    def stand_in(self, places: Places) -> list[int]:
        return [places.number() for _index in range(self.length)]


@dataclass(frozen=True)
class Same:
    """What is given as it is: a text, a yes or no, nothing. It decides the text of the query."""

    value: Hashable

    def stand_in(self, places: Places) -> Hashable:
        return self.value


@dataclass(frozen=True)
class Single:
    """One value of a kind."""

    kind: str

    def stand_in(self, places: Places) -> Any:
        return getattr(places, self.kind)()


NUMBER, DAY, MOMENT = Single("number"), Single("day"), Single("moment")


def read(argument: Any) -> tuple[Shape, Sequence[Any]]:
    """The shape of an argument, and the values that will take the places of its stand-ins."""
    if argument is None or isinstance(argument, bool | str):
        return Same(argument), ()
    if isinstance(argument, int):
        return NUMBER, (int(argument),)
    if isinstance(argument, dt.datetime):
        return MOMENT, (argument,)
    if isinstance(argument, dt.date):
        return DAY, (argument,)
    if isinstance(argument, list):
        if not argument:
            return Several(0), ()
        length = 1 << (len(argument) - 1).bit_length()
        return Several(length), [*argument, *argument[-1:] * (length - len(argument))]
    return argument.shape, argument.identifiers


@dataclass(frozen=True)
class Composed:
    """A query put together: its text, its constants, and where each value goes."""

    queryset: "QuerySet[Any]"
    compiler: Any
    sql: str
    constants: tuple[Any, ...]
    places: tuple[tuple[int, int, Callable[[Any], Any]], ...]  # (position in the text, rank of the value, as what)

    def rows(self, values: Sequence[Any]) -> list[Any]:
        parameters = list(self.constants)
        for position, rank, as_what in self.places:
            parameters[position] = as_what(values[rank])
        # Django reads the rows as it would those of the query: its compiler, which knows the columns, is asked for
        # the text again and gives the one that is kept. Copies live for this reading alone, in this thread.
        compiler = twin(self.compiler)
        compiler.connection = connections[self.queryset.db]
        compiler.as_sql = lambda *arguments, **options: (self.sql, tuple(parameters))
        query = twin(self.queryset.query)
        query.get_compiler = lambda *arguments, **options: compiler
        reading = twin(self.queryset)
        reading._query = query
        return list(reading)


def twin(one: Any) -> Any:
    """Another object with the same attributes. (`copy.copy` of a queryset runs it.)"""
    other = object.__new__(type(one))
    other.__dict__ = one.__dict__.copy()
    return other


class composed:
    """`@composed` on a function that returns a queryset: calling it gives the list of its rows.

    Numbers, dates, moments, lists of numbers and actors are values; texts, yes or no and what is given by its name
    decide the text of the query. `uncomposed` gives the queryset itself, `Listed` pages of it.
    """

    def __init__(self, function: Callable[..., "QuerySet[Any]"]) -> None:
        self.uncomposed = function
        self.kept = lru_cache(maxsize=MOST)(self._compose)
        update_wrapper(self, function)

    @cached_property
    def counted(self) -> "composed":
        """How many rows there are, of a query that groups none."""

        def counted(*arguments: Any, **options: Any) -> "QuerySet[Any]":
            # A plain function for Django: its own Count would group by the order of the rows.
            count = Func(F("pk"), function="COUNT", output_field=IntegerField())
            return self.uncomposed(*arguments, **options).order_by().values_list(count, flat=True)

        return composed(counted)

    @cached_property
    def sliced(self) -> "composed":
        """Some of the rows, from one rank to another."""

        def sliced(*arguments: Any, start: int | None, stop: int | None, **options: Any) -> "QuerySet[Any]":
            return self.uncomposed(*arguments, **options)[start:stop]

        return composed(sliced)

    def __call__(self, *arguments: Any, **options: Hashable) -> list[Any]:
        shapes, values = [], []
        for argument in arguments:
            shape, own = read(argument)
            shapes.append(shape)
            values.extend(own)
        # Kept for a day: `current` asks what is in force today, and dated data (kinds, texts of law) change too.
        kept = self.kept(tuple(shapes), tuple(options.items()), timezone.localdate())
        return list(self.uncomposed(*arguments, **options)) if kept is None else kept.rows(values)

    def _compose(self, shapes: tuple[Shape, ...], options: tuple[tuple[str, Hashable], ...], day: dt.date) -> Any:
        """The query for such arguments; None where it can find nothing, which Django knows without asking, and where a
        text that was typed looks like a stand-in."""
        texts = [shape.value for shape in shapes if isinstance(shape, Same)] + [value for _name, value in options]
        if any(isinstance(text, str) and TRACE.search(text) for text in texts):
            return None
        places = Places()
        given: list[set[int]] = []
        stand_ins = []
        for shape in shapes:
            before = len(places.ranks)
            stand_ins.append(shape.stand_in(places))
            given.append(set(range(before, len(places.ranks))) if isinstance(shape, Single | Several) else set())
        queryset = None
        with connections["default"].execute_wrapper(refuse):
            queryset = self.uncomposed(*stand_ins, **dict(options))
            compiler = queryset.query.get_compiler(using=queryset.db)
            try:
                sql, parameters = compiler.as_sql()
            except EmptyResultSet:
                return None
        found = tuple(self._places(sql, parameters, places.ranks, day))
        ranks = {rank for _position, rank, _as_what in found}
        if lost := [index for index, own in enumerate(given) if not own <= ranks]:
            raise Unfit(f"{self.uncomposed.__qualname__}: argument {lost[0]} does not reach the query")
        return Composed(queryset, compiler, sql, tuple(parameters), found)

    def _places(
        self, sql: str, parameters: Sequence[Any], ranks: dict[Any, int], day: dt.date
    ) -> Iterator[tuple[int, int, Callable[[Any], Any]]]:
        if TRACE.search(sql):
            raise Unfit(f"{self.uncomposed.__qualname__}: a value is written in the text of the query")
        for position, parameter in enumerate(parameters):
            rank = ranks.get(parameter) if isinstance(parameter, int | dt.date) else None
            if rank is not None:
                yield position, rank, type(parameter) if isinstance(parameter, int) else unchanged
            elif isinstance(parameter, dt.date) and parameter != day:
                raise Unfit(f"{self.uncomposed.__qualname__}: {parameter} was not given")
            elif TRACE.search(repr(getattr(parameter, "obj", parameter))):
                raise Unfit(f"{self.uncomposed.__qualname__}: {parameter!r} was computed from what was given")


def one_of(rows: list[Any]) -> Any:
    """The row of a query about one thing, or 404 where it found none."""
    if not rows:
        raise Http404
    return rows[0]


class Listed:
    """What a composed query finds, counted and read by pages: given to Django's Paginator."""

    def __init__(self, query: composed, *arguments: Any, **options: Hashable) -> None:
        self.query, self.arguments, self.options = query, arguments, options

    def count(self) -> int:
        return next(iter(self.query.counted(*self.arguments, **self.options)), 0)

    def iterator(self) -> Iterator[Any]:
        """Every row, for a file: few at a time in memory."""
        return self.query.uncomposed(*self.arguments, **self.options).iterator(chunk_size=1000)

    def __getitem__(self, part: slice) -> list[Any]:
        return self.query.sliced(*self.arguments, start=part.start, stop=part.stop, **self.options)


def unchanged(value: Any) -> Any:
    return value


def refuse(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
    raise Unfit(f"a query ran while another was put together: {sql}")
