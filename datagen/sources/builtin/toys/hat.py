"""A hat: top hat, bowler, cowboy hat, witch's hat, cap, beanie, sun hat or party hat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Mesh, Rng, ShapeBuilder
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

KINDS = ("top", "bowler", "cowboy", "witch", "cap", "beanie", "sun", "party")
BRIMS = {  # width in head radii, curl
    "top": (1.55, 0.1),
    "bowler": (1.45, 0.07),
    "cowboy": (1.95, 0.2),
    "sun": (2.1, -0.07),
    "witch": (2.0, 0.04),
}
QUARTER = np.pi / 2


@dataclass(frozen=True)
class Hat:
    """The hat so far, its materials, the head's radius and how much longer it is than wide."""

    toy: ShapeBuilder
    felt: Material
    band: Material
    trim: Material
    gold: Material
    r: float
    long: float

    def oval(self, mesh: Mesh) -> Mesh:
        return stretch(mesh, self.long, 1, 1)

    def add_ribbon(self, low: float, high: float, below: float, above: float) -> None:
        """A band round the crown, of these radii at its low and its high edge."""
        outside = [(below + 0.012, low), (above + 0.012, high)]
        rows = [(below - 0.02, low), *outside, (above - 0.02, high)]
        ribbon = lathe(fillet(rows, 0.006, closed=True), 72)
        self.toy.add("band", self.oval(ribbon), self.band)


def make(rng: Rng) -> Shape:
    felt, band, trim = paints(rng, 3, "felt", 0.8)
    gold = metal(rng, "gold")
    kind = KINDS[rng.integers(8)]
    if kind == "top" and rng.uniform() < 0.5:
        felt = plain("black felt", (0.025, 0.025, 0.03), 0.6)
    if kind == "sun":
        felt = plain("straw", shade(rng, (0.72, 0.5, 0.2)), 0.8)
    oval = kind in ("cowboy", "cap", "bowler", "sun")
    long = rng.uniform(1.05, 1.2) if oval else 1.0
    hat = Hat(ShapeBuilder(), felt, band, trim, gold, rng.uniform(0.23, 0.27), long)
    if kind in BRIMS:
        _add_brim(hat, rng, kind)
    crowns = {
        "top": _add_top,
        "bowler": _add_bowler,
        "cowboy": _add_cowboy,
        "witch": _add_witch,
        "cap": _add_cap,
        "beanie": _add_beanie,
        "sun": _add_sun,
        "party": _add_party,
    }
    crowns[kind](hat, rng)
    return hat.toy.finish(rng)


def _add_brim(hat: Hat, rng: Rng, kind: str) -> None:
    width, curl = BRIMS[kind]
    far = width * hat.r * rng.uniform(0.95, 1.08)
    curl *= rng.uniform(0.8, 1.2)
    floppy = int(rng.integers(3, 6))

    def lift(share: Floats, angle: Floats) -> Floats:
        edge = np.clip((share * far - hat.r) / (far - hat.r), 0, 1) ** 1.6
        if kind in ("sun", "witch"):
            return edge * curl * (1 + 0.5 * np.sin(floppy * angle)) + (0.07 if curl < 0 else 0)
        return edge * curl * (np.sin(angle) ** 2 * 1.3 - 0.3)

    brim = sheet(lambda angle: far + 0 * angle, lift, 0.03, 96, 14)
    hat.toy.add("brim", hat.oval(brim), hat.felt)


def _add_top(hat: Hat, rng: Rng) -> None:
    tall, flare = rng.uniform(0.38, 0.6), rng.uniform(1.0, 1.18)
    rows = curve([(hat.r, -0.01), (hat.r * 0.96, tall * 0.5), (hat.r * flare, tall)], 16)
    crown = lathe(fillet([(0, -0.01), *rows, (0, tall)], 0.025), 72)
    hat.toy.add("crown", crown, hat.felt)
    hat.add_ribbon(0.01, 0.1, hat.r, hat.r * 0.985)
    buckle = brick((0.09, 0.03, 0.1), (0, -hat.r - 0.005, 0.055), 0.01)
    hat.toy.add("buckle", buckle, hat.gold if rng.uniform() < 0.5 else hat.trim)


def _add_round_crown(hat: Hat, rng: Rng, base: float) -> None:
    """The crown of a bowler or a sun hat with its ribbon."""
    tall = rng.uniform(0.27, 0.34)
    side = [(hat.r, base - 0.01), (hat.r * 0.98, base + tall * 0.45)]
    rows = dome([*side, (hat.r * 0.7, base + tall * 0.9), (0, base + tall)])
    hat.toy.add("crown", hat.oval(lathe([(0, base - 0.01), *rows], 72)), hat.felt)
    hat.add_ribbon(base + 0.005, base + 0.075, hat.r, hat.r)


def _add_bowler(hat: Hat, rng: Rng) -> None:
    _add_round_crown(hat, rng, 0.0)
    for x in (-0.05, 0.05):
        wing = blob((0.06, 0.022, 0.035), (x, -hat.r - 0.005, 0.04))
        hat.toy.add("ribbon bow", wing, hat.trim)
    knot = blob((0.022, 0.028, 0.026), (0, -hat.r - 0.008, 0.04))
    hat.toy.add("ribbon bow", knot, hat.band)


def _add_sun(hat: Hat, rng: Rng) -> None:
    base = 0.08
    _add_round_crown(hat, rng, base)
    at = np.array([0.02, -hat.r - 0.015, base + 0.06])
    reach = 0.075 * 0.75
    for i, a in enumerate(turns(int(rng.integers(5, 8)))):
        spot = at + [reach * np.cos(a), 0, reach * np.sin(a)]
        hat.toy.add(f"petal {i + 1}", blob((0.042, 0.018, 0.042), spot), hat.trim)
    centre = hat.gold if rng.uniform() < 0.3 else hat.band
    hat.toy.add("flower centre", blob((0.038, 0.03, 0.038), at), centre)


def _add_cowboy(hat: Hat, rng: Rng) -> None:
    r = hat.r
    tall, dent = rng.uniform(0.3, 0.38), rng.uniform(0.08, 0.12)
    side = [(r, -0.01), (r * 0.93, tall * 0.5), (r * 0.82, tall * 0.88)]
    rows = dome([*side, (r * 0.55, tall), (0, tall)], 30)

    def crease(p: Floats) -> Floats:
        high = np.clip(p[:, 2] / tall, 0, 1) ** 3
        z = p[:, 2] - dent * high * np.exp(-((p[:, 1] / 0.07) ** 2))
        pinch = 1 - 0.3 * high * np.clip(p[:, 0] / r, -0.2, 1)
        return np.column_stack([p[:, 0], p[:, 1] * pinch, z])

    crown = warp(lathe([(0, -0.01), *rows], 72), crease)
    hat.toy.add("crown", hat.oval(crown), hat.felt)
    hat.add_ribbon(0.01, 0.065, r, r * 0.985)
    badge = extrude(star(5, 0.07, 0.035, 0.008), -0.02, 0.02, 0.005)
    hat.toy.add("badge", place(badge, (0, -r - 0.002, 0.09), rx=QUARTER), hat.gold)


def _add_witch(hat: Hat, rng: Rng) -> None:
    tall, bend = rng.uniform(0.6, 0.85), rng.uniform(0.1, 0.35)
    low = [(0, 0, 0), (0.01, 0, tall * 0.4), (bend * 0.3, 0, tall * 0.75)]
    path = curve([*low, (bend, 0, tall * rng.uniform(0.9, 1.0))], 40)
    size = hat.r * (1 - np.linspace(0, 1, 40)) ** 0.85 + 0.015
    hat.toy.add("crown", sweep(path, size, 48, up=(0, 1, 0)), hat.felt)
    hat.add_ribbon(0.015, 0.1, hat.r, hat.r * 0.9)
    frame = extrude(oblong(0.12, 0.11, 0.015) - oblong(0.07, 0.06, 0.01), -0.02, 0.02, 0.005)
    front = (0, -hat.r * 0.97 - 0.002, 0.057)
    hat.toy.add("buckle", place(frame, front, rx=QUARTER + 0.1), hat.gold)
    hat.toy.add("tip", blob(0.03, path[-1]), hat.trim)


def _add_cap(hat: Hat, rng: Rng) -> None:
    r, long = hat.r, hat.long
    tall = rng.uniform(0.24, 0.3)
    rows = dome([(r, 0), (r * 0.97, tall * 0.45), (r * 0.68, tall * 0.87), (0, tall)])
    hat.toy.add("crown", hat.oval(lathe([(0, 0), *rows], 72)), hat.felt)
    over = np.concatenate([rows[1:-1], rows[-2:0:-1] * (-1, 1)])
    for a in np.arange(3) * np.pi / 3:
        x, y = over[:, 0] * np.cos(a) * long, over[:, 0] * np.sin(a)
        hat.toy.add("seams", sweep(np.column_stack([x, y, over[:, 1]]), 0.007, 8), hat.trim)
    hat.toy.add("button", blob((0.03, 0.03, 0.018), (0, 0, tall)), hat.band)
    half = (rng.uniform(0.2, 0.27) + 0.25 * r * long) / 2

    def bend(p: Floats) -> Floats:
        x = r * long * 0.75 + (p[:, 0] + 1) * half
        return np.column_stack([x, p[:, 1] * r, p[:, 2] + 0.03 - 0.05 * p[:, 1] ** 2])

    hat.toy.add("visor", warp(round_sheet(0.025, 72, 10), bend), hat.band)
    hat.add_ribbon(0.0, 0.035, r, r)
    front = (r * long * 0.95, 0, tall * 0.5)
    logo = place(rod(0.06, -0.03, 0.012, 0.006), front, ry=QUARTER - 0.25)
    hat.toy.add("logo", logo, hat.trim)


def _add_beanie(hat: Hat, rng: Rng) -> None:
    r = hat.r
    tall, ribs = rng.uniform(0.34, 0.42), int(rng.integers(28, 44))
    rows = dome([(r, 0.05), (r * 1.02, tall * 0.4), (r * 0.75, tall * 0.85), (0, tall)])
    crown = knurl(lathe([(0, 0.05), *rows], ribs * 4), ribs, 0.018)
    hat.toy.add("crown", crown, hat.felt)
    section = [(r * 0.85, 0), (r * 1.1, 0), (r * 1.12, 0.12), (r * 0.9, 0.12)]
    cuff = knurl(lathe(fillet(section, 0.03, closed=True), ribs * 4), ribs, 0.018)
    hat.toy.add("cuff", cuff, hat.band)
    ball = blob(rng.uniform(0.08, 0.11), (0, 0, tall + 0.055), detail=4)
    hat.toy.add("pompom", bumpy(rng, ball, 0.05, 75), hat.trim)


def _add_party(hat: Hat, rng: Rng) -> None:
    r = hat.r
    tall = rng.uniform(0.55, 0.75)
    hat.toy.add("cone", lathe([(0, 0), (r, 0), (0.02, tall), (0, tall)]), hat.felt)
    for level in np.linspace(0.12, 0.8, 6):
        reach = (r - 0.02) * (1 - level) + 0.02
        count = max(round(9 * (1 - level)), 3)
        for a in turns(count) + 2 * np.pi * level * 3.3 / count:
            at = (reach * np.cos(a), reach * np.sin(a), level * tall)
            dot = blob((0.028, 0.028, 0.012))
            hat.toy.add("dots", aim(dot, at, (np.cos(a), np.sin(a), r / tall)), hat.trim)
    for a in turns(16):
        tuft = blob(0.052, (r * np.cos(a), r * np.sin(a), 0.045))
        hat.toy.add("trim", tuft, hat.band)
    ball = blob(rng.uniform(0.06, 0.08), (0, 0, tall + 0.02), detail=4)
    hat.toy.add("pompom", bumpy(rng, ball, 0.04, 90), hat.band)
