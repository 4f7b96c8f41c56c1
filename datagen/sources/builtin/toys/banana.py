"""A banana with a ridged peel and brown spots."""

from __future__ import annotations

import numpy as np

from datagen.geometry.shape import Floats, Shape
from datagen.sources.builtin.builder import Mesh, Rng, ShapeBuilder
from datagen.sources.builtin.edits import aim, place
from datagen.sources.builtin.paints import plain, shade
from datagen.sources.builtin.paths import turns
from datagen.sources.builtin.scatter import scatter
from datagen.sources.builtin.solids import blob, sweep


def make(rng: Rng) -> Shape:
    toy = ShapeBuilder()
    ripe = rng.uniform()
    skin = plain("peel", shade(rng, (0.8 - 0.15 * (1 - ripe), 0.52, 0.03), 0.08), 0.45)
    dark = plain("dark peel", shade(rng, (0.09, 0.05, 0.02)), 0.7)
    stalk = plain("stem", shade(rng, (0.5 - 0.2 * (1 - ripe), 0.42, 0.05)), 0.55)
    bend, thick = rng.uniform(0.7, 1.15), rng.uniform(0.13, 0.17)
    radius = 1 / bend * 0.62

    def at(angle: Floats) -> Floats:
        return np.column_stack([radius * np.sin(angle), 0 * angle, radius * (1 - np.cos(angle))])

    t = np.linspace(-1, 1, 60)
    width = thick * (1 - np.abs(t) ** rng.uniform(2.6, 4) * 0.68)
    section = _section(rng.uniform(0.03, 0.06))
    tilt = rng.uniform(0.95, 1.3)

    def lay(mesh: Mesh) -> Mesh:
        return place(mesh, rx=tilt)

    body = sweep(at(t * bend), width, section=section)
    toy.add("body", lay(body), skin)
    more = np.linspace(0.97, 1.0 + rng.uniform(0.2, 0.35), 14) * bend
    neck = thick * np.interp(np.arange(14), [0, 4, 11, 13], [0.36, 0.24, 0.2, 0.26])
    toy.add("stem", lay(sweep(at(more), neck, 10, True)), stalk)
    before, last = at(more[-2:])
    along = last - before
    toy.add("stem", lay(sweep([last - along * 0.3, last + along * 0.4], thick * 0.25, 16)), dark)
    tip = at(-bend * np.linspace(1.0, 1.12, 6))
    toy.add("tip", lay(sweep(tip, thick * np.linspace(0.3, 0.15, 6), 16)), dark)
    count = int(rng.integers(3, 26))
    for point, normal in scatter(rng, body, count, 0.06, lambda p, n: abs(p[0]) < 0.5):
        size = thick * rng.uniform(0.04, 0.14)
        spot = blob((size * rng.uniform(1, 2), size, 0.006))
        toy.add("spots", lay(aim(spot, point, normal)), dark)
    return toy.finish(rng)


def _section(ridge: float) -> Floats:
    """A circle with five ridges."""
    angle = turns(40)
    reach = (1 + ridge * np.cos(5 * angle))[:, None]
    return reach * np.column_stack([np.cos(angle), np.sin(angle)])
