"""What the viewer shows of a scene, as plain arrays; no browser is involved."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from datagen.dataset.reader import Scene
from datagen.geometry.cameras import unproject
from datagen.pictures import layers

Floats = NDArray[np.float64]
Pixels = NDArray[np.uint8]

NORMAL_COLOR = (40, 200, 90)
ODD_COLOR = (255, 40, 40)
LOW_SCORE = np.array([60, 140, 255], np.float64)
HIGH_SCORE = np.array([255, 60, 220], np.float64)
MOST_OBJECT_POINTS = 250_000
MOST_FLOOR_POINTS = 120_000
FLOOR_AROUND = 0.35  # metres beyond the objects; the floor goes on for 5
TEXT_GAP = 0.02  # metres
MARK = 0.7  # how much of a defect's colour is red
EDGES = np.array([(a, b) for a in range(8) for b in range(a) if (a ^ b) in (1, 2, 4)])


@dataclass(frozen=True)
class Points:
    """Pixels of all views, put back into the world.

    xyz: (P, 3) metres; rgb: (P, 3) uint8; odd: (P,) bool, a defect is seen on the object. Defect
    pixels on the floor, where a part is missing, have no position in the world and are not marked:
    each view has them elsewhere.
    """

    xyz: NDArray[np.float32]
    rgb: Pixels
    odd: NDArray[np.bool_]

    @property
    def marked(self) -> Pixels:
        """(P, 3) uint8: rgb with the defects in red."""
        red = (1 - MARK) * self.rgb[self.odd] + MARK * np.array(ODD_COLOR)
        result = self.rgb.copy()
        result[self.odd] = red.astype(np.uint8)
        return result


@dataclass(frozen=True)
class Box:
    """A box to draw.

    edges: (12, 2, 3) world, metres; color: of its label or score; at: (3,) where its text stands.
    """

    edges: NDArray[np.float32]
    color: tuple[int, int, int]
    text: str
    at: Floats


@dataclass(frozen=True)
class CameraPose:
    """A camera to draw.

    wxyz: (4,) its rotation and position: (3,) metres, camera to world, OpenCV axes; fov: of the
    height, radians; aspect: width over height.
    """

    wxyz: Floats
    position: Floats
    fov: float
    aspect: float


def scene_points(scene: Scene) -> Points:
    """Pixels of all views at their depth: objects densely, the floor round them sparsely."""
    parts = [_view_points(scene, view) for view in range(len(scene.rgb))]
    xyz, rgb, odd, floor = (np.concatenate(column) for column in zip(*parts, strict=True))
    near = np.hypot(xyz[:, 0], xyz[:, 1]) <= FLOOR_AROUND + _reach(scene)
    chosen = np.sort(
        np.concatenate(
            [
                _thinned(np.flatnonzero(~floor), MOST_OBJECT_POINTS),
                _thinned(np.flatnonzero(floor & near), MOST_FLOOR_POINTS),
            ]
        )
    )
    return Points(xyz[chosen], rgb[chosen], odd[chosen])


def _view_points(scene: Scene, view: int) -> tuple[NDArray, Pixels, NDArray, NDArray]:
    rows, columns = np.nonzero(scene.depth[view])
    pixels = np.column_stack([columns, rows]) + 0.5
    depth = scene.depth[view][rows, columns].astype(np.float64)
    points = unproject(pixels, depth, scene.world_to_camera[view], scene.intrinsics)
    floor = scene.instance[view][rows, columns] == 0
    return (
        points.astype(np.float32),
        scene.rgb[view][rows, columns],
        (scene.defect[view][rows, columns] > 0) & ~floor,
        floor,
    )


def _reach(scene: Scene) -> float:
    """Metres from the world's origin to the farthest corner of a box, seen from above."""
    return float(np.abs(scene.box_aabb[:, :, :2]).max())


def _thinned(index: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Evenly, without a grid that the eye would see."""
    if len(index) <= most:
        return index
    return np.random.default_rng(0).choice(index, most, replace=False)


def truth_boxes(scene: Scene) -> list[Box]:
    """The world boxes, green for normal objects and red for anomalous ones."""
    result = []
    for k, (box, odd) in enumerate(zip(scene.box_aabb, scene.anomalous, strict=True)):
        anomaly = scene.spec.objects[k].anomaly
        text = f"{k} {anomaly.type}" if anomaly else str(k)
        result.append(_box(box, ODD_COLOR if odd else NORMAL_COLOR, text))
    return result


def predicted_boxes(boxes: Floats, scores: Floats) -> list[Box]:
    """Boxes (P, 2, 3), metres, with scores (P,): from blue (normal) to magenta (anomalous)."""
    return [
        _box(box, _score_color(float(score)), f"score {score:.2f}", below=True)
        for box, score in zip(boxes, scores, strict=True)
    ]


def _score_color(score: float) -> tuple[int, int, int]:
    red, green, blue = (LOW_SCORE + score * (HIGH_SCORE - LOW_SCORE)).astype(int)
    return int(red), int(green), int(blue)


def _box(box: Floats, color: tuple[int, int, int], text: str, below: bool = False) -> Box:
    corners = np.array([[box[i >> axis & 1, axis] for axis in range(3)] for i in range(8)])
    height = box[0, 2] - TEXT_GAP if below else box[1, 2] + TEXT_GAP
    at = np.array([*box.mean(axis=0)[:2], height])
    return Box(corners[EDGES].astype(np.float32), color, text, at)


def camera_poses(scene: Scene) -> list[CameraPose]:
    """The camera of every view."""
    from scipy.spatial.transform import Rotation

    height, width = scene.rgb.shape[1:3]
    fov = 2 * np.arctan(height / 2 / scene.intrinsics[1, 1])
    poses = np.linalg.inv(scene.world_to_camera)
    turns = Rotation.from_matrix(poses[:, :3, :3]).as_quat()[:, [3, 0, 1, 2]]
    return [
        CameraPose(turn, pose[:3, 3], float(fov), width / height)
        for turn, pose in zip(turns, poses, strict=True)
    ]


def panel_image(scene: Scene, view: int, defects: bool, boxes: bool) -> Pixels:
    """(H, W, 3) uint8 of a view.

    defects: in red; boxes: 2D boxes in the colours of the labels.
    """
    image = Image.fromarray(layers.marked(scene, view) if defects else scene.rgb[view])
    draw = ImageDraw.Draw(image)
    for k, odd in enumerate(scene.anomalous if boxes else ()):
        x0, y0, x1, y1 = scene.box_2d[k, view].tolist()
        if x0 >= 0:
            draw.rectangle((x0, y0, x1 - 1, y1 - 1), outline=ODD_COLOR if odd else NORMAL_COLOR)
    return np.asarray(image)


def description(scene: Scene, scores: Floats | None) -> str:
    """Markdown: what the scene is, an object a line.

    scores: (P,) of the predicted boxes, where there are any.
    """
    shape = scene.spec.shape
    lines = [f"**{shape.id}** ({shape.category}), licence: {shape.licence}", ""]
    for k, entry in enumerate(scene.spec.objects):
        anomaly = entry.anomaly
        lines.append(f"- object {k}: " + (f"**{anomaly.type}**" if anomaly else "normal"))
    if scene.unknown:
        lines += ["", f"Not known in this imported scene: {', '.join(sorted(scene.unknown))}."]
    if scores is not None:
        lines += ["", f"Predictions: {len(scores)} boxes, {int((scores >= 0.5).sum())} odd."]
    return "\n".join(lines)
