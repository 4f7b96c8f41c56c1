"""oddbench train --preset small, nano: finder and judge in one run, also from weights."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from rich.console import Console

from benchmark.training.judge.files import load_whole_detector
from benchmark.training.judge.schema import JudgeSteps
from benchmark.training.presets import PRESETS, DetectorPreset
from benchmark.training.run_files import weights_digest
from benchmark.training.runs import load_run
from benchmark.training.whole import WholeJob, train_whole
from cli import oddbench
from datagen.errors import OddgenError
from model.judge.config import JudgeConfig
from tests.support.tiny_training import FEW_STEPS, TINY_FINDER, TINY_JUDGE

pytestmark = pytest.mark.usefixtures("one_thread")

ONE = JudgeSteps(epochs=1, batch=2, cells=100, copies=1)
TINY = DetectorPreset(
    TINY_FINDER,
    TINY_JUDGE,
    FEW_STEPS,
    ONE,
    replace(FEW_STEPS, head_steps=1, head_rate=0.0, ground_rate=0.0, close_rate=0.0),
    replace(ONE, rate=1e-9),
)
QUIET = Console(quiet=True)


@pytest.fixture(scope="module")
def run(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("whole") / "run"
    train_whole(WholeJob(dataset, out, TINY, seed=3, validation=0.3), QUIET)
    return out


def test_one_command_trains_what_finds_and_judges(run: Path) -> None:
    whole = load_whole_detector(run)
    assert whole.told.config == TINY.judge and whole.told.finder.config == TINY.finder
    assert whole.told.facts.start is None and whole.told.facts.train >= 1
    assert load_run(run).detector.protocols[0] == "predicted"


def test_going_on_starts_from_the_weights_given(dataset: Path, run: Path, tmp_path: Path) -> None:
    """At rates of next to nothing they stay what they were, whatever the preset's sizes are."""
    job = WholeJob(dataset, tmp_path, replace(TINY, judge=JudgeConfig()), start=run, validation=0)
    train_whole(job, QUIET)
    first, second = load_whole_detector(run), load_whole_detector(tmp_path)
    assert second.told.config == first.told.config
    assert second.told.facts.start == weights_digest(first.judge)
    assert second.told.finder.facts.start == weights_digest(first.finder)
    for name, value in second.judge.network.state_dict().items():
        assert torch.allclose(value, first.judge.network.state_dict()[name], atol=1e-3), name


def test_a_finished_run_is_left_as_it_is(dataset: Path, run: Path) -> None:
    file = run / "detector.safetensors"
    before = file.stat().st_mtime_ns
    train_whole(WholeJob(dataset, run, TINY, seed=3, validation=0.3), QUIET)
    assert file.stat().st_mtime_ns == before


def test_more_epochs_than_before_are_had_by_going_on(
    dataset: Path, run: Path, tmp_path: Path
) -> None:
    with pytest.raises(OddgenError, match="other options or data"):
        train_whole(WholeJob(dataset, run, TINY, epochs=2, seed=3, validation=0.3), QUIET)
    job = WholeJob(dataset, tmp_path, TINY, epochs=2, seed=3, validation=0.3, start=run)
    train_whole(job, QUIET)
    assert len((tmp_path / "history.jsonl").read_text().splitlines()) == 2


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--teacher", "weights.pth"], "--teacher: is for the presets paper"),
        (["--variant", "B"], "of small there are A and full"),
        (["--preset", "paper", "--labels", "."], "--labels: is for the presets small and nano"),
        (["--from", "nowhere"], "--from nowhere: no such file or folder; give the --out folder"),
        (
            ["--preset", "paper", "--from", "shipped"],
            "that finds and judges goes on with small or nano",
        ),
    ],
)
def test_options_that_do_not_go_together_are_told(
    dataset: Path, tmp_path: Path, options: list[str], words: str
) -> None:
    arguments = ["train", "--data", str(dataset), "--out", str(tmp_path / "run"), *options]
    result = CliRunner().invoke(oddbench, arguments)
    assert result.exit_code == 1 and words in result.output
    assert not (tmp_path / "run").exists()


def test_presets_say_less_of_what_goes_on_from_weights() -> None:
    for preset in PRESETS.values():
        assert preset.continued_judge.epochs < preset.judge_steps.epochs
        assert preset.continued_finder.ground_steps < preset.finder_steps.ground_steps
        assert preset.continued_finder.ground_rate < preset.finder_steps.ground_rate
