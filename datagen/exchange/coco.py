"""`oddgen export --format coco`: instances and defects for 2D detectors, masks as COCO RLE.

TO/images/<scene>/<view>.png, TO/annotations/instances_<split>.json (normal and anomalous objects)
and defects_<split>.json (a category each anomaly type), TO/ATTRIBUTION.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from datagen.base.typed import parse, plain
from datagen.dataset.attribution import write_attribution
from datagen.dataset.reader import Dataset, Scene, with_images, with_labels
from datagen.dataset.schema import SceneSpec
from datagen.errors import OddgenError
from datagen.exchange.defects import defect_owners
from datagen.exchange.published.files import frame, write_png
from datagen.exchange.published.splits import split_of
from datagen.exchange.summary import ExportSummary
from datagen.exchange.whole import new_folder, run_scenes

NORMAL, ANOMALOUS = 1, 2
IDS_A_SCENE = 1_000_000
VIEWS_A_SCENE = 1_000


@dataclass(frozen=True)
class CocoJob:
    """One scene to export.

    position: of the scene in the dataset; types: anomaly types, category id - 1 is the index;
    aside: the folder that becomes the export.
    """

    dataset: Dataset
    name: str
    position: int
    types: tuple[str, ...]
    aside: Path


@dataclass(frozen=True)
class CocoImage:
    """A view. file_name: within images/; scene and view are ours."""

    id: int
    file_name: str
    height: int
    width: int
    scene: str
    view: int


@dataclass(frozen=True)
class CocoMask:
    """size: height and width. counts: run lengths as COCO packs them."""

    size: tuple[int, int]
    counts: str


@dataclass(frozen=True, kw_only=True)
class CocoAnnotation:
    """A region of an image. area: pixels; bbox: x, y, width, height; object: its index."""

    image_id: int
    category_id: int
    segmentation: CocoMask
    area: int
    bbox: tuple[float, float, float, float]
    iscrowd: int
    object: int


@dataclass(frozen=True, kw_only=True)
class CocoInstance(CocoAnnotation):
    """An object. visible_fraction: None where an imported scene does not tell."""

    anomaly: str | None
    visible_fraction: float | None
    id: int


@dataclass(frozen=True, kw_only=True)
class CocoDefect(CocoAnnotation):
    """What of an object is a defect."""

    id: int


@dataclass(frozen=True)
class CocoCategory:
    """id: from 1."""

    id: int
    name: str
    supercategory: str = "object"


@dataclass(frozen=True)
class CocoPart:
    """A scene's share of the files."""

    images: tuple[CocoImage, ...]
    instances: tuple[CocoInstance, ...]
    defects: tuple[CocoDefect, ...]


def export_coco(
    out: Path, to: Path, workers: int = 1, console: Console | None = None
) -> ExportSummary:
    """Export all scenes of dataset `out` into the new folder `to`.

    workers: processes. Raises OddgenError where it must stop.
    """
    console = console or Console(stderr=True, markup=False)
    dataset, summary = with_images(with_labels(Dataset(out))), ExportSummary()
    if not dataset.names:
        raise OddgenError(f"{out}: holds no finished scene; run oddgen generate first.")
    specs = [dataset.spec(name) for name in dataset.names]
    types = tuple(sorted({kind for spec in specs for kind in _types(spec)}))
    known = all(spec.knows_defects for spec in specs)
    if not known:
        summary.notes.append(f"{out}: imported scenes have no defect masks; none are written.")
    with new_folder(to) as aside:
        (aside / "parts").mkdir()
        jobs = [
            CocoJob(dataset, name, position, types, aside)
            for position, name in enumerate(dataset.names)
        ]
        run_scenes(export_scene, jobs, len(jobs), workers, console, summary)
        splits: dict[str, list[Path]] = {}
        for job, spec in zip(jobs, specs, strict=True):
            if _part(job).is_file():
                splits.setdefault(split_of(spec), []).append(_part(job))
        (aside / "annotations").mkdir()
        for split, parts in splits.items():
            objects = [CocoCategory(NORMAL, "normal"), CocoCategory(ANOMALOUS, "anomalous")]
            _assemble(aside, f"instances_{split}", parts, "instances", objects)
            if known:
                kinds = [CocoCategory(number, kind) for number, kind in enumerate(types, 1)]
                _assemble(aside, f"defects_{split}", parts, "defects", kinds)
        for path in (aside / "parts").iterdir():
            path.unlink()
        (aside / "parts").rmdir()
        write_attribution(out, aside)
    return summary


def export_scene(job: CocoJob) -> str | None:
    """Write a scene's images, and its annotations as a file that is put together with the others'.

    Returns why it cannot be read, or None.
    """
    try:
        scene = job.dataset.read(job.name)
    except OddgenError as error:
        return str(error)
    folder = job.aside / "images" / job.name
    folder.mkdir(parents=True)
    images: list[CocoImage] = []
    instances: list[CocoInstance] = []
    defects: list[CocoDefect] = []
    first = job.position * IDS_A_SCENE + 1
    instance_ids, defect_ids = count(first), count(first)
    height, width = scene.rgb.shape[1:3]
    for view, pixels in enumerate(scene.rgb):
        write_png(folder / frame(view, "png"), pixels)
        number = job.position * VIEWS_A_SCENE + view + 1
        file = f"{job.name}/{frame(view, 'png')}"
        images.append(CocoImage(number, file, height, width, job.name, view))
        instances += _instances(scene, view, number, instance_ids)
        if "defect" not in scene.unknown:
            defects += _defects(scene, view, number, job.types, defect_ids)
    content = CocoPart(tuple(images), tuple(instances), tuple(defects))
    _part(job).write_text(json.dumps(plain(content)), encoding="utf-8")
    return None


def _instances(scene: Scene, view: int, image: int, ids: Iterator[int]) -> Iterator[CocoInstance]:
    for k, odd in enumerate(scene.anomalous):
        mask = scene.instance[view] == k + 1
        if not mask.any():
            continue
        fraction = float(scene.visible_fraction[k, view])
        anomaly = scene.spec.objects[k].anomaly
        yield CocoInstance(
            **vars(_annotation(mask, image, ANOMALOUS if odd else NORMAL, k)),
            anomaly=None if anomaly is None else anomaly.type,
            visible_fraction=round(fraction, 4) if np.isfinite(fraction) else None,
            id=next(ids),
        )


def _defects(
    scene: Scene, view: int, image: int, types: tuple[str, ...], ids: Iterator[int]
) -> Iterator[CocoDefect]:
    owners = defect_owners(scene, view)
    for k in (np.unique(owners[owners > 0]) - 1).tolist():
        anomaly = scene.spec.objects[k].anomaly
        assert anomaly is not None
        category = types.index(anomaly.type) + 1
        yield CocoDefect(**vars(_annotation(owners == k + 1, image, category, k)), id=next(ids))


def _annotation(mask: NDArray[np.bool_], image: int, category: int, k: int) -> CocoAnnotation:
    from pycocotools import mask as coco_mask

    code = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))
    height, width = code["size"]
    x, y, across, down = coco_mask.toBbox(code).tolist()
    return CocoAnnotation(
        image_id=image,
        category_id=category,
        segmentation=CocoMask((height, width), code["counts"].decode("ascii")),
        area=int(mask.sum()),
        bbox=(x, y, across, down),
        iscrowd=0,
        object=k,
    )


def _assemble(
    aside: Path,
    name: str,
    parts: list[Path],
    kind: Literal["instances", "defects"],
    categories: list[CocoCategory],
) -> None:
    """One COCO file from those of the scenes, never all in memory."""
    with (aside / "annotations" / f"{name}.json").open("w", encoding="utf-8") as file:
        file.write('{"info": {"description": "made by oddgen export --format coco"},\n"images": [')
        file.writelines(_joined(_entries(parts, "images")))
        file.write('],\n"annotations": [')
        file.writelines(_joined(_entries(parts, kind)))
        text = json.dumps([plain(category) for category in categories])
        file.write(f'],\n"categories": {text}}}\n')


def _entries(parts: list[Path], kind: Literal["images", "instances", "defects"]) -> Iterator[str]:
    for path in parts:
        part = parse(CocoPart, path.read_bytes())
        for entry in getattr(part, kind):
            yield json.dumps(plain(entry))


def _joined(entries: Iterable[str]) -> Iterator[str]:
    """With a comma between each two."""
    for start, entry in zip(chain(["\n"], iter(lambda: ",\n", "")), entries, strict=False):
        yield start + entry


def _types(spec: SceneSpec) -> list[str]:
    return [entry.anomaly.type for entry in spec.objects if entry.anomaly is not None]


def _part(job: CocoJob) -> Path:
    return job.aside / "parts" / f"{job.position:06d}.json"
