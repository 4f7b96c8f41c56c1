"""A car: sedan, hatchback, beetle, pickup, sports car or van."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from shapely.geometry import Polygon, box
from shapely.ops import unary_union

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Mesh, ShapeBuilder, draw_size
from datagen.sources.builtin.drawn import Rng, chance, real, whole
from datagen.sources.builtin.edits import warp
from datagen.sources.builtin.outlines import disc, polygons, rounded
from datagen.sources.builtin.paints import metal, paints, window
from datagen.sources.builtin.solids import blob, brick, slab
from datagen.sources.builtin.toys.vehicle_parts import (
    BLACK,
    HEADLIGHT,
    SIDES,
    TAIL_LIGHT,
    Wheels,
    add_wheels,
    draw_wheels,
    knob,
)

Kind = Literal["sedan", "hatch", "beetle", "pickup", "sports", "van"]
KINDS: tuple[Kind, ...] = ("sedan", "hatch", "beetle", "pickup", "sports", "van")
NOSES = {"sedan": 0.25, "hatch": 0.255, "beetle": 0.25, "pickup": 0.28, "sports": 0.2, "van": 0.26}
GLASS = {  # x of the scuttle, the roof's front and rear, the back of the windows
    "sedan": (0.2, 0.07, -0.2, -0.36),
    "hatch": (0.2, 0.06, -0.36, -0.47),
    "beetle": (0.2, 0.1, -0.14, -0.44),
    "pickup": (0.2, 0.1, -0.04, -0.07),
    "sports": (0.14, -0.04, -0.2, -0.42),
    "van": (0.36, 0.22, -0.44, -0.49),
}
CABINS = {"sports": 0.115, "van": 0.21, "beetle": 0.2}
FLOOR = 0.085
AXLES = (-0.31, 0.31)


@dataclass(frozen=True)
class CarBody:
    """The outline seen from the side, and the width.

    wheel: radius; belt: height of the windows' foot; scuttle, front, rear, back: x as in GLASS;
    cabin: the height of the windows and the roof, of the usual one of its kind.
    """

    kind: Kind
    wheel: float
    width: float
    belt: float
    scuttle: float
    front: float
    rear: float
    back: float
    cabin: float

    @property
    def top(self) -> float:
        """Height of the roof above the ground."""
        return self.belt + CABINS.get(self.kind, 0.17) * self.cabin

    @property
    def nose(self) -> float:
        """Height of the bonnet's front."""
        return NOSES[self.kind]

    @property
    def tail(self) -> float:
        """Height of the boot's end."""
        return self.belt - (0.03 if self.kind in ("sports", "beetle") else 0.01)

    @property
    def post(self) -> float:
        """x of the pillar between the doors."""
        return (self.front + self.rear) / 2 - 0.01

    @property
    def middle(self) -> float:
        """x of the middle of the cabin."""
        return (self.front + self.rear) / 2

    def shell(self) -> Polygon:
        """The outline of the body below the windows, seen from the side: x and z."""
        nose = [(0.5, FLOOR), (0.525, FLOOR + 0.07), (0.5, self.nose - 0.02)]
        top = [(self.scuttle + 0.04, self.belt), (self.back - 0.02, self.belt), (-0.5, self.tail)]
        outline = [(-0.5, FLOOR), *nose, *top, (-0.52, FLOOR + 0.08)]
        return rounded(outline, 0.07 if self.kind == "beetle" else 0.04)


@dataclass(frozen=True)
class CarPaint:
    """What every part of a car is painted with."""

    body: Material
    second: Material
    chrome: Material
    glass: Material


@dataclass(frozen=True)
class Extras:
    """What some cars have on their boot and their roof."""

    spoiler: bool
    roof: Literal["rack", "sign"] | None


@dataclass(frozen=True)
class Car:
    """taper: how much narrower the roof is; tyre: width of a wheel; lamp: radius of a headlight.

    bars: of the grille; boxes: on a pickup's load bed; racing: stripes over bonnet and roof, not
    along the sides.
    """

    paint: CarPaint
    body: CarBody
    taper: float
    tyre: float
    wheels: Wheels
    lamp: float
    bars: int
    bumpers: Material
    boxes: int
    extras: Extras
    racing: bool
    size: float


def draw(rng: Rng) -> Car:
    """Everything that makes one car differ from another."""
    first, second, hub = paints(rng, 3, "paint", 0.2)
    paint = CarPaint(first, second, chrome=metal(rng, "steel"), glass=window(rng))
    body = _draw_body(rng)
    return Car(
        paint,
        body,
        taper=real(rng, 0.12, 0.24),
        tyre=real(rng, 0.085, 0.11),
        wheels=draw_wheels(rng, paint.chrome if chance(rng, 0.5) else hub),
        lamp=real(rng, 0.034, 0.046),
        bars=whole(rng, 2, 4),
        bumpers=paint.chrome if chance(rng, 0.5) else BLACK,
        boxes=whole(rng, 0, 3) if body.kind == "pickup" else 0,
        extras=_draw_extras(rng, body.kind),
        racing=chance(rng, 0.5),
        size=draw_size(rng),
    )


def _draw_body(rng: Rng) -> CarBody:
    kind = KINDS[rng.integers(6)]
    wheel, width, belt = real(rng, 0.105, 0.125), real(rng, 0.4, 0.47), real(rng, 0.27, 0.3)
    glass = np.array(GLASS[kind]) + rng.uniform(-0.015, 0.015, 4)
    scuttle, front, rear, back = glass.tolist()
    return CarBody(
        kind=kind,
        wheel=wheel,
        width=width,
        belt=belt,
        scuttle=scuttle,
        front=front,
        rear=rear,
        back=back,
        cabin=real(rng, 0.92, 1.1),
    )


def _draw_extras(rng: Rng, kind: Kind) -> Extras:
    """A spoiler, a roof rack or a roof sign on some."""
    extra = rng.integers(4)
    spoiler = kind == "sports" or (kind == "sedan" and extra == 0)
    if kind in ("hatch", "van") and extra < 2:
        return Extras(spoiler, "rack")
    return Extras(spoiler, "sign" if kind in ("sedan", "hatch") and extra == 2 else None)


def make(car: Car) -> Shape:
    """The car of these parameters."""
    toy = ShapeBuilder()
    body, paint = car.body, car.paint
    _add_shell(toy, body, paint)
    _add_cabin(toy, body, car.taper, paint)
    y = body.width / 2 - car.tyre * 0.42
    add_wheels(toy, car.wheels, AXLES, y, body.wheel, car.tyre)
    _add_lights(toy, body, car.lamp, paint)
    _add_doors(toy, body, paint)
    _add_front(toy, body, car.bars, paint)
    _add_bumpers(toy, body, car.bumpers)
    if body.kind == "pickup":
        _add_load_bed(toy, body, car.boxes, paint)
    _add_extras(toy, body, car.extras, paint.second)
    if car.racing:
        _add_racing_stripes(toy, body, paint.second)
    else:
        for side, name in SIDES:
            at = (0, side * body.width / 2, body.belt - 0.14)
            toy.add(f"{name} side stripe", brick((0.36, 0.014, 0.03), at, 0.004), paint.second)
    return toy.finish(car.size)


def _add_shell(toy: ShapeBuilder, body: CarBody, paint: CarPaint) -> None:
    """The body, its sides cut out for the wheels, and fenders over them."""
    r, half = body.wheel, body.width / 2
    shell = body.shell()
    toy.add("body", slab(shell, body.width - 0.23), paint.body)
    arches = unary_union([disc(r * 1.17, x, r) for x in AXLES])
    flank = (shell - arches).buffer(-0.015, quad_segs=4).buffer(0.015, quad_segs=4)
    for side, _ in SIDES:
        toy.add("body", slab(flank.simplify(0.001), 0.16, 0.045, side * (half - 0.08)), paint.body)
    above = box(-1, r * 0.6, 1, 1)
    for x, end in zip(AXLES, ("rear", "front"), strict=True):
        arch = (disc(r * 1.17 + 0.024, x, r, 8) - disc(r * 1.15, x, r, 8)) & above
        for side, way in SIDES:
            fender = slab(arch, 0.125, 0.01, side * (half - 0.053))
            toy.add(f"{end} {way} fender", fender, paint.body)
    under = brick((0.88, body.width * 0.62, 0.1), (0, 0, FLOOR + 0.045), 0.02)
    toy.add("underbody", under, BLACK)


def _add_cabin(toy: ShapeBuilder, body: CarBody, taper: float, paint: CarPaint) -> None:
    """A greenhouse of dark glass with painted side frames and a roof, narrower at the top."""
    low, high = body.belt - 0.015, body.top
    corners = [(body.scuttle, low), (body.front, high), (body.rear, high), (body.back, low)]
    outline = rounded(corners, 0.11 if body.kind == "beetle" else 0.045)
    x0, bottom, x1, top = outline.bounds
    width = body.width * 0.93

    def lean(mesh: Mesh) -> Mesh:
        def change(p: Floats) -> Floats:
            narrow = 1 - taper * np.clip((p[:, 2] - bottom) / (top - bottom), 0, 1.2)
            leant: Floats = p * np.column_stack([np.ones(len(p)), narrow, np.ones(len(p))])
            return leant

        return warp(mesh, change)

    toy.add("windows", lean(slab(outline.buffer(-0.007), width - 0.016, 0.03)), paint.glass)
    frame = outline - unary_union(_panes(body, outline))
    for side, name in SIDES:
        for piece in polygons(frame):
            pillar = slab(piece, 0.03, 0.006, side * (width / 2 - 0.01))
            toy.add(f"{name} frame", lean(pillar), paint.body)
    roof = outline.intersection(box(x0, top - 0.045, x1, top)).buffer(0.004)
    toy.add("roof", lean(slab(roof, width + 0.012, 0.016)), paint.body)


def _panes(body: CarBody, outline: Polygon) -> Sequence[Polygon]:
    """The side windows between the pillars."""
    pillars = [box(body.post - 0.012, 0, body.post + 0.012, 1)]
    if body.kind == "van":
        pillars.append(box(body.post - 0.22, 0, body.post - 0.19, 1))
    panes = polygons(outline.buffer(-0.028) - unary_union(pillars))
    soft = [pane.buffer(-0.012).buffer(0.012) for pane in panes]
    return [pane for pane in soft if pane.area > 1e-4]


def _add_lights(toy: ShapeBuilder, body: CarBody, size: float, paint: CarPaint) -> None:
    for side, name in SIDES:
        y = side * body.width * 0.34
        at = (0.508, y, body.nose - 0.075)
        toy.add(f"{name} headlight", knob(size, -0.06, 0.012, at), HEADLIGHT)
        toy.add(f"{name} headlight", knob(size * 1.2, -0.06, 0.002, at), paint.chrome)
        tail = brick((0.04, 0.07, 0.045), (-0.508, y, body.tail - 0.07), 0.012)
        toy.add(f"{name} tail light", tail, TAIL_LIGHT)


def _add_doors(toy: ShapeBuilder, body: CarBody, paint: CarPaint) -> None:
    """Mirrors, door handles and the seam between the doors."""
    half, belt, post = body.width / 2, body.belt, body.post
    handles = [post - 0.11] if body.kind == "pickup" else [post - 0.11, post + 0.13]
    for side, name in SIDES:
        x = body.scuttle - 0.05
        mirror = blob((0.02, 0.032, 0.024), (x, side * (half + 0.025), belt + 0.035), 3)
        toy.add(f"{name} mirror", mirror, paint.body)
        foot = brick((0.016, 0.07, 0.014), (x, side * (half - 0.01), belt + 0.02), 0.004)
        toy.add(f"{name} mirror", foot, paint.body)
        for x in handles:
            handle = brick((0.06, 0.02, 0.014), (x, side * (half + 0.002), belt - 0.05), 0.005)
            toy.add("door handles", handle, paint.chrome)
        seam = brick((0.007, 0.006, 0.15), (post, side * half, belt - 0.105), 0.002)
        toy.add("door seams", seam, BLACK)


def _add_front(toy: ShapeBuilder, body: CarBody, bars: int, paint: CarPaint) -> None:
    """The grille."""
    width, nose = body.width, body.nose
    toy.add("grille", brick((0.03, width * 0.36, 0.055), (0.514, 0, nose - 0.08), 0.01), BLACK)
    for i in range(bars):
        bar = brick((0.034, width * 0.34, 0.006), (0.516, 0, nose - 0.1 + 0.014 * i), 0.002)
        toy.add("grille", bar, paint.chrome)


def _add_bumpers(toy: ShapeBuilder, body: CarBody, material: Material) -> None:
    for x, name in ((0.52, "front bumper"), (-0.515, "rear bumper")):
        bumper = brick((0.05, body.width * 0.98, 0.05), (x, 0, FLOOR + 0.035), 0.018)
        toy.add(name, bumper, material)


def _add_load_bed(toy: ShapeBuilder, body: CarBody, boxes: int, paint: CarPaint) -> None:
    width, belt = body.width, body.belt
    bed = brick((0.36, width * 0.78, 0.03), (-0.295, 0, belt - 0.006), 0.008)
    toy.add("load bed", bed, BLACK)
    for side, name in SIDES:
        at = (-0.28, side * (width / 2 - 0.03), belt + 0.015)
        toy.add(f"{name} rail", brick((0.42, 0.045, 0.05), at, 0.012), paint.body)
    gate = brick((0.04, width * 0.9, 0.05), (-0.485, 0, belt + 0.01), 0.012)
    toy.add("tailgate", gate, paint.body)
    for i in range(boxes):
        at = (-0.2 - 0.11 * (i % 3), 0.07 * (-1) ** i, belt + 0.055)
        toy.add("cargo", brick((0.1, 0.13, 0.11), at, 0.008), paint.second)


def _add_extras(toy: ShapeBuilder, body: CarBody, extras: Extras, paint: Material) -> None:
    if extras.spoiler:
        _add_spoiler(toy, body, paint)
    if extras.roof == "rack":
        _add_roof_rack(toy, body)
    elif extras.roof == "sign":
        sign = brick((0.06, 0.15, 0.06), (body.middle, 0, body.top + 0.025), 0.014)
        toy.add("roof sign", sign, HEADLIGHT)


def _add_spoiler(toy: ShapeBuilder, body: CarBody, paint: Material) -> None:
    wing = brick((0.09, body.width * 0.9, 0.018), (-0.46, 0, body.belt + 0.065), 0.006)
    toy.add("spoiler", wing, paint)
    for side, _ in SIDES:
        at = (-0.46, side * body.width * 0.3, body.belt + 0.025)
        toy.add("spoiler", brick((0.05, 0.018, 0.08), at, 0.004), paint)


def _add_roof_rack(toy: ShapeBuilder, body: CarBody) -> None:
    front, rear, top, width = body.front, body.rear, body.top, body.width
    for side, _ in SIDES:
        at = (body.middle, side * width * 0.3, top + 0.025)
        toy.add("roof rack", brick((front - rear - 0.06, 0.016, 0.016), at, 0.005), BLACK)
    for x in (front - 0.07, rear + 0.07):
        toy.add("roof rack", brick((0.018, width * 0.66, 0.03), (x, 0, top + 0.01), 0.005), BLACK)


def _add_racing_stripes(toy: ShapeBuilder, body: CarBody, paint: Material) -> None:
    """Two stripes over the bonnet and the roof."""
    shell = body.shell()
    bonnet = box(body.scuttle + 0.03, 0, 0.47, 1).intersection(shell)
    skin = bonnet.difference(shell.buffer(-0.012)).buffer(0.003)
    for y in (-0.05, 0.05):
        toy.add("stripes", slab(skin, 0.05, 0, y), paint)
        long = body.front - body.rear - 0.03
        roof = brick((long, 0.05, 0.02), (body.middle, y, body.top - 0.003), 0.004)
        toy.add("stripes", roof, paint)
