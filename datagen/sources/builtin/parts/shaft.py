"""A stepped shaft lying along x: journals, a key in its keyway, a thread, a collar."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from shapely.geometry import Polygon, box

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Mesh, ShapeBuilder
from datagen.sources.builtin.drawn import Rng, real
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


@dataclass(frozen=True)
class ShaftCollar:
    """half: of its width; rim: its radius, of the step's; turned: the set screw, in radians."""

    half: float
    rim: float
    turned: float
    screw_finish: Material


@dataclass(frozen=True)
class RetainingRing:
    """place: along the last step, of its length."""

    place: float
    finish: Material


@dataclass(frozen=True)
class Shaft:
    """shares: lengths of the thread and the steps, over their sum those of the length.

    big: the thickest step's radius; second, keyed: those of the steps before and behind it, of
    that; key: half its width, of its step's radius.
    """

    steel: Material
    collar_finish: Material
    key_finish: Material
    length: float
    shares: tuple[float, ...]
    big: float
    second: float
    keyed: float
    key: float
    has_key: bool
    collar: ShaftCollar
    ring: RetainingRing | None


def draw(rng: Rng) -> Shaft:
    """Everything that makes one shaft differ from another."""
    return Shaft(
        steel=finishes.steel(rng),
        collar_finish=finishes.anodised(rng),
        key_finish=finishes.brass(rng),
        length=real(rng, 0.95, 1.15),
        shares=tuple(rng.uniform(0.7, 1.4, 5).tolist()),
        big=real(rng, 0.09, 0.14),
        second=real(rng, 0.68, 0.8),
        keyed=real(rng, 0.68, 0.85),
        key=real(rng, 0.2, 0.28),
        has_key=bool(rng.random() < 0.8),
        collar=ShaftCollar(
            half=real(rng, 0.03, 0.05),
            rim=real(rng, 1.5, 1.75),
            turned=real(rng, -0.8, 0.8),
            screw_finish=finishes.black_oxide(rng),
        ),
        ring=_draw_ring(rng) if rng.random() < 0.5 else None,
    )


def _draw_ring(rng: Rng) -> RetainingRing:
    return RetainingRing(place=real(rng, 0.4, 0.6), finish=finishes.black_oxide(rng))


def make(shaft: Shaft) -> Shape:
    """The shaft of these parameters."""
    builder = ShapeBuilder()
    share = np.array(shaft.shares)
    length = shaft.length
    ends = np.concatenate([[0], np.cumsum(share / share.sum())]) * length - length / 2
    radii = shaft.big * np.array([0.55, shaft.second, 1, shaft.keyed, 0.6])
    thread = threaded_rod(radii[0], ends[0], ends[1] + 0.002, 0.022)
    builder.add("thread", moved(thread, LYING), shaft.steel)
    high = radii[KEYED]
    slot = _slot(shaft.key * high, ends[KEYED], ends[KEYED + 1])
    for i in range(1, 5):
        step = bar(radii[i], ends[i], ends[i + 1] + 0.002, 0.01, 64)
        if i == KEYED:
            step = cut(step, _key(slot.buffer(0.002), -2 * high, -0.7 * high))
        builder.add(f"step_{i - 1}", moved(step, LYING), shaft.steel)
    if shaft.has_key:
        key = _key(slot, -1.2 * high, -0.65 * high)
        builder.add("key", moved(key, LYING), shaft.key_finish)
    middle = (ends[1] + ends[2]) / 2
    _add_collar(builder, shaft.collar, radii[1], middle, shaft.collar_finish)
    if shaft.ring is not None:
        _add_retaining_ring(builder, shaft.ring, radii[4], ends)
    return builder.build()


def _slot(half: float, low: float, high: float) -> Polygon:
    """The outline of the key between two ends of a step."""
    start, stop = low + 0.2 * (high - low), low + 0.85 * (high - low)
    return box(-0.001, start + half, 0.001, stop - half).buffer(half, quad_segs=6)


def _key(slot: Polygon, low: float, high: float) -> Mesh:
    return moved(prism(slot, low, high), turn(np.pi / 2, X))


def _add_collar(
    builder: ShapeBuilder, collar: ShaftCollar, radius: float, middle: float, finish: Material
) -> None:
    """A clamping ring with its set screw."""
    half = collar.half
    rim = radius * collar.rim
    clamp = tube(radius - 0.004, rim, middle - half, middle + half, 0.01)
    builder.add("collar", moved(clamp, LYING), finish)
    screw = moved(machine_screw(0.35 * half, 0.02, True), shift(0, 0, rim - 0.004))
    sideways = [turn(collar.turned, X), shift(middle)]
    builder.add("set_screw", moved(screw, *sideways), collar.screw_finish)


def _add_retaining_ring(
    builder: ShapeBuilder, ring: RetainingRing, radius: float, ends: Floats
) -> None:
    spot = ends[4] + ring.place * (ends[5] - ends[4])
    mesh = tube(radius - 0.004, radius * 1.9, spot - 0.015, spot + 0.015, 0.004)
    builder.add("retaining_ring", moved(mesh, LYING), ring.finish)
