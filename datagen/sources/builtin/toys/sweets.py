"""Dough, cream, icing, sprinkles and cherries, and the bumps of what is baked or grown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from datagen.geometry.shape import Floats, Material
from datagen.sources.builtin.builder import Mesh, ShapeBuilder
from datagen.sources.builtin.drawn import Details, Rng, details, real, whole
from datagen.sources.builtin.edits import warp
from datagen.sources.builtin.paints import Colour, plain, shade
from datagen.sources.builtin.paths import curve, fillet
from datagen.sources.builtin.scatter import scatter, sprinkle
from datagen.sources.builtin.solids import blob, lathe, sweep

DOUGH: Colour = (0.55, 0.28, 0.08)
CHOCOLATE: Colour = (0.07, 0.025, 0.012)
CREAMS: dict[str, Colour] = {
    "vanilla": (0.85, 0.74, 0.48),
    "strawberry": (0.8, 0.25, 0.32),
    "chocolate": (0.11, 0.04, 0.018),
    "mint": (0.35, 0.68, 0.45),
    "blueberry": (0.3, 0.2, 0.55),
    "lemon": (0.85, 0.65, 0.15),
    "whipped": (0.86, 0.83, 0.78),
    "caramel": (0.6, 0.27, 0.06),
    "pistachio": (0.4, 0.5, 0.16),
}


def creams(rng: Rng, count: int, rough: float = 0.4) -> list[Material]:
    """Creams of distinct flavours."""
    names = rng.permutation(list(CREAMS))[:count]
    return [plain(f"{n} cream", shade(rng, CREAMS[str(n)]), rough) for n in names]


def dough(rng: Rng) -> Material:
    """Dough, baked lighter or darker."""
    return plain("dough", shade(rng, DOUGH, 0.25), 0.65)


@dataclass(frozen=True)
class Drips:
    """shifts: of each off its even angle, in gaps between drips; sizes: of the longest there is."""

    shifts: tuple[float, ...]
    sizes: tuple[float, ...]


def draw_drips(rng: Rng) -> Drips:
    """7 to 12 drips."""
    count = int(rng.integers(7, 13))
    return Drips(
        shifts=tuple(rng.uniform(-0.25, 0.25, count).tolist()),
        sizes=tuple(rng.uniform(0.25, 1, count).tolist()),
    )


def draped(drips: Drips, radius: float, top: float, drop: float, thick: float) -> Mesh:
    """Icing over a cylinder's top, running down its side in drips."""
    t = thick
    over = [(0, t), (radius + t, t), (radius + t, -1)]
    under = [(radius - t, -1), (radius - t, -t), (0, -t)]
    count, size = len(drips.sizes), np.array(drips.sizes)
    at = (np.arange(count) + drips.shifts) * 2 * np.pi / count

    def run_down(p: Floats) -> Floats:
        angle = np.arctan2(p[:, 1], p[:, 0])
        near = np.angle(np.exp(1j * (angle[:, None] - at)))
        depth = drop * (0.25 + (0.75 * size * np.exp(-((near * count / 2.1) ** 2))).sum(axis=1))
        low = np.minimum(p[:, 2], 0)
        return np.column_stack([p[:, :2], np.maximum(p[:, 2], 0) + low * depth + top])

    return warp(lathe(fillet(over + under, 1.5 * t, 3), 96), run_down)


@dataclass(frozen=True)
class Swirl:
    """way: 1 or -1, how it is wound; start: the angle where it begins."""

    rounds: float
    way: int
    start: float


def draw_swirl(rng: Rng, rounds: float) -> Swirl:
    """A swirl of so many rounds."""
    return Swirl(rounds, way=int(rng.choice([-1, 1])), start=real(rng, 0, 6))


def piped(swirl: Swirl, radius: float, low: float, height: float) -> Mesh:
    """Piped cream: a rope wound up into a point."""
    t = np.linspace(0, 1, int(30 * swirl.rounds))
    angle = 2 * np.pi * swirl.rounds * t * swirl.way + swirl.start
    thick = radius * (0.36 - 0.25 * t)
    reach = (radius - thick) * (1 - t) ** 0.85
    path = np.column_stack([reach * np.cos(angle), reach * np.sin(angle), low + height * t])
    return sweep(path, thick, 16)


@dataclass(frozen=True)
class Sprinkles:
    """At most count of them, gap apart; size: half the length of one."""

    mix: tuple[Material, ...]
    gap: float
    count: int
    spots: Details
    size: float
    turns: Details


def draw_sprinkles(
    rng: Rng,
    mix: tuple[Material, ...],
    mesh: Mesh,
    wanted: Callable[[Floats, Floats], bool],
    count: tuple[int, int],
    size: float | tuple[float, float] = 0.02,
    gap: float = 0.05,
) -> Sprinkles:
    """For where wanted(point, normal) holds on the mesh; count and size: their ranges."""
    most = whole(rng, *count)
    spots = details(rng, lambda rng: scatter(rng, mesh, most, gap, wanted))
    half = real(rng, *size) if isinstance(size, tuple) else size
    found = scatter(spots.rng, mesh, most, gap, wanted)
    turns = details(rng, lambda rng: sprinkle(ShapeBuilder(), "", rng, found, half, mix))
    return Sprinkles(mix, gap, most, spots, half, turns)


def add_sprinkles(
    toy: ShapeBuilder, sprinkles: Sprinkles, mesh: Mesh, wanted: Callable[[Floats, Floats], bool]
) -> None:
    """Add those that lie where wanted(point, normal) holds on the mesh."""
    spots = scatter(sprinkles.spots.rng, mesh, sprinkles.count, sprinkles.gap, wanted)
    turns = sprinkles.turns.rng
    sprinkle(toy, "sprinkles", turns, spots, sprinkles.size, sprinkles.mix)


@dataclass(frozen=True)
class Cherry:
    """size: its radius, and of it, tip_x and tip_y: how far aside the stem ends."""

    size: float
    tip_x: float
    tip_y: float


def draw_cherry(rng: Rng, size: float) -> Cherry:
    """A cherry of this radius."""
    return Cherry(size, tip_x=real(rng, -1, 1), tip_y=real(rng, -1, 1))


def add_cherry(toy: ShapeBuilder, cherry: Cherry, z: float) -> None:
    """Add a cherry whose middle is on the axis at this height."""
    at, size = np.array([0, 0, z]), cherry.size
    red = plain("cherry", (0.5, 0.008, 0.02), 0.15)
    toy.add("cherry", blob((size, size, size * 0.94), at), red)
    tip = np.array([cherry.tip_x, cherry.tip_y, 2.6]) * size
    line = curve([at + [0, 0, size * 0.8], at + tip * (0.2, 0.2, 0.7), at + tip], 10)
    toy.add("cherry stem", sweep(line, size * 0.09, 10), plain("stem", (0.12, 0.14, 0.03)))
