"""Which split a shape, and a scene, belongs to: train, seen-test or unseen-test (Sec. 4.1)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

TRAIN, SEEN_TEST, UNSEEN_TEST = NAMES = ("train", "seen-test", "unseen-test")
TOY_SHARE = 6  # one of so many seen toys is for testing: 1K of 6K scenes
PART_SHARE = 5  # 3K of 15K scenes


def split_of_shape(shape_id: str, kind: str, seen: bool | None) -> str:
    """train, seen-test or unseen-test (Sec. 4.1), by a digest of the shape's id.

    The same in every dataset, so nothing trained on is tested on. kind: toy or part; seen: None
    where nobody knows.
    """
    if seen is False:
        return UNSEEN_TEST
    share = TOY_SHARE if kind == "toy" else PART_SHARE
    digest = hashlib.sha256(shape_id.encode()).digest()
    return SEEN_TEST if int.from_bytes(digest[:4], "big") % share == 0 else TRAIN


def split_of_scene(index: int, weights: Sequence[tuple[str, int]]) -> str:
    """The split of scene number index, of those named in weights (name, weight).

    The first n scenes of any n are in proportion to the weights.
    """
    cycle = sum(weight for _, weight in weights)
    counts = [0] * len(weights)
    for step in range(1, index % cycle + 2):
        behind = [
            weight * step - cycle * count
            for (_, weight), count in zip(weights, counts, strict=True)
        ]
        last = behind.index(max(behind))
        counts[last] += 1
    return weights[last][0]


def is_for_training(split: str) -> bool:
    """Whether a split is one to train on, also by the names of published split files."""
    return "train" in split
