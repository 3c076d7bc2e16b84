"""What a post is worth to those who live so many minutes away from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from prevenance.engines.coverage.points import Floats


@dataclass(frozen=True)
class Decay:
    """Weights by minutes within a catchment, nothing beyond it. Bounds belong to what they end.

    `none`: 1 up to the catchment: the two-step method of Radke and Mu (2000), as Luo and Wang (2003) write it.
    `step`: the catchment in zones of equal width, each with its weight: Luo and Qi (2009), whose zones are three of ten
    minutes. `gaussian`: exp(−minutes² / 2σ²), cut at the catchment; 1 at no distance, not normalised.
    """

    catchment: float
    zones: tuple[float, ...] = ()
    sigma: float | None = None

    def __post_init__(self) -> None:
        if not 0 < self.catchment < np.inf:
            raise ValueError("a catchment is a positive number of minutes")
        if not all(0 <= weight < np.inf for weight in self.zones):
            raise ValueError("the weight of a zone is a number, at least zero")
        if self.sigma is not None and not 0 < self.sigma < np.inf:
            raise ValueError("a width is a positive number of minutes")

    @classmethod
    def none(cls, catchment: float) -> Decay:
        return cls(catchment)

    @classmethod
    def step(cls, catchment: float, zones: Sequence[float]) -> Decay:
        if not zones:
            raise ValueError("a catchment in steps has zones")
        return cls(catchment, zones=tuple(zones))

    @classmethod
    def gaussian(cls, catchment: float, sigma: float) -> Decay:
        return cls(catchment, sigma=sigma)

    def bounds(self) -> tuple[float, ...]:
        """Where each zone ends, the last at the catchment."""
        return tuple(self.catchment * rank / len(self.zones) for rank in range(1, len(self.zones) + 1))

    def weights(self, minutes: Floats) -> Floats:
        """(n,) weights of as many minutes."""
        if self.sigma is not None:
            found = minutes * minutes
            found *= -1 / (2 * self.sigma * self.sigma)
            np.exp(found, out=found)
            return self._within(minutes, found)
        if not self.zones:
            return (minutes <= self.catchment).astype(np.float64)
        found = np.zeros(len(minutes))
        # From the outermost zone inwards: what lies in a zone lies under its end.
        for bound, weight in reversed(list(zip(self.bounds(), self.zones, strict=True))):
            found[minutes <= bound] = weight
        return found

    def _within(self, minutes: Floats, found: Floats) -> Floats:
        beyond = minutes > self.catchment
        if beyond.any():
            found[beyond] = 0
        return found
