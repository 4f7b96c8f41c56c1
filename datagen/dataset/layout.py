"""Which axes the arrays of a scene have, and whether those of a file do (docs/format.md)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

AXES = {
    "rgb": "VHW3", "depth": "VHW", "instance": "VHW", "part": "VHW", "defect": "VHW",
    "normal": "VHW3", "intrinsics": "33", "world_to_camera": "V44", "object_to_world": "N44",
    "anomalous": "N", "visible_fraction": "NV", "defect_pixels": "NV", "box_aabb": "N23",
    "box_oriented": "N44", "box_size": "N3", "box_2d": "NV4",
}  # fmt: skip
"""Views, height, width and objects by a letter, other lengths as they are."""
VIEW_AXIS = {name: axes.index("V") for name, axes in AXES.items() if "V" in axes}
NUMBERS = (
    *("depth", "intrinsics", "world_to_camera", "object_to_world", "visible_fraction"),
    *("box_aabb", "box_oriented", "box_size"),
)
"""Arrays that need not hold whole numbers."""


def layout_fault(arrays: Mapping[str, Any], unknown: Collection[str]) -> str | None:
    """What is wrong with the kinds and shapes of a scene's arrays; None where nothing is.

    arrays: by name, of HDF5 or NumPy; anything else under a name is a fault. unknown: names of
    those that need not be there. Raises KeyError where another one is missing.
    """
    lengths: dict[str, int] = {}
    for name in dict.fromkeys(("instance", "object_to_world", *AXES)):
        if name in unknown:
            continue
        array, axes = arrays[name], AXES[name]
        shape, kind = getattr(array, "shape", None), getattr(array, "dtype", None)
        if shape is None or kind is None or len(shape) != len(axes):
            return f"{name} is no array of numbers with {len(axes)} axes"
        if kind.kind not in ("iuf" if name in NUMBERS else "iu"):
            return f"{name} holds {kind}, which are no {'' if name in NUMBERS else 'whole '}numbers"
        for axis, length in zip(axes, shape, strict=True):
            lengths.setdefault(axis, int(axis) if axis.isdigit() else length)
        expected = tuple(lengths[axis] for axis in axes)
        if tuple(shape) != expected:
            return f"{name} has the shape {tuple(shape)} and should have {expected}"
        if 0 in shape:
            return f"{name} is empty"
    return None


def value_fault(arrays: Mapping[str, NDArray[Any]]) -> str | None:
    """What no array may hold, in those of the right layout that were read; None where all is well.

    Whether they agree with each other is for datagen.dataset.consistency.
    """
    for name in NUMBERS:
        if name in arrays and not np.isfinite(arrays[name]).all():
            return f"{name} holds numbers that are not finite"
    instance, boxes = arrays["instance"], arrays["box_2d"]
    if instance.min() < 0 or instance.max() > len(arrays["object_to_world"]):
        return "the instance mask names an object that is not there"
    seen = boxes[(boxes != -1).any(axis=-1)]
    height, width = instance.shape[1:]
    inside = (seen[:, :2] >= 0).all() and (seen[:, 2:] <= [width, height]).all()
    if not inside or (seen[:, :2] >= seen[:, 2:]).any():
        return "box_2d holds boxes that are none within the images"
    return None
