"""Whose an HDRI or a floor is: as the texts beside it tell, or the manifest by its name."""

from __future__ import annotations

import fnmatch
import functools
import re
from pathlib import Path

from datagen.assets.floors import Floor
from datagen.assets.hdris import Hdri
from datagen.assets.manifest import BLENDERS_OWN, Asset, load_manifest
from datagen.files.rights import Rights, rights_of

_RESOLUTION = re.compile(r"_\d+k$")


def hdri_rights(hdri: Hdri, folder: Path | None) -> Rights:
    """folder: the user's folder of HDRIs, None for Blender's own."""
    if folder is None or hdri.path is None:
        own = _manifest()[BLENDERS_OWN]
        return Rights(hdri.licence, own.author, own.home)
    return _rights("hdri", hdri.path, _RESOLUTION.sub("", hdri.name), folder)


def floor_rights(floor: Floor, folder: Path | None) -> Rights:
    """folder: the user's folder of floors, None for the procedural ones."""
    if folder is None or floor.procedural:
        return Rights(floor.licence, _manifest()["procedural_floors"].author, "built-in")
    return _rights("floor", floor.maps["color"], floor.name, folder)


def _rights(kind: str, path: Path, name: str, folder: Path) -> Rights:
    """A text beside it counts more than its name; with neither, the file stands for its origin."""
    told = rights_of(path, folder)
    if told.licence is None:
        for asset in _manifest().values():
            if asset.kind == kind and any(fnmatch.fnmatchcase(path.name, s) for s in asset.signs):
                known = Rights(asset.licence, asset.author, asset.page.format(name=name))
                told = told.completed(known)
                break
    return told.completed(Rights(origin=path.relative_to(folder).as_posix()))


@functools.cache
def _manifest() -> dict[str, Asset]:
    return {asset.name: asset for asset in load_manifest()}
