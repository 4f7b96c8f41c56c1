"""`oddbench rendering`: its own arithmetic."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.studies.rendering import psnr


def test_psnr_known_answer() -> None:
    reference = np.full((1, 8, 8, 3), 100, np.uint8)
    images = np.full((3, 8, 8, 3), 110, np.uint8)
    assert psnr(images, reference) == pytest.approx(20 * np.log10(255 / 10))
