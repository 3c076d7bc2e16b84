"""Queries put together once; the next time, only their values are put in (ADR 0009).

Joining, filtering and writing out a query takes the ORM longer than PostgreSQL takes to answer most of them, for the
same text every time. What decides the text is what a function is given apart from numbers and dates: a role, a kind
of scope, whether somebody is named at all. So the function is called with stand-ins in place of these numbers and
dates, and the text is kept with the places where they came out.

A condition of confidentiality goes through here, so nothing is guessed. Stand-ins decide nothing (core.stand_ins). The
function is called twice, with two sets of them that have nothing in common: what differs and is not a stand-in in its
place is refused. No query may run, and of the clock only today may be read: texts are kept for a day. What was put
together is compared with what Django writes for the values asked, before it is used for the first time; with the
setting QUERIES_CHECKED, as in tests, every time.

What is refused is an error where queries are checked. Elsewhere Django is asked as if nothing were here, and it is
logged once a day.
"""

import datetime as dt
import logging
import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cached_property, lru_cache, update_wrapper
from typing import Any

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import Error, connections
from django.db.models import Func, IntegerField, QuerySet
from django.db.models.expressions import Star
from django.http import Http404
from django.utils import timezone, translation
from psycopg.types.numeric import Int2, Int4, Int8

from prevenance.core.prepared import Prepared
from prevenance.core.shapes import Same, Several, Shape, Single, read, same
from prevenance.core.stand_ins import Places, StandIn, Unfit
from prevenance.core.undisturbed import Clock, no_query

MOST = 128  # texts kept for one function: as many as shapes of its arguments, which are few
BEYOND = {
    Int2: 2**15,
    Int4: 2**31,
    Int8: 2**63,
    int: 2**63,
}  # the first number that a column of such a type cannot hold
PLACE = re.compile(r"%%|\bIN \(%s(?:, %s)*\)|%s")  # a per cent sign, a list, one value

logger = logging.getLogger(__name__)


@dataclass
class Composed:
    """A query put together: its text, its constants, and where each value goes."""

    queryset: "QuerySet[Any]"
    compiler: Any
    sql: str
    constants: tuple[Any, ...]
    places: tuple[tuple[int, int, Callable[[Any], Any]], ...]  # (position in the text, rank of the value, as what)
    prepared: bool  # planned once a connection
    agrees: bool | None = None  # whether Django writes the same, once asked

    def fits(self, values: Sequence[Any]) -> bool:
        """Whether columns hold such numbers. Of what they do not, Django knows the answer without asking."""
        kinds = [(values[rank], BEYOND[as_what]) for _position, rank, as_what in self.places if as_what in BEYOND]
        return all(0 <= value < beyond for value, beyond in kinds)

    def filled(self, values: Sequence[Any]) -> tuple[Any, ...]:
        parameters = list(self.constants)
        for position, rank, as_what in self.places:
            parameters[position] = as_what(values[rank])
        return tuple(parameters)

    def rows(self, values: Sequence[Any]) -> list[Any]:
        parameters = self.filled(values)
        # Django reads the rows as it would those of the query: its compiler, which knows the columns, is asked for
        # the text again and gives the one that is kept. Copies live for this reading alone, in this thread.
        compiler = twin(self.compiler)
        connection = connections[self.queryset.db]
        compiler.connection = Prepared(connection) if self.prepared else connection
        compiler.as_sql = lambda *arguments, **options: (self.sql, parameters)
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

    In the function, ask `is None` of what may be missing: whether a number is true, or equal to another, is refused.
    """

    def __init__(self, function: Callable[..., "QuerySet[Any]"]) -> None:
        self.uncomposed = function
        self.prepared = False
        self.kept = lru_cache(maxsize=MOST)(self._compose)
        self.told: set[tuple[str, dt.date]] = set()  # refusals logged
        update_wrapper(self, function)

    @cached_property
    def counted(self) -> "composed":
        """How many rows there are, of a query that groups none."""

        def counted(*arguments: Any, **options: Any) -> "QuerySet[Any]":
            rows = self.uncomposed(*arguments, **options)
            query = rows.query
            if query.distinct or query.is_sliced or query.combinator or query.group_by is not None:
                raise Unfit("rows are cut, joined or grouped: they are not those of the table")
            # A plain function for Django: its own Count would group by the order of the rows.
            count = Func(Star(), function="COUNT", output_field=IntegerField())
            return rows.order_by().values_list(count, flat=True)

        return self.like(update_wrapper(counted, self.uncomposed))

    @cached_property
    def sliced(self) -> "composed":
        """Some of the rows, from one rank to another."""

        def sliced(*arguments: Any, start: int | None, stop: int | None, **options: Any) -> "QuerySet[Any]":
            return self.uncomposed(*arguments, **options)[start:stop]

        return self.like(update_wrapper(sliced, self.uncomposed))

    def like(self, function: Callable[..., "QuerySet[Any]"]) -> "composed":
        found = composed(function)
        found.prepared = self.prepared
        return found

    def __call__(self, *arguments: Any, **options: Hashable) -> list[Any]:
        kept, values = self.ready(*arguments, **options)
        if kept is None:
            return list(self.uncomposed(*arguments, **options))
        return kept.rows(values)

    def ready(self, *arguments: Any, **options: Hashable) -> tuple[Composed | None, Sequence[Any]]:
        """The query for such arguments and the values to put in; None where Django is to be asked."""
        shapes, values = [], []
        try:
            for argument in arguments:
                shape, own = read(argument)
                shapes.append(shape)
                values.extend(own)
            named = tuple((name, same(options[name])) for name in sorted(options))
        except Unfit as refusal:
            self.refused(refusal)
            return None, ()
        if len(values) > Places.MOST:
            return None, ()
        # Kept for a day: `current` asks what is in force today, and dated data (kinds, texts of law) change too.
        language, zone = translation.get_language(), timezone.get_current_timezone_name()
        kept = self.kept(tuple(shapes), named, timezone.localdate(), language, zone)
        if kept is None or not kept.fits(values):
            return None, ()
        if kept.agrees is None or settings.QUERIES_CHECKED:
            kept.agrees = self.compare(kept, arguments, options, values)
        return (None, ()) if kept.agrees is False else (kept, values)

    def refused(self, refusal: Exception) -> None:
        """An error where queries are checked. A mayor gets their page all the same, and it is logged once a day."""
        if settings.QUERIES_CHECKED or settings.DEBUG:
            raise refusal
        told = (str(refusal), timezone.localdate())
        if told not in self.told:
            self.told = {one for one in self.told if one[1] == told[1]} | {told}
            logger.error("%s.%s is not composed: %s", self.__module__, self.__qualname__, refusal, exc_info=refusal)

    def _compose(
        self,
        shapes: tuple[Shape, ...],
        named: tuple[tuple[str, Same], ...],
        day: dt.date,
        language: str | None,
        zone: str,
    ) -> Composed | None:
        """The query for such arguments; None where it can find nothing, which Django knows without asking, and where it
        was refused."""
        options = {name: text.value for name, text in named}
        try:
            with no_query():
                up, down = self._written(shapes, options, Places()), self._written(shapes, options, Places(down=True))
            return self._composed(up, down, shapes, day)
        except Error:
            raise  # the database, which is there or is not: nothing to do with the function
        except Unfit as refusal:
            self.refused(refusal)
        except Exception as error:  # noqa: BLE001  (whatever a stand-in is not good for, Django may be)
            refusal = Unfit(f"{type(error).__name__} with stand-ins")
            refusal.__cause__ = error
            self.refused(refusal)
        return None

    def _written(self, shapes: tuple[Shape, ...], options: dict[str, Any], places: Places) -> "Written":
        ranks = []  # of the values of each argument that must be in the query
        stand_ins = []
        for shape in shapes:
            before = len(places.given)
            stand_ins.append(shape.stand_in(places))
            own = range(before, len(places.given)) if isinstance(shape, Single | Several) else range(0)
            ranks.append((own, isinstance(shape, Several)))
        with nullcontext() if places.down else Clock():  # watching is slow, and once is enough
            queryset = self.uncomposed(*stand_ins, **options)
            compiler, sql, parameters = text_of(queryset)
        return Written(queryset, compiler, sql, parameters, places, ranks)

    def _composed(self, up: "Written", down: "Written", shapes: tuple[Shape, ...], day: dt.date) -> Composed | None:
        if up.sql != down.sql or len(up.parameters) != len(down.parameters):
            raise Unfit("a value decides the text of the query, or is written in it")
        if up.sql is None:
            return None
        found = []
        for position, (one, other) in enumerate(zip(up.parameters, down.parameters, strict=True)):
            rank = up.places.rank_of(one)
            if rank != down.places.rank_of(other) or type(one) is not type(other):
                raise Unfit("something is computed from a value")
            if rank is not None:
                as_what = unchanged if isinstance(one, dt.date) else int if isinstance(one, StandIn) else type(one)
                found.append((position, rank, as_what))
            elif not alike(one, other):
                raise Unfit("something is computed from a value, or changes from one time to another")
            elif isinstance(one, dt.date) and one != day:
                raise Unfit("a date is neither given nor today")
        reached = {rank for _position, rank, _as_what in found}
        empty = any(listed and not ranks for ranks, listed in up.ranks)  # what goes with an empty list goes with it
        for index, (ranks, listed) in enumerate(up.ranks):
            if not empty and not set(ranks) <= reached:
                raise Unfit(f"argument {index} does not reach the query")
            if listed and not whole(up.sql, ranks, {position: rank for position, rank, _as_what in found}):
                raise Unfit(f"argument {index} is not only a list to look in")
        return Composed(up.queryset, up.compiler, up.sql, up.parameters, tuple(found), self.prepared)

    def compare(
        self, kept: Composed, arguments: Sequence[Any], options: dict[str, Any], values: Sequence[Any]
    ) -> bool | None:
        """Whether Django writes the same for these very arguments; None where that cannot be told, because it writes
        equal conditions once."""
        try:
            with no_query():
                _compiler, sql, parameters = text_of(self.uncomposed(*arguments, **options))
            if sql is not None and shortened(sql, parameters) == shortened(kept.sql, kept.filled(values)):
                return True
            if not told_apart(arguments):
                return None
            raise Unfit("Django writes something else")
        except Unfit as refusal:
            kept.agrees = False
            self.refused(refusal)
            return False


def prepared(query: composed) -> composed:
    """`@prepared` above `@composed`: a query whose planning takes longer than its rows is planned once a connection.

    Its values then go beside the text, and PostgreSQL must know the type of each from its place: what it cannot tell
    is an error, which the test of every composed query would show.
    """
    query.prepared = True
    return query


@dataclass(frozen=True)
class Written:
    """A query as Django writes it for one set of stand-ins; no text where it can find nothing."""

    queryset: "QuerySet[Any]"
    compiler: Any
    sql: str | None
    parameters: tuple[Any, ...]
    places: Places
    ranks: list[tuple[range, bool]]  # of each argument: those that must be in the query, and whether it is a list


def text_of(queryset: Any) -> tuple[Any, str | None, tuple[Any, ...]]:
    """(compiler, text, parameters) of a query that reads rows and does nothing else."""
    if not isinstance(queryset, QuerySet):
        raise Unfit(f"a {type(queryset).__name__} is no queryset")
    if queryset._prefetch_related_lookups or queryset._known_related_objects:
        raise Unfit("rows come with others, which another query reads")
    if queryset.query.select_for_update:
        raise Unfit("rows are locked")
    if queryset._result_cache is not None:
        raise Unfit("rows were read already")
    compiler = queryset.query.get_compiler(using=queryset.db)
    try:
        sql, parameters = compiler.as_sql()
    except EmptyResultSet:
        return compiler, None, ()
    return compiler, sql, tuple(parameters)


def alike(one: Any, other: Any) -> bool:
    """Whether two constants are the same; those wrapped for PostgreSQL (JSON) do not say so themselves."""
    return type(one) is type(other) and (one == other or (hasattr(one, "obj") and alike(one.obj, other.obj)))


def whole(sql: str, ranks: range, at: dict[int, int]) -> bool:
    """Whether each place of a list's values is in a whole `IN (…)`: one that was filled up finds the same rows."""
    position, inside = 0, 0
    for part in PLACE.findall(sql):
        count = part.count("%s")
        here = [at.get(index) for index in range(position, position + count)]
        if part != "%%" and any(rank in ranks for rank in here):
            if not part.startswith("IN (") or here != list(ranks):
                return False
            inside += 1
        position += count
    return inside > 0 or not ranks


def shortened(sql: str, parameters: Sequence[Any]) -> tuple[str, list[Any]]:
    """A text and its parameters, where a list holds each value once."""
    values = iter(parameters)
    told: list[Any] = []

    def place(match: re.Match[str]) -> str:
        if match[0] == "%%":
            return "%%"
        own = [next(values) for _index in range(match[0].count("%s"))]
        told.append([getattr(one, "obj", one) for one in (dict.fromkeys(own) if len(own) > 1 else own)])
        return "%s" if match[0] == "%s" else "IN"

    return PLACE.sub(place, sql), told


def told_apart(arguments: Sequence[Any]) -> bool:
    """Whether no value is given twice, but in a list."""
    values: list[Any] = []
    for argument in arguments:
        _shape, own = read(argument)
        values += [one for one in (set(own) if isinstance(argument, list) else own) if one is not None]
    return len(set(values)) == len(values)


def unchanged(value: Any) -> Any:
    return value


def one_of(rows: list[Any]) -> Any:
    """The row of a query about one thing, or 404 where it found none."""
    if not rows:
        raise Http404
    return rows[0]


class Listed:
    """What a composed query finds, counted and read by pages: given to Django's Paginator.

    `counting`: a query of the same arguments and as many rows, that joins less.
    """

    def __init__(self, query: composed, *arguments: Any, counting: composed | None = None, **options: Hashable) -> None:
        self.query, self.arguments, self.options = query, arguments, options
        self.counting = counting or query

    def count(self) -> int:
        try:
            return next(iter(self.counting.counted(*self.arguments, **self.options)), 0)
        except Unfit as refusal:
            self.counting.refused(refusal)
            return self.counting.uncomposed(*self.arguments, **self.options).count()

    def iterator(self) -> Iterator[Any]:
        """Every row, for a file: few at a time in memory."""
        return self.query.uncomposed(*self.arguments, **self.options).iterator(chunk_size=1000)

    def __getitem__(self, part: slice) -> list[Any]:
        return self.query.sliced(*self.arguments, start=part.start, stop=part.stop, **self.options)
