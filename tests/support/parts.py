"""A part of one's own, small enough to make scenes of in a moment."""

from __future__ import annotations

from pathlib import Path

import trimesh


def bracket(folder: Path) -> Path:
    """bracket.stl: a plate with a post, watertight."""
    path = folder / "bracket.stl"
    plate, post = trimesh.creation.box((4, 2, 0.5)), trimesh.creation.cylinder(0.5, 2)
    post.apply_translation((1, 0, 1))
    trimesh.boolean.union([plate, post]).export(path)
    return path
