"""An anomalous shape before, after and marked, from where the change shows best."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from datagen.sheet import thumbnail
from datagen.validate.checks import Finding
from datagen.validate.looks import joint_frame
from datagen.validate.stored import affected_faces, read_stored

SIZE = 176
QUALITY = 84


@dataclass(frozen=True)
class PictureTask:
    """eye: (3,) the direction to look from."""

    key: str
    parent: str
    eye: tuple[float, ...]


def make_picture(cache: Path, task: PictureTask) -> str | None:
    """A data URL of one JPEG: before, after, and after with its affected faces in red."""
    odd, parent = read_stored(cache, task.key), read_stored(cache, task.parent)
    if isinstance(odd, Finding) or isinstance(parent, Finding):
        return None
    frame, eye = joint_frame(parent.shape, odd.shape), np.array(task.eye)
    tiles = [
        thumbnail(parent.shape, SIZE, eye, frame),
        thumbnail(odd.shape, SIZE, eye, frame),
        thumbnail(odd.shape, SIZE, eye, frame, affected_faces(odd)),
    ]
    return jpeg(tiles)


def jpeg(tiles: Sequence[np.ndarray]) -> str:
    """Tiles (H, W, 3) uint8 side by side."""
    buffer = io.BytesIO()
    Image.fromarray(np.concatenate(tiles, axis=1)).save(buffer, "JPEG", quality=QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()
