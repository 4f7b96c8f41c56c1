"""oddbench train --preset small or nano: the finder, then the judge beside it, in one run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from benchmark.training.finder.train import FinderJob, train_finder
from benchmark.training.judge.files import WholeDetector, load_whole_detector
from benchmark.training.judge.train import JudgeJob, train_judge
from benchmark.training.presets import DetectorPreset

FINDER = "finder"


@dataclass(frozen=True)
class WholeJob:
    """What to train, on what, and where to.

    data: a dataset with images. labels: datasets of which only labels are read, for the finder.
    epochs: of the judge, None for the preset's. compare: whether siblings count. start: a detector
    to go on from, by its file or folder.
    """

    data: Path
    out: Path
    preset: DetectorPreset
    labels: tuple[Path, ...] = ()
    epochs: int | None = None
    compare: bool = True
    seed: int = 0
    validation: float = 0.1
    start: Path | None = None
    cells: Path | None = None


def train_whole(job: WholeJob, console: Console) -> Path:
    """Train, or go on where the same job stopped; returns the detector's file.

    Raises OddgenError where something is wrong or the run was stopped.
    """
    start = None if job.start is None else load_whole_detector(job.start)
    finder = train_finder(_finder_job(job, start), console).parent
    return train_judge(_judge_job(job, start, finder), console)


def _finder_job(job: WholeJob, start: WholeDetector | None) -> FinderJob:
    preset = job.preset
    return FinderJob(
        job.data,
        job.labels,
        job.out / FINDER,
        preset.finder if start is None else start.finder.config,
        preset.finder_steps if start is None else preset.continued_finder,
        job.seed,
        job.validation,
        None if start is None else start.finder,
    )


def _judge_job(job: WholeJob, start: WholeDetector | None, finder: Path) -> JudgeJob:
    preset = job.preset
    steps = preset.judge_steps if start is None else preset.continued_judge
    return JudgeJob(
        job.data,
        finder,
        job.out,
        replace(preset.judge if start is None else start.judge.config, compare=job.compare),
        steps if job.epochs is None else replace(steps, epochs=job.epochs),
        job.cells,
        None,
        job.seed,
        job.validation,
        None if start is None else start.judge,
    )
