"""How well the judge tells odd objects from normal ones, and what calibrates it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from benchmark.detectors.views import fixed_views
from benchmark.training.judge.samples import JudgeScene
from benchmark.training.judge.schema import HeldOut
from datagen.base.ranking import auc
from model.judge.judge import Judge

TEST_VIEWS = 5
FEWEST = 8  # objects of either kind that a calibration needs


@torch.no_grad()
def judged_logits(
    judge: Judge, scenes: Sequence[JudgeScene]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """(M,) logits of all objects of the scenes, seen in TEST_VIEWS fixed views, and the truth."""
    judge.eval()
    rng = np.random.default_rng(0)
    logits, odd = [], []
    for scene in scenes:
        available = scene.cells.views
        seen = scene.drawn(fixed_views(min(TEST_VIEWS, available), available), None, rng)
        logits.append(judge(seen.cells).odd.double().numpy())
        odd.append(seen.targets.odd.numpy() > 0)
    return np.concatenate(logits), np.concatenate(odd)


def measure_judged(logits: NDArray[np.float64], odd: NDArray[np.bool_]) -> dict[str, float]:
    """The AUC, as far as there are objects of both kinds."""
    if odd.all() or not odd.any():
        return {}
    return {"auc": float(auc(logits, odd, np.ones((1, len(odd))))[0])}


def held_out_scores(judge: Judge, logits: NDArray[np.float64], odd: NDArray[np.bool_]) -> HeldOut:
    """What is kept of held-out objects in the detector's file."""
    scores = np.round(judge.probability(torch.from_numpy(logits)).numpy(), 4)
    return HeldOut(tuple(np.sort(scores[odd]).tolist()), tuple(np.sort(scores[~odd]).tolist()))


def calibrate(judge: Judge, logits: NDArray[np.float64], odd: NDArray[np.bool_]) -> None:
    """Set what brings logits to probabilities, as Platt did; not where the objects are too few."""
    from sklearn.linear_model import LogisticRegression

    if min(int(odd.sum()), int((~odd).sum())) < FEWEST:
        return
    fitted = LogisticRegression(C=1.0).fit(logits[:, None], odd)
    slope, shift = max(float(fitted.coef_[0, 0]), 0.0), float(fitted.intercept_[0])
    judge.calibration.data = torch.tensor([slope, shift])
