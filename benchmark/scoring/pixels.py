"""Pixel AUROC and AUPRO against the defect masks, exact on masks of 256 levels.

Only histograms are kept, so memory does not grow with the images.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmark.detectors.predictions import Answer, Predictions
from benchmark.scoring.ground_truth import SceneTruth
from datagen.base.reading import reading
from datagen.dataset.reader import Dataset
from datagen.errors import OddgenError
from datagen.geometry.shape import Floats

MOST_FALSE_ALARMS = 0.3
LEVELS = 258
_WORST_FOR_ODD, _WORST_FOR_NORMAL = 0, LEVELS - 1

Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class PixelTally:
    """normal, odd: (S, LEVELS) pixels at each level; sound: of the normal ones, those on objects.

    overlap: (S, LEVELS) sum over the connected defect regions of the share of a region at each
    level. regions: (S,). odd_of: for each anomaly type, those of the odd ones that are on objects
    with it.

    Levels 1 to 256 are mask values 0 to 255; 0 and 257 are worse than any answer, for the defect
    and the other pixels of scenes without an answer.
    """

    normal: Floats
    odd: Floats
    sound: Floats
    overlap: Floats
    regions: Floats
    odd_of: dict[str, Floats] = field(default_factory=dict)


def tally_pixels(
    dataset: Dataset, scenes: Sequence[SceneTruth], predictions: Predictions
) -> PixelTally | None:
    """None where no box has a mask, or a scene has no known defect masks.

    A pixel's score is the largest over its scene's masks, 0 where an answered scene has none.
    Raises OddgenError naming a mask that cannot be used.
    """
    if not has_masks(predictions) or not all(scene.has_defects for scene in scenes):
        return None
    rows = []
    odd_of = {kind: np.zeros((len(scenes), LEVELS)) for scene in scenes for kind in scene.kinds}
    odd_of.pop("", None)
    for row, scene in enumerate(scenes):
        seen = dataset.read(scene.name, predictions.header.views)
        defect = seen.defect > 0
        levels = _levels(predictions.answers.get(scene.name), defect)
        rows.append(tally_scene(defect, levels, seen.instance > 0))
        for number, kind in enumerate(scene.kinds, start=1):
            if kind:
                own = levels[defect & (seen.instance == number)]
                odd_of[kind][row] += np.bincount(own, minlength=LEVELS)
    normal, odd, sound, overlap, regions = (
        np.array(column, float) for column in zip(*rows, strict=True)
    )
    return PixelTally(normal, odd, sound, overlap, regions, odd_of)


def has_masks(predictions: Predictions) -> bool:
    """Whether any prediction tells pixels."""
    return any(mask for answer in predictions.answers.values() for mask in answer.masks)


def tally_scene(
    defect: NDArray[np.bool_], levels: NDArray[np.int64], shown: NDArray[np.bool_]
) -> tuple[Floats, Floats, Floats, Floats, int]:
    """A row of PixelTally from (V, H, W) masks and levels; shown: where an object is."""
    from scipy.ndimage import label

    overlap, regions = np.zeros(LEVELS), 0
    for view, view_levels in zip(defect, levels, strict=True):
        names, count = label(view, structure=np.ones((3, 3)))
        regions += count
        for region in range(1, count + 1):
            inside = view_levels[names == region]
            overlap += np.bincount(inside, minlength=LEVELS) / len(inside)
    return (
        np.bincount(levels[~defect], minlength=LEVELS).astype(float),
        np.bincount(levels[defect], minlength=LEVELS).astype(float),
        np.bincount(levels[shown & ~defect], minlength=LEVELS).astype(float),
        overlap,
        regions,
    )


def pixel_measures(tally: PixelTally, weights: Floats) -> dict[str, Floats]:
    """pixel_auroc: pixels of all views pooled. pixel_auroc_objects: those on objects alone.
    pixel_aupro: mean overlap with the defect regions over false-positive rates from 0 to .3, over
    .3. Each (D,) for weights (D, S)."""
    normal, odd = weights @ tally.normal, weights @ tally.odd
    overlap, regions = weights @ tally.overlap, weights @ tally.regions
    return {
        "pixel_auroc": _auroc(odd, normal),
        "pixel_auroc_objects": _auroc(odd, weights @ tally.sound),
        "pixel_aupro": np.array(
            [_aupro(*row) for row in zip(normal, overlap, regions, strict=True)]
        ),
    }


def kind_auroc(tally: PixelTally, kind: str, weights: Floats) -> Floats:
    """(D,) pixel_auroc_objects of the defects of one type alone."""
    return _auroc(weights @ tally.odd_of[kind], weights @ tally.sound)


def _auroc(odd: Floats, normal: Floats) -> Floats:
    """(D,) of pixels (D, LEVELS) at each level."""
    below = np.cumsum(normal, axis=1) - normal
    wins = (odd * (below + normal / 2)).sum(axis=1)
    pairs = odd.sum(axis=1) * normal.sum(axis=1)
    found: Floats = np.divide(wins, pairs, out=np.full(len(wins), np.nan), where=pairs > 0)
    return found


def _aupro(normal: Floats, overlap: Floats, regions: float) -> float:
    from sklearn.metrics import auc as area

    if regions == 0 or normal.sum() == 0:
        return float("nan")
    alarms = np.concatenate([[0], np.cumsum(normal[::-1]) / normal.sum()])
    found = np.concatenate([[0], np.cumsum(overlap[::-1]) / regions])
    inside = alarms < MOST_FALSE_ALARMS
    x = np.append(alarms[inside], MOST_FALSE_ALARMS)
    y = np.append(found[inside], np.interp(MOST_FALSE_ALARMS, alarms, found))
    return float(area(x, y)) / MOST_FALSE_ALARMS


def _levels(answer: Answer | None, defect: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(V, H, W)."""
    if answer is None or answer.failed:
        return np.where(defect, _WORST_FOR_ODD, _WORST_FOR_NORMAL)
    levels = np.zeros(defect.shape, np.int64)
    for path in answer.masks:
        if path is not None:
            levels = np.maximum(levels, read_mask(path, defect.shape))
    return levels + 1


def read_mask(path: Path, shape: tuple[int, ...]) -> Bytes:
    """(V, H, W) uint8, 255 = surely odd. Raises OddgenError naming the file."""
    with (
        reading(path, "write masks with numpy.savez_compressed(path, mask=...)"),
        np.load(path, allow_pickle=False) as content,
    ):
        mask = np.asarray(content["mask"])
    if mask.dtype != np.uint8 or mask.shape != shape:
        raise OddgenError(
            f"{path}: mask is {mask.dtype} {mask.shape}; give uint8 {shape}: views, rows, columns."
        )
    return mask
