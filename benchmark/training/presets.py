"""Sizes of the detector that finds and judges, and how long each is trained."""

from __future__ import annotations

from dataclasses import dataclass, replace

from benchmark.training.finder.schema import FinderSteps
from benchmark.training.judge.schema import JudgeSteps
from model.finder.config import FinderConfig
from model.judge.config import JudgeConfig

CONTINUED_RATE = 0.5  # of the learning rates where trained weights are gone on from


@dataclass(frozen=True)
class DetectorPreset:
    """What is trained, and how long; continued_*: from weights that are trained already."""

    finder: FinderConfig
    judge: JudgeConfig
    finder_steps: FinderSteps
    judge_steps: JudgeSteps
    continued_finder: FinderSteps
    continued_judge: JudgeSteps


def _continued(
    finder: FinderSteps, judge: JudgeSteps, steps: tuple[int, int, int], epochs: int
) -> tuple[FinderSteps, JudgeSteps]:
    head, ground, close = steps
    rates = {
        name: getattr(finder, name) * CONTINUED_RATE
        for name in ("head_rate", "ground_rate", "close_rate")
    }
    counts = {"head_steps": head, "ground_steps": ground, "close_steps": close}
    less = replace(finder, invented=0, **counts, **rates)
    return less, replace(judge, epochs=epochs, rate=judge.rate * CONTINUED_RATE)


_NANO = (
    FinderSteps(head_steps=300, ground_steps=400, close_steps=300, invented=300),
    JudgeSteps(epochs=6),
)
_SMALL = FinderSteps(), JudgeSteps()
PRESETS = {
    "small": DetectorPreset(
        FinderConfig(), JudgeConfig(), *_SMALL, *_continued(*_SMALL, (300, 400, 400), 10)
    ),
    "nano": DetectorPreset(
        FinderConfig(head=32, width=24, close_width=24),
        JudgeConfig(crop=128, said=32),
        *_NANO,
        *_continued(*_NANO, (100, 100, 100), 4),
    ),
}
