"""Can labels be guessed without looking? Of scenes that are not rendered: `oddbench shortcuts`.

A scene without images takes seconds, so that intervals become narrow; what oddgen validate asks of
a finished dataset is asked of them, but for the bytes of images.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console

from datagen.base.process import silenced
from datagen.base.progress import Progress
from datagen.base.typed import WrongData, line, parse
from datagen.dataset.names import scene_name
from datagen.dataset.reader import Scene, read_scene_file
from datagen.dataset.settings import Settings
from datagen.errors import OddgenError, SceneFailed
from datagen.geometry import cameras
from datagen.scenes.catalog import Catalog, open_catalog
from datagen.scenes.journal import Journal
from datagen.scenes.scene import PreparedScene, SceneData, prepare_scene, specification
from datagen.scenes.write import write_scene
from datagen.validate.cues import object_cues
from datagen.validate.report import shortcut_table
from datagen.validate.shortcuts import find_shortcuts, stacked, too_few


@dataclass(frozen=True)
class PreparedCues:
    """One prepared scene: the cues of its objects by name, and 1 where one is anomalous."""

    scene: int
    cues: dict[str, list[list[float]]]
    labels: list[int]


def measure(
    settings: Settings, scenes: int, cache_folder: Path, notes: Path, console: Console
) -> None:
    """Print AUROC and interval of every cue. notes: a line a scene, for a run to go on."""
    known = _read(notes, settings)
    catalog = open_catalog(settings, cache_folder)
    failed = 0
    with (
        notes.open("a", encoding="utf-8") as file,
        Progress(console, scenes, min(len(known), scenes)) as progress,
    ):
        for index in range(scenes):
            if index in known:
                continue
            try:
                with silenced():
                    prepared = prepare_scene(settings, catalog, index, Journal())
            except SceneFailed:
                failed += 1
            else:
                known[index] = _cues(settings, catalog, index, prepared)
                file.write(line(known[index]))
                file.flush()
            progress.advance()
    rows = [(known[index].cues, known[index].labels) for index in range(scenes) if index in known]
    cues, labels, groups = stacked(rows)
    console.print(f"{len(rows)} scenes, {len(labels)} objects, {int(labels.sum())} anomalous; "
                  f"{failed} scenes failed", highlight=False)  # fmt: skip
    reason = too_few(labels, groups)
    if reason is not None:
        raise OddgenError(f"{reason}; give more --scenes.")
    console.print(shortcut_table(find_shortcuts(cues, labels, groups)))


def _cues(
    settings: Settings, catalog: Catalog, index: int, prepared: PreparedScene
) -> PreparedCues:
    scene = _without_images(settings, catalog, index, prepared)
    cues = object_cues(scene, prepared.built.shapes)
    return PreparedCues(index, cues, scene.anomalous.astype(int).tolist())


def _without_images(
    settings: Settings, catalog: Catalog, index: int, prepared: PreparedScene
) -> Scene:
    """As a reader of the dataset would have it, black."""
    size = settings.render.resolution
    name = scene_name(index)
    data = SceneData(
        name,
        np.zeros((settings.render.views, size, size, 3), np.uint8),
        prepared.labels,
        prepared.objects,
        prepared.world_to_camera,
        cameras.intrinsics(size),
        specification(settings, prepared, catalog, device="none"),
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scene.h5"
        write_scene(data, path)
        return read_scene_file(path, name)


def _read(notes: Path, settings: Settings) -> dict[int, PreparedCues]:
    """What an earlier run has noted, by scene; the file has a line of the settings first."""
    head = json.dumps(settings.to_json())
    try:
        lines = notes.read_text(encoding="utf-8").splitlines() if notes.exists() else []
        if not lines:
            notes.write_text(f"{head}\n", encoding="utf-8")
    except (OSError, ValueError) as error:
        raise OddgenError(f"{notes}: cannot be used ({error}); give another --notes.") from error
    if lines and lines[0] != head:
        raise OddgenError(f"{notes}: of other options; give another --notes.")
    return {entry.scene: entry for entry in _whole(lines[1:])}


def _whole(lines: list[str]) -> Iterator[PreparedCues]:
    for text in lines:
        with suppress(WrongData):
            yield parse(PreparedCues, text, finite=False)
