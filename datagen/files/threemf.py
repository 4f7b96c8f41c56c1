"""3MF files by the 3MF Consortium's own library: what is built, where, and in which colours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from datagen.errors import BadShape
from datagen.files.colors import named_color
from datagen.files.rounding import Rounding
from datagen.files.threemf_points import Key, exact_points
from datagen.files.tidy import far_shift
from datagen.geometry.limits import refuse_too_many
from datagen.geometry.shape import Floats, Ints, Material, Shape

PLAIN = Material("unpainted")
DEEPEST = 32  # components within components
TEXTURED = "has textures, which are not read of 3MF files; plain colours stand for them."


def read_3mf(path: Path) -> Shape:
    """Every mesh that the build shows, z up, in the file's unit; a part each.

    Colours of base materials and colour groups; textures are not read, which a warning tells.
    Raises BadShape where nothing is built, and what the library raises.
    """
    import lib3mf

    model = lib3mf.get_wrapper().CreateModel()
    reader = model.QueryReader("3mf")
    reader.SetStrictModeActive(False)
    try:
        reader.ReadFromFile(str(path))
    except lib3mf.ELib3MFException as error:
        return _leniently(path, error)
    colors, textured = _colors(model), bool(model.GetTexture2DGroups().Count())
    vertices: list[Floats] = []
    faces: list[Ints] = []
    part: list[Ints] = []
    material: list[Ints] = []
    table: dict[Material, int] = {}
    names: list[str] = []
    count, rounding, exact = 0, Rounding(), None
    for mesh, matrix in _meshes(model):
        points = np.array([list(one.Coordinates) for one in mesh.GetVertices()], np.float64)
        rounded = points
        if far_shift(points) is not None:
            exact = exact or exact_points(path)
            points = _unrounded(points, exact.get(_key(mesh)))
            rounded = points if points is rounded else points - points[0]
        triangles = np.array([list(one.Indices) for one in mesh.GetTriangleIndices()], np.int64)
        if not len(triangles):
            continue
        refuse_too_many(sum(len(one) for one in faces) + len(triangles), str(path))
        if np.linalg.det(matrix[:3, :3]) < 0:
            triangles = triangles[:, ::-1]
        rounding.add(rounded, matrix)
        vertices.append(points @ matrix[:3, :3].T + matrix[:3, 3])
        faces.append(triangles + count)
        count += len(points)
        part.append(np.full(len(triangles), len(names)))
        names.append(_fresh(mesh.GetName() or "mesh", names))
        found = [colors.get(key, PLAIN) for key in _properties(mesh)]
        material.append(np.array([table.setdefault(one, len(table)) for one in found]))
    if not vertices:
        raise BadShape(f"{path}: its build holds no mesh; export it again or remove it.")
    whole = np.concatenate(vertices)
    warnings = [TEXTURED] * textured + rounding.told(whole)
    return Shape(
        vertices=whole,
        faces=np.concatenate(faces),
        face_part=np.concatenate(part),
        face_material=np.concatenate(material),
        part_names=tuple(names),
        materials=tuple(table),
        uv=None,
        info={"warnings": warnings} if warnings else {},
    )


def _key(mesh: Any) -> Key:
    return mesh.PackagePart().GetPath(), mesh.GetModelResourceID()


def _unrounded(points: Floats, exact: Floats | None) -> Floats:
    """The points (V, 3) as the file's text has them, where those are the same."""
    same = exact is not None and np.array_equal(exact.astype(np.float32), points.astype(np.float32))
    return exact if exact is not None and same else points


def _leniently(path: Path, fault: Exception) -> Shape:
    """By trimesh, which passes over what the library does not; without colours."""
    import trimesh

    try:
        mesh = trimesh.load_scene(path).to_mesh()
    except Exception:
        raise fault from None
    return Shape(
        vertices=np.asarray(mesh.vertices, np.float64),
        faces=np.asarray(mesh.faces, np.int64),
        face_part=np.zeros(len(mesh.faces), np.int64),
        face_material=np.zeros(len(mesh.faces), np.int64),
        part_names=(path.stem,),
        materials=(PLAIN,),
        uv=None,
    )


def _meshes(model: Any) -> Iterator[tuple[Any, Floats]]:
    """Mesh and matrix (4, 4) of everything that is built."""
    items = model.GetBuildItems()
    while items.MoveNext():
        item = items.GetCurrent()
        matrix = _matrix(item.GetObjectTransform()) if item.HasObjectTransform() else np.eye(4)
        yield from _of_object(model, item.GetObjectResource(), matrix, 0)


def _of_object(model: Any, thing: Any, matrix: Floats, depth: int) -> Iterator[tuple[Any, Floats]]:
    if thing.IsMeshObject():
        yield model.GetMeshObjectByID(thing.GetResourceID()), matrix
    elif thing.IsComponentsObject() and depth < DEEPEST:
        group = model.GetComponentsObjectByID(thing.GetResourceID())
        for number in range(group.GetComponentCount()):
            one = group.GetComponent(number)
            inner = _matrix(one.GetTransform()) if one.HasTransform() else np.eye(4)
            yield from _of_object(model, one.GetObjectResource(), matrix @ inner, depth + 1)


def _matrix(transform: Any) -> Floats:
    """(4, 4) that turns columns of points; 3MF writes it for rows."""
    matrix = np.eye(4)
    matrix[:3] = np.array([list(row) for row in transform.Fields]).T
    return matrix


def _colors(model: Any) -> dict[tuple[int, int], Material]:
    """Materials by the numbers of their group and of the entry in it."""
    found = {}
    groups = model.GetBaseMaterialGroups()
    while groups.MoveNext():
        group = groups.GetCurrentBaseMaterialGroup()
        for entry in group.GetAllPropertyIDs():
            color = group.GetDisplayColor(entry)
            found[group.GetResourceID(), entry] = named_color(
                (color.Red, color.Green, color.Blue), group.GetName(entry)
            )
    groups = model.GetColorGroups()
    while groups.MoveNext():
        group = groups.GetCurrentColorGroup()
        for entry in group.GetAllPropertyIDs():
            color = group.GetColor(entry)
            found[group.GetResourceID(), entry] = named_color((color.Red, color.Green, color.Blue))
    return found


def _properties(mesh: Any) -> list[tuple[int, int]]:
    """Group and entry of every triangle; a triangle without has its mesh's."""
    group, entry, has = mesh.GetObjectLevelProperty()
    whole = (group, entry) if has else (0, 0)
    return [
        (one.ResourceID, one.PropertyIDs[0]) if one.ResourceID else whole
        for one in mesh.GetAllTriangleProperties()
    ]


def _fresh(name: str, known: list[str]) -> str:
    if name not in known:
        return name
    number = 2
    while f"{name} {number}" in known:
        number += 1
    return f"{name} {number}"
