"""Points of a 3MF's meshes in double precision, which the 3MF Consortium's library rounds."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from datagen.geometry.shape import Floats

Key = tuple[str, int]  # of a mesh: its part of the package, and its number there


def exact_points(path: Path) -> dict[Key, Floats]:
    """(V, 3) of every mesh, as its text has them. Raises what zipfile and lxml do."""
    from lxml import etree

    found: dict[Key, Floats] = {}
    with zipfile.ZipFile(path) as package:
        for part in package.namelist():
            if not part.endswith(".model"):
                continue
            with package.open(part) as file:
                rows: list[list[float]] = []
                for _, node in etree.iterparse(file, tag=("{*}vertex", "{*}object")):
                    if node.tag.endswith("vertex"):
                        rows.append([float(node.get(axis)) for axis in "xyz"])
                    else:
                        found[f"/{part}", int(node.get("id"))] = np.array(rows, np.float64)
                        rows = []
                    node.clear()
    return found
