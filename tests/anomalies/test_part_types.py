"""Translated, rotated, scaled, missing and repainted parts."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from anomalies.make import Anomaly, Rejected, make_anomaly
from anomalies.parts.find import parts_of
from anomalies.parts.pieces import largest_share, largest_share_of
from anomalies.subject import Subject
from anomalies.types import material, missing, rotate, scale, translate
from anomalies.types.part_motion import rotation
from datagen.geometry import color
from datagen.geometry.cache import ShapeCache
from datagen.geometry.shape import Shape
from datagen.geometry.surface import surface_distance
from datagen.sources.open import load_shape, open_source
from tests.support.data import require
from tests.support.shapes import GREY, RED, box, built, off_surface

PART_MOTIONS = ("translate", "rotate", "scale")


@pytest.fixture(scope="module")
def lamp() -> Subject:
    """A base with a knob and a pole that holds a head."""
    return Subject(
        built(
            ("base", box((0.7, 0.6, 0.1), (0, 0, 0)), RED),
            ("pole", box((0.1, 0.12, 0.5), (0, 0, 0.28)), GREY),
            ("head", box((0.3, 0.2, 0.2), (0.05, 0, 0.6)), RED),
            ("knob", box((0.15, 0.15, 0.1), (0.2, 0.15, 0.09)), GREY),
        )
    )


def part_of(subject: Subject, name: str) -> int:
    return [part.name for part in parts_of(subject).items].index(name)


def made(kind: str, subject: Subject, seed: int, severity: float = 0.5) -> Anomaly:
    result = make_anomaly(kind, subject, np.random.default_rng(seed), (severity, severity))
    assert isinstance(result, Anomaly), result
    return result


@pytest.mark.parametrize("kind", PART_MOTIONS)
def test_a_part_in_motion_stays_attached_and_the_rest_stays(kind: str, lamp: Subject) -> None:
    for seed in range(4):
        result = made(kind, lamp, seed)
        odd = result.shape
        assert largest_share(odd) == 1.0
        calm = odd.keep_faces(~result.affected_faces)
        assert surface_distance(calm.vertices, lamp.shape).max() < 1e-6
        part = parts_of(lamp).items[result.parameters["part"]]
        np.testing.assert_allclose(
            calm.face_areas.sum(), lamp.shape.face_areas[~part.faces].sum(), rtol=1e-5
        )


def test_a_detached_a_swallowed_and_a_still_part_are_named(lamp: Subject) -> None:
    knob, head = part_of(lamp, "knob"), part_of(lamp, "head")
    assert translate.apply(lamp, {"part": knob, "offset": [0, 0, 0.15]}) == "part detached"
    assert translate.apply(lamp, {"part": knob, "offset": [0, 0, -0.07]}) == "part swallowed"
    assert translate.apply(lamp, {"part": knob, "offset": [0, 0.001, 0]}) == "part hardly moves"
    assert translate.apply(lamp, {"part": head, "offset": [0, 0, 0.3]}) == "grows too large"
    assert not isinstance(translate.apply(lamp, {"part": knob, "offset": [0.05, 0, 0]}), str)


def test_a_slab_that_slides_into_its_neighbours_face_is_named() -> None:
    slabs = Subject(
        built(
            ("floor", box((1, 1, 0.2), (0, 0, 0)), GREY),
            ("left", box((0.3, 0.3, 0.04), (-0.155, 0, 0.12)), RED),
            ("right", box((0.3, 0.3, 0.04), (0.155, 0, 0.12)), RED),
        )
    )
    into = {"part": part_of(slabs, "left"), "offset": [0.035, 0, 0]}
    assert translate.apply(slabs, into) == "part in the surface of the rest"


def test_motions_are_what_they_say(lamp: Subject) -> None:
    points = np.random.default_rng(0).normal(size=(20, 3))
    axis = np.array([0.6, 0.0, 0.8])
    turn = rotate.to_motion({"centre": [0.1, 0.2, 0.3], "axis": axis.tolist(), "angle": 0.4})
    np.testing.assert_allclose(turn(np.array([[0.1, 0.2, 0.3]])), [[0.1, 0.2, 0.3]])
    np.testing.assert_allclose(turn.back(turn(points)), points, atol=1e-12)
    assert np.trace(rotation(axis, 0.4)) == pytest.approx(1 + 2 * np.cos(0.4))
    np.testing.assert_allclose(
        turn(points + axis) - turn(points), np.tile(axis, (20, 1)), atol=1e-12
    )
    grown = scale.to_motion({"centre": [0.1, 0, 0], "factor": 1.5})
    assert grown.factor == pytest.approx(1.5)
    np.testing.assert_allclose(grown(points) - [0.1, 0, 0], 1.5 * (points - [0.1, 0, 0]))


def test_severity_decides_how_far(lamp: Subject) -> None:
    angles = [made("rotate", lamp, 0, severity).parameters["angle"] for severity in (0.1, 0.5, 0.9)]
    assert angles == sorted(angles)
    for seed in range(4):
        normal = made("scale", lamp, seed).parameters["factor"]
        assert 0.699 <= min(normal, 1 / normal) <= 0.9
        slide = np.linalg.norm(made("translate", lamp, seed).parameters["offset"])
        assert 0.02 <= slide <= 0.4


def test_a_missing_part_never_leaves_two_components(lamp: Subject) -> None:
    names = set()
    for seed in range(6):
        result = made("missing", lamp, seed)
        assert largest_share(result.shape) == 1.0
        assert result.affected_faces.any()
        part = parts_of(lamp).items[result.parameters["part"]]
        assert len(result.shape.faces) == len(lamp.shape.faces) - part.faces.sum()
        names.add(part.name)
    assert len(names) > 1


def test_a_shape_that_would_tip_over_keeps_its_leg() -> None:
    table = Subject(
        built(
            ("top", box((1.2, 0.5, 0.1), (0, 0, 0)), RED),
            ("left leg", box((0.1, 0.4, 0.5), (-0.5, 0, -0.3)), GREY),
            ("right leg", box((0.1, 0.4, 0.5), (0.5, 0, -0.3)), GREY),
        )
    )
    assert missing.stands(table.shape)
    leg = {"part": part_of(table, "left leg"), "name": "left leg"}
    assert missing.apply(table, leg) == "the rest tips over"


def test_material_keeps_the_geometry(lamp: Subject) -> None:
    result = made("material", lamp, 3)
    odd, affected = result.shape, result.affected_faces
    np.testing.assert_array_equal(odd.vertices, lamp.shape.vertices)
    part = parts_of(lamp).items[result.parameters["part"]]
    assert affected.sum() == part.faces.sum()
    assert len(np.unique(odd.face_material[affected])) == 1
    before = {tuple(map(tuple, np.sort(c, axis=0))): m.name
              for c, m in zip(lamp.shape.corners,
                              [lamp.shape.materials[k] for k in lamp.shape.face_material],
                              strict=True)}  # fmt: skip
    for corners, index in zip(odd.corners[~affected], odd.face_material[~affected], strict=True):
        assert odd.materials[index].name == before[tuple(map(tuple, np.sort(corners, axis=0)))]


@pytest.mark.parametrize(
    ("severity", "low", "high"), [(0.1, 12, 20), (0.5, 20, 45), (0.95, 45, 99)]
)
def test_severity_decides_how_different_a_material_is(
    severity: float, low: float, high: float, lamp: Subject
) -> None:
    for seed in range(4):
        facts = made("material", lamp, seed, severity).parameters
        part = parts_of(lamp).items[facts["part"]]
        (difference,), (color,) = material.differences(part, [facts["material"]])
        assert low / 1.2 <= difference <= high * 1.2
        assert color >= material.MIN_COLOR


def test_material_that_looks_alike_is_rejected(lamp: Subject) -> None:
    near = {"base_color": [0.48, 0.5, 0.5], "metallic": 1.0, "roughness": 0.35}
    facts = {"part": part_of(lamp, "knob"), "material": near}
    assert material.apply(lamp, facts) == "material looks alike"


@pytest.mark.parametrize(
    ("first", "second", "expected"),  # Sharma, Wu and Dalal 2005, table 1: pairs 1, 7, 17, 25
    [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, 0, 0), (50, -1, 2), 2.3669),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ],
)
def test_ciede2000(first: tuple, second: tuple, expected: float) -> None:
    found = color.delta_e(np.array([first], float), np.array([second], float))
    assert found[0] == pytest.approx(expected, abs=1e-4)


def test_what_has_no_parts_is_said() -> None:
    ball = Subject(built(("body", box((1, 1, 1), (0, 0, 0)), RED)))
    for kind, reason in (
        ("material", "no usable part"),
        ("missing", "no part that comes off"),
        ("translate", "no movable part"),
    ):
        result = make_anomaly(kind, ball, np.random.default_rng(0))
        assert result == Rejected(kind, Counter({reason: 1}), applicable=False)


@pytest.mark.parametrize(
    ("source", "folder", "shape_id"),
    [("toys4k", "toys", "car/car_016"), ("folder", "ldraw", "6539/mesh.obj")],
)
def test_real_files(source: str, folder: str, shape_id: str, tmp_path: Path) -> None:
    cache = ShapeCache(tmp_path)
    found = open_source(source, require(folder), cache)
    (ref,) = [ref for ref in found.refs() if ref.id == shape_id]
    subject = Subject(load_shape(found, ref, cache))
    assert len(parts_of(subject).movable) >= 2
    for kind in (*PART_MOTIONS, "missing", "material"):
        odd = made(kind, subject, 0, 0.9)
        calm: Shape = odd.shape.keep_faces(~odd.affected_faces)
        assert off_surface(calm.vertices, subject.shape).max() < 1e-6
        assert largest_share(odd.shape) >= 0.97 * largest_share_of(subject)
