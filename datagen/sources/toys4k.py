"""Toys4K in both of its layouts: toys4k_blend_files and toys4k_obj_files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from datagen.errors import OddgenError
from datagen.files.rights import Rights, rights_of
from datagen.geometry.limits import MAX_FACES
from datagen.sources.builtin import UNSEEN_TOYS
from datagen.sources.file_source import FileSource
from datagen.sources.ref import ShapeRef

LAYOUTS = ("toys4k_blend_files", "toys4k_obj_files")
HOME = "https://github.com/rehg-lab/lowshot-shapebias"
LICENCE = "CC-BY / CC0, per object; see the Toys4K home page"


class Toys4kSource(FileSource):
    """The toys of Toys4K (Source).

    assets: the folder that holds either layout, a layout's folder, or one of categories. up: "y" or
    "z" overrides the files' usual up axis. max_faces: as of FileSource. Raises OddgenError where
    there are none.
    """

    name = "toys4k"

    def __init__(self, assets: Path, up: str | None, max_faces: int = MAX_FACES) -> None:
        super().__init__(assets, up, max_faces)
        self._files: dict[str, Path] = {}
        here = [assets / name for name in LAYOUTS if (assets / name).is_dir()]
        self._layouts = here or [assets]
        for root in self._layouts:
            for path in sorted((*root.glob("*/*/*.blend"), *root.glob("*/*/*.obj"))):
                category, toy = path.parts[-3], path.parts[-2]
                if path.stem in (toy, "mesh"):
                    self._files.setdefault(f"{category}/{toy}", path)
        if not self._files:
            raise OddgenError(
                f"{assets}: no Toys4K files here; the folder must hold toys4k_obj_files/ or "
                f"toys4k_blend_files/ with <category>/<category>_NNN/ inside ({HOME})."
            )

    def refs(self) -> Sequence[ShapeRef]:
        """Every toy, in the order of the ids."""
        return [
            ShapeRef(
                id=toy,
                category=toy.split("/")[0],
                kind="toy",
                seen=toy.split("/")[0] not in UNSEEN_TOYS,
                licence=LICENCE,
                provenance=HOME,
                path=path,
            )
            for toy, path in sorted(self._files.items())
        ]

    def rights(self, ref: ShapeRef) -> Rights:
        """As the toy's attribution says, in whichever layout it lies; else as of all toys."""
        assert ref.path is not None
        found = Rights()
        for root in self._layouts:
            folder = root / ref.id
            found = found.completed(rights_of(folder / ref.path.name, folder))
        found = found.completed(rights_of(ref.path, self._root))
        return found.completed(Rights(LICENCE, None, HOME))
