"""Captures written as other programs write them, from scenes whose every number is known."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter
from scipy.spatial.transform import Rotation

from datagen.geometry.cameras import draw_ring, intrinsics, place

BOXES = np.array(
    [
        [[-0.30, -0.28, 0.0], [-0.12, -0.10, 0.20]],
        [[0.10, 0.06, 0.0], [0.30, 0.26, 0.14]],
        [[-0.26, 0.12, 0.0], [-0.08, 0.30, 0.24]],
    ]
)
COLOURS = np.array([[200, 60, 40], [60, 200, 40], [210, 70, 50]], np.uint8)
OPENGL = np.diag([1.0, -1.0, -1.0, 1.0])


@dataclass(frozen=True)
class KnownScene:
    """rgb (V, H, W, 3), matrix (3, 3), poses (V, 4, 4) world_to_camera of a floor z = 0."""

    rgb: np.ndarray
    matrix: np.ndarray
    poses: np.ndarray


@dataclass(frozen=True)
class Similarity:
    """x_capture = scale * rotation x + shift."""

    scale: float
    rotation: np.ndarray
    shift: np.ndarray

    def points(self, points: np.ndarray) -> np.ndarray:
        return self.scale * points @ self.rotation.T + self.shift

    def back(self, points: np.ndarray) -> np.ndarray:
        return (points - self.shift) @ self.rotation / self.scale

    def poses(self, poses: np.ndarray) -> np.ndarray:
        """world_to_camera of the capture's coordinates and unit."""
        moved = poses.copy()
        moved[:, :3, :3] = poses[:, :3, :3] @ self.rotation.T
        moved[:, :3, 3] = self.scale * poses[:, :3, 3] - moved[:, :3, :3] @ self.shift
        return moved


def some_similarity(seed: int = 0) -> Similarity:
    rng = np.random.default_rng(seed)
    rotation = Rotation.random(random_state=rng.integers(1000)).as_matrix()
    return Similarity(rng.uniform(2, 9), rotation, rng.uniform(-5, 5, 3))


def known_scene(views: int = 6, size: int = 64, patterned: bool = True) -> KnownScene:
    """Three coloured boxes on a floor; the first camera stands in the direction of +x."""
    ring = draw_ring(np.random.default_rng(3), views)
    ring[:, 0] -= ring[0, 0]
    poses, matrix = place(ring, BOXES.reshape(-1, 3), size), intrinsics(size)
    pattern = gaussian_filter(np.random.default_rng(4).normal(size=(512, 512)), 4, mode="wrap")
    pattern = np.clip(120 + (900 if patterned else 0) * pattern, 0, 255)
    rgb = np.stack([_seen(matrix, pose, size, pattern) for pose in poses])
    return KnownScene(rgb, matrix, poses)


def rays(matrix: np.ndarray, pose: np.ndarray, height: int, width: int) -> tuple[Any, Any]:
    """Origin (3,) and directions (H, W, 3) of all pixels."""
    y, x = np.mgrid[:height, :width] + 0.5
    local = np.stack([x, y, np.ones_like(x)], axis=-1) @ np.linalg.inv(matrix).T
    return -pose[:3, :3].T @ pose[:3, 3], local @ pose[:3, :3]


def _seen(matrix: np.ndarray, pose: np.ndarray, size: int, pattern: np.ndarray) -> np.ndarray:
    origin, direction = rays(matrix, pose, size, size)
    floor = origin[2] / np.maximum(-direction[..., 2], 1e-9)
    hit = origin + np.minimum(floor, 50)[..., None] * direction
    cell = np.floor(hit[..., :2] * 150).astype(int) % 512
    image = np.repeat(pattern[cell[..., 0], cell[..., 1]][..., None], 3, axis=-1)
    image[direction[..., 2] >= 0] = 30
    nearest = np.where(direction[..., 2] < 0, floor, np.inf)
    for box, colour in zip(BOXES, COLOURS, strict=True):
        first, second = ((box[k] - origin) / direction for k in (0, 1))
        near, far = np.minimum(first, second).max(-1), np.maximum(first, second).min(-1)
        inside = (near < far) & (near > 0) & (near < nearest)
        image[inside] = colour
        nearest = np.where(inside, near, nearest)
    return image.astype(np.uint8)


def some_points(similarity: Similarity, seed: int = 0, floor: int = 400) -> np.ndarray:
    """Of the floor, of the boxes, of a wall and of nothing, in the capture's coordinates."""
    rng = np.random.default_rng(seed)
    ground = np.column_stack([rng.uniform(-0.6, 0.6, (floor, 2)), np.zeros(floor)])
    corners = rng.uniform(0, 1, (60, 3)) * (BOXES[:, 1] - BOXES[:, 0])[:, None] + BOXES[:, :1]
    wall = np.column_stack([np.full(250, 0.62), rng.uniform(-0.5, 0.5, 250), rng.random(250) * 0.6])
    stray = rng.uniform(-0.8, 0.8, (40, 3))
    return similarity.points(np.concatenate([ground, corners.reshape(-1, 3), wall, stray]))


def write_images(folder: Path, rgb: np.ndarray) -> list[str]:
    (folder / "images").mkdir(parents=True, exist_ok=True)
    names = [f"photo_{k:04d}.png" for k in range(len(rgb))]
    for name, image in zip(names, rgb, strict=True):
        Image.fromarray(image).save(folder / "images" / name)
    return names


def write_transforms(folder: Path, scene: KnownScene, similarity: Similarity, **more: Any) -> Path:
    """As ns-process-data does. more: further keys, or other values, at the top."""
    height, width = scene.rgb.shape[1:3]
    matrices = np.linalg.inv(similarity.poses(scene.poses)) @ OPENGL
    names = write_images(folder, scene.rgb)
    content = {
        "camera_model": "OPENCV",
        "fl_x": scene.matrix[0, 0],
        "fl_y": scene.matrix[1, 1],
        "cx": scene.matrix[0, 2],
        "cy": scene.matrix[1, 2],
        "w": width,
        "h": height,
        "k1": 0.0,
        "frames": [
            {"file_path": f"images/{name}", "transform_matrix": matrix.tolist()}
            for name, matrix in zip(names, matrices, strict=True)
        ],
    }
    (folder / "transforms.json").write_text(json.dumps(content | more))
    return folder


def write_colmap(
    folder: Path,
    scene: KnownScene,
    similarity: Similarity,
    camera: str | None = None,
    points: np.ndarray | None = None,
) -> Path:
    """As COLMAP's model_converter does, into sparse/0. camera: what follows its number."""
    model = folder / "sparse/0"
    model.mkdir(parents=True)
    height, width = scene.rgb.shape[1:3]
    fx, fy, cx, cy = scene.matrix[[0, 1, 0, 1], [0, 1, 2, 2]]
    camera = camera or f"PINHOLE {width} {height} {fx} {fy} {cx} {cy}"
    (model / "cameras.txt").write_text(f"# Camera list\n1 {camera}\n")
    lines = ["# Image list"]
    names = write_images(folder, scene.rgb)
    for k, (name, pose) in enumerate(zip(names, similarity.poses(scene.poses), strict=True)):
        x, y, z, w = Rotation.from_matrix(pose[:3, :3]).as_quat()
        lines += [f"{k + 1} {w} {x} {y} {z} {' '.join(map(str, pose[:3, 3]))} 1 {name}", ""]
    (model / "images.txt").write_text("\n".join(lines) + "\n")
    if points is not None:
        rows = [f"{k} {x} {y} {z} 9 9 9 .5 1 2" for k, (x, y, z) in enumerate(points)]
        (model / "points3D.txt").write_text("# 3D points\n" + "\n".join(rows) + "\n")
    return folder


def write_binary_colmap(folder: Path, scene: KnownScene, similarity: Similarity) -> Path:
    """As COLMAP's mapper does: cameras.bin, images.bin, points3D.bin in sparse/0."""
    model = write_colmap(folder, scene, similarity, points=some_points(similarity)) / "sparse/0"
    untracked = (model / "points3D.txt").read_text().replace(" .5 1 2", " .5")
    (model / "points3D.txt").write_text(untracked)  # the images' lines tell no 2D points
    write = "import sys, pycolmap; pycolmap.Reconstruction(sys.argv[1]).write_binary(sys.argv[1])"
    subprocess.run([sys.executable, "-c", write, str(model)], check=True)
    for file in model.glob("*.txt"):
        file.unlink()
    return folder


def write_polycam(folder: Path, scene: KnownScene, similarity: Similarity) -> Path:
    """As Polycam's raw export is: keyframes/cameras and keyframes/images."""
    frames = folder / "keyframes"
    (frames / "cameras").mkdir(parents=True)
    names = write_images(frames, scene.rgb)
    height, width = scene.rgb.shape[1:3]
    fx, fy, cx, cy = scene.matrix[[0, 1, 0, 1], [0, 1, 2, 2]]
    lens = {"fx": fx, "fy": fy, "cx": cx, "cy": cy, "width": width, "height": height}
    matrices = np.linalg.inv(similarity.poses(scene.poses)) @ OPENGL
    for name, matrix in zip(names, matrices, strict=True):
        rows = {f"t_{i}{j}": float(matrix[i, j]) for i in range(3) for j in range(4)}
        (frames / "cameras" / f"{Path(name).stem}.json").write_text(json.dumps(rows | lens))
    return folder


def write_silhouettes(folder: Path, scene: KnownScene) -> None:
    """masks/ beside a capture: white where a coloured box is."""
    (folder / "masks").mkdir()
    for number, image in enumerate(scene.rgb):
        inside = (image.astype(int).max(axis=2) - image.min(axis=2) > 60).astype(np.uint8) * 255
        Image.fromarray(inside).save(folder / f"masks/photo_{number:04d}.png")
