"""What a study's cells will take, roughly: for a dry run."""

from __future__ import annotations

from benchmark.studies.contest.asked import Asked
from benchmark.studies.contest.request import Training
from benchmark.training.cost import VOXEL_SECONDS, training_seconds
from benchmark.training.presets import PRESETS
from datagen.dataset.reader import Dataset
from model.config import PRESETS as VOXELS

VIEW_SECONDS = 0.2  # of a core, for a detector that finds and judges, of a scene


def prediction_seconds(asked: Asked) -> float:
    """Of one core; the scenes of other splits are counted too."""
    return len(Dataset(asked.data)) * asked.views * VIEW_SECONDS


def seconds_of_training(training: Training) -> float | None:
    """Of one core; None where it was never measured."""
    scenes = len(Dataset(training.data))
    if training.preset in PRESETS and training.model == "odd-one-out":
        preset = PRESETS[training.preset]
        return training_seconds(preset.finder_steps, preset.judge_steps.epochs, scenes)
    if training.preset == "voxel-nano":
        config = VOXELS[training.preset].training
        return scenes * (config.pretraining_epochs + config.epochs) * VOXEL_SECONDS
    return None


def in_words(seconds: float | None) -> str:
    """Seconds, minutes or hours of one core."""
    if seconds is None:
        return "unknown"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes / 60:.1f} h"
