"""The asset manifest: complete, and honest about what is on disk."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from datagen import manifest
from datagen.errors import OddgenError
from datagen.floors import list_floors
from datagen.hdris import BLENDER_HDRIS, studiolights
from datagen.manifest import Asset, AssetFile, load_manifest, presence, verify


def asset(*files: AssetFile) -> Asset:
    return Asset("thing", "weights", "https://example.org", "CC0-1.0", "download it", "", files)


def test_entries() -> None:
    known = {entry.name: entry for entry in load_manifest()}
    assert {
        "toys4k",
        "abc",
        "builtin",
        "folder",
        "blender_studiolights",
        "polyhaven_hdris",
        "polyhaven_textures",
        "ambientcg",
        "procedural_floors",
        "dinov2_vits14",
    } == set(known)
    assert {entry.kind for entry in known.values()} == {"shapes", "hdri", "floor", "weights"}
    assert all(entry.licence and entry.get and entry.layout for entry in known.values())
    exrs = [file.path for file in known["blender_studiolights"].files]
    assert exrs == [f"{name}.exr" for name in BLENDER_HDRIS]
    assert list_floors(None)[0][0].licence in known["procedural_floors"].licence


def test_blenders_own_hdris_verify() -> None:
    world = studiolights()
    if world is None or "4.5" not in world.parts:
        pytest.skip("the checksums are those of bpy 4.5, which is not installed")
    lights = next(entry for entry in load_manifest() if entry.name == "blender_studiolights")
    assert verify(lights, world) == []


def test_presence(tmp_path: Path) -> None:
    thing = asset(AssetFile("a.bin"))
    assert presence(thing, {}) == "not given"
    assert presence(thing, {"thing": tmp_path / "no"}) == "absent"
    assert presence(thing, {"thing": tmp_path}) == "absent"
    (tmp_path / "a.bin").write_bytes(b"a")
    assert presence(thing, {"thing": tmp_path}) == "present"
    builtin = next(entry for entry in load_manifest() if entry.name == "builtin")
    assert presence(builtin, {}) == "bundled"


def test_verify_names_the_file_and_the_remedy(tmp_path: Path) -> None:
    good = AssetFile("good.bin", hashlib.sha256(b"good").hexdigest())
    bad = AssetFile("bad.bin", hashlib.sha256(b"good").hexdigest(), "https://example.org/bad.bin")
    (tmp_path / "good.bin").write_bytes(b"good")
    (tmp_path / "bad.bin").write_bytes(b"something else")
    differs, missing = verify(asset(good, bad, AssetFile("gone.bin")), tmp_path)
    assert str(tmp_path / "bad.bin") in differs and "https://example.org/bad.bin" in differs
    assert str(tmp_path / "gone.bin") in missing and "https://example.org" in missing
    assert verify(asset(good), tmp_path) == []
    assert len(verify(asset(good), tmp_path / "no")) == 1


@pytest.mark.parametrize("text", [None, "assets: [", "other: 1", "assets: [{name: x}]"])
def test_broken_manifest(text: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "assets_manifest.yaml"
    if text is not None:
        path.write_text(text)
    monkeypatch.setattr(manifest, "MANIFEST", path)
    with pytest.raises(OddgenError, match="restore it"):
        load_manifest()
