"""The canonical file: exact to the last bit, and a plain glTF for everyone else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import trimesh

from datagen.blender.import_file import import_file
from datagen.errors import BadShape
from datagen.geometry.glb import from_glb, read_glb, to_glb
from datagen.geometry.normalise import normalise
from datagen.geometry.shape import Shape
from tests.support.shapes import rich_shape, same


@pytest.fixture
def shape() -> Shape:
    return normalise(rich_shape(), "rich")


def test_round_trip_is_exact(shape: Shape, tmp_path: Path) -> None:
    content = to_glb(shape)
    assert same(from_glb(content, "rich"), shape)
    assert to_glb(from_glb(content, "rich")) == content
    (tmp_path / "rich.glb").write_bytes(content)
    assert same(read_glb(tmp_path / "rich.glb"), shape)


def test_round_trip_without_uv_and_with_an_unused_part(shape: Shape) -> None:
    bare = replace(
        shape, uv=None, part_names=(*shape.part_names, "ghost"), materials=shape.materials[1:]
    )
    bare = replace(bare, face_material=np.minimum(bare.face_material, 1))
    bare = normalise(bare, "bare")
    again = from_glb(to_glb(bare), "bare")
    assert again.uv is None and again.part_names == ("body", "knob", "ghost")
    assert np.array_equal(again.vertices, bare.vertices)
    assert np.array_equal(again.faces, bare.faces)


def test_trimesh_opens_it(shape: Shape, tmp_path: Path) -> None:
    (tmp_path / "rich.glb").write_bytes(to_glb(shape))
    scene = trimesh.load_scene(tmp_path / "rich.glb")
    x, y, z = shape.bounds.T
    assert np.allclose(scene.bounds, np.column_stack([x, z, -y[::-1]]), atol=1e-6), "y up"
    assert sum(len(mesh.faces) for mesh in scene.geometry.values()) == len(shape.faces)
    materials = {
        mesh.visual.material.name: mesh.visual.material for mesh in scene.geometry.values()
    }
    assert set(materials) == {"painted", "brass", "glass"}
    assert materials["brass"].metallicFactor == pytest.approx(1.0)
    assert materials["brass"].roughnessFactor == pytest.approx(0.3)
    picture = shape.materials[0].base_color_texture
    assert picture is not None
    opened = np.asarray(materials["painted"].baseColorTexture.convert("RGB"))
    assert np.array_equal(opened, picture.pixels())


def test_blender_opens_it(shape: Shape, tmp_path: Path) -> None:
    (tmp_path / "rich.glb").write_bytes(to_glb(shape))
    opened = import_file(tmp_path / "rich.glb")
    assert np.allclose(opened.bounds, shape.bounds, atol=1e-6), "z up again"
    assert len(opened.faces) == len(shape.faces)
    assert set(opened.part_names) == {"body", "knob"}
    by_name = {material.name: material for material in opened.materials}
    assert set(by_name) == {"painted", "brass", "glass"}
    assert by_name["brass"].base_color == pytest.approx((0.7, 0.5, 0.2), abs=1e-3)
    assert (by_name["brass"].metallic, by_name["glass"].transmission) == (1.0, 1.0)
    painted = by_name["painted"]
    assert painted.base_color_texture == shape.materials[0].base_color_texture
    assert painted.normal_texture == shape.materials[0].normal_texture
    assert painted.metallic_roughness_texture is not None
    areas = {
        name: item.face_areas[item.face_material == k].sum()
        for item in (shape, opened)
        for k, name in enumerate(material.name for material in item.materials)
        if item is opened
    }
    for k, material in enumerate(shape.materials):
        expected = shape.face_areas[shape.face_material == k].sum()
        assert areas[material.name] == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("content", [b"", b"glTF", b"not a glb at all"])
def test_another_file_is_named(content: bytes) -> None:
    with pytest.raises(BadShape, match="some.glb: not a file of the shape cache; delete it"):
        from_glb(content, "some.glb")
