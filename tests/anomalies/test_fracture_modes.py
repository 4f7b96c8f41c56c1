"""Fracture modes: cuts where the solid is weak, mass-orthonormal, the same warm or cold."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
import trimesh

from anomalies.fracturing import breakage
from anomalies.fracturing.breakage import modes_of, solid_of
from anomalies.fracturing.fracture_modes import FractureModes, fracture_modes
from anomalies.fracturing.region import region_field
from anomalies.fracturing.solid import signed_distance
from anomalies.fracturing.tetrahedra import Tetrahedra
from anomalies.subject import Subject
from datagen.geometry.cache import ShapeCache
from tests.support.shapes import box, shape_of


@pytest.fixture(scope="module")
def neck() -> Subject:
    """Two boxes, one larger, joined by a thin neck between x = -.1 and x = .1."""
    left, right = box((0.4, 0.35, 0.35), (-0.3, 0, 0)), box((0.3, 0.3, 0.3), (0.25, 0, 0))
    return Subject(shape_of(left, right, box((0.3, 0.08, 0.08), (0, 0, 0))))


@pytest.fixture(scope="module")
def dumbbell() -> Subject:
    """Balls round x = -.35 and x = .35, and the bar that holds them."""
    bar = trimesh.creation.cylinder(0.05, 0.7, sections=24)
    bar.apply_transform(trimesh.transformations.rotation_matrix(np.pi / 2, (0, 1, 0)))
    balls = [trimesh.creation.icosphere(3, 0.15) for _ in range(2)]
    balls[0].apply_translation((-0.35, 0, 0))
    balls[1].apply_translation((0.35, 0, 0))
    return Subject(shape_of(bar, *balls))


@pytest.fixture(scope="module")
def rod() -> Subject:
    return Subject(shape_of(box((1.0, 0.1, 0.08), (0, 0, 0))))


def test_the_first_mode_breaks_a_neck(neck: Subject) -> None:
    modes = modes_of(neck)
    label = modes.components_of(0)
    x = modes.centres[:, 0]
    assert len(np.unique(label[x < -0.12])) == 1
    assert len(np.unique(label[x > 0.12])) == 1
    assert label[x < -0.12][0] != label[x > 0.12][0]
    neck_area = 0.08 * 0.08
    assert modes.cut_area(label == label[np.argmax(x)]) == pytest.approx(neck_area, rel=0.3)


def test_a_dumbbell_comes_apart_at_its_bar(dumbbell: Subject) -> None:
    modes = modes_of(dumbbell)
    x = modes.centres[:, 0]
    left, right = x < -0.25, x > 0.25
    first, second = modes.components_of(0), modes.components_of(1)
    assert len(np.unique(first[left])) == len(np.unique(first[right])) == 1
    assert first[left][0] != first[right][0]
    assert len(np.unique(second[left])) == len(np.unique(second[right])) == 1


def test_tetrahedra_hold_the_material(neck: Subject, dumbbell: Subject) -> None:
    whole = 0.4 * 0.35**2 + 0.3**3 + 0.2 * 0.08**2
    assert modes_of(neck).volumes.sum() == pytest.approx(whole, rel=0.02)
    for subject in (neck, dumbbell):
        modes = modes_of(subject)
        assert 1500 < len(modes.volumes) < 4000
        assert not modes.components(np.ones(len(modes.pairs), bool)).any()
        assert len(modes.areas) == len(modes.pairs)
        assert modes.areas.min() > 0


def test_modes_are_orthonormal_in_mass(neck: Subject) -> None:
    modes = modes_of(neck)
    mass = modes.volumes / modes.volumes.sum()
    with_constant = np.column_stack([np.ones(len(mass)), modes.modes])
    product = with_constant.T @ (mass[:, None] * with_constant)
    np.testing.assert_allclose(product, np.eye(len(product)), atol=1e-5)
    assert (np.diff(modes.energies) >= 0).all()


def test_components_are_whole_and_none_is_a_crumb(neck: Subject) -> None:
    modes = modes_of(neck)
    for label in [modes.atoms, *(modes.components_of(k) for k in range(modes.modes.shape[1]))]:
        inside = label[modes.pairs[:, 0]] == label[modes.pairs[:, 1]]
        assert modes.components(inside).max() == label.max() >= 1
        shares = np.bincount(label, modes.volumes) / modes.volumes.sum()
        assert shares.min() >= 0.002
        assert shares[0] == shares.max()


def test_an_impact_breaks_off_what_it_hits(dumbbell: Subject) -> None:
    modes = modes_of(dumbbell)
    x = modes.centres[:, 0]
    label = modes.impact(np.array([0.5, 0.0, 0.0]), 0.1)
    assert label[np.argmax(x)] != label[np.argmin(x)]
    assert len(np.unique(label[x < -0.25])) == 1
    counts = [
        modes.impact(np.array([0.5, 0.0, 0.0]), threshold).max() for threshold in (0.02, 0.3, 1.0)
    ]
    assert counts[0] >= counts[1] >= counts[2] == 0
    assert counts[0] > 0


def test_loose_components_are_one_body_and_come_apart() -> None:
    loose = shape_of(box((0.3, 0.3, 0.3), (-0.3, 0, 0)), box((0.3, 0.3, 0.3), (0.3, 0, 0)))
    modes = fracture_modes(signed_distance(loose), np.random.default_rng(0), count=3)
    assert not modes.components(np.ones(len(modes.pairs), bool)).any()
    x = modes.centres[:, 0]
    sides = [modes.components_of(k) == modes.components_of(k)[np.argmin(x)] for k in range(3)]
    wrong = [modes.share(side != (x < 0)) for side in sides]
    assert min(wrong) < 0.03


def test_a_thin_sheet_has_modes() -> None:
    sheet = shape_of(box((1.0, 0.6, 0.002), (0, 0, 0)))
    modes = fracture_modes(signed_distance(sheet), np.random.default_rng(0), count=3)
    assert modes.modes.shape[1] == 3
    first = modes.components_of(0)
    assert first.max() >= 1


@pytest.mark.parametrize("roughness", [0.0, 0.01])
def test_region_field_follows_the_chosen_side(dumbbell: Subject, roughness: float) -> None:
    modes, solid = modes_of(dumbbell), solid_of(dumbbell)
    chosen = modes.centres[:, 0] > 0.02
    field = region_field(solid, modes, chosen, 5, roughness)
    assert field.values.shape == solid.values.shape
    x = solid.points[..., 0][solid.values < 0]
    side = field.values[solid.values < 0]
    assert (side[x > 0.12] < 0).all()
    assert (side[x < -0.08] > 0).all()
    ends = field.at(np.array([[-0.35, 0, 0], [0.35, 0, 0]]))
    assert ends[0] > 0.015
    assert ends[1] < -0.015


def test_region_noise_is_its_seeds(dumbbell: Subject) -> None:
    modes, solid = modes_of(dumbbell), solid_of(dumbbell)
    chosen = modes.centres[:, 0] > 0
    diagonal = dumbbell.shape.diagonal
    calm = region_field(solid, modes, chosen, 1, 0.0).values
    rough = region_field(solid, modes, chosen, 1, 0.01).values
    again = region_field(solid, modes, chosen, 1, 0.01).values
    other = region_field(solid, modes, chosen, 2, 0.01).values
    np.testing.assert_array_equal(rough, again)
    assert not np.array_equal(rough, other)
    assert 0.004 * diagonal < np.abs(rough - calm).mean() < 0.02 * diagonal
    near = np.abs(calm) < 0.01
    slope = np.linalg.norm(np.stack(np.gradient(calm, solid.spacing)), axis=0)
    assert 0.6 < np.median(slope[near & (solid.values < 0)]) < 1.4


def same(first: FractureModes, second: FractureModes) -> bool:
    return np.array_equal(first.modes, second.modes) and all(
        np.array_equal(
            getattr(first.tetrahedra, field.name), getattr(second.tetrahedra, field.name)
        )
        for field in fields(Tetrahedra)
    )


def test_cold_warm_and_without_a_cache_are_the_same(rod: Subject, tmp_path: Path) -> None:
    cold, warm = (Subject(rod.shape, ShapeCache(tmp_path)) for _ in range(2))
    assert same(modes_of(cold), modes_of(rod))
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    before = {path: path.read_bytes() for path in files}
    assert len(files) == 2
    assert sum(map(len, before.values())) < 1_000_000
    assert same(modes_of(warm), modes_of(cold))
    np.testing.assert_array_equal(solid_of(warm).values, solid_of(rod).values)
    files[0].write_bytes(before[files[0]][:-20])
    files[1].write_bytes(b"")
    mended = Subject(rod.shape, ShapeCache(tmp_path))
    assert same(modes_of(mended), modes_of(cold))
    assert {path: path.read_bytes() for path in files} == before


def test_a_stored_file_is_used(
    rod: Subject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = ShapeCache(tmp_path)
    stored = solid_of(Subject(rod.shape, cache))
    again = "signed_distance", lambda shape: pytest.fail("worked out twice")
    monkeypatch.setattr(breakage.solid, *again)
    np.testing.assert_array_equal(solid_of(Subject(rod.shape, cache)).values, stored.values)
