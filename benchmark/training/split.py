"""Which scenes of a dataset are trained on, and which are held out to validate on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from datagen.dataset.reader import Dataset
from datagen.dataset.splits import is_for_training
from datagen.errors import OddgenError


@dataclass(frozen=True)
class Split:
    """Names of scenes, in order. Nothing of the unseen split is in either."""

    train: tuple[str, ...]
    validation: tuple[str, ...]


def split(dataset: Dataset, share: float, seed: int) -> Split:
    """Hold out about `share` of the scenes of seen shapes, whole shapes at a time.

    So no shape is both trained on and validated on, as in the paper's seen test set. Scenes whose
    specification says "seen": false belong to the test and are left alone; where it records a
    split, so do all but those for training. Raises OddgenError where nothing would be left to
    train on.
    """
    shapes: dict[str, list[str]] = {}
    for name in dataset.names:
        spec = dataset.spec(name)
        seen = spec.shape.seen is not False
        if seen if spec.split is None else is_for_training(spec.split):
            shapes.setdefault(spec.shape.id, []).append(name)
    count = sum(len(names) for names in shapes.values())
    if not count:
        raise OddgenError(
            f"{dataset.out}: holds no scene of the seen split; make some with "
            "oddgen generate --split seen."
        )
    wanted = round(share * count)
    held: list[str] = []
    keys = sorted(shapes)
    for index in np.random.default_rng([seed, 0]).permutation(len(keys)):
        if len(held) + len(shapes[keys[index]]) <= wanted:
            held += shapes[keys[index]]
    if wanted and not held:
        raise OddgenError(
            f"{dataset.out}: its {count} scenes show {len(keys)} shapes, too few to hold out "
            f"{wanted} scenes; make more, or give --validation 0."
        )
    chosen = set(held)
    train = [name for names in shapes.values() for name in names if name not in chosen]
    return Split(tuple(sorted(train)), tuple(sorted(held)))


def data_checksum(dataset: Dataset) -> str:
    """sha256 over the sums of all shards: the same for the same scenes in the same shards."""
    sums = "\n".join(shard.sha256 for shard in dataset.index.shards)
    return hashlib.sha256(sums.encode()).hexdigest()
