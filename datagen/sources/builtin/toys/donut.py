"""A donut with icing and sprinkles or a drizzle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Mesh, ShapeBuilder, draw_size
from datagen.sources.builtin.drawn import Details, Rng, chance, details, real, whole
from datagen.sources.builtin.edits import bumpy, draw_bumps
from datagen.sources.builtin.paints import paints, plain
from datagen.sources.builtin.paths import turns, waves
from datagen.sources.builtin.solids import lathe, loft, sweep
from datagen.sources.builtin.toys.sweets import (
    Sprinkles,
    add_sprinkles,
    creams,
    dough,
    draw_sprinkles,
)

BIG = 0.34  # from the axis to the middle of the dough
AROUND = 96
PALE = plain("pale dough", (0.75, 0.52, 0.24), 0.7)


@dataclass(frozen=True)
class Glaze:
    """level: the angle of the section where it ends; thick: over the dough's radius."""

    edges: Details
    level: float
    thick: float


@dataclass(frozen=True)
class Drizzle:
    """swing: of its bends, an angle of the section; thick: over the dough's radius."""

    material: Material
    bends: int
    swing: float
    thick: float


@dataclass(frozen=True)
class Donut:
    """small: the radius of the dough's section, which is squashed to this share of its height."""

    icing: Material
    small: float
    squash: float
    bumps: Details
    dough: Material
    glaze: Glaze
    topping: Sprinkles | Drizzle
    size: float


def draw(rng: Rng) -> Donut:
    """Everything that makes one donut differ from another."""
    icing = creams(rng, 1, 0.2)[0]
    small, squash = real(rng, 0.16, 0.21), real(rng, 0.75, 0.95)
    uneven, brown = draw_bumps(rng), dough(rng)
    glaze = Glaze(
        edges=details(rng, _edges), level=real(rng, 0.3, 0.5), thick=real(rng, 0.07, 0.13)
    )
    return Donut(
        icing,
        small,
        squash,
        uneven,
        brown,
        glaze,
        topping=_draw_topping(rng, _glaze(glaze, small, squash)),
        size=draw_size(rng),
    )


def _draw_topping(rng: Rng, glaze: Mesh) -> Sprinkles | Drizzle:
    mix = tuple(paints(rng, int(rng.integers(2, 5)), "sugar", 0.3))
    if chance(rng, 0.7):
        return draw_sprinkles(rng, mix, glaze, _upper, (30, 69), size=(0.018, 0.026))
    return Drizzle(
        mix[0], bends=whole(rng, 9, 15), swing=real(rng, 0.5, 0.7), thick=real(rng, 0.06, 0.1)
    )


def make(donut: Donut) -> Shape:
    """The donut of these parameters."""
    toy = ShapeBuilder()
    small, squash = donut.small, donut.squash
    v = turns(24)
    body = loft(np.array([_on_tube(np.full(24, small), v, a, squash) for a in _around()]), True)
    toy.add("dough", bumpy(donut.bumps.rng, body, small * 0.08, 5), donut.dough)
    band = [(1.005, -0.025), (1.02, 0.0), (1.005, 0.025), (0.9, 0.02), (0.9, -0.02)]
    toy.add("pale band", lathe([(BIG + small * s, z) for s, z in band], AROUND), PALE)
    glaze = _glaze(donut.glaze, small, squash)
    toy.add("icing", glaze, donut.icing)
    if isinstance(donut.topping, Sprinkles):
        add_sprinkles(toy, donut.topping, glaze, _upper)
    else:
        middle = small + small * donut.glaze.thick * 0.95
        drizzle = _drizzle(donut.topping, small, middle, squash)
        toy.add("drizzle", drizzle, donut.topping.material)
    return toy.finish(donut.size)


def _upper(point: Floats, normal: Floats) -> bool:
    return bool(normal[2] > 0.45)


def _around() -> list[Floats]:
    return [np.array(angle) for angle in turns(AROUND)]


def _on_tube(radius: Floats, at: Floats, angle: Floats, squash: float) -> Floats:
    """Points this far from the middle of the dough, at an angle of its section."""
    out = BIG + radius * np.cos(at)
    z = radius * np.sin(at) * squash
    return np.column_stack([out * np.cos(angle), out * np.sin(angle), z])


def _edges(rng: Rng) -> tuple[Callable[[Floats], Floats], Callable[[Floats], Floats]]:
    """How the outer and the inner edge of the icing wave."""
    return waves(rng, 4, 0.35, 3, 11), waves(rng, 4, 0.3, 2, 8)


def _glaze(glaze: Glaze, small: float, squash: float) -> Mesh:
    """Icing with wavy edges on the upper side."""
    outer, inner = _edges(glaze.edges.rng)
    level, thick = glaze.level, small * glaze.thick
    s = np.linspace(0, 1, 18)
    skin = small + thick * np.sin(np.pi * s) ** 0.35
    radius = np.concatenate([skin, np.full(16, small * 0.9)])
    rings = []
    for angle in _around():
        low, high = level + outer(angle) * 0.8, np.pi - level - inner(angle) * 0.8
        at = low + (high - low) * np.concatenate([s, s[-2:0:-1]])
        rings.append(_on_tube(radius, at, angle, squash))
    return loft(np.array(rings), True)


def _drizzle(drizzle: Drizzle, small: float, middle: float, squash: float) -> Mesh:
    """A cord to and fro over the icing, its middle so far from that of the dough."""
    t = turns(drizzle.bends * 16)
    wave = np.pi / 2 + drizzle.swing * np.sin(drizzle.bends * t)
    line = _on_tube(np.full(len(t), middle), wave, t, squash)
    return sweep(line, small * drizzle.thick, 10, closed=True)
