"""The threshold of a verdict: known answers, and what it promises on the held-out objects."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.detectors.decision import decide
from datagen.errors import OddgenError

NORMAL = tuple(np.linspace(0.0, 0.6, 40).round(4).tolist())
ODD = tuple(np.linspace(0.3, 1.0, 20).round(4).tolist())


def test_a_score_of_one_half_where_nothing_is_asked() -> None:
    usual = decide(ODD, NORMAL)
    assert usual.threshold == 0.5
    assert usual.false_alarms == pytest.approx(np.mean(np.array(NORMAL) >= 0.5))
    assert usual.missed == pytest.approx(np.mean(np.array(ODD) < 0.5))
    assert decide((), ()).false_alarms is None


@pytest.mark.parametrize("rate", [0.0, 0.01, 0.05, 0.2, 1.0])
def test_false_alarms_are_no_more_than_asked_and_the_threshold_no_higher(rate: float) -> None:
    found = decide(ODD, NORMAL, false_alarms=rate)
    assert found.false_alarms is not None and found.false_alarms <= rate
    lower = max((score for score in (*NORMAL, *ODD) if score < found.threshold), default=None)
    if lower is not None:
        assert np.mean(np.array(NORMAL) >= lower) > rate


def test_dearer_misses_lower_the_threshold_to_the_cheapest_one() -> None:
    steps = np.linspace(0, 1.01, 500)
    before = 2.0
    for cost in (0.0, 0.5, 2.0, 10.0):
        found = decide(ODD, NORMAL, miss_cost=cost)

        def price(step: float, cost: float = cost) -> float:
            return float((np.array(NORMAL) >= step).sum() + cost * (np.array(ODD) < step).sum())

        assert price(found.threshold) == min(price(step) for step in (*steps, *NORMAL, *ODD))
        assert found.threshold <= before
        before = found.threshold


def test_too_few_held_out_objects_are_told() -> None:
    with pytest.raises(OddgenError, match="validated on 3 odd and 40 normal objects, too few"):
        decide(ODD[:3], NORMAL, false_alarms=0.05)
