"""Which scene folder belongs to which split: JSON, {"train": [...], "unseen-test": [...], ...}."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from datagen.base.typed import read
from datagen.dataset.schema import SceneSpec
from datagen.dataset.splits import NAMES, split_of_shape
from datagen.errors import OddgenError

SplitLists = dict[str, list[str]]
"""A split file: scene folders by split."""


def read_splits(path: Path) -> dict[str, str]:
    """Split by the scene folder's name. Raises OddgenError where the file cannot serve."""
    content = read(SplitLists, path, "give --splits a split file: lists of scene folders")
    result: dict[str, str] = {}
    for split, scenes in content.items():
        if "train" not in split and "test" not in split:
            raise OddgenError(f"{path}: {split} names neither train nor test; rename the key.")
        for name in scenes:
            folder = PurePosixPath(name.replace("\\", "/")).name
            if result.setdefault(folder, split) != split:
                raise OddgenError(
                    f"{path}: {folder} is in {result[folder]} and in {split}; "
                    "take it out of one of them."
                )
    return result


def is_seen(split: str | None) -> bool | None:
    """Whether the category is one for training; None where no split is known."""
    return None if split is None else "unseen" not in split


def split_of(spec: SceneSpec) -> str:
    """train, seen-test or unseen-test of a scene, by its shape alone: no shape is in two.

    A recorded or imported split is kept.
    """
    shape = spec.shape
    return spec.split or split_of_shape(shape.id, shape.kind, shape.seen)


def split_lists(of: Iterable[tuple[str, str]]) -> SplitLists:
    """The content of a split file; the usual splits are there if empty.

    of: (folder, split) of every scene.
    """
    lists: SplitLists = {name: [] for name in NAMES}
    for folder, split in of:
        lists.setdefault(split, []).append(folder)
    return lists
