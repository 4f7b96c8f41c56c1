"""The benchmark's own arithmetic, and the detector's volume that scenes are made for."""

from __future__ import annotations

import numpy as np
import pytest
from click.testing import CliRunner

from benchmark.studies.rendering import psnr
from cli import oddbench
from datagen.scenes.drop import VOLUME
from model.grid import PAPER_GRID


def test_psnr_known_answer() -> None:
    reference = np.full((1, 8, 8, 3), 100, np.uint8)
    images = np.full((3, 8, 8, 3), 110, np.uint8)
    assert psnr(images, reference) == pytest.approx(20 * np.log10(255 / 10))


def test_the_detectors_volume() -> None:
    assert PAPER_GRID.extent == pytest.approx((3.84, 3.84, 0.64))
    assert PAPER_GRID.extent == VOLUME


def test_oddbench_tells_what_it_measures() -> None:
    answer = CliRunner().invoke(oddbench, ["rendering", "--help"])
    assert answer.exit_code == 0
    assert all(word in answer.output for word in ("CPU-seconds", "PSNR", "memory"))
