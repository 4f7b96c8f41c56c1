"""The one place that loads Blender and starts it afresh."""

from __future__ import annotations

import sys
from types import ModuleType


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
