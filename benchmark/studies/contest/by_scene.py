"""Studies of the scenes: how many views, how many objects, more of them than training had."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from benchmark.studies.contest.asked import Answered, Answers, Asked, grouped
from benchmark.studies.contest.groups import overall
from benchmark.studies.contest.request import StudyRequest
from benchmark.studies.contest.table import FIGURES, Row, StudyTable
from datagen.dataset.reader import Dataset

VIEWS = (1, 3, 5, 10, 20)


def ask_views(request: StudyRequest) -> list[Asked]:
    """Each number of views that the scenes have."""
    data = Dataset(request.test)
    most = min(data.spec(name).render.views for name in data.names)
    return [
        Asked(one, request.test, request.split, views, request.protocol)
        for one in request.contestants
        for views in VIEWS
        if views <= most
    ]


def by_views(request: StudyRequest, answers: Answers) -> StudyTable:
    """AUC against the views of a scene (Fig. 5, left)."""
    rows = []
    for views in sorted({asked.views for asked in answers}):
        part = {asked: found for asked, found in answers.items() if asked.views == views}
        for name, runs in grouped(part):
            outcomes = [run.outcome for run in runs]
            figures = overall(outcomes, list(FIGURES), request.draws)
            rows.append(Row(name, str(views), views, len(outcomes[0].scene), figures))
    return StudyTable(
        "views",
        "How many views it takes",
        "Each detector is shown so many views of a scene, spread evenly round it.",
        "views",
        FIGURES,
        "auc",
        tuple(rows),
        ("The paper (Fig. 5, left) trains with 5 views and tests with 1, 3, 5, 10 and 20.",),
    )


def by_objects(request: StudyRequest, answers: Answers) -> StudyTable:
    """AUC against the objects in a scene (Fig. 5, right)."""

    def rows(name: str, runs: Sequence[Answered]) -> Iterator[Row]:
        outcomes = [run.outcome for run in runs]
        counts = outcomes[0].objects_in_scene
        for count in np.unique(counts).tolist():
            scenes = counts == count
            parts = [outcome.only_scenes(scenes) for outcome in outcomes]
            figures = overall(parts, list(FIGURES), request.draws)
            yield Row(name, str(count), count, len(parts[0].scene), figures)

    return StudyTable(
        "objects",
        "How many objects lie in a scene",
        "More objects hide more of each other, and are smaller; there are more to compare with.",
        "in a scene",
        FIGURES,
        "auc",
        tuple(row for name, runs in grouped(answers) for row in rows(name, runs)),
        ("The paper (Fig. 5, right) loses less than 1.5 AUC from the fewest to the most.",),
    )


def more_objects(request: StudyRequest, answers: Answers) -> StudyTable:
    """Scenes with more objects than training had (Sec. 4.4)."""

    def rows(name: str, runs: Sequence[Answered]) -> Iterator[Row]:
        counts = runs[0].outcome.objects_in_scene
        few = counts <= request.most
        for told, scenes in ((f"up to {request.most}", few), ("more", ~few)):
            if scenes.any():
                parts = [run.outcome.only_scenes(scenes) for run in runs]
                figures = overall(parts, list(FIGURES), request.draws)
                yield Row(name, told, None, len(parts[0].scene), figures)

    return StudyTable(
        "more-objects",
        "More objects than training had",
        f"Detectors that learnt from scenes of up to {request.most} objects, on those and on more.",
        "in a scene",
        FIGURES,
        "auc",
        tuple(row for name, runs in grouped(answers) for row in rows(name, runs)),
        ("The paper: trained on 3-7 objects, AUC 86.75 on 3-7 and 85.10 on 8-12 (parts).",),
    )
