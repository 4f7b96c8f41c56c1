"""A scene at rest in, twenty images out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from datagen.errors import SceneFailed
from datagen.floors import Floor
from datagen.label import PlacedShape
from datagen.shape import Floats
from datagen.spec import RenderSettings


def render_scene(
    objects: Sequence[PlacedShape],
    poses: Floats,
    floor: Floor,
    floor_rng: np.random.Generator,
    hdri: Path | None,
    hdri_rotation: float,
    hdri_strength: float,
    settings: RenderSettings,
    seed: int,
    threads: int = 0,
    device: str = "auto",
    save_blend: Path | None = None,
) -> tuple[NDArray[np.uint8], str]:
    """(V, H, W, 3) uint8 sRGB, and the device in words.

    poses: (V, 4, 4) world_to_camera; hdri_rotation: radians about z.
    Raises SceneFailed with Cycles' own reason and a remedy.
    """
    from datagen.blender import cycles, surroundings
    from datagen.blender.meshes import MeshBuilder
    from datagen.blender.session import reset

    if hdri is None:
        raise SceneFailed("Blender's own HDRIs are missing; reinstall bpy or give --hdri FOLDER.")
    bpy = reset()
    builder = MeshBuilder(bpy)
    for k, item in enumerate(objects):
        builder.add(item.shape, item.object_to_world, f"object_{k}")
    surroundings.lay_floor(bpy, floor, floor_rng, settings.resolution)
    surroundings.light(bpy, hdri, hdri_rotation, hdri_strength)
    cycles.add_cameras(bpy, poses)
    cycles.set_quality(bpy, settings, seed, threads)
    used = cycles.find_device(bpy) if device == "auto" else "CPU: as asked"
    if save_blend is not None:
        save_blend.parent.mkdir(parents=True, exist_ok=True)
        bpy.ops.file.pack_all()
        bpy.ops.wm.save_as_mainfile(filepath=str(save_blend.resolve()))
    return cycles.render_views(bpy, len(poses)), used
