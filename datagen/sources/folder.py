"""An engineer's own files: every mesh and CAD file below a folder, or one file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from datagen.errors import OddgenError
from datagen.files.kind import SUFFIXES
from datagen.geometry.limits import MAX_FACES
from datagen.sources.file_source import FileSource
from datagen.sources.ref import ShapeRef, one_in_five

OTHER_CAD = (
    ".iges", ".igs", ".brep", ".x_t", ".x_b", ".sldprt", ".sldasm", ".ipt", ".iam", ".prt",
    ".catpart", ".catproduct", ".jt", ".3dm", ".dwg", ".dxf", ".f3d", ".3ds", ".dae", ".off",
)  # fmt: skip
GENERIC = ("mesh", "model", "object", "part", "scene")
FEW_PARTS = 10  # with fewer files scenes are split, not shapes


class FolderSource(FileSource):
    """Files of the user's (Source).

    assets: a folder with mesh and CAD files anywhere below, or one file. up: "y" or "z" overrides
    the files' usual up axis. max_faces: as of FileSource. Raises OddgenError where there are none.
    """

    name = "folder"

    def __init__(self, assets: Path, up: str | None, max_faces: int = MAX_FACES) -> None:
        super().__init__(up, max_faces)
        self._assets = assets
        files = [assets] if assets.is_file() else _visible_files(assets)
        self._files = [path for path in files if path.suffix.lower() in SUFFIXES]
        others = Counter(suffix for path in files if (suffix := path.suffix.lower()) in OTHER_CAD)
        self._problems = [
            f"{assets}: {count} {suffix} file{'s' * (count > 1)} that oddgen does not read; "
            "export STEP or STL instead."
            for suffix, count in sorted(others.items())
        ]
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
        root = self._assets if self._assets.is_dir() else self._assets.parent
        refs = []
        for path in self._files:
            name = path.relative_to(root).as_posix()
            generic = path.stem.lower() in GENERIC and path.parent != root
            category = path.parent.name if generic else path.stem
            refs.append(
                ShapeRef(
                    id=name,
                    category=category,
                    kind="part",
                    seen=None if len(self._files) < FEW_PARTS else not one_in_five(name),
                    licence="not stated (user's file)",
                    provenance=name,
                    path=path,
                )
            )
        return refs


def _visible_files(folder: Path) -> list[Path]:
    """All files below, but for hidden ones such as macOS's ._name twins."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file()
        and not any(name.startswith(".") for name in path.relative_to(folder).parts)
    )
