"""A normal shape with what the anomalies need to know of it, worked out when first asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from anomalies.parts import Parts, find_parts, largest_share
from datagen.raycast import raycaster
from datagen.shape import Shape

if TYPE_CHECKING:
    from anomalies.gates import Look


@dataclass(frozen=True, eq=False)
class Subject:
    """shape: canonical (datagen.normalise), its largest |vertex| .5 m."""

    shape: Shape

    @cached_property
    def raycaster(self) -> Any:
        """Open3D RaycastingScene of the shape."""
        return raycaster(self.shape)

    @cached_property
    def parts(self) -> Parts:
        return find_parts(self.shape)

    @cached_property
    def largest_share(self) -> float:
        """Share of the area in the largest group of touching pieces."""
        return largest_share(self.shape)

    @cached_property
    def look(self) -> Look:
        """The shape in the views of anomalies.gates."""
        from anomalies.gates import look

        return look(self.shape, self.raycaster)
