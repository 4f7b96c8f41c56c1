"""Models far from the origin, where the single precision of Blender's matrices and points shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from datagen.blender.session import usd_library
from datagen.files.tidy import FAR, far_shift
from datagen.geometry.shape import Floats

SHOWS = 1e-4  # of a model's size: rounding from where on it is told


@dataclass
class Rounding:
    """What single precision rounds a model's points to, gathered object by object."""

    _points: list[float] = field(default_factory=list)
    _places: list[float] = field(default_factory=list)

    def add(self, points: Floats, matrix: Floats) -> None:
        """points: (V, 3) in the object's frame; matrix: (4, 4) to the world."""
        scale = float(np.abs(np.linalg.svd(matrix[:3, :3], compute_uv=False)).max())
        self._points.append(scale * _step(points))
        self._places.append(_step(matrix[:3, 3]))

    def told(self, vertices: Floats) -> list[str]:
        """A warning where it shows; vertices: (V, 3) of the whole model in the world."""
        size = float(np.ptp(vertices, axis=0).max())
        step = max([*self._points, *(self._places if len(self._places) > 1 else ())], default=0.0)
        if step <= SHOWS * size:
            return []
        return [
            f"lies so far from the origin that its points are rounded to 1/{size / step:.0f} of "
            "its size; move it to the origin and export it again."
        ]


def _step(values: Floats) -> float:
    return float(np.spacing(np.float32(np.abs(values).max())))


def centred_usd(bpy: ModuleType, path: Path, folder: Path) -> Path:
    """The USD file, or one in the folder that shows it about the origin, where it is far from it.

    The importer turns the file's double precision into single; this moves what it reads before.
    """
    usd = usd_library(bpy)
    if usd is None:
        return path
    try:
        stage = usd.Usd.Stage.Open(str(path))
        shift = _usd_shift(usd, stage)
        return path if shift is None else _shown_about_the_origin(usd, stage, shift, path, folder)
    except Exception:  # Tf.ErrorException, a RuntimeError; the importer tells what is wrong
        return path


def _usd_shift(usd: Any, stage: Any) -> Floats | None:
    """(3,) in the stage's units, None for a model near the origin."""
    cache = usd.UsdGeom.BBoxCache(usd.Usd.TimeCode.Default(), ["default", "render"])
    box = cache.ComputeWorldBound(stage.GetPseudoRoot()).ComputeAlignedRange()
    if box.IsEmpty():
        return None
    return far_shift(np.array([list(box.GetMin()), list(box.GetMax())]))


def _shown_about_the_origin(usd: Any, stage: Any, shift: Floats, path: Path, folder: Path) -> Path:
    shown = folder / f"{path.stem}.usda"
    layer = usd.Sdf.Layer.CreateNew(str(shown))
    layer.subLayerPaths.append(str(path.resolve()))
    moved = usd.Usd.Stage.Open(layer)
    usd.UsdGeom.SetStageUpAxis(moved, usd.UsdGeom.GetStageUpAxis(stage))
    usd.UsdGeom.SetStageMetersPerUnit(moved, usd.UsdGeom.GetStageMetersPerUnit(stage))
    for prim in moved.GetPseudoRoot().GetChildren():
        _move(usd, prim, shift)
    layer.Save()
    return shown


def _move(usd: Any, prim: Any, shift: Floats) -> None:
    """Take the shift (3,) in the parent's frame off the prim, or where it is far itself, below it.

    A parent near the origin stays, so that no two large numbers have to cancel in the importer.
    """
    form = usd.UsdGeom.Xformable(prim)
    children = prim.GetChildren()
    if not form:
        for child in children:
            _move(usd, child, shift)
        return
    matrix = np.array(form.GetLocalTransformation()).T
    near = np.abs(matrix[:3, 3]).max() * FAR < np.abs(shift).max()
    if near and children and not prim.IsA(usd.UsdGeom.Gprim) and not prim.IsInstance():
        inner = np.linalg.solve(matrix[:3, :3], shift)
        for child in children:
            _move(usd, child, inner)
        return
    matrix[:3, 3] -= shift
    reset = form.GetResetXformStack()
    form.MakeMatrixXform().Set(usd.Gf.Matrix4d(matrix.T.tolist()))
    form.SetResetXformStack(reset)
