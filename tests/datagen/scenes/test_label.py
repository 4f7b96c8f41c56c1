"""Labels against known answers: depth, masks, normals, parts, boxes, visibility, defects."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import trimesh
from scipy.spatial import ConvexHull
from scipy.spatial.transform import Rotation
from shapely import Polygon

from anomalies.subject import Subject
from anomalies.surgery.refine import refine
from anomalies.types import bump
from datagen.geometry.cameras import draw_ring, intrinsics, look_at, place, project
from datagen.geometry.shape import Material, Shape
from datagen.scenes.label import Labels, label_scene, pixel_rays
from datagen.scenes.objects import PlacedShape
from datagen.sources.builtin.builder import ShapeBuilder

RED, GREY, BLUE = (
    Material(name, color)
    for name, color in (("red", (1, 0, 0)), ("grey", (0.5,) * 3), ("blue", (0, 0, 1)))
)
SIDE = 0.2
FRONT = 2.0 + 0.4 / 3  # from here a metre is 100 of 256 pixels


def block(*size: float) -> trimesh.Trimesh:
    return trimesh.creation.box(size)


def shape_of(**parts: tuple[trimesh.Trimesh, tuple[float, float, float], Material]) -> Shape:
    """Meshes, where their centres are, and their materials."""
    builder = ShapeBuilder()
    for name, (mesh, position, material) in parts.items():
        moved = mesh.copy()
        moved.apply_translation(position)
        builder.add(name, moved, material)
    return builder.build()


def cube() -> Shape:
    return shape_of(body=(block(SIDE, SIDE, SIDE), (0, 0, 0), RED))


def two_storeys() -> Shape:
    """A wide storey and a narrower one on it, 20 cm high in all."""
    return shape_of(
        base=(block(0.2, 0.2, 0.1), (0, 0, -0.05), RED),
        top=(block(0.12, 0.12, 0.1), (0, 0, 0.05), GREY),
    )


def at(x: float, y: float, z: float, turn: float = 0.0, scale: float = 1.0) -> np.ndarray:
    pose = np.eye(4)
    pose[:3, :3] = Rotation.from_euler("z", turn).as_matrix() * scale
    pose[:3, 3] = x, y, z
    return pose


def level_view(height: float = 0.1) -> np.ndarray:
    """(1, 4, 4) looking north along a line above the x = 0 axis."""
    return look_at(np.array([0, -FRONT, height]), np.array([0, 0, height]))[None]


def labelled(*objects: PlacedShape, poses: np.ndarray | None = None, pixels: int = 256) -> Labels:
    poses = level_view() if poses is None else poses
    return label_scene(objects, poses, intrinsics(pixels), pixels)


def ring_views(*objects: PlacedShape, views: int = 6, pixels: int = 128) -> np.ndarray:
    points = np.concatenate([item.world_vertices for item in objects])
    return place(draw_ring(np.random.default_rng(8), views), points, pixels)


def ray_points(labels: Labels, pose: np.ndarray, pixels: int) -> np.ndarray:
    """(H, W, 3) where every pixel's ray ends, by its depth."""
    rays = pixel_rays(pose, intrinsics(pixels), pixels).astype(float)
    return rays[..., :3] + labels.depth[0][..., None] * rays[..., 3:]


def test_a_cube_seen_from_the_front() -> None:
    """Its front is at y = 0: 20 x 20 pixels, at a depth of 2.1333 m; sky above the horizon."""
    labels = labelled(PlacedShape(cube(), at(0, SIDE / 2, SIDE / 2)))
    seen = labels.instance[0] == 1
    expected = np.zeros((256, 256), bool)
    expected[118:138, 118:138] = True
    np.testing.assert_array_equal(seen, expected)
    np.testing.assert_allclose(labels.depth[0][seen], FRONT, atol=1e-4)
    assert (labels.normal[0][seen] == [0, -127, 0]).all()
    assert (labels.part[0] == seen).all()
    assert labels.box_2d[0, 0].tolist() == [118, 118, 138, 138]
    assert labels.visible_fraction[0, 0] == 1
    assert (labels.depth[0, :128] == 0)[~seen[:128]].all()
    assert not labels.normal[0, :128][~seen[:128]].any()
    floor = ~seen[140:]
    assert floor.all() and (labels.normal[0, 140:] == [0, 0, 127]).all()
    rows = np.arange(140, 256) + 0.5
    depth = 0.1 * intrinsics(256)[1, 1] / (rows - 128)  # where the ray meets the floor
    np.testing.assert_allclose(labels.depth[0, 140:, 77], depth, atol=1e-4)


def test_depth_is_that_of_the_slabs_and_the_mask_that_of_the_outline() -> None:
    """A turned cube from above against the textbook's intersection of a ray and a box."""
    pose = at(0.05, -0.02, SIDE / 2, turn=0.4)
    camera = look_at(np.array([0.5, -0.4, 0.45]), np.array([0.0, 0, 0.1]))
    labels = labelled(PlacedShape(cube(), pose), poses=camera[None])
    rays = pixel_rays(camera, intrinsics(256), 256).astype(float)
    origin = (rays[..., :3] - pose[:3, 3]) @ pose[:3, :3]
    step = rays[..., 3:] @ pose[:3, :3]
    with np.errstate(divide="ignore"):
        ends = np.stack([(-SIDE / 2 - origin) / step, (SIDE / 2 - origin) / step])
    enter, leave = ends.min(axis=0).max(axis=-1), ends.max(axis=0).min(axis=-1)
    expected = enter < leave
    seen = labels.instance[0] == 1
    assert (seen != expected).sum() <= 2
    both = seen & expected
    np.testing.assert_allclose(labels.depth[0][both], enter[both], atol=1e-4)
    corners = cube().vertices @ pose[:3, :3].T + pose[:3, 3]
    outline, _ = project(corners, camera, intrinsics(256))
    outline = outline[ConvexHull(outline).vertices]
    assert seen.sum() == pytest.approx(Polygon(outline).area, rel=0.01)
    np.testing.assert_allclose(
        labels.box_2d[0, 0], [*outline.min(axis=0), *outline.max(axis=0)], atol=1
    )
    faces = np.unique(labels.normal[0][seen], axis=0) / 127 @ pose[:3, :3]
    assert len(faces) == 3
    np.testing.assert_allclose(np.abs(faces).max(axis=1), 1, atol=0.01)


def test_a_ball_has_the_depth_and_normals_of_a_ball() -> None:
    shape = shape_of(ball=(trimesh.creation.icosphere(5, 0.5), (0, 0, 0), RED))
    radius, centre = 0.12, np.array([0.1, 0.05, 0.12])
    camera = look_at(np.array([0.5, -0.4, 0.45]), np.array([0.0, 0, 0.1]))
    labels = labelled(PlacedShape(shape, at(*centre, scale=2 * radius)), poses=camera[None])
    points = ray_points(labels, camera, 256)[labels.instance[0] == 1]
    outward = (points - centre) / radius
    towards = -camera[2, :3]
    frontal = outward @ towards > 0.3
    assert frontal.sum() > 2000
    np.testing.assert_allclose(np.linalg.norm(outward[frontal], axis=1), 1, atol=1e-3)
    normals = labels.normal[0][labels.instance[0] == 1][frontal] / 127
    assert np.abs(normals - outward[frontal]).max() < 0.03


def test_normals_look_at_the_camera_however_the_faces_are_wound() -> None:
    """An inside-out cube without a lid, seen from above: its walls from both sides."""
    shape = cube()
    lid = shape.corners[:, :, 2].min(axis=1) > 0
    tub = shape.keep_faces(~lid)
    inside_out = replace(tub, faces=tub.faces[:, ::-1].copy())
    camera = look_at(np.array([0.1, -0.5, 0.5]), np.array([0.0, 0, 0.1]))
    pose = at(0, 0, SIDE / 2, 0.3)
    first = labelled(PlacedShape(tub, pose), poses=camera[None])
    second = labelled(PlacedShape(inside_out, pose), poses=camera[None])
    np.testing.assert_array_equal(first.normal, second.normal)
    rays = pixel_rays(camera, intrinsics(256), 256)
    seen = first.instance[0] == 1
    assert ((first.normal[0].astype(float) * rays[..., 3:]).sum(axis=-1)[seen] < 0).all()


def test_a_pose_is_as_good_as_moved_vertices() -> None:
    """Turned, scaled and moved by the pose, or beforehand: the same labels."""
    shape = two_storeys()
    pose = at(0.03, 0.08, 0.07, turn=1.1, scale=0.7)
    pose[:3, :3] = Rotation.from_euler("xyz", [0.3, -0.2, 1.1]).as_matrix() * 0.7
    moved = shape.with_vertices(shape.vertices @ pose[:3, :3].T + pose[:3, 3])
    views = ring_views(PlacedShape(shape, pose))
    by_pose = labelled(PlacedShape(shape, pose), poses=views, pixels=128)
    beforehand = labelled(PlacedShape(moved, np.eye(4)), poses=views, pixels=128)
    equal = by_pose.instance == beforehand.instance
    assert equal.mean() > 0.9999
    np.testing.assert_allclose(by_pose.depth[equal], beforehand.depth[equal], atol=2e-4)
    assert (by_pose.part == beforehand.part).mean() > 0.9995
    assert (np.abs(by_pose.normal - beforehand.normal).max(axis=-1) <= 1).mean() > 0.9995


def test_parts_are_counted_from_one() -> None:
    """The upper storey stands back by 4 cm."""
    labels = labelled(PlacedShape(two_storeys(), at(0, 0.1, 0.1)))
    part = labels.part[0]
    assert (part[128:138, 118:138] == 1).all()
    assert (part[120:127, 124:132] == 2).all()
    assert set(np.unique(part)) == {0, 1, 2}
    assert ((part > 0) == (labels.instance[0] > 0)).all()


def test_half_hidden_is_half_visible() -> None:
    """The nearer wall ends at x = 0, where its side is seen edge-on."""
    wall = shape_of(wall=(block(0.4, 0.05, 0.5), (0, 0, 0), GREY))
    behind = PlacedShape(cube(), at(0, 0.6, SIDE / 2))
    before = PlacedShape(wall, at(-0.2, 0, 0.25))
    for k, objects in enumerate(((behind, before), (before, behind))):
        labels = labelled(*objects)
        assert labels.visible_fraction[k, 0] == pytest.approx(0.5, abs=0.01)
        assert labels.visible_fraction[1 - k, 0] == 1
        assert labels.box_2d[k, 0, 0] == 128
        seen = labels.instance[0] == k + 1
        assert not seen[:, :128].any() and seen[:, 128:].any()


def test_what_is_hidden_has_no_box() -> None:
    wall = shape_of(wall=(block(0.6, 0.05, 0.5), (0, 0, 0), GREY))
    labels = labelled(
        PlacedShape(wall, at(0, 0, 0.25)), PlacedShape(cube(), at(0, 0.6, SIDE / 2), two_storeys())
    )
    assert labels.visible_fraction[1, 0] == 0
    assert labels.box_2d[1, 0].tolist() == [-1, -1, -1, -1]
    assert labels.defect_pixels[1, 0] == 0 and not labels.defect.any()


def test_the_order_of_objects_changes_only_their_numbers() -> None:
    objects = [PlacedShape(two_storeys(), at(0.25 * k - 0.25, 0.1 * k, 0.1, k)) for k in range(3)]
    views = ring_views(*objects)
    forward = labelled(*objects, poses=views, pixels=128)
    backward = labelled(*objects[::-1], poses=views, pixels=128)
    renumbered = np.array([0, 3, 2, 1], np.uint8)[backward.instance]
    np.testing.assert_array_equal(forward.instance, renumbered)
    np.testing.assert_array_equal(forward.depth, backward.depth)
    np.testing.assert_array_equal(forward.box_2d, backward.box_2d[::-1])


def test_an_identical_copy_has_no_defect() -> None:
    """Also where it consists of other triangles."""
    shape = shape_of(
        ball=(trimesh.creation.icosphere(3, 0.1), (0.05, 0, 0), RED),
        body=(block(0.2, 0.12, 0.1), (0, 0, -0.05), GREY),
    )
    finer, _ = refine(shape, 0.02)
    assert len(finer.faces) > 2 * len(shape.faces)
    for copy in (replace(shape), finer):
        item = PlacedShape(copy, at(0, 0, 0.1, 0.3), shape)
        labels = labelled(item, poses=ring_views(item), pixels=128)
        assert not labels.defect.any() and not labels.defect_pixels.any()


def test_a_swapped_material_is_exactly_the_parts_visible_pixels() -> None:
    normal = two_storeys()
    odd = replace(
        normal,
        materials=(*normal.materials, BLUE),
        face_material=np.where(normal.face_part == 1, 2, normal.face_material),
    )
    before = PlacedShape(cube(), at(0.1, -0.25, 0.1))
    item = PlacedShape(odd, at(0, 0, 0.1, 0.3), normal)
    labels = labelled(before, item, poses=ring_views(before, item), pixels=128)
    changed = (labels.instance == 2) & (labels.part == 2)
    assert changed.any(axis=(1, 2)).all()
    assert (labels.visible_fraction[1] < 1).any()
    np.testing.assert_array_equal(labels.defect.astype(bool), changed)
    np.testing.assert_array_equal(labels.defect_pixels, [np.zeros(6), changed.sum(axis=(1, 2))])


def test_a_missing_part_is_where_the_part_was() -> None:
    """On the floor, on the sky and on the object behind alike; not where another hides it."""
    normal = two_storeys()
    odd = normal.keep_faces(normal.face_part == 0)
    others = (PlacedShape(cube(), at(0.3, 0.1, 0.1)), PlacedShape(cube(), at(-0.1, -0.3, 0.1)))
    pose = at(0, 0, 0.1, 0.3)
    views = np.concatenate([ring_views(*others), level_view()])
    labels = labelled(*others, PlacedShape(odd, pose, normal), poses=views, pixels=128)
    whole = labelled(*others, PlacedShape(normal, pose), poses=views, pixels=128)
    was_there = (whole.instance == 3) & (whole.part == 2)
    np.testing.assert_array_equal(labels.defect.astype(bool), was_there)
    behind = labels.instance[was_there]
    assert {0, 1, 3} <= set(behind.tolist())
    assert (labels.depth[was_there] == 0).any()  # the sky
    assert (whole.visible_fraction[2] < 1).any()
    np.testing.assert_array_equal(labels.defect_pixels[2], was_there.sum(axis=(1, 2)))


def test_a_bump_is_marked_where_it_is_and_nowhere_else() -> None:
    normal = shape_of(body=(block(0.3, 0.3, 0.2), (0, 0, 0), RED))
    radius, height = 0.06, 0.03
    facts = {
        "centre": [0.05, -0.15, 0.02],
        "normal": [0.0, -1.0, 0.0],
        "tangent": [1.0, 0.0, 0.0],
        "radii": [radius, radius],
        "surface": [0.0] * 6,
        "depth": 0.1,
        "height": height,
    }
    applied = bump.apply(Subject(normal), facts)
    assert not isinstance(applied, str)
    item = PlacedShape(applied[0], at(0, 0.15, 0.1), normal)
    defect = labelled(item).defect[0].astype(bool)
    rows, columns = np.nonzero(defect)  # the bump's centre is at pixel (133, 126)
    reach = np.hypot(columns + 0.5 - 133, rows + 0.5 - 126)
    assert reach.max() < 100 * radius * 1.05
    assert defect[124:129, 131:136].all()
    assert (defect.sum()) > 0.7 * np.pi * (100 * radius) ** 2
    from_behind = look_at(np.array([0, FRONT, 0.1]), np.array([0.0, 0, 0.1]))[None]
    assert not labelled(item, poses=from_behind).defect.any()


def test_a_defect_on_the_underside_is_not_seen() -> None:
    normal = shape_of(
        body=(block(0.2, 0.2, 0.19), (0, 0, 0.005), RED),
        sole=(block(0.12, 0.12, 0.01), (0, 0, -0.095), GREY),
    )
    swapped = replace(
        normal,
        materials=(*normal.materials, BLUE),
        face_material=np.where(normal.face_part == 1, 2, normal.face_material),
    )
    standing = PlacedShape(swapped, at(0, 0, 0.1), normal)
    turned = at(0, 0, 0.1)
    turned[:3, :3] = np.diag([1, -1, -1])
    lying = PlacedShape(swapped, turned, normal)
    views = ring_views(standing)
    assert not labelled(standing, poses=views, pixels=128).defect_pixels.any()
    assert labelled(lying, poses=views, pixels=128).defect_pixels.all()
