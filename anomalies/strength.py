"""How strong an anomaly turned out, measured on the two shapes alone, whatever made it.

The keys that are stored with an odd shape are the fields of Strength.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from anomalies.color import delta_e, lab, look_of
from anomalies.sight import noticed_share
from anomalies.subject import SURFACE_POINTS, Subject
from anomalies.surface import surface_points
from datagen.raycast import THREADS
from datagen.shape import Bools, Floats, Ints, Shape

PROBES = 8000  # of volume, in the normal shape's box
MIXER = np.uint64(0x9E3779B97F4A7C15)
MIN_CELLS = 40  # probes inside a shape that has a volume worth comparing
GONE = 1e-3  # of the diagonal
AROUND = 0.02  # of the diagonal: the sampled surface may miss as much of what is gone
COLOR_POINTS = 400


@dataclass(frozen=True)
class Strength:
    """displacement: the largest distance between the two surfaces over the normal diagonal.

    surface_share: of the area that is affected, or gone, whichever is more.
    visible_share: where a person notices it in the view that shows it best, of the silhouette.
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


def measure(subject: Subject, odd: Subject, affected: Bools) -> Strength:
    """affected: (F,) bool over the odd shape's faces."""
    shape = subject.shape
    area = odd.shape.face_areas
    points, _ = surface_points(odd.shape, SURFACE_POINTS)
    there = subject.surface_distance(points)
    back = odd.surface_distance(subject.surface_points[0])
    gone = back > GONE * shape.diagonal
    color, finish = _appearance(subject, odd.shape, affected)
    changed = np.concatenate(
        [odd.shape.corners[affected].reshape(-1, 3), subject.surface_points[0][gone]]
    )
    return Strength(
        displacement=float(max(there.max(), back.max()) / shape.diagonal),
        surface_share=max(float(area[affected].sum() / area.sum()), float(gone.mean())),
        visible_share=noticed_share(subject.look, odd.look),
        volume_share=_volume_share(subject, odd.shape, changed),
        color_distance=color,
        finish_distance=finish,
    )


def _volume_share(subject: Subject, odd: Shape, changed: Floats) -> float:
    """Probes that only one shape holds over those that the normal one does.

    changed: (N, 3) where the two differ; beyond the box of these neither has what the other lacks.
    """
    before = subject.held_cells
    if len(before) < MIN_CELLS or len(changed) == 0:
        return 0.0
    spacing, margin = probe_spacing(subject.shape), AROUND * subject.shape.diagonal
    box = np.stack([changed.min(axis=0) - margin, changed.max(axis=0) + margin])
    first, last = np.floor(box / spacing).astype(np.int64)
    within = ((_places(before) >= first) & (_places(before) <= last)).all(axis=1)
    return len(np.setxor1d(before[within], held_cells(odd, spacing, box))) / len(before)


def probe_spacing(shape: Shape) -> float:
    """Metres between the probes of volume."""
    return float(np.cbrt(np.prod(np.ptp(shape.bounds, axis=0)) / PROBES))


def held_cells(shape: Shape, spacing: float, box: Floats | None = None) -> Ints:
    """Numbers of the probes inside the shape, on one lattice for all; spacing in metres.

    box: (2, 3) where to look, metres.
    """
    low, high = shape.bounds
    if box is not None:
        low, high = np.maximum(low, box[0]), np.minimum(high, box[1])
    first, last = np.floor(np.stack([low, high]) / spacing).astype(np.int64)
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


def _places(cells: Ints) -> Ints:
    """(N, 3) of the lattice: what the numbers of cells (N,) stand for."""
    return np.stack([(cells >> bits) & (2**21 - 1) for bits in (42, 21, 0)], axis=1) - 2**20


def holds(shape: Shape, points: Floats) -> Bools:
    """(N,) whether the shape's faces go round (N, 3) points, open and crossing ones included."""
    import igl

    if len(points) == 0:
        return np.zeros(0, bool)
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
