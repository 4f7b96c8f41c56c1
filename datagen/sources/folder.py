"""An engineer's own files: every mesh and CAD file below a folder, or one file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from datagen.errors import OddgenError
from datagen.files.below import FilesBelow, files_below
from datagen.files.kind import SUFFIXES
from datagen.geometry.limits import MAX_FACES
from datagen.sources.file_source import FileSource
from datagen.sources.ref import ShapeRef, one_in_five

OTHER_CAD = (
    ".iges", ".igs", ".brep", ".x_t", ".x_b", ".sldprt", ".sldasm", ".ipt", ".iam", ".prt",
    ".catpart", ".catproduct", ".jt", ".3dm", ".dwg", ".dxf", ".f3d", ".3ds", ".dae", ".off",
)  # fmt: skip
GENERIC = re.compile(
    r"(3d|assets?|blend|cad|collisions?|downloads?|exports?|fbx|files|geometr(y|ies)|glb|gltf"
    r"|lod[-_]?\d*|materials?|mesh(es)?|models?|(non)?textured|obj|objects?|parts?|ply|scenes?"
    r"|source|src|step|stl|textures?|untitled|usd|visuals?)"
)  # names that many files and folders have
FEW_PARTS = 10  # with fewer files scenes are split, not shapes


class FolderSource(FileSource):
    """Files of the user's (Source).

    assets: a folder with mesh and CAD files anywhere below, or one file. up: "y" or "z" overrides
    the files' usual up axis. max_faces: as of FileSource. Raises OddgenError where there are none.
    """

    name = "folder"

    def __init__(self, assets: Path, up: str | None, max_faces: int = MAX_FACES) -> None:
        super().__init__(assets if assets.is_dir() else assets.parent, up, max_faces)
        below = FilesBelow([assets]) if assets.is_file() else files_below(assets)
        files = below.paths
        self._files = [path for path in files if path.suffix.lower() in SUFFIXES and path.is_file()]
        others = Counter(suffix for path in files if (suffix := path.suffix.lower()) in OTHER_CAD)
        self._problems = [
            f"{assets}: {count} {suffix} file{'s' * (count > 1)} that oddgen does not read; "
            "export STEP or STL instead."
            for suffix, count in sorted(others.items())
        ] + below.problems
        if not self._files:
            raise OddgenError(
                f"{assets}: no mesh or CAD file here ({', '.join(SUFFIXES)}); "
                + (
                    self._problems[0]
                    if self._problems
                    else "put some in, or give another --assets."
                )
            )

    def refs(self) -> Sequence[ShapeRef]:
        """Every file, by its path within the folder. Fewer than FEW_PARTS belong to no split."""
        refs = []
        for path in self._files:
            name = path.relative_to(self._root).as_posix()
            refs.append(
                ShapeRef(
                    id=name,
                    category=_category(path, self._root),
                    kind="part",
                    seen=None if len(self._files) < FEW_PARTS else not one_in_five(name),
                    licence="not stated (user's file)",
                    provenance=name,
                    path=path,
                )
            )
        return refs


def _category(path: Path, root: Path) -> str:
    """The file's name, or that of the nearest folder above where it says nothing: model.obj.

    Folders that say nothing are passed over, as meshes/ is; the root, which was given, counts too.
    """
    names = (path.stem, *path.relative_to(root).parts[-2::-1], root.absolute().name)
    own = (name for name in names if GENERIC.fullmatch(name.lower()) is None)
    return next(own, path.stem)
