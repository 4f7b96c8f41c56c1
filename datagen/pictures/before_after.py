"""Pictures of an anomaly: the normal shape, the odd one, and the odd one with the change marked."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from datagen.geometry.raycast import raycaster, surface_hits
from datagen.geometry.shape import Bools, Floats, Shape
from datagen.geometry.thumbnail import pinhole, thumbnail

AZIMUTHS = 12
HEIGHTS = (0.35, 0.8, 2.0, -0.5, -2.0)  # over the horizontal distance; earlier ones are preferred
PREFERENCE = 0.85  # what a later height's view counts
PIXELS = 64
CANDIDATES = 8


def before_after(
    normal: Shape, odd: Shape, affected: Bools, size: int, render: bool = False
) -> NDArray[np.uint8]:
    """(size, 3 size, 3) uint8: before, after, and after with the affected faces in red.

    All from the direction that shows the change best. affected: (F,) bool over the odd shape's
    faces. render: the first two by Cycles.
    """
    low = np.minimum(normal.bounds[0], odd.bounds[0])
    frame = np.stack([low, np.maximum(normal.bounds[1], odd.bounds[1])])
    eye = best_eye(normal, odd, affected, frame)
    if render:
        from datagen.pictures.portrait import portraits

        pictures = portraits([normal, odd], eye, size)
    else:
        pictures = [thumbnail(shape, size, eye, frame) for shape in (normal, odd)]
    return np.concatenate([*pictures, thumbnail(odd, size, eye, frame, affected)], axis=1)


def best_eye(normal: Shape, odd: Shape, affected: Bools, frame: Floats) -> Floats:
    """(3,) direction, of those that show most affected faces, in which the pictures differ most.

    affected: (F,) bool over the odd shape's faces; frame: (2, 3) the box that is shown, metres.
    """
    scale = 1 / max(float(np.linalg.norm(frame[1] - frame[0])), 1e-12)
    scene = raycaster(odd.with_vertices((odd.vertices - frame.mean(axis=0)) * scale))
    turns = (np.arange(AZIMUTHS) + 0.4) * 2 * np.pi / AZIMUTHS
    eyes = [np.array([np.cos(turn), np.sin(turn), height]) for height in HEIGHTS for turn in turns]
    shares = np.repeat(PREFERENCE ** np.arange(len(HEIGHTS)), AZIMUTHS)
    shown = shares * [_affected_pixels(scene, affected, eye) for eye in eyes]
    candidates = np.argsort(-shown, kind="stable")[:CANDIDATES]
    differing = [
        shares[index]
        * np.abs(
            thumbnail(normal, PIXELS, eyes[index], frame).astype(float)
            - thumbnail(odd, PIXELS, eyes[index], frame)
        ).mean()
        for index in candidates
    ]
    return eyes[candidates[int(np.argmax(differing))]]


def _affected_pixels(scene: Any, affected: Bools, eye: Floats) -> int:
    return int(affected[surface_hits(scene, pinhole(eye, PIXELS)).face].sum())
