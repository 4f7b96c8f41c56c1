"""How strong an anomaly turned out, measured on the two shapes alone, whatever made it.

The keys that are stored with an odd shape are the fields of Strength.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from anomalies.checks.visibility import noticed_share, views_of
from anomalies.checks.volume import volume_share
from anomalies.subject import SURFACE_POINTS, Subject
from datagen.geometry.color import delta_e, lab, look_of
from datagen.geometry.raycast import THREADS
from datagen.geometry.shape import Bools, Floats, Ints, Shape
from datagen.geometry.surface import surface_points

GONE = 1e-3  # of the diagonal
COLOR_POINTS = 400


@dataclass(frozen=True)
class Strength:
    """How much an odd shape differs from its parent.

    displacement: the largest distance between the two surfaces over the normal diagonal.
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

    def to_json(self) -> dict[str, float]:
        """As it is stored: every field by its name, to six decimals."""
        return {name: round(value, 6) for name, value in asdict(self).items()}


def measure(subject: Subject, odd: Subject, affected: Bools) -> Strength:
    """The strength of the odd shape; affected: (F,) bool over its faces, which were changed."""
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
        visible_share=noticed_share(views_of(subject), views_of(odd)),
        volume_share=volume_share(subject, odd.shape, changed),
        color_distance=color,
        finish_distance=finish,
    )


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
