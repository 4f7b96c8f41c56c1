"""Every source on real files in its own layout; what is wrong is named, the rest goes on."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import trimesh

from datagen.errors import BadShape, OddgenError
from datagen.files.rights import Rights
from datagen.geometry.cache import ShapeCache
from datagen.geometry.shape import Shape
from datagen.sources import abc as abc_module
from datagen.sources.builtin import UNSEEN_TOYS
from datagen.sources.open import NAMES, WITH_BUILTIN, load_shape, open_source
from datagen.sources.paint import MAX_COLORS, is_unpainted, paint
from datagen.sources.ref import Source
from datagen.sources.toys4k import HOME
from tests.support.abc_archives import MODEL, pack
from tests.support.data import ABC, DATA, needs
from tests.support.mesh_files import BLUE, make_scene, write_all


@pytest.fixture
def cache(tmp_path: Path) -> ShapeCache:
    return ShapeCache(tmp_path / "cache")


def load_all(source: Source, cache: ShapeCache) -> tuple[dict[str, Shape], list[str]]:
    """Shapes by id, and the reasons of those that cannot be used."""
    shapes, reasons = {}, []
    for ref in source.refs():
        try:
            shapes[ref.id] = load_shape(source, ref, cache)
        except BadShape as error:
            reasons.append(str(error))
    return shapes, reasons


@pytest.mark.parametrize("name", [name for name in NAMES if name != "builtin"] + list(WITH_BUILTIN))
def test_no_folder_and_an_empty_one(name: str, cache: ShapeCache, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for folder, told in ((None, "--assets"), ("no", "no such folder"), ("empty", "no ")):
        assets = None if folder is None else tmp_path / folder
        with pytest.raises(OddgenError) as caught:
            open_source(name, assets, cache)
        text = str(caught.value)
        assert told in text and text.endswith(".") and "\n" not in text
        assert assets is None or text.startswith(f"{assets}: ")


def test_wrong_source_and_needless_folder(cache: ShapeCache, tmp_path: Path) -> None:
    with pytest.raises(OddgenError, match="choose one of builtin, toys4k, abc, folder"):
        open_source("shapenet", tmp_path, cache)
    with pytest.raises(OddgenError, match="add --source folder"):
        open_source("builtin", tmp_path, cache)


def test_builtin(cache: ShapeCache) -> None:
    source = open_source("builtin", None, cache)
    refs = source.refs()
    assert len({ref.id for ref in refs}) == len(refs) >= 32 * 100
    toys = {ref.category: ref.seen for ref in refs if ref.kind == "toy"}
    assert len(toys) >= 24 and not any(toys[name] for name in UNSEEN_TOYS if name in toys)
    parts = [ref.seen for ref in refs if ref.kind == "part"]
    assert 0.7 < np.mean(parts) < 0.9
    ref = refs[7]
    shape = load_shape(source, ref, cache)
    assert shape.info["licence"] == "CC0-1.0" and shape.info["category"] == ref.category
    assert len(list(cache.root.rglob("*.glb"))) == 1


@pytest.fixture
def toys(tmp_path: Path) -> Path:
    """toys4k_blend_files and toys4k_obj_files with the same four toys, and point clouds."""
    root = tmp_path / "toys"
    for category in ("cake", "mug"):
        for number in ("000", "001"):
            toy = f"{category}_{number}"
            blend = root / "toys4k_blend_files" / category / toy
            obj = root / "toys4k_obj_files" / category / toy
            cloud = root / "toys4k_point_clouds" / category / toy
            for folder in (blend, obj, cloud):
                folder.mkdir(parents=True)
            bpy = make_scene()
            bpy.ops.wm.save_as_mainfile(filepath=str(blend / f"{toy}.blend"))
            bpy.ops.wm.obj_export(
                filepath=str(obj / "mesh.obj"), export_materials=False, export_uv=False
            )
            (cloud / "pc10K.npz").touch()
    return root


def test_toys4k_attribution_in_either_layout(toys: Path, cache: ShapeCache) -> None:
    told = "author: Ada\nlicense: CC-BY 3.0\nsource: https://x.org/cake\n"
    (toys / "LICENSE").write_text("CC0")
    folder = toys / "toys4k_obj_files" / "cake" / "cake_000"
    (folder / "cake_000_attribution.txt").write_text(told)
    source = open_source("toys4k", toys, cache)
    first, second = source.refs()[:2]
    assert first.path is not None and first.path.suffix == ".blend"
    assert source.rights(first) == Rights("CC-BY-3.0", "Ada", "https://x.org/cake")
    assert source.rights(second) == Rights("CC0-1.0", None, HOME)


def test_toys4k_prefers_the_blend_and_reads_both(toys: Path, cache: ShapeCache) -> None:
    (toys / "toys4k_blend_files" / "mug" / "mug_001" / "mug_001.blend").unlink()
    source = open_source("toys4k", toys, cache)
    refs = {ref.id: ref for ref in source.refs()}
    assert set(refs) == {"cake/cake_000", "cake/cake_001", "mug/mug_000", "mug/mug_001"}
    assert refs["mug/mug_000"].path == toys / "toys4k_blend_files/mug/mug_000/mug_000.blend"
    assert refs["mug/mug_001"].path == toys / "toys4k_obj_files/mug/mug_001/mesh.obj"
    assert {ref.category: ref.seen for ref in refs.values()} == {"cake": True, "mug": False}
    shapes, reasons = load_all(source, cache)
    assert reasons == [] and len(shapes) == 4
    blend, obj = shapes["mug/mug_000"], shapes["mug/mug_001"]
    assert np.allclose(blend.bounds, obj.bounds, atol=1e-4), "both are z up here"
    assert {material.name for material in blend.materials} == {"red", "blue"}
    assert any(np.allclose(material.base_color, BLUE, atol=1e-3) for material in blend.materials)
    assert not is_unpainted(obj) and len(obj.materials) == 2 == len(obj.part_names)
    assert all("Toys4K" in shape.info["licence"] for shape in shapes.values())


@pytest.mark.parametrize("layout", ["toys4k_blend_files", "toys4k_obj_files"])
def test_toys4k_layout_alone(layout: str, toys: Path, cache: ShapeCache) -> None:
    source = open_source("toys4k", toys / layout, cache)
    assert len(source.refs()) == 4
    assert all(ref.path and layout in ref.path.parts for ref in source.refs())


@needs("toys")
def test_toys4k_real_folder(cache: ShapeCache) -> None:
    source = open_source("toys4k", DATA / "toys", cache)
    refs = source.refs()
    assert len(refs) == 491 and len({ref.category for ref in refs}) == 69
    for ref in refs[::97]:
        shape = load_shape(source, ref, cache)
        assert "warnings" not in shape.info and np.isfinite(shape.vertices).all()


@needs("abc")
def test_abc_extracted(cache: ShapeCache) -> None:
    source = open_source("abc", ABC, cache)
    (ref,) = source.refs()
    assert (ref.id, ref.kind, ref.category) == (MODEL, "part", MODEL)
    assert ref.path is not None and ref.path.suffix == ".obj", "the quickest of its kinds"
    assert "Onshape" in ref.licence and MODEL in ref.provenance
    shape = load_shape(source, ref, cache)
    assert len(shape.part_names) == 3 and not is_unpainted(shape)
    step = load_shape(source := open_source("abc", ABC / "step", cache), source.refs()[0], cache)
    stl = load_shape(source := open_source("abc", ABC / "stl2", cache), source.refs()[0], cache)
    assert np.allclose(shape.bounds, step.bounds, atol=2e-3), "all of ABC is z up"
    assert np.allclose(shape.bounds, stl.bounds, atol=2e-3)
    assert len(step.part_names) == 3 and {m.name for m in step.materials} == {
        "mat_0", "mat_1", "mat_2"
    }  # fmt: skip


def test_what_lies_beside_an_abc_model_tells_its_rights(tmp_path: Path, cache: ShapeCache) -> None:
    folder = tmp_path / "abc" / "00000001"
    folder.mkdir(parents=True)
    trimesh.creation.box().export(folder / f"{MODEL[:-4]}_trimesh_000.obj")
    source = open_source("abc", tmp_path / "abc", cache)
    (ref,) = source.refs()
    assert source.rights(ref) == Rights(ref.licence, None, ref.provenance)
    (folder / "LICENSE").write_text("Creative Commons Attribution 4.0\nauthor: Grace\n")
    told = source.rights(ref)
    assert (told.licence, told.origin) == ("CC-BY-4.0", ref.provenance)


@needs("abc")
def test_abc_archives(tmp_path: Path, cache: ShapeCache) -> None:
    chunk = tmp_path / "chunk"
    chunk.mkdir()
    pack(chunk / "abc_0000_obj_v00.7z", "obj")
    pack(chunk / "abc_0000_step_v00.7z", "step", copies=2)
    source = open_source("abc", chunk, cache)
    first, second = source.refs()
    assert first.path and second.path
    assert (first.id, first.path.suffix) == (MODEL, ".obj")
    assert (second.id[:8], second.path.suffix) == ("00000051", ".step")
    shapes, reasons = load_all(source, cache)
    assert reasons == [] and source.problems() == []
    packed, extracted = shapes[MODEL], load_all(open_source("abc", ABC, cache), cache)[0][MODEL]
    assert np.array_equal(packed.vertices, extracted.vertices)
    alone = open_source("abc", chunk / "abc_0000_step_v00.7z", cache)
    assert [ref.id[:8] for ref in alone.refs()] == ["00000050", "00000051"]


@needs("abc")
def test_abc_oversize_is_skipped_and_counted_every_time(
    tmp_path: Path, cache: ShapeCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    obj, step = (next((ABC / kind).rglob("*.*")).stat().st_size for kind in ("obj", "step"))
    monkeypatch.setattr(abc_module, "MAX_BYTES", min(obj, step) + 1)
    assert obj != step
    large, small = ("obj", "step") if obj > step else ("step", "obj")
    shutil.copytree(ABC / small, tmp_path / "chunk" / small)
    pack(tmp_path / "chunk" / f"abc_0000_{large}_v00.7z", large, copies=2)
    for _ in range(2):
        source = open_source("abc", tmp_path / "chunk", cache)
        (problem,) = source.problems()
        assert f"abc_0000_{large}_v00.7z: 2 models over" in problem and "skipped" in problem
        assert [ref.id for ref in source.refs()] == [MODEL]
    shutil.rmtree(tmp_path / "chunk" / small)
    with pytest.raises(OddgenError, match="2 models over"):
        open_source("abc", tmp_path / "chunk", cache)
    shutil.copytree(ABC / large, tmp_path / "loose")
    with pytest.raises(OddgenError, match="loose: 1 model over"):
        open_source("abc", tmp_path / "loose", cache)


@needs("abc")
@pytest.mark.parametrize("share", [0.0, 0.5, 0.98])
def test_abc_cut_archive(share: float, tmp_path: Path, cache: ShapeCache) -> None:
    archive = tmp_path / "abc_0000_obj_v00.7z"
    pack(archive, "obj")
    content = archive.read_bytes()
    archive.write_bytes(content[: int(len(content) * share)])
    for _ in range(2):
        with pytest.raises(OddgenError, match="download it again") as caught:
            open_source("abc", archive, cache)
        assert str(caught.value).startswith(f"{archive}: ")
    assert not list(cache.root.rglob("*.part"))


def test_folder_goes_on_past_bad_files(tmp_path: Path, cache: ShapeCache) -> None:
    parts = tmp_path / "parts"
    (parts / "gear").mkdir(parents=True)
    (parts / ".trash").mkdir()
    trimesh.creation.annulus(0.2, 1, 0.4).export(parts / "washer.stl")
    trimesh.creation.box((1, 2, 3)).export(parts / "gear" / "mesh.obj")
    trimesh.creation.icosphere().export(parts / "ball.PLY", file_type="ply")
    trimesh.creation.box().export(parts / ".trash" / "old.stl")
    (parts / "._washer.stl").write_bytes(b"\0\5\26\7")
    (parts / "empty.glb").touch()
    (parts / "page.step").write_text("<html>")
    cut = (parts / "washer.stl").read_bytes()
    (parts / "cut.stl").write_bytes(cut[: len(cut) // 2])
    for name in ("case.sldprt", "lid.sldprt", "table.iges", "notes.txt"):
        (parts / name).write_text("of another program")
    source = open_source("folder", parts, cache)
    assert {ref.id: ref.category for ref in source.refs()} == {
        "ball.PLY": "ball",
        "cut.stl": "cut",
        "empty.glb": "empty",
        "gear/mesh.obj": "gear",
        "page.step": "page",
        "washer.stl": "washer",
    }
    shapes, reasons = load_all(source, cache)
    assert set(shapes) == {"ball.PLY", "gear/mesh.obj", "washer.stl"}
    assert [reason.split(": ")[0] for reason in reasons] == [
        str(parts / name) for name in ("cut.stl", "empty.glb", "page.step")
    ]
    iges, sldprt = source.problems()
    assert "1 .iges file " in iges and "2 .sldprt files" in sldprt and "STEP" in sldprt
    assert shapes["washer.stl"].info["licence"] == "not stated (user's file)"


def test_categories_of_the_layouts_that_users_have(tmp_path: Path, cache: ShapeCache) -> None:
    layouts = {
        "Toy_A/meshes/model.obj": "Toy_A",
        "Toy_B/model.obj": "Toy_B",
        "Toy_C/visual/lod0/mesh.glb": "Toy_C",
        "Toy_D/meshes/bolt.stl": "bolt",
        "003_box/textured.obj": "003_box",
        "meshes/model.obj": "kitchen",
        "scene.glb": "kitchen",
        "fork.stl": "fork",
        "spoons/spoon_01.stl": "spoon_01",
    }
    for name in layouts:
        (tmp_path / "kitchen" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "kitchen" / name).touch()
    source = open_source("folder", tmp_path / "kitchen", cache)
    assert {ref.id: ref.category for ref in source.refs()} == layouts
    (tmp_path / "models" / "parts").mkdir(parents=True)
    (tmp_path / "models" / "parts" / "model.obj").touch()
    (ref,) = open_source("folder", tmp_path / "models" / "parts", cache).refs()
    assert ref.category == "model"


def test_folder_may_be_one_file(tmp_path: Path, cache: ShapeCache) -> None:
    trimesh.creation.box((1, 2, 3)).export(tmp_path / "block.stl")
    (ref,) = open_source("folder", tmp_path / "block.stl", cache).refs()
    assert (ref.id, ref.category) == ("block.stl", "block")
    (tmp_path / "case.sldprt").touch()
    with pytest.raises(OddgenError, match=r"1 \.sldprt file .* export STEP"):
        open_source("folder", tmp_path / "case.sldprt", cache)


def test_a_changed_file_or_companion_is_read_again(tmp_path: Path, cache: ShapeCache) -> None:
    bpy = make_scene()
    (tmp_path / "parts").mkdir()
    bpy.ops.wm.obj_export(filepath=str(tmp_path / "parts" / "post.obj"))
    source = open_source("folder", tmp_path / "parts", cache)
    (ref,) = source.refs()
    first = load_shape(source, ref, cache)
    library = tmp_path / "parts" / "post.mtl"
    library.write_text(library.read_text().replace("0.800000 0.050000", "0.100000 0.900000"))
    second = load_shape(source, ref, cache)
    assert np.array_equal(first.vertices, second.vertices)
    assert first.materials != second.materials
    turned = open_source("folder", tmp_path / "parts", cache, up="z")
    assert not np.allclose(load_shape(turned, ref, cache).bounds, first.bounds, atol=1e-3)


def test_an_unreadable_file_is_named(tmp_path: Path, cache: ShapeCache) -> None:
    trimesh.creation.box().export(tmp_path / "block.stl")
    source = open_source("folder", tmp_path, cache)
    (ref,) = source.refs()
    (tmp_path / "block.stl").unlink()
    with pytest.raises(BadShape, match=r"block\.stl: No such file"):
        load_shape(source, ref, cache)


def test_paint_is_neat_and_repeats() -> None:
    spheres = [trimesh.creation.icosphere(1) for _ in range(10)]
    whole = trimesh.util.concatenate(spheres)
    part = np.repeat(np.arange(10), len(spheres[0].faces))
    from datagen.blender.import_file import UNPAINTED

    bare = Shape(
        vertices=np.array(whole.vertices),
        faces=np.array(whole.faces, np.int64),
        face_part=part,
        face_material=np.zeros(len(part), np.int64),
        part_names=tuple("abcdefghij"),
        materials=(UNPAINTED,),
    )
    assert is_unpainted(bare)
    painted, again, other = (paint(bare, name, "toy") for name in ("one", "one", "two"))
    assert painted.materials == again.materials != other.materials
    assert len(painted.materials) == MAX_COLORS and not is_unpainted(painted)
    used = Counter(zip(painted.face_part.tolist(), painted.face_material.tolist(), strict=True))
    assert len(used) == 10, "one colour a part"
    saturation = [max(m.base_color) - min(m.base_color) for m in paint(bare, "x", "part").materials]
    assert max(saturation) < 0.3


@pytest.mark.parametrize("name", ["a.blend", "a.glb"])
def test_every_process_makes_the_same_file(name: str, tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    write_all(tmp_path / "parts")
    code = (
        "import sys; from pathlib import Path; from datagen.geometry.cache import ShapeCache\n"
        "from datagen.sources.open import load_shape, open_source\n"
        "cache = ShapeCache(Path(sys.argv[2]))\n"
        "source = open_source('folder', Path(sys.argv[1]), cache)\n"
        "load_shape(source, source.refs()[0], cache)\n"
    )
    keys = []
    for cache in ("one", "two"):
        words = [sys.executable, "-c", code, tmp_path / "parts" / name, tmp_path / cache]
        subprocess.run([str(word) for word in words], check=True, capture_output=True)
        keys.append([path.name for path in (tmp_path / cache).rglob("*.glb")])
    assert len(keys[0]) == 1 and keys[0] == keys[1]


def test_library_and_files_as_one_source(cache: ShapeCache, tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    trimesh.creation.box((1, 2, 3)).export(files / "gear_0.stl")
    source = open_source("builtin+folder", files, cache)
    refs = {ref.id: ref for ref in source.refs()}
    assert {ref.category for ref in refs.values()} >= {"builtin-gear", "folder-gear_0"}
    for name, alone, own in (
        ("folder/gear_0.stl", open_source("folder", files, cache), "gear_0.stl"),
        ("builtin/gear_004", open_source("builtin", None, cache), "gear_004"),
    ):
        mixed = load_shape(source, refs[name], cache)
        ref = next(ref for ref in alone.refs() if ref.id == own)
        assert refs[name].seen == ref.seen
        assert np.array_equal(mixed.vertices, load_shape(alone, ref, cache).vertices)
    assert len({source.key(ref) for ref in source.refs()}) == len(refs)
