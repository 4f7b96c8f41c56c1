"""A cupcake in a pleated wrapper, with frosting, sprinkles or a cherry."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Mesh, ShapeBuilder, draw_size
from datagen.sources.builtin.drawn import Details, Rng, real, whole
from datagen.sources.builtin.edits import bumpy, draw_bumps, ripple
from datagen.sources.builtin.paints import paints, plain
from datagen.sources.builtin.paths import curve, fillet
from datagen.sources.builtin.solids import blob, lathe
from datagen.sources.builtin.toys.sweets import (
    Cherry,
    Sprinkles,
    Swirl,
    add_cherry,
    add_sprinkles,
    creams,
    dough,
    draw_cherry,
    draw_sprinkles,
    draw_swirl,
    piped,
)

MUFFIN = 0.17  # how far it stands out of the wrapper


@dataclass(frozen=True)
class Wrapper:
    """low, high: its radius at the foot and at the rim; deep: the pleats, of the radius."""

    low: float
    high: float
    tall: float
    pleats: int
    deep: float


@dataclass(frozen=True)
class Frosting:
    """wide: over the wrapper's radius at the rim."""

    height: float
    wide: float
    swirl: Swirl


@dataclass(frozen=True)
class Cupcake:
    """bumps: of the dough, which is seen below the frosting."""

    cream: Material
    paper: Material
    wrapper: Wrapper
    bumps: Details
    dough: Material
    frosting: Frosting
    sprinkles: Sprinkles | None
    cherry: Cherry | None
    size: float


def draw(rng: Rng) -> Cupcake:
    """Everything that makes one cupcake differ from another."""
    cream = creams(rng, 1, 0.35)[0]
    paper, *mix = paints(rng, 4, "sugar", 0.4)
    wrapper = Wrapper(
        low=real(rng, 0.26, 0.31),
        high=real(rng, 0.38, 0.45),
        tall=real(rng, 0.38, 0.48),
        pleats=whole(rng, 18, 29),
        deep=real(rng, 0.025, 0.04),
    )
    uneven, brown = draw_bumps(rng), dough(rng)
    frosting = Frosting(
        height=real(rng, 0.32, 0.5),
        wide=real(rng, 0.85, 1.02),
        swirl=draw_swirl(rng, rounds=real(rng, 2.6, 3.8)),
    )
    rope = _rope(frosting, wrapper)
    top = rng.integers(3)
    return Cupcake(
        cream,
        plain("paper", paper.base_color, 0.7),
        wrapper,
        uneven,
        brown,
        frosting,
        sprinkles=draw_sprinkles(rng, tuple(mix), rope, _on_frosting, (18, 49))
        if top != 1
        else None,
        cherry=draw_cherry(rng, size=real(rng, 0.075, 0.1)) if top != 0 else None,
        size=draw_size(rng),
    )


def make(cupcake: Cupcake) -> Shape:
    """The cupcake of these parameters."""
    toy = ShapeBuilder()
    wrapper, frosting = cupcake.wrapper, cupcake.frosting
    high, tall = wrapper.high, wrapper.tall
    toy.add("wrapper", _wrapper(wrapper), cupcake.paper)
    muffin = blob((high * 1.04, high * 1.04, MUFFIN), (0, 0, tall))
    toy.add("muffin", bumpy(cupcake.bumps.rng, muffin, 0.02, 9), cupcake.dough)
    rope = _rope(frosting, wrapper)
    toy.add("frosting", rope, cupcake.cream)
    height, wide, base = frosting.height, high * frosting.wide, tall + MUFFIN
    core = [(0, base - 0.1), (wide * 0.75, base - 0.08), (0, base + height * 0.95)]
    toy.add("frosting", lathe(fillet(core, 0.05)), cupcake.cream)
    if cupcake.sprinkles is not None:
        add_sprinkles(toy, cupcake.sprinkles, rope, _on_frosting)
    if cupcake.cherry is not None:
        add_cherry(toy, cupcake.cherry, base + height + cupcake.cherry.size * 0.7)
    return toy.finish(cupcake.size)


def _rope(frosting: Frosting, wrapper: Wrapper) -> Mesh:
    wide = wrapper.high * frosting.wide
    return piped(frosting.swirl, wide, wrapper.tall + MUFFIN, frosting.height)


def _on_frosting(point: Floats, normal: Floats) -> bool:
    return bool(normal[2] > 0.2 and np.hypot(point[0], point[1]) > 0.1)


def _wrapper(wrapper: Wrapper) -> Mesh:
    """A cup of pleated paper."""
    low, high, tall = wrapper.low, wrapper.high, wrapper.tall
    side = curve([(low, 0), (high, tall)], 6)[1:]
    rows = [(0, 0), (low, 0), *side, (high - 0.03, tall), (0, tall - 0.1)]

    def pleat(angle: Floats) -> Floats:
        wave = np.cos(wrapper.pleats * angle)
        size: Floats = 1 + wrapper.deep * np.sign(wave) * np.abs(wave) ** 0.6
        return size

    return ripple(lathe(rows, wrapper.pleats * 8), pleat)
