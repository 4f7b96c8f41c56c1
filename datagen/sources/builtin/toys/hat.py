"""A hat: top hat, bowler, cowboy hat, witch's hat, cap, beanie, sun hat or party hat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Mesh, ShapeBuilder, draw_size
from datagen.sources.builtin.drawn import Details, Rng, chance, details, real, whole
from datagen.sources.builtin.edits import aim, bumpy, knurl, place, stretch, warp
from datagen.sources.builtin.outlines import oblong, star
from datagen.sources.builtin.paints import metal, paints, plain, shade
from datagen.sources.builtin.paths import curve, dome, fillet, turns
from datagen.sources.builtin.solids import (
    blob,
    brick,
    extrude,
    lathe,
    rod,
    round_sheet,
    sheet,
    sweep,
)

Kind = Literal["top", "bowler", "cowboy", "witch", "cap", "beanie", "sun", "party"]
BRIMS: dict[Kind, tuple[float, float]] = {  # width in head radii, curl
    "top": (1.55, 0.1),
    "bowler": (1.45, 0.07),
    "cowboy": (1.95, 0.2),
    "sun": (2.1, -0.07),
    "witch": (2.0, 0.04),
}
QUARTER = np.pi / 2


@dataclass(frozen=True)
class Brim:
    """width, curl: of those usual for its kind; waves: round a floppy one."""

    width: float
    curl: float
    waves: int | None


@dataclass(frozen=True)
class TopHat:
    """flare: the radius at the top, of the head's; golden: the buckle."""

    tall: float
    flare: float
    golden: bool


@dataclass(frozen=True)
class Bowler:
    """tall: the crown's height over the brim."""

    tall: float


@dataclass(frozen=True)
class SunHat:
    """golden: the middle of the flower with these petals."""

    tall: float
    petals: int
    golden: bool


@dataclass(frozen=True)
class CowboyHat:
    """dent: how deep the crown's crease is."""

    tall: float
    dent: float


@dataclass(frozen=True)
class WitchHat:
    """bend: how far the tip leans over; tip: its height, of tall."""

    tall: float
    bend: float
    tip: float


@dataclass(frozen=True)
class PeakedCap:
    """visor: how far it stands out."""

    tall: float
    visor: float


@dataclass(frozen=True)
class Beanie:
    """pompom: its radius."""

    tall: float
    ribs: int
    pompom: float
    bumps: Details


@dataclass(frozen=True)
class PartyHat:
    """pompom: its radius."""

    tall: float
    pompom: float
    bumps: Details


Crown = TopHat | Bowler | CowboyHat | WitchHat | PeakedCap | Beanie | SunHat | PartyHat


@dataclass(frozen=True)
class Hat:
    """r, long: the head's radius and how much longer it is than wide."""

    kind: Kind
    felt: Material
    band: Material
    trim: Material
    gold: Material
    long: float
    r: float
    brim: Brim | None
    crown: Crown
    size: float

    def oval(self, mesh: Mesh) -> Mesh:
        """The mesh made longer than wide, as a head is."""
        return stretch(mesh, self.long, 1, 1)


def draw(rng: Rng) -> Hat:
    """Everything that makes one hat differ from another."""
    felt, band, trim = paints(rng, 3, "felt", 0.8)
    gold = metal(rng, "gold")
    kind: Kind = get_args(Kind)[rng.integers(8)]
    if kind == "top" and chance(rng, 0.5):
        felt = plain("black felt", (0.025, 0.025, 0.03), 0.6)
    if kind == "sun":
        felt = plain("straw", shade(rng, (0.72, 0.5, 0.2)), 0.8)
    return Hat(
        kind,
        felt,
        band,
        trim,
        gold,
        long=real(rng, 1.05, 1.2) if kind in ("cowboy", "cap", "bowler", "sun") else 1.0,
        r=real(rng, 0.23, 0.27),
        brim=_draw_brim(rng, kind in ("sun", "witch")) if kind in BRIMS else None,
        crown=_draw_crown(rng, kind),
        size=draw_size(rng),
    )


def _draw_brim(rng: Rng, floppy: bool) -> Brim:
    width, curl, waves = real(rng, 0.95, 1.08), real(rng, 0.8, 1.2), whole(rng, 3, 5)
    return Brim(width, curl, waves if floppy else None)


def _draw_crown(rng: Rng, kind: Kind) -> Crown:
    match kind:
        case "top":
            return TopHat(real(rng, 0.38, 0.6), flare=real(rng, 1.0, 1.18), golden=chance(rng, 0.5))
        case "bowler":
            return Bowler(real(rng, 0.27, 0.34))
        case "cowboy":
            return CowboyHat(real(rng, 0.3, 0.38), dent=real(rng, 0.08, 0.12))
        case "witch":
            return WitchHat(
                real(rng, 0.6, 0.85), bend=real(rng, 0.1, 0.35), tip=real(rng, 0.9, 1.0)
            )
        case "cap":
            return PeakedCap(real(rng, 0.24, 0.3), visor=real(rng, 0.2, 0.27))
        case "beanie":
            return Beanie(
                tall=real(rng, 0.34, 0.42),
                ribs=whole(rng, 28, 43),
                pompom=real(rng, 0.08, 0.11),
                bumps=_draw_bumps(rng),
            )
        case "sun":
            return SunHat(real(rng, 0.27, 0.34), petals=whole(rng, 5, 7), golden=chance(rng, 0.3))
        case "party":
            return PartyHat(
                tall=real(rng, 0.55, 0.75), pompom=real(rng, 0.06, 0.08), bumps=_draw_bumps(rng)
            )


def _draw_bumps(rng: Rng) -> Details:
    """As many numbers as for a ball of any size."""
    return details(rng, lambda rng: bumpy(rng, blob(1), 0, 0))


def make(hat: Hat) -> Shape:
    """The hat of these parameters."""
    toy = ShapeBuilder()
    if hat.brim is not None:
        _add_brim(toy, hat, hat.brim)
    match hat.crown:
        case TopHat() as crown:
            _add_top(toy, hat, crown)
        case Bowler() as crown:
            _add_bowler(toy, hat, crown)
        case CowboyHat() as crown:
            _add_cowboy(toy, hat, crown)
        case WitchHat() as crown:
            _add_witch(toy, hat, crown)
        case PeakedCap() as crown:
            _add_cap(toy, hat, crown)
        case Beanie() as crown:
            _add_beanie(toy, hat, crown)
        case SunHat() as crown:
            _add_sun(toy, hat, crown)
        case PartyHat() as crown:
            _add_party(toy, hat, crown)
    return toy.finish(hat.size)


def _add_ribbon(
    toy: ShapeBuilder, hat: Hat, low: float, high: float, below: float, above: float
) -> None:
    """A band round the crown, of these radii at its low and its high edge."""
    outside = [(below + 0.012, low), (above + 0.012, high)]
    rows = [(below - 0.02, low), *outside, (above - 0.02, high)]
    ribbon = lathe(fillet(rows, 0.006, closed=True), 72)
    toy.add("band", hat.oval(ribbon), hat.band)


def _add_brim(toy: ShapeBuilder, hat: Hat, brim: Brim) -> None:
    width, curl = BRIMS[hat.kind]
    far = width * hat.r * brim.width
    curl *= brim.curl

    def lift(share: Floats, angle: Floats) -> Floats:
        edge = np.clip((share * far - hat.r) / (far - hat.r), 0, 1) ** 1.6
        if brim.waves is not None:
            return edge * curl * (1 + 0.5 * np.sin(brim.waves * angle)) + (0.07 if curl < 0 else 0)
        return edge * curl * (np.sin(angle) ** 2 * 1.3 - 0.3)

    disc = sheet(lambda angle: far + 0 * angle, lift, 0.03, 96, 14)
    toy.add("brim", hat.oval(disc), hat.felt)


def _add_top(toy: ShapeBuilder, hat: Hat, top: TopHat) -> None:
    tall, flare = top.tall, top.flare
    rows = curve([(hat.r, -0.01), (hat.r * 0.96, tall * 0.5), (hat.r * flare, tall)], 16)
    crown = lathe(fillet([(0, -0.01), *rows, (0, tall)], 0.025), 72)
    toy.add("crown", crown, hat.felt)
    _add_ribbon(toy, hat, 0.01, 0.1, hat.r, hat.r * 0.985)
    buckle = brick((0.09, 0.03, 0.1), (0, -hat.r - 0.005, 0.055), 0.01)
    toy.add("buckle", buckle, hat.gold if top.golden else hat.trim)


def _add_round_crown(toy: ShapeBuilder, hat: Hat, tall: float, base: float) -> None:
    """The crown of a bowler or a sun hat with its ribbon."""
    side = [(hat.r, base - 0.01), (hat.r * 0.98, base + tall * 0.45)]
    rows = dome([*side, (hat.r * 0.7, base + tall * 0.9), (0, base + tall)])
    toy.add("crown", hat.oval(lathe([(0, base - 0.01), *rows], 72)), hat.felt)
    _add_ribbon(toy, hat, base + 0.005, base + 0.075, hat.r, hat.r)


def _add_bowler(toy: ShapeBuilder, hat: Hat, bowler: Bowler) -> None:
    _add_round_crown(toy, hat, bowler.tall, 0.0)
    for x in (-0.05, 0.05):
        wing = blob((0.06, 0.022, 0.035), (x, -hat.r - 0.005, 0.04))
        toy.add("ribbon bow", wing, hat.trim)
    knot = blob((0.022, 0.028, 0.026), (0, -hat.r - 0.008, 0.04))
    toy.add("ribbon bow", knot, hat.band)


def _add_sun(toy: ShapeBuilder, hat: Hat, sun: SunHat) -> None:
    base = 0.08
    _add_round_crown(toy, hat, sun.tall, base)
    at = np.array([0.02, -hat.r - 0.015, base + 0.06])
    reach = 0.075 * 0.75
    for i, a in enumerate(turns(sun.petals)):
        spot = at + [reach * np.cos(a), 0, reach * np.sin(a)]
        toy.add(f"petal {i + 1}", blob((0.042, 0.018, 0.042), spot), hat.trim)
    centre = hat.gold if sun.golden else hat.band
    toy.add("flower centre", blob((0.038, 0.03, 0.038), at), centre)


def _add_cowboy(toy: ShapeBuilder, hat: Hat, cowboy: CowboyHat) -> None:
    r, tall, dent = hat.r, cowboy.tall, cowboy.dent
    side = [(r, -0.01), (r * 0.93, tall * 0.5), (r * 0.82, tall * 0.88)]
    rows = dome([*side, (r * 0.55, tall), (0, tall)], 30)

    def crease(p: Floats) -> Floats:
        high = np.clip(p[:, 2] / tall, 0, 1) ** 3
        z = p[:, 2] - dent * high * np.exp(-((p[:, 1] / 0.07) ** 2))
        pinch = 1 - 0.3 * high * np.clip(p[:, 0] / r, -0.2, 1)
        return np.column_stack([p[:, 0], p[:, 1] * pinch, z])

    crown = warp(lathe([(0, -0.01), *rows], 72), crease)
    toy.add("crown", hat.oval(crown), hat.felt)
    _add_ribbon(toy, hat, 0.01, 0.065, r, r * 0.985)
    badge = extrude(star(5, 0.07, 0.035, 0.008), -0.02, 0.02, 0.005)
    toy.add("badge", place(badge, (0, -r - 0.002, 0.09), rx=QUARTER), hat.gold)


def _add_witch(toy: ShapeBuilder, hat: Hat, witch: WitchHat) -> None:
    tall, bend = witch.tall, witch.bend
    low = [(0, 0, 0), (0.01, 0, tall * 0.4), (bend * 0.3, 0, tall * 0.75)]
    path = curve([*low, (bend, 0, tall * witch.tip)], 40)
    size = hat.r * (1 - np.linspace(0, 1, 40)) ** 0.85 + 0.015
    toy.add("crown", sweep(path, size, 48, up=(0, 1, 0)), hat.felt)
    _add_ribbon(toy, hat, 0.015, 0.1, hat.r, hat.r * 0.9)
    frame = extrude(oblong(0.12, 0.11, 0.015) - oblong(0.07, 0.06, 0.01), -0.02, 0.02, 0.005)
    front = (0, -hat.r * 0.97 - 0.002, 0.057)
    toy.add("buckle", place(frame, front, rx=QUARTER + 0.1), hat.gold)
    toy.add("tip", blob(0.03, path[-1]), hat.trim)


def _add_cap(toy: ShapeBuilder, hat: Hat, cap: PeakedCap) -> None:
    r, long, tall = hat.r, hat.long, cap.tall
    rows = dome([(r, 0), (r * 0.97, tall * 0.45), (r * 0.68, tall * 0.87), (0, tall)])
    toy.add("crown", hat.oval(lathe([(0, 0), *rows], 72)), hat.felt)
    over = np.concatenate([rows[1:-1], rows[-2:0:-1] * (-1, 1)])
    for a in np.arange(3) * np.pi / 3:
        x, y = over[:, 0] * np.cos(a) * long, over[:, 0] * np.sin(a)
        toy.add("seams", sweep(np.column_stack([x, y, over[:, 1]]), 0.007, 8), hat.trim)
    toy.add("button", blob((0.03, 0.03, 0.018), (0, 0, tall)), hat.band)
    half = (cap.visor + 0.25 * r * long) / 2

    def bend(p: Floats) -> Floats:
        x = r * long * 0.75 + (p[:, 0] + 1) * half
        return np.column_stack([x, p[:, 1] * r, p[:, 2] + 0.03 - 0.05 * p[:, 1] ** 2])

    toy.add("visor", warp(round_sheet(0.025, 72, 10), bend), hat.band)
    _add_ribbon(toy, hat, 0.0, 0.035, r, r)
    front = (r * long * 0.95, 0, tall * 0.5)
    logo = place(rod(0.06, -0.03, 0.012, 0.006), front, ry=QUARTER - 0.25)
    toy.add("logo", logo, hat.trim)


def _add_beanie(toy: ShapeBuilder, hat: Hat, beanie: Beanie) -> None:
    r, tall, ribs = hat.r, beanie.tall, beanie.ribs
    rows = dome([(r, 0.05), (r * 1.02, tall * 0.4), (r * 0.75, tall * 0.85), (0, tall)])
    crown = knurl(lathe([(0, 0.05), *rows], ribs * 4), ribs, 0.018)
    toy.add("crown", crown, hat.felt)
    section = [(r * 0.85, 0), (r * 1.1, 0), (r * 1.12, 0.12), (r * 0.9, 0.12)]
    cuff = knurl(lathe(fillet(section, 0.03, closed=True), ribs * 4), ribs, 0.018)
    toy.add("cuff", cuff, hat.band)
    ball = blob(beanie.pompom, (0, 0, tall + 0.055), detail=4)
    toy.add("pompom", bumpy(beanie.bumps.rng, ball, 0.05, 75), hat.trim)


def _add_party(toy: ShapeBuilder, hat: Hat, party: PartyHat) -> None:
    r, tall = hat.r, party.tall
    toy.add("cone", lathe([(0, 0), (r, 0), (0.02, tall), (0, tall)]), hat.felt)
    for level in np.linspace(0.12, 0.8, 6):
        reach = (r - 0.02) * (1 - level) + 0.02
        count = max(round(9 * (1 - level)), 3)
        for a in turns(count) + 2 * np.pi * level * 3.3 / count:
            at = (reach * np.cos(a), reach * np.sin(a), level * tall)
            dot = blob((0.028, 0.028, 0.012))
            toy.add("dots", aim(dot, at, (np.cos(a), np.sin(a), r / tall)), hat.trim)
    for a in turns(16):
        tuft = blob(0.052, (r * np.cos(a), r * np.sin(a), 0.045))
        toy.add("trim", tuft, hat.band)
    ball = blob(party.pompom, (0, 0, tall + 0.02), detail=4)
    toy.add("pompom", bumpy(party.bumps.rng, ball, 0.04, 90), hat.band)
