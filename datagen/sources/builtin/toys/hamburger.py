"""A hamburger: bun, lettuce, patty, cheese, tomato, seeds."""

from __future__ import annotations

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Mesh, Rng, ShapeBuilder
from datagen.sources.builtin.edits import aim, bumpy, place
from datagen.sources.builtin.paints import plain, shade
from datagen.sources.builtin.paths import dome, fillet, waves
from datagen.sources.builtin.scatter import scatter
from datagen.sources.builtin.solids import blob, lathe, rod, sheet

R = 0.45
SESAME = plain("sesame", (0.82, 0.66, 0.4), 0.5)


def make(rng: Rng) -> Shape:
    toy = ShapeBuilder()
    bun = plain("bun", shade(rng, (0.6, 0.28, 0.07), 0.2), 0.45)
    paint = {
        "patty": plain("patty", shade(rng, (0.1, 0.04, 0.02), 0.2), 0.75),
        "cheese": plain("cheese", shade(rng, (0.85, 0.42, 0.03)), 0.35),
        "lettuce": plain("lettuce", shade(rng, (0.2, 0.48, 0.05), 0.2), 0.5),
        "tomato": plain("tomato", shade(rng, (0.62, 0.035, 0.02)), 0.3),
    }
    z = rng.uniform(0.13, 0.18)
    bottom = [(0, 0), (R * 0.9, 0), (R, z * 0.6), (R * 0.97, z), (0, z)]
    toy.add("bottom bun", lathe(fillet(bottom, 0.06)), bun)
    layers = _layers(rng)
    for i, kind in enumerate(layers):
        name = kind if kind not in layers[:i] else f"second {kind}"
        z += _add_layer(toy, rng, kind, name, z, paint[kind])
    _add_top(toy, rng, z, bun)
    return toy.finish(rng)


def _layers(rng: Rng) -> list[str]:
    double = ["patty", "cheese"] if rng.uniform() < 0.35 else []
    layers = ["lettuce", "patty", "cheese", *double, "tomato"]
    return [*layers[1:], "lettuce"] if rng.uniform() < 0.4 else layers


def _add_layer(
    toy: ShapeBuilder, rng: Rng, kind: str, name: str, z: float, paint: Material
) -> float:
    """Add a layer on the height z; gives its thickness."""
    if kind == "patty":
        tall = rng.uniform(0.09, 0.14)
        meat = rod(R * rng.uniform(1.0, 1.07), z - 0.01, z + tall, tall * 0.42, 72)
        toy.add(name, bumpy(rng, meat, 0.03, 22), paint)
        return float(tall)
    if kind == "cheese":
        turn = rng.uniform(0, 1.5)
        toy.add(
            name, place(_cheese(R * rng.uniform(0.95, 1.02)), (0, 0, z + 0.015), rz=turn), paint
        )
        return 0.035
    if kind == "lettuce":
        toy.add(name, place(_lettuce(rng), (0, 0, z + 0.02)), paint)
        return 0.04
    for k in range(3):
        a = k * 2.1 + rng.uniform(0, 0.5)
        at = (0.21 * np.cos(a), 0.21 * np.sin(a), z - 0.008 + 0.006 * k)
        toy.add(f"tomato {k + 1}", place(rod(R * 0.55, 0, 0.05, 0.015), at), paint)
    return 0.05


def _cheese(side: float) -> Mesh:
    """A square whose corners hang down."""

    def reach(angle: Floats) -> Floats:
        powers = np.abs(np.cos(angle)) ** 9 + np.abs(np.sin(angle)) ** 9
        return side / powers ** (1 / 9)

    def hang(share: Floats, angle: Floats) -> Floats:
        return -0.9 * np.maximum(share * reach(angle) - R, 0)

    return sheet(reach, hang, 0.035)


def _lettuce(rng: Rng) -> Mesh:
    """A leaf with a curly edge."""
    count = int(rng.integers(9, 15))
    edge = waves(rng, 3, 0.04, 3, 8)
    size, deep = R * rng.uniform(1.08, 1.18), rng.uniform(0.035, 0.055)

    def curl(share: Floats, angle: Floats) -> Floats:
        return share**5 * deep * np.sin(count * angle + 2 * np.sin(angle)) - 0.02 * share**4

    return sheet(lambda angle: size * (1 + edge(angle)), curl, 0.03, 144, 10)


def _add_top(toy: ShapeBuilder, rng: Rng, z: float, bun: Material) -> None:
    high = rng.uniform(0.25, 0.34)
    side = [(R * 0.97, z), (R * 1.05, z + high * 0.3), (R * 0.72, z + high * 0.85), (0, z + high)]
    top = lathe([(0, z), *dome(side, 20)])
    toy.add("top bun", top, bun)
    count = int(rng.integers(20, 45))
    for point, normal in scatter(rng, top, count, 0.06, lambda p, n: n[2] > 0.5):
        seed = place(blob((0.024, 0.014, 0.009)), rz=rng.uniform(0, 3))
        toy.add("seeds", aim(seed, point, normal), SESAME)
