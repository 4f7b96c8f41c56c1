"""A giraffe with a patched coat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Mesh, ShapeBuilder, Vector, draw_size
from datagen.sources.builtin.drawn import Details, Rng, details, real
from datagen.sources.builtin.paints import plain, shade
from datagen.sources.builtin.scatter import scatter
from datagen.sources.builtin.solids import blob
from datagen.sources.builtin.toys.animal_parts import add_eyes, add_legs, add_pair, limb


@dataclass(frozen=True)
class Giraffe:
    """height: of the body's middle; neck, lean: how far the neck rises and how far forward.

    legs, patch: their radii.
    """

    coat: Material
    brown: Material
    height: float
    neck: float
    lean: float
    legs: float
    patch: float
    patches: Details
    size: float


def draw(rng: Rng) -> Giraffe:
    """Everything that makes one giraffe differ from another."""
    coat = plain("coat", shade(rng, (0.8, 0.5, 0.14), 0.3), 0.55)
    brown = plain("patch", shade(rng, (0.26, 0.1, 0.03), 0.4), 0.6)
    height, neck, lean = real(rng, 0.42, 0.64), real(rng, 0.4, 0.7), real(rng, 0.1, 0.32)
    legs, patch = real(rng, 0.036, 0.044), real(rng, 0.032, 0.055)
    body, throat = _body(height), _throat(_spine(height, neck, lean))
    return Giraffe(
        coat=coat,
        brown=brown,
        height=height,
        neck=neck,
        lean=lean,
        legs=legs,
        patch=patch,
        patches=details(rng, lambda rng: _patches(rng, body, throat, patch)),
        size=draw_size(rng),
    )


def make(giraffe: Giraffe) -> Shape:
    """The giraffe of these parameters."""
    toy = ShapeBuilder()
    coat, brown, height = giraffe.coat, giraffe.brown, giraffe.height
    body = _body(height)
    toy.add("body", body, coat)
    spine = _spine(height, giraffe.neck, giraffe.lean)
    throat = _throat(spine)
    toy.add("neck", throat, coat)
    _add_head(toy, np.array(spine[-1]), coat, brown)
    add_legs(toy, (0.17, -0.17), 0.085, height - 0.06, giraffe.legs, coat, brown)
    for at, size in _patches(giraffe.patches.rng, body, throat, giraffe.patch):
        toy.add("patches", blob(size, at), brown)
    tail = [(-0.25, 0, height + 0.05), (-0.32, 0, height - 0.08), (-0.33, 0, height - 0.2)]
    toy.add("tail", limb(tail, (0.022, 0.014, 0.012)), coat)
    toy.add("tail tip", blob((0.025, 0.025, 0.05), (-0.33, 0, height - 0.23)), brown)
    return toy.finish(giraffe.size)


def _body(height: float) -> Mesh:
    return blob((0.27, 0.15, 0.165), (0, 0, height))


def _spine(height: float, neck: float, lean: float) -> list[Vector]:
    """The neck's middle line, up to the head."""
    top = (0.14 + lean, 0, height + neck)
    return [(0.14, 0, height + 0.03), (0.14 + lean * 0.6, 0, height + neck * 0.5), top]


def _throat(spine: Sequence[Vector]) -> Mesh:
    return limb(spine, (0.12, 0.075, 0.062), 32)


def _patches(rng: Rng, body: Mesh, throat: Mesh, size: float) -> list[tuple[Floats, float]]:
    """The middles and radii of the patches on the sides."""
    patches = []
    for solid, count in ((body, 13), (throat, 9)):
        for point, normal in scatter(rng, solid, count, 0.1, lambda p, n: abs(n[1]) > 0.35):
            patches.append((point - normal * size * 0.55, size * rng.uniform(0.8, 1.2)))
    return patches


def _add_head(toy: ShapeBuilder, top: Floats, coat: Material, brown: Material) -> None:
    """The head at the end of the neck."""
    skull = [top - (0.05, 0, -0.02), top + (0.07, 0, 0.01), top + (0.2, 0, -0.06)]
    toy.add("head", limb(skull, (0.07, 0.08, 0.05)), coat)
    toy.add("muzzle", blob((0.065, 0.06, 0.05), top + (0.2, 0, -0.065)), brown)
    root = top + np.array([-0.01, 0.035, 0.06])
    horn = [root, root + (-0.01, 0, 0.05), root + (-0.015, 0, 0.09)]
    add_pair(toy, "horn", limb(horn, (0.016, 0.014, 0.014)), coat)
    add_pair(toy, "horn", blob(0.024, root + (-0.015, 0, 0.1)), brown)
    root = top + np.array([-0.03, 0.06, 0.04])
    ear = [root, root + (-0.01, 0.06, 0.02), root + (-0.03, 0.11, 0.02)]
    add_pair(toy, "ear", limb(ear, (0.02, 0.03, 0.01)), coat)
    add_eyes(toy, top + (0.09, 0.062, 0.035), 0.022)
