"""Check a dataset or a shape cache, and write validation.json and report.html."""

from __future__ import annotations

import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

from rich.console import Console

from datagen.base.files import in_words, write_text
from datagen.base.parallel import fan_out
from datagen.base.progress import Progress
from datagen.base.typed import write
from datagen.dataset.reader import Dataset, with_labels
from datagen.dataset.schema import ObjectFacts
from datagen.errors import OddgenError
from datagen.validate.checks import Finding
from datagen.validate.page import pictured, render_page, scene_pictures
from datagen.validate.pictures import PictureTask, make_picture
from datagen.validate.report import Report, validation_file
from datagen.validate.scene_checks import CheckedScene, check_scene
from datagen.validate.shape_checks import CheckedShape, check_shape
from datagen.validate.shortcuts import find_shortcuts, stacked, too_few
from datagen.validate.splits import check_splits
from datagen.validate.stored import by_parent, stored_keys

Item = TypeVar("Item")
Result = TypeVar("Result")


def validate(
    path: Path, cache: Path, to: Path | None = None, workers: int = 1,
    console: Console | None = None,
) -> Report:  # fmt: skip
    """Check all of `path`, a dataset or a shape cache, and write the report into `to`.

    cache: the shape cache of a dataset; of no meaning where path is a cache itself. to: the folder
    of validation.json and report.html, path/validation if None. workers: processes. Raises
    OddgenError where nothing can be checked.
    """
    console = console or Console(stderr=True, markup=False)
    is_dataset = (path / "index.json").is_file()
    if not path.is_dir():
        raise OddgenError(f"{path}: no such folder; give a dataset or a shape cache.")
    if not is_dataset and not (path / "shapes").is_dir():
        raise OddgenError(
            f"{path}: holds neither index.json nor shapes/; give the --out or the --cache folder "
            "of oddgen generate."
        )
    dataset = with_labels(Dataset(path)) if is_dataset else None
    folder = _writable(to or path / "validation")
    cache = cache if is_dataset else path
    keys = stored_keys(cache) if dataset is None else _dataset_keys(dataset, cache, console)
    keys = by_parent(cache, keys)
    run = partial(_in_processes, workers=workers, console=console)
    shapes = run(partial(_safe_shape, cache), keys, what="shapes")
    scenes: Sequence[CheckedScene] = []
    if dataset is not None:
        tasks = [(dataset.shard(name), name) for name in dataset.names]
        scenes = run(partial(_safe_scene, cache), tasks, what="scenes")
    report = _report(path, cache, dataset, [item for item in shapes if item is not None], scenes)
    with _writing(folder):
        write(folder / "validation.json", validation_file(report))
    portraits = [
        PictureTask(item.key, item.parent, item.eye)
        for item in pictured(report.shapes)
        if item.parent is not None and item.eye is not None
    ]
    drawn = run(partial(make_picture, cache), portraits, what="pictures")
    urls = {task.key: url for task, url in zip(portraits, drawn, strict=True) if url is not None}
    views = {} if dataset is None else scene_pictures(dataset, report.findings)
    with _writing(folder):
        write_text(folder / "report.html", render_page(report, urls, views))
    return report


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OddgenError(f"{folder}: {in_words(error)}; give another folder with --to.") from error


def _writable(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OddgenError(
            f"{folder}: {in_words(error)}; give --to a folder that can be written."
        ) from error
    return folder


def _dataset_keys(dataset: Dataset, cache: Path, console: Console) -> list[str]:
    """The anomalous shapes of a dataset that the cache holds."""
    if not dataset.names:
        raise OddgenError(f"{dataset.out}: holds no finished scene; run oddgen generate first.")
    odd: set[str] = set()
    every: set[str] = set()
    for name in dataset.names:
        for entry in _objects(dataset, name):
            if entry.shape_key is not None:
                every.add(entry.shape_key)
                if entry.anomaly is not None:
                    odd.add(entry.shape_key)
    held = {key for key in every if (cache / "shapes" / key[:2] / f"{key}.glb").is_file()}
    lacking = len(every) - len(held)
    remedy = "give --cache the folder that oddgen generate was given"
    if every and not held:
        raise OddgenError(f"{cache}: holds none of the {len(every)} shapes; {remedy}.")
    if lacking:
        console.print(
            f"{cache}: lacks {lacking} of the {len(every)} shapes; {remedy}.",
            style="yellow", highlight=False, markup=False, soft_wrap=True,
        )  # fmt: skip
    return list(odd & held)


def _objects(dataset: Dataset, name: str) -> tuple[ObjectFacts, ...]:
    """The specification's objects; none where the scene cannot be read, which check_scene tells."""
    try:
        return dataset.spec(name).objects
    except OddgenError:
        return ()


def _safe_shape(cache: Path, key: str) -> CheckedShape | None:
    """Data that breaks a check is data that fails."""
    try:
        return check_shape(cache, key)
    except Exception as error:
        told = f"cannot be checked ({type(error).__name__}: {error})"
        return CheckedShape(key, None, "unreadable", (Finding("shape.file", key, told),))


def _safe_scene(cache: Path, task: tuple[Path, str]) -> CheckedScene:
    shard, name = task
    try:
        return check_scene(shard, name, cache)
    except Exception as error:
        told = f"cannot be checked ({type(error).__name__}: {error})"
        return CheckedScene(name, (Finding("scene.file", name, told),))


def _report(
    path: Path,
    cache: Path,
    dataset: Dataset | None,
    shapes: Sequence[CheckedShape],
    scenes: Sequence[CheckedScene],
) -> Report:
    others: list[Finding] = []
    shortcuts, note = [], None
    rejections: dict[str, Counter[str]] = defaultdict(Counter)
    for shape in shapes:
        rejections[shape.kind].update(shape.rejections)
    if dataset is not None:
        others += check_splits(scenes)
        for entry in dataset.index.failures:
            others.append(Finding("data.failed", entry.scene, entry.reason))
        cues, labels, groups = stacked([(scene.cues, scene.anomalous) for scene in scenes])
        note = too_few(labels, groups)
        shortcuts = [] if note else find_shortcuts(cues, labels, groups)
    kind = "cache" if dataset is None else "dataset"
    return Report(
        str(path), str(cache), kind, shapes, scenes, others, shortcuts, note, dict(rejections)
    )


def _in_processes(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    what: str,
    workers: int,
    console: Console,
) -> list[Result]:
    """function of every item, in order, with a bar."""
    results: list[Result] = []
    if not items:
        return results
    answers = fan_out(function, items, min(workers, len(items)), ordered=True)
    with closing(answers), Progress(console, len(items), 0, what) as progress:
        for answer in answers:
            results.append(answer)
            progress.advance()
    return results
