"""What a dataset holds, in one screen."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from datagen.base.reading import reading
from datagen.dataset.attribution import FILE, KINDS, Works, works_of
from datagen.dataset.hdf5 import open_file
from datagen.dataset.reader import read_index, read_spec
from datagen.dataset.schema import DatasetIndex, Failure, SceneSpec
from datagen.dataset.settings import SealSettings, Settings

MOST_LINES, MOST_NAMES = 12, 6  # of a kind; of a line
SPLITS = {True: "seen", False: "unseen", None: "not known"}


@dataclass(frozen=True)
class Content:
    """What a dataset holds. counts: by what is counted and by name, such as anomalies, bend.

    sealed: whether its labels are kept elsewhere, so that no anomaly is counted.

    size: bytes of its shards. preset: of the paper, if it was made by one. works: whose it is.
    """

    dataset: str
    sealed: bool
    scenes: int
    objects: int
    anomalous: int
    shards: int
    size: int
    preset: str | None
    versions: dict[str, str]
    failed: tuple[Failure, ...]
    counts: dict[str, dict[str, int]]
    works: tuple[Works, ...]


def content_of(out: Path) -> Content:
    """Raises OddgenError where there is no dataset in `out`, or a shard cannot be read."""
    index = read_index(out)
    tally: dict[str, Counter[str]] = defaultdict(Counter)
    works = works_of(_counted(out, index, tally))
    benchmark = index.config.benchmark if isinstance(index.config, Settings) else None
    return Content(
        dataset=str(out),
        sealed=isinstance(index.config, SealSettings),
        scenes=tally["scenes"].total(),
        objects=tally["objects"].total(),
        anomalous=tally["anomalies"].total(),
        shards=len(index.shards),
        size=sum(entry.bytes for entry in index.shards),
        preset=None if benchmark is None else benchmark.name,
        versions=index.versions,
        failed=index.failures,
        counts={key: dict(counter.most_common()) for key, counter in tally.items()},
        works=tuple(works),
    )


def print_info(content: Content) -> None:
    """Print scenes, objects, anomaly types, splits, categories, licences and sizes of a dataset.

    Then author, source and licence of what is in it.
    """
    console = Console(markup=False)
    counts = defaultdict(dict, content.counts)
    table = Table(show_header=False, title=content.dataset)
    plain = counts["scenes"].get("without anomaly", 0)
    told = f", of them {plain} without anomaly"
    table.add_row("scenes", f"{content.scenes}{'' if content.sealed else told}")
    if content.sealed:
        table.add_row("sealed", "its labels are kept elsewhere (oddgen seal)")
    table.add_row("failed scenes", str(len(content.failed)))
    if counts["import"]:
        table.add_row("imported", _listed(counts["import"]))
    odd = "" if content.sealed else f", of them {content.anomalous} anomalous"
    table.add_row("objects", f"{content.objects}{odd}")
    table.add_row("objects a scene", _listed(counts["objects a scene"], by_name=True))
    if not content.sealed:
        table.add_row("anomaly types", _listed(counts["anomalies"]))
    table.add_row("sources", _listed(counts["sources"]))
    if content.preset is not None:
        table.add_row("preset", content.preset)
    table.add_row("split", _listed(counts["split"]))
    table.add_row("categories", f"{len(counts['categories'])}: {_listed(counts['categories'], 12)}")
    table.add_row("floors", _listed(counts["floors"], 12))
    table.add_row("HDRIs", _listed(counts["hdris"], 12))
    for kind in ("shapes", "floors", "HDRIs"):
        table.add_row(f"licences of {kind}", _listed(counts[f"licences of {kind}"]))
    if counts["licences of look-alikes"]:
        table.add_row("licences of look-alikes", _listed(counts["licences of look-alikes"]))
    table.add_row("images", _listed(counts["images"]))
    table.add_row("rendered on", _listed(counts["devices"]))
    megabytes = content.size / 1e6
    each = megabytes / max(content.scenes, 1)
    table.add_row("size", f"{megabytes:.1f} MB in {content.shards} shards, {each:.2f} MB a scene")
    made_with = ", ".join(f"{name} {number}" for name, number in content.versions.items())
    table.add_row("made with", made_with)
    console.print(table)
    _print_works(content.works, console)
    for entry in content.failed:
        _print(f"failed: {entry.reason}", console)


def _print_works(works: Sequence[Works], console: Console) -> None:
    """What is under which terms: a line each, the first of each kind."""
    for kind in KINDS:
        lines = [entry for entry in works if entry.kind == kind]
        for entry in lines[:MOST_LINES]:
            terms = entry.terms
            author = f", by {terms.author}" if terms.author else ""
            told = f"{terms.licence}{author}" + (f", {terms.origin}" if terms.origin else "")
            names = ", ".join(entry.names[:MOST_NAMES])
            more = len(entry.names) - MOST_NAMES
            rest = f" and {more} more" if more > 0 else ""
            _print(f"{kind}: {told}: {names}{rest}", console)
        if len(lines) > MOST_LINES:
            _print(f"{kind}: {len(lines) - MOST_LINES} more; {FILE} has them all", console)


def _print(line: str, console: Console) -> None:
    console.print(line, highlight=False, markup=False, soft_wrap=True)


def _counted(out: Path, index: DatasetIndex, tally: dict[str, Counter[str]]) -> Iterator[SceneSpec]:
    """Every scene's specification; the tally grows by it. Raises OddgenError."""

    for entry in index.shards:
        path = out / entry.file
        with reading(path, f"run oddgen verify {out}"), open_file(path) as file:
            for name in entry.scenes:
                spec = read_spec(file[name])
                views, height, width = file[name]["instance"].shape
                _add(tally, spec, (views, height, width))
                yield spec


def _add(tally: dict[str, Counter[str]], spec: SceneSpec, shape: tuple[int, int, int]) -> None:
    odd = [entry.anomaly for entry in spec.objects if entry.anomaly is not None]
    count = len(spec.objects)
    if spec.published is not None:
        tally["import"]["with faults" if spec.published.faults else "without faults"] += 1
    tally["scenes"]["with anomaly" if odd else "without anomaly"] += 1
    tally["objects"][spec.shape.kind] += count
    tally["objects a scene"][f"{count:2d}"] += 1
    tally["devices"][spec.device or "nothing, labels only"] += 1
    tally["anomalies"].update(anomaly.type for anomaly in odd)
    tally["sources"][spec.shape.source] += 1
    tally["split"][spec.split or SPLITS[spec.shape.seen]] += 1
    tally["categories"][spec.shape.category] += 1
    for kind, facts in (("shapes", spec.shape), ("floors", spec.floor), ("HDRIs", spec.hdri)):
        tally[f"licences of {kind}"][facts.licence] += 1
    for anomaly in odd:
        if licence := anomaly.parameters.get("licence"):
            tally["licences of look-alikes"][licence] += 1
    tally["floors"][spec.floor.name] += 1
    tally["hdris"][spec.hdri.name] += 1
    views, height, width = shape
    none = ", without images" if "rgb" in (spec.unknown or ()) else ""
    tally["images"][f"{views} views of {width} x {height}{none}"] += 1


def _listed(counter: dict[str, int], most: int = 100, by_name: bool = False) -> str:
    entries = sorted(counter.items()) if by_name else list(counter.items())[:most]
    rest = len(counter) - len(entries)
    text = ", ".join(f"{name.strip()} {count}x" for name, count in entries)
    return (text or "none") + (f" and {rest} more" if rest > 0 else "")
