"""A tin robot that looks towards -y, on legs or on tracks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Mesh, ShapeBuilder, draw_size
from datagen.sources.builtin.drawn import Rng, chance, real, whole
from datagen.sources.builtin.edits import aim, place, stretch
from datagen.sources.builtin.outlines import rounded
from datagen.sources.builtin.paints import metal, paints, plain, rubber
from datagen.sources.builtin.paths import curve
from datagen.sources.builtin.solids import blob, brick, lathe, ring, rod, slab, sweep

SIDES = ((-1, "left"), (1, "right"))
QUARTER = np.pi / 2
DARK = plain("dark panel", (0.03, 0.035, 0.045), 0.4)
DIAL = plain("white dial", (0.85, 0.85, 0.8), 0.3)
Skull = Literal["box", "dome", "drum"]


@dataclass(frozen=True)
class RobotPaint:
    """What every part of a robot is painted with; glow: its eyes and lamps; dots: some buttons."""

    body: Material
    trim: Material
    glow: Material
    dots: Material
    steel: Material


@dataclass(frozen=True)
class RobotTrunk:
    """The body's size, and the height that it stands at; bevel: of a box, None for a barrel."""

    wide: float
    deep: float
    tall: float
    low: float
    bevel: float | None

    @property
    def top(self) -> float:
        """Height of the shoulders."""
        return self.low + self.tall


@dataclass(frozen=True)
class Panel:
    """wide, tall: of the trunk's; needle: its angle; columns, rows: of buttons."""

    wide: float
    tall: float
    needle: float
    columns: int
    rows: int


@dataclass(frozen=True)
class Antenna:
    """bulb: its radius."""

    long: float
    bulb: float


@dataclass(frozen=True)
class RobotHead:
    """wide, deep: of the trunk's; bevel: of a box; eyes: their radius, of the head's width."""

    wide: float
    deep: float
    tall: float
    kind: Skull
    bevel: float | None
    eyes: float
    teeth: int
    antennas: tuple[Antenna, ...]


@dataclass(frozen=True)
class Robot:
    """belt: of the tracks, None on legs; lifts: of the left and the right hand, 2.2 for up."""

    paint: RobotPaint
    belt: Material | None
    trunk: RobotTrunk
    panel: Panel
    head: RobotHead
    lifts: tuple[float, ...]
    size: float


def draw(rng: Rng) -> Robot:
    """Everything that makes one robot differ from another."""
    body, trim, glow, dots = paints(rng, 4, "lacquer", 0.28)
    if chance(rng, 0.4):
        body = metal(rng, "steel")
    paint = RobotPaint(body, trim, glow, dots, metal(rng, "iron"))
    wide, deep, tall = real(rng, 0.34, 0.46), real(rng, 0.22, 0.3), real(rng, 0.36, 0.48)
    leg = real(rng, 0.2, 0.3)
    belt = rubber(rng) if chance(rng, 0.25) else None
    bevel = real(rng, 0.02, 0.06) if chance(rng, 0.6) else None
    return Robot(
        paint,
        belt,
        trunk=RobotTrunk(wide, deep, tall, leg if belt is None else 0.15, bevel),
        panel=Panel(
            wide=real(rng, 0.6, 0.75),
            tall=real(rng, 0.4, 0.55),
            needle=real(rng, -1, 1),
            columns=whole(rng, 2, 3),
            rows=whole(rng, 2, 3),
        ),
        head=_draw_head(rng),
        lifts=tuple(real(rng, -0.1, 0.5) if chance(rng, 0.8) else 2.2 for _ in SIDES),
        size=draw_size(rng),
    )


def _draw_head(rng: Rng) -> RobotHead:
    wide, deep, tall = real(rng, 0.62, 0.85), real(rng, 0.85, 1.0), real(rng, 0.2, 0.27)
    kind: Skull = get_args(Skull)[rng.integers(3)]
    return RobotHead(
        wide,
        deep,
        tall,
        kind,
        bevel=real(rng, 0.02, 0.05) if kind == "box" else None,
        eyes=real(rng, 0.12, 0.17),
        teeth=whole(rng, 4, 6),
        antennas=tuple(
            Antenna(long=real(rng, 0.1, 0.18), bulb=real(rng, 0.022, 0.034))
            for _ in range(1 if chance(rng, 0.6) else 2)
        ),
    )


def make(robot: Robot) -> Shape:
    """The robot of these parameters."""
    toy = ShapeBuilder()
    trunk, paint = robot.trunk, robot.paint
    if robot.belt is not None:
        _add_tracks(toy, trunk, robot.belt, paint)
    else:
        _add_legs(toy, trunk, paint)
    _add_trunk(toy, trunk, paint)
    _add_panel(toy, robot.panel, trunk, paint)
    _add_head(toy, robot.head, trunk, paint)
    for (side, name), lift in zip(SIDES, robot.lifts, strict=True):
        _add_arm(toy, lift, trunk, side, name, paint)
    return toy.finish(robot.size)


def _add_tracks(toy: ShapeBuilder, trunk: RobotTrunk, belt: Material, paint: RobotPaint) -> None:
    front = [(-0.2, 0), (0.2, 0), (0.26, 0.09)]
    outline = rounded([*front, (0.18, 0.17), (-0.18, 0.17), (-0.26, 0.09)], 0.06)
    for side, name in SIDES:
        x = side * trunk.wide * 0.42
        toy.add(f"{name} track", place(slab(outline, 0.11, 0.02), (x, 0, 0), rz=QUARTER), belt)
        for y in (-0.15, 0, 0.15):
            wheel = place(rod(0.055, -0.075, 0.075, 0.01), (x, y, 0.085), ry=QUARTER)
            toy.add(f"{name} track", wheel, paint.trim)


def _add_legs(toy: ShapeBuilder, trunk: RobotTrunk, paint: RobotPaint) -> None:
    wide, deep, leg = trunk.wide, trunk.deep, trunk.low
    for side, name in SIDES:
        x = side * wide * 0.27
        pipe = place(rod(wide * 0.13, 0.05, leg + 0.03), (x, 0, 0))
        toy.add(f"{name} leg", pipe, paint.steel)
        for k in range(3):
            fold = ring(wide * 0.14, 0.014, 0.018, 0.09 + k * leg * 0.28)
            toy.add(f"{name} leg", place(fold, (x, 0, 0)), paint.steel)
        foot = brick((wide * 0.4, deep * 1.1, 0.09), (x, -deep * 0.12, 0.045), 0.025)
        toy.add(f"{name} foot", foot, paint.trim)


def _add_trunk(toy: ShapeBuilder, trunk: RobotTrunk, paint: RobotPaint) -> None:
    """A box or a barrel, with a belt and a neck."""
    wide, deep, tall = trunk.wide, trunk.deep, trunk.tall
    middle = (0, 0, trunk.low + tall / 2)
    if trunk.bevel is not None:
        toy.add("body", brick((wide, deep, tall), middle, trunk.bevel), paint.body)
    else:
        barrel = stretch(rod(1, -0.5, 0.5, 0.06), wide / 2, deep / 2 * 1.05, tall)
        toy.add("body", place(barrel, middle), paint.body)
    belt = brick((wide * 1.04, deep * 1.08, 0.04), (0, 0, trunk.low + 0.045), 0.012)
    toy.add("belt", belt, paint.trim)
    toy.add("neck", rod(wide * 0.16, trunk.top - 0.02, trunk.top + 0.06), paint.steel)
    toy.add("neck", ring(wide * 0.17, 0.018, 0.018, trunk.top + 0.025), paint.steel)


def _add_panel(toy: ShapeBuilder, panel: Panel, trunk: RobotTrunk, paint: RobotPaint) -> None:
    """A dark panel on the chest with a gauge and buttons."""
    wide, tall = trunk.wide * panel.wide, trunk.tall * panel.tall
    z = trunk.low + trunk.tall * 0.58
    toy.add("panel", brick((wide, 0.05, tall), (0, -trunk.deep / 2, z), 0.012), DARK)
    face = -trunk.deep / 2 - 0.025
    dial = rod(tall * 0.26, 0, 0.02, 0.006)
    toy.add("gauge", place(dial, (-wide * 0.25, face + 0.004, z + tall * 0.15), rx=QUARTER), DIAL)
    needle = brick((0.01, 0.012, tall * 0.22), (0, 0, tall * 0.08), 0.003)
    at = (-wide * 0.25, face - 0.016, z + tall * 0.13)
    toy.add("gauge", place(needle, at, ry=panel.needle), paint.glow)
    columns, rows = panel.columns, panel.rows
    mix = [paint.glow, paint.dots, paint.trim]
    for i in range(columns):
        for j in range(rows):
            x = wide * (0.08 + 0.34 * i / (columns - 1))
            at = (x, face - 0.002, z + tall * (-0.3 + 0.6 * j / (rows - 1)))
            toy.add("buttons", blob((0.019, 0.016, 0.019), at), mix[(i + j) % 3])


def _add_head(toy: ShapeBuilder, head: RobotHead, trunk: RobotTrunk, paint: RobotPaint) -> None:
    wide, deep = trunk.wide * head.wide, trunk.deep * head.deep
    tall, low = head.tall, trunk.top + 0.045
    domed = head.kind == "dome"
    if head.bevel is not None:
        skull = brick((wide, deep, tall), (0, 0, low + tall / 2), head.bevel)
    else:
        unit = _dome() if domed else rod(1, 0, 1, 0.12)
        skull = place(stretch(unit, wide / 2, deep / 2 * 1.1, tall), (0, 0, low))
    toy.add("head", skull, paint.body)
    front = -deep / 2 * (1.0 if head.kind == "box" else 0.98)
    mask = brick((wide * 0.8, 0.06, tall * 0.72), (0, front, low + tall * 0.5), 0.02)
    toy.add("mask", mask, DARK)
    _add_face(toy, head, wide, low, front - 0.03, paint)
    if domed:
        for side, name in SIDES:
            bulb = blob(0.02, (side * (wide * 0.48 + 0.055), 0, low + tall * 0.5))
            toy.add(f"{name} ear", bulb, paint.glow)
    peak = low + tall * (1.15 if domed else 1.0)
    single = len(head.antennas) == 1
    for x, antenna in zip((0.0,) if single else (-0.25, 0.25), head.antennas, strict=True):
        sunk = 0.09 if x and domed else 0.02
        name = "antenna" if single else f"{'left' if x < 0 else 'right'} antenna"
        _add_antenna(toy, antenna, name, x * wide, peak - sunk, x * 0.6, paint)


def _dome() -> Mesh:
    top = curve([(1, 0.5), (0.86, 0.8), (0.5, 1.05), (0, 1.15)], 16)
    return lathe(np.concatenate([[(0, 0), (0.9, 0), (1, 0.08)], top]))


def _add_face(
    toy: ShapeBuilder, head: RobotHead, wide: float, low: float, y: float, paint: RobotPaint
) -> None:
    """Eyes, ears and a grille for a mouth."""
    tall, size = head.tall, wide * head.eyes
    for side, name in SIDES:
        x, z = side * wide * 0.2, low + tall * 0.62
        lamp = place(rod(size, -0.01, 0.02, 0.006), (x, y, z), rx=QUARTER)
        toy.add(f"{name} eye", lamp, paint.glow)
        pupil = blob((size * 0.45, 0.012, size * 0.45), (x, y - 0.02, z))
        toy.add(f"{name} eye", pupil, DARK)
        at = (side * wide * 0.48, 0, low + tall * 0.5)
        ear = place(rod(tall * 0.2, -0.04, 0.05, 0.012), at, ry=side * QUARTER)
        toy.add(f"{name} ear", ear, paint.trim)
    count = head.teeth
    for i in range(count):
        x = (i - (count - 1) / 2) * wide * 0.5 / count
        tooth = (wide * 0.3 / count, 0.03, tall * 0.16)
        toy.add("mouth", brick(tooth, (x, y, low + tall * 0.28), 0.006), paint.steel)


def _add_antenna(
    toy: ShapeBuilder,
    antenna: Antenna,
    name: str,
    x: float,
    z: float,
    lean: float,
    paint: RobotPaint,
) -> None:
    long = antenna.long
    wire = rod(0.011, -0.02, long)
    toy.add(name, place(wire, (x, 0, z), ry=lean), paint.steel)
    end = (x + np.sin(lean) * long, 0, z + long)
    toy.add(name, blob(antenna.bulb, end), paint.glow)


def _add_arm(
    toy: ShapeBuilder, lift: float, trunk: RobotTrunk, side: int, name: str, paint: RobotPaint
) -> None:
    """A corrugated arm from a ball joint to a gripper."""
    joint = np.array([side * (trunk.wide / 2 + 0.03), 0, trunk.top - trunk.tall * 0.16])
    toy.add(f"{name} arm", blob(0.068, joint), paint.trim)
    elbow = joint + np.array([side * 0.09, -0.02, -0.13])
    hand = elbow + 0.18 * np.array([side * 0.15, -np.cos(lift - 0.7) * 0.9, -0.6 + lift * 0.5])
    arm = curve([joint, elbow, hand], 30)
    toy.add(f"{name} arm", sweep(arm, 0.036, 16), paint.steel)
    for k in range(4, 28, 4):
        fold = aim(ring(0.037, 0.011, 0.012), arm[k], arm[k + 1] - arm[k])
        toy.add(f"{name} arm", fold, paint.steel)
    way = (arm[-1] - arm[-2]) / np.linalg.norm(arm[-1] - arm[-2])
    _add_gripper(toy, f"{name} hand", hand, way, paint.trim)


def _add_gripper(toy: ShapeBuilder, part: str, at: Floats, way: Floats, paint: Material) -> None:
    """A wrist with two bent fingers."""
    toy.add(part, aim(rod(0.056, -0.02, 0.035, 0.01), at, way), paint)
    claw = curve([(0.0, 0.03), (0.065, 0.05), (0.06, 0.12), (0.02, 0.15)], 14)
    for side in (1, -1):
        line = np.column_stack([side * claw[:, 0], 0 * claw[:, 0], claw[:, 1]])
        finger = sweep(line, np.linspace(0.02, 0.013, 14), 14)
        toy.add(part, aim(finger, at, way), paint)
