"""A laced shoe or ankle boot, its toe towards x."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from shapely.affinity import translate
from shapely.geometry import Polygon

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Mesh, ShapeBuilder, draw_size
from datagen.sources.builtin.drawn import Rng, chance, real, whole
from datagen.sources.builtin.edits import common, place
from datagen.sources.builtin.outlines import disc, oblong
from datagen.sources.builtin.paints import paints, plain, rubber, shade
from datagen.sources.builtin.paths import closed_curve, curve
from datagen.sources.builtin.solids import blob, brick, extrude, loft, slab, sweep

FRONT = -0.16  # the front of the opening for the foot
FOOT = np.array([
    (0.5, 0.02), (0.46, 0.13), (0.28, 0.185), (0.02, 0.15), (-0.22, 0.135), (-0.42, 0.125),
    (-0.5, 0.0), (-0.42, -0.125), (-0.22, -0.125), (0.02, -0.13), (0.28, -0.17), (0.44, -0.11),
])  # fmt: skip
WHITE = plain("white rubber", (0.82, 0.81, 0.76), 0.55)


@dataclass(frozen=True)
class Last:
    """The form of the upper: a foot's outline that shrinks towards the ankle."""

    plan: Floats
    low: float
    high: float

    @property
    def ankle(self) -> bool:
        """Whether it is a boot, which covers the ankle."""
        return self.high > 0.35

    def _reach(self, t: float) -> float:
        """How far the toe still reaches at this share of the height."""
        knots = np.array([0, 0.12, 0.25, 0.4, 0.62, 1.0])
        reach = [1.0, 0.99, 0.94, 0.76, 0.4, 0.16]
        if self.ankle:
            knots = np.append(knots * 0.27 / self.high, [0.75, 1.0])
            knots[5] = 0.62
            reach = [*reach[:5], 0.22, 0.13, 0.1]
        return float(np.mean(np.interp(np.linspace(t - 0.06, t + 0.06, 7), knots, reach)))

    def ring(self, t: float, grow: float = 0.0) -> Floats:
        """(96, 3) the outline at this share of the height, grown outwards."""
        x, y = self.plan.T
        slim = 1 - 0.34 * np.clip(t, 0, 1) ** 1.3 * (0.9 if self.ankle else 1.0)
        bulge = 1 + 0.06 * np.sin(np.pi * t) - 0.06 * t
        factor = np.where(x > FRONT, self._reach(t), bulge)
        xy = np.column_stack([FRONT + (x - FRONT) * factor, y * slim])
        if grow:
            out = xy - [FRONT, 0]
            xy = xy + grow * out / np.linalg.norm(out, axis=1, keepdims=True)
        tilt = 0.05 * np.clip((FRONT - xy[:, 0]) / 0.3, 0, 1) * t**2
        return np.column_stack([xy, self.low - 0.02 + (self.high + 0.02) * t + tilt])


@dataclass(frozen=True)
class ShoePaint:
    """What every part of a shoe is made of."""

    upper: Material
    trim: Material
    accent: Material
    sole: Material
    lace: Material
    lining: Material


@dataclass(frozen=True)
class ToeCap:
    """start: where on the shoe's length, from its middle towards the toe."""

    start: float
    material: Material


@dataclass(frozen=True)
class Shoe:
    """wide: of the usual; turn: -1 for the other foot, else 1; low: the sole's top.

    high: of the upper over the sole, of a shoe or a boot; heel: how far the heel tab reaches
    further forwards than usual; stripes: on the sides, 0 for badges; laces: of a shoe, a boot has
    two more.
    """

    paint: ShoePaint
    wide: float
    turn: int
    low: float
    high: float
    toe_cap: ToeCap | None
    heel: float
    stripes: int
    laces: int
    size: float


def draw(rng: Rng) -> Shoe:
    """Everything that makes one shoe differ from another."""
    paint = _draw_paint(rng)
    return Shoe(
        paint,
        wide=real(rng, 0.9, 1.1),
        turn=int(rng.choice([-1, 1])),
        low=real(rng, 0.07, 0.13),
        high=real(rng, 0.26, 0.32) if chance(rng, 0.6) else real(rng, 0.42, 0.55),
        toe_cap=_draw_toe_cap(rng, paint.trim) if chance(rng, 0.75) else None,
        heel=real(rng, -0.02, 0.03),
        stripes=(1, 3, 0)[rng.integers(3)],
        laces=whole(rng, 4, 5),
        size=draw_size(rng),
    )


def _draw_paint(rng: Rng) -> ShoePaint:
    upper, trim, accent, sole = paints(rng, 4, "canvas", 0.7)
    return ShoePaint(
        upper,
        trim,
        accent,
        sole=[WHITE, WHITE, sole, rubber(rng)][rng.integers(4)],
        lace=plain("lace", (0.83, 0.82, 0.78), 0.8) if chance(rng, 0.6) else accent,
        lining=plain("lining", shade(rng, (0.25, 0.22, 0.2)), 0.9),
    )


def _draw_toe_cap(rng: Rng, trim: Material) -> ToeCap:
    start = real(rng, 0.28, 0.34)
    return ToeCap(start, WHITE if chance(rng, 0.4) else trim)


def make(shoe: Shoe) -> Shape:
    """The shoe of these parameters."""
    toy = ShapeBuilder()
    paint, last = shoe.paint, _last(shoe)
    _add_upper(toy, last, paint)
    _add_sole(toy, last, paint)
    _add_patches(toy, shoe, last)
    tongue = _add_tongue(toy, last, paint.trim)
    _add_laces(toy, last, shoe.laces + (2 if last.ankle else 0), paint.lace)
    _add_bow(toy, np.array([tongue[-7][0] + 0.035, 0, tongue[-7][2]]), paint.lace)
    return toy.finish(shoe.size)


def _last(shoe: Shoe) -> Last:
    plan = closed_curve(FOOT * (1, shoe.wide * shoe.turn), 96)
    if shoe.turn < 0:
        plan = np.roll(plan[::-1], 1, axis=0)
    return Last(plan, shoe.low, shoe.high)


def _add_upper(toy: ShapeBuilder, last: Last, paint: ShoePaint) -> None:
    """The upper, open at the ankle, its lining and its collar."""
    outside = [last.ring(t) for t in np.linspace(0, 1, 26)]
    edge = outside[-1]
    middle = edge.mean(axis=0)

    def inner(share: float, drop: float) -> Floats:
        shrunk: Floats = (edge - middle) * (share, share, 1) + middle + [0, 0, drop]
        return shrunk

    inside = [inner(*at) for at in ((0.93, 0.008), (0.86, 0.0), (0.82, -0.06), (0.8, -0.14))]
    toy.add("upper", loft(np.array([*outside, *inside])), paint.upper)
    wall = ((0.835, -0.01), (0.815, -0.135), (0.75, -0.135), (0.77, -0.01))
    toy.add("lining", loft(np.array([inner(*at) for at in wall]), True), paint.lining)
    insole = blob((0.16, 0.08, 0.02), (middle[0], 0, middle[2] - 0.135))
    toy.add("lining", insole, paint.lining)
    toy.add("collar", sweep(inner(0.92, 0), 0.024, 16, closed=True), paint.trim)


def _add_sole(toy: ShapeBuilder, last: Last, paint: ShoePaint) -> None:
    plan = Polygon(last.plan)
    fat = plan.buffer(0.02).simplify(0.002)
    toy.add("sole", extrude(fat, 0.018, last.low, 0.012), paint.sole)
    under = extrude(plan.buffer(0.014).simplify(0.002), 0, 0.03, 0.006)
    toy.add("outsole", under, paint.trim)
    line = closed_curve(np.array(fat.exterior.coords)[:-1], 120)
    seam = np.column_stack([line, np.full(120, last.low * 0.62)])
    toy.add("sole stripe", sweep(seam, 0.009, 12, closed=True), paint.accent)


def _add_patches(toy: ShapeBuilder, shoe: Shoe, last: Last) -> None:
    """A toe cap, a heel tab and stripes or badges, as thick as the leather."""
    paint, low = shoe.paint, last.low
    skin = loft(np.array([last.ring(t, 0.012) for t in np.linspace(0, 1, 26)]))

    def patch(part: str, tool: Mesh, material: Material) -> None:
        toy.add(part, common(skin, tool), material)

    if shoe.toe_cap is not None:
        cap = brick((1, 1, 1), (shoe.toe_cap.start + 0.5, 0, low + 0.2), 0.05)
        patch("toe cap", cap, shoe.toe_cap.material)
    heel = brick((0.3, 0.3, 2), (-0.55 + shoe.heel, 0, 0.5), 0.03)
    patch("heel tab", heel, paint.trim)
    if shoe.stripes:
        side = brick((1, 1, 0.25), (0, 0, low + 0.085), 0.01)
        for i in range(shoe.stripes):
            bar = slab(oblong(0.055, 0.34, 0.01), 1)
            leaning = place(bar, (-0.2 + 0.1 * i, 0, low + 0.1), ry=0.45)
            patch(f"stripe {i + 1}", common(leaning, side), paint.accent)
    else:
        spot = translate(disc(0.055), -0.14, low + last.high * 0.42)
        for y, name in ((-0.2, "left badge"), (0.2, "right badge")):
            patch(name, slab(spot, 0.4, 0.0, y), paint.accent)


def _lacing(last: Last) -> Floats:
    """Shares of the height along the instep."""
    return np.linspace(0.2, 0.97, 14) if last.ankle else np.linspace(0.4, 0.94, 12)


def _add_tongue(toy: ShapeBuilder, last: Last, paint: Material) -> Floats:
    """The tongue, whose line is given back."""
    ridge = []
    for t in _lacing(last):
        now = last.ring(float(t))
        ridge.append(now[np.argmax(now[:, 0])] + [0.004, 0, 0])
    top = float(last.ring(1.0)[:, 0].max()) + 0.012
    ridge.append(np.array([top, 0, last.low + last.high + 0.06]))
    line = curve(np.array(ridge), 30)
    size = np.column_stack([np.linspace(0.045, 0.062, 30), np.full(30, 0.012)])
    toy.add("tongue", sweep(line, size, up=(1, 0, 0.4)), paint)
    return line


def _add_laces(toy: ShapeBuilder, last: Last, count: int, paint: Material) -> None:
    for t in np.linspace(_lacing(last)[1], 0.92, count):
        ring = last.ring(float(t), 0.016)
        front = ring[ring[:, 0] > FRONT]
        front = front[np.argsort(front[:, 1])]
        across = front[np.abs(front[:, 1]) < 0.085]
        if len(across) > 3:
            line = curve(across, 24) + [0.008, 0, 0.006]
            toy.add("laces", sweep(line, 0.0125, 12), paint)


def _add_bow(toy: ShapeBuilder, knot: Floats, paint: Material) -> None:
    toy.add("bow", blob(0.026, knot), paint)
    for side, name in ((-1, "left lace loop"), (1, "right lace loop")):
        bends = [(0.03, side * 0.07, 0.035), (0.05, side * 0.13, 0.0), (0.05, side * 0.08, -0.04)]
        loop = curve([knot, *(knot + bend for bend in bends), knot], 26)
        toy.add(name, sweep(loop, 0.0115, 10), paint)
        ends = [(0.04, side * 0.04, -0.03), (0.09, side * 0.06, -0.1)]
        end = curve([knot, *(knot + bend for bend in ends)], 12)
        toy.add(name, sweep(end, 0.0105, 10), paint)
