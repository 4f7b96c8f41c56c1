"""How many shapes get an anomaly of each type, and what it costs: `oddbench anomalies FOLDER...`.

A pair is a shape and a type. Seconds are CPU-seconds of all threads, so at most those on one core.
"""

from __future__ import annotations

import time
import traceback
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from anomalies.fracturing.breakage import modes_of
from anomalies.make import Anomaly, Rejected, make_anomaly
from anomalies.subject import Subject
from datagen.base.parallel import fan_out
from datagen.base.process import silenced
from datagen.errors import BadShape
from datagen.geometry.cache import ShapeCache
from datagen.sources.open import load_shape, open_source
from datagen.sources.ref import ShapeRef


@dataclass(frozen=True)
class TriedPair:
    """reasons: of the rejected draws; crash: the traceback's last line."""

    folder: str
    shape: str
    kind: str
    applicable: bool
    made: bool
    seconds: float
    reasons: Counter[str] = field(default_factory=Counter)
    crash: str = ""


@dataclass(frozen=True)
class Tried:
    """One shape. modes_seconds: of its solid and fracture modes; bad: why it cannot be loaded."""

    folder: str
    pairs: tuple[TriedPair, ...] = ()
    modes_seconds: float = 0.0
    bad: str = ""


def try_shape(
    folder: Path,
    number: int,
    severity: tuple[float, float],
    kinds: Sequence[str],
    cache_folder: Path,
) -> Tried:
    """Every type on shape `number` of the folder, the modes worked out anew."""
    cache = ShapeCache(cache_folder)
    source, refs = refs_of(folder, cache)
    try:
        with silenced():
            shape = load_shape(source, refs[number], cache)
    except BadShape as error:
        return Tried(folder.name, bad=str(error))
    subject = Subject(shape)
    start = time.process_time()
    modes_of(subject)  # noqa: B018
    modes_seconds = time.process_time() - start
    pairs = [try_pair(folder.name, refs[number].id, kind, subject, severity) for kind in kinds]
    return Tried(folder.name, tuple(pairs), modes_seconds)


def try_pair(
    folder: str, name: str, kind: str, subject: Subject, severity: tuple[float, float]
) -> TriedPair:
    """One anomaly type tried on one shape: made or not, why not, and what it cost."""
    rng = np.random.default_rng([zlib.crc32(name.encode()), zlib.crc32(kind.encode())])
    start = time.process_time()
    try:
        result: Anomaly | Rejected = make_anomaly(kind, subject, rng, severity)
    except Exception:
        crash = traceback.format_exc().strip()
        return TriedPair(folder, name, kind, True, False, time.process_time() - start, crash=crash)
    seconds = time.process_time() - start
    if isinstance(result, Anomaly):
        return TriedPair(folder, name, kind, True, True, seconds, result.rejections)
    return TriedPair(folder, name, kind, result.applicable, False, seconds, result.reasons)


def refs_of(folder: Path, cache: ShapeCache) -> tuple:
    """The source that suits the folder, and its shapes in a fixed order."""
    name = "toys4k" if (folder / "toys4k_obj_files").is_dir() else "folder"
    source = open_source(name, folder, cache)
    refs: list[ShapeRef] = sorted(source.refs(), key=lambda ref: ref.id)
    return source, refs


def measure(
    folders: Sequence[Path],
    shapes: int,
    severity: tuple[float, float],
    kinds: Sequence[str],
    workers: int,
    cache_folder: Path,
) -> None:
    """Try `shapes` of every folder, spread evenly over it, and print the tables."""
    console = Console(markup=False)
    jobs = []
    for folder in folders:
        _, refs = refs_of(folder, ShapeCache(cache_folder))
        numbers = np.unique(np.linspace(0, len(refs) - 1, min(shapes, len(refs))).astype(int))
        jobs += [(folder, int(number)) for number in numbers]
    run = partial(try_shape, severity=severity, kinds=kinds, cache_folder=cache_folder)
    progress = Console(stderr=True, markup=False)
    with closing(fan_out(run, jobs, workers)) as results:
        tried = list(track(results, "shapes", len(jobs), console=progress))
    report(tried, kinds, console)


def report(tried: Sequence[Tried], kinds: Sequence[str], console: Console) -> None:
    """Tables by type and by folder, why draws failed, and every crash."""
    pairs = [pair for item in tried for pair in item.pairs]
    by_kind = Table("type", "pairs", "applicable", "made of applicable", "median CPU-s", "90 %")
    for kind in kinds:
        by_kind.add_row(kind, *_row([pair for pair in pairs if pair.kind == kind]))
    by_kind.add_row("all", *_row(pairs), style="bold")
    console.print(by_kind)
    by_folder = Table("folder", "pairs", "applicable", "made of applicable", "median CPU-s", "90 %",
                      "shapes", "modes, median CPU-s", "90 %")  # fmt: skip
    for folder in dict.fromkeys(item.folder for item in tried):
        mine = [item for item in tried if item.folder == folder and not item.bad]
        spent = [item.modes_seconds for item in mine]
        by_folder.add_row(
            folder,
            *_row([pair for item in mine for pair in item.pairs]),
            str(len(mine)),
            *_quantiles(spent),
        )
    good = [item.modes_seconds for item in tried if not item.bad]
    by_folder.add_row("all", *_row(pairs), str(len(good)), *_quantiles(good), style="bold")
    console.print(by_folder)
    for kind in kinds:
        reasons: Counter[str] = Counter()
        for pair in pairs:
            if pair.kind == kind and pair.applicable:
                reasons.update(pair.reasons)
        failed = [pair for pair in pairs if pair.kind == kind and pair.applicable and not pair.made]
        text = ", ".join(f"{reason} {times}x" for reason, times in reasons.most_common(5))
        console.print(f"{kind}: rejected draws: {text or 'none'}", highlight=False)
        for pair in failed[:5]:
            console.print(f"    none of {pair.folder}/{pair.shape}", highlight=False)
    for pair in pairs:
        if pair.crash:
            console.print(f"crash: {pair.kind} of {pair.shape}\n{pair.crash}", markup=False)
    for item in tried:
        if item.bad:
            console.print(f"not loaded: {item.bad}", markup=False)


def _row(pairs: Sequence[TriedPair]) -> tuple[str, ...]:
    applicable = [pair for pair in pairs if pair.applicable]
    made = [pair for pair in applicable if pair.made]
    return (
        str(len(pairs)),
        f"{len(applicable) / max(len(pairs), 1):.1%}",
        f"{len(made) / max(len(applicable), 1):.1%}",
        *_quantiles(pair.seconds for pair in made),
    )


def _quantiles(seconds: Iterable[float]) -> tuple[str, str]:
    values = list(seconds)
    if not values:
        return "-", "-"
    return f"{np.median(values):.2f}", f"{np.quantile(values, 0.9):.2f}"
