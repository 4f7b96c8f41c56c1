"""Light that files made smaller with a sharpening filter spoil is mended."""

from __future__ import annotations

import numpy as np

from datagen.blender.surroundings import mend_light


def panorama() -> np.ndarray:
    """A dim sky (16, 32, 4) with a lamp and the dark ring that Lanczos leaves round it."""
    pixels = np.full((16, 32, 4), 0.5, np.float32)
    pixels[7:10, 30:], pixels[7:10, :2] = -40.0, -40.0
    pixels[8, 31] = 900.0
    return pixels


def test_rings_take_the_light_around_them() -> None:
    broken = panorama()
    mended = mend_light(broken)
    assert mended.min() == 0.5
    assert mended[8, 31].tolist() == [900.0] * 4
    np.testing.assert_array_equal(mended[:, 5:28], broken[:, 5:28])


def test_numbers_that_are_none_are_mended() -> None:
    broken = panorama()
    broken[2, 3, 0], broken[3, 9, 1] = np.nan, np.inf
    mended = mend_light(broken)
    assert mended[2, 3].tolist() == mended[3, 9].tolist() == [0.5] * 4


def test_sound_light_stays() -> None:
    sound = np.abs(panorama())
    np.testing.assert_array_equal(mend_light(sound), sound)


def test_a_panorama_without_any_light_is_black() -> None:
    assert mend_light(np.full((4, 8, 4), -1.0, np.float32)).max() == 0.0
