"""oddbench inspect: from a CAD file to verdicts on photographs, each step where it was left."""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from benchmark.capture.capture import is_capture
from benchmark.capture.observation import ObservationRequest
from benchmark.capture.predict import PredictionSummary, predict_inputs
from benchmark.capture.rig import placed_for_rig, rig_of, ring_of
from benchmark.detectors.decision import Decision, decide
from benchmark.detectors.interface import Observation
from benchmark.inspection.reference import GoldenSample, beside_good
from benchmark.training.cost import training_seconds
from benchmark.training.judge.detector import FindAndJudge, load_judging, shipped, shipped_file
from benchmark.training.presets import DetectorPreset
from benchmark.training.whole import WholeJob, train_whole
from datagen.dataset.rig_file import read_rig, write_rig
from datagen.errors import OddgenError
from datagen.geometry.rig import Rig
from datagen.run.generate import generate
from datagen.run.pool import run_local
from datagen.run.request import Request, settled

RIG, SCENES, DETECTOR, ANSWERS = "rig.yaml", "scenes", "detector", "answers"
SCENE_SECONDS = 12.0  # of a core, for a draft scene of one part with eight views (docs/own-part.md)
FEW = 3  # pieces; with fewer there is no majority, and good copies are rendered beside them
MOST_THREADS = 2  # that training gains from


@dataclass(frozen=True)
class InspectionJob:
    """What to inspect, how, and where to.

    part: a mesh or CAD file, or a folder of few. photos: captures, or folders of photographs of the
    rig's cameras. request: of the training scenes, but for its part and rig. rig: of fixed cameras,
    None to take them from the first capture. reference: whether good copies are rendered as
    siblings where there are fewer than FEW pieces. false_alarms, miss_cost: what chooses the
    threshold, or None. floor, scale: of the captures, as of ObservationRequest.
    """

    part: Path
    photos: tuple[Path, ...]
    out: Path
    request: Request
    preset: DetectorPreset
    cache: Path
    workers: int
    views: int = 5
    rig: Path | None = None
    reference: bool = True
    false_alarms: float | None = None
    miss_cost: float | None = None
    seed: int = 0
    floor: tuple[float, ...] | None = None
    scale: float | None = None


def inspect(job: InspectionJob, console: Console) -> PredictionSummary:
    """Scenes of the part as the cameras see it, a detector that knows it, verdicts.

    Raises OddgenError where a step cannot be done; the same job goes on where it stopped.
    """
    for path in (job.part, *job.photos):
        if not path.exists():
            raise OddgenError(f"{path}: no such file or folder; check the name.")
    _say(console, f"1/4: cameras; {_plan(job)}")
    rig = _rig(job)
    _say(console, f"2/4: {job.request.scenes} scenes of {job.part.name}")
    data = _scenes(job, console)
    _say(console, "3/4: a detector that knows the part")
    detector = _detector(job, data, console)
    _say(console, f"4/4: verdicts on {len(job.photos)} captures")
    return _verdicts(job, rig, detector, console)


def planned_seconds(job: InspectionJob) -> tuple[float, float]:
    """Of scenes and of training, as long as this machine may take for them."""
    scenes = job.request.scenes or 0
    cores = os.cpu_count() or 1
    preset = job.preset
    learning = training_seconds(preset.continued_finder, preset.continued_judge.epochs, scenes)
    return scenes * SCENE_SECONDS / min(job.workers, cores), learning / min(cores, MOST_THREADS)


def _plan(job: InspectionJob) -> str:
    making, learning = planned_seconds(job)
    return (
        f"all in all about {_minutes(making + learning)}, {_minutes(making)} of it for scenes; "
        "a stop loses little, the same command goes on"
    )


def _minutes(seconds: float) -> str:
    count = max(round(seconds / 60), 1)
    return f"{count} minute{'s' * (count > 1)}"


def _say(console: Console, text: str) -> None:
    console.print(text, highlight=False, markup=False, soft_wrap=True)


def _rig(job: InspectionJob) -> Rig | None:
    """Of fixed cameras, as given; else a ring as the first capture has it, written to OUT."""
    if job.rig is not None:
        rig = read_rig(job.rig)
        write_rig(rig, job.out / RIG)
        return rig
    first = job.photos[0]
    if not is_capture(first):
        raise OddgenError(
            f"{first}: holds photographs without cameras; give --rig, or a capture "
            "(docs/captures.md)."
        )
    if not (job.out / RIG).exists():
        finder = shipped()
        placed = placed_for_rig(first, finder.image_size, job.floor, job.scale)
        seen = Observation(placed.rgb, placed.intrinsics, placed.world_to_camera)
        seen = replace(seen, silhouettes=placed.silhouettes)
        boxes = finder.boxes(seen)[0].double().numpy()
        write_rig(ring_of(rig_of(placed, boxes)), job.out / RIG)
    return None


def _scenes(job: InspectionJob, console: Console) -> Path:
    request = replace(job.request, source="folder", assets=job.part, rig=job.out / RIG)
    settings, count = settled(request)
    engine = functools.partial(run_local, workers=job.workers)
    summary = generate(settings, count, job.out / SCENES, job.cache, engine, console=console)
    if summary.made + summary.kept == 0:
        reason = next(iter(summary.failed.values()), "no scene was asked for")
        raise OddgenError(f"{job.part}: no scene of it can be made ({reason}).")
    return job.out / SCENES


def _detector(job: InspectionJob, data: Path, console: Console) -> Path:
    whole = WholeJob(data, job.out / DETECTOR, job.preset, seed=job.seed, start=shipped_file())
    return train_whole(whole, console)


def _verdicts(
    job: InspectionJob, rig: Rig | None, detector: Path, console: Console
) -> PredictionSummary:
    loaded = load_judging(detector, heat=True)
    prepare = None
    if job.reference and job.part.is_file():
        sample = GoldenSample(job.part, job.request.material, job.cache, job.views, FEW)
        prepare = beside_good(loaded, sample)
    request = ObservationRequest(job.views, "predicted", job.floor, job.scale, rig)
    return predict_inputs(
        loaded,
        job.photos,
        "all",
        request,
        len(job.photos),
        job.out / ANSWERS,
        console,
        _decision(job, loaded.detector),
        prepare,
    )


def _decision(job: InspectionJob, detector: object) -> Decision:
    assert isinstance(detector, FindAndJudge)
    held = detector.held_out
    return decide(held.odd, held.normal, job.false_alarms, job.miss_cost)
