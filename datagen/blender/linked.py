"""What a .blend or USD file takes from other files, and which of those are not there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from datagen.blender.session import usd_library
from datagen.files.companions import IMAGES, missing


@dataclass(frozen=True)
class Linked:
    """files: paths, there or not. warnings: a sentence for each that is not."""

    files: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def linked_libraries(bpy: ModuleType) -> Linked:
    """Of the .blend that is open."""
    files, warnings = [], []
    for library in bpy.data.libraries:
        path = Path(bpy.path.abspath(library.filepath, library=library.parent)).resolve()
        files.append(str(path))
        if library.is_missing:
            warnings.append(_gone(path.name))
        else:
            lost = sorted(item.name for item in bpy.data.objects if _is_lost(item, library))
            lost += sorted(item.name for item in bpy.data.collections if _is_lost(item, library))
            if lost:
                warnings.append(
                    f"{path.name} no longer holds {', '.join(lost)}, which it takes from there; "
                    "that is left out."
                )
    return Linked(tuple(files), tuple(warnings))


def linked_layers(bpy: ModuleType, path: Path) -> Linked | None:
    """Of a USD file: references, payloads, sublayers and images, whatever they refer to as well.

    None where this Blender comes without USD's own library, or the file cannot be opened.
    """
    usd = usd_library(bpy)
    if usd is None:
        return None
    try:
        layers, _, unresolved = usd.UsdUtils.ComputeAllDependencies(str(path))
    except Exception:  # Tf.ErrorException, a RuntimeError; the importer tells what is wrong
        return None
    own = path.resolve()
    used = [Path(layer.realPath) for layer in layers if layer.realPath]
    lost = sorted({Path(str(name)) for name in unresolved})
    warnings = [
        missing(file.name) if file.suffix.lower() in IMAGES else _gone(file.name) for file in lost
    ]
    files = [file.resolve() for file in (*used, *lost) if "[" not in str(file)]
    return Linked(tuple(str(file) for file in files if file != own), tuple(warnings))


def _is_lost(item: Any, library: Any) -> bool:
    return bool(item.is_missing) and item.library == library


def _gone(name: str) -> str:
    return f"{name} is missing, and what it holds is left out; put it where the file looks for it."
