"""What a scene is made of: shapes at their poses, and what lies under and round them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.assets.floors import Floor
from datagen.assets.hdris import Hdri
from datagen.geometry.shape import Floats, Shape


@dataclass(frozen=True)
class PlacedShape:
    """A shape in the world. object_to_world: (4, 4) similarity, metres, z up.

    normal_shape: the shape's normal self where the shape is anomalous, else None.
    """

    shape: Shape
    object_to_world: Floats
    normal_shape: Shape | None = None

    @property
    def world_vertices(self) -> Floats:
        """(V, 3) the shape's vertices in the world, metres."""
        return self.shape.vertices @ self.object_to_world[:3, :3].T + self.object_to_world[:3, 3]


@dataclass(frozen=True)
class Surroundings:
    """What lies under and round the objects.

    floor_rng: varies a procedural floor and shifts every floor. hdri_rotation: radians about z;
    hdri_strength: a factor.
    """

    floor: Floor
    floor_rng: np.random.Generator
    hdri: Hdri
    hdri_rotation: float
    hdri_strength: float
