"""`oddgen export --format mvtec`: crops of single objects, as anomaly-detection libraries expect.

TO/<category>/train/good, test/good, test/<type> and ground_truth/<type>/<name>_mask.png; and
TO/ATTRIBUTION.md. Training
crops show normal objects of the training split; test crops come from the other splits, whose
shapes differ, so no object is in both. A crop holds one object, whole and in front, and the floor.
"""

from __future__ import annotations

import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rich.console import Console

from datagen.dataset.attribution import write_attribution
from datagen.dataset.names import safe_name
from datagen.dataset.reader import Dataset, Scene, with_images, with_labels
from datagen.dataset.schema import SceneSpec
from datagen.errors import OddgenError
from datagen.exchange.defects import defect_owners
from datagen.exchange.published.files import write_png
from datagen.exchange.published.splits import split_of
from datagen.exchange.summary import ExportSummary
from datagen.exchange.whole import new_folder, run_scenes

SIDE = 256  # pixels of a crop
MARGIN = 1.05  # side of the window over that of what it must hold
LEAST_SIDE = 32  # pixels of a window; smaller ones are too coarse
LEAST_VISIBLE = 0.97  # of the object's silhouette
LEAST_DEFECT = 0.002  # of the window's pixels

Window = tuple[int, int, int]  # column, row and side, pixels


@dataclass(frozen=True)
class MvtecJob:
    """One scene to export.

    train: whether the scene's normal objects are for training; else it is for testing. aside: the
    folder that becomes the export.
    """

    dataset: Dataset
    name: str
    category: str
    train: bool
    aside: Path


def export_mvtec(
    out: Path, to: Path, workers: int = 1, console: Console | None = None
) -> ExportSummary:
    """Export every category with scenes to train on and scenes to test on into the new folder `to`.

    workers: processes. Raises OddgenError where there is none, and where scenes have no defect
    masks.
    """
    console = console or Console(stderr=True, markup=False)
    dataset, summary = with_images(with_labels(Dataset(out))), ExportSummary()
    specs = {name: dataset.spec(name) for name in dataset.names}
    if not all(spec.knows_defects for spec in specs.values()):
        raise OddgenError(
            f"{out}: imported scenes have no defect masks, which MVTec's layout needs; "
            "give a dataset of oddgen generate."
        )
    roles: dict[str, set[bool]] = defaultdict(set)
    for spec in specs.values():
        roles[spec.shape.category].add(_trains(spec))
    whole = {category for category, both in roles.items() if len(both) == 2}
    if not whole:
        raise OddgenError(
            f"{out}: no category has scenes both to train on and to test on; generate more scenes."
        )
    if whole != set(roles):
        summary.notes.append(
            f"{len(roles) - len(whole)} of {len(roles)} categories have scenes in one of the "
            f"training and test splits only and are left out: "
            f"{', '.join(sorted(set(roles) - whole))}."
        )
    with new_folder(to) as aside:
        folders = _folders(sorted(whole))
        jobs = [
            MvtecJob(dataset, name, folders[spec.shape.category], _trains(spec), aside)
            for name, spec in specs.items()
            if spec.shape.category in whole
        ]
        run_scenes(export_scene, jobs, len(jobs), workers, console, summary)
        summary.notes += _complete(aside, sorted(folders.values()), out)
        left = [job.name for job in jobs if (aside / job.category).is_dir()]
        write_attribution(out, aside, left)
    return summary


def _folders(categories: list[str]) -> dict[str, str]:
    """A folder's name for each category, its own where it is one; none twice."""
    folders: dict[str, str] = {}
    for category in categories:
        name = start = safe_name(category)
        number = 2
        while name.lower() in {other.lower() for other in folders.values()}:
            name, number = f"{start}_{number}", number + 1
        folders[category] = name
    return folders


def _trains(spec: SceneSpec) -> bool:
    return "train" in split_of(spec)


def export_scene(job: MvtecJob) -> str | None:
    """Write the crops of one scene; returns why it cannot be read, or None."""
    try:
        scene = job.dataset.read(job.name)
    except OddgenError as error:
        return str(error)
    for kind, name, image, mask in crops(scene):
        if job.train and kind != "good":
            continue
        part = "train" if job.train else "test"
        folder = job.aside / job.category / part / kind
        folder.mkdir(parents=True, exist_ok=True)
        write_png(folder / f"{name}.png", image)
        if kind != "good":
            truth = job.aside / job.category / "ground_truth" / kind
            truth.mkdir(parents=True, exist_ok=True)
            write_png(truth / f"{name}_mask.png", mask)
    return None


def crops(scene: Scene) -> Iterator[tuple[str, str, NDArray[np.uint8], NDArray[np.uint8]]]:
    """`good` or the anomaly's type, a name, the image and the defect mask of every crop.

    The image is (SIDE, SIDE, 3) uint8, the mask (SIDE, SIDE) uint8, 255 on the defect. Only of
    views that show the object alone and, of an anomalous one, its defect.
    """
    for view in range(len(scene.rgb)):
        owners = defect_owners(scene, view)
        for k, odd in enumerate(scene.anomalous):
            found = _window(scene, view, k, owners)
            if found is None:
                continue
            column, row, side = found
            window = np.s_[row : row + side, column : column + side]
            defect = owners[window] == k + 1
            if odd and defect.mean() < LEAST_DEFECT:
                continue
            anomaly = scene.spec.objects[k].anomaly
            kind = safe_name(anomaly.type) if anomaly is not None else "good"
            yield (
                kind,
                f"{scene.name}_{k:02d}_{view:03d}",
                _resized(scene.rgb[view][window], Image.Resampling.BICUBIC),
                _resized(np.where(defect, 255, 0).astype(np.uint8), Image.Resampling.NEAREST),
            )


def _window(scene: Scene, view: int, k: int, owners: NDArray[np.uint8]) -> Window | None:
    """The square round object k and its defect, None where it does not show that alone."""
    height, width = scene.instance[view].shape
    held = (scene.instance[view] == k + 1) | (owners == k + 1)
    rows, columns = np.flatnonzero(held.any(axis=1)), np.flatnonzero(held.any(axis=0))
    if not len(rows) or scene.visible_fraction[k, view] < LEAST_VISIBLE:
        return None
    if rows[0] == 0 or columns[0] == 0 or rows[-1] == height - 1 or columns[-1] == width - 1:
        return None
    side = int(np.ceil(MARGIN * max(np.ptp(rows), np.ptp(columns)))) + 1
    if side < LEAST_SIDE or side > min(height, width):
        return None
    row = int(np.clip((rows[0] + rows[-1] + 1 - side) // 2, 0, height - side))
    column = int(np.clip((columns[0] + columns[-1] + 1 - side) // 2, 0, width - side))
    window = np.s_[row : row + side, column : column + side]
    others = ~np.isin(scene.instance[view][window], (0, k + 1))
    other_defects = ~np.isin(owners[window], (0, k + 1))
    return None if others.any() or other_defects.any() else (column, row, side)


def _resized(pixels: NDArray[np.uint8], how: Image.Resampling) -> NDArray[np.uint8]:
    return np.asarray(Image.fromarray(pixels).resize((SIDE, SIDE), how))


def _complete(aside: Path, categories: list[str], out: Path) -> list[str]:
    """Remove categories that cannot be used; tell of those, and how many crops there are."""
    notes, crops_by_part = [], Counter[str]()
    for category in categories:
        counts = {
            part: len(list((aside / category).glob(f"{part}/*.png")))
            for part in ("train/good", "test/good")
        }
        counts["test/anomalous"] = len(list((aside / category).glob("ground_truth/*/*.png")))
        empty = [part for part, count in counts.items() if count == 0]
        if empty:
            shutil.rmtree(aside / category, ignore_errors=True)
            notes.append(f"{category}: no crop for {', '.join(empty)}; left out.")
        else:
            crops_by_part.update(counts)
    if not crops_by_part:
        raise OddgenError(
            f"{out}: no category has crops for training and for testing; generate more "
            "scenes, larger images or fewer --objects."
        )
    listed = ", ".join(f"{part} {count}" for part, count in crops_by_part.items())
    return [*notes, f"crops: {listed}."]
