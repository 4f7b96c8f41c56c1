"""How strong an anomaly is asked to be: from 0, hard to see, to 1, as strong as its type allows.

The strength that comes out is measured afterwards (anomalies.checks.strength).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.errors import OddgenError

SEVERITIES = {"subtle": (0.0, 1 / 3), "normal": (1 / 3, 2 / 3), "gross": (2 / 3, 1.0)}


def parse_severity(text: str) -> tuple[float, float]:
    """The lowest and the highest severity that --severity names.

    text: `subtle`, `normal`, `gross`, a number such as `0.5`, or a range such as `0.2-0.6`. Raises
    OddgenError for anything else.
    """
    if text in SEVERITIES:
        return SEVERITIES[text]
    low, _, high = text.partition("-")
    try:
        result = float(low), float(high or low)
    except ValueError:
        result = (np.nan, np.nan)
    if not 0 <= result[0] <= result[1] <= 1:
        raise OddgenError(
            f"--severity {text}: give {', '.join(SEVERITIES)} or a range within 0-1, as 0.2-0.6."
        )
    return result


@dataclass(frozen=True)
class Scale:
    """What a parameter is at each severity, linear between four values.

    Attributes:
        mildest: At severity 0.
        low: At 1/3, where the normal range begins.
        high: At 2/3, where it ends.
        strongest: At severity 1.
    """

    mildest: float
    low: float
    high: float
    strongest: float

    def at(self, severity: float) -> float:
        """The parameter at a severity.

        Args:
            severity: From 0 to 1; beyond, the nearest of the two holds.

        Returns:
            The value, linear between the four.
        """
        values = (self.mildest, self.low, self.high, self.strongest)
        return float(np.interp(severity, (0, 1 / 3, 2 / 3, 1), values))
