"""What an argument of a composed query is: its shape, which decides the text, and the values that go into it."""

import datetime as dt
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from prevenance.core.stand_ins import Places, Unfit


class Shape(Protocol):
    """How an argument of several identifiers is written in a query, whatever they are."""

    def __hash__(self) -> int: ...

    def stand_in(self, places: Places) -> Any: ...


@dataclass(frozen=True)
class Several:
    """A list of numbers of a length; lists are filled up to a power of two, so that few lengths exist."""

    length: int

    def stand_in(self, places: Places) -> Any:
        return places.several(self.length)


@dataclass(frozen=True)
class Same:
    """What is given as it is: a text, a yes or no, nothing. It decides the text of the query."""

    value: Hashable
    kind: Hashable  # True is 1, for Python

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
        return same(argument), ()
    if isinstance(argument, int):
        return NUMBER, (int(argument),)
    if isinstance(argument, dt.datetime):
        if argument.utcoffset() is None:
            raise Unfit("a moment has no time zone")
        return MOMENT, (argument,)
    if isinstance(argument, dt.date):
        return DAY, (argument,)
    if isinstance(argument, list):
        if any(type(one) is not int for one in argument):
            raise Unfit("a list holds something else than numbers")
        length = 1 << (len(argument) - 1).bit_length() if argument else 0
        return Several(length), [*argument, *argument[-1:] * (length - len(argument))]
    if isinstance(getattr(argument, "identifiers", None), tuple):
        return argument.shape, argument.identifiers
    raise Unfit(f"no place for a {type(argument).__name__}")


def same(value: Any) -> Same:
    """What decides the text, if nothing in it can change or hide a value."""
    return Same(value, kind_of(value))


def kind_of(value: Any) -> Hashable:
    if isinstance(value, tuple):
        return tuple(kind_of(one) for one in value)
    if value is None or isinstance(value, bool | int | str):
        return type(value)
    raise Unfit(f"a {type(value).__name__} is given by its name: only texts, numbers, yes or no are")
