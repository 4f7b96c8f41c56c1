"""A pig with a curly tail, at times spotted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Mesh, ShapeBuilder, draw_size
from datagen.sources.builtin.drawn import Details, Rng, chance, details, real
from datagen.sources.builtin.paints import plain, shade
from datagen.sources.builtin.scatter import scatter
from datagen.sources.builtin.solids import blob, sweep
from datagen.sources.builtin.toys.animal_parts import (
    BLACK,
    add_eyes,
    add_legs,
    add_pair,
    limb,
)


@dataclass(frozen=True)
class PigPatches:
    """skin: of the patches; spots: where they are."""

    skin: Material
    spots: Details


@dataclass(frozen=True)
class Pig:
    """long, radius: half the body's length, and its radius; above: height under the belly.

    head, legs: their radii; turns: of the tail.
    """

    skin: Material
    dark: Material
    long: float
    radius: float
    above: float
    head: float
    legs: float
    turns: float
    patches: PigPatches | None
    size: float


def draw(rng: Rng) -> Pig:
    """Everything that makes one pig differ from another."""
    skin = plain("skin", shade(rng, (0.82, 0.38, 0.36), 0.25), 0.5)
    dark = plain("snout", shade(rng, (0.7, 0.2, 0.22)), 0.5)
    long, radius, above = real(rng, 0.3, 0.44), real(rng, 0.22, 0.29), real(rng, 0.08, 0.16)
    return Pig(
        skin=skin,
        dark=dark,
        long=long,
        radius=radius,
        above=above,
        head=real(rng, 0.17, 0.2),
        legs=real(rng, 0.06, 0.075),
        turns=real(rng, 1.3, 1.8),
        patches=_draw_patches(rng, _body(long, radius, above)) if chance(rng, 0.5) else None,
        size=draw_size(rng),
    )


def _draw_patches(rng: Rng, body: Mesh) -> PigPatches:
    return PigPatches(
        skin=plain("patch", shade(rng, (0.25, 0.1, 0.08)), 0.5),
        spots=details(rng, lambda rng: _spots(rng, body)),
    )


def make(pig: Pig) -> Shape:
    """The pig of these parameters."""
    toy = ShapeBuilder()
    skin, dark, long, r = pig.skin, pig.dark, pig.long, pig.radius
    height = r + pig.above
    body = _body(long, r, pig.above)
    toy.add("body", body, skin)
    _add_head(toy, np.array([long * 0.95, 0, height + 0.1]), pig.head, skin, dark)
    xs = (long * 0.58, -long * 0.58)
    add_legs(toy, xs, r * 0.55, height - 0.08, pig.legs, skin, dark)
    t = np.linspace(0, 1, 20)
    turn = 2 * np.pi * pig.turns * t
    rise = height + 0.06 + 0.045 * (1 - np.cos(turn))
    curl = np.column_stack([-long * 0.97 - 0.16 * t, 0.045 * np.sin(turn), rise])
    toy.add("tail", sweep(curl, np.linspace(0.022, 0.012, 20), 16), dark)
    if pig.patches is not None:
        for at, size in _spots(pig.patches.spots.rng, body):
            toy.add("patches", blob(size, at), pig.patches.skin)
    return toy.finish(pig.size)


def _body(long: float, radius: float, above: float) -> Mesh:
    return blob((long, radius, radius), (0, 0, radius + above), square=2.3)


def _spots(rng: Rng, body: Mesh) -> list[tuple[Floats, float]]:
    """The middles and radii of the patches."""
    spots = scatter(rng, body, 4, 0.25, lambda p, n: n[2] > -0.2)
    return [(point - normal * 0.045, rng.uniform(0.06, 0.1)) for point, normal in spots]


def _add_head(toy: ShapeBuilder, at: Floats, size: float, skin: Material, dark: Material) -> None:
    toy.add("head", blob((size, size * 1.05, size), at), skin)
    x, z = at[0] + size, at[2]
    snout = [(x - 0.1, 0, z - 0.04), (x + 0.01, 0, z - 0.045), (x + 0.05, 0, z - 0.045)]
    toy.add("snout", limb(snout, (0.1, 0.085, 0.08)), dark)
    for y in (-0.032, 0.032):
        nostril = blob((0.02, 0.018, 0.026), (x + 0.12, y, z - 0.04))
        toy.add("snout", nostril, BLACK)
    root = at + np.array([0, size * 0.62, size * 0.72])
    ear = [root - (0.02, 0, 0.04), root + (0.02, 0.04, 0.06), root + (0.09, 0.05, 0.09)]
    add_pair(toy, "ear", limb(ear, (0.07, 0.06, 0.012)), dark)
    add_eyes(toy, at + (size * 0.76, size * 0.55, size * 0.38), 0.028)
