"""How strong an anomaly turned out, measured on the two shapes alone, whatever made it.

The keys that are stored with an odd shape are the fields of Strength.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from anomalies.color import delta_e, lab
from anomalies.gates import visible_share
from anomalies.subject import SURFACE_POINTS, Subject
from anomalies.surface import surface_points
from datagen.raycast import THREADS, raycaster
from datagen.shape import Bools, Floats, Ints, Shape

PROBES = 8000  # of volume, in the normal shape's box
MIXER = np.uint64(0x9E3779B97F4A7C15)
MIN_CELLS = 40  # probes inside a shape that has a volume worth comparing
GONE = 1e-3  # of the diagonal
COLOR_POINTS = 400


@dataclass(frozen=True)
class Strength:
    """displacement: the largest distance between the two surfaces over the normal diagonal.

    surface_share: of the area that is affected, or gone, whichever is more.
    visible_share: of the silhouette that looks different in the view that shows it best.
    volume_share: of the normal volume, what only one of the two shapes has; of open shells
    what they go more than half round.
    color_distance: CIEDE2000 from the nearest normal surface, the mean over the affected area.
    finish_distance: of roughness and metalness, each 0 to 1, the mean of their root sum of squares.
    """

    displacement: float
    surface_share: float
    visible_share: float
    volume_share: float
    color_distance: float
    finish_distance: float

    def to_json(self) -> dict[str, Any]:
        return {name: round(value, 6) for name, value in asdict(self).items()}


def measure(subject: Subject, odd: Shape, affected: Bools) -> Strength:
    """affected: (F,) bool over the odd shape's faces."""
    shape = subject.shape
    area = odd.face_areas
    scene = raycaster(odd)
    points, _ = surface_points(odd, SURFACE_POINTS)
    there = subject.surface_distance(points)
    back = _distance(scene, subject.surface_points[0])
    color, finish = _appearance(subject, odd, affected)
    return Strength(
        displacement=float(max(there.max(), back.max()) / shape.diagonal),
        surface_share=max(
            float(area[affected].sum() / area.sum()), float((back > GONE * shape.diagonal).mean())
        ),
        visible_share=visible_share(subject, odd),
        volume_share=_volume_share(subject, odd),
        color_distance=color,
        finish_distance=finish,
    )


def _distance(scene: Any, points: Floats) -> Floats:
    import open3d as o3d

    query = o3d.core.Tensor(points.astype(np.float32))
    found: Floats = scene.compute_distance(query, nthreads=THREADS).numpy().astype(np.float64)
    return found


def _volume_share(subject: Subject, odd: Shape) -> float:
    """Probes that only one shape holds over those that the normal one does."""
    before, after = subject.held_cells, held_cells(odd, probe_spacing(subject.shape))
    if len(before) < MIN_CELLS:
        return 0.0
    return len(np.setxor1d(before, after)) / len(before)


def probe_spacing(shape: Shape) -> float:
    """Metres between the probes of volume."""
    return float(np.cbrt(np.prod(np.ptp(shape.bounds, axis=0)) / PROBES))


def held_cells(shape: Shape, spacing: float) -> Ints:
    """Numbers of the probes inside the shape, on one lattice for all; spacing in metres."""
    first, last = np.floor(shape.bounds / spacing).astype(np.int64)
    index = np.stack(
        np.meshgrid(
            *[np.arange(a, b + 1) for a, b in zip(first, last, strict=True)], indexing="ij"
        ),
        axis=-1,
    ).reshape(-1, 3)
    shifted = index + 2**20
    cells = (shifted[:, 0] << 42) | (shifted[:, 1] << 21) | shifted[:, 2]
    # Anywhere in its cell, always at the same place, or whole layers would come and go together.
    mixed = (cells.astype(np.uint64) * MIXER) ^ (cells.astype(np.uint64) >> np.uint64(29))
    mixed *= MIXER
    place = np.stack([(mixed >> np.uint64(bits)) % np.uint64(2**14) for bits in (22, 36, 50)], 1)
    inside: Ints = cells[holds(shape, (index + (place + 0.5) / 2**14) * spacing)]
    return inside


def holds(shape: Shape, points: Floats) -> Bools:
    """(N,) whether the shape's faces go round (N, 3) points, open and crossing ones included."""
    import igl

    winding = igl.fast_winding_number(
        np.ascontiguousarray(shape.vertices), np.ascontiguousarray(shape.faces), points
    )
    inside: Bools = np.abs(np.asarray(winding)) > 0.5
    return inside


def _appearance(subject: Subject, odd: Shape, affected: Bools) -> tuple[float, float]:
    """Mean colour and finish distance between the affected faces and the normal surface nearest."""
    import open3d as o3d

    if not affected.any():
        return 0.0, 0.0
    changed = odd.keep_faces(affected)
    points, face, weights = _weighted_points(changed)
    near = subject.raycaster.compute_closest_points(
        o3d.core.Tensor(points.astype(np.float32)), nthreads=THREADS
    )
    uv = near["primitive_uvs"].numpy().astype(np.float64)
    normal_weights = np.column_stack([1 - uv.sum(axis=1), uv])
    normal_face = near["primitive_ids"].numpy().astype(np.int64)
    color, finish = look_of(changed, face, weights)
    normal_color, normal_finish = look_of(subject.shape, normal_face, normal_weights)
    return (
        float(delta_e(lab(color), lab(normal_color)).mean()),
        float(np.linalg.norm(finish - normal_finish, axis=1).mean()),
    )


def _weighted_points(shape: Shape) -> tuple[Floats, Ints, Floats]:
    """Points (N, 3) even over the area, their faces (N,), and weights of the corners (N, 3)."""
    points, face = surface_points(shape, COLOR_POINTS)
    corners = shape.corners[face]
    system = np.concatenate([corners, np.ones((len(face), 3, 1))], axis=2).transpose(0, 2, 1)
    target = np.concatenate([points, np.ones((len(face), 1))], axis=1)
    weights = np.einsum("nij,nj->ni", np.linalg.pinv(system), target)
    return points, face, weights


def look_of(shape: Shape, face: Ints, weights: Floats) -> tuple[Floats, Floats]:
    """(N, 3) linear colour and (N, 2) roughness, metalness at corner weights (N, 3) of faces."""
    materials = shape.face_material[face]
    color, finish = np.empty((len(face), 3)), np.empty((len(face), 2))
    place = None if shape.uv is None else np.einsum("nk,nkd->nd", weights, shape.uv[face])
    for index in np.unique(materials):
        mine = materials == index
        material = shape.materials[index]
        color[mine] = material.base_color
        finish[mine] = material.roughness, material.metallic
        if place is None:
            continue
        if material.base_color_texture is not None:
            color[mine] *= _linear(_texels(material.base_color_texture.pixels(), place[mine]))
        if material.metallic_roughness_texture is not None:
            texels = _texels(material.metallic_roughness_texture.pixels(), place[mine])
            finish[mine] *= texels[:, 1:3]
    return color, finish


def _texels(pixels: Any, uv: Floats) -> Floats:
    """(N, 3) values 0 to 1 at (N, 2) places, glTF convention, repeated beyond the image."""
    height, width = pixels.shape[:2]
    wrapped = uv % 1
    column = np.minimum((wrapped[:, 0] * width).astype(np.int64), width - 1)
    row = np.minimum((wrapped[:, 1] * height).astype(np.int64), height - 1)
    found: Floats = pixels[row, column] / 255.0
    return found


def _linear(srgb: Floats) -> Floats:
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
