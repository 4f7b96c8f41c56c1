"""A capture in any coordinates is placed like the scene that it shows, and answered like it."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from benchmark.capture.capture import PlacedCapture, place_capture, read_capture
from benchmark.capture.floor import find_floor, plane_of_points
from benchmark.capture.geometry import looked_at, spread_views, up_direction
from benchmark.capture.photos import Capture, Lens, Photo, no_points
from benchmark.capture.placement import Plane
from benchmark.capture.schema import BoxesFile
from benchmark.detectors.interface import Observation
from benchmark.training.detector import load_trained
from cli import oddbench
from datagen.base.typed import read, write
from datagen.dataset.reader import Dataset
from datagen.errors import OddgenError
from datagen.geometry.cameras import look_at
from tests.support.captures import (
    BOXES,
    COLOURS,
    KnownScene,
    Similarity,
    known_scene,
    some_points,
    some_similarity,
    write_colmap,
    write_transforms,
)
from tests.support.data import PUBLISHED_SCENE, needs
from tests.support.json_files import MISSING, Key, change
from tests.support.random_detector import random_run
from tests.support.scores import make_dataset

pytestmark = pytest.mark.usefixtures("one_thread")

SIMILARITIES = [some_similarity(seed) for seed in range(3)]


@pytest.fixture(scope="module")
def scene() -> KnownScene:
    """Five views of 64 x 64."""
    return known_scene(views=5)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return random_run(tmp_path_factory.mktemp("random") / "run")


def floor_fault(plane: Plane, similarity: Similarity) -> tuple[float, float]:
    """Angle in degrees and height in the scene's metres by which a floor is wrong."""
    cosine = float(plane.normal @ similarity.rotation[:, 2])
    middle = similarity.points(np.array([[0, 0, 0.0]]))
    height = float(plane.heights(middle)[0]) / similarity.scale
    return float(np.degrees(np.arccos(min(cosine, 1)))), abs(height)


def in_scene(placed: PlacedCapture, box: np.ndarray, similarity: Similarity) -> np.ndarray:
    return similarity.back(placed.placement.to_capture(box))


@pytest.mark.parametrize("similarity", SIMILARITIES)
def test_the_floor_is_found_among_points(
    scene: KnownScene, tmp_path: Path, similarity: Similarity
) -> None:
    """Even where a wall has more of them."""
    for number, floor in enumerate((400, 200)):
        points = some_points(similarity, floor=floor)
        place = write_colmap(tmp_path / str(number), scene, similarity, points=points)
        plane = plane_of_points(read_capture(place))
        assert plane is not None
        degrees, height = floor_fault(plane, similarity)
        assert degrees < 0.3 and height < 0.002


def test_points_without_a_floor_are_not_taken_for_one(scene: KnownScene, tmp_path: Path) -> None:
    similarity = SIMILARITIES[0]
    rng = np.random.default_rng(0)
    cloud = similarity.points(rng.normal(0, 0.2, (300, 3)))
    capture = read_capture(write_colmap(tmp_path / "a", scene, similarity, points=cloud))
    assert plane_of_points(capture) is None
    assert plane_of_points(replace(capture, points=no_points())) is None


@pytest.mark.parametrize("similarity", SIMILARITIES[:2])
def test_the_floor_is_found_in_photographs(tmp_path: Path, similarity: Similarity) -> None:
    place = write_transforms(tmp_path, known_scene(views=5, size=96), similarity)
    capture = read_capture(place)
    degrees, height = floor_fault(find_floor(capture, list(range(5))), similarity)
    assert degrees < 1 and height < 0.004


def test_a_floor_without_pattern_is_not_guessed(tmp_path: Path) -> None:
    place = write_transforms(tmp_path, known_scene(5, 96, patterned=False), SIMILARITIES[0])
    with pytest.raises(OddgenError, match="no floor found, since no height fits") as caught:
        place_capture(read_capture(place), 32, 5)
    assert "--floor" in str(caught.value)


@needs("published_scene")
def test_the_floor_of_a_published_scene(tmp_path: Path) -> None:
    """From its pictures alone, to 3 mm; its cameras look at objects above the floor."""
    from datagen.exchange.published.importer import import_published

    assert not import_published(PUBLISHED_SCENE, tmp_path / "out").failed
    data = Dataset(tmp_path / "out")
    known = data.read(data.names[0], [0, 3, 7, 10, 14, 17])
    similarity = SIMILARITIES[0]
    scene = KnownScene(known.rgb, known.intrinsics, known.world_to_camera)
    capture = read_capture(write_transforms(tmp_path / "capture", scene, similarity))
    degrees, height = floor_fault(find_floor(capture, list(range(6))), similarity)
    assert degrees < 1 and height < 0.003


def test_up_is_known_however_the_camera_is_held(scene: KnownScene) -> None:
    for angle in (0, 1, 2, 3):
        c, s = np.cos(angle * np.pi / 2), np.sin(angle * np.pi / 2)
        held = np.array([[c, -s, 0, 0], [s, c, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1.0]])
        up = up_direction(SIMILARITIES[0].poses(held @ scene.poses))
        assert up is not None and np.allclose(up, SIMILARITIES[0].rotation[:, 2], atol=1e-6)


def test_views_are_taken_from_all_round() -> None:
    angles = np.radians([0, 3, 5, 90, 92, 180, 270, 271])
    eyes = np.stack([np.cos(angles), np.sin(angles), np.full(8, 0.5)], axis=1)
    poses = np.stack([look_at(eye, np.zeros(3)) for eye in eyes])
    assert np.allclose(looked_at(poses), 0)
    chosen = spread_views(poses, np.zeros(3), 4)
    assert sorted(round(np.degrees(angles[k]) / 90) for k in chosen) == [0, 1, 2, 3]
    assert spread_views(poses, np.zeros(3), 20) == list(range(8))


def test_a_capture_is_placed_alike_in_all_coordinates(scene: KnownScene, tmp_path: Path) -> None:
    placed = []
    for k, similarity in enumerate(SIMILARITIES):
        points = similarity.points(np.column_stack([BOXES[:, :, :2].reshape(-1, 2), np.zeros(6)]))
        grid = np.concatenate([points, similarity.points(level_points())])
        place = write_colmap(tmp_path / str(k), scene, similarity, points=grid)
        placed.append(place_capture(read_capture(place), 32, 3))
    for other in placed[1:]:
        assert np.allclose(other.world_to_camera, placed[0].world_to_camera, atol=1e-6)
        assert np.array_equal(other.rgb, placed[0].rgb)
    centres = -np.einsum(
        "vji,vj->vi", placed[0].world_to_camera[:, :3, :3], placed[0].world_to_camera[:, :3, 3]
    )
    assert (centres[:, 2] > 0).all()
    assert abs(centres[0, 1]) < 1e-6 < centres[0, 0]


def level_points() -> np.ndarray:
    """A grid on the floor of the scene."""
    x, y = np.meshgrid(np.linspace(-0.5, 0.5, 12), np.linspace(-0.5, 0.5, 12))
    return np.column_stack([x.ravel(), y.ravel(), np.zeros(144)])


@pytest.mark.parametrize("similarity", SIMILARITIES)
def test_boxes_are_where_the_scene_itself_has_them(
    run: Path, tmp_path: Path, similarity: Similarity
) -> None:
    """The same detector, shown the scene and shown captures of it in other coordinates."""
    scene = known_scene(views=5, size=32)
    detector = load_trained(run, "cpu").detector
    own = detector.predict(Observation(scene.rgb, scene.matrix, scene.poses))
    assert len(own) > 2
    normal = similarity.rotation[:, 2]
    plane = [*normal, -float(normal @ similarity.shift)]
    points = similarity.points(level_points())
    colmap = write_colmap(tmp_path / "colmap", scene, similarity, points=points)
    transforms = write_transforms(tmp_path / "transforms", scene, similarity)
    for place, floor in ((colmap, None), (transforms, plane)):
        placed = place_capture(read_capture(place), 32, 5, floor)
        observed = Observation(placed.rgb, placed.intrinsics, placed.world_to_camera)
        found = detector.predict(observed)
        assert len(found) == len(own)
        for one, other in zip(own, found, strict=True):
            assert np.allclose(in_scene(placed, other.box, similarity), one.box, atol=0.002)
            assert abs(one.score - other.score) < 0.002


def test_a_given_floor_counts_whichever_way_it_faces(scene: KnownScene, tmp_path: Path) -> None:
    capture = read_capture(write_transforms(tmp_path, scene, SIMILARITIES[0]))
    normal = SIMILARITIES[0].rotation[:, 2]
    numbers = np.array([*normal, -float(normal @ SIMILARITIES[0].shift)])
    first = place_capture(capture, 32, 3, (2 * numbers).tolist(), scale=0.25)
    second = place_capture(capture, 32, 3, (-numbers).tolist(), scale=0.25)
    assert np.allclose(first.world_to_camera, second.world_to_camera)
    assert floor_fault(first.floor, SIMILARITIES[0]) == pytest.approx((0, 0), abs=1e-5)
    assert first.placement.scale == 0.25
    usual = place_capture(capture, 32, 3, numbers.tolist())
    distances = np.linalg.norm(usual.world_to_camera[:, :3, 3], axis=1)
    assert 0.7 < distances.mean() < 1.1


def test_what_cannot_be_placed_is_one_sentence(scene: KnownScene, tmp_path: Path) -> None:
    similarity = SIMILARITIES[0]
    capture = read_capture(write_transforms(tmp_path, scene, similarity))
    normal = similarity.rotation[:, 2]
    between = [*similarity.rotation[:, 0], -float(similarity.rotation[:, 0] @ similarity.shift)]
    one_side = [
        look_at(np.array([np.cos(a), np.sin(a), 0.5]), np.zeros(3)) for a in (0.0, 0.02, 0.05)
    ]
    outwards = [
        look_at(np.zeros(3), np.array([np.cos(a), np.sin(a), 0.0])) for a in (0.0, 2.0, 4.0)
    ]
    for poses, floor, sentence in (
        (scene.poses, between, "cameras stand on both sides of this plane"),
        (scene.poses, [0, 0, 0, 1], "a, b and c are all 0"),
        (np.stack(one_side), None, "all cameras look from one side"),
        (np.stack(outwards), [*normal, 9], "show what most cameras look at, and 2 are needed"),
    ):
        photos = [
            Photo(photo.path, photo.lens, pose)
            for photo, pose in zip(capture.photos, similarity.poses(poses), strict=False)
        ]
        with pytest.raises(OddgenError, match=sentence) as caught:
            place_capture(replace(capture, photos=tuple(photos)), 32, 3, floor)
        assert "\n" not in str(caught.value)


def test_photos_that_look_elsewhere_are_left_out(scene: KnownScene, tmp_path: Path) -> None:
    capture = read_capture(write_transforms(tmp_path, scene, SIMILARITIES[0]))
    away = look_at(np.array([2.0, 0, 0.5]), np.array([9.0, 1, 0.5]))
    stray = Photo(
        capture.photos[0].path, capture.photos[0].lens, SIMILARITIES[0].poses(away[None])[0]
    )
    more = replace(capture, photos=(*capture.photos, stray))
    normal = SIMILARITIES[0].rotation[:, 2]
    plane = [*normal, -float(normal @ SIMILARITIES[0].shift)]
    placed = place_capture(more, 32, 20, plane)
    assert placed.photos == place_capture(capture, 32, 20, plane).photos == capture.photos


def test_photos_of_any_size_become_square(scene: KnownScene, tmp_path: Path) -> None:
    """Borders beside the photos, left and right of different width, change nothing."""
    similarity = SIMILARITIES[0]
    plain = read_capture(write_transforms(tmp_path, scene, similarity))
    photos = []
    for k, photo in enumerate(plain.photos):
        wide = np.pad(scene.rgb[k], ((0, 0), (k, 3 * k), (0, 0)))
        path = tmp_path / f"wide-{k}.png"
        Image.fromarray(wide).save(path)
        matrix = photo.lens.matrix + np.array([[0, 0, k], [0, 0, 0], [0, 0, 0]])
        photos.append(Photo(path, Lens(64 + 4 * k, 64, matrix), photo.world_to_camera))
    capture = Capture(tmp_path, tuple(photos), similarity.points(level_points()))
    first = place_capture(replace(plain, points=capture.points), 32, 5)
    second = place_capture(capture, 32, 5)
    assert np.array_equal(first.rgb, second.rgb)
    assert np.allclose(first.intrinsics, second.intrinsics)


def masks_of(scene: KnownScene) -> list[Image.Image]:
    """White where a box is seen."""
    return [
        Image.fromarray(
            np.where((view[..., None, :] == COLOURS).all(-1).any(-1), 255, 0).astype("u1")
        )
        for view in scene.rgb
    ]


@pytest.mark.parametrize("ending", [".png", ".png.png"])
def test_masks_beside_a_capture_come_with_it(
    scene: KnownScene, tmp_path: Path, ending: str
) -> None:
    """Placed, cut and made smaller like the photographs; as COLMAP names them too."""
    folder = write_transforms(tmp_path, scene, SIMILARITIES[0])
    normal = SIMILARITIES[0].rotation[:, 2]
    floor = [*normal, -float(normal @ SIMILARITIES[0].shift)]
    bare = place_capture(read_capture(folder), 32, 4, floor)
    assert bare.silhouettes is None
    (tmp_path / "masks").mkdir()
    for number, mask in enumerate(masks_of(scene)):
        name = f"photo_{number:04d}{ending}"
        (mask.resize((32, 32), Image.Resampling.NEAREST) if number else mask).save(
            tmp_path / "masks" / name
        )
    placed = place_capture(read_capture(folder), 32, 4, floor)
    assert placed.silhouettes is not None and placed.silhouettes.shape == (4, 32, 32)
    assert np.array_equal(placed.rgb, bare.rgb)
    seen = placed.silhouettes > 127
    reddish = np.abs(placed.rgb.astype(int) - placed.rgb.mean(-1, keepdims=True)).max(-1) > 30
    assert (seen == reddish).mean() > 0.95 and 0.02 < seen.mean() < 0.9


def test_masks_that_are_wrong_are_told_by_name(scene: KnownScene, tmp_path: Path) -> None:
    folder = write_transforms(tmp_path, scene, SIMILARITIES[0])
    masks = tmp_path / "masks"
    masks.mkdir()
    with pytest.raises(OddgenError, match="no mask for any photograph; name that of photo_0000"):
        read_capture(folder)
    all_of_them = masks_of(scene)
    all_of_them[0].save(masks / "photo_0000.png")
    with pytest.raises(OddgenError, match=r"4 of 5 photographs have no mask.*photo_0001"):
        read_capture(folder)
    for number, mask in enumerate(all_of_them):
        mask.save(masks / f"photo_{number:04d}.png")
    all_of_them[2].crop((0, 0, 64, 20)).save(masks / "photo_0002.png")
    with pytest.raises(OddgenError, match=r"photo_0002.png: is 64 x 20 pixels"):
        read_capture(folder)
    (masks / "photo_0002.png").write_bytes(b"no picture")
    with pytest.raises(OddgenError, match=r"photo_0002.png: no image that can be read"):
        read_capture(folder)


def predict(*arguments: object) -> Result:
    return CliRunner().invoke(oddbench, ["predict", *map(str, arguments)])


def test_the_command_answers_for_captures_datasets_and_shards(
    scene: KnownScene, run: Path, tmp_path: Path
) -> None:
    points = SIMILARITIES[0].points(level_points())
    capture = write_colmap(tmp_path / "shelf", scene, SIMILARITIES[0], points=points)
    data = make_dataset(tmp_path / "data", scenes=3)
    shard = shutil.copy(data / "shards/shard-00000.h5", tmp_path / "single.h5")
    out = tmp_path / "out"
    inputs = ["--checkpoint", run, "--views", 3, capture, data, shard, "--out", out]
    result = predict(*inputs, "--pictures", 2)
    assert result.exit_code == 0, result.output
    names = ["shelf", *(f"scene-00000{k}{end}" for end in ("", "-2") for k in range(3))]
    assert sorted(path.name for path in out.iterdir()) == sorted(names)
    assert "7 scenes" in result.output
    answer = json.loads((out / "shelf/boxes.json").read_text())
    matrix = np.array(answer["model_from_capture"])
    assert answer["boxes"]
    for box in answer["boxes"]:
        corners = np.array(box["corners"]) @ matrix[:3, :3].T + matrix[:3, 3]
        assert np.allclose(corners.min(0), box["box"][0], atol=1e-9)
        assert np.allclose(corners.max(0), box["box"][1], atol=1e-9)
        assert box["odd"] == (box["score"] >= 0.5)
    own = json.loads((out / "scene-000001/boxes.json").read_text())["boxes"]
    again = json.loads((out / "scene-000001-2/boxes.json").read_text())["boxes"]
    assert own == again and own
    pictured = [name for name in names if list((out / name).glob("*.jpg"))]
    assert sorted(pictured) == ["scene-000000", "shelf"]
    assert len(list((out / "shelf").glob("*.jpg"))) == 3

    before = {path: path.stat().st_mtime_ns for path in out.rglob("*.jpg")}
    assert predict(*inputs, "--pictures", 3).exit_code == 0
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert list((out / "scene-000001").glob("*.jpg"))
    other = predict(*inputs, "--scale", 2)
    assert other.exit_code == 1 and "shelf: holds boxes of another detector" in other.output
    assert "6 scenes" in other.output


def test_boxes_are_drawn_red_where_odd_and_green_elsewhere(tmp_path: Path) -> None:
    """On a dark picture only the boxes are coloured."""
    from benchmark.capture.observation import ObservationRequest
    from benchmark.capture.predict import predict_inputs
    from benchmark.detectors.interface import Loaded
    from benchmark.detectors.predictions import Prediction

    class Knows:
        protocols = ("predicted",)

        def predict(self, seen: Observation) -> list[Prediction]:
            return [Prediction(BOXES[0], 0.9), Prediction(BOXES[1], 0.1)]

    dark = known_scene(views=3)
    dark = replace(dark, rgb=np.zeros_like(dark.rgb))
    still = Similarity(1.0, np.eye(3), np.zeros(3))
    folder = write_transforms(tmp_path / "dark", dark, still)
    request = ObservationRequest(3, "predicted", floor=(0, 0, 1, 0), scale=1.0)
    loaded = Loaded("knows", "1", Knows())
    summary = predict_inputs(loaded, [folder], "all", request, 1, tmp_path / "out")
    assert (summary.answered, summary.objects, summary.odd) == (1, 2, 1)
    capture = place_capture(read_capture(folder), 64, 3, (0, 0, 1, 0), 1.0)
    for view, path in enumerate(sorted((tmp_path / "out/dark").glob("*.jpg"))):
        pixels = np.asarray(Image.open(path)).astype(int)
        red = np.argwhere((pixels[..., 0] > 150) & (pixels[..., 1] < 110))
        green = np.argwhere((pixels[..., 1] > 150) & (pixels[..., 0] < 110))
        for box, drawn in ((BOXES[0], red), (BOXES[1], green)):
            local = box.mean(0) @ capture.world_to_camera[view, :3, :3].T
            local = (local + capture.world_to_camera[view, :3, 3]) @ dark.matrix.T
            x, y = local[:2] / local[2] * 720 / 64
            low, high = drawn.min(0), drawn.max(0)
            assert low[0] < y < high[0] and low[1] < x < high[1]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nowhere"], "nowhere: no such file or folder"),
        (["{tmp}"], "is no dataset or shard, no published scene"),
        (["{tmp}/broken.h5"], "give a shard of oddgen generate"),
        ([], "give either INPUTS or --data"),
        (["{cap}", "--data", "x"], "give either INPUTS or --data"),
        (["{cap}", "--floor", "1,2,3"], "--floor 1,2,3: give four numbers"),
        (["{cap}", "--scale", "0"], "--scale 0: give a number"),
        (["{cap}", "--views", "1"], "one view of a capture is too few"),
        (["{cap}", "--protocol", "true-boxes"], "nobody knows its true boxes"),
        (["{cap}", "--out", "{cap}/.."], "holds other files; give another --out"),
    ],
)
def test_a_wrong_request_is_one_sentence(
    scene: KnownScene, run: Path, tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    capture = write_colmap(
        tmp_path / "cap", scene, SIMILARITIES[0], points=SIMILARITIES[0].points(level_points())
    )
    (tmp_path / "broken.h5").write_bytes(b"nothing")
    filled = [a.format(tmp=tmp_path, cap=capture) for a in arguments]
    result = predict("--checkpoint", run, "--out", tmp_path / "out", *filled)
    assert result.exit_code == 1
    assert sentence in result.output and "Traceback" not in result.output
    assert (capture / "images/photo_0000.png").is_file()


def test_one_bad_capture_does_not_stop_the_others(
    scene: KnownScene, run: Path, tmp_path: Path
) -> None:
    points = SIMILARITIES[0].points(level_points())
    good = write_colmap(tmp_path / "good", scene, SIMILARITIES[0], points=points)
    bad = write_colmap(tmp_path / "bad", scene, SIMILARITIES[0], points=points)
    for number in (2, 3):
        (bad / f"images/photo_000{number}.png").unlink()
    result = predict("--checkpoint", run, bad, good, "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert "2 of 5 images are missing" in result.output
    assert (tmp_path / "out/good/boxes.json").is_file()
    assert not (tmp_path / "out/bad").exists()


def test_a_killed_run_goes_on(scene: KnownScene, run: Path, tmp_path: Path) -> None:
    """It had written a picture and half of another."""
    points = SIMILARITIES[0].points(level_points())
    capture = write_colmap(tmp_path / "shelf", scene, SIMILARITIES[0], points=points)
    arguments = ["--checkpoint", run, capture, "--out", tmp_path / "out"]
    assert predict(*arguments).exit_code == 0
    answer, folder = tmp_path / "out/shelf/boxes.json", tmp_path / "out/shelf"
    whole = answer.read_bytes()
    answer.unlink()
    pictures = sorted(folder.glob("*.jpg"))
    half = pictures[-1].rename(folder / f"{pictures[-1].name}.part")
    assert predict(*arguments).exit_code == 0
    assert answer.read_bytes() == whole and not half.exists()
    assert sorted(folder.glob("*.jpg")) == pictures


@pytest.fixture(scope="module")
def answered(scene: KnownScene, run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A capture, `shelf`, and its answer in `out`. Copy it to change it."""
    folder = tmp_path_factory.mktemp("answered")
    points = SIMILARITIES[0].points(level_points())
    write_colmap(folder / "shelf", scene, SIMILARITIES[0], points=points)
    assert predict("--checkpoint", run, folder / "shelf", "--out", folder / "out").exit_code == 0
    return folder


def test_boxes_are_read_as_they_were_written(answered: Path, tmp_path: Path) -> None:
    path = answered / "out/shelf/boxes.json"
    write(tmp_path / "again.json", read(BoxesFile, path, "mend it"), sort_keys=False)
    assert (tmp_path / "again.json").read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        (("format",), "another", "format should be 'odd-one-out boxes'"),
        (("detector",), None, "detector should be a valid string"),
        (("protocol",), 1, "protocol should be"),
        (("views", 0), 0, "views.0 should be a valid string"),
        (("floor",), [0, 0, 1], "floor.3 is missing"),
        (("scale",), "large", "scale should be a valid number"),
        (("model_from_capture", 1), None, "model_from_capture.1 should be"),
        (("boxes",), {}, "boxes should be"),
        (("boxes", 0, "odd"), 1, "boxes.0.odd should be a valid boolean"),
        (("boxes", 0, "score"), "0.5", "boxes.0.score should be a valid number"),
        (("boxes", 0, "box", 1), [0, 1], "boxes.0.box.1.2 is missing"),
        (("boxes", 0, "corners"), MISSING, "boxes.0.corners is missing"),
    ],
)
def test_a_wrong_type_in_boxes_is_one_sentence(
    answered: Path, run: Path, tmp_path: Path, key: Key, value: object, words: str
) -> None:
    shutil.copytree(answered / "out", tmp_path / "out")
    path = change(tmp_path / "out/shelf/boxes.json", key, value)
    result = predict("--checkpoint", run, answered / "shelf", "--out", tmp_path / "out")
    assert result.exit_code == 1 and "Traceback" not in result.output
    (line,) = [line for line in result.output.splitlines() if line.startswith("failed: ")]
    assert line.startswith(f"failed: {path}: {words}")
    assert line.endswith("; give another --out or remove it.")


@needs("published_scene")
def test_a_published_scene_as_it_is(run: Path, tmp_path: Path) -> None:
    result = predict("--checkpoint", run, PUBLISHED_SCENE, "--out", tmp_path, "--pictures", 0)
    assert result.exit_code == 0, result.output
    assert [path.name for path in tmp_path.iterdir()] == ["banana_028-001"]
