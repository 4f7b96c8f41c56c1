"""`oddgen anomalies`: the odd versions of one shape as files and pictures."""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rich.console import Console
from rich.progress import track

from anomalies.make import Anomaly, Rejected, StoredAnomaly, make_anomaly
from anomalies.subject import Subject
from datagen.base.files import in_words, write_bytes
from datagen.base.typed import parsed, plain
from datagen.errors import OddgenError
from datagen.geometry.cache import ShapeCache
from datagen.geometry.glb import to_glb
from datagen.geometry.limits import MAX_FACES
from datagen.geometry.thumbnail import contact_sheet
from datagen.look_alikes.sources import LibraryOrBuiltin
from datagen.pictures.before_after import before_after
from datagen.sources.named import load_one

TILE = 224
COLUMNS = 2  # of the contact sheet; a tile is three pictures wide


@dataclass(frozen=True)
class AnomalyNames:
    """Names of the files of an odd version."""

    file: str
    picture: str


@dataclass(frozen=True)
class MadeAnomaly(StoredAnomaly, AnomalyNames):
    """An odd version: its files, and what is stored with it."""


@dataclass(frozen=True)
class AnomaliesFile:
    """anomalies.json. shape: the name that the files begin with."""

    shape: str
    seed: int
    anomalies: tuple[MadeAnomaly, ...]


@dataclass(frozen=True)
class Made:
    """What make_files has written.

    written: paths, the contact sheet last; missing: a sentence for every type that gave too few;
    inapplicable: one for every type that is not possible on the shape; flaws: one for each of the
    file's.
    """

    written: tuple[Path, ...]
    missing: tuple[str, ...]
    inapplicable: tuple[str, ...]
    flaws: tuple[str, ...] = ()


def make_files(
    name: str,
    kinds: Sequence[str],
    count: int,
    severity: tuple[float, float],
    seed: int,
    out: Path,
    cache: ShapeCache,
    up: str | None = None,
    render: bool = False,
    similar: Path | None = None,
    max_faces: int = MAX_FACES,
) -> Made:
    """Write <shape>.glb, <shape>-<type>-<nnn>.glb and .png for each, sheet.png, anomalies.json.

    name: a file or a built-in shape; kinds: types; count: of each; severity: lowest and highest, 0
    to 1; up: "y" or "z" where the file's up axis is unusual; render: pictures by Cycles; similar: a
    library of look-alikes; max_faces: a file of more triangles is simplified to so many. Anomaly
    number n of a type depends on the shape, the type, the severity, the seed and n alone. Raises
    OddgenError where the shape cannot be had or `out` cannot be written.
    """
    shape = load_one(name, up, cache, max_faces)
    look_alikes = None
    if similar is not None:
        from datagen.look_alikes.alike import open_own

        look_alikes = open_own(similar, cache)
    subject = Subject(shape, cache, LibraryOrBuiltin(look_alikes))
    stem = Path(name).stem if Path(name).is_file() else str(shape.info["id"])
    facts: list[MadeAnomaly] = []
    written: list[Path] = []
    tiles: list[NDArray[np.uint8]] = []
    captions: list[str] = []
    failed: dict[str, Counter[str]] = {}
    unsuited: dict[str, str] = {}
    try:
        out.mkdir(parents=True, exist_ok=True)
        written.append(_written(out / f"{stem}.glb", to_glb(shape)))
        for kind, number, result in _all(subject, kinds, count, severity, seed):
            if isinstance(result, Rejected):
                if result.applicable:
                    failed.setdefault(kind, Counter()).update(result.reasons)
                else:
                    unsuited[kind] = next(iter(result.reasons))
                continue
            file = f"{stem}-{kind}-{number:03d}"
            written.append(_written(out / f"{file}.glb", to_glb(result.shape)))
            tiles.append(before_after(shape, result.shape, result.affected_faces, TILE, render))
            written.append(out / f"{file}.png")
            Image.fromarray(tiles[-1]).save(written[-1])
            captions.append(_caption(result, number))
            told = parsed(StoredAnomaly, result.shape.info["anomaly"])
            facts.append(MadeAnomaly(f"{file}.glb", f"{file}.png", **vars(told)))
        text = json.dumps(plain(AnomaliesFile(stem, seed, tuple(facts))), indent=1)
        written.append(_written(out / "anomalies.json", text.encode()))
        if tiles:
            written.append(out / "sheet.png")
            contact_sheet(tiles, captions, COLUMNS).save(written[-1])
    except OSError as error:
        raise OddgenError(f"{out}: {in_words(error)}; give another folder with --out.") from error
    return Made(
        tuple(written),
        tuple(_sentence(name, kind, count, reasons) for kind, reasons in failed.items()),
        tuple(f"{kind}: not possible on {name} ({reason})." for kind, reason in unsuited.items()),
        tuple(f"{name}: {flaw}" for flaw in shape.info.get("warnings", ())),
    )


def _all(
    subject: Subject, kinds: Sequence[str], count: int, severity: tuple[float, float], seed: int
) -> Iterator[tuple[str, int, Anomaly | Rejected]]:
    console = Console(stderr=True, markup=False)
    jobs = [(kind, number) for kind in kinds for number in range(count)]
    for kind, number in track(jobs, "anomalies", console=console, disable=not console.is_terminal):
        rng = np.random.default_rng([seed, zlib.crc32(kind.encode()), number])
        yield kind, number, make_anomaly(kind, subject, rng, severity)


def _caption(anomaly: Anomaly, number: int) -> str:
    measured = anomaly.strength
    return (
        f"{anomaly.kind} {number}: severity {anomaly.severity:.2f}, moved up to "
        f"{measured.displacement:.1%} of the size, {measured.surface_share:.0%} of the surface"
    )


def _sentence(name: str, kind: str, count: int, reasons: Counter[str]) -> str:
    text = ", ".join(f"{reason} {times}x" for reason, times in reasons.most_common())
    return f"{kind}: not all {count} could be made of {name} ({text}); try another --severity."


def _written(path: Path, content: bytes) -> Path:
    write_bytes(path, content)
    return path
