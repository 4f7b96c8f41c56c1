"""A steam engine, at times with a tender."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from shapely.geometry import Polygon, box

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Mesh, ShapeBuilder, draw_size
from datagen.sources.builtin.drawn import Details, Rng, chance, details, real, whole
from datagen.sources.builtin.edits import bumpy, place
from datagen.sources.builtin.outlines import oblong
from datagen.sources.builtin.paints import metal, paints, plain, window, wood
from datagen.sources.builtin.paths import curve, dome, fillet, turns
from datagen.sources.builtin.solids import blob, brick, lathe, ring, rod, slab, sweep
from datagen.sources.builtin.toys.vehicle_parts import QUARTER, SIDES, add_wheel, knob

IRON = plain("black iron", (0.03, 0.031, 0.035), 0.45)
LAMP = plain("lamp", (0.88, 0.8, 0.5), 0.15)
BACK = -0.47
TENDER = BACK - 0.19  # x of its middle
CHIMNEY = 0.34  # x of the chimney


@dataclass(frozen=True)
class Engine:
    """wheel: the drivers' greatest radius; boiler: its radius."""

    paint: Material
    second: Material
    brass: Material
    width: float
    wheel: float
    boiler: float

    @property
    def deck(self) -> float:
        """Height of the deck."""
        return self.wheel * 1.35

    @property
    def axis(self) -> float:
        """Height of the boiler's axis."""
        return self.deck + self.boiler * 0.95

    @property
    def crest(self) -> float:
        """Height of the boiler's top."""
        return self.axis + self.boiler


@dataclass(frozen=True)
class Chimney:
    """flare: its radius at the top, of that below."""

    flare: float
    tall: float


@dataclass(frozen=True)
class Cab:
    """tall: over the deck; panes: the glass in front, right and left."""

    long: float
    tall: float
    panes: tuple[Material, Material]


@dataclass(frozen=True)
class RunningGear:
    """drivers: wheels on a side; angle: of the cranks, in radians."""

    drivers: int
    steel: Material
    angle: float


@dataclass(frozen=True)
class Train:
    """hoops: on the boiler; domes: their heights; coal: its bumps, in a tender."""

    engine: Engine
    frame: Material
    hoops: int
    chimney: Chimney
    domes: tuple[float, ...]
    cab: Cab
    gear: RunningGear
    has_cowcatcher: bool
    coal: Details | None
    size: float


def draw(rng: Rng) -> Train:
    """Everything that makes one train differ from another."""
    paint, second, third = paints(rng, 3, "paint", 0.3)
    brass = metal(rng, "brass")
    frame = wood(rng) if chance(rng, 0.35) else third
    engine = Engine(
        paint,
        second,
        brass,
        width=real(rng, 0.24, 0.28),
        wheel=real(rng, 0.115, 0.14),
        boiler=real(rng, 0.115, 0.14),
    )
    return Train(
        engine,
        frame,
        hoops=whole(rng, 2, 4),
        chimney=Chimney(flare=real(rng, 1.2, 2.0), tall=real(rng, 0.14, 0.22)),
        domes=tuple(real(rng, 0.05, 0.08) for _ in range(int(rng.integers(1, 3)))),
        cab=Cab(
            long=real(rng, 0.24, 0.3),
            tall=real(rng, 0.38, 0.46),
            panes=(window(rng), window(rng)),
        ),
        gear=RunningGear(
            drivers=whole(rng, 2, 3), steel=metal(rng, "steel"), angle=real(rng, 0, 6)
        ),
        has_cowcatcher=chance(rng, 0.6),
        coal=details(rng, lambda rng: _coal(rng, engine)) if chance(rng, 0.5) else None,
        size=draw_size(rng),
    )


def make(train: Train) -> Shape:
    """The train of these parameters."""
    toy = ShapeBuilder()
    engine = train.engine
    width = engine.width
    toy.add("frame", brick((0.96, width, 0.05), (0, 0, engine.deck), 0.014), train.frame)
    chassis = brick((0.84, width * 0.5, 0.12), (0, 0, engine.deck - 0.06), 0.015)
    toy.add("chassis", chassis, IRON)
    _add_boiler(toy, engine, train.hoops)
    _add_chimney(toy, engine, train.chimney)
    _add_domes(toy, engine, train.domes)
    _add_cab(toy, engine, train.cab)
    _add_running_gear(toy, engine, train.gear)
    _add_buffers(toy, engine, train.gear.steel)
    if train.has_cowcatcher:
        _add_cowcatcher(toy, engine)
    lamp = (0.4, 0, engine.crest + 0.035)
    toy.add("lamp", knob(0.035, -0.06, 0.03, lamp), engine.brass)
    toy.add("lamp", knob(0.027, 0.0, 0.036, lamp), LAMP)
    if train.coal is not None:
        _add_tender(toy, engine, train.coal)
    return toy.finish(train.size)


def _add_boiler(toy: ShapeBuilder, engine: Engine, hoops: int) -> None:
    r, at = engine.boiler, (0, 0, engine.axis)
    toy.add("boiler", knob(r, -0.2, 0.36, at, 0.01), engine.paint)
    toy.add("smokebox", knob(r * 1.04, 0.29, 0.42, at, 0.02), IRON)
    toy.add("smokebox door", knob(r * 0.7, 0.4, 0.436, at, 0.014), engine.second)
    toy.add("smokebox door", blob(0.02, (0.437, 0, engine.axis)), engine.brass)
    for x in np.linspace(-0.1, 0.25, hoops):
        hoop = ring(r, 0.009, 0.014)
        toy.add("boiler bands", place(hoop, (x, 0, engine.axis), ry=QUARTER), engine.brass)


def _add_chimney(toy: ShapeBuilder, engine: Engine, chimney: Chimney) -> None:
    flare, tall = chimney.flare, chimney.tall
    outside = [(0.045, -0.05), (0.042, tall * 0.5), (0.042 * flare, tall * 0.85)]
    inside = [(0.03 * flare, tall), (0.026, tall * 0.6), (0, tall * 0.6)]
    stack = [(0.0, -0.05), *outside, (0.045 * flare, tall), *inside]
    at = (CHIMNEY, 0, engine.crest)
    toy.add("chimney", place(lathe(fillet(stack, 0.012)), at), IRON)
    rim = ring(0.044 * flare, 0.009, 0.011, tall * 0.96)
    toy.add("chimney", place(rim, at), engine.brass)


def _add_domes(toy: ShapeBuilder, engine: Engine, heights: tuple[float, ...]) -> None:
    spots = [(0.16, engine.brass), (0.0, engine.second)]
    for i, (high, (x, material)) in enumerate(zip(heights, spots, strict=False)):
        rows = dome([(0.062, -0.04), (0.052, 0.02), (0.045, high), (0.0, high + 0.045)], 20)
        bell = place(lathe([(0, -0.04), *rows]), (x, 0, engine.crest))
        toy.add(f"dome {i + 1}", bell, material)


def _add_cab(toy: ShapeBuilder, engine: Engine, cab: Cab) -> None:
    width, deck, paint = engine.width, engine.deck, engine.paint
    long, high = cab.long, deck + cab.tall
    middle = (high + deck) / 2
    pane = oblong(long * 0.5, 0.13, 0.03, BACK + long * 0.52, high - 0.125)
    wall = box(BACK, deck, BACK + long, high) - pane
    frame = np.array(pane.exterior.coords)[:-1]
    for side, name in SIDES:
        part = f"{name} cab wall"
        toy.add(part, slab(wall, 0.03, 0.006, side * (width / 2 - 0.01)), paint)
        y = np.full(len(frame), side * (width / 2 + 0.003))
        loop = np.column_stack([frame[:, 0], y, frame[:, 1]])
        toy.add(part, sweep(loop, 0.009, 10, closed=True), engine.brass)
    front = brick((0.03, width * 0.96, high - deck), (BACK + long - 0.02, 0, middle), 0.006)
    toy.add("cab front", front, paint)
    for (side, _), glass in zip(SIDES, cab.panes, strict=True):
        at = (BACK + long - 0.006, side * width * 0.3, high - 0.06)
        toy.add("cab front", knob(0.03, -0.02, 0.01, at, 0.003), glass)
    low = brick((0.03, width * 0.96, 0.16), (BACK + 0.02, 0, deck + 0.08), 0.006)
    toy.add("cab back", low, paint)
    for side, _ in SIDES:
        at = (BACK + 0.02, side * width * 0.42, middle)
        toy.add("cab back", brick((0.03, 0.03, high - deck), at, 0.006), paint)
    roof = place(_roof(width, long), (BACK + long / 2, 0, high + 0.012), rz=QUARTER)
    toy.add("roof", roof, engine.second)


def _roof(width: float, long: float) -> Mesh:
    """An arched roof, its ridge along y."""
    arc = np.linspace(-1, 1, 15)
    bow = np.column_stack([arc * width * 0.62, 0.045 * (1 - arc**2)])
    return slab(Polygon([*bow, *(bow[::-1] - [0, 0.03])]), long + 0.09, 0.01)


def _add_running_gear(toy: ShapeBuilder, engine: Engine, gear: RunningGear) -> None:
    """Drivers with cranks, rods and cylinders, a leading pair of wheels."""
    width, drivers, steel = engine.width, gear.drivers, gear.steel
    span = np.linspace(-0.33, 0.12 if drivers == 3 else 0.02, drivers)
    size = min(engine.wheel, (span[1] - span[0]) * 0.47)
    y = width / 2 + 0.012
    names = ["rear", "middle", "front"] if drivers == 3 else ["rear", "front"]
    crank = size * 0.45 * np.array([np.cos(gear.angle), np.sin(gear.angle)])
    for side, way in SIDES:
        for x, name in zip(span.tolist(), names, strict=True):
            part = f"{name} {way} wheel"
            _add_driver(toy, part, np.array([x, side * y, size]), size, crank, engine, steel)
        ends = [span[0] + crank[0], span[-1] + crank[0]]
        _add_rods(toy, side, way, ends, size + crank[1], size, engine, steel)
        small = engine.wheel * 0.55
        at = (0.38, side * (width / 2 - 0.03), small)
        add_wheel(toy, f"leading {way} wheel", at, small, 0.035, IRON, engine.second, 0)
    leading = brick((0.1, width * 0.9, 0.04), (0.38, 0, engine.wheel * 0.55), 0.01)
    toy.add("axles", leading, IRON)
    for x in span:
        axle = rod(size * 0.15, -y, y)
        toy.add("axles", place(axle, (x, 0, size), rx=QUARTER), IRON)


def _add_driver(
    toy: ShapeBuilder,
    part: str,
    at: Floats,
    size: float,
    crank: Floats,
    engine: Engine,
    steel: Material,
) -> None:
    """A flanged wheel with eight spokes and a crank pin."""
    spin = -QUARTER * np.sign(at[1])
    flange = [(size * 0.78, -0.02), (size * 1.08, -0.02), (size * 1.08, -0.008)]
    tread = [(size, 0.0), (size, 0.025), (size * 0.78, 0.02)]
    rim = lathe(fillet(flange + tread, 0.006, 2, closed=True))
    toy.add(part, place(rim, at, rx=spin), engine.second)
    toy.add(part, place(rod(size * 0.2, -0.03, 0.03, 0.006), at, rx=spin), engine.brass)
    for a in turns(8):
        tip = (size * 0.85 * np.cos(a), size * 0.85 * np.sin(a), 0)
        spoke = sweep([(0, 0, 0), tip], size * 0.07, 8, flat=True)
        toy.add(part, place(spoke, at, rx=spin), engine.second)
    pin = place(rod(0.014, -0.02, 0.045), at + [crank[0], 0, crank[1]], rx=spin)
    toy.add(part, pin, steel)


def _add_rods(
    toy: ShapeBuilder,
    side: int,
    way: str,
    ends: list[float],
    z: float,
    size: float,
    engine: Engine,
    steel: Material,
) -> None:
    """The coupling rod between the cranks, and the piston rod to its cylinder."""
    half = engine.width / 2
    outside = side * (half + 0.047)
    coupling = sweep([(x, outside, z) for x in ends], (0.016, 0.008), 16, up=(0, 1, 0))
    toy.add(f"{way} rod", coupling, steel)
    cylinder = knob(0.05, -0.07, 0.07, (0.3, side * half, size * 1.05), 0.01)
    toy.add(f"{way} cylinder", cylinder, IRON)
    piston = [(ends[1], outside, z), (0.3, side * (half + 0.025), size * 1.05)]
    toy.add(f"{way} rod", sweep(piston, 0.009, 10), steel)


def _add_buffers(toy: ShapeBuilder, engine: Engine, steel: Material) -> None:
    width, deck = engine.width, engine.deck
    for side, way in SIDES:
        at = (0.48, side * width * 0.36, deck)
        toy.add(f"{way} buffer", knob(0.014, -0.04, 0.05, at), IRON)
        toy.add(f"{way} buffer", knob(0.032, 0.04, 0.056, at), steel)
    beam = brick((0.03, width * 1.02, 0.07), (0.48, 0, deck - 0.005), 0.008)
    toy.add("buffer beam", beam, engine.second)


def _add_cowcatcher(toy: ShapeBuilder, engine: Engine) -> None:
    width = engine.width
    for k in np.linspace(-1, 1, 7):
        top = (0.485, k * width * 0.4, engine.deck - 0.03)
        bar = [top, (0.56 - 0.06 * abs(k), k * width * 0.34, 0.03)]
        toy.add("cowcatcher", sweep(bar, 0.011, 10), engine.second)
    foot = curve([(0.5, -width * 0.36, 0.03), (0.57, 0, 0.03), (0.5, width * 0.36, 0.03)], 20)
    toy.add("cowcatcher", sweep(foot, 0.014, 12), engine.second)


def _coal(rng: Rng, engine: Engine) -> Mesh:
    """A bumpy heap on the tender."""
    at = (TENDER, 0, engine.deck + 0.155)
    return bumpy(rng, blob((0.1, engine.width * 0.4, 0.07), at, 3), 0.05, 60)


def _add_tender(toy: ShapeBuilder, engine: Engine, coal: Details) -> None:
    """A coal wagon behind the engine."""
    width, deck, x = engine.width, engine.deck, TENDER
    toy.add("tender", brick((0.24, width * 0.95, 0.2), (x, 0, deck + 0.06), 0.014), engine.paint)
    stripe = brick((0.18, width * 0.97, 0.03), (x, 0, deck + 0.1), 0.004)
    toy.add("tender stripe", stripe, engine.brass)
    coupling = brick((0.14, 0.06, 0.04), (BACK - 0.03, 0, deck - 0.02), 0.01)
    toy.add("coupling", coupling, IRON)
    toy.add("coal", _coal(coal.rng, engine), IRON)
    for side, way in SIDES:
        for at_x, name in ((BACK - 0.12, "first"), (BACK - 0.26, "second")):
            at = (at_x, side * width * 0.42, 0.065)
            part = f"{name} tender {way} wheel"
            add_wheel(toy, part, at, 0.065, 0.03, IRON, engine.second, 0)
    toy.add("tender frame", brick((0.22, width * 0.86, 0.1), (x, 0, 0.1), 0.01), IRON)
