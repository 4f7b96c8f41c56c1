"""Alignment, Chamfer, thresholds, index and the built-in look-alikes: known answers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anomalies.make import Anomaly, Rejected, make_anomaly
from anomalies.subject import Subject
from anomalies.types.look_alike import differing
from datagen.errors import BadShape
from datagen.geometry.shape import Material, Shape, Texture
from datagen.look_alikes import builtin, dress, index, views
from datagen.look_alikes.chamfer import Aligned, Form, align, apply, chamfer, similarity
from datagen.look_alikes.index import build_index, from_bytes, search, to_bytes, trained_on
from datagen.look_alikes.sources import LibraryOrBuiltin
from datagen.look_alikes.thresholds import (
    SAME,
    MeasuredPair,
    Thresholds,
    nearest,
    plot,
    thresholds_of,
)
from datagen.sources.open import load_shape, open_source
from tests.support.look_alikes import FAMILY, hook, shape_of, turned

LIMITS = Thresholds(SAME, 0.02, 0, 0)


@pytest.fixture(scope="module")
def part() -> Form:
    return Form(shape_of(hook()))


def test_a_turned_and_scaled_copy_lies_on_its_original(part: Form) -> None:
    copy = Form(shape_of(turned(hook(), 3.0)))
    found = align(part, copy)
    assert found.distance < 1e-4 and not found.mirrored
    assert LIMITS.verdict(found) == "a copy"
    moved = apply(found.matrix, copy.shape.vertices)
    np.testing.assert_allclose(
        np.sort(moved, axis=0), np.sort(part.shape.vertices, axis=0), atol=2e-3
    )


def test_a_mirrored_copy_is_told_from_the_part_itself(part: Form) -> None:
    found = align(part, Form(shape_of(turned(hook(side=-1)))))
    assert found.mirrored and found.mirror_distance < 1e-4 < SAME < found.distance
    assert LIMITS.verdict(found) == "a mirrored copy"


def test_a_near_variant_is_a_look_alike_and_another_thing_is_none(part: Form) -> None:
    near = align(part, Form(shape_of(turned(hook(arm=0.56), 2.0))))
    assert SAME < near.distance < 0.02 and LIMITS.verdict(near) is None
    far = align(part, Form(shape_of(FAMILY["ball"])))
    assert LIMITS.verdict(far) == "another thing"


def test_a_pair_is_given_up_only_beyond_what_is_of_interest(part: Form) -> None:
    other = Form(shape_of(turned(hook(arm=0.56), 2.0)))
    whole = align(part, other)
    assert align(part, other, 1.01 * whole.distance).distance == whole.distance
    far = align(part, Form(shape_of(FAMILY["ball"])), 0.02)
    assert far.distance > 0.02 and far.mirror_distance == np.inf


def test_the_distance_of_two_balls_is_the_difference_of_their_radii() -> None:
    ball = shape_of(FAMILY["ball"])
    smaller = np.diag([0.9, 0.9, 0.9, 1])
    assert chamfer(Form(ball), Form(ball), smaller) == pytest.approx(0.05, abs=2e-3)
    assert chamfer(Form(ball), Form(ball), np.eye(4)) < 1e-6


def test_similarity_of_points_is_found_exactly() -> None:
    rng = np.random.default_rng(2)
    points = rng.normal(size=(50, 3))
    turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    turn *= np.sign(np.linalg.det(turn))
    matrix = similarity(points, 1.7 * points @ turn.T + [1, 2, 3])
    np.testing.assert_allclose(matrix[:3, :3], 1.7 * turn, atol=1e-12)
    np.testing.assert_allclose(matrix[:3, 3], [1, 2, 3], atol=1e-12)


def test_thresholds_lie_where_the_distribution_says() -> None:
    near = np.linspace(0.002, 0.04, 101)
    pairs = [MeasuredPair(f"{k}", "x", True, value, value) for k, value in enumerate(near)]
    pairs += [MeasuredPair(f"{k}", "y", True, 1e-5, 1e-5) for k in range(50)]  # copies
    pairs += [MeasuredPair(f"{k}", "z", True, 0.01, 0.001) for k in range(50)]  # mirrored ones
    pairs += [MeasuredPair("a", f"{k}", False, value, value) for k, value in enumerate(near + 0.01)]
    found = thresholds_of(pairs)
    assert len(nearest(pairs)) == found.near == found.random == 101
    assert found.high == pytest.approx(np.quantile(near + 0.01, 0.02) / 2)
    assert found.low == pytest.approx(min(np.quantile(near, 0.05), found.high / 5))
    assert found.verdict(Aligned(found.high + 1e-6, np.eye(4), 1.0)) == "another thing"
    assert found.verdict(Aligned(found.low - 1e-6, np.eye(4), 1.0)) == "a copy"


def test_thresholds_are_plotted(tmp_path) -> None:
    pairs = [MeasuredPair("a", "b", True, 0.01, 0.02), MeasuredPair("a", "c", False, 0.05, 0.06)]
    plot(pairs, thresholds_of(pairs), tmp_path / "t.png")
    assert (tmp_path / "t.png").read_bytes()[:4] == b"\x89PNG"


@pytest.mark.parametrize("kind", ["flat", "hnsw", "ivfpq"])
def test_index_finds_neighbours_and_is_the_same_every_time(kind: str, monkeypatch) -> None:
    monkeypatch.setattr(index, "CODES", 8)
    rng = np.random.default_rng(0)
    data = np.repeat(rng.normal(size=(150, 128)), 4, axis=0) + 0.05 * rng.normal(size=(600, 128))
    data = (data / np.linalg.norm(data, axis=1, keepdims=True)).astype(np.float32)
    sample = data[: trained_on(kind, len(data))]
    first, second = (build_index(kind, np.split(data, 3), sample, len(data)) for _ in "12")
    np.testing.assert_array_equal(to_bytes(first), to_bytes(second))
    similarity_, number = search(from_bytes(to_bytes(first), kind), data[:40], 4)
    assert np.mean(number // 4 == np.arange(40)[:, None] // 4) > 0.95
    if kind == "flat":
        np.testing.assert_allclose(similarity_[:, 0], 1, atol=1e-5)
        np.testing.assert_array_equal(number[:, 0], np.arange(40))


def test_views_show_the_shape_from_eight_sides() -> None:
    seen = views.pictures(shape_of(hook()), 56)
    assert seen.shape == (8, 56, 56) and seen.dtype == np.uint8
    covered = (seen < 255).mean(axis=(1, 2))
    assert (covered > 0.05).all() and (covered < 0.7).all()
    assert len({picture.tobytes() for picture in seen}) == 8
    recoloured = replace(shape_of(hook()), materials=(Material("red", (1, 0, 0)),))
    np.testing.assert_array_equal(seen, views.pictures(recoloured, 56))


def builtin_shape(name: str) -> Shape:
    from datagen.geometry.cache import ShapeCache

    source = open_source("builtin", None, ShapeCache(None))  # type: ignore[arg-type]
    ref = next(ref for ref in source.refs() if ref.id == name)
    try:
        return load_shape(source, ref, _NoCache())  # type: ignore[arg-type]
    except BadShape:
        raise AssertionError(name) from None


class _NoCache:
    def recall(self, key: str) -> None:
        return None

    def remember(self, key: str, shape: Shape, linked: object = ()) -> None:
        pass


@pytest.mark.parametrize("name", ["gear_001", "mug_002", "chess_piece_000"])
def test_built_in_shapes_have_look_alikes_without_a_library(name: str) -> None:
    subject = Subject(builtin_shape(name), look_alikes=LibraryOrBuiltin())
    made = [make_anomaly("look_alike", subject, np.random.default_rng(5)) for _ in "12"]
    first, second = made
    assert isinstance(first, Anomaly) and isinstance(second, Anomaly), made
    np.testing.assert_array_equal(first.shape.vertices, second.shape.vertices)
    assert first.parameters == second.parameters
    low, high = first.parameters["between"]
    assert low <= first.parameters["chamfer"] <= high
    assert first.parameters["chamfer"] == pytest.approx(
        chamfer(Form(subject.shape), Form(first.shape), np.eye(4)), rel=0.05, abs=1e-4
    )
    assert set(first.shape.materials) <= set(subject.shape.materials)
    assert first.strength.visible_share > 0
    assert first.affected_faces.any()
    assert first.shape.info["anomaly"]["code"] == "diff"


def test_a_maker_draws_the_same_numbers_where_none_is_moved() -> None:
    for category, number in (("robot", 3), ("bearing", 1)):
        shape = builtin.neighbour(category, number, {})
        np.testing.assert_array_equal(
            shape.vertices, builtin_shape(f"{category}_{number:03d}").vertices
        )
        rng = np.random.default_rng(0)
        moved = [builtin.changed_numbers(rng, category, number, s) for s in (0.0, 1.0)]
        assert len(moved[0]) == 1 and len(moved[1]) == 5


def test_other_shapes_have_none_without_a_library() -> None:
    result = make_anomaly("look_alike", Subject(shape_of(hook())), np.random.default_rng(0))
    assert isinstance(result, Rejected) and not result.applicable
    assert list(result.reasons) == ["no library of similar shapes given"]


def test_only_the_differing_surface_is_affected() -> None:
    """A longer arm on the same bar: the arm's end differs, the finger does not."""
    normal = shape_of(hook(arm=0.5).subdivide().subdivide().subdivide())
    vertices = normal.vertices.copy()
    end = vertices[:, 1] > vertices[:, 1].max() - 0.02
    vertices[end, 1] += 0.05
    odd = normal.with_vertices(vertices)
    affected = differing(Subject(normal), odd)
    touched = end[odd.faces].any(axis=1)
    assert affected[touched].mean() > 0.7
    assert not affected[~touched].any()


def test_a_neighbour_wears_its_parents_textures() -> None:
    rng = np.random.default_rng(0)
    picture = Texture.from_pixels(rng.integers(0, 255, (4, 4, 3), dtype=np.uint8))
    parent = replace(shape_of(hook()), materials=(replace(GREEN, base_color_texture=picture),))
    parent = replace(parent, uv=parent.corners[:, :, :2].copy())
    other = shape_of(hook(arm=0.54))
    worn = dress.by_nearness(parent, other)
    assert worn.materials == parent.materials and worn.uv is not None
    normal = np.cross(*np.moveaxis(np.diff(worn.corners, axis=1), 1, 0))
    level = np.abs(normal[:, 2]) > 0.99 * np.linalg.norm(normal, axis=1)
    np.testing.assert_allclose(worn.uv[level], worn.corners[level][:, :, :2], atol=0.03)


GREEN = Material("green", (0.1, 0.6, 0.1))
