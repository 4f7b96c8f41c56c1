"""USD far from the origin, where the single precision of Blender's matrices and points shows."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from datagen.blender.session import usd_library
from datagen.files.tidy import FAR, far_shift
from datagen.geometry.shape import Floats


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
