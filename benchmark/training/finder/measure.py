"""How well a finder finds: silhouettes by IoU, objects by their boxes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from torch import Tensor

from benchmark.scoring.matching import match
from benchmark.training.finder.samples import SilhouetteScene
from model.finder.finder import Finder


def measure_found(
    finder: Finder, scenes: Sequence[SilhouetteScene], views: int, prefix: str = ""
) -> dict[str, float]:
    """Share of the objects found at IoU > .5, their mean IoU, and boxes too many an object.

    views: so many of each scene, spread evenly. prefix: of the names.
    """
    finder.eval()
    found, extra, total, overlaps = 0, 0, 0, []
    for scene in scenes:
        chosen = _spread(len(scene.silhouettes), views)
        boxes = finder.stand(
            scene.silhouettes[chosen].float() / 255,
            scene.intrinsics[chosen],
            scene.world_to_camera[chosen],
        ).boxes
        _, _, overlap = match(boxes.double().numpy(), scene.boxes.double().numpy())
        found, extra = found + len(overlap), extra + len(boxes) - len(overlap)
        total += len(scene.boxes)
        overlaps.extend(overlap.tolist())
    return {
        f"{prefix}found": found / max(total, 1),
        f"{prefix}iou": float(np.mean(overlaps)) if overlaps else 0.0,
        f"{prefix}extra": extra / max(total, 1),
    }


def mean_over(values: Callable[[int], Tensor], count: int) -> float:
    """The mean of what `values` gives for 0 .. count - 1."""
    return float(np.mean([float(values(number).mean()) for number in range(count)]))


def _spread(available: int, wanted: int) -> list[int]:
    return sorted({k * available // wanted for k in range(wanted)})
