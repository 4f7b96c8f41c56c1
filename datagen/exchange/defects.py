"""Which object each defect pixel belongs to; a scene keeps one mask for all of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from datagen.dataset.reader import Scene


def defect_owners(scene: Scene, view: int) -> NDArray[np.uint8]:
    """(H, W): k + 1 where object k makes the view look odd, else 0.

    A defect pixel on an anomalous object is that object's. One beside it, where a part is
    missing, is the nearest such object's: exact unless two defects touch in the image.
    """
    defect, instance = scene.defect[view] > 0, scene.instance[view]
    odd = np.flatnonzero(scene.defect_pixels[:, view] > 0)
    owners = np.zeros(defect.shape, np.uint8)
    if not len(odd):
        return owners
    on_odd = np.isin(instance, odd + 1)
    owners[defect & on_odd] = instance[defect & on_odd]
    rest = defect & ~on_odd
    if rest.any():
        owners[rest] = _nearest(scene, view, odd)[rest]
    return owners


def _nearest(scene: Scene, view: int, odd: NDArray[np.int64]) -> NDArray[np.uint8]:
    """(H, W): k + 1 of the object of `odd` whose pixels, or projected centre, are nearest."""
    from scipy.ndimage import distance_transform_edt

    distances = []
    for k in odd:
        mask = scene.instance[view] == k + 1
        if not mask.any():
            mask = _centre(scene, view, int(k))
        distances.append(distance_transform_edt(~mask))
    return (odd[np.argmin(distances, axis=0)] + 1).astype(np.uint8)


def _centre(scene: Scene, view: int, k: int) -> NDArray[np.bool_]:
    """(H, W): the pixel of the middle of object k's box, moved into the image."""
    from datagen.geometry.cameras import project

    height, width = scene.instance[view].shape
    middle = scene.box_aabb[k].mean(axis=0)[None]
    (pixel,), _ = project(middle, scene.world_to_camera[view], scene.intrinsics)
    mask = np.zeros((height, width), bool)
    column, row = np.clip(np.floor(pixel), 0, [width - 1, height - 1]).astype(int)
    mask[row, column] = True
    return mask
