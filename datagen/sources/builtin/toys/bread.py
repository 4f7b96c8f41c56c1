"""A loaf of bread, sliced at one end, or a baguette-like loaf with cuts."""

from __future__ import annotations

import numpy as np
from shapely.geometry import Polygon

from datagen.geometry.shape import Material, Shape
from datagen.sources.builtin.builder import Mesh, Rng, ShapeBuilder
from datagen.sources.builtin.edits import bumpy, place
from datagen.sources.builtin.outlines import rounded
from datagen.sources.builtin.paints import plain, shade
from datagen.sources.builtin.solids import blob, extrude, sweep


def make(rng: Rng) -> Shape:
    toy = ShapeBuilder()
    crust = plain("crust", shade(rng, (0.42, 0.18, 0.045), 0.2), 0.55)
    dark = rng.uniform() < 0.3
    crumb = plain("crumb", shade(rng, (0.5, 0.3, 0.14) if dark else (0.82, 0.66, 0.42), 0.1), 0.85)
    if rng.uniform() < 0.7:
        _add_tin_loaf(toy, rng, crust, crumb)
    else:
        _add_long_loaf(toy, rng, crust, crumb)
    return toy.finish(rng)


def _profile(wide: float, tall: float, puff: float) -> Polygon:
    """The section of a loaf: straight sides under a puffed top."""
    half = wide / 2
    low = [(-half * 0.92, 0), (half * 0.92, 0), (half, tall * 0.55), (half + puff, tall * 0.72)]
    top = [(half * 0.75, tall * 0.98), (0, tall * 1.06), (-half * 0.75, tall * 0.98)]
    return rounded([*low, *top, (-half - puff, tall * 0.72), (-half, tall * 0.55)], 0.07)


def _across(outline: Polygon, start: float, stop: float, bevel: float) -> Mesh:
    """An outline in y and z, made thick along x."""
    return place(extrude(outline, start, stop, bevel), rx=np.pi / 2, rz=np.pi / 2)


def _add_tin_loaf(toy: ShapeBuilder, rng: Rng, crust: Material, crumb: Material) -> None:
    """The rest of a loaf with slices leaning against each other before it."""
    outline = _profile(rng.uniform(0.36, 0.44), rng.uniform(0.34, 0.42), rng.uniform(0.01, 0.035))
    long, thick = rng.uniform(0.3, 0.55), rng.uniform(0.05, 0.07)
    toy.add("loaf", _across(outline, -long, 0, 0.035), crust)
    inside = outline.buffer(-0.022)
    toy.add("loaf face", _across(inside, -0.05, 0.006, 0.003), crumb)
    at, lean = 0.012, 0.0
    for i in range(int(rng.integers(1, 5))):
        lean += rng.uniform(0.02, 0.16)
        foot = (at, 0, thick * np.sin(lean))
        rim = place(_across(outline, 0, thick, 0.008), foot, ry=lean)
        face = place(_across(inside, -0.004, thick + 0.004, 0.003), foot, ry=lean)
        toy.add(f"slice {i + 1}", rim, crust)
        toy.add(f"slice {i + 1} crumb", face, crumb)
        at += thick / np.cos(lean) + 0.004


def _add_long_loaf(toy: ShapeBuilder, rng: Rng, crust: Material, crumb: Material) -> None:
    """A round-ended loaf with slanting cuts."""
    long, wide, tall = rng.uniform(0.4, 0.52), rng.uniform(0.12, 0.2), rng.uniform(0.1, 0.14)
    body = blob((long, wide, tall), (0, 0, tall * 0.85), square=2.6, detail=4)
    body.vertices[:, 2] = np.maximum(body.vertices[:, 2], 0)
    toy.add("loaf", bumpy(rng, body, 0.012, 14), crust)
    for i, x in enumerate(np.linspace(-0.62, 0.62, int(rng.integers(3, 6))) * long):
        share = np.sqrt(max(1 - (x / long) ** 2, 0.1))
        y = np.linspace(-0.62, 0.62, 9) * wide * share
        rise = tall * 0.85 + tall * share * (1 - np.abs(y / wide / share) ** 2.6) ** (1 / 2.6)
        line = np.column_stack([x + y * 0.55, y, rise - 0.012])
        taper = 0.012 + 0.026 * np.sin(np.linspace(0.15, np.pi - 0.15, 9))
        toy.add(f"cut {i + 1}", sweep(line, np.column_stack([taper, taper * 0.6])), crumb)
