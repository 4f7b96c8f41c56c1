"""The wheel alone, in a fresh environment and another folder, does what the checkout does."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.support.paths import REPOSITORY

SMALL = ["--resolution", "64", "--views", "6", "--samples", "1", "--objects", "3", "--workers", "1"]


def run(*command: str | Path, cwd: Path) -> str:
    ended = subprocess.run(list(map(str, command)), cwd=cwd, capture_output=True, text=True)
    assert ended.returncode == 0, f"{command}\n{ended.stdout}\n{ended.stderr}"
    return ended.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of an environment that has our wheel, and this one's other packages."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    run("git", "clone", "--quiet", REPOSITORY, source, cwd=folder)
    for name in run("git", "ls-files", "--others", "--modified", "--exclude-standard",
                    cwd=REPOSITORY).splitlines():  # fmt: skip
        if (REPOSITORY / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((REPOSITORY / name).read_bytes())
    run(sys.executable, "-m", "build", "--wheel", "--outdir", folder / "dist", source, cwd=folder)
    (wheel,) = (folder / "dist").glob("*.whl")
    run(sys.executable, "-m", "venv", "--without-pip", folder / "venv", cwd=folder)
    python = folder / "venv" / "bin" / "python"
    run(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--quiet", wheel,
        cwd=folder)  # fmt: skip
    (site,) = (folder / "venv").glob("lib/python*/site-packages")
    (site / "others.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    return python.parent


@pytest.mark.slow
def test_the_wheel_works_from_another_folder(installed: Path, tmp_path: Path) -> None:
    home = run(installed / "python", "-c", "import datagen; print(datagen.__file__)", cwd=tmp_path)
    assert str(installed.parent) in home
    oddgen, oddbench = installed / "oddgen", installed / "oddbench"
    cache = ["--cache", "cache"]
    assert "blender_studiolights" in run(oddgen, "assets", "list", cwd=tmp_path)
    run(oddgen, "generate", *SMALL, *cache, "--scenes", "4", "--normal-share", "0",
        "--anomalies", "material", "--out", "out", cwd=tmp_path)  # fmt: skip
    run(oddgen, "anomalies", "mug", "--type", "bend", "--count", "1", *cache, "--out", "odd",
        cwd=tmp_path)  # fmt: skip
    assert (tmp_path / "odd" / "sheet.png").is_file()
    run(oddgen, "validate", "out", *cache, cwd=tmp_path)
    assert (tmp_path / "out" / "validation" / "report.html").is_file()
    run(oddgen, "gallery", "out", cwd=tmp_path)
    run(oddbench, "train", "--data", "out", "--preset", "voxel-nano", "--variant", "A",
        "--pretraining-epochs", "0", "--epochs", "1", "--validation", "0", "--out", "runs",
        cwd=tmp_path)  # fmt: skip
    run(oddbench, "predict", "--detector", "all-normal", "--data", "out", "--split", "all",
        "--out", "preds.jsonl", cwd=tmp_path)  # fmt: skip
    run(oddbench, "score", "--data", "out", "--predictions", "preds.jsonl", "--split", "all",
        "--out", "scores", cwd=tmp_path)  # fmt: skip
    assert (tmp_path / "scores" / "report.html").is_file()
