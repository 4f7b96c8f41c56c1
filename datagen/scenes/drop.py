"""Lets every object fall to rest on the floor, then packs the footprints apart.

The bodies fall far from one another: on a plane an object rests on its convex hull, and a rest
pose stays one when it is moved sideways. So poses come from physics, clearances by construction,
and both are checked afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial import ConvexHull
from scipy.spatial.transform import Rotation

from datagen.geometry.shape import Floats, Shape
from model.grid import PAPER_GRID

VOLUME, VOXEL = PAPER_GRID.extent, PAPER_GRID.voxel
FLOOR_TOLERANCE = 0.001
SUPPORT_HEIGHT = 0.002  # metres: what is lower carries the object
BALANCE_TOLERANCE = 0.002
FALLS = 3  # of a body that keeps rolling, each from a new orientation


@dataclass(frozen=True)
class Dropped:
    """Objects at rest.

    object_to_world: (N, 4, 4) similarities, metres, z up; footprints stand at least VOXEL apart.
    outline: (P, 3) world points, metres, whose convex hull holds all objects.
    """

    object_to_world: Floats
    outline: Floats


@dataclass(frozen=True)
class DropRejected:
    """Why the objects did not come to rest as a scene's must; reason: a few words."""

    reason: str


def drop(
    shapes: Sequence[Shape], scale: float, pose: str, rng: np.random.Generator
) -> Dropped | DropRejected:
    """Random orientations, rigid-body rest, packing, checks.

    scale: metres per shape unit; pose: `drop`, or `upright` to turn about z alone.
    """
    from datagen.blender.physics import settle

    hulls = hull_points(shapes)
    centres = [_centre_of_mass(shape) for shape in shapes]
    bodies = [(hull - centre) * scale for hull, centre in zip(hulls, centres, strict=True)]
    rotations = np.empty((len(shapes), 3, 3))
    falling = np.arange(len(shapes))
    for _ in range(FALLS):
        start = [_start_rotation(pose, rng) for _ in falling]
        rotations[falling], at_rest = settle([bodies[k] for k in falling], start)
        falling = falling[~at_rest]
        if not len(falling):
            break
    else:
        return DropRejected("not at rest")
    poses = np.tile(np.eye(4), (len(shapes), 1, 1))
    footprints = []
    for k, hull in enumerate(hulls):
        points = hull * scale @ rotations[k].T
        poses[k, :3, :3] = rotations[k] * scale
        poses[k, 2, 3] = -points[:, 2].min()
        footprints.append(points[:, :2])
    offsets = pack(footprints, rng)
    if offsets is None:
        return DropRejected("more objects than fit")
    poses[:, :2, 3] = offsets
    reason = check(hulls, centres, poses)
    if reason is not None:
        return DropRejected(reason)
    placed = [hull @ pose[:3, :3].T + pose[:3, 3] for hull, pose in zip(hulls, poses, strict=True)]
    return Dropped(poses, np.concatenate(placed))


def hull_points(shapes: Sequence[Shape]) -> list[Floats]:
    """For every shape its convex hull's corners (P, 3), in the shape's own frame.

    Equal shapes share theirs.
    """
    known: dict[int, Floats] = {}
    for shape in shapes:
        if id(shape) not in known:
            hull = ConvexHull(shape.vertices, qhull_options="QJ")
            known[id(shape)] = shape.vertices[hull.vertices]
    return [known[id(shape)] for shape in shapes]


def _start_rotation(pose: str, rng: np.random.Generator) -> Floats:
    if pose == "upright":
        return Rotation.from_euler("z", rng.uniform(0, 2 * np.pi)).as_matrix()
    return Rotation.random(random_state=rng).as_matrix()


def _centre_of_mass(shape: Shape) -> Floats:
    """(3,) of the surface, as of a hollow body; defined for open meshes too."""
    return np.average(shape.corners.mean(axis=1), axis=0, weights=shape.face_areas)


def pack(footprints: Sequence[Floats], rng: np.random.Generator) -> Floats | None:
    """(N, 2) offsets in metres that keep the footprints apart and close to the origin.

    footprints: (P, 2) points of each, whose convex hull counts. None where they do not fit.
    """
    from shapely import MultiPoint
    from shapely.affinity import translate

    hulls = [MultiPoint(points).convex_hull for points in footprints]
    clearance = VOXEL * 1.05
    placed: list = []
    offsets = np.zeros((len(hulls), 2))
    for k, hull in enumerate(hulls):
        centre = np.array(hull.centroid.coords[0])
        radius = 0.05
        while True:
            for _ in range(12):
                angle, distance = rng.uniform(0, 2 * np.pi), radius * np.sqrt(rng.uniform())
                offset = distance * np.array([np.cos(angle), np.sin(angle)]) - centre
                moved = translate(hull, *offset)
                if all(moved.distance(other) >= clearance for other in placed):
                    break
            else:
                radius *= 1.15
                if radius > VOLUME[0]:
                    return None
                continue
            break
        placed.append(moved)
        offsets[k] = offset
    points = np.concatenate([p + o for p, o in zip(footprints, offsets, strict=True)])
    offsets -= (points.min(axis=0) + points.max(axis=0)) / 2
    half = np.ptp(points, axis=0) / 2
    return offsets if (half <= np.array(VOLUME[:2]) / 2).all() else None


def check(
    hulls: Sequence[Floats], centres: Sequence[Floats], object_to_world: Floats
) -> str | None:
    """The first thing that is wrong with a scene at rest, or None.

    hulls: (P, 3) points of every object whose convex hull holds the object; centres: (3,) its
    centre of mass; both in the object's own frame. object_to_world: (N, 4, 4), metres, z up.
    """
    from shapely import MultiPoint, Point

    footprints = []
    for hull, centre, pose in zip(hulls, centres, object_to_world, strict=True):
        points = hull @ pose[:3, :3].T + pose[:3, 3]
        lowest = points[:, 2].min()
        if abs(lowest) > FLOOR_TOLERANCE:
            return "below the floor" if lowest < 0 else "hovering"
        if np.abs(points[:, :2]).max() > VOLUME[0] / 2 or points[:, 2].max() > VOLUME[2]:
            return "outside the detector's volume"
        support = MultiPoint(points[points[:, 2] < SUPPORT_HEIGHT][:, :2]).convex_hull
        if support.distance(Point(*(pose[:2, :3] @ centre + pose[:2, 3]))) > BALANCE_TOLERANCE:
            return "not balanced"
        footprints.append(MultiPoint(points[:, :2]).convex_hull)
    for k, footprint in enumerate(footprints):
        if any(footprint.distance(other) < VOXEL for other in footprints[:k]):
            return "too close to each other"
    return None
