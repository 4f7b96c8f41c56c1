"""The procedural catalogue: every category builds, deterministically, with parts and materials."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from datagen.builtin import PARTS, UNSEEN_TOYS, categories, make_builtin
from datagen.shape import Shape

NAMES = [entry.name for entry in categories()]
ONE_MATERIAL = {"banana", "key", "plate"}


def check_shape(shape: Shape) -> None:
    assert len(shape.part_names) >= 3
    assert set(shape.face_part) == set(range(len(shape.part_names)))
    assert set(shape.face_material) == set(range(len(shape.materials)))
    assert np.isfinite(shape.vertices).all()
    assert shape.faces.min() >= 0 and shape.faces.max() < len(shape.vertices)
    a, b, c = shape.faces.T
    assert not ((a == b) | (b == c) | (c == a)).any()


def signed_volume(shape: Shape, part: int) -> float:
    a, b, c = np.moveaxis(shape.corners[shape.face_part == part], 1, 0)
    centre = a.mean(axis=0)
    return float(np.einsum("ij,ij->", a - centre, np.cross(b - centre, c - centre)) / 6)


@pytest.mark.parametrize("name", PARTS)
def test_parts(name: str) -> None:
    for seed in range(6):
        shape = make_builtin(name, seed)
        check_shape(shape)
        assert 2 <= len(shape.materials) <= 8
        assert 0.5 < shape.diagonal < 2
        for part, part_name in enumerate(shape.part_names):
            assert signed_volume(shape, part) > 0, part_name
    again = make_builtin(name, 5)
    assert np.array_equal(again.vertices, shape.vertices)


@pytest.mark.parametrize("name", NAMES)
def test_make_builtin(name: str) -> None:
    first, again, other = make_builtin(name, 0), make_builtin(name, 0), make_builtin(name, 1)
    check_shape(first)
    assert len(first.materials) >= (1 if name in ONE_MATERIAL else 2)
    assert np.array_equal(first.vertices, again.vertices)
    assert np.array_equal(first.faces, again.faces)
    assert first.materials == again.materials
    same_size = first.vertices.shape == other.vertices.shape
    assert not (same_size and np.allclose(first.vertices, other.vertices))


def test_catalogue() -> None:
    found = {entry.name: entry for entry in categories()}
    assert len(found) == len(categories())
    toys = [entry for entry in found.values() if entry.kind == "toy"]
    assert len(toys) >= 24
    assert {entry.name for entry in toys if not entry.seen} == set(UNSEEN_TOYS)
    assert [found["gear"].seen_at(i) for i in range(6)] == [True] * 4 + [False, True]
    assert not found["mug"].seen_at(0)


def test_enough_parts() -> None:
    assert len(PARTS) >= 8


def test_import_is_light() -> None:
    code = "import sys, datagen.builtin; sys.exit('trimesh' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
