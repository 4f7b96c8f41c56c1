"""A deer with antlers and a spotted back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Mesh, ShapeBuilder, draw_size
from datagen.sources.builtin.drawn import Details, Rng, chance, details, real, whole
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


@dataclass(frozen=True)
class Antlers:
    """wide: how far out of its root the tip of one is; tines: a side."""

    tall: float
    wide: float
    tines: int


@dataclass(frozen=True)
class Spots:
    """count: the most that may find room; spread: where on the back."""

    count: int
    spread: Details


@dataclass(frozen=True)
class Deer:
    """long: half the body's length. clearance: from the ground up to it. leg: its radius.

    head_ahead, head_rise: how far it is ahead of the body's end and above its middle.
    """

    coat: Material
    bone: Material
    long: float
    radius: float
    clearance: float
    head_ahead: float
    head_rise: float
    antlers: Antlers
    leg: float
    spots: Spots | None
    size: float


def draw(rng: Rng) -> Deer:
    """Everything that makes one deer differ from another."""
    coat = plain("coat", shade(rng, (0.45, 0.22, 0.09), 0.25), 0.65)
    bone = plain("antler", shade(rng, (0.5, 0.36, 0.2)), 0.5)
    long, radius, clearance = real(rng, 0.23, 0.3), real(rng, 0.12, 0.145), real(rng, 0.3, 0.4)
    return Deer(
        coat=coat,
        bone=bone,
        long=long,
        radius=radius,
        clearance=clearance,
        head_ahead=real(rng, 0.16, 0.24),
        head_rise=real(rng, 0.28, 0.38),
        antlers=Antlers(
            tall=real(rng, 0.24, 0.36), wide=real(rng, 0.1, 0.17), tines=whole(rng, 2, 3)
        ),
        leg=real(rng, 0.034, 0.042),
        spots=_draw_spots(rng, _body(long, radius, radius + clearance)),
        size=draw_size(rng),
    )


def _draw_spots(rng: Rng, body: Mesh) -> Spots | None:
    if not chance(rng, 0.7):
        return None
    count = whole(rng, 10, 21)
    return Spots(count, details(rng, lambda rng: _spots(rng, body, count)))


def make(deer: Deer) -> Shape:
    """The deer of these parameters."""
    toy = ShapeBuilder()
    coat, long, r = deer.coat, deer.long, deer.radius
    height = r + deer.clearance
    body = _body(long, r, height)
    toy.add("body", body, coat)
    head = (long + deer.head_ahead, 0, height + deer.head_rise)
    neck = [(long * 0.85, 0, height + 0.04), (long + 0.1, 0, height + 0.16), head]
    toy.add("neck", limb(neck, (r * 0.8, 0.075, 0.065)), coat)
    _add_head(toy, np.array(head), coat)
    _add_antlers(toy, deer.antlers, np.array(head), deer.bone)
    add_legs(toy, (long * 0.95, -long * 0.98), r * 0.5, height - 0.04, deer.leg, coat, BLACK)
    toy.add("tail", blob((0.05, 0.04, 0.06), (-long - r * 0.95, 0, height + 0.05)), WHITE)
    if deer.spots is not None:
        for spot in _spots(deer.spots.spread.rng, body, deer.spots.count):
            toy.add("spots", spot, WHITE)
    return toy.finish(deer.size)


def _body(long: float, radius: float, height: float) -> Mesh:
    trunk = [(-long, 0, height), (0, 0, height - 0.01), (long, 0, height + 0.01)]
    return limb(trunk, (radius, radius * 0.92, radius), 20)


def _spots(rng: Rng, body: Mesh, count: int) -> list[Mesh]:
    """Spots on the back."""
    spots = scatter(rng, body, count, 0.07, lambda p, n: n[2] > 0.15)
    return [blob(rng.uniform(0.018, 0.026), point - normal * 0.01) for point, normal in spots]


def _add_head(toy: ShapeBuilder, at: Floats, coat: Material) -> None:
    face = [at + (-0.02, 0, 0.01), at + (0.08, 0, -0.015), at + (0.18, 0, -0.06)]
    toy.add("head", limb(face, (0.08, 0.075, 0.045)), coat)
    toy.add("nose", blob((0.028, 0.034, 0.026), at + (0.222, 0, -0.07)), BLACK)
    root = at + np.array([-0.03, 0.06, 0.03])
    ear = [root, root + (-0.02, 0.07, 0.03), root + (-0.03, 0.13, 0.03)]
    add_pair(toy, "ear", limb(ear, (0.025, 0.038, 0.012)), coat)
    add_eyes(toy, at + (0.075, 0.06, 0.025), 0.024)


def _add_antlers(toy: ShapeBuilder, antlers: Antlers, at: Floats, bone: Material) -> None:
    """Curved beams with tines."""
    tall, wide = antlers.tall, antlers.wide
    root = at + np.array([-0.01, 0.03, 0.06])
    beam = np.array([root, root + (-0.06, wide * 0.7, tall * 0.5), root + (0.0, wide, tall)])
    add_pair(toy, "antler", limb(list(beam), (0.02, 0.018, 0.01)), bone)
    for share in np.linspace(0.35, 0.8, antlers.tines):
        foot = beam[0] + (beam[1] - beam[0]) * min(2 * share, 1)
        foot = foot + (beam[2] - beam[1]) * max(2 * share - 1, 0)
        tine = [foot, foot + (0.05, 0.01, 0.04), foot + (0.08, 0.015, 0.1)]
        add_pair(toy, "antler", limb(tine, (0.016, 0.014, 0.008), 8), bone)
