"""Scenes made up for the boxes to be learnt from: silhouettes of objects that nobody has.

A dataset has some dozens of kinds of objects, and boxes are learnt from outlines alone. So objects
are put together from random convex parts, stood on the ground as they could lie there, packed as
datagen.scenes packs them, and drawn as outlines: no mesh, no physics engine, no image.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.spatial import ConvexHull
from scipy.spatial.transform import Rotation

from benchmark.training.finder.samples import SilhouetteScene
from datagen.geometry import cameras
from datagen.geometry.shape import Floats
from datagen.scenes.drop import pack
from datagen.scenes.plan import SCALE

Parts = list[Floats]  # (P, 3) corners of convex parts

STREAM = 0x1E7  # beside the seed
OBJECTS = (2, 12)
VIEWS = 8
RADIUS = 0.5  # of a whole object about the middle of its box, shape units
MOST_PARTS, MOST_MORE = 6, 3  # the latter beside a handle
EDGE = (0.06, 1.0)  # of a part, before the whole is brought to RADIUS
SLENDER = 0.3  # share of the parts that are so thin along two axes:
THIN = (0.06, 0.15)
CORNERS = (3, 4, 4, 4, 6, 16, 16)  # of a prism's base
HANDLED = 0.25  # share of the shapes that are a thin bar with something at its ends,
AT_END = (0.1, 0.5)  # so large along each axis as a share of the bar
BOTH_ENDS = 0.3  # share of those
ASIDE = 0.05  # spread of where they sit, as a share of the bar
SAME_WAY = 0.7  # share of the parts that are not turned
MIRRORED, REPEATED = 0.25, 0.2  # shares of the parts that come with their likes
LIKELY = 0.03  # a pose has to be as probable as that
ODD_SHARE = 0.9  # of the scenes
REDRAWN = 20  # tries at a scene


def invented_scene(size: int, seed: int, number: int) -> SilhouetteScene:
    """Scene `number` of a seed: views of size x size pixels, silhouettes at half of that."""
    rng = np.random.default_rng([seed, STREAM, number])
    for _ in range(REDRAWN):
        placed = _placed(rng)
        if placed is not None:
            return _seen(placed, size, rng)
    raise AssertionError("every draw of objects was too large for the ground")


def invented_shape(rng: np.random.Generator) -> Parts:
    """Convex parts that touch, about the middle of their box, RADIUS large."""
    handled = rng.uniform() < HANDLED
    parts = _handled(rng) if handled else _part(rng)
    for _ in range(int(rng.integers(0, MOST_MORE if handled else MOST_PARTS))):
        host = parts[rng.integers(len(parts))]
        corner = host[rng.integers(len(host))]
        at = host.mean(axis=0) + rng.uniform(0.4, 1.0) * (corner - host.mean(axis=0))
        parts += _repeated(_attached(_part(rng), at, rng), rng)
    return _to_size(parts)


def _part(rng: np.random.Generator) -> Parts:
    """An ellipsoid, a prism or a cone cut off, or a bent bar, about the origin."""
    edges = np.exp(rng.uniform(np.log(EDGE[0]), np.log(EDGE[1]), 3))
    if rng.uniform() < SLENDER:
        edges = rng.permutation([1.0, *rng.uniform(*THIN, 2)])
    kind = rng.uniform()
    if kind < 0.2:
        points = rng.normal(size=(40, 3))
        return [points / np.linalg.norm(points, axis=1, keepdims=True) * edges / 2]
    if kind < 0.35:
        return _bent(edges, rng)
    return [_prism(edges, rng)]


def _prism(edges: Floats, rng: np.random.Generator) -> Floats:
    """Corners (P, 3) of a prism along z, or of a cone cut off, about the origin."""
    count = CORNERS[rng.integers(len(CORNERS))]
    base = _circle(count) if count != 4 else np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) / 2
    top = rng.uniform(0.2, 1.0) if rng.uniform() < 0.3 else 1.0
    low = np.column_stack([base, np.full(count, -0.5)])
    return np.concatenate([low, low * [top, top, -1]]) * edges


def _handled(rng: np.random.Generator) -> Parts:
    """A thin bar along z with a part across one end or both, as hammers and keys have."""
    parts = [_prism(np.array([*rng.uniform(*THIN, 2), 1.0]), rng)]
    for end in (0.5, -0.5)[: 1 + (rng.uniform() < BOTH_ENDS)]:
        across, size = _part(rng), rng.uniform(*AT_END, 3)
        size /= np.ptp(np.concatenate(across), axis=0)
        at = [*rng.normal(0, ASIDE, 2), end]
        parts += [part * size + at for part in across]
    return parts


def _bent(edges: Floats, rng: np.random.Generator) -> Parts:
    """A bar bent round part of a circle, or a whole ring, perhaps thinner towards its ends."""
    full = rng.uniform() < 0.4
    angle = 2 * np.pi if full else rng.uniform(0.5, 5.0)
    count = max(4, int(angle / 0.4))
    ends = 1.0 if full else rng.uniform(0.3, 1.0)
    along = np.linspace(0, angle, count + 1)
    thick = np.interp(np.abs(along - angle / 2), [0, angle / 2], [1.0, ends])
    around = _circle(6) * [min(edges[1], 0.35), min(edges[2], 0.35)]
    radius = max(edges[0] / 2, around[:, 0].max() * 1.2)
    rings = []
    for turn, width in zip(along, thick, strict=True):
        out = radius + around[:, 0] * width
        rings.append(
            np.column_stack([out * np.cos(turn), out * np.sin(turn), around[:, 1] * width])
        )
    middle = np.concatenate(rings).mean(axis=0)
    return [np.concatenate(pair) - middle for pair in zip(rings[:-1], rings[1:], strict=True)]


def _circle(count: int) -> Floats:
    turn = np.arange(count) * 2 * np.pi / count
    return np.column_stack([np.cos(turn), np.sin(turn)]) / 2


def _attached(parts: Parts, at: Floats, rng: np.random.Generator) -> Parts:
    """The parts so moved, and perhaps turned, that one end of theirs is at a point (3,)."""
    if rng.uniform() > SAME_WAY:
        turn = Rotation.random(random_state=rng).as_matrix()
        parts = [part @ turn.T for part in parts]
    points = np.concatenate(parts)
    axis, sign = int(rng.integers(3)), rng.choice([-1.0, 1.0])
    shift = np.zeros(3)
    shift[axis] = sign * np.abs(points[:, axis]).max() * rng.uniform(0.3, 1.0)
    return [part + at + shift for part in parts]


def _repeated(parts: Parts, rng: np.random.Generator) -> Parts:
    """The parts, perhaps with their mirror image, or several times round an upright axis."""
    kind = rng.uniform()
    if kind < MIRRORED:
        flip = np.ones(3)
        flip[rng.integers(2)] = -1
        return [*parts, *(part * flip for part in parts)]
    if kind < MIRRORED + REPEATED:
        count = int(rng.integers(3, 9))
        turns = Rotation.from_rotvec(
            np.outer(2 * np.pi * np.arange(count) / count, [0, 0, 1])
        ).as_matrix()
        return [part @ turn.T for turn in turns for part in parts]
    return parts


def _to_size(parts: Parts) -> Parts:
    points = np.concatenate(parts)
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    scale = RADIUS / np.linalg.norm(points - middle, axis=1).max()
    return [(part - middle) * scale for part in parts]


def _changed(parts: Parts, rng: np.random.Generator) -> Parts:
    """An odd version: a part gone, moved, or of another size, or all of it stretched."""
    number = int(rng.integers(len(parts)))
    kind = rng.integers(4)
    if kind == 0 and len(parts) > 1:
        return [part for k, part in enumerate(parts) if k != number]
    changed = list(parts)
    if kind == 1:
        changed[number] = parts[number] + rng.normal(0, 0.12, 3)
    elif kind == 2:
        middle = parts[number].mean(axis=0)
        changed[number] = middle + (parts[number] - middle) * rng.choice([0.5, 1.7])
    else:
        stretch = np.exp(rng.uniform(-0.4, 0.4, 3))
        changed = [part * stretch for part in parts]
    return changed


def _placed(rng: np.random.Generator) -> list[Parts] | None:
    """Objects on the ground, metres, z up; None where they do not fit."""
    count = int(rng.integers(OBJECTS[0], OBJECTS[1] + 1))
    odd = 0
    if count >= 3 and rng.uniform() < ODD_SHARE:
        odd = int(rng.integers(1, (count - 1) // 2 + 1))
    scale = rng.uniform(*SCALE)
    shape = invented_shape(rng)
    shapes = [_changed(shape, rng) for _ in range(odd)] + [shape] * (count - odd)
    poses: dict[int, tuple[Floats, Floats]] = {}
    standing = []
    for one in shapes:
        if id(one) not in poses:
            poses[id(one)] = _rest(one)
        standing.append(_stood(one, *poses[id(one)], scale, rng))
    offsets = pack([np.concatenate(parts)[:, :2] for parts in standing], rng)
    if offsets is None:
        return None
    return [
        [part + [*offset, 0.0] for part in parts]
        for parts, offset in zip(standing, offsets, strict=True)
    ]


def _rest(parts: Parts) -> tuple[Floats, Floats]:
    """Rotations (K, 3, 3) into the ways in which an object can lie, and how probable each is."""
    import trimesh

    hull = trimesh.convex.convex_hull(np.concatenate(parts))
    poses, share = trimesh.poses.compute_stable_poses(hull, threshold=LIKELY)
    if not len(poses):
        return np.eye(3)[None], np.ones(1)
    return poses[:, :3, :3], share / share.sum()


def _stood(
    parts: Parts, poses: Floats, share: Floats, scale: float, rng: np.random.Generator
) -> Parts:
    """On the floor in one of its poses, turned at random about z."""
    about = Rotation.from_euler("z", rng.uniform(0, 2 * np.pi)).as_matrix()
    turn = about @ poses[rng.choice(len(poses), p=share)]
    turned = [part @ turn.T * scale for part in parts]
    floor = min(part[:, 2].min() for part in turned)
    return [part - [0.0, 0.0, floor] for part in turned]


def _seen(placed: Sequence[Parts], size: int, rng: np.random.Generator) -> SilhouetteScene:
    points = np.concatenate([np.concatenate(parts) for parts in placed])
    poses = cameras.place(cameras.draw_ring(rng, VIEWS), points, size)
    matrix = cameras.intrinsics(size)
    every = [part for parts in placed for part in parts]
    masks = np.stack([_outline(every, pose, matrix, size) for pose in poses])
    ends = [np.concatenate(parts) for parts in placed]
    boxes = np.stack([np.stack([own.min(axis=0), own.max(axis=0)]) for own in ends])
    return SilhouetteScene(
        torch.from_numpy(masks)[:, None],
        torch.from_numpy(matrix).float().expand(VIEWS, 3, 3),
        torch.from_numpy(poses).float(),
        torch.from_numpy(boxes).float(),
        predicted=False,
    )


def _outline(parts: Parts, pose: Floats, matrix: Floats, size: int) -> NDArray[np.uint8]:
    """(size / 2, size / 2) of what convex parts hide in a view, 255 = all of a pixel."""
    image = Image.new("L", (size, size))
    draw = ImageDraw.Draw(image)
    for part in parts:
        pixels, _ = cameras.project(part, pose, matrix)
        hull = pixels[ConvexHull(pixels, qhull_options="QJ").vertices]
        draw.polygon([(x - 0.5, y - 0.5) for x, y in hull], fill=255)
    return np.asarray(image.reduce(2))
