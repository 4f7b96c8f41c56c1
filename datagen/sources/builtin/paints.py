"""Colours and materials of the toys."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from datagen.geometry.shape import Material
from datagen.sources.builtin.builder import Rng

Colour = tuple[float, float, float]

COLOURS: dict[str, Colour] = {
    "red": (0.6, 0.02, 0.025),
    "orange": (0.8, 0.2, 0.015),
    "yellow": (0.85, 0.52, 0.03),
    "lime": (0.32, 0.55, 0.05),
    "green": (0.03, 0.3, 0.08),
    "teal": (0.02, 0.32, 0.32),
    "sky": (0.1, 0.42, 0.72),
    "blue": (0.02, 0.11, 0.5),
    "violet": (0.2, 0.05, 0.42),
    "pink": (0.82, 0.22, 0.38),
    "cream": (0.8, 0.68, 0.46),
    "white": (0.85, 0.85, 0.82),
}
WOODS: dict[str, Colour] = {
    "beech": (0.62, 0.36, 0.16),
    "oak": (0.42, 0.23, 0.09),
    "walnut": (0.16, 0.075, 0.035),
    "maple": (0.7, 0.48, 0.26),
}
METALS: dict[str, Colour] = {
    "steel": (1.0, 1.01, 1.03),
    "brass": (1.3, 0.85, 0.3),
    "gold": (1.5, 1.0, 0.35),
    "copper": (1.4, 0.65, 0.42),
    "iron": (0.42, 0.42, 0.45),
}


def shade(rng: Rng, colour: Colour, amount: float = 0.15) -> Colour:
    """The colour a little lighter or darker, and a little off in hue; linear RGB."""
    factor = rng.uniform(1 - amount, 1 + amount) * rng.uniform(1 - amount / 3, 1 + amount / 3, 3)
    red, green, blue = np.clip(np.array(colour) * factor, 0.005, 0.9).tolist()
    return red, green, blue


def plain(name: str, colour: Colour, rough: float = 0.5) -> Material:
    """Exactly this colour, without metal."""
    return Material(name, colour, 0.0, rough)


def paints(
    rng: Rng, count: int, kind: str = "plastic", rough: float = 0.35, names: Sequence[str] = ()
) -> list[Material]:
    """Materials of distinct toy colours.

    kind: for their names, as in `red plastic`. rough: about their roughness. names: of COLOURS to
    choose among, by default all.
    """
    chosen = rng.permutation(list(names) or list(COLOURS))[:count]
    wear = rng.uniform(0.8, 1.2) * rough
    return [Material(f"{n} {kind}", shade(rng, COLOURS[str(n)]), 0.0, wear) for n in chosen]


def wood(rng: Rng, *names: str) -> Material:
    """One of the named woods, by default of all of them."""
    name = str(rng.choice(list(names) or list(WOODS)))
    return Material(f"{name} wood", shade(rng, WOODS[name]), 0.0, rng.uniform(0.45, 0.65))


def metal(rng: Rng, *names: str) -> Material:
    """One of the named metals, by default steel."""
    name = str(rng.choice(names)) if len(names) > 1 else (*names, "steel")[0]
    level = rng.uniform(0.5, 0.65)
    red, green, blue = (np.array(METALS[name]) * level).tolist()
    return Material(name, (red, green, blue), 1.0, rng.uniform(0.2, 0.38))


def rubber(rng: Rng) -> Material:
    """Black rubber as of tyres."""
    return Material("rubber", (0.02, 0.02, 0.022), 0.0, rng.uniform(0.65, 0.85))


def window(rng: Rng) -> Material:
    """Dark glass that nobody looks through."""
    return Material("window", shade(rng, (0.05, 0.09, 0.13)), 0.0, 0.12)
