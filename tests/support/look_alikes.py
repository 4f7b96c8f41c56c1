"""A small family of chiral parts for tests of look-alikes, and features that need no network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import trimesh

from datagen.geometry.normalise import normalise
from datagen.geometry.shape import Material, Shape
from datagen.look_alikes.build import BuildJob
from datagen.look_alikes.features import Extractor
from datagen.sources.builtin.builder import ShapeBuilder

GREY = Material("grey", (0.5, 0.5, 0.5), 1.0, 0.3)
TURN = trimesh.transformations.euler_matrix(0.4, -0.7, 1.1)[:3, :3]
CALLS: list[int] = []


def hook(arm: float = 0.5, side: int = 1) -> trimesh.Trimesh:
    """A bar with an arm and a shorter finger, three ways; side -1: its mirror image."""
    pieces = []
    for size, middle in (
        ((1.0, 0.2, 0.2), (0, 0, 0)),
        ((0.2, arm, 0.2), (-0.4, arm / 2, 0)),
        ((0.2, 0.2, 0.35), (0.3, 0, 0.17)),
    ):
        box = trimesh.creation.box(size)
        box.apply_translation(middle)
        pieces.append(box)
    mesh = trimesh.boolean.union(pieces, engine="manifold")
    vertices = np.array(mesh.vertices) * [1, 1, side]
    faces = np.array(mesh.faces)
    return trimesh.Trimesh(vertices, faces[:, ::-1] if side < 0 else faces, process=False)


def turned(mesh: trimesh.Trimesh, scale: float = 1.0) -> trimesh.Trimesh:
    return trimesh.Trimesh(scale * np.array(mesh.vertices) @ TURN.T, mesh.faces, process=False)


FAMILY = {
    "hook": hook(),
    "hook-copy": turned(hook(), 3.0),
    "hook-mirrored": turned(hook(side=-1)),
    "hook-longer": turned(hook(arm=0.56), 2.0),
    "ball": trimesh.creation.icosphere(2, 0.5),
    "bar": trimesh.creation.box((1, 0.1, 0.1)),
    "ring": trimesh.creation.annulus(0.3, 0.5, 0.2),
    "cone": trimesh.creation.cone(0.3, 1.0),
}


def shape_of(mesh: trimesh.Trimesh, name: str = "hook") -> Shape:
    builder = ShapeBuilder()
    builder.add("body", mesh, GREY)
    return normalise(builder.build(), name)


def write_family(folder: Path) -> Path:
    """An .stl of each."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, mesh in FAMILY.items():
        mesh.export(folder / f"{name}.stl")
    return folder


def pooled(kill_at: int = 0) -> Extractor:
    """Coarse pictures as features; kill_at: the call in which the process dies."""
    import os
    import signal

    import torch

    def embed(images: Any) -> Any:
        CALLS.append(1)
        if len(CALLS) == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return torch.nn.functional.adaptive_avg_pool2d(images[:, :1], 4).flatten(1)

    return Extractor("dinov2", "pooled pictures", 16, embed, torch.device("cpu"))


def job_of(root: Path) -> BuildJob:
    """A library of the files in root."""
    return BuildJob(
        "folder", root / "files", "z", root / "library", "dinov2", None, size=56, pairs=10
    )
