"""A penguin, at times in a scarf."""

from __future__ import annotations

from dataclasses import dataclass

from datagen.geometry.shape import Material, Shape
from datagen.sources.builtin.builder import ShapeBuilder, draw_size
from datagen.sources.builtin.drawn import Rng, chance, real
from datagen.sources.builtin.edits import place
from datagen.sources.builtin.paints import paints, plain, shade
from datagen.sources.builtin.paths import circle
from datagen.sources.builtin.solids import blob, sweep
from datagen.sources.builtin.toys.animal_parts import WHITE, add_eyes, add_pair, limb

FELTS = ("red", "green", "violet", "yellow")


@dataclass(frozen=True)
class Penguin:
    """radius, tall: of the trunk; head: its radius; beak: how far out it ends, of that.

    lift: of the flippers from the trunk, in radians; flipper: half its length, of the trunk's
    height; scarf: its felt.
    """

    coat: Material
    orange: Material
    radius: float
    tall: float
    head: float
    beak: float
    lift: float
    flipper: float
    scarf: Material | None
    size: float


def draw(rng: Rng) -> Penguin:
    """Everything that makes one penguin differ from another."""
    ground = (0.025, 0.03, 0.05) if chance(rng, 0.6) else (0.06, 0.13, 0.27)
    return Penguin(
        coat=plain("coat", shade(rng, ground), 0.45),
        orange=plain("beak", shade(rng, (0.85, 0.32, 0.03)), 0.35),
        radius=real(rng, 0.22, 0.34),
        tall=real(rng, 0.56, 0.88),
        head=real(rng, 0.17, 0.21),
        beak=real(rng, 1.4, 1.7),
        lift=real(rng, 0.08, 0.9),
        flipper=real(rng, 0.24, 0.33),
        scarf=paints(rng, 1, "felt", 0.85, FELTS)[0] if chance(rng, 0.5) else None,
        size=draw_size(rng),
    )


def make(penguin: Penguin) -> Shape:
    """The penguin of these parameters."""
    toy = ShapeBuilder()
    coat, orange = penguin.coat, penguin.orange
    r, tall, head = penguin.radius, penguin.tall, penguin.head
    trunk = [(0, 0, r * 0.72), (0, 0, tall * 0.5), (0.01, 0, tall)]
    toy.add("body", limb(trunk, (r * 0.9, r, head * 0.8), 32), coat)
    toy.add("belly", blob((r * 0.72, r * 0.82, tall * 0.42), (r * 0.4, 0, tall * 0.46)), WHITE)
    _add_head(toy, head, tall, penguin.beak, coat, orange)
    long = tall * penguin.flipper
    wing = blob((0.11, 0.035, long), (0, 0, -long * 0.9))
    flipper = place(wing, (-0.01, r * 0.82, tall * 0.82), rx=penguin.lift)
    add_pair(toy, "flipper", flipper, coat)
    add_pair(toy, "foot", blob((0.15, 0.1, 0.04), (0.11, r * 0.48, 0.04)), orange)
    for y in (-0.06, 0.0, 0.06):
        toe = blob((0.05, 0.03, 0.025), (0.25, r * 0.48 + y, 0.03))
        add_pair(toy, "foot", toe, orange)
    tail = [(-r * 1.15, 0, 0.07), (-r * 0.75, 0, 0.16), (-r * 0.5, 0, 0.22)]
    toy.add("tail", limb(tail, (0.02, 0.06, 0.08)), coat)
    if penguin.scarf is not None:
        neck = circle(head * 0.94, 40) + (0.01, 0, tall - 0.01)
        toy.add("scarf", sweep(neck, 0.045, 16, closed=True), penguin.scarf)
    return toy.finish(penguin.size)


def _add_head(
    toy: ShapeBuilder, size: float, tall: float, beak: float, coat: Material, orange: Material
) -> None:
    toy.add("head", blob((size, size, size * 0.95), (0.02, 0, tall + size * 0.5)), coat)
    for side in (1, -1):
        cheek = (0.02 + size * 0.56, side * size * 0.38, tall + size * 0.45)
        toy.add("face", blob((size * 0.5, size * 0.5, size * 0.62), cheek), WHITE)
    add_eyes(toy, (0.02 + size * 0.92, size * 0.42, tall + size * 0.66), size * 0.16)
    z, tip = tall + size * 0.35, size * beak
    line = [(size * 0.8, 0, z), (size * 1.2, 0, z - 0.01), (tip, 0, z - 0.03)]
    toy.add("beak", limb(line, (size * 0.26, size * 0.18, 0.012)), orange)
