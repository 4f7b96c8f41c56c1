"""HDRIs: Blender's own, a user's folder, and files that do not load."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from datagen.assets.hdris import BLENDER_HDRIS, list_hdris, studiolights
from datagen.blender.session import reset
from datagen.errors import OddgenError
from datagen.files.image_check import image_fault
from tests.support.data import DATA, needs

PANORAMA = b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X 1\n"


def one(pattern: str) -> Path:
    return sorted((DATA / "hdri").rglob(pattern))[0]


def test_blenders_own() -> None:
    hdris, problems = list_hdris(None)
    assert tuple(hdri.name for hdri in hdris) == BLENDER_HDRIS and problems == []
    assert {hdri.licence for hdri in hdris} == {"CC0-1.0"}
    world = studiolights()
    assert world is not None, "bpy brings them"
    assert all(hdri.path and image_fault(hdri.path) is None for hdri in hdris)


@needs("hdri")
def test_whole_files_pass() -> None:
    for folder, count in (("polyhaven_1k", 9), ("pmndrs_512", 12)):
        hdris, problems = list_hdris(DATA / "hdri" / folder)
        assert len(hdris) == count and problems == []
        assert [hdri.name for hdri in hdris] == sorted(hdri.name for hdri in hdris)


@needs("hdri")
@pytest.mark.parametrize("pattern", ["*.hdr", "*.exr"])
@pytest.mark.parametrize("share", [0.0002, 0.01, 0.5, 0.9, 0.999])
def test_cut_files_are_told_and_blender_could_not_load_them(
    pattern: str, share: float, tmp_path: Path
) -> None:
    content = one(pattern).read_bytes()
    cut = tmp_path / f"cut{pattern[1:]}"
    cut.write_bytes(content[: int(len(content) * share)])
    assert image_fault(cut) == "the file breaks off"
    try:
        image = reset().data.images.load(str(cut))
        loaded = image.size[0] > 0
    except RuntimeError:
        loaded = False
    assert not loaded


@needs("hdri")
def test_bad_ones_are_named_and_the_good_go_on(tmp_path: Path) -> None:
    shutil.copy(one("*.hdr"), tmp_path / "good.hdr")
    (tmp_path / "deep").mkdir()
    shutil.copy(one("*.exr"), tmp_path / "deep" / "fine.EXR")
    (tmp_path / "cut.exr").write_bytes(one("*.exr").read_bytes()[:5000])
    (tmp_path / "page.hdr").write_text("<html>not found</html>")
    (tmp_path / "empty.exr").touch()
    (tmp_path / "notes.txt").write_text("no HDRI")
    hdris, problems = list_hdris(tmp_path)
    assert [hdri.name for hdri in hdris] == ["fine", "good"]
    assert [text.split(": ")[0] for text in problems] == [
        str(tmp_path / name) for name in ("cut.exr", "empty.exr", "page.hdr")
    ]
    for text, told in zip(problems, ("breaks off", "empty", "not a .hdr image"), strict=True):
        assert told in text and "download the file again or remove it" in text


def test_plain_and_odd_radiance_files(tmp_path: Path) -> None:
    flat = tmp_path / "flat.hdr"
    flat.write_bytes(PANORAMA + bytes(4))
    assert image_fault(flat) is None
    flat.write_bytes(PANORAMA + bytes(3))
    assert image_fault(flat) == "the file breaks off"
    flat.write_bytes(PANORAMA.replace(b"-Y 1", b"-Y x"))
    assert image_fault(flat) == "the file breaks off"


def test_missing_empty_and_useless_folders(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "page.hdr").write_text("<html>")
    for folder in ("no", "empty", "bad"):
        with pytest.raises(OddgenError) as caught:
            list_hdris(tmp_path / folder)
        text = str(caught.value)
        assert text.startswith(f"{tmp_path / folder}: ") and ".exr" in text
        assert "\n" not in text and text.endswith(".")
