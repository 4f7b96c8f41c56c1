"""A shape alone on a floor, rendered by Cycles from where a scene's camera would stand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from datagen.assets.floors import list_floors
from datagen.assets.hdris import list_hdris
from datagen.base.process import silenced
from datagen.dataset.settings import RenderSettings
from datagen.geometry.cameras import look_at
from datagen.geometry.shape import Floats, Shape
from datagen.scenes.objects import PlacedShape, Surroundings
from datagen.scenes.render import render_scene

SCALE = 0.405  # metres per shape unit, as in a scene
DISTANCE = 0.45  # metres from the camera to the middle of the box
LOWEST_EYE = 0.4  # height over the horizontal distance
SAMPLES = 32
FLOOR, HDRI = "concrete", "forest"


def portraits(shapes: Sequence[Shape], eye: Floats, size: int) -> list[NDArray[np.uint8]]:
    """(size, size, 3) uint8 sRGB of each shape, all from one direction.

    eye: (3,) from the shape towards the camera, neither straight up nor down; a shape to be seen
    from below lies on its head. Raises SceneFailed as rendering does.
    """
    turn = np.diag([1.0, -1.0, -1.0]) if eye[2] < 0 else np.eye(3)
    direction = turn @ eye / np.hypot(eye[0], eye[1])
    direction[2] = max(direction[2], LOWEST_EYE)
    surroundings = Surroundings(
        floor=next(floor for floor in list_floors(None)[0] if floor.name == FLOOR),
        floor_rng=np.random.default_rng(0),
        hdri=next(hdri for hdri in list_hdris(None)[0] if hdri.name == HDRI),
        hdri_rotation=0.5,
        hdri_strength=0.8,
    )
    pictures = []
    for shape in shapes:
        pose = np.eye(4)
        pose[:3, :3] = SCALE * turn
        corners = shape.vertices @ pose[:3, :3].T
        low, high = corners.min(axis=0), corners.max(axis=0)
        pose[2, 3] = -low[2]
        middle = (low + high) / 2 - [0, 0, low[2]]
        camera = look_at(middle + DISTANCE * direction / np.linalg.norm(direction), middle)
        with silenced():
            images, _ = render_scene(
                [PlacedShape(shape, pose)],
                camera[None],
                surroundings,
                RenderSettings(samples=SAMPLES, resolution=size, views=1),
                seed=0,
                device="cpu",
            )
        pictures.append(images[0])
    return pictures
