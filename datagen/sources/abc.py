"""The ABC dataset: extracted chunks, or the .7z archives as they come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datagen.errors import BadShape, OddgenError
from datagen.files.below import FilesBelow, files_below
from datagen.files.rights import Rights
from datagen.geometry.limits import MAX_FACES
from datagen.geometry.shape import Shape
from datagen.sources.abc_archive import ENDS, NAME, Archive
from datagen.sources.file_source import FileSource
from datagen.sources.many import ManyRefs
from datagen.sources.ref import ShapeRef, one_in_five

HOME = "https://deep-geometry.github.io/abc-dataset/"
LICENCE = "the model's author, under Onshape's Terms of Use 1.g.ii; see the ABC home page"
MAX_BYTES = 24 * 2**20
LOOSE = -1  # the archive of a file that lies in a folder


class AbcSource(FileSource):
    """ABC's models (Source).

    assets: a folder with chunks or archives anywhere below, or one archive. cache: where archives
    keep their listings, and the models that were asked for. up: the models' up axis; all of ABC is
    z up, its .obj files too. max_faces: as of FileSource. Raises OddgenError where there are none.
    """

    name = "abc"

    def __init__(
        self, assets: Path, cache: Path, up: str | None, max_faces: int = MAX_FACES
    ) -> None:
        super().__init__(assets, up or "z", max_faces)
        self._archives: list[Archive] = []
        self._loose: list[Path] = []
        tables = []
        below = FilesBelow([assets]) if assets.is_file() else files_below(assets)
        self._problems += below.problems
        for path in below.paths:
            if path.suffix != ".7z" and path != assets:
                continue
            try:
                archive = Archive(path, cache)
            except OddgenError as error:
                self._problems.append(str(error))
                continue
            fits = archive.listing["bytes"] <= MAX_BYTES
            self._count_oversize(path, int((~fits).sum()))
            rows = np.flatnonzero(fits)
            tables.append(_table(archive.listing[rows], len(self._archives), rows))
            self._archives.append(archive)
        tables.append(self._loose_files(assets, below.paths if assets.is_dir() else []))
        self._models = _first_of_each(np.concatenate(tables))
        if not len(self._models):
            reason = self._problems[0] if self._problems else f"get a chunk from {HOME}."
            raise OddgenError(f"{assets}: no ABC models (obj, stl2 or step) here; {reason}")

    def _loose_files(self, assets: Path, paths: Sequence[Path]) -> NDArray[Any]:
        rows, oversize = [], set()
        for path in paths:
            match = NAME.fullmatch(path.name)
            if match is None or not path.is_file():
                continue
            model = f"{match['model']}_{match['part']}"
            if path.stat().st_size > MAX_BYTES:
                oversize.add(model)
            else:
                rows.append((model, ENDS.index(match["end"])))
                self._loose.append(path)
        self._count_oversize(assets, len(oversize - {model for model, _ in rows}))
        longest = max((len(model) for model, _ in rows), default=1)
        files = np.array(rows, dtype=[("model", f"S{longest}"), ("end", "u1")])
        return _table(files, LOOSE, np.arange(len(files)))

    def _count_oversize(self, path: Path, count: int) -> None:
        if count:
            self._problems.append(
                f"{path}: {count} model{'s' * (count > 1)} over {MAX_BYTES >> 20} MB skipped; "
                "such files hold millions of triangles; simplify them if they must be in."
            )

    def refs(self) -> Sequence[ShapeRef]:
        """Every model, once, in the order of the ids."""
        return ManyRefs(self._models["model"], self._ref)

    def _ref(self, model: str) -> ShapeRef:
        archive, name = self._find(model)
        return ShapeRef(
            id=model,
            category=model,
            kind="part",
            seen=not one_in_five(model),
            licence=LICENCE,
            provenance=f"{HOME} model {model}",
            path=Path(name) if archive is None else archive.path / name,
        )

    def _find(self, model: str) -> tuple[Archive | None, str]:
        """The archive and the name in it, or None and the path of a file."""
        row = self._models[np.searchsorted(self._models["model"], model.encode())]
        if row["archive"] == LOOSE:
            return None, str(self._loose[row["row"]])
        archive = self._archives[row["archive"]]
        return archive, archive.listing[row["row"]]["name"].decode()

    def rights(self, ref: ShapeRef) -> Rights:
        """As of all models, whose authors Onshape knows; of a file by what lies beside it."""
        known = Rights(ref.licence, None, ref.provenance)
        archive, _ = self._find(ref.id)
        return super().rights(ref).completed(known) if archive is None else known

    def key(self, ref: ShapeRef) -> str:
        """As of every file; of a packed one by the checksum that the archive states."""
        row = self._models[np.searchsorted(self._models["model"], ref.id.encode())]
        if row["archive"] == LOOSE:
            return super().key(ref)
        stated = self._archives[row["archive"]].listing[row["row"]]
        return f"{ref.id}/{self._how}/{stated['crc']:08x}-{stated['bytes']}"

    def load(self, ref: ShapeRef) -> Shape:
        """The model's shape, out of a folder or an archive. Raises BadShape."""
        archive, name = self._find(ref.id)
        if archive is None:
            return super().load(ref)
        with TemporaryDirectory() as folder:
            file = Path(folder) / Path(name).name
            archive.take(name, file)
            try:
                return self.read(file, ref)
            except BadShape as error:
                raise BadShape(str(error).replace(str(file), str(ref.path))) from error
            finally:
                archive.drop(name)

    def expect(self, refs: Iterable[ShapeRef], known: Callable[[ShapeRef], bool]) -> None:
        """Note which models will be loaded: a pass through an archive unpacks all of its own."""
        if not self._archives:
            return
        names: dict[Archive, set[str]] = defaultdict(set)
        for ref in refs:
            archive, name = self._find(ref.id)
            if archive is not None and not known(ref):
                names[archive].add(name)
        for archive, wanted in names.items():
            archive.expect(wanted)


def _table(models: NDArray[Any], archive: int, rows: NDArray[np.int64]) -> NDArray[Any]:
    """Records of model, end, archive (index or LOOSE) and row (in the archive's listing)."""
    width = models.dtype["model"].itemsize
    kinds = [("model", f"S{width}"), ("end", "u1"), ("archive", "<i4"), ("row", "<i8")]
    table = np.empty(len(models), dtype=kinds)
    table["model"], table["end"] = models["model"], models["end"]
    table["archive"], table["row"] = archive, rows
    return table


def _first_of_each(table: NDArray[Any]) -> NDArray[Any]:
    """One record a model, in their order: loose files before packed ones, obj before the others."""
    order = np.lexsort((table["row"], table["archive"], table["end"], table["model"]))
    ordered = table[order]
    first = np.r_[True, ordered["model"][1:] != ordered["model"][:-1]][: len(ordered)]
    return ordered[first]
