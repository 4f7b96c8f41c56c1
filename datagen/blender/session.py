"""The one module that loads Blender and starts it afresh."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

from datagen.errors import SceneFailed


def import_bpy() -> ModuleType:
    """Blender as a module.

    Importing bpy puts its script folders first on sys.path, where they hide the `bpy` package
    from spawned children; they move to the end.
    """
    before = list(sys.path)
    import bpy

    added = [entry for entry in sys.path if entry not in before]
    sys.path[:] = before + added
    return bpy


def reset() -> ModuleType:
    """An empty Blender file with Cycles as its engine; returns bpy."""
    bpy = import_bpy()
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.context.scene.render.engine = "CYCLES"
    return bpy


def usd_library(bpy: ModuleType) -> Any:
    """The package pxr with those modules that are used, as Blender brings it along; else None."""
    folder = Path(bpy.utils.resource_path("LOCAL")) / "python" / "lib"
    for site in folder.glob("python*/site-packages"):
        if str(site) not in sys.path:
            sys.path.append(str(site))
    try:
        import pxr
        from pxr import Gf, Sdf, Usd, UsdGeom, UsdUtils  # noqa: F401
    except ImportError:
        return None
    return pxr


def save(bpy: ModuleType, path: Path) -> None:
    """Write the open scene as a .blend that holds all of its images. Raises SceneFailed."""
    aside = path.with_name(f"{path.stem}.part.blend")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for image in bpy.data.images:
            if image.is_dirty:
                image.pack()
        bpy.ops.file.pack_all()
        bpy.ops.wm.save_as_mainfile(filepath=str(aside.resolve()), copy=True)
        aside.replace(path)
    except (OSError, RuntimeError) as error:
        raise SceneFailed(
            f"{path}: cannot be written ({error}); free space or choose another folder."
        ) from error
    finally:
        with suppress(OSError):
            aside.unlink()
