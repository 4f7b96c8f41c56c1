"""An ice cream: scoops or soft ice in a cone or a waffle cup."""

from __future__ import annotations

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Mesh, Rng, ShapeBuilder
from datagen.sources.builtin.edits import bumpy, place, warp
from datagen.sources.builtin.paints import paints, plain, shade
from datagen.sources.builtin.paths import fillet, turns, waves
from datagen.sources.builtin.scatter import scatter, sprinkle
from datagen.sources.builtin.solids import blob, lathe, ring, rod, sweep
from datagen.sources.builtin.toys.sweets import add_cherry, creams, swirl


def make(rng: Rng) -> Shape:
    toy = ShapeBuilder()
    waffle = plain("waffle", shade(rng, (0.62, 0.31, 0.09)), 0.65)
    toast = plain("toasted waffle", shade(rng, (0.42, 0.18, 0.05)), 0.7)
    flavours = creams(rng, 3)
    wide, tall = rng.uniform(0.25, 0.3), rng.uniform(0.6, 0.85)
    if rng.uniform() < 0.3:
        tall *= 0.7
        _add_cup(toy, wide, tall, waffle, toast)
    else:
        _add_cone(toy, rng, wide, tall, waffle, toast)
    if rng.uniform() < 0.35:
        last, top = _add_soft_ice(toy, rng, wide, tall, flavours[0])
    else:
        last, top = _add_scoops(toy, rng, wide, tall, flavours)
    if rng.uniform() < 0.5:
        mix = paints(rng, 3, "sugar", 0.3)
        spots = scatter(rng, last, int(rng.integers(15, 35)), 0.04, lambda p, n: n[2] > 0.35)
        sprinkle(toy, "sprinkles", rng, spots, 0.02, mix)
    if rng.uniform() < 0.6:
        add_cherry(toy, rng, np.array([0, 0, top + 0.045]), 0.065)
    if rng.uniform() < 0.5:
        lean = rng.uniform(0.25, 0.5)
        stick = place(rod(0.04, -0.22, 0.3, 0.012, 24), (0.12, 0.05, top - 0.1), ry=lean)
        toy.add("wafer", stick, toast)
    return toy.finish(rng)


def _add_cup(
    toy: ShapeBuilder, wide: float, tall: float, waffle: Material, toast: Material
) -> None:
    """A ribbed cup with a wide brim."""
    tip = wide * 0.6
    side = [(tip, 0), (tip * 1.15, tall * 0.6), (wide, tall * 0.68), (wide * 1.05, tall)]
    cup = [(0, 0), *side, (wide * 0.9, tall), (0, tall * 0.8)]
    toy.add("cone", lathe(fillet(cup, 0.02)), waffle)
    for a in turns(16):
        c, s = np.cos(a), np.sin(a)
        line = [(tip * c, tip * s, 0.02), (tip * 1.15 * c, tip * 1.15 * s, tall * 0.6)]
        toy.add("cone", sweep(line, 0.014, 10), toast)
    toy.add("rim", ring(wide * 1.04, 0.02, 0.03, tall - 0.02), toast)


def _add_cone(
    toy: ShapeBuilder, rng: Rng, wide: float, tall: float, waffle: Material, toast: Material
) -> None:
    """A cone with a lattice of ribs."""
    tip = wide * 0.16
    cone = [(0, 0), (tip, 0), (wide, tall), (wide * 0.9, tall), (0, tall * 0.9)]
    toy.add("cone", lathe(fillet(cone, 0.02)), waffle)
    count, spin = int(rng.integers(7, 11)), rng.uniform(1.2, 2.0)
    t = np.linspace(0.01, 0.93, 12)
    r = tip + (wide - tip) * t
    for i in range(count):
        for way in (-1, 1):
            a = way * (spin * t + 2 * np.pi * i / count)
            line = np.column_stack([r * np.cos(a), r * np.sin(a), tall * t])
            toy.add("cone", sweep(line, 0.011, 8), toast)
    toy.add("rim", ring(wide * 0.99, 0.022, 0.035, tall - 0.02), toast)


def _add_soft_ice(
    toy: ShapeBuilder, rng: Rng, wide: float, tall: float, cream: Material
) -> tuple[Mesh, float]:
    """Piped ice; gives its rope and the height of its tip."""
    height = rng.uniform(0.45, 0.6)
    rope = swirl(rng, wide * 1.2, tall + 0.05, height, rng.uniform(3, 4))
    toy.add("soft ice", rope, cream)
    core = [(0, tall - 0.06), (wide * 0.85, tall - 0.02), (0, tall + height * 0.9)]
    toy.add("soft ice", lathe(fillet(core, 0.05)), cream)
    return rope, tall + 0.05 + height


def _add_scoops(
    toy: ShapeBuilder, rng: Rng, wide: float, tall: float, flavours: list[Material]
) -> tuple[Mesh, float]:
    """One to three scoops; gives the last one and the height of its top."""
    count, size, z = int(rng.integers(1, 4)), wide * rng.uniform(1.15, 1.3), tall
    for i in range(count):
        name = f"scoop {i + 1}"
        centre = np.array([*rng.uniform(-0.02, 0.02, 2), z + size * 0.55])
        ball = bumpy(rng, blob(size, centre, detail=4), size * 0.06, 14)
        toy.add(name, ball, flavours[i])
        toy.add(name, place(_skirt(rng, size), centre - [0, 0, size * 0.4]), flavours[i])
        top = float(centre[2] + size)
        z = centre[2] + size * 0.72
        size *= rng.uniform(0.86, 0.95)
    return ball, top


def _skirt(rng: Rng, size: float) -> Mesh:
    """The ragged foot of a scoop."""
    wave, lobe = waves(rng, 4, 0.25, 4, 12), waves(rng, 4, 0.12, 4, 12)

    def rag(p: Floats) -> Floats:
        angle = np.arctan2(p[:, 1], p[:, 0])
        out = 1 + lobe(angle) * 0.6
        return p * np.column_stack([out, out, 1 + 2 * wave(angle)])

    return warp(ring(size * 0.9, size * 0.17, size * 0.14, 0, 96), rag)
