"""The canonical form: size, position, welding, order, outward faces."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import trimesh

from datagen.errors import BadShape
from datagen.geometry.canonical import GRID, canonical
from datagen.geometry.normalise import RADIUS, normalise
from datagen.geometry.shape import Material, Shape
from tests.support.shapes import rich_shape, same, volume


def solid(*meshes: trimesh.Trimesh, uv: bool = False) -> Shape:
    """One part per mesh."""
    whole = trimesh.util.concatenate(meshes)
    counts = [len(mesh.faces) for mesh in meshes]
    return Shape(
        vertices=np.array(whole.vertices),
        faces=np.array(whole.faces, np.int64),
        face_part=np.repeat(np.arange(len(meshes)), counts),
        face_material=np.zeros(len(whole.faces), np.int64),
        part_names=tuple(f"part {k}" for k in range(len(meshes))),
        materials=(Material("grey"),),
        uv=np.random.default_rng(1).random((len(whole.faces), 3, 2)) if uv else None,
    )


def flipped(mesh: trimesh.Trimesh, faces: slice = slice(None)) -> trimesh.Trimesh:
    turned = np.array(mesh.faces)
    turned[faces] = turned[faces, ::-1]
    return trimesh.Trimesh(mesh.vertices, turned, process=False)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 4000.0])
def test_size_place_and_proportions(scale: float) -> None:
    shape = rich_shape()
    moved = normalise(shape.with_vertices(shape.vertices * scale + scale * 7), "x")
    low, high = moved.bounds
    assert np.allclose(low + high, 0, atol=2 * GRID)
    assert np.linalg.norm(moved.vertices, axis=1).max() == pytest.approx(RADIUS, abs=2 * GRID)
    before = np.ptp(shape.bounds, axis=0)
    assert np.allclose(np.ptp(moved.bounds, axis=0) / before, RADIUS / 0.5 / 0.7, rtol=0.5)
    ratio = np.ptp(moved.bounds, axis=0) / before
    assert np.allclose(ratio, ratio[0], rtol=1e-4)


def test_the_form_is_a_fixed_point_exact_in_float32() -> None:
    once = normalise(rich_shape(), "x")
    twice, origin = canonical(once)
    assert same(once, twice) and np.array_equal(origin, np.arange(len(once.faces)))
    assert np.array_equal(once.vertices.astype(np.float32), once.vertices)


def test_welded_and_freed_of_degenerate_and_doubled_faces() -> None:
    box = trimesh.creation.box((1, 2, 3))
    soup = solid(box)
    loose = replace(
        soup,
        vertices=np.concatenate([soup.corners.reshape(-1, 3), [[9.0, 9, 9]]]),
        faces=np.concatenate([np.arange(36).reshape(12, 3), [[0, 1, 1], [0, 1, 2], [2, 1, 0]]]),
        face_part=np.zeros(15, np.int64),
        face_material=np.zeros(15, np.int64),
    )
    shape = normalise(loose, "x")
    assert (len(shape.vertices), len(shape.faces)) == (8, 12), "the point without faces counts not"
    assert volume(shape) > 0


def test_faces_are_ordered_by_part_then_material() -> None:
    shape = rich_shape()
    order = np.random.default_rng(2).permutation(len(shape.faces))
    mixed = normalise(shape.keep_faces(np.ones(len(order), bool)), "x")
    shuffled = replace(
        shape,
        faces=shape.faces[order],
        face_part=shape.face_part[order],
        face_material=shape.face_material[order],
        uv=None if shape.uv is None else shape.uv[order],
    )
    keys = normalise(shuffled, "x").face_part * 10 + normalise(shuffled, "x").face_material
    assert np.all(np.diff(keys) >= 0)
    assert np.array_equal(
        np.bincount(keys), np.bincount(mixed.face_part * 10 + mixed.face_material)
    )


def test_inward_faces_are_turned_with_their_uv() -> None:
    ball = trimesh.creation.icosphere(2)
    right, wrong = solid(ball, uv=True), solid(flipped(ball), uv=True)
    assert right.uv is not None
    wrong = replace(wrong, uv=right.uv[:, ::-1])
    assert volume(wrong) < 0
    assert same(normalise(wrong, "x"), normalise(right, "x"))


def test_faces_that_look_both_ways_are_turned() -> None:
    ball = trimesh.creation.icosphere(2)
    mixed = normalise(solid(flipped(ball, slice(0, 90)), trimesh.creation.box()), "x")
    assert volume(mixed) == pytest.approx(
        volume(normalise(solid(ball, trimesh.creation.box()), "x"))
    )


def test_cavities_and_open_shells_are_left_alone() -> None:
    outer, inner = trimesh.creation.icosphere(2, 1.0), trimesh.creation.icosphere(2, 0.5)
    hollow = normalise(solid(outer, flipped(inner)), "x")
    full = normalise(solid(outer), "x")
    assert volume(hollow) == pytest.approx(volume(full) * (1 - 0.125), rel=1e-3)
    bowl = flipped(trimesh.Trimesh(outer.vertices, outer.faces[outer.triangles_center[:, 2] < 0]))
    assert volume(normalise(solid(bowl), "x")) < 0


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda s: s.keep_faces(np.zeros(len(s.faces), bool)), "holds no triangles"),
        (lambda s: s.with_vertices(s.vertices * np.nan), "not numbers"),
        (lambda s: s.with_vertices(s.vertices * np.inf), "not numbers"),
        (lambda s: s.with_vertices(s.vertices * 0), "all its points are the same"),
        (lambda s: s.with_vertices(s.vertices * [1, 1, 1e-5]), "thickness"),
        (lambda s: s.with_vertices(s.vertices @ np.outer([1, 2, 1], [1, 1, 0])), "thickness"),
    ],
)
def test_what_cannot_be_used_is_named_with_a_remedy(make, told: str) -> None:
    with pytest.raises(BadShape) as caught:
        normalise(make(solid(trimesh.creation.box())), "parts/thing.obj")
    text = str(caught.value)
    assert text.startswith("parts/thing.obj: ") and told in text
    assert "\n" not in text and text.endswith(".") and "; " in text


def test_a_tetrahedron_is_enough() -> None:
    corners = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], float)
    tetrahedron = trimesh.Trimesh(corners, [[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]])
    assert len(normalise(solid(tetrahedron), "x").faces) == 4
    with pytest.raises(BadShape, match="only 3 triangles"):
        normalise(solid(trimesh.Trimesh(corners, tetrahedron.faces[1:])), "x")
