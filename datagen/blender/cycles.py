"""Cycles: the device, the quality, and one animation call for all the views of a scene."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from datagen.dataset.settings import RenderSettings
from datagen.errors import SceneFailed
from datagen.geometry.cameras import SENSOR_MM
from datagen.geometry.shape import Floats

BACKENDS = ("OPTIX", "CUDA", "HIP", "ONEAPI", "METAL")
GPU_WORDS = re.compile(r"\b(kernel|cuda|optix|hip|oneapi|metal device)(?![a-z])|\bhiperror")
OPENCV_TO_BLENDER = np.diag([1.0, -1.0, -1.0, 1.0])


def find_device(bpy: ModuleType) -> str:
    """Turn on the best GPU that Cycles finds, else the CPU; one line that says which."""
    preferences = bpy.context.preferences.addons["cycles"].preferences
    scene = bpy.context.scene
    for backend in BACKENDS:
        try:
            preferences.compute_device_type = backend
        except TypeError:
            continue
        preferences.refresh_devices()
        found = [device for device in preferences.devices if device.type == backend]
        if found:
            for device in preferences.devices:
                device.use = device.type == backend
            scene.cycles.device = "GPU"
            return f"{backend}: {', '.join(device.name for device in found)}"
    scene.cycles.device = "CPU"
    return "CPU: no GPU that Cycles can use was found"


def add_cameras(bpy: ModuleType, poses: Floats, pinhole: Floats) -> None:
    """Add one camera with a keyframe a view to the open scene.

    poses: (V, 4, 4) world_to_camera, metres, OpenCV axes. pinhole: (3, 3) intrinsics of a square
    image of one unit a side.
    """
    from mathutils import Matrix

    scene = bpy.context.scene
    data = bpy.data.cameras.new("camera")
    fx, fy, cx, cy = pinhole[0, 0], pinhole[1, 1], pinhole[0, 2], pinhole[1, 2]
    data.sensor_fit, data.sensor_width, data.lens = "HORIZONTAL", SENSOR_MM, fx * SENSOR_MM
    # Blender's pixels are as wide and as high as these; neither may be below 1.
    scene.render.pixel_aspect_x, scene.render.pixel_aspect_y = max(1.0, fy / fx), max(1.0, fx / fy)
    data.shift_x, data.shift_y = 0.5 - cx, (cy - 0.5) * fx / fy
    data.clip_start, data.clip_end = 0.01, 100.0
    camera = bpy.data.objects.new("camera", data)
    camera.rotation_mode = "QUATERNION"
    scene.collection.objects.link(camera)
    scene.camera = camera
    scene.frame_start, scene.frame_end = 1, len(poses)
    for frame, pose in enumerate(poses, start=1):
        matrix = Matrix((np.linalg.inv(pose) @ OPENCV_TO_BLENDER).tolist())
        camera.location = matrix.to_translation()
        camera.rotation_quaternion = matrix.to_quaternion()
        camera.keyframe_insert("location", frame=frame)
        camera.keyframe_insert("rotation_quaternion", frame=frame)


def set_quality(bpy: ModuleType, settings: RenderSettings, seed: int, threads: int) -> None:
    """Set samples, denoiser, size and view transform of the open scene.

    seed: of the noise. threads: CPU threads, 0 for all.
    """
    scene = bpy.context.scene
    render, cycles = scene.render, scene.cycles
    render.resolution_x = render.resolution_y = settings.resolution
    render.resolution_percentage = 100
    render.use_persistent_data = True
    render.film_transparent = False
    render.threads_mode = "FIXED" if threads else "AUTO"
    render.threads = max(threads, 1)
    render.image_settings.file_format = "PNG"
    render.image_settings.color_mode = "RGB"
    render.image_settings.compression = 10
    scene.view_settings.view_transform = "Filmic"
    if settings.rig is not None and settings.rig.exposure is not None:
        scene.view_settings.exposure = settings.rig.exposure
    cycles.samples = settings.samples
    cycles.seed = seed
    cycles.use_adaptive_sampling = False
    cycles.max_bounces = 6
    cycles.diffuse_bounces = 2
    cycles.glossy_bounces = 3
    cycles.transmission_bounces = 6
    cycles.use_light_tree = False
    cycles.use_denoising = True
    cycles.denoiser = "OPENIMAGEDENOISE"
    cycles.denoising_input_passes = "RGB_ALBEDO_NORMAL"
    cycles.denoising_prefilter = "FAST"
    cycles.caustics_reflective = cycles.caustics_refractive = False


def render_views(bpy: ModuleType, views: int) -> NDArray[np.uint8]:
    """(V, H, W, 3) uint8 sRGB of the open scene from one animation render.

    Raises SceneFailed with Cycles' own reason and a remedy.
    """
    from PIL import Image

    scene = bpy.context.scene
    with tempfile.TemporaryDirectory(prefix="oddgen-") as folder:
        scene.render.filepath = str(Path(folder) / "view-")
        try:
            bpy.ops.render.render(animation=True)
        except RuntimeError as error:
            raise SceneFailed(named_error(str(error))) from error
        files = sorted(Path(folder).glob("view-*.png"))
        if len(files) != views:
            raise SceneFailed(
                f"Cycles wrote {len(files)} of {views} views; free disk space and memory, "
                "and run the same command again."
            )
        try:
            return np.stack([np.asarray(Image.open(file).convert("RGB")) for file in files])
        except (OSError, SyntaxError) as error:
            raise SceneFailed(
                f"{folder}: Cycles wrote an image that breaks off; free disk space there, and run "
                "the same command again."
            ) from error


def named_error(text: str) -> str:
    """Cycles' own words as one sentence with a remedy."""
    lowered = text.lower()
    if "memory" in lowered and ("out of" in lowered or "alloc" in lowered):
        return f"Cycles ran out of memory ({text.strip()}); use fewer --workers."
    if "write error" in lowered or "cannot save" in lowered or "no space" in lowered:
        return f"Cycles could not write its images ({text.strip()}); free space in the temp folder."
    if GPU_WORDS.search(lowered):
        return f"The GPU failed ({text.strip()}); update its driver or run with --device cpu."
    return f"Cycles failed: {text.strip()}"
