"""Images and poses spoilt as photographs are: a little, and the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from benchmark.detectors.spoil import (
    SHIFT,
    TURN,
    blurred,
    compressed,
    shifted,
    spoilt_images,
    spoilt_poses,
    turned,
)
from tests.support.detectors import cameras

IMAGES = np.zeros((2, 48, 64, 3), np.uint8)
IMAGES[:, 12:36, 16:48] = [220, 140, 40]
POSES = cameras(5, 64)[1]


@pytest.mark.parametrize("seed", range(8))
def test_images_stay_what_they_show(seed: int) -> None:
    found = spoilt_images(IMAGES, np.random.default_rng(seed))
    assert found.dtype == np.uint8 and found.shape == IMAGES.shape
    assert np.array_equal(found, spoilt_images(IMAGES, np.random.default_rng(seed)))
    assert np.abs(found.astype(float) - IMAGES).mean() < 8
    assert np.abs(found[:, 18:30, 24:40].mean((0, 1, 2)) - [220, 140, 40]).max() < 8


def test_blur_and_jpeg_spoil_edges_most() -> None:
    for found in (blurred(IMAGES, 1.0), compressed(IMAGES, 20)):
        off = np.abs(found.astype(float) - IMAGES).mean(axis=(0, 3))
        assert off[11:13, 16:48].mean() > 3 * off[20:28, 24:40].mean()


def test_poses_are_off_by_what_is_said() -> None:
    rng = np.random.default_rng(0)
    for matrices, angle, share in (
        (turned(POSES, 1.0, rng), 1.0, None),
        (shifted(POSES, 2.0, rng), 0.0, 0.02),
    ):
        between = matrices[:, :3, :3] @ POSES[:, :3, :3].transpose(0, 2, 1)
        assert np.allclose(np.rad2deg(Rotation.from_matrix(between).magnitude()), angle)
        if share is not None:
            moved = np.linalg.norm(matrices[:, :3, 3] - POSES[:, :3, 3], axis=1)
            assert np.allclose(moved, share * np.linalg.norm(POSES[:, :3, 3], axis=1))
    found = spoilt_poses(POSES, rng)
    between = Rotation.from_matrix(found[:, :3, :3] @ POSES[:, :3, :3].transpose(0, 2, 1))
    assert np.rad2deg(between.magnitude()).max() <= TURN
    away = np.linalg.norm(found[:, :3, 3], axis=1) / np.linalg.norm(POSES[:, :3, 3], axis=1)
    assert np.abs(away - 1).max() <= SHIFT / 100 + 1e-9
    assert np.allclose(np.linalg.det(found[:, :3, :3]), 1)
