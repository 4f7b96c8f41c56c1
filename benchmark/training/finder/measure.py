"""How well a finder finds objects, by their boxes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmark.detectors.views import fixed_views
from benchmark.scoring.matching import match
from benchmark.training.finder.samples import SilhouetteScene
from model.finder.finder import Finder


def measure_found(
    finder: Finder, scenes: Sequence[SilhouetteScene], views: int
) -> dict[str, float]:
    """Share of the objects found at IoU > .5, their mean IoU, and boxes too many an object.

    views: so many of each scene, or all where it has fewer.
    """
    finder.eval()
    found, extra, total, overlaps = 0, 0, 0, []
    for scene in scenes:
        available = len(scene.silhouettes)
        chosen = list(fixed_views(min(views, available), available))
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
        "found": found / max(total, 1),
        "iou": float(np.mean(overlaps)) if overlaps else 0.0,
        "extra": extra / max(total, 1),
    }
