"""A deer with antlers and a spotted back."""

from __future__ import annotations

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Rng, ShapeBuilder
from datagen.sources.builtin.paints import plain, shade
from datagen.sources.builtin.scatter import scatter
from datagen.sources.builtin.solids import blob
from datagen.sources.builtin.toys.animal_parts import (
    BLACK,
    WHITE,
    add_eyes,
    add_legs,
    add_pair,
    limb,
)


def make(rng: Rng) -> Shape:
    toy = ShapeBuilder()
    coat = plain("coat", shade(rng, (0.45, 0.22, 0.09), 0.25), 0.65)
    bone = plain("antler", shade(rng, (0.5, 0.36, 0.2)), 0.5)
    long, r = rng.uniform(0.23, 0.3), rng.uniform(0.12, 0.145)
    height = r + rng.uniform(0.3, 0.4)
    trunk = [(-long, 0, height), (0, 0, height - 0.01), (long, 0, height + 0.01)]
    body = limb(trunk, (r, r * 0.92, r), 20)
    toy.add("body", body, coat)
    head = (long + rng.uniform(0.16, 0.24), 0, height + rng.uniform(0.28, 0.38))
    neck = [(long * 0.85, 0, height + 0.04), (long + 0.1, 0, height + 0.16), head]
    toy.add("neck", limb(neck, (r * 0.8, 0.075, 0.065)), coat)
    _add_head(toy, np.array(head), coat)
    _add_antlers(toy, rng, np.array(head), bone)
    legs = rng.uniform(0.034, 0.042)
    add_legs(toy, (long * 0.95, -long * 0.98), r * 0.5, height - 0.04, legs, coat, BLACK)
    toy.add("tail", blob((0.05, 0.04, 0.06), (-long - r * 0.95, 0, height + 0.05)), WHITE)
    if rng.uniform() < 0.7:
        count = int(rng.integers(10, 22))
        for point, normal in scatter(rng, body, count, 0.07, lambda p, n: n[2] > 0.15):
            toy.add("spots", blob(rng.uniform(0.018, 0.026), point - normal * 0.01), WHITE)
    return toy.finish(rng)


def _add_head(toy: ShapeBuilder, at: Floats, coat: Material) -> None:
    face = [at + (-0.02, 0, 0.01), at + (0.08, 0, -0.015), at + (0.18, 0, -0.06)]
    toy.add("head", limb(face, (0.08, 0.075, 0.045)), coat)
    toy.add("nose", blob((0.028, 0.034, 0.026), at + (0.222, 0, -0.07)), BLACK)
    root = at + np.array([-0.03, 0.06, 0.03])
    ear = [root, root + (-0.02, 0.07, 0.03), root + (-0.03, 0.13, 0.03)]
    add_pair(toy, "ear", limb(ear, (0.025, 0.038, 0.012)), coat)
    add_eyes(toy, at + (0.075, 0.06, 0.025), 0.024)


def _add_antlers(toy: ShapeBuilder, rng: Rng, at: Floats, bone: Material) -> None:
    """Curved beams with tines."""
    tall, wide = rng.uniform(0.24, 0.36), rng.uniform(0.1, 0.17)
    root = at + np.array([-0.01, 0.03, 0.06])
    beam = np.array([root, root + (-0.06, wide * 0.7, tall * 0.5), root + (0.0, wide, tall)])
    add_pair(toy, "antler", limb(list(beam), (0.02, 0.018, 0.01)), bone)
    for share in np.linspace(0.35, 0.8, int(rng.integers(2, 4))):
        foot = beam[0] + (beam[1] - beam[0]) * min(2 * share, 1)
        foot = foot + (beam[2] - beam[1]) * max(2 * share - 1, 0)
        tine = [foot, foot + (0.05, 0.01, 0.04), foot + (0.08, 0.015, 0.1)]
        add_pair(toy, "antler", limb(tine, (0.016, 0.014, 0.008), 8), bone)
