"""A boat: a sailing boat, a tug or a ship with funnels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Mesh, ShapeBuilder, draw_size
from datagen.sources.builtin.drawn import Rng, chance, real, whole
from datagen.sources.builtin.edits import place
from datagen.sources.builtin.outlines import oblong, rounded
from datagen.sources.builtin.paints import metal, paints, plain, shade, window, wood
from datagen.sources.builtin.solids import blob, brick, loft, ring, rod, slab, sweep
from datagen.sources.builtin.toys.vehicle_parts import BLACK, QUARTER, SIDES

Kind = Literal["sail", "tug", "ship"]
KINDS: tuple[Kind, ...] = ("sail", "tug", "ship")
WHITE = plain("white paint", (0.84, 0.84, 0.8), 0.3)
SAILCLOTH = (0.84, 0.82, 0.74)


@dataclass(frozen=True)
class Hull:
    """half: of the width, were it no ship; blunt: the bow; stern: its width, of the greatest."""

    kind: Kind
    half: float
    deep: float
    blunt: float
    stern: float

    @property
    def beam(self) -> float:
        """Half the width."""
        return self.half * (0.85 if self.kind == "ship" else 1)

    @property
    def deck(self) -> float:
        """Height of the deck."""
        return self.deep + 0.006

    def line(self, t: float, grow: float = 0.0) -> Floats:
        """(79, 3) the outline at this share of the depth, from the stern round the bow."""
        s = np.linspace(0, 1, 40)
        front, rear = 0.36 + 0.16 * t**1.3, -0.4 - 0.07 * t
        x = rear + (front - rear) * s + grow * s
        half = self.beam * (0.62 + 0.38 * t**0.7) + grow
        y = half * np.clip(1 - s**self.blunt, 0, 1) ** 0.75
        y *= self.stern + (1 - self.stern) * np.sin(np.clip(s / 0.45, 0, 1) * np.pi / 2)
        y[-1] = 0
        bow, quarter = np.clip((s - 0.35) / 0.65, 0, 1), np.clip((0.3 - s) / 0.3, 0, 1)
        z = self.deep * t + 0.09 * t * bow**2 + 0.03 * t * quarter**2
        right, left = np.column_stack([x, -y, z]), np.column_stack([x, y, z])[::-1]
        return np.concatenate([right, left[1:]])

    def zone(self, low: float, high: float, levels: int, grow: float = 0.0) -> Mesh:
        """The hull between two shares of its depth."""
        return loft(np.array([self.line(float(t), grow) for t in np.linspace(low, high, levels)]))


@dataclass(frozen=True)
class BoatPaint:
    """What every part of a boat is painted with."""

    hull: Material
    second: Material
    third: Material
    red: Material
    timber: Material
    mast: Material
    glass: Material
    brass: Material


@dataclass(frozen=True)
class Sails:
    """bulge: to the side lee, -1 or 1; jib: its cloth.

    stripe, stripe_width: where it begins and how wide it is, of the main sail's height.
    """

    cloth: Material
    bulge: float
    lee: int
    stripe: float
    stripe_width: float
    jib: Material | None


@dataclass(frozen=True)
class Rig:
    """tall, x: of the mast; boom: its length; low: its height over the deck; swing: in radians."""

    tall: float
    x: float
    boom: float
    low: float
    swing: float
    sails: Sails


@dataclass(frozen=True)
class Deckhouse:
    """long: of the usual length; bridge: its height; portholes: of the right and the left side.

    tall, radius: of the funnels.
    """

    long: float
    bridge: float
    portholes: tuple[int, int]
    funnels: int
    tall: float
    radius: float


@dataclass(frozen=True)
class Boat:
    """water: where the keel's paint ends, of the hull's depth."""

    paint: BoatPaint
    hull: Hull
    water: float
    has_stripe: bool
    upper: Rig | Deckhouse
    size: float


def draw(rng: Rng) -> Boat:
    """Everything that makes one boat differ from another."""
    first, second, third = paints(rng, 3, "paint", 0.3)
    timber, mast = wood(rng), wood(rng, "beech", "oak")
    glass, brass = window(rng), metal(rng, "brass")
    hull = Hull(
        kind=KINDS[rng.integers(3)],
        half=real(rng, 0.15, 0.19),
        deep=real(rng, 0.17, 0.22),
        blunt=real(rng, 1.8, 2.6),
        stern=real(rng, 0.55, 0.8),
    )
    red = paints(rng, 1, "paint", 0.35, ["red", "green", "blue"])[0]
    return Boat(
        BoatPaint(
            hull=first,
            second=second,
            third=third,
            red=red,
            timber=timber,
            mast=mast,
            glass=glass,
            brass=brass,
        ),
        hull,
        water=real(rng, 0.35, 0.5),
        has_stripe=chance(rng, 0.8),
        upper=_draw_rig(rng, third) if hull.kind == "sail" else _draw_deckhouse(rng, hull.kind),
        size=draw_size(rng),
    )


def _draw_rig(rng: Rng, third: Material) -> Rig:
    return Rig(
        tall=real(rng, 0.75, 0.95),
        x=real(rng, 0.02, 0.1),
        boom=real(rng, 0.34, 0.42),
        low=real(rng, 0.1, 0.14),
        swing=real(rng, -0.25, 0.25),
        sails=_draw_sails(rng, third),
    )


def _draw_sails(rng: Rng, third: Material) -> Sails:
    cloth = plain("sail cloth", shade(rng, SAILCLOTH, 0.05), 0.85)
    if chance(rng, 0.4):
        cloth = plain("sail cloth", paints(rng, 1)[0].base_color, 0.85)
    return Sails(
        cloth,
        bulge=real(rng, 0.04, 0.08),
        lee=int(rng.choice([-1, 1])),
        stripe=real(rng, 0.2, 0.5),
        stripe_width=real(rng, 0.08, 0.15),
        jib=(cloth if chance(rng, 0.5) else third) if chance(rng, 0.8) else None,
    )


def _draw_deckhouse(rng: Rng, kind: Kind) -> Deckhouse:
    ship = kind == "ship"
    fewest, most = (5, 8) if ship else (2, 3)
    return Deckhouse(
        long=real(rng, 0.9, 1.1),
        bridge=real(rng, 0.12, 0.15),
        portholes=(whole(rng, fewest, most), whole(rng, fewest, most)),
        funnels=whole(rng, 2, 3) if ship else 1,
        tall=real(rng, 0.16, 0.2),
        radius=0.038 if ship else real(rng, 0.042, 0.055),
    )


def make(boat: Boat) -> Shape:
    """The boat of these parameters."""
    toy = ShapeBuilder()
    hull, paint = boat.hull, boat.paint
    _add_hull(toy, boat)
    if isinstance(boat.upper, Rig):
        _add_rig(toy, hull, boat.upper, paint)
        _add_cabin(toy, hull, boat.upper.x, paint)
    else:
        _add_deckhouse(toy, hull, boat.upper, paint)
        _add_deck_gear(toy, hull, paint)
    return toy.finish(boat.size)


def _add_hull(toy: ShapeBuilder, boat: Boat) -> None:
    hull, paint, water = boat.hull, boat.paint, boat.water
    toy.add("hull", hull.zone(0, 1, 14), paint.hull)
    toy.add("keel", hull.zone(0, water, 8, 0.004), paint.red)
    if boat.has_stripe:
        toy.add("stripe", hull.zone(water + 0.12, water + 0.24, 4, 0.005), paint.second)
    gunwale = paint.timber if hull.kind == "sail" else paint.second
    edge = hull.line(1.0)
    toy.add("gunwale", sweep(edge, (0.016, 0.02), 14, closed=True), gunwale)
    inner = (edge - [0.02, 0, 0]) * (0.94, 0.9, 1)
    toy.add("deck", loft(np.array([inner - [0, 0, 0.02], inner + [0, 0, 0.008]])), paint.timber)


def _add_rig(toy: ShapeBuilder, hull: Hull, rig: Rig, paint: BoatPaint) -> None:
    """Mast, boom, sails, forestay and flag."""
    deck, tall, x, sails = hull.deck, rig.tall, rig.x, rig.sails
    toy.add("mast", place(rod(0.016, -0.05, tall, 0.005, 24), (x, 0, deck)), paint.mast)
    boom, low, swing = rig.boom, deck + rig.low, rig.swing
    spar = sweep([(0, 0, 0), (-boom, 0, 0)], 0.012, 14)
    toy.add("boom", place(spar, (x, 0, low), rz=swing), paint.mast)
    bulge = sails.bulge * sails.lee
    clew = (x - boom * np.cos(swing), -boom * np.sin(swing), low)
    main = np.array([(x, 0, low), clew, (x, 0, deck + tall * 0.97)])
    toy.add("main sail", _sail(main, bulge, 0.006), sails.cloth)
    stripe = _sail(main, bulge, 0.009, sails.stripe, sails.stripe + sails.stripe_width)
    toy.add("sail stripe", stripe, paint.second)
    if sails.jib is not None:
        bow = (0.49, 0, hull.deep + 0.085)
        jib = np.array([(x + 0.02, 0, low), bow, (x, 0, deck + tall * 0.85)])
        toy.add("jib", _sail(jib, bulge, 0.006), sails.jib)
    stay = sweep([(0.5, 0, hull.deep + 0.085), (x, 0, deck + tall * 0.94)], 0.005, 8)
    toy.add("forestay", stay, paint.brass)
    flag = slab(rounded([(0, 0), (-0.12, 0.03), (0, 0.07)], 0.006), 0.008, 0.001)
    toy.add("flag", place(flag, (x + 0.003, 0, deck + tall - 0.04)), paint.red)


def _sail(
    corners: Floats, bulge: float, thick: float, low: float = 0.0, high: float = 0.97
) -> Mesh:
    """A bellied triangle of tack, clew and head, between two shares of its height."""
    tack, clew, head = corners
    u = np.linspace(0, 1, 16)
    rings = []
    for v in np.linspace(low, min(high, 0.97), 16):
        line = tack + (clew - tack) * (u * (1 - v))[:, None] + (head - tack) * v
        belly = bulge * np.sin(np.pi * u) * (1 - v) * (0.35 + v) * 1.6
        windward, lee = line.copy(), line.copy()
        windward[:, 1] += belly + thick
        lee[:, 1] += belly - thick
        rings.append(np.concatenate([windward, lee[::-1]]))
    return loft(np.array(rings))


def _add_cabin(toy: ShapeBuilder, hull: Hull, mast: float, paint: BoatPaint) -> None:
    """A sailing boat's low cabin and its rudder."""
    half = hull.beam * 0.475
    cabin = brick((0.2, hull.beam * 0.95, 0.08), (mast - 0.16, 0, hull.deck + 0.03), 0.025)
    toy.add("cabin", cabin, WHITE)
    for side, _ in SIDES:
        for k in (-0.05, 0.05):
            at = (mast - 0.16 + k, side * half, hull.deck + 0.035)
            pane = place(rod(0.018, -0.006, 0.008, 0.003, 24), at, rx=-side * QUARTER)
            toy.add("portholes", pane, paint.glass)
    foot, top = 0.02, hull.deep * 0.8
    rudder = rounded([(-0.52, foot), (-0.44, foot), (-0.44, top), (-0.5, top)], 0.015)
    toy.add("rudder", slab(rudder, 0.024, 0.006), paint.timber)


def _add_deckhouse(toy: ShapeBuilder, hull: Hull, house: Deckhouse, paint: BoatPaint) -> None:
    """A cabin with a bridge on it, portholes, funnels, and boats or fenders at the sides."""
    deck, ship = hull.deck, hull.kind == "ship"
    long, wide, tall = (0.56, hull.beam * 1.2, 0.1) if ship else (0.36, hull.beam * 1.15, 0.14)
    long *= house.long
    x, roof = (-0.04 if ship else -0.02), deck + tall
    toy.add("cabin", brick((long, wide, tall), (x, 0, deck + tall / 2 - 0.01), 0.02), WHITE)
    cover = brick((long + 0.04, wide + 0.03, 0.022), (x, 0, roof - 0.005), 0.008)
    toy.add("cabin roof", cover, paint.second)
    bridge = x + long * (0.32 if ship else 0.22)
    size = (0.13 if ship else 0.17, wide * 0.85, house.bridge)
    _add_bridge(toy, bridge, roof, size, WHITE if ship else paint.third, paint)
    for (side, way), count in zip(SIDES, house.portholes, strict=True):
        for k in np.linspace(-0.42, 0.42 if ship else 0.4, count):
            at = (x + k * long, side * wide / 2, deck + tall * 0.5)
            frame, pane = rod(0.022, -0.006, 0.006, 0.003, 24), rod(0.016, -0.006, 0.009, 0.003, 24)
            toy.add("portholes", place(frame, at, rx=-side * QUARTER), paint.brass)
            toy.add("portholes", place(pane, at, rx=-side * QUARTER), paint.glass)
        if ship:
            boat = blob((0.07, 0.022, 0.022), (x - long * 0.18, side * wide / 2, roof + 0.02))
            toy.add(f"{way} lifeboat", boat, paint.timber)
        else:
            _add_fenders(toy, hull, side, way)
    _add_funnels(toy, house, bridge, roof, ship, paint)


def _add_bridge(
    toy: ShapeBuilder,
    x: float,
    low: float,
    size: tuple[float, float, float],
    walls: Material,
    paint: BoatPaint,
) -> None:
    long, wide, high = size
    toy.add("bridge", brick(size, (x, 0, low + high / 2 - 0.01), 0.016), walls)
    roof = brick((long + 0.05, wide + 0.05, 0.025), (x, 0, low + high - 0.005), 0.01)
    toy.add("bridge roof", roof, paint.second)
    z = low + high * 0.56
    front = brick((0.02, wide * 0.82, high * 0.4), (x + long / 2 - 0.004, 0, z), 0.006)
    toy.add("bridge windows", front, paint.glass)
    pane = oblong(long * 0.7, high * 0.4, 0.012, x, z)
    for side, _ in SIDES:
        glass = slab(pane, 0.02, 0.004, side * (wide / 2 - 0.004))
        toy.add("bridge windows", glass, paint.glass)


def _add_funnels(
    toy: ShapeBuilder, house: Deckhouse, bridge: float, roof: float, ship: bool, paint: BoatPaint
) -> None:
    """One leaning funnel, or a ship's two or three."""
    r, tall = house.radius, house.tall
    for k in range(house.funnels):
        at = (bridge - 0.14 - 0.13 * k if ship else bridge - 0.15, 0, roof - 0.02)
        tube = rod(r, 0, tall, 0.008)
        band = rod(r * 1.04, tall * 0.6, tall * 0.76, 0.003)
        top = rod(r * 1.06, tall * 0.86, tall * 1.03, 0.008)
        for piece, material in ((tube, paint.red), (band, WHITE), (top, BLACK)):
            toy.add(f"funnel {k + 1}", place(piece, at, ry=-0.12), material)


def _add_fenders(toy: ShapeBuilder, hull: Hull, side: int, way: str) -> None:
    """Tyres along a tug's side."""
    edge = hull.line(0.82, 0.012)
    for k, share in enumerate((0.15, 0.4, 0.65)):
        x, y, z = edge[int(40 * share)]
        tyre = ring(0.038, 0.016, 0.016)
        fender = place(tyre, (x, side * abs(y), z), rx=QUARTER)
        toy.add(f"{way} fender {k + 1}", fender, BLACK)


def _add_deck_gear(toy: ShapeBuilder, hull: Hull, paint: BoatPaint) -> None:
    """A mast with a flag, bollards and the anchor winch."""
    deck = hull.deck
    toy.add("mast", sweep([(0.33, 0, deck), (0.31, 0, deck + 0.3)], 0.009, 12), paint.mast)
    toy.add("mast", blob(0.016, (0.31, 0, deck + 0.31)), paint.brass)
    cloth = rounded([(0, 0), (-0.1, 0.0), (-0.1, 0.06), (0, 0.06)], 0.006)
    flag = place(slab(cloth, 0.008, 0.001), (0.316, 0, deck + 0.23))
    toy.add("flag", flag, paint.third)
    bollard = place(rod(0.014, -0.02, 0.05, 0.004, 20), (-0.36, 0, deck))
    toy.add("bollards", bollard, paint.brass)
    winch = place(rod(0.022, -0.04, 0.04, 0.006, 24), (0.43, 0, hull.deep + 0.07), rx=QUARTER)
    toy.add("anchor winch", winch, paint.brass)
