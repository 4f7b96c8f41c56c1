"""Where shapes come from that are almost the same as a given one."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from anomalies.parameters import Parameters
from datagen.geometry.shape import Shape


class LookAlikeSource(Protocol):
    """Finds look-alikes of shapes, or answers with the reason why there is none.

    draw: JSON-able parameters; make: the shape that they name, on its parent and in its colours.
    """

    def holds(self, shape: Shape) -> bool: ...

    def inapplicable(self, shape: Shape) -> str | None: ...

    def draw(self, rng: np.random.Generator, shape: Shape, severity: float) -> Parameters | str: ...

    def make(self, shape: Shape, parameters: Parameters) -> Shape | str: ...
