"""Floors: procedural textures that tile, and users' folders."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial import cKDTree

from datagen.assets.floor_recipes import RECIPES, FloorTextures
from datagen.assets.floors import list_floors, make_floor_textures
from datagen.assets.tileable_noise import cells, grid
from datagen.errors import OddgenError
from tests.support.data import DATA, needs

JPG = b"\xff\xd8\xff\xe0 a picture \xff\xd9"


def seam(made: list[FloorTextures], side: int) -> float:
    """Largest step across the border over the largest inside, median over `made`.

    A joint between boards may lie on the border, so that one tile alone can exceed 1.
    """
    ratios = []
    for textures in made:
        worst = 0.0
        for field in (textures.color, textures.roughness, textures.normal):
            values = field[:side, :side].astype(float)
            for axis in (0, 1):
                steps = np.abs(np.diff(values, axis=axis, append=np.take(values, [0], axis)))
                lines = np.moveaxis(steps, axis, 0).reshape(side, -1).mean(axis=1)
                worst = max(worst, lines[-1] / (lines[:-1].max() + 0.5))
        ratios.append(worst)
    return float(np.median(ratios))


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_floor_tiles(name: str) -> None:
    made = [make_floor_textures(name, np.random.default_rng(seed), 256) for seed in range(5)]
    assert seam(made, 256) < 1.1
    if name in ("brushed_metal", "ceramic_tiles", "concrete", "marble", "slate", "terrazzo"):
        assert seam(made, 199) > 1.2, "a tile cut short must show its seam, or this test is blind"


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_floor_repeats(name: str) -> None:
    made, again, other = (
        make_floor_textures(name, np.random.default_rng(seed), 256) for seed in (3, 3, 4)
    )
    assert made.color.shape == made.normal.shape == (256, 256, 3)
    assert made.roughness.shape == (256, 256)
    assert 0 <= made.metallic <= 1 and 0.2 < made.tile_metres < 4
    assert made.normal[..., 2].min() > 127
    assert not np.array_equal(made.color, other.color)
    for field in ("color", "roughness", "normal"):
        assert getattr(made, field).dtype == np.uint8
        assert np.array_equal(getattr(made, field), getattr(again, field))


def test_cells_are_periodic() -> None:
    made = cells(np.random.default_rng(5), 128, 20, 0.9)
    offsets = 0.5 + 0.9 * (np.random.default_rng(5).random((20, 20, 2)) - 0.5)
    points = (offsets + np.stack(np.indices((20, 20)), axis=-1)).reshape(-1, 2)
    pixels = np.stack(grid(128), axis=-1).reshape(-1, 2) * 20
    distance, nearest = cKDTree(points, boxsize=20).query(pixels, k=2)
    assert np.allclose(made.near.ravel(), distance[:, 0], atol=1e-4)
    assert np.allclose(made.second.ravel(), distance[:, 1], atol=1e-2)
    assert np.array_equal(made.point.ravel(), nearest[:, 0])


def test_procedural_list() -> None:
    floors, problems = list_floors(None)
    assert [floor.name for floor in floors] == sorted(RECIPES) and len(floors) >= 11
    assert problems == [] and all(floor.procedural and not floor.maps for floor in floors)


@needs("pbr")
def test_user_floors() -> None:
    floors, problems = list_floors(DATA / "pbr")
    assert len(floors) == 16 and problems == []
    assert [floor.name for floor in floors] == sorted(floor.name for floor in floors)
    by_name = {floor.name: floor for floor in floors}
    assert set(by_name["Metal007"].maps) == {
        "color",
        "normal",
        "roughness",
        "metallic",
        "displacement",
    }
    assert set(by_name["factory_wall"].maps) == {"color", "normal", "roughness"}
    assert [floor.name for floor in list_floors(DATA / "pbr" / "Bark014")[0]] == ["Bark014"]


def test_floors_that_are_skipped(tmp_path: Path) -> None:
    for name in ("Good001_1K-JPG_Color.jpg", "NoColor_1K-JPG_NormalGL.jpg"):
        (tmp_path / name.split("_")[0]).mkdir()
        (tmp_path / name.split("_")[0] / name).write_bytes(JPG)
    (tmp_path / "Good001" / "Good001_1K-JPG_Roughness.jpg").touch()
    floors, problems = list_floors(tmp_path)
    assert [set(floor.maps) for floor in floors] == [{"color"}]
    assert len(problems) == 2
    assert "Good001_1K-JPG_Roughness.jpg" in problems[0] and "NoColor" in problems[1]


def test_missing_or_empty_folder(tmp_path: Path) -> None:
    for folder in (tmp_path / "no", tmp_path):
        with pytest.raises(OddgenError) as caught:
            list_floors(folder)
        text = str(caught.value)
        assert str(folder) in text and "\n" not in text and text.endswith(".")


@needs("pbr")
def test_broken_images_are_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    for name in ("Bark014", "Rock053"):
        shutil.copytree(DATA / "pbr" / name, tmp_path / name)
    color = tmp_path / "Bark014" / "Bark014_1K-JPG_Color.jpg"
    rough = tmp_path / "Rock053" / "Rock053_1K-JPG_Roughness.jpg"
    normal = tmp_path / "Rock053" / "Rock053_1K-JPG_NormalGL.jpg"
    color.write_bytes(color.read_bytes()[:20_000])
    rough.write_text("<html>not found</html>")
    normal.write_bytes(normal.read_bytes()[:-2000])
    floors, problems = list_floors(tmp_path)
    assert [floor.name for floor in floors] == ["Rock053"]
    assert not {"roughness", "normal"} & set(floors[0].maps)
    for path, told in ((color, "breaks off"), (rough, "not a .jpg image"), (normal, "breaks off")):
        assert any(str(path) in text and told in text and "again" in text for text in problems)
    assert any("no colour map" in text and "Bark014" in text for text in problems)
