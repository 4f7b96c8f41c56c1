"""Measured strength: known answers, whatever made the odd shape."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import trimesh

from anomalies.checks.strength import Strength, measure
from anomalies.subject import Subject
from datagen.geometry.shape import Material, Shape, Texture
from tests.support.shapes import single


@pytest.fixture(scope="module")
def box() -> Shape:
    return single(trimesh.creation.box((1.0, 0.8, 0.6)).subdivide().subdivide())


def all_of(shape: Shape) -> np.ndarray:
    return np.ones(len(shape.faces), bool)


def test_nothing_changed_is_nothing(box: Shape) -> None:
    result = measure(Subject(box), Subject(box), ~all_of(box))
    assert result == Strength(pytest.approx(0, abs=1e-6), 0, 0, 0, 0, 0)


def test_a_shape_grown_on_one_side(box: Shape) -> None:
    top = box.vertices[:, 2].max()
    vertices = box.vertices.copy()
    raised = vertices[:, 2] > top - 1e-9
    vertices[raised, 2] += 0.1 * 2 * top
    result = measure(
        Subject(box), Subject(box.with_vertices(vertices)), raised[box.faces].any(axis=1)
    )
    assert result.volume_share == pytest.approx(0.1, abs=0.03)
    assert result.displacement == pytest.approx(0.2 * top / box.diagonal, rel=0.02)
    assert result.color_distance == result.finish_distance == 0
    assert 0.2 < result.surface_share < 0.7
    assert result.visible_share > 0.02


def test_half_of_it_gone(box: Shape) -> None:
    vertices = box.vertices.copy()
    vertices[:, 0] = np.minimum(vertices[:, 0], 0)
    odd = box.with_vertices(vertices)
    flat = np.ptp(odd.corners[:, :, 0], axis=1) == 0
    result = measure(Subject(box), Subject(odd), flat)
    assert result.volume_share == pytest.approx(0.5, abs=0.05)
    assert 0.3 < result.surface_share < 0.7


def test_open_shells_have_the_volume_that_they_go_round() -> None:
    cup = single(trimesh.creation.icosphere(3).slice_plane([0, 0, -0.5], [0, 0, 1]))
    longer = cup.with_vertices(cup.vertices * [1, 1, 1.2])
    share = measure(Subject(cup), Subject(longer), all_of(cup)).volume_share
    assert share == pytest.approx(0.2, abs=0.08)


def test_volume_of_a_textured_soup_is_that_of_the_solid(box: Shape) -> None:
    """Unshared corners change nothing."""
    soup = replace(
        box, vertices=box.corners.reshape(-1, 3), faces=np.arange(3 * len(box.faces)).reshape(-1, 3)
    )
    assert measure(Subject(box), Subject(soup), ~all_of(soup)).volume_share == 0


def test_repainted(box: Shape) -> None:
    red, black = box.materials[0], Material("black", (0.0, 0.0, 0.0), 1.0, 0.9)
    some = box.corners[:, :, 2].min(axis=1) > 0
    odd = replace(box, materials=(red, black), face_material=some.astype(np.int64))
    result = measure(Subject(box), Subject(odd), some)
    assert result.displacement == pytest.approx(0, abs=1e-6)
    assert result.color_distance > 30
    assert result.finish_distance == pytest.approx(np.hypot(1.0, 0.9 - red.roughness), rel=0.01)
    assert result.volume_share == 0


def test_the_texture_counts(box: Shape) -> None:
    """White on the lower half of the image, black on the upper; moved UVs are another colour."""
    pixels = np.zeros((8, 8, 3), np.uint8)
    pixels[4:] = 255
    painted = Material("painted", (1.0, 1.0, 1.0), base_color_texture=Texture.from_pixels(pixels))
    uv = np.full((len(box.faces), 3, 2), 0.25)
    normal = replace(box, materials=(painted,), uv=uv)
    odd = replace(normal, uv=uv + [0, 0.5])
    same = measure(Subject(normal), Subject(normal), all_of(box))
    other = measure(Subject(normal), Subject(odd), all_of(box))
    assert same.color_distance == 0
    assert other.color_distance == pytest.approx(100, abs=0.5)


def test_same_shapes_same_numbers(box: Shape) -> None:
    odd = box.with_vertices(box.vertices * [1, 0.9, 1])
    first = measure(Subject(box), Subject(odd), all_of(box)).to_json()
    assert first == measure(Subject(box), Subject(odd), all_of(box)).to_json()
    assert set(first) == {
        "displacement",
        "surface_share",
        "visible_share",
        "volume_share",
        "color_distance",
        "finish_distance",
    }
