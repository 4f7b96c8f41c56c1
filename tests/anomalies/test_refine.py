"""Finer faces on the same surface: none hangs, and they are no more than allowed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import trimesh

from anomalies.surgery.refine import refine
from tests.support.shapes import single


@pytest.mark.parametrize("soup", [False, True])
@pytest.mark.parametrize("ball", [None, (np.array([0.1, 0.1, 0.2]), 0.1)])
def test_refine_is_conforming(soup: bool, ball: tuple | None) -> None:
    shape = single(trimesh.creation.box((1.0, 0.4, 0.3)))
    shape = replace(shape, uv=shape.corners[:, :, :2].copy())
    if soup:
        corners = shape.corners.reshape(-1, 3)
        shape = replace(shape, vertices=corners, faces=np.arange(len(corners)).reshape(-1, 3))
    fine, origin = refine(shape, 0.04, ball)
    assert fine.face_areas.sum() == pytest.approx(shape.face_areas.sum())
    areas = np.bincount(origin, fine.face_areas)
    np.testing.assert_allclose(areas, shape.face_areas)
    np.testing.assert_allclose(fine.uv, fine.corners[:, :, :2], atol=1e-12)
    sides = np.linalg.norm(fine.corners - np.roll(fine.corners, 1, axis=1), axis=2)
    if ball is None:
        assert sides.max() <= 0.04
    if ball is None or not soup:
        merged = trimesh.Trimesh(fine.vertices, fine.faces)
        assert merged.is_watertight
        assert merged.is_winding_consistent
        assert merged.euler_number == 2


def test_refine_respects_its_limit() -> None:
    shape = single(trimesh.creation.icosphere(2))
    fine, _ = refine(shape, 0.001, face_limit=3000)
    assert len(shape.faces) < len(fine.faces) <= 3000
    assert trimesh.Trimesh(fine.vertices, fine.faces).is_watertight
