"""`oddgen anomalies`: files and pictures of one shape's odd versions."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import trimesh
from click.testing import CliRunner, Result
from PIL import Image

from cli import oddgen
from datagen.geometry.glb import read_glb


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(oddgen, ["anomalies", *map(str, arguments)])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two bumps and two other materials of a built-in mug."""
    folder = tmp_path_factory.mktemp("anomalies")
    result = run(
        *("mug", "--type", "bump", "--type", "material", "--count", "2"),
        *("--out", folder / "out", "--cache", folder / "cache"),
    )
    assert result.exit_code == 0, result.output
    return folder


def test_every_anomaly_is_a_file_and_a_picture(made: Path) -> None:
    facts = json.loads((made / "out/anomalies.json").read_text())["anomalies"]
    assert [entry["type"] for entry in facts] == ["bump", "bump", "material", "material"]
    normal = read_glb(made / "out/mug_000.glb")
    for entry in facts:
        odd = read_glb(made / "out" / entry["file"])
        assert odd.info["anomaly"]["strength"] == entry["strength"]
        assert 1 / 3 <= entry["severity"] <= 2 / 3
        moved = entry["strength"]["displacement"] > 0.01
        assert moved == (entry["type"] == "bump")
        assert len(odd.faces) > len(normal.faces) or not moved
        assert isinstance(trimesh.load(made / "out" / entry["file"]), trimesh.Scene)
        picture = np.asarray(Image.open(made / "out" / entry["picture"]).convert("RGB"), float)
        before, after, marked = np.split(picture, 3, axis=1)
        assert (np.abs(before - after).max(axis=2) > 20).mean() > 0.003
        assert (np.abs(after - marked).max(axis=2) > 20).mean() > 0.003
    assert not list((made / "out").glob("*.part"))
    assert Image.open(made / "out/sheet.png").width > 1000


def test_the_same_command_makes_the_same_files(made: Path) -> None:
    again = made / "again"
    result = run("mug", "--type", "bump", "--count", "2", "--out", again, "--cache", made / "new")
    assert result.exit_code == 0, result.output
    for path in again.glob("*.glb"):
        assert path.read_bytes() == (made / "out" / path.name).read_bytes()


@pytest.mark.slow
def test_severity_is_kept_and_felt(made: Path) -> None:
    sizes = {}
    for severity in ("subtle", "gross"):
        out = made / severity
        arguments = ("--type", "bump", "--count", "3", "--severity", severity, "--out", out)
        assert run("mug", *arguments, "--cache", made / "cache").exit_code == 0
        facts = json.loads((out / "anomalies.json").read_text())["anomalies"]
        sizes[severity] = [entry["strength"]["displacement"] for entry in facts]
    assert max(sizes["subtle"]) < min(sizes["gross"])


def test_a_file_of_ones_own(made: Path) -> None:
    path = made / "plate.stl"
    trimesh.creation.box((40, 30, 4)).export(path)
    out = made / "own"
    result = run(
        path, "--type", "bump", "--type", "missing", "--count", "1", "--out", out,
        "--cache", made / "cache",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "missing: not possible on" in result.output
    assert (out / "plate-bump-000.glb").is_file()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("mugg",), "mugg: neither a file nor a built-in shape; did you mean mug?"),
        (("nowhere/part.step",), "nowhere/part.step: no such file; give a mesh or CAD file"),
        (("mug", "--type", "crak"), "crak: not known; did you mean crack?"),
        (("mug", "--severity", "huge"), "--severity huge: give subtle, normal, gross or a range"),
        (("mug", "--up", "y"), "--up y: the built-in shapes take no files; leave --up out."),
    ],
)
def test_wrong_input_is_one_sentence(
    arguments: tuple[str, ...], sentence: str, tmp_path: Path
) -> None:
    result = run(*arguments, "--out", tmp_path / "out", "--cache", tmp_path / "cache")
    assert result.exit_code == 1
    assert sentence in result.output
    assert len(result.output.strip().splitlines()) == 1


def test_a_damaged_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "broken.stl").write_bytes(b"solid nothing")
    arguments = ("--out", tmp_path / "out", "--cache", tmp_path / "cache")
    result = run(tmp_path / "broken.stl", *arguments)
    assert result.exit_code == 1
    assert len(result.output.strip().splitlines()) == 1
    assert "broken.stl" in result.output
