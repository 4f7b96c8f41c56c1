"""Figures of groups of objects, of one contestant that was trained with several seeds or none."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmark.scoring.bootstrap import Estimate, estimates
from benchmark.scoring.metrics import measures
from benchmark.scoring.outcome import Bools, Outcome
from datagen.base.ranking import auc
from datagen.geometry.shape import Floats

Estimates = dict[str, Estimate]


def overall(outcomes: Sequence[Outcome], names: Sequence[str], draws: int) -> Estimates:
    """These figures (benchmark.scoring.metrics.TITLES), the mean over the seeds' outcomes.

    All outcomes are of the same scenes; a draw of scenes serves all seeds.
    """

    def figures(weights: Floats) -> dict[str, Floats]:
        each = [measures(outcome, weights) for outcome in outcomes]
        return {name: np.mean([one[name] for one in each], axis=0) for name in names}

    return estimates(figures, len(outcomes[0].names), draws, 0)


def of_group(outcomes: Sequence[Outcome], group: Bools, draws: int, against_all: bool) -> Estimates:
    """AUC and the share that is matched and rightly called, of the objects (N,) that are True.

    against_all: the group's odd objects are ranked against all normal ones, not its own alone.
    """

    def figures(weights: Floats) -> dict[str, Floats]:
        each = [_of_group(outcome, group, weights, against_all) for outcome in outcomes]
        return {name: np.mean([one[name] for one in each], axis=0) for name in each[0]}

    return estimates(figures, len(outcomes[0].names), draws, 0)


def _of_group(
    outcome: Outcome, group: Bools, weights: Floats, against_all: bool
) -> dict[str, Floats]:
    w = weights[:, outcome.scene]
    odd = group & outcome.anomalous
    chosen = odd | (~outcome.anomalous & (group | against_all))
    return {
        "auc": auc(outcome.ranked[chosen], odd[chosen], w[:, chosen]),
        "recall": _share(outcome.matched, group, w),
        "accuracy": _share(outcome.right, group, w),
    }


def _share(values: Bools, group: Bools, weights: Floats) -> Floats:
    total = weights[:, group].sum(axis=1)
    return np.divide(
        weights[:, group] @ values[group].astype(float),
        total,
        out=np.full(len(weights), np.nan),
        where=total > 0,
    )
