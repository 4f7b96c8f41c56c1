"""Dense stereo by COLMAP, where there is one with CUDA: the paper's own way to a cloud."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from shutil import which

import numpy as np
from PIL import Image
from scipy.spatial.transform import Rotation

from benchmark.training.clouds.cloud import Cloud, PosedViews
from benchmark.training.clouds.plane_sweep import nearest_views
from benchmark.training.clouds.room import Room
from datagen.errors import OddgenError

SOURCES = 20  # views that each is compared with, at most; COLMAP's own number
HAS_CUDA = "import pycolmap; assert pycolmap.has_cuda"
# In a process of its own: once it is loaded, pycolmap lets Pillow crash when it saves a PNG.
BY_PACKAGE = """
import sys
import pycolmap
folder, cloud, near, far = sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4])
options = pycolmap.PatchMatchOptions()
options.depth_min, options.depth_max = near, far
pycolmap.patch_match_stereo(folder, options=options)
pycolmap.stereo_fusion(cloud, folder)
"""


def colmap_cloud(views: PosedViews, room: Room) -> Cloud:
    """The fused cloud, in the world; COLMAP's default options, but cameras and depths are given.

    Raises OddgenError where there is no COLMAP with CUDA, or it fails.
    """
    way = colmap_way()
    if way is None:
        raise OddgenError(
            "--reconstruction colmap: needs pycolmap with CUDA (pip install pycolmap-cuda12) or "
            "the program colmap built with CUDA, and there is neither; install one or give "
            "--reconstruction plane-sweep."
        )
    with tempfile.TemporaryDirectory(prefix="oddbench-colmap-") as made:
        folder = Path(made)
        write_workspace(views, folder)
        near, far = float(room.near.min()), float(room.far.max())
        fused = folder / "fused.ply"
        for command in commands(way, folder, fused, near, far):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                last = (done.stderr or done.stdout).strip().splitlines()[-1:]
                raise OddgenError(
                    f"colmap: dense stereo failed ({' '.join(last) or done.returncode}); give "
                    "--reconstruction plane-sweep."
                )
        if not fused.exists():
            raise OddgenError("colmap: fused no cloud; give --reconstruction plane-sweep.")
        return _read(fused)


@cache
def colmap_way() -> str | None:
    """The program's path, or "pycolmap"; None where neither has CUDA."""
    if find_spec("pycolmap") is not None:
        asked = subprocess.run([sys.executable, "-c", HAS_CUDA], capture_output=True, check=False)
        if not asked.returncode:
            return "pycolmap"
    program = which("colmap")
    if program is None:
        return None
    told = subprocess.run([program, "help"], capture_output=True, text=True, check=False)
    return program if "with CUDA" in told.stdout else None


def commands(way: str, folder: Path, fused: Path, near: float, far: float) -> list[list[str]]:
    """What makes a workspace into a fused cloud; near, far: depths, metres."""
    if way == "pycolmap":
        return [[sys.executable, "-c", BY_PACKAGE, str(folder), str(fused), str(near), str(far)]]
    workspace = ["--workspace_path", str(folder)]
    depths = ["--PatchMatchStereo.depth_min", str(near), "--PatchMatchStereo.depth_max", str(far)]
    return [
        [way, "patch_match_stereo", *workspace, *depths],
        [way, "stereo_fusion", *workspace, "--output_path", str(fused)],
    ]


def write_workspace(views: PosedViews, folder: Path) -> None:
    """images/, sparse/ with the cameras as text, and stereo/, as COLMAP's image_undistorter does.

    There are no sparse points to choose sources by, so they are named: the nearest views.
    """
    for name in ("images", "sparse", "stereo/depth_maps", "stereo/normal_maps"):
        (folder / name).mkdir(parents=True)
    (folder / "stereo/consistency_graphs").mkdir()
    names = [f"{view:03d}.png" for view in range(len(views.rgb))]
    cameras, images, pairs = [], [], []
    height, width = views.rgb.shape[1:3]
    for view, others in enumerate(nearest_views(views.world_to_camera, SOURCES)):
        Image.fromarray(views.rgb[view]).save(folder / "images" / names[view])
        pose, matrix = views.world_to_camera[view], views.intrinsics[view]
        x, y, z, w = Rotation.from_matrix(pose[:3, :3]).as_quat()
        numbers = (matrix[0, 0], matrix[1, 1], matrix[0, 2], matrix[1, 2])
        cameras.append(f"{view + 1} PINHOLE {width} {height} {_row(numbers)}\n")
        images.append(f"{view + 1} {_row((w, x, y, z, *pose[:3, 3]))} {view + 1} {names[view]}\n\n")
        pairs.append(f"{names[view]}\n{', '.join(names[other] for other in others)}\n")
    (folder / "sparse/cameras.txt").write_text("".join(cameras))
    (folder / "sparse/images.txt").write_text("".join(images))
    (folder / "sparse/points3D.txt").write_text("")
    (folder / "stereo/patch-match.cfg").write_text("".join(pairs))
    (folder / "stereo/fusion.cfg").write_text("".join(f"{name}\n" for name in names))


def _row(numbers: tuple[float, ...]) -> str:
    return " ".join(repr(float(number)) for number in numbers)


def _read(path: Path) -> Cloud:
    import open3d as o3d

    content = o3d.io.read_point_cloud(str(path))
    return Cloud(np.asarray(content.points), np.asarray(content.colors))
