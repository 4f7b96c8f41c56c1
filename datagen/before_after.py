"""Pictures of an anomaly: the normal shape, the odd one, and the odd one with the change marked."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from datagen.raycast import THREADS, raycaster
from datagen.shape import Bools, Floats, Shape
from datagen.sheet import pinhole, thumbnail

AZIMUTHS = 12
HEIGHTS = (0.35, 0.8, -0.5)  # over the horizontal distance; earlier ones are preferred
PREFERENCE = 0.75  # what a later height's view counts
PIXELS = 96


def before_after(
    normal: Shape, odd: Shape, affected: Bools, size: int, render: bool = False
) -> NDArray[np.uint8]:
    """(size, 3 size, 3): before, after, and after with the affected faces (F,) in red.

    All from the direction that shows most of the affected faces. render: the first two by Cycles.
    """
    low = np.minimum(normal.bounds[0], odd.bounds[0])
    frame = np.stack([low, np.maximum(normal.bounds[1], odd.bounds[1])])
    eye = best_eye(odd, affected, frame)
    if render:
        from datagen.portrait import portraits

        pictures = portraits([normal, odd], eye, size)
    else:
        pictures = [thumbnail(shape, size, eye, frame) for shape in (normal, odd)]
    return np.concatenate([*pictures, thumbnail(odd, size, eye, frame, affected)], axis=1)


def best_eye(odd: Shape, affected: Bools, frame: Floats) -> Floats:
    """(3,) direction from which the largest share of the picture shows affected faces."""
    scale = 1 / max(float(np.linalg.norm(frame[1] - frame[0])), 1e-12)
    scene = raycaster(odd.with_vertices((odd.vertices - frame.mean(axis=0)) * scale))
    eyes, scores = [], []
    for rank, height in enumerate(HEIGHTS):
        for turn in (np.arange(AZIMUTHS) + 0.4) * 2 * np.pi / AZIMUTHS:
            eye = np.array([np.cos(turn), np.sin(turn), height])
            hits = scene.cast_rays(pinhole(eye, PIXELS), nthreads=THREADS)
            seen = np.isfinite(hits["t_hit"].numpy())
            face = hits["primitive_ids"].numpy()[seen].astype(np.int64)
            eyes.append(eye)
            scores.append(affected[face].sum() * PREFERENCE**rank)
    return eyes[int(np.argmax(scores))]
