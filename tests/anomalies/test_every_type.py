"""The mesh anomalies: deterministic, changing what they say, rejected by name."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import trimesh

from anomalies import load_types
from anomalies.checks import gates
from anomalies.checks.visibility import noticed_share, views_of
from anomalies.make import Anomaly, make_anomaly
from anomalies.severity import parse_severity
from anomalies.subject import Subject
from datagen.errors import OddgenError
from datagen.geometry.shape import Material, Shape
from datagen.sources.builtin.builder import ShapeBuilder

RED = Material("red", (0.7, 0.05, 0.05))
GREY = Material("grey", (0.5, 0.5, 0.5), 1.0, 0.3)


def normalised(shape: Shape) -> Shape:
    vertices = shape.vertices - shape.bounds.mean(axis=0)
    return shape.with_vertices(vertices / np.linalg.norm(vertices, axis=1).max() / 2)


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


CHANGES = [kind for kind in load_types() if kind != "look_alike"]  # which is another shape


@pytest.mark.parametrize("kind", CHANGES)
def test_same_seed_same_anomaly(kind: str, lamp: Shape) -> None:
    first, second = made(kind, lamp), made(kind, lamp)
    assert first.parameters == second.parameters
    np.testing.assert_array_equal(first.shape.vertices, second.shape.vertices)
    np.testing.assert_array_equal(first.shape.face_material, second.shape.face_material)
    np.testing.assert_array_equal(first.affected_faces, second.affected_faces)
    assert any(first.parameters != made(kind, lamp, seed).parameters for seed in range(4, 10))


@pytest.mark.parametrize("kind", CHANGES)
def test_result_is_consistent(kind: str, lamp: Shape) -> None:
    result = made(kind, lamp)
    odd = result.shape
    count = len(odd.faces)
    assert result.affected_faces.shape == odd.face_part.shape == odd.face_material.shape == (count,)
    assert odd.faces.max() < len(odd.vertices)
    assert odd.face_material.max() < len(odd.materials)
    assert np.linalg.norm(odd.vertices, axis=1).max() <= gates.MAX_RADIUS
    least = load_types()[kind].least_seen_at(result.severity)
    assert noticed_share(views_of(Subject(lamp)), views_of(Subject(odd))) >= least
    json.dumps(odd.info)
    assert odd.info["source"] == "test"
    assert odd.info["anomaly"]["type"] == kind
    assert "anomaly" not in lamp.info


def test_published_codes() -> None:
    codes = {kind: chosen.code for kind, chosen in load_types().items()}
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
        "look_alike": "diff",
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
