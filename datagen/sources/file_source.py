"""What all sources of files share: their key, and how a file becomes a shape."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from datagen.base.reading import reading
from datagen.errors import BadShape
from datagen.files.rights import Rights, rights_of
from datagen.geometry.limits import MAX_FACES
from datagen.geometry.shape import Shape
from datagen.sources.importing import import_apart
from datagen.sources.paint import is_unpainted, paint
from datagen.sources.ref import ShapeRef

VERSION = 2  # of what reading makes of a file


class FileSource:
    """What sources of files share (Source).

    root: the folder of them all, above which no licence is looked for. up: "y" or "z" overrides
    the files' usual up axis. max_faces: shapes of more triangles are simplified to so many.
    """

    def __init__(self, root: Path, up: str | None, max_faces: int = MAX_FACES) -> None:
        self._root, self._up, self._max_faces = root, up, max_faces
        self._problems: list[str] = []

    def problems(self) -> Sequence[str]:
        """A sentence for each thing that was skipped."""
        return self._problems

    def rights(self, ref: ShapeRef) -> Rights:
        """As the file and the texts beside and above it tell."""
        assert ref.path is not None
        return rights_of(ref.path, self._root)

    def key(self, ref: ShapeRef) -> str:
        """Names what the file and its companions hold, and how they are read.

        Raises BadShape where the file cannot be read.
        """
        from datagen.files.companions import content_key

        assert ref.path is not None
        with reading(ref.path, "check the path and the file's rights", BadShape):
            return f"{ref.id}/{self._how}/{content_key(ref.path)}"

    @property
    def _how(self) -> str:
        """Names how files are read."""
        return f"{self._up or 'own'}-up/{VERSION}/{self._max_faces}"

    def load(self, ref: ShapeRef) -> Shape:
        """The file's shape, painted where it brings no material. Raises BadShape."""
        assert ref.path is not None
        return self.read(ref.path, ref)

    def expect(self, refs: Iterable[ShapeRef], known: Callable[[ShapeRef], bool]) -> None:
        """Files are there: nothing to prepare."""

    def read(self, path: Path, ref: ShapeRef) -> Shape:
        """As load, from another path than the ref's."""
        shape = import_apart(path, self._up, self._max_faces)
        return paint(shape, ref.id, ref.kind) if is_unpainted(shape) else shape
