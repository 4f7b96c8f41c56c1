"""A shark with fins, gills and teeth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Mesh, ShapeBuilder, Vector, draw_size
from datagen.sources.builtin.drawn import Rng, real
from datagen.sources.builtin.edits import common, warp
from datagen.sources.builtin.paints import Colour, plain, shade
from datagen.sources.builtin.solids import blob, brick, sweep
from datagen.sources.builtin.toys.animal_parts import BLACK, WHITE, add_eyes, add_pair, limb

SKINS: list[Colour] = [(0.22, 0.27, 0.33), (0.08, 0.2, 0.38), (0.3, 0.32, 0.33), (0.1, 0.28, 0.32)]
RED = plain("mouth", (0.35, 0.03, 0.035), 0.4)
LONG = 0.55


@dataclass(frozen=True)
class SharkFins:
    """Heights over their roots: back, of the back fin; up, down: of the tail fin.

    side: how far the side fins stand out.
    """

    back: float
    up: float
    down: float
    side: float


@dataclass(frozen=True)
class Shark:
    """fat, tall: half the body's width and height where it is thickest."""

    skin: Material
    fat: float
    tall: float
    fins: SharkFins
    size: float


def draw(rng: Rng) -> Shark:
    """Everything that makes one shark differ from another."""
    return Shark(
        skin=plain("skin", shade(rng, SKINS[rng.integers(4)]), 0.35),
        fat=real(rng, 0.14, 0.17),
        tall=real(rng, 0.15, 0.19),
        fins=SharkFins(
            back=real(rng, 0.17, 0.24),
            up=real(rng, 0.24, 0.32),
            down=real(rng, 0.13, 0.18),
            side=real(rng, 0.2, 0.27),
        ),
        size=draw_size(rng),
    )


def make(shark: Shark) -> Shape:
    """The shark of these parameters."""
    toy = ShapeBuilder()
    fat, tall = shark.fat, shark.tall
    z = tall + 0.08
    body = _body(fat, tall, z, 0.0)
    toy.add("body", body, shark.skin)
    below = brick((1.02, 1.0, 0.4), (0.06, 0, z - tall * 0.3 - 0.2), 0.01)
    toy.add("belly", common(_body(fat, tall, z, 0.005), below), WHITE)
    _add_fins(toy, shark.fins, fat, tall, z, shark.skin)
    _add_mouth(toy, fat, tall, z)
    add_eyes(toy, (LONG * 0.68, fat * 0.66, z + tall * 0.22), 0.028)
    for k in range(3):
        x = LONG * 0.38 - 0.035 * k
        gill = [(x, fat * 0.99, z + 0.05), (x - 0.015, fat * 1.03, z), (x, fat * 0.99, z - 0.05)]
        add_pair(toy, "gills", limb(gill, (0.006, 0.008, 0.006), 10), BLACK)
    return toy.finish(shark.size)


def _body(fat: float, tall: float, z: float, grow: float) -> Mesh:
    """A spindle from the tail to the snout."""
    t = np.linspace(0, 1, 30)
    at = [0, 0.15, 0.4, 0.62, 0.85, 0.96, 1.0]
    size = np.interp(t, at, [0.16, 0.32, 0.82, 1.0, 0.78, 0.45, 0.22])
    size = np.convolve(np.pad(size, 2, "edge"), np.full(5, 0.2), "valid")
    path = np.column_stack([LONG * (2 * t - 1), 0 * t, z + 0.04 * (1 - t) ** 2])
    return sweep(path, size[:, None] * [fat, tall] + grow, 36, up=(0, 0, 1))


def _flat(points: Sequence[Vector], radii: Sequence[float], axis: int, share: float) -> Mesh:
    """A limb pressed flat across one axis about its middle."""

    def press(p: Floats) -> Floats:
        result = p.copy()
        middle = p[:, axis].mean()
        result[:, axis] = middle + (p[:, axis] - middle) * share
        return result

    return warp(limb(points, radii), press)


def _add_fins(
    toy: ShapeBuilder, fins: SharkFins, fat: float, tall: float, z: float, skin: Material
) -> None:
    high = fins.back
    top = z + tall * 0.8
    back = [(0.1, 0, top), (0.02, 0, top + high * 0.6), (-0.09, 0, top + high)]
    toy.add("back fin", _flat(back, (0.12, 0.07, 0.015), 1, 0.2), skin)
    rear = z + tall * 0.4
    small = [(-0.32, 0, rear), (-0.37, 0, rear + 0.07), (-0.4, 0, rear + 0.1)]
    toy.add("second fin", _flat(small, (0.05, 0.03, 0.012), 1, 0.25), skin)
    up, down = fins.up, fins.down
    root = (-LONG + 0.03, 0, z + 0.035)
    upper = [root, (-LONG - 0.09, 0, z + up * 0.55), (-LONG - 0.19, 0, z + up)]
    lower = [root, (-LONG - 0.06, 0, z - down * 0.5), (-LONG - 0.1, 0, z - down)]
    toy.add("tail", _flat(upper, (0.06, 0.05, 0.015), 1, 0.3), skin)
    toy.add("tail", _flat(lower, (0.06, 0.04, 0.012), 1, 0.3), skin)
    reach = fins.side
    low = z - tall * 0.45
    side = [(0.2, fat * 0.7, low), (0.11, fat + reach * 0.5, low - 0.03)]
    side.append((0, fat + reach, low - 0.06))
    add_pair(toy, "side fin", _flat(side, (0.085, 0.06, 0.015), 2, 0.3), skin)


def _add_mouth(toy: ShapeBuilder, fat: float, tall: float, z: float) -> None:
    """A wide mouth with two rows of teeth."""
    angle = np.linspace(-1.0, 1.0, 9)
    x, y = LONG * 0.58 + 0.19 * np.cos(angle), fat * 0.92 * np.sin(angle)
    low = z - tall * 0.42 - 0.05 * (np.cos(angle) - 0.5)
    line = np.column_stack([x, y, low])
    toy.add("mouth", limb(list(line), [0.02] * 9, 24), RED)
    for a in np.linspace(-0.9, 0.9, 11):
        at = (LONG * 0.58 + 0.195 * np.cos(a), fat * 0.93 * np.sin(a))
        height = z - tall * 0.42 - 0.05 * (np.cos(a) - 0.5)
        tooth = blob((0.013, 0.013, 0.028), (*at, height + 0.004))
        toy.add("teeth", tooth, WHITE)
