"""The checks of every odd shape: each names the fault that it is for, and passes a sound shape."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import trimesh

from anomalies import load_type
from anomalies.anomaly_type import LEAST_SEEN
from anomalies.checks import gates
from anomalies.checks.intersections import crossings, new_crossing_length
from anomalies.checks.visibility import noticed_share, views_of
from anomalies.subject import Subject
from anomalies.surgery.refine import refine
from datagen.geometry.shape import Material, Shape
from tests.support.shapes import single


@pytest.fixture(scope="module")
def sheet() -> Shape:
    """A long strip with a thickness, finely divided."""
    box = trimesh.creation.box((1.0, 0.2, 0.02))
    return refine(single(box), 0.03)[0]


def rolled(sheet: Shape, turns: float) -> Shape:
    """Rolled round the y axis; more than one turn passes through itself."""
    x, y, z = sheet.vertices.T
    angle = turns * 2 * np.pi * (x / np.ptp(x))
    radius = np.ptp(x) / (2 * np.pi * turns) + 0.2 * np.abs(x) + z
    vertices = np.stack([radius * np.sin(angle), y, radius * np.cos(angle)], axis=1)
    return sheet.with_vertices(vertices)


def check(subject: Subject, odd: Shape) -> str | None:
    return gates.check(subject, Subject(odd))


def test_a_sound_change_passes(sheet: Shape) -> None:
    assert check(Subject(sheet), rolled(sheet, 0.6)) is None


def test_faults_are_named(sheet: Shape) -> None:
    subject = Subject(sheet)
    assert check(subject, sheet) == "not visible"
    assert check(subject, sheet.with_vertices(sheet.vertices * 1.3)) == "grows too large"
    assert check(subject, rolled(sheet, 1.2)) == "crosses itself"
    holed = sheet.vertices.copy()
    holed[0] = np.nan
    assert check(subject, sheet.with_vertices(holed)) == "not finite"
    turned = replace(rolled(sheet, 0.6), faces=sheet.faces[:, ::-1].copy())
    assert check(subject, turned) == "inside out"
    rng = np.random.default_rng(0)
    torn = sheet.with_vertices(rng.uniform(-0.3, 0.3, sheet.vertices.shape))
    assert check(subject, torn) == "drawn out"


def test_a_cavity_of_the_parent_is_not_inside_out() -> None:
    outer, inner = trimesh.creation.icosphere(3, 1.0), trimesh.creation.icosphere(2, 0.5)
    inner.invert()
    hollow = single(trimesh.util.concatenate([outer, inner]))
    squashed = hollow.with_vertices(hollow.vertices * [1, 1, 0.8])
    assert not gates.inside_out(Subject(hollow), Subject(squashed))


def test_what_is_noticed_of_a_change() -> None:
    """A turn about the axis: nothing. A lean: something. A dark line: thin, and yet it is seen."""
    dial = trimesh.creation.cylinder(0.4, 0.3, sections=256)
    shape = single(dial)
    before = views_of(Subject(shape))

    def turned(angle: float, axis: list[float]) -> Shape:
        matrix = trimesh.transformations.rotation_matrix(angle, axis)[:3, :3]
        return shape.with_vertices(shape.vertices @ matrix.T)

    assert noticed_share(before, views_of(Subject(turned(0.5, [0, 0, 1])))) < LEAST_SEEN / 4
    assert noticed_share(before, views_of(Subject(turned(0.3, [1, 0, 0])))) > 4 * LEAST_SEEN
    nudged = shape.with_vertices(shape.vertices + [0.004, 0, 0])
    assert noticed_share(before, views_of(Subject(nudged))) < LEAST_SEEN / 4
    fine = refine(shape, 0.02)[0]
    middle = fine.corners.mean(axis=1)
    line = (np.abs(middle[:, 0]) < 0.012) & (np.abs(middle[:, 1]) < 0.25)
    black = Material("black", (0.02, 0.02, 0.02))
    marked = replace(fine, materials=(*fine.materials, black), face_material=line.astype(np.int64))
    assert noticed_share(before, views_of(Subject(marked))) > load_type("crack").least_seen


def crossing_tubes(angle: float = 1.2) -> Shape:
    """Two tubes through one another, joined at an end to be one surface."""
    first = trimesh.creation.cylinder(0.08, 1.0, sections=24)
    second = trimesh.creation.cylinder(0.08, 1.0, sections=31)
    turn = trimesh.transformations.rotation_matrix(angle, [0, 1, 0])
    second.apply_transform(turn)
    near, far = (np.argsort(tube.vertices @ [1, 0.01, 1])[-2:] for tube in (first, second))
    corners = [*first.vertices[near], second.vertices[far[-1]]]
    bridge = trimesh.Trimesh(corners, [[0, 1, 2]], process=False)
    return single(trimesh.util.concatenate([first, second, bridge]))


def test_crossings_do_not_depend_on_vertices_that_no_face_uses() -> None:
    boxes = [trimesh.creation.box((1, 0.3, 0.3)), trimesh.creation.box((0.3, 1, 0.3))]
    shape = single(trimesh.util.concatenate(boxes))
    stray = np.random.default_rng(0).uniform(-0.5, 0.5, (40, 3))
    padded = replace(
        shape, vertices=np.concatenate([stray, shape.vertices]), faces=shape.faces + len(stray)
    )
    expected = crossings(shape).lengths.sum()
    assert expected > 0.5
    assert crossings(padded).lengths.sum() == pytest.approx(expected)


def test_crossings_have_the_known_length() -> None:
    """The lines on which two tubes of radius r cross squarely: two ellipses of axes r, sqrt 2 r."""
    shape = crossing_tubes(np.pi / 2)
    measured = crossings(shape).of_one_surface.lengths.sum()
    scale = np.ptp(shape.vertices[:, 1]) / 0.16
    half_axes = 0.08 * scale * np.array([1.0, np.sqrt(2)])
    h = ((half_axes[1] - half_axes[0]) / half_axes.sum()) ** 2
    ellipse = np.pi * half_axes.sum() * (1 + 3 * h / (10 + np.sqrt(4 - 3 * h)))
    assert measured == pytest.approx(2 * ellipse, rel=0.08)


def test_separate_pieces_may_cross_and_finer_faces_are_no_news() -> None:
    shape = crossing_tubes()
    assert crossings(shape.keep_faces(shape.face_areas > 0)).of_one_surface.lengths.sum() > 0.1
    boxes = [trimesh.creation.box((1, 0.2, 0.2)), trimesh.creation.box((0.2, 1, 0.2))]
    assert len(crossings(single(trimesh.util.concatenate(boxes))).of_one_surface.faces) == 0
    subject = Subject(shape)
    fine, _ = refine(shape, 0.03)
    assert new_crossing_length(subject, Subject(fine)) < gates.MAX_NEW_CROSSING / 2
    moved = fine.with_vertices(fine.vertices + 0.05 * np.sin(3 * fine.vertices[:, [1, 2, 0]]))
    assert new_crossing_length(subject, Subject(moved)) < gates.MAX_NEW_CROSSING
