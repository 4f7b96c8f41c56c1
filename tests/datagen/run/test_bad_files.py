"""A folder as users have them, a fifth of it bad: every scene is made, each bad file named once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import trimesh

from datagen.dataset.reader import Dataset
from datagen.dataset.verify import verify

FILES, BAD, SCENES = 200, 40, 80
ENDS = ("stl", "obj", "ply", "glb")


def good(number: int, path: Path) -> None:
    """A box with a post, which differ from file to file."""
    rng = np.random.default_rng(number)
    box = trimesh.creation.box(rng.uniform(1, 3, 3))
    post = trimesh.creation.cylinder(rng.uniform(0.2, 0.4), 4, sections=12)
    trimesh.util.concatenate([box, post]).export(path)


def spoil(kind: int, path: Path) -> None:
    """Empty, cut, of another kind, or with numbers and indices that are none."""
    content = path.read_bytes()
    if kind == 0:
        path.write_bytes(b"")
    elif kind == 1:
        path.with_suffix(".ply").write_bytes(b"ply\nformat ascii 1.0\nelement vertex 4000000000\n"
                                             b"property float x\nend_header\n")  # fmt: skip
        path.unlink()
    elif kind == 2:
        path.write_bytes(b"<html><body>404 Not Found</body></html>")
    elif kind == 3:
        path.with_suffix(".obj").write_text("v 0 0 nan\nv 1 0 0\nv 0 1 0\nf 1 2 3\n")
        path.with_suffix(".stl").unlink(missing_ok=True)
    else:
        path.with_suffix(".glb").write_bytes(b"glTF" + content[4:40])
        path.with_suffix(".stl").unlink(missing_ok=True)


@pytest.mark.slow
def test_two_hundred_files_a_fifth_of_them_bad(tmp_path: Path) -> None:
    parts = tmp_path / "parts"
    parts.mkdir()
    for number in range(FILES):
        bad = number % (FILES // BAD) == 0
        path = parts / f"part_{number:03d}.{'stl' if bad else ENDS[number % 4]}"
        good(number, path)
        if bad:
            spoil(number // 5 % 5, path)
    names = {path.name for path in parts.iterdir()}
    spoilt = {name for name in names if int(name[5:8]) % 5 == 0}
    assert len(names) == FILES and len(spoilt) == BAD
    command = [sys.executable, "-c", "from cli import oddgen; oddgen()", "generate"]
    command += ["--source", "folder", "--assets", str(parts), "--scenes", str(SCENES)]
    command += ["--labels-only", "--resolution", "48", "--views", "2", "--objects", "2"]
    command += ["--anomalies", "bend", "--anomalies", "twist"]
    command += ["--out", str(tmp_path / "out"), "--cache", str(tmp_path / "cache")]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=3600)
    assert ended.returncode == 0, ended.stderr
    assert f"made {SCENES}, kept 0, retried 0, failed 0" in ended.stderr
    data = Dataset(tmp_path / "out")
    assert len(data) == SCENES and verify(tmp_path / "out") == []
    assert not {data.spec(name).shape.id for name in data.names} & spoilt
    named = [line for line in ended.stderr.splitlines() if line.startswith("bad shape: ")]
    assert all("; " in line and line.endswith(".") for line in named)
    listed = [name for line in named for name in spoilt if f"/{name}: " in line]
    notes = [path.read_text() for path in (tmp_path / "cache" / "sources").rglob("*.json")]
    remembered = [note for note in notes if '"bad"' in note]
    assert len(named) == len(listed) == len(set(listed)) == len(remembered) > BAD / 4

    again = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert again.returncode == 0 and f"made 0, kept {SCENES}" in again.stderr
