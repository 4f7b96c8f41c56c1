"""A dog with a collar, its ears floppy or pricked, at times spotted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Mesh, ShapeBuilder, draw_size
from datagen.sources.builtin.drawn import Details, Rng, chance, details, real
from datagen.sources.builtin.edits import place
from datagen.sources.builtin.paints import Colour, metal, paints, plain, shade
from datagen.sources.builtin.scatter import scatter
from datagen.sources.builtin.solids import blob, ring, rod
from datagen.sources.builtin.toys.animal_parts import (
    BLACK,
    add_eyes,
    add_legs,
    add_pair,
    limb,
)

COATS: list[tuple[Colour, Colour]] = [  # the coat, and the ears and spots
    ((0.62, 0.38, 0.16), (0.3, 0.14, 0.05)),
    ((0.8, 0.77, 0.7), (0.12, 0.08, 0.06)),
    ((0.3, 0.16, 0.07), (0.12, 0.06, 0.03)),
    ((0.06, 0.055, 0.055), (0.5, 0.27, 0.1)),
    ((0.75, 0.55, 0.28), (0.75, 0.7, 0.6)),
]


@dataclass(frozen=True)
class DogCollar:
    """Materials of the collar and of the tag on it."""

    leather: Material
    tag: Material


@dataclass(frozen=True)
class DogHead:
    """snout: how far it reaches, of the size; ear: a floppy one's length, None if pricked."""

    size: float
    snout: float
    ear: float | None


@dataclass(frozen=True)
class Dog:
    """long: half the body's length. clearance: from the ground up to it. leg: its radius.

    rise: of the head above the body's middle. tail_up, curl: how far the tail's tip is up, and
    forward again.
    """

    coat: Material
    mark: Material
    long: float
    radius: float
    clearance: float
    rise: float
    collar: DogCollar
    head: DogHead
    leg: float
    tail_up: float
    curl: float
    spots: Details | None
    size: float


def draw(rng: Rng) -> Dog:
    """Everything that makes one dog differ from another."""
    coat, mark = (
        plain(name, shade(rng, colour), 0.7)
        for name, colour in zip(("coat", "marking"), COATS[rng.integers(5)], strict=True)
    )
    long, radius, clearance = real(rng, 0.27, 0.38), real(rng, 0.13, 0.17), real(rng, 0.16, 0.28)
    body = _body(long, radius, radius + clearance)
    return Dog(
        coat=coat,
        mark=mark,
        long=long,
        radius=radius,
        clearance=clearance,
        rise=real(rng, 0.2, 0.28),
        collar=DogCollar(
            leather=paints(rng, 1, "leather", 0.5, ("red", "blue", "green", "violet", "teal"))[0],
            tag=metal(rng, "gold", "steel"),
        ),
        head=DogHead(
            size=real(rng, 0.14, 0.17),
            snout=real(rng, 1.15, 1.6),
            ear=real(rng, 0.14, 0.24) if chance(rng, 0.6) else None,
        ),
        leg=real(rng, 0.045, 0.058),
        tail_up=real(rng, 0.14, 0.26),
        curl=real(rng, 0.0, 0.12),
        spots=details(rng, lambda rng: _spots(rng, body)) if chance(rng, 0.5) else None,
        size=draw_size(rng),
    )


def make(dog: Dog) -> Shape:
    """The dog of these parameters."""
    toy = ShapeBuilder()
    coat, long, r = dog.coat, dog.long, dog.radius
    height = r + dog.clearance
    body = _body(long, r, height)
    toy.add("body", body, coat)
    head = (long + 0.13, 0, height + dog.rise)
    neck = [(long * 0.8, 0, height + 0.03), (long + 0.03, 0, height + 0.1), head]
    toy.add("neck", limb(neck, (r * 0.8, r * 0.72, r * 0.68)), coat)
    _add_collar(toy, dog.collar, (np.array(neck[1]) + head) / 2, r * 0.74)
    _add_head(toy, dog.head, np.array(head), coat, dog.mark)
    add_legs(toy, (long * 0.85, -long * 0.95), r * 0.6, height - 0.03, dog.leg, coat, coat)
    up, curl = dog.tail_up, dog.curl
    tail = [(-long - r * 0.6, 0, height + 0.05), (-long - r - 0.08, 0, height + 0.05 + up * 0.6)]
    tail.append((-long - r - 0.08 + curl, 0, height + 0.08 + up))
    toy.add("tail", limb(tail, (0.045, 0.035, 0.022)), coat)
    if dog.spots is not None:
        for spot in _spots(dog.spots.rng, body):
            toy.add("spots", spot, dog.mark)
    return toy.finish(dog.size)


def _body(long: float, radius: float, height: float) -> Mesh:
    trunk = [(-long, 0, height), (0, 0, height - 0.01), (long * 0.9, 0, height + 0.02)]
    return limb(trunk, (radius * 0.92, radius * 0.88, radius), 20)


def _spots(rng: Rng, body: Mesh) -> list[Mesh]:
    """Spots on the back and the sides."""
    spots = scatter(rng, body, 6, 0.16, lambda p, n: n[2] > -0.3)
    return [blob(rng.uniform(0.05, 0.08), point - normal * 0.03) for point, normal in spots]


def _add_collar(toy: ShapeBuilder, collar: DogCollar, at: Floats, radius: float) -> None:
    toy.add("collar", place(ring(radius, 0.022, 0.028), at, ry=0.75), collar.leather)
    tag = place(rod(0.032, -0.008, 0.008, 0.003), at + [radius * 0.8, 0, -radius * 0.85], ry=1.2)
    toy.add("tag", tag, collar.tag)


def _add_head(toy: ShapeBuilder, head: DogHead, at: Floats, coat: Material, mark: Material) -> None:
    size, long = head.size, head.ear
    toy.add("head", blob((size, size * 0.95, size * 0.92), at), coat)
    out = size * head.snout
    snout = [at + (size * 0.5, 0, -0.05), at + (out, 0, -0.06)]
    snout.insert(1, (snout[0] + snout[1]) / 2)
    toy.add("muzzle", limb(snout, (size * 0.58, size * 0.5, size * 0.42)), coat)
    toy.add("nose", blob((0.035, 0.045, 0.032), at + (out + size * 0.38, 0, -0.03)), BLACK)
    root = at + np.array([-size * 0.1, size * 0.72, size * 0.55])
    if long is not None:
        ear = [root - (0, 0.04, 0), root + (-0.02, 0.05, -long * 0.3), root + (0, 0.05, -long)]
        flap = limb(ear, (0.04, 0.065, 0.04))
    else:
        ear = [root - (0, 0.03, 0.04), root + (0, 0.0, 0.06), root + (0, 0.02, 0.15)]
        flap = limb(ear, (0.065, 0.05, 0.012))
    add_pair(toy, "ear", flap, mark)
    add_eyes(toy, at + (size * 0.78, size * 0.46, size * 0.3), size * 0.19)
