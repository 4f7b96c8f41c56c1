"""Floors: the procedural ones, or a user's folder of PBR textures."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from datagen.assets.floor_recipes import RECIPES, FloorTextures
from datagen.errors import OddgenError
from datagen.files.below import files_below
from datagen.files.image_check import image_fault

_AMBIENTCG = re.compile(
    r"(?P<id>.+?)_\d+K(-(JPG|PNG|EXR))?_(?P<map>Color|NormalGL|Roughness|Metalness|Displacement)"
    r"\.(jpe?g|png|exr)",
    re.IGNORECASE,
)
_POLY_HAVEN = re.compile(
    r"(?P<id>.+)_(?P<map>diff|diffuse|col|nor_gl|rough|metal|disp)_\d+k\.(jpe?g|png|exr)",
    re.IGNORECASE,
)
_KEYS = {
    "color": "color",
    "diff": "color",
    "diffuse": "color",
    "col": "color",
    "normalgl": "normal",
    "nor_gl": "normal",
    "roughness": "roughness",
    "rough": "roughness",
    "metalness": "metallic",
    "metal": "metallic",
    "displacement": "displacement",
    "disp": "displacement",
}


@dataclass(frozen=True)
class Floor:
    """A material of the floor.

    maps: color, normal (OpenGL), roughness, metallic, displacement as found; none if procedural.
    """

    name: str
    licence: str
    maps: dict[str, Path]
    procedural: bool


def list_floors(folder: Path | None) -> tuple[list[Floor], list[str]]:
    """Floors by name, and a sentence for each thing skipped.

    folder: of PBR textures; None for the procedural floors. Raises OddgenError where the folder is
    missing or holds no usable floor.
    """
    if folder is None:
        return [Floor(name, "CC0-1.0", {}, True) for name in sorted(RECIPES)], []
    if not folder.is_dir():
        raise OddgenError(f"{folder}: no such folder; give --floors a folder of PBR textures.")
    sets: dict[tuple[Path, str], dict[str, Path]] = {}
    below = files_below(folder)
    problems = below.problems
    for path in below.paths:
        if not path.is_file():
            continue
        match = _AMBIENTCG.fullmatch(path.name) or _POLY_HAVEN.fullmatch(path.name)
        if match is None:
            continue
        fault = image_fault(path)
        if fault:
            problems.append(f"{path}: {fault}; download the file again or remove it.")
            continue
        maps = sets.setdefault((path.parent, match["id"]), {})
        maps.setdefault(_KEYS[match["map"].lower()], path)
    floors = [
        Floor(name, "not stated (user's folder)", maps, False)
        for (_, name), maps in sets.items()
        if "color" in maps
    ]
    used = {parent for floor in floors for parent in floor.maps["color"].parents}
    problems += [
        f"{path}: no colour map in this folder; add <ID>_1K-JPG_Color.jpg or <name>_diff_1k.jpg."
        for path in sorted(folder.iterdir())
        if path.is_dir() and path not in used
    ]
    if not floors:
        raise OddgenError(
            f"{folder}: no usable floor here; put in ambientCG (<ID>_1K-JPG_Color.jpg, ...) or "
            "Poly Haven (<name>_diff_1k.jpg, ...) textures."
        )
    return sorted(floors, key=lambda floor: (floor.name, floor.maps["color"])), problems


def make_floor_textures(name: str, rng: np.random.Generator, size: int = 512) -> FloorTextures:
    """Seamless textures of a procedural floor.

    name: of RECIPES; size: pixels a side; rng: varies colour and layout.
    """
    return RECIPES[name](rng, size)
