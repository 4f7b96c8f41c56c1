"""Models far from the origin keep their shape, or a warning says that they could not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import trimesh

from datagen.blender.import_file import import_file
from datagen.blender.session import reset
from datagen.geometry.normalise import normalise
from datagen.geometry.shape import Floats, Shape

FAR_AWAY = np.array([500123.0, 4500321.0, 120.0])


def capsule() -> trimesh.Trimesh:
    return trimesh.creation.capsule(2, 0.5, count=(24, 24))


def as_near(shape: Shape, mesh: trimesh.Trimesh, name: str) -> None:
    """As many triangles, and every point where the mesh's is, about the centre."""
    whole = normalise(shape, name)
    none = np.zeros(len(mesh.faces), np.int64)
    near = normalise(
        Shape(mesh.vertices, mesh.faces, none, none, ("a",), shape.materials[:1]), name
    )
    assert len(whole.faces) == len(near.faces)
    assert np.allclose(np.sort(whole.vertices, axis=0), np.sort(near.vertices, axis=0), atol=2e-5)
    assert "warnings" not in shape.info


def ply(path: Path, style: str, kind: str, vertices: Floats, faces: Floats) -> None:
    head = (
        f"ply\nformat {style} 1.0\nelement vertex {len(vertices)}\nproperty {kind} x\n"
        f"property {kind} y\nproperty {kind} z\nelement face {len(faces)}\n"
        "property list uchar int vertex_indices\nend_header\n"
    )
    if style == "ascii":
        rows = [" ".join(map(repr, point)) for point in vertices.tolist()]
        rows += [f"3 {a} {b} {c}" for a, b, c in faces.tolist()]
        path.write_text(head + "\n".join(rows) + "\n")
        return
    order = "<" if "little" in style else ">"
    table = np.empty(len(faces), np.dtype([("n", "u1"), ("i", f"{order}i4", 3)]))
    table["n"], table["i"] = 3, faces
    points = vertices.astype(f"{order}{'f8' if kind == 'double' else 'f4'}")
    path.write_bytes(head.encode() + points.tobytes() + table.tobytes())


@pytest.mark.parametrize("style", ["ascii", "binary_little_endian", "binary_big_endian"])
def test_ply(style: str, tmp_path: Path) -> None:
    mesh, path = capsule(), tmp_path / "far.ply"
    ply(path, style, "double", mesh.vertices + FAR_AWAY, mesh.faces)
    as_near(import_file(path), mesh, "far.ply")


def usda(path: Path, mesh: trimesh.Trimesh, where: str) -> None:
    """The mesh in two halves, moved away by the root, by both halves, or by a turned root."""
    place = f"double3 xformOp:translate = {tuple(FAR_AWAY.tolist())}\n"
    order = 'uniform token[] xformOpOrder = ["xformOp:translate"]\n'
    turn = 'float xformOp:rotateZ = 90\nuniform token[] xformOpOrder = ["xformOp:rotateZ"]\n'
    halves = []
    for number, faces in enumerate(np.array_split(mesh.faces, 2)):
        points = ", ".join(map(str, map(tuple, mesh.vertices.tolist())))
        halves.append(
            f'def Mesh "half{number}"\n{{\nint[] faceVertexCounts = {[3] * len(faces)}\n'
            f"int[] faceVertexIndices = {faces.ravel().tolist()}\npoint3f[] points = [{points}]\n"
            + ("" if where == "root" else place + order)
            + "}\n"
        )
    root = {"root": place + order, "halves": "", "turned": turn}[where]
    path.write_text(
        '#usda 1.0\n(upAxis = "Z"\nmetersPerUnit = 1)\ndef Xform "world"\n{\n'
        + root
        + "".join(halves)
        + "}\n"
    )


@pytest.mark.parametrize("where", ["root", "halves", "turned"])
def test_usd(where: str, tmp_path: Path) -> None:
    mesh, path = capsule(), tmp_path / "far.usda"
    usda(path, mesh, where)
    if where == "turned":
        turn = trimesh.transformations.rotation_matrix(np.pi / 2, [0, 0, 1])
        mesh.apply_transform(turn)
    as_near(import_file(path), mesh, "far.usda")


def test_usd_near_the_origin_is_as_it_was(tmp_path: Path) -> None:
    trimesh.creation.box().export(tmp_path / "box.stl")
    bpy = reset()
    bpy.ops.wm.stl_import(filepath=str(tmp_path / "box.stl"))
    bpy.ops.wm.usd_export(filepath=str(tmp_path / "box.usdc"))
    shape = import_file(tmp_path / "box.usdc")
    assert np.allclose(shape.bounds, [[-0.5] * 3, [0.5] * 3])


@pytest.mark.parametrize("kind", ["fbx", "blend", "ply"])
def test_what_is_rounded_already_is_told(kind: str, tmp_path: Path) -> None:
    mesh, path = capsule(), tmp_path / f"far.{kind}"
    if kind == "ply":
        ply(path, "binary_little_endian", "float", mesh.vertices + FAR_AWAY, mesh.faces)
    else:
        bpy = reset()
        made = bpy.data.meshes.new("far")
        made.from_pydata((mesh.vertices + FAR_AWAY).tolist(), [], mesh.faces.tolist())
        bpy.context.scene.collection.objects.link(bpy.data.objects.new("far", made))
        if kind == "fbx":
            bpy.ops.export_scene.fbx(filepath=str(path))
        else:
            bpy.ops.wm.save_as_mainfile(filepath=str(path))
    warnings = import_file(path).info["warnings"]
    assert any("far from the origin" in warning for warning in warnings)


def test_one_object_far_away_is_whole_and_not_told(tmp_path: Path) -> None:
    bpy = reset()
    bpy.ops.mesh.primitive_uv_sphere_add(location=(1e6, 0, 0))
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "far.blend"))
    shape = import_file(tmp_path / "far.blend")
    assert "warnings" not in shape.info
    assert np.allclose(np.ptp(shape.bounds, axis=0), 2, atol=1e-6)


def test_a_3mf_far_away_is_read_from_its_text(tmp_path: Path) -> None:
    """The library that reads 3MF rounds points to single precision; its text has them whole."""
    mesh, moved = capsule(), capsule()
    moved.vertices = moved.vertices + FAR_AWAY
    moved.export(tmp_path / "far.3mf")
    as_near(import_file(tmp_path / "far.3mf"), mesh, "far.3mf")


@pytest.mark.parametrize("kind", ["float", "double"])
def test_a_far_ply_with_colours_of_faces(tmp_path: Path, kind: str) -> None:
    """Of double precision it keeps its shape; single precision has lost it, which is told."""
    mesh = capsule()
    lines = [
        "ply", "format ascii 1.0", f"element vertex {len(mesh.vertices)}",
        *(f"property {kind} {axis}" for axis in "xyz"), f"element face {len(mesh.faces)}",
        "property list uchar int vertex_indices",
        *(f"property uchar {name}" for name in ("red", "green", "blue")), "end_header",
    ]  # fmt: skip
    lines += [" ".join(f"{value:.9f}" for value in row) for row in mesh.vertices + FAR_AWAY]
    lines += ["3 {} {} {} 200 10 10".format(*row) for row in mesh.faces]
    (tmp_path / "far.ply").write_text("\n".join(lines) + "\n")
    shape = import_file(tmp_path / "far.ply")
    if kind == "double":
        as_near(shape, mesh, "far.ply")
    else:
        assert "far from the origin" in shape.info["warnings"][0]
