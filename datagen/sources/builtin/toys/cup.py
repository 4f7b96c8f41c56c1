"""A tea cup, at times with a drink in it and a saucer under it."""

from __future__ import annotations

from datagen.geometry.shape import Material, Shape
from datagen.sources.builtin.builder import Mesh, Rng, ShapeBuilder
from datagen.sources.builtin.edits import ripple
from datagen.sources.builtin.paints import Colour, metal, paints, plain
from datagen.sources.builtin.paths import curve, fillet, waves
from datagen.sources.builtin.solids import lathe, ring, rod, sweep
from datagen.sources.builtin.toys.pottery import (
    add_decoration,
    handle_joints,
    handle_path,
    radius_at,
    vessel,
)

BASE, THICK = 0.06, 0.022
DRINKS: list[tuple[str, Colour]] = [
    ("tea", (0.3, 0.09, 0.015)),
    ("coffee", (0.06, 0.022, 0.01)),
    ("milk", (0.82, 0.77, 0.66)),
]


def make(rng: Rng) -> Shape:
    toy = ShapeBuilder()
    glaze, first, second = paints(rng, 3, "porcelain", 0.15)
    if rng.uniform() < 0.45:
        glaze = plain("white porcelain", (0.85, 0.84, 0.8), 0.15)
    gold = metal(rng, "gold") if rng.uniform() < 0.5 else first
    r, tall, foot = rng.uniform(0.29, 0.35), rng.uniform(0.36, 0.5), rng.uniform(0.13, 0.18)
    flare, belly = rng.uniform(0.0, 0.05), rng.uniform(0.72, 0.95)
    low = [(foot, BASE), (r * belly * 0.85, BASE + tall * 0.22)]
    high = [(r * (belly + 0.04), BASE + tall * 0.6), (r, BASE + tall * 0.9)]
    rows = curve([*low, *high, (r + flare, BASE + tall)], 26)
    toy.add("bowl", vessel(rows, THICK, BASE + 0.03), glaze)
    toy.add("foot", _foot(foot), glaze)
    rim = ring(r + flare - THICK / 2, THICK * 0.7, THICK * 0.6, BASE + tall + 0.006)
    toy.add("rim", rim, gold)
    top, low_end = BASE + tall * rng.uniform(0.78, 0.86), BASE + tall * rng.uniform(0.22, 0.32)
    joints = handle_joints(rows, top, low_end, 0.01)
    path = handle_path(joints[0], joints[1], rng.uniform(0.15, 0.22), int(rng.integers(2)))
    handle = gold if rng.uniform() < 0.3 else glaze
    toy.add("handle", sweep(path, (0.028, 0.02), up=(0, 1, 0)), handle)
    if rng.uniform() < 0.85:
        zone = (BASE + tall * 0.3, BASE + tall * 0.9)
        add_decoration(toy, rng, rows, *zone, THICK * 0.6, [first, second])
    if rng.uniform() < 0.6:
        name, colour = DRINKS[rng.integers(3)]
        level = BASE + tall * rng.uniform(0.7, 0.86)
        wide = float(radius_at(rows, level))
        drink = rod(wide - THICK * 0.5, level - 0.03, level)
        toy.add(name, drink, plain(name, colour, 0.08))
    if rng.uniform() < 0.65:
        _add_saucer(toy, rng, foot, glaze, first, gold)
    return toy.finish(rng)


def _foot(radius: float) -> Mesh:
    low = [(0, BASE * 0.3), (radius * 0.9, BASE * 0.3), (radius * 1.1, 0.005)]
    high = [(radius * 1.12, 0.02), (radius * 0.85, BASE * 0.8), (radius * 0.95, BASE + 0.03)]
    return lathe(fillet([*low, *high, (0, BASE + 0.03)], 0.01))


def _add_saucer(
    toy: ShapeBuilder, rng: Rng, foot: float, glaze: Material, first: Material, gold: Material
) -> None:
    far, lift = rng.uniform(0.44, 0.52), rng.uniform(0.04, 0.08)
    below = [(0, -0.03), (0.2, -0.03), (far, lift), (far - 0.005, lift + 0.02)]
    above = [(0.22, 0.0), (foot * 1.25, 0.004), (foot * 1.15, -0.004), (0, 0.008)]
    dish = lathe(fillet(below + above, 0.03), 96)
    edge = ring(far - 0.002, 0.012, 0.011, lift + 0.012, 96)
    if rng.uniform() < 0.4:
        wave = waves(rng, 1, 0.02, 6, 14)
        dish, edge = (ripple(mesh, lambda angle: 1 + wave(angle)) for mesh in (dish, edge))
    toy.add("saucer", dish, first if rng.uniform() < 0.35 else glaze)
    toy.add("saucer rim", edge, gold)
