"""The contact sheets and the page that needs no other file."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from datagen.dataset.reader import read_scene
from datagen.errors import OddgenError
from datagen.pictures import gallery, layers
from datagen.pictures.gallery import CAPTION_HEIGHT, TILE, make_gallery
from tests.support.pages import Page
from tests.support.runs import copy_of


@pytest.fixture(scope="module")
def folder(dataset, tmp_path_factory) -> Path:
    to = tmp_path_factory.mktemp("gallery")
    assert [path.name for path in make_gallery(dataset, to)] == ["sheet-000.png", "index.html"]
    return to


def picture(data_url: str) -> Image.Image:
    head, _, body = data_url.partition(",")
    assert head in ("data:image/jpeg;base64", "data:image/png;base64")
    return Image.open(io.BytesIO(base64.b64decode(body)))


def test_the_page_needs_nothing_from_outside(folder):
    text = (folder / "index.html").read_text()
    page = Page(text)
    assert page.open == []
    assert page.references == ["data:,"]
    told = re.sub(r'"origin": ?"https?:[^"]*"', "", text.replace("http://www.w3.org/2000/svg", ""))
    for word in ("http:", "https:", "//cdn", "import(", "fetch(", "XMLHttpRequest"):
        assert word not in told


def test_every_layer_of_every_view_is_in_the_page(folder, dataset):
    scenes = Page((folder / "index.html").read_text()).scenes
    assert [scene["name"] for scene in scenes] == [f"scene-{k:06d}" for k in range(4)]
    for entry in scenes:
        scene = read_scene(dataset, entry["name"])
        assert set(entry["layers"]) == {
            "image", "objects", "parts", "defect", "depth", "normals",
        }  # fmt: skip
        for name, images in entry["layers"].items():
            assert len(images) == 3
            assert picture(images[1]).size == (64, 64), name
        seen = np.asarray(picture(entry["layers"]["objects"][1]).convert("RGBA"))
        assert np.array_equal(seen[..., 3] > 0, scene.instance[1] > 0)
        image = np.asarray(picture(entry["layers"]["image"][2]), float)
        assert np.abs(image - scene.rgb[2]).mean() < 6
        kinds = [o["anomaly"] and o["anomaly"]["type"] for o in entry["objects"]]
        assert [kind is not None for kind in kinds] == scene.anomalous.astype(bool).tolist()


def test_the_sheet_has_a_row_a_scene(folder, dataset):
    sheet = np.asarray(Image.open(folder / "sheet-000.png"))
    assert sheet.shape == (4 * (TILE + CAPTION_HEIGHT), 9 * TILE, 3)
    first = np.asarray(layers.resized(read_scene(dataset, "scene-000000").rgb[0], TILE))
    assert np.array_equal(sheet[:TILE, :TILE], first)
    tiles = [sheet[:TILE, k * TILE : (k + 1) * TILE] for k in range(4)]
    assert not np.array_equal(tiles[0], tiles[1])  # each of the three views once, then white
    assert (tiles[3] == 255).all()
    assert (sheet[TILE : TILE + CAPTION_HEIGHT] < 100).any()


def test_a_large_dataset_is_shown_in_part(dataset, tmp_path, monkeypatch):
    monkeypatch.setattr(gallery, "SCENES_PER_SHEET", 2)
    paths = make_gallery(dataset, tmp_path, most_scenes=3)
    assert [path.name for path in paths] == ["sheet-000.png", "sheet-001.png", "index.html"]
    text = paths[-1].read_text()
    assert [scene["name"][-1] for scene in Page(text).scenes] == ["0", "2", "3"]
    assert "3 of 4 scenes" in text
    monkeypatch.setattr(gallery, "MOST_PAGE_BYTES", len(text) // 2)
    paths = make_gallery(dataset, tmp_path)
    assert 1 <= len(Page(paths[-1].read_text()).scenes) < 3
    make_gallery(dataset, tmp_path, most_scenes=1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["index.html", "sheet-000.png"]


def test_names_cannot_break_out_of_the_page(dataset, tmp_path, monkeypatch):
    def entry(scene):
        return {"name": "</script><script>alert(1)</script><!--"}

    monkeypatch.setattr(gallery, "page_entry", entry)
    out = copy_of(dataset, tmp_path / "<b>out")
    text = make_gallery(out)[-1].read_text()
    assert Page(text).scenes == [entry(None)] * 4
    assert "alert(1)" in text and "<script>alert" not in text and "<b>out" not in text


def test_a_folder_that_cannot_be_written(dataset, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OddgenError, match="give another folder with --to"):
        make_gallery(dataset, tmp_path / "file")
