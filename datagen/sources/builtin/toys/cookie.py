"""A cookie: with chips, with icing, or two biscuits with cream between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Mesh, Rng, ShapeBuilder
from datagen.sources.builtin.edits import aim, bumpy, cut, knurl, place, ripple
from datagen.sources.builtin.paints import paints, plain, shade
from datagen.sources.builtin.paths import curve, fillet, turns, waves
from datagen.sources.builtin.scatter import scatter, sprinkle
from datagen.sources.builtin.solids import blob, lathe, ring, rod, sheet
from datagen.sources.builtin.toys.sweets import CHOCOLATE, DOUGH, creams, dough

R = 0.45
BITE = 0.46  # from the middle of the cookie to the middle of the bite


@dataclass(frozen=True)
class Bite:
    """A bite out of the edge, if there is one."""

    taken: bool
    side: float
    teeth: list[float]

    def keep(self, mesh: Mesh, proud: float = 0.0) -> Mesh:
        """What the bite leaves of a mesh, its cut faces so far out of the dough's."""
        if not self.taken:
            return mesh
        holes = []
        for k, radius in zip((-1, 0, 1), self.teeth, strict=True):
            angle = self.side + k * 0.45
            at = (BITE * np.cos(angle), BITE * np.sin(angle), 0)
            holes.append(place(rod(radius - proud, -1, 1), at))
        return cut(mesh, *holes)

    def spares(self, point: Floats, normal: Floats) -> bool:
        """Whether something may lie here, on the upper side and clear of the bite."""
        hole = BITE * np.array([np.cos(self.side), np.sin(self.side)])
        clear = not self.taken or np.hypot(*(point[:2] - hole)) > 0.42
        return bool(normal[2] > 0.4 and clear)


def make(rng: Rng) -> Shape:
    toy = ShapeBuilder()
    dark = plain("chocolate", shade(rng, CHOCOLATE, 0.25), 0.3)
    kind = rng.integers(4)
    if kind == 3:
        _add_sandwich(toy, rng)
        return toy.finish(rng)
    wave, height = waves(rng, 5, 0.05, 2, 9), rng.uniform(0.13, 0.2)
    side = [(0, height), (R * 0.55, height * 0.95), (R * 0.95, height * 0.55), (R, height * 0.25)]
    rows = curve([*side, (R * 0.92, 0.0)], 20)
    uneven = ripple(lathe([*rows, (0, 0)], 96), lambda angle: 1 + wave(angle))
    body = bumpy(rng, uneven, 0.022, 16)
    bite = _bite(rng)
    toy.add("cookie", bite.keep(body), dough(rng))
    if kind == 1:
        icing = creams(rng, 1, 0.25)[0]
        swell = waves(rng, 4, 0.06, 3, 9)

        def edge(angle: Floats) -> Floats:
            return R * 0.8 * (1 + wave(angle) + swell(angle))

        _add_icing(toy, rng, edge, height, bite, icing)
    else:
        _add_chips(toy, rng, body, bite, [dark, *paints(rng, 4, "candy", 0.2)] if kind else [dark])
    return toy.finish(rng)


def _bite(rng: Rng) -> Bite:
    taken = bool(rng.uniform() < 0.45)
    side = rng.uniform(-1.4, 0.3)
    return Bite(taken, side, [rng.uniform(0.12, 0.16) for _ in range(3)])


def _add_icing(
    toy: ShapeBuilder,
    rng: Rng,
    edge: Callable[[Floats], Floats],
    height: float,
    bite: Bite,
    icing: Material,
) -> None:
    """Icing with sprinkles and a sugar button."""
    cover = sheet(edge, lambda share, angle: height * (0.985 - 0.2 * share**3), 0.045)
    cover = bite.keep(cover, 0.006)
    toy.add("icing", cover, icing)
    mix = paints(rng, 4, "sugar", 0.3)
    spots = scatter(rng, cover, int(rng.integers(25, 50)), 0.05, bite.spares)
    sprinkle(toy, "sprinkles", rng, spots, 0.022, mix)
    toy.add("button", blob((0.07, 0.07, 0.04), (0, 0, height + 0.02)), mix[0])


def _add_chips(
    toy: ShapeBuilder, rng: Rng, body: Mesh, bite: Bite, mix: Sequence[Material]
) -> None:
    """Chocolate chips or candy, and crumbs."""
    spots = scatter(rng, body, int(rng.integers(8, 17)), 0.11, bite.spares)
    for i, (point, normal) in enumerate(spots):
        size = rng.uniform(0.04, 0.062)
        radii = (size * rng.uniform(0.85, 1.2), size, size * 0.7)
        chip = blob(radii, square=rng.uniform(2, 2.8))
        if len(mix) == 1:
            chip = bumpy(rng, chip, size * 0.2, 30)
        chip = aim(chip, point + normal * size * 0.1, normal)
        toy.add(f"chip {i + 1}", chip, mix[i % len(mix)])
    brown = plain("crumb", shade(rng, (0.4, 0.18, 0.05)), 0.8)
    for point, normal in scatter(rng, body, 14, 0.06, bite.spares):
        crumb = blob(rng.uniform(0.008, 0.016))
        toy.add("crumbs", aim(crumb, point, normal), brown)


def _add_sandwich(toy: ShapeBuilder, rng: Rng) -> None:
    """Two stamped biscuits with cream between them."""
    brown = plain("biscuit", shade(rng, CHOCOLATE if rng.uniform() < 0.6 else DOUGH, 0.3), 0.7)
    cream = creams(rng, 1)[0]
    tall, gap = rng.uniform(0.07, 0.1), rng.uniform(0.07, 0.11)
    teeth = int(rng.integers(28, 44))
    disc = lathe(fillet([(0, 0), (R, 0), (R, tall), (0, tall)], 0.02), teeth * 6)
    half = knurl(disc, teeth, 0.012)
    toy.add("bottom biscuit", half, brown)
    toy.add("cream", rod(R * 0.93, tall - 0.01, tall + gap + 0.01, 0.025), cream)
    toy.add("top biscuit", place(half, (0, 0, tall + gap)), brown)
    top = 2 * tall + gap
    toy.add("pattern", ring(R * 0.84, 0.014, 0.012, top), brown)
    toy.add("pattern", ring(R * 0.3, 0.014, 0.012, top), brown)
    for a in turns(int(rng.integers(5, 13))):
        at = (R * 0.57 * np.cos(a), R * 0.57 * np.sin(a), top)
        toy.add("pattern", place(blob((0.08, 0.03, 0.014)), at, rz=a), brown)
