"""Detectors that learn nothing: floors for those that do. All are given the true boxes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmark.detectors.interface import Observation
from benchmark.detectors.predictions import Prediction
from datagen.geometry.boxes import box_corners
from datagen.geometry.cameras import project

CROP = 64
COLOR_BINS = 6
ODD_AT = 1.2
ODD_RATIO = 0.15

Floats = NDArray[np.float64]


class AllNormal:
    """Calls every object normal: the accuracy that costs nothing."""

    protocols = ("true-boxes",)

    def predict(self, scene: Observation) -> list[Prediction]:
        """Every given box, score 0."""
        return [Prediction(box, 0.0) for box in _given(scene)]


class AppearanceOutlier:
    """Odd is what looks unlike its siblings.

    An object's features are edges (HOG) and colours (histograms) of its image crops, averaged over
    the views. Its distance d to the median object gives the score d / (d + 1.2 m), m the median
    distance: .5 at 1.2 times the usual distance.
    """

    protocols = ("true-boxes",)

    def predict(self, scene: Observation) -> list[Prediction]:
        """Every given box, scored by its crops' distance to the median object's."""
        boxes = _given(scene)
        features = np.stack([_appearance(scene, box) for box in boxes])
        distance = np.linalg.norm(features - np.median(features, axis=0), axis=1)
        usual = max(float(np.median(distance)), 1e-9)
        scores = distance / (distance + ODD_AT * usual)
        return [Prediction(box, float(score)) for box, score in zip(boxes, scores, strict=True)]


class SizeOutlier:
    """Odd is whose true box has another height or floor area than its siblings'.

    Looks at no pixel: what a detector gains from the images is what it finds beyond this. The
    larger of the two log ratios to the median box, r, gives the score r / (r + .15): .5 at 15 %.
    """

    protocols = ("true-boxes",)

    def predict(self, scene: Observation) -> list[Prediction]:
        """Every given box, scored by its ratio to the median box."""
        boxes = _given(scene)
        edges = boxes[:, 1] - boxes[:, 0]
        sizes = np.log(np.stack([edges[:, 2], edges[:, 0] * edges[:, 1]], axis=1))
        ratio = np.abs(sizes - np.median(sizes, axis=0)).max(axis=1)
        scores = ratio / (ratio + ODD_RATIO)
        return [Prediction(box, float(score)) for box, score in zip(boxes, scores, strict=True)]


def _given(scene: Observation) -> Floats:
    if scene.boxes is None:
        raise ValueError("the true boxes are not given")
    return scene.boxes


def _appearance(scene: Observation, box: Floats) -> Floats:
    crops = [
        _crop(image, _rectangle(box, pose, scene.intrinsics))
        for image, pose in zip(scene.rgb, scene.world_to_camera, strict=True)
    ]
    return np.mean([np.concatenate([_edges(crop), _colors(crop)]) for crop in crops], axis=0)


def _rectangle(box: Floats, world_to_camera: Floats, intrinsics: Floats) -> Floats:
    """(4,) x0, y0, x1, y1 in pixels round the projected corners."""
    pixels, _ = project(box_corners(box), world_to_camera, intrinsics)
    return np.concatenate([pixels.min(axis=0), pixels.max(axis=0)])


def _crop(image: NDArray[np.uint8], rectangle: Floats) -> Floats:
    """(CROP, CROP, 3) from 0 to 1; black where the rectangle leaves the image."""
    from PIL import Image

    size = (CROP, CROP)
    picture = Image.fromarray(image).transform(
        size, Image.Transform.EXTENT, tuple(rectangle.tolist()), Image.Resampling.BILINEAR
    )
    return np.asarray(picture, float) / 255


def _edges(crop: Floats) -> Floats:
    from skimage.feature import hog

    return hog(crop, orientations=8, pixels_per_cell=(16, 16), cells_per_block=(2, 2),
               channel_axis=2) / 3  # fmt: skip


def _colors(crop: Floats) -> Floats:
    """Square roots of the shares of a colour histogram, so that distances are Hellinger's."""
    counts, _ = np.histogramdd(crop.reshape(-1, 3), COLOR_BINS, [(0, 1)] * 3)
    return np.sqrt(counts.ravel() / counts.sum())
