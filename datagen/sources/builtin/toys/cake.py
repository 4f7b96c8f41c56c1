"""A cake of one to three tiers, at times sliced, with berries, candles or a cherry."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from shapely.geometry import Polygon

from datagen.geometry.shape import Material, Shape
from datagen.sources.builtin.builder import Mesh, ShapeBuilder, draw_size
from datagen.sources.builtin.drawn import Rng, chance, real, whole
from datagen.sources.builtin.edits import cut, place
from datagen.sources.builtin.paints import paints, plain, shade
from datagen.sources.builtin.paths import fillet, turns
from datagen.sources.builtin.solids import blob, extrude, lathe, rod, sweep
from datagen.sources.builtin.toys.sweets import (
    CHOCOLATE,
    Cherry,
    Drips,
    add_cherry,
    creams,
    draped,
    draw_cherry,
    draw_drips,
)

BERRY = plain("berry", (0.5, 0.01, 0.02), 0.2)
FLAME = plain("flame", (0.9, 0.45, 0.03), 0.3)
CANDLE = 0.26
RADIUS = 0.5  # of the lowest tier


@dataclass(frozen=True)
class Slice:
    """The wedge that is missing, if it is; what stands on the cake begins behind it."""

    taken: bool
    start: float
    width: float

    def keep(self, mesh: Mesh, proud: float = 0.0) -> Mesh:
        """What the slice leaves of a mesh, its cut faces so far out of the sponge's."""
        if not self.taken:
            return mesh
        fan = self.start + np.linspace(0, self.width, 5)
        middle = self.start + self.width / 2
        apex = proud / np.sin(self.width / 2) * np.array([np.cos(middle), np.sin(middle)])
        rim = apex + 2 * np.column_stack([np.cos(fan), np.sin(fan)])
        return cut(mesh, extrude(Polygon([apex, *rim]), -1, 3))

    def spares(self, angle: float) -> bool:
        """Whether something at this angle would remain."""
        return not self.taken or (angle - self.start + 0.08) % (2 * np.pi) > self.width + 0.16


@dataclass(frozen=True)
class Recipe:
    """What every tier is made of; naked: without icing at the sides."""

    icing: Material
    filling: Material
    trim: Material
    sponge: Material
    naked: bool


@dataclass(frozen=True)
class Tier:
    """layers: of sponge, where it is seen; border: how many balls of cream.

    next_radius: of the tier above it, of its own.
    """

    height: float
    layers: int | None
    drips: Drips
    border: int
    next_radius: float | None


@dataclass(frozen=True)
class Topping:
    """Berries or else candles in a circle, whose reach is a share of the tier's radius."""

    berries: bool
    count: int
    reach: float
    cherry: Cherry | None


@dataclass(frozen=True)
class Cake:
    """rim: of the plate, over the lowest tier's radius."""

    plate: Material
    candle: Material
    stripe: Material
    rim: float
    gap: Slice
    recipe: Recipe
    tiers: tuple[Tier, ...]
    topping: Topping
    size: float


def draw(rng: Rng) -> Cake:
    """Everything that makes one cake differ from another."""
    icing, filling = creams(rng, 2)
    trim, plate, candle, stripe = paints(rng, 4, rough=0.3)
    light = chance(rng, 0.6)
    sponge = plain("sponge", shade(rng, (0.62, 0.4, 0.14) if light else CHOCOLATE), 0.8)
    tiers = int(rng.choice([1, 1, 2, 3]))
    rim = real(rng, 1.2, 1.35)
    taken = tiers == 1 and chance(rng, 0.55)
    gap = Slice(taken, start=real(rng, -1.5, 0.1), width=real(rng, 0.5, 0.85))
    recipe = Recipe(icing, filling, trim, sponge, naked=chance(rng, 0.3))
    seen = taken or recipe.naked
    return Cake(
        plate,
        candle,
        stripe,
        rim,
        gap,
        recipe,
        tiers=tuple(_draw_tier(rng, seen, tier == tiers - 1) for tier in range(tiers)),
        topping=_draw_topping(rng, tiers, taken),
        size=draw_size(rng),
    )


def _draw_tier(rng: Rng, seen: bool, last: bool) -> Tier:
    height, layers = real(rng, 0.32, 0.44), whole(rng, 2, 3)
    return Tier(
        height,
        layers=layers if seen else None,
        drips=draw_drips(rng),
        border=whole(rng, 12, 20),
        next_radius=None if last else real(rng, 0.6, 0.72),
    )


def _draw_topping(rng: Rng, tiers: int, taken: bool) -> Topping:
    kind = rng.integers(3) if tiers == 1 else rng.integers(2)
    return Topping(
        berries=bool(kind == 0),
        count=whole(rng, 3, 7),
        reach=real(rng, 0.55, 0.75),
        cherry=draw_cherry(rng, 0.06) if kind == 2 and not taken else None,
    )


def make(cake: Cake) -> Shape:
    """The cake of these parameters."""
    toy = ShapeBuilder()
    radius, z = RADIUS, 0.045
    toy.add("plate", _plate(radius * cake.rim), cake.plate)
    for i, tier in enumerate(cake.tiers):
        height = tier.height * (1.1 if len(cake.tiers) == 1 else 0.8)
        _add_tier(toy, tier, f"tier {i + 1}", radius, z, height, cake.gap, cake.recipe)
        z += height
        if tier.next_radius is not None:
            radius *= tier.next_radius
    gap, topping = cake.gap, cake.topping
    reach = radius * topping.reach
    free = 2 * np.pi - (gap.width + 0.8 if gap.taken else 0)
    for i in range(topping.count):
        angle = gap.start + gap.width + 0.4 + i * free / topping.count
        x, y = reach * np.cos(angle), reach * np.sin(angle)
        if topping.berries:
            toy.add(f"berry {i + 1}", blob(0.07, (x, y, z + 0.05)), BERRY)
        else:
            _add_candle(toy, f"candle {i + 1}", x, y, z, cake.candle, cake.stripe)
    if topping.cherry is not None:
        add_cherry(toy, topping.cherry, z + 0.06)
    return toy.finish(cake.size)


def _plate(rim: float) -> Mesh:
    below = [(0, 0), (rim * 0.6, 0), (rim, 0.035)]
    return lathe(fillet([*below, (rim, 0.055), (rim * 0.62, 0.05), (0, 0.05)], 0.015))


def _add_tier(
    toy: ShapeBuilder,
    tier: Tier,
    name: str,
    radius: float,
    z: float,
    height: float,
    gap: Slice,
    recipe: Recipe,
) -> None:
    """Layers of sponge where they show, the cream around them, icing and a border."""
    if tier.layers is not None:
        step = height / tier.layers
        for i in range(tier.layers):
            low = z + i * step
            if i:
                cream = rod(radius * 0.99, low - 0.03, low + 0.03, 0.025)
                toy.add(name, gap.keep(cream, 0.003), recipe.filling)
            toy.add(name, gap.keep(rod(radius * 0.97, low, low + step, 0.02)), recipe.sponge)
    if not recipe.naked:
        shell = _shell(radius, z, z + height, gap.taken)
        toy.add(name, gap.keep(shell, 0.005), recipe.filling)
    drips = draped(tier.drips, radius, z + height, height * 0.8, 0.014)
    toy.add(f"{name} icing", gap.keep(drips, 0.008), recipe.icing)
    size = np.pi * radius / tier.border * 0.98
    for angle in turns(tier.border):
        if gap.spares(angle):
            at = (radius * np.cos(angle), radius * np.sin(angle), z + size * 0.5)
            toy.add(f"{name} border", blob((size, size, size * 0.85), at, detail=2), recipe.trim)


def _shell(radius: float, low: float, high: float, hollow: bool) -> Mesh:
    """The cream around a tier; hollow where the sponge is seen."""
    outside = [(radius, low), (radius, high), (0, high)]
    if not hollow:
        return lathe(fillet([(0, low), *outside], 0.035), 72)
    base = 0.88 * radius
    inside = [(base, low), (base, high - 0.04), (0, high - 0.04)]
    return lathe(fillet([*outside[::-1], *inside], 0.035), 72)


def _add_candle(
    toy: ShapeBuilder,
    part: str,
    x: float,
    y: float,
    z: float,
    wax: Material,
    stripe: Material,
) -> None:
    """A striped candle with its flame."""
    toy.add(part, place(rod(0.022, -0.02, CANDLE, 0.006, 24), (x, y, z)), wax)
    angle = np.linspace(0, 6 * np.pi, 40)
    rise = z + 0.02 + (CANDLE - 0.04) * angle / angle[-1]
    line = np.column_stack([x + 0.022 * np.cos(angle), y + 0.022 * np.sin(angle), rise])
    toy.add(part, sweep(line, 0.007, 6), stripe)
    drop = lathe(fillet([(0, 0), (0.026, 0.025), (0.014, 0.07), (0, 0.1)], 0.03), 20)
    toy.add(part, place(drop, (x, y, z + CANDLE - 0.005)), FLAME)
