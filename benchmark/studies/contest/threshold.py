"""How small a defect is still found: AUC against the pixels that it covers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from benchmark.scoring.outcome import Bools, Outcome
from benchmark.scoring.score import best_pixels
from benchmark.studies.contest.asked import Answers, grouped
from benchmark.studies.contest.groups import of_group
from benchmark.studies.contest.request import StudyRequest
from benchmark.studies.contest.table import FIGURES, Row, StudyTable
from datagen.errors import OddgenError
from datagen.geometry.shape import Floats

PIXELS = (1, 10, 30, 100, 300, 1000, 3000, np.inf)
REACHED = 0.75  # AUC
DRAWN = 200  # for the interval of the size where it is reached
FEWEST = 10  # defects, to tell that size; half as many must be as large


def by_threshold(request: StudyRequest, answers: Answers) -> StudyTable:
    """AUC against the pixels of a defect, of each type; and where it reaches REACHED."""
    rows: list[Row] = []
    notes = []
    for name, runs in grouped(answers):
        outcomes = [run.outcome for run in runs]
        pixels = best_pixels(runs[0].scenes, runs[0].predictions.header.views)
        if pixels is None:
            raise OddgenError(
                f"{request.test}: does not know its defects' pixels; give a dataset of oddgen "
                "generate."
            )
        kinds = sorted(set(outcomes[0].kinds[outcomes[0].anomalous].tolist()))
        for kind in ("all types", *kinds):
            odd = outcomes[0].anomalous & ((outcomes[0].kinds == kind) | (kind == "all types"))
            if kind == "all types":
                rows += _of_bins(request, name, outcomes, np.where(odd, pixels, np.nan))
            notes.append(f"{name}, {kind}: {_reached(outcomes, odd, pixels)}")
    return StudyTable(
        "threshold",
        "How small a defect is still found",
        "Odd objects by the pixels of their defect in the view that shows it best, against all "
        f"normal ones. Noted for each type: the size from which on the AUC is {REACHED} "
        "(isotonic regression over the odd objects).",
        "pixels",
        FIGURES,
        "auc",
        tuple(rows),
        tuple(notes),
    )


def _of_bins(
    request: StudyRequest, name: str, outcomes: list[Outcome], pixels: Floats
) -> Iterator[Row]:
    for low, high in zip(PIXELS[:-1], PIXELS[1:], strict=True):
        group = (pixels >= low) & (pixels < high)
        if group.any():
            told = f"{low:.0f} or more" if np.isinf(high) else f"{low:.0f}-{high - 1:.0f}"
            figures = of_group(outcomes, group, request.draws, against_all=True)
            yield Row(name, told, float(np.median(pixels[group])), int(group.sum()), figures)


def _reached(outcomes: list[Outcome], odd: Bools, pixels: NDArray[np.int64]) -> str:
    """In words, the pixels from which on odd objects rank REACHED of the normal ones below them."""
    seen = odd & (pixels > 0)
    if seen.sum() < FEWEST:
        return f"{int(seen.sum())} defects are too few to tell"
    share = np.mean([_outranked(outcome, seen) for outcome in outcomes], axis=0)
    scene, size = outcomes[0].scene[seen], pixels[seen].astype(float)
    scenes = len(outcomes[0].names)
    first = _crossing(size, share, np.ones(len(size)))
    rng = np.random.default_rng(0)
    drawn = []
    for _ in range(DRAWN):
        weights = rng.multinomial(scenes, np.full(scenes, 1 / scenes))[scene].astype(float)
        if weights.any():
            drawn.append(_crossing(size, share, weights))
    if np.isinf(first):
        return f"AUC {REACHED} is not reached at any size ({int(seen.sum())} defects)"
    low, high = np.quantile(drawn, [0.025, 0.975], method="nearest")
    top = "never" if np.isinf(high) else f"{high:.0f}"
    return (
        f"AUC {REACHED} from {first:.0f} pixels on [{low:.0f}, {top}] ({int(seen.sum())} defects)"
    )


def _outranked(outcome: Outcome, odd: Bools) -> Floats:
    """For each of these odd objects the share of all normal ones that rank below it."""
    normal = np.sort(outcome.ranked[~outcome.anomalous])
    ranked = outcome.ranked[odd]
    below = np.searchsorted(normal, ranked, side="left")
    ties = np.searchsorted(normal, ranked, side="right") - below
    share: Floats = (below + ties / 2) / max(len(normal), 1)
    return share


def _crossing(size: Floats, share: Floats, weights: Floats) -> float:
    from sklearn.isotonic import IsotonicRegression

    kept = weights > 0
    fit = IsotonicRegression(out_of_bounds="clip").fit(
        np.log(size[kept]), share[kept], sample_weight=weights[kept]
    )
    sizes = np.unique(size)
    above = fit.predict(np.log(sizes)) >= REACHED
    if not above.any() or (size[kept] >= sizes[above][0]).sum() < FEWEST / 2:
        return np.inf
    return float(sizes[above][0])
