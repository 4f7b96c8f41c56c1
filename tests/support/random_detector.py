"""A checkpoint that needs no training and still finds boxes: what it finds means nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch

from benchmark.training.checkpoint import BEST, Checkpoint, save
from benchmark.training.schema import CodeVersion, RunFacts, TrainingState
from model.detector import OddOneOutNetwork
from tests.support.detectors import TINY, some_views


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
    state = TrainingState(config, facts, CodeVersion("0", "0", None, False), 2, 1, ())
    save(Checkpoint(state, detector.state_dict(), None), folder / BEST)
    return folder
