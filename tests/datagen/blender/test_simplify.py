"""Files of too many triangles come in with fewer: same form, parts, materials and texture."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import trimesh
from click.testing import CliRunner

from cli import oddgen
from datagen.blender.import_file import import_file
from datagen.blender.session import reset
from datagen.blender.simplify import simplified
from datagen.dataset.reader import Dataset
from datagen.errors import BadShape
from datagen.geometry.cache import ShapeCache
from datagen.geometry.limits import MAX_FACES
from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.open import load_shape, open_source
from tests.support.mesh_files import BLUE, RED
from tests.support.shapes import same, volume


def ring_points(uv: Floats) -> Floats:
    """(..., 3) of a bumpy ring, which UVs (..., 2) go round both ways."""
    a, b = np.moveaxis(2 * np.pi * uv, -1, 0)
    r = 0.3 + 0.02 * np.sin(9 * a) * np.sin(7 * b)
    flat = 1 + r * np.cos(b)
    return np.stack([flat * np.cos(a), flat * np.sin(a), r * np.sin(b)], axis=-1)


def ring(steps: int) -> Shape:
    """Of 2 * steps**2 triangles in two parts and two materials, its UVs with a seam both ways."""
    index = np.arange(steps**2).reshape(steps, steps)
    right, up = np.roll(index, -1, 0), np.roll(index, -1, 1)
    both = np.roll(right, -1, 1)
    kinds = ((index, right, both), (index, both, up))
    faces = np.concatenate([np.stack(kind, -1).reshape(-1, 3) for kind in kinds])
    grid = np.stack(np.divmod(np.arange(steps**2), steps), axis=1)
    corners = grid[faces]
    over = (np.ptp(corners, axis=1, keepdims=True) > 2) & (corners < 2)
    uv = (corners + steps * over) / steps
    middle = uv.mean(axis=1)
    return Shape(
        ring_points(grid / steps),
        faces,
        (middle[:, 0] > 0.5).astype(np.int64),
        (middle[:, 1] > 0.3).astype(np.int64),
        ("left", "right"),
        (Material("red"), Material("blue")),
        uv,
    )


def test_form_parts_materials_and_uvs_stay() -> None:
    dense = ring(120)
    shape = simplified(dense, 8000, "ring.ply")
    assert 7900 < len(shape.faces) <= 8000
    (told,) = shape.info["warnings"]
    assert "has 28,800 triangles; simplified to" in told and "--max-faces" in told
    stated = float(told.split("off by ")[1].split(" %")[0]) / 100
    assert 1e-6 < stated < 2e-3
    assert volume(shape) == pytest.approx(volume(dense), rel=2e-3)
    assert shape.uv is not None
    off = np.linalg.norm(ring_points(shape.uv) - shape.corners, axis=-1)
    assert np.quantile(off, 0.99) < 0.02 and off.mean() < 0.005  # the ring is 2.6 across
    middle = shape.uv.mean(axis=1) % 1
    assert np.mean((middle[:, 0] > 0.5) != shape.face_part) < 0.01
    assert np.mean((middle[:, 1] > 0.3) != shape.face_material) < 0.01


def test_the_same_every_time_and_wherever_it_stands() -> None:
    dense = ring(60)
    once, again = simplified(dense, 3000, "x"), simplified(dense, 3000, "x")
    assert same(once, again)
    far = np.array([5e5, 4e6, 0])
    moved = simplified(dense.with_vertices(1000 * dense.vertices + far), 3000, "x")
    assert len(moved.faces) == len(once.faces)
    assert np.allclose((moved.vertices - far) / 1000, once.vertices, atol=1e-5)


def test_what_cannot_be_simplified_is_named() -> None:
    rng = np.random.default_rng(1)
    corners = rng.random((1000, 1, 3)) + 0.01 * np.array(
        [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]
    )
    faces = np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]])
    all_faces = (faces + 4 * np.arange(1000)[:, None, None]).reshape(-1, 3)
    none = np.zeros(4000, np.int64)
    crumbs = Shape(corners.reshape(-1, 3), all_faces, none, none, ("a",), (Material("m"),))
    with pytest.raises(BadShape, match=r"^a\.stl: its 4,000 triangles cannot be simplified to 500"):
        simplified(crumbs, 500, "a.stl")


@pytest.mark.parametrize("kind", ["stl", "ply", "obj", "glb", "3mf"])
def test_files_of_every_kind(kind: str, tmp_path: Path) -> None:
    ball = trimesh.creation.icosphere(5)  # 20,480 triangles
    path = tmp_path / f"ball.{kind}"
    ball.export(path)
    shape = import_file(path, max_faces=4000)
    assert 3900 < len(shape.faces) <= 4000
    assert volume(shape) == pytest.approx(ball.volume, rel=2e-3)
    assert "20,480 triangles" in shape.info["warnings"][0]
    assert "warnings" not in import_file(path).info


def test_colors_of_objects_stay(tmp_path: Path) -> None:
    bpy = reset()
    for x, color in ((0, RED), (3, BLUE)):
        bpy.ops.mesh.primitive_uv_sphere_add(segments=64, ring_count=32, location=(x, 0, 0))
        paint = bpy.data.materials.new(f"paint {x}")
        paint.use_nodes = True
        paint.node_tree.nodes["Principled BSDF"].inputs["Base Color"].default_value = (*color, 1)
        bpy.context.object.data.materials.append(paint)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "two.blend"))
    shape = import_file(tmp_path / "two.blend", max_faces=2000)
    assert len(shape.faces) <= 2000 and len(shape.part_names) == 2
    side = (shape.corners[:, :, 0].mean(axis=1) > 1.5).astype(np.int64)
    for number in (0, 1):
        (part,), (material,) = (
            np.unique(of[side == number]) for of in (shape.face_part, shape.face_material)
        )
        color = shape.materials[material].base_color
        assert np.allclose(color, (RED, BLUE)[number], atol=1e-6)
        assert part == number


def test_another_limit_is_another_shape_in_the_cache(tmp_path: Path) -> None:
    path = tmp_path / "ball.stl"
    trimesh.creation.icosphere(5).export(path)
    cache = ShapeCache(tmp_path / "cache")
    counts = []
    for most in (4000, MAX_FACES, 2000, 4000):
        source = open_source("folder", path, cache, max_faces=most)
        counts.append(len(load_shape(source, source.refs()[0], cache).faces))
    assert counts[0] == counts[3] and counts[1] == 20_480
    assert counts[2] <= 2000 < counts[0] <= 4000


@pytest.mark.slow
def test_a_dataset_keeps_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "ring.stl"
    trimesh.creation.torus(1, 0.3, major_sections=80, minor_sections=40).export(path)
    command = (
        f"generate --source folder --assets {path} --scenes 1 --labels-only --objects 1-1 "
        f"--resolution 32 --views 2 --out {tmp_path / 'out'} --cache {tmp_path / 'cache'}"
    ).split()
    result = CliRunner().invoke(oddgen, [*command, "--max-faces", "1500"])
    assert result.exit_code == 0, result.output
    assert "has 6,400 triangles; simplified to" in " ".join(result.output.split())
    assert Dataset(tmp_path / "out").index.config.max_faces == 1500  # type: ignore[union-attr]
    for other in ([], ["--max-faces", "2000"]):
        result = CliRunner().invoke(oddgen, [*command, *other])
        assert result.exit_code == 1 and "max_faces 1500 ->" in result.output
    plain = json.loads((tmp_path / "out/index.json").read_text())["config"]
    assert plain["max_faces"] == 1500


def test_a_limit_without_files_is_refused(tmp_path: Path) -> None:
    for most, told in (("2000", "takes no files"), ("12", "1000 to 3000000")):
        arguments = ["generate", "--scenes", "1", "--out", str(tmp_path), "--max-faces", most]
        result = CliRunner().invoke(oddgen, arguments)
        assert result.exit_code == 1 and told in result.output
