"""An airplane: a jet, a propeller plane or a biplane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from shapely.geometry import box

from datagen.geometry.shape import Material, Shape
from datagen.sources.builtin.builder import Mesh, ShapeBuilder, draw_size
from datagen.sources.builtin.drawn import Rng, chance, real, whole
from datagen.sources.builtin.edits import common, place, stretch
from datagen.sources.builtin.paints import metal, paints, plain, rubber, window
from datagen.sources.builtin.paths import curve, fillet
from datagen.sources.builtin.solids import blob, brick, lathe, ring, rod, slab, sweep
from datagen.sources.builtin.toys.vehicle_parts import QUARTER, SIDES

Kind = Literal["jet", "prop", "biplane"]
KINDS: tuple[Kind, ...] = ("jet", "prop", "biplane")


@dataclass(frozen=True)
class Jet:
    """sweep, up: how far back and how high the tip of a wing lies from its root.

    fin: its height; engines: under a wing; windows: of the right and the left side.
    """

    sweep: float
    up: float
    wing_paint: Material
    fin: float
    engines: int
    windows: tuple[int, int]


@dataclass(frozen=True)
class Wing:
    """raised: above the fuselage, not below; tip: chord at the tip, of that at the root."""

    raised: bool
    back: float
    up: float
    tip: float


@dataclass(frozen=True)
class Driven:
    """What has a propeller: with one wing, or a biplane. fin: its height; spin: in radians."""

    wing: Wing | None
    fin: float
    blades: int
    spin: float


@dataclass(frozen=True)
class Airplane:
    """fat, long: the fuselage's radius and half its length; mid: x of the wing; span: of one."""

    paint: Material
    second: Material
    third: Material
    glass: Material
    dark: Material
    steel: Material
    kind: Kind
    fat: float
    long: float
    mid: float
    span: float
    form: Jet | Driven
    size: float

    @property
    def jet(self) -> bool:
        """Whether it is a jet, without a propeller."""
        return self.kind == "jet"

    @property
    def axis(self) -> float:
        """Height of the fuselage's axis."""
        return (0.17 if self.jet else 0.2) + self.fat * 0.8

    def fuselage(self, grow: float = 0.0) -> Mesh:
        """The hull from tail to nose, grown by a little."""
        t = np.linspace(0, 1, 50)
        if self.jet:
            at, share = [0, 0.1, 0.3, 0.86, 0.93, 0.97, 1], [0.25, 0.55, 1, 1, 0.86, 0.62, 0.3]
            tail, nose = np.clip((0.3 - t) / 0.3, 0, 1), np.clip((t - 0.86) / 0.14, 0, 1)
            rise = self.fat * 0.6 * tail**1.5 - self.fat * 0.3 * nose**2
        else:
            at, share = [0, 0.3, 0.62, 0.85, 0.96, 1], [0.28, 0.68, 1, 0.96, 0.85, 0.75]
            rise = self.fat * 0.5 * np.clip((0.5 - t) / 0.5, 0, 1) ** 1.5
        size = np.interp(t, at, share)
        size = np.convolve(np.pad(size, 2, "edge"), np.full(5, 0.2), "valid") * self.fat
        path = np.column_stack([-self.long + 2 * self.long * t, 0 * t, self.axis + rise])
        return sweep(path, np.column_stack([size, size * (1.05 if self.jet else 1.15)]) + grow, 40)


def draw(rng: Rng) -> Airplane:
    """Everything that makes one airplane differ from another."""
    paint, second, third = paints(rng, 3, "paint", 0.22)
    if chance(rng, 0.4):
        paint = plain("white paint", (0.84, 0.84, 0.82), 0.22)
    glass, dark, steel = window(rng), rubber(rng), metal(rng, "steel")
    kind = KINDS[rng.integers(3)]
    jet = kind == "jet"
    fat = real(rng, 0.072, 0.088) if jet else real(rng, 0.085, 0.105)
    long = 0.55 if jet else real(rng, 0.38, 0.44)
    mid, span, back = real(rng, -0.02, 0.05), real(rng, 0.45, 0.58), real(rng, 0.14, 0.26)
    return Airplane(
        paint=paint,
        second=second,
        third=third,
        glass=glass,
        dark=dark,
        steel=steel,
        kind=kind,
        fat=fat,
        long=long,
        mid=mid,
        span=span,
        form=_draw_jet(rng, back, paint, second) if jet else _draw_driven(rng, kind),
        size=draw_size(rng),
    )


def _draw_jet(rng: Rng, back: float, paint: Material, second: Material) -> Jet:
    return Jet(
        sweep=back,
        up=real(rng, 0.02, 0.07),
        wing_paint=second if chance(rng, 0.4) else paint,
        fin=real(rng, 0.2, 0.26),
        engines=whole(rng, 1, 2),
        windows=(whole(rng, 11, 16), whole(rng, 11, 16)),
    )


def _draw_driven(rng: Rng, kind: Kind) -> Driven:
    return Driven(
        wing=_draw_wing(rng) if kind == "prop" else None,
        fin=real(rng, 0.13, 0.17),
        blades=whole(rng, 2, 4),
        spin=real(rng, 0, 3),
    )


def _draw_wing(rng: Rng) -> Wing:
    return Wing(
        raised=chance(rng, 0.5),
        back=real(rng, 0, 0.06),
        up=real(rng, 0.0, 0.05),
        tip=real(rng, 0.55, 0.9),
    )


def make(plane: Airplane) -> Shape:
    """The airplane of these parameters."""
    toy = ShapeBuilder()
    toy.add("fuselage", plane.fuselage(), plane.paint)
    if isinstance(plane.form, Jet):
        _add_jet_wings(toy, plane, plane.form)
        _add_engines(toy, plane, plane.form)
        _add_jet_windows(toy, plane, plane.form.windows)
    else:
        if plane.form.wing is None:
            _add_two_wings(toy, plane)
        else:
            _add_one_wing(toy, plane, plane.form.wing)
        tail = -plane.long + 0.05
        high = plane.axis + plane.fat * 0.4
        _add_wing(toy, "tailplane", (tail, high), 0.19, 0.12, 0.04, 0.0, 0.65, plane.second)
        _add_fin(toy, (tail, high), plane.form.fin, 0.15, 0.05, plane.second)
        _add_cockpit(toy, plane)
        _add_propeller(toy, plane, plane.form.blades, plane.form.spin)
        _add_emblems(toy, plane)
    _add_gear(toy, plane)
    return toy.finish(plane.size)


def _add_wing(
    toy: ShapeBuilder,
    name: str,
    root: tuple[float, float],
    span: float,
    chord: float,
    back: float,
    up: float,
    tip: float,
    paint: Material,
) -> None:
    """Two mirrored wings from a root (x, z): swept back, raised, narrowed to tip at their ends."""
    s = np.linspace(0, 1, 14)
    width = chord / 2 * (1 - (1 - tip) * s)
    width[-1] *= 0.93
    size = np.column_stack([width, 0.16 * width * (1 - 0.3 * s) + 0.004])
    for side, way in SIDES:
        line = np.column_stack([root[0] - back * s, side * span * s, root[1] + up * s])
        toy.add(f"{way} {name}", sweep(line, size, 32), paint)


def _add_fin(
    toy: ShapeBuilder,
    root: tuple[float, float],
    tall: float,
    chord: float,
    back: float,
    paint: Material,
) -> None:
    s = np.linspace(0, 1, 12)
    line = np.column_stack([root[0] - back * s, 0 * s, root[1] + tall * s])
    size = (1 - 0.5 * s)[:, None] * [chord / 2, 0.012]
    toy.add("fin", sweep(line, size, 28, up=(0, 1, 0)), paint)


def _add_jet_wings(toy: ShapeBuilder, plane: Airplane, jet: Jet) -> None:
    low, high = plane.axis - plane.fat * 0.4, plane.axis + plane.fat * 0.5
    up, paint = jet.up, jet.wing_paint
    _add_wing(toy, "wing", (plane.mid, low), plane.span, 0.24, jet.sweep, up, 0.35, paint)
    tail = -plane.long + 0.06
    _add_wing(toy, "tailplane", (tail, high), 0.2, 0.13, 0.1, 0.02, 0.45, plane.second)
    root = (-plane.long + 0.09, plane.axis + plane.fat * 0.4)
    _add_fin(toy, root, jet.fin, 0.2, 0.13, plane.second)


def _add_engines(toy: ShapeBuilder, plane: Airplane, jet: Jet) -> None:
    """The engines under each wing."""
    outside = [(0.034, -0.09), (0.044, 0.0), (0.047, 0.06)]
    cowl = fillet([*outside, (0.042, 0.075), (0.035, 0.06), (0.03, -0.09)], 0.01, 3, closed=True)
    core = [(0, -0.12), (0.012, -0.12), (0.034, -0.06), (0.039, 0.03), (0.012, 0.04), (0, 0.07)]
    for i in range(jet.engines):
        share = 0.36 + 0.28 * i
        for side, way in SIDES:
            x, y = plane.mid - jet.sweep * share + 0.06, side * plane.span * share
            z = plane.axis - plane.fat * 0.4 - 0.05
            part = f"{way} engine {i + 1}" if i else f"{way} engine"
            toy.add(part, place(lathe(cowl, 36), (x, y, z), ry=QUARTER), plane.third)
            toy.add(part, place(lathe(core, 32), (x, y, z), ry=QUARTER), plane.steel)
            pylon = brick((0.1, 0.014, 0.06), (x - 0.03, y, z + 0.045), 0.004)
            toy.add(part, pylon, plane.third)


def _add_jet_windows(toy: ShapeBuilder, plane: Airplane, counts: tuple[int, int]) -> None:
    """Cabin windows, the cockpit's and a stripe below them."""
    long, fat, axis = plane.long, plane.fat, plane.axis
    for (side, _), count in zip(SIDES, counts, strict=True):
        for x in np.linspace(-long * 0.55, long * 0.62, count):
            pane = blob((0.011, 0.008, 0.014), (x, side * fat * 0.97, axis + fat * 0.3), 3)
            toy.add("windows", pane, plane.glass)
    skin = plane.fuselage(0.004)
    visor = brick((0.075, 1, 0.035), (long - 0.005, 0, axis + fat * 0.48), 0.006)
    toy.add("cockpit", common(skin, visor), plane.glass)
    stripe = box(-long * 0.8, axis - 0.004, long * 0.98, axis + 0.014)
    for side, _ in SIDES:
        painted = common(skin, slab(stripe, 0.5, 0, side * (fat * 0.5 + 0.25)))
        toy.add("stripe", painted, plane.third)


def _add_two_wings(toy: ShapeBuilder, plane: Airplane) -> None:
    """A biplane's wings with struts between them."""
    mid, span, fat, paint = plane.mid, plane.span, plane.fat, plane.second
    low, high = plane.axis - fat * 0.75, plane.axis + fat * 1.15 + 0.09
    _add_wing(toy, "lower wing", (mid + 0.04, low), span * 0.92, 0.2, 0.0, 0.01, 0.85, paint)
    _add_wing(toy, "upper wing", (mid + 0.08, high), span, 0.2, 0.0, 0.01, 0.85, paint)
    for side, way in SIDES:
        for x in (mid, mid + 0.1):
            outer = [(x, side * span * 0.68, low), (x + 0.03, side * span * 0.68, high)]
            inner = [(x, side * fat * 0.4, plane.axis), (x + 0.03, side * fat * 1.1, high)]
            toy.add(f"{way} struts", sweep(outer, 0.009, 12), plane.third)
            toy.add(f"{way} struts", sweep(inner, 0.009, 12), plane.third)


def _add_one_wing(toy: ShapeBuilder, plane: Airplane, wing: Wing) -> None:
    """A wing above or below the fuselage."""
    level = plane.axis + plane.fat * (1.0 if wing.raised else -0.6)
    root = (plane.mid + 0.06, level)
    _add_wing(toy, "wing", root, plane.span, 0.2, wing.back, wing.up, wing.tip, plane.second)


def _add_cockpit(toy: ShapeBuilder, plane: Airplane) -> None:
    """A canopy, or an open seat behind a windshield."""
    fat, axis = plane.fat, plane.axis
    if plane.kind == "prop":
        at = (plane.mid, 0, axis + fat * 0.85)
        toy.add("canopy", blob((0.13, fat * 0.72, fat * 0.75), at), plane.glass)
        frame = place(ring(fat * 0.73, 0.008, 0.008), at, ry=QUARTER)
        toy.add("canopy frame", frame, plane.third)
    else:
        seat = plane.mid - 0.1
        edge = stretch(ring(0.055, 0.014, 0.014), 1.3, 1, 1)
        toy.add("cockpit", place(edge, (seat, 0, axis + fat * 1.03)), plane.dark)
        toy.add("seat", blob((0.06, 0.045, 0.02), (seat, 0, axis + fat)), plane.dark)
        shield = brick((0.01, 0.08, 0.07), (0, 0, 0), 0.003)
        at = (seat + 0.08, 0, axis + fat * 1.15)
        toy.add("windshield", place(shield, at, ry=-0.4), plane.glass)


def _add_propeller(toy: ShapeBuilder, plane: Airplane, blades: int, spin: float) -> None:
    """Cowling, spinner and blades."""
    nose, fat, axis = plane.long + plane.fat * 0.5, plane.fat, plane.axis
    cowling = rod(fat * 1.02, -0.09, 0.02, 0.02)
    toy.add("cowling", place(cowling, (nose - 0.02, 0, axis), ry=QUARTER), plane.third)
    cone = curve([(0.036, -0.02), (0.03, 0.03), (0, 0.065)], 14).clip(0)
    spinner = lathe([(0, -0.02), *cone])
    toy.add("spinner", place(spinner, (nose, 0, axis), ry=QUARTER), plane.steel)
    for k in range(blades):
        blade = place(blob((0.008, 0.024, 0.1), (0, 0, 0.1)), rz=0.5)
        turned = place(blade, (nose + 0.018, 0, axis), rx=spin + 2 * np.pi * k / blades)
        toy.add(f"propeller blade {k + 1}", turned, plane.dark)


def _add_emblems(toy: ShapeBuilder, plane: Airplane) -> None:
    disc = rod(plane.fat * 0.5, 0, 0.012, 0.004)
    for side, _ in SIDES:
        at = (-plane.long * 0.35, side * (plane.fat * 0.73 - 0.004), plane.axis + plane.fat * 0.2)
        emblem = place(disc, at, rx=-side * QUARTER, rz=-side * 0.12)
        toy.add("emblem", emblem, plane.third)


def _add_gear(toy: ShapeBuilder, plane: Airplane) -> None:
    """Three legs with wheels."""
    mid, long = plane.mid, plane.long
    if plane.jet:
        small = ("nose", long * 0.72, 0.028)
        x, y, big = mid - 0.1, 0.09, 0.04
    else:
        small = ("tail", -long + 0.03, 0.026)
        x, y, big = mid + 0.12, 0.13, 0.058
    _add_leg(toy, f"{small[0]} gear", small[1], 0.0, small[2], 0.03, 0.016, plane)
    for side, way in SIDES:
        _add_leg(toy, f"{way} gear", x, side * y, big, 0.034, 0.0, plane)


def _add_leg(
    toy: ShapeBuilder,
    part: str,
    x: float,
    y: float,
    radius: float,
    width: float,
    shift: float,
    plane: Airplane,
) -> None:
    """A strut from the fuselage to a wheel, which is shifted forward."""
    strut = sweep([(x, y, radius), (x, y * 0.4, plane.axis)], 0.012, 14)
    toy.add(part, strut, plane.steel)
    at, half = (x + shift, y, radius), width / 2
    toy.add(part, place(rod(radius, -half, half, 0.009, 32), at, rx=QUARTER), plane.dark)
    hub = rod(radius * 0.5, -half - 0.004, half + 0.004, 0.003, 24)
    toy.add(part, place(hub, at, rx=QUARTER), plane.third)
