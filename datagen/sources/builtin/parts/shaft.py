"""A stepped shaft lying along x: journals, a key in its keyway, a thread, a collar."""

from __future__ import annotations

import numpy as np
from shapely.geometry import Polygon, box

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Mesh, Rng, ShapeBuilder
from datagen.sources.builtin.edits import cut
from datagen.sources.builtin.parts import finishes
from datagen.sources.builtin.parts.machined import (
    X,
    Y,
    bar,
    machine_screw,
    moved,
    prism,
    shift,
    threaded_rod,
    tube,
    turn,
)

LYING = turn(np.pi / 2, Y)
KEYED = 3  # the step with the keyway


def make(rng: Rng) -> Shape:
    builder = ShapeBuilder()
    steel, collar, key_finish = finishes.steel(rng), finishes.anodised(rng), finishes.brass(rng)
    length = rng.uniform(0.95, 1.15)
    share = rng.uniform(0.7, 1.4, 5)
    ends = np.concatenate([[0], np.cumsum(share / share.sum())]) * length - length / 2
    big = rng.uniform(0.09, 0.14)
    radii = big * np.array([0.55, rng.uniform(0.68, 0.8), 1, rng.uniform(0.68, 0.85), 0.6])
    thread = threaded_rod(radii[0], ends[0], ends[1] + 0.002, 0.022)
    builder.add("thread", moved(thread, LYING), steel)
    high = radii[KEYED]
    slot = _slot(rng.uniform(0.2, 0.28) * high, ends[KEYED], ends[KEYED + 1])
    for i in range(1, 5):
        step = bar(radii[i], ends[i], ends[i + 1] + 0.002, 0.01, 64)
        if i == KEYED:
            step = cut(step, _key(slot.buffer(0.002), -2 * high, -0.7 * high))
        builder.add(f"step_{i - 1}", moved(step, LYING), steel)
    if rng.random() < 0.8:
        builder.add("key", moved(_key(slot, -1.2 * high, -0.65 * high), LYING), key_finish)
    _add_collar(builder, rng, radii[1], (ends[1] + ends[2]) / 2, collar)
    if rng.random() < 0.5:
        _add_retaining_ring(builder, rng, radii[4], ends)
    return builder.build()


def _slot(half: float, low: float, high: float) -> Polygon:
    """The outline of the key between two ends of a step."""
    start, stop = low + 0.2 * (high - low), low + 0.85 * (high - low)
    return box(-0.001, start + half, 0.001, stop - half).buffer(half, quad_segs=6)


def _key(slot: Polygon, low: float, high: float) -> Mesh:
    return moved(prism(slot, low, high), turn(np.pi / 2, X))


def _add_collar(
    builder: ShapeBuilder, rng: Rng, radius: float, middle: float, finish: Material
) -> None:
    """A clamping ring with its set screw."""
    half = rng.uniform(0.03, 0.05)
    rim = radius * rng.uniform(1.5, 1.75)
    collar = tube(radius - 0.004, rim, middle - half, middle + half, 0.01)
    builder.add("collar", moved(collar, LYING), finish)
    screw = moved(machine_screw(0.35 * half, 0.02, True), shift(0, 0, rim - 0.004))
    sideways = [turn(rng.uniform(-0.8, 0.8), X), shift(middle)]
    builder.add("set_screw", moved(screw, *sideways), finishes.black_oxide(rng))


def _add_retaining_ring(builder: ShapeBuilder, rng: Rng, radius: float, ends: Floats) -> None:
    spot = ends[4] + rng.uniform(0.4, 0.6) * (ends[5] - ends[4])
    ring = tube(radius - 0.004, radius * 1.9, spot - 0.015, spot + 0.015, 0.004)
    builder.add("retaining_ring", moved(ring, LYING), finishes.black_oxide(rng))
