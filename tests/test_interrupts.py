"""Ctrl-C while a command is still being imported, and outputs that take nothing: no traceback."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

COMMANDS = {
    "help": ("oddgen", "--help"),
    "generate": ("oddgen", "generate", "--scenes", "1", "--preset", "draft"),
    "predict": ("oddbench", "predict", "."),
}


def start(name: str, out: Path) -> subprocess.Popen[str]:
    group, *words = COMMANDS[name]
    more = [] if name == "help" else ["--out", str(out)]
    program = [sys.executable, "-c", f"from cli import {group}; {group}()", *words, *more]
    return subprocess.Popen(
        program,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_heeds_ctrl_c,
    )


def _heeds_ctrl_c() -> None:
    """Also where the tests themselves were started in the background, which ignores it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize("seconds", [0.3, 1.2])
@pytest.mark.parametrize("name", COMMANDS)
def test_ctrl_c_in_the_first_seconds(name: str, seconds: float, tmp_path: Path) -> None:
    process = start(name, tmp_path / "out")
    time.sleep(seconds)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=100)
    lines = told.strip().splitlines()
    if "Traceback" not in told or "cli.py" in told:  # else Python itself was not up yet
        assert len(lines) <= 1 and "Traceback" not in told, told


@pytest.mark.parametrize("seconds", [0.3, 1.2, 4.0])
def test_sigterm_while_importing_ends_quietly_and_wholly(seconds: float, tmp_path: Path) -> None:
    process = start("generate", tmp_path / "out")
    time.sleep(seconds)
    children = psutil.Process(process.pid).children(recursive=True)
    process.terminate()
    _, told = process.communicate(timeout=100)
    assert process.returncode != 0 and "Traceback" not in told
    _, alive = psutil.wait_procs(children, timeout=20)
    assert not alive
    assert not list(tmp_path.rglob("*.part"))


def test_an_output_that_takes_nothing_is_a_sentence(dataset: Path) -> None:
    program = [sys.executable, "-c", "from cli import oddgen; oddgen()", "info", str(dataset)]
    with open("/dev/full", "w") as full:
        ended = subprocess.run(program, stdout=full, stderr=subprocess.PIPE, text=True)
    assert ended.returncode == 1
    assert ended.stderr == (
        "Error: the output cannot be written (No space left on device); give another file.\n"
    )
