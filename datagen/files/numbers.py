"""Numbers in text formats: only finite ones that a mesh can hold pass."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from datagen.errors import BadShape, not_numbers

LARGEST = 3e38  # what the importers' floats hold


def points_of(rows: Sequence[bytes], path: Path) -> NDArray[np.float64]:
    """(R, 3) of rows that begin with three numbers. Raises BadShape naming the first bad row.

    Python takes 1_000 for a number; importers read 1.
    """
    if any(b"_" in row for row in rows):
        raise _first_bad(rows, path)
    try:
        words = [row.split(None, 3)[:3] for row in rows]
        points = np.array(words, dtype=object).reshape(len(rows), 3).astype(np.float64)
    except ValueError:
        raise _first_bad(rows, path) from None
    if not np.isfinite(points).all() or (len(points) and np.abs(points).max() > LARGEST):
        raise not_numbers(path)
    return points


def _first_bad(rows: Sequence[bytes], path: Path) -> BadShape:
    for row in rows:
        words = row.split(None, 3)[:3]
        try:
            whole = len([float(word) for word in words if b"_" not in word]) == 3
        except ValueError:
            whole = False
        if not whole:
            shown = row[:40].decode("utf-8", "replace").strip()
            return BadShape(
                f"{path}: a vertex has the coordinates {shown!r}, which are no three numbers; "
                "export it again."
            )
    return not_numbers(path)
