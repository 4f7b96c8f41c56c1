"""Golden samples: good pieces that count as siblings, so that even one object can be judged."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from rich.console import Console

from benchmark.capture.capture import is_capture
from benchmark.capture.observation import Item, ItemObservation, ObservationRequest, observe_item
from benchmark.capture.rig import rig_seen
from benchmark.detectors.interface import Loaded, Observation
from benchmark.training.judge.detector import FindAndJudge
from datagen.dataset.reader import Dataset, Scene, with_images
from datagen.dataset.rig_file import write_rig
from datagen.errors import OddgenError
from datagen.files.kind import SUFFIXES
from datagen.geometry.boxes import given_boxes
from datagen.geometry.rig import Rig
from datagen.geometry.shape import Floats
from datagen.run.generate import generate
from datagen.run.pool import run_local
from datagen.run.request import Request, settled
from model.judge.cells import Cells, joined_cells

SCENES, COPIES = 2, 3  # rendered of a CAD file: scenes, and pieces in each
MOST_SCENES = 4  # of a dataset of good pieces
VIEWS = 8  # of a rendered piece, at most


@dataclass(frozen=True)
class GoldenSample:
    """What --reference names. material: of a CAD file, as --material has it.

    cache: of shapes. views: of a capture or scene. below: render it only where fewer pieces than
    this are found, None for always.
    """

    path: Path
    material: str
    cache: Path
    views: int
    below: int | None = None


def beside_good(loaded: Loaded, sample: GoldenSample) -> Callable[..., Loaded]:
    """What gives the detector for an input, as predict_inputs takes it.

    Photographs and scenes of good pieces serve all inputs; a CAD file is rendered anew for each, as
    its cameras see it. Raises OddgenError where the detector compares nothing, or the sample is of
    no known kind.
    """
    detector = loaded.detector
    if not isinstance(detector, FindAndJudge):
        raise OddgenError(
            f"--reference: {loaded.name} does not compare with good pieces; use a detector of "
            "oddbench train --preset small or nano."
        )
    if sample.path.suffix.lower() in SUFFIXES and sample.path.is_file():

        def rendered(item: Item, observed: ItemObservation, folder: Path) -> Loaded:
            boxes = detector.boxes(observed.observation)[0].double().numpy()
            if sample.below is not None and len(boxes) >= sample.below:
                return loaded
            good = _rendered(detector, sample, observed.observation, boxes, folder)
            return _with(loaded, detector, good)

        return rendered
    known = _with(loaded, detector, _known(detector, sample))
    return lambda item, observed, folder: known


def beside_rendered(loaded: Loaded, sample: GoldenSample, folder: Path) -> Loaded:
    """The detector for a whole dataset; a CAD file is rendered once, by the usual cameras."""
    detector = loaded.detector
    if sample.path.suffix.lower() in SUFFIXES and isinstance(detector, FindAndJudge):
        scenes = _make(sample, None, folder)
        return _with(loaded, detector, _of_dataset(detector, scenes, sample.views))
    return beside_good(loaded, sample)(None, None, folder)


def _known(detector: FindAndJudge, sample: GoldenSample) -> Cells:
    if (sample.path / "index.json").is_file():
        return _of_dataset(detector, sample.path, sample.views)
    if not sample.path.exists() or not is_capture(sample.path):
        raise OddgenError(
            f"{sample.path}: no good piece to compare with; give a mesh or CAD file, a capture of "
            "good pieces (docs/captures.md) or a dataset of oddgen generate --normal-share 1."
        )
    request = ObservationRequest(sample.views, "predicted")
    item = Item(sample.path.name, sample.path, None)
    seen = observe_item(item, request, detector.image_size).observation
    cells = detector.cells(seen)
    if not cells.objects:
        raise OddgenError(f"{sample.path}: no piece is found there; {detector.explain(seen)}.")
    return cells


def _rendered(
    detector: FindAndJudge, sample: GoldenSample, seen: Observation, boxes: Floats, folder: Path
) -> Cells:
    chosen = np.linspace(0, len(seen.rgb) - 1, min(VIEWS, len(seen.rgb))).round().astype(int)
    matrices = np.broadcast_to(seen.intrinsics, (len(seen.rgb), 3, 3))[chosen]
    rig = rig_seen(seen.rgb[chosen], matrices, seen.world_to_camera[chosen], boxes)
    return _of_dataset(detector, _make(sample, rig, folder), None)


def _make(sample: GoldenSample, rig: Rig | None, folder: Path) -> Path:
    """A dataset of good copies of a CAD file, made once."""
    request = Request(
        scenes=SCENES,
        source="folder",
        assets=sample.path,
        objects=(COPIES, COPIES),
        normal_share=1.0,
        preset="draft",
        views=VIEWS if rig is None else None,
        material=sample.material,
    )
    if rig is not None:
        write_rig(rig, folder / "rig.yaml")
        request = replace(request, rig=folder / "rig.yaml")
    settings, count = settled(request)
    engine = functools.partial(run_local, workers=1)
    out = folder / "good"
    summary = generate(
        settings, count, out, sample.cache, engine, console=Console(quiet=True, markup=False)
    )
    if summary.failed:
        reason = next(iter(summary.failed.values()))
        raise OddgenError(f"{sample.path}: no good piece can be rendered ({reason}).")
    return out


def _of_dataset(detector: FindAndJudge, path: Path, views: int | None) -> Cells:
    data = with_images(Dataset(path))
    names = data.names[:MOST_SCENES]
    parts = [detector.cells(_good_pieces(data.read(name), views)) for name in names]
    parts = [part for part in parts if part.objects]
    if not parts:
        raise OddgenError(
            f"{path}: its first scenes show no good piece; make some with oddgen generate "
            "--normal-share 1."
        )
    return functools.reduce(joined_cells, parts)


def _good_pieces(scene: Scene, views: int | None) -> Observation:
    """The scene with the true boxes and silhouettes of its normal objects."""
    count = len(scene.rgb) if views is None else min(views, len(scene.rgb))
    chosen = np.linspace(0, len(scene.rgb) - 1, count).round().astype(int)
    return Observation(
        scene.rgb[chosen],
        scene.intrinsics,
        scene.world_to_camera[chosen],
        boxes=given_boxes(scene.box_aabb[scene.anomalous == 0]),
        silhouettes=np.where(scene.instance[chosen] > 0, 255, 0).astype(np.uint8),
    )


def _with(loaded: Loaded, detector: FindAndJudge, good: Cells) -> Loaded:
    digest = hashlib.sha256(good.features.numpy().tobytes()).hexdigest()[:8]
    version = f"{loaded.version}, beside {good.objects} good pieces {digest}"
    return Loaded(loaded.name, version, detector.beside(good))
