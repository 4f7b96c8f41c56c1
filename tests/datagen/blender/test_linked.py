"""Linked .blend libraries and USD references: loaded where they are, named where they are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from datagen.blender.import_file import import_file
from datagen.blender.session import reset
from datagen.errors import BadShape
from datagen.geometry.cache import ShapeCache
from datagen.sources.open import load_shape, open_source

TETRA = """
    int[] faceVertexCounts = [3, 3, 3, 3]
    int[] faceVertexIndices = [0, 2, 1, 0, 1, 3, 0, 3, 2, 1, 2, 3]
    point3f[] points = [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)]
"""
HEAD = "#usda 1.0\n"


def linked_blend(folder: Path, own: bool = True) -> Path:
    """main.blend with a cube of its own, and one of parts/wheel.blend (12 triangles each)."""
    (folder / "parts").mkdir()
    wheel, path = folder / "parts/wheel.blend", folder / "main.blend"
    bpy = reset()
    bpy.ops.mesh.primitive_cube_add(location=(4, 0, 0))
    bpy.context.object.name = "wheel"
    bpy.ops.wm.save_as_mainfile(filepath=str(wheel))
    bpy = reset()
    if own:
        bpy.ops.mesh.primitive_cube_add()
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    with bpy.data.libraries.load(str(wheel), link=True, relative=True) as (_, wanted):
        wanted.objects = ["wheel"]
    bpy.context.scene.collection.objects.link(bpy.data.objects["wheel"])
    bpy.ops.wm.save_mainfile()
    return path


def usd_files(folder: Path) -> Path:
    """main.usda: a mesh, one by reference, one by the reference's payload, one of a sublayer."""
    tetra = 'def Mesh "body"\n{' + TETRA + "}\n"
    (folder / "inner.usda").write_text(HEAD + '(defaultPrim = "body")\n' + tetra)
    (folder / "outer.usda").write_text(
        f'{HEAD}(defaultPrim = "whole")\ndef Xform "whole"\n{{\n{tetra}'
        'def "more" (payload = @./inner.usda@)\n{\n}\n}\n'
    )
    (folder / "sub.usda").write_text(HEAD + tetra.replace("body", "under"))
    path = folder / "main.usda"
    path.write_text(
        f"{HEAD}(subLayers = [@./sub.usda@])\n{tetra}"
        'def Xform "other" (references = @./outer.usda@)\n{\n'
        "double3 xformOp:translate = (3, 0, 0)\n"
        'uniform token[] xformOpOrder = ["xformOp:translate"]\n}\n'
    )
    return path


def test_a_library_is_loaded_and_a_missing_one_named(tmp_path: Path) -> None:
    path = linked_blend(tmp_path)
    shape = import_file(path)
    assert len(shape.faces) == 24 and "warnings" not in shape.info
    (tmp_path / "parts/wheel.blend").unlink()
    shape = import_file(path)
    assert len(shape.faces) == 12
    (warning,) = shape.info["warnings"]
    assert warning.startswith("wheel.blend is missing") and "put it where" in warning


def test_a_library_that_lost_the_object_is_named(tmp_path: Path) -> None:
    path = linked_blend(tmp_path)
    bpy = reset()
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "parts/wheel.blend"))
    bpy.data.objects["wheel"].name = "tyre"
    bpy.ops.wm.save_mainfile()
    (warning,) = import_file(path).info["warnings"]
    assert warning.startswith("wheel.blend no longer holds wheel")


def test_nothing_left_is_a_sentence_with_the_library(tmp_path: Path) -> None:
    path = linked_blend(tmp_path, own=False)
    (tmp_path / "parts/wheel.blend").unlink()
    with pytest.raises(BadShape, match=r"no mesh could be read from it \(wheel\.blend is missing"):
        import_file(path)


@pytest.mark.parametrize("own", [True, False])
def test_a_library_that_comes_back_is_noticed_by_the_cache(own: bool, tmp_path: Path) -> None:
    path = linked_blend(tmp_path, own)
    wheel = tmp_path / "parts/wheel.blend"
    content = wheel.read_bytes()
    wheel.unlink()
    cache = ShapeCache(tmp_path / "cache")
    source = open_source("folder", path, cache)
    (ref,) = source.refs()
    if own:
        first = load_shape(source, ref, cache)
        assert len(first.faces) == 12
        assert not any("linked" in file.read_text() for file in cache.root.glob("shapes/*/*.json"))
    else:
        with pytest.raises(BadShape):
            load_shape(source, ref, cache)
    wheel.write_bytes(content)
    again = load_shape(source, ref, cache)
    assert len(again.faces) == (24 if own else 12) and "warnings" not in again.info


def test_usd_layers_are_loaded_and_missing_ones_named(tmp_path: Path) -> None:
    path = usd_files(tmp_path)
    shape = import_file(path)
    assert len(shape.faces) == 16 and "warnings" not in shape.info
    (tmp_path / "inner.usda").unlink()
    (tmp_path / "sub.usda").unlink()
    shape = import_file(path)
    assert len(shape.faces) == 8
    told = sorted(warning.split(",")[0] for warning in shape.info["warnings"])
    assert told == ["inner.usda is missing", "sub.usda is missing"]


def test_binary_usd_too(tmp_path: Path) -> None:
    bpy = reset()
    from datagen.blender.linked import linked_layers

    usd_files(tmp_path)
    assert linked_layers(bpy, tmp_path / "main.usda") is not None  # and pxr can be imported
    from pxr import Sdf

    for name in ("main", "outer"):
        text = (tmp_path / f"{name}.usda").read_text().replace(".usda@", ".usdc@")
        (tmp_path / "text.usda").write_text(text)
        layer = Sdf.Layer.FindOrOpen(str(tmp_path / "text.usda"))
        layer.Export(str(tmp_path / f"{name}.usdc"))
        del layer
    shape = import_file(tmp_path / "main.usdc")
    assert len(shape.faces) == 8
    told = sorted(warning.split(",")[0] for warning in shape.info["warnings"])
    assert told == ["inner.usdc is missing", "sub.usdc is missing"]
