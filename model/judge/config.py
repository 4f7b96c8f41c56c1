"""The choices of the judge, as plain data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class JudgeConfig:
    """What the judge is made of.

    largest: pixels along a square input; larger ones are made smaller. crop: pixels along a
    cut-out, a multiple of 16, which has a cell every 8. said: numbers that are said of a cell and a
    sibling. samples: of the silhouettes along a cell's ray. compare: whether an object's siblings
    count; without them every object is judged by itself, as the paper's variant A does.
    """

    largest: int = 512
    crop: int = 192
    said: int = 48
    samples: int = 12
    compare: bool = True

    @property
    def cells(self) -> int:
        """Cells along a cut-out."""
        return self.crop // 8
