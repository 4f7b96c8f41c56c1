"""HDRIs: the eight that Blender brings, or a user's folder."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path

from datagen.errors import OddgenError
from datagen.files.below import files_below
from datagen.files.image_check import image_fault

BLENDER_HDRIS = ("city", "courtyard", "forest", "interior", "night", "studio", "sunrise", "sunset")
_SUFFIXES = (".hdr", ".exr")


@dataclass(frozen=True)
class Hdri:
    """A panorama that lights the scene; path: None where Blender's own file is not there."""

    name: str
    path: Path | None
    licence: str


def studiolights() -> Path | None:
    """The folder of Blender's own HDRIs in the bpy package, found without importing it, or None."""
    spec = importlib.util.find_spec("bpy")
    for package in (spec.submodule_search_locations or ()) if spec else ():
        for folder in sorted(Path(package).glob("**/datafiles/studiolights/world")):
            return folder
    return None


def list_hdris(folder: Path | None) -> tuple[list[Hdri], list[str]]:
    """HDRIs by name, and a sentence for each file skipped.

    folder: of .hdr and .exr files; None for Blender's eight. Raises OddgenError where the folder is
    missing or holds no usable HDRI.
    """
    if folder is None:
        world = studiolights()
        paths = {name: world / f"{name}.exr" if world else None for name in BLENDER_HDRIS}
        return [
            Hdri(name, path if path and path.is_file() else None, "CC0-1.0")
            for name, path in paths.items()
        ], []
    if not folder.is_dir():
        raise OddgenError(f"{folder}: no such folder; give --hdri a folder of .hdr or .exr files.")
    below = files_below(folder)
    hdris, problems = [], below.problems
    for path in below.paths:
        if path.suffix.lower() not in _SUFFIXES or not path.is_file():
            continue
        fault = image_fault(path)
        if fault:
            problems.append(f"{path}: {fault}; download the file again or remove it.")
        else:
            hdris.append(Hdri(path.stem, path, "not stated (user's folder)"))
    if not hdris:
        raise OddgenError(f"{folder}: no usable HDRI here; put in .hdr or .exr panoramas.")
    return sorted(hdris, key=lambda hdri: (hdri.name, str(hdri.path))), problems
