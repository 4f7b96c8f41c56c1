"""The procedural catalogue: every category builds, deterministically, as one component."""

from __future__ import annotations

import functools
import subprocess
import sys

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from datagen.geometry.shape import Ints, Shape
from datagen.sources.builtin import PARTS, SEEN_TOYS, UNSEEN_TOYS, categories, make_builtin

NAMES = [entry.name for entry in categories()]
ONE_MATERIAL = {"key", "plate"}
MAX_FACES = 45_000
QUICK, ALL = range(3), range(30)

made = functools.cache(make_builtin)


def check_shape(shape: Shape) -> None:
    assert len(shape.part_names) >= 3
    assert all(shape.part_names) and len(set(shape.part_names)) == len(shape.part_names)
    assert set(shape.face_part) == set(range(len(shape.part_names)))
    assert set(shape.face_material) == set(range(len(shape.materials)))
    assert np.isfinite(shape.vertices).all()
    assert shape.faces.min() >= 0 and shape.faces.max() < len(shape.vertices)
    a, b, c = shape.faces.T
    assert not ((a == b) | (b == c) | (c == a)).any()
    assert len(shape.faces) < MAX_FACES
    assert 0.5 < shape.diagonal < 2


def signed_volume(shape: Shape, part: int) -> float:
    a, b, c = np.moveaxis(shape.corners[shape.face_part == part], 1, 0)
    centre = a.mean(axis=0)
    return float(np.einsum("ij,ij->", a - centre, np.cross(b - centre, c - centre)) / 6)


def components(shape: Shape) -> Ints:
    """(F,) the connected component of every face; parts consist of one or more."""
    edges = np.concatenate([shape.faces[:, :2], shape.faces[:, 1:]]).T
    graph = coo_array((np.ones(edges.shape[1]), tuple(edges)), shape=(len(shape.vertices),) * 2)
    return connected_components(graph, directed=False)[1][shape.faces[:, 0]]


def floating(shape: Shape) -> set[str]:
    """Parts with a component that is not within 1 % of the diagonal of the rest of the shape."""
    rng = np.random.default_rng(0)
    reach = 0.01 * shape.diagonal
    count = rng.poisson(shape.face_areas / (0.8 * reach) ** 2) + 1
    face = np.repeat(np.arange(len(shape.faces)), count)
    weight = rng.dirichlet([1, 1, 1], len(face))
    points = np.einsum("nk,nkd->nd", weight, shape.corners[face])
    component = components(shape)
    near = component[face[cKDTree(points).query_pairs(reach, output_type="ndarray")]].T
    near = near[:, near[0] != near[1]]
    total = int(component.max()) + 1
    graph = coo_array((np.ones(near.shape[1]), tuple(near)), shape=(total, total))
    joined = connected_components(graph, directed=False)[1][component]
    loose = joined != np.bincount(joined, weights=shape.face_areas).argmax()
    return {shape.part_names[part] for part in shape.face_part[loose]}


def check_category(name: str, indices: range) -> None:
    shapes = [made(name, index) for index in indices]
    for shape in shapes:
        check_shape(shape)
        assert len(shape.materials) >= (1 if name in ONE_MATERIAL else 2)
    proportions = {
        (*np.round(np.ptp(shape.bounds, axis=0), 6), round(shape.face_areas.sum(), 6))
        for shape in shapes
    }
    assert len(proportions) == len(shapes)


@pytest.mark.parametrize("name", NAMES)
def test_category(name: str) -> None:
    check_category(name, QUICK)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_thirty_of_a_category(name: str) -> None:
    check_category(name, ALL)
    for index in ALL:
        assert not floating(make_builtin(name, index)), index


@pytest.mark.parametrize("name", NAMES)
def test_nothing_floats(name: str) -> None:
    assert not floating(made(name, 0))


def test_floating_is_found() -> None:
    shape = made("mug", 0)
    handle = shape.face_part == shape.part_names.index("handle")
    lifted = np.unique(shape.faces[handle])
    vertices = shape.vertices.copy()
    vertices[lifted] += [0.5, 0, 0]
    assert floating(shape.with_vertices(vertices)) == {"handle"}


@pytest.mark.parametrize("name", NAMES)
def test_same_again(name: str) -> None:
    first, again = made(name, 1), make_builtin(name, 1)
    assert np.array_equal(first.vertices, again.vertices)
    assert np.array_equal(first.faces, again.faces)
    assert np.array_equal(first.face_part, again.face_part)
    assert first.materials == again.materials


@pytest.mark.parametrize("name", PARTS)
def test_parts_face_outwards(name: str) -> None:
    for index in QUICK:
        shape = made(name, index)
        for part, part_name in enumerate(shape.part_names):
            assert signed_volume(shape, part) > 0, part_name


@pytest.mark.parametrize("name", ["car", "robot", "hat", "boat", "hammer", "key", "chess_piece"])
def test_every_kind(name: str) -> None:
    """Categories of several kinds, often enough for all of them to come up."""
    for index in range(4, 18):
        check_shape(make_builtin(name, index))


def test_catalogue() -> None:
    found = {entry.name: entry for entry in categories()}
    assert len(found) == len(NAMES) == len(SEEN_TOYS) + len(UNSEEN_TOYS) + len(PARTS)
    assert len(SEEN_TOYS) + len(UNSEEN_TOYS) >= 24 and len(PARTS) >= 8
    assert {entry.name for entry in found.values() if not entry.seen} == set(UNSEEN_TOYS)
    assert [found["gear"].seen_at(i) for i in range(6)] == [True] * 4 + [False, True]
    assert not found["mug"].seen_at(0)


def test_unknown_category() -> None:
    with pytest.raises(KeyError, match="no built-in category 'unicorn'"):
        make_builtin("unicorn", 0)


def test_import_is_light() -> None:
    code = (
        "import sys, datagen.sources.builtin as b; b.categories(); "
        "sys.exit('trimesh' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
