"""A loaf of bread, sliced at one end, or a baguette-like loaf with cuts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from shapely.geometry import Polygon

from datagen.geometry.shape import Material, Shape
from datagen.sources.builtin.builder import Mesh, ShapeBuilder, draw_size
from datagen.sources.builtin.drawn import Details, Rng, chance, real, whole
from datagen.sources.builtin.edits import bumpy, draw_bumps, place
from datagen.sources.builtin.outlines import rounded
from datagen.sources.builtin.paints import plain, shade
from datagen.sources.builtin.solids import blob, extrude, sweep


@dataclass(frozen=True)
class TinLoaf:
    """thick: of a slice; leans: how far each slice leans, more than the one before it."""

    wide: float
    tall: float
    puff: float
    long: float
    thick: float
    leans: tuple[float, ...]


@dataclass(frozen=True)
class LongLoaf:
    """Half its length, width and height."""

    long: float
    wide: float
    tall: float
    bumps: Details
    cuts: int


@dataclass(frozen=True)
class Bread:
    """One loaf, out of a tin or not."""

    crust: Material
    crumb: Material
    loaf: TinLoaf | LongLoaf
    size: float


def draw(rng: Rng) -> Bread:
    """Everything that makes one bread differ from another."""
    crust = plain("crust", shade(rng, (0.42, 0.18, 0.045), 0.2), 0.55)
    colour = (0.5, 0.3, 0.14) if chance(rng, 0.3) else (0.82, 0.66, 0.42)
    crumb = plain("crumb", shade(rng, colour, 0.1), 0.85)
    return Bread(
        crust,
        crumb,
        loaf=_draw_tin_loaf(rng) if chance(rng, 0.7) else _draw_long_loaf(rng),
        size=draw_size(rng),
    )


def _draw_tin_loaf(rng: Rng) -> TinLoaf:
    return TinLoaf(
        wide=real(rng, 0.36, 0.44),
        tall=real(rng, 0.34, 0.42),
        puff=real(rng, 0.01, 0.035),
        long=real(rng, 0.3, 0.55),
        thick=real(rng, 0.05, 0.07),
        leans=tuple(real(rng, 0.02, 0.16) for _ in range(int(rng.integers(1, 5)))),
    )


def _draw_long_loaf(rng: Rng) -> LongLoaf:
    return LongLoaf(
        long=real(rng, 0.4, 0.52),
        wide=real(rng, 0.12, 0.2),
        tall=real(rng, 0.1, 0.14),
        bumps=draw_bumps(rng),
        cuts=whole(rng, 3, 5),
    )


def make(bread: Bread) -> Shape:
    """The bread of these parameters."""
    toy = ShapeBuilder()
    if isinstance(bread.loaf, TinLoaf):
        _add_tin_loaf(toy, bread.loaf, bread.crust, bread.crumb)
    else:
        _add_long_loaf(toy, bread.loaf, bread.crust, bread.crumb)
    return toy.finish(bread.size)


def _profile(wide: float, tall: float, puff: float) -> Polygon:
    """The section of a loaf: straight sides under a puffed top."""
    half = wide / 2
    low = [(-half * 0.92, 0), (half * 0.92, 0), (half, tall * 0.55), (half + puff, tall * 0.72)]
    top = [(half * 0.75, tall * 0.98), (0, tall * 1.06), (-half * 0.75, tall * 0.98)]
    return rounded([*low, *top, (-half - puff, tall * 0.72), (-half, tall * 0.55)], 0.07)


def _across(outline: Polygon, start: float, stop: float, bevel: float) -> Mesh:
    """An outline in y and z, made thick along x."""
    return place(extrude(outline, start, stop, bevel), rx=np.pi / 2, rz=np.pi / 2)


def _add_tin_loaf(toy: ShapeBuilder, loaf: TinLoaf, crust: Material, crumb: Material) -> None:
    """The rest of a loaf with slices leaning against each other before it."""
    outline = _profile(loaf.wide, loaf.tall, loaf.puff)
    thick = loaf.thick
    toy.add("loaf", _across(outline, -loaf.long, 0, 0.035), crust)
    inside = outline.buffer(-0.022)
    toy.add("loaf face", _across(inside, -0.05, 0.006, 0.003), crumb)
    at, lean = 0.012, 0.0
    for i, more in enumerate(loaf.leans):
        lean += more
        foot = (at, 0, thick * np.sin(lean))
        rim = place(_across(outline, 0, thick, 0.008), foot, ry=lean)
        face = place(_across(inside, -0.004, thick + 0.004, 0.003), foot, ry=lean)
        toy.add(f"slice {i + 1}", rim, crust)
        toy.add(f"slice {i + 1} crumb", face, crumb)
        at += thick / np.cos(lean) + 0.004


def _add_long_loaf(toy: ShapeBuilder, loaf: LongLoaf, crust: Material, crumb: Material) -> None:
    """A round-ended loaf with slanting cuts."""
    long, wide, tall = loaf.long, loaf.wide, loaf.tall
    body = blob((long, wide, tall), (0, 0, tall * 0.85), square=2.6, detail=4)
    body.vertices[:, 2] = np.maximum(body.vertices[:, 2], 0)
    toy.add("loaf", bumpy(loaf.bumps.rng, body, 0.012, 14), crust)
    for i, x in enumerate(np.linspace(-0.62, 0.62, loaf.cuts) * long):
        share = np.sqrt(max(1 - (x / long) ** 2, 0.1))
        y = np.linspace(-0.62, 0.62, 9) * wide * share
        rise = tall * 0.85 + tall * share * (1 - np.abs(y / wide / share) ** 2.6) ** (1 / 2.6)
        line = np.column_stack([x + y * 0.55, y, rise - 0.012])
        taper = 0.012 + 0.026 * np.sin(np.linspace(0.15, np.pi - 0.15, 9))
        toy.add(f"cut {i + 1}", sweep(line, np.column_stack([taper, taper * 0.6])), crumb)
