"""A scene again, from the specification that is stored with it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from datagen.base.files import in_words
from datagen.base.process import silenced
from datagen.dataset.names import scene_name
from datagen.dataset.reader import ARRAYS, read_scene, read_scene_file
from datagen.dataset.schema import SceneSpec
from datagen.dataset.settings import Settings
from datagen.errors import OddgenError
from datagen.scenes.catalog import open_catalog
from datagen.scenes.journal import Journal
from datagen.scenes.write import write_scene

if TYPE_CHECKING:
    from datagen.scenes.scene import SceneData

FOLDERS = ("assets", "hdri", "floors", "similar")
RIGHTS = tuple(
    f"{thing}.{told}"
    for thing in ("shape", "floor", "hdri")
    for told in ("licence", "author", "origin")
)


def remake_scene(
    spec: SceneSpec,
    cache_folder: Path,
    moved: dict[str, str] | None = None,
    threads: int = 0,
    device: str = "auto",
    blend_folder: Path | None = None,
) -> SceneData:
    """The scene of a specification again: the same arrays, given the same versions and files.

    spec: as stored with a scene. moved: where `assets`, `hdri`, `floors` and `similar` are now.
    threads: for rendering, 0 for all; device: auto or cpu; blend_folder: where to keep it as a
    .blend. Raises OddgenError where something else than the specified scene would come out.
    """
    from datagen.scenes.scene import make_scene

    if not isinstance(spec.settings, Settings):
        raise OddgenError(
            f"scene {spec.scene}: not generated; {spec.settings.command} makes it again."
        )
    folders: dict[str, Any] = dict(moved or {})
    settings = replace(spec.settings, **folders)
    catalog = open_catalog(settings, cache_folder)
    scene = make_scene(settings, catalog, spec.scene, Journal(), threads, device, blend_folder)
    changed = _differences(spec.to_json(), scene.spec.to_json())
    if changed:
        raise OddgenError(
            f"{scene.name}: cannot be made again, as {changed} came out differently; "
            "use the files and the versions that the dataset was made with."
        )
    return scene


def remake_to(
    out: Path,
    index: int,
    folder: Path,
    cache_folder: Path,
    moved: dict[str, str] | None = None,
    device: str = "auto",
    save_blend: bool = False,
) -> tuple[Path, list[str]]:
    """Scene number index of dataset out, as a file of its own in folder.

    The other arguments are as of remake_scene. Returns the file and the names of the arrays that
    differ from the dataset's. Raises OddgenError as remake_scene does, and where the folder cannot
    be written.
    """
    name = scene_name(index)
    old = read_scene(out, name)
    if old.spec.published is not None:
        raise OddgenError(f"{out}: imported, not generated; oddgen import makes it again.")
    path = folder / f"{name}.h5"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with silenced():
            scene = remake_scene(
                old.spec,
                cache_folder,
                moved,
                device=device,
                blend_folder=folder if save_blend else None,
            )
        write_scene(scene, path)
    except OSError as error:
        raise OddgenError(f"{folder}: {in_words(error)}; give another folder with --to.") from error
    new = read_scene_file(path, name)
    return path, [key for key in ARRAYS if not np.array_equal(getattr(old, key), getattr(new, key))]


def _differences(old: Any, new: Any, name: str = "") -> str:
    """Names of the entries of two specifications that differ, folders and rights apart."""
    if name.removeprefix("settings.") in FOLDERS or name in RIGHTS or old == new:
        return ""
    if isinstance(old, dict) and isinstance(new, dict):
        keys = sorted(old.keys() | new.keys())
        parts = [
            _differences(old.get(key), new.get(key), f"{name}.{key}" if name else key)
            for key in keys
        ]
        return ", ".join(part for part in parts if part)
    return name
