"""Score files of predictions against a dataset: the numbers, and where they are kept."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np

from benchmark.detectors.predictions import Header, Predictions, ProtocolName
from benchmark.scoring.bootstrap import DRAWS, Estimate, estimates
from benchmark.scoring.ground_truth import SceneTruth, Truth, read_truth, unsealed
from benchmark.scoring.metrics import measures
from benchmark.scoring.outcome import Bools, Outcome, outcome_of
from benchmark.scoring.pixels import (
    PixelTally,
    has_masks,
    kind_auroc,
    pixel_measures,
    tally_pixels,
)
from benchmark.scoring.read import check_against, read_predictions
from benchmark.scoring.schema import KindScores, OutcomeFile, RunScores, ScoresFile
from datagen.base.files import in_words
from datagen.base.ranking import auc
from datagen.base.typed import write
from datagen.dataset.reader import Dataset, is_sealed
from datagen.errors import OddgenError
from datagen.geometry.shape import Floats, Ints

DEFECT_PIXELS = (1, 30, 100, 300)
FORMAT: Final = "odd-one-out scores"
FORMAT_VERSION = 1
Estimates = dict[str, Estimate]


@dataclass(frozen=True)
class DefectEstimates:
    """Of so many odd objects."""

    objects: int
    figures: Estimates


@dataclass(frozen=True)
class ScoredRun:
    """One scored file of predictions.

    figures: by the names of measures.TITLES. by_kind: for each anomaly type `auc` against all
    normal objects, `found`, the share that is matched and called odd, and, where there are pixel
    figures, `pixel_auroc_objects` of its defects. by_defect_pixels: the same
    by how much of the defect the run's views see; empty where that is not known. by_alike: the same
    by how many odd objects of a scene have one defect; empty where none share theirs. by_count:
    figures of the scenes with so many objects. missing: scenes without an answer. failed: scenes
    with the reason why. unscored: how many answers are of scenes outside the split. unused_masks:
    whether there are masks and no pixel figures, because the dataset does not know its defects.
    """

    name: str
    predictions: Predictions
    outcome: Outcome
    figures: Estimates
    by_kind: dict[str, Estimates]
    by_defect_pixels: dict[str, DefectEstimates]
    by_alike: dict[int, DefectEstimates]
    by_count: dict[int, Estimates]
    missing: tuple[str, ...]
    failed: dict[str, str]
    unscored: int
    unused_masks: bool

    @property
    def header(self) -> Header:
        """Of the predictions' file: detector, protocol, views."""
        return self.predictions.header

    @property
    def seconds(self) -> float | None:
        """Mean over the scenes that tell."""
        told = [a.seconds for a in self.predictions.answers.values() if a.seconds is not None]
        return float(np.mean(told)) if told else None

    @property
    def peak_bytes(self) -> int | float | None:
        """The most memory that any scene took, bytes; None where none tells."""
        told = [a.peak_bytes for a in self.predictions.answers.values() if a.peak_bytes is not None]
        return max(told) if told else None


@dataclass(frozen=True)
class Scores:
    """Runs over the same scenes."""

    truth: Truth
    split: str
    scenes: tuple[SceneTruth, ...]
    draws: int
    seed: int
    runs: tuple[ScoredRun, ...]

    def by_protocol(self) -> dict[ProtocolName, list[ScoredRun]]:
        """The runs of each protocol; protocols are never mixed."""
        groups: dict[ProtocolName, list[ScoredRun]] = {}
        for run in self.runs:
            groups.setdefault(run.header.protocol, []).append(run)
        return groups


def score(
    data: Path,
    split: str,
    paths: Sequence[Path],
    draws: int = DRAWS,
    seed: int = 0,
    labels: Path | None = None,
) -> Scores:
    """labels: of a sealed dataset. Raises OddgenError for any fault of the files."""
    truth = read_truth(data)
    if labels is not None:
        truth = unsealed(truth, labels)
    elif is_sealed(Dataset(data)):
        raise OddgenError(f"{data}: is sealed; give its --labels, or send predictions to who has.")
    scenes = truth.split(split)
    files = [read_predictions(path) for path in paths]
    for file in files:
        check_against(file, truth)
    runs = [
        score_one(Dataset(data), scenes, file, name, draws, seed)
        for file, name in zip(files, _names(files), strict=True)
    ]
    return Scores(truth, split, tuple(scenes), draws, seed, tuple(runs))


def score_one(
    dataset: Dataset,
    scenes: Sequence[SceneTruth],
    predictions: Predictions,
    name: str,
    draws: int,
    seed: int,
) -> ScoredRun:
    """One file of predictions against the scenes; draws of them give the intervals."""
    answers = predictions.answers
    outcome = outcome_of(scenes, predictions)
    tally = tally_pixels(dataset, scenes, predictions)
    names = set(outcome.names)
    return ScoredRun(
        name,
        predictions,
        outcome,
        all_estimates(outcome, tally, draws, seed),
        by_kind(outcome, draws, seed, tally),
        by_defect_pixels(outcome, best_pixels(scenes, predictions.header.views), draws, seed),
        by_alike(outcome, scenes, draws, seed),
        by_count(outcome, draws, seed),
        missing=tuple(scene for scene in outcome.names if scene not in answers),
        failed={key: a.failed for key, a in answers.items() if a.failed and key in names},
        unscored=len(set(answers) - names),
        unused_masks=tally is None and has_masks(predictions),
    )


def all_estimates(outcome: Outcome, tally: PixelTally | None, draws: int, seed: int) -> Estimates:
    """Every figure with its interval from draws of scenes; of pixels where there is a tally."""

    def figures(weights: Floats) -> dict[str, Floats]:
        pixels = {} if tally is None else pixel_measures(tally, weights)
        return measures(outcome, weights) | pixels

    return estimates(figures, len(outcome.names), draws, seed)


def best_pixels(scenes: Sequence[SceneTruth], views: Sequence[int]) -> Ints | None:
    """(N,) the most pixels of an object's defect in one of the views; None where not known."""
    known = [scene.defect_pixels for scene in scenes if scene.defect_pixels is not None]
    if len(known) < len(scenes):
        return None
    return np.concatenate([pixels[:, list(views)].max(axis=1) for pixels in known])


def by_defect_pixels(
    outcome: Outcome, pixels: Ints | None, draws: int, seed: int
) -> dict[str, DefectEstimates]:
    """Odd objects against all normal ones, by the pixels (N,) of the defect where it shows best.

    What no view shows no detector can find by it; what covers a few pixels hardly one.
    """
    if pixels is None:
        return {}
    found = {}
    for low, end in pairwise((0, *DEFECT_PIXELS, math.inf)):
        inside = outcome.anomalous & (pixels >= low) & (pixels < end)
        if inside.any():
            name = f"{low}-{end - 1}" if end < math.inf else f"{low} or more"
            name = name if low else "0"
            figures = _kind_estimates(outcome, inside, draws, seed)
            found[name] = DefectEstimates(int(inside.sum()), figures)
    return found


def by_alike(
    outcome: Outcome, scenes: Sequence[SceneTruth], draws: int, seed: int
) -> dict[int, DefectEstimates]:
    """Odd objects against all normal ones, by how many of their scene have the same defect.

    Those hide each other from whoever looks for the sibling that is most alike.
    """
    alike = np.concatenate([scene.alike or np.ones(len(scene.boxes), int) for scene in scenes])
    alike = np.where(outcome.anomalous, alike, 0)
    if alike.max(initial=0) < 2:
        return {}
    found = {}
    for number in np.unique(alike[alike > 0]).tolist():
        inside = alike == number
        figures = _kind_estimates(outcome, inside, draws, seed)
        found[number] = DefectEstimates(int(inside.sum()), figures)
    return found


def by_kind(
    outcome: Outcome, draws: int, seed: int, tally: PixelTally | None = None
) -> dict[str, Estimates]:
    """Each type's odd objects against all normal ones; no interval where one scene has them."""
    kinds = sorted(set(outcome.kinds[outcome.anomalous].tolist()))
    found = {}
    for kind in kinds:

        def pixels(weights: Floats, kind: str = kind) -> dict[str, Floats]:
            if tally is None:
                return {}
            return {"pixel_auroc_objects": kind_auroc(tally, kind, weights)}

        found[kind] = _kind_estimates(outcome, outcome.kinds == kind, draws, seed, pixels)
    return found


def _kind_estimates(
    outcome: Outcome,
    of_kind: Bools,
    draws: int,
    seed: int,
    pixels: Callable[[Floats], dict[str, Floats]] = lambda weights: {},
) -> Estimates:
    of_kind = of_kind & outcome.anomalous
    chosen = of_kind | ~outcome.anomalous

    def figures(weights: Floats) -> dict[str, Floats]:
        w = weights[:, outcome.scene]
        total = w[:, of_kind].sum(axis=1)
        found = w[:, of_kind & outcome.right].sum(axis=1)
        return {
            "auc": auc(outcome.ranked[chosen], of_kind[chosen], w[:, chosen]),
            "found": np.divide(found, total, out=np.full(len(w), np.nan), where=total > 0),
            **pixels(weights),
        }

    found = estimates(figures, len(outcome.names), draws, seed)
    if len(np.unique(outcome.scene[of_kind])) > 1:
        return found
    return {name: replace(entry, low=np.nan, high=np.nan) for name, entry in found.items()}


def by_count(outcome: Outcome, draws: int, seed: int) -> dict[int, Estimates]:
    """The scenes of each number of objects by themselves."""
    counts = outcome.objects_in_scene
    parts = {int(n): outcome.only_scenes(counts == n) for n in np.unique(counts)}
    return {n: all_estimates(part, None, draws, seed) for n, part in parts.items()}


def write_scores(scores: Scores, folder: Path) -> Path:
    """scores.json, and outcomes/RUN.json for oddbench compare. Returns the path of scores.json."""
    try:
        (folder / "outcomes").mkdir(parents=True, exist_ok=True)
        for run in scores.runs:
            file = folder / "outcomes" / f"{run.name}.json"
            write(file, outcome_file(scores, run), sort_keys=False)
        path = folder / "scores.json"
        write(path, scores_file(scores), sort_keys=False)
    except OSError as error:
        raise OddgenError(f"{folder}: {in_words(error)}; give another --out.") from error
    return path


def outcome_file(scores: Scores, run: ScoredRun) -> OutcomeFile:
    """What outcomes/RUN.json holds."""
    return OutcomeFile(
        format=FORMAT,
        version=FORMAT_VERSION,
        run=run.name,
        data=scores.truth.digest,
        split=scores.split,
        protocol=run.header.protocol,
        views=run.header.views,
        outcome=run.outcome.to_table(),
        protocol_version=run.header.protocol_version,
    )


def scores_file(scores: Scores) -> ScoresFile:
    """What scores.json holds."""
    return ScoresFile(
        format=FORMAT,
        version=FORMAT_VERSION,
        data=str(scores.truth.out),
        digest=scores.truth.digest,
        split=scores.split,
        scenes=len(scores.scenes),
        objects=sum(len(scene.boxes) for scene in scores.scenes),
        anomalous=sum(int(scene.anomalous.sum()) for scene in scores.scenes),
        draws=scores.draws,
        seed=scores.seed,
        runs=tuple(_run_scores(run) for run in scores.runs),
    )


def _run_scores(run: ScoredRun) -> RunScores:
    kinds = run.outcome.kinds[run.outcome.anomalous]
    counts = run.outcome.objects_in_scene
    return RunScores(
        name=run.name,
        predictions=str(run.predictions.path),
        **vars(run.header),
        seconds=run.seconds,
        peak_bytes=run.peak_bytes,
        missing=run.missing,
        failed=run.failed,
        unscored=run.unscored,
        figures=run.figures,
        by_kind={
            kind: KindScores(int((kinds == kind).sum()), **found)
            for kind, found in run.by_kind.items()
        },
        by_defect_pixels={
            pixels: KindScores(found.objects, **found.figures)
            for pixels, found in run.by_defect_pixels.items()
        },
        by_alike={
            str(number): KindScores(found.objects, **found.figures)
            for number, found in run.by_alike.items()
        },
        by_count={
            str(n): {"scenes": int((counts == n).sum()), **found}
            for n, found in run.by_count.items()
        },
    )


def _names(files: Sequence[Predictions]) -> list[str]:
    """Detector and number of views; where files share them their own names too, or a number."""
    short = [(file.header.detector, len(file.header.views)) for file in files]
    names: list[str] = []
    for file, (detector, views) in zip(files, short, strict=True):
        told = f"{detector}-{file.path.stem}" if short.count((detector, views)) > 1 else detector
        name = start = re.sub(r"[^\w.-]+", "-", f"{told}-{views}-views").lower().strip("-.")
        number = 2
        while name in names:
            name, number = f"{start}-{number}", number + 1
        names.append(name)
    return names
