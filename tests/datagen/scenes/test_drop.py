"""The drop: at rest on the floor, apart, inside the detector's volume; faults are named."""

from __future__ import annotations

import numpy as np
import open3d as o3d
import pytest
import trimesh
from scipy.spatial.transform import Rotation
from shapely import MultiPoint

from datagen.blender.physics import settle
from datagen.geometry.raycast import raycaster
from datagen.geometry.shape import Material, Shape
from datagen.scenes.drop import VOLUME, Dropped, DropRejected, check, drop, hull_points, pack
from datagen.sources.builtin.builder import ShapeBuilder
from model.grid import PAPER_GRID

SCALE = 0.4
PAINT = Material("paint")


def of_meshes(*meshes: trimesh.Trimesh) -> Shape:
    """Centred, with the largest |vertex| at .5, as sources give them."""
    builder = ShapeBuilder()
    for number, mesh in enumerate(meshes):
        builder.add(f"piece {number}", mesh, PAINT)
    shape = builder.build()
    vertices = shape.vertices - shape.bounds.mean(axis=0)
    return shape.with_vertices(vertices / np.linalg.norm(vertices, axis=1).max() / 2)


def moved(mesh: trimesh.Trimesh, *offset: float) -> trimesh.Trimesh:
    mesh.apply_translation(offset)
    return mesh


def box(*size: float) -> Shape:
    return of_meshes(trimesh.creation.box(size))


def ball() -> Shape:
    return of_meshes(trimesh.creation.icosphere(3))


def rod(sections: int = 48) -> Shape:
    return of_meshes(trimesh.creation.cylinder(0.04, 1.0, sections=sections))


def table() -> Shape:
    """Concave: much of its hull is empty."""
    legs = [
        moved(trimesh.creation.box((0.08, 0.08, 0.6)), x, y, -0.3)
        for x in (-0.4, 0.4)
        for y in (-0.25, 0.25)
    ]
    return of_meshes(trimesh.creation.box((1.0, 0.6, 0.06)), *legs)


def ring() -> Shape:
    return of_meshes(trimesh.creation.torus(0.4, 0.1))


def cone() -> Shape:
    return of_meshes(trimesh.creation.cone(0.3, 0.9))


def open_bowl() -> Shape:
    """A shell without thickness or lid."""
    sphere = trimesh.creation.icosphere(3)
    return of_meshes(sphere.slice_plane((0, 0, 0.2), (0, 0, -1)))


def points_of(shape: Shape, pose: np.ndarray) -> np.ndarray:
    return shape.vertices @ pose[:3, :3].T + pose[:3, 3]


def balance(shape: Shape, pose: np.ndarray) -> float:
    """Metres by which the hollow body's centre of mass lies beside what carries it."""
    points = points_of(shape, pose)
    mesh = trimesh.Trimesh(points, shape.faces, process=False)
    centre = np.average(mesh.triangles_center, axis=0, weights=mesh.area_faces)
    carrying = MultiPoint(points[points[:, 2] < points[:, 2].min() + 0.002, :2]).convex_hull
    return float(carrying.distance(MultiPoint([centre[:2]])))


@pytest.mark.parametrize("seed", range(3))
def test_whatever_rests_is_on_the_floor_balanced_apart_and_inside(seed: int) -> None:
    shapes = [box(1, 0.7, 0.4), table(), ring(), cone(), open_bowl(), table()]
    result = drop(shapes, SCALE, "drop", np.random.default_rng(seed))
    assert isinstance(result, Dropped), result
    poses = result.object_to_world
    clouds = [points_of(shape, pose) for shape, pose in zip(shapes, poses, strict=True)]
    for shape, pose, points in zip(shapes, poses, clouds, strict=True):
        np.testing.assert_allclose(pose[:3, :3] @ pose[:3, :3].T, SCALE**2 * np.eye(3), atol=1e-9)
        assert np.linalg.det(pose[:3, :3]) > 0
        assert abs(points[:, 2].min()) < 0.001
        assert balance(shape, pose) < 0.002
        assert np.abs(points[:, :2]).max() <= 1.92 and points[:, 2].max() <= 0.64
    footprints = [MultiPoint(points[:, :2]).convex_hull for points in clouds]
    gaps = [a.distance(b) for k, a in enumerate(footprints) for b in footprints[:k]]
    assert min(gaps) >= 0.04
    every = np.concatenate(clouds)[:, :2]
    np.testing.assert_allclose(every.min(axis=0), -every.max(axis=0), atol=1e-9)


def test_no_object_is_inside_another() -> None:
    """Points of every surface against the solid of every other one."""
    shapes = [table(), ring(), table(), cone(), ring()]
    result = drop(shapes, SCALE, "drop", np.random.default_rng(7))
    assert isinstance(result, Dropped)
    poses = result.object_to_world
    for k, (shape, pose) in enumerate(zip(shapes, poses, strict=True)):
        mesh = trimesh.Trimesh(points_of(shape, pose), shape.faces, process=False)
        points, _ = trimesh.sample.sample_surface(mesh, 2000, seed=1)
        for other in set(range(len(shapes))) - {k}:
            to_other = np.linalg.inv(poses[other])
            local = (points @ to_other[:3, :3].T + to_other[:3, 3]).astype(np.float32)
            inside = raycaster(shapes[other]).compute_occupancy(o3d.core.Tensor(local)).numpy()
            assert not inside.any()


def test_poses_are_those_of_the_rng_alone() -> None:
    shapes = [box(1, 0.7, 0.4), cone(), ring()]
    first = drop(shapes, SCALE, "drop", np.random.default_rng(5))
    other = drop(shapes, SCALE, "drop", np.random.default_rng(6))
    again = drop(shapes, SCALE, "drop", np.random.default_rng(5))
    assert isinstance(first, Dropped) and isinstance(again, Dropped) and isinstance(other, Dropped)
    np.testing.assert_array_equal(first.object_to_world, again.object_to_world)
    assert np.abs(first.object_to_world - other.object_to_world).max() > 0.05


def test_upright_keeps_up_and_turns_at_random() -> None:
    shapes = [box(0.8, 0.6, 0.5)] * 6
    result = drop(shapes, SCALE, "upright", np.random.default_rng(1))
    assert isinstance(result, Dropped)
    turned = result.object_to_world[:, :3, :3] / SCALE
    np.testing.assert_allclose(turned[:, 2, 2], 1, atol=1e-4)
    headings = np.arctan2(turned[:, 1, 0], turned[:, 0, 0])
    assert np.diff(np.sort(headings)).min() > 1e-3


def test_random_orientations_reach_every_side_of_a_cube() -> None:
    seen = set()
    for seed in range(4):
        result = drop([box(1, 1, 1)] * 5, SCALE, "drop", np.random.default_rng(seed))
        assert isinstance(result, Dropped)
        up = result.object_to_world[:, 2, :3] / SCALE
        np.testing.assert_allclose(np.abs(up).max(axis=1), 1, atol=1e-3)
        seen |= {(int(np.abs(row).argmax()), row[np.abs(row).argmax()] > 0) for row in up}
    assert len(seen) == 6


@pytest.mark.parametrize(
    "shape",
    [ball(), rod(), rod(6), of_meshes(trimesh.creation.cylinder(0.3, 1.0, sections=48))],
    ids=["ball", "round rod", "pencil", "can"],
)
def test_what_rolls_comes_to_rest_or_is_rejected(shape: Shape) -> None:
    """Set down again where it rests, it stays as it lies: it was not moving any more."""
    rested = 0
    for seed in range(3):
        result = drop([shape] * 3, SCALE, "drop", np.random.default_rng(seed))
        if isinstance(result, DropRejected):
            assert result.reason in ("not at rest", "not balanced")
            continue
        rested += 1
        turns = result.object_to_world[:, :3, :3] / SCALE
        hulls = [hull * SCALE for hull in hull_points([shape] * 3)]
        after, at_rest = settle(hulls, list(turns))
        assert at_rest.all()
        axis = turns[:, :, 2]
        tilt = np.degrees(np.arccos(np.abs((after[:, :, 2] * axis).sum(axis=1)).clip(0, 1)))
        assert tilt.max() < 5
    assert rested


def test_twelve_that_roll_are_no_reason_to_reject_a_scene() -> None:
    can = of_meshes(trimesh.creation.cylinder(0.3, 1.0, sections=96))
    for seed in range(2):
        assert isinstance(drop([can] * 12, SCALE, "drop", np.random.default_rng(seed)), Dropped)


def test_what_still_moves_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    """Too short for a box to have lain for a second, be it only that it falls two centimetres."""
    shape = box(1, 0.7, 0.4)
    corner = Rotation.from_euler("xy", [40, 35], degrees=True).as_matrix()
    monkeypatch.setattr("datagen.blender.physics.FRAMES", 24)
    _, at_rest = settle([shape.vertices * SCALE] * 2, [corner, np.eye(3)])
    assert not at_rest.any()
    result = drop([shape], SCALE, "drop", np.random.default_rng(0))
    assert result == DropRejected("not at rest")


def standing(*positions: tuple[float, float, float]) -> tuple[list, list, np.ndarray]:
    """Cubes of 20 cm with their lowest corners at these heights."""
    hull = box(1, 1, 1).vertices
    hull = hull / np.ptp(hull[:, 0]) * 0.2
    poses = np.tile(np.eye(4), (len(positions), 1, 1))
    poses[:, :3, 3] = np.array(positions) + [0, 0, 0.1]
    return [hull] * len(positions), [np.zeros(3)] * len(positions), poses


def test_a_good_scene_passes_the_check() -> None:
    assert check(*standing((0, 0, 0), (0.2401, 0, 0), (0, -0.2401, 0.0009))) is None


@pytest.mark.parametrize(
    ("fault", "position"),
    [
        ("below the floor", (0, 0, -0.0011)),
        ("hovering", (0, 0, 0.0011)),
        ("too close to each other", (0.2399, 0, 0)),
        ("too close to each other", (0.1, 0.05, 0)),
        ("outside the detector's volume", (1.83, 0, 0)),
        ("outside the detector's volume", (0, -1.83, 0)),
    ],
)
def test_the_check_names_the_fault(fault: str, position: tuple[float, float, float]) -> None:
    hulls, centres, poses = standing(
        (-0.5, 0.5, 0) if "close" not in fault else (0, 0, 0), position
    )
    assert check(hulls, centres, poses) == fault


def test_the_check_names_what_is_too_tall_and_what_is_tipped() -> None:
    hulls, centres, poses = standing((0, 0, 0))
    assert check([hulls[0] * [1, 1, 3.3]], centres, poses + 0.23 * up_only()) == (
        "outside the detector's volume"
    )
    poses[0, :3, :3] = Rotation.from_euler("x", 20, degrees=True).as_matrix()
    poses[0, 2, 3] = -(hulls[0] @ poses[0, :3, :3].T)[:, 2].min()
    assert check(hulls, centres, poses) == "not balanced"
    top_heavy = [np.array([0.13, 0, 0])]
    assert check(*standing((0, 0, 0))[:1], top_heavy, standing((0, 0, 0))[2]) == "not balanced"


def up_only() -> np.ndarray:
    lift = np.zeros((4, 4))
    lift[2, 3] = 1
    return lift


def test_more_objects_than_fit_are_rejected_by_name() -> None:
    big = box(1, 1, 0.2)
    result = drop([big] * 10, 2.0, "upright", np.random.default_rng(0))
    assert result == DropRejected("more objects than fit")


def test_packing_fits_and_never_crowds() -> None:
    rng = np.random.default_rng(3)
    footprints = [rng.normal(size=(20, 2)) * rng.uniform(0.02, 0.12, 2) for _ in range(14)]
    offsets = pack(footprints, rng)
    assert offsets is not None
    hulls = [MultiPoint(p + o).convex_hull for p, o in zip(footprints, offsets, strict=True)]
    gaps = [a.distance(b) for k, a in enumerate(hulls) for b in hulls[:k]]
    assert 0.04 <= min(gaps) < 0.1
    assert max(np.abs(hull.bounds).max() for hull in hulls) <= 1.92
    assert pack([np.array([[0, 0], [3.9, 0], [0, 1.0]])], rng) is None


def test_the_detectors_volume() -> None:
    assert PAPER_GRID.extent == pytest.approx((3.84, 3.84, 0.64))
    assert PAPER_GRID.extent == VOLUME
