"""A bus: a city bus, a double-decker or a school bus with a bonnet."""

from __future__ import annotations

from dataclasses import dataclass

from shapely.ops import unary_union

from datagen.geometry.shape import Material, Shape
from datagen.sources.builtin.builder import ShapeBuilder, draw_size
from datagen.sources.builtin.drawn import Rng, chance, real, whole
from datagen.sources.builtin.outlines import disc, oblong, rounded
from datagen.sources.builtin.paints import metal, paints, plain, shade, window
from datagen.sources.builtin.paths import curve
from datagen.sources.builtin.solids import blob, brick, slab, sweep
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

FLOOR = 0.07


@dataclass(frozen=True)
class BusBody:
    """long, high: half the length and the height it would have with one deck.

    wheel: radius; panes: windows on a side.
    """

    hood: bool
    double: bool
    long: float
    width: float
    wheel: float
    high: float
    panes: int

    @property
    def half(self) -> float:
        """Half the length."""
        return self.long * (0.85 if self.double else 1)

    @property
    def tall(self) -> float:
        """Height of the body above its floor."""
        return self.high * (1.75 if self.double else 1)

    @property
    def top(self) -> float:
        """Height of the roof above the ground."""
        return FLOOR + self.tall

    @property
    def end(self) -> float:
        """x of the windscreen."""
        return self.half - (0.2 if self.hood else 0)

    @property
    def nose(self) -> float:
        """x of the front."""
        return self.half + (0.006 if self.hood else -0.002)

    @property
    def axles(self) -> tuple[float, float]:
        """x of the rear and of the front axle."""
        return (-self.half * 0.62, self.half * (0.78 if self.hood else 0.6))

    @property
    def decks(self) -> list[float]:
        """Heights of the rows of windows."""
        if self.double:
            return [FLOOR + self.tall * 0.3, FLOOR + self.tall * 0.76]
        return [FLOOR + self.tall * 0.56]

    @property
    def pane(self) -> float:
        """Height of a window."""
        return self.tall * (0.2 if self.double else 0.32)

    @property
    def start(self) -> float:
        """x at which the row of windows begins."""
        return -self.half + 0.05

    @property
    def stop(self) -> float:
        """x at which the row of windows ends."""
        return self.end - 0.05

    @property
    def step(self) -> float:
        """From one window to the next, along x."""
        return (self.stop - self.start) / self.panes


@dataclass(frozen=True)
class BusPaint:
    """What every part of a bus is painted with."""

    body: Material
    second: Material
    third: Material
    glass: Material
    chrome: Material


@dataclass(frozen=True)
class Bus:
    """hatches: on the roof."""

    paint: BusPaint
    body: BusBody
    roof: Material
    hatches: int
    wheels: Wheels
    size: float


def draw(rng: Rng) -> Bus:
    """Everything that makes one bus differ from another."""
    first, second, third = paints(rng, 3, "paint", 0.22)
    glass, chrome = window(rng), metal(rng, "steel")
    hood = chance(rng, 0.3)
    double = not hood and chance(rng, 0.35)
    if hood and chance(rng, 0.6):
        first = plain("school bus yellow", shade(rng, (0.82, 0.42, 0.015)), 0.25)
    return Bus(
        BusPaint(first, second, third, glass, chrome),
        body=BusBody(
            hood,
            double,
            long=real(rng, 0.52, 0.6),
            width=real(rng, 0.27, 0.32),
            wheel=real(rng, 0.08, 0.1),
            high=real(rng, 0.3, 0.36),
            panes=whole(rng, 4, 7),
        ),
        roof=third if chance(rng, 0.5) else first,
        hatches=whole(rng, 1, 3),
        wheels=draw_wheels(rng, chrome if chance(rng, 0.5) else third),
        size=draw_size(rng),
    )


def make(bus: Bus) -> Shape:
    """The bus of these parameters."""
    toy = ShapeBuilder()
    body, paint = bus.body, bus.paint
    half, width = body.half, body.width
    _add_shell(toy, body, paint)
    _add_windows(toy, body, paint)
    _add_door(toy, body, paint)
    _add_stripes(toy, body, paint)
    _add_lights(toy, body)
    _add_front(toy, body, paint)
    roof = (body.end + half - 0.06, width * 0.86, 0.03)
    at = ((body.end - half) / 2, 0, body.top + 0.004)
    toy.add("roof", brick(roof, at, 0.012), bus.roof)
    for i in range(bus.hatches):
        at = (-half * 0.5 + i * half * 0.5, 0, body.top + 0.025)
        toy.add(f"hatch {i + 1}", brick((0.12, width * 0.5, 0.035), at, 0.01), paint.second)
    if body.hood:
        for y in (-0.09, 0.09):
            warning = blob(0.022, (body.end - 0.04, y, body.top + 0.018))
            toy.add("warning lights", warning, TAIL_LIGHT)
    add_wheels(toy, bus.wheels, body.axles, width / 2 - 0.03, body.wheel, 0.075)
    return toy.finish(bus.size)


def _add_shell(toy: ShapeBuilder, body: BusBody, paint: BusPaint) -> None:
    half, end, width = body.half, body.end, body.width
    front = [(end, FLOOR), (end, FLOOR + body.tall * 0.4), (end - 0.015, body.top)]
    shell = rounded([(-half, FLOOR), *front, (-half, body.top)], 0.035)
    arches = unary_union([disc(body.wheel * 1.2, x, body.wheel) for x in body.axles])
    toy.add("body", slab(shell - arches, width, 0.03), paint.body)
    under = brick((half * 1.8, width * 0.55, 0.12), (0, 0, FLOOR + 0.07), 0.02)
    toy.add("underbody", under, BLACK)
    if body.hood:
        nose = [(half, FLOOR), (half + 0.01, FLOOR + 0.13)]
        bonnet = rounded([(end - 0.05, FLOOR), *nose, (end - 0.05, FLOOR + 0.17)], 0.035)
        toy.add("bonnet", slab(bonnet - arches, width * 0.86, 0.025), paint.body)


def _add_windows(toy: ShapeBuilder, body: BusBody, paint: BusPaint) -> None:
    """Rows of side windows, but for the door's, the windscreen and the rear window."""
    width, step = body.width, body.step
    for deck, z in enumerate(body.decks):
        for side, name in SIDES:
            for i in range(body.panes):
                if deck == 0 and side < 0 and i == body.panes - 1:
                    continue
                pane = oblong(step * 0.84, body.pane, 0.014, body.start + (i + 0.5) * step, z)
                glass = slab(pane, 0.03, 0.004, side * (width / 2 - 0.008))
                toy.add(f"{name} windows", glass, paint.glass)
        screen = brick((0.03, width * 0.84, body.pane * 1.15), (body.end - 0.008, 0, z), 0.012)
        toy.add("windscreen", screen, paint.glass)
        rear = brick((0.03, width * 0.7, body.pane * 0.8), (-body.half + 0.008, 0, z), 0.012)
        toy.add("rear window", rear, paint.glass)


def _add_door(toy: ShapeBuilder, body: BusBody, paint: BusPaint) -> None:
    """A door of two glazed wings on the right."""
    high = body.decks[0] + body.pane / 2 - FLOOR - 0.025
    x, z = body.stop - body.step / 2, FLOOR + 0.025 + high / 2
    frame = oblong(body.step * 0.94, high + 0.016, 0.012, x, z)
    toy.add("door", slab(frame, 0.03, 0.004, -body.width / 2 + 0.006), paint.second)
    for k in (-1, 1):
        pane = oblong(body.step * 0.38, high * 0.86, 0.012, x + k * body.step * 0.21, z)
        toy.add("door", slab(pane, 0.03, 0.004, -body.width / 2 + 0.0005), paint.glass)


def _add_stripes(toy: ShapeBuilder, body: BusBody, paint: BusPaint) -> None:
    low = FLOOR + body.tall * (0.13 if body.double else 0.27)
    for side, name in SIDES:
        y = side * body.width / 2
        long = body.stop - body.start - (body.step * 1.1 if side < 0 else 0)
        stripe = brick((long, 0.014, body.tall * 0.07), (body.start + long / 2, y, low), 0.004)
        toy.add(f"{name} stripe", stripe, paint.second)
        if body.double:
            at = ((body.stop + body.start) / 2, y, FLOOR + body.tall * 0.53)
            upper = brick((body.stop - body.start, 0.014, 0.05), at, 0.005)
            toy.add(f"{name} stripe", upper, paint.third)


def _add_lights(toy: ShapeBuilder, body: BusBody) -> None:
    """Headlights, tail lights and mirrors."""
    end, z = body.end, body.decks[0]
    for side, name in SIDES:
        y = side * body.width
        lamp = knob(0.028, -0.04, 0.014, (body.nose, y * 0.34, FLOOR + 0.075))
        toy.add(f"{name} headlight", lamp, HEADLIGHT)
        tail = brick((0.03, 0.05, 0.04), (-body.half, y * 0.34, FLOOR + 0.085), 0.008)
        toy.add(f"{name} tail light", tail, TAIL_LIGHT)
        high, low = z + body.pane * 0.5, z + body.pane * 0.2
        bent = [(end - 0.03, y * 0.46, high), (end + 0.035, y * 0.56, high)]
        arm = curve([*bent, (end + 0.045, y * 0.58, low)], 12)
        toy.add(f"{name} mirror", sweep(arm, 0.007, 10), BLACK)
        toy.add(f"{name} mirror", blob((0.012, 0.026, 0.04), arm[-1], 4), BLACK)


def _add_front(toy: ShapeBuilder, body: BusBody, paint: BusPaint) -> None:
    """The destination sign, the grille and both bumpers."""
    nose, width = body.nose, body.width
    high = FLOOR + body.tall * 0.53 if body.double else body.top - 0.035
    sign = brick((0.03, width * 0.62, 0.045), (body.end - 0.008, 0, high), 0.008)
    toy.add("destination sign", sign, paint.third if body.hood else HEADLIGHT)
    grille = brick((0.024, width * 0.36, 0.06), (nose - 0.004, 0, FLOOR + 0.08), 0.008)
    toy.add("grille", grille, BLACK)
    for i in range(3):
        at = (nose - 0.002, 0, FLOOR + 0.062 + 0.018 * i)
        toy.add("grille", brick((0.028, width * 0.34, 0.007), at, 0.002), paint.chrome)
    for x, name in ((nose + 0.004, "front bumper"), (-body.half, "rear bumper")):
        toy.add(name, brick((0.04, width, 0.036), (x, 0, FLOOR + 0.018), 0.012), BLACK)
