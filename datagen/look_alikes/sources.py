"""Where the look-alikes of a shape are: in a library, or in a built-in maker's parameters."""

from __future__ import annotations

import numpy as np

from anomalies.look_alike_source import LookAlikeSource
from anomalies.parameters import Parameters
from anomalies.types.look_alike import NO_SOURCE
from datagen.geometry.shape import Shape
from datagen.look_alikes.builtin import BuiltinAlikes, is_builtin


class LibraryOrBuiltin:
    """The library that was given where it holds the shape, else the maker of a built-in shape.

    library: None where none was given. A look-alike source (anomalies.look_alike_source).
    """

    def __init__(self, library: LookAlikeSource | None = None) -> None:
        self._library = library
        self._builtin = BuiltinAlikes()

    def holds(self, shape: Shape) -> bool:
        """Whether the library or the built-in maker has the shape."""
        source = self._of(shape)
        return source is not None and source.holds(shape)

    def inapplicable(self, shape: Shape) -> str | None:
        """The reason why the shape can have no look-alike, or None."""
        source = self._of(shape)
        return NO_SOURCE if source is None else source.inapplicable(shape)

    def draw(self, rng: np.random.Generator, shape: Shape, severity: float) -> Parameters | str:
        """Parameters of a look-alike from the shape's source; or a rejection."""
        source = self._of(shape)
        return NO_SOURCE if source is None else source.draw(rng, shape, severity)

    def make(self, shape: Shape, parameters: Parameters) -> Shape | str:
        """The look-alike that the parameters name; or a rejection."""
        source = self._of(shape)
        return NO_SOURCE if source is None else source.make(shape, parameters)

    def _of(self, shape: Shape) -> LookAlikeSource | None:
        if self._library is not None and (self._library.holds(shape) or not is_builtin(shape)):
            return self._library
        return self._builtin if is_builtin(shape) else None
