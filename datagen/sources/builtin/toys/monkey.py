"""A sitting monkey with a curled tail."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import ShapeBuilder, draw_size
from datagen.sources.builtin.drawn import Rng, real
from datagen.sources.builtin.paints import Colour, plain, shade
from datagen.sources.builtin.solids import blob, sweep
from datagen.sources.builtin.toys.animal_parts import BLACK, add_eyes, add_pair, limb

FURS: list[Colour] = [(0.28, 0.13, 0.05), (0.45, 0.25, 0.1), (0.12, 0.08, 0.06), (0.4, 0.38, 0.36)]


@dataclass(frozen=True)
class Monkey:
    """tall, rise, knee, drop: of the radius of the body.

    rise: of the head over the shoulders; knee: its height; drop: of the hands below the shoulders;
    head: its radius; turns: of the tail's spiral.
    """

    fur: Material
    face: Material
    radius: float
    tall: float
    rise: float
    head: float
    knee: float
    drop: float
    turns: float
    size: float


def draw(rng: Rng) -> Monkey:
    """Everything that makes one monkey differ from another."""
    return Monkey(
        fur=plain("fur", shade(rng, FURS[rng.integers(4)]), 0.8),
        face=plain("face", shade(rng, (0.72, 0.46, 0.28)), 0.55),
        radius=real(rng, 0.18, 0.22),
        tall=real(rng, 1.9, 2.3),
        rise=real(rng, 0.85, 1.0),
        head=real(rng, 0.16, 0.19),
        knee=real(rng, 0.9, 1.15),
        drop=real(rng, 1.0, 1.3),
        turns=real(rng, 1.0, 1.35),
        size=draw_size(rng),
    )


def make(monkey: Monkey) -> Shape:
    """The monkey of these parameters."""
    toy = ShapeBuilder()
    fur, face, r = monkey.fur, monkey.face, monkey.radius
    tall = monkey.tall * r
    toy.add(
        "body",
        limb([(0, 0, r * 0.9), (0, 0, r * 1.4), (0.02, 0, tall)], (r, r * 0.9, r * 0.65)),
        fur,
    )
    toy.add("belly", blob((r * 0.6, r * 0.68, r * 0.85), (r * 0.4, 0, r * 1.15)), face)
    _add_head(toy, np.array([0.05, 0, tall + r * monkey.rise]), monkey.head, fur, face)
    knee = monkey.knee * r
    leg = [(r * 0.1, r * 0.65, r * 0.5), (r * 0.85, r * 0.95, knee), (r * 1.15, r * 0.9, r * 0.3)]
    add_pair(toy, "leg", limb(leg, (r * 0.36, r * 0.27, r * 0.22)), fur)
    add_pair(toy, "foot", blob((r * 0.42, r * 0.24, r * 0.17), (r * 1.4, r * 0.9, r * 0.17)), face)
    drop = monkey.drop * r
    arm = [(0.02, r * 0.6, tall - 0.03), (r * 0.35, r * 1.05, tall - r * 0.6)]
    hand = (r * 0.85, r * 0.85, tall - drop)
    add_pair(toy, "arm", limb([*arm, hand], (r * 0.26, r * 0.22, r * 0.19)), fur)
    add_pair(toy, "hand", blob((r * 0.24, r * 0.2, r * 0.2), (hand[0] + 0.03, *hand[1:])), face)
    _add_tail(toy, monkey.turns, r, fur)
    return toy.finish(monkey.size)


def _add_head(toy: ShapeBuilder, at: Floats, size: float, fur: Material, face: Material) -> None:
    toy.add("head", blob((size * 0.95, size, size * 0.95), at), fur)
    brow = blob(
        (size * 0.45, size * 0.42, size * 0.42), at + (size * 0.58, size * 0.3, size * 0.18)
    )
    add_pair(toy, "brow", brow, face)
    muzzle = blob((size * 0.48, size * 0.62, size * 0.42), at + (size * 0.7, 0, -size * 0.36))
    toy.add("muzzle", muzzle, face)
    add_pair(toy, "nostril", blob(0.01, at + (size * 1.12, 0.022, -size * 0.16)), BLACK)
    x, z = size * 1.1, -size * 0.46
    smile = [at + (x - 0.02, -0.06, z + 0.02), at + (x + 0.015, 0, z - 0.015)]
    toy.add("mouth", limb([*smile, at + (x - 0.02, 0.06, z + 0.02)], (0.007, 0.009, 0.007)), BLACK)
    ear = at + np.array([0.0, size * 1.12, size * 0.08])
    add_pair(toy, "ear", blob((size * 0.2, size * 0.34, size * 0.38), ear), fur)
    inner = blob((size * 0.12, size * 0.22, size * 0.26), ear + (size * 0.12, 0.005, 0))
    add_pair(toy, "ear", inner, face)
    add_eyes(toy, at + (size * 0.93, size * 0.32, size * 0.26), size * 0.16)


def _add_tail(toy: ShapeBuilder, turns: float, r: float, fur: Material) -> None:
    """A spiral rising behind the back."""
    t = np.linspace(0, 1, 36)
    angle = 2 * np.pi * turns * t
    size = r * 0.95 * (1 - 0.68 * t)
    x = -r * 0.75 - r * 0.9 * np.minimum(t * 2, 1) - size * np.sin(angle) * 0.8
    z = r * 0.35 + size * (1 - np.cos(angle)) + r * 0.8 * t
    line = np.column_stack([x, 0 * t, z])
    toy.add("tail", sweep(line, np.linspace(r * 0.17, r * 0.1, 36), 12), fur)
