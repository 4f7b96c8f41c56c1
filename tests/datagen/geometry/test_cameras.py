"""Cameras: the published geometry, OpenCV axes, everything inside every image."""

from __future__ import annotations

import json

import numpy as np
import pytest

from datagen.geometry.cameras import HEIGHT, RADIUS, draw_ring, intrinsics, look_at, place, project
from tests.support.data import PUBLISHED_SCENE, needs


def eye_of(pose: np.ndarray) -> np.ndarray:
    return -pose[:3, :3].T @ pose[:3, 3]


def elevation(pose: np.ndarray) -> float:
    """Degrees by which the camera looks down."""
    return float(np.degrees(np.arcsin(-pose[2, 2])))


def crowd(rng: np.random.Generator, objects: int, spread: float, size: float) -> np.ndarray:
    """Points of cubes that stand on the floor within a square."""
    corners = (np.indices((2, 2, 2)).reshape(3, -1).T - [0.5, 0.5, 0]) * size
    positions = np.c_[rng.uniform(-spread / 2, spread / 2, (objects, 2)), np.zeros(objects)]
    return (positions[:, None] + corners).reshape(-1, 3)


@pytest.mark.parametrize(("resolution", "focal"), [(256, 213.3333), (512, 426.6667), (64, 53.3333)])
def test_30_mm_lens_on_36_mm_sensor(resolution: int, focal: float) -> None:
    half = resolution / 2
    expected = [[focal, 0, half], [0, focal, half], [0, 0, 1]]
    np.testing.assert_allclose(intrinsics(resolution), expected, atol=1e-4)


def test_look_at_known_answer() -> None:
    """From the south, level: x to the right is east, y is down, z is north."""
    pose = look_at(np.array([0.0, -2.0, 1.0]), np.array([0.0, 0.0, 1.0]))
    np.testing.assert_allclose(pose[:3, :3], [[1, 0, 0], [0, 0, -1], [0, 1, 0]], atol=1e-15)
    points = np.array([[0.0, 0.0, 1.0], [0.5, 0.0, 1.0], [0.0, 0.0, 1.5], [0.0, 2.0, 1.0]])
    pixels, depth = project(points, pose, intrinsics(240))
    np.testing.assert_allclose(pixels, [[120, 120], [170, 120], [120, 70], [120, 120]])
    np.testing.assert_allclose(depth, [2, 2, 2, 4])


def test_look_at_is_a_rigid_motion_that_centres_its_target() -> None:
    rng = np.random.default_rng(2)
    for eye, target in rng.normal(size=(20, 2, 3)):
        pose = look_at(eye, target)
        np.testing.assert_allclose(pose[:3, :3] @ pose[:3, :3].T, np.eye(3), atol=1e-12)
        assert np.linalg.det(pose[:3, :3]) == pytest.approx(1)
        np.testing.assert_allclose(eye_of(pose), eye, atol=1e-12)
        distance = np.linalg.norm(target - eye)
        np.testing.assert_allclose(pose @ [*target, 1], [0, 0, distance, 1], atol=1e-12)


def test_ring_is_even_and_within_the_published_ranges() -> None:
    starts = set()
    for seed in range(50):
        ring = draw_ring(np.random.default_rng(seed), 20)
        turns = np.diff(ring[:, 0], append=ring[0, 0] + 2 * np.pi)
        np.testing.assert_allclose(turns, np.radians(18))
        assert RADIUS[0] <= ring[:, 1].min() and ring[:, 1].max() <= RADIUS[1]
        assert HEIGHT[0] <= ring[:, 2].min() and ring[:, 2].max() <= HEIGHT[1]
        starts.add(int(ring[0, 0] // (np.pi / 2)))
    assert starts == {0, 1, 2, 3}
    assert (RADIUS, HEIGHT) == ((0.67, 0.77), (0.36, 0.42))


def test_a_small_scene_keeps_the_drawn_radii_and_heights() -> None:
    rng = np.random.default_rng(4)
    ring = draw_ring(rng, 20)
    points = crowd(rng, 4, spread=0.3, size=0.1) + [0.4, -0.2, 0]
    poses = place(ring, points, 256)
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    for (azimuth, radius, height), pose in zip(ring, poses, strict=True):
        eye = eye_of(pose)
        flat = radius * np.array([np.cos(azimuth), np.sin(azimuth)])
        np.testing.assert_allclose(eye, [*(middle[:2] + flat), height], atol=1e-9)
        pixels, _ = project(middle[None], pose, intrinsics(256))
        np.testing.assert_allclose(pixels, [[128, 128]], atol=1e-9)
        assert 22 < elevation(pose) < 30


@pytest.mark.parametrize(
    ("objects", "spread", "size"),
    [(1, 0.0, 0.4), (6, 0.8, 0.4), (12, 1.6, 0.41), (12, 3.4, 0.41)],
)
def test_everything_is_inside_every_image(objects: int, spread: float, size: float) -> None:
    rng = np.random.default_rng(objects)
    ring = draw_ring(rng, 20)
    points = crowd(rng, objects, spread, size)
    poses = place(ring, points, 128)
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    for (_, radius, height), pose in zip(ring, poses, strict=True):
        pixels, depth = project(points, pose, intrinsics(128))
        assert pixels.min() >= 2 - 1e-6 and pixels.max() <= 126 + 1e-6
        assert depth.min() > 0
        drawn = np.degrees(np.arctan2(height - middle[2], radius))
        assert elevation(pose) == pytest.approx(drawn)
        moved = np.linalg.norm(eye_of(pose) - middle) - np.hypot(radius, height - middle[2])
        assert moved >= -1e-9
        if moved > 1e-9:  # no farther than needed: something touches the margin
            assert min(pixels.min() - 2, 126 - pixels.max()) == pytest.approx(0, abs=1e-6)


@needs("published_scene")
def test_as_in_the_published_scene() -> None:
    """Their matrices are ours for the same eyes and target; only the doubled end point is not."""
    published = json.loads((PUBLISHED_SCENE / "scene3d.metadata.json").read_text())["camera"]
    np.testing.assert_allclose(published["K"], intrinsics(256), atol=1e-3)
    poses = np.array([pose["rotation"] for pose in published["poses"]])
    eyes = np.array([eye_of(pose) for pose in poses])
    across = np.eye(3) - poses[:, 2, :3, None] * poses[:, 2, None, :3]
    target = np.linalg.solve(across.sum(axis=0), (across @ eyes[..., None]).sum(axis=0)[:, 0])
    for pose, eye in zip(poses, eyes, strict=True):
        np.testing.assert_allclose(look_at(eye, target), pose, atol=1e-3)
    radius = np.linalg.norm(eyes[:, :2], axis=1)
    above_the_floor = np.degrees(np.arctan2(eyes[:, 2], radius))
    assert above_the_floor.min() >= 25 and above_the_floor.max() <= 32.5
    assert RADIUS[0] - 0.01 <= radius.min() and radius.max() <= RADIUS[1] + 0.01
    assert HEIGHT[0] - 0.01 <= eyes[:, 2].min() and eyes[:, 2].max() <= HEIGHT[1] + 0.01
