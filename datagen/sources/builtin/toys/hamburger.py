"""A hamburger: bun, lettuce, patty, cheese, tomato, seeds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from typing import ClassVar

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Mesh, ShapeBuilder, draw_size
from datagen.sources.builtin.drawn import Details, Rng, chance, details, real, whole
from datagen.sources.builtin.edits import aim, bumpy, draw_bumps, place
from datagen.sources.builtin.paints import plain, shade
from datagen.sources.builtin.paths import dome, fillet, waves
from datagen.sources.builtin.scatter import scatter
from datagen.sources.builtin.solids import blob, lathe, rod, sheet

R = 0.45
SESAME = plain("sesame", (0.82, 0.66, 0.4), 0.5)


@dataclass(frozen=True)
class Patty:
    """wide: of the bun's radius."""

    name: ClassVar[str] = "patty"
    material: Material
    thick: float
    wide: float
    bumps: Details


@dataclass(frozen=True)
class Cheese:
    """wide: half its side, of the bun's radius."""

    name: ClassVar[str] = "cheese"
    thick: ClassVar[float] = 0.035
    material: Material
    turn: float
    wide: float


@dataclass(frozen=True)
class Lettuce:
    """wide: of the bun's radius; deep: how far its curls rise at the edge."""

    name: ClassVar[str] = "lettuce"
    thick: ClassVar[float] = 0.04
    material: Material
    curls: int
    edge: Details
    wide: float
    deep: float


@dataclass(frozen=True)
class Tomato:
    """turns: of every slice round the axis, off its even angle."""

    name: ClassVar[str] = "tomato"
    thick: ClassVar[float] = 0.05
    material: Material
    turns: tuple[float, ...]


Layer = Patty | Cheese | Lettuce | Tomato


@dataclass(frozen=True)
class BunTop:
    """The upper half of the bun and its seeds."""

    high: float
    count: int
    seeds: Details


@dataclass(frozen=True)
class Hamburger:
    """bottom: the height of the lower half of the bun."""

    bun: Material
    bottom: float
    layers: tuple[Layer, ...]
    top: BunTop
    size: float


def draw(rng: Rng) -> Hamburger:
    """Everything that makes one hamburger differ from another."""
    bun = plain("bun", shade(rng, (0.6, 0.28, 0.07), 0.2), 0.45)
    patty = plain("patty", shade(rng, (0.1, 0.04, 0.02), 0.2), 0.75)
    cheese = plain("cheese", shade(rng, (0.85, 0.42, 0.03)), 0.35)
    lettuce = plain("lettuce", shade(rng, (0.2, 0.48, 0.05), 0.2), 0.5)
    tomato = plain("tomato", shade(rng, (0.62, 0.035, 0.02)), 0.3)
    bottom = real(rng, 0.13, 0.18)
    double = [patty, cheese] if chance(rng, 0.35) else []
    order = [lettuce, patty, cheese, *double, tomato]
    if chance(rng, 0.4):
        order = [*order[1:], lettuce]
    layers = tuple(_draw_layer(rng, material) for material in order)
    top = _draw_top(rng, _levels(bottom, layers)[-1])
    return Hamburger(bun, bottom, layers, top, size=draw_size(rng))


def _draw_layer(rng: Rng, material: Material) -> Layer:
    if material.name == Patty.name:
        return Patty(
            material, thick=real(rng, 0.09, 0.14), wide=real(rng, 1.0, 1.07), bumps=draw_bumps(rng)
        )
    if material.name == Cheese.name:
        return Cheese(material, turn=real(rng, 0, 1.5), wide=real(rng, 0.95, 1.02))
    if material.name == Lettuce.name:
        return Lettuce(
            material,
            curls=whole(rng, 9, 14),
            edge=details(rng, _edge),
            wide=real(rng, 1.08, 1.18),
            deep=real(rng, 0.035, 0.055),
        )
    return Tomato(material, turns=tuple(real(rng, 0, 0.5) for _ in range(3)))


def _draw_top(rng: Rng, z: float) -> BunTop:
    high, count = real(rng, 0.25, 0.34), whole(rng, 20, 44)
    return BunTop(high, count, seeds=details(rng, lambda rng: _seeds(rng, _top(z, high), count)))


def make(burger: Hamburger) -> Shape:
    """The hamburger of these parameters."""
    toy = ShapeBuilder()
    z = burger.bottom
    bottom = [(0, 0), (R * 0.9, 0), (R, z * 0.6), (R * 0.97, z), (0, z)]
    toy.add("bottom bun", lathe(fillet(bottom, 0.06)), burger.bun)
    levels = _levels(burger.bottom, burger.layers)
    seen: set[str] = set()
    for layer, z in zip(burger.layers, levels, strict=False):
        _add_layer(toy, layer, f"second {layer.name}" if layer.name in seen else layer.name, z)
        seen.add(layer.name)
    top = _top(levels[-1], burger.top.high)
    toy.add("top bun", top, burger.bun)
    for seed in _seeds(burger.top.seeds.rng, top, burger.top.count):
        toy.add("seeds", seed, SESAME)
    return toy.finish(burger.size)


def _levels(bottom: float, layers: tuple[Layer, ...]) -> list[float]:
    """The heights on which the layers and the upper half of the bun lie."""
    return list(accumulate((layer.thick for layer in layers), initial=bottom))


def _add_layer(toy: ShapeBuilder, layer: Layer, name: str, z: float) -> None:
    """Add a layer on the height z."""
    if isinstance(layer, Patty):
        tall = layer.thick
        meat = rod(R * layer.wide, z - 0.01, z + tall, tall * 0.42, 72)
        toy.add(name, bumpy(layer.bumps.rng, meat, 0.03, 22), layer.material)
    elif isinstance(layer, Cheese):
        cheese = place(_cheese(R * layer.wide), (0, 0, z + 0.015), rz=layer.turn)
        toy.add(name, cheese, layer.material)
    elif isinstance(layer, Lettuce):
        toy.add(name, place(_lettuce(layer), (0, 0, z + 0.02)), layer.material)
    else:
        for k, turn in enumerate(layer.turns):
            a = k * 2.1 + turn
            at = (0.21 * np.cos(a), 0.21 * np.sin(a), z - 0.008 + 0.006 * k)
            toy.add(f"tomato {k + 1}", place(rod(R * 0.55, 0, 0.05, 0.015), at), layer.material)


def _cheese(side: float) -> Mesh:
    """A square whose corners hang down."""

    def reach(angle: Floats) -> Floats:
        powers = np.abs(np.cos(angle)) ** 9 + np.abs(np.sin(angle)) ** 9
        size: Floats = side / powers ** (1 / 9)
        return size

    def hang(share: Floats, angle: Floats) -> Floats:
        return -0.9 * np.maximum(share * reach(angle) - R, 0)

    return sheet(reach, hang, 0.035)


def _edge(rng: Rng) -> Callable[[Floats], Floats]:
    """How the edge of a leaf goes in and out."""
    return waves(rng, 3, 0.04, 3, 8)


def _lettuce(lettuce: Lettuce) -> Mesh:
    """A leaf with a curly edge."""
    edge = _edge(lettuce.edge.rng)
    size = R * lettuce.wide

    def curl(share: Floats, angle: Floats) -> Floats:
        wave = np.sin(lettuce.curls * angle + 2 * np.sin(angle))
        rise: Floats = share**5 * lettuce.deep * wave - 0.02 * share**4
        return rise

    return sheet(lambda angle: size * (1 + edge(angle)), curl, 0.03, 144, 10)


def _top(z: float, high: float) -> Mesh:
    side = [(R * 0.97, z), (R * 1.05, z + high * 0.3), (R * 0.72, z + high * 0.85), (0, z + high)]
    return lathe([(0, z), *dome(side, 20)])


def _seeds(rng: Rng, top: Mesh, count: int) -> list[Mesh]:
    seeds = []
    for point, normal in scatter(rng, top, count, 0.06, lambda p, n: n[2] > 0.5):
        seed = place(blob((0.024, 0.014, 0.009)), rz=rng.uniform(0, 3))
        seeds.append(aim(seed, point, normal))
    return seeds
