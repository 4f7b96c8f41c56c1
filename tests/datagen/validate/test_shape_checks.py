"""Anomalous shapes in a cache: sound ones pass, and a planted fault of every kind is told."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh

from anomalies import load_types
from anomalies.checks.strength import measure
from anomalies.make import Anomaly, make_anomaly
from anomalies.subject import Subject
from anomalies.surgery.refine import refine
from datagen.geometry.cache import ShapeCache
from datagen.geometry.canonical import canonical
from datagen.geometry.normalise import normalise
from datagen.geometry.shape import Bools, Material, Shape
from datagen.sources.builtin.builder import ShapeBuilder
from datagen.sources.open import load_shape, open_source
from datagen.validate.connectivity import kept_volume
from datagen.validate.shape_checks import CheckedShape, check_shape
from tests.support.data import DATA, needs
from tests.support.look_alikes import shape_of

FINE = 2.0**-22
RED, GREY, BLUE = (
    Material("red", (0.7, 0.05, 0.05)),
    Material("grey", (0.5, 0.5, 0.5), 1.0, 0.3),
    Material("blue", (0.05, 0.1, 0.8)),
)


@pytest.fixture(scope="module")
def lamp() -> Shape:
    """A finely meshed base, a pole and a head, with UVs."""
    builder = ShapeBuilder()
    for name, size, middle, material in (
        ("base", (0.6, 0.5, 0.2), (0, 0, 0), RED),
        ("pole", (0.1, 0.12, 0.8), (0, 0, 0.43), GREY),
        ("head", (0.4, 0.3, 0.3), (0.05, 0, 0.9), GREY),
    ):
        mesh = trimesh.creation.box(size).subdivide().subdivide().subdivide()
        mesh.apply_translation(middle)
        builder.add(name, mesh, material)
    shape = builder.build()
    uv = shape.corners[:, :, :2] + 0.3 * shape.corners[:, :, 2:]
    return normalise(replace(shape, uv=uv, info={"id": "lamp"}), "lamp")


def part(shape: Shape, name: str) -> Bools:
    return np.asarray(shape.face_part == shape.part_names.index(name))


def moved(shape: Shape, faces: Bools, step: tuple[float, float, float]) -> Shape:
    vertices = shape.vertices.copy()
    vertices[np.unique(shape.faces[faces])] += step
    return shape.with_vertices(vertices)


def dented(shape: Shape, depth: float = 0.08) -> tuple[Shape, Bools]:
    """A round dent in the head's top, and the faces that it moved."""
    vertices = shape.vertices.copy()
    head = np.unique(shape.faces[part(shape, "head")])
    top = head[vertices[head, 2] > vertices[:, 2].max() - 1e-6]
    radius = np.linalg.norm(vertices[top, :2] - vertices[top, :2].mean(axis=0), axis=1)
    vertices[top, 2] -= depth * np.clip(1 - (radius / 0.12) ** 2, 0, None) ** 2
    changed = np.abs(vertices - shape.vertices).max(axis=1) > 1e-9
    return shape.with_vertices(vertices), changed[shape.faces].any(axis=1)


class Cache:
    """A shape cache that a test fills with anomalies of one parent."""

    def __init__(self, root: Path, parent: Shape) -> None:
        self.cache, self.parent = ShapeCache(root), parent
        self.parent_key = self.cache.put(parent)

    def put(self, odd: Shape, affected: Bools, kind: str = "bump", **changes: Any) -> str:
        """Stores it as the generator would; changes: facts to lie about."""
        odd, origin = canonical(odd, FINE)
        affected = affected[origin]
        facts = {
            "type": kind,
            "code": load_types()[kind].code if kind in load_types() else "frac",
            "severity": 0.5,
            "parameters": {"depth": 0.08},
            "strength": measure(Subject(self.parent), Subject(odd), affected).to_json(),
        }
        odd = replace(odd, info=self.parent.info | {"anomaly": facts | changes})
        return self.cache.put(odd, self.parent_key, affected)

    def check(self, key: str) -> CheckedShape:
        result = check_shape(self.cache.root, key)
        assert result is not None
        return result

    def told(self, key: str) -> set[str]:
        return {finding.check for finding in self.check(key).findings}

    def facts_path(self, key: str) -> Path:
        return self.cache.path(key).with_suffix(".json")


@pytest.fixture
def cache(lamp: Shape, tmp_path: Path) -> Cache:
    return Cache(tmp_path, lamp)


def test_sound_anomalies_pass_and_a_normal_shape_is_none(cache, lamp):
    assert check_shape(cache.cache.root, cache.parent_key) is None
    dent = cache.check(cache.put(*dented(lamp)))
    assert dent.findings == () and dent.kind == "bump"
    assert 0 < dent.measured["affected_share"] < 0.2 and dent.measured["held"] == 1
    pole = np.where(part(lamp, "pole"), len(lamp.materials), lamp.face_material)
    painted = replace(lamp, face_material=pole, materials=(*lamp.materials, BLUE))
    assert cache.told(cache.put(painted, part(lamp, "pole"), "material")) == set()


def test_the_picture_is_taken_from_where_the_change_shows(cache, lamp):
    eye = cache.check(cache.put(*dented(lamp))).eye
    assert eye is not None and eye[2] > 0.2


def test_a_part_may_be_missing_where_it_was_and_nowhere_else(cache, lamp):
    side = part(lamp, "base") & (lamp.corners[:, :, 0].max(axis=1) < lamp.bounds[0, 0] + 1e-6)
    odd, affected = dented(lamp)
    assert cache.told(cache.put(odd.keep_faces(~side), affected[~side])) == {"shape.kept"}
    head = part(lamp, "head")
    rest, rim = lamp.keep_faces(~head), np.zeros((~head).sum(), bool)
    rim[(rest.corners[:, :, 2].max(axis=1) > rest.bounds[1, 2] - 0.05)] = True
    assert cache.told(cache.put(rest, rim, "missing")) == set()
    both = head | side
    rest = lamp.keep_faces(~both)
    rim = rest.corners[:, :, 2].max(axis=1) > rest.bounds[1, 2] - 0.05
    assert "shape.kept" in cache.told(cache.put(rest, rim, "missing"))


def test_damaged_files(cache, lamp):
    key = cache.put(*dented(lamp))
    content = bytearray(cache.cache.path(key).read_bytes())
    content[-3] ^= 1
    cache.cache.path(key).write_bytes(content)
    assert cache.told(key) == {"shape.file"}
    assert cache.cache.path(key).exists(), "validation must not delete what it checks"
    cache.facts_path(key).unlink()
    assert cache.told(key) == {"shape.file"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"code": "bent"}, "code"),
        ({"type": "melted"}, "not known"),
        ({"severity": 1.5}, "severity"),
        ({"parameters": None}, "parameters"),
    ],
)
def test_wrong_facts(cache, lamp, change, told):
    result = cache.check(cache.put(*dented(lamp), **change))
    assert {finding.check for finding in result.findings} == {"shape.facts"}
    assert any(told in finding.told for finding in result.findings)


def test_the_json_beside_a_shape_must_agree_with_it(cache, lamp):
    key = cache.put(*dented(lamp))
    path = cache.facts_path(key)
    facts = json.loads(path.read_text())
    for changed in (
        facts | {"affected_faces": [[0, 10**6]]},
        facts | {"affected_faces": [[5, 2]]},
        {name: value for name, value in facts.items() if name != "affected_faces"},
        facts | {"anomaly": facts["anomaly"] | {"type": "bend"}},
    ):
        path.write_text(json.dumps(changed))
        assert "shape.facts" in cache.told(key)


def test_a_parent_that_is_gone_or_anomalous(cache, lamp):
    key = cache.put(*dented(lamp))
    other = cache.put(*dented(lamp, 0.05))
    path = cache.facts_path(key)
    facts = json.loads(path.read_text())
    for parent in (other, "0" * 64):
        path.write_text(json.dumps(facts | {"parent": parent}))
        assert cache.told(key) == {"shape.parent"}
    cache.cache.path(cache.parent_key).unlink()
    assert cache.told(other) == {"shape.parent"}


def test_numbers_that_are_not_finite(cache, lamp):
    key = cache.put(*dented(lamp))
    facts = cache.facts_path(key).read_bytes()
    content = cache.cache.path(key).read_bytes()
    position = next(row for row in lamp.vertices.astype("<f4") if (row != 0).all()).tobytes()
    assert position in content
    content = content.replace(position, position[:4] + np.float32(np.nan).tobytes() + position[8:])
    broken = hashlib.sha256(content).hexdigest()
    cache.cache.path(broken).parent.mkdir(exist_ok=True)
    cache.cache.path(broken).write_bytes(content)
    cache.facts_path(broken).write_bytes(facts)
    assert cache.told(broken) == {"shape.finite"}


def test_an_object_that_outgrows_its_class(cache, lamp):
    odd = moved(lamp, part(lamp, "head"), (0, 0, 0.3))
    assert "shape.size" in cache.told(cache.put(odd, part(lamp, "head")))


def test_an_anomaly_that_changed_nothing_or_less_than_it_says(cache, lamp):
    nothing = cache.told(cache.put(lamp, part(lamp, "head")))
    assert nothing == {"shape.changed", "shape.visible"}
    odd, _ = dented(lamp)
    assert cache.told(cache.put(odd, np.ones(len(odd.faces), bool))) == {"shape.changed"}


def test_changes_where_none_are_told(cache, lamp):
    odd, affected = dented(lamp)
    base = np.flatnonzero(part(lamp, "base"))
    vertices = odd.vertices.copy()
    vertices[odd.faces[base[0], 0]] += 3e-6
    assert cache.told(cache.put(odd.with_vertices(vertices), affected)) == {"shape.unchanged"}
    uv = odd.uv.copy()
    uv[base[3]] += 1e-4
    assert cache.told(cache.put(replace(odd, uv=uv), affected)) == {"shape.unchanged"}
    look = odd.face_material.copy()
    look[base[5]] = lamp.face_material[part(lamp, "pole")][0]
    assert cache.told(cache.put(replace(odd, face_material=look), affected)) == {"shape.unchanged"}


def test_refined_faces_are_no_change(cache, lamp):
    odd, affected = dented(lamp)
    face = int(np.flatnonzero(part(lamp, "base"))[2])
    a, b, c = odd.faces[face]
    middle = (odd.vertices[b] + odd.vertices[c]) / 2
    halves = [[a, b, len(odd.vertices)], [a, len(odd.vertices), c]]
    faces = np.concatenate([np.delete(odd.faces, face, 0), halves])
    order = np.r_[np.delete(np.arange(len(odd.faces)), face), face, face]
    uv = odd.uv[order]
    uv[-2, 2] = uv[-1, 1] = (odd.uv[face, 1] + odd.uv[face, 2]) / 2
    refined = replace(
        odd,
        vertices=np.concatenate([odd.vertices, [middle]]),
        faces=faces,
        uv=uv,
        face_part=odd.face_part[order],
        face_material=odd.face_material[order],
    )
    assert cache.told(cache.put(refined, affected[order])) == set()


def test_faces_turned_inside_out(cache, lamp):
    odd, affected = dented(lamp)
    for chosen in (part(lamp, "base"), affected):
        faces = np.where(chosen[:, None], odd.faces[:, ::-1], odd.faces)
        uv = np.where(chosen[:, None, None], odd.uv[:, ::-1], odd.uv)
        turned = replace(odd, faces=faces, uv=uv)
        assert cache.told(cache.put(turned, affected)) == {"shape.inside-out"}


def test_refined_faces_on_a_part_that_lies_in_another(tmp_path):
    """Two coincident sheets of two parts face apart, as in brick files; neither is turned."""
    sheet = trimesh.creation.box((1.0, 1.0, 0.1)).subdivide()
    builder = ShapeBuilder()
    builder.add("outer", sheet, RED)
    whole = trimesh.creation.box((1.0, 1.0, 0.1))
    builder.add("inner", trimesh.Trimesh(whole.vertices, whole.faces[:, ::-1], process=False), RED)
    other = trimesh.creation.box((0.3, 0.3, 0.6))
    builder.add("pin", other, GREY)
    shape = normalise(replace(builder.build(), info={"id": "sheets"}), "sheets")
    two = Cache(tmp_path / "two", shape)
    fine = refine(shape, 0.02)[0]
    pin = part(fine, "pin")
    odd = moved(fine, pin, (0.1, 0.1, 0))
    assert "shape.inside-out" not in two.told(two.put(odd, pin, "translate"))


def test_a_surface_pushed_through_itself(cache, lamp):
    assert "shape.intersections" in cache.told(cache.put(*dented(lamp, 0.5)))


def test_a_part_that_no_longer_touches(cache, lamp):
    head = part(lamp, "head")
    size = np.ptp(lamp.vertices[np.unique(lamp.faces[head])], axis=0)
    odd = moved(lamp, head, (0, 0, 1.2 * size[2]))
    odd = odd.with_vertices(odd.vertices - [0, 0, 0.6 * size[2]])
    every = np.ones(len(odd.faces), bool)
    assert "shape.attached" in cache.told(cache.put(odd, every))


def test_a_fracture_that_takes_too_little_or_an_anomaly_that_leaves_too_little(cache, lamp):
    corner = part(lamp, "head") & (lamp.corners[:, :, 2].min(axis=1) > lamp.bounds[1, 2] - 0.05)
    rest = lamp.keep_faces(~corner)
    rim = part(rest, "head")
    assert "shape.volume" in cache.told(cache.put(rest, rim, "fracture"))
    half = lamp.keep_faces(part(lamp, "pole"))
    everything = np.ones(len(half.faces), bool)
    assert "shape.rest" in cache.told(cache.put(half, everything, "missing"))


def test_a_change_that_cannot_be_seen(cache, lamp):
    assert "shape.visible" in cache.told(cache.put(*dented(lamp, 2e-4)))


def test_a_round_part_turned_about_its_axis_cannot_be_seen(tmp_path):
    """Its corners move by far more than any tolerance, and no picture shows it."""
    builder = ShapeBuilder()
    plate = trimesh.creation.box((1.0, 1.0, 0.1))
    knob = trimesh.creation.cylinder(0.3, 0.3, sections=256)
    knob.apply_translation((0, 0, 0.18))
    builder.add("plate", plate, RED)
    builder.add("knob", knob, GREY)
    shape = normalise(replace(builder.build(), info={"id": "dial"}), "dial")
    cache, turning = Cache(tmp_path, shape), part(shape, "knob")
    vertices, chosen = shape.vertices.copy(), np.unique(shape.faces[turning])
    for angle, axis, told in ((0.4, 2, True), (0.4, 0, False)):
        turn = trimesh.transformations.rotation_matrix(angle, np.eye(3)[axis])[:3, :3]
        middle = vertices[chosen].mean(axis=0)
        turned = vertices.copy()
        turned[chosen] = (vertices[chosen] - middle) @ turn.T + middle
        found = cache.told(cache.put(shape.with_vertices(turned), turning, "rotate"))
        assert ("shape.visible" in found) == told


def test_a_strength_that_is_not_what_is_measured(cache, lamp):
    strength = {"displacement": 0.5, "surface_share": 0.1, "visible_share": 0.1}
    result = cache.check(cache.put(*dented(lamp), strength=strength))
    assert {finding.check for finding in result.findings} == {"shape.strength"}
    assert any("displacement" in finding.told for finding in result.findings)


@needs("toys")
def test_a_real_textured_toy(tmp_path):
    store = ShapeCache(tmp_path)
    source = open_source("toys4k", DATA / "toys", store)
    shape = next(
        shape
        for ref in source.refs()[:12]
        if (shape := load_shape(source, ref, store)).uv is not None and len(shape.faces) < 20_000
    )
    cache = Cache(tmp_path / "one", shape)
    anomaly = make_anomaly("bump", Subject(shape), np.random.default_rng(3))
    assert isinstance(anomaly, Anomaly)
    key = cache.cache.put(anomaly.shape, cache.parent_key, anomaly.affected_faces)
    assert cache.told(key) == set()
    uv = anomaly.shape.uv.copy()
    uv[np.flatnonzero(~anomaly.affected_faces)[::50]] += 0.01
    shifted = replace(anomaly.shape, uv=uv)
    key = cache.cache.put(shifted, cache.parent_key, anomaly.affected_faces)
    assert cache.told(key) == {"shape.unchanged"}


def test_sheets_that_cancel_out_are_measured_by_their_area():
    box = shape_of(trimesh.creation.box())
    inward = np.array([0, 2, 4, 6])
    parent = Shape(
        box.vertices,
        np.concatenate([box.faces, box.faces[inward][:, ::-1]]),
        np.zeros(16, np.int64),
        np.zeros(16, np.int64),
        box.part_names,
        box.materials,
    )
    left = parent.face_areas[:12].sum() / parent.face_areas.sum()
    assert kept_volume(parent, box) == pytest.approx(left)
    assert kept_volume(box, box) == 1
