"""Boxes drawn into the views: green where the decision is right, red where it is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from benchmark.detectors.predictions import Floats
from benchmark.scoring.outcome import DECISION
from benchmark.scoring.score import ScoredRun
from datagen.dataset.reader import Scene
from datagen.geometry.boxes import box_corners
from datagen.geometry.cameras import project

Font = ImageFont.ImageFont | ImageFont.FreeTypeFont

SIZE = 360
GREEN, RED, ORANGE = "#2fd05b", "#ff3b3b", "#ffa826"
DASH = 6.0
NEAREST = 1e-3
EDGES = [(a, a | 1 << axis) for axis in range(3) for a in range(8) if not a >> axis & 1]


@dataclass(frozen=True)
class DrawnBox:
    """box: (2, 3) metres. dashed: the true box, not the detector's."""

    box: Floats
    color: str
    text: str
    dashed: bool = False


def scene_boxes(run: ScoredRun, index: int, true_boxes: Floats) -> list[DrawnBox]:
    """What is drawn for the scene of this index in the outcome.

    A matched object has its predicted box; a missed one its true box, dashed; a box that matches
    nothing is orange where it was called odd, else left out.
    """
    outcome = run.outcome
    objects = np.flatnonzero(outcome.scene == index)
    boxes = np.flatnonzero(outcome.box_scene == index)
    drawn = []
    for row, true_box in zip(objects, true_boxes, strict=True):
        if not outcome.matched[row]:
            text = f"{outcome.kinds[row]} missed".strip()
            drawn.append(DrawnBox(true_box, RED, text, dashed=True))
    answer = run.predictions.answers.get(outcome.names[index])
    for row, box in zip(boxes, [] if answer is None else answer.boxes, strict=True):
        owner, score = outcome.box_object[row], outcome.box_score[row]
        if owner >= 0:
            color = GREEN if outcome.right[owner] else RED
            drawn.append(DrawnBox(box, color, f"{outcome.kinds[owner]} {score:.2f}".strip()))
        elif score >= DECISION:
            drawn.append(DrawnBox(box, ORANGE, f"{score:.2f}"))
    return drawn


def draw_view(scene: Scene, view: int, boxes: Sequence[DrawnBox]) -> NDArray[np.uint8]:
    """(SIZE, SIZE, 3): a view with the boxes' edges and texts."""
    return draw_boxes(scene.rgb[view], scene.intrinsics, scene.world_to_camera[view], boxes)


def draw_boxes(
    pixels: NDArray[np.uint8],
    intrinsics: Floats,
    world_to_camera: Floats,
    boxes: Sequence[DrawnBox],
    width: int = SIZE,
) -> NDArray[np.uint8]:
    """The same on an image (H, W, 3) with its camera (3, 3) and (4, 4), made so wide."""
    image = Image.fromarray(pixels)
    scale = width / image.width
    picture = image.resize((width, round(image.height * scale)), Image.Resampling.LANCZOS)
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(13)
    projected = [project(box_corners(drawn.box), world_to_camera, intrinsics) for drawn in boxes]
    for drawn, (corners, depth) in zip(boxes, projected, strict=True):
        for a, b in EDGES:
            if min(depth[a], depth[b]) > NEAREST:
                _line(pen, scale * corners[a], scale * corners[b], drawn)
    for drawn, (corners, depth) in zip(boxes, projected, strict=True):
        if depth.min() > NEAREST:
            _label(pen, scale * corners.min(axis=0), drawn, font, picture.size)
    return np.asarray(picture)


def _label(
    pen: ImageDraw.ImageDraw, corner: Floats, drawn: DrawnBox, font: Font, size: tuple[int, int]
) -> None:
    """The text on a dark ground above the box's upper left corner, inside the picture."""
    x0, y0, x1, y1 = pen.textbbox((0, 0), drawn.text, font=font)
    room = np.array(size) - [x1 - x0 + 4, y1 - y0 + 4]
    x, y = np.clip(corner - [0, y1 - y0 + 4], 0, room).tolist()
    pen.rectangle((x, y, x + x1 - x0 + 4, y + y1 - y0 + 4), fill="#101214")
    pen.text((x + 2 - x0, y + 2 - y0), drawn.text, fill=drawn.color, font=font)


def _line(pen: ImageDraw.ImageDraw, start: Floats, end: Floats, drawn: DrawnBox) -> None:
    pieces = max(int(np.linalg.norm(end - start) / DASH), 1) if drawn.dashed else 1
    ends = np.linspace(start, end, 2 * pieces if drawn.dashed else 2)
    for first, last in zip(ends[::2], ends[1::2], strict=True):
        pen.line([*first.tolist(), *last.tolist()], fill=drawn.color, width=2)
