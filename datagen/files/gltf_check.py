"""glTF files: too many triangles, faces that name no point, points elsewhere than they are told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datagen.errors import BadShape, not_numbers
from datagen.files.gltf_values import GltfFile, Json, at, objects_in, open_gltf
from datagen.files.numbers import LARGEST
from datagen.files.told_faces import check_indices
from datagen.geometry.limits import refuse_too_many

LIST, STRIP, FAN = 4, 5, 6  # modes
NEAR = 1e-3  # of a mesh's extent, to which the bounds that are told of its points are right
DRACO = "KHR_draco_mesh_compression"
EMPTY = "has a mesh without points or faces, which is left out; compare it with the original."
ELSEWHERE = "has points elsewhere than it tells (min, max); compare it with the original."


@dataclass(frozen=True)
class GltfCheck:
    """warnings: a sentence each. triangles: of all that is shown; None where they are packed."""

    warnings: tuple[str, ...]
    triangles: int | None


def check_gltf(path: Path, head: bytes) -> GltfCheck:
    """Raises BadShape for a glTF file whose meshes cannot be whole.

    What else may be wrong the importer finds. head: the file's first bytes.
    """
    gltf = open_gltf(path, head)
    if gltf is None:
        return GltfCheck((), None)
    meshes = gltf.all("meshes")
    for node in gltf.all("nodes"):
        number = node.get("mesh")
        if number is not None and at(meshes, number) is None:
            told = f"a node names mesh {number}, and there are {len(meshes)}"
            raise BadShape(f"{path}: {told}; export it again.")
    refuse_too_many(sum(_most_triangles(gltf, mesh) for mesh in meshes), str(path))
    warnings: dict[str, None] = {}
    counts = [_triangles(gltf, mesh, warnings) for mesh in meshes]
    shown = [counts[number] for number in _shown_meshes(gltf)]
    known = [count for count in shown if count is not None]
    return GltfCheck(tuple(warnings), sum(known) if len(known) == len(shown) else None)


def _surfaces(gltf: GltfFile, mesh: Json) -> Iterator[tuple[Json, Json, Json, int]]:
    """Each primitive of triangles, the accessors of its points and corners, its mode."""
    for primitive in objects_in(mesh, "primitives"):
        mode = primitive.get("mode", LIST)
        if mode not in (LIST, STRIP, FAN):
            continue
        attributes = primitive.get("attributes")
        position = attributes.get("POSITION") if isinstance(attributes, dict) else None
        points = gltf.accessor(position, "a mesh has its points")
        corners = points
        if "indices" in primitive:
            corners = gltf.accessor(primitive["indices"], "a mesh has its faces")
        yield primitive, points, corners, mode


def _most_triangles(gltf: GltfFile, mesh: Json) -> int:
    """Told by the counts alone, before anything is read."""
    counts = [(gltf.count(corners), mode) for _, _, corners, mode in _surfaces(gltf, mesh)]
    return sum(count // 3 if mode == LIST else max(count - 2, 0) for count, mode in counts)


def _triangles(gltf: GltfFile, mesh: Json, warnings: dict[str, None]) -> int | None:
    """How many have three points that differ; None where they are packed."""
    known: list[int | None] = []
    for primitive, points, corners, mode in _surfaces(gltf, mesh):
        extensions = primitive.get("extensions")
        if isinstance(extensions, dict) and DRACO in extensions:
            known.append(None)
        elif not gltf.count(corners) or not gltf.count(points):
            warnings[EMPTY] = None
        else:
            _check_points(gltf, points, warnings)
            index = _index(gltf, None if corners is points else corners, gltf.count(points))
            known.append(None if index is None else _differing(gltf, index, mode))
    return None if None in known else sum(count for count in known if count is not None)


def _check_points(gltf: GltfFile, accessor: Json, warnings: dict[str, None]) -> None:
    """Finite, three numbers each, and within the bounds that the file tells of them."""
    values = gltf.values(accessor)
    if values is None:
        return
    if values.shape[1] != 3:
        raise BadShape(f"{gltf.path}: has points of {values.shape[1]} numbers; export it again.")
    points = values.astype(np.float64)
    if not np.isfinite(points).all() or np.abs(points).max() > LARGEST:
        raise not_numbers(gltf.path)
    low, high = points.min(axis=0), points.max(axis=0)
    reach = NEAR * max(float((high - low).max()), float(np.abs(points).max()) * 1e-3)
    for name, found in (("min", low), ("max", high)):
        bounds = _three(accessor.get(name))
        if bounds is not None and np.abs(bounds - found).max() > reach:
            warnings[ELSEWHERE] = None


def _three(value: Any) -> NDArray[np.float64] | None:
    numbers = isinstance(value, list) and all(isinstance(one, int | float) for one in value)
    return np.array(value, np.float64) if numbers and len(value) == 3 else None


def _index(gltf: GltfFile, accessor: Json | None, points: int) -> NDArray[np.int64] | None:
    """(C,) the points of all corners, in order; accessor: None where there is none of them."""
    if accessor is None:
        return np.arange(points)
    values = gltf.values(accessor)
    if values is None:
        return None
    if values.shape[1] != 1 or values.dtype.kind == "f":
        raise BadShape(f"{gltf.path}: a face names points by no whole numbers; export it again.")
    check_indices(values[:, 0], points, gltf.path)
    return values[:, 0].astype(np.int64)


def _differing(gltf: GltfFile, index: NDArray[np.int64], mode: int) -> int:
    """How many triangles of corners (C,) have three points that differ."""
    if mode == LIST:
        if len(index) % 3:
            told = f"a mesh has {len(index)} corners, which are no whole triangles"
            raise BadShape(f"{gltf.path}: {told}; export it again.")
        a, b, c = index.reshape(-1, 3).T
    elif mode == STRIP:
        a, b, c = index[:-2], index[1:-1], index[2:]
    else:
        a, b, c = np.broadcast_to(index[:1], max(len(index) - 2, 0)), index[1:-1], index[2:]
    return int(((a != b) & (b != c) & (a != c)).sum())


def _shown_meshes(gltf: GltfFile) -> Iterator[int]:
    """The number of a mesh for every node of the scene that is shown; of all without scenes."""
    nodes, scenes = gltf.all("nodes"), gltf.all("scenes")
    scene = at(scenes, gltf.content.get("scene", 0))
    left = list(range(len(nodes))) if scene is None else _numbers(scene, "nodes")
    seen: set[int] = set()
    while left:
        number = left.pop()
        node = at(nodes, number)
        if node is None or number in seen:
            continue
        seen.add(number)
        if isinstance(node.get("mesh"), int):
            yield node["mesh"]
        left += _numbers(node, "children")


def _numbers(content: Json, key: str) -> list[int]:
    found = content.get(key, [])
    return [one for one in found if type(one) is int] if isinstance(found, list) else []
