"""Material mismatch: one part gets another material that is easy to tell apart (App. A.1)."""

from __future__ import annotations

import colorsys
from dataclasses import replace
from typing import Any

import numpy as np

from anomalies.color import average_color, delta_e, lab
from anomalies.subject import Subject
from datagen.shape import Bools, Material, Shape

MIN_DELTA_E = 20.0
MIN_METALLIC = 0.5
MIN_ROUGHNESS = 0.4


def _new_material(rng: np.random.Generator) -> Material:
    """A plain paint, plastic or metal."""
    red, green, blue = colorsys.hsv_to_rgb(rng.random(), rng.uniform(0, 1), rng.uniform(0.05, 0.9))
    metallic = float(rng.random() < 0.3)
    return Material("odd", (red, green, blue), metallic, float(rng.uniform(0.15, 0.85)))


def inapplicable(subject: Subject) -> str | None:
    """Whether the shape has no part of the right size."""
    return None if subject.parts.usable_parts else "no usable part"


def draw(rng: np.random.Generator, subject: Subject, severity: float) -> dict[str, Any] | str:
    """part: index into find_parts(shape).names; material: an index into the shape's, or a new one.

    A new one is {base_color, metallic, roughness}.
    """
    shape, parts = subject.shape, subject.parts
    part = int(rng.choice(parts.usable_parts))
    used = np.unique(shape.face_material)
    others = np.setdiff1d(used, shape.face_material[parts.face_label == part])
    chosen: int | dict[str, Any]
    if len(others) and rng.random() < 0.5:
        chosen = int(rng.choice(others))
    else:
        new = _new_material(rng)
        chosen = {
            "base_color": list(new.base_color),
            "metallic": new.metallic,
            "roughness": new.roughness,
        }
    return {"part": part, "name": parts.names[part], "material": chosen}


def apply(subject: Subject, parameters: dict[str, Any]) -> tuple[Shape, Bools] | str:
    """Give the part the material; rejects one that looks like what most of the part had."""
    shape = subject.shape
    mask = subject.parts.face_label == parameters["part"]
    area = np.bincount(shape.face_material[mask], shape.face_areas[mask])
    old_index = int(np.argmax(area))
    old = shape.materials[old_index]
    chosen = parameters["material"]
    if isinstance(chosen, int):
        new, index, materials = shape.materials[chosen], chosen, shape.materials
    else:
        red, green, blue = chosen["base_color"]
        new = Material("odd", (red, green, blue), chosen["metallic"], chosen["roughness"])
        index, materials = len(shape.materials), (*shape.materials, new)
    seen = average_color(shape, old, mask & (shape.face_material == old_index))
    distance = delta_e(lab(seen), lab(average_color(shape, new, mask)))
    alike = (
        distance < MIN_DELTA_E
        and abs(new.metallic - old.metallic) < MIN_METALLIC
        and abs(new.roughness - old.roughness) < MIN_ROUGHNESS
    )
    if alike:
        return "material looks alike"
    swapped = np.where(mask, index, shape.face_material)
    return replace(shape, materials=materials, face_material=swapped), mask
