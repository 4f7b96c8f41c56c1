"""What real cameras do to images and poses: noise for trainings and for the robustness study."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from scipy.spatial.transform import Rotation

Pixels = NDArray[np.uint8]
Poses = NDArray[np.float64]

SPOILT_SHARE = 0.5  # of the images for each kind of spoiling
BLUR = (0.3, 1.2)  # pixels
QUALITY = (35, 95)  # JPEG
GRAIN = (1.0, 6.0)  # of 255
TURN, SHIFT = 0.4, 0.4  # degrees, and per cent of the distance: most that a pose is off


def blurred(images: Pixels, radius: float) -> Pixels:
    """(V, H, W, 3) through a Gaussian of so many pixels."""
    return _each(images, lambda image: image.filter(ImageFilter.GaussianBlur(radius)))


def compressed(images: Pixels, quality: int) -> Pixels:
    """(V, H, W, 3) as JPEG files hold them."""

    def change(image: Image.Image) -> Image.Image:
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=quality)
        return cast(Image.Image, Image.open(buffer).convert("RGB"))

    return _each(images, change)


def turned(poses: Poses, degrees: float, rng: np.random.Generator) -> Poses:
    """world_to_camera (V, 4, 4), each camera turned by an angle about an axis of its own."""
    turned = poses.copy()
    rotation = Rotation.from_rotvec(np.deg2rad(degrees) * _directions(len(poses), rng)).as_matrix()
    turned[:, :3] = rotation @ turned[:, :3]
    return turned


def shifted(poses: Poses, per_cent: float, rng: np.random.Generator) -> Poses:
    """world_to_camera (V, 4, 4), each camera moved by a share of its distance from the origin."""
    shifted = poses.copy()
    length = np.linalg.norm(shifted[:, :3, 3], axis=1, keepdims=True)
    shifted[:, :3, 3] += _directions(len(poses), rng) * length * per_cent / 100
    return shifted


def spoilt_images(images: Pixels, rng: np.random.Generator) -> Pixels:
    """(V, H, W, 3) perhaps out of focus, grainy and compressed, all views alike."""
    if rng.uniform() < SPOILT_SHARE:
        images = blurred(images, rng.uniform(*BLUR))
    if rng.uniform() < SPOILT_SHARE:
        noise = rng.normal(0, rng.uniform(*GRAIN), images.shape)
        images = (images + noise).round().clip(0, 255).astype(np.uint8)
    if rng.uniform() < SPOILT_SHARE:
        images = compressed(images, int(rng.integers(*QUALITY)))
    return images


def spoilt_poses(poses: Poses, rng: np.random.Generator) -> Poses:
    """world_to_camera (V, 4, 4) as badly known as those of photographs."""
    return shifted(turned(poses, rng.uniform(0, TURN), rng), rng.uniform(0, SHIFT), rng)


def _each(images: Pixels, change: Callable[[Image.Image], Image.Image]) -> Pixels:
    return np.stack([np.asarray(change(Image.fromarray(image))) for image in images])


def _directions(count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    axes = rng.normal(size=(count, 3))
    return cast("NDArray[np.float64]", axes / np.linalg.norm(axes, axis=1, keepdims=True))
