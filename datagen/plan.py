"""What scene i is to be: every choice that needs no geometry, drawn from the seed and i alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from datagen import cameras
from datagen.catalog import Catalog
from datagen.render import Surroundings
from datagen.shape import Floats
from datagen.sources import ShapeRef
from datagen.spec import Settings

SCALE = (0.40, 0.41)
STRENGTH = (0.7, 0.9)
OBJECTS = {"toy": (3, 6), "part": (3, 12)}


@dataclass(frozen=True)
class ScenePlan:
    """One attempt at a scene.

    order: (N,) the place of every object once the odd ones, listed first, are shuffled in.
    scale: metres per shape unit. ring: (V, 3) azimuth, radius, height of the cameras.
    build_rng, drop_rng: for the stages of these names.
    """

    index: int
    attempt: int
    ref: ShapeRef
    odd: int
    order: NDArray[np.int64]
    scale: float
    ring: Floats
    surroundings: Surroundings
    build_rng: np.random.Generator
    drop_rng: np.random.Generator


def plan_scene(settings: Settings, catalog: Catalog, index: int, attempt: int) -> ScenePlan:
    """attempt: 0, 1, ... where the earlier ones could not be built or placed."""
    rng = np.random.default_rng([settings.seed, index, attempt])
    choice, build_rng, drop_rng, ring_rng, light, floor_rng = rng.spawn(6)
    groups = list(catalog.by_category.values())
    refs = groups[choice.integers(len(groups))]
    ref = refs[choice.integers(len(refs))]
    low, high = settings.objects or OBJECTS[ref.kind]
    count = int(choice.integers(low, high + 1))
    odd = 0
    if count >= 3 and choice.uniform() >= settings.normal_share:
        odd = int(choice.integers(1, (count - 1) // 2 + 1))
    return ScenePlan(
        index=index,
        attempt=attempt,
        ref=ref,
        odd=odd,
        order=choice.permutation(count),
        scale=float(choice.uniform(*SCALE)),
        ring=cameras.draw_ring(ring_rng, settings.render.views),
        surroundings=Surroundings(
            floor=catalog.floors[light.integers(len(catalog.floors))],
            floor_rng=floor_rng,
            hdri=catalog.hdris[light.integers(len(catalog.hdris))],
            hdri_rotation=float(light.uniform(0, 2 * np.pi)),
            hdri_strength=float(light.uniform(*STRENGTH)),
        ),
        build_rng=build_rng,
        drop_rng=drop_rng,
    )
