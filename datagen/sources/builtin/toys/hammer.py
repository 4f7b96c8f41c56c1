"""A mallet or a claw, ball peen or cross peen hammer lying down, its handle along x."""

from __future__ import annotations

import numpy as np
from trimesh.transformations import rotation_matrix

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Mesh, Rng, ShapeBuilder, on_ground
from datagen.sources.builtin.edits import place, stretch
from datagen.sources.builtin.outlines import rounded
from datagen.sources.builtin.paints import metal, paints, rubber, wood
from datagen.sources.builtin.paths import curve, fillet
from datagen.sources.builtin.solids import blob, brick, extrude, lathe, ring, rod, sweep

MALLET, CLAW, BALL_PEEN, CROSS_PEEN = range(4)
QUARTER = np.pi / 2


def make(rng: Rng) -> Shape:
    toy = ShapeBuilder()
    kind = int(rng.integers(4))
    steel = metal(rng, "steel", "iron")
    paint, second = paints(rng, 2)
    timber = wood(rng)
    long, thick = rng.uniform(0.8, 1.05), rng.uniform(0.036, 0.048)
    r = rng.uniform(0.12, 0.17) if kind == MALLET else rng.uniform(0.075, 0.1)
    head, trim = (paint, second) if rng.uniform() < 0.35 else (steel, paint)
    handle = timber if rng.uniform() < 0.65 else second
    along = np.linspace(0, long, 30)
    width = thick * _swell(along / long)
    toy.add("handle", _stick(along, 0.85 * width, 1.15 * width), handle)
    if kind == MALLET:
        _add_mallet(toy, rng, r, (timber, paint), second)
    else:
        _add_head(toy, rng, kind, r, head, steel if head is paint else trim)
    eye = place(rod(thick * 1.05, 0.0, r * 1.22, 0.01), ry=-QUARTER)
    toy.add("eye", eye, timber if handle is timber else trim)
    toy.add("collar", place(rod(thick * 1.45, r * 0.75, r * 1.25, 0.012), ry=QUARTER), trim)
    start = long * rng.uniform(0.52, 0.68)
    if rng.uniform() < 0.7:
        grip = rubber(rng) if rng.uniform() < 0.4 else trim
        held = along > start
        _add_grip(toy, rng, start, along[held], 1.17 * width[held], grip, second)
    rise = (r * (1.1 if kind == MALLET else 0.85) - thick * 1.1) / long
    return _laid_down(rng, toy.build(), float(np.arcsin(rise)))


def _swell(share: Floats) -> Floats:
    """How much the handle swells along its length, with a knob at the end."""
    wave = 0.18 * np.sin(2 * np.pi * share * 1.2 + 0.5)
    return 1 + wave + 0.25 * np.exp(-(((1 - share) / 0.06) ** 2))


def _stick(x: Floats, flat: Floats, high: Floats) -> Mesh:
    """An oval bar along x."""
    path = np.column_stack([x, 0 * x, 0 * x])
    return sweep(path, np.column_stack([flat, high]), up=(0, 1, 0))


def _add_mallet(
    toy: ShapeBuilder, rng: Rng, r: float, bodies: tuple[Material, Material], bands: Material
) -> None:
    """A barrel of one of two materials with two bands."""
    half = rng.uniform(0.2, 0.27)
    body = bodies[0] if rng.uniform() < 0.5 else bodies[1]
    barrel = fillet([(0, -half), (r, -half), (r * 1.08, 0), (r, half), (0, half)], 0.03)
    toy.add("head", place(lathe(barrel), rx=QUARTER), body)
    for side, name in ((-1, "left band"), (1, "right band")):
        low, high = side * half * 0.78 - 0.025, side * half * 0.78 + 0.025
        section = [(r * 0.9, low), (r * 1.1, low), (r * 1.1, high), (r * 0.9, high)]
        toy.add(name, place(lathe(fillet(section, 0.01, closed=True)), rx=QUARTER), bands)


def _add_head(
    toy: ShapeBuilder, rng: Rng, kind: int, r: float, head: Material, face: Material
) -> None:
    """A steel head: its face towards -y, a claw or a peen towards y."""
    toy.add("head", brick((r * 1.9, r * 1.9 * 1.25, r * 1.7), (0, 0, 0), r * 0.3), head)
    far = rng.uniform(0.2, 0.26)
    near = [(0, r * 0.8), (r * 0.62, r * 0.8), (r * 0.6, far * 0.68)]
    end = [(r * 0.95, far * 0.8), (r * 0.95, far), (0, far)]
    toy.add("face", place(lathe(fillet(near + end, 0.02)), rx=QUARTER), head)
    toy.add("face", place(rod(r * 0.8, far - 0.02, far + 0.012, 0.008), rx=QUARTER), face)
    if kind == CLAW:
        reach = rng.uniform(0.25, 0.31)
        taper = np.column_stack([np.linspace(0.8, 0.16, 20), np.linspace(0.42, 0.26, 20)]) * r
        for side, name in ((-1, "lower claw"), (1, "upper claw")):
            root, bend = (0, r * 0.8, side * r * 0.3), (0.005, reach * 0.55, side * r * 0.34)
            tip = (reach * 0.32, reach * 1.05, side * r * 0.5)
            toy.add(name, sweep(curve([root, bend, tip], 20), taper), head)
    elif kind == BALL_PEEN:
        toy.add("peen", place(rod(r * 0.6, r * 0.8, r * 2.1), rx=-QUARTER), head)
        toy.add("peen", blob(r * 0.9, (0, r * 2.5, 0)), head)
    else:
        edge = far * 1.15
        wedge = [(-r, 0.5 * r), (r, 0.5 * r), (0.25 * r, edge), (-0.25 * r, edge)]
        toy.add("peen", extrude(rounded(wedge, 0.012), -r * 0.75, r * 0.75, 0.01), head)


def _add_grip(
    toy: ShapeBuilder,
    rng: Rng,
    start: float,
    x: Floats,
    size: Floats,
    grip: Material,
    hoops: Material,
) -> None:
    """A sleeve on the handle with rings on it."""
    toy.add("grip", _stick(x, 0.9 * size, 1.15 * size), grip)
    for at in np.linspace(start + 0.04, x[-1] - 0.07, int(rng.integers(3, 6))):
        hoop = stretch(ring(float(np.interp(at, x, size)), 0.013, 0.014), 1.12, 0.93, 1)
        toy.add("grip", place(hoop, (at, 0, 0), ry=QUARTER), hoops)


def _laid_down(rng: Rng, shape: Shape, lean: float) -> Shape:
    """The shape with its handle's end lowered to the ground."""
    matrix = rotation_matrix(lean, (0, 1, 0))[:3, :3]
    return on_ground(rng, shape.with_vertices(shape.vertices @ matrix.T))
