"""A mallet or a claw, ball peen or cross peen hammer lying down, its handle along x."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from trimesh.transformations import rotation_matrix

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Mesh, ShapeBuilder, draw_size, on_ground
from datagen.sources.builtin.drawn import Rng, chance, real, whole
from datagen.sources.builtin.edits import place, stretch
from datagen.sources.builtin.outlines import rounded
from datagen.sources.builtin.paints import metal, paints, rubber, wood
from datagen.sources.builtin.paths import curve, fillet
from datagen.sources.builtin.solids import blob, brick, extrude, lathe, ring, rod, sweep

QUARTER = np.pi / 2
Tail = Literal["claw", "ball peen", "cross peen"]


@dataclass(frozen=True)
class Mallet:
    """A barrel and its bands; half: half its length."""

    half: float
    body: Material
    bands: Material


@dataclass(frozen=True)
class SteelHead:
    """far, claw: how far the face and the claw's bend reach; claw: None for a peen."""

    tail: Tail
    head: Material
    face: Material
    far: float
    claw: float | None


@dataclass(frozen=True)
class Grip:
    """start: where it begins, of the handle's length; hoops: how many rings there are."""

    start: float
    sleeve: Material
    hoop: Material
    hoops: int


@dataclass(frozen=True)
class Hammer:
    """thick: the handle's radius; r: the head's radius."""

    long: float
    thick: float
    r: float
    handle: Material
    eye: Material
    trim: Material
    head: Mallet | SteelHead
    grip: Grip | None
    size: float


def draw(rng: Rng) -> Hammer:
    """Everything that makes one hammer differ from another."""
    kind: Literal["mallet"] | Tail = ("mallet", *get_args(Tail))[rng.integers(4)]
    steel = metal(rng, "steel", "iron")
    paint, second = paints(rng, 2)
    timber = wood(rng)
    long, thick = real(rng, 0.8, 1.05), real(rng, 0.036, 0.048)
    r = real(rng, 0.12, 0.17) if kind == "mallet" else real(rng, 0.075, 0.1)
    painted, wooden = chance(rng, 0.35), chance(rng, 0.65)
    head, face, trim = (paint, steel, second) if painted else (steel, paint, paint)
    return Hammer(
        long,
        thick,
        r,
        handle=timber if wooden else second,
        eye=timber if wooden else trim,
        trim=trim,
        head=(
            _draw_mallet(rng, (timber, paint), second)
            if kind == "mallet"
            else _draw_head(rng, kind, head, face)
        ),
        grip=_draw_grip(rng, trim, second),
        size=draw_size(rng),
    )


def _draw_mallet(rng: Rng, bodies: tuple[Material, Material], bands: Material) -> Mallet:
    half = real(rng, 0.2, 0.27)
    return Mallet(half, bodies[0] if chance(rng, 0.5) else bodies[1], bands)


def _draw_head(rng: Rng, tail: Tail, head: Material, face: Material) -> SteelHead:
    far = real(rng, 0.2, 0.26)
    return SteelHead(tail, head, face, far, real(rng, 0.25, 0.31) if tail == "claw" else None)


def _draw_grip(rng: Rng, trim: Material, hoop: Material) -> Grip | None:
    start = real(rng, 0.52, 0.68)
    if not chance(rng, 0.7):
        return None
    sleeve = rubber(rng) if chance(rng, 0.4) else trim
    return Grip(start, sleeve, hoop, hoops=whole(rng, 3, 5))


def make(hammer: Hammer) -> Shape:
    """The hammer of these parameters."""
    toy = ShapeBuilder()
    long, thick, r = hammer.long, hammer.thick, hammer.r
    along = np.linspace(0, long, 30)
    width = thick * _swell(along / long)
    toy.add("handle", _stick(along, 0.85 * width, 1.15 * width), hammer.handle)
    if isinstance(hammer.head, Mallet):
        _add_mallet(toy, r, hammer.head)
    else:
        _add_head(toy, r, hammer.head)
    eye = place(rod(thick * 1.05, 0.0, r * 1.22, 0.01), ry=-QUARTER)
    toy.add("eye", eye, hammer.eye)
    collar = place(rod(thick * 1.45, r * 0.75, r * 1.25, 0.012), ry=QUARTER)
    toy.add("collar", collar, hammer.trim)
    if hammer.grip is not None:
        start = long * hammer.grip.start
        held = along > start
        _add_grip(toy, hammer.grip, start, along[held], 1.17 * width[held])
    rise = (r * (1.1 if isinstance(hammer.head, Mallet) else 0.85) - thick * 1.1) / long
    return _laid_down(toy.build(), float(np.arcsin(rise)), hammer.size)


def _swell(share: Floats) -> Floats:
    """How much the handle swells along its length, with a knob at the end."""
    wave = 0.18 * np.sin(2 * np.pi * share * 1.2 + 0.5)
    return 1 + wave + 0.25 * np.exp(-(((1 - share) / 0.06) ** 2))


def _stick(x: Floats, flat: Floats, high: Floats) -> Mesh:
    """An oval bar along x."""
    path = np.column_stack([x, 0 * x, 0 * x])
    return sweep(path, np.column_stack([flat, high]), up=(0, 1, 0))


def _add_mallet(toy: ShapeBuilder, r: float, mallet: Mallet) -> None:
    """A barrel with two bands."""
    half = mallet.half
    barrel = fillet([(0, -half), (r, -half), (r * 1.08, 0), (r, half), (0, half)], 0.03)
    toy.add("head", place(lathe(barrel), rx=QUARTER), mallet.body)
    for side, name in ((-1, "left band"), (1, "right band")):
        low, high = side * half * 0.78 - 0.025, side * half * 0.78 + 0.025
        section = [(r * 0.9, low), (r * 1.1, low), (r * 1.1, high), (r * 0.9, high)]
        toy.add(name, place(lathe(fillet(section, 0.01, closed=True)), rx=QUARTER), mallet.bands)


def _add_head(toy: ShapeBuilder, r: float, steel: SteelHead) -> None:
    """A steel head: its face towards -y, its tail towards y."""
    far, head = steel.far, steel.head
    toy.add("head", brick((r * 1.9, r * 1.9 * 1.25, r * 1.7), (0, 0, 0), r * 0.3), head)
    near = [(0, r * 0.8), (r * 0.62, r * 0.8), (r * 0.6, far * 0.68)]
    end = [(r * 0.95, far * 0.8), (r * 0.95, far), (0, far)]
    toy.add("face", place(lathe(fillet(near + end, 0.02)), rx=QUARTER), head)
    toy.add("face", place(rod(r * 0.8, far - 0.02, far + 0.012, 0.008), rx=QUARTER), steel.face)
    if steel.claw is not None:
        reach = steel.claw
        taper = np.column_stack([np.linspace(0.8, 0.16, 20), np.linspace(0.42, 0.26, 20)]) * r
        for side, name in ((-1, "lower claw"), (1, "upper claw")):
            root, bend = (0, r * 0.8, side * r * 0.3), (0.005, reach * 0.55, side * r * 0.34)
            tip = (reach * 0.32, reach * 1.05, side * r * 0.5)
            toy.add(name, sweep(curve([root, bend, tip], 20), taper), head)
    elif steel.tail == "ball peen":
        toy.add("peen", place(rod(r * 0.6, r * 0.8, r * 2.1), rx=-QUARTER), head)
        toy.add("peen", blob(r * 0.9, (0, r * 2.5, 0)), head)
    else:
        edge = far * 1.15
        wedge = [(-r, 0.5 * r), (r, 0.5 * r), (0.25 * r, edge), (-0.25 * r, edge)]
        toy.add("peen", extrude(rounded(wedge, 0.012), -r * 0.75, r * 0.75, 0.01), head)


def _add_grip(toy: ShapeBuilder, grip: Grip, start: float, x: Floats, size: Floats) -> None:
    """A sleeve on the handle with rings on it."""
    toy.add("grip", _stick(x, 0.9 * size, 1.15 * size), grip.sleeve)
    for at in np.linspace(start + 0.04, x[-1] - 0.07, grip.hoops):
        hoop = stretch(ring(float(np.interp(at, x, size)), 0.013, 0.014), 1.12, 0.93, 1)
        toy.add("grip", place(hoop, (at, 0, 0), ry=QUARTER), grip.hoop)


def _laid_down(shape: Shape, lean: float, size: float) -> Shape:
    """The shape with its handle's end lowered to the ground."""
    matrix = rotation_matrix(lean, (0, 1, 0))[:3, :3]
    return on_ground(shape.with_vertices(shape.vertices @ matrix.T), size)
