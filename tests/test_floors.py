"""Floors and HDRIs: procedural textures that tile, and users' folders."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from datagen.errors import OddgenError
from datagen.floor_recipes import RECIPES
from datagen.floors import list_floors, make_floor_textures
from datagen.hdris import BLENDER_HDRIS, list_hdris, studiolights

DATA = Path(__file__).parents[2] / "shared" / "data"
JPG = b"\xff\xd8\xff\xe0"
needs_data = pytest.mark.skipif(
    not (DATA / "pbr").is_dir() or not (DATA / "hdri").is_dir(), reason=f"{DATA} is not here"
)


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_floor_tiles_and_repeats(name: str) -> None:
    made = make_floor_textures(name, np.random.default_rng(3), 256)
    again = make_floor_textures(name, np.random.default_rng(3), 256)
    other = make_floor_textures(name, np.random.default_rng(4), 256)
    assert made.color.shape == made.normal.shape == (256, 256, 3)
    assert made.roughness.shape == (256, 256)
    assert 0 <= made.metallic <= 1 and 0.2 < made.tile_metres < 4
    assert not np.array_equal(made.color, other.color)
    assert made.normal[..., 2].min() > 127
    for field, same in (
        (made.color, again.color),
        (made.roughness, again.roughness),
        (made.normal, again.normal),
    ):
        assert field.dtype == np.uint8
        assert np.array_equal(field, same)
        for axis in (0, 1):
            steps = np.abs(
                np.diff(
                    field.astype(float), axis=axis, append=np.take(field, [0], axis).astype(float)
                )
            )
            lines = np.moveaxis(steps, axis, 0).reshape(256, -1).mean(axis=1)
            assert lines[-1] <= lines[:-1].max() * 1.1 + 0.5


def test_procedural_list() -> None:
    floors, problems = list_floors(None)
    assert [floor.name for floor in floors] == sorted(RECIPES) and len(floors) >= 11
    assert problems == [] and all(floor.procedural and not floor.maps for floor in floors)


@needs_data
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


@pytest.mark.parametrize("lister", [list_floors, list_hdris])
def test_missing_or_empty_folder(lister, tmp_path: Path) -> None:
    for folder in (tmp_path / "no", tmp_path):
        with pytest.raises(OddgenError) as caught:
            lister(folder)
        text = str(caught.value)
        assert str(folder) in text and "\n" not in text and text.endswith(".")


def test_blenders_hdris() -> None:
    hdris, problems = list_hdris(None)
    assert tuple(hdri.name for hdri in hdris) == BLENDER_HDRIS and problems == []
    if studiolights() is not None:
        assert all(hdri.path and hdri.path.is_file() for hdri in hdris)


@needs_data
def test_user_hdris() -> None:
    hdris, problems = list_hdris(DATA / "hdri" / "polyhaven_1k")
    assert len(hdris) == 9 and problems == []
    hdris, problems = list_hdris(DATA / "hdri" / "pmndrs_512")
    assert len(hdris) == 12 and problems == []


def test_broken_hdris_are_named(tmp_path: Path) -> None:
    header = b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X 1\n"
    (tmp_path / "good.hdr").write_bytes(header + bytes(4))
    (tmp_path / "truncated.hdr").write_bytes(header[:20])
    (tmp_path / "empty.exr").touch()
    (tmp_path / "page.exr").write_bytes(b"<html>")
    hdris, problems = list_hdris(tmp_path)
    assert [hdri.name for hdri in hdris] == ["good"]
    assert [Path(text.split(":")[0]).name for text in problems] == [
        "empty.exr",
        "page.exr",
        "truncated.hdr",
    ]
