"""Who is called odd as the odd ones become more: the paper's Fig. 6, for many pairs of shapes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from benchmark.scoring.bootstrap import Estimate, estimates
from benchmark.scoring.outcome import DECISION, Bools, Outcome
from benchmark.studies.contest.asked import Answered, Answers, Asked, ask_all, grouped
from benchmark.studies.contest.request import StudyRequest
from benchmark.studies.contest.table import Row, StudyTable
from datagen.base.ranking import auc
from datagen.dataset.reader import read_index
from datagen.dataset.settings import Settings
from datagen.errors import OddgenError
from datagen.geometry.shape import Floats

FIGURES = {"called": "called odd", "auc": "AUC of the fewer"}


def ask_series(request: StudyRequest) -> list[Asked]:
    """Every contestant on scenes in series. Raises OddgenError where the dataset has others."""
    settings = read_index(request.test).config
    if not isinstance(settings, Settings) or not settings.odd_series:
        raise OddgenError(
            f"{request.test}: is not made for this study; make it with oddgen generate --anomalies "
            "look_alike --objects 6 --odd-series."
        )
    return ask_all(request)


def minority(request: StudyRequest, answers: Answers) -> StudyTable:
    """The share of either shape that is called odd, by how many there are of it (Fig. 6)."""

    def rows(name: str, runs: Sequence[Answered]) -> Iterator[Row]:
        odd = runs[0].outcome.anomalous
        total = runs[0].outcome.objects_in_scene
        count = np.bincount(runs[0].outcome.scene[odd], minlength=len(total))
        for few in range(1, int(total[0])):
            parts = [run.outcome.only_scenes(count == few) for run in runs]
            if not len(parts[0].scene):
                continue
            label = f"{few} of {total[0]}"
            for told, first in (("the first shape", True), ("the other", False)):
                group = parts[0].anomalous == first
                figures = _called(parts, group, few * 2 <= total[0], request.draws)
                yield Row(f"{name}: {told}", label, few, int(group.sum()), figures)

    return StudyTable(
        "minority",
        "Who is odd as the odd ones become more",
        "Scenes of two shapes that look almost the same, on one floor in one light; of the first "
        "there are 1, 2, ... and of the other the rest. Whoever is fewer should be called odd.",
        "of the first",
        FIGURES,
        "called",
        tuple(row for name, runs in grouped(answers) for row in rows(name, runs)),
        (
            "The paper (Fig. 6) shows one pair in five scenes of six: the fewer are called odd in "
            "each, and at 3:3 the two groups are told apart.",
            "At equal numbers nothing is right; the AUC there is of the first shape against the "
            "other.",
        ),
    )


def _called(
    outcomes: Sequence[Outcome], group: Bools, first_is_fewer: bool, draws: int
) -> dict[str, Estimate]:
    """Of the group (N,): the share that is found and called odd; the AUC is of all objects."""

    def figures(weights: Floats) -> dict[str, Floats]:
        each = [_of_one(outcome, group, first_is_fewer, weights) for outcome in outcomes]
        return {name: np.mean([one[name] for one in each], axis=0) for name in FIGURES}

    return estimates(figures, len(outcomes[0].names), draws, 0)


def _of_one(
    outcome: Outcome, group: Bools, first_is_fewer: bool, weights: Floats
) -> dict[str, Floats]:
    w = weights[:, outcome.scene]
    with np.errstate(invalid="ignore"):
        called = outcome.score >= DECISION
    total = w[:, group].sum(axis=1)
    share = w[:, group] @ called[group].astype(float)
    fewer = outcome.anomalous == first_is_fewer
    found = outcome.matched
    return {
        "called": np.divide(share, total, out=np.full(len(w), np.nan), where=total > 0),
        "auc": auc(outcome.score[found], fewer[found], w[:, found]),
    }
