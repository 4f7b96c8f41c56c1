"""The solid of a mesh: right where it is known, the same for broken versions of one ball."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import trimesh

from anomalies.fracturing import solid
from anomalies.surgery.scalar_grid import Grid
from datagen.geometry.cache import ShapeCache
from datagen.geometry.shape import Floats, Shape
from datagen.sources.open import load_shape, open_source
from tests.support.data import require
from tests.support.shapes import shape_of

BALL_VOLUME = 4 / 3 * np.pi * 0.5**3


@pytest.fixture(scope="module")
def ball() -> Shape:
    return shape_of(trimesh.creation.icosphere(4, 0.5))


def near(body: Grid, cells: float) -> Floats:
    """(N, 3) nodes of the grid closer to the surface than so many cells."""
    return body.points[np.abs(body.values) < cells * body.spacing]


def test_distance_to_a_ball(ball: Shape) -> None:
    body = solid.signed_distance(ball)
    exact = np.linalg.norm(body.points, axis=-1) - 0.5
    close = np.abs(exact) < 2 * body.spacing
    assert np.abs(body.values - exact)[close].max() < 0.1 * body.spacing
    assert np.abs(body.values - exact).max() < body.spacing
    assert solid.volume(body) == pytest.approx(BALL_VOLUME, rel=0.005)


def test_distance_to_a_box() -> None:
    sides = np.array([0.7, 0.4, 0.2])
    body = solid.signed_distance(shape_of(trimesh.creation.box(sides)))
    beyond = np.abs(body.points) - sides / 2
    exact = np.linalg.norm(np.maximum(beyond, 0), axis=-1) + np.minimum(beyond.max(axis=-1), 0)
    close = np.abs(exact) < 2 * body.spacing
    assert np.abs(body.values - exact)[close].max() < 0.01 * body.spacing
    assert np.abs(body.values - exact).max() < body.spacing
    assert solid.volume(body) == pytest.approx(sides.prod(), rel=0.005)


def flipped(shape: Shape) -> Shape:
    faces = shape.faces.copy()
    some = np.random.default_rng(0).random(len(faces)) < 0.4
    faces[some] = faces[some, ::-1]
    return replace(shape, faces=faces)


def doubled(shape: Shape) -> Shape:
    twice = np.r_[np.arange(len(shape.faces)), np.arange(len(shape.faces))]
    faces = shape.faces[twice]
    faces[len(shape.faces) :] = faces[len(shape.faces) :, ::-1]
    return replace(
        shape,
        faces=faces,
        face_part=shape.face_part[twice],
        face_material=shape.face_material[twice],
    )


def with_a_hole(shape: Shape) -> Shape:
    return shape.keep_faces(shape.corners[:, :, 2].max(axis=1) < 0.47)


def soup(shape: Shape) -> Shape:
    corners = shape.corners.reshape(-1, 3)
    corners = corners + np.random.default_rng(0).uniform(-3e-4, 3e-4, corners.shape)
    return replace(shape, vertices=corners, faces=np.arange(len(corners)).reshape(-1, 3))


@pytest.mark.parametrize("broken", [flipped, doubled, with_a_hole, soup])
def test_broken_versions_of_a_ball(ball: Shape, broken: Callable[[Shape], Shape]) -> None:
    body = solid.signed_distance(broken(ball))
    exact = np.linalg.norm(body.points, axis=-1) - 0.5
    assert solid.volume(body) == pytest.approx(BALL_VOLUME, rel=0.02)
    clear = np.abs(exact) > 0.05
    assert ((body.values < 0) == (exact < 0))[clear].all()


def test_pieces_that_intersect_are_one_solid() -> None:
    first, second = trimesh.creation.box((0.4, 0.4, 0.4)), trimesh.creation.box((0.4, 0.4, 0.4))
    second.apply_translation((0.2, 0, 0))
    body = solid.signed_distance(shape_of(first, second))
    assert solid.volume(body) == pytest.approx(0.6 * 0.4 * 0.4, rel=0.01)
    middle = body.at(np.array([[0.1, 0.0, 0.0], [-0.1, 0.0, 0.0], [0.3, 0.0, 0.0]]))
    assert (middle < 0).all()


def test_the_inside_of_a_cup_is_not_solid() -> None:
    outline = [(0, 0), (0.3, 0), (0.3, 0.7), (0.27, 0.7), (0.27, 0.04), (0, 0.04)]
    cup = trimesh.creation.revolve(outline, sections=64)
    body = solid.signed_distance(shape_of(cup))
    assert body.at(np.array([[0, 0, 0.3], [0, 0, 0.6], [0.2, 0, 0.1]])).min() > 0.02
    assert body.at(np.array([[0.285, 0, 0.4], [0, -0.285, 0.2], [0, 0, 0.02]])).max() < 0
    assert solid.volume(body) == pytest.approx(cup.volume, rel=0.02)


def test_a_sheet_gets_a_thickness() -> None:
    corners = np.array([[0, 0, 0], [1, 0, 0.2], [1, 1, 0.2], [0, 1, 0]], float) - 0.5
    sheet = shape_of(trimesh.Trimesh(corners, [[0, 1, 2], [0, 2, 3]], process=False))
    body = solid.signed_distance(sheet)
    thickness = solid.volume(body) / sheet.face_areas.sum()
    assert 1.0 < thickness / body.spacing < 2.0
    weights = np.random.default_rng(0).dirichlet(np.ones(3), 200)
    assert (body.at(weights @ sheet.corners[0]) < 0).all()


def test_bytes_keep_the_solid(ball: Shape) -> None:
    body = solid.signed_distance(ball)
    content = solid.to_bytes(body)
    stored = solid.from_bytes(content)
    assert len(content) < 500_000
    close = np.abs(body.values) < 2 * body.spacing
    assert np.abs(stored.values - body.values)[close].max() < 0.05 * body.spacing
    assert solid.to_bytes(stored) == content


@pytest.mark.parametrize(
    ("source", "folder", "wanted"),
    [
        ("toys4k", "toys", "cannon"),
        ("folder", "cad", "sliponflange"),
        ("folder", "ldraw", "3937"),
        ("folder", "blend", "Locomotive_CoalTender"),
    ],
)
def test_real_files_have_a_solid_near_their_surface(
    source: str, folder: str, wanted: str, tmp_path: Path
) -> None:
    cache = ShapeCache(tmp_path)
    opened = open_source(source, require(folder), cache)
    shape = load_shape(opened, next(ref for ref in opened.refs() if wanted in ref.id), cache)
    body = solid.signed_distance(shape)
    points = near(body, 0.5)
    assert len(points) > 1000
    middle = shape.corners.mean(axis=1)
    assert np.quantile(body.at(middle), 0.99) < 0.5 * body.spacing
    assert 0 < solid.volume(body) < np.prod(shape.bounds[1] - shape.bounds[0])
