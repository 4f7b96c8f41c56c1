"""A checkpoint that needs no training and still finds boxes: what it finds means nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch

from benchmark.training.checkpoint import BEST, Checkpoint, save
from benchmark.training.finder.schema import FinderFacts, FinderFile, FinderSteps
from benchmark.training.judge.files import WEIGHTS, WholeDetector, save_detector
from benchmark.training.judge.schema import DetectorFile, HeldOut, JudgeFacts, JudgeSteps
from benchmark.training.schema import CodeVersion, RunFacts, TrainingState
from model.detector import OddOneOutNetwork
from model.finder.finder import Finder
from model.judge.judge import Judge
from tests.support.detectors import TINY, some_views
from tests.support.tiny_training import TINY_FINDER, TINY_JUDGE

CODE = CodeVersion("0", "0", None, False)


def random_run(folder: Path, views: int = 3) -> Path:
    """A run's folder; its box threshold leaves a twentieth of the voxels dense."""
    torch.manual_seed(0)
    config = replace(TINY, distillation=None)
    detector = OddOneOutNetwork(config).eval()
    with torch.no_grad():
        density = detector.reconstruct(some_views(1, views, config.image)).density
    threshold = float(density.quantile(0.95))
    config = replace(config, boxes=replace(config.boxes, threshold=threshold))
    folder.mkdir(parents=True)
    facts = RunFacts(0, "", (), (), None, None, "no", 1)
    state = TrainingState(config, facts, CODE, 2, 1, ())
    save(Checkpoint(state, detector.state_dict(), None), folder / BEST)
    return folder


def random_whole(folder: Path, held_out: HeldOut | None = None) -> Path:
    """A run's folder with a finder and a judge that know nothing."""
    torch.manual_seed(0)
    finder, judge = TINY_FINDER, TINY_JUDGE
    told = DetectorFile(
        "odd-one-out detector",
        3,
        FinderFile(
            "odd-one-out finder", 2, finder, FinderFacts(0, "", (), 1, 0, "", FinderSteps()), CODE
        ),
        judge,
        JudgeFacts(0, "", "", 1, 0, JudgeSteps()),
        CODE,
        held_out or HeldOut(),
    )
    folder.mkdir(parents=True, exist_ok=True)
    save_detector(WholeDetector(Finder(finder), Judge(judge), told), folder / WEIGHTS)
    return folder
