"""From which score on an object is called odd, chosen on held-out scenes by what mistakes cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from datagen.errors import OddgenError

USUAL = 0.5
FEWEST = 10  # held-out objects of a kind that a rate can be told from


@dataclass(frozen=True)
class Decision:
    """threshold: an object that scores this or more is called odd. told: how it was chosen.

    false_alarms, missed: shares of held-out normal and odd objects that it gets wrong, None where
    nobody knows; normal, odd: how many there were.
    """

    threshold: float = USUAL
    told: str = "as likely as not"
    false_alarms: float | None = None
    missed: float | None = None
    normal: int = 0
    odd: int = 0


def decide(
    odd: Sequence[float],
    normal: Sequence[float],
    false_alarms: float | None = None,
    miss_cost: float | None = None,
) -> Decision:
    """By scores of held-out objects, ascending.

    false_alarms: call odd at most this share of normal objects. miss_cost: a missed odd object is
    as bad as so many false alarms. Neither: a score of .5. Raises OddgenError where the held-out
    objects are too few to tell.
    """
    if false_alarms is None and miss_cost is None:
        return _with_rates(USUAL, "as likely odd as not", odd, normal)
    if min(len(odd), len(normal)) < FEWEST:
        raise OddgenError(
            f"the detector was validated on {len(odd)} odd and {len(normal)} normal objects, too "
            f"few to choose a threshold ({FEWEST} of each are needed); leave --false-alarms and "
            "--miss-cost out, or train it with more --validation."
        )
    steps = np.unique(np.concatenate([odd, normal, [1.0]]))
    alarms = np.array([(np.asarray(normal) >= step).sum() for step in steps])
    if false_alarms is not None:
        allowed = steps[alarms <= false_alarms * len(normal)]
        threshold = float(allowed[0]) if len(allowed) else float(np.nextafter(1.0, 2.0))
        told = f"at most {false_alarms:.1%} false alarms among held-out normal objects"
        return _with_rates(threshold, told, odd, normal)
    assert miss_cost is not None
    misses = np.array([(np.asarray(odd) < step).sum() for step in steps])
    threshold = float(steps[np.argmin(alarms + miss_cost * misses)])
    told = f"a miss as bad as {miss_cost:g} false alarms"
    return _with_rates(threshold, told, odd, normal)


def _with_rates(
    threshold: float, told: str, odd: Sequence[float], normal: Sequence[float]
) -> Decision:
    alarms = float(np.mean(np.asarray(normal) >= threshold)) if normal else None
    missed = float(np.mean(np.asarray(odd) < threshold)) if odd else None
    return Decision(threshold, told, alarms, missed, len(normal), len(odd))
