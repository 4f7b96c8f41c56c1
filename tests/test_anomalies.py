"""The mesh anomalies: deterministic, changing what they say, rejected by name."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import trimesh

from anomalies import (
    TYPES,
    Anomaly,
    Rejected,
    bend,
    bump,
    gates,
    make_anomaly,
    twist,
)
from anomalies.refine import refine
from anomalies.severity import parse_severity
from anomalies.subject import Subject
from anomalies.surface import surface_distance
from datagen.builtin.builder import ShapeBuilder
from datagen.errors import OddgenError
from datagen.shape import Material, Shape

RED = Material("red", (0.7, 0.05, 0.05))
GREY = Material("grey", (0.5, 0.5, 0.5), 1.0, 0.3)


def normalised(shape: Shape) -> Shape:
    vertices = shape.vertices - shape.bounds.mean(axis=0)
    return shape.with_vertices(vertices / np.linalg.norm(vertices, axis=1).max() / 2)


def single(mesh: trimesh.Trimesh) -> Shape:
    builder = ShapeBuilder()
    builder.add("body", mesh, RED)
    return normalised(builder.build())


@pytest.fixture(scope="module")
def lamp() -> Shape:
    """A base, a pole, and a head; the pole holds the head."""
    builder = ShapeBuilder()
    base = trimesh.creation.box((0.6, 0.5, 0.1))
    pole = trimesh.creation.box((0.1, 0.12, 0.8))
    pole.apply_translation((0, 0, 0.43))
    head = trimesh.creation.box((0.3, 0.2, 0.2))
    head.apply_translation((0.05, 0, 0.9))
    knob = trimesh.creation.box((0.15, 0.15, 0.06))
    knob.apply_translation((0.35, 0, 0))
    pieces = (("base", base, RED), ("pole", pole, GREY), ("head", head, RED), ("knob", knob, GREY))
    for name, mesh, paint in pieces:
        builder.add(name, mesh, paint)
    return replace(normalised(builder.build()), info={"source": "test"})


def made(kind: str, shape: Shape, seed: int = 3) -> Anomaly:
    result = make_anomaly(kind, Subject(shape), np.random.default_rng(seed))
    assert isinstance(result, Anomaly), result
    return result


def volume(shape: Shape) -> float:
    return float(trimesh.Trimesh(shape.vertices, shape.faces, process=False).volume)


@pytest.mark.parametrize("kind", TYPES)
def test_same_seed_same_anomaly(kind: str, lamp: Shape) -> None:
    first, second = made(kind, lamp), made(kind, lamp)
    assert first.parameters == second.parameters
    np.testing.assert_array_equal(first.shape.vertices, second.shape.vertices)
    np.testing.assert_array_equal(first.shape.face_material, second.shape.face_material)
    np.testing.assert_array_equal(first.affected_faces, second.affected_faces)
    assert any(first.parameters != made(kind, lamp, seed).parameters for seed in range(4, 10))


@pytest.mark.parametrize("kind", TYPES)
def test_result_is_consistent(kind: str, lamp: Shape) -> None:
    result = made(kind, lamp)
    odd = result.shape
    count = len(odd.faces)
    assert result.affected_faces.shape == odd.face_part.shape == odd.face_material.shape == (count,)
    assert odd.faces.max() < len(odd.vertices)
    assert odd.face_material.max() < len(odd.materials)
    assert np.linalg.norm(odd.vertices, axis=1).max() <= gates.MAX_RADIUS
    assert gates.visible_share(Subject(lamp), odd) >= gates.MIN_SHARE
    json.dumps(odd.info)
    assert odd.info["source"] == "test"
    assert odd.info["anomaly"]["type"] == kind
    assert "anomaly" not in lamp.info


def test_published_codes() -> None:
    codes = {kind: chosen.code for kind, chosen in TYPES.items()}
    published = {
        "fracture": "frac",
        "crack": "crack",
        "dislodged": "crack",
        "discoloured": "disc",
        "bump": "bump",
        "deform": "defr",
        "bend": "bend",
        "twist": "twist",
        "translate": "tran",
        "rotate": "rota",
        "scale": "scal",
        "missing": "miss",
        "material": "mats",
    }
    assert codes == published


def test_severity_ranges() -> None:
    assert parse_severity("normal") == (1 / 3, 2 / 3)
    assert parse_severity("0.2-0.6") == (0.2, 0.6)
    assert parse_severity("0.5") == (0.5, 0.5)
    for wrong in ("strong", "0.6-0.2", "-1", "0-2", "nan"):
        with pytest.raises(OddgenError, match=f"--severity {wrong}: give subtle, normal, gross"):
            parse_severity(wrong)


def test_import_stays_light() -> None:
    heavy = "{'open3d', 'trimesh', 'scipy'}"
    code = f"import sys, anomalies; sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("kind", ["bend", "twist"])
def test_deformations_keep_volume_and_move(kind: str, lamp: Shape) -> None:
    result = made(kind, lamp)
    assert volume(result.shape) == pytest.approx(volume(lamp), rel=0.15)
    assert result.affected_faces.mean() > 0.2
    assert 29.9 <= abs(np.degrees(result.parameters["angle"])) <= 60.1


def test_bend_is_an_arc_and_rigid_beyond() -> None:
    turn = np.pi / 2
    facts = {"axis": [0, 0, 1], "along": [1, 0, 0], "angle": turn, "start": 0.0, "end": 1.0}
    points = np.array([[-1.0, 0.2, 0.3], [0.0, 0, 0], [1.0, 0, 0], [2.0, 0, 0.5]])
    bent, jacobian = bend.bend_points(points, np.zeros(3), facts)
    radius = 1 / turn
    expected = [[-1, 0.2, 0.3], [0, 0, 0], [radius, radius, 0], [radius, radius + 1, 0.5]]
    np.testing.assert_allclose(bent, expected, atol=1e-12)
    assert jacobian == pytest.approx(1 - turn * 0.2)


def test_folding_bend_is_rejected(lamp: Shape) -> None:
    facts = {"axis": [0, 1, 0], "along": [1, 0, 0], "angle": 0.7, "start": 0.0, "end": 0.05}
    assert bend.apply(Subject(lamp), facts) == "bend folds the shape"


def test_twist_of_a_symmetric_shape_is_rejected() -> None:
    rod = single(trimesh.creation.cylinder(0.2, 1.0, sections=48))
    assert (
        twist.apply(Subject(rod), {"axis": [0, 0, 1], "angle": 0.6}) == "symmetric about the axis"
    )
    assert not isinstance(twist.apply(Subject(rod), {"axis": [1, 0, 0], "angle": 0.6}), str)
    ball = make_anomaly(
        "twist",
        Subject(single(trimesh.creation.icosphere(3))),
        np.random.default_rng(0),
        attempts=4,
    )
    assert isinstance(ball, Rejected)
    assert ball.reasons == Counter({"symmetric about the axis": 4})


def test_bump_is_local_and_outwards(lamp: Shape) -> None:
    result = made("bump", lamp)
    facts, odd = result.parameters, result.shape
    middle = odd.corners[result.affected_faces].mean(axis=1)
    reach = np.linalg.norm(middle - facts["centre"], axis=1)
    assert reach.max() < facts["radius"] + facts["height"] + 0.02
    assert volume(odd) > volume(lamp)
    calm = odd.corners[~result.affected_faces].reshape(-1, 3)
    before = surface_distance(calm, lamp)
    assert before.max() < 1e-6


def test_bump_leaves_a_thin_walls_back() -> None:
    wall = single(trimesh.creation.box((1.0, 0.8, 0.02)))
    top = wall.vertices[:, 2].max()
    facts = {"centre": [0.0, 0.0, float(top)], "normal": [0.0, 0.0, 1.0], "wound": 1.0}
    applied = bump.apply(Subject(wall), facts | {"radius": 0.15, "height": 0.06})
    assert not isinstance(applied, str)
    heights = applied[0].vertices[:, 2]
    assert heights.max() == pytest.approx(top + 0.06, abs=0.003)
    assert heights.min() == pytest.approx(-top)


def test_bump_goes_outwards_on_an_inside_out_mesh() -> None:
    ball = single(trimesh.creation.icosphere(3))
    inside_out = replace(ball, faces=ball.faces[:, ::-1].copy())
    odd = made("bump", inside_out).shape
    assert np.linalg.norm(odd.vertices, axis=1).max() > 0.52


def test_too_large_and_invisible_are_named(lamp: Shape) -> None:
    assert gates.check(Subject(lamp), lamp.with_vertices(lamp.vertices * 1.3)) == "grows too large"
    assert gates.check(Subject(lamp), lamp) == "not visible"


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
