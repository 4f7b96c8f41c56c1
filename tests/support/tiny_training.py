"""Finders and judges as small as they can be, and trainings of a few steps."""

from __future__ import annotations

from benchmark.training.finder.schema import FinderSteps
from model.finder.config import FinderConfig
from model.judge.config import JudgeConfig

TINY_FINDER = FinderConfig(image=64, head=8, cells=48, cell=0.025, width=8)
TINY_JUDGE = JudgeConfig(crop=48, said=8, samples=4)
FEW_STEPS = FinderSteps(
    head_steps=2,
    head_batch=2,
    ground_steps=2,
    ground_batch=2,
    close_steps=2,
    close_batch=2,
    invented=2,
)
