"""ATTRIBUTION.md: author, source and licence of all that the scenes of a dataset were made from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from datagen.base.files import write_text
from datagen.base.reading import reading
from datagen.dataset.hdf5 import open_file
from datagen.dataset.reader import read_index, read_spec
from datagen.dataset.schema import SceneSpec
from datagen.errors import OddgenError

FILE = "ATTRIBUTION.md"
NOT_STATED = "not stated"
KINDS = ("shapes", "look-alikes", "floors", "HDRIs")


@dataclass(frozen=True, order=True)
class Terms:
    """What a work may be used under: `unknown: FILE` where nothing tells; empty where not told."""

    licence: str
    author: str = ""
    origin: str = ""


@dataclass(frozen=True)
class Works:
    """Names of what comes under the same terms, of one of KINDS, in order."""

    kind: str
    terms: Terms
    names: tuple[str, ...]


def works_of(specs: Iterable[SceneSpec]) -> list[Works]:
    """What scenes were made from, each thing once, by kind and terms."""
    names: dict[tuple[str, Terms], set[str]] = defaultdict(set)
    for spec in specs:
        for kind, terms, name in _works(spec):
            names[kind, terms].add(name)
    order = sorted(names, key=lambda key: (KINDS.index(key[0]), key[1]))
    return [Works(kind, terms, tuple(sorted(names[kind, terms]))) for kind, terms in order]


def _works(spec: SceneSpec) -> Iterator[tuple[str, Terms, str]]:
    shape, floor, hdri = spec.shape, spec.floor, spec.hdri
    origin = shape.origin or shape.provenance
    yield "shapes", _terms(shape.licence, shape.author, origin), shape.id
    yield "floors", _terms(floor.licence, floor.author, floor.origin or floor.name), floor.name
    yield "HDRIs", _terms(hdri.licence, hdri.author, hdri.origin or hdri.name), hdri.name
    for entry in spec.objects:
        told = {} if entry.anomaly is None else entry.anomaly.parameters
        if "licence" in told and "neighbour" in told:
            terms = _terms(str(told["licence"]), None, str(told.get("provenance", "")))
            yield "look-alikes", terms, str(told["neighbour"])


def _terms(licence: str, author: str | None, origin: str) -> Terms:
    if licence.startswith(NOT_STATED):
        return Terms(f"unknown: {origin}", author or "")
    return Terms(licence, author or "", origin)


def write_attribution(
    out: Path, folder: Path | None = None, only: Collection[str] | None = None
) -> None:
    """ATTRIBUTION.md of dataset `out`, in it or in another folder; of all scenes or some by name.

    Scenes that cannot be read are told in it. Raises OSError where it cannot be written, and
    OddgenError where there is no dataset.
    """
    faults: list[str] = []
    page = _page(works_of(_readable(out, only, faults)))
    write_text(
        (folder or out) / FILE, page + "".join(f"\nNot complete: {told}\n" for told in faults)
    )


def _readable(out: Path, only: Collection[str] | None, faults: list[str]) -> Iterator[SceneSpec]:
    """The specifications of scenes; the faults grow by what cannot be read."""

    for entry in read_index(out).shards:
        path = out / entry.file
        try:
            with reading(path, f"run oddgen verify {out}"), open_file(path) as file:
                specs = [
                    read_spec(file[name]) for name in entry.scenes if only is None or name in only
                ]
        except OddgenError as error:
            faults.append(str(error))
        else:
            yield from specs


def _page(works: Sequence[Works]) -> str:
    """Markdown, a table for each kind."""
    lines = ["# Attribution", "", "What the scenes of this dataset were made from.", ""]
    for kind in KINDS:
        rows = [entry for entry in works if entry.kind == kind]
        if not rows:
            continue
        lines += [f"## {kind[0].upper()}{kind[1:]}", ""]
        lines += ["| licence | author | source | which |", "|---|---|---|---|"]
        for entry in rows:
            terms = entry.terms
            cells = (terms.licence, terms.author, terms.origin, ", ".join(entry.names))
            lines.append(f"| {' | '.join(map(_cell, cells))} |")
        lines.append("")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("\\", "\\\\").replace("|", "\\|")
