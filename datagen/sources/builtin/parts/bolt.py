"""A bolt standing on its head: hexagon or socket head, washer, shank, thread rings, nut."""

from __future__ import annotations

from dataclasses import dataclass

from datagen.geometry.shape import Material, Shape
from datagen.sources.builtin.builder import ShapeBuilder
from datagen.sources.builtin.drawn import Rng, real
from datagen.sources.builtin.edits import cut
from datagen.sources.builtin.outlines import disc
from datagen.sources.builtin.parts import finishes
from datagen.sources.builtin.parts.machined import (
    bar,
    hex_head,
    hexagon,
    prism,
    threaded_rod,
    tube,
)


@dataclass(frozen=True)
class BoltHead:
    """tall, wide: its height and radius, of the shank's radius; socket: round, with a hexagon in.

    A socket head is 1.3 times as tall.
    """

    tall: float
    wide: float
    socket: bool


@dataclass(frozen=True)
class Nut:
    """tall, wide: of the shank's radius; place: how far up the thread, of the room there."""

    tall: float
    place: float
    wide: float


@dataclass(frozen=True)
class LockRing:
    """wide: its radius, of the shank's."""

    wide: float
    finish: Material


@dataclass(frozen=True)
class Bolt:
    """split: where the thread begins, of the length under the head.

    washer_thick: its height; washer_wide: its radius, of the shank's.
    """

    steel: Material
    nut_finish: Material
    washer_finish: Material
    radius: float
    length: float
    head: BoltHead
    washer_thick: float
    washer_wide: float
    split: float
    pitch: float
    nut: Nut
    lock_ring: LockRing | None


def draw(rng: Rng) -> Bolt:
    """Everything that makes one bolt differ from another."""
    return Bolt(
        steel=finishes.steel(rng),
        nut_finish=finishes.fitting(rng),
        washer_finish=finishes.anodised(rng),
        radius=real(rng, 0.09, 0.14),
        length=real(rng, 0.75, 0.95),
        head=_draw_head(rng),
        washer_thick=real(rng, 0.025, 0.045),
        washer_wide=real(rng, 2.1, 2.4),
        split=real(rng, 0.25, 0.5),
        pitch=real(rng, 0.026, 0.038),
        nut=Nut(tall=real(rng, 1.2, 1.7), place=real(rng, 0.1, 0.85), wide=real(rng, 1.8, 2.0)),
        lock_ring=_draw_lock_ring(rng) if rng.random() < 0.5 else None,
    )


def _draw_head(rng: Rng) -> BoltHead:
    tall = real(rng, 1.1, 1.5)
    if rng.random() < 0.65:
        return BoltHead(tall, real(rng, 1.8, 2.1), socket=False)
    return BoltHead(tall, real(rng, 1.6, 1.8), socket=True)


def _draw_lock_ring(rng: Rng) -> LockRing:
    return LockRing(wide=real(rng, 1.7, 1.85), finish=finishes.rubber(rng))


def make(bolt: Bolt) -> Shape:
    """The bolt of these parameters."""
    builder = ShapeBuilder()
    radius, length = bolt.radius, bolt.length
    head = radius * bolt.head.tall
    if bolt.head.socket:
        cap = bar(radius * bolt.head.wide, 0, 1.3 * head, 0.015, 64)
        socket = prism(hexagon(0.8 * radius), -0.1, 0.6 * head)
        head *= 1.3
        builder.add("head", cut(cap, socket), bolt.steel)
    else:
        builder.add("head", hex_head(radius * bolt.head.wide, 0, head), bolt.steel)
    thin = bolt.washer_thick
    washer = tube(1.03 * radius, radius * bolt.washer_wide, head, head + thin, 0.006)
    builder.add("washer", washer, bolt.washer_finish)
    split = head + (length - head) * bolt.split
    builder.add("shank", bar(radius, head - 0.01, split, 0.008), bolt.steel)
    thread = threaded_rod(radius, split - 0.01, length, bolt.pitch)
    builder.add("thread", thread, bolt.steel)
    tall = radius * bolt.nut.tall
    low = split + (length - split - tall) * bolt.nut.place
    ring = cut(
        hex_head(radius * bolt.nut.wide, low, low + tall),
        prism(disc(radius - 0.008), -1, 2),
    )
    builder.add("nut", ring, bolt.nut_finish)
    if bolt.lock_ring is not None:
        width = radius * bolt.lock_ring.wide
        collar = tube(radius - 0.008, width, low + tall, low + tall + 0.03, 0.008)
        builder.add("lock_ring", collar, bolt.lock_ring.finish)
    return builder.build()
