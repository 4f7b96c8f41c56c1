"""Where shapes come from that are almost the same as a given one."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from anomalies.parameters import Parameters
from datagen.geometry.shape import Shape


class LookAlikeSource(Protocol):
    """Finds look-alikes of canonical shapes, or answers with the reason why there is none."""

    def holds(self, shape: Shape) -> bool:
        """Whether the shape itself is one of those that the source draws from."""
        ...

    def inapplicable(self, shape: Shape) -> str | None:
        """The reason why the shape can have no look-alike at all, or None."""
        ...

    def draw(self, rng: np.random.Generator, shape: Shape, severity: float) -> Parameters | str:
        """JSON-able parameters of a look-alike, severity from 0 to 1; or a rejection's name."""
        ...

    def make(self, shape: Shape, parameters: Parameters) -> Shape | str:
        """The shape that the parameters name, on its parent and in its colours; or a rejection."""
        ...
