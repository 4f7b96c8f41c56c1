"""Which scenes of a dataset are trained on, and which are held out to validate on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from datagen.dataset.reader import Dataset, with_labels
from datagen.dataset.settings import Settings
from datagen.dataset.splits import is_for_training
from datagen.errors import OddgenError

FEW_SHAPES = 10  # with fewer shapes scenes are held out, not shapes


@dataclass(frozen=True)
class Split:
    """Names of scenes, in order. notes: sentences on what is unusual about them."""

    train: tuple[str, ...]
    validation: tuple[str, ...]
    notes: tuple[str, ...] = ()


def split(dataset: Dataset, share: float, seed: int) -> Split:
    """Hold out about `share` of the scenes of seen shapes, whole shapes at a time.

    So no shape is both trained on and validated on, as in the paper's seen test set. Scenes whose
    specification says "seen": false belong to the test and are left alone; where it records a
    split, so do all but those for training. Of one or few shapes, such as one's own parts, scenes
    are held out instead, and all are trained on where none is of the seen split though both were
    asked for. Raises OddgenError where nothing would be left to train on.
    """
    shapes, notes = _trained_on(with_labels(dataset))
    count = sum(len(names) for names in shapes.values())
    wanted = round(share * count)
    rng = np.random.default_rng([seed, 0])
    held = _whole_shapes(shapes, wanted, rng) if len(shapes) >= FEW_SHAPES else []
    if wanted and not held and count > 1:
        names = sorted(name for names in shapes.values() for name in names)
        held = [names[index] for index in rng.permutation(count)[: min(wanted, count - 1)]]
        of = f"{len(shapes)} shapes" if len(shapes) > 1 else "one shape"
        notes.append(f"{dataset.out}: shows {of}, so {len(held)} scenes are held out, not shapes.")
    chosen = set(held)
    train = [name for names in shapes.values() for name in names if name not in chosen]
    return Split(tuple(sorted(train)), tuple(sorted(held)), tuple(notes))


def _trained_on(dataset: Dataset) -> tuple[dict[str, list[str]], list[str]]:
    """Names of scenes by the id of their shape, and sentences."""
    seen: dict[str, list[str]] = {}
    others: dict[str, list[str]] = {}
    for name in dataset.names:
        spec = dataset.spec(name)
        unseen = spec.shape.seen is False
        if not unseen if spec.split is None else is_for_training(spec.split):
            seen.setdefault(spec.shape.id, []).append(name)
        elif spec.split is None:
            others.setdefault(spec.shape.id, []).append(name)
    if seen:
        return seen, []
    config = dataset.index.config
    asked_both = isinstance(config, Settings) and config.split == "all"
    if asked_both and 0 < len(others) < FEW_SHAPES:
        told = f"{dataset.out}: all its scenes are of the unseen split; as it shows few shapes, "
        return others, [told + "they are trained on."]
    raise OddgenError(
        f"{dataset.out}: holds no scene of the seen split; make some with "
        "oddgen generate --split seen."
    )


def _whole_shapes(shapes: dict[str, list[str]], wanted: int, rng: np.random.Generator) -> list[str]:
    """Names of at most so many scenes."""
    held: list[str] = []
    keys = sorted(shapes)
    for index in rng.permutation(len(keys)):
        if len(held) + len(shapes[keys[index]]) <= wanted:
            held += shapes[keys[index]]
    return held


def data_checksum(dataset: Dataset) -> str:
    """sha256 over the sums of all shards: the same for the same scenes in the same shards."""
    sums = "\n".join(shard.sha256 for shard in dataset.index.shards)
    return hashlib.sha256(sums.encode()).hexdigest()
