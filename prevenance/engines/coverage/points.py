"""Places on the ground, as columns: where they are, what land they are on, how fast one moves around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

EARTH_RADIUS = 6371.0088  # km, mean radius of the IUGG
FULL_CHORD = 2.0 + 1e-9  # between two ends of a diameter of the unit sphere, and what rounding may add
APART = 8.0  # between two lands along the fourth axis: more than FULL_CHORD, so that no chord crosses


@dataclass(frozen=True, eq=False)
class Points:
    """Columns of equal length n.

    `longitude`, `latitude`: degrees, WGS 84. `land`: which land each point is on; no path leads from one to another.
    `pace`: minutes that one kilometre as the crow flies takes around the point. Cost grows with the number of distinct
    paces, which are classes rather than measures: a handful.
    Raises ValueError for columns of different lengths, a coordinate out of the world or not a number, a pace that is
    not positive.
    """

    longitude: Floats
    latitude: Floats
    land: Ints
    pace: Floats

    def __post_init__(self) -> None:
        if len({len(column) for column in (self.longitude, self.latitude, self.land, self.pace)}) != 1:
            raise ValueError("columns of points have one length")
        # Written so that what is not a number is refused too.
        if not ((np.abs(self.longitude) <= 180).all() and (np.abs(self.latitude) <= 90).all()):
            raise ValueError("a longitude lies within 180 degrees, a latitude within 90")
        if not (np.isfinite(self.pace) & (self.pace > 0)).all():
            raise ValueError("a pace is a positive number of minutes")

    @classmethod
    def of(cls, longitude: ArrayLike, latitude: ArrayLike, land: ArrayLike = 0, pace: ArrayLike = 1.0) -> Points:
        """Points from anything like arrays; one land or one pace stands for all."""
        east = np.atleast_1d(np.asarray(longitude, dtype=np.float64))
        return cls(
            east,
            np.atleast_1d(np.asarray(latitude, dtype=np.float64)),
            np.broadcast_to(np.asarray(land, dtype=np.int64), east.shape).copy(),
            np.broadcast_to(np.asarray(pace, dtype=np.float64), east.shape).copy(),
        )

    def __len__(self) -> int:
        return len(self.longitude)

    def where(self, kept: Bools | Ints | Sequence[int]) -> Points:
        return Points(self.longitude[kept], self.latitude[kept], self.land[kept], self.pace[kept])

    def and_then(self, other: Points) -> Points:
        """These points, then those of `other`."""
        return Points(
            np.concatenate([self.longitude, other.longitude]),
            np.concatenate([self.latitude, other.latitude]),
            np.concatenate([self.land, other.land]),
            np.concatenate([self.pace, other.pace]),
        )

    def vectors(self) -> Floats:
        """(n, 4): unit vectors, and the land along a fourth axis, farther apart than any two points of the sphere."""
        east, north = np.radians(self.longitude), np.radians(self.latitude)
        found = np.empty((len(self), 4))
        found[:, 0] = np.cos(north) * np.cos(east)
        found[:, 1] = np.cos(north) * np.sin(east)
        found[:, 2] = np.sin(north)
        found[:, 3] = self.land * APART
        return found


def kilometres(chord: Floats) -> Floats:
    """Great-circle distance under chords of the unit sphere; infinite for a chord that goes to another land."""
    angle = np.arcsin(np.minimum(chord / 2, 1.0))
    angle *= 2 * EARTH_RADIUS
    crossing = chord > FULL_CHORD
    if crossing.any():
        angle[crossing] = np.inf
    return angle


def chord_of(distance: float) -> float:
    """The chord of the unit sphere under `distance` kilometres of great circle, and what rounding may cost."""
    angle = min(distance / EARTH_RADIUS, np.pi)
    return float(2 * np.sin(angle / 2)) * (1 + 1e-12) + 1e-15
