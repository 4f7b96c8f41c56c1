"""How long training takes, from what was measured on one core of a machine of 2026."""

from __future__ import annotations

from benchmark.training.finder.schema import FinderSteps

LOOK_SECONDS = 2.7  # for what the judge sees of a scene and its copy
EPOCH_SECONDS = 0.1  # for a scene and epoch of the judge
STEP_SECONDS = (1.5, 1.2, 0.9)  # for a step of each of the finder's stages
VOXEL_SECONDS = 0.8  # for a scene and epoch of the paper's network at voxel-nano's size


def training_seconds(steps: FinderSteps, epochs: int, scenes: int) -> float:
    """Of one core, for a finder and a judge on so many scenes."""
    counts = steps.head_steps, steps.ground_steps, steps.close_steps
    learning = sum(n * seconds for n, seconds in zip(counts, STEP_SECONDS, strict=True))
    return learning + scenes * (LOOK_SECONDS + epochs * EPOCH_SECONDS)
