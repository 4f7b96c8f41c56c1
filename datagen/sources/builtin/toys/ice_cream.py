"""An ice cream: scoops or soft ice in a cone or a waffle cup."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Mesh, ShapeBuilder, draw_size
from datagen.sources.builtin.drawn import Details, Rng, chance, details, real, whole
from datagen.sources.builtin.edits import bumpy, draw_bumps, place, warp
from datagen.sources.builtin.paints import paints, plain, shade
from datagen.sources.builtin.paths import fillet, turns, waves
from datagen.sources.builtin.solids import blob, lathe, ring, rod, sweep
from datagen.sources.builtin.toys.sweets import (
    Cherry,
    Sprinkles,
    Swirl,
    add_cherry,
    add_sprinkles,
    creams,
    draw_cherry,
    draw_sprinkles,
    draw_swirl,
    piped,
)


@dataclass(frozen=True)
class Lattice:
    """The ribs of a cone; spin: the angle that each one runs round it."""

    ribs: int
    spin: float


@dataclass(frozen=True)
class SoftIce:
    """height: over the cone's rim."""

    height: float
    swirl: Swirl


@dataclass(frozen=True)
class Scoop:
    """size: over the cone's width for the lowest, else over the scoop below; aside: in x and y."""

    size: float
    aside: tuple[float, float]
    bumps: Details
    skirt: Details


@dataclass(frozen=True)
class IceCream:
    """wide, tall: of the cone; without a lattice it is a lower cup. wafer: how far it leans."""

    waffle: Material
    toast: Material
    flavours: tuple[Material, ...]
    wide: float
    tall: float
    lattice: Lattice | None
    ice: SoftIce | tuple[Scoop, ...]
    sprinkles: Sprinkles | None
    cherry: Cherry | None
    wafer: float | None
    size: float


def draw(rng: Rng) -> IceCream:
    """Everything that makes one ice cream differ from another."""
    waffle = plain("waffle", shade(rng, (0.62, 0.31, 0.09)), 0.65)
    toast = plain("toasted waffle", shade(rng, (0.42, 0.18, 0.05)), 0.7)
    flavours = tuple(creams(rng, 3))
    wide, tall = real(rng, 0.25, 0.3), real(rng, 0.6, 0.85)
    cup = chance(rng, 0.3)
    lattice = None if cup else Lattice(ribs=whole(rng, 7, 10), spin=real(rng, 1.2, 2.0))
    ice = _draw_soft_ice(rng) if chance(rng, 0.35) else _draw_scoops(rng)
    sprinkles = None
    if chance(rng, 0.5):
        mix = tuple(paints(rng, 3, "sugar", 0.3))
        last = _last(ice, wide, _rim(tall, lattice))
        sprinkles = draw_sprinkles(rng, mix, last, _upper, (15, 34), gap=0.04)
    return IceCream(
        waffle,
        toast,
        flavours,
        wide,
        tall,
        lattice,
        ice,
        sprinkles,
        cherry=draw_cherry(rng, 0.065) if chance(rng, 0.6) else None,
        wafer=real(rng, 0.25, 0.5) if chance(rng, 0.5) else None,
        size=draw_size(rng),
    )


def _draw_soft_ice(rng: Rng) -> SoftIce:
    return SoftIce(
        height=real(rng, 0.45, 0.6),
        swirl=draw_swirl(rng, rounds=real(rng, 3, 4)),
    )


def _draw_scoops(rng: Rng) -> tuple[Scoop, ...]:
    """One to three; a size more is drawn than there are scoops."""
    count, size = int(rng.integers(1, 4)), real(rng, 1.15, 1.3)
    scoops = []
    for _ in range(count):
        x, y = rng.uniform(-0.02, 0.02, 2).tolist()
        scoops.append(Scoop(size, (x, y), draw_bumps(rng), skirt=details(rng, _rags)))
        size = real(rng, 0.86, 0.95)
    return tuple(scoops)


def make(cream: IceCream) -> Shape:
    """The ice cream of these parameters."""
    toy = ShapeBuilder()
    wide, tall = cream.wide, _rim(cream.tall, cream.lattice)
    if cream.lattice is None:
        _add_cup(toy, wide, tall, cream.waffle, cream.toast)
    else:
        _add_cone(toy, cream.lattice, wide, tall, cream.waffle, cream.toast)
    if isinstance(cream.ice, SoftIce):
        top = _add_soft_ice(toy, cream.ice, wide, tall, cream.flavours[0])
    else:
        top = _add_scoops(toy, cream.ice, wide, tall, cream.flavours)
    if cream.sprinkles is not None:
        add_sprinkles(toy, cream.sprinkles, _last(cream.ice, wide, tall), _upper)
    if cream.cherry is not None:
        add_cherry(toy, cream.cherry, top + 0.045)
    if cream.wafer is not None:
        stick = place(rod(0.04, -0.22, 0.3, 0.012, 24), (0.12, 0.05, top - 0.1), ry=cream.wafer)
        toy.add("wafer", stick, cream.toast)
    return toy.finish(cream.size)


def _rim(tall: float, lattice: Lattice | None) -> float:
    """The height of the cone or of the cup."""
    return tall * 0.7 if lattice is None else tall


def _upper(point: Floats, normal: Floats) -> bool:
    return bool(normal[2] > 0.35)


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
    toy: ShapeBuilder,
    lattice: Lattice,
    wide: float,
    tall: float,
    waffle: Material,
    toast: Material,
) -> None:
    """A cone with a lattice of ribs."""
    tip = wide * 0.16
    cone = [(0, 0), (tip, 0), (wide, tall), (wide * 0.9, tall), (0, tall * 0.9)]
    toy.add("cone", lathe(fillet(cone, 0.02)), waffle)
    t = np.linspace(0.01, 0.93, 12)
    r = tip + (wide - tip) * t
    for i in range(lattice.ribs):
        for way in (-1, 1):
            a = way * (lattice.spin * t + 2 * np.pi * i / lattice.ribs)
            line = np.column_stack([r * np.cos(a), r * np.sin(a), tall * t])
            toy.add("cone", sweep(line, 0.011, 8), toast)
    toy.add("rim", ring(wide * 0.99, 0.022, 0.035, tall - 0.02), toast)


def _last(ice: SoftIce | tuple[Scoop, ...], wide: float, tall: float) -> Mesh:
    """The ice that sprinkles fall on."""
    return _rope(ice, wide, tall) if isinstance(ice, SoftIce) else _balls(ice, wide, tall)[-1].mesh


def _rope(ice: SoftIce, wide: float, tall: float) -> Mesh:
    return piped(ice.swirl, wide * 1.2, tall + 0.05, ice.height)


def _add_soft_ice(
    toy: ShapeBuilder, ice: SoftIce, wide: float, tall: float, cream: Material
) -> float:
    """Piped ice; gives the height of its tip."""
    toy.add("soft ice", _rope(ice, wide, tall), cream)
    core = [(0, tall - 0.06), (wide * 0.85, tall - 0.02), (0, tall + ice.height * 0.9)]
    toy.add("soft ice", lathe(fillet(core, 0.05)), cream)
    return tall + 0.05 + ice.height


class _Ball(NamedTuple):
    mesh: Mesh
    centre: Floats
    size: float


def _balls(scoops: tuple[Scoop, ...], wide: float, tall: float) -> list[_Ball]:
    """The scoops without their skirts."""
    balls = []
    size, z = wide, tall
    for scoop in scoops:
        size *= scoop.size
        centre = np.array([*scoop.aside, z + size * 0.55])
        mesh = bumpy(scoop.bumps.rng, blob(size, centre, detail=4), size * 0.06, 14)
        balls.append(_Ball(mesh, centre, size))
        z = centre[2] + size * 0.72
    return balls


def _add_scoops(
    toy: ShapeBuilder,
    scoops: tuple[Scoop, ...],
    wide: float,
    tall: float,
    flavours: tuple[Material, ...],
) -> float:
    """One scoop on the other; gives the height of the last one's top."""
    balls = _balls(scoops, wide, tall)
    for i, (scoop, ball) in enumerate(zip(scoops, balls, strict=True)):
        name = f"scoop {i + 1}"
        toy.add(name, ball.mesh, flavours[i])
        skirt = _skirt(scoop.skirt, ball.size)
        toy.add(name, place(skirt, ball.centre - [0, 0, ball.size * 0.4]), flavours[i])
    return float(balls[-1].centre[2] + balls[-1].size)


def _rags(rng: Rng) -> tuple[Callable[[Floats], Floats], Callable[[Floats], Floats]]:
    """How the foot of a scoop goes up and down, and in and out."""
    return waves(rng, 4, 0.25, 4, 12), waves(rng, 4, 0.12, 4, 12)


def _skirt(skirt: Details, size: float) -> Mesh:
    """The ragged foot of a scoop."""
    wave, lobe = _rags(skirt.rng)

    def rag(p: Floats) -> Floats:
        angle = np.arctan2(p[:, 1], p[:, 0])
        out = 1 + lobe(angle) * 0.6
        return p * np.column_stack([out, out, 1 + 2 * wave(angle)])

    return warp(ring(size * 0.9, size * 0.17, size * 0.14, 0, 96), rag)
