"""`oddgen merge`: the parts of one dataset, made by several runs, as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from datagen.base.files import in_words, is_disk_full
from datagen.base.interrupts import Interrupts, Stopped
from datagen.base.progress import Progress
from datagen.dataset.names import number_of
from datagen.dataset.reader import read_index
from datagen.dataset.schema import DatasetIndex
from datagen.errors import OddgenError
from datagen.run.collect import open_output
from datagen.scenes.write import write_shard

SAME = (
    ("config", "settings"),
    ("versions", "versions of programs"),
    ("catalog", "shapes, floors or HDRIs"),
    ("scenes", "numbers of scenes asked for"),
)


@dataclass(frozen=True)
class Merged:
    """Scenes written now, kept from an earlier merge, and that no part could make."""

    written: int
    kept: int
    failed: dict[int, str]


def merge(parts: Sequence[Path], out: Path, console: Console | None = None) -> Merged:
    """All scenes of the parts, in shards as one run would have packed them; it goes on.

    Raises OddgenError where the parts are not of one dataset, hold a scene twice, or lack one that
    none of them has failed to make.
    """
    console = console or Console(stderr=True, markup=False)
    if len({part.resolve() for part in parts}) < len(parts):
        raise OddgenError("oddgen merge: a part is named twice; give each part once.")
    indices = {part: read_index(part) for part in parts}
    first = indices[parts[0]]
    _check_same(indices)
    held = _held(indices)
    failed = {number_of(f.scene): f.reason for one in indices.values() for f in one.failures}
    _check_whole(first, held, failed, parts)
    interrupts, written = Interrupts(), 0
    choices = first.choices or ()
    try:
        opened = open_output(out, first.config, first.scenes, first.catalog, choices)
        with interrupts.installed(), opened as collector:
            missing = collector.missing(first.scenes)
            kept = first.scenes - len(missing)
            with Progress(console, first.scenes, kept) as progress:
                for number in missing:
                    with interrupts.held():
                        if number in held:
                            file = collector.loose(number)
                            write_shard(file, [(held[number], file.stem)])
                            written += 1
                        collector.add(number, None if number in held else failed[number])
                    progress.advance()
            with interrupts.held():
                collector.finish()
    except Stopped as error:
        raise OddgenError(
            f"{out}: stopped with {written} scenes written; run the same command to go on."
        ) from error
    except OSError as error:
        remedy = "free space" if is_disk_full(error) else "check the folders"
        raise OddgenError(f"{out}: {in_words(error)}; {remedy} and run again.") from error
    return Merged(written, kept, {n: why for n, why in failed.items() if n not in held})


def _check_same(indices: dict[Path, DatasetIndex]) -> None:
    (first, one), *others = indices.items()
    for part, index in others:
        for key, told in SAME:
            if getattr(index, key) != getattr(one, key):
                raise OddgenError(
                    f"{part}: has other {told} than {first}; merge what the same command made, "
                    "with another --rank each."
                )


def _held(indices: dict[Path, DatasetIndex]) -> dict[int, Path]:
    """The shard that holds each scene, by its number."""
    held: dict[int, Path] = {}
    for part, index in indices.items():
        for shard in index.shards:
            for name in shard.scenes:
                number = number_of(name)
                if number in held:
                    raise OddgenError(
                        f"{part}: holds {name}, which {held[number].parent.parent} holds too; "
                        "give each part once."
                    )
                held[number] = part / shard.file
    return held


def _check_whole(
    first: DatasetIndex, held: dict[int, Path], failed: dict[int, str], parts: Sequence[Path]
) -> None:
    lacking = [n for n in range(first.scenes) if n not in held and n not in failed]
    if lacking:
        told = ", ".join(map(str, lacking[:5])) + (", ..." if len(lacking) > 5 else "")
        raise OddgenError(
            f"{len(lacking)} of {first.scenes} scenes are in none of the {len(parts)} parts "
            f"({told}); give all parts, and let each end its run."
        )
