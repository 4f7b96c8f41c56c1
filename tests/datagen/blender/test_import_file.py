"""Real files of every kind come in upright, whole, with their parts and colours."""

from __future__ import annotations

import io
import shutil
import struct
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
import trimesh
from PIL import Image

from datagen.blender.import_file import import_file
from datagen.blender.session import reset
from datagen.errors import BadShape
from datagen.geometry.color import average_color
from datagen.geometry.limits import READABLE
from datagen.geometry.normalise import normalise
from tests.support.data import ABC, needs
from tests.support.mesh_files import (
    BLUE,
    FILES,
    RED,
    SIZE,
    VOLUME,
    WITHOUT_COLORS,
    WITHOUT_PARTS,
    make_scene,
    write_all,
)
from tests.support.shapes import volume


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("meshes")
    write_all(folder)
    return folder


def refusal(path: Path, capfd: pytest.CaptureFixture[str]) -> str:
    """The one sentence with which a bad file is refused."""
    with pytest.raises(BadShape) as caught:
        normalise(import_file(path), str(path))
    text = str(caught.value)
    assert text.startswith(f"{path}: ") and "\n" not in text and text.endswith(".")
    assert any(word in text for word in ("export", "remove", "rename", "thickness", "simplify"))
    shown = capfd.readouterr()
    assert "Traceback" not in shown.out + shown.err
    return text


@pytest.mark.parametrize("name", FILES)
def test_every_kind(name: str, folder: Path) -> None:
    shape = import_file(folder / name)
    low, high = shape.bounds
    assert np.allclose(high - low, SIZE, rtol=1e-4), "z is up and the sides keep their ratio"
    assert volume(shape) == pytest.approx(VOLUME, rel=1e-3)
    above = shape.vertices[shape.vertices[:, 2] > low[2] + 2]
    assert np.allclose(above.mean(axis=0)[:2] - (low + high)[:2] / 2, 0.5, atol=0.02)
    if name not in WITHOUT_PARTS:
        assert len(shape.part_names) == 2
        top = shape.corners[..., 2].max(axis=1) > low[2] + 2
        assert len(np.unique(shape.face_part[top])) == 1
    if name not in WITHOUT_COLORS:
        colors = np.array([material.base_color for material in shape.materials])
        used = colors[shape.face_material]
        assert np.allclose(used[top], BLUE, atol=0.01)
        assert np.allclose(used[~top & (shape.corners[..., 2].min(axis=1) < 0.5)], RED, atol=0.01)
    assert "warnings" not in shape.info


@pytest.mark.parametrize(("name", "up"), [("a.obj", "z"), ("a.stl", "y"), ("a.3mf", "y")])
def test_other_up_axis(name: str, up: str, folder: Path) -> None:
    usual, other = import_file(folder / name), import_file(folder / name, up)
    assert np.allclose(np.ptp(other.bounds, axis=0)[[0, 2, 1]], SIZE, rtol=1e-4)
    assert volume(other) == pytest.approx(VOLUME, rel=1e-3), "turned, not mirrored"
    assert not np.allclose(usual.vertices.mean(axis=0), other.vertices.mean(axis=0), atol=0.1)


def test_usd_that_is_y_up(tmp_path: Path) -> None:
    bpy = make_scene()
    bpy.ops.wm.usd_export(
        filepath=str(tmp_path / "turned.usda"),
        convert_orientation=True,
        export_global_up_selection="Y",
        export_global_forward_selection="NEGATIVE_Z",
    )
    shape = import_file(tmp_path / "turned.usda")
    assert np.allclose(np.ptp(shape.bounds, axis=0), SIZE, rtol=1e-4)
    assert shape.vertices[:, 2].mean() > shape.bounds[:, 2].mean()
    (tmp_path / "bare.usda").write_text(
        '#usda 1.0\n(\n upAxis = "Y"\n metersPerUnit = 1\n)\n\ndef Mesh "corner"\n{\n'
        "int[] faceVertexCounts = [3, 3, 3, 3]\n"
        "int[] faceVertexIndices = [0, 2, 1, 0, 1, 3, 0, 3, 2, 1, 2, 3]\n"
        "point3f[] points = [(0, 0, 0), (1, 0, 0), (0, 0, -2), (0, 3, 0)]\n}\n"
    )
    bare = import_file(tmp_path / "bare.usda")
    assert np.allclose(np.ptp(bare.bounds, axis=0), [1, 2, 3], atol=1e-4)


@needs("abc")
def test_step_and_obj_are_the_same_solid() -> None:
    (step,) = (ABC / "step").rglob("*.step")
    (obj,) = (ABC / "obj").rglob("*.obj")
    (stl,) = (ABC / "stl2").rglob("*.stl")
    solid, mesh, other = import_file(step), import_file(obj, "z"), import_file(stl)
    assert len(solid.part_names) == len(mesh.part_names) == 3
    for shape in (mesh, other):
        assert np.allclose(solid.bounds, shape.bounds, atol=2e-3 * mesh.diagonal)
        assert volume(solid) == pytest.approx(volume(shape), rel=0.005)
    orange = ((np.array([0.8667, 0.3216, 0.1569]) + 0.055) / 1.055) ** 2.4
    colors = np.array([material.base_color for material in solid.materials])
    assert np.abs(colors - orange).max(axis=1).min() < 0.01


def test_vertex_colors_become_materials(tmp_path: Path) -> None:
    ball = trimesh.creation.icosphere(subdivisions=2)
    ball.unmerge_vertices()
    upper = np.repeat(ball.triangles_center[:, 2] > 0, 3)[:, None]
    paint = np.where(upper, [200, 30, 30, 255], [20, 40, 180, 255]).astype(np.uint8)
    ball.visual = trimesh.visual.ColorVisuals(ball, vertex_colors=paint)
    ball.export(tmp_path / "ball.ply", vertex_normal=False)
    shape = import_file(tmp_path / "ball.ply")
    assert sorted(material.name for material in shape.materials) == ["#1428b4", "#c81e1e"]
    colors = np.array([material.base_color for material in shape.materials])
    red = colors[shape.face_material][:, 0] > 0.3
    assert np.array_equal(red, shape.corners[..., 2].mean(axis=1) > 0)
    spread = np.random.default_rng(1).integers(0, 255, (len(ball.vertices), 4), dtype=np.uint8)
    ball.visual = trimesh.visual.ColorVisuals(ball, vertex_colors=spread)
    ball.export(tmp_path / "many.ply", vertex_normal=False)
    assert 2 <= len(import_file(tmp_path / "many.ply").materials) <= 12


def test_mtl_colors_are_srgb_unless_blender_wrote_them(folder: Path, tmp_path: Path) -> None:
    shutil.copy(folder / "a.obj", tmp_path / "a.obj")
    text = (folder / "a.mtl").read_text()
    assert text.startswith("# Blender")
    (tmp_path / "a.mtl").write_text("\n".join(text.splitlines()[1:]))
    red = next(m for m in import_file(tmp_path / "a.obj").materials if m.name == "red")
    assert red.base_color[0] == pytest.approx(((0.8 + 0.055) / 1.055) ** 2.4, abs=0.005)


def textured_box(folder: Path) -> None:
    """A box in box.obj, .glb, .gltf and .blend; on top the picture is red towards -x, +y."""
    bpy = reset()
    pixels = np.zeros((64, 64, 3), np.uint8)
    pixels[:32, :32], pixels[:32, 32:] = (220, 20, 20), (20, 200, 20)
    pixels[32:, :32], pixels[32:, 32:] = (20, 20, 220), (230, 230, 20)
    Image.fromarray(pixels).save(folder / "four.png")
    bpy.ops.mesh.primitive_cube_add(size=2)
    mesh = bpy.context.object.data
    layer = mesh.uv_layers.active.uv
    for loop in mesh.loops:
        x, y, _ = mesh.vertices[loop.vertex_index].co
        layer[loop.index].vector = ((x + 1) / 2, (y + 1) / 2)
    material = bpy.data.materials.new("four")
    material.use_nodes = True
    node = material.node_tree.nodes.new("ShaderNodeTexImage")
    node.image = bpy.data.images.load(str(folder / "four.png"))
    shader = material.node_tree.nodes["Principled BSDF"]
    material.node_tree.links.new(node.outputs["Color"], shader.inputs["Base Color"])
    mesh.materials.append(material)
    bpy.ops.wm.obj_export(filepath=str(folder / "box.obj"), path_mode="RELATIVE")
    bpy.ops.export_scene.gltf(filepath=str(folder / "box.glb"))
    bpy.ops.export_scene.gltf(
        filepath=str(folder / "box.gltf"), export_format="GLTF_SEPARATE", export_keep_originals=True
    )
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "box.blend"))


@pytest.mark.parametrize("kind", ["obj", "glb", "gltf", "blend"])
def test_textures_lie_the_right_way(kind: str, tmp_path: Path) -> None:
    textured_box(tmp_path)
    shape = import_file(tmp_path / f"box.{kind}")
    (texture,) = {material.base_color_texture for material in shape.materials}
    assert texture is not None and shape.uv is not None
    picture = texture.pixels()
    for corners, uv in zip(shape.corners, shape.uv, strict=True):
        if corners[:, 2].min() < 0.9:
            continue
        for weights in np.random.default_rng(3).dirichlet([1, 1, 1], 20):
            x, y, _ = weights @ corners
            column, row = np.floor(weights @ uv % 1 * 64).astype(int)
            expected = {(0, 1): 220, (1, 1): 20, (0, 0): 20, (1, 0): 230}[int(x > 0), int(y > 0)]
            assert abs(int(picture[row, column, 0]) - expected) < 8


def test_blend_materials_of_every_build(tmp_path: Path) -> None:
    bpy = reset()
    for k, name in enumerate(("ramp", "mixed", "diffuse", "grouped", "plain", "stray")):
        bpy.ops.mesh.primitive_cube_add(location=(3 * k, 0, 0))
        material = bpy.data.materials.new(name)
        bpy.context.object.data.materials.append(material)
        material.diffuse_color, material.use_nodes = (0.1, 0.2, 0.3, 1), name != "plain"
        if name == "plain":
            continue
        tree = material.node_tree
        shader, output = tree.nodes["Principled BSDF"], tree.nodes["Material Output"]
        if name == "ramp":
            ramp = tree.nodes.new("ShaderNodeValToRGB")
            ramp.color_ramp.elements[0].color = (0.2, 0, 0, 1)
            ramp.color_ramp.elements[1].color = (0.6, 0.2, 0, 1)
            noise = tree.nodes.new("ShaderNodeTexNoise")
            tree.links.new(noise.outputs["Fac"], ramp.inputs["Fac"])
            tree.links.new(ramp.outputs["Color"], shader.inputs["Base Color"])
        elif name == "mixed":
            mix = tree.nodes.new("ShaderNodeMix")
            mix.data_type = "RGBA"
            mix.inputs[6].default_value, mix.inputs[7].default_value = (
                (0, 0.4, 0, 1),
                (0, 0.8, 0, 1),
            )
            tree.links.new(mix.outputs[2], shader.inputs["Base Color"])
        elif name == "grouped":
            group = bpy.data.node_groups.new("wrapped", "ShaderNodeTree")
            group.interface.new_socket("Shader", in_out="OUTPUT", socket_type="NodeSocketShader")
            inner = group.nodes.new("ShaderNodeBsdfPrincipled")
            inner.inputs["Base Color"].default_value = (0.5, 0.1, 0.7, 1)
            group.links.new(inner.outputs[0], group.nodes.new("NodeGroupOutput").inputs[0])
            holder = tree.nodes.new("ShaderNodeGroup")
            holder.node_tree = group
            tree.links.new(holder.outputs[0], output.inputs["Surface"])
        else:
            other = tree.nodes.new("ShaderNodeBsdfDiffuse")
            other.inputs["Color"].default_value = (0.9, 0.5, 0.1, 1)
            tree.links.new(other.outputs[0], output.inputs["Surface"])
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "all.blend"))
    shape = import_file(tmp_path / "all.blend")
    found = {m.name: m.base_color for m in shape.materials}
    ramp = next(m for m in shape.materials if m.name == "ramp of Cube")  # baked
    del found[ramp.name]
    faces = shape.face_material == shape.materials.index(ramp)
    assert average_color(shape, ramp, faces) == pytest.approx((0.4, 0.1, 0), abs=0.15)
    expected = {
        "mixed": (0, 0.6, 0),
        "diffuse": (0.9, 0.5, 0.1),
        "grouped": (0.5, 0.1, 0.7),
        "plain": (0.1, 0.2, 0.3),
        "stray": (0.9, 0.5, 0.1),
    }
    assert set(found) == set(expected)
    for name, color in expected.items():
        assert found[name] == pytest.approx(color, abs=1e-5), name


def test_blend_brings_what_would_be_rendered(tmp_path: Path) -> None:
    bpy = reset()
    bpy.ops.mesh.primitive_cube_add(size=1)
    array = bpy.context.object.modifiers.new("array", "ARRAY")
    array.count = 3
    bpy.ops.curve.primitive_bezier_circle_add()
    bpy.context.object.data.bevel_depth = 0.1
    bpy.ops.object.text_add(location=(0, 0, 2))
    bpy.context.object.data.extrude = 0.1
    bpy.ops.mesh.primitive_cube_add(size=1, location=(9, 0, 0))
    bpy.context.object.hide_render = True
    bpy.ops.object.light_add()
    bpy.ops.object.camera_add()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "mixed.blend"))
    shape = import_file(tmp_path / "mixed.blend")
    assert set(shape.part_names) == {"B\u00e9zierCircle", "Text", "Cube"}
    counts = np.bincount(shape.face_part)
    assert counts[shape.part_names.index("Cube")] == 36 and shape.bounds[1, 0] < 3
    assert len(normalise(shape, "x").faces) > 0.95 * counts.sum(), "nothing comes twice"


@pytest.mark.parametrize("kind", ["obj", "gltf", "blend"])
def test_a_missing_texture_is_told_and_the_shape_goes_on(
    kind: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    textured_box(tmp_path)
    (tmp_path / "four.png").unlink()
    shape = import_file(tmp_path / f"box.{kind}")
    (warning,) = shape.info["warnings"]
    assert "four.png" in warning and "put it beside" in warning
    assert len(shape.faces) == 12 and shape.materials[0].base_color_texture is None
    shown = capfd.readouterr()
    assert "Traceback" not in shown.out + shown.err


def test_a_broken_texture_is_told_and_the_shape_goes_on(tmp_path: Path) -> None:
    textured_box(tmp_path)
    content = (tmp_path / "four.png").read_bytes()
    (tmp_path / "four.png").write_bytes(content[: len(content) // 2])
    (warning,) = import_file(tmp_path / "box.obj").info["warnings"]
    assert "four.png" in warning and "save the image again" in warning


@pytest.mark.parametrize("share", [0.4, 0.97])
@pytest.mark.parametrize("name", FILES)
def test_cut_files(
    name: str, share: float, folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for extra in ("a.bin", "a.mtl"):
        shutil.copy(folder / extra, tmp_path)
    content = (folder / name).read_bytes()
    (tmp_path / name).write_bytes(content[: int(len(content) * share)])
    if name == "a.obj" and share > 0.9:
        (warning,) = import_file(tmp_path / name).info["warnings"]
        assert "may have been cut" in warning
    else:
        refusal(tmp_path / name, capfd)


@needs("abc")
def test_cut_step(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (step,) = (ABC / "step").rglob("*.step")
    content = step.read_bytes()
    (tmp_path / "cut.step").write_bytes(content[: len(content) // 2])
    assert "breaks off" in refusal(tmp_path / "cut.step", capfd)
    (tmp_path / "hollow.step").write_bytes(content[:400] + b"END-ISO-10303-21;\n")
    assert "holds no solid" in refusal(tmp_path / "hollow.step", capfd)


@pytest.mark.parametrize(
    ("origin", "suffix", "told"),
    [
        ("a.obj", ".stl", "rename it to .obj"),
        ("a.obj", ".glb", "rename it to .obj"),
        ("a.glb", ".obj", "rename it to .glb"),
        ("text.ply", ".obj", "rename it to .ply"),
        ("a.blend", ".fbx", "rename it to .blend"),
        ("a.stl", ".glb", "does not hold"),
        ("a.stl", ".obj", "no mesh"),
        ("a.stl", ".usd", "cannot be read"),
    ],
)
def test_misnamed_files(
    origin: str,
    suffix: str,
    told: str,
    folder: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / f"misnamed{suffix}"
    shutil.copy(folder / origin, path)
    assert told in refusal(path, capfd)


@pytest.mark.parametrize("suffix", [".obj", ".stl", ".ply", ".glb", ".blend", ".step", ".3mf"])
@pytest.mark.parametrize("what", ["picture", "page", "nothing"])
def test_files_that_are_no_mesh(
    suffix: str, what: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(buffer, "PNG")
    content = {"picture": buffer.getvalue(), "page": b"<!DOCTYPE html><p>404</p>", "nothing": b""}
    path = tmp_path / f"thing{suffix}"
    path.write_bytes(content[what])
    told = {"picture": "a PNG image", "page": "a web page", "nothing": "is empty"}[what]
    assert told in refusal(path, capfd)


def test_an_unknown_suffix_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadShape, match="not a kind of file"):
        import_file(tmp_path / "part.sldprt")


def too_many(suffix: str, path: Path) -> None:
    """A file that holds or declares a triangle more than can be read, made in a moment."""
    count = READABLE + 1
    if suffix == ".stl":
        path.write_bytes(bytes(80) + struct.pack("<I", count))
        with path.open("r+b") as file:
            file.truncate(84 + 50 * count)
    elif suffix == ".ply":
        header = (
            f"ply\nformat ascii 1.0\nelement vertex 3\nproperty float x\nelement face {count}\n"
        )
        path.write_text(f"{header}property list uchar int vertex_indices\nend_header\n")
    elif suffix == ".obj":
        path.write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\n" + "f 1 2 3\n" * count)
    elif suffix == ".3mf":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("3D/3dmodel.model", '<triangle v1="0" v2="1" v3="2"/>\n' * count)
    else:
        scene = (
            b'{"asset":{"version":"2.0"},"accessors":[{"count":%d}],"meshes":[{"primitives":'
            b'[{"attributes":{"POSITION":0},"indices":0}]}]}' % (3 * count)
        )
        head = struct.pack("<4sIIII", b"glTF", 2, 20 + len(scene), len(scene), 0x4E4F534A)
        path.write_bytes(head + scene if suffix == ".glb" else scene)


@pytest.mark.parametrize("suffix", [".stl", ".ply", ".obj", ".3mf", ".glb", ".gltf"])
def test_more_than_can_be_read_is_refused_fast(
    suffix: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / f"many{suffix}"
    too_many(suffix, path)
    start = time.process_time()
    assert f"{READABLE + 1:,} triangles" in refusal(path, capfd)
    assert time.process_time() - start < 3


def bad_mesh(fault: str) -> trimesh.Trimesh:
    if fault == "single":
        return trimesh.Trimesh([[0, 0, 0], [1, 0, 0.5], [0, 1, 1]], [[0, 1, 2]], process=False)
    if fault == "NaN":
        ball = trimesh.creation.icosphere(subdivisions=1)
        ball.vertices[5] = np.nan
        return trimesh.Trimesh(ball.vertices, ball.faces, process=False, validate=False)
    side = np.linspace(0, 1, 6)
    x, y = np.meshgrid(side, side)
    points = np.column_stack([x.ravel(), y.ravel(), 0.3 * x.ravel() + 0.2 * y.ravel()])
    index = np.arange(36).reshape(6, 6)
    a, b, c, d = (
        v.ravel() for v in (index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1])
    )
    sheet = np.concatenate([np.column_stack([a, b, c]), np.column_stack([a, c, d])])
    both = np.concatenate([sheet, sheet[:, ::-1]]) if fault == "both sides" else sheet
    return trimesh.Trimesh(points, both, process=False)


@pytest.mark.parametrize("suffix", [".obj", ".stl", ".ply", ".glb"])
@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("single", "flat"),
        ("sheet", "thickness"),
        ("both sides", "thickness"),
        ("NaN", "not numbers"),
    ],
)
def test_useless_meshes(
    fault: str, told: str, suffix: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / f"useless{suffix}"
    bad_mesh(fault).export(path)
    text = refusal(path, capfd)
    assert told in text or "json contained NaN" in text


def test_normals_that_are_not_numbers_do_no_harm(tmp_path: Path) -> None:
    trimesh.creation.icosphere(subdivisions=1).export(tmp_path / "ball.stl")
    content = bytearray((tmp_path / "ball.stl").read_bytes())
    content[84:88] = struct.pack("<f", np.nan)
    (tmp_path / "ball.stl").write_bytes(content)
    assert len(import_file(tmp_path / "ball.stl").faces) == 80


def test_files_without_triangles(
    folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    bpy = reset()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "bare.blend"))
    bpy.ops.export_scene.gltf(filepath=str(tmp_path / "bare.glb"))
    (tmp_path / "bare.stl").write_bytes(bytes(84))
    (tmp_path / "points.obj").write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\n")
    for path in tmp_path.iterdir():
        assert "no mesh" in refusal(path, capfd)
