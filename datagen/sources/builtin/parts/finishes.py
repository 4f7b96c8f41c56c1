"""Metals, paints and rubber that machine parts are made of."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from datagen.geometry.shape import Material
from datagen.sources.builtin.builder import Rng
from datagen.sources.builtin.paints import Colour

ANODISED: dict[str, Colour] = {
    "red": (0.55, 0.03, 0.04),
    "blue": (0.03, 0.12, 0.55),
    "gold": (0.75, 0.42, 0.06),
    "green": (0.04, 0.36, 0.12),
    "violet": (0.25, 0.05, 0.42),
    "orange": (0.75, 0.2, 0.02),
    "natural": (0.72, 0.73, 0.75),
}
PAINT: dict[str, Colour] = {
    "grey": (0.2, 0.22, 0.23),
    "machine green": (0.07, 0.2, 0.13),
    "blue": (0.03, 0.1, 0.28),
    "red": (0.38, 0.03, 0.02),
    "yellow": (0.65, 0.38, 0.03),
    "cream": (0.6, 0.54, 0.4),
}


def steel(rng: Rng) -> Material:
    """Brushed steel, lighter or darker."""
    level = rng.uniform(0.48, 0.62)
    colour = (level, level * 1.01, level * 1.04)
    return Material("brushed steel", colour, 1.0, rng.uniform(0.22, 0.4))


def brass(rng: Rng) -> Material:
    """Brass, more or less polished."""
    return Material("brass", (0.76, rng.uniform(0.46, 0.54), 0.17), 1.0, rng.uniform(0.18, 0.35))


def black_oxide(rng: Rng) -> Material:
    """Steel blackened against rust."""
    return Material("black oxide", (0.035, 0.036, 0.04), 0.8, rng.uniform(0.35, 0.5))


def rubber(rng: Rng) -> Material:
    """Black rubber as of seals and belts."""
    return Material("rubber", (0.02, 0.02, 0.021), 0.0, rng.uniform(0.7, 0.9))


def copper(rng: Rng) -> Material:
    """Copper, more or less polished."""
    return Material("copper", (0.86, 0.4, 0.27), 1.0, rng.uniform(0.15, 0.3))


def anodised(rng: Rng) -> Material:
    """Aluminium, coloured or left as it is."""
    name = str(rng.choice(list(ANODISED)))
    colour = _shade(rng, ANODISED[name])
    return Material(f"{name} anodised aluminium", colour, 0.9, rng.uniform(0.28, 0.42))


def painted(rng: Rng) -> Material:
    """Cast iron in machine paint."""
    name = str(rng.choice(list(PAINT)))
    colour = _shade(rng, PAINT[name])
    return Material(f"{name} painted cast iron", colour, 0.0, rng.uniform(0.35, 0.6))


def body(rng: Rng) -> Material:
    """A finish for the main body."""
    finishes: list[Callable[[Rng], Material]] = [steel, anodised, painted]
    return finishes[rng.integers(3)](rng)


def fitting(rng: Rng) -> Material:
    """A finish for hubs and fasteners that no main body has."""
    return [brass, black_oxide][rng.integers(2)](rng)


def _shade(rng: Rng, colour: Colour) -> Colour:
    red, green, blue = np.clip(np.array(colour) * rng.uniform(0.8, 1.25), 0, 1).tolist()
    return red, green, blue
