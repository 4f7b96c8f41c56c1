"""A smiling octopus."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Mesh, ShapeBuilder, draw_size
from datagen.sources.builtin.drawn import Details, Rng, details, real, whole
from datagen.sources.builtin.edits import bumpy
from datagen.sources.builtin.paints import paints
from datagen.sources.builtin.scatter import scatter
from datagen.sources.builtin.solids import blob
from datagen.sources.builtin.toys.animal_parts import BLACK, add_eyes, limb

ARMS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")


@dataclass(frozen=True)
class Arms:
    """reach: how far out they lie; curl: how far their ends rise; bends: of each to the side."""

    reach: float
    curl: float
    bends: tuple[float, ...]


@dataclass(frozen=True)
class Octopus:
    """head: half its height; count: of the spots, at most."""

    skin: Material
    spot: Material
    head: float
    bumps: Details
    arms: Arms
    count: int
    spots: Details
    size: float


def draw(rng: Rng) -> Octopus:
    """Everything that makes one octopus differ from another."""
    skin, spot = paints(rng, 2, "rubber", 0.45)
    tall = real(rng, 0.24, 0.38)
    head = _head(tall)
    bumps = details(rng, lambda rng: _bumpy_head(rng, head))
    arms = Arms(
        reach=real(rng, 0.36, 0.56),
        curl=real(rng, 0.04, 0.2),
        bends=tuple(real(rng, -0.14, 0.14) for _ in ARMS),
    )
    count = whole(rng, 5, 9)
    return Octopus(
        skin=skin,
        spot=spot,
        head=tall,
        bumps=bumps,
        arms=arms,
        count=count,
        spots=details(rng, lambda rng: _spots(rng, head, count)),
        size=draw_size(rng),
    )


def make(octopus: Octopus) -> Shape:
    """The octopus of these parameters."""
    toy = ShapeBuilder()
    head = _head(octopus.head)
    toy.add("head", _bumpy_head(octopus.bumps.rng, head), octopus.skin)
    _add_arms(toy, octopus.arms, octopus.skin)
    for at, size in _spots(octopus.spots.rng, head, octopus.count):
        toy.add("spots", blob(size, at), octopus.spot)
    add_eyes(toy, (0.19, 0.1, 0.45), 0.055)
    smile = [(0.235, -0.06, 0.345), (0.25, 0, 0.325), (0.235, 0.06, 0.345)]
    toy.add("mouth", limb(smile, (0.014, 0.018, 0.014)), BLACK)
    return toy.finish(octopus.size)


def _head(tall: float) -> Mesh:
    return blob((0.24, 0.24, tall), (0, 0, 0.4))


def _bumpy_head(rng: Rng, head: Mesh) -> Mesh:
    return bumpy(rng, head, 0.01, 6.0)


def _spots(rng: Rng, head: Mesh, count: int) -> list[tuple[Floats, float]]:
    """The middles and radii of spots on the head's top and back."""
    spots = scatter(rng, head, count, 0.12, lambda p, n: n[2] > 0.15 and n[0] < 0.5)
    return [(point - normal * 0.015, rng.uniform(0.025, 0.045)) for point, normal in spots]


def _add_arms(toy: ShapeBuilder, arms: Arms, skin: Material) -> None:
    reach, curl = arms.reach, arms.curl
    for k, (name, bend) in enumerate(zip(ARMS, arms.bends, strict=True)):
        a = (k + 0.5) * np.pi / 4
        out, side = np.array([np.cos(a), np.sin(a), 0]), np.array([-np.sin(a), np.cos(a), 0])
        path = [
            out * 0.12 + (0, 0, 0.24),
            out * 0.26 + (0, 0, 0.1),
            out * reach * 0.85 + side * bend * 0.5 + (0, 0, 0.045),
            out * reach * 1.1 + side * bend + (0, 0, 0.04 + curl),
        ]
        toy.add(f"{name} arm", limb(path, (0.085, 0.07, 0.045, 0.02), 32), skin)
