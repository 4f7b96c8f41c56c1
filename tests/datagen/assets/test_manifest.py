"""The asset manifest: complete, and honest about what is on disk."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli import oddgen
from datagen.assets import manifest
from datagen.assets.floors import list_floors
from datagen.assets.hdris import BLENDER_HDRIS, studiolights
from datagen.assets.manifest import (
    Asset,
    AssetFile,
    find,
    has_checksums,
    load_manifest,
    presence,
    verify,
)
from datagen.errors import OddgenError
from tests.support.data import DATA, needs


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
    assert verify(lights, world) == [] and has_checksums(lights, world)


def test_checksums_of_another_version_are_not_compared(tmp_path: Path) -> None:
    lights = next(entry for entry in load_manifest() if entry.name == "blender_studiolights")
    for file in lights.files:
        (tmp_path / file.path).write_bytes(b"another version")
    assert verify(lights, tmp_path) == [] and not has_checksums(lights, tmp_path)


@needs("toys", "pbr", "hdri", "abc")
def test_find_and_presence() -> None:
    known = {entry.name: entry for entry in load_manifest()}
    found = find(list(known.values()), [DATA])
    assert found["toys4k"] == DATA / "toys" and found["ambientcg"] == DATA / "pbr"
    assert found["polyhaven_hdris"] == DATA / "hdri" / "polyhaven_1k"
    assert found["abc"] == DATA / "abc" and found["blender_studiolights"] == studiolights()
    assert "dinov2_vits14" not in found
    assert presence(known["builtin"], None) == "bundled"
    assert presence(known["toys4k"], found["toys4k"]) == f"present in {DATA / 'toys'}"
    assert presence(known["dinov2_vits14"], None) == "not found"
    assert presence(known["folder"], None) == "yours to give"


def test_one_model_is_enough_to_know_an_abc_chunk(tmp_path: Path) -> None:
    known = load_manifest()
    (tmp_path / "notes.obj").touch()
    assert "abc" not in find(known, [tmp_path])
    (tmp_path / "00000001_0123456789abcdef01234567_trimesh_000.obj").touch()
    assert find(known, [tmp_path])["abc"] == tmp_path


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


def run(*words: str) -> Result:
    return CliRunner().invoke(oddgen, ["assets", *words])


def test_list_says_what_is_here(tmp_path: Path) -> None:
    shown = run("list", "--root", str(tmp_path))
    assert shown.exit_code == 0
    assert f"blender_studiolights (hdri): present in {studiolights()}" in shown.output
    assert "toys4k (shapes): not found" in shown.output
    assert "builtin (shapes): bundled" in shown.output
    for entry in load_manifest():
        for text in (entry.licence, entry.home, entry.get):
            assert text in shown.output


@needs("toys")
def test_list_finds_what_lies_below_root() -> None:
    assert f"toys4k (shapes): present in {DATA / 'toys'}" in run("list", "--root", str(DATA)).output


def test_list_looks_in_the_assets_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "assets" / "toys" / "toys4k_obj_files").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert "toys4k (shapes): present in assets/toys" in run("list").output


def test_verify_without_a_name_checks_what_is_found(tmp_path: Path) -> None:
    weights = tmp_path / "dinov2_vits14_pretrain.pth"
    weights.write_bytes(b"not these")
    shown = run("verify", "--root", str(tmp_path))
    assert shown.exit_code == 1
    assert f"{weights}: not the file that the manifest knows" in shown.output
    assert "dl.fbaipublicfiles.com" in shown.output
    assert "blender_studiolights: in order" in shown.output
    weights.unlink()
    assert run("verify", "--root", str(tmp_path)).exit_code == 0


def test_verify_one(tmp_path: Path) -> None:
    shown = run("verify", "toys4k", str(tmp_path))
    assert shown.exit_code == 1 and str(tmp_path) in shown.output and "form" in shown.output
    (tmp_path / "toys4k_obj_files").mkdir()
    assert run("verify", "toys4k", str(tmp_path)).exit_code == 0
    assert run("verify", "toys4k", "--root", str(tmp_path)).exit_code == 0
    assert "builtin: bundled" in run("verify", "builtin").output


def test_verify_looks_into_images(tmp_path: Path) -> None:
    (tmp_path / "room_1k.hdr").write_text("<html>")
    shown = run("verify", "polyhaven_hdris", str(tmp_path))
    assert shown.exit_code == 1 and "no usable HDRI" in shown.output


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("verify", "nothing"), "not in the manifest; choose one of"),
        (("verify", "toys4k", "--root", "."), "give its folder"),
        (("verify", "toys4k", "/no/such"), "no such folder"),
        (("list", "--root", "/no/such"), "no such folder"),
    ],
)
def test_wrong_words_are_answered_in_a_sentence(
    words: tuple[str, ...], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shown = run(*words)
    assert shown.exit_code == 1 and told in shown.output and "Traceback" not in shown.output
    assert len(shown.output.strip().splitlines()) == 1
