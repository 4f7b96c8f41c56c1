"""A shape from fixed viewpoints in plain grey, by casting rays: what features are taken of."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from datagen.geometry.raycast import raycaster, surface_hits
from datagen.geometry.shape import Floats, Shape, corner_normals
from datagen.geometry.thumbnail import pinhole

SIZE = 224
ELEVATIONS = (0.52, -0.35)  # radians; four directions round each, the second four in between
AZIMUTH = 0.5
BACKGROUND = 255
LIGHT = np.array([-0.4, 0.5, 0.77])  # in the camera's frame: right, up, towards it
AMBIENT, FACING, LIT = 0.15, 0.35, 0.45
SAMPLES = 2  # a pixel has SAMPLES squared rays


def eyes() -> Floats:
    """(V, 3) unit directions to look from."""
    directions = [
        (AZIMUTH + np.pi / 2 * (turn + row / 2), elevation)
        for row, elevation in enumerate(ELEVATIONS)
        for turn in range(4)
    ]
    return np.array(
        [(np.cos(a) * np.cos(e), np.sin(a) * np.cos(e), np.sin(e)) for a, e in directions]
    )


def pictures(shape: Shape, size: int = SIZE) -> NDArray[np.uint8]:
    """(V, size, size) uint8 of a shape whose largest |vertex| is .5, in the order of eyes().

    Materials play no part: only form makes a look-alike. Every view has the light beside its
    camera.
    """
    scene, normals = raycaster(shape), corner_normals(shape)
    return np.stack([_picture(scene, normals, eye, size) for eye in eyes()])


def _picture(scene: Any, normals: Floats, eye: Floats, size: int) -> NDArray[np.uint8]:
    rays = pinhole(eye, SAMPLES * size)
    hits = surface_hits(scene, rays)
    normal = hits.facing_normals(normals, -eye)
    facing = normal @ eye
    right = np.cross([0.0, 0.0, 1.0], eye)
    right /= np.linalg.norm(right)
    light = LIGHT @ np.stack([right, np.cross(eye, right), eye])
    lit = np.clip(normal @ (light / np.linalg.norm(light)), 0, None)
    image = np.full((SAMPLES * size, SAMPLES * size), float(BACKGROUND))
    image[hits.on] = 255 * (AMBIENT + FACING * facing + LIT * lit)
    small = image[::-1, ::-1].reshape(size, SAMPLES, size, SAMPLES).mean(axis=(1, 3))
    picture: NDArray[np.uint8] = small.round().astype(np.uint8)
    return picture
