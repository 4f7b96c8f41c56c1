"""A mug with a handle, often decorated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Mesh, ShapeBuilder, draw_size
from datagen.sources.builtin.drawn import Rng, chance, real
from datagen.sources.builtin.paints import paints, plain
from datagen.sources.builtin.paths import curve
from datagen.sources.builtin.solids import lathe, ring, rod, sweep
from datagen.sources.builtin.toys.pottery import (
    Decoration,
    add_decoration,
    draw_decoration,
    handle_joints,
    handle_path,
    vessel,
)


@dataclass(frozen=True)
class MugHandle:
    """high, low: its joints, of the mug's height; wide: of the grip; kind: ear, drop or square."""

    kind: int
    high: float
    low: float
    reach: float
    grip: float
    wide: float
    material: Material


@dataclass(frozen=True)
class Mug:
    """foot: its radius, and belly: the wall's swelling, both of the radius at the lip."""

    glaze: Material
    lining: Material
    first: Material
    second: Material
    radius: float
    tall: float
    thick: float
    foot: float
    belly: float
    handle: MugHandle
    foot_ring: Material
    has_rim: bool
    decoration: Decoration | None
    size: float


def draw(rng: Rng) -> Mug:
    """Everything that makes one mug differ from another."""
    glaze, lining, first, second = paints(rng, 4, "glaze", 0.2)
    if chance(rng, 0.5):
        lining = plain("white glaze", (0.84, 0.83, 0.78), 0.2)
    return Mug(
        glaze,
        lining,
        first,
        second,
        radius=real(rng, 0.27, 0.37),
        tall=real(rng, 0.62, 0.86),
        thick=real(rng, 0.03, 0.045),
        foot=real(rng, 0.78, 1.0),
        belly=real(rng, -0.06, 0.1),
        handle=MugHandle(
            kind=int(rng.integers(3)),
            high=real(rng, 0.8, 0.88),
            low=real(rng, 0.16, 0.28),
            reach=real(rng, 0.2, 0.28),
            grip=real(rng, 0.032, 0.045),
            wide=real(rng, 1, 1.5),
            material=[glaze, first][rng.integers(2)],
        ),
        foot_ring=lining if chance(rng, 0.4) else glaze,
        has_rim=chance(rng, 0.6),
        decoration=draw_decoration(rng) if chance(rng, 0.85) else None,
        size=draw_size(rng),
    )


def make(mug: Mug) -> Shape:
    """The mug of these parameters."""
    toy = ShapeBuilder()
    tall, thick = mug.tall, mug.thick
    rows = _wall(mug.radius, tall, mug.foot, mug.belly)
    toy.add("body", vessel(rows, thick, 0.06), mug.glaze)
    inside = rows[rows[:, 1] > 0.1] - [thick - 0.003, 0]
    shell = np.concatenate([inside, (inside - [0.01, 0])[::-1]])
    toy.add("lining", lathe(shell, 64), mug.lining)
    toy.add("lining", rod(float(inside[0, 0]), 0.05, 0.108, 0.01), mug.lining)
    toy.add("handle", _handle(mug.handle, rows, thick), mug.handle.material)
    toy.add("foot", ring(float(rows[5, 0]) * 0.85, 0.03, 0.02, 0.012), mug.foot_ring)
    if mug.has_rim:
        rim = ring(rows[-1, 0] - thick / 2, thick * 0.62, thick * 0.5, tall + thick * 0.2)
        toy.add("rim", rim, mug.first)
    if mug.decoration is not None:
        paint = [mug.first, mug.second]
        add_decoration(toy, mug.decoration, rows, 0.1, tall * 0.94, thick * 0.6, paint)
    return toy.finish(mug.size)


def _wall(radius: float, tall: float, foot: float, belly: float) -> Floats:
    """The outside, rounded at the foot, with a belly or a waist."""
    z = np.linspace(0.07, tall, 14)
    share = (z - 0.07) / (tall - 0.07)
    flare = radius * (foot + (1 - foot) * share**0.7)
    wide = flare + belly * radius * 4 * share * (1 - share)
    base = curve([(wide[0] * 0.86, 0.0), (wide[0] * 0.95, 0.012), (wide[0], 0.07)], 6)
    return np.concatenate([base, np.column_stack([wide, z])[1:]])


def _handle(handle: MugHandle, rows: Floats, thick: float) -> Mesh:
    """A grip that widens at its joints."""
    tall = rows[-1, 1]
    high, low = tall * handle.high, tall * handle.low
    joints = handle_joints(rows, high, low, thick * 0.4)
    path = handle_path(joints[0], joints[1], handle.reach, handle.kind)
    swell = 1 + 0.35 * np.abs(np.linspace(-1, 1, len(path))) ** 6
    size = swell[:, None] * [handle.grip * handle.wide, handle.grip]
    return sweep(path, size, flat=True, up=(0, 1, 0))
