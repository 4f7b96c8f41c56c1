"""The commands: one helpful sentence for every wrong option, and nothing heavy for --help."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from cli import oddbench, oddgen
from tests.support.runs import OPTIONS, copy_of


def answer(*arguments: str) -> str:
    """The one line that a failing command says."""
    result = CliRunner().invoke(oddgen, list(arguments))
    assert result.exit_code == 1, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    lines = [line for line in result.output.splitlines() if line.strip()]
    assert len(lines) == 1, result.output
    return lines[0]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("--scenes 0", "--scenes 0: give a whole number, 1 to 999999."),
        ("--scenes -3", "--scenes -3: give a whole number, 1 to 999999."),
        ("--scenes many", "--scenes many: give a whole number"),
        ("--objects 6-3", "--objects 6-3: give 1 to 40 objects, the smaller number first."),
        ("--objects 50", "--objects 50: give 1 to 40 objects"),
        ("--objects 0", "--objects 0: give 1 to 40 objects"),
        ("--objects -4", "--objects -4: give a range like 3-6."),
        ("--objects few", "--objects few: give a range like 3-6."),
        ("--workers 0", "--workers 0: give a whole number, 1 to 256."),
        ("--workers 1.5", "--workers 1.5: give a whole number"),
        ("--resolution 7", "--resolution 7: give a whole number, 32 to 4096."),
        ("--resolution 99999", "--resolution 99999: give a whole number, 32 to 4096."),
        ("--samples 0", "--samples 0: give a whole number, 1 to 65536."),
        ("--views 0", "--views 0: give a whole number, 1 to 500."),
        ("--seed -1", "--seed -1: give a whole number, 0 or more."),
        ("--normal-share 1.1", "--normal-share 1.1: give a number, 0 to 1."),
        ("--normal-share nan", "--normal-share nan: give a number, 0 to 1."),
        ("--timeout inf", "--timeout inf: give a number, 1 or more."),
        ("--timeout 0", "--timeout 0: give a number, 1 or more."),
        ("--scenes-per-shard 0", "--scenes-per-shard 0: give a whole number"),
        ("--source builtn", "--source builtn: not known; did you mean builtin?"),
        (
            "--source x",
            "--source x: not known; choose one of builtin, toys4k, abc, folder, builtin+toys4k, "
            "builtin+abc, builtin+folder.",
        ),
        ("--anomalies twst", "--anomalies twst: not known; did you mean twist?"),
        ("--pose upsidedown", "--pose upsidedown: not known; choose one of drop, upright."),
        ("--preset defualt", "--preset defualt: not known; did you mean default?"),
        ("--device gpu", "--device gpu: not known; choose one of auto, cpu."),
        ("--sample 4", "No such option '--sample'. (Did you mean"),
        ("--up y", "--up y: the built-in source takes no files"),
        ("--assets .", "the built-in source takes no files"),
        ("--source folder", "--source folder: needs --assets PATH"),
        ("--source folder --assets nowhere", "no such folder"),
        ("--hdri nowhere", "no such folder; give --hdri"),
        ("--floors nowhere", "no such folder; give --floors"),
    ],
)
def test_a_wrong_option_is_one_sentence(tmp_path, monkeypatch, options, told):
    monkeypatch.chdir(tmp_path)
    common = ["generate", "--scenes", "1", "--out", "out", "--cache", "cache"]
    assert told in answer(*common, *options.split())
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("generate --out x", "--scenes: give how many, or --preset"),
        ("generate --scenes 1", "Missing option '--out'."),
        ("genrate", "No such command 'genrate'. Did you mean 'generate'?"),
        ("info", "Missing argument 'OUT'."),
        ("info nowhere", "nowhere: no such folder"),
        ("verify nowhere", "nowhere: no such folder"),
        ("gallery nowhere", "nowhere: no such folder"),
        ("gallery nowhere --scenes 0", "--scenes 0: give a whole number, 1 or more."),
        ("remake nowhere 1 --to x", "nowhere: no such folder"),
        ("remake nowhere one --to x", "give a whole number, 0 to 999999."),
    ],
)
def test_a_wrong_command_is_one_sentence(tmp_path, monkeypatch, command, told):
    monkeypatch.chdir(tmp_path)
    assert told in answer(*command.split())


def test_help_loads_nothing_heavy():
    code = """
import sys
from cli import oddgen
try:
    oddgen(["generate", "--help"])
except SystemExit:
    pass
heavy = "bpy torch open3d h5py numpy scipy trimesh PIL rich jinja2 pebble pydantic".split()
assert not [name for name in heavy if name in sys.modules], [n for n in heavy if n in sys.modules]
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert "--scenes-per-shard" in ended.stdout


def test_info_tells_what_is_there(dataset):
    result = CliRunner().invoke(oddgen, ["info", str(dataset)], env={"COLUMNS": "200"})
    assert result.exit_code == 0, result.output
    for words in ("objects            │ 12, of them", "builtin 4x", "CC0-1.0 4x",
                  "3 views of 64 x 64 4x", "in 2 shards", "MB a scene", "bpy"):  # fmt: skip
        assert words in result.output, words


def test_verify_and_its_exit_status(dataset, tmp_path):
    result = CliRunner().invoke(oddgen, ["verify", str(dataset)])
    assert result.exit_code == 0 and "is in order" in result.output
    out = copy_of(dataset, tmp_path / "out")
    (out / "shards" / "shard-00000.h5").unlink()
    assert "shard-00000.h5: missing" in answer("verify", str(out))


def test_failed_scenes_are_summed_up_with_exit_status_1(tmp_path):
    """No scene can be made of a shape whose only anomaly type never applies."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "cube.stl").write_text(
        "solid tetrahedron\n"
        + "".join(
            "facet normal 0 0 0\nouter loop\n"
            + "".join(f"vertex {x} {y} {z}\n" for x, y, z in corners)
            + "endloop\nendfacet\n"
            for corners in (
                ((0, 0, 0), (0, 1, 0), (1, 0, 0)),
                ((0, 0, 0), (1, 0, 0), (0, 0, 1)),
                ((0, 0, 0), (0, 0, 1), (0, 1, 0)),
                ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
            )
        )
        + "endsolid\n"
    )
    command = [sys.executable, "-c", "from cli import oddgen; oddgen()", "generate"]
    command += ["--source", "folder", "--assets", str(tmp_path / "in"), "--scenes", "1"]
    command += [*OPTIONS[:-6], "--anomalies", "missing", "--normal-share", "0"]
    command += ["--out", str(tmp_path / "out"), "--cache", str(tmp_path / "cache")]
    ended = subprocess.run(command, capture_output=True, text=True)
    assert ended.returncode == 1
    words = " ".join(ended.stderr.split())
    assert "made 0, kept 0, retried 0, failed 1" in words
    assert "failed: scene 0: no valid scene in" in words
    assert "draws rejected: missing: no part that comes off" in words
    assert "seconds per scene" in words
    assert "Traceback" not in ended.stderr
    index = json.loads((tmp_path / "out" / "index.json").read_text())
    assert [entry["scene"] for entry in index["failures"]] == ["scene-000000"]


def test_oddbench_tells_what_it_measures() -> None:
    answer = CliRunner().invoke(oddbench, ["rendering", "--help"])
    assert answer.exit_code == 0
    assert all(word in answer.output for word in ("CPU-seconds", "PSNR", "memory"))
