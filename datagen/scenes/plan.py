"""What scene i is to be: every choice that needs no geometry, drawn from the seed and i alone."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from datagen.dataset.settings import Settings
from datagen.dataset.splits import split_of_scene
from datagen.geometry import cameras
from datagen.geometry.shape import Floats
from datagen.scenes.catalog import Catalog
from datagen.scenes.objects import Surroundings
from datagen.sources.ref import ShapeRef

SCALE = (0.40, 0.41)
STRENGTH = (0.7, 0.9)
VERSIONS = 0x0DD_0000  # beside the seed, for odd versions; no scene has this number
SHARED = 0x0DD_0001  # likewise, for which scenes share a defect
SERIES = 0x0DD_0002  # likewise, for what the scenes of a series have in common
EXPECTED = 2  # attempts at a scene whose shapes are got ready; few scenes need a third
OBJECTS = {"toy": (3, 6), "part": (3, 12)}


@dataclass(frozen=True)
class ScenePlan:
    """One attempt at a scene of N objects and V views.

    index: the scene's number. split: of the benchmark, None where there is none. odd: how many
    objects are. versions: how many odd versions the shape has to choose from, None for new ones;
    version_rng makes them, the same in all its scenes. order: (N,) which of the objects, the odd
    ones listed first, each one is. scale: metres per shape unit. ring: (V, 3) azimuth in radians,
    radius and height in metres of the cameras. build_rng, drop_rng: for the stages of these names.
    shared_defect: whether all odd objects have the same defect.
    """

    index: int
    attempt: int
    split: str | None
    ref: ShapeRef
    odd: int
    versions: int | None
    order: NDArray[np.int64]
    scale: float
    ring: Floats
    surroundings: Surroundings
    version_rng: np.random.Generator
    build_rng: np.random.Generator
    drop_rng: np.random.Generator
    shared_defect: bool = False


def plan_scene(settings: Settings, catalog: Catalog, index: int, attempt: int) -> ScenePlan:
    """The plan of scene `index`, drawn from the seed, the index and the attempt alone.

    attempt: 0, 1, ... where the earlier ones could not be built or placed.
    """
    rng = _start(settings, index, attempt)
    choice, build_rng, drop_rng, ring_rng, light, floor_rng = rng.spawn(6)
    rig = settings.render.rig
    split = _split(settings, index)
    ref = catalog.groups[split].draw(choice)
    versions = None if catalog.versions is None else catalog.versions[ref.id]
    low, high = settings.objects or OBJECTS[ref.kind]
    count = int(choice.integers(low, high + 1))
    odd = 0
    shared = settings.shared_defect is not None and _is_shared(settings, index)
    if count >= 3 and choice.uniform() >= settings.normal_share:
        different = count if shared else versions or count
        odd = int(choice.integers(1, min((count - 1) // 2, different) + 1))
    if settings.odd_series:
        odd, shared = 1 + index % (count - 1), True
        drop_rng = np.random.default_rng([settings.seed, index, attempt])
    return ScenePlan(
        index=index,
        attempt=attempt,
        split=split,
        ref=ref,
        odd=odd,
        versions=versions,
        order=choice.permutation(count),
        scale=float(choice.uniform(*((rig and rig.size) or SCALE))),
        ring=cameras.draw_ring(ring_rng, settings.render.views, rig),
        surroundings=Surroundings(
            floor=catalog.floors[light.integers(len(catalog.floors))],
            floor_rng=floor_rng,
            hdri=catalog.hdris[light.integers(len(catalog.hdris))],
            hdri_rotation=float(light.uniform(0, 2 * np.pi)),
            hdri_strength=float(light.uniform(*STRENGTH)),
        ),
        version_rng=np.random.default_rng([settings.seed, VERSIONS, zlib.crc32(ref.id.encode())]),
        build_rng=build_rng,
        drop_rng=drop_rng,
        shared_defect=shared,
    )


def planned_refs(
    settings: Settings, catalog: Catalog, indices: Iterable[int], attempts: int
) -> Iterator[ShapeRef]:
    """The shapes that the first so many attempts at these scenes will load."""
    for index in indices:
        groups = catalog.groups[_split(settings, index)]
        for attempt in range(attempts):
            yield groups.draw(_start(settings, index, attempt).spawn(1)[0])


def _start(settings: Settings, index: int, attempt: int) -> np.random.Generator:
    """Of a scene's own; in a series that of all its scenes, which differ in 1 .. N - 1 odd ones."""
    if settings.odd_series:
        assert settings.objects is not None
        series = index // (settings.objects[0] - 1)
        return np.random.default_rng([settings.seed, SERIES, series, attempt])
    return np.random.default_rng([settings.seed, index, attempt])


def _is_shared(settings: Settings, index: int) -> bool:
    """Whether all odd objects of a scene have the same defect; the same in all its attempts."""
    assert settings.shared_defect is not None
    return np.random.default_rng([settings.seed, SHARED, index]).uniform() < settings.shared_defect


def _split(settings: Settings, index: int) -> str | None:
    if settings.benchmark is None:
        return None
    return split_of_scene(index, settings.benchmark.splits)
