"""Discoloured: the surface of a fracture-mode region has another material (App. A.1)."""

from __future__ import annotations

import colorsys
from dataclasses import replace

import numpy as np

from anomalies.anomaly_type import AnomalyType
from anomalies.fracturing.breakage import solid_of
from anomalies.parameters import Parameters
from anomalies.severity import Scale
from anomalies.subject import Subject
from anomalies.surgery.cut import split_surface
from anomalies.surgery.split import face_side
from anomalies.types.region_choice import draw_region, region_field_of
from datagen.geometry.color import average_color, delta_e, lab
from datagen.geometry.shape import Bools, Floats, Material, Shape

ROUGHNESS = (0.008, 0.018)  # of the diagonal
MIN_DELTA_E = 9.0
CANDIDATES = 40  # colours of each kind
PALE = np.array([0.78, 0.74, 0.66])
SPREAD = 0.15  # of the distance that is asked for
SIZE = Scale(0.05, 0.08, 0.2, 0.35)  # of the volume
DISTANCE = Scale(12, 20, 40, 60)  # CIEDE2000


def draw(rng: np.random.Generator, subject: Subject, severity: float) -> Parameters | str:
    """pieces (fragments), seed, roughness: the region; surface: roughness of its material.

    Either tint (3,), which multiplies what is there, or color (3,), which covers it: linear RGB.
    """
    size = SIZE.at(severity)
    drawn = draw_region(rng, subject, size / 2, size * 1.5, ROUGHNESS)
    if isinstance(drawn, str):
        return drawn
    shape = subject.shape
    inside = region_field_of(subject, drawn).at(shape.corners.mean(axis=1)) < 0
    own = mean_color(shape, inside if inside.any() else np.ones(len(inside), bool))
    looks = _other_look(rng, own, DISTANCE.at(severity), severity)
    return drawn | looks | {"surface": float(rng.uniform(0.35, 0.9))}


def mean_color(shape: Shape, faces: Bools) -> Floats:
    """(3,) linear RGB, the mean over the area of the faces (F,) bool, textures included."""
    total, area = np.zeros(3), 1e-30
    for index in np.unique(shape.face_material[faces]):
        mine = faces & (shape.face_material == index)
        size = shape.face_areas[mine].sum()
        total += size * average_color(shape, shape.materials[index], mine)
        area += size
    return total / area


def _other_look(
    rng: np.random.Generator, own: Floats, distance: float, severity: float
) -> Parameters:
    """A stain, a bleached patch or, unless mild, a paint about `distance` (CIEDE2000) from own."""
    stain = rng.uniform(0.1, 0.95, (CANDIDATES, 1)) * rng.uniform(
        (0.85, 0.6, 0.35), 1, (CANDIDATES, 3)
    )
    bleach = own + rng.uniform(0.05, 0.9, (CANDIDATES, 1)) * (PALE - own)
    hues = rng.uniform((0, 0.2, 0.05), (1, 1, 0.85), (CANDIDATES, 3))
    paint = np.array([colorsys.hsv_to_rgb(*hue) for hue in hues])
    colors = np.concatenate([stain * own, bleach, paint])
    kind = np.repeat(["tint", "color", "color"], CANDIDATES)
    mild = severity < 1 / 3
    seen = lab(own)
    away = np.array([abs(delta_e(lab(color), seen) - distance) for color in colors])
    fits = away <= SPREAD * distance
    if mild and fits[: 2 * CANDIDATES].any():
        fits[2 * CANDIDATES :] = False
    options = np.flatnonzero(fits)
    chosen = int(rng.choice(options)) if len(options) else int(np.argmin(away))
    value = stain[chosen] if kind[chosen] == "tint" else colors[chosen]
    return {str(kind[chosen]): [round(float(part), 4) for part in value]}


def apply(subject: Subject, parameters: Parameters) -> tuple[Shape, Bools] | str:
    """Split the surface along the region's boundary; no position changes."""
    phi = region_field_of(subject, parameters)
    split, _, values = split_surface(subject.shape, solid_of(subject), phi)
    inside = face_side(split, values)
    if not inside.any() or inside.all():
        return "no region"
    kinds, which = np.unique(split.face_material[inside], return_inverse=True)
    new = tuple(_discoloured(split.materials[kind], parameters) for kind in kinds)
    material = split.face_material.copy()
    material[inside] = len(split.materials) + which.reshape(-1)
    odd = replace(split, materials=(*split.materials, *new), face_material=material)
    before, after = mean_color(split, inside), mean_color(odd, inside)
    if delta_e(lab(before), lab(after)) < MIN_DELTA_E:
        return "looks alike"
    return odd, inside


def _discoloured(material: Material, parameters: Parameters) -> Material:
    """The material under the parameters' tint, or covered with their colour."""
    name, roughness = f"{material.name} discoloured", parameters["surface"]
    if "tint" in parameters:
        red, green, blue = np.multiply(material.base_color, parameters["tint"]).tolist()
        return replace(material, name=name, base_color=(red, green, blue), roughness=roughness)
    red, green, blue = parameters["color"]
    return Material(name, (red, green, blue), 0.0, roughness)


TYPE = AnomalyType(
    name="discoloured",
    code="disc",
    description="A fracture-mode region of the surface wears another material.",
    draw=draw,
    apply=apply,
    scales={
        "CIEDE2000": DISTANCE,
        "size, of the volume": SIZE,
    },
)
