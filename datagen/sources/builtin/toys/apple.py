"""An apple with a stem and leaves, at times bitten."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Mesh, ShapeBuilder, draw_size
from datagen.sources.builtin.drawn import Details, Rng, chance, details, real, whole
from datagen.sources.builtin.edits import aim, cut, place, warp
from datagen.sources.builtin.paints import plain, shade
from datagen.sources.builtin.paths import curve, turns
from datagen.sources.builtin.scatter import scatter
from datagen.sources.builtin.solids import blob, lathe, round_sheet, sweep

SKINS = [(0.5, 0.015, 0.02), (0.3, 0.48, 0.05), (0.72, 0.45, 0.05), (0.35, 0.01, 0.03)]
FLESH = plain("flesh", (0.83, 0.74, 0.46), 0.5)


@dataclass(frozen=True)
class AppleBody:
    """foot: its radius; lobes: how high the five feet stand; phase: their angle times five.

    lean: how far aside, of the height.
    """

    tall: float
    foot: float
    lobes: float
    lean: float
    phase: float


@dataclass(frozen=True)
class Tooth:
    """height: over the bite's middle, of the apple's height; size: its radius."""

    height: float
    size: float


@dataclass(frozen=True)
class AppleBite:
    """side: the angle of its middle."""

    side: float
    teeth: tuple[Tooth, ...]


@dataclass(frozen=True)
class Freckles:
    """count: the most that may find room; spots: where on the skin."""

    material: Material
    count: int
    spots: Details


@dataclass(frozen=True)
class Stem:
    """Where it ends, from where it begins."""

    x: float
    y: float
    high: float


@dataclass(frozen=True)
class AppleLeaf:
    """slim: half its width, of half its length; turn: round the stem, off its even angle."""

    long: float
    slim: float
    turn: float
    arch: float


@dataclass(frozen=True)
class Apple:
    """Bitten or freckled."""

    skin: Material
    bark: Material
    green: Material
    body: AppleBody
    mark: AppleBite | Freckles
    stem: Stem
    leaves: tuple[AppleLeaf, ...]
    size: float


def draw(rng: Rng) -> Apple:
    """Everything that makes one apple differ from another."""
    skin = plain("skin", shade(rng, SKINS[rng.integers(4)]), rng.uniform(0.15, 0.35))
    bark = plain("stem", shade(rng, (0.12, 0.055, 0.02)), 0.7)
    green = plain("leaf", shade(rng, (0.06, 0.3, 0.04), 0.25), 0.45)
    body = AppleBody(
        tall=real(rng, 0.75, 0.98),
        foot=real(rng, 0.2, 0.27),
        lobes=real(rng, 0.05, 0.11),
        lean=real(rng, -0.06, 0.06),
        phase=real(rng, 0, 6),
    )
    return Apple(
        skin,
        bark,
        green,
        body,
        mark=_draw_bite(rng) if chance(rng, 0.4) else _draw_freckles(rng, body),
        stem=Stem(x=real(rng, -0.12, 0.12), y=real(rng, -0.12, 0.12), high=real(rng, 0.28, 0.4)),
        leaves=tuple(_draw_leaf(rng) for _ in range(int(rng.integers(1, 3)))),
        size=draw_size(rng),
    )


def _draw_bite(rng: Rng) -> AppleBite:
    side = real(rng, -1.4, 0.4)
    teeth = (Tooth(height=real(rng, -0.06, 0.06), size=real(rng, 0.2, 0.25)) for _ in range(3))
    return AppleBite(side, tuple(teeth))


def _draw_freckles(rng: Rng, body: AppleBody) -> Freckles:
    material = plain("freckle", shade(rng, (0.75, 0.55, 0.2)), 0.4)
    count = whole(rng, 20, 49)
    fruit = _fruit(body)
    spots = details(rng, lambda rng: _freckles(rng, fruit, body.tall, count))
    return Freckles(material, count, spots)


def _draw_leaf(rng: Rng) -> AppleLeaf:
    return AppleLeaf(
        long=real(rng, 0.2, 0.3),
        slim=real(rng, 0.35, 0.5),
        turn=real(rng, 0, 1.5),
        arch=real(rng, 0.3, 0.8),
    )


def make(apple: Apple) -> Shape:
    """The apple of these parameters."""
    toy = ShapeBuilder()
    body, tall, bark = _fruit(apple.body), apple.body.tall, apple.bark
    if isinstance(apple.mark, AppleBite):
        _add_bitten(toy, apple.mark, body, tall, apple.skin)
    else:
        toy.add("skin", body, apple.skin)
        for freckle in _freckles(apple.mark.spots.rng, body, tall, apple.mark.count):
            toy.add("freckles", freckle, apple.mark.material)
    dip = np.array([apple.body.lean * tall * 0.85, 0, 0.82 * tall])
    end = dip + [apple.stem.x, apple.stem.y, apple.stem.high]
    stem = curve([dip, dip * 0.6 + end * 0.4 + [0.03, 0, 0.0], end], 14)
    toy.add("stem", sweep(stem, np.linspace(0.022, 0.034, 14), 16), bark)
    for i, leaf in enumerate(apple.leaves):
        blade = place(_blade(leaf), stem[7], rz=leaf.turn + i * 2.6)
        toy.add(f"leaf {i + 1}" if i else "leaf", blade, apple.green)
    for a in turns(5):
        sepal = blob((0.045, 0.014, 0.03))
        toy.add("calyx", place(sepal, (0.03 * np.cos(a), 0.03 * np.sin(a), 0.085), rz=a), bark)
    return toy.finish(apple.size)


def _fruit(body: AppleBody) -> Mesh:
    return warp(lathe(_profile(body.tall, body.foot), 80), lambda p: _lobed(p, body))


def _profile(tall: float, foot: float) -> Floats:
    """(radius, z) from the dip below to the dip above."""
    low = [(0, 0.09), (0.08, 0.035), (foot, 0), (0.42, 0.25 * tall), (0.5, 0.62 * tall)]
    high = [(0.36, 0.93 * tall), (0.18, tall), (0.06, 0.92 * tall), (0, 0.84 * tall)]
    rows = curve(low + high, 44)
    rows[[0, -1], 0] = 0
    rows[1:-1, 0] = np.maximum(rows[1:-1, 0], 0.004)
    return rows


def _lobed(p: Floats, body: AppleBody) -> Floats:
    """Points raised between five feet, and leaning."""
    angle = np.arctan2(p[:, 1], p[:, 0])
    share = np.clip(1 - p[:, 2] / body.tall, 0, 1)
    wave = 1 - np.cos(5 * angle + body.phase)
    rise = body.lobes * share**2 * wave * 0.7 * np.hypot(p[:, 0], p[:, 1])
    return np.column_stack([p[:, 0] + body.lean * p[:, 2], p[:, 1], p[:, 2] + rise])


def _add_bitten(
    toy: ShapeBuilder, bite: AppleBite, body: Mesh, tall: float, skin: Material
) -> None:
    """The skin with a bite out of it, over the flesh."""
    middle = np.array([0, 0, tall / 2])
    inner = warp(body, lambda p: (p - middle) * 0.965 + middle)
    teeth, shallow = [], []
    for k, tooth in enumerate(bite.teeth):
        a = bite.side + (k - 1) * 0.42
        at = (0.62 * np.cos(a), 0.62 * np.sin(a), tall * (0.55 + tooth.height))
        teeth.append(blob(tooth.size, at))
        shallow.append(blob(tooth.size * 0.97, at))
    toy.add("skin", cut(body, *teeth), skin)
    toy.add("flesh", cut(inner, *shallow), FLESH)


def _freckles(rng: Rng, body: Mesh, tall: float, count: int) -> list[Mesh]:
    """Flat spots on the upper part of the apple, not round the stem."""

    def high_outside(point: Floats, normal: Floats) -> bool:
        return bool(point[2] > 0.4 * tall and np.hypot(point[0], point[1]) > 0.25)

    freckles = []
    for point, normal in scatter(rng, body, count, 0.07, high_outside):
        size = rng.uniform(0.006, 0.011)
        freckles.append(aim(blob((size, size, 0.003)), point, normal))
    return freckles


def _blade(leaf: AppleLeaf) -> Mesh:
    """A pointed leaf along x, arched and folded along its middle."""
    long = leaf.long

    def bend(p: Floats) -> Floats:
        x = (p[:, 0] + 1) * long
        narrow = leaf.slim * (1 - 0.35 * p[:, 0]) * (1 - 0.3 * np.abs(p[:, 0]) ** 3)
        y = p[:, 1] * long * narrow
        z = p[:, 2] * 0.35 + leaf.arch * x * (1 - x / (1.6 * long)) + np.abs(y) * 0.4
        return np.column_stack([x, y, z])

    return warp(round_sheet(0.06, 40, 6), bend)
