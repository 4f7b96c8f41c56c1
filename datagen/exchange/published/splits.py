"""Which scene folder belongs to which split: JSON, {"train": [...], "unseen-test": [...], ...}."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from datagen.dataset.schema import SceneSpec
from datagen.dataset.splits import NAMES, split_of_shape
from datagen.errors import OddgenError


def read_splits(path: Path) -> dict[str, str]:
    """Split by the scene folder's name. Raises OddgenError where the file cannot serve."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise OddgenError(
            f"{path}: cannot be read as JSON ({error}); give --splits a split file."
        ) from error
    if not isinstance(content, dict):
        raise OddgenError(f"{path}: is no object of lists; give --splits a split file.")
    result: dict[str, str] = {}
    for split, scenes in content.items():
        if "train" not in split and "test" not in split:
            raise OddgenError(f"{path}: {split} names neither train nor test; rename the key.")
        if not isinstance(scenes, list) or not all(isinstance(name, str) for name in scenes):
            raise OddgenError(f"{path}: {split} is no list of scene folders; mend it.")
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


def split_lists(of: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """The content of a split file; the usual splits are there if empty.

    of: (folder, split) of every scene.
    """
    lists: dict[str, list[str]] = {name: [] for name in NAMES}
    for folder, split in of:
        lists.setdefault(split, []).append(folder)
    return lists
