"""A scene at rest in, its images out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from datagen.dataset.settings import RenderSettings
from datagen.errors import SceneFailed
from datagen.geometry.cameras import intrinsics
from datagen.geometry.shape import Floats
from datagen.scenes.objects import PlacedShape, Surroundings


def build_scene(
    objects: Sequence[PlacedShape],
    poses: Floats,
    surroundings: Surroundings,
    settings: RenderSettings,
    seed: int,
    threads: int = 0,
    device: str = "auto",
) -> tuple[ModuleType, str]:
    """Blender with the scene in it, ready to render, and the device in words.

    poses: (V, 4, 4) world_to_camera, metres, OpenCV axes; seed: of the noise; threads: of the CPU,
    0 for all; device: auto or cpu. Raises SceneFailed for files that Blender cannot load.
    """
    from datagen.blender import cycles
    from datagen.blender.meshes import MeshBuilder
    from datagen.blender.session import reset
    from datagen.blender.surroundings import lay_floor, light

    hdri = surroundings.hdri.path
    if hdri is None:
        raise SceneFailed("Blender's own HDRIs are missing; reinstall bpy or give --hdri FOLDER.")
    bpy = reset()
    builder = MeshBuilder(bpy)
    for k, item in enumerate(objects):
        builder.add(item.shape, item.object_to_world, f"object_{k}")
    lay_floor(bpy, surroundings.floor, surroundings.floor_rng, settings.resolution)
    light(bpy, hdri, surroundings.hdri_rotation, surroundings.hdri_strength)
    cycles.add_cameras(bpy, poses, intrinsics(1, settings.rig))
    cycles.set_quality(bpy, settings, seed, threads)
    used = cycles.find_device(bpy) if device == "auto" else "CPU: as asked"
    return bpy, used


def render_scene(
    objects: Sequence[PlacedShape],
    poses: Floats,
    surroundings: Surroundings,
    settings: RenderSettings,
    seed: int,
    threads: int = 0,
    device: str = "auto",
    save_blend: Path | None = None,
) -> tuple[NDArray[np.uint8], str]:
    """(V, H, W, 3) uint8 sRGB, and the device in words; arguments as of build_scene.

    save_blend: where to keep the scene as a .blend. Raises SceneFailed with Cycles' own reason and
    a remedy.
    """
    from datagen.blender.cycles import render_views
    from datagen.blender.session import save

    bpy, used = build_scene(objects, poses, surroundings, settings, seed, threads, device)
    if save_blend is not None:
        save(bpy, save_blend)
    return render_views(bpy, len(poses)), used
