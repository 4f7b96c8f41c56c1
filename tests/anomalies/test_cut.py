"""Cutting any shape along a field: exact areas, attributes kept, both sides closed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import trimesh

from anomalies.fracturing.solid import signed_distance
from anomalies.surgery.cut import Halves, cut
from anomalies.surgery.noise import lattice_noise
from anomalies.surgery.scalar_grid import Grid
from anomalies.surgery.split import refine_near_zero, split_at_zero
from datagen.geometry.cache import ShapeCache
from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import ShapeBuilder
from datagen.sources.open import load_shape, open_source
from tests.support.data import require
from tests.support.shapes import rich_shape

PLAIN = Material("paint", (0.7, 0.05, 0.05))
SIZE = np.array([0.6, 0.4, 0.3])


def shape_of(mesh: trimesh.Trimesh) -> Shape:
    builder = ShapeBuilder()
    builder.add("body", mesh, PLAIN)
    return builder.build()


def grid_of(field: Callable[[Floats], Floats], nodes: int = 80, reach: float = 0.42) -> Grid:
    spacing = 2 * reach / (nodes - 1)
    empty = Grid(np.full(3, -reach), spacing, np.zeros((nodes,) * 3, np.float32))
    return empty.like(field(empty.points.reshape(-1, 3)).reshape(empty.values.shape))


def box_distance(points: Floats) -> Floats:
    beyond = np.abs(points) - SIZE / 2
    return np.linalg.norm(np.maximum(beyond, 0), axis=1) + np.minimum(beyond.max(axis=1), 0)


def rough_plane(points: Floats) -> Floats:
    return points @ np.array([0.9, 0.3, 0.316]) - 0.02 + 0.02 * lattice_noise(points, 0.08, 4)


def textured_box() -> Shape:
    """A box whose UVs are known at every point: u = x + 2 z, v = y - z."""
    shape = shape_of(trimesh.creation.box(SIZE))
    x, y, z = np.moveaxis(shape.corners, 2, 0)
    return replace(shape, uv=np.stack([x + 2 * z, y - z], axis=2))


def merged(shape: Shape) -> trimesh.Trimesh:
    mesh = trimesh.Trimesh(shape.vertices, shape.faces, process=False)
    mesh.merge_vertices(digits_vertex=9)
    return mesh


def check_closed(parent: Shape, halves: Halves) -> None:
    """Both sides closed and wound alike; together they have the whole's volume."""
    sides = [merged(halves.closed_half(inner)[0]) for inner in (True, False)]
    for side in sides:
        assert side.is_watertight
        assert side.is_winding_consistent
        assert side.volume > 0
    whole = trimesh.Trimesh(parent.vertices, parent.faces).volume
    assert sum(side.volume for side in sides) == pytest.approx(whole, rel=1e-9)


def test_a_plane_cuts_a_textured_box_exactly() -> None:
    box, offset = textured_box(), 0.0617
    halves = cut(box, grid_of(box_distance), grid_of(lambda points: points[:, 0] - offset))
    check_closed(box, halves)
    inner, touched = halves.closed_half(True)
    assert merged(inner).volume == pytest.approx((0.3 + offset) * 0.4 * 0.3, rel=1e-6)
    skin = inner.keep_faces(inner.face_material == 0)
    assert skin.face_areas.sum() == pytest.approx(0.12 + 1.4 * (0.3 + offset), rel=1e-6)
    assert halves.cap.face_areas.sum() == pytest.approx(0.12, rel=1e-6)
    assert halves.cap.vertices[:, 0] == pytest.approx(offset, abs=1e-6)
    assert inner.uv is not None and skin.uv is not None
    x, y, z = np.moveaxis(skin.corners, 2, 0)
    np.testing.assert_allclose(skin.uv, np.stack([x + 2 * z, y - z], axis=2), atol=1e-12)
    assert touched[inner.face_material != 0].all()
    assert inner.corners[touched][..., 0].max(axis=1) == pytest.approx(offset, abs=1e-6)


@pytest.mark.parametrize("kind", ["box", "ball", "torus"])
def test_rough_cuts_close_both_sides(kind: str) -> None:
    if kind == "box":
        shape, solid = textured_box(), grid_of(box_distance)
    elif kind == "ball":
        shape = shape_of(trimesh.creation.icosphere(3, 0.35))
        solid = grid_of(lambda points: np.linalg.norm(points, axis=1) - 0.35)
    else:
        shape = shape_of(trimesh.creation.torus(0.28, 0.1))
        solid = grid_of(lambda p: np.hypot(np.linalg.norm(p[:, :2], axis=1) - 0.28, p[:, 2]) - 0.1)
    check_closed(shape, cut(shape, solid, grid_of(rough_plane)))


def test_cap_is_rough_inside_material_facing_away() -> None:
    box = textured_box()
    halves = cut(box, grid_of(box_distance), grid_of(rough_plane))
    assert halves.cap.materials[0] == PLAIN
    inside = halves.cap.materials[1]
    assert (halves.cap.face_material == 1).all()
    assert inside.roughness >= 0.75
    assert np.mean(inside.base_color) > np.mean(PLAIN.base_color)
    a, b, c = np.moveaxis(halves.cap.corners, 1, 0)
    outward = np.cross(b - a, c - a).sum(axis=0)
    assert outward @ [0.9, 0.3, 0.316] == pytest.approx(np.linalg.norm(outward), rel=0.02)
    assert halves.cap.uv is not None


def soups() -> dict[str, Shape]:
    box = textured_box()
    corners = box.corners.reshape(-1, 3)
    loose = replace(box, vertices=corners, faces=np.arange(len(corners)).reshape(-1, 3))
    flipped = loose.faces.copy()
    flipped[::2] = flipped[::2, ::-1]
    return {
        "open": box.keep_faces(np.arange(12) < 9),
        "one sheet": box.keep_faces(np.arange(12) < 2),
        "mixed winding": replace(loose, faces=flipped),
        "crossing": rich_shape(),
    }


@pytest.mark.parametrize("kind", soups())
def test_any_soup_can_be_cut(kind: str) -> None:
    shape = soups()[kind]
    solid = signed_distance(shape)
    phi = solid.like(rough_plane(solid.points.reshape(-1, 3)).reshape(solid.values.shape))
    halves = cut(shape, solid, phi)
    check_faithful(shape, halves)
    assert halves.inner.any() and not halves.inner.all()
    assert solid.at(halves.cap.vertices).max(initial=0) < 1.5 * solid.spacing


def check_faithful(parent: Shape, halves: Halves) -> None:
    """Every face of the surface is a piece of its origin, with its UVs, part and material."""
    surface, origin = halves.surface, halves.origin
    areas = np.bincount(origin, surface.face_areas, minlength=len(parent.faces))
    np.testing.assert_allclose(areas, parent.face_areas, rtol=1e-6, atol=1e-12)
    np.testing.assert_array_equal(surface.face_part, parent.face_part[origin])
    np.testing.assert_array_equal(surface.face_material, parent.face_material[origin])
    a, b, c = np.moveaxis(parent.corners[origin], 1, 0)
    frame = np.stack([b - a, c - a, np.cross(b - a, c - a)], axis=2)
    local = np.einsum("fij,fkj->fki", np.linalg.inv(frame), surface.corners - a[:, None])
    off = np.abs(local[..., 2]) * np.linalg.norm(frame[..., 2], axis=1)[:, None]
    assert off.max() < 1e-9
    if parent.uv is not None and surface.uv is not None:
        weights = np.concatenate([1 - local[..., :2].sum(axis=2)[..., None], local[..., :2]], 2)
        np.testing.assert_allclose(surface.uv, weights @ parent.uv[origin], atol=1e-6)


def test_refinement_and_splitting_leave_no_t_junction() -> None:
    box = textured_box()
    fine, _, values = refine_near_zero(box, rough_plane, 0.02)
    split, _, values = split_at_zero(fine, rough_plane, values)
    mesh = trimesh.Trimesh(split.vertices, split.faces, process=False)
    assert mesh.is_watertight and mesh.is_winding_consistent
    assert mesh.euler_number == 2
    on_line = split.vertices[values == 0]
    assert np.abs(rough_plane(on_line)).max() < 1e-3
    sides = values[split.faces]
    assert not ((sides.min(axis=1) < 0) & (sides.max(axis=1) > 0)).any()


@pytest.mark.parametrize(
    ("folder", "kind", "index"),
    [("toys", "toys4k", 7), ("cad", "folder", 4), ("ldraw", "folder", 9)],
)
def test_real_shapes_can_be_cut(folder: str, kind: str, index: int, tmp_path: Path) -> None:
    cache = ShapeCache(tmp_path)
    source = open_source(kind, require(folder), cache)
    shape = load_shape(source, source.refs()[index], cache)
    solid = signed_distance(shape)
    phi = solid.like(rough_plane(solid.points.reshape(-1, 3)).reshape(solid.values.shape))
    halves = cut(shape, solid, phi)
    check_faithful(shape, halves)
    assert len(halves.cap.faces)
    assert solid.at(halves.cap.vertices).max() < 1.5 * solid.spacing
