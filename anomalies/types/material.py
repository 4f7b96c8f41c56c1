"""Material mismatch: one part gets another material that is easy to tell apart (App. A.1)."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from anomalies.anomaly_type import AnomalyType
from anomalies.parameters import Parameters
from anomalies.parts.find import parts_of
from anomalies.parts.parts import Part
from anomalies.severity import Scale
from anomalies.subject import Subject
from anomalies.surgery.cut import join
from datagen.geometry.color import average_color, delta_e, lab
from datagen.geometry.shape import Bools, Floats, Material, Shape

CANDIDATES = 300
MIN_DIFFERENCE, MIN_COLOR = 12.0, 10.0  # in all, and of the colours alone: CIEDE2000
METALLIC, ROUGHNESS = 40.0, 50.0  # what a difference of 1 counts beside CIEDE2000
NEAR_ENOUGH = 1.2  # factor between the difference and what is asked
SWAPPED = 0.6  # how often another part's material is taken where one differs enough
DIFFERENCE = Scale(12, 20, 45, 75)  # CIEDE2000


def inapplicable(subject: Subject) -> str | None:
    """`no usable part` where no part of the shape has the right size, else None."""
    return None if parts_of(subject).items else "no usable part"


def draw(rng: np.random.Generator, subject: Subject, severity: float) -> Parameters | str:
    """part: index into parts_of(subject).items; material: an index into the shape's, or a new one.

    A new one is {base_color, metallic, roughness, textured}; textured: the part's textures stay
    under the new colour. The one taken differs about as much as the severity asks.
    """
    parts = parts_of(subject)
    order = parts.in_random_order(rng)
    index = next(filter(parts.is_movable, order), order[0])
    part = parts.items[index]
    asked = DIFFERENCE.at(severity)
    others = np.setdiff1d(np.unique(subject.shape.face_material), [_main(part)])
    choices: list[int | Parameters] = [int(other) for other in others]
    textured = part.shape.materials[_main(part)].base_color_texture is not None
    choices += [_new_material(rng, textured) for _ in range(CANDIDATES)]
    found, color = differences(part, choices)
    factor = np.maximum(found / asked, asked / np.maximum(found, 1e-9))
    factor[color < MIN_COLOR] = np.inf
    fits = np.flatnonzero(factor < NEAR_ENOUGH)
    swaps = fits[fits < len(others)]
    if len(swaps) and rng.random() < SWAPPED:
        chosen = int(rng.choice(swaps))
    else:
        chosen = int(rng.choice(fits)) if len(fits) else int(np.argmin(factor))
    return {"part": index, "name": part.name, "material": choices[chosen]}


def apply(subject: Subject, parameters: Parameters) -> tuple[Shape, Bools] | str:
    """Give the part the material; rejects one that looks like what most of the part had."""
    shape = subject.shape
    part = parts_of(subject).items[parameters["part"]]
    chosen, old = parameters["material"], _main(part)
    found, color = differences(part, [chosen])
    if found[0] < MIN_DIFFERENCE or color[0] < MIN_COLOR:
        return "material looks alike"
    if isinstance(chosen, int):
        index, materials = chosen, shape.materials
    else:
        index, materials = len(shape.materials), (*shape.materials, _made(shape, old, chosen))
    surface, mask = _surface(part)
    swapped = np.where(mask, index, surface.face_material)
    return replace(surface, materials=materials, face_material=swapped), mask


def _surface(part: Part) -> tuple[Shape, Bools]:
    """The whole surface and (F,) bool the part's faces; a neck's are split along its cut."""
    if part.source != "neck" or part.detached is None:
        return part.shape, part.faces
    inner, rest = (
        side.shape.keep_faces(~side.capped) for side in (part.detached.part, part.detached.rest)
    )
    both = replace(join(rest, inner), materials=part.shape.materials)
    return both, np.arange(len(both.faces)) >= len(rest.faces)


def _main(part: Part) -> int:
    """The material that covers most of the part."""
    shape, faces = part.shape, part.faces
    return int(np.argmax(np.bincount(shape.face_material[faces], shape.face_areas[faces])))


def _new_material(rng: np.random.Generator, textured: bool) -> Parameters:
    """A plain paint, plastic or metal, or another colour over the same texture."""
    return {
        "base_color": list(colorsys.hsv_to_rgb(*rng.uniform((0, 0, 0.05), (1, 1, 0.9)).tolist())),
        "metallic": float(rng.random() < 0.3),
        "roughness": float(rng.uniform(0.15, 0.85)),
        "textured": bool(textured and rng.random() < 0.5),
    }


def _made(shape: Shape, old: int, facts: Parameters) -> Material:
    """The material of _new_material's facts, over the textures of the old one where they stay."""
    red, green, blue = facts["base_color"]
    if facts.get("textured"):
        return replace(shape.materials[old], name="odd", base_color=(red, green, blue))
    return Material("odd", (red, green, blue), facts["metallic"], facts["roughness"])


def differences(part: Part, choices: Sequence[int | Parameters]) -> tuple[Floats, Floats]:
    """(N,) how different the part would look, metal and gloss included, and (N,) its colour alone.

    choices: N materials as draw gives them. Both on the scale of CIEDE2000.
    """
    shape, old = part.shape, _main(part)
    before = shape.materials[old]
    white = replace(before, base_color=(1.0, 1.0, 1.0))
    texture = average_color(shape, white, part.faces & (shape.face_material == old))
    made = [shape.materials[c] if isinstance(c, int) else _made(shape, old, c) for c in choices]
    colors = np.array(
        [
            average_color(shape, new, part.faces)
            if isinstance(choice, int)
            else np.array(new.base_color) * (texture if choice.get("textured") else 1)
            for new, choice in zip(made, choices, strict=True)
        ]
    )
    color = delta_e(lab(np.array(before.base_color) * texture), lab(colors))
    metallic = METALLIC * (np.array([new.metallic for new in made]) - before.metallic)
    roughness = ROUGHNESS * (np.array([new.roughness for new in made]) - before.roughness)
    found: Floats = np.sqrt(color**2 + metallic**2 + roughness**2)
    return found, color


TYPE = AnomalyType(
    name="material",
    code="mats",
    description="A part wears another part's material, or a new one.",
    draw=draw,
    apply=apply,
    scales={
        "CIEDE2000 with the difference in finish": DIFFERENCE,
    },
    inapplicable=inapplicable,
)
