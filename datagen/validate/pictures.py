"""An anomalous shape before, after and marked, from where the change shows best."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from datagen.geometry.thumbnail import BACKGROUND, thumbnail
from datagen.validate.checks import Finding
from datagen.validate.looks import joint_frame
from datagen.validate.stored import affected_faces, read_stored

CANVAS = 216  # pixels, ray cast
SIZE = 176  # pixels, shown
MARGIN = 6
QUALITY = 84


@dataclass(frozen=True)
class PictureTask:
    """key, parent: of the two shapes in the cache; eye: (3,) the direction to look from."""

    key: str
    parent: str
    eye: tuple[float, ...]


def make_picture(cache: Path, task: PictureTask) -> str | None:
    """A data URL of one JPEG: before, after, and after with its affected faces in red.

    cache: the folder of the shape cache. None where a shape cannot be read.
    """
    odd, parent = read_stored(cache, task.key), read_stored(cache, task.parent)
    if isinstance(odd, Finding) or isinstance(parent, Finding):
        return None
    frame, eye = joint_frame(parent.shape, odd.shape), np.array(task.eye)
    tiles = [
        thumbnail(parent.shape, CANVAS, eye, frame),
        thumbnail(odd.shape, CANVAS, eye, frame),
        thumbnail(odd.shape, CANVAS, eye, frame, affected_faces(odd)),
    ]
    return jpeg(_closer(tiles))


def _closer(tiles: Sequence[np.ndarray]) -> list[np.ndarray]:
    """The square that holds what all tiles show, SIZE pixels a side."""
    shown = np.any([(tile != BACKGROUND).any(axis=2) for tile in tiles], axis=0)
    rows, columns = np.flatnonzero(shown.any(axis=1)), np.flatnonzero(shown.any(axis=0))
    if not len(rows):
        rows = columns = np.array([0, CANVAS - 1])
    side = min(int(max(np.ptp(rows), np.ptp(columns))) + 2 * MARGIN, CANVAS)
    middles = (columns[0] + columns[-1]) / 2, (rows[0] + rows[-1]) / 2
    x, y = (min(max(float(middle) - side / 2, 0.0), CANVAS - side) for middle in middles)
    box = (x, y, x + side, y + side)
    return [
        np.asarray(Image.fromarray(tile).resize((SIZE, SIZE), Image.Resampling.BICUBIC, box))
        for tile in tiles
    ]


def jpeg(tiles: Sequence[np.ndarray]) -> str:
    """A data URL of the tiles (H, W, 3) uint8 side by side."""
    buffer = io.BytesIO()
    Image.fromarray(np.concatenate(tiles, axis=1)).save(buffer, "JPEG", quality=QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()
