"""A bolt standing on its head: hexagon or socket head, washer, shank, thread rings, nut."""

from __future__ import annotations

from datagen.geometry.shape import Shape
from datagen.sources.builtin.builder import Rng, ShapeBuilder
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


def make(rng: Rng) -> Shape:
    builder = ShapeBuilder()
    steel, nut_material, washer_material = (
        finishes.steel(rng),
        finishes.fitting(rng),
        finishes.anodised(rng),
    )
    radius, length = rng.uniform(0.09, 0.14), rng.uniform(0.75, 0.95)
    head = radius * rng.uniform(1.1, 1.5)
    if rng.random() < 0.65:
        builder.add("head", hex_head(radius * rng.uniform(1.8, 2.1), 0, head), steel)
    else:
        cap = bar(radius * rng.uniform(1.6, 1.8), 0, 1.3 * head, 0.015, 64)
        socket = prism(hexagon(0.8 * radius), -0.1, 0.6 * head)
        head *= 1.3
        builder.add("head", cut(cap, socket), steel)
    thin = rng.uniform(0.025, 0.045)
    washer = tube(1.03 * radius, radius * rng.uniform(2.1, 2.4), head, head + thin, 0.006)
    builder.add("washer", washer, washer_material)
    split = head + (length - head) * rng.uniform(0.25, 0.5)
    builder.add("shank", bar(radius, head - 0.01, split, 0.008), steel)
    thread = threaded_rod(radius, split - 0.01, length, rng.uniform(0.026, 0.038))
    builder.add("thread", thread, steel)
    tall = radius * rng.uniform(1.2, 1.7)
    low = split + (length - split - tall) * rng.uniform(0.1, 0.85)
    ring = cut(
        hex_head(radius * rng.uniform(1.8, 2.0), low, low + tall),
        prism(disc(radius - 0.008), -1, 2),
    )
    builder.add("nut", ring, nut_material)
    if rng.random() < 0.5:
        width = radius * rng.uniform(1.7, 1.85)
        collar = tube(radius - 0.008, width, low + tall, low + tall + 0.03, 0.008)
        builder.add("lock_ring", collar, finishes.rubber(rng))
    return builder.build()
