"""A scene of ours as a published scene folder, file by file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from datagen.dataset.reader import Scene
from datagen.exchange.published import files
from datagen.exchange.published.export_plan import SceneNames

FRAMES_A_SECOND = 10
STRIP_FRAMES = 5
BOX_COLOR = (0, 255, 0)
BOX_WIDTH = 2


def write_scene_folder(scene: Scene, names: SceneNames, folder: Path) -> None:
    """Write a scene into the new folder `folder`, which is made here. Raises OSError."""
    kinds = ("RGB", "masks", "binary_labels", "depth_exr", "depth_png", "segmentations")
    for kind in kinds:
        (folder / kind).mkdir(parents=True)
    for view in range(len(scene.rgb)):
        png = files.frame(view, "png")
        depth, instance = scene.depth[view], scene.instance[view]
        odd = np.concatenate([[False], scene.anomalous > 0])[instance]
        files.write_png(folder / "RGB" / png, _opaque(scene.rgb[view]))
        files.write_png(folder / "masks" / png, _mask(instance > 0))
        files.write_png(folder / "binary_labels" / png, _mask(odd))
        files.write_png(folder / "depth_png" / png, files.depth_levels(depth))
        files.write_depth(folder / "depth_exr" / files.frame(view, "exr"), depth)
    _write_segmentations(scene, [files.FLOOR, *(name for name, _ in names.objects)], folder)
    _write_metadata(scene, names, folder)
    boxed = [boxed_image(scene, view) for view in range(len(scene.rgb))]
    strip = [boxed[view] for view in np.arange(STRIP_FRAMES) * len(boxed) // STRIP_FRAMES]
    Image.fromarray(np.concatenate(strip, axis=1)).save(folder / "scene.jpg", quality=95)
    write_video(folder / "scene.mp4", boxed)


def _write_segmentations(scene: Scene, names: list[str], folder: Path) -> None:
    """names[k] for instance k; the floor's is where the floor is hit."""
    for k, name in enumerate(names):
        (folder / "segmentations" / name).mkdir()
        for view, instance in enumerate(scene.instance):
            seen = (instance == k) & (scene.depth[view] > 0)
            gray = np.repeat(_mask(seen)[..., None], 3, axis=2)
            files.write_png(files.mask_path(folder, name, view), _opaque(gray))


def _write_metadata(scene: Scene, names: SceneNames, folder: Path) -> None:
    spec, paths = scene.spec, [path for _, path in names.objects]
    files.write_json(
        folder / files.METADATA_3D,
        {
            "objects": [_object(scene, k, *names.objects[k]) for k in range(len(paths))],
            "camera": {
                "poses": [{"rotation": pose.tolist()} for pose in scene.world_to_camera],
                "K": scene.intrinsics.tolist(),
            },
            "scene": {
                "floor_pbr": spec.floor.name,
                "background_hdr": spec.hdri.name,
            },
            "rendering_info": dict(sorted(spec.to_json()["render"].items()))
            | {"device": spec.device},
            "oddgen": {
                "scene": scene.name,
                "licences": {
                    "shape": spec.shape.licence,
                    "floor": spec.floor.licence,
                    "hdri": spec.hdri.licence,
                },
                "provenance": spec.shape.provenance,
            },
        },
    )
    files.write_json(
        folder / files.METADATA_2D,
        {
            "blend_paths": paths,
            "anomaly_labels": [int(odd == 0) for odd in scene.anomalous],
            "bbox": {
                files.frame(view, "png"): _odd_boxes(scene, view) for view in range(len(scene.rgb))
            },
        },
    )


def _object(scene: Scene, k: int, name: str, path: str) -> dict[str, Any]:
    """The mesh's origin is the centre of its world box, its unit the metre."""
    from scipy.spatial.transform import Rotation

    low, high = scene.box_aabb[k]
    matrix = np.eye(4)
    matrix[:3, :3] = scene.object_to_world[k, :3, :3]
    matrix[:3, :3] /= np.linalg.norm(matrix[:3, :3], axis=0)
    matrix[:3, 3] = (low + high) / 2
    anomaly = scene.spec.objects[k].anomaly
    return {
        "name": name,
        "path": path,
        "rotation_matrix": matrix.tolist(),
        "rotation_euler": Rotation.from_matrix(matrix[:3, :3]).as_euler("xyz").tolist(),
        "location": matrix[:3, 3].tolist(),
        "scale": [1.0, 1.0, 1.0],
        "bbox": [matrix[:3, 3].tolist(), (high - low).tolist()],
        "oddgen": {"type": None if anomaly is None else anomaly.type},
    }


def _odd_boxes(scene: Scene, view: int) -> list[list[int]]:
    """x0, y0, x1, y1 of the anomalous objects that are seen."""
    boxes = scene.box_2d[scene.anomalous > 0, view]
    return [box.tolist() for box in boxes if box[0] >= 0]


def boxed_image(scene: Scene, view: int) -> NDArray[np.uint8]:
    """(H, W, 3) uint8: the image of a view with boxes on its anomalous objects."""
    image = Image.fromarray(scene.rgb[view])
    draw = ImageDraw.Draw(image)
    for x0, y0, x1, y1 in _odd_boxes(scene, view):
        draw.rectangle((x0, y0, x1 - 1, y1 - 1), outline=BOX_COLOR, width=BOX_WIDTH)
    return np.asarray(image)


def write_video(path: Path, images: list[NDArray[np.uint8]]) -> None:
    """Write images (H, W, 3) uint8 as MPEG-4, as in the published data.

    An odd row or column is doubled, as the codec asks.
    """
    import av

    height, width = images[0].shape[:2]
    even = ((0, height % 2), (0, width % 2), (0, 0))
    with av.open(str(path), "w") as video:
        stream = video.add_stream("mpeg4", rate=FRAMES_A_SECOND)
        stream.width, stream.height = width + width % 2, height + height % 2
        stream.pix_fmt, stream.bit_rate = "yuv420p", 2_000_000
        for image in images:
            frame = av.VideoFrame.from_ndarray(np.pad(image, even, "edge"), format="rgb24")
            video.mux(stream.encode(frame))
        video.mux(stream.encode())


def _opaque(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(H, W, 4)"""
    alpha = np.full((*pixels.shape[:2], 1), 255, np.uint8)
    return np.concatenate([pixels, alpha], axis=2)


def _mask(flags: NDArray[np.bool_]) -> NDArray[np.uint8]:
    return np.where(flags, np.uint8(255), np.uint8(0))
