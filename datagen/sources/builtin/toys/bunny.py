"""A sitting bunny, at times with a carrot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import ShapeBuilder, draw_size
from datagen.sources.builtin.drawn import Rng, chance, real
from datagen.sources.builtin.paints import COLOURS, plain, shade
from datagen.sources.builtin.solids import blob
from datagen.sources.builtin.toys.animal_parts import WHITE, add_eyes, add_pair, limb

FURS = [(0.8, 0.78, 0.74), (0.35, 0.22, 0.12), (0.4, 0.4, 0.42), (0.75, 0.55, 0.35)]


@dataclass(frozen=True)
class BunnyHead:
    """ear: its length; tilt: how far out the tip of a pricked ear is, None if the ears hang."""

    size: float
    ear: float
    tilt: float | None


@dataclass(frozen=True)
class Carrot:
    """Materials of the carrot that it holds."""

    root: Material
    leaf: Material


@dataclass(frozen=True)
class Bunny:
    """radius: of the seat, which the body and the limbs go by."""

    fur: Material
    pink: Material
    radius: float
    head: BunnyHead
    carrot: Carrot | None
    size: float


def draw(rng: Rng) -> Bunny:
    """Everything that makes one bunny differ from another."""
    return Bunny(
        fur=plain("fur", shade(rng, FURS[rng.integers(4)]), 0.85),
        pink=plain("pink", shade(rng, (0.8, 0.35, 0.36)), 0.6),
        radius=real(rng, 0.2, 0.28),
        head=BunnyHead(
            size=real(rng, 0.16, 0.22),
            ear=real(rng, 0.22, 0.4),
            tilt=real(rng, 0.02, 0.16) if chance(rng, 0.75) else None,
        ),
        carrot=_draw_carrot(rng) if chance(rng, 0.4) else None,
        size=draw_size(rng),
    )


def _draw_carrot(rng: Rng) -> Carrot:
    return Carrot(
        root=plain("carrot", shade(rng, COLOURS["orange"])),
        leaf=plain("leaf", shade(rng, COLOURS["green"])),
    )


def make(bunny: Bunny) -> Shape:
    """The bunny of these parameters."""
    toy = ShapeBuilder()
    fur, r = bunny.fur, bunny.radius
    trunk = [(-0.06, 0, r * 0.9), (0, 0, r * 1.3), (0.05, 0, r * 2.0)]
    toy.add("body", limb(trunk, (r, r * 0.92, r * 0.55)), fur)
    _add_head(toy, bunny.head, np.array([0.1, 0, r * 2.5]), fur, bunny.pink)
    add_pair(toy, "foot", blob((r * 0.75, r * 0.32, r * 0.26), (r * 0.62, r * 0.6, r * 0.26)), fur)
    add_pair(toy, "thigh", blob((r * 0.62, r * 0.4, r * 0.6), (-0.03, r * 0.72, r * 0.66)), fur)
    paw = r * np.array([(0.5, 0.42, 1.5), (0.95, 0.4, 1.15), (1.15, 0.3, 1.05)])
    add_pair(toy, "paw", limb(list(paw), (r * 0.24, r * 0.22, r * 0.2)), fur)
    toy.add("tail", blob(r * 0.38, (-r * 1.2, 0, r * 0.7)), WHITE)
    if bunny.carrot is not None:
        _add_carrot(toy, bunny.carrot, r)
    return toy.finish(bunny.size)


def _add_head(
    toy: ShapeBuilder, head: BunnyHead, at: Floats, fur: Material, pink: Material
) -> None:
    size, long, tilt = head.size, head.ear, head.tilt
    toy.add("head", blob((size * 1.05, size * 0.95, size * 0.92), at), fur)
    root = at + np.array([-0.04, size * 0.42, size * 0.7])
    if tilt is not None:
        ear = [root, root + (-0.02, tilt * 0.4, long * 0.5), root + (-0.05, tilt, long)]
        inner = [*(point + (0.035, 0, 0.02) for point in ear[:2]), ear[2] + (0.015, 0, -0.06)]
    else:
        ear = [root - (0, 0.02, 0), root + (-0.02, 0.12, 0.0), root + (-0.02, 0.15, -long * 0.8)]
        inner = [point + (0.015, 0.032, -0.02) for point in ear]
    add_pair(toy, "ear", limb(ear, (0.04, 0.062, 0.02)), fur)
    add_pair(toy, "ear", limb(inner, (0.02, 0.036, 0.012)), pink)
    add_eyes(toy, at + (size * 0.74, size * 0.5, size * 0.22), size * 0.17)
    cheek = at + (size * 0.8, size * 0.24, -size * 0.3)
    add_pair(toy, "cheek", blob(size * 0.36, cheek), WHITE)
    toy.add("nose", blob((0.03, 0.035, 0.025), at + (size * 1.08, 0, -size * 0.05)), pink)


def _add_carrot(toy: ShapeBuilder, carrot: Carrot, r: float) -> None:
    """A carrot between the paws of a bunny of this size."""
    x, z = r * 1.3, r * 1.1
    root = [(x, 0, z - r * 0.8), (x, 0, z), (x, 0, z + r * 0.3)]
    toy.add("carrot", limb(root, (0.012, r * 0.24, r * 0.26)), carrot.root)
    for y in (-1, 0, 1):
        leaf = [(x, 0, z + r * 0.45), (x, y * 0.04, z + r * 0.8), (x, y * 0.06, z + r * 0.95)]
        toy.add("carrot leaf", limb(leaf, (0.016, 0.022, 0.01)), carrot.leaf)
