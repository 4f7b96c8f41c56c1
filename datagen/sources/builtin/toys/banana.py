"""A banana with a ridged peel and brown spots."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Mesh, ShapeBuilder, draw_size
from datagen.sources.builtin.drawn import Details, Rng, details, real, whole
from datagen.sources.builtin.edits import aim, place
from datagen.sources.builtin.paints import plain, shade
from datagen.sources.builtin.paths import turns
from datagen.sources.builtin.scatter import scatter
from datagen.sources.builtin.solids import blob, sweep


@dataclass(frozen=True)
class Peel:
    """bend: the angle from the middle to an end; taper: the higher, the later it gets thinner.

    ridge: how high, of the radius, which is thick in the middle.
    """

    bend: float
    thick: float
    taper: float
    ridge: float


@dataclass(frozen=True)
class Banana:
    """tilt: of the plane in which it is bent; stem: its length, of the peel's half.

    count: of the spots there may be.
    """

    skin: Material
    dark: Material
    stalk: Material
    peel: Peel
    tilt: float
    stem: float
    count: int
    spots: Details
    size: float


def draw(rng: Rng) -> Banana:
    """Everything that makes one banana differ from another."""
    ripe = rng.uniform()
    skin = plain("peel", shade(rng, (0.8 - 0.15 * (1 - ripe), 0.52, 0.03), 0.08), 0.45)
    dark = plain("dark peel", shade(rng, (0.09, 0.05, 0.02)), 0.7)
    stalk = plain("stem", shade(rng, (0.5 - 0.2 * (1 - ripe), 0.42, 0.05)), 0.55)
    peel = Peel(
        bend=real(rng, 0.7, 1.15),
        thick=real(rng, 0.13, 0.17),
        taper=real(rng, 2.6, 4),
        ridge=real(rng, 0.03, 0.06),
    )
    tilt, stem, count = real(rng, 0.95, 1.3), real(rng, 0.2, 0.35), whole(rng, 3, 25)
    body = _body(peel)
    return Banana(
        skin,
        dark,
        stalk,
        peel,
        tilt,
        stem,
        count,
        spots=details(rng, lambda rng: _spots(rng, body, count, peel.thick)),
        size=draw_size(rng),
    )


def make(banana: Banana) -> Shape:
    """The banana of these parameters."""
    toy = ShapeBuilder()
    peel, thick = banana.peel, banana.peel.thick

    def lay(mesh: Mesh) -> Mesh:
        return place(mesh, rx=banana.tilt)

    body = _body(peel)
    toy.add("body", lay(body), banana.skin)
    more = np.linspace(0.97, 1.0 + banana.stem, 14) * peel.bend
    neck = thick * np.interp(np.arange(14), [0, 4, 11, 13], [0.36, 0.24, 0.2, 0.26])
    toy.add("stem", lay(sweep(_arc(peel, more), neck, 10, True)), banana.stalk)
    before, last = _arc(peel, more[-2:])
    along = last - before
    end = sweep([last - along * 0.3, last + along * 0.4], thick * 0.25, 16)
    toy.add("stem", lay(end), banana.dark)
    tip = _arc(peel, -peel.bend * np.linspace(1.0, 1.12, 6))
    toy.add("tip", lay(sweep(tip, thick * np.linspace(0.3, 0.15, 6), 16)), banana.dark)
    for spot in _spots(banana.spots.rng, body, banana.count, thick):
        toy.add("spots", lay(spot), banana.dark)
    return toy.finish(banana.size)


def _arc(peel: Peel, angle: Floats) -> Floats:
    """Points on the middle line, from its lowest one."""
    radius = 1 / peel.bend * 0.62
    return np.column_stack([radius * np.sin(angle), 0 * angle, radius * (1 - np.cos(angle))])


def _body(peel: Peel) -> Mesh:
    t = np.linspace(-1, 1, 60)
    width = peel.thick * (1 - np.abs(t) ** peel.taper * 0.68)
    return sweep(_arc(peel, t * peel.bend), width, section=_section(peel.ridge))


def _spots(rng: Rng, body: Mesh, count: int, thick: float) -> list[Mesh]:
    spots = []
    for point, normal in scatter(rng, body, count, 0.06, lambda p, n: abs(p[0]) < 0.5):
        size = thick * rng.uniform(0.04, 0.14)
        spot = blob((size * rng.uniform(1, 2), size, 0.006))
        spots.append(aim(spot, point, normal))
    return spots


def _section(ridge: float) -> Floats:
    """A circle with five ridges."""
    angle = turns(40)
    reach = (1 + ridge * np.cos(5 * angle))[:, None]
    outline: Floats = reach * np.column_stack([np.cos(angle), np.sin(angle)])
    return outline
