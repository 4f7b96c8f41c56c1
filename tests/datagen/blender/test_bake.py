"""Materials of more nodes than a plain one holds look as Blender would render them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from datagen.blender import bake
from datagen.blender.import_file import import_file
from datagen.blender.session import reset
from datagen.geometry.color import look_of
from datagen.geometry.shape import Floats, Shape
from datagen.geometry.surface import surface_points


def painted(bpy: Any, name: str) -> Any:
    """A material on the active object; returns its node tree."""
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    bpy.context.object.data.materials.append(material)
    return material.node_tree


def by_position(tree: Any, shader: Any) -> None:
    """A base colour that is the point in the object's frame."""
    where = tree.nodes.new("ShaderNodeTexCoord")
    tree.links.new(where.outputs["Object"], shader.inputs["Base Color"])


def seen(shape: Shape) -> tuple[Floats, Floats, Floats]:
    """Points (N, 3) on the surface, their linear colours (N, 3), roughness and metalness (N, 2)."""
    points, face = surface_points(shape, 4000)
    a, b, c = np.moveaxis(shape.corners[face], 1, 0)
    solved = np.linalg.lstsq
    weights = np.stack(
        [
            solved(np.stack(corners, axis=1), point, rcond=None)[0]
            for *corners, point in zip(a, b, c, points, strict=True)
        ]
    )
    color, finish = look_of(shape, face, weights)
    return points, color, finish


def test_procedural_colors_are_baked(tmp_path: Path) -> None:
    bpy = reset()
    bpy.ops.mesh.primitive_uv_sphere_add()
    tree = painted(bpy, "position")
    shader = tree.nodes["Principled BSDF"]
    by_position(tree, shader)
    shader.inputs["Metallic"].default_value = 1.0
    shader.inputs["Roughness"].default_value = 0.25
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "ball.blend"))
    shape = import_file(tmp_path / "ball.blend")
    assert "warnings" not in shape.info
    points, color, finish = seen(shape)
    off = np.abs(color - np.clip(points, 0, 1)).max(axis=1)
    assert np.quantile(off, 0.98) < 0.03
    assert np.allclose(finish, [0.25, 1.0])


def test_mixed_shaders_and_groups_are_baked(tmp_path: Path) -> None:
    """Left of x = 0 one shader, right of it another, within a group."""
    bpy = reset()
    bpy.ops.mesh.primitive_cube_add()
    tree = painted(bpy, "halves")
    group = bpy.data.node_groups.new("two", "ShaderNodeTree")
    group.interface.new_socket("out", in_out="OUTPUT", socket_type="NodeSocketShader")
    made = {
        kind: group.nodes.new(kind)
        for kind in (
            *("NodeGroupOutput", "ShaderNodeTexCoord", "ShaderNodeSeparateXYZ", "ShaderNodeMath"),
            *("ShaderNodeMixShader", "ShaderNodeBsdfPrincipled", "ShaderNodeBsdfDiffuse"),
        )
    }
    output, where, apart, step, mix, first, second = made.values()
    step.operation = "GREATER_THAN"
    step.inputs[1].default_value = 0.0
    first.inputs["Base Color"].default_value = (0.7, 0.1, 0.1, 1)
    first.inputs["Roughness"].default_value = 0.2
    second.inputs["Color"].default_value = (0.1, 0.1, 0.6, 1)
    for source, target in (
        (where.outputs["Object"], apart.inputs[0]),
        (apart.outputs["X"], step.inputs[0]),
        (step.outputs[0], mix.inputs[0]),
        (first.outputs[0], mix.inputs[1]),
        (second.outputs[0], mix.inputs[2]),
        (mix.outputs[0], output.inputs[0]),
    ):
        group.links.new(source, target)
    node = tree.nodes.new("ShaderNodeGroup")
    node.node_tree = group
    tree.links.new(node.outputs[0], tree.get_output_node("ALL").inputs["Surface"])
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "cube.blend"))
    shape = import_file(tmp_path / "cube.blend")
    assert "warnings" not in shape.info
    points, color, finish = seen(shape)
    for side, expected in ((-1, (0.7, 0.1, 0.1)), (1, (0.1, 0.1, 0.6))):
        mine = side * points[:, 0] > 0.05
        assert np.allclose(np.median(color[mine], axis=0), expected, atol=0.01)
        assert (np.abs(color[mine] - expected).max(axis=1) < 0.02).mean() > 0.98
    assert np.allclose(np.median(finish[points[:, 0] < -0.05], axis=0), [0.2, 0], atol=0.01)


def test_other_coordinates_and_ramps_of_roughness_are_baked(tmp_path: Path) -> None:
    """An image by the object's own coordinates; roughness by a ramp over them."""
    bpy = reset()
    bpy.ops.mesh.primitive_plane_add(location=(0, 0, 1))
    tree = painted(bpy, "halves")
    shader = tree.nodes["Principled BSDF"]
    Image.fromarray(np.array([[[255, 0, 0], [0, 0, 255]]], np.uint8)).save(tmp_path / "halves.png")
    picture = bpy.data.images.load(str(tmp_path / "halves.png"))
    where, shown = (tree.nodes.new(f"ShaderNode{kind}") for kind in ("TexCoord", "TexImage"))
    apart, ramp = (tree.nodes.new(f"ShaderNode{kind}") for kind in ("SeparateXYZ", "ValToRGB"))
    shown.image, shown.interpolation, shown.extension = picture, "Closest", "EXTEND"
    ramp.color_ramp.interpolation = "CONSTANT"
    for stop, (at, grey) in zip(ramp.color_ramp.elements, ((0.0, 0.2), (0.5, 0.8)), strict=True):
        stop.position, stop.color = at, (grey, grey, grey, 1)
    for source, target in (
        (where.outputs["Object"], shown.inputs["Vector"]),
        (shown.outputs["Color"], shader.inputs["Base Color"]),
        (where.outputs["Generated"], apart.inputs[0]),
        (apart.outputs["Y"], ramp.inputs[0]),
        (ramp.outputs["Color"], shader.inputs["Roughness"]),
    ):
        tree.links.new(source, target)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "plane.blend"))
    points, color, finish = seen(import_file(tmp_path / "plane.blend"))
    x, y = points[:, 0], points[:, 1]
    red, blue = x < 0.45, x > 0.55  # the image lies between 0 and 1; the plane from -1 to 1
    assert np.allclose(np.median(color[red], axis=0), [1, 0, 0], atol=0.01)
    assert np.allclose(np.median(color[blue], axis=0), [0, 0, 1], atol=0.01)
    for mine, expected in ((y < -0.05, 0.2), (y > 0.05, 0.8)):
        assert np.isclose(np.median(finish[mine, 0]), expected, atol=0.02)


def test_bumps_are_baked_into_normals(tmp_path: Path) -> None:
    """Waves along x on a plane: its normals lean to both sides of it, and not along y."""
    bpy = reset()
    bpy.ops.mesh.primitive_plane_add()
    tree = painted(bpy, "waves")
    kinds = ("TexCoord", "TexWave", "Bump")
    where, wave, bump = (tree.nodes.new(f"ShaderNode{kind}") for kind in kinds)
    wave.inputs["Scale"].default_value, bump.inputs["Distance"].default_value = 2.0, 0.3
    for source, target in (
        (where.outputs["Object"], wave.inputs["Vector"]),
        (wave.outputs["Fac"], bump.inputs["Height"]),
        (bump.outputs["Normal"], tree.nodes["Principled BSDF"].inputs["Normal"]),
    ):
        tree.links.new(source, target)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "waves.blend"))
    (material,) = import_file(tmp_path / "waves.blend").materials
    assert material.normal_texture is not None
    bent = material.normal_texture.pixels().reshape(-1, 3) / 127.5 - 1
    spread = bent[bent[:, 2] > 0.1].std(axis=0)
    assert spread[:2].max() > 0.2 and spread[:2].min() < 0.05
    assert np.allclose(np.linalg.norm(bent, axis=1), 1, atol=0.05)


def test_plain_materials_and_their_uvs_stay_beside_baked_ones(tmp_path: Path) -> None:
    bpy = reset()
    bpy.ops.mesh.primitive_cube_add()
    tree = painted(bpy, "position")
    by_position(tree, tree.nodes["Principled BSDF"])
    plain = painted(bpy, "plain").nodes["Principled BSDF"]
    plain.inputs["Base Color"].default_value = (0.2, 0.3, 0.4, 1)
    bpy.context.object.data.polygons[0].material_index = 1
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "cube.blend"))
    shape = import_file(tmp_path / "cube.blend")
    names = [material.name for material in shape.materials]
    assert sorted(names) == ["plain", "position of Cube"]
    kept = shape.materials[names.index("plain")]
    assert kept.base_color_texture is None and np.allclose(kept.base_color, (0.2, 0.3, 0.4))
    assert np.sum(shape.face_material == names.index("plain")) == 2


def test_what_cannot_be_baked_is_told(tmp_path: Path, monkeypatch: Any) -> None:
    bpy = reset()
    bpy.ops.mesh.primitive_cube_add()
    tree = painted(bpy, "position")
    by_position(tree, tree.nodes["Principled BSDF"])
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "cube.blend"))
    monkeypatch.setattr(bake, "MOST_LOOPS", 3)
    (warning,) = import_file(tmp_path / "cube.blend").info["warnings"]
    assert warning.startswith("position: its colour comes of more nodes")
