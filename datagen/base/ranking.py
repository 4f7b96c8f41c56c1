"""Figures of a ranking for many weightings of its rows at once, as a bootstrap needs them.

Every function takes weights (D, N), one row a draw, and returns (D,); NaN where undefined. With
all weights 1 they equal scikit-learn's.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def auc(scores: Floats, positive: Bools, weights: Floats) -> Floats:
    """Area under the ROC curve: how often a positive outranks a negative, ties counting half.

    scores: (N,); positive: (N,) bool; weights: (D, N). Returns (D,).
    """
    plus, minus = _levels(scores, positive, weights)
    below = np.cumsum(minus, axis=1) - minus
    wins = (plus * (below + minus / 2)).sum(axis=1)
    return _ratio(wins, plus.sum(axis=1) * minus.sum(axis=1))


def average_precision(
    scores: Floats, positive: Bools, weights: Floats, total: Floats | None = None
) -> Floats:
    """Sum of precision times recall gained, from the highest score down.

    scores: (N,); positive: (N,) bool; weights: (D, N). total: (D,) weight of all positives, where
    some are not in the ranking and so never found. Returns (D,).
    """
    plus, minus = _levels(-scores, positive, weights)
    found = np.cumsum(plus, axis=1)
    precision = _ratio(found, found + np.cumsum(minus, axis=1), otherwise=0.0)
    return _ratio((precision * plus).sum(axis=1), plus.sum(axis=1) if total is None else total)


def f1_max(scores: Floats, positive: Bools, weights: Floats, total: Floats | None = None) -> Floats:
    """Largest F1 over all thresholds, (D,); arguments as of average_precision."""
    plus, minus = _levels(-scores, positive, weights)
    everything = plus.sum(axis=1) if total is None else total
    called = np.cumsum(plus + minus, axis=1)
    f1 = _ratio(2 * np.cumsum(plus, axis=1), called + everything[:, None], otherwise=0.0)
    best = f1.max(axis=1, initial=0.0)
    return np.where(everything > 0, best, np.nan)


def _levels(scores: Floats, positive: Bools, weights: Floats) -> tuple[Floats, Floats]:
    """(D, L) weight of the positives and of the negatives at each distinct score, ascending."""
    if not len(scores):
        return np.zeros((len(weights), 0)), np.zeros((len(weights), 0))
    order = np.argsort(scores, kind="stable")
    starts = np.flatnonzero(np.diff(scores[order], prepend=-np.inf) > 0)
    weights = weights[:, order]
    plus = np.add.reduceat(weights * positive[order], starts, axis=1)
    return plus, np.add.reduceat(weights, starts, axis=1) - plus


def _ratio(part: Floats, whole: Floats, otherwise: float = np.nan) -> Floats:
    return np.divide(part, whole, out=np.full(np.shape(part), otherwise), where=whole > 0)
