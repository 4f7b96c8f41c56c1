"""Captures as other programs write them are read as they are meant, and faults are told."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from benchmark.capture.capture import read_capture
from benchmark.capture.images import crop, read_photo, resized, square_window
from benchmark.capture.photos import Lens, Photo
from datagen.errors import OddgenError
from datagen.files.pictures import open_rgb
from datagen.geometry.cameras import project
from tests.support.captures import (
    BOXES,
    OPENGL,
    KnownScene,
    known_scene,
    rays,
    some_points,
    some_similarity,
    write_binary_colmap,
    write_colmap,
    write_transforms,
)
from tests.support.data import CASES, needs
from tests.support.json_files import MISSING, change

SIMILARITY = some_similarity()


@pytest.fixture(scope="module")
def scene() -> KnownScene:
    return known_scene(views=3, size=48)


def pixels_of(capture: Any, view: int) -> np.ndarray:
    """Where the boxes' corners lie in a photo."""
    photo = capture.photos[view]
    return project(
        SIMILARITY.points(BOXES.reshape(-1, 3)), photo.world_to_camera, photo.lens.matrix
    )[0]


def expected(scene: KnownScene, view: int) -> np.ndarray:
    return project(BOXES.reshape(-1, 3), scene.poses[view], scene.matrix)[0]


def test_both_formats_show_every_point_at_its_pixel(scene: KnownScene, tmp_path: Path) -> None:
    made = (
        write_transforms(tmp_path / "transforms", scene, SIMILARITY),
        write_colmap(tmp_path / "colmap", scene, SIMILARITY, points=some_points(SIMILARITY)),
    )
    for place in made:
        capture = read_capture(place)
        assert len(capture.photos) == 3
        for view in range(3):
            assert np.allclose(pixels_of(capture, view), expected(scene, view), atol=1e-6)
            assert np.array_equal(read_photo(capture.photos[view]), scene.rgb[view])
    assert np.allclose(capture.points, some_points(SIMILARITY))


def test_a_model_folder_alone_finds_the_images_above_it(scene: KnownScene, tmp_path: Path) -> None:
    place = write_colmap(tmp_path / "colmap", scene, SIMILARITY)
    inner = read_capture(place / "sparse/0")
    assert [p.path for p in inner.photos] == [p.path for p in read_capture(place).photos]


@pytest.mark.parametrize(
    "camera",
    [
        "SIMPLE_PINHOLE 48 48 40 24 24",
        "PINHOLE 48 48 40 40 24 24",
        "SIMPLE_RADIAL 48 48 40 24 24 .1",
        "RADIAL 48 48 40 24 24 .1 .02",
        "OPENCV 48 48 40 40 24 24 .1 .02 .003 .004",
    ],
)
def test_colmaps_camera_models(scene: KnownScene, tmp_path: Path, camera: str) -> None:
    lens = read_capture(write_colmap(tmp_path, scene, SIMILARITY, camera)).photos[0].lens
    assert np.array_equal(lens.matrix, [[40, 0, 24], [0, 40, 24], [0, 0, 1]])
    told = [float(word) for word in camera.split()[-4:] if word.startswith(".")]
    assert lens.distortion == (*told, *[0.0] * (5 - len(told)))


def test_intrinsics_of_each_frame_and_angles_of_view(scene: KnownScene, tmp_path: Path) -> None:
    """NeRF's own file: an angle alone, and names without ending; Polycam's: numbers in frames."""
    place = write_transforms(tmp_path / "a", scene, SIMILARITY)
    content = json.loads((place / "transforms.json").read_text())
    bare = {"camera_angle_x": 2 * np.arctan(24 / 40), "frames": content["frames"]}
    for frame in bare["frames"]:
        frame["file_path"] = "./" + frame["file_path"].removesuffix(".png")
    (place / "transforms.json").write_text(json.dumps(bare))
    for photo in read_capture(place).photos:
        assert np.allclose(photo.lens.matrix, scene.matrix)
    for k, frame in enumerate(bare["frames"]):
        frame |= {"fl_x": 40.0, "fl_y": 40.0, "cx": 24.0, "cy": 24.0 - k, "w": 48, "h": 48}
    (place / "transforms.json").write_text(json.dumps({"frames": bare["frames"]}))
    assert [p.lens.matrix[1, 2] for p in read_capture(place).photos] == [24, 23, 22]


def test_nerfstudios_points(scene: KnownScene, tmp_path: Path) -> None:
    rows = ["0 0 0", "1 2 3", "-4 5 6.5"]
    header = "ply\nformat ascii 1.0\nelement vertex 3\n"
    header += "".join(f"property float {axis}\n" for axis in "xyz") + "end_header\n"
    (tmp_path / "sparse_pc.ply").write_text(header + "\n".join(rows) + "\n")
    place = write_transforms(tmp_path, scene, SIMILARITY, ply_file_path="sparse_pc.ply")
    assert np.allclose(read_capture(place).points, [[0, 0, 0], [1, 2, 3], [-4, 5, 6.5]])
    (tmp_path / "sparse_pc.ply").write_text("ply")
    with pytest.raises(OddgenError, match="holds no points that can be read"):
        read_capture(place)


def test_polycams_raw_export(scene: KnownScene, tmp_path: Path) -> None:
    (tmp_path / "keyframes/cameras").mkdir(parents=True)
    (tmp_path / "keyframes/images").mkdir()
    matrices = np.linalg.inv(SIMILARITY.poses(scene.poses)) @ OPENGL
    for k, matrix in enumerate(matrices):
        entries = {f"t_{row}{c}": matrix[row, c] for row in range(3) for c in range(4)}
        camera = {"fx": 40, "fy": 40, "cx": 24, "cy": 24, "width": 48, "height": 48}
        text = json.dumps(entries | camera | {"neighbors": ["1"], "blur_score": 1})
        (tmp_path / f"keyframes/cameras/{k}.json").write_text(text)
        Image.fromarray(scene.rgb[k]).save(tmp_path / f"keyframes/images/{k}.jpg")
    capture = read_capture(tmp_path)
    for view in range(3):
        assert np.allclose(pixels_of(capture, view), expected(scene, view), atol=1e-6)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("fx", "long", "fx should be a valid number"),
        ("t_23", MISSING, "t_23 is missing"),
        ("fx", None, "fx should be a valid number"),
    ],
)
def test_a_wrong_type_in_polycams_camera_is_one_sentence(
    tmp_path: Path, key: str, value: object, words: str
) -> None:
    (tmp_path / "keyframes/cameras").mkdir(parents=True)
    entries = {f"t_{row}{c}": float(row == c) for row in range(3) for c in range(4)}
    entries |= {"fx": 40, "fy": 40, "cx": 24, "cy": 24, "width": 48, "height": 48}
    file = tmp_path / "keyframes/cameras/0.json"
    file.write_text(json.dumps(entries))
    change(file, (key,), value)
    with pytest.raises(OddgenError) as caught:
        read_capture(tmp_path)
    assert str(caught.value) == f"{file}: {words}; export the raw data again."


def test_smaller_images_than_the_cameras_were_made_for(scene: KnownScene, tmp_path: Path) -> None:
    place = write_transforms(tmp_path, scene, SIMILARITY)
    for path in (place / "images").iterdir():
        Image.open(path).resize((24, 24)).save(path)
    assert np.allclose(pixels_of(read_capture(place), 0), expected(scene, 0) / 2, atol=1e-6)


def test_distortion_is_taken_out(tmp_path: Path) -> None:
    """A picture made through OpenCV's lens, written out here, against one without a lens."""
    size, k1, k2, p1, p2 = 96, -0.18, 0.05, 0.01, -0.015
    matrix = np.array([[80.0, 0, 50], [0, 84.0, 45], [0, 0, 1]])

    def colour(direction: np.ndarray) -> np.ndarray:
        u, v = direction[..., 0] / direction[..., 2], direction[..., 1] / direction[..., 2]
        return np.stack([128 + 100 * np.sin(9 * u), 128 + 100 * np.sin(8 * v), 128 + 90 * u], -1)

    _, straight = rays(matrix, np.eye(4), size, size)
    point = straight[..., :2].copy()
    for _ in range(60):
        u, v = point[..., 0], point[..., 1]
        r = u * u + v * v
        radial = 1 + k1 * r + k2 * r * r
        across = u * radial + 2 * p1 * u * v + p2 * (r + 2 * u * u)
        down = v * radial + p1 * (r + 2 * v * v) + 2 * p2 * u * v
        point = point + straight[..., :2] - np.stack([across, down], axis=-1)
    seen = colour(np.concatenate([point, np.ones((size, size, 1))], axis=-1))
    path = tmp_path / "bent.png"
    Image.fromarray(np.rint(seen).astype(np.uint8)).save(path)
    photo = Photo(path, Lens(size, size, matrix, (k1, k2, p1, p2, 0.0)), np.eye(4))
    inside = slice(12, -12)
    away = read_photo(photo)[inside, inside].astype(float) - colour(straight)[inside, inside]
    assert np.abs(away).max() < 4
    assert np.abs(seen - colour(straight))[inside, inside].max() > 25


def test_a_crop_and_a_smaller_size_keep_points_at_their_pixels() -> None:
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (60, 100, 3), np.uint8)
    matrix = np.array([[90.0, 0, 52], [0, 91.0, 28], [0, 0, 1]])
    point = np.array([0.3, 0.05, 1.0])
    photo = Photo(Path("x"), Lens(100, 60, matrix), np.eye(4))
    x, y, side = square_window(photo, point)
    assert (y, side) == (0, 60) and x == 40
    cut, shifted = crop(image, matrix, (x, y, side))
    small, scaled = resized(cut, shifted, 30)
    assert cut.shape == (60, 60, 3) and small.shape == (30, 30, 3)
    before = project(point[None], np.eye(4), matrix)[0][0]
    after = project(point[None], np.eye(4), scaled)[0][0]
    assert np.allclose(after, (before - [x, y]) / 2)


def test_photos_are_made_smaller_as_in_training() -> None:
    from benchmark.detectors.model_views import resize_images

    image = np.random.default_rng(0).integers(0, 256, (60, 60, 3), np.uint8)
    small, _ = resized(image, np.eye(3), 25)
    trained_on = resize_images(image[None], 25)[0].permute(1, 2, 0).numpy()
    assert np.abs(small.astype(int) - trained_on).max() <= 1


def edited(place: Path, change: Any) -> Path:
    file = place / "transforms.json"
    content = json.loads(file.read_text())
    change(content)
    file.write_text(json.dumps(content))
    return place


def set_matrix(row: int, column: int, value: Any) -> Any:
    def change(content: dict[str, Any]) -> None:
        content["frames"][1]["transform_matrix"][row][column] = value

    return change


def scaled(content: dict[str, Any]) -> None:
    matrix = np.array(content["frames"][1]["transform_matrix"])
    matrix[:3, :3] *= 1.2
    content["frames"][1]["transform_matrix"] = matrix.tolist()


def mirrored(content: dict[str, Any]) -> None:
    matrix = np.array(content["frames"][1]["transform_matrix"])
    matrix[:3, 0] *= -1
    content["frames"][1]["transform_matrix"] = matrix.tolist()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (scaled, "photo_0001.png: the camera's pose is no rotation (it stretches"),
        (mirrored, "the camera's pose is no rotation (it mirrors"),
        (set_matrix(0, 3, float("nan")), "the camera's pose holds NaN"),
        (set_matrix(0, 3, "a"), "frames.1.transform_matrix.0.3 should be a valid number; mend"),
        (set_matrix(0, 3, None), "frames.1.transform_matrix.0.3 should be a valid number; mend"),
        (lambda c: c["frames"][1]["transform_matrix"].append([0] * 4), "at most 4 items"),
        (lambda c: c["frames"].append("one"), "frames.3 should be an object"),
        (
            lambda c: c["frames"][1].pop("transform_matrix"),
            "frames.1.transform_matrix is missing; mend it",
        ),
        (lambda c: c["frames"][1].pop("file_path"), "frames.1.file_path is missing; mend it"),
        (lambda c: c["frames"][1].update(file_path="no.png"), "1 of 3 images are missing"),
        (lambda c: c.update(frames=c["frames"][:1]), "has 1 image with a camera; at least 2"),
        (lambda c: c.update(frames=[]), "has no frames"),
        (lambda c: c.update(camera_model="OPENCV_FISHEYE"), "model OPENCV_FISHEYE is not known"),
        (lambda c: c.update(is_fisheye=True), "model fisheye is not known"),
        (lambda c: c.update(k4=0.1), "k4 of the distortion is not known"),
        (lambda c: c.update(fl_x=-3), "focal length is not above 0"),
        (lambda c: c.update(fl_x="long"), "fl_x should be a valid number; mend it"),
        (lambda c: [c.pop("fl_x"), c.pop("fl_y")], "tells no focal length"),
        (lambda c: c.update(cx=4000), "principal point 4000, 24 lies outside"),
        (lambda c: c.update(h=24, cy=12), "is 48 x 48 pixels, its camera 48 x 24"),
        (lambda c: c.update(ply_file_path="no.ply"), "no.ply is missing"),
        (lambda c: [c.pop("fl_x"), c.pop("fl_y"), c.update(camera_angle_x=60)], "give radians"),
    ],
)
def test_faults_of_transforms_are_one_sentence(
    scene: KnownScene, tmp_path: Path, change: Any, sentence: str
) -> None:
    place = edited(write_transforms(tmp_path, scene, SIMILARITY), change)
    with pytest.raises(OddgenError) as caught:
        read_capture(place)
    assert sentence in str(caught.value) and "\n" not in str(caught.value)
    assert str(tmp_path) in str(caught.value)


@pytest.mark.parametrize(
    ("file", "old", "new", "sentence"),
    [
        ("cameras.txt", "PINHOLE", "FISHEYE", "line 2: the camera model FISHEYE is not known"),
        ("cameras.txt", "PINHOLE", "OPENCV", "line 2: is no OPENCV camera"),
        ("cameras.txt", "48 48", "48 48 1", "line 2: PINHOLE has 4 parameters, not 5"),
        ("cameras.txt", "40.0 40.0", "nan 40.0", "line 2: the camera holds NaN"),
        ("images.txt", " 1 photo_0001", " 7 photo_0001", "camera 7 is not in cameras.txt"),
        ("images.txt", "\n2 ", "\n2 9", "the quaternion of photo_0001.png is no rotation"),
        ("images.txt", "photo_0001.png", "", "line 4: is no image of COLMAP"),
        ("images.txt", "photo_0001", "photo_0009", "1 of 3 images are missing"),
        ("points3D.txt", "0 ", "zero ", "line 2: is no point of COLMAP"),
    ],
)
def test_faults_of_colmap_are_one_sentence(
    scene: KnownScene, tmp_path: Path, file: str, old: str, new: str, sentence: str
) -> None:
    place = write_colmap(tmp_path, scene, SIMILARITY, points=np.array([[0, 1.5, 2]] * 3))
    path = place / "sparse/0" / file
    text = path.read_text()
    if file == "points3D.txt":
        text = text.replace("0 0.0 1.5", "0 here 1.5", 1)
    else:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text)
    with pytest.raises(OddgenError) as caught:
        read_capture(place)
    assert sentence in str(caught.value) and "\n" not in str(caught.value)


def test_a_damaged_image_a_binary_model_and_an_empty_folder(
    scene: KnownScene, tmp_path: Path
) -> None:
    place = write_transforms(tmp_path / "a", scene, SIMILARITY)
    whole = (place / "images/photo_0001.png").read_bytes()
    (place / "images/photo_0001.png").write_bytes(b"nothing")
    with pytest.raises(OddgenError, match="no image that can be read"):
        read_capture(place)
    (place / "images/photo_0001.png").write_bytes(whole[:-200])
    with pytest.raises(OddgenError, match="it is damaged"):
        read_photo(read_capture(place).photos[1])
    (tmp_path / "b/sparse/0").mkdir(parents=True)
    for name in ("cameras", "images"):
        (tmp_path / f"b/sparse/0/{name}.bin").touch()
    with pytest.raises(OddgenError, match="binary COLMAP model"):
        read_capture(tmp_path / "b")
    with pytest.raises(OddgenError, match=r"holds neither transforms\.json, nor COLMAP"):
        read_capture(tmp_path)
    (tmp_path / "transforms.json").write_text("{")
    with pytest.raises(OddgenError, match="no JSON: .*; mend it or export it again"):
        read_capture(tmp_path)


def test_a_binary_model_is_the_text_model(scene: KnownScene, tmp_path: Path) -> None:
    pytest.importorskip("pycolmap")
    place = write_colmap(tmp_path / "a", scene, SIMILARITY, points=some_points(SIMILARITY))
    told = read_capture(place)
    capture = read_capture(write_binary_colmap(tmp_path / "b", scene, SIMILARITY))
    names = [[photo.path.name for photo in one.photos] for one in (capture, told)]
    assert names[0] == names[1]
    for photo, other in zip(capture.photos, told.photos, strict=True):
        assert np.allclose(photo.lens.matrix, other.lens.matrix)
    assert np.allclose(capture.poses(), told.poses(), atol=1e-12)
    order = [np.lexsort(points.T) for points in (capture.points, told.points)]
    assert np.allclose(capture.points[order[0]], told.points[order[1]], atol=1e-12)


def test_a_binary_model_without_pycolmap_tells_both_ways_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("cameras", "images"):
        (tmp_path / f"{name}.bin").touch()
    monkeypatch.setattr("benchmark.capture.colmap.find_spec", lambda name: None)
    with pytest.raises(OddgenError, match=r"odd-one-out\[capture\].* or run colmap model_conv"):
        read_capture(tmp_path)


def test_mixed_sizes_and_lenses(scene: KnownScene, tmp_path: Path) -> None:
    """A wide photo in front of a square one: each has its own camera."""
    place = write_transforms(tmp_path, scene, SIMILARITY)
    wide = np.pad(scene.rgb[0], ((0, 0), (16, 16), (0, 0)))
    Image.fromarray(wide).save(place / "images/photo_0000.png")
    place = edited(place, lambda c: c["frames"][0].update(w=80, cx=24 + 16))
    capture = read_capture(place)
    assert [p.lens.width for p in capture.photos] == [80, 48, 48]
    shifted = replace(scene, matrix=scene.matrix + np.array([[0, 0, 16], [0, 0, 0], [0, 0, 0]]))
    assert np.allclose(pixels_of(capture, 0), expected(shifted, 0), atol=1e-6)


@needs("cases")
@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("10-polycam-new/c2_polycam_ok", "images"),
        ("10-polycam-new/c3_polycam_new", "corrected_images"),
        ("11-colmap-no-blank-lines/c0_colmap_ok", "images"),
        ("11-colmap-no-blank-lines/c1_colmap_noblank", "images"),
    ],
)
def test_exports_of_newer_programs_have_all_their_photographs(name: str, folder: str) -> None:
    capture = read_capture(CASES / name)
    assert len(capture.photos) == 8 and not capture.missing
    assert {photo.path.parent.name for photo in capture.photos} == {folder}
    size = {(photo.lens.width, photo.lens.height) for photo in capture.photos}
    assert len(size) == 1


@needs("cases")
def test_damaged_transforms_are_one_sentence() -> None:
    for path in sorted((CASES / "malformed/captures").glob("*.json")):
        with pytest.raises(OddgenError) as caught:
            read_capture(path)
        assert str(caught.value).startswith(f"{path}: ") and "\n" not in str(caught.value)


def test_missing_photographs_are_left_out_where_enough_remain(tmp_path: Path) -> None:
    scene = known_scene(views=6)
    folder = write_transforms(tmp_path / "shelf", scene, some_similarity())
    lost = sorted((folder / "images").iterdir())[2]
    lost.unlink()
    capture = read_capture(folder)
    assert len(capture.photos) == 5 and [path.name for path in capture.missing] == [lost.name]


def test_a_photograph_that_exif_data_turn_fits_its_upright_camera(tmp_path: Path) -> None:
    """Its camera is upright, its pixels are stored sideways."""
    scene = known_scene(views=5)
    folder = write_transforms(tmp_path / "shelf", scene, some_similarity(), w=48, h=64)
    for path in (folder / "images").iterdir():
        image = Image.open(path).crop((0, 0, 48, 64))
        exif = Image.Exif()
        exif[0x0112] = 6
        image.rotate(90, expand=True).save(path, exif=exif)
    capture = read_capture(folder)
    assert all(photo.turned for photo in capture.photos)
    assert {(p.lens.width, p.lens.height) for p in capture.photos} == {(48, 64)}
    assert read_photo(capture.photos[0]).shape == (64, 48, 3)


def test_pictures_of_any_depth_and_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = np.linspace(0, 65535, 64 * 48).reshape(48, 64).astype(np.uint16)
    Image.fromarray(deep).save(tmp_path / "deep.png")
    grey = np.asarray(open_rgb(tmp_path / "deep.png"))
    assert np.abs(grey[..., 0] - deep / 257.0).max() <= 0.51
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)  # Pillow would refuse four times as many
    assert max(open_rgb(tmp_path / "deep.png", 16).size) == 16
    assert Image.MAX_IMAGE_PIXELS == 100
    monkeypatch.setattr("datagen.files.pictures.MOST_PIXELS", 1000)
    with pytest.raises(ValueError, match="64 x 48 pixels, more than"):
        open_rgb(tmp_path / "deep.png")
