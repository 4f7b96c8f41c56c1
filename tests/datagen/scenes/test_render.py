"""Images: they agree with the labels, are the same every time, and open in Blender's window."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import trimesh
from PIL import Image

from anomalies.surgery.refine import refine
from datagen.assets.floors import Floor, list_floors
from datagen.assets.hdris import Hdri, list_hdris
from datagen.blender import cycles
from datagen.blender.quality import QUALITIES
from datagen.blender.session import reset
from datagen.dataset.settings import RenderSettings
from datagen.errors import SceneFailed
from datagen.geometry.cameras import intrinsics, look_at
from datagen.geometry.raycast import raycaster
from datagen.geometry.rig import Rig
from datagen.geometry.shape import Material, Shape, Texture
from datagen.scenes.catalog import open_catalog
from datagen.scenes.journal import Journal
from datagen.scenes.label import label_scene, pixel_rays
from datagen.scenes.objects import PlacedShape, Surroundings
from datagen.scenes.render import build_scene, render_scene
from datagen.scenes.scene import PreparedScene, prepare_scene
from datagen.sources.builtin.builder import ShapeBuilder
from tests.support.data import DATA, needs
from tests.support.runs import tiny_settings

OPEN_TOYS = ("car/car_001", "pot/pot_005", "bottle/bottle_004", "fries/fries_000")
TINY = RenderSettings(samples=1, resolution=64, views=2)


def around(floor: Floor | str = "concrete", hdri: Hdri | str = "studio") -> Surroundings:
    floors = {one.name: one for one in list_floors(None)[0]}
    hdris = {one.name: one for one in list_hdris(None)[0]}
    return Surroundings(
        floor=floors[floor] if isinstance(floor, str) else floor,
        floor_rng=np.random.default_rng(3),
        hdri=hdris[hdri] if isinstance(hdri, str) else hdri,
        hdri_rotation=0.5,
        hdri_strength=0.8,
    )


def on_floor(shape: Shape, x: float, y: float, turn: float = 0.0) -> np.ndarray:
    pose = np.eye(4)
    pose[:2, :2] = [[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]
    pose[:3, 3] = x, y, -shape.bounds[0, 2]
    return pose


def small_scene() -> list[PlacedShape]:
    builder = ShapeBuilder()
    builder.add("ball", trimesh.creation.icosphere(3, 0.1), Material("red", (0.7, 0.05, 0.05)))
    ring = trimesh.creation.torus(0.1, 0.03)
    builder.add("ring", ring, Material("steel", (0.6, 0.6, 0.6), 1.0, 0.3))
    shape = builder.build()
    return [PlacedShape(shape, on_floor(shape, x, 0, x)) for x in (-0.2, 0.2)]


def views_of(*eyes: tuple[float, float, float]) -> np.ndarray:
    return np.stack([look_at(np.array(eye), np.array([0.0, 0, 0.06])) for eye in eyes])


TWO_VIEWS = views_of((0.1, -0.7, 0.4), (0.6, 0.4, 0.35))


def rendered(**changes) -> np.ndarray:
    arguments = {"seed": 1, "threads": 1, "surroundings": around()} | changes
    images, _ = render_scene(small_scene(), TWO_VIEWS, settings=TINY, **arguments)
    return images


def psnr(first: np.ndarray, second: np.ndarray) -> float:
    error = np.mean((first.astype(float) - second.astype(float)) ** 2)
    return float(10 * np.log10(255**2 / max(error, 1e-12)))


def test_the_same_seed_gives_the_same_images_whatever_the_threads() -> None:
    first = rendered()
    assert first.shape == (2, 64, 64, 3) and first.dtype == np.uint8
    np.testing.assert_array_equal(first, rendered())
    np.testing.assert_array_equal(first, rendered(threads=2))
    assert (first != rendered(seed=2)).any()


@pytest.mark.parametrize("hdri", [one.name for one in list_hdris(None)[0]])
def test_images_are_neither_black_nor_blown_out(hdri: str) -> None:
    floors = [one.name for one in list_floors(None)[0]]
    images = rendered(surroundings=around(floors[len(hdri) % len(floors)], hdri))
    assert 15 < images.mean() < 230
    assert (images.max(axis=-1) < 6).mean() < 0.3
    assert (images.min(axis=-1) > 250).mean() < 0.2
    assert images.std() > 10


def test_finer_triangles_look_the_same() -> None:
    """Of a box and a cylinder: flat faces are flat and edges sharp, however large the faces are."""
    builder = ShapeBuilder()
    builder.add("box", trimesh.creation.box((0.16, 0.12, 0.1)), Material("grey", (0.6, 0.6, 0.6)))
    drum = trimesh.creation.cylinder(0.05, 0.16, sections=24)
    drum.apply_translation([0.15, 0, -0.02])
    builder.add("drum", drum, Material("green", (0.1, 0.5, 0.2)))
    coarse = builder.build()
    fine = refine(coarse, 0.02)[0]
    pictures = [
        render_scene(
            [PlacedShape(shape, on_floor(shape, 0, 0))],
            views_of((0.4, -0.5, 0.4)),
            around(),
            RenderSettings(samples=16, resolution=64, views=1),
            seed=0,
            device="cpu",
        )[0][0]
        for shape in (coarse, fine)
    ]
    assert psnr(*pictures) > 40


def test_half_a_texture_up_the_right_way() -> None:
    """Four colours in four quarters: each pixel shows what the texture has at its UV."""
    colors = np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [255, 255, 255]]], np.uint8)
    texture = Texture.from_pixels(colors.repeat(32, axis=0).repeat(32, axis=1))
    block = trimesh.creation.box((0.3, 0.3, 0.3))
    shape = Shape(
        vertices=block.vertices,
        faces=block.faces.astype(np.int64),
        face_part=np.zeros(12, np.int64),
        face_material=np.zeros(12, np.int64),
        part_names=("body",),
        materials=(Material("quarters", (1.0, 1.0, 1.0), 0.0, 0.9, base_color_texture=texture),),
        uv=np.zeros((12, 3, 2)),
    )
    corners = shape.corners
    across = np.abs(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]))
    kept = np.array([np.flatnonzero(np.arange(3) != axis) for axis in across.argmax(axis=1)])
    flat = np.take_along_axis(corners, kept[:, None], axis=2)
    shape = replace(shape, uv=flat / 0.3 + 0.5)

    item = PlacedShape(shape, on_floor(shape, 0, 0, 0.4))
    poses = views_of((0.3, -0.7, 0.6), (-0.5, 0.5, 0.5))
    settings = RenderSettings(samples=4, resolution=96, views=2)
    images, _ = render_scene([item], poses, around(), settings, seed=0)
    checked = 0
    for pose, image in zip(poses, images, strict=True):
        face, weights = seen_faces(item, pose, 96)
        u, v = np.moveaxis(np.einsum("hwk,hwkd->hwd", weights, shape.uv[face]), -1, 0)
        clear = (face >= 0) & (np.abs(u - 0.5) > 0.05) & (np.abs(v - 0.5) > 0.05)
        clear &= (np.minimum(u, v) > 0.05) & (np.maximum(u, v) < 0.95)
        expected = colors[(v > 0.5).astype(int), (u > 0.5).astype(int)]
        tone = image / image.max(axis=-1, keepdims=True).clip(1)
        found = np.where(tone > 0.75, 255, 0)
        agree = (found == expected).all(axis=-1)[clear]
        assert agree.mean() > 0.97
        checked += clear.sum()
    assert checked > 1000


def seen_faces(item: PlacedShape, pose: np.ndarray, pixels: int) -> tuple[np.ndarray, np.ndarray]:
    """(H, W) the face that each pixel's ray hits, -1 for none, and (H, W, 3) corner weights."""
    import open3d as o3d

    moved = item.shape.with_vertices(item.world_vertices)
    rays = o3d.core.Tensor(pixel_rays(pose, intrinsics(pixels), pixels))
    answer = raycaster(moved).cast_rays(rays)
    face = answer["primitive_ids"].numpy().astype(np.int64)
    second, third = np.moveaxis(answer["primitive_uvs"].numpy().astype(float), -1, 0)
    weights = np.stack([1 - second - third, second, third], axis=-1)
    return np.where(face < len(item.shape.faces), face, -1), weights


LEVELS = 4  # of 255, between one object or material and the next


def numbers_as_rendered(
    objects: list[PlacedShape], poses: np.ndarray, pixels: int, rig: Rig | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """(V, H, W) object and material numbers that Cycles sees at the pixels' centres, from 1.

    Everything glows in a colour that is its number; no light, no filter, no denoiser.
    """
    settings = RenderSettings(samples=1, resolution=pixels, views=len(poses), rig=rig)
    bpy, _ = build_scene(objects, poses, around(), settings, seed=0)
    scene = bpy.context.scene
    for node in scene.world.node_tree.nodes:
        if node.type == "BACKGROUND":
            node.inputs["Strength"].default_value = 0
    scene.view_settings.view_transform = "Raw"
    scene.render.dither_intensity = 0
    scene.cycles.use_denoising = False
    scene.cycles.pixel_filter_type = "BLACKMAN_HARRIS"
    scene.cycles.filter_width = 0.01
    for k in range(len(objects)):
        scene.objects[f"object_{k}"].pass_index = k + 1
    glowing = [
        glow(bpy, number)
        for number in range(
            1 + max(len(o.data.materials) for o in scene.objects if o.type == "MESH")
        )
    ]
    for mesh in bpy.data.meshes:
        for slot in range(len(mesh.materials)):
            mesh.materials[slot] = glowing[0 if mesh.name == "floor" else slot + 1]
    images = cycles.render_views(bpy, len(poses)).astype(int)
    return np.round(images[..., 0] / LEVELS), np.round(images[..., 1] / LEVELS)


def glow(bpy, number: int):
    """A material of the colour (number of the object, number, 0)."""
    material = bpy.data.materials.new(f"glow {number}")
    material.use_nodes = True
    tree = material.node_tree
    tree.nodes.clear()
    info, scale = tree.nodes.new("ShaderNodeObjectInfo"), tree.nodes.new("ShaderNodeMath")
    scale.operation = "MULTIPLY"
    scale.inputs[1].default_value = LEVELS / 255
    tree.links.new(info.outputs["Object Index"], scale.inputs[0])
    color = tree.nodes.new("ShaderNodeCombineColor")
    tree.links.new(scale.outputs[0], color.inputs["Red"])
    color.inputs["Green"].default_value = number * LEVELS / 255
    emission, out = tree.nodes.new("ShaderNodeEmission"), tree.nodes.new("ShaderNodeOutputMaterial")
    tree.links.new(color.outputs["Color"], emission.inputs["Color"])
    tree.links.new(emission.outputs["Emission"], out.inputs["Surface"])
    return material


def assert_as_rendered(
    objects: list[PlacedShape], poses: np.ndarray, pixels: int = 256, rig: Rig | None = None
) -> None:
    """Of all pixels, and of those on an object, at least 99.5 % show the object of the labels."""
    labels = label_scene(objects, poses, intrinsics(pixels, rig), pixels)
    number, material = numbers_as_rendered(objects, poses, pixels, rig)
    agree = labels.instance == number
    on_object = (labels.instance > 0) | (number > 0)
    print(f"AGREE {agree.mean():.6f} {agree[on_object].mean():.6f}")
    assert on_object.any(axis=(1, 2)).all()
    assert agree.mean() >= 0.995
    assert agree[on_object].mean() >= 0.995


def crowd(source: str, only: str | None, tmp_path: Path, **changes) -> PreparedScene:
    given = {"render": RenderSettings(samples=1, resolution=256, views=3)} | changes
    settings = tiny_settings(
        source=source,
        assets=str(DATA / "toys") if source == "toys4k" else None,
        normal_share=0.0,
        **given,
    )
    catalog = open_catalog(settings, tmp_path)
    if only is not None:
        catalog = replace(catalog, refs=tuple(ref for ref in catalog.refs if ref.id == only))
        assert len(catalog.refs) == 1
    return prepare_scene(settings, catalog, 0, Journal())


@pytest.mark.parametrize("kind", ["material", "missing", "bend", "twist", "bump"])
def test_masks_agree_with_the_rendered_silhouettes(kind: str, tmp_path: Path) -> None:
    scene = crowd("builtin", None, tmp_path, anomalies=(kind,), objects=(5, 5))
    assert any(anomaly is not None for anomaly in scene.built.anomalies)
    assert_as_rendered(list(scene.objects), scene.world_to_camera)


@pytest.mark.parametrize(
    "rig",
    [
        Rig(lens=50.0, distance=(0.5, 0.6), height=(0.2, 0.9), arc=(20.0, 140.0)),
        Rig(matrix=(1.1, 0.8, 0.55, 0.42)),
        Rig(matrix=(0.7, 1.0, 0.46, 0.57)),
    ],
    ids=["ring", "wide", "tall"],
)
def test_masks_agree_for_cameras_of_ones_own(rig: Rig, tmp_path: Path) -> None:
    render = RenderSettings(samples=1, resolution=256, views=3, rig=rig)
    scene = crowd("builtin", None, tmp_path, anomalies=("missing",), objects=(4, 4), render=render)
    assert_as_rendered(list(scene.objects), scene.world_to_camera, rig=rig)


def test_a_swapped_material_is_rendered_where_the_defect_mask_is(tmp_path: Path) -> None:
    """Against the rendered scene with every object its normal self."""
    scene = crowd("builtin", None, tmp_path, anomalies=("material",), objects=(5, 5))
    normal = [replace(item, shape=item.normal_shape or item.shape) for item in scene.objects]
    _, before = numbers_as_rendered(normal, scene.world_to_camera, 256)
    _, after = numbers_as_rendered(list(scene.objects), scene.world_to_camera, 256)
    defect = scene.labels.defect > 0
    assert defect.sum() > 100
    assert (defect & (before != after)).sum() >= 0.98 * (defect | (before != after)).sum()


@needs("toys")
@pytest.mark.parametrize("shape", OPEN_TOYS)
def test_masks_of_open_shells_agree_with_the_rendered_silhouettes(
    shape: str, tmp_path: Path
) -> None:
    scene = crowd("toys4k", shape, tmp_path, anomalies=("bend", "material"), objects=(4, 4))
    shapes = {id(item.shape): item.shape for item in scene.objects}.values()
    assert any(
        not trimesh.Trimesh(one.vertices, one.faces, process=False).is_watertight for one in shapes
    )
    assert_as_rendered(list(scene.objects), scene.world_to_camera)


REOPEN = """
import sys
import bpy
path, folder = sys.argv[1:]
bpy.ops.wm.open_mainfile(filepath=path)
scene = bpy.context.scene
files = [image for image in bpy.data.images if image.source == "FILE" or image.users]
assert all(image.packed_file for image in files if image.type == "IMAGE"), list(files)
print("OBJECTS", *sorted(item.name for item in scene.objects))
for frame in range(scene.frame_start, scene.frame_end + 1):
    scene.frame_set(frame)
    print("CAMERA", *(value for row in scene.camera.matrix_world for value in row))
scene.render.filepath = folder + "/view-"
bpy.ops.render.render(animation=True)
"""


def test_a_floor_of_large_files_is_drawn_as_it_is_saved(tmp_path: Path) -> None:
    maps = tmp_path / "maps"
    maps.mkdir()
    noise = np.random.default_rng(0).integers(0, 256, (600, 600, 3), dtype=np.uint8)
    Image.fromarray(noise).save(maps / "color.png")
    floor = Floor("noise", "CC0-1.0", {"color": maps / "color.png"}, False)
    images = rendered(surroundings=around(floor), save_blend=tmp_path / "scene.blend")
    np.testing.assert_array_equal(images, rendered(surroundings=around(floor)))


def test_a_saved_scene_opens_elsewhere_and_renders_the_same(tmp_path: Path) -> None:
    """With a floor from a folder that then is gone."""
    color = np.random.default_rng(0).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    Image.fromarray(color.repeat(32, axis=0).repeat(32, axis=1)).save(tmp_path / "color.png")
    floor = Floor("squares", "CC0-1.0", {"color": tmp_path / "color.png"}, False)
    path = tmp_path / "deep" / "scene.blend"
    images = rendered(surroundings=around(floor), save_blend=path)
    np.testing.assert_array_equal(images, rendered(surroundings=around(floor)))
    assert [file.name for file in path.parent.iterdir()] == ["scene.blend"]
    (tmp_path / "color.png").unlink()

    out = tmp_path / "again"
    out.mkdir()
    command = [sys.executable, "-c", REOPEN, str(path), str(out)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    told = [line.split() for line in run.stdout.splitlines()]
    objects = next(line[1:] for line in told if line[:1] == ["OBJECTS"])
    assert objects == ["camera", "floor", "object_0", "object_1"]
    cameras = np.array([line[1:] for line in told if line[:1] == ["CAMERA"]], float)
    opencv = cameras.reshape(-1, 4, 4) @ np.diag([1, -1, -1, 1])
    np.testing.assert_allclose(np.linalg.inv(opencv), TWO_VIEWS, atol=1e-5)
    again = np.stack([np.asarray(Image.open(file)) for file in sorted(out.glob("*.png"))])
    assert psnr(images, again) > 40


def test_a_scene_that_cannot_be_saved_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    path = tmp_path / "file" / "scene.blend"
    with pytest.raises(SceneFailed, match=re.escape(str(path))) as caught:
        rendered(save_blend=path)
    assert "choose another folder" in str(caught.value) and "\n" not in str(caught.value)


def broken(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("content", [b"", b"#?RADIANCE\n", b"<html>not found</html>" * 50])
@pytest.mark.parametrize("suffix", [".hdr", ".exr"])
def test_an_hdri_that_blender_cannot_decode_is_named(
    tmp_path: Path, suffix: str, content: bytes
) -> None:
    path = broken(tmp_path / f"light{suffix}", content)
    with pytest.raises(SceneFailed, match=re.escape(str(path))) as caught:
        rendered(surroundings=around(hdri=Hdri("light", path, "CC0-1.0")))
    assert "replace or remove the file." in str(caught.value)


def test_a_floor_map_that_blender_cannot_decode_is_named(tmp_path: Path) -> None:
    path = broken(tmp_path / "color.png", b"\x89PNG\r\n\x1a\n" + bytes(40))
    floor = Floor("broken", "CC0-1.0", {"color": path}, False)
    with pytest.raises(SceneFailed, match=re.escape(str(path))) as caught:
        rendered(surroundings=around(floor=floor))
    assert "replace or remove the file." in str(caught.value)


def test_missing_hdris_of_blender_are_told() -> None:
    with pytest.raises(SceneFailed, match="reinstall bpy or give --hdri FOLDER"):
        rendered(surroundings=around(hdri=Hdri("studio", None, "CC0-1.0")))


def test_the_device_is_one_line() -> None:
    line = cycles.find_device(reset())
    assert re.fullmatch(r"(OPTIX|CUDA|HIP|ONEAPI|METAL|CPU): \S[^\n]*", line)
    cpu_only = not any(Path("/dev").glob("nvidia[0-9]*")) and not Path("/dev/dri").exists()
    if cpu_only and sys.platform == "linux":
        assert line == "CPU: no GPU that Cycles can use was found"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Error: System is out of GPU memory", "ran out of memory"),
        ("Out of memory in cuMemAlloc(&pointer, size)", "ran out of memory"),
        ("Error: Malloc returns null: failed to allocate memory", "ran out of memory"),
        ("Error: Render error (No space left on device) cannot save: '/tmp/v.png'", "free space"),
        ("Failed to load CUDA kernel from file", "update its driver"),
        ("OptiX denoiser: OPTIX_ERROR_CUDA_ERROR in optixInit()", "update its driver"),
        ("HIP error: hipErrorNoBinaryForGpu", "update its driver"),
        ('Error: No camera found in scene "chip"', "Cycles failed: "),
        ("Cannot read /data/ship.blend", "Cycles failed: "),
    ],
)
def test_cycles_words_become_a_sentence(text: str, told: str) -> None:
    sentence = cycles.named_error(f"{text}\n")
    assert told in sentence and text in sentence
    assert "\n" not in sentence


def test_a_render_that_fails_is_a_named_error() -> None:
    bpy = reset()
    with pytest.raises(SceneFailed, match="Cycles failed: .*camera"):
        cycles.render_views(bpy, 1)


def test_presets_go_up_to_the_published_quality() -> None:
    presets = QUALITIES
    assert presets["published"] == RenderSettings(128, 256, 20)
    assert presets["draft"].samples < presets["default"].samples < 128
    assert {(one.resolution, one.views) for one in presets.values()} == {(256, 20)}
    for settings in presets.values():
        bpy = reset()
        cycles.set_quality(bpy, settings, seed=3, threads=0)
        scene = bpy.context.scene
        assert scene.render.engine == "CYCLES"
        assert scene.cycles.samples == settings.samples
        assert not scene.cycles.use_adaptive_sampling and scene.cycles.use_denoising
        assert (scene.render.resolution_x, scene.render.resolution_y) == (256, 256)
        assert scene.view_settings.view_transform == "Filmic"
