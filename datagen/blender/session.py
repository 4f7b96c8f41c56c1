"""The one module that loads Blender and starts it afresh."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from types import ModuleType

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
