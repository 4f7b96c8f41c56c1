"""An apple with a stem and leaves, at times bitten."""

from __future__ import annotations

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Mesh, Rng, ShapeBuilder
from datagen.sources.builtin.edits import aim, cut, place, warp
from datagen.sources.builtin.paints import plain, shade
from datagen.sources.builtin.paths import curve, turns
from datagen.sources.builtin.scatter import scatter
from datagen.sources.builtin.solids import blob, lathe, round_sheet, sweep

SKINS = [(0.5, 0.015, 0.02), (0.3, 0.48, 0.05), (0.72, 0.45, 0.05), (0.35, 0.01, 0.03)]
FLESH = plain("flesh", (0.83, 0.74, 0.46), 0.5)


def make(rng: Rng) -> Shape:
    toy = ShapeBuilder()
    skin = plain("skin", shade(rng, SKINS[rng.integers(4)]), rng.uniform(0.15, 0.35))
    bark = plain("stem", shade(rng, (0.12, 0.055, 0.02)), 0.7)
    green = plain("leaf", shade(rng, (0.06, 0.3, 0.04), 0.25), 0.45)
    tall, foot = rng.uniform(0.75, 0.98), rng.uniform(0.2, 0.27)
    lobes, lean, phase = rng.uniform(0.05, 0.11), rng.uniform(-0.06, 0.06), rng.uniform(0, 6)
    whole = warp(lathe(_profile(tall, foot), 80), lambda p: _lobed(p, tall, lobes, lean, phase))
    if rng.uniform() < 0.4:
        _add_bitten(toy, rng, whole, tall, skin)
    else:
        toy.add("skin", whole, skin)
        _add_freckles(toy, rng, whole, tall)
    dip = np.array([lean * tall * 0.85, 0, 0.82 * tall])
    end = dip + [rng.uniform(-0.12, 0.12), rng.uniform(-0.12, 0.12), rng.uniform(0.28, 0.4)]
    stem = curve([dip, dip * 0.6 + end * 0.4 + [0.03, 0, 0.0], end], 14)
    toy.add("stem", sweep(stem, np.linspace(0.022, 0.034, 14), 16), bark)
    for i in range(int(rng.integers(1, 3))):
        long, slim = rng.uniform(0.2, 0.3), rng.uniform(0.35, 0.5)
        turn, arch = rng.uniform(0, 1.5) + i * 2.6, rng.uniform(0.3, 0.8)
        leaf = place(_leaf(long, slim, arch), stem[7], rz=turn)
        toy.add(f"leaf {i + 1}" if i else "leaf", leaf, green)
    for a in turns(5):
        sepal = blob((0.045, 0.014, 0.03))
        toy.add("calyx", place(sepal, (0.03 * np.cos(a), 0.03 * np.sin(a), 0.085), rz=a), bark)
    return toy.finish(rng)


def _profile(tall: float, foot: float) -> Floats:
    """(radius, z) from the dip below to the dip above."""
    low = [(0, 0.09), (0.08, 0.035), (foot, 0), (0.42, 0.25 * tall), (0.5, 0.62 * tall)]
    high = [(0.36, 0.93 * tall), (0.18, tall), (0.06, 0.92 * tall), (0, 0.84 * tall)]
    rows = curve(low + high, 44)
    rows[[0, -1], 0] = 0
    rows[1:-1, 0] = np.maximum(rows[1:-1, 0], 0.004)
    return rows


def _lobed(p: Floats, tall: float, lobes: float, lean: float, phase: float) -> Floats:
    """Points raised between five feet, and leaning."""
    angle = np.arctan2(p[:, 1], p[:, 0])
    share = np.clip(1 - p[:, 2] / tall, 0, 1)
    wave = 1 - np.cos(5 * angle + phase)
    rise = lobes * share**2 * wave * 0.7 * np.hypot(p[:, 0], p[:, 1])
    return np.column_stack([p[:, 0] + lean * p[:, 2], p[:, 1], p[:, 2] + rise])


def _add_bitten(toy: ShapeBuilder, rng: Rng, whole: Mesh, tall: float, skin: Material) -> None:
    """The skin with a bite out of it, over the flesh."""
    middle = np.array([0, 0, tall / 2])
    inner = warp(whole, lambda p: (p - middle) * 0.965 + middle)
    side = rng.uniform(-1.4, 0.4)
    teeth, shallow = [], []
    for k in range(3):
        a = side + (k - 1) * 0.42
        at = (0.62 * np.cos(a), 0.62 * np.sin(a), tall * (0.55 + rng.uniform(-0.06, 0.06)))
        size = rng.uniform(0.2, 0.25)
        teeth.append(blob(size, at))
        shallow.append(blob(size * 0.97, at))
    toy.add("skin", cut(whole, *teeth), skin)
    toy.add("flesh", cut(inner, *shallow), FLESH)


def _add_freckles(toy: ShapeBuilder, rng: Rng, whole: Mesh, tall: float) -> None:
    freckle = plain("freckle", shade(rng, (0.75, 0.55, 0.2)), 0.4)

    def high_outside(point: Floats, normal: Floats) -> bool:
        return bool(point[2] > 0.4 * tall and np.hypot(point[0], point[1]) > 0.25)

    for point, normal in scatter(rng, whole, int(rng.integers(20, 50)), 0.07, high_outside):
        size = rng.uniform(0.006, 0.011)
        toy.add("freckles", aim(blob((size, size, 0.003)), point, normal), freckle)


def _leaf(long: float, slim: float, arch: float) -> Mesh:
    """A pointed leaf along x, arched and folded along its middle."""

    def bend(p: Floats) -> Floats:
        x = (p[:, 0] + 1) * long
        narrow = slim * (1 - 0.35 * p[:, 0]) * (1 - 0.3 * np.abs(p[:, 0]) ** 3)
        y = p[:, 1] * long * narrow
        z = p[:, 2] * 0.35 + arch * x * (1 - x / (1.6 * long)) + np.abs(y) * 0.4
        return np.column_stack([x, y, z])

    return warp(round_sheet(0.06, 40, 6), bend)
