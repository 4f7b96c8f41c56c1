"""Bend, twist, bump and deform: closed forms, no folds, smooth on coarse meshes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import igl
import numpy as np
import pytest
import trimesh

from anomalies.checks.intersections import crossings, new_crossing_length
from anomalies.make import Anomaly, Rejected, make_anomaly
from anomalies.subject import Subject
from anomalies.surgery.refine import CHORD_ERROR, refine, refine_for
from anomalies.types import bend, bump, deform, twist
from datagen.geometry.cache import ShapeCache
from datagen.geometry.shape import Shape
from datagen.geometry.surface import surface_distance
from datagen.sources.builtin import make_builtin
from datagen.sources.open import load_shape, open_source
from tests.support.data import require
from tests.support.shapes import single

KINDS = ["bend", "twist", "bump", "deform"]


def made(kind: str, shape: Shape, seed: int = 3, severity: float = 0.5) -> Anomaly:
    rng = np.random.default_rng(seed)
    result = make_anomaly(kind, Subject(shape), rng, (severity, severity))
    assert isinstance(result, Anomaly), result
    return result


def off_surface(points: np.ndarray, shape: Shape) -> float:
    """Largest distance in metres, exact to float64 (Open3D's is good to 1e-4)."""
    squared, _, _ = igl.point_mesh_squared_distance(points.copy(), shape.vertices, shape.faces)
    return float(np.sqrt(squared.max()))


def as_mesh(shape: Shape) -> trimesh.Trimesh:
    return trimesh.Trimesh(shape.vertices, shape.faces, process=False)


@pytest.fixture(scope="module")
def beam() -> Shape:
    """Twelve triangles."""
    return single(trimesh.creation.box((1.0, 0.3, 0.2)))


@pytest.mark.parametrize("kind", KINDS)
def test_a_closed_coarse_mesh_stays_closed_and_keeps_its_sense(kind: str, beam: Shape) -> None:
    odd = as_mesh(made(kind, beam).shape)
    assert odd.is_watertight
    assert odd.is_winding_consistent
    assert odd.euler_number == 2
    assert odd.volume == pytest.approx(as_mesh(beam).volume, rel=0.2)


@pytest.mark.parametrize("kind", KINDS)
def test_stronger_when_asked(kind: str, beam: Shape) -> None:
    moved = [
        np.median([made(kind, beam, seed, asked).strength.displacement for seed in range(2)])
        for asked in (0.05, 0.5, 0.95)
    ]
    assert moved[0] < moved[1] < moved[2]


@pytest.mark.parametrize("kind", ["bend", "twist", "deform"])
def test_coarse_faces_follow_the_closed_form(kind: str, beam: Shape) -> None:
    """Refined to half the edge length the surface is the same, to the promised chord error."""
    module = {"bend": bend, "twist": twist, "deform": deform}[kind]
    parameters = module.draw(np.random.default_rng(0), Subject(beam), 0.5)
    odd, _ = module.apply(Subject(beam), parameters)
    # Lattice and centre belong to the surface, which splitting does not change.
    finer, _ = refine(beam, 0.02)
    exact, _ = module.apply(Subject(finer), parameters)
    gap = surface_distance(exact.vertices, odd)
    limit = {"bend": 1.5, "twist": 1.5, "deform": 20}[kind]  # the lattice is sized on samples
    assert gap.max() < limit * CHORD_ERROR * beam.diagonal


def test_refine_for_splits_only_where_space_bends(beam: Shape) -> None:
    def quarter_turn(points: np.ndarray) -> np.ndarray:
        return points @ np.array([[0.0, 1, 0], [-1, 0, 0], [0, 0, 1]])

    rigid, moved = refine_for(beam, quarter_turn, 10.0)
    assert len(rigid.faces) == len(beam.faces)
    np.testing.assert_allclose(moved, quarter_turn(beam.vertices))

    def wave(points: np.ndarray) -> np.ndarray:
        bent = points.copy()
        bent[:, 2] += 0.05 * np.where(points[:, 0] > 0, np.sin(8 * points[:, 0]) ** 2, 0)
        return bent

    fine, moved = refine_for(beam, wave, 0.1)
    odd = fine.with_vertices(moved)
    middle = fine.corners.mean(axis=1)
    calm = (fine.corners[:, :, 0] < -0.1).all(axis=1)
    small = np.sqrt(fine.face_areas)
    assert np.median(small[calm]) > 1.5 * np.median(small[middle[:, 0] > 0])
    assert surface_distance(wave(refine(beam, 0.01)[0].vertices), odd).max() < 1e-3
    assert as_mesh(odd).is_watertight


def test_bend_is_an_arc_and_rigid_beyond() -> None:
    turn = np.pi / 2
    facts = {"axis": [0, 0, 1], "along": [1, 0, 0], "angle": turn, "start": 0.0, "end": 1.0}
    points = np.array([[-1.0, 0.2, 0.3], [0.0, 0, 0], [1.0, 0, 0], [2.0, 0, 0.5]])
    bent, jacobian = bend.bend_points(points, np.zeros(3), facts)
    radius = 1 / turn
    expected = [[-1, 0.2, 0.3], [0, 0, 0], [radius, radius, 0], [radius, radius + 1, 0.5]]
    np.testing.assert_allclose(bent, expected, atol=1e-12)
    assert jacobian == pytest.approx(1 - turn * 0.2)


def test_folding_bend_is_rejected(beam: Shape) -> None:
    facts = {"axis": [0, 1, 0], "along": [1, 0, 0], "angle": 0.7, "start": 0.0, "end": 0.05}
    assert bend.apply(Subject(beam), facts) == "bend folds the shape"


def test_normal_bends_turn_as_the_paper_says(beam: Shape) -> None:
    for seed in range(5):
        assert 30 <= np.degrees(made("bend", beam, seed).parameters["angle"]) <= 40


@pytest.mark.parametrize("severity", [0.5, 1.0])
def test_a_twisted_rod_does_not_become_a_fan(severity: float) -> None:
    """A slim plank keeps about its surface, whatever axis is drawn."""
    plank = Subject(single(trimesh.creation.box((1.0, 0.1, 0.07))))
    before, made = plank.shape.face_areas.sum(), 0
    for seed in range(8):
        drawn = twist.draw(np.random.default_rng(seed), plank, severity)
        if isinstance(drawn, str):
            continue
        twisted = twist.apply(plank, drawn)
        assert not isinstance(twisted, str)
        assert twisted[0].face_areas.sum() < 1.4 * before
        made += 1
    assert made >= 4


def test_twist_of_a_symmetric_shape_is_rejected() -> None:
    rod = Subject(single(trimesh.creation.cylinder(0.2, 1.0, sections=48)))
    about = {"axis": [0, 0, 1], "angle": 0.6}
    assert twist.apply(rod, about) == "symmetric about the axis"
    assert not isinstance(twist.apply(rod, about | {"axis": [1, 0, 0]}), str)
    ball = Subject(single(trimesh.creation.icosphere(3)))
    result = make_anomaly("twist", ball, np.random.default_rng(0), attempts=2)
    assert isinstance(result, Rejected)
    assert set(result.reasons) == {"symmetric about the axis"}


PLATE_BUMP = {
    "normal": [0.0, 0.0, 1.0],
    "tangent": [1.0, 0.0, 0.0],
    "radii": [0.15, 0.12],
    "surface": [0.0] * 6,
}


@pytest.mark.parametrize(("height", "thickness"), [(0.05, 0.02), (-0.02, 0.1)])
def test_bump_leaves_a_walls_other_side(height: float, thickness: float) -> None:
    wall = single(trimesh.creation.box((1.0, 0.8, thickness)))
    top, depth = wall.vertices[:, 2].max(), np.ptp(wall.vertices[:, 2])
    facts = {"centre": [0.0, 0.0, float(top)], "depth": float(depth), "height": height}
    odd, affected = bump.apply(Subject(wall), PLATE_BUMP | facts)
    lower = odd.vertices[odd.vertices[:, 2] < top - 0.9 * depth]
    np.testing.assert_allclose(lower[:, 2], -top, atol=1e-9)
    middle = np.linalg.norm(odd.vertices[:, :2], axis=1) < 0.03
    reached = odd.vertices[middle, 2]
    assert np.abs(reached - top - height).min() < 0.15 * abs(height)
    assert off_surface(odd.corners[~affected].reshape(-1, 3), wall) < 1e-6


def test_no_bump_pushes_through_or_folds() -> None:
    """The order of points along the bump's direction never changes, for any drawn bump."""
    for name in ("mug", "bolt"):
        subject = Subject(make_builtin(name, 0))
        rng = np.random.default_rng(1)
        for severity in (0.5, 1.0, 1.0):
            facts = bump.draw(rng, subject, severity)
            assert not isinstance(facts, str)
            normal, tangent = np.array(facts["normal"]), np.array(facts["tangent"])
            u, t = np.meshgrid(np.linspace(-1, 1, 9), np.linspace(-0.5, 0.5, 400))
            line = facts["centre"] + facts["radii"][0] * u[..., None] * tangent
            line = line + t[..., None] * normal
            moved = bump.bump_points(line.reshape(-1, 3), facts).reshape(line.shape)
            assert (np.diff(moved @ normal, axis=0) > 0).all()
            odd, _ = bump.apply(subject, facts)
            assert new_crossing_length(subject, Subject(odd)) == 0


def test_both_dents_and_swellings_are_drawn(beam: Shape) -> None:
    change = {}
    for seed in range(8):
        result = made("bump", beam, seed)
        grown = as_mesh(result.shape).volume > as_mesh(beam).volume
        assert grown == (result.parameters["height"] > 0)
        change[grown] = True
    assert set(change) == {True, False}


def test_bump_goes_outwards_on_an_inside_out_mesh() -> None:
    ball = single(trimesh.creation.icosphere(3))
    inside_out = replace(ball, faces=ball.faces[:, ::-1].copy())
    reach = [np.linalg.norm(made("bump", inside_out, s).shape.vertices, axis=1) for s in range(5)]
    assert any(far.max() > 0.52 for far in reach)
    for seed, far in enumerate(reach):
        swells = made("bump", inside_out, seed).parameters["height"] > 0
        assert (far.max() > 0.505) == swells


def test_deform_moves_as_much_as_asked_and_no_more_than_that_as_a_whole(beam: Shape) -> None:
    subject = Subject(beam)
    facts = {"seed": 4, "amplitude": 0.03}
    points, _ = subject.surface_points
    step = deform.deform_points(points, deform.lattice_offsets(subject, facts), beam) - points
    assert np.sqrt((step**2).sum(axis=1).mean()) == pytest.approx(0.03, rel=0.1)
    affine = np.concatenate([points, np.ones((len(points), 1))], axis=1)
    whole = affine @ np.linalg.lstsq(affine, step, rcond=None)[0]
    assert np.sqrt((whole**2).sum(axis=1).mean()) < 0.003


def test_deform_that_folds_is_rejected(beam: Shape) -> None:
    folded = deform.apply(Subject(beam), {"seed": 4, "amplitude": 0.5})
    assert folded == "deformation folds the shape"


@pytest.mark.parametrize(("folder", "kind"), [("toys", "toys4k"), ("ldraw", "folder")])
def test_real_meshes(folder: str, kind: str, tmp_path: Path) -> None:
    cache = ShapeCache(tmp_path)
    source = open_source(kind, require(folder), cache)
    refs = source.refs()
    for ref in (refs[0], refs[len(refs) // 2]):
        shape = load_shape(source, ref, cache)
        before = crossings(shape).of_one_surface.lengths.sum()
        for name in KINDS:
            result = make_anomaly(name, Subject(shape), np.random.default_rng(3))
            assert isinstance(result, Anomaly), result
            assert crossings(result.shape).of_one_surface.lengths.sum() < 1.5 * before + 0.04
            calm = result.shape.corners[~result.affected_faces]
            if len(calm):
                assert off_surface(calm.reshape(-1, 3)[:2000], shape) < 1e-6
